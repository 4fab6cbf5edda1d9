package duckdb

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"showback"
	"showback/internal/explore"
	"showback/internal/ledger"
)

// monthly returns one charge of alice in each of n months from 2026-01 on,
// each a segment of its own; the first costs 1, the next 2, …
func monthly(n int) []showback.Charge {
	var charges []showback.Charge
	for i := range n {
		month := showback.Month("2026-01").Add(i)
		quantity := showback.MustDecimal("2.5")
		charges = append(charges, showback.Charge{
			Payer: "111122223333", Export: "bill", Month: month, Account: "111122223333",
			Caller: "arn:aws:sts::111122223333:assumed-role/app/alice@example.com",
			Type:   "Usage", UsageStart: month.Start(), UsageEnd: month.Start().Add(time.Hour),
			BillType: "Anniversary", BillingEntity: "AWS", Invoice: "2100000001", Currency: "USD", Quantity: &quantity,
			Meter: showback.Meter{ProductCode: "AmazonBedrock", BillingEntity: "AWS", UsageType: "USE1-NovaLite-input-tokens",
				Operation: "InvokeModelInference", Unit: "1K tokens", ServiceCode: "AmazonBedrock", ProductName: "Amazon Bedrock"},
			Amounts: map[showback.Basis]showback.Decimal{
				showback.Unblended: showback.DecimalFromInt(int64(i + 1)),
				showback.Amortized: showback.DecimalFromInt(int64(i + 1)),
			},
		})
	}
	return charges
}

func byWho(from showback.Month, months int) explore.Plan {
	return explore.Plan{
		Period:      showback.Period{Start: from.Start(), End: from.Add(months).Start()},
		Granularity: explore.Monthly, By: []explore.Key{{Name: "who"}}, Basis: showback.Unblended, Scope: explore.ScopeAI,
	}
}

// costs runs the plan and returns its costs, in order of the spans.
func costs(ctx context.Context, e *Engine, p explore.Plan) ([]string, error) {
	rows, err := e.Run(ctx, p)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(rows, func(a, b explore.Row) int { return a.Start.Compare(b.Start) })
	var list []string
	for _, r := range rows {
		list = append(list, r.Start.Format("2006-01 ")+r.Keys[0].String()+" "+r.Cost.String())
	}
	return list, nil
}

func TestDamagedSegment(t *testing.T) {
	store := fillStore(t, monthly(3))
	snap, err := store.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	defer snap.Close()
	path := snap.SegmentPath(&snap.Segments[1])
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	f := func(name, want string, damage func() error) {
		t.Helper()
		if err := errors.Join(os.Remove(path), damage()); err != nil {
			t.Fatal(err)
		}
		e := openStore(t, store)
		for range 2 {
			_, err = costs(context.Background(), e, byWho("2026-01", 3))
			if err == nil || showback.KindOf(err) != showback.KindCorrupt || showback.HintOf(err) == "" ||
				!strings.Contains(err.Error(), snap.Segments[1].File) || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: got %v (%s, hint %q), want corrupt, %s: %s", name, err, showback.KindOf(err), showback.HintOf(err), snap.Segments[1].File, want)
			}
		}
		got, err := costs(context.Background(), e, byWho("2026-03", 1))
		if want := []string{"2026-03 alice@example.com 3"}; err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: another month = %v, %v, want %v", name, got, err, want)
		}
		os.WriteFile(path, good, 0o644)
	}
	f("missing", "no such file", func() error { return nil })
	f("empty", "", func() error { return os.WriteFile(path, nil, 0o644) })
	f("no database", "not a valid", func() error { return os.WriteFile(path, []byte("no database at all"), 0o644) })
	f("cut short", "", func() error { return os.WriteFile(path, good[:len(good)/3], 0o644) })
	f("a block damaged", "checksum", func() error {
		bad := slices.Clone(good)
		for i := len(bad) / 4; i < len(bad)/2; i += 512 {
			bad[i] ^= 0xff
		}
		return os.WriteFile(path, bad, 0o644)
	})
	f("another month's", "2026-03", func() error { return os.Link(snap.SegmentPath(&snap.Segments[2]), path) })
}

func TestDamagedDims(t *testing.T) {
	store := fillStore(t, monthly(1))
	snap, err := store.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	defer snap.Close()
	if err := os.Remove(snap.DimsPath()); err != nil {
		t.Fatal(err)
	}
	e, err := Open(context.Background(), snap)
	if err == nil {
		e.Close()
	}
	if showback.KindOf(err) != showback.KindCorrupt || !strings.Contains(err.Error(), filepath.Base(snap.DimsPath())) ||
		!strings.Contains(showback.HintOf(err), "new store") {
		t.Errorf("Open without dimensions = %v (hint %q), want corrupt, the name of the file and what helps", err, showback.HintOf(err))
	}
}

func TestEmptyLedger(t *testing.T) {
	e := openStore(t, ledger.Open(filepath.Join(t.TempDir(), "none")))
	cov, err := e.Coverage(context.Background())
	if want := (explore.Coverage{}); err != nil || !cmp.Equal(cov, want) {
		t.Errorf("Coverage = %v, %v, want %v", cov, err, want)
	}
	rows, err := e.Run(context.Background(), byWho("2026-01", 12))
	if err != nil || len(rows) != 0 {
		t.Errorf("Run = %v, %v, want no rows", rows, err)
	}
}

func TestCanceled(t *testing.T) {
	e := openStore(t, fillStore(t, monthly(2)))
	cause := errors.New("nobody waits any more")
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(cause)
	if _, err := e.Run(ctx, byWho("2026-01", 2)); !errors.Is(err, cause) {
		t.Errorf("Run = %v, want %v", err, cause)
	}
	if _, err := e.Coverage(ctx); !errors.Is(err, cause) {
		t.Errorf("Coverage = %v, want %v", err, cause)
	}
	if _, err := costs(context.Background(), e, byWho("2026-01", 2)); err != nil {
		t.Errorf("Run after it = %v, want no error", err)
	}
}

func TestInvalidPlan(t *testing.T) {
	e := openStore(t, ledger.Open(filepath.Join(t.TempDir(), "none")))
	p := byWho("2026-01", 1)
	p.TagView = explore.TagsThen
	if _, err := e.Run(context.Background(), p); showback.KindOf(err) != showback.KindInvalid {
		t.Errorf("Run = %v, want an invalid plan", err)
	}
	if _, err := e.Values(context.Background(), p, explore.Key{Name: "who"}, 1); showback.KindOf(err) != showback.KindInvalid {
		t.Errorf("Values = %v, want an invalid plan", err)
	}
}

func TestValuesLimit(t *testing.T) {
	charges := monthly(3)
	for i := range charges {
		charges[i].Account = []string{"111122223333", "222233334444", "333344445555"}[i]
	}
	e := openStore(t, fillStore(t, charges))
	f := func(limit int, want ...string) {
		t.Helper()
		got, err := e.Values(context.Background(), byWho("2026-01", 3), explore.Key{Name: "account"}, limit)
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("Values, at most %d = %v, %v, want %v", limit, got, err, want)
		}
	}
	f(9, "333344445555", "222233334444", "111122223333")
	f(2, "333344445555", "222233334444")
	f(0)
	f(-1)
}

// Segments come and go while queries run: none may meet one that is gone.
func TestSegmentsComeAndGo(t *testing.T) {
	const months = 6
	e := openStore(t, fillStore(t, monthly(months)))
	e.segments.keep = 1
	want, err := costs(context.Background(), e, byWho("2026-01", months))
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for worker := range 4 {
		wg.Go(func() {
			for i := range 12 {
				first := (worker + i) % months
				last := min(first+1+i%3, months)
				got, err := costs(context.Background(), e, byWho(showback.Month("2026-01").Add(first), last-first))
				if err != nil || !slices.Equal(got, want[first:last]) {
					t.Errorf("months %d to %d = %v, %v, want %v", first, last, got, err, want[first:last])
				}
			}
		})
	}
	wg.Wait()
	if open, idle := len(e.segments.open), len(e.segments.idle); open != 1 || idle != 1 {
		t.Errorf("%d segments stay attached, %d idle, want one", open, idle)
	}
	var attached int
	if err := e.db.QueryRow("SELECT count(*) FROM duckdb_databases() WHERE NOT internal").Scan(&attached); err != nil || attached != 3 {
		t.Errorf("the engine has %d databases, %v, want 3: its own, the dimensions and a segment", attached, err)
	}
	var tables int
	if err := e.db.QueryRow("SELECT count(*) FROM duckdb_tables() WHERE database_name = 'memory'").Scan(&tables); err != nil || tables != 1 {
		t.Errorf("the engine has %d tables of its own, %v, want the callers of one segment", tables, err)
	}
}

// Every connection has the settings, also after a query has spilled: the
// folder that it spilled to cannot be set again.
func TestConnectionAfterSpill(t *testing.T) {
	ctx := context.Background()
	e := openStore(t, fillStore(t, monthly(1)))
	first, err := e.db.Conn(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close()
	if _, err := first.ExecContext(ctx, "SET memory_limit = '30MB'"); err != nil {
		t.Fatal(err)
	}
	var n int
	err = first.QueryRowContext(ctx, "SELECT count(*) FROM (SELECT i, md5(i::VARCHAR) AS x FROM range(1000000) r(i) ORDER BY x OFFSET 1)").Scan(&n)
	if err != nil || n != 999_999 {
		t.Fatalf("a query that spills = %d, %v, want 999999", n, err)
	}
	if _, err := first.ExecContext(ctx, "SET temp_directory = '/elsewhere'"); err == nil {
		t.Fatal("the query did not spill: the test proves nothing")
	}
	second, err := e.db.Conn(ctx)
	if err != nil {
		t.Fatalf("a connection after a query that spilled: %v", err)
	}
	defer second.Close()
	f := func(setting, want string) {
		t.Helper()
		var got string
		if err := second.QueryRowContext(ctx, "SELECT current_setting('"+setting+"')::VARCHAR").Scan(&got); err != nil || got != want {
			t.Errorf("%s = %q, %v, want %q", setting, got, err, want)
		}
	}
	f("TimeZone", "UTC")
	f("temp_directory", e.tmp)
	f("memory_limit", "28.6 MiB")
	f("enable_progress_bar", "false")
	f("autoinstall_known_extensions", "false")
	f("autoload_known_extensions", "false")
}

func TestUnreadableSegment(t *testing.T) {
	if os.Getuid() == 0 {
		t.Skip("the superuser may read every file")
	}
	store := fillStore(t, monthly(1))
	e := openStore(t, store)
	if err := os.Chmod(e.snap.SegmentPath(&e.snap.Segments[0]), 0); err != nil {
		t.Fatal(err)
	}
	if _, err := e.Run(context.Background(), byWho("2026-01", 1)); showback.KindOf(err) != showback.KindDenied {
		t.Errorf("Run = %v (%s), want denied", err, showback.KindOf(err))
	}
}

// A version stays what it is while others are made.
func TestSnapshotStays(t *testing.T) {
	charges := monthly(2)
	store := fillStore(t, charges)
	e := openStore(t, store)
	tx, err := store.Begin(context.Background(), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Close()
	for _, s := range e.snap.Segments {
		if err := tx.Remove(s.Key()); err != nil {
			t.Fatal(err)
		}
	}
	if err := tx.Commit(context.Background()); err != nil {
		t.Fatal(err)
	}
	got, err := costs(context.Background(), e, byWho("2026-01", 2))
	if want := []string{"2026-01 alice@example.com 1", "2026-02 alice@example.com 2"}; err != nil || !slices.Equal(got, want) {
		t.Errorf("Run = %v, %v, want %v", got, err, want)
	}
	if got, err := costs(context.Background(), openStore(t, store), byWho("2026-01", 2)); err != nil || got != nil {
		t.Errorf("Run on the version after = %v, %v, want nothing", got, err)
	}
}

func TestCloseLeavesNothing(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	e := openStore(t, fillStore(t, monthly(1)))
	if _, err := os.Stat(e.tmp); err != nil {
		t.Fatal(err)
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(e.tmp); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("Stat of the temporary folder = %v, want that there is none", err)
	}
}
