package showback

import (
	"math/big"
	"strconv"
	"strings"
	"testing"
)

func TestParseDecimal(t *testing.T) {
	f := func(text, want string) {
		t.Helper()
		d, err := ParseDecimal(text)
		if err != nil {
			t.Errorf("ParseDecimal(%q): %v", text, err)
			return
		}
		if got := d.String(); got != want {
			t.Errorf("ParseDecimal(%q) = %s, want %s", text, got, want)
		}
	}
	f("0", "0")
	f("-0", "0")
	f("+1.50", "1.5")
	f(".5", "0.5")
	f("5.", "5")
	f("1e-10", "0.0000000001")
	f("1e-08", "0.00000001") // the leading zero is no octal sign
	f("1.5E-09", "0.0000000015")
	f("1e010", "10000000000")
	f("1e+3", "1000")
	f("-1.0e0", "-1")
	f("1000000000000.0123456789012345678", "1000000000000.0123456789012345678")
	f("00012.3400", "12.34")
}

func TestParseDecimalRefuses(t *testing.T) {
	for _, text := range []string{"", "-", ".", "e5", "1e", "1e+", "NaN", "Inf", "1_000", " 1", "1 ", "1,5", "0x10", "1.2.3", "--1", "1e1.5", "1e999999999", "1e401"} {
		if d, err := ParseDecimal(text); err == nil {
			t.Errorf("ParseDecimal(%q) = %s, want an error", text, d)
		} else if KindOf(err) != KindInvalid {
			t.Errorf("ParseDecimal(%q): kind %s, want %s", text, KindOf(err), KindInvalid)
		}
	}
}

func TestDecimalRounding(t *testing.T) {
	f := func(text string, decimals int32, want string) {
		t.Helper()
		if got := MustDecimal(text).Fixed(decimals); got != want {
			t.Errorf("%s to %d decimals = %s, want %s", text, decimals, got, want)
		}
	}
	f("0.005", 2, "0.01")
	f("-0.005", 2, "-0.01")
	f("0.0049999", 2, "0.00")
	f("1.999", 2, "2.00")
	f("12", 3, "12.000")
	f("5e-20", AmountScale, "0.0000000000000000001")
	f("4.9e-20", AmountScale, "0.0000000000000000000")
}

func TestDecimalArithmetic(t *testing.T) {
	a, b := MustDecimal("1000000000000.0000000000001"), MustDecimal("-0.0000000000000000001")
	if got, want := a.Add(b).String(), "1000000000000.0000000000000999999"; got != want {
		t.Errorf("sum = %s, want %s", got, want)
	}
	if got, want := a.Sub(a).String(), "0"; got != want {
		t.Errorf("difference = %s, want %s", got, want)
	}
	if got, want := MustDecimal("1").Quo(MustDecimal("3"), 5).String(), "0.33333"; got != want {
		t.Errorf("1/3 = %s, want %s", got, want)
	}
	if got, want := MustDecimal("-2").Quo(MustDecimal("3"), 5).String(), "-0.66667"; got != want {
		t.Errorf("-2/3 = %s, want %s", got, want)
	}
	if !MustDecimal("1.0").Equal(MustDecimal("1")) {
		t.Error("1.0 is not 1")
	}
	if got, want := new(Decimal).Add(MustDecimal("2.5")).Mul(MustDecimal("4")).String(), "10"; got != want {
		t.Errorf("product = %s, want %s", got, want)
	}
}

// Values never change, also where a method could have used their own integer.
func TestDecimalsStay(t *testing.T) {
	one, same, other := MustDecimal("1.25"), MustDecimal("-2.50"), MustDecimal("3")
	f := func(name string, d Decimal, want string) {
		t.Helper()
		d.Unscaled(2).SetInt64(99)
		new(Decimal).Unscaled(0).SetInt64(99)
		d.Add(one).Unscaled(2).SetInt64(99)
		d.Add(Decimal{}).Unscaled(2).SetInt64(99)
		if got := d.String(); got != want {
			t.Errorf("%s became %s, want %s", name, got, want)
		}
	}
	f("a decimal", one, "1.25")
	f("one of the same scale", same, "-2.5")
	f("one of another scale", other, "3")
	f("the zero value", Decimal{}, "0")
	f("a power of ten", MustDecimal("1e5"), "100000")
	f("a sum", one.Add(same), "-1.25")
	f("a sum of scales", one.Add(other), "4.25")
	for _, c := range []struct {
		d, e Decimal
		want int
	}{{one, one, 0}, {one, same, 1}, {same, other, -1}, {other, one, 1}, {Decimal{}, same, 1}, {MustDecimal("3.00"), other, 0}} {
		if got := c.d.Cmp(c.e); got != c.want {
			t.Errorf("%s compared with %s = %d, want %d", c.d, c.e, got, c.want)
		}
	}
}

func TestMoneyOfTwoCurrencies(t *testing.T) {
	usd := Money{MustDecimal("1"), "USD"}
	if _, err := usd.Add(Money{MustDecimal("1"), "EUR"}); KindOf(err) != KindInvalid {
		t.Errorf("adding euros to dollars: error %v, want one of kind invalid", err)
	}
	if got, err := usd.Add(Money{MustDecimal("0.5"), "USD"}); err != nil || got.String() != "1.5 USD" {
		t.Errorf("1 + 0.5 USD = %s, %v", got, err)
	}
}

// FuzzParseDecimal holds the parser against math/big, and a double's shortest
// text against strconv.
func FuzzParseDecimal(f *testing.F) {
	for _, s := range []string{"1e-08", "-12.50", "1e10", "0.1", "123456789012345678901234567890", "5e-324"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		d, err := ParseDecimal(text)
		if err != nil {
			return
		}
		want, ok := new(big.Rat).SetString(text)
		if !ok {
			t.Fatalf("%q was read as %s but is no number", text, d)
		}
		got, ok := new(big.Rat).SetString(d.String())
		if !ok || got.Cmp(want) != 0 {
			t.Fatalf("%q was read as %s", text, d)
		}
		again, err := ParseDecimal(d.String())
		if err != nil || !again.Equal(d) || strings.ContainsAny(d.String(), "eE") {
			t.Fatalf("%s does not survive its text: %s, %v", d, again, err)
		}
		if x, err := strconv.ParseFloat(text, 64); err == nil && x != 0 && x == x {
			s := strconv.FormatFloat(x, 'g', -1, 64)
			if e, err := ParseDecimal(s); err == nil {
				if back, _ := strconv.ParseFloat(e.String(), 64); back != x {
					t.Fatalf("double %s became %s", s, e)
				}
			}
		}
	})
}

func BenchmarkDecimalSum(b *testing.B) {
	f := func(name, text string) {
		b.Run(name, func(b *testing.B) {
			amount := MustDecimal(text)
			sum := MustDecimal("1000.0000000001")
			b.ReportAllocs()
			for b.Loop() {
				sum = sum.Add(amount)
			}
		})
	}
	f("same scale", "0.0123456789")
	f("other scale", "0.0123")
}

func BenchmarkDecimalCmp(b *testing.B) {
	f := func(name, text string) {
		b.Run(name, func(b *testing.B) {
			one, other := MustDecimal("1000.0000000001"), MustDecimal(text)
			b.ReportAllocs()
			for b.Loop() {
				one.Cmp(other)
			}
		})
	}
	f("same scale", "1000.0000000002")
	f("other scale", "1000")
}
