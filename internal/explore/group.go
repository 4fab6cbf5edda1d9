package explore

import (
	"cmp"
	"encoding/binary"
	"math/big"
	"slices"
	"time"

	"showback"
)

// group is a row of an answer in the making: its sums are still sums.
type group struct {
	index  int // of the span
	span   showback.Period
	beside showback.Period // the span compared with; zero when nothing is compared
	keys   []Value
	others int
	now    tally
	before *tally // nil when nothing is compared
}

// id names the group's keys; equal ids are equal keys.
func (g group) id() string {
	var b []byte
	for _, v := range g.keys {
		b = binary.AppendUvarint(b, uint64(len(v.Text)))
		b = append(b, v.Text...)
		b = binary.AppendUvarint(b, uint64(len(v.Missing)))
		b = append(b, v.Missing...)
	}
	return string(b)
}

// valueless reports that no key of the group has a value.
func (g group) valueless() bool {
	return len(g.keys) > 0 && !slices.ContainsFunc(g.keys, func(v Value) bool { return v.Missing == "" })
}

// weight returns a cost as an integer to order by. The ledger keeps no digit
// past AmountScale, so it loses none.
func (t tally) weight() *big.Int { return t.cost.Unscaled(showback.AmountScale) }

// ranked is one combination of keys over the whole period.
type ranked struct {
	keys        []Value
	now, before tally
	compared    bool
	keep        bool
}

// weight is the larger cost of the two periods, so that what stopped is ranked
// by what it was.
func (r *ranked) weight() *big.Int {
	now, before := r.now.weight(), r.before.weight()
	if before.Cmp(now) > 0 {
		return before
	}
	return now
}

// fold keeps the question's top combinations of keys and adds the others up, in
// each span into one group, and one more for each cause of having no cost.
// Groups without any value for their keys (untagged, no caller: tax, …) are never
// folded.
func fold(groups []group, q Question) []group {
	if q.Top == 0 {
		return groups
	}
	of := rank(groups, q)
	type place struct {
		index   int
		missing showback.Missing
	}
	others := map[place]*group{}
	var kept []group
	for i, g := range groups {
		if of[i].keep {
			kept = append(kept, g)
			continue
		}
		at := place{index: g.index}
		if g.now.costless() {
			at.missing = g.now.missing
		}
		if others[at] == nil {
			others[at] = &group{index: g.index, span: g.span, beside: g.beside}
		}
		others[at].absorb(g)
	}
	for _, o := range others {
		kept = append(kept, *o)
	}
	return kept
}

// absorb adds a folded group.
func (g *group) absorb(folded group) {
	g.others++
	g.now.add(folded.now)
	if folded.before == nil {
		return
	}
	if g.before == nil {
		g.before = &tally{}
	}
	g.before.add(*folded.before)
}

// rank returns the combination of keys that each group belongs to, marked to
// keep or not.
func rank(groups []group, q Question) []*ranked {
	byKeys := map[string]*ranked{}
	var all []*ranked
	of := make([]*ranked, len(groups))
	for i, g := range groups {
		id := g.id()
		r := byKeys[id]
		if r == nil {
			r = &ranked{keys: g.keys, keep: g.valueless()}
			byKeys[id] = r
			all = append(all, r)
		}
		r.now.add(g.now)
		if g.before != nil {
			r.before.add(*g.before)
			r.compared = true
		}
		of[i] = r
	}
	weights := make(map[*ranked]*big.Int, len(all))
	for _, r := range all {
		weights[r] = r.weight()
	}
	slices.SortFunc(all, func(a, b *ranked) int {
		return cmp.Or(weights[b].Cmp(weights[a]), compareValues(a.keys, b.keys))
	})
	byFigures(all, q)
	for _, r := range all[:min(q.Top, len(all))] {
		r.keep = true
	}
	return of
}

// byFigures orders combinations by the figures over the whole period that the
// question sorts by.
func byFigures(all []*ranked, q Question) {
	var order []Sorting
	for _, s := range q.Sort {
		if s.figure() {
			order = append(order, s)
		}
	}
	if len(order) == 0 {
		return
	}
	asked := q.asked()
	rows := make(map[*ranked]*AnswerRow, len(all))
	for _, r := range all {
		before := r.before.figures(asked)
		rows[r] = &AnswerRow{Figures: r.now.figures(asked)}
		if r.compared {
			rows[r].Previous = &before
		}
	}
	slices.SortStableFunc(all, func(a, b *ranked) int {
		for _, s := range order {
			if c := s.compare(rows[a], rows[b], nil); c != 0 {
				return c
			}
		}
		return 0
	})
}

// rows returns the rows of a currency: its groups, folded and in order.
func (answer *Answer) rows(currency string) []AnswerRow {
	return answer.ordered(fold(answer.groups[currency], answer.Question))
}

// ordered turns groups into rows in order.
func (answer *Answer) ordered(groups []group) []AnswerRow {
	all := make([]*weighed, len(groups))
	for i, g := range groups {
		all[i] = &weighed{g, g.now.weight()}
	}
	slices.SortFunc(all, (*weighed).compare)
	asked := answer.Question.asked()
	rows := make([]AnswerRow, len(all))
	for i, g := range all {
		rows[i] = AnswerRow{
			Start: g.span.Start, End: g.span.End, Beside: g.beside, Keys: g.keys, Others: g.others,
			Figures:    g.now.figures(asked),
			Incomplete: slices.ContainsFunc(answer.incomplete, func(d time.Time) bool { return g.span.Overlaps(showback.Period{Start: d, End: d.Add(day)}) }),
			index:      g.index,
		}
		if g.before != nil {
			f := g.before.figures(asked)
			rows[i].Previous = &f
		}
	}
	sortRows(rows, answer.Question)
	return rows
}

// weighed is a group with its cost as an integer to order by.
type weighed struct {
	group
	weight *big.Int
}

// compare orders groups as AnswerRow says. It stops at the first difference:
// an answer can have a million rows.
func (g *weighed) compare(o *weighed) int {
	if c := g.index - o.index; c != 0 {
		return c
	}
	if g, o := g.others > 0, o.others > 0; g != o {
		return after(g)
	}
	if g, o := g.now.costless(), o.now.costless(); g != o {
		return after(g)
	}
	if c := o.weight.Cmp(g.weight); c != 0 {
		return c
	}
	if c := compareValues(g.keys, o.keys); c != 0 {
		return c
	}
	if c := cmp.Compare(g.now.missing, o.now.missing); c != 0 || g.before == nil || o.before == nil {
		return c
	}
	// Of what is gone, what it was tells.
	if g, o := g.before.costless(), o.before.costless(); g != o {
		return after(g)
	}
	return cmp.Or(o.before.weight().Cmp(g.before.weight()), cmp.Compare(g.before.missing, o.before.missing))
}

// after returns how what holds compares with what does not: it comes after.
func after(holds bool) int {
	if holds {
		return +1
	}
	return -1
}
