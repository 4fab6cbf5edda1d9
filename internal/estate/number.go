package estate

import (
	"math/big"
	"strconv"

	"showback"
)

// number is a figure as a bill delivers it: a double, whose exact meaning is
// the shortest decimal that reads back as it. The zero number is a blank.
type number struct {
	set   bool
	float float64
	exact showback.Decimal
}

// deliver returns what remains of d once a bill has written it as a double.
func deliver(d showback.Decimal) number {
	f, err := strconv.ParseFloat(d.String(), 64)
	if err != nil {
		panic("BUG: decimal that is no float: " + err.Error())
	}
	return number{set: true, float: f, exact: showback.MustDecimal(strconv.FormatFloat(f, 'g', -1, 64))}
}

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

// orZero returns the exact value, 0 for a blank.
func (n number) orZero() showback.Decimal { return n.exact }

func (n number) neg() number {
	if !n.set {
		return n
	}
	return deliver(n.exact.Neg())
}

// dec is a decimal literal.
func dec(text string) showback.Decimal { return showback.MustDecimal(text) }

// scaled returns n × 10^-scale.
func scaled(n int64, scale int32) showback.Decimal {
	return showback.NewDecimal(big.NewInt(n), scale)
}
