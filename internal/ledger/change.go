package ledger

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"showback"
	"showback/internal/tag"
)

// Change is what one service or one caller costs in a month's new delivery
// against the one before, unblended.
type Change struct {
	Payer    string         `json:"payer"`
	Month    showback.Month `json:"month"`
	By       string         `json:"by"`    // "service" or "caller"; "total" for the whole month
	Value    string         `json:"value"` // service name, ARN as billed; empty for no caller
	Currency string         `json:"currency"`

	Before showback.Decimal `json:"before"`
	After  showback.Decimal `json:"after"`
}

type changeKey struct{ by, value, currency string }

// compare returns what differs between two segments of the same month: the
// total first, then services and callers, the largest difference first.
func (tx *Tx) compare(ctx context.Context, before, after *Segment) ([]Change, error) {
	// Of the rest nobody knows the callers: then those of AI are compared alone.
	all := (before.Rest == nil || !before.Rest.Callers) && (after.Rest == nil || !after.Rest.Callers)
	old, err := tx.costs(ctx, before, all)
	if err != nil {
		return nil, err
	}
	now, err := tx.costs(ctx, after, all)
	if err != nil {
		return nil, err
	}
	var changes []Change
	for k := range now {
		if _, ok := old[k]; !ok {
			old[k] = showback.Decimal{}
		}
	}
	for k, b := range old {
		if a := now[k]; !a.Equal(b) {
			changes = append(changes, Change{after.Payer, after.Month, k.by, k.value, k.currency, b, a})
		}
	}
	order := []string{"total", "service", "caller"}
	slices.SortFunc(changes, func(a, b Change) int {
		if d := slices.Index(order, a.By) - slices.Index(order, b.By); d != 0 {
			return d
		}
		if d := b.After.Sub(b.Before).Abs().Cmp(a.After.Sub(a.Before).Abs()); d != 0 {
			return d
		}
		return strings.Compare(a.Value+a.Currency, b.Value+b.Currency)
	})
	return changes, nil
}

// costs sums a segment by service and by caller: of all charges, or of those that
// are AI.
func (tx *Tx) costs(ctx context.Context, seg *Segment, allCallers bool) (map[changeKey]showback.Decimal, error) {
	if err := tx.w.attach(ctx, filepath.Join(tx.store.dir, filepath.FromSlash(seg.File)), "other", true); err != nil {
		return nil, fmt.Errorf("read %s: %w", seg.File, err)
	}
	sums := map[changeKey]showback.Decimal{}
	add := func(by, value string, currency int32, hi, rest string) error {
		cost, err := fromPair(hi, rest)
		k := changeKey{by, value, tx.dims.currencies[currency-1]}
		sums[k] = sums[k].Add(cost)
		return err
	}
	const pairSum = "currency_id, sum(unblended_hi)::VARCHAR, sum(unblended_rest)::VARCHAR"
	err := tx.w.each(ctx, "SELECT meter_id, "+pairSum+" FROM ("+seg.sums("other", "meter_id, currency_id, unblended_hi, unblended_rest")+") GROUP BY ALL", func(scan func(...any) error) error {
		var meterID, currency int32
		var hi, rest string
		if err := scan(&meterID, &currency, &hi, &rest); err != nil {
			return err
		}
		if err := add("total", "", currency, hi, rest); err != nil {
			return err
		}
		return add("service", tx.dims.meanings[meterID-1].Service, currency, hi, rest)
	})
	if err == nil {
		err = tx.w.each(ctx, "SELECT coalesce(c.arn, ''), meter_id, "+pairSum+" FROM ("+seg.sums("other", "caller_id, meter_id, currency_id, unblended_hi, unblended_rest")+
			") LEFT JOIN other.caller c USING (caller_id) GROUP BY ALL", func(scan func(...any) error) error {
			var arn, hi, rest string
			var meterID, currency int32
			if err := scan(&arn, &meterID, &currency, &hi, &rest); err != nil {
				return err
			}
			if !allCallers && !tx.dims.meanings[meterID-1].AI {
				return nil
			}
			return add("caller", arn, currency, hi, rest)
		})
	}
	if detached := tx.w.detach(ctx, "other"); err == nil {
		err = detached
	}
	return sums, err
}

// firstDays returns the first day of each tag key, given those of tag sets.
func (d *dims) firstDays(days map[int32]string) (map[string]string, error) {
	first := map[string]string{}
	for id, day := range days {
		set, err := tag.FromCanonical(d.tagsets[id-1])
		if err != nil {
			return nil, fmt.Errorf("tag set %d: %w", id, err)
		}
		for key := range set {
			if have, ok := first[key.String()]; !ok || day < have {
				first[key.String()] = day
			}
		}
	}
	return first, nil
}
