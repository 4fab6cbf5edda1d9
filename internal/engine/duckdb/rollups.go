package duckdb

import (
	"context"
	"database/sql"
	"fmt"
)

// metersAgree reports whether the meters of each group of the segment have the
// same meaning by the dimensions attached under the name.
func (s *segment) metersAgree(ctx context.Context, db *sql.DB, dims string) (bool, error) {
	return s.agrees(ctx, db, dims, fmt.Sprintf("SELECT count(*) = 0 FROM %s.meter_group g LEFT JOIN %s.meter a ON a.meter_id = g.meter_id"+
		" LEFT JOIN %[2]s.meter b ON b.meter_id = g.one WHERE (a.ai, a.known, a.inference, a.service, a.provider, a.model, a.unit, a.multiplier)"+
		" IS DISTINCT FROM (b.ai, b.known, b.inference, b.service, b.provider, b.model, b.unit, b.multiplier)", s.catalog, dims))
}

// callersAgree reports whether the callers of each group of the segment have
// the same principal and role by the rules of this program. The table of
// derived callers must have been made.
func (s *segment) callersAgree(ctx context.Context, db *sql.DB) (bool, error) {
	return s.agrees(ctx, db, "callers", fmt.Sprintf("SELECT count(*) = 0 FROM %s.caller_group g LEFT JOIN %s a ON a.caller_id = g.caller_id"+
		" LEFT JOIN %[2]s b ON b.caller_id = g.one WHERE (a.principal, a.role) IS DISTINCT FROM (b.principal, b.role)", s.catalog, s.callers))
}

// idsKnown reports whether all ids of the facts are within their dictionaries.
// Maps of ids are joined so that a charge of an unknown id would be dropped.
func (s *segment) idsKnown(ctx context.Context, db *sql.DB, dims string) (bool, error) {
	known := func(id, table string) string {
		return fmt.Sprintf("(SELECT coalesce(max(%[1]s), 0) FROM %[2]s.fact) <= (SELECT coalesce(max(%[1]s), 0) FROM %[3]s) AND"+
			" (SELECT coalesce(min(%[1]s), 0) FROM %[2]s.fact) >= 0", id, s.catalog, table)
	}
	return s.agrees(ctx, db, "ids "+dims, "SELECT "+known("meter_id", dims+".meter")+" AND "+known("tagset_id", dims+".tagset")+
		" AND "+known("caller_id", s.catalog+".caller"))
}

func (s *segment) agrees(ctx context.Context, db *sql.DB, of, query string) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if same, ok := s.agree[of]; ok {
		return same, nil
	}
	var same bool
	if err := db.QueryRowContext(ctx, query).Scan(&same); err != nil {
		return false, fault(ctx, s.file, err)
	}
	s.agree[of] = same
	return same, nil
}
