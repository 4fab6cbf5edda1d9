package ledger

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"slices"

	"showback"
)

// chargeKey is what two exports of one payer and month overlap by, when both
// have charges of it.
type chargeKey struct {
	account    int32 // 0 for none
	product    string
	chargeType int32
}

// holding is what a segment holds of each key: unblended, by currency.
type holding struct {
	accounts bool // the export has usage accounts
	costs    map[chargeKey]map[string]showback.Decimal
}

// holding reads what a segment holds of each key.
func (tx *Tx) holding(ctx context.Context, seg *Segment) (*holding, error) {
	if have, ok := tx.holdings[seg.File]; ok {
		return have, nil
	}
	h := &holding{accounts: seg.AccountColumn, costs: map[chargeKey]map[string]showback.Decimal{}}
	fault := func(err error) error {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		return showback.WithHint(fmt.Errorf("read %s, to see what exports share: %w", seg.File, err), "see what is damaged: showback check")
	}
	if err := tx.w.attach(ctx, filepath.Join(tx.store.dir, filepath.FromSlash(seg.File)), "other", true); err != nil {
		return nil, fault(err)
	}
	err := tx.w.each(ctx, "SELECT account_id, meter_id, charge_type_id, currency_id, sum(unblended_hi)::VARCHAR, sum(unblended_rest)::VARCHAR"+
		" FROM ("+seg.sums("other", "account_id, meter_id, charge_type_id, currency_id, unblended_hi, unblended_rest")+") GROUP BY ALL", func(scan func(...any) error) error {
		var k chargeKey
		var meterID, currencyID int32
		var hi, rest string
		if err := scan(&k.account, &meterID, &k.chargeType, &currencyID, &hi, &rest); err != nil {
			return err
		}
		cost, err := fromPair(hi, rest)
		k.product = tx.dims.meters[meterID-1].ProductCode
		h.add(k, tx.dims.currencies[currencyID-1], cost)
		return err
	})
	if detached := tx.w.detach(context.WithoutCancel(ctx), "other"); err == nil {
		err = detached
	}
	if err != nil {
		return nil, fault(err)
	}
	tx.holdings[seg.File] = h
	return h, nil
}

func (h *holding) add(k chargeKey, currency string, cost showback.Decimal) {
	if h.costs[k] == nil {
		h.costs[k] = map[string]showback.Decimal{}
	}
	h.costs[k][currency] = h.costs[k][currency].Add(cost)
}

// withoutAccounts returns the holding as an export without usage accounts has it.
func (h *holding) withoutAccounts() *holding {
	folded := &holding{costs: map[chargeKey]map[string]showback.Decimal{}}
	for k, costs := range h.costs {
		k.account = 0
		for currency, cost := range costs {
			folded.add(k, currency, cost)
		}
	}
	return folded
}

// alike returns both holdings by keys that both exports can tell: where
// one does not say whose usage it is, any account's may be meant.
func alike(a, b *holding) (*holding, *holding) {
	if a.accounts != b.accounts {
		return a.withoutAccounts(), b.withoutAccounts()
	}
	return a, b
}

// overlap reports whether both hold charges of a key, whatever they cost.
func (h *holding) overlap(other *holding) bool {
	a, b := alike(h, other)
	for k := range a.costs {
		if _, shared := b.costs[k]; shared {
			return true
		}
	}
	return false
}

// Overlap is a month of a payer of which exports hold the same charges, where
// no rule says which of them counts.
type Overlap struct {
	Payer  string         `json:"payer"`
	Month  showback.Month `json:"month"`
	Rivals []Rival        `json:"rivals"` // by name; each overlaps with another
	// Equal reports that the rivals' unblended totals are the same in each
	// currency.
	Equal bool `json:"equal"`
	// Choice are the exports that are best preferred: one, or several that do
	// not overlap with one another.
	Choice []string `json:"choice"`
}

// Rival is one export of an overlap.
type Rival struct {
	Segment
	// Counts reports that the ledger counts the month of this export today.
	Counts bool `json:"counts"`
	// Against is the export of Choice that it would yield to; empty for one of
	// those. The parts are relative to it.
	Against string `json:"against,omitempty"`
	Lacks   Part   `json:"lacks"` // what only Against has
	Extra   Part   `json:"extra"` // what only this one has
	// Differ is by how much the charges of keys that both have cost more here,
	// by currency, where they do.
	Differ []Cost `json:"differ"`
}

// Part is the charges of some keys.
type Part struct {
	Keys     int      `json:"keys"`
	Products []string `json:"products"` // codes of the keys' products, the costliest first
	Cost     []Cost   `json:"cost"`     // unblended, by currency
}

// Cost is an amount of one currency.
type Cost struct {
	Currency string           `json:"currency"`
	Amount   showback.Decimal `json:"amount"`
}

func noPart() Part { return Part{Products: []string{}, Cost: []Cost{}} }

// rivals makes an Overlap of segments of one place that no rule settles.
func (tx *Tx) rivals(ctx context.Context, open []Segment) (*Overlap, error) {
	o := &Overlap{Payer: open[0].Payer, Month: open[0].Month, Choice: []string{}}
	holdings := make([]*holding, len(open))
	for i := range open {
		h, err := tx.holding(ctx, &open[i])
		if err != nil {
			return nil, err
		}
		holdings[i] = h
		o.Rivals = append(o.Rivals, Rival{Segment: open[i], Counts: tx.base.counts(open[i].Key()),
			Lacks: noPart(), Extra: noPart(), Differ: []Cost{}})
	}
	left := make([]int, len(open))
	for i := range left {
		left[i] = i
	}
	o.Equal = o.sameTotals(left)
	// The best is preferred, what overlaps with it yields, and so on.
	for len(left) > 0 {
		best := o.best(left, holdings)
		name := o.Rivals[best].Export
		o.Choice = append(o.Choice, name)
		left = slices.DeleteFunc(left, func(i int) bool {
			if i != best && !holdings[best].overlap(holdings[i]) {
				return false
			}
			if i != best {
				o.Rivals[i].Against = name
				o.Rivals[i].compare(holdings[i], holdings[best])
			}
			return true
		})
	}
	return o, nil
}

// best chooses one of the rivals. Those whose keys are all that the others have
// are preferred to a part of the bill. Where the totals of what is left agree it
// is one with callers, of those the one made last; where they do not, it is
// what counts today.
func (o *Overlap) best(among []int, holdings []*holding) int {
	if !o.sameTotals(among) {
		whole := slices.DeleteFunc(slices.Clone(among), func(i int) bool {
			return slices.ContainsFunc(among, func(j int) bool { return !holdings[i].holdsAll(holdings[j]) })
		})
		if len(whole) > 0 {
			among = whole
		}
	}
	agree := o.sameTotals(among)
	return slices.MaxFunc(among, func(i, j int) int {
		a, b := &o.Rivals[i], &o.Rivals[j]
		today := 0
		if !agree {
			today = order(a.Counts, b.Counts)
		}
		return cmp.Or(today, order(a.CallerColumn, b.CallerColumn), a.Delivery.Made.Compare(b.Delivery.Made), cmp.Compare(b.Export, a.Export))
	})
}

func (o *Overlap) sameTotals(among []int) bool {
	first := &o.Rivals[among[0]]
	return !slices.ContainsFunc(among, func(i int) bool {
		return !slices.EqualFunc(first.Totals, o.Rivals[i].Totals, func(s, t Totals) bool {
			return s.Currency == t.Currency && s.Amounts[showback.Unblended].Equal(t.Amounts[showback.Unblended])
		})
	})
}

// order sets false before true.
func order(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

// holdsAll reports whether h has every key of other.
func (h *holding) holdsAll(other *holding) bool {
	a, b := alike(h, other)
	for k := range b.costs {
		if _, ok := a.costs[k]; !ok {
			return false
		}
	}
	return true
}

// compare says how the rival's charges differ from those of the export that it
// would yield to.
func (r *Rival) compare(own, against *holding) {
	a, b := alike(own, against)
	differ := map[string]showback.Decimal{}
	lacks, extra := map[chargeKey]bool{}, map[chargeKey]bool{}
	for k, costs := range b.costs {
		if _, ok := a.costs[k]; !ok {
			lacks[k] = true
			continue
		}
		for currency, cost := range costs {
			differ[currency] = differ[currency].Sub(cost)
		}
		for currency, cost := range a.costs[k] {
			differ[currency] = differ[currency].Add(cost)
		}
	}
	for k := range a.costs {
		if _, ok := b.costs[k]; !ok {
			extra[k] = true
		}
	}
	r.Lacks, r.Extra, r.Differ = b.part(lacks), a.part(extra), costsOf(differ)
}

// part sums some keys.
func (h *holding) part(keys map[chargeKey]bool) Part {
	all, products := map[string]showback.Decimal{}, map[string]showback.Decimal{}
	for k := range keys {
		for currency, cost := range h.costs[k] {
			all[currency] = all[currency].Add(cost)
			// Currencies are mixed here to put products in an order, no more.
			products[k.product] = products[k.product].Add(cost.Abs())
		}
	}
	names := slices.SortedFunc(maps.Keys(products), func(a, b string) int {
		return cmp.Or(products[b].Cmp(products[a]), cmp.Compare(a, b))
	})
	return Part{Keys: len(keys), Products: append([]string{}, names...), Cost: costsOf(all)}
}

// costsOf lists the sums that are not 0, by currency.
func costsOf(sums map[string]showback.Decimal) []Cost {
	costs := []Cost{}
	for _, currency := range slices.Sorted(maps.Keys(sums)) {
		if !sums[currency].IsZero() {
			costs = append(costs, Cost{currency, sums[currency]})
		}
	}
	return costs
}
