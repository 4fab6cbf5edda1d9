package duckdb

import (
	"context"
	"slices"
	"time"

	"showback"
	"showback/internal/engine/sqlgen"
	"showback/internal/explore"
	"showback/internal/ledger"
)

// unit is what one query of a plan reads: a segment, or the compact file that
// stands for many.
type unit struct {
	file   string // as the manifest names it
	path   string
	month  showback.Month
	facts  int64
	tables []explore.Table
	info   sqlgen.SegmentInfo // but for the names under which it is attached
	check  func(context.Context, *segment) error
	// hasRest reports that the segment has a rest beside the facts.
	hasRest bool
}

// units returns what the plan may have to read: compact files, and the segments
// that are in none. first has, by payer, the first day with each tag key of p.By.
func (e *Engine) units(p explore.Plan, first map[string]map[showback.TagKey]time.Time) []unit {
	var units []unit
	compacted := map[string]bool{}
	if e.compacts {
		for i := range e.snap.Compacts {
			c := &e.snap.Compacts[i]
			if !c.Month.Period().Overlaps(p.Period) {
				continue
			}
			for _, file := range c.Parts {
				compacted[file] = true
			}
			units = append(units, e.compactUnit(p, c, first))
		}
	}
	for i := range e.snap.Segments {
		seg := &e.snap.Segments[i]
		if compacted[seg.File] || !seg.Month.Period().Overlaps(p.Period) {
			continue
		}
		units = append(units, e.segmentUnit(p, seg, first))
	}
	return units
}

func (e *Engine) segmentUnit(p explore.Plan, seg *ledger.Segment, first map[string]map[showback.TagKey]time.Time) unit {
	u := unit{file: seg.File, path: e.snap.SegmentPath(seg), month: seg.Month, facts: seg.Facts(), tables: seg.Tables(), hasRest: seg.Rest != nil,
		check: func(ctx context.Context, s *segment) error { return s.check(ctx, e.db, seg) },
		info: sqlgen.SegmentInfo{Payer: seg.Payer, Month: seg.Month, CallerColumn: seg.CallerColumn,
			Cost: stems(seg.Bases, p.Basis), FirstSeen: first[seg.Payer]}}
	if len(seg.Totals) == 1 {
		u.info.Currency = seg.Totals[0].Currency
	}
	return u
}

func (e *Engine) compactUnit(p explore.Plan, c *ledger.Compact, first map[string]map[showback.TagKey]time.Time) unit {
	u := unit{file: c.File, path: e.snap.CompactPath(c), month: c.Month, facts: c.Charges, tables: c.Tables(),
		check: func(ctx context.Context, s *segment) error { return s.checkCompact(ctx, e.db, c) },
		info: sqlgen.SegmentInfo{Month: c.Month, Currency: c.Currency, CallerColumn: c.CallerColumn,
			Cost: stems(c.Bases, p.Basis)}}
	seen := map[string]bool{}
	for i := range e.snap.Segments {
		s := &e.snap.Segments[i]
		if _, ok := slices.BinarySearch(c.Parts, s.File); ok && !seen[s.Payer] {
			seen[s.Payer] = true
			u.info.Payers = append(u.info.Payers, sqlgen.PayerInfo{ID: e.payers[s.Payer], FirstSeen: first[s.Payer]})
		}
	}
	return u
}

// stems returns the pairs of columns that add up to the basis; none when it is
// not among those carried.
func stems(carried []showback.Basis, basis showback.Basis) []string {
	if !slices.Contains(carried, basis) {
		return nil
	}
	list := []string{ledger.AmountColumn(basis)}
	for from, ok := ledger.DifferenceFrom[basis]; ok; from, ok = ledger.DifferenceFrom[from] {
		list = append(list, ledger.AmountColumn(from))
	}
	return list
}

// sum reads one unit.
func (e *Engine) sum(ctx context.Context, r reading, u unit) ([]partial, error) {
	p := r.plan
	s, err := e.segments.acquire(ctx, u.path, u.file, func(s *segment) error { return u.check(ctx, s) })
	if err != nil {
		return nil, err
	}
	defer e.segments.release(s)
	if u.hasRest {
		if err := e.restKnown(ctx, s); err != nil {
			return nil, err
		}
	}
	info := u.info
	info.Catalog = s.catalog
	if sqlgen.NeedsCallers(p) {
		if info.Callers, err = s.deriveCallers(ctx, e.db); err != nil {
			return nil, err
		}
	}
	if info.Tables, err = e.tables(ctx, s, u.tables, info.Callers != ""); err != nil {
		return nil, err
	}
	table := info.Table(p)
	info.Large = table.Rows >= e.large
	if which, ok := e.dialect().WhichCallers(p, info); ok {
		ids, err := s.whichCallers(ctx, e.db, which)
		if err != nil {
			return nil, err
		}
		if len(ids) == 0 {
			return nil, nil
		}
		if len(ids) <= manyCallers {
			info.Found = ids
		}
	}
	end := explore.TraceOf(ctx).Begin()
	sums, err := e.read(ctx, p, info, s)
	if err != nil {
		return nil, fault(ctx, u.file, err)
	}
	end(explore.Step{Plan: p.Words(), Of: r.members[0].index, File: u.file, Table: table.Name, Rows: table.Rows, Facts: u.facts, Groups: len(sums)})
	return sums, nil
}

// read runs the plan over an attached file: by ids where the names that it asks
// for are in the dimensions, which the engine knows.
func (e *Engine) read(ctx context.Context, p explore.Plan, info sqlgen.SegmentInfo, s *segment) ([]partial, error) {
	scan, ok, err := e.dialect().Scan(p, info)
	if err != nil {
		return nil, err
	}
	query := scan.Query
	if !ok {
		if query, err = e.dialect().Segment(p, info); err != nil {
			return nil, err
		}
	}
	for _, m := range query.Maps {
		if err := e.maps.make(ctx, e.db, m, e.dims, s.catalog); err != nil {
			return nil, err
		}
	}
	var names []named
	for _, n := range scan.Names {
		of, err := e.names.of(ctx, e.db, n)
		if err != nil {
			return nil, err
		}
		names = append(names, of)
	}
	rows, err := e.db.QueryContext(ctx, query.Text, query.Args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	if !ok {
		return read(rows, p, info.Month, query.Summed)
	}
	return readScan(rows, p, info.Month, &scan, names)
}

// tables returns those of the tables that may answer. Rollups for which one
// meter, or one caller, stands for several are left out where rules that have
// changed since tell those apart. derived reports that the plan asks what is
// derived from callers: nothing else would notice.
func (e *Engine) tables(ctx context.Context, s *segment, tables []explore.Table, derived bool) ([]explore.Table, error) {
	switch known, err := s.idsKnown(ctx, e.db, e.dims); {
	case err != nil:
		return nil, err
	case !known:
		return nil, damaged(s.file, "a charge has an id that is in no dictionary")
	}
	if !e.rollups {
		return tables[:1], nil
	}
	if len(tables) == 1 {
		return tables, nil
	}
	meters, err := s.metersAgree(ctx, e.db, e.dims)
	if err != nil {
		return nil, err
	}
	callers := true
	if derived {
		if callers, err = s.callersAgree(ctx, e.db); err != nil {
			return nil, err
		}
	}
	return slices.DeleteFunc(tables, func(t explore.Table) bool {
		return t.Meter == explore.MeterMeaning && !meters || t.Caller == explore.CallerPrincipal && !callers
	}), nil
}
