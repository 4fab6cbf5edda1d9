package enginetest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"showback"
	"showback/internal/explore"
	"showback/internal/meter"
)

// restTable is the table of the charges that are kept as sums.
const restTable = "rest"

// ask puts the question to the subject and to the oracle. Where the subject's
// ledger keeps what is not AI as sums, both are asked as over it: what they tell
// must be the same, and what is refused must need more than the sums tell, by a
// rule of its own.
func (s Subject) ask(e *estate, q asked) (got, want outcome, differs string) {
	cov := e.cov
	if s.Kept {
		cov = s.coverage()
	}
	got, want = askOf(s.Engine, cov, q), askOf(e.oracle, cov, q)
	differs = difference(got, want)
	if differs == "" && keptRefusal(want.err) && !e.needsMore(q) {
		differs = "refused, and the sums tell all that is asked: " + want.err.Error()
	}
	return got, want, differs
}

func (s Subject) coverage() explore.Coverage {
	cov, err := s.Engine.Coverage(context.Background())
	if err != nil {
		panic("BUG: " + err.Error())
	}
	return cov
}

// refuses reports whether the subject's sums tell too little for a question.
func (s Subject) refuses(q asked) bool {
	p := q.plan()
	p.Scope, p.Classes, p.Measures = q.Scope, q.Classes, []explore.Measure{}
	return s.coverage().Refuse(p) != nil
}

// toldKeys are those by which charges are kept as sums, and some that all of them
// lack.
var toldKeys = []string{"account", "service", "charge-type", "charge-class", "invoice", "billing-entity", "invoicing-entity", "legal-entity", "bill-type",
	"currency", "payer", "month", "scope", "model", "person", "caller"}

// told makes of a question one of all charges that the subject's sums answer,
// where it can.
func (g generator) told(e *estate, s Subject, q asked) asked {
	q.Scope, q.Period, q.Granularity, q.beside = explore.ScopeAll, g.wholeMonths(e), pick(g, []explore.Granularity{explore.Total, explore.Monthly}), ""
	q.Measures, q.Sort, q.FailIf, q.By = []explore.Measure{explore.Cost, explore.Tokens}, nil, nil, nil
	for range 1 + g.IntN(3) {
		q.groupBy(explore.Key{Name: pick(g, toldKeys)})
	}
	if s.refuses(q) {
		q.Filter, q.Access = nil, nil
	}
	return q
}

func keptRefusal(err error) bool { return err != nil && strings.Contains(err.Error(), "--keep ai") }

// sums are the charges of one delivery that are not AI.
type sums struct {
	charges     []showback.Charge
	first, last time.Time // on which they count
}

// rest returns the charges of the estate that are kept as sums, by delivery.
func (e *estate) rest() map[string]*sums {
	meters := make([]showback.Meter, len(e.charges))
	for i, c := range e.charges {
		meters[i] = c.Meter
	}
	all := map[string]*sums{}
	for i, meaning := range meter.ClassifyAll(meters) {
		c := e.charges[i]
		if meaning.AI || meter.Undecided(c.Meter) {
			continue
		}
		id := c.Payer + " " + c.Export + " " + string(c.Month)
		day := showback.Day(c.CountedOn())
		g := all[id]
		if g == nil {
			g = &sums{first: day, last: day}
			all[id] = g
		}
		g.charges = append(g.charges, c)
		if day.Before(g.first) {
			g.first = day
		}
		if day.After(g.last) {
			g.last = day
		}
	}
	return all
}

// needsMore reports whether a question, or what it compares with, asks of charges
// that are kept as sums what no sum by the month tells.
func (e *estate) needsMore(q asked) bool {
	periods := []showback.Period{q.Period}
	if q.beside != "" {
		if beside, err := explore.ParseBeside(q.beside, q.Period, e.cov); err == nil {
			periods = append(periods, beside)
		}
	}
	for _, p := range periods {
		for _, g := range e.rest() {
			if g.needsMore(q, p, e.cov) {
				return true
			}
		}
	}
	return false
}

func (g *sums) needsMore(q asked, p showback.Period, cov explore.Coverage) bool {
	if q.Scope == explore.ScopeAI || !p.End.After(g.first) || p.Start.After(g.last) {
		return false
	}
	could, more := g.test(q.plan().Filter)
	if could == no {
		return false
	}
	for _, k := range q.By {
		more = more || g.untold(k)
		first, seen := cov.FirstSeen(k.Tag)[g.charges[0].Payer]
		more = more || k.Tag.Source != "" && k.Tag.Source != showback.TagCaller && seen && first.After(g.first) && !first.After(g.last)
	}
	cut := p.Start.After(g.first) || !p.End.After(g.last)
	fine := slices.Contains([]explore.Granularity{explore.Daily, explore.Weekly, explore.Hourly}, q.Granularity)
	quantity := slices.Contains(q.Measures, explore.Quantity) ||
		sorts(q, func(o explore.Sorting) bool { return o.By == string(explore.Quantity) }) ||
		slices.ContainsFunc(q.FailIf, func(c explore.Condition) bool { return c.Figure == string(explore.Quantity) })
	return more || cut || fine || quantity
}

// What a filter comes to for charges that are known by their sums.
const (
	no = iota
	maybe
	yes
)

// test says what a filter comes to, and whether that needs more than is told.
func (g *sums) test(e explore.Expr) (could int, more bool) {
	several := func(terms []explore.Expr, neutral, deciding int) (int, bool) {
		could := neutral
		for _, t := range terms {
			of, needs := g.test(t)
			switch of {
			case deciding:
				return deciding, false
			case maybe:
				could, more = maybe, more || needs
			}
		}
		return could, more
	}
	leaf := func(k explore.Key, passes func(text string, absent bool) bool) (int, bool) {
		if text, absent, same := g.same(k); same {
			if passes(text, absent) {
				return yes, false
			}
			return no, false
		}
		return maybe, g.untold(k)
	}
	switch e := e.(type) {
	case nil:
		return yes, false
	case explore.And:
		return several(e.Terms, yes, no)
	case explore.Or:
		return several(e.Terms, no, yes)
	case explore.Not:
		could, more = g.test(e.Term)
		return yes - could, more
	case explore.Absent:
		return leaf(e.Key, func(_ string, absent bool) bool { return absent })
	case explore.Match:
		return leaf(e.Key, func(text string, absent bool) bool {
			return !absent && slices.ContainsFunc(e.Values, func(p explore.Pattern) bool { return p.Matches(text, e.Key.FoldsCase()) })
		})
	}
	panic(fmt.Sprintf("BUG: filter term %T", e))
}

// same returns the value that all the charges have for a key, as far as a
// delivery says of itself.
func (g *sums) same(k explore.Key) (text string, absent, same bool) {
	c := g.charges[0]
	switch k.Name {
	case "payer":
		return c.Payer, false, true
	case "month":
		return string(c.Month), false, true
	case "scope":
		return explore.ValueNotAI, false, true
	case "provider", "model", "token-type", "pricing-model", "route":
		return "", true, true
	case "currency", "account", "service", "charge-type", "charge-class", "invoice", "billing-entity", "invoicing-entity", "legal-entity", "bill-type":
		return "", false, false
	}
	return "", true, !g.untold(k)
}

// untold reports whether some of the charges have, or may have, a value for the
// key that their sums don't tell.
func (g *sums) untold(k explore.Key) bool {
	called := slices.ContainsFunc(g.charges, func(c showback.Charge) bool { return c.Caller != "" })
	if k.Tag.Source != "" {
		tagged := slices.ContainsFunc(g.charges, func(c showback.Charge) bool { return c.Tags[k.Tag] != "" })
		return tagged || called && k.Tag.Source == showback.TagCaller
	}
	switch k.Name {
	case "caller", "principal", "role", "session", "person", "certainty", "who":
		return called
	case "region", "usage-type", "operation", "resource":
		return true
	}
	return false
}
