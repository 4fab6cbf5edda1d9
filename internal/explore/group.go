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
	start, end time.Time
	keys       []Value
	others     int
	now        tally
	before     *tally // nil when nothing is compared
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

// fold keeps the top combinations of keys with the largest cost over the whole
// period and adds the others up, in each span into one group, and one more for
// each cause of having no cost. Groups without any value for their keys
// (untagged, no caller: tax, …) are never folded. top 0 keeps all.
func fold(groups []group, top int) []group {
	if top == 0 {
		return groups
	}
	of := rank(groups, top)
	type place struct {
		start   time.Time
		missing showback.Missing
	}
	others := map[place]*group{}
	var kept []group
	for i, g := range groups {
		if of[i].keep {
			kept = append(kept, g)
			continue
		}
		at := place{start: g.start}
		if g.now.costless() {
			at.missing = g.now.missing
		}
		if others[at] == nil {
			others[at] = &group{start: g.start, end: g.end}
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
func rank(groups []group, top int) []*ranked {
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
	for _, r := range all[:min(top, len(all))] {
		r.keep = true
	}
	return of
}

// rowsOf orders groups as AnswerRow says and turns them into rows, those of the
// days in incomplete marked.
func rowsOf(groups []group, incomplete map[time.Time]bool) []AnswerRow {
	all := make([]*weighed, len(groups))
	for i, g := range groups {
		all[i] = &weighed{g, g.now.weight()}
	}
	slices.SortFunc(all, (*weighed).compare)
	rows := make([]AnswerRow, len(all))
	for i, g := range all {
		rows[i] = AnswerRow{
			Start: g.start, End: g.end, Keys: g.keys, Others: g.others, Figures: g.now.figures(),
			Incomplete: incomplete[g.start],
		}
		if g.before != nil {
			f := g.before.figures()
			rows[i].Previous = &f
		}
	}
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
	if c := g.start.Compare(o.start); c != 0 {
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
	return cmp.Compare(g.now.missing, o.now.missing)
}

// after returns how what holds compares with what does not: it comes after.
func after(holds bool) int {
	if holds {
		return +1
	}
	return -1
}
