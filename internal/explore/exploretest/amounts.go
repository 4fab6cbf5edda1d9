package exploretest

import (
	"maps"
	"slices"

	"showback"
)

// FillAmounts gives each charge the amounts that its delivery would give it,
// by the table of bases in ARCHITECTURE.md §3, from those that are set:
//
//   - unblended is 0 where it is not set;
//   - net-unblended and blended are 0 on every charge of a delivery in which
//     some charge has one; list is left as it is;
//   - amortized follows from the type of the charge, except for covered usage,
//     recurring fees, discounted usage and RI fees, which need columns of their
//     own: a delivery with such charges carries amortized amounts when each of
//     these types has one set somewhere, and they are 0 where none is set. A
//     Fee that costs something and has an amortized amount of 0 is a
//     reservation's;
//   - net-amortized likewise, where net-unblended is carried; a recurring fee
//     has no net columns and the same amount on both.
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
	carried := map[showback.Basis]bool{showback.Amortized: true, showback.NetAmortized: true}
	for _, c := range charges {
		for _, b := range []showback.Basis{showback.NetUnblended, showback.Blended} {
			if _, ok := c.Amounts[b]; ok {
				carried[b] = true
			}
		}
	}
	carried[showback.NetAmortized] = carried[showback.NetUnblended]
	for lineType, columns := range needsColumns {
		of := func(c *showback.Charge) bool { return c.Type == lineType }
		if !slices.ContainsFunc(charges, of) {
			continue
		}
		for basis, from := range columns {
			carried[basis] = carried[basis] && slices.ContainsFunc(charges, func(c *showback.Charge) bool {
				_, ok := c.Amounts[from]
				return of(c) && ok
			})
		}
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
				return showback.Errorf(showback.KindInvalid, "%s charge: %s is set, but its delivery does not carry it", c.Type, b)
			}
		}
		c.Amounts = filled
	}
	return nil
}

// needsColumns has the types whose amortized and net-amortized amounts no other
// amount gives, and the basis on which a script says each.
var needsColumns = map[string]map[showback.Basis]showback.Basis{
	"SavingsPlanCoveredUsage": {showback.Amortized: showback.Amortized, showback.NetAmortized: showback.NetAmortized},
	"SavingsPlanRecurringFee": {showback.Amortized: showback.Amortized, showback.NetAmortized: showback.Amortized},
	"DiscountedUsage":         {showback.Amortized: showback.Amortized, showback.NetAmortized: showback.NetAmortized},
	"RIFee":                   {showback.Amortized: showback.Amortized, showback.NetAmortized: showback.NetAmortized},
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
