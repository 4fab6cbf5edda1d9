package estate

import (
	"math"
	"math/big"
	"testing"

	"showback"
)

func TestTimes(t *testing.T) {
	f := func(a, b string, decimals int32, want string) {
		t.Helper()
		if got := fix(a).times(fix(b), decimals).decimal().String(); got != want {
			t.Errorf("%s × %s to %d decimals is %s, want %s", a, b, decimals, got, want)
		}
	}
	f("2", "3", 10, "6")
	f("0.05", "0.1", 2, "0.01")   // half away from zero
	f("-0.05", "0.1", 2, "-0.01") // of both signs
	f("0.049", "0.1", 2, "0")     // below the half
	f("0", "-1.5", 2, "0")
	f("-7", "-0.5", 0, "4")
	f("999999999.123456", "0.0000000001", 10, "0.0999999999")
	// Products that fit only because they are rounded.
	f("92233720368.54775807", "0.0000000001", 10, "9.2233720369")
	f("123456789012.3456", "9876.54321", 2, "1219326311248284.54")
}

// FuzzTimes holds products against big numbers.
func FuzzTimes(f *testing.F) {
	f.Add(int64(1_234_567), int64(3_300), uint8(6), uint8(3), uint8(10))
	f.Add(int64(-41_000_000_003), int64(935), uint8(10), uint8(3), uint8(13))
	f.Add(int64(5), int64(5), uint8(9), uint8(9), uint8(17))
	f.Fuzz(func(t *testing.T, a, b int64, aScale, bScale, decimals uint8) {
		a, b = a>>16, b>>32 // within what bills have
		x, y, d := fixed{a, int32(aScale % 12)}, fixed{b, int32(bScale % 8)}, int32(decimals%14)
		want := x.decimal().Mul(y.decimal()).Round(d)
		if !want.Unscaled(min(d, x.scale+y.scale)).IsInt64() {
			return
		}
		if got := x.times(y, d).decimal(); !got.Equal(want) {
			t.Errorf("%v × %v to %d decimals is %s, want %s", x, y, d, got, want)
		}
	})
}

// FuzzSend holds the short way to a double against the long one.
func FuzzSend(f *testing.F) {
	f.Add(int64(1), uint8(1))
	f.Add(int64(123_456_789_012_345), uint8(13))
	f.Add(int64(999_999_999_999_999), uint8(18))
	f.Add(int64(1_000_000_000_000_001), uint8(3))
	f.Add(int64(-999_999_999_999_999_999), uint8(19))
	f.Fuzz(func(t *testing.T, coef int64, scale uint8) {
		if coef >= 1e18 || coef <= -1e18 {
			t.Skip("the double next to it may not fit 64 bits, and no amount of the estate comes near")
		}
		d := fixed{coef, int32(scale % 20)}
		got, want := send(d), deliver(d.decimal())
		if got.float != want.float || !got.exact().Equal(want.exact()) || got.text() != want.text() {
			t.Errorf("%v is sent as %s (%v), want %s (%v)", d, got.exact(), got.float, want.exact(), want.float)
		}
	})
}

func TestTally(t *testing.T) {
	var sum tally
	want := new(big.Int)
	add := func(f fixed) {
		sum.add(f)
		want.Add(want, f.decimal().Unscaled(25))
	}
	for range 5 {
		add(fixed{math.MaxInt64, 3})
		add(fixed{math.MaxInt64, 10})
		add(fixed{-17, 0})
		add(fixed{-1, 22})
	}
	for range 7 {
		add(fixed{math.MinInt64 + 1, 10})
	}
	add(fixed{0, 5})
	if got := sum.sum(); !got.Equal(showback.NewDecimal(want, 25)) {
		t.Errorf("sum is %s, want %s", got, showback.NewDecimal(want, 25))
	}
}
