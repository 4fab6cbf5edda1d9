package duckdb

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"showback"
	"showback/internal/engine/enginetest"
	"showback/internal/explore"
	"showback/internal/explore/exploretest"
	"showback/internal/ingest"
	"showback/internal/ledger"
)

// writeBills writes the charges as the bills that would bring them.
func writeBills(t testing.TB, bills string, charges []showback.Charge) {
	t.Helper()
	for _, d := range enginetest.Deliveries(charges) {
		folder := filepath.Join(bills, d.Payer, d.Export, "data", "BILLING_PERIOD="+string(d.Month))
		if err := os.MkdirAll(folder, 0o755); err != nil {
			t.Fatal(err)
		}
		f, err := os.Create(filepath.Join(folder, d.Export+"-00001.csv"))
		if err != nil {
			t.Fatal(err)
		}
		if err := enginetest.WriteCSV(f, d.Charges); err != nil {
			t.Fatal(err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// fillStore imports the bills of the charges into a store that is told set
// before.
func fillStore(t testing.TB, charges []showback.Charge, set ...func(*ledger.Store)) *ledger.Store {
	t.Helper()
	return fillKept(t, charges, "", set...)
}

// fillKept fills one in which so much is kept.
func fillKept(t testing.TB, charges []showback.Charge, keep ledger.Keep, set ...func(*ledger.Store)) *ledger.Store {
	t.Helper()
	bills := t.TempDir()
	writeBills(t, bills, charges)
	store := ledger.Open(filepath.Join(t.TempDir(), "store"))
	store.AlwaysRollUp()
	for _, f := range set {
		f(store)
	}
	if len(charges) == 0 {
		return store
	}
	_, err := ingest.Import(context.Background(), store, []string{bills}, ingest.Options{Replace: true, Keep: keep, Now: time.Now})
	if err != nil {
		t.Fatalf("import: %v (hint: %s)", err, showback.HintOf(err))
	}
	return store
}

func openStore(t testing.TB, store *ledger.Store) *Engine {
	t.Helper()
	snap, err := store.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	e, err := Open(context.Background(), snap)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
		if err := snap.Close(); err != nil {
			t.Error(err)
		}
	})
	return e
}

func openEngine(t testing.TB, charges []showback.Charge) explore.Engine {
	t.Helper()
	return openStore(t, fillStore(t, charges))
}

func TestConformance(t *testing.T) {
	exploretest.RunBuiltin(t, openEngine)
}
