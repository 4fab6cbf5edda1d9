package cli

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"showback"
	"showback/internal/explore"
	"showback/internal/forecast"
)

// A gathered group is one whose series is put together.
type gathered struct {
	keys []explore.Value
	cost showback.Decimal
	days map[string]map[time.Time]showback.Decimal // by charge type
}

func (g *gathered) add(kind string, day time.Time, cost showback.Decimal) {
	if g.days == nil {
		g.days = map[string]map[time.Time]showback.Decimal{}
	}
	if g.days[kind] == nil {
		g.days[kind] = map[time.Time]showback.Decimal{}
	}
	g.days[kind][day] = g.days[kind][day].Add(cost)
	g.cost = g.cost.Add(cost)
}

// series makes the series of each block: of the whole, of the first groups by
// cost, and of the others together. The last key of the answer is the charge type.
func (o *outlook) series(a *explore.Answer, keys, top int) {
	for _, b := range a.Blocks {
		whole, groups := &gathered{}, map[string]*gathered{}
		for _, r := range b.Rows {
			if r.Cost.Missing != "" {
				continue
			}
			kind := r.Keys[keys].String()
			whole.add(kind, r.Start, r.Cost.Value)
			id := fmt.Sprintf("%q", r.Keys[:keys])
			if groups[id] == nil {
				groups[id] = &gathered{keys: r.Keys[:keys]}
			}
			groups[id].add(kind, r.Start, r.Cost.Value)
		}
		once := whole.once()
		block := outlookBlock{currency: b.Currency, groups: []outlookGroup{{series: o.seriesOf(a, whole, once), whole: true}}}
		if keys > 0 {
			block.groups = append(block.groups, o.groups(a, groups, once, top)...)
		}
		o.blocks = append(o.blocks, block)
	}
}

func (o *outlook) groups(a *explore.Answer, groups map[string]*gathered, once map[string]bool, top int) []outlookGroup {
	var all []*gathered
	for _, g := range groups {
		all = append(all, g)
	}
	slices.SortFunc(all, func(a, b *gathered) int {
		return cmp.Or(b.cost.Cmp(a.cost), strings.Compare(textOf(a.keys), textOf(b.keys)))
	})
	var out []outlookGroup
	others := &gathered{}
	for i, g := range all {
		if top > 0 && i >= top {
			for kind, days := range g.days {
				for day, cost := range days {
					others.add(kind, day, cost)
				}
			}
			continue
		}
		out = append(out, outlookGroup{series: o.seriesOf(a, g, once), keys: g.keys})
	}
	if folded := len(all) - len(out); folded > 0 {
		out = append(out, outlookGroup{series: o.seriesOf(a, others, once), others: folded})
	}
	return out
}

// once says which kinds of charges come once a month. Usage never does, however
// seldom a small company calls.
func (g *gathered) once() map[string]bool {
	once := map[string]bool{}
	for kind, byDay := range g.days {
		var days []time.Time
		for d := range byDay {
			days = append(days, d)
		}
		once[kind] = showback.ChargeTypeOf(kind).Class != showback.ClassUsage && forecast.ComesOnce(days)
	}
	return once
}

func (o *outlook) seriesOf(a *explore.Answer, g *gathered, once map[string]bool) forecast.Series {
	s := forecast.Series{First: a.Question.Period.Start, Once: map[string]map[showback.Month]showback.Decimal{}}
	for d := s.First; !d.After(o.billedTo); d = d.AddDate(0, 0, 1) {
		var sum showback.Decimal
		for kind, days := range g.days {
			if !once[kind] {
				sum = sum.Add(days[d])
			}
		}
		if d.Before(o.start) {
			s.Days = append(s.Days, sum)
		} else {
			s.Unfinished = append(s.Unfinished, sum)
		}
	}
	for kind, days := range g.days {
		for d, cost := range days {
			// What a bill has on days after the last with usage belongs to the month.
			if !once[kind] && !d.After(o.billedTo) {
				continue
			}
			if s.Once[kind] == nil {
				s.Once[kind] = map[showback.Month]showback.Decimal{}
			}
			m := showback.MonthOf(d)
			s.Once[kind][m] = s.Once[kind][m].Add(cost)
		}
	}
	return s
}

func textOf(keys []explore.Value) string {
	texts := make([]string, len(keys))
	for i, k := range keys {
		texts[i] = k.String()
	}
	return strings.Join(texts, ", ")
}

// nameOf names a group in a text.
func (o *outlook) nameOf(g outlookGroup) string { return strings.Join(o.namesOf(g), ", ") }

// namesOf returns what stands in a group's columns: its keys.
func (o *outlook) namesOf(g outlookGroup) []string {
	names := make([]string, max(1, len(o.question.By)))
	for i := range names {
		switch {
		case g.whole && i == 0:
			names[i] = "(whole)"
		case g.whole:
		case g.others > 0:
			names[i] = fmt.Sprintf("(others: %d)", g.others)
		default:
			names[i] = g.keys[i].String()
		}
	}
	return names
}
