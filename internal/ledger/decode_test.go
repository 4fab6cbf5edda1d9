package ledger

import (
	"database/sql"
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"showback"
)

// doubles makes numbers of all kinds that a bill may have: of few digits and of
// many, large and tiny, and such as arithmetic leaves.
func doubles(n int, most float64) []float64 {
	random := rand.New(rand.NewPCG(6, 2))
	all := []float64{0, math.Copysign(0, -1), 0.1, 0.01, 1.0 / 3, 5e-324, 1e-19, 5e-20, 4.9e-20, 1.5e-19, 0.05, 99999.99999999999, 100000, 123456.789,
		0.00000000005, 0.000000000049999999, 0.00000000015, 1e-5, 9.999999999999999e-5, 0.1 + 0.2, 1e-10, 1e-11, 1.23e-17, 12345.678901234567}
	for len(all) < n {
		x := math.Ldexp(random.Float64(), random.IntN(90)-70)
		switch random.IntN(4) {
		case 0: // few decimals
			x = math.Round(random.Float64()*1e6) / math.Pow(10, float64(random.IntN(14)))
		case 1: // and a factor that leaves many
			x = math.Round(random.Float64()*1e9) / 1e10 * 0.91
		case 2: // at half of a unit
			x = (math.Round(random.Float64()*1e4) + 0.5) / math.Pow(10, float64(random.IntN(12)))
		}
		all = append(all, x, -x)
	}
	kept := all[:0]
	for _, x := range all {
		if math.Abs(x) < most {
			kept = append(kept, x)
		}
	}
	return kept
}

// exact is the decimal of a double, as bills mean it.
func exact(x float64) showback.Decimal {
	return showback.MustDecimal(strconv.FormatFloat(x, 'g', -1, 64))
}

// pairOf takes a decimal apart: hi at digits, half away from zero, and what it
// leaves in units of 1e-19.
func pairOf(d showback.Decimal, digits int) (hi, rest string) {
	d = d.Round(showback.AmountScale)
	h := d.Round(int32(digits))
	return h.String(), d.Sub(h).Mul(showback.MustDecimal("1e19")).String()
}

func TestDecode(t *testing.T) {
	w, err := openWork(t.Context(), "", t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer w.close()
	for _, digits := range []int{10, 9, 6, 2, 1} {
		most := math.Min(mostDouble, math.Pow(10, float64(17-digits)))
		xs := doubles(5000, most)
		literals := make([]string, len(xs))
		for i, x := range xs {
			literals[i] = fmt.Sprintf("(%d, %s::DOUBLE, %s::DOUBLE)", i, quote(strconv.FormatFloat(x, 'g', -1, 64)),
				quote(strconv.FormatFloat(xs[(i+1)%len(xs)], 'g', -1, 64)))
		}
		whole, carried := combined("diff", digits, []string{"x"}, []string{"y"})
		query := "SELECT i, x_d, " + hiOf("x_q", digits) + "::VARCHAR, x_r::VARCHAR, " + hiOf("diff_q", digits) + "::VARCHAR, diff_r::VARCHAR FROM (SELECT *, " + carried + " FROM (SELECT *, " + whole +
			" FROM (" + decode("SELECT * FROM (VALUES "+strings.Join(literals, ", ")+") v(i, x, y)", []string{"x", "y"}, digits) + ")))"
		seen := 0
		err := w.each(t.Context(), query, func(scan func(...any) error) error {
			var i, d int
			var hi, rest, diffHi, diffRest string
			if err := scan(&i, &d, &hi, &rest, &diffHi, &diffRest); err != nil {
				return err
			}
			seen++
			check := func(what, hi, rest string, want showback.Decimal) {
				wantHi, wantRest := pairOf(want, digits)
				if got := showback.MustDecimal(hi); !got.Equal(showback.MustDecimal(wantHi)) || rest != wantRest {
					t.Errorf("%d digits, %s %g: got %s and %s, want %s and %s", digits, what, xs[i], hi, rest, wantHi, wantRest)
				}
			}
			x, y := exact(xs[i]), exact(xs[(i+1)%len(xs)])
			check("value", hi, rest, x)
			check("difference", diffHi, diffRest, x.Round(showback.AmountScale).Sub(y.Round(showback.AmountScale)))
			if cut := x.Scale() > showback.AmountScale; cut != (d > 19) {
				t.Errorf("%g has %d digits behind the point, want past the 19th: %t", xs[i], d, cut)
			}
			return nil
		})
		if err != nil || seen != len(xs) {
			t.Fatalf("%d digits: got %d rows and %v, want %d", digits, seen, err, len(xs))
		}
	}
	var none sql.NullString
	if err := w.one(t.Context(), "SELECT x_q::VARCHAR FROM ("+decode("SELECT NULL::DOUBLE AS x", []string{"x"}, 10)+")", &none); err != nil || none.Valid {
		t.Errorf("NULL: got %v and %v, want NULL", none, err)
	}
}
