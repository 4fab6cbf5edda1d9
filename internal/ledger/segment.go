package ledger

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"showback"
	"showback/internal/source"
)

// build makes the segment of one (payer, month) from the stage. The segment's
// own file is complete and flushed when it returns, and no manifest names it.
type build struct {
	w     *work
	dims  *dims
	store *Store
	load  Load
	use   tagUse
	known given
	payer account
	month showback.Month
	// version numbers the file, so that no name is ever used twice.
	version string
	rejects []Reject // kept in this segment
	// commitments reports lines whose amortized amount is another.
	commitments bool
}

// given says which columns a delivery has.
type given struct{ Caller, Invoice, Account bool }

// where selects the lines of the segment.
func (b *build) where() string {
	return fmt.Sprintf("s.reject IS NULL AND s.%s = %s AND s.%s >= %s AND s.%[3]s < %[5]s", source.Payer, quote(b.payer.id),
		source.PeriodStart, timestamp(b.month.Start()), timestamp(b.month.End()))
}

func timestamp(t time.Time) string { return "TIMESTAMP " + quote(t.Format(time.DateTime)) }

// counted is when a staged line counts: see showback.CountedOn.
func (b *build) counted() string {
	start := "s." + string(source.UsageStart)
	return fmt.Sprintf("CASE WHEN %[1]s < %[2]s THEN %[2]s WHEN %[1]s >= %[3]s THEN %[3]s - INTERVAL 1 DAY ELSE %[1]s END",
		start, timestamp(b.month.Start()), timestamp(b.month.End()))
}

var unsafeName = regexp.MustCompile(`[^0-9A-Za-z_-]`)

// fileName writes a name so that it can stand in a file name: AWS's export
// names stay as they are, any other gets a digest so that no two meet.
func fileName(name string) string {
	safe := unsafeName.ReplaceAllString(name, "_")
	if safe != name || len(name) > 128 {
		sum := sha256.Sum256([]byte(name))
		safe = safe[:min(len(safe), 100)] + "-" + hex.EncodeToString(sum[:4])
	}
	return safe
}

func (b *build) run(ctx context.Context) (*Segment, error) {
	seg := &Segment{
		Payer: b.payer.id, PayerName: b.payer.name, Export: b.load.Delivery.Export, Month: b.month,
		CallerColumn: b.known.Caller, InvoiceColumn: b.known.Invoice, AccountColumn: b.known.Account, WideKeys: b.use.wide,
		File: path.Join(segFolder, string(b.month), fmt.Sprintf("%s-%s.v%s.duckdb",
			fileName(b.payer.id), fileName(b.load.Delivery.Export), b.version)),
	}
	var err error
	if seg.Bases, b.commitments, err = b.w.carried(ctx, b.where()); err != nil {
		return nil, err
	}
	if err := b.scales(ctx, seg); err != nil {
		return nil, err
	}
	tmp := filepath.Join(b.store.dir, tmpFolder, filepath.Base(seg.File))
	if err := b.write(ctx, seg, tmp); err != nil {
		return nil, err
	}
	if err := syncPath(tmp); err != nil {
		return nil, err
	}
	info, err := Digest(ctx, source.File{Path: tmp, Name: seg.File})
	if err != nil {
		return nil, err
	}
	seg.SHA256 = info.SHA256
	folder := filepath.Join(b.store.dir, segFolder, string(b.month))
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return nil, showback.Errorf(showback.KindUnavailable, "make %s: %w", folder, err)
	}
	if err := os.Rename(tmp, filepath.Join(b.store.dir, filepath.FromSlash(seg.File))); err != nil {
		return nil, showback.Errorf(showback.KindUnavailable, "place segment: %w", err)
	}
	if err := syncPath(folder); err != nil {
		return nil, err
	}
	return seg, syncPath(filepath.Join(b.store.dir, segFolder))
}

// scales chooses how many decimals hi keeps, from the values of all bases.
func (b *build) scales(ctx context.Context, seg *Segment) error {
	exprs := make([]string, len(seg.Bases))
	for i, basis := range seg.Bases {
		exprs[i] = stored(basis, b.commitments)
	}
	bound, err := b.w.absoluteSum(ctx, b.where(), exprs)
	if err != nil {
		return err
	}
	if seg.AmountScale, err = scaleFor(bound); err != nil {
		return err
	}
	if bound, err = b.w.absoluteSum(ctx, b.where(), []string{column(source.Quantity)}); err != nil {
		return err
	}
	if seg.QuantityScale, err = scaleFor(bound); err != nil {
		return showback.Errorf(showback.KindInvalid, "quantities of the month: %w", err)
	}
	return nil
}

// write fills the segment's tables and proves that they hold what was staged.
func (b *build) write(ctx context.Context, seg *Segment, file string) error {
	os.Remove(file)
	if err := b.w.attach(ctx, file, "seg", false); err != nil {
		return err
	}
	steps := []func() error{
		func() error {
			return b.w.exec(ctx, fmt.Sprintf(segmentSchema, "seg", seg.AmountScale, seg.QuantityScale))
		},
		func() error { return b.dictionaries(ctx) },
		func() error { return b.facts(ctx, seg) },
		func() error {
			return b.w.exec(ctx, "INSERT INTO seg.about VALUES (?, ?, ?, ?, ?, ?, ?)", Format, seg.Payer, seg.Export, string(seg.Month),
				b.load.Delivery.ID, seg.AmountScale, seg.QuantityScale)
		},
		func() error { return b.fillRejects(ctx, b.rejects) },
		func() error { return b.rollUp(ctx, seg) },
		func() error { return b.w.exec(ctx, "CHECKPOINT seg") },
		func() error { return b.describe(ctx, seg) },
		func() error { return b.prove(ctx, seg) },
	}
	for _, step := range steps {
		if err := step(); err != nil {
			b.w.detach(context.WithoutCancel(ctx), "seg")
			os.Remove(file)
			return err
		}
	}
	return b.w.detach(ctx, "seg")
}

// dictionaries fills the segment's own dictionaries.
func (b *build) dictionaries(ctx context.Context) error {
	from := " FROM " + stageTable + " s WHERE " + b.where()
	for _, q := range []string{
		fmt.Sprintf("INSERT INTO seg.caller SELECT caller_id, arn, principal_id, session FROM caller_map WHERE caller_id > 0 AND arn IN (SELECT %s%s) ORDER BY caller_id", source.Caller, from),
		fmt.Sprintf("INSERT INTO seg.resource SELECT row_number() OVER (ORDER BY v), v FROM (SELECT DISTINCT %s AS v%s) WHERE v <> ''", source.Resource, from),
		fmt.Sprintf("INSERT INTO seg.invoice SELECT row_number() OVER (ORDER BY %[1]s, %[2]s, %[3]s, %[4]s), * FROM (SELECT DISTINCT %[1]s, %[2]s, %[3]s, %[4]s%[5]s)",
			source.Invoice, source.BillingEntity, source.InvoicingEntity, source.LegalEntity, from),
	} {
		if err := b.w.exec(ctx, q); err != nil {
			return err
		}
	}
	return nil
}

// facts writes one row for each staged line, sorted by caller, hour and meter.
func (b *build) facts(ctx context.Context, seg *Segment) error {
	carries := map[showback.Basis]bool{}
	for _, basis := range seg.Bases {
		carries[basis] = true
	}
	// Three steps, so that each amount is worked out once: its value, hi, rest.
	var value, hi, pairs []string
	add := func(stem, expr string, scale int) {
		value = append(value, fmt.Sprintf("%s AS %s", expr, stem))
		// Most differences are 0, and the engine is slow at the cast.
		hi = append(hi, fmt.Sprintf("CASE WHEN %[1]s = 0 THEN 0::DECIMAL(18,%[2]d) ELSE %[1]s::DECIMAL(18,%[2]d) END AS %[1]s_hi", stem, scale))
		pairs = append(pairs, fmt.Sprintf("%s_hi, %s AS %[1]s_rest", stem, rest(stem, stem+"_hi")))
	}
	add("quantity", "s."+ident(string(source.Quantity)), seg.QuantityScale)
	for _, basis := range showback.Bases {
		if carries[basis] {
			add(AmountColumn(basis), stored(basis, b.commitments), seg.AmountScale)
		}
	}
	payerID := b.dims.accountOf(b.dims.payerID, &b.dims.payers, b.payer)
	query := fmt.Sprintf(`INSERT INTO seg.fact BY NAME
SELECT counted::DATE AS day, (epoch_us(counted) // 3600000000)::INTEGER AS hour, usage_start, usage_end, payer_id, account_id, caller_id,
 principal_id, meter_id, tagset_id, charge_type_id, resource_id, bill_type_id, invoice_id, currency_id,
 %s
FROM (SELECT *, %s FROM (
SELECT %s AS counted, s.%s AS usage_start, s.%s AS usage_end,
 %d AS payer_id, account_map.id AS account_id, caller_map.caller_id, caller_map.principal_id,
 m.meter_id, tag_map.tagset_id, charge_type_map.id AS charge_type_id, coalesce(r.resource_id, 0) AS resource_id,
 bill_type_map.id AS bill_type_id, i.invoice_id, currency_map.id AS currency_id,
 %s
FROM %s s
%s
LEFT JOIN meter_map m ON m.base_id = b.base_id AND m.rate = %s AND m.description = %s
LEFT JOIN caller_map ON caller_map.arn = s.%s
LEFT JOIN account_map ON account_map.value = s.%s
LEFT JOIN tag_map ON tag_map.tags = s.%s AND tag_map.resource_tags = s.%s AND tag_map.cost_category = s.%s
LEFT JOIN charge_type_map ON charge_type_map.value = s.%s
LEFT JOIN currency_map ON currency_map.value = s.%s
LEFT JOIN bill_type_map ON bill_type_map.value = s.%s
LEFT JOIN seg.resource r ON r.resource = s.%s
LEFT JOIN seg.invoice i ON i.invoice = s.%s AND i.billing_entity = s.%s AND i.invoicing_entity = s.%s AND i.legal_entity = s.%s
WHERE %s))
ORDER BY caller_id, hour, meter_id`,
		strings.Join(pairs, ",\n "), strings.Join(hi, ", "), b.counted(), source.UsageStart, source.UsageEnd, payerID,
		strings.Join(value, ",\n "), stageTable, meterJoin(), rateOfAI, descriptionOfAI,
		source.Caller, source.Account, source.Tags, source.ResourceTags, source.CostCategory, source.LineType, source.Currency,
		source.BillType, source.Resource, source.Invoice, source.BillingEntity, source.InvoicingEntity, source.LegalEntity, b.where())
	return b.w.exec(ctx, query)
}

// describe reads from the new segment what the manifest says of it.
func (b *build) describe(ctx context.Context, seg *Segment) error {
	err := b.w.one(ctx, fmt.Sprintf(`SELECT count(*), count(DISTINCT account_id) FILTER (account_id <> 0),
 coalesce(bool_or(account_id <> 0 AND account_id <> %d), false),
 coalesce(min(day) FILTER (t.class = 'usage')::VARCHAR, ''), coalesce(max(day) FILTER (t.class = 'usage')::VARCHAR, ''),
 coalesce(bool_or(t.class = 'usage' AND usage_end - usage_start < INTERVAL 1 DAY), false),
 count(*) FILTER (t.class = 'usage' AND usage_start::DATE <> day)
FROM seg.fact f LEFT JOIN (VALUES %s) t(id, class) ON t.id = f.charge_type_id`, b.dims.accountID[b.payer.id], b.classes()),
		&seg.Charges, &seg.Accounts, &seg.Outside, &seg.FirstDay, &seg.LastDay, &seg.Hourly, &seg.Late)
	if err != nil {
		return err
	}
	blank := "0"
	if slices.Contains(seg.Bases, showback.NetUnblended) {
		blank = "count(*) FILTER (" + string(source.NetCost) + " IS NULL)"
	}
	err = b.w.one(ctx, "SELECT coalesce(sum(rounded), 0)::BIGINT, "+blank+" FROM "+stageTable+" s WHERE "+b.where(),
		&seg.Delivery.Rounded, &seg.Delivery.BlankNet)
	if err != nil {
		return err
	}
	if err := b.open(ctx, seg); err != nil {
		return err
	}
	err = b.w.each(ctx, "SELECT DISTINCT value FROM seg.fact JOIN charge_type_map ON id = charge_type_id ORDER BY 1", func(scan func(...any) error) error {
		var name string
		err := scan(&name)
		if showback.ChargeTypeOf(name).Class == showback.ClassOther {
			seg.UnknownTypes = append(seg.UnknownTypes, name)
		}
		return err
	})
	if err != nil {
		return err
	}
	days := map[int32]string{}
	err = b.w.each(ctx, "SELECT tagset_id, min(day)::VARCHAR FROM seg.fact WHERE tagset_id > 0 GROUP BY 1", func(scan func(...any) error) error {
		var id int32
		var day string
		err := scan(&id, &day)
		days[id] = day
		return err
	})
	if err != nil {
		return err
	}
	seg.TagKeys, err = b.dims.firstDays(days)
	return err
}

func (b *build) classes() string {
	rows := make([]string, len(b.dims.chargeTypes))
	for i, name := range b.dims.chargeTypes {
		rows[i] = fmt.Sprintf("(%d, %s)", i+1, quote(string(showback.ChargeTypeOf(name).Class)))
	}
	return strings.Join(rows, ", ")
}

// open finds the invoicing entities whose part of the month is not invoiced.
// Purchase and Refund bills have an invoice in open months, so Anniversary
// charges alone tell; a charge without bill type is taken for one.
func (b *build) open(ctx context.Context, seg *Segment) error {
	return b.w.each(ctx, fmt.Sprintf("SELECT DISTINCT i.invoicing_entity FROM seg.fact f JOIN seg.invoice i USING (invoice_id)"+
		" WHERE i.invoice = '' AND f.bill_type_id IN (0, %d) AND (f.unblended_hi <> 0 OR f.unblended_rest <> 0) ORDER BY 1",
		b.dims.billTypeID["Anniversary"]), func(scan func(...any) error) error {
		var entity string
		err := scan(&entity)
		seg.Open = append(seg.Open, entity)
		return err
	})
}

// prove compares the facts with the stage: as many rows, and the same exact
// sum in every currency on every basis carried. A difference is a fault of ours.
func (b *build) prove(ctx context.Context, seg *Segment) error {
	// The scale was chosen so that no sum reaches 1e18: these can't overflow.
	staged, err := b.sums(ctx, seg, func(basis showback.Basis) string {
		return fmt.Sprintf("coalesce(sum(%s), 0)::VARCHAR, '0'", basisExpr(basis))
	},
		stageTable+" s", "s."+string(source.Currency), b.where(), addTexts)
	if err != nil {
		return err
	}
	kept, err := b.sums(ctx, seg, func(basis showback.Basis) string {
		hi, rest := "", ""
		for at, ok := basis, true; ok; at, ok = DifferenceFrom[at] {
			stem := AmountColumn(at)
			// Each is widened first: a sum of two would overflow its own type.
			hi += fmt.Sprintf(" + %s_hi::DECIMAL(38,%d)", stem, seg.AmountScale)
			rest += " + " + stem + "_rest::HUGEINT"
		}
		list := AmountColumn(basis) + "_hi IS NOT NULL"
		return fmt.Sprintf("coalesce(sum(%s) FILTER (%s), 0)::VARCHAR, coalesce(sum(%s) FILTER (%[2]s), 0)::VARCHAR",
			hi[3:], list, rest[3:])
	}, "seg.fact f JOIN currency_map c ON c.id = f.currency_id", "c.value", "true", fromPair)
	if err != nil {
		return err
	}
	same := len(staged) == len(kept)
	for i := 0; same && i < len(kept); i++ {
		same = staged[i].Currency == kept[i].Currency && staged[i].Charges == kept[i].Charges
		for basis, amount := range staged[i].Amounts {
			same = same && amount.Equal(kept[i].Amounts[basis])
		}
	}
	if !same {
		return showback.Errorf(showback.KindInternal, "build segment %s: it does not hold what was read: read %v, kept %v", seg.File, staged, kept)
	}
	seg.Totals = kept
	return nil
}

func (b *build) sums(ctx context.Context, seg *Segment, sum func(showback.Basis) string, from, currency, where string,
	put func(a, b string) (showback.Decimal, error)) ([]Totals, error) {
	query := "SELECT " + currency + ", count(*)"
	for _, basis := range seg.Bases {
		query += ", " + sum(basis)
	}
	query += " FROM " + from + " WHERE " + where + " GROUP BY 1 ORDER BY 1"
	var totals []Totals
	err := b.w.each(ctx, query, func(scan func(...any) error) error {
		t := Totals{Amounts: map[showback.Basis]showback.Decimal{}}
		texts := make([]string, 2*len(seg.Bases))
		dest := []any{&t.Currency, &t.Charges}
		for i := range texts {
			dest = append(dest, &texts[i])
		}
		if err := scan(dest...); err != nil {
			return err
		}
		for i, basis := range seg.Bases {
			amount, err := put(texts[2*i], texts[2*i+1])
			if err != nil {
				return err
			}
			t.Amounts[basis] = amount
		}
		totals = append(totals, t)
		return nil
	})
	return totals, err
}
