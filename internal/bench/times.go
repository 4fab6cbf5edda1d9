package main

import (
	"slices"
	"time"

	"showback"
)

// times are how long the runs of something took. Methods want at least one.
type times []time.Duration

func (t times) min() time.Duration { return slices.Min(t) }

func (t times) median() time.Duration { return t.percentile(50) }

// percentile returns the least time that p in a hundred do not exceed, for p
// from 1 to 100.
func (t times) percentile(p int) time.Duration {
	sorted := slices.Sorted(slices.Values(t))
	return sorted[(len(sorted)*p+99)/100-1]
}

// share returns the part of each time that part is of whole.
func (t times) share(part, whole int64) times {
	out := make(times, len(t))
	for i, d := range t {
		out[i] = time.Duration(showback.DecimalFromInt(int64(d)).Mul(showback.DecimalFromInt(part)).
			Quo(showback.DecimalFromInt(whole), 0).Unscaled(0).Int64())
	}
	return out
}

// String writes the least and the middle of the times.
func (t times) String() string { return shown(t.min()) + " / " + shown(t.median()) }

// shown writes a time with three digits or so.
func shown(d time.Duration) string {
	switch {
	case d < time.Millisecond:
		return d.Round(time.Microsecond).String()
	case d < 10*time.Millisecond:
		return d.Round(10 * time.Microsecond).String()
	case d < time.Second:
		return d.Round(100 * time.Microsecond).String()
	}
	return d.Round(10 * time.Millisecond).String()
}

// ratio returns a over b with two decimals, three where it is small.
func ratio(a, b int64) showback.Decimal {
	exact := showback.DecimalFromInt(a).Quo(showback.DecimalFromInt(max(b, 1)), 6)
	if exact.Cmp(showback.MustDecimal("0.1")) < 0 {
		return exact.Round(3)
	}
	if exact.Cmp(showback.DecimalFromInt(10)) >= 0 {
		return exact.Round(0)
	}
	return exact.Round(2)
}

// megabytes writes bytes in MB of a million.
func megabytes(n int64) string { return ratio(n, 1_000_000).String() + " MB" }
