package explore

import (
	"context"
	"slices"
	"sync"
	"time"

	"showback"
)

// Engine answers plans over the committed charges of one version of the
// ledger. Methods are safe for concurrent use.
type Engine interface {
	// Coverage describes what the ledger holds, without reading charges.
	Coverage(ctx context.Context) (Coverage, error)
	// Run sums the charges that the plan selects. Rows come in no particular
	// order; each combination of span, keys, currency and CostMissing occurs once.
	Run(ctx context.Context, p Plan) ([]Row, error)
	// Values lists the distinct values of a key over the charges that the
	// plan's period, scope, classes and filter select, at most limit: the
	// largest unblended sum first (a plain number, whatever the currency, since
	// it only ranks), ties in byte order. By and Basis of the plan are ignored.
	Values(ctx context.Context, p Plan, key Key, limit int) ([]string, error)
}

// Batcher is an engine that runs several plans at once, for less than one after
// the other.
type Batcher interface {
	Engine
	// RunAll is Run for each of the plans; its rows are in their order.
	RunAll(ctx context.Context, plans []Plan) ([][]Row, error)
}

// RunAll runs the plans on the engine, all at once where it can do that, else
// side by side. The first error ends them all, and none runs any more when it
// returns.
func RunAll(ctx context.Context, eng Engine, plans []Plan) ([][]Row, error) {
	if b, ok := eng.(Batcher); ok {
		return b.RunAll(ctx, plans)
	}
	all := make([][]Row, len(plans))
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var wg sync.WaitGroup
	for i, p := range plans {
		wg.Go(func() {
			rows, err := eng.Run(ctx, p)
			if err != nil {
				cancel(err) // the first one; what it ends says the same
				return
			}
			all[i] = rows
		})
	}
	wg.Wait()
	return all, context.Cause(ctx)
}

// Plan is what an engine is asked to sum: a question stripped of presentation.
type Plan struct {
	Period      showback.Period
	Granularity Granularity
	By          []Key
	Filter      Expr // the question's filter and its access filter together; nil for none
	Basis       showback.Basis
	Classes     []showback.ChargeClass
	Scope       Scope
	TagView     TagView
	// Measures are those that the rows must carry besides cost, which they
	// always do: Tokens (and TokenCost; UnitCost asks for the same), Quantity
	// (with its unit). Nil means all; figures that were not asked are zero.
	Measures []Measure
}

// Carries reports whether the rows of the plan must carry the measure.
func (p Plan) Carries(m Measure) bool {
	return p.Measures == nil || m == Cost || slices.Contains(p.Measures, m) || m == Tokens && slices.Contains(p.Measures, UnitCost)
}

// Value is a key's value on a row: Text when Missing is empty.
type Value struct {
	Text    string
	Missing showback.Missing
}

// Row is one group of charges, summed exactly.
type Row struct {
	Start    time.Time // first instant of the span; the period's start for Total
	Keys     []Value   // one for each key of the plan
	Currency string
	Charges  int64 // how many charges
	// Cost is the sum on the plan's basis. Where CostMissing is set the
	// charges have no amount on that basis and Cost is 0: NotAvailable when
	// their delivery does not carry it, NoListPrice for a blank list price.
	Cost        showback.Decimal
	CostMissing showback.Missing
	// Unblended is the sum on the unblended basis, to say how much the
	// charges without an amount weigh.
	Unblended showback.Decimal
	// Tokens is the sum of quantity × multiplier, and TokenCost that of the
	// cost, over charges that count tokens: ChargeType.Counts and a multiplier.
	// HasTokens is false when there is none.
	Tokens    showback.Decimal
	TokenCost showback.Decimal
	HasTokens bool
	// Quantity is the sum of billed quantities over charges whose type counts,
	// Unit their one unit; Units says how many different units there are: the
	// sum means something only when it is 1.
	Quantity showback.Decimal
	Unit     string
	Units    int
}

// Coverage is what a version of the ledger holds.
type Coverage struct {
	Version    int
	Deliveries []Delivered
}

// Delivered describes the current delivery of one (payer, export, month).
type Delivered struct {
	Payer     string
	PayerName string
	Export    string
	Month     showback.Month
	Charges   int64
	// Bases are those that the delivery carries.
	Bases        []showback.Basis
	CallerColumn bool
	// Hourly reports that some usage is shorter than a day: there are hours to
	// ask by.
	Hourly bool
	// Monthly reports that there is usage and all of it is longer than a day:
	// there are no days to ask by.
	Monthly bool
	// Open reports a non-zero Anniversary charge without invoice; a charge
	// without bill type is taken for one.
	Open bool
	// FirstDay and LastDay are the first and last day, both inclusive, on which
	// usage counts; zero when the delivery has no usage.
	FirstDay, LastDay time.Time
	// TagKeys maps each tag key of the delivery to the first day on which a
	// charge carries it.
	TagKeys map[showback.TagKey]time.Time
	// WideKeys are tag keys with too many values to keep: asking by one is an
	// error that names it.
	WideKeys []showback.TagKey
	// Currencies of the delivery, sorted.
	Currencies []string
	// Rejects are lines of the delivery that could not be read and are in no
	// answer: RejectCost what they would have cost, unblended, by currency, of
	// those whose amount could be read, RejectsUnpriced how many could not.
	Rejects         int64
	RejectCost      map[string]showback.Decimal
	RejectsUnpriced int64
	// BlankNet is how many charges have a blank net amount, counted as 0.
	BlankNet int64
	// Late is how many usage charges count on another day than their own,
	// which lies outside the month.
	Late int64
	// Rest is what the delivery holds as sums alone; nil where it holds every
	// charge. Charges counts both.
	Rest *Rest
}

// FirstSeen returns, for each payer, the first day on which the key appears in
// any delivery of that payer.
func (c Coverage) FirstSeen(key showback.TagKey) map[string]time.Time {
	first := map[string]time.Time{}
	for _, d := range c.Deliveries {
		day, ok := d.TagKeys[key]
		if !ok {
			continue
		}
		if have, seen := first[d.Payer]; !seen || day.Before(have) {
			first[d.Payer] = day
		}
	}
	return first
}
