package reconcile

import (
	"context"
	"maps"
	"slices"

	"showback"
	"showback/internal/explore"
)

// Ledger says what the ledger holds.
type Ledger interface {
	// Sums returns the sums of all charges of the month on the basis, of every
	// payer. A key may come several times, once for each Missing.
	Sums(ctx context.Context, month showback.Month, basis showback.Basis) ([]Sum, error)
}

// Sum is what the ledger holds of one key on one basis.
type Sum struct {
	Key
	Charges int64
	Cost    showback.Decimal
	// Missing says why the charges have no amount: showback.NotAvailable or
	// showback.NoListPrice. Empty for charges that have one.
	Missing showback.Missing
}

// EngineLedger asks an engine, which must answer from one version of the ledger
// throughout.
type EngineLedger struct{ Engine explore.Engine }

// Sums implements Ledger.
func (l EngineLedger) Sums(ctx context.Context, month showback.Month, basis showback.Basis) ([]Sum, error) {
	// A charge counts inside its billing period whatever its usage time, so
	// the days of a month are the charges of that month.
	rows, err := l.Engine.Run(ctx, explore.Plan{
		Period:      month.Period(),
		Granularity: explore.Total,
		By:          []explore.Key{key("payer"), key("month"), key("service"), key("charge-type")},
		Basis:       basis,
		Scope:       explore.ScopeAll,
		TagView:     explore.TagsBilled,
		Measures:    []explore.Measure{explore.Cost},
	})
	if err != nil {
		return nil, showback.Errorf(showback.KindOf(err), "sum %s of %s: %w", basis, month, err)
	}
	sums := make([]Sum, 0, len(rows))
	for _, r := range rows {
		sums = append(sums, Sum{
			Key: Key{
				Payer:      r.Keys[0].Text,
				Month:      showback.Month(r.Keys[1].Text),
				Service:    r.Keys[2].Text,
				ChargeType: r.Keys[3].Text,
				Currency:   r.Currency,
			},
			Charges: r.Charges,
			Cost:    r.Cost,
			Missing: r.CostMissing,
		})
	}
	return sums, nil
}

func key(name string) explore.Key { return explore.Key{Name: name, Typed: name} }

// side is the ledger's figures of one or several months: by key, then by the
// index of the basis in showback.Bases.
type side map[Key][]*Figure

// readSide asks the ledger for every basis of the months.
func readSide(ctx context.Context, ledger Ledger, months []showback.Month) (side, error) {
	s := side{}
	for _, month := range months {
		for i, basis := range showback.Bases {
			sums, err := ledger.Sums(ctx, month, basis)
			if err != nil {
				return nil, err
			}
			for _, sum := range sums {
				s.add(sum, i)
			}
		}
	}
	return s, nil
}

func (s side) add(sum Sum, basis int) {
	figures := s[sum.Key]
	if figures == nil {
		figures = make([]*Figure, len(showback.Bases))
		s[sum.Key] = figures
	}
	f := figures[basis]
	if f == nil {
		f = &Figure{}
		figures[basis] = f
	}
	switch sum.Missing {
	case "":
		f.Carried = true
		f.Lines += sum.Charges
		f.Amount = f.Amount.Add(sum.Cost)
	case showback.NoListPrice:
		f.Carried = true
		f.Blank += sum.Charges
	default:
		f.Blank += sum.Charges
	}
}

func sortedMonths(months map[showback.Month]bool) []showback.Month {
	return slices.Sorted(maps.Keys(months))
}
