package duckdb

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"showback"
	"showback/internal/explore"
	"showback/internal/ingest"
	"showback/internal/ledger"
)

// Readers ask while months are replaced: each answer is of one version, whole,
// and who asks after a change sees it.
func TestLive(t *testing.T) {
	ctx := context.Background()
	charges := monthly(3)
	bills := t.TempDir()
	store := ledger.Open(filepath.Join(t.TempDir(), "store"))
	version := 0
	write := func() (sum showback.Decimal) {
		t.Helper()
		version++
		for i := range charges {
			amount := showback.DecimalFromInt(int64(version * (i + 1)))
			charges[i].Amounts = map[showback.Basis]showback.Decimal{showback.Unblended: amount, showback.Amortized: amount}
			sum = sum.Add(amount)
		}
		writeBills(t, bills, charges)
		if _, err := ingest.Import(ctx, store, []string{bills}, ingest.Options{Replace: true, Now: time.Now}); err != nil {
			t.Fatal(err)
		}
		return sum
	}
	total := func(e *Engine) (showback.Decimal, error) {
		var sum showback.Decimal
		rows, err := e.Run(ctx, byWho("2026-01", 3))
		for _, r := range rows {
			sum = sum.Add(r.Cost)
		}
		return sum, err
	}
	sums := []showback.Decimal{write()}
	live, err := Follow(ctx, store)
	if err != nil {
		t.Fatal(err)
	}
	const changes = 3
	stop := make(chan struct{})
	var wg sync.WaitGroup
	var mu sync.Mutex
	var seen []showback.Decimal
	for range 2 {
		wg.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				e, done, err := live.Engine(ctx)
				if err != nil {
					t.Error(err)
					return
				}
				sum, err := total(e)
				done()
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				if !slices.ContainsFunc(seen, sum.Equal) {
					seen = append(seen, sum)
				}
				mu.Unlock()
			}
		})
	}
	for range changes {
		sum := write()
		sums = append(sums, sum)
		e, done, err := live.Engine(ctx)
		if err != nil {
			t.Fatal(err)
		}
		// Another reader may be opening the new version at this moment; it has
		// it when it is asked again.
		for e.snap.Version != version {
			done()
			if e, done, err = live.Engine(ctx); err != nil {
				t.Fatal(err)
			}
		}
		got, err := total(e)
		done()
		if err != nil || !got.Equal(sum) {
			t.Errorf("after change %d the total is %s, %v, want %s", version, got, err, sum)
		}
	}
	close(stop)
	wg.Wait()
	for _, sum := range seen {
		if !slices.ContainsFunc(sums, sum.Equal) {
			t.Errorf("a reader saw the total %s, which no version has; they have %s", sum, sums)
		}
	}
	var attached int
	if err := live.in.db.QueryRow("SELECT count(*) FROM duckdb_databases() WHERE NOT internal AND database_name LIKE 'd%'").Scan(&attached); err != nil || attached != 1 {
		t.Errorf("%d dimensions stay attached, %v, want those of the version in force", attached, err)
	}
	if err := live.Close(); err != nil {
		t.Error(err)
	}
}

// A version that can't be opened is an error; the next call tries again.
func TestLiveDamaged(t *testing.T) {
	ctx := context.Background()
	store := fillStore(t, monthly(1))
	live, err := Follow(ctx, store)
	if err != nil {
		t.Fatal(err)
	}
	defer live.Close()
	manifest := filepath.Join(store.Dir(), "manifest.json")
	good, err := os.ReadFile(manifest)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(manifest, good[:len(good)/2], 0o644); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, _, err := live.Engine(ctx); showback.KindOf(err) != showback.KindCorrupt {
			t.Errorf("Engine over half a manifest = %v, want corrupt", err)
		}
	}
	if err := os.WriteFile(manifest, good, 0o644); err != nil {
		t.Fatal(err)
	}
	e, done, err := live.Engine(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer done()
	var _ explore.Engine = e
	if got, err := costs(ctx, e, byWho("2026-01", 1)); err != nil || len(got) != 1 {
		t.Errorf("Run = %v, %v, want one row", got, err)
	}
}
