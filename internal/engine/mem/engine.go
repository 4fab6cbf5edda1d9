// Package mem is the oracle: an engine that answers plans straight from the
// charges of a bill, one charge at a time, by the words of ARCHITECTURE.md §3.
// It is slow and obviously right; the fast engines are checked against it.
//
// It must never be made clever: no index, no rollup, no shared code with
// another engine. It is used by tests only.
package mem

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"showback"
	"showback/internal/explore"
	"showback/internal/identity"
	"showback/internal/meter"
)

// Engine answers plans over the charges it was made with. It never changes
// after New and is safe for concurrent use.
type Engine struct {
	facts    []fact
	coverage explore.Coverage
	carried  map[delivery]map[showback.Basis]bool
	first    map[showback.TagKey]map[string]time.Time
}

var _ explore.Engine = (*Engine)(nil)

// delivery names one billing month of one export.
type delivery struct {
	payer, export string
	month         showback.Month
}

// fact is a charge with what is known of it by itself.
type fact struct {
	showback.Charge
	delivery delivery
	day      time.Time // on which it counts
	hour     time.Time // in which it counts
	kind     showback.ChargeType
	meaning  showback.Meaning
	caller   *showback.Caller // nil for none
}

// New returns an engine over the charges. cov says which bases a delivery
// carries and is what Coverage returns; all else comes from the charges. The
// charges are shared with the caller, who must not change them.
func New(charges []showback.Charge, cov explore.Coverage) *Engine {
	e := &Engine{
		coverage: cov,
		carried:  map[delivery]map[showback.Basis]bool{},
		first:    map[showback.TagKey]map[string]time.Time{},
	}
	for _, d := range cov.Deliveries {
		bases := map[showback.Basis]bool{}
		for _, b := range d.Bases {
			bases[b] = true
		}
		e.carried[delivery{d.Payer, d.Export, d.Month}] = bases
	}
	meters := make([]showback.Meter, len(charges))
	for i, c := range charges {
		meters[i] = c.Meter
	}
	meanings := meter.ClassifyAll(meters)
	for i, c := range charges {
		f := fact{
			Charge:   c,
			delivery: deliveryOf(c),
			day:      showback.Day(c.CountedOn()),
			hour:     c.CountedOn().Truncate(time.Hour),
			kind:     showback.ChargeTypeOf(c.Type),
			meaning:  meanings[i],
		}
		if c.Caller != "" {
			caller := identity.Parse(c.Caller)
			f.caller = &caller
		}
		e.facts = append(e.facts, f)
		e.see(f)
	}
	return e
}

func deliveryOf(c showback.Charge) delivery { return delivery{c.Payer, c.Export, c.Month} }

// see notes the first day on which each tag key has a value for the payer.
func (e *Engine) see(f fact) {
	for key, value := range f.Tags {
		if value == "" {
			continue
		}
		days := e.first[key]
		if days == nil {
			days = map[string]time.Time{}
			e.first[key] = days
		}
		if day, seen := days[f.Payer]; !seen || f.day.Before(day) {
			days[f.Payer] = f.day
		}
	}
}

// Coverage returns what New was given.
func (e *Engine) Coverage(ctx context.Context) (explore.Coverage, error) {
	return e.coverage, ctx.Err()
}

// Run sums the charges that the plan selects. It fails with KindInvalid for a
// tag view other than the billed one, and with ctx's error.
func (e *Engine) Run(ctx context.Context, p explore.Plan) ([]explore.Row, error) {
	if err := check(ctx, p); err != nil {
		return nil, err
	}
	groups := map[string]*group{}
	for _, f := range e.facts {
		if !e.selects(p, f) {
			continue
		}
		row := explore.Row{Start: spanStart(p, f), Currency: f.Currency}
		for _, k := range p.By {
			row.Keys = append(row.Keys, e.value(k, f))
		}
		cost, missing := e.cost(p.Basis, f)
		row.CostMissing = missing
		id := identify(row)
		if groups[id] == nil {
			groups[id] = &group{Row: row, units: map[string]bool{}}
		}
		groups[id].add(f, cost)
	}
	var rows []explore.Row
	for _, g := range groups {
		rows = append(rows, asked(p, g.finish()))
	}
	return rows, nil
}

// check refuses what cannot be answered. The empty tag view is the billed one.
func check(ctx context.Context, p explore.Plan) error {
	if p.TagView != "" && p.TagView != explore.TagsBilled {
		return showback.Errorf(showback.KindInvalid, "run plan: tag view %q: only %q can be answered", p.TagView, explore.TagsBilled)
	}
	return ctx.Err()
}

// selects reports whether the charge is one of those the plan is about. No
// class named means all of them.
func (e *Engine) selects(p explore.Plan, f fact) bool {
	switch {
	case !p.Period.Contains(f.day):
		return false
	case len(p.Classes) > 0 && !slices.Contains(p.Classes, f.kind.Class):
		return false
	case p.Scope == explore.ScopeAI && !f.meaning.AI:
		return false
	}
	return p.Filter == nil || e.passes(p.Filter, f)
}

// spanStart returns the first instant of the span that the charge counts in: a
// week or a month that begins before the period begins with it.
func spanStart(p explore.Plan, f fact) time.Time {
	start := p.Period.Start
	switch p.Granularity {
	case explore.Hourly:
		start = f.hour
	case explore.Daily:
		start = f.day
	case explore.Weekly:
		start = f.day
		for start.Weekday() != time.Monday {
			start = start.AddDate(0, 0, -1)
		}
	case explore.Monthly:
		start = showback.MonthOf(f.day).Start()
	case explore.Total, "":
	default:
		panic("BUG: granularity " + string(p.Granularity))
	}
	if start.Before(p.Period.Start) {
		return p.Period.Start
	}
	return start
}

// asked returns the row without the figures that the plan does not ask for.
func asked(p explore.Plan, r explore.Row) explore.Row {
	if !p.Carries(explore.Tokens) {
		r.HasTokens, r.Tokens, r.TokenCost = false, showback.Decimal{}, showback.Decimal{}
	}
	if !p.Carries(explore.Quantity) {
		r.Quantity, r.Unit, r.Units = showback.Decimal{}, "", 0
	}
	return r
}

// cost returns the charge's amount on the basis, or why it has none. An amount
// that is absent though the delivery carries the basis is 0, except for the
// list price, whose absence means that AWS has none.
func (e *Engine) cost(basis showback.Basis, f fact) (showback.Decimal, showback.Missing) {
	amount, given := f.Amounts[basis]
	switch {
	case basis != showback.Unblended && !e.carried[f.delivery][basis]:
		return showback.Decimal{}, showback.NotAvailable
	case basis == showback.List && !given:
		return showback.Decimal{}, showback.NoListPrice
	}
	return amount, ""
}

// group is a row in the making.
type group struct {
	explore.Row
	units map[string]bool
}

func (g *group) add(f fact, cost showback.Decimal) {
	g.Charges++
	g.Cost = g.Cost.Add(cost)
	g.Unblended = g.Unblended.Add(f.Amounts[showback.Unblended])
	if !f.kind.Counts {
		return
	}
	var quantity showback.Decimal
	if f.Quantity != nil {
		quantity = *f.Quantity
	}
	g.units[f.Meter.Unit] = true
	g.Quantity = g.Quantity.Add(quantity)
	if f.meaning.Multiplier != 0 {
		g.HasTokens = true
		g.Tokens = g.Tokens.Add(quantity.Mul(showback.DecimalFromInt(f.meaning.Multiplier)))
		g.TokenCost = g.TokenCost.Add(cost)
	}
}

func (g *group) finish() explore.Row {
	g.Units = len(g.units)
	if g.Units == 1 {
		for unit := range g.units {
			g.Unit = unit
		}
	}
	return g.Row
}

// identify returns a text that is the same for two rows exactly when they are
// one: NUL occurs in no bill.
func identify(r explore.Row) string {
	parts := []string{r.Start.Format(time.RFC3339), r.Currency, string(r.CostMissing)}
	for _, v := range r.Keys {
		parts = append(parts, v.Text, string(v.Missing))
	}
	return strings.Join(parts, "\x00")
}

// Values lists the values of the key over the charges that the plan selects,
// the largest unblended sum first, equal sums by their text. Where there are
// several currencies the order takes their amounts as plain numbers.
func (e *Engine) Values(ctx context.Context, p explore.Plan, key explore.Key, limit int) ([]string, error) {
	if err := check(ctx, p); err != nil {
		return nil, err
	}
	sums := map[string]showback.Decimal{}
	for _, f := range e.facts {
		if !e.selects(p, f) {
			continue
		}
		if v := e.value(key, f); v.Missing == "" {
			sums[v.Text] = sums[v.Text].Add(f.Amounts[showback.Unblended])
		}
	}
	values := slices.SortedFunc(maps.Keys(sums), func(a, b string) int {
		if c := sums[b].Cmp(sums[a]); c != 0 {
			return c
		}
		return strings.Compare(a, b)
	})
	return values[:min(len(values), max(limit, 0))], nil
}
