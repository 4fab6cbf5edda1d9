package sqldoor

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"testing"
	"time"

	"showback"
)

func TestRunaway(t *testing.T) {
	store := fillStore(t, []showback.Charge{bedrock("2026-01", "1.5")})
	f := func(opts Options, want string, queries ...string) {
		t.Helper()
		for _, query := range queries {
			d := openDoor(t, store, opts)
			_, err := texts(d, query)
			if err == nil || err.Error() != want || showback.KindOf(err) != showback.KindUnavailable || showback.HintOf(err) == "" {
				t.Errorf("%s: got %v (%s), want %s", query, err, showback.KindOf(err), want)
			}
			if d.left.Load() {
				t.Errorf("%s: it was left to itself", query)
			}
			if got := must(t, d, "SELECT sum(cost) FROM charges"); !slices.Equal(got, []string{"1.5"}) {
				t.Errorf("after %s the sum is %q, want 1.5", query, got)
			}
		}
	}
	f(Options{Memory: 64 << 20}, "run query: it takes more than 64 MB of memory",
		"SELECT list(md5(i::VARCHAR)) FROM range(100_000_000) t(i)",
		"SELECT count(DISTINCT md5(i::VARCHAR)) FROM range(100_000_000) t(i)",
		"SELECT i FROM range(100_000_000) t(i)",
		"SELECT md5(i::VARCHAR) AS x FROM range(100_000_000) t(i) ORDER BY x",
		"SELECT string_agg(md5(i::VARCHAR), ',') FROM range(100_000_000) t(i)",
		"WITH RECURSIVE r AS (SELECT 1 AS n, 'x' AS s UNION ALL SELECT n + 1, s || s FROM r WHERE n < 40) SELECT max(length(s)) FROM r",
		"WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r, range(10) WHERE n < 40) SELECT count(*) FROM r")
	f(Options{Timeout: 200 * time.Millisecond}, "run query: not done after 200ms",
		"SELECT count(*) FROM range(10_000_000) a(i), range(10_000_000) b(j) WHERE hash(i, j) = 7",
		"WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r) SELECT count(*) FROM r WHERE n < 0")
}

// One call of a function is beyond what the engine can bound or end: the watch
// ends the query, and the door with it.
func TestRunawayCall(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux says cheaply what a process takes")
	}
	store := fillStore(t, []showback.Charge{bedrock("2026-01", "1.5")})
	other := openDoor(t, store, Options{})
	d := openDoor(t, store, Options{Memory: 64 << 20})
	_, err := texts(d, "SELECT length(repeat('x', 900_000_000))")
	if err == nil || err.Error() != "run query: it takes more than 64 MB of memory" || showback.KindOf(err) != showback.KindUnavailable {
		t.Errorf("got %v, want that it takes too much memory", err)
	}
	// It may still have ended in its grace; else the engine is left with it.
	if _, err := texts(d, "SELECT 1"); (err != nil) != d.left.Load() || err != nil && showback.KindOf(err) != showback.KindUnavailable {
		t.Errorf("the next query: got %v, left %v, want that it fails where the engine is gone", err, d.left.Load())
	}
	if got := must(t, other, "SELECT sum(cost) FROM charges"); !slices.Equal(got, []string{"1.5"}) {
		t.Errorf("another door's sum is %q, want 1.5", got)
	}
}

func TestCanceled(t *testing.T) {
	d := openDoor(t, fillStore(t, []showback.Charge{bedrock("2026-01", "1.5")}), Options{})
	cause := errors.New("nobody waits any more")
	ctx, cancel := context.WithCancelCause(context.Background())
	time.AfterFunc(50*time.Millisecond, func() { cancel(cause) })
	if _, err := d.Query(ctx, "SELECT count(*) FROM range(10_000_000) a(i), range(10_000_000) b(j) WHERE hash(i, j) = 7"); !errors.Is(err, cause) {
		t.Errorf("got %v, want %v", err, cause)
	}
	if got := must(t, d, "SELECT sum(cost) FROM charges"); !slices.Equal(got, []string{"1.5"}) {
		t.Errorf("after it the sum is %q, want 1.5", got)
	}
}
