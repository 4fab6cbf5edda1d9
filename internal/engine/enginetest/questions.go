package enginetest

import (
	"slices"
	"time"

	"showback"
	"showback/internal/explore"
)

// deepest is how deep filters are nested.
const deepest = 3

// mostKeys is how many keys a question is grouped by, at most.
const mostKeys = 3

var measures = []explore.Measure{explore.Cost, explore.Tokens, explore.Quantity, explore.UnitCost}

// figures are the words for what rows are sorted by beside keys and spans.
var figures = map[string]bool{
	string(explore.Cost): true, string(explore.Tokens): true, string(explore.Quantity): true, string(explore.UnitCost): true,
	explore.SortChange: true, explore.SortChangePercent: true,
}

// aim is what a question is drawn for: to have a feature and to be answered
// from a table.
type aim struct {
	feature feature
	table   explore.Table
}

// ask draws a question that the table can answer, and that no coarser one can
// where there is such a question, and that has the feature. All else is drawn
// at random from what the table has.
func (g generator) ask(e *estate, to aim, tables []explore.Table) asked {
	q := g.plain(e)
	for range 100 {
		o := q
		to.feature.set(g, e, &o)
		if e.answers(o, to) {
			q = o
			break
		}
	}
	more := g.IntN(4)
	for range 100 {
		if more <= 0 && e.needs(q, to, tables) {
			break
		}
		f := pick(g, features)
		o := q
		f.set(g, e, &o)
		if e.answers(o, to) {
			q = o
			more--
		}
	}
	if q.beside == "" {
		q.Sort = slices.DeleteFunc(slices.Clone(q.Sort), explore.Sorting.ComparesPeriods)
		q.FailIf = slices.DeleteFunc(slices.Clone(q.FailIf), explore.Condition.ComparesPeriods)
	}
	if !q.sortable() {
		q.Sort = nil
	}
	return q
}

// plain returns a question that every table answers.
func (g generator) plain(e *estate) asked {
	q := asked{Question: explore.Question{
		Period: g.wholeMonths(e), Granularity: explore.Total, TagView: explore.TagsBilled,
		Basis: pick(g, showback.Bases), Scope: pick(g, []explore.Scope{explore.ScopeAI, explore.ScopeAll, explore.ScopeAll}),
	}}
	if g.oneIn(3) {
		q.Granularity = explore.Monthly
	}
	for _, m := range measures {
		if g.oneIn(3) {
			q.Measures = append(q.Measures, m)
		}
	}
	if len(q.Measures) == 0 {
		q.Measures = measures[:1]
	}
	if g.oneIn(4) {
		q.beside = pick(g, []string{"previous", string(pick(g, e.months))})
	}
	if g.oneIn(4) {
		q.Top = 1 + g.IntN(4)
	}
	return q
}

// wholeMonths returns a period of months of the estate.
func (g generator) wholeMonths(e *estate) showback.Period {
	if g.oneIn(4) {
		return e.period()
	}
	return pick(g, e.months).Period()
}

// part is what a question must read of one delivery.
type part struct {
	scene
	need explore.Detail
}

// parts returns the parts of a question.
func (e *estate) parts(q asked) []part {
	var parts []part
	p := q.plan()
	for _, d := range e.cov.Deliveries {
		if !d.Month.Period().Overlaps(p.Period) {
			continue
		}
		first := map[showback.TagKey]time.Time{}
		for _, k := range p.By {
			if day, seen := e.cov.FirstSeen(k.Tag)[d.Payer]; seen {
				first[k.Tag] = day
			}
		}
		parts = append(parts, part{scene{asked: q, month: d.Month, payers: []string{d.Payer}, cov: e.cov}, explore.NeedOf(p, d.Month, first)})
	}
	return parts
}

// answers reports whether the table answers a part of the question that has the
// feature.
func (e *estate) answers(q asked, to aim) bool {
	return slices.ContainsFunc(e.parts(q), func(p part) bool { return to.table.Covers(p.need) && to.feature.has(p.scene) })
}

// needs reports whether it answers one that no table answers which is not as
// fine.
func (e *estate) needs(q asked, to aim, tables []explore.Table) bool {
	return slices.ContainsFunc(e.parts(q), func(p part) bool {
		return to.table.Covers(p.need) && to.feature.has(p.scene) &&
			!slices.ContainsFunc(tables, func(o explore.Table) bool { return o.Covers(p.need) && !o.Covers(to.table.Detail) })
	})
}

// groupBy adds a key, in the place of another where there are enough.
func (q *asked) groupBy(k explore.Key) {
	if slices.ContainsFunc(q.By, k.Same) {
		return
	}
	q.By = append(slices.Clone(q.By), k)
	if len(q.By) > mostKeys {
		q.By = q.By[1:]
	}
}

// cut makes the period begin or end at the day; the zero time leaves an end as
// it is. It does nothing where no day would be left.
func (q *asked) cut(start, end time.Time) {
	p := q.Period
	if !start.IsZero() {
		p.Start = start
	}
	if !end.IsZero() {
		p.End = end
	}
	if !p.Empty() {
		q.Period = p
	}
}

// sortBy sorts by the measure, or by the change of the cost where something is
// compared.
func (q *asked) sortBy(g generator, m explore.Measure) {
	o := explore.Sorting{By: string(m), Descending: g.oneIn(2)}
	if q.beside != "" && g.oneIn(2) {
		o.By = pick(g, []string{explore.SortChange, explore.SortChangePercent})
	}
	q.Sort = []explore.Sorting{o}
}

// condition returns a test of a row's figure.
func (g generator) condition(compared bool) explore.Condition {
	words := []string{string(explore.Cost), string(explore.Tokens), string(explore.Quantity), string(explore.UnitCost)}
	if compared {
		words = append(words, explore.SortChange, explore.SortChangePercent)
	}
	return explore.Condition{
		Figure: pick(g, words), Op: pick(g, []string{">", ">=", "<", "<=", "="}),
		Bound: showback.MustDecimal(pick(g, []string{"0", "1", "-1", "0.5", "1000", "100000"})),
	}
}

// test returns a test of the key, one half of them negated.
func (g generator) test(e *estate, k explore.Key) explore.Expr {
	var t explore.Expr = explore.Absent{Key: k}
	if !g.oneIn(3) {
		m := explore.Match{Key: k}
		for range pick(g, []int{1, 1, 1, 2, 3}) {
			m.Values = append(m.Values, g.pattern(e.valuesOf(k)))
		}
		t = m
	}
	if g.oneIn(2) {
		return explore.Not{Term: t}
	}
	return t
}

func (g generator) anyTest(e *estate) explore.Expr { return g.test(e, pick(g, allKeys())) }

// narrow joins a term to the question's filter, if that does not make it too
// deep.
func (g generator) narrow(q *asked, t explore.Expr) {
	if q.Filter == nil {
		q.Filter = t
		return
	}
	var joined explore.Expr
	switch g.IntN(4) {
	case 0:
		joined = explore.And{Terms: []explore.Expr{q.Filter, t}}
	case 1:
		joined = explore.Not{Term: explore.Or{Terms: []explore.Expr{q.Filter, t}}}
	default: // an alternative leaves more charges to compare
		joined = explore.Or{Terms: []explore.Expr{q.Filter, t}}
	}
	if depth(joined) <= deepest {
		q.Filter = joined
	}
}

// threeDeep returns a filter of that depth.
func (g generator) threeDeep(e *estate) explore.Expr {
	key := pick(g, allKeys())
	t := func() explore.Expr { // a test for the value of a key costs a plan of its own
		if g.oneIn(2) {
			key = pick(g, allKeys())
		}
		if g.oneIn(2) {
			return explore.Absent{Key: key}
		}
		return explore.Match{Key: key, Values: []explore.Pattern{g.pattern(e.valuesOf(key))}}
	}
	and := func(terms ...explore.Expr) explore.Expr { return explore.And{Terms: terms} }
	or := func(terms ...explore.Expr) explore.Expr { return explore.Or{Terms: terms} }
	not := func(term explore.Expr) explore.Expr { return explore.Not{Term: term} }
	return pick(g, []func() explore.Expr{
		func() explore.Expr { return or(and(not(t()), t()), t()) },
		func() explore.Expr { return and(or(not(t()), t()), or(t(), t())) },
		func() explore.Expr { return not(or(and(t(), t()), t())) },
		func() explore.Expr { return not(and(t(), not(t()))) },
		func() explore.Expr { return or(not(or(t(), t())), and(t(), not(t())), t()) },
	})()
}

// depth says how deep a filter is nested: 0 for a test.
func depth(e explore.Expr) int {
	deep := 0
	switch e := e.(type) {
	case explore.Not:
		return 1 + depth(e.Term)
	case explore.And:
		for _, t := range e.Terms {
			deep = max(deep, depth(t))
		}
		return deep + 1
	case explore.Or:
		for _, t := range e.Terms {
			deep = max(deep, depth(t))
		}
		return deep + 1
	}
	return 0
}

// anyTerm reports whether is holds for a term of the filter; negated says that
// the term stands directly under a not.
func anyTerm(e explore.Expr, is func(e explore.Expr, negated bool) bool) bool {
	var walk func(e explore.Expr, negated bool) bool
	walk = func(e explore.Expr, negated bool) bool {
		if e == nil {
			return false
		}
		if is(e, negated) {
			return true
		}
		var terms []explore.Expr
		switch e := e.(type) {
		case explore.Not:
			return walk(e.Term, true)
		case explore.And:
			terms = e.Terms
		case explore.Or:
			terms = e.Terms
		}
		return slices.ContainsFunc(terms, func(t explore.Expr) bool { return walk(t, false) })
	}
	return walk(e, false)
}

// tested returns the key that a term tests.
func tested(e explore.Expr) (k explore.Key, ok bool) {
	switch e := e.(type) {
	case explore.Match:
		return e.Key, true
	case explore.Absent:
		return e.Key, true
	}
	return k, false
}
