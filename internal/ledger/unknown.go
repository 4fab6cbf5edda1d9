package ledger

import (
	"context"
	"fmt"
	"strings"

	"showback"
	"showback/internal/source"
)

// Unknown is an AI meter that no rule knows, with what it cost.
type Unknown struct {
	Meter    showback.Meter
	Charges  int64
	Currency string
	Cost     showback.Decimal // unblended
}

// unknown sums the staged lines of AI meters that no rule knows.
func (tx *Tx) unknown(ctx context.Context) ([]Unknown, error) {
	var ids []string
	for i, g := range tx.dims.meanings {
		if g.AI && !g.Known {
			ids = append(ids, fmt.Sprint(i+1))
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	var all []Unknown
	err := tx.w.each(ctx, "SELECT m.meter_id, s."+string(source.Currency)+", count(*), "+exactSums(basisExpr(showback.Unblended))+" FROM "+stageTable+" s "+
		meterJoin()+" JOIN meter_map m ON m.base_id = b.base_id AND m.rate = "+rateOfAI+" AND m.description = "+descriptionOfAI+
		" WHERE s.reject IS NULL AND m.meter_id IN ("+strings.Join(ids, ", ")+") GROUP BY 1, 2 ORDER BY 1, 2", func(scan func(...any) error) error {
		var id int32
		var u Unknown
		var whole, fraction string
		if err := scan(&id, &u.Currency, &u.Charges, &whole, &fraction); err != nil {
			return err
		}
		cost, err := addTexts(whole, fraction)
		u.Meter, u.Cost = tx.dims.meters[id-1], cost
		all = append(all, u)
		return err
	})
	return all, err
}
