package ingest_test

import (
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	_ "github.com/duckdb/duckdb-go/v2"

	"showback"
	"showback/internal/ingest"
	"showback/internal/ledger"
)

// childEnv makes this test binary import a folder into a store and exit: the
// process that is killed.
const childEnv = "SHOWBACK_TEST_IMPORT"

func TestMain(m *testing.M) {
	if store, folder, ok := strings.Cut(os.Getenv(childEnv), "\n"); ok {
		if _, err := ingest.Import(context.Background(), ledger.Open(store), []string{folder}, ingest.Options{Now: time.Now, Replace: true}); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// bill writes one month of an export: lines charges of cents hundredths each.
func bill(t *testing.T, folder string, lines, cents int) {
	t.Helper()
	var b strings.Builder
	b.WriteString("bill_payer_account_id,bill_billing_period_start_date,line_item_usage_account_id,line_item_line_item_type," +
		"line_item_usage_start_date,line_item_usage_end_date,line_item_product_code,line_item_usage_type,line_item_iam_principal," +
		"line_item_currency_code,line_item_unblended_cost,line_item_usage_amount,pricing_unit\n")
	start := time.Date(2026, 9, 1, 0, 0, 0, 0, time.UTC)
	for i := range lines {
		at := start.Add(time.Duration(i%720) * time.Hour)
		fmt.Fprintf(&b, "111122223333,2026-09-01T00:00:00Z,444455556666,Usage,%s,%s,AmazonBedrock,USE1-NovaLite-input-tokens,"+
			"arn:aws:sts::444455556666:assumed-role/app/session-%d,USD,0.%02d,%d,1K tokens\n",
			at.Format(time.RFC3339), at.Add(time.Hour).Format(time.RFC3339), i%997, cents, i)
	}
	path := filepath.Join(folder, "bill", "data", "BILLING_PERIOD=2026-09", "bill-00001.csv")
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
}

// read takes a snapshot and returns the month's total as the manifest says and
// as the facts add up to.
func read(store *ledger.Store) (said, added string, err error) {
	snap, err := store.Snapshot()
	if err != nil {
		return "", "", err
	}
	defer snap.Close()
	if len(snap.Segments) == 0 {
		return "none", "none", nil
	}
	seg := &snap.Segments[0]
	db, err := sql.Open("duckdb", snap.SegmentPath(seg)+"?access_mode=read_only")
	if err != nil {
		return "", "", err
	}
	defer db.Close()
	if err := db.QueryRow("SELECT sum(unblended_hi)::VARCHAR FROM fact").Scan(&added); err != nil {
		return "", "", err
	}
	sum, err := showback.ParseDecimal(added)
	return seg.Totals[0].Amounts[showback.Unblended].String(), sum.String(), err
}

// TestKilledImport kills importing processes at random moments while readers
// read. Each time the store holds the old month or the new one, whole, and the
// next import completes. SHOWBACK_TEST_KILLS sets how many are killed.
func TestKilledImport(t *testing.T) {
	kills := 3
	if n, err := strconv.Atoi(os.Getenv("SHOWBACK_TEST_KILLS")); err == nil {
		kills = n
	}
	dir := t.TempDir()
	store := ledger.Open(filepath.Join(dir, "store"))
	folders := [2]string{filepath.Join(dir, "old"), filepath.Join(dir, "new")}
	totals := map[string]bool{}
	for i, lines := range []int{40_000, 50_000} {
		bill(t, folders[i], lines, 3+i)
		totals[showback.NewDecimal(showback.DecimalFromInt(int64(lines*(3+i))).Unscaled(0), 2).String()] = true
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	child := func(folder string) *exec.Cmd {
		cmd := exec.Command(self)
		cmd.Env = append(os.Environ(), childEnv+"="+store.Dir()+"\n"+folder)
		cmd.Stderr = os.Stderr
		return cmd
	}
	began := time.Now()
	if err := child(folders[0]).Run(); err != nil {
		t.Fatal(err)
	}
	took := time.Since(began)

	var reads atomic.Int64
	stop := make(chan struct{})
	var readers sync.WaitGroup
	for range 2 {
		readers.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				said, added, err := read(store)
				if err != nil || said != added || !totals[said] {
					t.Errorf("a reader saw total %s in the manifest and %s in the facts, error %v", said, added, err)
					return
				}
				reads.Add(1)
			}
		})
	}
	seed := uint64(time.Now().UnixNano())
	random := rand.New(rand.NewPCG(seed, 1))
	killed, tries := 0, 0
	for i := 0; killed < kills && tries < 10*kills; i++ {
		tries++
		cmd := child(folders[1-i%2])
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		after := time.Duration(random.Int64N(int64(took)))
		timer := time.AfterFunc(after, func() { cmd.Process.Kill() })
		if err := cmd.Wait(); err != nil {
			killed++
		}
		timer.Stop()
		if said, added, err := read(store); err != nil || said != added || !totals[said] {
			t.Errorf("killed after %v: total %s in the manifest, %s in the facts, error %v", after, said, added, err)
		}
	}
	close(stop)
	readers.Wait()
	if err := child(folders[1]).Run(); err != nil {
		t.Errorf("the import after the kills: %v", err)
	}
	leftovers, _ := filepath.Glob(filepath.Join(store.Dir(), "tmp", "*"))
	segments, _ := filepath.Glob(filepath.Join(store.Dir(), "seg", "*", "*"))
	if len(leftovers) != 0 || len(segments) != 1 {
		t.Errorf("files left over: %v, segments %v", leftovers, segments)
	}
	if killed < kills {
		t.Errorf("only %d of %d imports were killed before they ended", killed, tries)
	}
	t.Logf("%d of %d imports killed, %d whole reads, an import takes %v, seed %d", killed, tries, reads.Load(), took, seed)
}
