package explore

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"showback"
)

// Ask answers a question. What the question leaves empty takes its default:
// granularity total, basis unblended, measure cost, scope ai, tag view billed.
//
// A question that cannot be answered is an error: KindInvalid for a word that
// is none, a period that is empty or not of whole days, a key given twice,
// a tag key with too many values to be kept, and spans shorter than what an
// export bills by; KindNotFound for a period without
// any bill. What the asker should know of an answer is in its notes. The total
// of each block is compared with the sum of its charge classes, folded apart:
// a difference is KindInternal and no answer. Errors of the engine keep their
// kind. A question that asks more of a Rest than it tells is KindInvalid too.
func Ask(ctx context.Context, eng Engine, q Question) (*Answer, error) {
	q, err := complete(q)
	if err != nil {
		return nil, err
	}
	cov, err := eng.Coverage(ctx)
	if err != nil {
		return nil, err
	}
	a := &asking{eng: eng, q: q, cov: cov, in: cov.within(q.Period)}
	if err := a.check(); err != nil {
		return nil, err
	}
	a.untold = cov.Refuse(a.billPlan())
	answer := &Answer{Question: q, Version: cov.Version}
	a.fresh(answer)
	if err := a.sums(ctx, answer); err != nil {
		return nil, err
	}
	if answer.Notes, err = a.notes(ctx, answer); err != nil {
		return nil, err
	}
	return answer, nil
}

// asking is a question on its way to an answer.
type asking struct {
	eng Engine
	q   Question
	cov Coverage
	in  []Delivered // of the months that the period touches
	// unpriced has, by currency and cause, the unblended weight of the charges
	// that have no amount on the basis.
	unpriced map[string]map[showback.Missing]weightless
	// untold is why the AI part of the bill can't be told; nil where it can.
	untold error
	// known caches the values of keys, for hints.
	known map[string][]string
}

// weightless are charges without an amount on the basis asked for.
type weightless struct {
	charges   int64
	unblended showback.Decimal
}

// plan returns the question's plan, by other keys, in one span and of the cost
// alone.
func (a *asking) plan(filter Expr, by ...Key) Plan {
	return Plan{
		Period: a.q.Period, Granularity: Total, By: by, Filter: filter,
		Basis: a.q.Basis, Classes: a.q.Classes, Scope: a.q.Scope, TagView: a.q.TagView,
		Measures: []Measure{},
	}
}

// filter returns the question's filter and its access filter together.
func (a *asking) filter() Expr { return both(a.q.Filter, a.q.Access) }

// fresh says how far the period is billed.
func (a *asking) fresh(answer *Answer) {
	final := a.q.Period.End.Add(-day)
	for _, d := range a.in {
		answer.Open = answer.Open || d.Open
		if d.LastDay.IsZero() || d.FirstDay.After(final) || d.LastDay.Before(a.q.Period.Start) {
			continue
		}
		last := d.LastDay
		if last.After(final) {
			last = final
		}
		if last.After(answer.BilledTo) {
			answer.BilledTo = last
		}
	}
	if slices.Contains([]Granularity{Hourly, Daily, Weekly}, a.q.Granularity) {
		answer.incomplete = a.incomplete()
	}
}

// incomplete returns the days of the period that AWS still adds to, in order:
// the last two billed days of each payer whose last month is open.
func (a *asking) incomplete() []time.Time {
	var days []time.Time
	for _, d := range a.cov.latest() {
		for _, at := range []time.Time{d.LastDay.UTC().Add(-day), d.LastDay.UTC()} {
			if d.Open && a.q.Period.Contains(at) && !at.Before(d.FirstDay) && !slices.Contains(days, at) {
				days = append(days, at)
			}
		}
	}
	slices.SortFunc(days, time.Time.Compare)
	return days
}

// mainPlan is the plan of the answer's rows.
func (a *asking) mainPlan() Plan {
	plan := a.plan(a.filter(), a.q.By...)
	plan.Granularity, plan.Measures = a.q.Granularity, a.q.carried()
	return plan
}

// billPlan is the plan of the AI part beside the whole bill of the payers and
// days asked.
func (a *asking) billPlan() Plan {
	return Plan{
		Period: a.q.Period, Granularity: Total, By: []Key{named("scope")},
		Filter: both(payerTerms(a.q.Filter), a.q.Access),
		Basis:  showback.Unblended, Scope: ScopeAll, TagView: a.q.TagView, Measures: []Measure{},
	}
}

// sums runs the plans of the question: its rows, its charge classes, and the AI
// part of the bill.
func (a *asking) sums(ctx context.Context, answer *Answer) error {
	main := a.mainPlan()
	plans := []Plan{main, a.plan(a.filter(), named("charge-class"))}
	if a.billTold() {
		plans = append(plans, a.billPlan())
	}
	sums, err := RunAll(ctx, a.eng, plans)
	if err != nil {
		return err
	}
	if err := a.blocks(answer, main, sums[0], sums[1]); err != nil {
		return err
	}
	if !a.billTold() {
		return nil
	}
	return bill(answer, sums[2])
}

// billTold reports that the AI part of the bill can be told.
func (a *asking) billTold() bool { return a.untold == nil }

// groups returns the groups of each currency that the main plan's rows make.
func (a *asking) groups(plan Plan, rows []Row) (map[string][]group, error) {
	groups := map[string][]group{}
	for _, r := range rows {
		if len(r.Keys) != len(plan.By) {
			return nil, showback.Errorf(showback.KindInternal, "ask: a row has %d keys, want %d", len(r.Keys), len(plan.By))
		}
		index := spanIndex(plan.Period, plan.Granularity, r.Start)
		groups[r.Currency] = append(groups[r.Currency], group{index: index, span: spanAt(plan.Period, plan.Granularity, index), keys: r.Keys, now: tallyOf(r)})
		a.weigh(r)
	}
	return groups, nil
}

// blocks sets the blocks of the answer, from the rows of the main plan and those
// by charge class.
func (a *asking) blocks(answer *Answer, main Plan, rows, byClass []Row) (err error) {
	if answer.groups, err = a.groups(main, rows); err != nil {
		return err
	}
	totals := map[string]tally{}
	for currency, groups := range answer.groups {
		totals[currency] = sum(groups)
	}
	classes, err := classesOf(byClass, totals)
	if err != nil {
		return err
	}
	for _, currency := range currenciesOf(totals) {
		answer.Blocks = append(answer.Blocks, Block{
			Currency: currency,
			Rows:     answer.rows(currency),
			Total:    totals[currency].figures(a.q.asked()),
			Classes:  classes[currency],
		})
	}
	return nil
}

// weigh keeps what a row without an amount weighs.
func (a *asking) weigh(r Row) {
	if r.CostMissing == "" {
		return
	}
	if a.unpriced == nil {
		a.unpriced = map[string]map[showback.Missing]weightless{}
	}
	if a.unpriced[r.Currency] == nil {
		a.unpriced[r.Currency] = map[showback.Missing]weightless{}
	}
	w := a.unpriced[r.Currency][r.CostMissing]
	w.charges += r.Charges
	w.unblended = w.unblended.Add(r.Unblended)
	a.unpriced[r.Currency][r.CostMissing] = w
}

// currenciesOf orders currencies by how many charges they have, most first.
func currenciesOf(totals map[string]tally) []string {
	return slices.SortedFunc(maps.Keys(totals), func(a, b string) int {
		return cmp.Or(cmp.Compare(totals[b].charges, totals[a].charges), cmp.Compare(a, b))
	})
}

// classesOf adds up the rows by charge class and compares their sums with totals.
func classesOf(rows []Row, totals map[string]tally) (map[string][]ClassTotal, error) {
	sums := map[string]map[showback.ChargeClass]*tally{}
	check := map[string]tally{}
	for _, r := range rows {
		class := showback.ChargeClass(r.Keys[0].Text)
		if r.Keys[0].Missing != "" || !slices.Contains(showback.ChargeClasses, class) {
			return nil, showback.Errorf(showback.KindInternal, "ask: charge class %q is none", r.Keys[0])
		}
		if sums[r.Currency] == nil {
			sums[r.Currency] = map[showback.ChargeClass]*tally{}
		}
		if sums[r.Currency][class] == nil {
			sums[r.Currency][class] = &tally{}
		}
		t := tallyOf(r)
		sums[r.Currency][class].add(t)
		all := check[r.Currency]
		all.add(t)
		check[r.Currency] = all
	}
	if err := sameTotals(totals, check); err != nil {
		return nil, err
	}
	out := map[string][]ClassTotal{}
	for currency, byClass := range sums {
		for _, class := range showback.ChargeClasses {
			if t := byClass[class]; t != nil {
				f := t.all().Cost
				out[currency] = append(out[currency], ClassTotal{Class: class, Cost: f.Value, Missing: f.Missing})
			}
		}
	}
	return out, nil
}

// sameTotals reports a currency in which the rows and the classes differ.
func sameTotals(rows, classes map[string]tally) error {
	all := currenciesOf(rows)
	for _, c := range currenciesOf(classes) {
		if _, found := rows[c]; !found {
			all = append(all, c)
		}
	}
	for _, c := range all {
		if r, k := rows[c], classes[c]; r.charges != k.charges || !r.cost.Equal(k.cost) {
			return showback.WithHint(showback.Errorf(showback.KindInternal,
				"ask: the rows hold %s %s in %d charges, the charge classes %s %s in %d", r.cost, c, r.charges, k.cost, c, k.charges),
				"this is a fault of showback: compare with showback reconcile and report it")
		}
	}
	return nil
}

// bill sets the AI part beside the whole bill, from the rows of billPlan.
func bill(answer *Answer, rows []Row) error {
	lines, order := map[string]*BillLine{}, map[string]tally{}
	for _, r := range rows {
		if lines[r.Currency] == nil {
			lines[r.Currency] = &BillLine{Currency: r.Currency}
		}
		line, t := lines[r.Currency], order[r.Currency]
		t.add(tallyOf(r))
		order[r.Currency] = t
		line.All = line.All.Add(r.Cost)
		switch r.Keys[0] {
		case Value{Text: ValueAI}:
			line.AI = line.AI.Add(r.Cost)
		case Value{Text: ValueNotAI}:
		default:
			return showback.Errorf(showback.KindInternal, "ask: scope %q is none", r.Keys[0])
		}
	}
	for _, currency := range currenciesOf(order) {
		answer.Bill = append(answer.Bill, *lines[currency])
	}
	return nil
}
