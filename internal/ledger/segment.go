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
	// labels sum what the segment's lines have come to before they are facts.
	labels []labelled
	// commitments reports lines whose amortized amount is another.
	commitments bool
	unknown     []Unknown
}

// given says which columns a delivery has.
type given struct{ Caller, Invoice, Account bool }

// where selects the labels of the segment's lines.
func (b *build) where() string {
	return fmt.Sprintf("%s = %s AND period >= %s AND period < %s", source.Payer, quote(b.payer.id),
		timestamp(b.month.Start()), timestamp(b.month.End()))
}

func timestamp(t time.Time) string { return "TIMESTAMP " + quote(t.Format(time.DateTime)) }

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
	if b.labels, err = b.w.labelled(ctx, b.where()); err != nil {
		return nil, err
	}
	seg.Bases, b.commitments = carried(b.labels)
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
	amount, quantity, err := b.w.bounds(ctx, b.where(), b.commitments)
	if err != nil {
		return err
	}
	if seg.AmountScale, err = scaleFor(amount); err != nil {
		return err
	}
	if seg.QuantityScale, err = scaleFor(quantity); err != nil {
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
		func() error { return b.createRest(ctx, seg) },
		func() error { return b.invoices(ctx) },
		func() error { return b.facts(ctx, seg) },
		func() error { return b.dictionaries(ctx) },
		func() error {
			return b.w.exec(ctx, "INSERT INTO seg.about VALUES (?, ?, ?, ?, ?, ?, ?)", seg.Format(), seg.Payer, seg.Export, string(seg.Month),
				b.load.Delivery.ID, seg.AmountScale, seg.QuantityScale)
		},
		func() error { return b.fillRejects(ctx, b.rejects) },
		func() error { return b.rollUp(ctx, seg) },
		func() error { return b.w.exec(ctx, "CHECKPOINT seg") },
		func() error { return b.describe(ctx, seg) },
		func() error { return b.prove(ctx, seg) },
		func() error { return b.unknownOf(ctx) },
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

// invoices fills the segment's own dictionary of invoices.
func (b *build) invoices(ctx context.Context) error {
	return b.w.exec(ctx, fmt.Sprintf("INSERT INTO seg.invoice SELECT row_number() OVER (ORDER BY %[1]s, %[2]s, %[3]s, %[4]s), *"+
		" FROM (SELECT DISTINCT %[1]s, %[2]s, %[3]s, %[4]s FROM %[5]s WHERE %[6]s)",
		source.Invoice, source.BillingEntity, source.InvoicingEntity, source.LegalEntity, labelTable, b.where()))
}

// dictionaries fills the segment's own dictionaries of what its facts have.
func (b *build) dictionaries(ctx context.Context) error {
	for _, q := range []string{
		"INSERT INTO seg.caller SELECT caller_id, arn, principal_id, session FROM caller_map" +
			" WHERE caller_id > 0 AND caller_id IN (SELECT caller_id FROM seg.fact) ORDER BY caller_id",
		"INSERT INTO seg.resource SELECT resource_id, resource FROM resource_map WHERE resource_id IN (SELECT resource_id FROM seg.fact) ORDER BY resource_id",
	} {
		if err := b.w.exec(ctx, q); err != nil {
			return err
		}
	}
	return nil
}

// describe reads from the new segment what the manifest says of it.
func (b *build) describe(ctx context.Context, seg *Segment) error {
	all := "SELECT 1 AS charges, account_id, charge_type_id, day AS first_day, day AS last_day, usage_end - usage_start < INTERVAL 1 DAY AS short," +
		" usage_end - usage_start > INTERVAL 1 DAY AS long, (usage_start::DATE <> day)::INTEGER AS late FROM seg.fact"
	if seg.Rest != nil {
		all += " UNION ALL SELECT charges, account_id, charge_type_id, first_day, last_day, short, long, late FROM rest_sum"
	}
	err := b.w.one(ctx, fmt.Sprintf(`SELECT coalesce(sum(charges), 0)::BIGINT, count(DISTINCT account_id) FILTER (account_id <> 0),
 coalesce(bool_or(account_id <> 0 AND account_id <> %d), false),
 coalesce(min(first_day) FILTER (t.class = 'usage')::VARCHAR, ''), coalesce(max(last_day) FILTER (t.class = 'usage')::VARCHAR, ''),
 coalesce(bool_or(t.class = 'usage' AND short), false), coalesce(bool_and(long) FILTER (t.class = 'usage'), false),
 coalesce(sum(late) FILTER (t.class = 'usage'), 0)::BIGINT
FROM (%s) f LEFT JOIN (VALUES %s) t(id, class) ON t.id = f.charge_type_id`, b.dims.accountID[b.payer.id], all, b.classes()),
		&seg.Charges, &seg.Accounts, &seg.Outside, &seg.FirstDay, &seg.LastDay, &seg.Hourly, &seg.Monthly, &seg.Late)
	if err != nil {
		return err
	}
	if err := b.w.one(ctx, "SELECT coalesce(sum(rounded), 0)::BIGINT FROM "+labelTable+" WHERE "+b.where(), &seg.Delivery.Rounded); err != nil {
		return err
	}
	if slices.Contains(seg.Bases, showback.NetUnblended) {
		for _, l := range b.labels {
			seg.Delivery.BlankNet += l.lines - l.count[source.NetCost]
		}
	}
	if err := b.open(ctx, seg); err != nil {
		return err
	}
	types := "SELECT charge_type_id FROM seg.fact"
	if seg.Rest != nil {
		types += " UNION ALL SELECT charge_type_id FROM seg.rest"
	}
	err = b.w.each(ctx, "SELECT DISTINCT value FROM ("+types+") JOIN charge_type_map ON id = charge_type_id ORDER BY 1", func(scan func(...any) error) error {
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
	if seg.Rest != nil {
		return b.describeRest(ctx, seg)
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
	billed := "SELECT invoice_id, bill_type_id FROM seg.fact WHERE unblended_hi <> 0 OR unblended_rest <> 0"
	if seg.Rest != nil {
		billed += " UNION ALL SELECT invoice_id, bill_type_id FROM rest_sum WHERE billed"
	}
	return b.w.each(ctx, fmt.Sprintf("SELECT DISTINCT i.invoicing_entity FROM (%s) f JOIN seg.invoice i USING (invoice_id)"+
		" WHERE i.invoice = '' AND f.bill_type_id IN (0, %d) ORDER BY 1", billed,
		b.dims.billTypeID["Anniversary"]), func(scan func(...any) error) error {
		var entity string
		err := scan(&entity)
		seg.Open = append(seg.Open, entity)
		return err
	})
}

// prove compares the facts with what their lines came to before: as many, and
// the same exact sum in every currency on every basis carried. A difference is a
// fault of ours.
func (b *build) prove(ctx context.Context, seg *Segment) error {
	kept, err := b.kept(ctx, seg)
	if err != nil {
		return err
	}
	read := b.read(seg)
	same := len(read) == len(kept)
	for i := 0; same && i < len(kept); i++ {
		same = read[i].Currency == kept[i].Currency && read[i].Charges == kept[i].Charges
		for basis, amount := range read[i].Amounts {
			same = same && amount.Equal(kept[i].Amounts[basis])
		}
	}
	if !same {
		return showback.Errorf(showback.KindInternal, "build segment %s: it does not hold what was read: read %v, kept %v", seg.File, read, kept)
	}
	seg.Totals = kept
	return nil
}

// read sums what the lines of the segment came to, by currency.
func (b *build) read(seg *Segment) []Totals {
	var all []Totals
	for _, l := range b.labels { // ordered by currency
		if len(all) == 0 || all[len(all)-1].Currency != l.currency {
			all = append(all, Totals{Currency: l.currency, Amounts: map[showback.Basis]showback.Decimal{}})
		}
		t := &all[len(all)-1]
		t.Charges += l.lines
		for _, basis := range seg.Bases {
			t.Amounts[basis] = t.Amounts[basis].Add(l.amount(basis))
		}
	}
	return all
}

// kept sums the facts and the rest, by currency.
func (b *build) kept(ctx context.Context, seg *Segment) ([]Totals, error) {
	query := "SELECT c.value, sum(f.charges)::BIGINT"
	var sums [][2]string
	// The scale was chosen so that no sum reaches 1e18: these can't overflow.
	pair := func(stem, filter string) {
		sums = append(sums, [2]string{})
		query += fmt.Sprintf(", coalesce(sum(f.%[1]s_hi)%[2]s, 0)::VARCHAR, coalesce(sum(f.%[1]s_rest)%[2]s, 0)::VARCHAR", stem, filter)
	}
	for _, basis := range seg.Bases {
		pair(AmountColumn(basis), "")
	}
	// What is kept as a difference needs what it differs from of the same facts.
	pair(AmountColumn(showback.Unblended), priced(seg))
	var t Totals
	dest := []any{&t.Currency, &t.Charges}
	for i := range sums {
		dest = append(dest, &sums[i][0], &sums[i][1])
	}
	var totals []Totals
	err := b.w.each(ctx, query+" FROM ("+b.kinds(seg)+") f JOIN currency_map c ON c.id = f.currency_id GROUP BY 1 ORDER BY 1", func(scan func(...any) error) error {
		if err := scan(dest...); err != nil {
			return err
		}
		parts := make([]showback.Decimal, len(sums))
		for i, s := range sums {
			var err error
			if parts[i], err = fromPair(s[0], s[1]); err != nil {
				return err
			}
		}
		t.Amounts = map[showback.Basis]showback.Decimal{}
		for i, basis := range seg.Bases { // each after what it differs from
			from, differs := DifferenceFrom[basis]
			switch {
			case basis == showback.List:
				t.Amounts[basis] = parts[i].Add(parts[len(parts)-1])
			case differs:
				t.Amounts[basis] = parts[i].Add(t.Amounts[from])
			default:
				t.Amounts[basis] = parts[i]
			}
		}
		totals = append(totals, t)
		return nil
	})
	return totals, err
}

// priced selects the facts that have a list price.
func priced(seg *Segment) string {
	if !slices.Contains(seg.Bases, showback.List) {
		return ""
	}
	return " FILTER (f." + AmountColumn(showback.List) + "_hi IS NOT NULL)"
}
