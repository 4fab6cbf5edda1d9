package reconcile_test

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	_ "github.com/duckdb/duckdb-go/v2"

	"showback"
	"showback/internal/engine/duckdb"
	"showback/internal/ingest"
	"showback/internal/ledger"
	"showback/internal/reconcile"
)

// plantBill writes two months of one export in two currencies, with net costs,
// a savings plan and an amount that needs a rest.
func plantBill(t *testing.T, dir string) {
	t.Helper()
	const header = "bill_payer_account_id,bill_billing_period_start_date,line_item_usage_account_id,line_item_line_item_type," +
		"line_item_usage_start_date,line_item_usage_end_date,line_item_product_code,line_item_usage_type,line_item_currency_code," +
		"line_item_unblended_cost,line_item_net_unblended_cost,line_item_usage_amount,savings_plan_savings_plan_effective_cost\n"
	for month := 8; month <= 9; month++ {
		var b strings.Builder
		b.WriteString(header)
		for i := range 40 {
			kind, currency, effective := "Usage", "USD", ""
			if i%10 == 0 {
				kind, effective = "SavingsPlanCoveredUsage", fmt.Sprintf("0.%03d", 100+i)
			}
			if i%7 == 0 {
				currency = "EUR"
			}
			day := fmt.Sprintf("2026-%02d-%02dT00:00:00Z", month, 1+i%28)
			fmt.Fprintf(&b, "111122223333,2026-%02d-01T00:00:00Z,444455556666,%s,%s,%s,AmazonBedrock,USE1-NovaLite-input-tokens,%s,%d.%013d,%d.5,%d,%s\n",
				month, kind, day, day, currency, i, i*month+1, i, i, effective)
		}
		path := filepath.Join(dir, "plant", "data", fmt.Sprintf("BILLING_PERIOD=2026-%02d", month), "plant-00001.csv")
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// proveStore reconciles a store as the command does.
func proveStore(t *testing.T, store *ledger.Store) *reconcile.Report {
	t.Helper()
	ctx := context.Background()
	snap, err := store.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	defer snap.Close()
	engine, err := duckdb.Open(ctx, snap)
	if err != nil {
		t.Fatal(err)
	}
	defer engine.Close()
	var statements []reconcile.Statement
	for _, s := range snap.Segments {
		st := reconcile.Statement{Payer: s.Payer, Export: s.Export, Month: s.Month}
		for _, f := range s.Delivery.Files {
			st.Files = append(st.Files, reconcile.FileRef{Path: f.Path, SHA256: f.SHA256, Size: f.Size})
		}
		statements = append(statements, st)
	}
	report, err := reconcile.Run(ctx, reconcile.Request{Statements: statements, Ledger: reconcile.EngineLedger{Engine: engine}})
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// TestPlantedInStore damages the facts of a real store, one way at a time, and
// expects the damage to be found. aug and sep are the attached segments.
func TestPlantedInStore(t *testing.T) {
	bill := t.TempDir()
	plantBill(t, bill)
	f := func(name string, statements ...string) {
		t.Run(name, func(t *testing.T) {
			store := ledger.Open(filepath.Join(t.TempDir(), "store"))
			if _, err := ingest.Import(context.Background(), store, []string{bill}, ingest.Options{Now: time.Now}); err != nil {
				t.Fatal(err)
			}
			if r := proveStore(t, store); r.Status != reconcile.Equal {
				t.Fatalf("before the damage: %s", r.Status)
			}
			plant(t, store, statements)
			r := proveStore(t, store)
			if r.Status != reconcile.Different || len(r.Differences()) == 0 {
				t.Errorf("status %s, %d differences; want the damage found", r.Status, len(r.Differences()))
			}
		})
	}
	const one = "(SELECT min(rowid) FROM sep.fact WHERE currency_id = (SELECT max(currency_id) FROM sep.fact) AND unblended_hi > 3)"
	f("missing", "DELETE FROM sep.fact WHERE rowid = "+one)
	f("doubled", "INSERT INTO sep.fact SELECT * FROM sep.fact WHERE rowid = "+one)
	f("moved", "INSERT INTO aug.fact SELECT * REPLACE (day - 31 AS day, hour - 744 AS hour) FROM sep.fact WHERE rowid = "+one,
		"DELETE FROM sep.fact WHERE rowid = "+one)
	f("off by 1e-19", "UPDATE sep.fact SET unblended_rest = unblended_rest + 1, net_unblended_rest = net_unblended_rest - 1 WHERE rowid = "+one)
	f("net off by 1e-19", "UPDATE sep.fact SET net_unblended_rest = net_unblended_rest + 1 WHERE rowid = "+one)
	f("bases swapped", "UPDATE sep.fact SET net_unblended_hi = amortized_hi, net_unblended_rest = amortized_rest,"+
		" amortized_hi = net_unblended_hi, amortized_rest = net_unblended_rest")
	f("currency swapped", "UPDATE sep.fact SET currency_id = 3 - currency_id WHERE rowid = "+one)
	f("charge type swapped", "UPDATE sep.fact SET charge_type_id = 3 - charge_type_id WHERE rowid = "+one)
}

// plant runs statements on the segments of a store, writable as they never are.
func plant(t *testing.T, store *ledger.Store, statements []string) {
	t.Helper()
	snap, err := store.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	defer snap.Close()
	db, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	for i := range snap.Segments {
		name := map[showback.Month]string{"2026-08": "aug", "2026-09": "sep"}[snap.Segments[i].Month]
		statements = append([]string{"ATTACH '" + snap.SegmentPath(&snap.Segments[i]) + "' AS " + name}, statements...)
	}
	for _, s := range statements {
		if strings.HasPrefix(s, "ATTACH") {
			if _, err := db.Exec(s); err != nil {
				t.Fatal(err)
			}
			continue
		}
		result, err := db.Exec(s)
		if err != nil {
			t.Fatal(err)
		}
		if n, _ := result.RowsAffected(); n == 0 {
			t.Fatalf("%s: no row", s)
		}
	}
}
