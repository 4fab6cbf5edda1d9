package mem

import (
	"cmp"
	"slices"
	"time"

	"showback"
	"showback/internal/explore"
)

// Cover returns the coverage that a ledger with exactly these charges has,
// version 0: one Delivered for each payer, export and month, in that order. A
// basis is carried by a delivery when one of its charges has an amount on it,
// and the delivery has a caller column when no charge says that it has none.
func Cover(charges []showback.Charge) explore.Coverage {
	byDelivery := map[delivery][]showback.Charge{}
	for _, c := range charges {
		d := deliveryOf(c)
		byDelivery[d] = append(byDelivery[d], c)
	}
	var cov explore.Coverage
	for d, charges := range byDelivery {
		cov.Deliveries = append(cov.Deliveries, cover(d, charges))
	}
	slices.SortFunc(cov.Deliveries, func(a, b explore.Delivered) int {
		return cmp.Or(cmp.Compare(a.Payer, b.Payer), cmp.Compare(a.Export, b.Export), cmp.Compare(a.Month, b.Month))
	})
	return cov
}

func cover(d delivery, charges []showback.Charge) explore.Delivered {
	out := explore.Delivered{
		Payer: d.payer, Export: d.export, Month: d.month,
		Charges:      int64(len(charges)),
		CallerColumn: !slices.ContainsFunc(charges, func(c showback.Charge) bool { return c.NoCallerColumn }),
		Open:         open(charges),
		TagKeys:      tagKeys(charges),
	}
	for _, basis := range showback.Bases {
		if slices.ContainsFunc(charges, func(c showback.Charge) bool { _, ok := c.Amounts[basis]; return ok }) {
			out.Bases = append(out.Bases, basis)
		}
	}
	short := false // some usage is a day or shorter
	for _, c := range charges {
		if out.PayerName == "" {
			out.PayerName = c.PayerName
		}
		if !slices.Contains(out.Currencies, c.Currency) {
			out.Currencies = append(out.Currencies, c.Currency)
		}
		if showback.ChargeTypeOf(c.Type).Class != showback.ClassUsage {
			continue
		}
		if length := c.UsageEnd.Sub(c.UsageStart); !c.UsageEnd.IsZero() {
			out.Hourly = out.Hourly || length < 24*time.Hour
			out.Monthly = out.Monthly || length > 24*time.Hour
			short = short || length <= 24*time.Hour
		}
		day := showback.Day(c.CountedOn())
		if out.FirstDay.IsZero() || day.Before(out.FirstDay) {
			out.FirstDay = day
		}
		if day.After(out.LastDay) {
			out.LastDay = day
		}
	}
	out.Monthly = out.Monthly && !short
	slices.Sort(out.Currencies)
	return out
}

// open reports whether AWS has yet to put some charge of the month on an
// invoice. Purchase and Refund bills have their invoice at once and tell
// nothing of the month; a charge without bill type is taken for one that does.
func open(charges []showback.Charge) bool {
	return slices.ContainsFunc(charges, func(c showback.Charge) bool {
		tells := c.BillType == "" || c.BillType == "Anniversary"
		return tells && c.Invoice == "" && !c.Amounts[showback.Unblended].IsZero()
	})
}

func tagKeys(charges []showback.Charge) map[showback.TagKey]time.Time {
	first := map[showback.TagKey]time.Time{}
	for _, c := range charges {
		day := showback.Day(c.CountedOn())
		for key, value := range c.Tags {
			if have, seen := first[key]; value != "" && (!seen || day.Before(have)) {
				first[key] = day
			}
		}
	}
	return first
}
