package cli_test

import (
	"encoding/csv"
	"encoding/json"
	"maps"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"showback"
	"showback/internal/estate"
)

// TestInvoices holds the demo's company against what it says of itself. All
// parts read one store.
func TestInvoices(t *testing.T) {
	if testing.Short() {
		t.Skip("it imports 60,000 rows")
	}
	dir := t.TempDir()
	store := filepath.Join(dir, "store")
	made := estate.New(estate.Config{Seed: 1, Through: time.Date(2026, 10, 12, 0, 0, 0, 0, time.UTC)})
	summary, err := made.Write(dir)
	if err != nil {
		t.Fatal(err)
	}
	mustRun(t, store, "import", summary.Dir)
	t.Run("estate", func(t *testing.T) { equalTheEstate(t, made, store) })
	t.Run("explore", func(t *testing.T) { equalExplore(t, store) })
	t.Run("reconcile", func(t *testing.T) { equalReconcile(t, store) })
	t.Run("cost explorer", func(t *testing.T) { equalCostExplorer(t, made, store) })
}

// mustRun runs a command line that must succeed.
func mustRun(t *testing.T, store string, args ...string) string {
	t.Helper()
	out, stderr, code := run(t, store, args...)
	if code != 0 {
		t.Fatalf("%s: exit code %d\n%s", strings.Join(args, " "), code, stderr)
	}
	return out
}

// records reads a CSV text by the names of its columns.
func records(t *testing.T, text string) []map[string]string {
	t.Helper()
	sheet, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil || len(sheet) < 2 {
		t.Fatalf("got a table of %d lines, %v", len(sheet), err)
	}
	var all []map[string]string
	for _, line := range sheet[1:] {
		r := map[string]string{}
		for i, name := range sheet[0] {
			r[name] = line[i]
		}
		all = append(all, r)
	}
	return all
}

// sumBy adds a column up by others.
func sumBy(t *testing.T, rows []map[string]string, amount string, by ...string) map[string]string {
	t.Helper()
	sums := map[string]showback.Decimal{}
	for _, r := range rows {
		var key []string
		for _, name := range by {
			key = append(key, r[name])
		}
		id := strings.Join(key, " | ")
		sums[id] = sums[id].Add(showback.MustDecimal(r[amount]))
	}
	texts := map[string]string{}
	for id, sum := range sums {
		texts[id] = sum.String()
	}
	return texts
}

// equalTheEstate compares the list with what the estate adds up from its own
// lines, which no import has seen.
func equalTheEstate(t *testing.T, made *estate.Estate, store string) {
	var want [][]string
	for _, p := range made.Ledger() {
		if p.Invoice == "" {
			p.Invoice = "(no invoice)"
		}
		want = append(want, []string{p.Payer, string(p.Month), p.Invoice, p.InvoicingEntity, p.Currency, p.ChargeType, p.Unblended.String(), p.AI.String()})
	}
	var got [][]string
	for _, r := range records(t, mustRun(t, store, "reconcile", "--invoices", "--format", "csv")) {
		got = append(got, []string{r["payer"], r["month"], r["invoice"], r["invoicing_entity"], r["currency"], r["charge_type"], r["exact"], r["ai_exact"]})
	}
	byText := cmp.Transformer("set", func(rows [][]string) map[string]bool {
		set := map[string]bool{}
		for _, r := range rows {
			set[strings.Join(r, " | ")] = true
		}
		return set
	})
	if len(want) < 200 || len(got) != len(want) {
		t.Errorf("got %d rows, want %d", len(got), len(want))
	}
	if diff := cmp.Diff(want, got, byText); diff != "" {
		t.Errorf("invoices differ from the estate's ledger (-want +got):\n%s", diff)
	}
}

// equalExplore compares the list with what explore answers by each of its keys.
func equalExplore(t *testing.T, store string) {
	invoices := records(t, mustRun(t, store, "reconcile", "--invoices", "--format", "csv"))
	explored := func(by, scope string) []map[string]string {
		return records(t, mustRun(t, store, "explore", "--scope", scope, "--from", "2025-11", "--to", "2026-10", "--format", "csv", "--by", by))
	}
	f := func(by string, columns ...string) {
		t.Helper()
		keys := append(strings.Split(by, ","), "currency")
		for scope, amount := range map[string]string{"all": "exact", "ai": "ai_exact"} {
			want, got := sumBy(t, invoices, amount, columns...), sumBy(t, explored(by, scope), "cost", keys...)
			if scope == "ai" { // explore has no row for what has no AI
				nothing := func(_, sum string) bool { return sum == "0" }
				maps.DeleteFunc(want, nothing)
				maps.DeleteFunc(got, nothing)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("explore --by %s --scope %s differs from the invoices (-invoices +explore):\n%s", by, scope, diff)
			}
		}
	}
	f("payer", "payer", "currency")
	f("invoice", "invoice", "currency")
	f("invoicing-entity", "invoicing_entity", "currency")
	f("payer,month,invoice", "payer", "month", "invoice", "currency")
	f("charge-type", "charge_type", "currency")
	// The list has no column for these: each must cut an invoice's sum without
	// a rest.
	for _, by := range []string{"legal-entity", "bill-type"} {
		want := sumBy(t, invoices, "exact", "payer", "invoice", "currency")
		if diff := cmp.Diff(want, sumBy(t, explored("payer,invoice,"+by, "all"), "cost", "payer", "invoice", "currency")); diff != "" {
			t.Errorf("explore by invoice and %s differs from the invoices (-invoices +explore):\n%s", by, diff)
		}
		whole := sumBy(t, invoices, "exact", "currency")
		if diff := cmp.Diff(whole, sumBy(t, explored(by, "all"), "cost", "currency")); diff != "" {
			t.Errorf("explore by %s differs from the invoices (-invoices +explore):\n%s", by, diff)
		}
	}
}

// equalReconcile compares the list with what reconcile adds up, of the store and
// of the files.
func equalReconcile(t *testing.T, store string) {
	var report struct {
		Totals []struct{ Currency, Basis, Ledger, Delivered string }
	}
	if err := json.Unmarshal([]byte(mustRun(t, store, "reconcile", "--month", "2026-08", "--json")), &report); err != nil {
		t.Fatal(err)
	}
	got := sumBy(t, records(t, mustRun(t, store, "reconcile", "--invoices", "--month", "2026-08", "--format", "csv")), "exact", "currency")
	for _, total := range report.Totals {
		if total.Basis == "unblended" {
			if got[total.Currency] != total.Ledger || total.Ledger != total.Delivered {
				t.Errorf("invoices add up to %s %s, reconcile's files to %s and its store to %s", got[total.Currency], total.Currency, total.Delivered, total.Ledger)
			}
			delete(got, total.Currency)
		}
	}
	if len(got) > 0 {
		t.Errorf("reconcile has no total of %v", got)
	}
}
