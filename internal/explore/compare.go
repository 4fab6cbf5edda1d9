package explore

import (
	"slices"
	"time"

	"showback"
)

// Compare sets the figures of before beside those of now, in rows and totals.
// Both answer the same question but for its period; neither needs to be asked
// with Top 0, since answers keep what they folded.
//
// Rows are matched by currency, keys and place of their span in the period:
// the first day beside the first day. A row without a counterpart in before
// has previous figures of zero charges; what is in before only is added with a
// cost of 0, so that what stopped is seen. Top then keeps the rows with the
// larger of both costs. Where before has more spans than now, the spans beyond
// the end are in the previous total and in no row.
func Compare(now, before *Answer) {
	q, old := now.Question, before.Question
	if q.Granularity != old.Granularity || q.Basis != old.Basis || len(q.By) != len(old.By) {
		panic("BUG: compare answers to different questions")
	}
	now.ComparedWith = old.Period
	for _, b := range before.Blocks {
		if now.groups[b.Currency] == nil {
			now.Blocks = append(now.Blocks, Block{Currency: b.Currency, Total: tally{}.figures()})
		}
	}
	for i := range now.Blocks {
		b := &now.Blocks[i]
		groups, total := beside(now.groups[b.Currency], before.groups[b.Currency], q, old)
		now.groups[b.Currency] = groups
		b.Rows = rowsOf(fold(groups, q.Top), now.incomplete)
		figures := total.figures()
		b.Previous = &figures
	}
}

// spot is where a group of one period stands in the other.
type spot struct {
	span    int
	id      string
	missing showback.Missing
}

func spotOf(g group, q Question) spot {
	s := spot{span: spanNumber(g.start, q), id: g.id()}
	if g.now.costless() {
		s.missing = g.now.missing
	}
	return s
}

// beside returns now's groups, and those that only before has, with the sums
// of before in them, and the sum of all of before.
func beside(now, before []group, q, old Question) ([]group, tally) {
	var total tally
	then := map[spot]tally{}
	for _, g := range before {
		then[spotOf(g, old)] = g.now
		total.add(g.now)
	}
	out := slices.Clone(now)
	take := func(g *group, at spot) {
		if t, found := then[at]; found && g.before == nil {
			delete(then, at)
			g.before = &t
		}
	}
	for i := range out {
		out[i].before = nil
		take(&out[i], spotOf(out[i], q))
	}
	// A cost beside the reason why there was none, and the other way round.
	for i := range out {
		for _, cause := range []showback.Missing{"", showback.NotAvailable, showback.NoListPrice} {
			at := spotOf(out[i], q)
			at.missing = cause
			take(&out[i], at)
		}
		if out[i].before == nil {
			out[i].before = &tally{}
		}
	}
	for _, g := range before {
		at := spotOf(g, old)
		t, left := then[at]
		start := spanStart(at.span, q)
		if !left || !start.Before(q.Period.End) {
			continue
		}
		out = append(out, group{
			start: start, end: spanEnd(start, Plan{Period: q.Period, Granularity: q.Granularity}),
			keys: g.keys, before: &t,
		})
	}
	return out, total
}

// spanNumber returns the place of a span in the question's period, from 0.
func spanNumber(start time.Time, q Question) int {
	switch q.Granularity {
	case Daily:
		return int(start.Sub(q.Period.Start) / day)
	case Monthly:
		first := q.Period.Start
		return (start.Year()-first.Year())*12 + int(start.Month()) - int(first.Month())
	}
	return 0
}

// spanStart returns where the span of that number starts.
func spanStart(number int, q Question) time.Time {
	switch {
	case q.Granularity == Daily:
		return q.Period.Start.Add(time.Duration(number) * day)
	case q.Granularity == Monthly && number > 0:
		return showback.MonthOf(q.Period.Start).Add(number).Start()
	}
	return q.Period.Start
}
