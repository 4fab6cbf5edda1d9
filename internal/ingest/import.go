package ingest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"showback"
	"showback/internal/blob"
	"showback/internal/ledger"
	"showback/internal/source"
	"showback/internal/source/cur"
)

// Options are how to import.
type Options struct {
	// Replace takes a delivery that is older than the ledger's, and loads
	// again one that the ledger holds (its segment may be damaged).
	Replace bool
	// AllowEmpty takes local files of no bytes for surplus chunks that AWS has
	// emptied; those of a bucket always are, for there it is AWS who wrote them.
	AllowEmpty bool
	// AllowRejects is the share of lines, 0 to 1, that may be unreadable.
	AllowRejects showback.Decimal
	// Prefer and Disjoint say what counts where exports hold the same charges;
	// see ledger.Choice.
	Prefer   []string
	Disjoint bool
	// Keep says what is kept of the deliveries, and of later ones of their
	// exports; empty for what was said before. A delivery that the ledger holds
	// otherwise is loaded again.
	Keep ledger.Keep
	// Bucket is how buckets are reached. NoKeep leaves the files fetched from
	// them out of the store: reconcile can't read them again then.
	Bucket blob.Options
	NoKeep bool
	// Progress is told of what is under way; may be nil.
	Progress Progress
	// Now is the clock.
	Now func() time.Time
}

// Progress follows an import. Its methods are called from one goroutine.
type Progress interface {
	// Fetch says how many files and bytes there are to fetch from buckets,
	// Fetched that n more bytes came (a negative number: were thrown away),
	// FetchEnd that nothing more comes, whatever the outcome. All three come
	// before Begin, none when there is nothing to fetch.
	Fetch(files int, bytes int64)
	Fetched(n int64)
	FetchEnd()
	// Begin says how many files and bytes there are to read.
	Begin(files int, bytes int64)
	// File says that one more file was read: its bytes, lines and unblended
	// cost by currency.
	File(bytes int64, lines int64, cost map[string]showback.Decimal)
	// End says that nothing more comes, whatever the outcome.
	End()
}

// candidate is a delivery and the digests of its files.
type candidate struct {
	source.Delivery
	files []ledger.FileInfo
}

func (c *candidate) digest() string {
	return (&ledger.DeliveryInfo{Files: c.files}).Digest()
}

// Import loads the deliveries found at the paths (folders, manifests, data files
// or buckets, s3://bucket/prefix). All become visible together, or none: any error leaves the ledger
// as it was. Exports that hold the same charges, of which nothing says which
// counts, are an error of KindConflict with a *ledger.OverlapError, told once
// all are loaded.
func Import(ctx context.Context, store *ledger.Store, paths []string, opt Options) (*Report, error) {
	for try := 1; ; try++ {
		report, err := attempt(ctx, store, paths, opt)
		if try == tries || !errors.Is(err, blob.ErrChanged) {
			return report, err
		}
	}
}

// attempt is one try of an import. It is blob.ErrChanged where a delivery was
// replaced while it was fetched.
func attempt(ctx context.Context, store *ledger.Store, paths []string, opt Options) (*Report, error) {
	disc, err := discover(ctx, paths, opt)
	if err != nil {
		return nil, err
	}
	found, skipped := disc.found, disc.skipped
	report := &Report{Store: store.Dir(), Deliveries: []Delivery{}, Skipped: []Skipped{}, Settled: []Settlement{}, Vouched: []Vouched{}}
	for _, s := range skipped {
		report.Skipped = append(report.Skipped, Skipped{Path: s.Path, Reason: s.Reason})
	}
	if len(found) == 0 {
		err := showback.Errorf(showback.KindNotFound, "import %v: %w", paths, ErrNothing)
		if disc.later > 0 {
			err = showback.Errorf(showback.KindConflict, "import %v: what is there seems to be under way", paths)
		}
		hint := "name the folder that holds the export's data and metadata folders, or a data file"
		if len(skipped) > 0 {
			hint = skipped[0].Path + ": " + skipped[0].Reason
		}
		return nil, showback.WithHint(err, hint)
	}
	begin := store.Begin
	if opt.Replace { // what is damaged can be loaded again
		begin = store.BeginAnew
	}
	tx, err := begin(ctx, opt.Now)
	if err != nil {
		return nil, err
	}
	defer tx.Close()
	if err := tx.Manifest().CheckPreferences(opt.Prefer, names(found)); err != nil {
		return nil, err
	}
	if err := disc.fetch(ctx, store, tx.Manifest(), opt); err != nil {
		return nil, err
	}
	if opt.Progress != nil {
		files, bytes := 0, int64(0)
		for _, d := range found {
			files += len(d.Files)
			for _, f := range d.Files {
				bytes += f.Size
			}
		}
		opt.Progress.Begin(files, bytes)
		defer opt.Progress.End()
	}
	for _, d := range found {
		out, err := one(ctx, store, tx, d, opt)
		if err != nil {
			return nil, fmt.Errorf("import %s: %w", label(d), err)
		}
		report.Deliveries = append(report.Deliveries, *out)
	}
	settled, err := tx.Settle(ctx, ledger.Choice{Prefer: opt.Prefer, Disjoint: opt.Disjoint})
	if err != nil {
		return nil, fmt.Errorf("import: %w", err)
	}
	if opt.Disjoint && len(opt.Prefer) == 0 {
		if err := inVain(tx.Manifest(), report.Deliveries); err != nil {
			return nil, err
		}
	}
	if err := tx.Commit(ctx); err != nil {
		return nil, err
	}
	report.settle(tx.Manifest(), settled)
	report.Version = tx.Manifest().Version
	report.Changed = report.Version != tx.Base().Version
	return report, nil
}

// inVain refuses Disjoint where what was said before keeps a delivery aside.
func inVain(m *ledger.Manifest, deliveries []Delivery) error {
	for _, d := range deliveries {
		for _, month := range d.Months {
			if s := m.Find(month.key); s.AsideFor != "" {
				return showback.WithHint(showback.Errorf(showback.KindConflict,
					"count exports both: %s is preferred to %s in %s, as was said before", s.AsideFor, s.Export, s.Month),
					"to count both from now on, import without --disjoint, then: showback delivery disjoint "+s.AsideFor+" "+s.Export)
			}
		}
	}
	return nil
}

// names returns the names by which the ledger may know the exports found.
func names(found []source.Delivery) []string {
	var all []string
	for _, d := range found {
		all = append(all, d.Export)
		if d.ARN != "" {
			all = append(all, ledger.ExportID(d.ARN))
		}
	}
	return all
}

func label(d source.Delivery) string {
	if d.Month == "" {
		return d.Export
	}
	return d.Export + " " + string(d.Month)
}

// one loads a delivery, unless the ledger has it.
func one(ctx context.Context, store *ledger.Store, tx *ledger.Tx, d source.Delivery, opt Options) (*Delivery, error) {
	var held []ledger.Segment
	if inBucket(&d) {
		held = heldObjects(tx.Manifest(), &d, opt)
	}
	c := candidate{Delivery: d}
	if held == nil {
		for _, f := range d.Files {
			info, err := ledger.Digest(ctx, f)
			if err != nil {
				return nil, err
			}
			c.files = append(c.files, fileInfo(f, info, store, opt))
		}
		if held = holds(tx.Manifest(), &c); inBucket(&d) && !opt.Replace {
			for _, s := range held { // came in from elsewhere before
				tx.Refile(s.Key(), c.files)
			}
		}
	}
	out := &Delivery{Export: d.Export, ID: d.ID, Manifest: d.Manifest, Made: d.Made.UTC(), MadeFrom: d.MadeFrom, Files: len(d.Files),
		Months: []Month{}, Rejects: rejectsOf(nil), Changes: []Change{}, Unknown: []Unknown{}, WideKeys: []string{}, Unused: []string{},
		Notes: list(d.Notes)}
	if held != nil && !opt.Replace && keptSo(held, opt.Keep) {
		remember(tx, held, opt.Keep)
		out.Status = Unchanged
		for _, s := range held {
			out.Export = s.Export
			out.Lines += s.Charges + s.Rejects
			out.Months = append(out.Months, monthOf(s))
		}
		if opt.Progress != nil {
			for _, f := range d.Files {
				opt.Progress.File(f.Size, 0, nil)
			}
		}
		return out, nil
	}
	if err := admitEarly(tx.Manifest(), d, opt); err != nil {
		return nil, err
	}
	load := ledger.Load{Delivery: d, Files: c.files, Map: cur.Map, AllowRejects: opt.AllowRejects, Keep: opt.Keep,
		AllowEmpty: opt.AllowEmpty || inBucket(&d),
		Admit:      func(next, replaced *ledger.Segment) error { return admit(next, replaced, opt) }}
	if opt.Progress != nil {
		load.Progress = func(s ledger.Staged) { opt.Progress.File(s.File.Size, s.Lines, s.Cost) }
	}
	loaded, err := tx.Load(ctx, load)
	if err != nil {
		return nil, err
	}
	if len(loaded.Segments) == 0 {
		if err := notEmptied(tx.Manifest(), d); err != nil {
			return nil, err
		}
	}
	fill(out, loaded)
	return out, nil
}

// keptSo reports whether all of a delivery is kept as is asked for.
func keptSo(held []ledger.Segment, keep ledger.Keep) bool {
	return keep == "" || !slices.ContainsFunc(held, func(s ledger.Segment) bool { return s.Keep() != keep })
}

func remember(tx *ledger.Tx, held []ledger.Segment, keep ledger.Keep) {
	for _, s := range held {
		if keep != "" {
			tx.Remember(s.Payer, s.Export, keep)
		}
	}
}

// notEmptied refuses a delivery without charges of a month that the ledger has
// charges of: nothing says whose it is, and a month does not vanish.
func notEmptied(m *ledger.Manifest, d source.Delivery) error {
	for _, s := range m.All() {
		if isOf(&s, d) && s.Month == d.Month {
			return showback.WithHint(showback.Errorf(showback.KindConflict, "the delivery has no charges, the ledger's of that month has %d", s.Charges),
				"to take the month out: showback delivery remove --payer "+s.Payer+" --export "+s.Export+" --month "+string(s.Month))
		}
	}
	return nil
}

// isOf reports whether a segment is of the delivery's export: by its ARN where
// both have one, for two exports may have one name, else by the name.
func isOf(s *ledger.Segment, d source.Delivery) bool {
	if d.ARN != "" && s.Delivery.ARN != "" {
		return s.Delivery.ARN == d.ARN
	}
	return s.Export == d.Export
}

// holds returns the segments that the ledger has of this very delivery; nil
// unless it has all of them.
func holds(m *ledger.Manifest, c *candidate) []ledger.Segment {
	digest := c.digest()
	return holding(m, &c.Delivery, func(held *ledger.DeliveryInfo) bool { return held.Digest() == digest })
}

// holding returns the segments of the delivery's export that are the same; nil
// unless the ledger has all of their delivery.
func holding(m *ledger.Manifest, d *source.Delivery, same func(*ledger.DeliveryInfo) bool) []ledger.Segment {
	var held []ledger.Segment
	for _, s := range m.All() {
		if isOf(&s, *d) && same(&s.Delivery) {
			held = append(held, s)
		}
	}
	if len(held) == 0 || len(held) < held[0].Delivery.Parts {
		return nil
	}
	return held
}

// admitEarly spares the reading of a delivery that would be refused.
func admitEarly(m *ledger.Manifest, d source.Delivery, opt Options) error {
	for _, s := range m.All() {
		// The payer is not known yet, and two may use one name: the ARN tells.
		if d.ARN != "" && s.Delivery.ARN == d.ARN && s.Month == d.Month {
			if err := admitted(d.Made, d.ID, d.Listed, &s, opt); err != nil {
				return err
			}
		}
	}
	return nil
}

// admit decides whether a segment may take the place of one that is there.
func admit(next, replaced *ledger.Segment, opt Options) error {
	if replaced == nil {
		return nil
	}
	return admitted(next.Delivery.Made, next.Delivery.ID, next.Delivery.Listed, replaced, opt)
}

// admitted refuses a delivery older than the one that is there, and one whose
// files were found by listing in the place of one that a manifest vouched for:
// chunks of two deliveries may lie there.
func admitted(made time.Time, id string, listed bool, held *ledger.Segment, opt Options) error {
	switch {
	case opt.Replace:
		return nil
	case listed && !held.Delivery.Listed && held.Delivery.Manifest != "":
		return showback.WithHint(showback.Errorf(showback.KindConflict,
			"delivery %s of %s has no manifest that names its files, and the one in the ledger, %s, had: those found by listing may be of two deliveries",
			id, held.Month, held.Delivery.ID),
			"copy the manifest from the bucket too; to take what is there, import it with --replace")
	case !made.Before(held.Delivery.Made):
		return nil
	}
	return showback.WithHint(showback.Errorf(showback.KindConflict,
		"delivery %s of %s was made %s, before the one in the ledger, %s of %s", id, held.Month, made.UTC().Format(time.RFC3339),
		held.Delivery.ID, held.Delivery.Made.Format(time.RFC3339)),
		"to go back to the older delivery, import it with --replace")
}

// fill writes into the report what the ledger made of a delivery.
func fill(out *Delivery, loaded *ledger.Loaded) {
	out.Status, out.Lines = Loaded, loaded.Lines
	if len(loaded.Segments) == 0 {
		out.Status = Empty
	}
	note := func(text string) {
		if !slices.Contains(out.Notes, text) {
			out.Notes = append(out.Notes, text)
		}
	}
	for _, s := range loaded.Segments {
		out.Export = s.Export
		out.Months = append(out.Months, monthOf(s))
		out.Rounded += s.Delivery.Rounded
		out.BlankNet += s.Delivery.BlankNet
		out.WideKeys = append(out.WideKeys, s.WideKeys...)
		if s.Delivery.Previous != "" {
			out.Status = Replaced
		}
		if len(s.Payer) != 12 || strings.Trim(s.Payer, "0123456789") != "" {
			note(fmt.Sprintf("payer %q is no account ID of AWS, which has 12 digits: its charges are kept under it as delivered", s.Payer))
		}
		if !s.InvoiceColumn {
			note("without the column bill_invoice_id nothing tells when a month is closed: it counts as open")
		}
		if !s.AccountColumn {
			note("without the column line_item_usage_account_id nothing tells whose usage it is, nor whether this can be the whole invoice")
		}
		for _, name := range s.UnknownTypes {
			note("line item type " + name + " is not in AWS's data dictionary: its charges are kept, as class other")
		}
	}
	for _, path := range loaded.Empty {
		note(path + " is empty, 0 bytes: taken for a surplus chunk of an earlier, larger delivery")
	}
	slices.Sort(out.WideKeys)
	out.WideKeys = slices.Compact(out.WideKeys)
	out.Rejects = rejectsOf(loaded.Rejects)
	out.Changes = append(out.Changes, loaded.Changes...)
	out.Unused = list(loaded.Unused)
	if loaded.Uncompared != nil {
		out.Notes = append(out.Notes, "what changed can't be told: "+loaded.Uncompared.Error())
	}
	for _, u := range loaded.Unknown {
		out.Unknown = append(out.Unknown, Unknown{ProductCode: u.Meter.ProductCode, ProductName: u.Meter.ProductName, UsageType: u.Meter.UsageType,
			Operation: u.Meter.Operation, Unit: u.Meter.Unit, Charges: u.Charges, Currency: u.Currency, Cost: u.Cost})
	}
}
