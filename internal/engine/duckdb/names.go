package duckdb

import (
	"context"
	"database/sql"
	"fmt"
	"sync"

	"showback"
	"showback/internal/engine/sqlgen"
	"showback/internal/explore"
)

// keptNames is how many ids an engine keeps the names of, at some 200 bytes
// each.
const keptNames = 500_000

// names has what the dimensions say of ids, each query read once.
type names struct {
	mu   sync.Mutex
	read map[string]named // by the query
	ids  int
}

// named has the texts of an id at its index; nil for an id without any.
type named [][]sqlgen.Text

// of returns what the query says.
func (ns *names) of(ctx context.Context, db *sql.DB, n sqlgen.Names) (named, error) {
	ns.mu.Lock()
	defer ns.mu.Unlock()
	key := fmt.Sprintf("%s %q", n.Text, n.Args)
	if of, ok := ns.read[key]; ok {
		return of, nil
	}
	of, err := readNames(ctx, db, n)
	if err != nil {
		return nil, err
	}
	if ns.ids += len(of); ns.read == nil || ns.ids > keptNames {
		ns.read, ns.ids = map[string]named{}, len(of) // questions that are under way have theirs
	}
	ns.read[key] = of
	return of, nil
}

func readNames(ctx context.Context, db *sql.DB, n sqlgen.Names) (named, error) {
	rows, err := db.QueryContext(ctx, n.Text, n.Args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var (
		all   named
		id    sql.NullInt64
		texts = make([]sql.NullString, n.Columns)
		dest  = []any{&id}
	)
	for i := range texts {
		dest = append(dest, &texts[i])
	}
	for rows.Next() {
		if err := rows.Scan(dest...); err != nil {
			return nil, err
		}
		if !id.Valid || id.Int64 < 0 {
			return nil, showback.Errorf(showback.KindCorrupt, "an id of the dimensions is %d, want 0 or more", id.Int64)
		}
		for int64(len(all)) <= id.Int64 {
			all = append(all, nil)
		}
		line := make([]sqlgen.Text, n.Columns)
		for i, t := range texts {
			line[i] = sqlgen.Text{Text: t.String, Valid: t.Valid}
		}
		all[id.Int64] = line
	}
	return all, rows.Err()
}

// readScan reads the result of a scan and puts names to it. The caller closes
// rows.
func readScan(rows *sql.Rows, p explore.Plan, month showback.Month, scan *sqlgen.Scan, names []named) ([]partial, error) {
	var (
		all     []partial
		ids     = make([]int64, len(names))
		charges int64
		sums    = make([]sql.NullString, 2*len(scan.Summed))
		line    = sqlgen.Line{Named: make([][]sqlgen.Text, len(names)), Besides: make([]any, len(scan.Besides))}
		dest    []any
	)
	for i := range ids {
		dest = append(dest, &ids[i])
	}
	for i := range line.Besides {
		dest = append(dest, &line.Besides[i])
	}
	if len(dest) == 0 {
		dest = append(dest, new(any)) // a column that makes no charges no row
	}
	dest = append(dest, &charges)
	for i := range sums {
		dest = append(dest, &sums[i])
	}
	tokens, quantity := p.Carries(explore.Tokens), p.Carries(explore.Quantity)
	for rows.Next() {
		if err := rows.Scan(dest...); err != nil {
			return nil, err
		}
		for i, id := range ids {
			line.Named[i] = nil
			if id >= 0 && id < int64(len(names[i])) {
				line.Named[i] = names[i][id]
			}
		}
		if !scan.Passes(&line) {
			continue
		}
		var r partial
		currency, known := scan.Currency(&line)
		r.Start = spanStart(p, month, scan.Span(&line))
		r.Currency, r.CostMissing, r.Charges = currency, scan.CostMissing(&line), charges
		r.Keys = make([]explore.Value, len(p.By))
		scan.Values(&line, r.Keys)
		unit, counts, multiplier, metered := scan.Unit(&line)
		if !known || !metered {
			return nil, showback.Errorf(showback.KindCorrupt, "a charge has no currency or no meter: an id is in no dictionary")
		}
		r.unit, r.hasUnit = unit, counts
		if err := r.amounts(p, scan.Summed, sums, multiplier); err != nil {
			return nil, err
		}
		r.without(!tokens, !quantity)
		all = append(all, r)
	}
	return all, rows.Err()
}
