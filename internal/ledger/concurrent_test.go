package ledger_test

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	_ "github.com/duckdb/duckdb-go/v2"

	"showback"
	"showback/internal/ledger"
	"showback/internal/source"
)

// load makes a version of the store in which September is lines charges of a
// cost each.
func load(t *testing.T, store *ledger.Store, lines int, cost string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "bill.csv")
	text := "bill_payer_account_id,bill_billing_period_start_date,line_item_line_item_type,line_item_usage_start_date,line_item_currency_code,line_item_unblended_cost\n" +
		strings.Repeat("111122223333,2026-09-01T00:00:00Z,Usage,2026-09-02T00:00:00Z,USD,"+cost+"\n", lines)
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	tx, err := store.Begin(t.Context(), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Close()
	f := source.File{Path: file, Name: "bill.csv", Format: source.CSV, Size: int64(len(text))}
	info, err := ledger.Digest(t.Context(), f)
	if err != nil {
		t.Fatal(err)
	}
	_, err = tx.Load(t.Context(), ledger.Load{
		Delivery: source.Delivery{Export: "bill", Month: "2026-09", ID: cost, Made: time.Now(), MadeFrom: "file time", Files: []source.File{f}},
		Files:    []ledger.FileInfo{info},
		Map: func(columns []source.Column) (source.Mapping, error) {
			m := source.Mapping{Columns: map[source.Field]source.Column{}}
			for _, c := range columns {
				m.Columns[source.Field(c.Name)] = c
			}
			return m, nil
		},
	})
	if err == nil {
		err = tx.Commit(t.Context())
	}
	if err != nil {
		t.Fatal(err)
	}
}

// charges reads a version from its files: "2 charges, 0.5".
func charges(t *testing.T, s *ledger.Snapshot) string {
	t.Helper()
	if len(s.Segments) != 1 {
		t.Fatalf("version %d has %d segments, want 1", s.Version, len(s.Segments))
	}
	db, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var n int64
	var sum string
	_, err = db.Exec("ATTACH '" + s.SegmentPath(&s.Segments[0]) + "' AS seg (READ_ONLY); ATTACH '" + s.DimsPath() + "' AS dims (READ_ONLY)")
	if err == nil {
		err = db.QueryRow("SELECT count(*), sum(unblended_hi)::VARCHAR FROM seg.fact JOIN dims.currency USING (currency_id)").Scan(&n, &sum)
	}
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%d charges, %s", n, showback.MustDecimal(sum))
}

// data names the files of the store that hold charges or dimensions.
func data(t *testing.T, store *ledger.Store) map[string]bool {
	t.Helper()
	found := map[string]bool{}
	for _, pattern := range []string{"seg/*/*", "dims.*", "tmp/*"} {
		paths, err := filepath.Glob(filepath.Join(store.Dir(), pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range paths {
			found[p] = true
		}
	}
	return found
}

// A reader holds a version for as long as it likes: what it reads stays exactly
// as it was while others replace the month, and its files go after it is done.
func TestHeldVersion(t *testing.T) {
	store := ledger.Open(filepath.Join(t.TempDir(), "store"))
	hold := func() *ledger.Snapshot {
		s, err := store.Snapshot()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { s.Close() })
		return s
	}
	reads := func(s *ledger.Snapshot, want string) {
		t.Helper()
		if got := charges(t, s); got != want {
			t.Errorf("version %d: got %s, want %s", s.Version, got, want)
		}
	}
	files := func(s *ledger.Snapshot) map[string]bool {
		return map[string]bool{s.SegmentPath(&s.Segments[0]): true, s.DimsPath(): true}
	}
	load(t, store, 3, "0.0000000001")
	first := hold()
	load(t, store, 5, "0.25")
	second := hold()
	load(t, store, 7, "1")
	third := hold()
	reads(first, "3 charges, 0.0000000003")
	reads(second, "5 charges, 1.25")
	reads(third, "7 charges, 7")

	all := files(first)
	maps.Copy(all, files(second))
	maps.Copy(all, files(third))
	if got := data(t, store); !maps.Equal(got, all) {
		t.Errorf("the store has %v, want %v: what is held, and nothing of the imports", got, all)
	}

	// As long as one is held all stay: the next change may not yet sweep.
	second.Close()
	third.Close()
	sweep := func() {
		tx, err := store.Begin(context.Background(), time.Now)
		if err != nil {
			t.Fatal(err)
		}
		tx.Close()
	}
	sweep()
	reads(first, "3 charges, 0.0000000003")
	first.Close()
	sweep()
	last := hold()
	reads(last, "7 charges, 7")
	if got, want := data(t, store), files(last); !maps.Equal(got, want) {
		t.Errorf("after the last reader the store has %v, want %v", got, want)
	}
}

// A change keeps others out for as long as it is open, whatever became of it.
func TestOneChangeAtATime(t *testing.T) {
	store := ledger.Open(filepath.Join(t.TempDir(), "store"))
	load(t, store, 1, "1")
	tx, err := store.Begin(t.Context(), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	refused := func() {
		t.Helper()
		second, err := store.Begin(t.Context(), time.Now)
		if err == nil {
			second.Close()
		}
		want := "change store " + store.Dir() + ": another import is running"
		if err == nil || err.Error() != want || showback.KindOf(err) != showback.KindConflict || showback.HintOf(err) == "" {
			t.Errorf("got %v of kind %s with hint %q, want %q of kind %s with a hint", err, showback.KindOf(err), showback.HintOf(err), want, showback.KindConflict)
		}
	}
	refused()
	if err := tx.Remove(ledger.Key{Payer: "111122223333", Export: "bill", Month: "2026-09"}); err != nil {
		t.Fatal(err)
	}
	if err := tx.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	refused()
	tx.Close()
	load(t, store, 2, "2")
	s, err := store.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if got := charges(t, s); got != "2 charges, 4" {
		t.Errorf("got %s", got)
	}
}
