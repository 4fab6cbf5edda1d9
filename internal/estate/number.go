package estate

import (
	"math/big"
	"math/bits"
	"strconv"

	"showback"
)

// fixed is coef × 10^-scale in whole numbers, exact: what the estate computes
// with, as an estate may have a hundred million lines.
type fixed struct {
	coef  int64
	scale int32
}

// powersOfTen are those that an int64 holds.
var powersOfTen = func() (list [19]int64) {
	list[0] = 1
	for i := 1; i < len(list); i++ {
		list[i] = list[i-1] * 10
	}
	return list
}()

// fix is a literal.
func fix(text string) fixed { return fixedOf(dec(text)) }

// fixedOf returns d, which must fit.
func fixedOf(d showback.Decimal) fixed {
	scale := d.Scale()
	coef := d.Unscaled(scale)
	if !coef.IsInt64() {
		panic("BUG: " + d.String() + " does not fit 64 bits")
	}
	return fixed{coef.Int64(), scale}
}

func (f fixed) decimal() showback.Decimal { return scaled(f.coef, f.scale) }

// times returns f × g with at most the given decimals, rounded half away from
// zero. It panics where that does not fit.
func (f fixed) times(g fixed, decimals int32) fixed {
	sign := int64(1)
	a, b := f.coef, g.coef
	if a < 0 {
		a, sign = -a, -sign
	}
	if b < 0 {
		b, sign = -b, -sign
	}
	high, low := bits.Mul64(uint64(a), uint64(b))
	scale, by := f.scale+g.scale, uint64(1)
	if scale > decimals {
		by, scale = uint64(powersOfTen[scale-decimals]), decimals
	}
	if high >= by {
		panic("BUG: product beyond 64 bits")
	}
	product, rest := bits.Div64(high, low, by)
	if by > 1 && rest >= by/2 {
		product++
	}
	if product >= 1<<63 {
		panic("BUG: product beyond 64 bits")
	}
	return fixed{sign * int64(product), scale}
}

// number is a figure as a bill delivers it: a double, whose exact meaning is
// the shortest decimal that reads back as it. The zero number is a blank.
type number struct {
	fixed // the exact meaning
	set   bool
	float float64
}

// A decimal of up to 15 digits is the shortest that reads back as its double,
// and an integer below 2^53 divided by a power of ten up to 10^22 is that
// double. (W. D. Clinger, "How to Read Floating Point Numbers Accurately",
// 1990.) Here the powers are those of an int64.
const exactBelow = 1_000_000_000_000_000

// send returns what remains of f once a bill has written it as a double.
func send(f fixed) number {
	if f.coef < exactBelow && f.coef > -exactBelow && int(f.scale) < len(powersOfTen) {
		return number{set: true, float: float64(f.coef) / float64(powersOfTen[f.scale]), fixed: f}
	}
	return deliver(f.decimal())
}

// deliver is send for a decimal of any size.
func deliver(d showback.Decimal) number {
	f, err := strconv.ParseFloat(d.String(), 64)
	if err != nil {
		panic("BUG: decimal that is no float: " + err.Error())
	}
	return number{set: true, float: f, fixed: fixedOf(showback.MustDecimal(strconv.FormatFloat(f, 'g', -1, 64)))}
}

// exact returns the number's value, 0 for a blank.
func (n number) exact() showback.Decimal { return n.decimal() }

// text writes the number as CSV exports do: plain digits, and an exponent for
// what is smaller than a millionth.
func (n number) text() string {
	switch {
	case !n.set:
		return ""
	case n.float != 0 && n.float < 1e-6 && n.float > -1e-6:
		return strconv.FormatFloat(n.float, 'E', -1, 64)
	}
	return strconv.FormatFloat(n.float, 'f', -1, 64)
}

func (n number) neg() number {
	n.coef, n.float = -n.coef, -n.float
	if n.coef == 0 {
		n.float = 0 // a bill has no negative zero
	}
	return n
}

// dec is a decimal literal.
func dec(text string) showback.Decimal { return showback.MustDecimal(text) }

// scaled returns n × 10^-scale.
func scaled(n int64, scale int32) showback.Decimal {
	return showback.NewDecimal(big.NewInt(n), scale)
}

// tally adds numbers up, exactly, without making a big integer of each.
type tally struct {
	small [len(powersOfTen)]int64 // by scale
	large showback.Decimal        // what has outgrown small
}

func (t *tally) add(n fixed) {
	if int(n.scale) >= len(t.small) {
		t.large = t.large.Add(n.decimal())
		return
	}
	at := &t.small[n.scale]
	sum := *at + n.coef
	if (sum > *at) != (n.coef > 0) && n.coef != 0 {
		t.large = t.large.Add(scaled(*at, n.scale))
		sum = n.coef
	}
	*at = sum
}

func (t *tally) sum() showback.Decimal {
	sum := t.large
	for scale, n := range t.small {
		if n != 0 {
			sum = sum.Add(scaled(n, int32(scale)))
		}
	}
	return sum
}
