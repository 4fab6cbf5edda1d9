package reconcile

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strings"
	"time"

	"showback"
	"showback/internal/costexplorer"
	"showback/internal/explore"
)

// printedDecimals is how many decimals Cost Explorer rounds a figure to: it
// prints ten, or fewer where the others are 0.
const printedDecimals = 10

// theirs is what Cost Explorer has of one name: one group, or several.
type theirs struct {
	keys     [][]string
	unit     string
	amount   showback.Decimal
	rounding showback.Decimal // at most so much was rounded off
	decimals int32
}

// ours is what the ledger has of one name.
type ours struct {
	names  []string
	unit   string
	amount showback.Decimal
	reason string // why the amount means nothing
}

// compare compares one metric in every period.
func (a *against) compare(ctx context.Context, m costexplorer.Metric) error {
	answered := map[showback.Period]map[string]*ours{}
	for _, s := range a.spans {
		if err := a.ask(ctx, m, s, answered); err != nil {
			return err
		}
	}
	for _, p := range a.Response.Periods {
		their, err := a.theirs(m, p)
		if err != nil {
			return err
		}
		a.comparePeriod(m, p, their, answered[p.Period])
	}
	return nil
}

// ask puts the question of a metric and a span to the ledger, if it has a bill
// of any of it.
func (a *against) ask(ctx context.Context, m costexplorer.Metric, s costexplorer.Span, answered map[showback.Period]map[string]*ours) error {
	if !slices.ContainsFunc(a.coverage.Deliveries, func(d explore.Delivered) bool { return d.Month.Period().Overlaps(s.Period) }) {
		return nil
	}
	answer, err := explore.Ask(ctx, a.Engine, explore.Question{
		Period: s.Period, Granularity: s.Granularity, By: a.by, Filter: a.filter, Basis: m.Basis,
		Measures: []explore.Measure{m.Measure}, Scope: explore.ScopeAll,
	})
	if err != nil {
		return showback.Errorf(showback.KindOf(err), "compare %s: %w", m.Name, err)
	}
	for _, n := range answer.Notes {
		if !slices.Contains(unsaid, n.Code) {
			a.note(n.Code, n.Text)
		}
	}
	for _, b := range answer.Blocks {
		for _, r := range b.Rows {
			span := showback.Period{Start: r.Start, End: r.End}
			groups := answered[span]
			if groups == nil {
				groups = map[string]*ours{}
				answered[span] = groups
			}
			a.add(groups, m, b.Currency, r)
		}
	}
	return nil
}

// unsaid are notes of an answer that the report says better, or that do not
// bear on a comparison.
var unsaid = []string{
	explore.NoteNoCharges, explore.NoteCurrencies, explore.NoteMissingBills, explore.NoteBilledApart, explore.NoteKeyNotSeenYet,
	explore.NoteBillNotTold,
}

// add adds a row of an answer to its group. Quantities have a group whatever
// their currency.
func (a *against) add(groups map[string]*ours, m costexplorer.Metric, currency string, r explore.AnswerRow) {
	unit, figure := currency, r.Cost
	if m.Measure == explore.Quantity {
		unit, figure = "", r.Quantity
		if figure.Missing == showback.None("quantity", "") { // tax and the like
			figure.Missing = ""
		}
	}
	names := a.names(r.Keys)
	id := groupID(names, unit)
	g := groups[id]
	if g == nil {
		g = &ours{names: names, unit: cmp.Or(unit, r.Unit)}
		groups[id] = g
	}
	switch {
	case m.Measure == explore.Quantity && r.Unit != "" && g.unit == "":
		g.unit = r.Unit
	case m.Measure == explore.Quantity && r.Unit != "" && g.unit != r.Unit:
		figure.Missing = showback.MixedUnits
	}
	if figure.Missing != "" {
		g.reason = fmt.Sprintf("the store's %s: %s", m.Name, figure.Missing)
		return
	}
	g.amount = g.amount.Add(figure.Value)
}

// theirs adds Cost Explorer's groups up by the name that they are compared by.
func (a *against) theirs(m costexplorer.Metric, p costexplorer.PeriodResult) (map[string]*theirs, error) {
	groups := map[string]*theirs{}
	for _, g := range p.Groups {
		amount, ok := g.Metrics[m.Name]
		if !ok {
			return nil, showback.Errorf(showback.KindInvalid, "read group %q of %s: no %s, which other groups have",
				strings.Join(g.Keys, ", "), a.bound(p.Period.Start), m.Name)
		}
		names := make([]string, len(a.groupings))
		for i, by := range a.groupings {
			var err error
			if names[i], err = by.Theirs(g.Keys[i]); err != nil {
				return nil, err
			}
		}
		unit := amount.Unit
		if m.Measure == explore.Quantity {
			unit = ""
		}
		id := groupID(names, unit)
		t := groups[id]
		if t == nil {
			t = &theirs{unit: amount.Unit, decimals: printedDecimals}
			groups[id] = t
		}
		decimals := max(amount.Decimals, printedDecimals)
		t.keys = append(t.keys, g.Keys)
		t.amount = t.amount.Add(amount.Value)
		t.rounding = t.rounding.Add(showback.NewDecimal(big.NewInt(5), decimals+1))
		t.decimals = max(t.decimals, decimals)
	}
	return groups, nil
}

// comparePeriod compares the groups of a period.
func (a *against) comparePeriod(m costexplorer.Metric, p costexplorer.PeriodResult, their map[string]*theirs, our map[string]*ours) {
	ids := map[string]bool{}
	for id := range their {
		ids[id] = true
	}
	for id := range our {
		ids[id] = true
	}
	for _, id := range slices.Sorted(maps.Keys(ids)) {
		a.out.Comparisons = append(a.out.Comparisons, a.compareGroup(m, p, their[id], our[id]))
	}
}

func (a *against) compareGroup(m costexplorer.Metric, p costexplorer.PeriodResult, t *theirs, o *ours) AgainstComparison {
	c := AgainstComparison{
		Metric: m.Name, Start: a.bound(p.Period.Start), End: a.bound(p.Period.End), Estimated: p.Estimated, Status: Equal,
	}
	var rounding, their, our showback.Decimal
	if t != nil {
		c.Keys, c.Unit, c.CostExplorer = byDefinition(t.keys, len(a.groupings)), t.unit, &t.amount
		their, rounding = t.amount, t.rounding
	}
	if o != nil {
		if t == nil {
			c.Keys, c.Unit = a.spell(o.names), o.unit
		}
		our = o.amount
		if o.reason == "" {
			c.Store = &o.amount
		}
	}
	c.Difference = their.Sub(our)
	switch {
	case o != nil && o.reason != "":
		c.Status, c.Reason, c.Difference = Unchecked, o.reason, showback.Decimal{}
	case c.Difference.IsZero():
	case t != nil && c.Difference.Abs().Cmp(rounding) <= 0:
		c.Digits = int(t.decimals)
	default:
		c.Status = Different
		if c.Reason = a.lacks(p.Period, t); c.Reason != "" {
			c.Status = Unchecked
		}
	}
	return c
}

// byDefinition lists, for each definition, the keys of groups, each once.
func byDefinition(keys [][]string, n int) [][]string {
	out := make([][]string, n)
	for i := range out {
		for _, k := range keys {
			if !slices.Contains(out[i], k[i]) {
				out[i] = append(out[i], k[i])
			}
		}
		slices.Sort(out[i])
	}
	return out
}

func (a *against) spell(names []string) [][]string {
	out := make([][]string, len(names))
	for i, g := range a.groupings {
		out[i] = []string{g.Spell(names[i])}
	}
	return out
}

// lacks says what one of the sides lacks of a period, so that a difference
// proves nothing; empty when neither lacks anything.
func (a *against) lacks(p showback.Period, t *theirs) string {
	if a.Response.Incomplete && (t == nil || len(t.keys) > 1) {
		return "Cost Explorer's answer has another page, which is not in the file"
	}
	for _, month := range p.Months() {
		for _, payer := range a.payers {
			if reason := a.lacksMonth(payer, month, p.End); reason != "" {
				return reason
			}
		}
	}
	return ""
}

// lacksMonth says what the store lacks of a payer's month before end.
func (a *against) lacksMonth(payer string, month showback.Month, end time.Time) string {
	if end.After(month.End()) {
		end = month.End()
	}
	held := false
	for _, d := range a.coverage.Deliveries {
		if d.Payer != payer || d.Month != month {
			continue
		}
		held = true
		switch {
		case !d.Open || !end.After(d.LastDay.AddDate(0, 0, 1)):
		case d.LastDay.IsZero():
			return fmt.Sprintf("the bill of payer %s for %s is open and has no usage yet", payer, month)
		default:
			return fmt.Sprintf("the bill of payer %s for %s is open and has usage to %s", payer, month, dayText(d.LastDay))
		}
	}
	if !held {
		return fmt.Sprintf("the store has no bill of payer %s for %s", payer, month)
	}
	return ""
}
