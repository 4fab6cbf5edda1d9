package enginetest

import (
	"slices"
	"time"

	"showback"
	"showback/internal/explore"
)

// feature is something of the language that a question may have, or of an
// answer that it may come to.
type feature struct {
	name string
	// set makes a question have it, or leaves the question as it is where it has
	// no room.
	set func(generator, *estate, *asked)
	has func(scene) bool
}

// scene is what a table answered a part of.
type scene struct {
	asked
	month  showback.Month // that the table is of
	payers []string       // likewise
	cov    explore.Coverage
	answer *explore.Answer
}

// features are all that the comparison must have asked of every table that can
// answer it. What a table can answer follows from the questions that set makes.
var features = slices.Concat(keyFeatures(), filterFeatures(), wordFeatures(), periodFeatures(), answerFeatures)

// keyFeatures are the keys to group and to filter by; tags are one of each
// source.
func keyFeatures() []feature {
	var all []feature
	for _, d := range explore.KeyDocs() {
		name := d.Name
		if d.Source != "" {
			name += ":"
		}
		of := func(k explore.Key) bool { return k.Name == d.Name }
		keys := func() []explore.Key {
			return slices.DeleteFunc(allKeys(), func(k explore.Key) bool { return !of(k) })
		}
		all = append(all, feature{
			name: "by " + name,
			set:  func(g generator, _ *estate, q *asked) { q.groupBy(pick(g, keys())) },
			has:  func(s scene) bool { return slices.ContainsFunc(s.By, of) },
		}, feature{
			name: "where " + name,
			set:  func(g generator, e *estate, q *asked) { g.narrow(q, g.test(e, pick(g, keys()))) },
			has: func(s scene) bool {
				return anyTerm(s.Filter, func(e explore.Expr, _ bool) bool { k, ok := tested(e); return ok && of(k) })
			},
		})
	}
	for n, name := range []string{"by nothing", "by one key", "by two keys", "by three keys"} {
		all = append(all, feature{
			name: name,
			set: func(g generator, _ *estate, q *asked) {
				q.By = nil
				for len(q.By) < n {
					q.groupBy(pick(g, allKeys()))
				}
			},
			has: func(s scene) bool { return len(s.By) == n },
		})
	}
	return all
}

// filterFeatures are the tests of the filter language and how they are joined.
func filterFeatures() []feature {
	test := func(name string, negated bool, make func(generator, []string, explore.Key) explore.Expr, is func(explore.Expr) bool) feature {
		return feature{
			name: "where " + name,
			set: func(g generator, e *estate, q *asked) {
				k := pick(g, allKeys())
				t := make(g, e.valuesOf(k), k)
				if negated {
					t = explore.Not{Term: t}
				}
				g.narrow(q, t)
			},
			has: func(s scene) bool {
				return anyTerm(s.Filter, func(e explore.Expr, not bool) bool { return not == negated && is(e) })
			},
		}
	}
	matching := func(n int) func(generator, []string, explore.Key) explore.Expr {
		return func(g generator, values []string, k explore.Key) explore.Expr {
			m := explore.Match{Key: k}
			for range n + (n-1)*g.IntN(2) {
				m.Values = append(m.Values, g.pattern(values))
			}
			return m
		}
	}
	absent := func(_ generator, _ []string, k explore.Key) explore.Expr { return explore.Absent{Key: k} }
	matches := func(is func(explore.Match) bool) func(explore.Expr) bool {
		return func(e explore.Expr) bool { m, ok := e.(explore.Match); return ok && is(m) }
	}
	one := matches(func(m explore.Match) bool { return len(m.Values) == 1 && len(m.Values[0].Parts) == 1 })
	some := matches(func(m explore.Match) bool { return len(m.Values) > 1 })
	wild := matches(func(m explore.Match) bool {
		return slices.ContainsFunc(m.Values, func(p explore.Pattern) bool { return len(p.Parts) > 1 })
	})
	none := func(e explore.Expr) bool { _, ok := e.(explore.Absent); return ok }
	joined := func(name string, join func(x, y explore.Expr) explore.Expr, is func(explore.Expr) bool) feature {
		return feature{
			name: "where " + name,
			set: func(g generator, e *estate, q *asked) {
				g.narrow(q, join(g.anyTest(e), g.anyTest(e)))
			},
			has: func(s scene) bool { return anyTerm(s.Filter, func(e explore.Expr, _ bool) bool { return is(e) }) },
		}
	}
	return []feature{
		test("= value", false, matching(1), one),
		test("!= value", true, matching(1), one),
		test("= v*", false, matching(1), wild),
		test("!= v*", true, matching(1), wild),
		test("in (…)", false, matching(2), some),
		test("not in (…)", true, matching(2), some),
		test("is absent", false, absent, none),
		test("is not absent", true, absent, none),
		joined("… and …", func(x, y explore.Expr) explore.Expr { return explore.And{Terms: []explore.Expr{x, y}} },
			func(e explore.Expr) bool { _, ok := e.(explore.And); return ok }),
		joined("… or …", func(x, y explore.Expr) explore.Expr { return explore.Or{Terms: []explore.Expr{x, y}} },
			func(e explore.Expr) bool { _, ok := e.(explore.Or); return ok }),
		joined("not (… and …)", func(x, y explore.Expr) explore.Expr {
			return explore.Not{Term: explore.And{Terms: []explore.Expr{x, y}}}
		}, func(e explore.Expr) bool {
			not, ok := e.(explore.Not)
			return ok && depth(not.Term) > 0
		}),
		{
			name: "where, three deep",
			set:  func(g generator, e *estate, q *asked) { q.Filter = g.threeDeep(e) },
			has:  func(s scene) bool { return depth(s.Filter) == deepest },
		},
		{
			name: "with an access filter",
			set:  func(g generator, e *estate, q *asked) { q.Access = g.anyTest(e) },
			has:  func(s scene) bool { return s.Access != nil },
		},
	}
}

// wordFeatures are the other words of a question.
func wordFeatures() []feature {
	var all []feature
	for _, gr := range []explore.Granularity{explore.Total, explore.Monthly, explore.Weekly, explore.Daily, explore.Hourly} {
		all = append(all, feature{"granularity " + string(gr),
			func(_ generator, _ *estate, q *asked) { q.Granularity = gr },
			func(s scene) bool { return s.Granularity == gr }})
	}
	for _, b := range showback.Bases {
		all = append(all, feature{"basis " + string(b),
			func(_ generator, _ *estate, q *asked) { q.Basis = b },
			func(s scene) bool { return s.Basis == b }})
	}
	for _, m := range measures {
		all = append(all, feature{"measure " + string(m),
			func(_ generator, _ *estate, q *asked) {
				if !slices.Contains(q.Measures, m) {
					q.Measures = append(slices.Clone(q.Measures), m)
				}
			},
			func(s scene) bool { return slices.Contains(s.Measures, m) }})
	}
	for _, sc := range []explore.Scope{explore.ScopeAI, explore.ScopeAll} {
		all = append(all, feature{"scope " + string(sc),
			func(_ generator, _ *estate, q *asked) { q.Scope = sc },
			func(s scene) bool { return s.Scope == sc }})
	}
	for _, c := range showback.ChargeClasses {
		all = append(all, feature{"charges " + string(c),
			func(_ generator, _ *estate, q *asked) {
				if !slices.Contains(q.Classes, c) {
					q.Classes = append(slices.Clone(q.Classes), c)
				}
			},
			func(s scene) bool { return slices.Contains(s.Classes, c) }})
	}
	return append(all,
		feature{"top", func(g generator, _ *estate, q *asked) { q.Top = 1 + g.IntN(4) }, func(s scene) bool { return s.Top > 0 }},
		feature{"sort by a figure",
			func(g generator, _ *estate, q *asked) { q.sortBy(g, pick(g, measures)) },
			func(s scene) bool { return sorts(s.asked, func(o explore.Sorting) bool { return figures[o.By] }) }},
		feature{"sort by keys or spans",
			func(g generator, _ *estate, q *asked) {
				by := []explore.Sorting{{By: explore.SortKey}, {By: explore.SortStart}}
				if len(q.By) > 0 {
					by = append(by, explore.Sorting{Key: pick(g, q.By)})
				}
				o := pick(g, by)
				o.Descending = g.oneIn(2)
				q.Sort = []explore.Sorting{o}
			},
			func(s scene) bool { return sorts(s.asked, func(o explore.Sorting) bool { return !figures[o.By] }) }},
		feature{"fail-if",
			func(g generator, _ *estate, q *asked) { q.FailIf = []explore.Condition{g.condition(q.beside != "")} },
			func(s scene) bool { return len(s.FailIf) > 0 }},
		feature{"compare with previous",
			func(_ generator, _ *estate, q *asked) { q.beside = "previous" },
			func(s scene) bool { return s.beside == "previous" && compared(s) }},
		feature{"compare with a month",
			func(g generator, e *estate, q *asked) { q.beside = string(pick(g, e.months)) },
			func(s scene) bool { return s.beside > "" && s.beside != "previous" && compared(s) }},
	)
}

func sorts(q asked, is func(explore.Sorting) bool) bool { return slices.ContainsFunc(q.Sort, is) }

func compared(s scene) bool { return s.answer == nil || s.answer.ComparedWith != (showback.Period{}) }

// periodFeatures are what a period is to the months that it touches.
func periodFeatures() []feature {
	begins := func(s scene) bool { return !s.Period.Start.After(s.month.Start()) }
	ends := func(s scene) bool { return !s.Period.End.Before(s.month.End()) }
	return []feature{
		{"period of whole months",
			func(g generator, e *estate, q *asked) { q.Period = g.wholeMonths(e) },
			func(s scene) bool { return begins(s) && ends(s) }},
		{"period of several months",
			func(_ generator, e *estate, q *asked) { q.Period = e.period() },
			func(s scene) bool { return len(s.Period.Months()) > 1 }},
		{"period begins in the month",
			func(g generator, e *estate, q *asked) { q.cut(pick(g, e.cuts), time.Time{}) },
			func(s scene) bool { return !begins(s) && ends(s) }},
		{"period ends in the month",
			func(g generator, e *estate, q *asked) { q.cut(time.Time{}, pick(g, e.cuts)) },
			func(s scene) bool { return begins(s) && !ends(s) }},
		{"period within the month",
			func(g generator, e *estate, q *asked) {
				day := pick(g, e.cuts)
				q.Period = showback.Period{Start: day, End: day.AddDate(0, 0, pick(g, []int{1, 8}))}
			},
			func(s scene) bool { return !begins(s) && !ends(s) }},
		{"tag begins in the month",
			func(g generator, e *estate, q *asked) {
				var begun []explore.Key
				for _, k := range allKeys() {
					if slices.ContainsFunc(e.months, func(m showback.Month) bool { return tagBegins(e.cov, k, m, nil) }) {
						begun = append(begun, k)
					}
				}
				if len(begun) > 0 {
					q.groupBy(pick(g, begun))
				}
			},
			func(s scene) bool {
				return slices.ContainsFunc(s.By, func(k explore.Key) bool { return tagBegins(s.cov, k, s.month, s.payers) })
			}},
	}
}

// tagBegins reports whether the tag key first appears within the month, for one
// of the payers; nil for any.
func tagBegins(cov explore.Coverage, k explore.Key, m showback.Month, payers []string) bool {
	if k.Tag == (showback.TagKey{}) {
		return false
	}
	for payer, first := range cov.FirstSeen(k.Tag) {
		if (payers == nil || slices.Contains(payers, payer)) && showback.MonthOf(first) == m && first.After(m.Start()) {
			return true
		}
	}
	return false
}

// answerFeatures are what a question can only make likely.
var answerFeatures = []feature{
	{"answer in two currencies",
		func(_ generator, e *estate, q *asked) { q.Period, q.Scope = e.period(), explore.ScopeAll },
		ofAnswer(func(a *explore.Answer) bool { return len(a.Blocks) > 1 })},
	{"answer with rows of no cost",
		func(g generator, _ *estate, q *asked) { q.Basis = pick(g, showback.Bases[1:]) },
		anyRow(func(r explore.AnswerRow) bool { return r.Cost.Missing != "" })},
	{"answer with mixed units",
		func(_ generator, _ *estate, q *asked) {
			q.Measures, q.Scope = []explore.Measure{explore.Quantity}, explore.ScopeAll
		},
		anyRow(func(r explore.AnswerRow) bool { return r.Quantity.Missing == showback.MixedUnits })},
	{"answer with folded rows",
		func(_ generator, _ *estate, q *asked) { q.Top = 1 },
		anyRow(func(r explore.AnswerRow) bool { return r.Others > 0 })},
	{"answer with rows that are gone",
		func(_ generator, _ *estate, q *asked) { q.beside = "previous" },
		anyRow(func(r explore.AnswerRow) bool { return r.Presence() == explore.Gone })},
	{"answer without charges",
		func(_ generator, _ *estate, q *asked) { q.Classes = []showback.ChargeClass{showback.ClassOther} },
		ofAnswer(func(a *explore.Answer) bool { return len(a.Blocks) == 0 })},
}

// ofAnswer is for scenes without an answer yet, too: any may still come.
func ofAnswer(is func(*explore.Answer) bool) func(scene) bool {
	return func(s scene) bool { return s.answer == nil || is(s.answer) }
}

func anyRow(is func(explore.AnswerRow) bool) func(scene) bool {
	return ofAnswer(func(a *explore.Answer) bool {
		return slices.ContainsFunc(a.Blocks, func(b explore.Block) bool { return slices.ContainsFunc(b.Rows, is) })
	})
}
