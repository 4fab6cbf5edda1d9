package showback

import (
	"math/big"
	"regexp"
	"strings"
	"testing"
)

var arnForm = regexp.MustCompile(`(?s)^arn:[^:]+:[^:]+:[^:]*:[^:]*:.+$`)

// FuzzParseARN holds the parser against the form, as a pattern.
func FuzzParseARN(f *testing.F) {
	f.Fuzz(func(t *testing.T, text string) {
		a, err := ParseARN(text)
		if got, want := err == nil, arnForm.MatchString(text); got != want {
			t.Fatalf("%q: read is %v, want %v", text, got, want)
		}
		if err != nil {
			if KindOf(err) != KindInvalid || a != (ARN{}) {
				t.Fatalf("%q: got %+v and an error of kind %s", text, a, KindOf(err))
			}
			return
		}
		if a.String() != text {
			t.Fatalf("%q writes back as %q", text, a)
		}
		if strings.ContainsAny(a.Partition+a.Service+a.Region+a.Account, ":") {
			t.Fatalf("%q: a colon in %+v", text, a)
		}
	})
}

// FuzzParseTagKey: both ways to write a key are read as the key, and nothing is
// read that names no source.
func FuzzParseTagKey(f *testing.F) {
	f.Fuzz(func(t *testing.T, text string) {
		key, ok := ParseTagKey(text)
		var want bool
		for _, s := range TagSources {
			for _, before := range []string{string(s.Source) + "/", s.Word + ":"} {
				want = want || strings.HasPrefix(text, before) && text != before
			}
		}
		if ok != want || ok == (key == TagKey{}) {
			t.Fatalf("%q: got %+v, %v", text, key, ok)
		}
		if !ok {
			return
		}
		if !strings.HasSuffix(text, key.Name) || text != key.String() && text != key.Flag() {
			t.Fatalf("%q: got %q, written %q or %q", text, key.Name, key, key.Flag())
		}
		for _, written := range []string{key.String(), key.Flag()} {
			if again, ok := ParseTagKey(written); !ok || again != key {
				t.Fatalf("%q is written %q, which is %+v, %v", text, written, again, ok)
			}
		}
	})
}

// FuzzDecimalArithmetic holds sums, products, quotients, roundings and
// comparisons of two decimals against rational numbers.
func FuzzDecimalArithmetic(f *testing.F) {
	f.Fuzz(func(t *testing.T, x, y string, places uint8) {
		a, err := ParseDecimal(x)
		if err != nil {
			return
		}
		b, err := ParseDecimal(y)
		if err != nil {
			return
		}
		r, s := ratOf(t, a), ratOf(t, b)
		same := func(what string, got Decimal, want *big.Rat) {
			t.Helper()
			if ratOf(t, got).Cmp(want) != 0 {
				t.Errorf("%s of %s and %s is %s, want %s", what, a, b, got, want.RatString())
			}
		}
		same("the sum", a.Add(b), new(big.Rat).Add(r, s))
		same("the difference", a.Sub(b), new(big.Rat).Sub(r, s))
		same("the product", a.Mul(b), new(big.Rat).Mul(r, s))
		same("the opposite", a.Neg(), new(big.Rat).Neg(r))
		same("the size", a.Abs(), new(big.Rat).Abs(r))
		same("a + b - b", a.Add(b).Sub(b), r)
		if got, want := a.Cmp(b), r.Cmp(s); got != want || a.Equal(b) != (want == 0) || a.Sign() != r.Sign() || a.IsZero() != (r.Sign() == 0) {
			t.Errorf("%s compared with %s is %d, want %d; its sign is %d", a, b, got, want, a.Sign())
		}
		n := int32(places % 40)
		half := new(big.Rat).SetFrac(big.NewInt(1), new(big.Int).Mul(big.NewInt(2), pow10(n)))
		near := func(what string, got Decimal, exact *big.Rat) {
			t.Helper()
			off := new(big.Rat).Sub(ratOf(t, got), exact)
			size := new(big.Rat).Abs(off)
			// A half is rounded away from zero.
			if c := size.Cmp(half); got.Scale() > n || c > 0 || c == 0 && off.Sign() != exact.Sign() {
				t.Errorf("%s of %s and %s to %d places is %s, exactly %s", what, a, b, n, got, exact.RatString())
			}
		}
		near("rounding", a.Round(n), r)
		near("fixing", MustDecimal(a.Fixed(n)), r)
		near("unscaling", NewDecimal(a.Unscaled(n), n), r)
		if b.Sign() != 0 {
			near("the quotient", a.Quo(b, n), new(big.Rat).Quo(r, s))
		}
		if text := a.Fixed(n); n > 0 && strings.Index(text, ".") != len(text)-int(n)-1 {
			t.Errorf("%s with %d decimals is %s", a, n, text)
		}
		if a.Scale() <= n && !a.Round(n).Equal(a) {
			t.Errorf("%s has %d decimals and rounds to %s with %d", a, a.Scale(), a.Round(n), n)
		}

		var back Decimal
		text, err := a.MarshalText()
		if err == nil {
			err = back.UnmarshalText(text)
		}
		if err != nil || !back.Equal(a) || back.String() != a.String() {
			t.Errorf("%s does not survive its text %s: %s, %v", a, text, back, err)
		}
	})
}

func ratOf(t *testing.T, d Decimal) *big.Rat {
	t.Helper()
	r, ok := new(big.Rat).SetString(d.String())
	if !ok {
		t.Fatalf("%q is no number", d)
	}
	return r
}

// FuzzMoney: amounts of one currency add up, those of two never do.
func FuzzMoney(f *testing.F) {
	f.Fuzz(func(t *testing.T, x, one, y, other string) {
		a, err := ParseDecimal(x)
		if err != nil {
			return
		}
		b, err := ParseDecimal(y)
		if err != nil {
			return
		}
		m, n := Money{a, one}, Money{b, other}
		sum, err := m.Add(n)
		reverse, err2 := n.Add(m)
		if (err == nil) != (err2 == nil) {
			t.Fatalf("%s + %s: error %v, the other way %v", m, n, err, err2)
		}
		if err != nil {
			if one == other || KindOf(err) != KindInvalid || (sum != Money{}) {
				t.Fatalf("%s + %s: got %s and an error of kind %s", m, n, sum, KindOf(err))
			}
			return
		}
		if one != other {
			t.Fatalf("%s and %s were added, to %s", m, n, sum)
		}
		if !sum.Amount.Equal(a.Add(b)) || !reverse.Amount.Equal(sum.Amount) || sum.Currency != one {
			t.Fatalf("%s + %s is %s, the other way %s", m, n, sum, reverse)
		}
		if back, err := sum.Add(Money{b.Neg(), other}); err != nil || !back.Amount.Equal(a) || back.Currency != one {
			t.Fatalf("%s + %s - %[2]s is %[3]s, error %v", m, n, back, err)
		}
		if got, err := m.Add(Money{}); err != nil || !got.Amount.Equal(a) || got.Currency != one {
			t.Fatalf("%s and nothing is %s, error %v", m, got, err)
		}
	})
}
