package exploretest

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"showback"
	"showback/internal/explore"
)

// gotRow is a row of an answer with the words that name it.
type gotRow struct {
	explore.AnswerRow
	currency string
	id       string // "2026-10-01 {model=Nova Lite}", as a script writes it
}

// compare returns what is wrong with the answer: what differs from what is
// expected, and whatever does not add up.
func (e *eval) compare(a *explore.Answer) (wrong []string) {
	wrong = append(wrong, addUp(a)...)
	rows := flatten(a)
	if len(e.rows) > 0 || e.none {
		wrong = append(wrong, e.compareRows(rows, a.Question.By, len(a.Blocks) == 1)...)
	}
	if e.count >= 0 && e.count != len(rows) {
		wrong = append(wrong, fmt.Sprintf("%d rows, want %d", len(rows), e.count))
	}
	for _, want := range e.totals {
		wrong = append(wrong, compareTotal(want, a.Blocks)...)
	}
	for _, want := range e.classes {
		wrong = append(wrong, compareClass(want, a.Blocks)...)
	}
	for _, want := range e.bill {
		if !slices.ContainsFunc(a.Bill, func(b explore.BillLine) bool {
			return b.Currency == want.currency && b.AI.Equal(want.ai) && b.All.Equal(want.all)
		}) {
			wrong = append(wrong, fmt.Sprintf("bill is %v, want %s of %s %s", a.Bill, want.ai, want.all, want.currency))
		}
	}
	return append(wrong, e.compareAbout(a)...)
}

// compareAbout compares what an answer says about itself.
func (e *eval) compareAbout(a *explore.Answer) (wrong []string) {
	if open := map[bool]string{true: "yes", false: "no"}[a.Open]; e.open != "" && e.open != open {
		wrong = append(wrong, "open: "+open+", want "+e.open)
	}
	if day := a.BilledTo.Format(time.DateOnly); e.billed != "" && e.billed != day {
		wrong = append(wrong, "billed to "+day+", want "+e.billed)
	}
	for _, want := range e.notes {
		if !slices.ContainsFunc(a.Notes, func(n explore.Note) bool {
			return n.Code == want.code && strings.Contains(n.Text, want.text)
		}) {
			wrong = append(wrong, fmt.Sprintf("notes are %q, want %s %s", a.Notes, want.code, want.text))
		}
	}
	if e.noNotes && len(a.Notes) > 0 {
		wrong = append(wrong, fmt.Sprintf("notes are %q, want none", a.Notes))
	}
	return wrong
}

func flatten(a *explore.Answer) (rows []gotRow) {
	for _, b := range a.Blocks {
		for _, r := range b.Rows {
			g := gotRow{AnswerRow: r, currency: b.Currency}
			start := startText(a.Question.Granularity, r)
			var keys []pair
			for i, v := range r.Keys {
				keys = append(keys, pair{a.Question.By[i].Typed, v.String()})
			}
			g.id = rowID(start, r.Others, keys)
			rows = append(rows, g)
		}
	}
	return rows
}

// How a script writes where a row's span starts.
const (
	hourLayout = "2006-01-02T15"
	past       = "past" // a span that only the period compared with has
)

func startText(g explore.Granularity, r explore.AnswerRow) string {
	switch {
	case g == explore.Total:
		return ""
	case r.Start.Equal(r.End):
		return past
	case g == explore.Hourly:
		return r.Start.Format(hourLayout)
	}
	return r.Start.Format(time.DateOnly)
}

func rowID(start string, others int, keys []pair) string {
	if start != "" {
		start += " "
	}
	if others > 0 {
		return fmt.Sprintf("%s(others %d)", start, others)
	}
	var list []string
	for _, k := range keys {
		value := k.value
		if strings.ContainsAny(value, "\"`,{}") || strings.TrimSpace(value) != value {
			value = fmt.Sprintf("%q", value)
		}
		list = append(list, k.key+"="+value)
	}
	return start + "{" + strings.Join(list, ", ") + "}"
}

// compareRows finds for each expected row its twin. The keys of a row may be
// written in any order; the currency may be left out where there is one.
func (e *eval) compareRows(rows []gotRow, by []explore.Key, oneCurrency bool) (wrong []string) {
	taken := make([]bool, len(rows))
	var left []wantRow
	for i, want := range e.rows {
		found := -1
		for j, got := range rows {
			if !taken[j] && (!e.ordered || i == j) && want.names(got, by, oneCurrency) && want.figures.differs(got.Figures, got.Previous) == "" {
				found = j
				break
			}
		}
		if found < 0 {
			left = append(left, want)
			continue
		}
		taken[found] = true
	}
	for _, want := range left {
		problem := "no such row"
		if e.ordered {
			problem = "no such row there"
		}
		for j, got := range rows {
			if !taken[j] && want.names(got, by, oneCurrency) {
				taken[j] = true
				if difference := want.figures.differs(got.Figures, got.Previous); difference != "" {
					problem = difference
				}
				break
			}
		}
		wrong = append(wrong, want.figures.line+": "+problem)
	}
	for j, got := range rows {
		if !taken[j] {
			wrong = append(wrong, "unexpected row: "+got.String())
		}
	}
	return wrong
}

// names reports whether the expected row is about the row got.
func (w wantRow) names(got gotRow, by []explore.Key, oneCurrency bool) bool {
	var keys []pair
	for _, k := range by {
		i := slices.IndexFunc(w.keys, func(p pair) bool { return p.key == k.Typed })
		if w.others == 0 && i < 0 {
			return false
		}
		if i >= 0 {
			keys = append(keys, w.keys[i])
		}
	}
	return len(keys) == len(w.keys) && rowID(w.start, w.others, keys) == got.id &&
		inCurrency(w.figures.currency, got.currency, oneCurrency)
}

func inCurrency(want, got string, one bool) bool { return want == got || want == "" && one }

// String writes the row as a script does.
func (g gotRow) String() string {
	text := fmt.Sprintf("%s %s %s", g.id, figure(g.Cost), g.currency)
	all := figuresOf(g.Figures, g.Previous)
	for _, name := range figureNames[1:] {
		if f, ok := all[name]; ok && f.Missing != explore.NotAsked {
			text += fmt.Sprintf(" %s=%s", name, figure(f))
		}
	}
	return fmt.Sprintf("%s charges=%d", text, g.Charges)
}

func compareTotal(want wantFigures, blocks []explore.Block) []string {
	for _, b := range blocks {
		if inCurrency(want.currency, b.Currency, len(blocks) == 1) {
			if difference := want.differs(b.Total, b.Previous); difference != "" {
				return []string{"total " + want.line + ": " + difference}
			}
			return nil
		}
	}
	return []string{fmt.Sprintf("total %s: no such block among %d", want.line, len(blocks))}
}

func compareClass(want wantClass, blocks []explore.Block) []string {
	for _, b := range blocks {
		if !inCurrency(want.currency, b.Currency, len(blocks) == 1) {
			continue
		}
		for _, c := range b.Classes {
			if c.Class == want.class && c.Cost.Equal(want.cost) {
				return nil
			}
		}
		return []string{fmt.Sprintf("classes are %v, want %s %s", b.Classes, want.class, want.cost)}
	}
	return []string{fmt.Sprintf("class %s %s: no such block", want.class, want.cost)}
}

// addUp checks what holds for every answer: the rows, and the classes, sum to
// the total of their block, and no charge is lost.
func addUp(a *explore.Answer) (wrong []string) {
	for _, b := range a.Blocks {
		var rows, classes, before showback.Decimal
		var charges, chargesBefore int64
		for _, r := range b.Rows {
			charges += r.Charges
			rows = rows.Add(r.Cost.Value)
			if r.Previous != nil {
				chargesBefore += r.Previous.Charges
				before = before.Add(r.Previous.Cost.Value)
			}
		}
		for _, c := range b.Classes {
			classes = classes.Add(c.Cost)
		}
		if !rows.Equal(b.Total.Cost.Value) {
			wrong = append(wrong, fmt.Sprintf("rows add up to %s %s, total is %s", rows, b.Currency, b.Total.Cost.Value))
		}
		if !classes.Equal(b.Total.Cost.Value) {
			wrong = append(wrong, fmt.Sprintf("classes add up to %s %s, total is %s", classes, b.Currency, b.Total.Cost.Value))
		}
		if charges != b.Total.Charges {
			wrong = append(wrong, fmt.Sprintf("rows have %d charges, total has %d", charges, b.Total.Charges))
		}
		if p := b.Previous; p != nil && (!before.Equal(p.Cost.Value) || chargesBefore != p.Charges) {
			wrong = append(wrong, fmt.Sprintf("rows were %s %s in %d charges, total was %s in %d", before, b.Currency, chargesBefore, p.Cost.Value, p.Charges))
		}
	}
	return wrong
}
