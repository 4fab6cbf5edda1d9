package ledger

import (
	"context"
	"fmt"
	"math"
	"strings"

	"showback"
	"showback/internal/source"
)

// column returns the stage's column of a field, coalesced to 0 for sums.
func column(f source.Field) string { return "coalesce(s." + ident(string(f)) + ", 0)" }

// basisExpr returns the amount of a staged line on a basis, by the table in
// ARCHITECTURE.md §3. Only list may be NULL.
func basisExpr(b showback.Basis) string {
	switch b {
	case showback.Unblended:
		return "s." + ident(string(source.Unblended))
	case showback.NetUnblended:
		return column(source.NetCost)
	case showback.Blended:
		return column(source.Blended)
	case showback.List:
		return "s." + ident(string(source.ListCost))
	case showback.Amortized:
		return amortized(source.SPEffective, source.RIEffective, source.RIUnusedUpfront, source.RIUnusedRecurring, showback.Unblended)
	case showback.NetAmortized:
		return amortized(source.SPNetEffective, source.RINetEffective, source.RINetUnusedUpfront, source.RINetUnusedRecurring, showback.NetUnblended)
	}
	panic("BUG: no rule for basis " + string(b))
}

func amortized(sp, ri, upfront, recurring source.Field, rest showback.Basis) string {
	return fmt.Sprintf(`CASE s.%s
 WHEN 'SavingsPlanCoveredUsage' THEN %s
 WHEN 'SavingsPlanRecurringFee' THEN %s - %s
 WHEN 'SavingsPlanNegation' THEN 0 WHEN 'SavingsPlanUpfrontFee' THEN 0
 WHEN 'DiscountedUsage' THEN %s
 WHEN 'RIFee' THEN %s + %s
 WHEN 'Fee' THEN CASE WHEN s.%s <> '' THEN 0 ELSE %[9]s END
 ELSE %[9]s END`, source.LineType, column(sp), column(source.SPTotalCommitment), column(source.SPUsedCommitment),
		column(ri), column(upfront), column(recurring), source.RIARN, basisExpr(rest))
}

// commitmentColumns are the columns that amortized (and net-amortized) need
// for a line item type.
var commitmentColumns = []struct {
	lineType       string
	amortized, net []source.Field
}{
	{"SavingsPlanCoveredUsage", []source.Field{source.SPEffective}, []source.Field{source.SPNetEffective}},
	{"SavingsPlanRecurringFee", []source.Field{source.SPTotalCommitment, source.SPUsedCommitment}, []source.Field{source.SPTotalCommitment, source.SPUsedCommitment}},
	{"DiscountedUsage", []source.Field{source.RIEffective}, []source.Field{source.RINetEffective}},
	{"RIFee", []source.Field{source.RIUnusedUpfront, source.RIUnusedRecurring}, []source.Field{source.RINetUnusedUpfront, source.RINetUnusedRecurring}},
}

// carried returns the bases that lines carry (those whose columns have a value
// somewhere) and whether one of the lines is of a type whose amortized amount is
// not the unblended one.
func carried(labels []labelled) (bases []showback.Basis, commitments bool) {
	has, types := map[source.Field]bool{}, map[string]bool{}
	for _, l := range labels {
		for f, n := range l.count {
			has[f] = has[f] || n > 0
		}
		types[l.lineType] = true
	}
	for t := range types {
		// An upfront fee is amortised when it is a reservation's.
		commitments = commitments || showback.ChargeTypeOf(t).Commitment || t == "Fee"
	}
	amortized, net := true, has[source.NetCost]
	for _, c := range commitmentColumns {
		if !types[c.lineType] {
			continue
		}
		for _, f := range c.amortized {
			amortized = amortized && has[f]
		}
		for _, f := range c.net {
			net = net && has[f]
		}
	}
	carries := map[showback.Basis]bool{
		showback.Unblended: true, showback.NetUnblended: has[source.NetCost], showback.Amortized: amortized,
		showback.NetAmortized: net, showback.Blended: has[source.Blended], showback.List: has[source.ListCost],
	}
	for _, b := range showback.Bases {
		if carries[b] {
			bases = append(bases, b)
		}
	}
	return bases, commitments
}

// stored returns the value kept for a basis: the amount, or its difference
// from the basis that it is kept against. Without commitments among the lines
// the amortized bases differ in nothing.
func stored(b showback.Basis, commitments bool) string {
	from, ok := DifferenceFrom[b]
	switch {
	case !ok:
		return basisExpr(b)
	case !commitments && (b == showback.Amortized || b == showback.NetAmortized):
		return "0::" + amountType
	}
	return "(" + basisExpr(b) + ") - (" + basisExpr(from) + ")"
}

// rest returns what hi leaves of x, a DECIMAL(38,19), in units of 1e-19. The
// multiplication by 1e19 is done in two steps, each of which fits the engine's
// 38 digits.
func rest(x, hi string) string {
	left := fmt.Sprintf("(%s - %s::%s)", x, hi, amountType)
	return fmt.Sprintf("CASE WHEN %[1]s IS NULL THEN NULL WHEN %[1]s = %[2]s THEN 0"+
		" ELSE (((%[3]s::DECIMAL(20,19) * 10000000000::DECIMAL(11,0))::DECIMAL(27,9)) * 1000000000::DECIMAL(10,0))::BIGINT END", x, hi, left)
}

// scaleFor returns the digits after the point that a DECIMAL(18) can keep of
// values whose absolute sum is bound: 10, fewer when it is large.
func scaleFor(bound float64) (int, error) {
	digits := 1
	if bound >= 1 {
		digits = int(math.Log10(bound*1.001)) + 1
	}
	if digits > 18 {
		return 0, showback.WithHint(showback.Errorf(showback.KindInvalid,
			"amounts of the month add up to about %.3g without their signs, beyond 1e18, the largest sum that is kept", bound),
			"look at the largest of them: one may have lost its point")
	}
	return min(10, 18-digits), nil
}

// bounds returns bounds on any sum of quantities, and of the values kept for
// bases, within one currency, from the labels that where selects. They choose a
// scale, they are no amounts: a float will do. Those of commitments count each
// of the columns that it may be made of.
func (w *work) bounds(ctx context.Context, where string, commitments bool) (amount, quantity float64, err error) {
	size := func(what string, fields ...source.Field) string {
		parts := make([]string, len(fields))
		for i, f := range fields {
			parts[i] = "coalesce(sum(" + numbered(what, f) + "), 0)"
		}
		return strings.Join(parts, " + ")
	}
	sums := []string{size("a", source.Unblended)}
	for _, f := range sameAs {
		sums = append(sums, size("d", f))
	}
	if commitments {
		sums = append(sums, size("a", summed...))
	}
	err = w.one(ctx, "SELECT coalesce(max(amount), 0), coalesce(max(quantity), 0) FROM (SELECT greatest("+strings.Join(sums, ", ")+") AS amount, "+
		size("a", source.Quantity)+" AS quantity FROM "+labelTable+" WHERE "+where+" GROUP BY "+string(source.Currency)+")", &amount, &quantity)
	return amount, quantity, err
}

// exactSums returns columns that sum an expression exactly: the whole part as
// HUGEINT and the fraction as DECIMAL, since a plain sum could overflow.
func exactSums(expr string) string {
	return fmt.Sprintf("coalesce(sum(trunc(%[1]s)::HUGEINT), 0)::VARCHAR, coalesce(sum((%[1]s) - trunc(%[1]s)), 0)::VARCHAR", expr)
}

// addTexts adds two decimals that the engine wrote.
func addTexts(a, b string) (showback.Decimal, error) {
	x, err := showback.ParseDecimal(a)
	if err != nil {
		return x, err
	}
	y, err := showback.ParseDecimal(b)
	return x.Add(y), err
}

var restUnit = showback.MustDecimal("1e-19")

// fromPair puts together the sums of hi and of rest.
func fromPair(hi, rest string) (showback.Decimal, error) {
	h, err := showback.ParseDecimal(hi)
	if err != nil {
		return h, err
	}
	r, err := showback.ParseDecimal(rest)
	return h.Add(r.Mul(restUnit)), err
}
