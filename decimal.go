package showback

import (
	"math/big"
	"strconv"
	"strings"
)

// Decimal is an exact decimal number of any size: coef × 10^-scale. The zero
// value is 0. Values are immutable; methods return new ones.
type Decimal struct {
	coef  *big.Int // nil means 0
	scale int32    // digits after the point, never negative
}

// AmountScale is the number of decimals the ledger keeps. Digits past it are
// rounded half away from zero when a bill is read, and counted.
const AmountScale = 19

// maxExponent bounds what ParseDecimal expands, so that "1e999999999" is an
// error and not an allocation.
const maxExponent = 400

var (
	bigZero = new(big.Int)
	bigTen  = big.NewInt(10)
)

// powers are those of ten that scales of the ledger and their differences need.
var powers = func() (list [2*AmountScale + 1]*big.Int) {
	for i := range list {
		list[i] = new(big.Int).Exp(bigTen, big.NewInt(int64(i)), nil)
	}
	return list
}()

// pow10 returns 10^n, which belongs to everyone and is never changed.
func pow10(n int32) *big.Int {
	if n < int32(len(powers)) {
		return powers[n]
	}
	return new(big.Int).Exp(bigTen, big.NewInt(int64(n)), nil)
}

// NewDecimal returns unscaled × 10^-scale. A negative scale multiplies.
// unscaled is copied.
func NewDecimal(unscaled *big.Int, scale int32) Decimal {
	c := new(big.Int).Set(unscaled)
	if scale < 0 {
		return Decimal{coef: c.Mul(c, pow10(-scale))}
	}
	return Decimal{coef: c, scale: scale}
}

// DecimalFromInt returns n as a Decimal.
func DecimalFromInt(n int64) Decimal { return Decimal{coef: big.NewInt(n)} }

// ParseDecimal reads a decimal number as bills write them: an optional sign,
// digits with at most one point, and an optional exponent. Blanks, digit
// separators, NaN and infinity are errors of KindInvalid.
func ParseDecimal(text string) (Decimal, error) {
	bad := func() (Decimal, error) {
		return Decimal{}, Errorf(KindInvalid, "parse number %q: want digits such as 12.5 or 1e-10", text)
	}
	s, exp := text, int64(0)
	if i := strings.IndexAny(s, "eE"); i >= 0 {
		e, digits := s[i+1:], s[i+1:]
		if digits != "" && (digits[0] == '+' || digits[0] == '-') {
			digits = digits[1:]
		}
		if digits == "" || len(digits) > 6 || !allDigits(digits) {
			return bad()
		}
		var err error
		if exp, err = strconv.ParseInt(e, 10, 64); err != nil {
			return bad()
		}
		s = s[:i]
	}
	if exp > maxExponent || exp < -maxExponent {
		return Decimal{}, Errorf(KindInvalid, "parse number %q: exponent beyond ±%d", text, maxExponent)
	}
	sign := ""
	if s != "" && (s[0] == '+' || s[0] == '-') {
		if s[0] == '-' {
			sign = "-"
		}
		s = s[1:]
	}
	whole, frac, _ := strings.Cut(s, ".")
	if whole == "" && frac == "" || !allDigits(whole) || !allDigits(frac) {
		return bad()
	}
	coef, ok := new(big.Int).SetString(sign+whole+frac, 10)
	if !ok {
		return bad()
	}
	return NewDecimal(coef, int32(int64(len(frac))-exp)), nil
}

// MustDecimal is ParseDecimal for literals; it panics on a bad one.
func MustDecimal(text string) Decimal {
	d, err := ParseDecimal(text)
	if err != nil {
		panic("BUG: " + err.Error())
	}
	return d
}

func allDigits(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

// int returns d's integer, which is never changed.
func (d Decimal) int() *big.Int {
	if d.coef == nil {
		return bigZero
	}
	return d.coef
}

// Unscaled returns the integer d × 10^scale. It is exact only when scale is at
// least d.Scale(); otherwise the value is rounded half away from zero. The
// integer is the caller's.
func (d Decimal) Unscaled(scale int32) *big.Int {
	if scale == d.scale {
		return new(big.Int).Set(d.int())
	}
	if scale > d.scale {
		return new(big.Int).Mul(d.int(), pow10(scale-d.scale))
	}
	return quoHalfAway(d.int(), pow10(d.scale-scale))
}

func quoHalfAway(n, by *big.Int) *big.Int {
	q, r := new(big.Int).QuoRem(n, by, new(big.Int))
	if r.Abs(r).Lsh(r, 1).CmpAbs(by) >= 0 {
		step := int64(n.Sign() * by.Sign())
		q.Add(q, big.NewInt(step))
	}
	return q
}

// align returns both integers at the larger scale. They are never changed: at
// an equal scale, as sums mostly have it, they are the decimals' own.
func align(a, b Decimal) (*big.Int, *big.Int, int32) {
	switch {
	case a.scale < b.scale:
		return a.Unscaled(b.scale), b.int(), b.scale
	case a.scale > b.scale:
		return a.int(), b.Unscaled(a.scale), a.scale
	}
	return a.int(), b.int(), a.scale
}

// Add returns d + e, exactly.
func (d Decimal) Add(e Decimal) Decimal {
	a, b, scale := align(d, e)
	return Decimal{coef: new(big.Int).Add(a, b), scale: scale}
}

// Sub returns d - e, exactly.
func (d Decimal) Sub(e Decimal) Decimal { return d.Add(e.Neg()) }

// Neg returns -d.
func (d Decimal) Neg() Decimal {
	return Decimal{coef: new(big.Int).Neg(d.int()), scale: d.scale}
}

// Abs returns d without its sign.
func (d Decimal) Abs() Decimal {
	return Decimal{coef: new(big.Int).Abs(d.int()), scale: d.scale}
}

// Mul returns d × e, exactly.
func (d Decimal) Mul(e Decimal) Decimal {
	return Decimal{coef: new(big.Int).Mul(d.int(), e.int()), scale: d.scale + e.scale}
}

// Quo returns d ÷ e rounded half away from zero to the given decimals. It
// panics when e is 0: the caller decides what a share of nothing is.
func (d Decimal) Quo(e Decimal, decimals int32) Decimal {
	if e.IsZero() {
		panic("BUG: decimal division by zero")
	}
	n := new(big.Int).Mul(d.int(), pow10(e.scale+decimals))
	by := new(big.Int).Mul(e.int(), pow10(d.scale))
	return Decimal{coef: quoHalfAway(n, by), scale: decimals}
}

// Round returns d with at most the given decimals, rounded half away from zero.
func (d Decimal) Round(decimals int32) Decimal {
	if decimals >= d.scale {
		return d
	}
	return Decimal{coef: d.Unscaled(decimals), scale: decimals}
}

// Cmp returns -1, 0 or +1 as d is less than, equal to or greater than e.
func (d Decimal) Cmp(e Decimal) int {
	a, b, _ := align(d, e)
	return a.Cmp(b)
}

// Equal reports whether d and e are the same number; 1.0 equals 1.
func (d Decimal) Equal(e Decimal) bool { return d.Cmp(e) == 0 }

// IsZero reports whether d is 0.
func (d Decimal) IsZero() bool { return d.int().Sign() == 0 }

// Sign returns -1, 0 or +1.
func (d Decimal) Sign() int { return d.int().Sign() }

// Scale returns the digits after the point that d needs, without trailing zeros.
func (d Decimal) Scale() int32 { return d.trim().scale }

func (d Decimal) trim() Decimal {
	c, scale, r := new(big.Int).Set(d.int()), d.scale, new(big.Int)
	for scale > 0 {
		q, rem := new(big.Int).QuoRem(c, bigTen, r)
		if rem.Sign() != 0 {
			break
		}
		c, scale = q, scale-1
	}
	return Decimal{coef: c, scale: scale}
}

// String writes every digit of d without an exponent and without trailing
// zeros: "0", "-0.0000000001", "1000000000000".
func (d Decimal) String() string {
	t := d.trim()
	return place(t.int(), t.scale)
}

// Fixed writes d with exactly the given decimals, rounded half away from zero.
func (d Decimal) Fixed(decimals int32) string {
	return place(d.Unscaled(decimals), decimals)
}

func place(coef *big.Int, scale int32) string {
	digits := new(big.Int).Abs(coef).String()
	if n := int(scale) + 1 - len(digits); n > 0 {
		digits = strings.Repeat("0", n) + digits
	}
	out := digits
	if scale > 0 {
		cut := len(digits) - int(scale)
		out = digits[:cut] + "." + digits[cut:]
	}
	if coef.Sign() < 0 {
		out = "-" + out
	}
	return out
}

// MarshalText writes d as String does, so JSON carries money as a string.
func (d Decimal) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (d *Decimal) UnmarshalText(text []byte) error {
	v, err := ParseDecimal(string(text))
	if err != nil {
		return err
	}
	*d = v
	return nil
}
