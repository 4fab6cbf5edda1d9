package estate

import (
	"cmp"
	"slices"

	"showback"
)

// Posting is what one invoice has of one charge type, added up from the
// estate's own lines.
type Posting struct {
	Payer           string
	Month           showback.Month
	Invoice         string // empty while there is none
	InvoicingEntity string
	Currency        string
	ChargeType      string
	Rows            int
	Unblended       showback.Decimal
	AI              showback.Decimal // the part of Unblended that is AI
}

// Ledger returns the postings of the current deliveries, in order of their
// fields. It reads no file: what was written is held against it.
func (e *Estate) Ledger() []Posting {
	sums := map[Posting]*Posting{}
	for _, x := range e.exports {
		for _, m := range e.monthsOf(x) {
			for _, l := range e.lines(x, m, newest) {
				id := Posting{Payer: l.payer.id, Month: m, Invoice: l.invoice, InvoicingEntity: l.payer.entity,
					Currency: l.payer.currency, ChargeType: l.kind}
				sum := sums[id]
				if sum == nil {
					posting := id
					sum = &posting
					sums[id] = sum
				}
				sum.Rows++
				sum.Unblended = sum.Unblended.Add(l.unblended.exact)
				if l.ai {
					sum.AI = sum.AI.Add(l.unblended.exact)
				}
			}
		}
	}
	var list []Posting
	for _, sum := range sums { // sorted below
		list = append(list, *sum)
	}
	slices.SortFunc(list, func(a, b Posting) int {
		return cmp.Or(cmp.Compare(a.Payer, b.Payer), cmp.Compare(a.Month, b.Month), cmp.Compare(a.Invoice, b.Invoice),
			cmp.Compare(a.InvoicingEntity, b.InvoicingEntity), cmp.Compare(a.Currency, b.Currency), cmp.Compare(a.ChargeType, b.ChargeType))
	})
	return list
}
