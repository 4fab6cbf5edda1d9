package ledger

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"showback"
	"showback/internal/source"
)

// labelTable has a row for each combination of what few lines of a file differ in:
// who pays and uses, which invoice and which type of line. Beside its key it has
// how many lines have it, and what their amounts come to, each as two columns
// that are exact: "w f" in units of 10^-digits and "r f" in units of 1e-19, of
// which both count; "n f" is how many lines have a value, "a f" and "d f" are sums
// of sizes that choose a scale, of the amounts and of their differences from
// unblended.
const labelTable = "label"

var labelTexts = []source.Field{source.Payer, source.PayerName, source.BillType, source.BillingEntity, source.Invoice, source.InvoicingEntity,
	source.LegalEntity, source.Account, source.AccountName, source.LineType, source.Currency}

// summed are the amounts of which the labels have exact sums.
var summed = slices.DeleteFunc(slices.Clone(amounts), func(f source.Field) bool { return f == source.Quantity })

func (w *work) createLabels(ctx context.Context) error {
	cols := []string{"file_id INTEGER", "digits INTEGER", "key UBIGINT", "lines BIGINT", "rounded HUGEINT", "last TIMESTAMP", "period TIMESTAMP", "reserved BOOLEAN"}
	for _, f := range labelTexts {
		cols = append(cols, ident(string(f))+" VARCHAR")
	}
	for _, f := range amounts {
		cols = append(cols, numbered("n", f)+" BIGINT", numbered("a", f)+" DOUBLE")
	}
	for _, f := range sameAs {
		cols = append(cols, numbered("d", f)+" DOUBLE")
	}
	for _, f := range summed {
		cols = append(cols, numbered("w", f)+" HUGEINT", numbered("r", f)+" HUGEINT")
	}
	return w.exec(ctx, "CREATE OR REPLACE TABLE "+labelTable+" ("+strings.Join(cols, ", ")+")")
}

// numbered is the column of a label that has a number of a field.
func numbered(what string, f source.Field) string { return ident(what + " " + string(f)) }

// reserved is true of a line that belongs to a reservation.
func (l lines) reserved() string { return "coalesce(" + l.raw(source.RIARN) + ", '') <> ''" }

// labelKey is the key of a line's label.
func (w *work) labelKey(l lines) string {
	return w.key(l, labelTexts, l.time(source.PeriodStart), l.reserved())
}

// selection collects the columns of a query by name.
type selection []string

func (s *selection) add(expr, name string) { *s = append(*s, expr+" AS "+name) }

func (s selection) String() string { return strings.Join(s, ", ") }

// labelFile adds the labels of a file that is read in place.
func (w *work) labelFile(ctx context.Context, file *inPlace) error {
	l := lines{from: file.scan(), m: file.m, shape: file.shape}
	var inner, groups, outer selection
	for _, f := range labelTexts {
		inner.add(l.raw(f), ident(string(f)))
		groups.add(ident(string(f)), ident(string(f)))
		outer.add(filled(f, ident(string(f))), ident(string(f)))
	}
	inner.add(l.time(source.PeriodStart), "period")
	inner.add(l.reserved(), "reserved")
	inner.add(l.time(source.UsageStart), "started")
	inner.add(w.labelKey(l), "k")
	groups = append(groups, "period", "reserved", "any_value(k) AS key", "count(*) AS lines", "max(started) AS last")
	outer = append(outer, "period", "reserved", "key", "lines", "last", fmt.Sprintf("%d AS file_id, %d AS digits", file.id, l.shape.digits))
	var decoded, cut []string
	short := map[source.Field]string{} // names of the doubles
	for i, f := range amounts {
		x := fmt.Sprintf("x%d", i)
		short[f] = x
		if l.shape.same[f] {
			short[f] = fmt.Sprintf("x%d", slices.Index(amounts, source.Unblended))
		}
		x = short[f]
		if l.shape.own[f] {
			inner.add(l.double(f), x)
			groups.add("count("+x+")", x+"_n")
			groups.add("sum(abs("+x+"))", x+"_a")
			if f != source.Quantity {
				decoded = append(decoded, x)
				groups.add("sum("+x+"_q)", x+"_w")
				groups.add("sum("+x+"_r)", x+"_s")
				groups.add("count(*) FILTER ("+x+"_d > 19)", x+"_c")
			}
		}
		if !l.shape.own[f] && !l.shape.same[f] {
			outer.add("0", numbered("n", f))
			continue
		}
		outer.add(x+"_n", numbered("n", f))
		outer.add(x+"_a", numbered("a", f))
		if f != source.Quantity {
			outer.add(x+"_w", numbered("w", f))
			outer.add(x+"_s", numbered("r", f))
			cut = append(cut, x+"_c")
		}
	}
	for _, f := range sameAs {
		if l.shape.own[f] {
			groups.add("sum(abs("+leftOf(f, short[f])+" - "+short[source.Unblended]+"))", numbered("d", f))
			outer = append(outer, numbered("d", f))
		}
	}
	outer.add(strings.Join(append(cut, "0"), " + "), "rounded")
	return w.exec(ctx, fmt.Sprintf("INSERT INTO %s BY NAME SELECT %s FROM (SELECT %s FROM (%s) GROUP BY ALL)", labelTable, outer, groups,
		decode("SELECT "+inner.String()+" FROM "+l.from, decoded, l.shape.digits)))
}

// leftOf is an amount as its basis counts it: a blank is 0, but no list price.
func leftOf(f source.Field, x string) string {
	if f == source.ListCost {
		return x
	}
	return "coalesce(" + x + ", 0)"
}

// labelStage adds the labels of the stage's good lines.
func (w *work) labelStage(ctx context.Context) error {
	l := lines{staged: true}
	var s selection
	for _, f := range labelTexts {
		s.add(l.raw(f), ident(string(f)))
	}
	s.add(l.time(source.PeriodStart), "period")
	s.add(l.reserved(), "reserved")
	s = append(s, "file_id", "any_value("+w.labelKey(l)+") AS key", "count(*) AS lines", "sum(rounded) AS rounded", "0 AS digits")
	s.add("max("+l.time(source.UsageStart)+")", "last")
	for _, f := range amounts {
		x := ident(string(f))
		s.add("count("+x+")", numbered("n", f))
		s.add("sum(abs("+x+"::DOUBLE))", numbered("a", f))
	}
	for _, f := range sameAs {
		s.add("sum(abs(("+leftOf(f, ident(string(f)))+" - "+ident(string(source.Unblended))+")::DOUBLE))", numbered("d", f))
	}
	for _, f := range summed {
		x := ident(string(f))
		s.add("sum(trunc("+x+")::HUGEINT)", numbered("w", f))
		// Two steps, each of which fits the engine's 38 digits.
		s.add("sum((((("+x+" - trunc("+x+"))::DECIMAL(20,19) * 10000000000::DECIMAL(11,0))::DECIMAL(27,9)) * 1000000000::DECIMAL(10,0))::HUGEINT)", numbered("r", f))
	}
	return w.exec(ctx, fmt.Sprintf("INSERT INTO %s BY NAME SELECT %s FROM %s WHERE reject IS NULL GROUP BY ALL", labelTable, s, stageTable))
}

// labelled are sums over labels.
type labelled struct {
	currency, lineType string
	reserved           bool
	lines              int64
	count              map[source.Field]int64
	sum                map[source.Field]showback.Decimal
}

// labelled sums the labels that where selects by currency and type of line.
func (w *work) labelled(ctx context.Context, where string) ([]labelled, error) {
	query := fmt.Sprintf("SELECT %s, %s, reserved, digits, sum(lines)::BIGINT", source.Currency, source.LineType)
	for _, f := range amounts {
		query += ", sum(" + numbered("n", f) + ")::BIGINT"
	}
	for _, f := range summed {
		query += fmt.Sprintf(", coalesce(sum(%s), 0)::VARCHAR, coalesce(sum(%s), 0)::VARCHAR", numbered("w", f), numbered("r", f))
	}
	var all []labelled
	err := w.each(ctx, query+" FROM "+labelTable+" WHERE "+where+" GROUP BY ALL ORDER BY ALL", func(scan func(...any) error) error {
		l := labelled{count: map[source.Field]int64{}, sum: map[source.Field]showback.Decimal{}}
		var digits int
		dest := []any{&l.currency, &l.lineType, &l.reserved, &digits, &l.lines}
		counts, texts := make([]int64, len(amounts)), make([]string, 2*len(summed))
		for i := range counts {
			dest = append(dest, &counts[i])
		}
		for i := range texts {
			dest = append(dest, &texts[i])
		}
		if err := scan(dest...); err != nil {
			return err
		}
		for i, f := range amounts {
			l.count[f] = counts[i]
		}
		for i, f := range summed {
			sum, err := inUnits(texts[2*i], digits)
			if err != nil {
				return err
			}
			rest, err := inUnits(texts[2*i+1], showback.AmountScale)
			if err != nil {
				return err
			}
			l.sum[f] = sum.Add(rest)
		}
		all = append(all, l)
		return nil
	})
	return all, err
}

// inUnits reads a whole number of units of 10^-digits.
func inUnits(text string, digits int) (showback.Decimal, error) {
	return showback.ParseDecimal(text + "e-" + fmt.Sprint(digits))
}

// amount is what the lines come to on a basis, by the table in ARCHITECTURE.md
// §3.
func (l *labelled) amount(b showback.Basis) showback.Decimal {
	switch b {
	case showback.Unblended:
		return l.sum[source.Unblended]
	case showback.NetUnblended:
		return l.sum[source.NetCost]
	case showback.Blended:
		return l.sum[source.Blended]
	case showback.List:
		return l.sum[source.ListCost]
	case showback.Amortized:
		return l.amortized(source.SPEffective, source.RIEffective, source.RIUnusedUpfront, source.RIUnusedRecurring, showback.Unblended)
	case showback.NetAmortized:
		return l.amortized(source.SPNetEffective, source.RINetEffective, source.RINetUnusedUpfront, source.RINetUnusedRecurring, showback.NetUnblended)
	}
	panic("BUG: no rule for basis " + string(b))
}

func (l *labelled) amortized(sp, ri, upfront, recurring source.Field, rest showback.Basis) showback.Decimal {
	switch {
	case l.lineType == "SavingsPlanCoveredUsage":
		return l.sum[sp]
	case l.lineType == "SavingsPlanRecurringFee":
		return l.sum[source.SPTotalCommitment].Sub(l.sum[source.SPUsedCommitment])
	case l.lineType == "SavingsPlanNegation", l.lineType == "SavingsPlanUpfrontFee", l.lineType == "Fee" && l.reserved:
		return showback.Decimal{}
	case l.lineType == "DiscountedUsage":
		return l.sum[ri]
	case l.lineType == "RIFee":
		return l.sum[upfront].Add(l.sum[recurring])
	}
	return l.amount(rest)
}
