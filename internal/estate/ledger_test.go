package estate_test

import (
	"slices"
	"testing"

	"showback"
	"showback/internal/estate"
)

// The ledger has every row of the files once, and their sum.
func TestLedgerEqualsTheFiles(t *testing.T) {
	type key struct {
		payer    string
		month    showback.Month
		currency string
	}
	rows, sums := map[key]int{}, map[key]showback.Decimal{}
	ledger := estate.New(estate.Config{Seed: 1, Through: through}).Ledger()
	for i, p := range ledger {
		k := key{p.Payer, p.Month, p.Currency}
		rows[k] += p.Rows
		sums[k] = sums[k].Add(p.Unblended)
		if p.AI.Abs().Cmp(p.Unblended.Abs()) > 0 && p.ChargeType == "Usage" {
			t.Errorf("%+v: AI is more than the whole", p)
		}
		if i > 0 && ledger[i-1] == p {
			t.Errorf("%+v is there twice", p)
		}
	}
	n := 0
	for _, x := range summary(t).Exports {
		for _, m := range x.Months {
			k := key{x.Payer, m.Month, x.Currency}
			want, _ := m.Total(showback.Unblended)
			if rows[k] != m.Rows || !sums[k].Equal(want) {
				t.Errorf("%v: ledger has %s in %d rows, files %s in %d", k, sums[k], rows[k], want, m.Rows)
			}
			n++
		}
	}
	if n != len(rows) {
		t.Errorf("ledger has %d months, files %d", len(rows), n)
	}
	open := slices.ContainsFunc(ledger, func(p estate.Posting) bool { return p.Invoice == "" && p.Month == "2026-11" })
	if !open {
		t.Error("the open month has nothing without invoice")
	}
}
