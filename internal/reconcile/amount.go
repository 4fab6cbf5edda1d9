package reconcile

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"strconv"

	"showback"
)

// kept is how many decimals of an amount the ledger keeps.
const kept = showback.AmountScale

// maxPower bounds an exponent, so that 1e999999999 is no number rather than a
// gigabyte of digits. A double needs 324.
const maxPower = 400

// amount is one amount of a line. Its big integers are reused from line to
// line; whoever keeps one copies it.
type amount struct {
	present bool
	units   big.Int // what is kept, in units of 10^-kept
	// cut is what rounding took away, delivered - kept, in units of
	// 10^-cutScale; 0 for nearly every amount.
	cut      big.Int
	cutScale int32
}

func (a *amount) clear() { a.present = false }

// wasCut reports whether the amount had digits past the last one kept.
func (a *amount) wasCut() bool { return a.cut.Sign() != 0 }

// amountParser turns what a file holds into amounts. It owns the scratch space
// that keeps a million amounts from being a million allocations.
type amountParser struct {
	coef, quo, rem big.Int
	text           []byte
}

var errNumber = errors.New("want digits such as 12.5 or 1e-10")

// readDouble takes the shortest decimal that reads back as f, which is what
// the bill said before it became a double. bits is 32 or 64.
func (p *amountParser) readDouble(f float64, bits int, a *amount) error {
	switch {
	case f == 0:
		p.place(0, 0, false, a)
		return nil
	case math.IsNaN(f) || math.IsInf(f, 0):
		return fmt.Errorf("%v: want a finite number", f)
	}
	p.text = strconv.AppendFloat(p.text[:0], f, 'e', -1, bits)
	return readText(p, p.text, a)
}

// readText reads a sign, digits with at most one point and an exponent; only
// the digits are required. An error leaves a absent.
func readText[T string | []byte](p *amountParser, s T, a *amount) error {
	a.clear()
	i, negative := 0, false
	if len(s) > 0 && (s[0] == '+' || s[0] == '-') {
		negative, i = s[0] == '-', 1
	}
	var mantissa uint64
	var power int64
	first, digits, point, wide := i, 0, false, false
	for ; i < len(s); i++ {
		c := s[i]
		if c == '.' && !point {
			point = true
			continue
		}
		if c < '0' || c > '9' {
			break
		}
		digits++
		if point {
			power--
		}
		if mantissa > (math.MaxUint64-9)/10 {
			wide = true
			continue
		}
		mantissa = mantissa*10 + uint64(c-'0')
	}
	last := i
	if digits == 0 {
		return errNumber
	}
	if i < len(s) {
		e, err := exponent(string(s[i:]))
		if err != nil {
			return err
		}
		power += e
	}
	if !wide {
		p.place(mantissa, power, negative, a)
		return nil
	}
	p.text = append(p.text[:0], s[first:last]...)
	p.text = dropPoint(p.text)
	if _, ok := p.coef.SetString(string(p.text), 10); !ok {
		panic("BUG: digits that are no number: " + string(p.text))
	}
	if negative {
		p.coef.Neg(&p.coef)
	}
	p.placeBig(power, a)
	return nil
}

func exponent(s string) (int64, error) {
	if s[0] != 'e' && s[0] != 'E' || len(s) < 2 {
		return 0, errNumber
	}
	digits := s[1:]
	if digits[0] == '+' || digits[0] == '-' {
		digits = digits[1:]
	}
	if len(digits) == 0 || len(digits) > 6 {
		return 0, errNumber
	}
	var e int64
	for i := range len(digits) {
		if digits[i] < '0' || digits[i] > '9' {
			return 0, errNumber
		}
		e = e*10 + int64(digits[i]-'0')
	}
	if e > maxPower {
		return 0, fmt.Errorf("want an exponent within ±%d", maxPower)
	}
	if s[1] == '-' {
		e = -e
	}
	return e, nil
}

func dropPoint(digits []byte) []byte {
	out := digits[:0]
	for _, c := range digits {
		if c != '.' {
			out = append(out, c)
		}
	}
	return out
}

// place sets a to ±mantissa × 10^power.
func (p *amountParser) place(mantissa uint64, power int64, negative bool, a *amount) {
	shift := power + kept
	if shift >= 0 || shift < -19 {
		p.coef.SetUint64(mantissa)
		if negative {
			p.coef.Neg(&p.coef)
		}
		p.placeBig(power, a)
		return
	}
	a.present = true
	by := smallPowers[-shift]
	quo, rem := mantissa/by, mantissa%by
	a.cut.SetUint64(rem)
	a.cutScale = int32(-power)
	if rem >= by-rem && rem != 0 { // half or more: away from zero
		quo++
		a.cut.SetUint64(by - rem)
		a.cut.Neg(&a.cut)
	}
	a.units.SetUint64(quo)
	if negative {
		a.units.Neg(&a.units)
		a.cut.Neg(&a.cut)
	}
}

// placeBig sets a to coef × 10^power.
func (p *amountParser) placeBig(power int64, a *amount) {
	a.present = true
	a.cut.SetUint64(0)
	a.cutScale = 0
	shift := power + kept
	if shift >= 0 {
		a.units.Mul(&p.coef, powerOfTen(shift))
		return
	}
	by := powerOfTen(-shift)
	p.quo.QuoRem(&p.coef, by, &p.rem)
	if p.rem.Sign() != 0 {
		a.cut.Set(&p.rem)
		a.cutScale = int32(-power)
		twice := p.rem.Lsh(&p.rem, 1)
		if twice.CmpAbs(by) >= 0 {
			// QuoRem cuts towards zero, so away from zero is the sign's way.
			step := int64(p.coef.Sign())
			p.quo.Add(&p.quo, big.NewInt(step))
			if step > 0 {
				a.cut.Sub(&a.cut, by)
			} else {
				a.cut.Add(&a.cut, by)
			}
		}
	}
	a.units.Set(&p.quo)
}

// readScaled reads an unscaled integer with its scale, Parquet's DECIMAL.
func (p *amountParser) readScaled(unscaled int64, scale int32, a *amount) {
	p.coef.SetInt64(unscaled)
	p.placeBig(-int64(scale), a)
}

// readBytes reads a DECIMAL that is stored as bytes: two's complement, most
// significant byte first. (Apache Parquet, "Logical types: DECIMAL", 2026.)
func (p *amountParser) readBytes(b []byte, scale int32, a *amount) {
	p.coef.SetBytes(b)
	if len(b) > 0 && b[0]&0x80 != 0 {
		p.quo.SetUint64(1)
		p.quo.Lsh(&p.quo, uint(8*len(b)))
		p.coef.Sub(&p.coef, &p.quo)
	}
	p.placeBig(-int64(scale), a)
}

var (
	smallPowers [20]uint64 // those that a uint64 holds
	bigPowers   [2*maxPower + 64]*big.Int
)

func init() {
	n := uint64(1)
	for i := range smallPowers {
		smallPowers[i] = n
		n *= 10 // overflows after the last, unused
	}
	ten, b := big.NewInt(10), big.NewInt(1)
	for i := range bigPowers {
		bigPowers[i] = b
		b = new(big.Int).Mul(b, ten)
	}
}

func powerOfTen(n int64) *big.Int {
	if n < int64(len(bigPowers)) {
		return bigPowers[n]
	}
	return new(big.Int).Exp(big.NewInt(10), big.NewInt(n), nil)
}
