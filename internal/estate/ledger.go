package estate

import (
	"cmp"
	"context"
	"runtime"
	"slices"
	"sync"

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
// fields. It reads no file: what was written is held against it. It bills the
// year anew, several months at a time.
func (e *Estate) Ledger() []Posting {
	type month struct {
		x *export
		m showback.Month
	}
	var months []month
	for _, x := range e.exports {
		for _, m := range e.monthsOf(x) {
			months = append(months, month{x, m})
		}
	}
	var mu sync.Mutex
	sums := map[Posting]Posting{} // by the posting without its sums
	err := inParallel(context.Background(), runtime.GOMAXPROCS(0), months, func(_ context.Context, j month) error {
		of := e.post(j.x, j.m)
		mu.Lock()
		defer mu.Unlock()
		for id, p := range of {
			sum := sums[id]
			rows, unblended, ai := sum.Rows+p.rows, sum.Unblended.Add(p.unblended.sum()), sum.AI.Add(p.ai.sum())
			sum = id
			sum.Rows, sum.Unblended, sum.AI = rows, unblended, ai
			sums[id] = sum
		}
		return nil
	})
	if err != nil {
		panic("BUG: a ledger failed: " + err.Error())
	}
	var list []Posting
	for _, sum := range sums { // sorted below
		list = append(list, sum)
	}
	slices.SortFunc(list, func(a, b Posting) int {
		return cmp.Or(cmp.Compare(a.Payer, b.Payer), cmp.Compare(a.Month, b.Month), cmp.Compare(a.Invoice, b.Invoice),
			cmp.Compare(a.InvoicingEntity, b.InvoicingEntity), cmp.Compare(a.Currency, b.Currency), cmp.Compare(a.ChargeType, b.ChargeType))
	})
	return list
}

// posted is what is being added up for one posting.
type posted struct {
	rows          int
	unblended, ai tally
}

// post adds up one month of one export, by the postings without their sums.
func (e *Estate) post(x *export, m showback.Month) map[Posting]*posted {
	sums := map[Posting]*posted{}
	e.lines(x, m, newest, func(l *line) bool {
		id := Posting{Payer: l.payer.id, Month: m, Invoice: l.invoice, InvoicingEntity: l.payer.entity,
			Currency: l.payer.currency, ChargeType: l.kind}
		p := sums[id]
		if p == nil {
			p = &posted{}
			sums[id] = p
		}
		p.rows++
		p.unblended.add(l.unblended.fixed)
		if l.ai {
			p.ai.add(l.unblended.fixed)
		}
		return true
	})
	return sums
}
