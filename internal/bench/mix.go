package main

import (
	"context"
	"math/rand/v2"
	"slices"
	"time"

	"showback"
	"showback/internal/explore"
)

// mix draws questions as people ask them: eight kinds, over random months and
// days, half of them with a random filter. It is one client's; the values that
// it chooses from are everybody's.
type mix struct {
	*rand.Rand
	values *choosable
}

// choosable are the months and values that questions are drawn from.
type choosable struct {
	months []showback.Month // at least one, in order
	by     map[string][]string
	hourly []string // payers all of whose bills tell hours
}

// filterKeys are the keys of random filters.
var filterKeys = []string{teamKey, "model", "account", "region"}

// choosableOf lists what is in the ledger. Values are those of the last month.
func choosableOf(ctx context.Context, eng explore.Engine) (*choosable, error) {
	cov, err := eng.Coverage(ctx)
	if err != nil {
		return nil, err
	}
	c := &choosable{by: map[string][]string{}}
	daily := map[string]bool{}
	for _, d := range cov.Deliveries {
		c.months = append(c.months, d.Month)
		c.hourly = append(c.hourly, d.Payer)
		daily[d.Payer] = daily[d.Payer] || !d.Hourly
	}
	slices.Sort(c.hourly)
	c.hourly = slices.DeleteFunc(slices.Compact(c.hourly), func(payer string) bool { return daily[payer] })
	slices.Sort(c.months)
	c.months = slices.Compact(c.months)
	last := c.months[len(c.months)-1].Period()
	for _, key := range append([]string{"caller"}, filterKeys...) {
		if c.by[key], err = eng.Values(ctx, plan(question(last, "", explore.Total)), keys(key)[0], 500); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// kinds are how many kinds of question there are.
const kinds = 8

// ask asks a question of the kind, from 0 to kinds-1.
func (m mix) ask(ctx context.Context, eng explore.Engine, kind int) error {
	var q explore.Question
	switch kind {
	case 0:
		q = question(m.span(1), teamKey, explore.Total)
	case 1:
		q = question(m.span(3+m.IntN(10)), teamKey, explore.Monthly)
	case 2:
		q = question(m.days(30+m.IntN(61)), teamKey, explore.Daily)
	case 3:
		q = m.hourly()
	case 4:
		q = question(m.span(1), "principal", explore.Total)
		q.Top = 50
	case 5:
		q = question(m.span(1), "", explore.Total)
		q.Filter = explore.Absent{Key: keys(teamKey)[0]}
	case 6:
		q = question(m.days(30), "model", explore.Daily)
		q.Filter = m.match("caller")
	case 7:
		q = question(m.span(1+m.IntN(3)), "model,token-type", explore.Total)
		q.Measures = []explore.Measure{explore.Cost, explore.Tokens}
	default:
		panic("BUG: no such kind of question")
	}
	if q.Filter == nil && m.IntN(2) == 0 {
		q.Filter = m.match(filterKeys[m.IntN(len(filterKeys))])
	}
	_, err := explore.Ask(ctx, eng, q)
	return err
}

// hourly returns a question by hours, of a payer whose bills tell them; by days
// where none do.
func (m mix) hourly() explore.Question {
	q := question(m.days(7+m.IntN(8)), "model", explore.Daily)
	if payers := m.values.hourly; len(payers) > 0 {
		q.Granularity, q.Filter = explore.Hourly, is("payer", payers[m.IntN(len(payers))])
	}
	return q
}

// match returns the filter that one of the key's values passes, nil where there
// is none.
func (m mix) match(key string) explore.Expr {
	values := m.values.by[key]
	if len(values) == 0 {
		return nil
	}
	return is(key, values[m.IntN(len(values))])
}

// span returns n months in a row that are stored, all of them where they are
// fewer.
func (m mix) span(n int) showback.Period {
	months := m.values.months
	n = min(n, len(months))
	first := m.IntN(len(months) - n + 1)
	return showback.Period{Start: months[first].Start(), End: months[first+n-1].End()}
}

// days returns n days in a row, fewer where not so many are stored.
func (m mix) days(n int) showback.Period {
	months := m.values.months
	start, end := months[0].Start(), months[len(months)-1].End()
	all := int(end.Sub(start) / (24 * time.Hour))
	n = min(n, all)
	first := start.AddDate(0, 0, m.IntN(all-n+1))
	return showback.Period{Start: first, End: first.AddDate(0, 0, n)}
}
