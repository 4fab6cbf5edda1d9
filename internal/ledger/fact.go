package ledger

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"showback"
	"showback/internal/source"
)

// factIDs are the columns of a fact by which it is joined and sorted, in the
// order of the lines' queries; its amounts follow.
var factIDs = []string{"hour", "usage_start", "usage_end", "account_id", "caller_id", "principal_id", "meter_id", "tagset_id",
	"charge_type_id", "resource_id", "bill_type_id", "invoice_id", "currency_id"}

// facts writes one row for each good line, sorted by caller, hour and meter.
func (b *build) facts(ctx context.Context, seg *Segment) error {
	if err := b.labelIDs(ctx); err != nil {
		return err
	}
	sources, err := b.w.sources(ctx)
	if err != nil {
		return err
	}
	var fixed, stems []string // differences that are 0 on every line, and the rest
	for _, stem := range b.stems(seg) {
		if slices.ContainsFunc(sources, func(l lines) bool { return !b.nothing(l, stem) }) {
			stems = append(stems, stem)
		} else {
			fixed = append(fixed, fmt.Sprintf("0 AS %[1]s_hi, 0 AS %[1]s_rest", stem))
		}
	}
	if b.w.aiOnly {
		if err := b.rest(ctx, seg, sources, fixed, stems); err != nil {
			return err
		}
	}
	of := b.eachFact()
	payerID := b.dims.accountOf(b.dims.payerID, &b.dims.payers, b.payer)
	// What is the same for all, or follows from what is sorted, is put beside it
	// afterwards.
	query := fmt.Sprintf("INSERT INTO seg.fact BY NAME SELECT DATE '1970-01-01' + hour // 24 AS day, %d AS payer_id, %s*"+
		"\nFROM (SELECT * FROM (%s) ORDER BY caller_id, hour, meter_id)",
		payerID, strings.Join(append(fixed, ""), ", "), b.linesOf(of, seg, sources, stems))
	return b.w.asWritten(ctx, func() error { return b.w.exec(ctx, query) })
}

// half is how lines are read that become the facts, or the rest.
type half struct {
	ids    []string // the columns that joined makes, but for those that it takes along
	keys   func(l lines) selection
	joined func(from string, more []string) string
}

func (b *build) eachFact() half { return half{factIDs, b.lineKeys, b.joined} }

// linesOf reads one half of the lines, with the pairs of stems.
func (b *build) linesOf(of half, seg *Segment, sources []lines, stems []string) string {
	parts := make([]string, len(sources))
	for i, l := range sources {
		if l.staged {
			parts[i] = b.staged(of, l, seg, stems)
		} else {
			parts[i] = b.inPlace(of, l, seg, stems)
		}
	}
	return strings.Join(parts, "\nUNION ALL BY NAME\n")
}

const quantityStem = "quantity"

// stems are those of the pairs that the facts of the segment have.
func (b *build) stems(seg *Segment) []string {
	all := []string{quantityStem}
	for _, basis := range seg.Bases {
		all = append(all, AmountColumn(basis))
	}
	return all
}

// stemField is the field of which a pair is kept.
var stemField = map[string]source.Field{quantityStem: source.Quantity, "unblended": source.Unblended, "net_unblended": source.NetCost,
	"blended": source.Blended, "list": source.ListCost}

// nothing reports whether a pair is 0 on each of the lines.
func (b *build) nothing(l lines, stem string) bool {
	if l.staged {
		return false
	}
	if f, ok := stemField[stem]; ok {
		return l.shape.same[f]
	}
	return !b.commitments
}

// The kinds of line whose amortized amounts are not those that are billed.
const (
	kindBilled = iota
	kindEffective
	kindCommitment
	kindNothing
	kindReserved
	kindUnused
)

// labelIDs makes label_key, which leads from keys of labels to ids. It has the
// labels of this segment alone, so that the lines of others find none.
func (b *build) labelIDs(ctx context.Context) error {
	return b.w.exec(ctx, fmt.Sprintf(`CREATE OR REPLACE TABLE label_key AS SELECT DISTINCT l.key, a.id AS account_id, c.id AS charge_type_id, t.id AS bill_type_id,
 i.invoice_id, u.id AS currency_id, CASE l.%s WHEN 'SavingsPlanCoveredUsage' THEN %d WHEN 'SavingsPlanRecurringFee' THEN %d
 WHEN 'SavingsPlanNegation' THEN %[4]d WHEN 'SavingsPlanUpfrontFee' THEN %[4]d WHEN 'DiscountedUsage' THEN %[5]d WHEN 'RIFee' THEN %[6]d
 WHEN 'Fee' THEN CASE WHEN reserved THEN %[4]d ELSE %[7]d END ELSE %[7]d END AS kind
FROM %[8]s l JOIN account_map a ON a.value = l.%[9]s JOIN charge_type_map c ON c.value = l.%[1]s JOIN bill_type_map t ON t.value = l.%[10]s
JOIN currency_map u ON u.value = l.%[11]s
JOIN seg.invoice i ON i.invoice = l.%[12]s AND i.billing_entity = l.%[13]s AND i.invoicing_entity = l.%[14]s AND i.legal_entity = l.%[15]s
WHERE %[16]s`, source.LineType, kindEffective, kindCommitment, kindNothing, kindReserved, kindUnused, kindBilled, labelTable,
		source.Account, source.BillType, source.Currency, source.Invoice, source.BillingEntity, source.InvoicingEntity, source.LegalEntity,
		strings.ReplaceAll(b.where(), string(source.Payer), "l."+string(source.Payer))))
}

// lineKeys are the columns that facts are joined by and dated by.
func (b *build) lineKeys(l lines) selection {
	var s selection
	s.add(b.w.labelKey(l), "label_k")
	s.add(b.w.meterKey(l), "meter_k")
	s.add(b.w.key(l, tagFields), "tag_k")
	s.add(b.w.key(l, []source.Field{source.Caller}), "caller_k")
	s.add(b.w.key(l, []source.Field{source.Resource}), "resource_k")
	s.add(l.time(source.UsageStart), "usage_start")
	s.add(l.time(source.UsageEnd), "usage_end")
	return s
}

// joined joins lines s, which have lineKeys, with what became of their values.
// more are columns of the lines to take along.
func (b *build) joined(from string, more []string) string {
	return fmt.Sprintf(`SELECT (epoch_us(%s) // 3600000000)::INTEGER AS hour, usage_start, usage_end, account_id, caller_id, principal_id, meter_id, tagset_id,
 charge_type_id, resource_id, bill_type_id, invoice_id, currency_id%s
FROM (%s) s JOIN label_key l ON l.key = s.label_k JOIN meter_key m ON m.key = s.meter_k JOIN tag_key t ON t.key = s.tag_k
JOIN caller_key c ON c.key = s.caller_k JOIN resource_key r ON r.key = s.resource_k`,
		counted(timestamp(b.month.Start()), timestamp(b.month.End())), strings.Join(append([]string{""}, more...), ", "), from)
}

// staged reads lines in the stage.
func (b *build) staged(of half, l lines, seg *Segment, stems []string) string {
	scan, value := of.keys(l), selection{}
	// Three steps, so that each amount is worked out once: its value, hi, rest.
	var hi []string
	pairs := slices.Clone(of.ids)
	for _, stem := range stems {
		expr, scale := ident(string(source.Quantity)), seg.QuantityScale
		if basis, ok := basisOf(stem); ok {
			expr, scale = stored(basis, b.commitments), seg.AmountScale
		}
		scan.add(expr, stem)
		value = append(value, stem)
		// Most differences are 0, and the engine is slow at the cast.
		hi = append(hi, fmt.Sprintf("CASE WHEN %[1]s = 0 THEN 0::DECIMAL(18,%[2]d) ELSE %[1]s::DECIMAL(18,%[2]d) END AS %[1]s_hi", stem, scale))
		pairs = append(pairs, stem+"_hi", rest(stem, stem+"_hi")+" AS "+stem+"_rest")
	}
	lines := "SELECT " + scan.String() + " FROM " + stageTable + " s WHERE reject IS NULL"
	return fmt.Sprintf("SELECT %s FROM (SELECT *, %s FROM (%s))", strings.Join(pairs, ", "), strings.Join(hi, ", "), of.joined(lines, value))
}

func basisOf(stem string) (showback.Basis, bool) {
	for _, basis := range showback.Bases {
		if AmountColumn(basis) == stem {
			return basis, true
		}
	}
	return "", false
}
