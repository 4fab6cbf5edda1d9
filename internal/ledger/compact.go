package ledger

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"showback"
	"showback/internal/explore"
	"showback/internal/source"
)

// Compact is one file with the charges of many small closed segments of a
// month, so that a question attaches and reads one file in the place of many.
// It is made of the segments, which stay, and goes with the first of them that
// does: what is in the ledger, the segments alone say.
type Compact struct {
	Month  showback.Month `json:"month"`
	File   string         `json:"file"`
	SHA256 string         `json:"sha256"`
	Parts  []string       `json:"parts"` // files of the segments, sorted

	// What is alike in all parts.
	Currency      string           `json:"currency"`
	AmountScale   int              `json:"amount_scale"`
	QuantityScale int              `json:"quantity_scale"`
	Bases         []showback.Basis `json:"bases"`
	CallerColumn  bool             `json:"caller_column"`

	Charges int64            `json:"charges"`
	Rollups map[string]int64 `json:"rollups,omitempty"`
}

// Tables returns the tables from which the file answers, the facts first.
func (c *Compact) Tables() []explore.Table { return tablesOf(c.Charges, c.Rollups) }

// compactRule says which segments are compacted.
type compactRule struct {
	most  int64 // charges of a segment, at most
	least int   // segments of a month, at least
	open  bool  // open months too: for tests
}

// usualCompacts: a segment costs a question some milliseconds and most of a
// megabyte, whatever is in it. Below a handful of files that is nothing.
var usualCompacts = compactRule{most: 100_000, least: 6}

// AlwaysCompact compacts every month that has two segments, open or not: for
// tests.
func (s *Store) AlwaysCompact() { s.compacts = &compactRule{most: 1 << 60, least: 2, open: true} }

func (s *Store) compactRule() compactRule {
	if s.compacts != nil {
		return *s.compacts
	}
	return usualCompacts
}

// traits are what the parts of a compact file have in common.
type traits struct {
	month     showback.Month
	currency  string
	amounts   int
	quantity  int
	bases     string
	hasCaller bool
}

func traitsOf(s *Segment) traits {
	bases := make([]string, len(s.Bases))
	for i, b := range s.Bases {
		bases[i] = string(b)
	}
	return traits{s.Month, s.Totals[0].Currency, s.AmountScale, s.QuantityScale, strings.Join(bases, " "), s.CallerColumn}
}

// compact brings the compact files of the change up to date: those of which a
// part is gone go, and months with many small segments get one.
func (tx *Tx) compact(ctx context.Context) error {
	rule := tx.store.compactRule()
	groups := map[traits][]*Segment{}
	var order []traits
	for i := range tx.manifest.Segments {
		s := &tx.manifest.Segments[i]
		if len(s.Totals) != 1 || s.Charges > rule.most || len(s.Open) > 0 && !rule.open || s.Rest != nil {
			continue
		}
		k := traitsOf(s)
		if groups[k] == nil {
			order = append(order, k)
		}
		groups[k] = append(groups[k], s)
	}
	have := map[string]Compact{}
	for _, c := range tx.manifest.Compacts {
		have[strings.Join(c.Parts, " ")] = c
	}
	var compacts []Compact
	for _, k := range order {
		parts := groups[k]
		if len(parts) < rule.least {
			continue
		}
		slices.SortFunc(parts, func(a, b *Segment) int { return strings.Compare(a.File, b.File) })
		files := make([]string, len(parts))
		for i, s := range parts {
			files[i] = s.File
		}
		c, ok := have[strings.Join(files, " ")]
		if !ok {
			made, err := tx.makeCompact(ctx, k, parts, files)
			if err != nil {
				return fmt.Errorf("compact %s: %w", k.month, err)
			}
			c = *made
		}
		compacts = append(compacts, c)
	}
	tx.manifest.Compacts = compacts
	return nil
}

// makeCompact writes the compact file of segments that are alike.
func (tx *Tx) makeCompact(ctx context.Context, k traits, parts []*Segment, files []string) (*Compact, error) {
	sum := sha256.Sum256([]byte(strings.Join(files, " ")))
	c := &Compact{
		Month: k.month, Parts: files, Currency: k.currency, AmountScale: k.amounts, QuantityScale: k.quantity,
		Bases: parts[0].Bases, CallerColumn: k.hasCaller,
		File: path.Join(segFolder, string(k.month), fmt.Sprintf("compact-%s.v%d.duckdb", hex.EncodeToString(sum[:6]), tx.base.Version+1)),
	}
	tmp := filepath.Join(tx.store.dir, tmpFolder, filepath.Base(c.File))
	os.Remove(tmp)
	if err := tx.w.attach(ctx, tmp, "seg", false); err != nil {
		return nil, err
	}
	err := tx.fillCompact(ctx, c, parts)
	if detached := tx.w.detach(context.WithoutCancel(ctx), "seg"); err == nil {
		err = detached
	}
	if err != nil {
		os.Remove(tmp)
		return nil, err
	}
	c.SHA256, err = tx.settleFile(ctx, tmp, c.File)
	return c, err
}

// settleFile flushes a finished file and gives it its place; it returns its digest.
func (tx *Tx) settleFile(ctx context.Context, tmp, file string) (string, error) {
	if err := syncPath(tmp); err != nil {
		return "", err
	}
	info, err := Digest(ctx, source.File{Path: tmp, Name: file})
	if err != nil {
		return "", err
	}
	to := filepath.Join(tx.store.dir, filepath.FromSlash(file))
	if err := os.Rename(tmp, to); err != nil {
		return "", showback.Errorf(showback.KindUnavailable, "place %s: %w", file, err)
	}
	tx.made = append(tx.made, to)
	return info.SHA256, syncPath(filepath.Dir(to))
}

// fillCompact copies the parts, one after the other: each keeps the order of
// its facts, and its dictionaries' ids follow those of the part before.
func (tx *Tx) fillCompact(ctx context.Context, c *Compact, parts []*Segment) error {
	if err := tx.w.exec(ctx, fmt.Sprintf(segmentSchema, "seg", c.AmountScale, c.QuantityScale)); err != nil {
		return err
	}
	var charges int64
	for _, s := range parts {
		charges += s.Charges
		if err := tx.w.attach(ctx, filepath.Join(tx.store.dir, filepath.FromSlash(s.File)), "part", true); err != nil {
			return err
		}
		err := tx.copyPart(ctx)
		if detached := tx.w.detach(context.WithoutCancel(ctx), "part"); err == nil {
			err = detached
		}
		if err != nil {
			return fmt.Errorf("copy %s: %w", s.File, err)
		}
	}
	if err := tx.w.one(ctx, "SELECT count(*) FROM seg.fact", &c.Charges); err != nil {
		return err
	}
	if c.Charges != charges {
		return showback.Errorf(showback.KindInternal, "the file has %d charges, its parts have %d", c.Charges, charges)
	}
	// The rollups prove themselves against the facts.
	seg := &Segment{File: c.File, Month: c.Month, Charges: c.Charges, AmountScale: c.AmountScale, QuantityScale: c.QuantityScale, Bases: c.Bases}
	b := &build{w: tx.w, dims: tx.dims, store: tx.store, month: c.Month}
	if err := b.rollUp(ctx, seg); err != nil {
		return err
	}
	c.Rollups = seg.Rollups
	return tx.w.exec(ctx, "CHECKPOINT seg")
}

func (tx *Tx) copyPart(ctx context.Context) error {
	offset := map[string]int64{}
	for _, table := range []string{"caller", "resource", "invoice"} {
		var last int64
		if err := tx.w.one(ctx, fmt.Sprintf("SELECT coalesce(max(%[1]s_id), 0) FROM seg.%[1]s", table), &last); err != nil {
			return err
		}
		offset[table] = last
		if err := tx.w.exec(ctx, fmt.Sprintf("INSERT INTO seg.%[1]s SELECT * REPLACE (%[1]s_id + %[2]d AS %[1]s_id) FROM part.%[1]s ORDER BY %[1]s_id", table, last)); err != nil {
			return err
		}
	}
	moved := make([]string, 0, len(offset))
	for _, table := range []string{"caller", "resource", "invoice"} {
		moved = append(moved, fmt.Sprintf("CASE WHEN %[1]s_id > 0 THEN %[1]s_id + %[2]d ELSE 0 END AS %[1]s_id", table, offset[table]))
	}
	return tx.w.exec(ctx, "INSERT INTO seg.fact SELECT * REPLACE ("+strings.Join(moved, ", ")+") FROM part.fact;"+
		" INSERT INTO seg.about FROM part.about")
}
