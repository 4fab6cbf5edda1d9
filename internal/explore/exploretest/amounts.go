package exploretest

import (
	"maps"

	"showback"
)

// FillAmounts gives each charge the amounts that its delivery would give it,
// by the table of bases in ARCHITECTURE.md §3, from those that are set:
//
//   - unblended is 0 where it is not set;
//   - net-unblended and blended are 0 on every charge of a delivery in which
//     some charge has one; list is left as it is;
//   - amortized and net-amortized of a covered charge, a discounted one, an RI
//     fee or a recurring fee are what is set, else 0, where some charge of the
//     delivery has one set; all other types follow from their type, and a Fee
//     that costs something and has an amortized amount of 0 is a reservation's;
//   - a delivery without commitments carries amortized amounts without any of
//     that, and net ones where it carries net-unblended.
//
// An amortized amount that contradicts the table is an error of KindInvalid:
// no bill can say it. The charges' maps are replaced, not changed.
func FillAmounts(charges []showback.Charge) error {
	type delivery struct {
		payer, export string
		month         showback.Month
	}
	byDelivery := map[delivery][]*showback.Charge{}
	for i := range charges {
		c := &charges[i]
		d := delivery{c.Payer, c.Export, c.Month}
		byDelivery[d] = append(byDelivery[d], c)
	}
	for d, list := range byDelivery {
		if err := fill(list); err != nil {
			return showback.Errorf(showback.KindInvalid, "fill amounts of %s %s %s: %w", d.payer, d.export, d.month, err)
		}
	}
	return nil
}

func fill(charges []*showback.Charge) error {
	set := map[showback.Basis]bool{} // on some charge; for amortized, of a commitment
	commitments := false
	for _, c := range charges {
		for b := range c.Amounts {
			set[b] = set[b] || b != showback.Amortized && b != showback.NetAmortized || isCommitment(c)
		}
		commitments = commitments || isCommitment(c)
	}
	carried := map[showback.Basis]bool{
		showback.NetUnblended: set[showback.NetUnblended],
		showback.Blended:      set[showback.Blended],
		showback.Amortized:    set[showback.Amortized] || !commitments,
		showback.NetAmortized: set[showback.NetUnblended] && (set[showback.NetAmortized] || !commitments),
	}
	for _, c := range charges {
		filled := map[showback.Basis]showback.Decimal{showback.Unblended: {}}
		for b, is := range carried {
			if is {
				filled[b] = showback.Decimal{}
			}
		}
		maps.Copy(filled, c.Amounts)
		for _, b := range []showback.Basis{showback.Amortized, showback.NetAmortized} {
			amount, err := amortize(c, b, filled)
			if err != nil {
				return err
			}
			if carried[b] {
				filled[b] = amount
			} else if _, wrong := c.Amounts[b]; wrong {
				return showback.Errorf(showback.KindInvalid, "%s charge: %s is set, but no commitment or no net cost carries it", c.Type, b)
			}
		}
		c.Amounts = filled
	}
	return nil
}

// isCommitment reports whether the charge is of one of the first six rows of
// the table.
func isCommitment(c *showback.Charge) bool {
	return showback.ChargeTypeOf(c.Type).Commitment || IsReservationFee(*c)
}

// IsReservationFee reports whether the charge is the fee of a reservation: one
// that costs something and whose amortized amount is 0. A bill tells it by the
// reservation's ARN, which a charge does not keep.
func IsReservationFee(c showback.Charge) bool {
	amortized, ok := c.Amounts[showback.Amortized]
	return c.Type == "Fee" && ok && amortized.IsZero() && !c.Amounts[showback.Unblended].IsZero()
}

// amortize returns the charge's amortized or net-amortized amount.
func amortize(c *showback.Charge, b showback.Basis, filled map[showback.Basis]showback.Decimal) (showback.Decimal, error) {
	plain := map[showback.Basis]showback.Basis{
		showback.Amortized:    showback.Unblended,
		showback.NetAmortized: showback.NetUnblended,
	}[b]
	want := filled[plain]
	switch c.Type {
	case "SavingsPlanCoveredUsage", "DiscountedUsage", "RIFee":
		return filled[b], nil
	case "SavingsPlanRecurringFee":
		if b == showback.Amortized {
			return filled[b], nil
		}
		want = filled[showback.Amortized]
	case "SavingsPlanNegation", "SavingsPlanUpfrontFee":
		want = showback.Decimal{}
	default:
		if isCommitment(c) {
			want = showback.Decimal{}
		}
	}
	if given, ok := c.Amounts[b]; ok && !given.Equal(want) {
		return want, showback.Errorf(showback.KindInvalid, "%s charge: %s is %s, but the type makes it %s", c.Type, b, given, want)
	}
	return want, nil
}
