package duckdb

import (
	"context"
	"database/sql"
	"slices"
	"strings"

	"showback"
	"showback/internal/engine/sqlgen"
	"showback/internal/explore"
)

// Choices lists values of a key that begin with prefix, for a person who types
// a filter: at most limit, in byte order. It reads dictionaries and no charge:
// values that the whole store has are among them, for a caller, a resource or
// an invoice those of the months that the period touches. Errors are those of
// Run.
func (e *Engine) Choices(ctx context.Context, period showback.Period, key explore.Key, prefix string, limit int) ([]string, error) {
	probe := explore.Plan{By: []explore.Key{key}, Period: period}
	if err := sqlgen.Check(probe); err != nil {
		return nil, err
	}
	query, own, ok := e.dialect().Choices(key, prefix, limit, sqlgen.SegmentInfo{Catalog: "-", Callers: "-"})
	switch {
	case !ok:
		return e.manifestChoices(key, prefix, limit), nil
	case e.snap.Dims == "":
		return nil, nil
	case !own:
		return e.choices(ctx, e.dims, query)
	}
	var all []string
	for _, u := range e.units(probe, nil) {
		values, err := e.ownChoices(ctx, u, key, prefix, limit)
		if err != nil {
			return nil, err
		}
		all = append(all, values...)
	}
	return firstOf(all, limit), nil
}

// manifestChoices lists what the manifest alone knows.
func (e *Engine) manifestChoices(key explore.Key, prefix string, limit int) []string {
	var all []string
	for i := range e.snap.Segments {
		s := &e.snap.Segments[i]
		values := []string{s.Payer}
		switch key.Name {
		case "month":
			values = []string{string(s.Month)}
		case "currency":
			values = nil
			for _, t := range s.Totals {
				values = append(values, t.Currency)
			}
		}
		for _, v := range values {
			if strings.HasPrefix(v, prefix) {
				all = append(all, v)
			}
		}
	}
	return firstOf(all, limit)
}

// ownChoices lists values of the dictionaries of one unit.
func (e *Engine) ownChoices(ctx context.Context, u unit, key explore.Key, prefix string, limit int) ([]string, error) {
	s, err := e.segments.acquire(ctx, u.path, u.file, func(s *segment) error { return u.check(ctx, s) })
	if err != nil {
		return nil, err
	}
	defer e.segments.release(s)
	info := sqlgen.SegmentInfo{Catalog: s.catalog}
	if sqlgen.NeedsCallers(explore.Plan{By: []explore.Key{key}}) {
		if info.Callers, err = s.deriveCallers(ctx, e.db); err != nil {
			return nil, err
		}
	}
	query, _, _ := e.dialect().Choices(key, prefix, limit, info)
	return e.choices(ctx, u.file, query)
}

func (e *Engine) choices(ctx context.Context, file string, query sqlgen.Statement) ([]string, error) {
	rows, err := e.db.QueryContext(ctx, query.Text, query.Args...)
	if err != nil {
		return nil, fault(ctx, file, err)
	}
	defer rows.Close()
	var values []string
	for rows.Next() {
		var v sql.NullString
		if err := rows.Scan(&v); err != nil {
			return nil, fault(ctx, file, err)
		}
		if v.Valid {
			values = append(values, v.String)
		}
	}
	if err := rows.Err(); err != nil {
		return nil, fault(ctx, file, err)
	}
	return values, nil
}

// firstOf sorts values and returns the first, each once.
func firstOf(values []string, limit int) []string {
	slices.Sort(values)
	values = slices.Compact(values)
	return values[:min(len(values), max(limit, 0))]
}
