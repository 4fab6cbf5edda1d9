package main

import (
	"slices"
	"testing"
	"time"
)

func TestTimes(t *testing.T) {
	f := func(p int, want time.Duration, of ...time.Duration) {
		t.Helper()
		before := slices.Clone(of)
		if got := times(of).percentile(p); got != want {
			t.Errorf("percentile %d of %v = %v, want %v", p, of, got, want)
		}
		if !slices.Equal(of, before) {
			t.Errorf("percentile changed the times: %v, were %v", of, before)
		}
	}
	f(50, 7, 7)
	f(50, 2, 3, 1, 2)
	f(50, 2, 4, 3, 1, 2) // of an even number the lower
	f(99, 3, 3, 1, 2)
	f(100, 3, 3, 1, 2)
	f(1, 1, 3, 1, 2)
	hundred := make([]time.Duration, 200)
	for i := range hundred {
		hundred[i] = time.Duration(200 - i)
	}
	f(99, 198, hundred...)
	if got := times(hundred).min(); got != 1 {
		t.Errorf("min = %v, want 1", got)
	}
}

func TestShare(t *testing.T) {
	// A product beyond 64 bits on the way.
	got := times{time.Hour, 2 * time.Hour}.share(90_000_000_000, 120_000_000_000)
	if want := (times{45 * time.Minute, 90 * time.Minute}); !slices.Equal(got, want) {
		t.Errorf("share = %v, want %v", []time.Duration(got), []time.Duration(want))
	}
}

func TestRatio(t *testing.T) {
	f := func(a, b int64, want string) {
		t.Helper()
		if got := ratio(a, b).String(); got != want {
			t.Errorf("ratio(%d, %d) = %s, want %s", a, b, got, want)
		}
	}
	f(1, 3, "0.33")
	f(2, 3, "0.67")
	f(1, 30, "0.033")
	f(25, 2, "13")
	f(0, 5, "0")
	f(5, 0, "5")
}

// The verdict is of the exact ratio, not of the one that is shown.
func TestVerdicts(t *testing.T) {
	f := func(f figure, measured string, met bool) {
		t.Helper()
		if f.measured != measured || f.met != met {
			t.Errorf("%s: measured %q, met %t, want %q, %t", f.row, f.measured, f.met, measured, met)
		}
	}
	f(versus("at the limit", times{800}, times{1000}, "S", "0.8", ""), "0.8 × S", true)
	f(versus("just over it", times{801}, times{1000}, "S", "0.8", ""), "0.8 × S", false)
	f(versus("by the least times", times{900, 700}, times{1000, 1000}, "S", "0.8", ""), "0.7 × S", true)
	f(slower("at the limit", times{2500}, times{100}, "25", ""), "25 × slower", true)
	f(slower("just below it", times{2499}, times{100}, "25", ""), "25 × slower", false)
	f(within("at the limit", times{10 * time.Millisecond}, 10*time.Millisecond, ""), "10ms", true)
	f(within("just over it", times{10*time.Millisecond + 1}, 10*time.Millisecond, ""), "10ms", false)
	f(memory("at the limit", 4_000_000_000, 4_000_000_000, ""), "4000 MB", true)
	f(memory("just over it", 4_000_000_001, 4_000_000_000, ""), "4000 MB", false)
	if got := versus("no limit", times{1}, times{1}, "S", noLimit, ""); got.commit != "" {
		t.Errorf("without a limit the commitment is %q, want none", got.commit)
	}
}
