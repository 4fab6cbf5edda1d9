package ledger

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"showback"
)

// Unknown is an AI meter that no rule knows, with what it cost.
type Unknown struct {
	Meter    showback.Meter
	Charges  int64
	Currency string
	Cost     showback.Decimal // unblended

	id int32 // of the meter
}

// unknownOf sums the facts of AI meters that no rule knows.
func (b *build) unknownOf(ctx context.Context) error {
	var ids []string
	for i, g := range b.dims.meanings {
		if g.AI && !g.Known {
			ids = append(ids, fmt.Sprint(i+1))
		}
	}
	if len(ids) == 0 {
		return nil
	}
	return b.w.each(ctx, "SELECT f.meter_id, c.value, count(*), sum(f.unblended_hi)::VARCHAR, sum(f.unblended_rest)::VARCHAR FROM seg.fact f"+
		" JOIN currency_map c ON c.id = f.currency_id WHERE f.meter_id IN ("+strings.Join(ids, ", ")+") GROUP BY 1, 2 ORDER BY 1, 2", func(scan func(...any) error) error {
		var u Unknown
		var hi, rest string
		if err := scan(&u.id, &u.Currency, &u.Charges, &hi, &rest); err != nil {
			return err
		}
		cost, err := fromPair(hi, rest)
		u.Meter, u.Cost = b.dims.meters[u.id-1], cost
		b.unknown = append(b.unknown, u)
		return err
	})
}

// addUnknown adds up what the segments of a delivery have of each meter.
func addUnknown(all []Unknown, more []Unknown) []Unknown {
	for _, u := range more {
		at, found := slices.BinarySearchFunc(all, u, func(a, b Unknown) int {
			return cmp.Or(cmp.Compare(a.id, b.id), cmp.Compare(a.Currency, b.Currency))
		})
		if found {
			all[at].Charges, all[at].Cost = all[at].Charges+u.Charges, all[at].Cost.Add(u.Cost)
		} else {
			all = slices.Insert(all, at, u)
		}
	}
	return all
}
