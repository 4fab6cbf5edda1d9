package estate_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"testing"

	"showback"
	"showback/internal/estate"
)

// frozen is the digest of every charge of the estate that other tests and the
// documents quote. Where it changes, all they quote changes.
const frozen = "b85ac99753555dfc636ce2ad8b04fe4426227cce2bebf527fa7c95b50413b124"

func TestSmallEstateIsFrozen(t *testing.T) {
	digest := sha256.New()
	for _, c := range charges() {
		fmt.Fprintln(digest, c.Payer, c.PayerName, c.Export, c.Month, c.Account, c.AccountName, c.Caller, c.NoCallerColumn, c.Type,
			c.UsageStart.Unix(), c.UsageEnd.Unix(), c.Meter, c.Resource, c.Tags, c.BillType, c.BillingEntity, c.InvoicingEntity,
			c.LegalEntity, c.Invoice, c.Currency, c.Quantity)
		for _, basis := range showback.Bases {
			amount, carried := c.Amounts[basis]
			fmt.Fprintln(digest, basis, amount, carried)
		}
	}
	if got := hex.EncodeToString(digest.Sum(nil)); got != frozen {
		t.Errorf("the charges of size S, shape ai, seed 1 have digest %s, want %s", got, frozen)
	}
}

func TestExtraSmallHasEverything(t *testing.T) {
	for seed := range uint64(5) {
		list := slices.Collect(estate.New(estate.Config{Seed: seed, Size: estate.XS, Through: through}).Charges())
		if len(list) < 2000 || len(list) > 5000 {
			t.Errorf("seed %d: %d charges, want 2,000 to 5,000", seed, len(list))
		}
		everyKind(t, list)
		everyForm(t, list)
	}
}

// TestEachShapeAddsUp holds charges, ledger and files against each other.
func TestEachShapeAddsUp(t *testing.T) {
	type key struct {
		payer, currency, kind, invoice, entity string
		month                                  showback.Month
	}
	type sum struct {
		rows   int
		amount showback.Decimal
	}
	for _, shape := range estate.Shapes {
		made := estate.New(estate.Config{Seed: 7, Size: estate.XS, Shape: shape, Through: through})
		sums, rows := map[key]sum{}, 0
		for c := range made.Charges() {
			k := key{c.Payer, c.Currency, c.Type, c.Invoice, c.InvoicingEntity, c.Month}
			sums[k] = sum{sums[k].rows + 1, sums[k].amount.Add(c.Amounts[showback.Unblended])}
			rows++
		}
		ledger := made.Ledger()
		for _, p := range ledger {
			k := key{p.Payer, p.Currency, p.ChargeType, p.Invoice, p.InvoicingEntity, p.Month}
			if got := sums[k]; p.Rows != got.rows || !p.Unblended.Equal(got.amount) {
				t.Errorf("%s: %v is %s in %d rows in the ledger, %s in %d in the charges", shape, k, p.Unblended, p.Rows, got.amount, got.rows)
			}
		}
		if len(ledger) != len(sums) {
			t.Errorf("%s: %d postings, the charges make %d", shape, len(ledger), len(sums))
		}
		written, err := made.Write(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		if written.Rows() != rows {
			t.Errorf("%s: %d rows written, %d charges", shape, written.Rows(), rows)
		}
		for _, x := range written.Exports {
			for _, m := range x.Months {
				d := readMonth(t, x, m.Month)
				amount := showback.Decimal{}
				for row := range d.rows {
					amount = amount.Add(d.amount(t, "line_item_unblended_cost", row))
				}
				if want, _ := m.Total(showback.Unblended); d.rows != m.Rows || !amount.Equal(want) {
					t.Errorf("%s: %s %s has %s in %d rows in its files, want %s in %d", shape, x.Name, m.Month, amount, d.rows, want, m.Rows)
				}
			}
		}
	}
}

func TestEnterpriseBuysOtherThings(t *testing.T) {
	ai, all, accounts, payers := 0, 0, map[string]bool{}, map[string]int{}
	for c := range estate.New(estate.Config{Seed: 1, Size: estate.S, Shape: estate.Enterprise, Through: through}).Charges() {
		all++
		accounts[c.Account] = true
		payers[c.Payer]++
		if isAI(c) {
			ai++
		}
	}
	if all < 50_000 || all > 80_000 {
		t.Errorf("%d charges, want about as many as in the other shape", all)
	}
	if share := 1000 * ai / all; share < 40 || share > 60 {
		t.Errorf("%d of %d charges are AI, want about 5 of 100", ai, all)
	}
	if len(accounts) != 50 || len(payers) != 3 {
		t.Errorf("%d accounts of %d payers, want 50 of 3", len(accounts), len(payers))
	}
	for payer, n := range payers {
		if small := payer != "111122223333"; small != (n < all/20) {
			t.Errorf("payer %s has %d of %d charges", payer, n, all)
		}
	}
}

// isAI goes by what the bill says, as a stranger would.
func isAI(c *showback.Charge) bool { return c.Meter.ProductFamily == "Amazon Bedrock" }

func TestWriteEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	made := estate.New(estate.Config{Size: estate.XS, Through: through})
	rows := 0
	_, err := made.WriteContext(ctx, t.TempDir(), func(n int) {
		rows += n
		cancel()
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("after %d rows: %v, want the context's error", rows, err)
	}
	if all := slices.Collect(made.Charges()); rows >= len(all) {
		t.Errorf("all %d rows were written all the same", rows)
	}
}

func TestProgressCountsRows(t *testing.T) {
	rows := 0
	s, err := estate.New(estate.Config{Size: estate.XS, Through: through}).WriteContext(t.Context(), t.TempDir(), func(n int) { rows += n })
	if err != nil {
		t.Fatal(err)
	}
	// The restated month's first delivery is written twice beside what counts.
	if want := s.Rows() + 2*s.Restated.Older.Rows; rows != want {
		t.Errorf("progress of %d rows, want %d", rows, want)
	}
}
