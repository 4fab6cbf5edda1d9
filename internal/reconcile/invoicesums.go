package reconcile

import (
	"cmp"
	"slices"

	"showback"
)

// minorUnits are the decimals of the currencies whose smallest unit in use is
// not a hundredth. (ISO 4217, list one, published 2024-06.)
var minorUnits = map[string]int32{
	"BIF": 0, "CLP": 0, "DJF": 0, "GNF": 0, "ISK": 0, "JPY": 0, "KMF": 0, "KRW": 0, "PYG": 0, "RWF": 0,
	"UGX": 0, "UYI": 0, "VND": 0, "VUV": 0, "XAF": 0, "XOF": 0, "XPF": 0,
	"BHD": 3, "IQD": 3, "JOD": 3, "KWD": 3, "LYD": 3, "OMR": 3, "TND": 3,
	"CLF": 4, "UYW": 4,
}

// MinorUnit returns how many decimals a currency is paid in: 2 where ISO 4217
// says nothing else.
func MinorUnit(currency string) int32 {
	if n, ok := minorUnits[currency]; ok {
		return n
	}
	return 2
}

// addUp makes the rows in order, the invoices and the totals.
func (l *invoiceList) addUp() {
	out := l.out
	out.Rows, out.Invoices, out.Totals = []InvoiceRow{}, []Invoice{}, []InvoiceTotal{}
	for k, row := range l.order {
		row.InvoiceFigures = *l.rows[k]
		row.finish(row.Currency)
		out.Rows = append(out.Rows, row)
	}
	slices.SortFunc(out.Rows, compareRows)
	for _, r := range out.Rows {
		n := len(out.Invoices)
		if n == 0 || compareIDs(out.Invoices[n-1].InvoiceID, r.InvoiceID) != 0 {
			out.Invoices = append(out.Invoices, Invoice{InvoiceID: r.InvoiceID})
			n++
		}
		i := &out.Invoices[n-1]
		i.InvoiceFigures.add(r.InvoiceFigures)
		i.RoundedParts = i.RoundedParts.Add(r.Rounded)
	}
	for n := range out.Invoices {
		i := &out.Invoices[n]
		i.finish(i.Currency)
		i.RoundingDifference = i.RoundedParts.Sub(i.Rounded)
	}
	l.total()
}

// total adds the invoices up by payer and currency.
func (l *invoiceList) total() {
	out := l.out
	for _, i := range out.Invoices {
		n := slices.IndexFunc(out.Totals, func(t InvoiceTotal) bool { return t.Payer == i.Payer && t.Currency == i.Currency })
		if n < 0 {
			n = len(out.Totals)
			out.Totals = append(out.Totals, InvoiceTotal{Payer: i.Payer, PayerName: i.PayerName, Currency: i.Currency})
		}
		t := &out.Totals[n]
		if i.Number != nil {
			t.Invoices++
		}
		t.InvoiceFigures.add(i.InvoiceFigures)
		t.RoundedParts = t.RoundedParts.Add(i.Rounded)
	}
	for n := range out.Totals {
		t := &out.Totals[n]
		t.finish(t.Currency)
		t.RoundingDifference = t.RoundedParts.Sub(t.Rounded)
	}
	slices.SortFunc(out.Totals, func(a, b InvoiceTotal) int {
		return cmp.Or(cmp.Compare(a.Payer, b.Payer), cmp.Compare(a.Currency, b.Currency))
	})
}

// add adds the exact amounts.
func (f *InvoiceFigures) add(g InvoiceFigures) {
	f.Charges += g.Charges
	f.Exact = f.Exact.Add(g.Exact)
	f.AIExact = f.AIExact.Add(g.AIExact)
}

// finish works out what follows from the exact amounts.
func (f *InvoiceFigures) finish(currency string) {
	decimals := MinorUnit(currency)
	f.Rounded, f.AIRounded = f.Exact.Round(decimals), f.AIExact.Round(decimals)
	if !f.Exact.IsZero() {
		percent := f.AIExact.Mul(showback.DecimalFromInt(100)).Quo(f.Exact, 2)
		f.AIPercent = &percent
	}
}

// compareIDs orders invoices by payer, month and number, those without a
// number last.
func compareIDs(a, b InvoiceID) int {
	return cmp.Or(
		cmp.Compare(a.Payer, b.Payer), cmp.Compare(a.Month, b.Month), compareTexts(a.Number, b.Number),
		compareTexts(a.Entity, b.Entity), cmp.Compare(a.Currency, b.Currency))
}

// compareRows orders the rows of an invoice by class of charge, then by type.
func compareRows(a, b InvoiceRow) int {
	return cmp.Or(compareIDs(a.InvoiceID, b.InvoiceID),
		cmp.Compare(classRank(a.ChargeType), classRank(b.ChargeType)), compareTexts(a.ChargeType, b.ChargeType))
}

func classRank(chargeType *string) int {
	if chargeType == nil {
		return len(showback.ChargeClasses)
	}
	return slices.Index(showback.ChargeClasses, showback.ChargeTypeOf(*chargeType).Class)
}

// compareTexts orders texts, none after all.
func compareTexts(a, b *string) int {
	switch {
	case a == nil && b == nil:
		return 0
	case a == nil:
		return +1
	case b == nil:
		return -1
	}
	return cmp.Compare(*a, *b)
}
