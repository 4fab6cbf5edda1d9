package ledger

import (
	"fmt"
	"strings"
)

// A double of a bill is the shortest decimal that reads back as it. The engine
// writes it so, but is slow to read that text as a DECIMAL(38,19), digit by digit.
// Here the decimal is put together from integers instead: its digits without
// the point, a BIGINT, and how many of them stand behind the point.

// mostDouble bounds the doubles that are read this way: below it the engine
// writes no exponent but a negative one, and the digits fit a BIGINT.
const mostDouble = 1e15

// decode returns a query that has, beside the columns of the query from, three
// columns for each double among them: x_q and x_r, the value as a pair, x_q in
// units of 10^-digits, rounded half away from zero, and x_r, what that leaves, in
// units of 1e-19; and x_d, how many digits stand behind the point, the trailing
// zeros of some aside. What is past the 19th is rounded half away from zero. All
// are NULL for NULL. The doubles are below mostDouble, and below 1e18 in units of
// 10^-digits; digits is 1 to 10.
func decode(from string, doubles []string, digits int) string {
	layer := func(write func(x string) string) {
		columns := make([]string, len(doubles))
		for i, x := range doubles {
			columns[i] = write(x)
		}
		from = "SELECT *, " + strings.Join(columns, ", ") + " FROM (" + from + ")"
	}
	if len(doubles) == 0 {
		return from
	}
	// A double that is n / 1e10 or n / 1e4 with at most 15 digits is that
	// decimal: no other of so few digits reads back as it.
	layer(func(x string) string {
		return fmt.Sprintf("CASE WHEN %[1]s IS NULL THEN NULL WHEN abs(%[1]s) < 1e5 AND TRY_CAST(%[1]s * 1e10 AS BIGINT) / 1e10 = %[1]s THEN 10"+
			" WHEN abs(%[1]s) < 1e11 AND TRY_CAST(%[1]s * 1e4 AS BIGINT) / 1e4 = %[1]s THEN 4 ELSE -1 END::TINYINT AS %[1]s_k", x)
	})
	layer(func(x string) string {
		return fmt.Sprintf("CASE WHEN %[1]s_k = -1 THEN abs(%[1]s)::VARCHAR END AS %[1]s_t", x)
	})
	layer(func(x string) string {
		return fmt.Sprintf("CASE WHEN %[1]s_k = -1 THEN strpos(%[1]s_t, 'e') END AS %[1]s_e", x)
	})
	layer(func(x string) string {
		return fmt.Sprintf("CASE WHEN %[1]s_e > 0 THEN left(%[1]s_t, %[1]s_e - 1) ELSE %[1]s_t END AS %[1]s_f", x)
	})
	layer(func(x string) string {
		return fmt.Sprintf("CASE %[1]s_k WHEN 10 THEN (abs(%[1]s) * 1e10)::BIGINT WHEN 4 THEN (abs(%[1]s) * 1e4)::BIGINT"+
			" WHEN -1 THEN replace(%[1]s_f, '.', '')::BIGINT END AS %[1]s_m,\n"+
			" CASE WHEN %[1]s_k > 0 THEN %[1]s_k::INTEGER WHEN %[1]s_k = -1 THEN"+
			" (CASE WHEN contains(%[1]s_f, '.') THEN length(%[1]s_f) - strpos(%[1]s_f, '.') ELSE 0 END"+
			" - CASE WHEN %[1]s_e > 0 THEN substr(%[1]s_t, %[1]s_e + 1)::INTEGER ELSE 0 END)::INTEGER END AS %[1]s_d", x)
	})
	layer(func(x string) string { return apart(x, digits) })
	half := "5" + strings.Repeat("0", 18-digits)
	layer(func(x string) string {
		sign := fmt.Sprintf("CASE WHEN %s < 0 THEN -1 ELSE 1 END", x)
		return fmt.Sprintf("CASE WHEN %[1]s_r0 >= %[2]s THEN %[1]s_q0 + 1 ELSE %[1]s_q0 END * %[3]s AS %[1]s_q,\n"+
			" CASE WHEN %[1]s_r0 = 0 THEN 0 WHEN %[1]s_r0 >= %[2]s THEN %[1]s_r0 - %[4]s ELSE %[1]s_r0 END * %[3]s AS %[1]s_r", x, half, sign, unit(digits))
	})
	return from
}

// unit is 10^-digits in units of 1e-19.
func unit(digits int) string { return "1" + strings.Repeat("0", 19-digits) }

// apart returns the columns x_q0 and x_r0: the size of the value in whole units of
// 10^-digits, and what is left, in units of 1e-19.
func apart(x string, digits int) string {
	power := func(n string) string { return "pow(10, " + n + ")::BIGINT" }
	r := strings.NewReplacer("x_", x+"_", "DIGITS", fmt.Sprint(digits),
		"MORE", power(fmt.Sprintf("%d - %s_d", digits, x)), "CUT", power(fmt.Sprintf("%s_d - %d", x, digits)),
		"FILL", power(fmt.Sprintf("19 - %s_d", x)), "PAST", power(fmt.Sprintf("%s_d - 19", x)), "HALF", power(fmt.Sprintf("%s_d - 20", x)),
		"FEW", fmt.Sprint(digits+18))
	return r.Replace(`CASE WHEN x_d = DIGITS THEN x_m WHEN x_d < DIGITS THEN x_m * MORE WHEN x_d <= FEW THEN x_m // CUT WHEN x_d > FEW THEN 0 END AS x_q0,
 CASE WHEN x_d <= DIGITS THEN 0 WHEN x_d <= 19 THEN x_m % CUT * FILL WHEN x_d <= FEW THEN (x_m % CUT + 5 * HALF) // PAST
 WHEN x_d <= 37 THEN (x_m + 5 * HALF) // PAST WHEN x_d > 37 THEN 0 END AS x_r0`)
}

// combined returns the pair of columns that holds the sum of pairs, as
// expressions of which the first is +: each q and r as decode makes them.
// The sum is brought back to r of at most half a unit, rounded as decode rounds.
// It is two layers: whole is what the pairs add up to, carried the pair itself.
func combined(name string, digits int, plus, minus []string) (whole, carried string) {
	add := func(part string) string {
		text := ""
		for i, x := range plus {
			if i > 0 {
				text += " + "
			}
			text += x + part
		}
		for _, x := range minus {
			text += " - " + x + part
		}
		return text
	}
	whole = fmt.Sprintf("%s AS %[3]s_q0, %[2]s AS %[3]s_r0", add("_q"), add("_r"), name)
	half := "5" + strings.Repeat("0", 18-digits)
	up := fmt.Sprintf("%[1]s_r0 > %[2]s OR %[1]s_r0 = %[2]s AND %[1]s_q0 >= 0", name, half)
	down := fmt.Sprintf("%[1]s_r0 < -%[2]s OR %[1]s_r0 = -%[2]s AND %[1]s_q0 <= 0", name, half)
	carried = fmt.Sprintf("CASE WHEN %[1]s_r0 = 0 THEN %[1]s_q0 WHEN %[2]s THEN %[1]s_q0 + 1 WHEN %[3]s THEN %[1]s_q0 - 1 ELSE %[1]s_q0 END AS %[1]s_q,\n"+
		" CASE WHEN %[1]s_r0 = 0 THEN 0 WHEN %[2]s THEN %[1]s_r0 - %[4]s WHEN %[3]s THEN %[1]s_r0 + %[4]s ELSE %[1]s_r0 END AS %[1]s_r",
		name, up, down, unit(digits))
	return whole, carried
}

// hiOf writes a whole number of units of 10^-digits as the decimal that it is. A
// quotient of few digits, made a decimal again, is that number: the engine
// rounds to the nearest.
func hiOf(q string, digits int) string {
	return fmt.Sprintf("CASE WHEN abs(%[1]s) < 1000000000000000 THEN (%[1]s / 1e%[2]d)::DECIMAL(18,%[2]d)"+
		" ELSE (%[1]s::DECIMAL(19,0) * 0.%[3]s1::DECIMAL(%[2]d,%[2]d))::DECIMAL(18,%[2]d) END", q, digits, strings.Repeat("0", digits-1))
}
