package ledger

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"showback"
	"showback/internal/source"
)

// Load is one delivery to load.
type Load struct {
	Delivery source.Delivery
	Files    []FileInfo // digests, in the order of Delivery.Files
	// Map gives the mapping of a file's columns.
	Map func([]source.Column) (source.Mapping, error)
	// AllowEmpty takes a file of no bytes among others for a surplus chunk of an
	// earlier, larger delivery, which AWS empties; else it is an error.
	AllowEmpty bool
	// Keep says what is kept of the charges; empty for what the ledger remembers
	// of the export.
	Keep Keep
	// AllowRejects is the share of lines, 0 to 1, that may be rejects.
	AllowRejects showback.Decimal
	// Admit is called for each segment before it takes the place of replaced
	// (nil when the month is new); an error refuses the delivery.
	Admit func(next, replaced *Segment) error
	// Progress is told what each file came to once it is staged; may be nil.
	Progress func(Staged)
}

// Staged is what a file came to.
type Staged struct {
	File  source.File
	Lines int64
	Cost  map[string]showback.Decimal // unblended, by currency
}

// Loaded is what a delivery came to.
type Loaded struct {
	Segments []Segment // new, ordered by payer and month
	Lines    int64     // delivered lines, rejects included
	Rejects  []Reject
	Empty    []string  // files of no bytes, taken for surplus chunks
	Unused   []string  // columns of the files that nothing reads, sorted
	Changes  []Change  // against the delivery replaced; empty for a new month
	Unknown  []Unknown // AI meters that no rule knows
	// Uncompared says why the delivery replaced could not be read to tell the
	// changes; nil when they are told.
	Uncompared error
}

// Load stages a delivery, builds its segments and puts them in the place of
// those of the same (payer, export, month). Nothing is visible before Commit,
// and Settle decides what counts.
func (tx *Tx) Load(ctx context.Context, load Load) (*Loaded, error) {
	out, err := tx.load(ctx, load)
	if err := tx.w.stillSame(ctx, err); err != nil {
		return nil, err
	}
	return out, nil
}

func (tx *Tx) load(ctx context.Context, load Load) (*Loaded, error) {
	out := &Loaded{}
	tx.w.intake = tx.intake
	tx.w.month = load.Delivery.Month
	var known given
	err := tx.w.asWritten(ctx, func() (err error) {
		known, err = tx.stage(ctx, load, out)
		return err
	})
	if err != nil {
		return nil, err
	}
	use, err := tx.parse(ctx, load, out)
	if err != nil {
		return nil, err
	}
	type part struct {
		payer account
		month showback.Month
	}
	var parts []part
	err = tx.w.each(ctx, fmt.Sprintf("SELECT %s, coalesce(max(%s), ''), strftime(period, '%%Y-%%m') FROM %s GROUP BY 1, 3 ORDER BY 1, 3",
		source.Payer, source.PayerName, labelTable), func(scan func(...any) error) error {
		var p part
		err := scan(&p.payer.id, &p.payer.name, &p.month)
		parts = append(parts, p)
		return err
	})
	if err != nil {
		return nil, err
	}
	if len(parts) == 0 && len(out.Rejects) > 0 {
		return nil, showback.WithHint(fmt.Errorf("no line could be read: %w", firstReject(out)), "look at the file: it may be no bill")
	}
	for i, p := range parts {
		load := load
		load.Delivery.Export = tx.exportName(p.payer.id, load.Delivery)
		b := &build{w: tx.w, dims: tx.dims, store: tx.store, load: load, use: use, known: known, payer: p.payer, month: p.month,
			version: fmt.Sprint(tx.base.Version + 1)}
		if n := len(tx.made); n > 0 { // another delivery of the same month may be in this change
			b.version += fmt.Sprintf(".%d", n)
		}
		if i == 0 {
			b.rejects = out.Rejects
		}
		seg, err := b.run(ctx)
		if err != nil {
			return nil, err
		}
		tx.made = append(tx.made, filepath.Join(tx.store.dir, filepath.FromSlash(seg.File)))
		out.Unknown = addUnknown(out.Unknown, b.unknown)
		tx.describe(load, seg, out, len(parts))
		if err := tx.place(ctx, load, seg, out); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// stage reads the files of a delivery into the stage.
func (tx *Tx) stage(ctx context.Context, load Load, out *Loaded) (known given, err error) {
	if err := tx.w.createStage(ctx); err != nil {
		return known, err
	}
	for i, f := range load.Delivery.Files {
		cols, err := tx.w.describe(ctx, f)
		if err != nil {
			return known, err
		}
		if cols == nil {
			if !load.AllowEmpty && len(load.Delivery.Files) > 1 {
				return known, showback.WithHint(showback.Errorf(showback.KindCorrupt, "read %s: the file is empty, 0 bytes", f.Path),
					"copy it from the bucket again; where the bucket has it empty too, as a surplus chunk of an earlier, larger delivery, say so with --allow-empty")
			}
			out.Empty = append(out.Empty, f.Path)
			continue
		}
		m, err := load.Map(cols)
		if err != nil {
			return known, fmt.Errorf("read %s: %w", f.Path, err)
		}
		out.Unused = append(out.Unused, m.Unused...)
		known.Caller = known.Caller || m.Has(source.Caller)
		known.Invoice = known.Invoice || m.Has(source.Invoice)
		known.Account = known.Account || m.Has(source.Account)
		m.Columns = maps.Clone(m.Columns)
		maps.DeleteFunc(m.Columns, func(_ source.Field, c source.Column) bool { return c.Type == nullType })
		rejects, err := tx.w.take(ctx, i, f, load.Files[i], cols, m)
		if err != nil {
			return known, err
		}
		out.Rejects = append(out.Rejects, rejects...)
		if load.Progress != nil {
			staged, err := tx.staged(ctx, i, f)
			if err != nil {
				return known, err
			}
			load.Progress(staged)
		}
	}
	slices.Sort(out.Unused)
	out.Unused = slices.Compact(out.Unused)
	err = tx.w.one(ctx, "SELECT count(*) FROM "+stageTable, &out.Lines)
	out.Lines += int64(len(out.Rejects))
	for _, p := range tx.w.kept {
		out.Lines += p.shape.lines
	}
	if len(out.Empty) > 0 && len(out.Empty) == len(load.Delivery.Files) {
		return known, showback.WithHint(showback.Errorf(showback.KindCorrupt, "read %s: all files of the delivery are empty, 0 bytes", out.Empty[0]),
			"copy them from the bucket again")
	}
	return known, err
}

// staged sums what a file came to; of the stage, rejects too.
func (tx *Tx) staged(ctx context.Context, id int, f source.File) (Staged, error) {
	s := Staged{File: f, Cost: map[string]showback.Decimal{}}
	if slices.ContainsFunc(tx.w.kept, func(p *inPlace) bool { return p.id == id }) {
		labels, err := tx.w.labelled(ctx, fmt.Sprintf("file_id = %d", id))
		for _, l := range labels {
			s.Lines, s.Cost[l.currency] = s.Lines+l.lines, s.Cost[l.currency].Add(l.amount(showback.Unblended))
		}
		return s, err
	}
	err := tx.w.each(ctx, fmt.Sprintf("SELECT s.%s, count(*), %s FROM %s s WHERE file_id = %d GROUP BY 1", source.Currency,
		exactSums(basisExpr(showback.Unblended)), stageTable, id), func(scan func(...any) error) error {
		var currency, whole, fraction string
		var lines int64
		if err := scan(&currency, &lines, &whole, &fraction); err != nil {
			return err
		}
		cost, err := addTexts(whole, fraction)
		s.Lines, s.Cost[currency] = s.Lines+lines, cost
		return err
	})
	return s, err
}

// parse gives meaning to the distinct values of the stage and sorts out what
// can't be read.
func (tx *Tx) parse(ctx context.Context, load Load, out *Loaded) (use tagUse, err error) {
	products, err := tx.w.parseProducts(ctx)
	if err != nil {
		return use, err
	}
	if use, err = tx.w.parseTags(ctx); err != nil {
		return use, err
	}
	if err := tx.w.markBad(ctx, products, use.bad, load.Delivery.Month); err != nil {
		return use, err
	}
	rejects, err := tx.w.rejects(ctx, load.Delivery.Files, load.Delivery.Month, out.Rejects)
	if err != nil {
		return use, err
	}
	out.Rejects = append(out.Rejects, rejects...)
	order := map[string]int{}
	for i, f := range load.Delivery.Files {
		order[f.Path] = i
	}
	slices.SortStableFunc(out.Rejects, func(a, b Reject) int {
		return cmp.Or(cmp.Compare(order[a.File], order[b.File]), cmp.Compare(a.Row, b.Row))
	})
	if err := tooMany(load, out); err != nil {
		return use, err
	}
	for _, step := range []func() error{
		func() error { return tx.w.seeRest(ctx) },
		func() error { return tx.chooseKeep(ctx, load) },
		func() error { return tx.w.parseMeters(ctx, tx.dims) },
		func() error { return tx.w.giveTags(ctx, tx.dims, &use) },
		func() error { return tx.w.parseCallers(ctx, tx.dims) },
		func() error { return tx.w.parseLabels(ctx, tx.dims) },
	} {
		if err := step(); err != nil {
			return use, err
		}
	}
	tx.dims.classify()
	return use, nil
}

// tooMany refuses a delivery with more rejects than allowed.
func tooMany(load Load, out *Loaded) error {
	n := int64(len(out.Rejects))
	share := load.AllowRejects.Mul(showback.DecimalFromInt(out.Lines))
	if n == 0 || showback.DecimalFromInt(n).Cmp(share) <= 0 {
		return nil
	}
	return showback.WithHint(firstReject(out),
		"repair the file, or load the rest with --allow-rejects SHARE, such as 0.001, which reports what is left out")
}

// firstReject makes an error of the first reject of a delivery.
func firstReject(out *Loaded) error {
	n := len(out.Rejects)
	r := out.Rejects[0]
	at := r.File + ", row " + fmt.Sprint(r.Row)
	if r.Column != "" {
		at += ", column " + r.Column
	}
	text := fmt.Sprintf("read %s: found %q: %s", at, r.Found, r.Reason)
	if n > 1 {
		text += fmt.Sprintf("; and %d more rows of %d", n-1, out.Lines)
	}
	return &showback.Error{Kind: showback.KindInvalid, Text: text}
}

// describe fills in where a segment came from.
func (tx *Tx) describe(load Load, seg *Segment, out *Loaded, parts int) {
	d, to := load.Delivery, &seg.Delivery
	to.ID, to.ARN, to.Manifest, to.Listed, to.Made, to.MadeFrom = d.ID, d.ARN, d.Manifest, d.Listed, d.Made.UTC(), d.MadeFrom
	to.Loaded, to.Files, to.Notes, to.Parts = tx.now().UTC(), load.Files, d.Notes, parts
	to.Unused = append([]string{}, out.Unused...)
	if len(out.Segments) > 0 {
		return
	}
	seg.Rejects = int64(len(out.Rejects))
	for _, r := range out.Rejects {
		if r.Unblended == nil {
			seg.RejectsUnpriced++
			continue
		}
		if seg.RejectCost == nil {
			seg.RejectCost = map[string]showback.Decimal{}
		}
		seg.RejectCost[r.Currency] = seg.RejectCost[r.Currency].Add(*r.Unblended)
	}
}

// place puts a segment in the place of the one it replaces.
func (tx *Tx) place(ctx context.Context, load Load, seg *Segment, out *Loaded) error {
	replaced := tx.manifest.Find(seg.Key())
	if load.Admit != nil {
		if err := load.Admit(seg, replaced); err != nil {
			return err
		}
	}
	if replaced != nil {
		seg.Delivery.Previous = replaced.Delivery.ID
		changes, err := []Change(nil), tx.lost // ids of what is replaced mean nothing then
		if err == nil {
			changes, err = tx.compare(ctx, replaced, seg)
		}
		switch {
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case err != nil: // a damaged segment must not keep its successor out
			out.Uncompared = err
		}
		out.Changes = append(out.Changes, changes...)
		tx.manifest.drop(seg.Key())
	}
	tx.manifest.Segments = append(tx.manifest.Segments, *seg)
	out.Segments = append(out.Segments, *seg)
	tx.touch(seg.Key())
	return nil
}

// exportName returns the name by which the ledger knows the export of a
// delivery: its own, unless another export of the payer has it already, as
// those of two member accounts may. Then it is the end of the ARN, AWS's name
// and id of the export. What the ledger has keeps the name that it has.
func (tx *Tx) exportName(payer string, d source.Delivery) string {
	taken := false
	for _, s := range tx.manifest.All() {
		switch arn := s.Delivery.ARN; {
		case s.Payer != payer || d.ARN == "" || arn == "":
		case arn == d.ARN:
			return s.Export
		case s.Export == d.Export:
			taken = true
		}
	}
	if !taken {
		return d.Export
	}
	if end := ExportID(d.ARN); end != d.Export {
		return end
	}
	sum := sha256.Sum256([]byte(d.ARN))
	return d.Export + "-" + hex.EncodeToString(sum[:4])
}

// ExportID returns the end of an export's ARN, its name and AWS's id of it.
func ExportID(arn string) string { return arn[strings.LastIndexAny(arn, ":/")+1:] }
