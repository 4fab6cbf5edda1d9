package ledger

import (
	"context"
	"fmt"
	"slices"

	"showback"
	"showback/internal/explore"
	"showback/internal/source"
)

// Keep says which charges of an export are kept one by one.
type Keep string

// What an export can be kept as.
const (
	KeepAll Keep = "all" // every charge
	KeepAI  Keep = "ai"  // those of AI products; of all others sums
)

// ParseKeep reads what is typed; empty stays empty.
func ParseKeep(typed string) (Keep, error) {
	k := Keep(typed)
	if k != "" && k != KeepAll && k != KeepAI {
		return "", showback.Errorf(showback.KindInvalid, "parse --keep %q: want %s or %s", typed, KeepAll, KeepAI)
	}
	return k, nil
}

// Kept is an export of which something else is kept than all.
type Kept struct {
	Payer  string `json:"payer"`
	Export string `json:"export"`
	Keep   Keep   `json:"keep"`
}

// KeepOf returns what is kept of what is imported of an export.
func (r *Rules) KeepOf(payer, export string) Keep {
	for _, k := range r.Kept {
		if k.Payer == payer && k.Export == export {
			return k.Keep
		}
	}
	return KeepAll
}

// withKept returns the rules with what is kept of an export from now on.
func (r *Rules) withKept(payer, export string, keep Keep) Rules {
	next := Rules{Prefer: slices.Clone(r.Prefer), Disjoint: slices.Clone(r.Disjoint)}
	next.Kept = slices.DeleteFunc(slices.Clone(r.Kept), func(k Kept) bool { return k.Payer == payer && k.Export == export })
	if keep != KeepAll {
		next.Kept = append(next.Kept, Kept{payer, export, keep})
	}
	return next
}

// Remember makes the ledger keep so what is imported of an export from now on.
// What it holds of it stays as it is.
func (tx *Tx) Remember(payer, export string, keep Keep) {
	if tx.manifest.Rules.KeepOf(payer, export) == keep {
		return
	}
	tx.manifest.Rules = tx.manifest.Rules.withKept(payer, export, keep)
	tx.changed = true
}

// chooseKeep decides what is kept of the delivery whose lines are known, by what
// is said of it or of its export before, and remembers it.
func (tx *Tx) chooseKeep(ctx context.Context, load Load) error {
	payers, err := tx.w.texts(ctx, labelTable, source.Payer)
	if err != nil {
		return err
	}
	keep := load.Keep
	for _, p := range payers {
		if keep == "" && tx.manifest.Rules.KeepOf(p, tx.exportName(p, load.Delivery)) == KeepAI {
			keep = KeepAI
		}
	}
	tx.w.aiOnly = keep == KeepAI
	for _, p := range payers {
		if keep != "" {
			tx.Remember(p, tx.exportName(p, load.Delivery), keep)
		}
	}
	return nil
}

// Rest is what the manifest knows of the charges of a segment that it has as sums.
type Rest struct {
	Rows    int64 `json:"rows"`
	Charges int64 `json:"charges"`
	// Callers reports that some of the charges have a caller.
	Callers bool `json:"callers"`
	// TagKeys are those that the charges have, sorted.
	TagKeys []string `json:"tag_keys"`
	// FirstDay and LastDay are the first and the last day, inclusive, on which
	// the charges count (YYYY-MM-DD); empty when there is none.
	FirstDay string `json:"first_day,omitempty"`
	LastDay  string `json:"last_day,omitempty"`
}

// RestTable is the name of the table of the rest.
const RestTable = "rest"

// RestTable returns the table of the rest; Rest must not be nil.
func (s *Segment) RestTable() explore.Table {
	return explore.Table{Name: RestTable, Rows: s.Rest.Rows, Detail: explore.RestDetail}
}

// Keep returns what is kept of the segment's charges.
func (s *Segment) Keep() Keep {
	if s.Rest != nil {
		return KeepAI
	}
	return KeepAll
}

// Facts is how many of the charges are kept one by one.
func (s *Segment) Facts() int64 {
	if s.Rest != nil {
		return s.Charges - s.Rest.Charges
	}
	return s.Charges
}

// Format is what the segment's file says of itself.
func (s *Segment) Format() int {
	if s.Rest != nil {
		return RestFormat
	}
	return Format
}

// sums writes a query of the columns over all that the segment holds, under the
// name by which it is attached. Facts and rest both have the columns.
func (s *Segment) sums(catalog, columns string) string {
	query := fmt.Sprintf("SELECT %s FROM %s.%s", columns, catalog, FactTable)
	if s.Rest != nil {
		query += fmt.Sprintf(" UNION ALL SELECT %s FROM %s.%s", columns, catalog, RestTable)
	}
	return query
}
