package ingest_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"showback"
	"showback/internal/ingest"
	"showback/internal/ledger"
)

const columns = "bill_payer_account_id,bill_billing_period_start_date,line_item_line_item_type,line_item_usage_start_date," +
	"line_item_product_code,line_item_currency_code,line_item_unblended_cost,pricing_public_on_demand_cost\n"

// line is one charge of the columns above.
func line(payer, month, cost, list string) string {
	return fmt.Sprintf("%s,%s-01T00:00:00Z,Usage,%[2]s-03T10:45:00Z,AmazonBedrock,KRW,%s,%s\n", payer, month, cost, list)
}

// save writes a CSV file of lines and returns its path.
func save(t *testing.T, name string, lines ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(columns+strings.Join(lines, "")), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func load(t *testing.T, store *ledger.Store, opt ingest.Options, paths ...string) *ingest.Report {
	t.Helper()
	opt.Now = time.Now
	r, err := ingest.Import(context.Background(), store, paths, opt)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func newStore(t *testing.T) *ledger.Store { return ledger.Open(filepath.Join(t.TempDir(), "store")) }

// TestSweepStaysInside keeps the path of a store from being taken for a
// pattern: another store beside it must lose nothing.
func TestSweepStaysInside(t *testing.T) {
	dir := t.TempDir()
	bill := save(t, "bill.csv", line("111122223333", "2026-09", "1", ""))
	beside := ledger.Open(filepath.Join(dir, "s1"))
	load(t, beside, ingest.Options{}, bill)
	store := ledger.Open(filepath.Join(dir, "s[12]"))
	load(t, store, ingest.Options{}, bill)
	load(t, store, ingest.Options{}, save(t, "bill.csv", line("111122223333", "2026-09", "2", "")))
	for _, s := range []*ledger.Store{beside, store} {
		if said, added, err := read(s); err != nil || said != added {
			t.Errorf("store %s: total %s in the manifest, %s in the facts, error %v", filepath.Base(s.Dir()), said, added, err)
		}
	}
}

// TestPartOfDeliveryRemoved loads a delivery again of which one month was taken
// out: it is not unchanged.
func TestPartOfDeliveryRemoved(t *testing.T) {
	store := newStore(t)
	bill := save(t, "bill.csv", line("111122223333", "2026-08", "1", ""), line("111122223333", "2026-09", "2", ""))
	load(t, store, ingest.Options{}, bill)
	if r := load(t, store, ingest.Options{}, bill); r.Changed {
		t.Error("the same delivery again changed the store")
	}
	tx, err := store.Begin(context.Background(), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	err = tx.Remove(ledger.Key{Payer: "111122223333", Export: "bill", Month: "2026-08"})
	if err == nil {
		err = tx.Commit(context.Background())
	}
	tx.Close()
	if err != nil {
		t.Fatal(err)
	}
	if r := load(t, store, ingest.Options{}, bill); !r.Changed || len(r.Deliveries[0].Months) != 2 {
		t.Errorf("after removing a month: changed %t, months %v; want both loaded", r.Changed, r.Deliveries[0].Months)
	}
}

// TestReplaceDamaged loads a delivery again over its damaged segment.
func TestReplaceDamaged(t *testing.T) {
	store := newStore(t)
	bill := save(t, "bill.csv", line("111122223333", "2026-09", "1", ""))
	load(t, store, ingest.Options{}, bill)
	snap, err := store.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	path := snap.SegmentPath(&snap.Segments[0])
	snap.Close()
	if err := os.WriteFile(path, []byte("damaged"), 0o644); err != nil {
		t.Fatal(err)
	}
	r := load(t, store, ingest.Options{Replace: true}, bill)
	if said, added, err := read(store); err != nil || said != "1" || added != "1" {
		t.Errorf("total %s in the manifest, %s in the facts, error %v", said, added, err)
	}
	if notes := strings.Join(r.Deliveries[0].Notes, "\n"); !strings.Contains(notes, "what changed can't be told") {
		t.Errorf("notes %q do not say that the changes can't be told", notes)
	}
}

// TestRoundedAmounts counts amounts with digits past the 19th decimal, however
// they are written.
func TestRoundedAmounts(t *testing.T) {
	f := func(cost string, want int64) {
		t.Helper()
		r := load(t, newStore(t), ingest.Options{}, save(t, "bill.csv", line("111122223333", "2026-09", cost, "")))
		if got := r.Deliveries[0].Rounded; got != want {
			t.Errorf("%s: %d amounts rounded, want %d", cost, got, want)
		}
		kept := r.Deliveries[0].Months[0].Totals[0].Amounts[showback.Unblended]
		if want := showback.MustDecimal(cost).Round(showback.AmountScale); !kept.Equal(want) {
			t.Errorf("%s: kept %s, want %s", cost, kept, want)
		}
	}
	f("0.1234567890123456789", 0)
	f("0.12345678901234567891", 1)
	f("0.12345678901234567895", 1)
	f("0.12345678901234567890000", 0)
	f("1.2345678901234567E-5", 1)
	f("1.234e-16", 0)
	f("1.2345e-16", 1)
	f("10e-20", 0)
	f("1e-25", 1)
	f("-5e-20", 1)
	f("0e-30", 0)
	f("0.00000000000000000000000", 0)
}

// TestTwoPayersTwoMonths counts what is rounded and blank once, by segment.
func TestTwoPayersTwoMonths(t *testing.T) {
	const cut = "0.00000000000000000001"
	r := load(t, newStore(t), ingest.Options{}, save(t, "bill.csv",
		line("111122223333", "2026-08", cut, ""), line("111122223333", "2026-09", "1", ""),
		line("444455556666", "2026-09", cut, ""), line("444455556666", "2026-09", cut, "")))
	d := r.Deliveries[0]
	if len(d.Months) != 3 || d.Rounded != 3 || d.Lines != 4 {
		t.Errorf("%d segments, %d rounded, %d lines; want 3, 3, 4", len(d.Months), d.Rounded, d.Lines)
	}
}

// TestLargeAmounts adds pairs whose sum needs more digits than either.
func TestLargeAmounts(t *testing.T) {
	r := load(t, newStore(t), ingest.Options{}, save(t, "bill.csv",
		line("111122223333", "2026-09", "900000000.0000000001", "1100000000.5"),
		line("111122223333", "2026-09", "99999999999999999.9999999999999999999", "-99999999999999999.5")))
	got := r.Deliveries[0].Months[0].Totals[0].Amounts
	if want := "100000000900000000.0000000000999999999"; got[showback.Unblended].String() != want {
		t.Errorf("unblended %s, want %s", got[showback.Unblended], want)
	}
	if want := "-99999998899999999"; got[showback.List].String() != want {
		t.Errorf("list %s, want %s", got[showback.List], want)
	}
}

// TestNothingReadable refuses a file of which no line is a charge, whatever
// share of rejects is allowed.
func TestNothingReadable(t *testing.T) {
	bill := save(t, "bill.csv", line("111122223333", "2026-09", "abc", ""))
	_, err := ingest.Import(context.Background(), newStore(t), []string{bill}, ingest.Options{Now: time.Now, AllowRejects: showback.MustDecimal("1")})
	if err == nil || !strings.Contains(err.Error(), "no line could be read") || !strings.Contains(err.Error(), `found "abc"`) {
		t.Errorf("error %v", err)
	}
}

// TestForeignFolder takes no folder with other things in it for a store, and
// leaves no file in it.
func TestForeignFolder(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "letter.txt"), []byte("dear bob"), 0o644); err != nil {
		t.Fatal(err)
	}
	store := ledger.Open(dir)
	if snap, err := store.Snapshot(); err != nil || len(snap.Segments) != 0 {
		t.Errorf("reading a folder that is no store: %v", err)
	}
	if _, err := store.Begin(context.Background(), time.Now); showback.KindOf(err) != showback.KindInvalid || showback.HintOf(err) == "" {
		t.Errorf("writing to it: error %v of kind %s", err, showback.KindOf(err))
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 1 {
		t.Errorf("files were left: %v", entries)
	}
}
