package callers

import (
	"cmp"
	"context"
	"slices"

	"showback"
	"showback/internal/explore"
)

// Amount is an exact sum in one currency.
type Amount struct {
	Currency string           `json:"currency"`
	Cost     showback.Decimal `json:"cost"` // unblended
}

// Spend has one amount for each currency, in order of currency.
type Spend []Amount

// add returns the spend with an amount more.
func (s Spend) add(currency string, cost showback.Decimal) Spend {
	at, found := slices.BinarySearchFunc(s, currency, func(a Amount, c string) int { return cmp.Compare(a.Currency, c) })
	if found {
		s[at].Cost = s[at].Cost.Add(cost)
		return s
	}
	return slices.Insert(s, at, Amount{currency, cost})
}

func (s Spend) plus(t Spend) Spend {
	for _, a := range t {
		s = s.add(a.Currency, a.Cost)
	}
	return s
}

// in returns the amount in a currency; 0 where there is none.
func (s Spend) in(currency string) showback.Decimal {
	for _, a := range s {
		if a.Currency == currency {
			return a.Cost
		}
	}
	return showback.Decimal{}
}

// ranking orders by spend, the largest first. Currencies are not compared: the
// dollars decide, and among equals the other currencies in their order.
func ranking(all ...Spend) func(a, b Spend) int {
	currencies := []string{"USD"}
	for _, s := range all {
		for _, a := range s {
			if !slices.Contains(currencies, a.Currency) {
				currencies = append(currencies, a.Currency)
			}
		}
	}
	slices.Sort(currencies[1:])
	return func(a, b Spend) int {
		for _, c := range currencies {
			if order := b.in(c).Cmp(a.in(c)); order != 0 {
				return order
			}
		}
		return 0
	}
}

// Billed returns the period that all bills of the store cover; empty where
// there is none.
func Billed(cov explore.Coverage) showback.Period {
	var p showback.Period
	for _, d := range cov.Deliveries {
		if p.Start.IsZero() || d.Month.Start().Before(p.Start) {
			p.Start = d.Month.Start()
		}
		if end := d.Month.End(); end.After(p.End) {
			p.End = end
		}
	}
	return p
}

var (
	principalKey = explore.Key{Name: "principal", Typed: "principal"}
	sessionKey   = explore.Key{Name: "session", Typed: "session"}
	modelKey     = explore.Key{Name: "model", Typed: "model"}
)

// hasCaller passes the charges that a caller made.
var hasCaller explore.Expr = explore.Not{Term: explore.Absent{Key: principalKey}}

// group is one row of an answer.
type group struct {
	values []explore.Value
	spend  Amount
}

// ask sums the AI spend of callers. A period without a bill has none.
func ask(ctx context.Context, eng explore.Engine, p showback.Period, by ...explore.Key) ([]group, error) {
	if p.Empty() {
		return nil, nil
	}
	answer, err := explore.Ask(ctx, eng, explore.Question{Period: p, Granularity: explore.Total, By: by, Filter: hasCaller})
	switch {
	case showback.KindOf(err) == showback.KindNotFound:
		return nil, nil
	case err != nil:
		return nil, err
	}
	var all []group
	for _, b := range answer.Blocks {
		for _, r := range b.Rows {
			if r.Cost.Missing != "" {
				return nil, showback.Errorf(showback.KindInternal, "ask for the spend of callers: a row has no cost: %s", r.Cost.Missing)
			}
			all = append(all, group{r.Keys, Amount{b.Currency, r.Cost.Value}})
		}
	}
	return all, nil
}
