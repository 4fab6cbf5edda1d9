package reconcile_test

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"slices"
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

// plantBill writes two months of one export in two currencies, of two accounts,
// two callers and two teams, with net costs, a savings plan and an amount that
// needs a rest.
func plantBill(t *testing.T, dir string) {
	t.Helper()
	const header = "bill_payer_account_id,bill_billing_period_start_date,line_item_usage_account_id,line_item_line_item_type," +
		"line_item_usage_start_date,line_item_usage_end_date,line_item_product_code,line_item_usage_type,line_item_currency_code," +
		"line_item_unblended_cost,line_item_net_unblended_cost,line_item_usage_amount,savings_plan_savings_plan_effective_cost," +
		"line_item_iam_principal,tags,pricing_unit\n"
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
			account, caller, team := "444455556666", "arn:aws:iam::444455556666:user/alice", "search"
			if i%3 == 0 {
				account, caller, team = "777788889999", "arn:aws:iam::777788889999:user/bob", "support"
			}
			if i == 2 { // nobody is behind it, and nothing is said of it
				caller, team = "", ""
			}
			fmt.Fprintf(&b, "111122223333,2026-%02d-01T00:00:00Z,%s,%s,%s,%s,AmazonBedrock,USE1-NovaLite-input-tokens,%s,%d.%013d,%d.5,%d,%s,%s,"+
				`"{""iamPrincipal/team"":""%s""}"`+",1K tokens\n",
				month, account, kind, day, day, currency, i, i*month+1, i, i, effective, caller, team)
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
			st.Files = append(st.Files, reconcile.FileRef(f))
		}
		statements = append(statements, st)
	}
	report, err := reconcile.Run(ctx, reconcile.Request{Statements: statements, Ledger: reconcile.EngineLedger{Engine: engine}})
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// importBill returns what copies a store that holds the bill and is equal to it.
func importBill(t *testing.T) func(*testing.T) *ledger.Store {
	t.Helper()
	bill, dir := t.TempDir(), filepath.Join(t.TempDir(), "store")
	plantBill(t, bill)
	store := ledger.Open(dir)
	if _, err := ingest.Import(context.Background(), store, []string{bill}, ingest.Options{Now: time.Now}); err != nil {
		t.Fatal(err)
	}
	if r := proveStore(t, store); r.Status != reconcile.Equal {
		t.Fatalf("before the damage: %s, %+v, %+v", r.Status, r.Differences(), r.Cuts)
	}
	return func(t *testing.T) *ledger.Store {
		t.Helper()
		copied := filepath.Join(t.TempDir(), "store")
		if err := os.CopyFS(copied, os.DirFS(dir)); err != nil {
			t.Fatal(err)
		}
		return ledger.Open(copied)
	}
}

const oneCharge = "(SELECT min(rowid) FROM sep.fact WHERE currency_id = (SELECT max(currency_id) FROM sep.fact) AND unblended_hi > 3)"

// TestPlantedInStore damages the facts of a real store, one way at a time, and
// expects the damage to be found. aug and sep are the attached segments.
func TestPlantedInStore(t *testing.T) {
	stored := importBill(t)
	f := func(name string, statements ...string) {
		t.Run(name, func(t *testing.T) {
			store := stored(t)
			plant(t, store, statements)
			r := proveStore(t, store)
			if r.Status != reconcile.Different || len(r.Differences()) == 0 {
				t.Errorf("status %s, %d differences; want the damage found", r.Status, len(r.Differences()))
			}
		})
	}
	const one = oneCharge
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

// TestPlantedInCuts damages what only the cuts can see: every dollar stays where
// it was by payer, month, service, charge type, currency and basis.
func TestPlantedInCuts(t *testing.T) {
	stored := importBill(t)
	f := func(name string, want []string, statements ...string) {
		t.Run(name, func(t *testing.T) {
			store := stored(t)
			plant(t, store, statements)
			r := proveStore(t, store)
			var got []string
			for _, c := range r.Cuts {
				if !c.Equal {
					got = append(got, c.Name)
				}
			}
			if r.Status != reconcile.Different || len(r.Differences()) != 0 || !slices.Equal(got, want) {
				t.Errorf("status %s, %d comparisons and the cuts %v differ, want none and %v", r.Status, len(r.Differences()), got, want)
			}
			if aug := r.Deliveries[0]; aug.Status != reconcile.Equal {
				t.Errorf("the other month: %s, want equal", aug.Status)
			}
		})
	}
	const one = " WHERE rowid = " + oneCharge
	f("callers removed", []string{"caller"}, "UPDATE sep.fact SET caller_id = 0, principal_id = 0")
	f("one caller removed", []string{"caller"}, "UPDATE sep.fact SET caller_id = 0, principal_id = 0"+one)
	f("callers swapped", []string{"caller"}, "UPDATE sep.fact SET caller_id = 3 - caller_id WHERE caller_id > 0")
	f("a caller renamed", []string{"caller"}, "UPDATE sep.caller SET arn = arn || '2' WHERE caller_id = 1")
	f("tag set swapped", []string{"tag:team"}, "UPDATE sep.fact SET tagset_id = 3 - tagset_id"+one)
	f("tag set removed", []string{"tag:team"}, "UPDATE sep.fact SET tagset_id = 0"+one)
	f("day moved within the month", []string{"day"}, "UPDATE sep.fact SET day = day + 1, hour = hour + 24"+one)
	f("days moved by three", []string{"day"}, "UPDATE sep.fact SET day = day + 3, hour = hour + 72 WHERE day < DATE '2026-09-28'")
	f("quantity times ten", []string{"quantity"}, "UPDATE sep.fact SET quantity_hi = quantity_hi * 10"+one)
	f("quantity off by 1e-19", []string{"quantity"}, "UPDATE sep.fact SET quantity_rest = quantity_rest + 1"+one)
	f("account swapped", []string{"account"}, "UPDATE sep.fact SET account_id = 3 - account_id"+one)
	f("two things at once", []string{"account", "caller", "quantity"},
		"UPDATE sep.fact SET account_id = 3 - account_id, caller_id = 3 - caller_id, quantity_hi = quantity_hi / 10"+one)
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
