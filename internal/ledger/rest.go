package ledger

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"showback"
	"showback/internal/source"
)

// Of an export of which AI alone is kept, the facts are the charges of AI
// products. All others become the rest, sums of them: see restSchema. Which is
// which, the rules say at the import. A charge of a product that has no name but
// an opaque code stays a fact whatever they say, since a later delivery may tell
// what the code is.
//
// split has, for each payer, month, set of tags and caller that lines have, the
// first day and whether they are rest: of the rest neither tag sets nor callers
// get ids.

// productOf returns the meter that stands for all of a product that are not AI.
func productOf(m showback.Meter) showback.Meter {
	return showback.Meter{ProductCode: m.ProductCode, BillingEntity: m.BillingEntity, ProductName: m.ProductName}
}

// counted is the time that a line counts on, by the first instants of its month
// and of the next: see showback.CountedOn.
func counted(start, end string) string {
	return fmt.Sprintf("CASE WHEN usage_start < %[1]s THEN %[1]s WHEN usage_start >= %[2]s THEN %[2]s - INTERVAL 1 DAY ELSE usage_start END", start, end)
}

// tagsOfFacts makes split. It returns which of the sets of tags facts have; where
// all lines become facts there is no split, and they have all.
func (w *work) tagsOfFacts(ctx context.Context, sets []parsedTags) (func(int) bool, error) {
	if !w.aiOnly {
		return func(int) bool { return true }, nil
	}
	if err := w.exec(ctx, "CREATE OR REPLACE TABLE split (payer VARCHAR, period TIMESTAMP, tag_k UBIGINT, caller_k UBIGINT, rest BOOLEAN, first DATE)"); err != nil {
		return nil, err
	}
	sources, err := w.sources(ctx)
	if err != nil {
		return nil, err
	}
	for _, l := range sources {
		var s selection
		s.add(l.raw(source.Payer), "payer")
		s.add(l.time(source.PeriodStart), "period")
		s.add(l.time(source.UsageStart), "usage_start")
		s.add(w.key(l, tagFields), "tag_k")
		s.add(w.key(l, []source.Field{source.Caller}), "caller_k")
		s.add(w.meterKey(l), "meter_k")
		query := fmt.Sprintf("INSERT INTO split SELECT payer, period, tag_k, caller_k, rest, min((%s)::DATE) FROM (SELECT %s FROM %s)"+
			" JOIN (SELECT key, false AS rest FROM meter_key UNION ALL SELECT key, true FROM rest_key) m ON m.key = meter_k GROUP BY ALL",
			counted("period", "(period + INTERVAL 1 MONTH)"), s, l.from)
		if err := w.asWritten(ctx, func() error { return w.exec(ctx, query) }); err != nil {
			return nil, err
		}
	}
	at := map[[3]string]int{}
	for i, p := range sets {
		at[p.raw] = i
	}
	have := map[int]bool{}
	err = w.eachSplit(ctx, "NOT rest", func(raw [3]string, _ string, _ bool) { have[at[raw]] = true })
	return func(i int) bool { return have[i] }, err
}

// eachSplit calls f for each distinct map of tags of the lines that where
// selects of split, with its first day and whether the rest has it.
func (w *work) eachSplit(ctx context.Context, where string, f func(raw [3]string, first string, rest bool)) error {
	return w.each(ctx, fmt.Sprintf("SELECT t.%s, t.%s, t.%s, min(first)::VARCHAR, bool_or(rest) FROM split JOIN tag_seen t ON t.key = tag_k WHERE %s GROUP BY 1, 2, 3",
		source.Tags, source.ResourceTags, source.CostCategory, where), func(scan func(...any) error) error {
		var raw [3]string
		var first string
		var rest bool
		err := scan(&raw[0], &raw[1], &raw[2], &first, &rest)
		f(raw, first, rest)
		return err
	})
}

// callersOfFacts is where the callers are that facts have.
func (w *work) callersOfFacts() string {
	if !w.aiOnly {
		return "caller_seen"
	}
	return "(FROM caller_seen WHERE key IN (SELECT caller_k FROM split WHERE NOT rest))"
}

// createRest makes the table of the rest where the segment has one.
func (b *build) createRest(ctx context.Context, seg *Segment) error {
	if !b.w.aiOnly {
		return nil
	}
	seg.Rest = &Rest{TagKeys: []string{}}
	return b.w.exec(ctx, fmt.Sprintf(restSchema, "seg", seg.AmountScale))
}

// restIDs are the columns by which lines of the rest are summed.
var restIDs = []string{"account_id", "caller_id", "meter_id", "charge_type_id", "bill_type_id", "invoice_id", "currency_id"}

// eachOfRest reads what is summed, with what describe asks of each line.
func (b *build) eachOfRest() half {
	return half{
		ids: slices.Concat(restIDs, []string{"day", "short", "long", "late"}),
		keys: func(l lines) selection {
			var s selection
			s.add(b.w.labelKey(l), "label_k")
			s.add(b.w.meterKey(l), "meter_k")
			s.add("(coalesce("+l.raw(source.Caller)+", '') <> '')::INTEGER", "caller_id")
			s.add(l.time(source.UsageStart), "usage_start")
			s.add(l.time(source.UsageEnd), "usage_end")
			return s
		},
		joined: func(from string, more []string) string {
			return fmt.Sprintf(`SELECT account_id, caller_id, meter_id, charge_type_id, bill_type_id, invoice_id, currency_id, (%s)::DATE AS day,
 usage_end - usage_start < INTERVAL 1 DAY AS short, usage_end - usage_start > INTERVAL 1 DAY AS long, usage_start::DATE <> (%[1]s)::DATE AS late%s
FROM (%s) s JOIN label_key l ON l.key = s.label_k JOIN rest_key m ON m.key = s.meter_k`,
				counted(timestamp(b.month.Start()), timestamp(b.month.End())), strings.Join(append([]string{""}, more...), ", "), from)
		},
	}
}

// rest makes rest_sum, the rest with what describe asks of it, and the segment's
// own table of it. fixed are columns of pairs that are 0 on each line, stems the
// pairs that are not.
func (b *build) rest(ctx context.Context, seg *Segment, sources []lines, fixed, stems []string) error {
	stems = slices.DeleteFunc(slices.Clone(stems), func(s string) bool { return s == quantityStem })
	fixed = slices.DeleteFunc(slices.Clone(fixed), func(s string) bool { return strings.Contains(s, quantityStem) })
	groups := strings.Join(restIDs, ", ")
	// The scale was chosen so that no sum reaches 1e18: see rollUp, but that rests
	// are rounded to the nearest here, so that they fit whatever the scale is.
	inner, outer := "", ""
	for _, stem := range stems {
		inner += fmt.Sprintf(", sum(%[1]s_hi) AS %[1]s_hi, sum(%[1]s_rest) AS %[1]s_rest", stem)
		whole := unit(seg.AmountScale)
		carry := fmt.Sprintf("(CASE WHEN %[1]s_rest < 0 THEN %[1]s_rest - %[2]s // 2 ELSE %[1]s_rest + %[2]s // 2 END // %[2]s)", stem, whole)
		outer += fmt.Sprintf(", (%[1]s_hi + %[2]s::DECIMAL(18,0) * %[3]s)::DECIMAL(18,%[4]d) AS %[1]s_hi, (%[1]s_rest - %[2]s * %[5]s)::BIGINT AS %[1]s_rest",
			stem, carry, lastDigit(seg.AmountScale), seg.AmountScale, whole)
	}
	by := groups
	if slices.Contains(stems, AmountColumn(showback.List)) {
		by += ", list_hi IS NULL"
	}
	query := fmt.Sprintf(`CREATE OR REPLACE TABLE rest_sum AS SELECT %s, charges, first_day, last_day, short, long, late, billed%s FROM (
SELECT %[1]s, count(*) AS charges, min(day) AS first_day, max(day) AS last_day, bool_or(short) AS short, bool_and(long) AS long, count(*) FILTER (late) AS late,
 bool_or(unblended_hi <> 0 OR unblended_rest <> 0) AS billed%[3]s FROM (%s) GROUP BY %s)`, groups, outer, inner,
		b.linesOf(b.eachOfRest(), seg, sources, stems), by)
	if err := b.w.asWritten(ctx, func() error { return b.w.exec(ctx, query) }); err != nil {
		return err
	}
	return b.w.exec(ctx, fmt.Sprintf("INSERT INTO seg.rest BY NAME SELECT %d AS payer_id, %s* EXCLUDE (first_day, last_day, short, long, late, billed) FROM rest_sum ORDER BY %s",
		b.dims.accountOf(b.dims.payerID, &b.dims.payers, b.payer), strings.Join(append(fixed, ""), ", "), groups))
}

// lastDigit is one unit of hi.
func lastDigit(scale int) string {
	if scale == 0 {
		return "1"
	}
	return "0." + strings.Repeat("0", scale-1) + "1"
}

// kinds reads the pairs of all that the segment holds.
func (b *build) kinds(seg *Segment) string {
	facts := "SELECT *, 1 AS charges FROM seg.fact"
	if seg.Rest == nil {
		return facts
	}
	columns := "currency_id, charges"
	for _, basis := range seg.Bases {
		columns += fmt.Sprintf(", %[1]s_hi, %[1]s_rest", AmountColumn(basis))
	}
	return fmt.Sprintf("SELECT %[1]s FROM (%s) UNION ALL SELECT %[1]s FROM seg.rest", columns, facts)
}

// describeRest reads what the manifest says of the rest, and the days of tag
// keys, of facts and rest.
func (b *build) describeRest(ctx context.Context, seg *Segment) error {
	r := seg.Rest
	err := b.w.one(ctx, "SELECT count(*), coalesce(sum(charges), 0)::BIGINT, coalesce(max(caller_id), 0) > 0,"+
		" coalesce(min(first_day)::VARCHAR, ''), coalesce(max(last_day)::VARCHAR, '') FROM rest_sum", &r.Rows, &r.Charges, &r.Callers, &r.FirstDay, &r.LastDay)
	if err != nil {
		return err
	}
	sets := map[[3]string]parsedTags{}
	for _, p := range b.use.sets {
		sets[p.raw] = p
	}
	seg.TagKeys = map[string]string{}
	rest := map[string]bool{}
	where := fmt.Sprintf("payer = %s AND period >= %s AND period < %s", quote(b.payer.id), timestamp(b.month.Start()), timestamp(b.month.End()))
	err = b.w.eachSplit(ctx, where, func(raw [3]string, first string, ofRest bool) {
		for key := range sets[raw].set {
			if have, ok := seg.TagKeys[key.String()]; !ok || first < have {
				seg.TagKeys[key.String()] = first
			}
			if ofRest {
				rest[key.String()] = true
			}
		}
	})
	r.TagKeys = append(r.TagKeys, slices.Sorted(maps.Keys(rest))...)
	return err
}
