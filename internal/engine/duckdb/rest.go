package duckdb

import (
	"context"
	"fmt"
	"time"

	"showback"
	"showback/internal/explore"
	"showback/internal/ledger"
)

// unitOfRest is a segment of which the rest is read, and what is asked of it.
type unitOfRest struct {
	unit
	asked *explore.RestPlan
}

// restUnits returns what the plan has to read beside facts.
func (e *Engine) restUnits(p explore.Plan) []unitOfRest {
	var units []unitOfRest
	var first map[string]map[showback.TagKey]time.Time
	for i := range e.snap.Segments {
		seg := &e.snap.Segments[i]
		if seg.Rest == nil || !seg.Month.Period().Overlaps(p.Period) {
			continue
		}
		if first == nil {
			first = e.firstSeen(p)
		}
		asked := e.coverage.Deliveries[i].RestPlan(p, func(k showback.TagKey) (time.Time, bool) {
			day, seen := first[seg.Payer][k]
			return day, seen
		})
		if asked == nil {
			continue
		}
		u := unitOfRest{e.segmentUnit(asked.Plan, seg, nil), asked}
		u.info.Tables = []explore.Table{seg.RestTable()}
		u.facts = seg.Charges
		units = append(units, u)
	}
	return units
}

// sumRest reads what the index-th plan of a question asks of a rest.
func (e *Engine) sumRest(ctx context.Context, p explore.Plan, index int, u unitOfRest) ([]partial, error) {
	s, err := e.segments.acquire(ctx, u.path, u.file, func(s *segment) error { return u.check(ctx, s) })
	if err != nil {
		return nil, err
	}
	defer e.segments.release(s)
	if err := e.restKnown(ctx, s); err != nil {
		return nil, err
	}
	info, table := u.info, u.info.Tables[0]
	info.Catalog, info.Large = s.catalog, table.Rows >= e.large
	end := explore.TraceOf(ctx).Begin()
	rows, err := e.read(ctx, u.asked.Plan, info, s)
	if err != nil {
		return nil, fault(ctx, u.file, err)
	}
	for i := range rows {
		rows[i].Start = spanStart(p, u.month, time.Time{}) // of a month or of the period: the day does not matter
	}
	fill(u.asked, rows)
	end(explore.Step{Plan: p.Words(), Of: index, File: u.file, Table: table.Name, Rows: table.Rows, Facts: u.facts, Groups: len(rows)})
	return rows, nil
}

// restKnown makes sure that the rest is what its plan takes for granted. Of
// charges that the rules took for another product's when they were imported,
// the sums don't tell what is asked of AI.
func (e *Engine) restKnown(ctx context.Context, s *segment) error {
	for _, c := range []struct {
		name, query string
		fail        error
	}{
		{"rest ids " + e.dims, "SELECT count(*) FILTER (m.meter_id IS NULL) = 0 FROM %s." + ledger.RestTable + " r LEFT JOIN %s.meter m ON m.meter_id = r.meter_id",
			damaged(s.file, "a charge has an id that is in no dictionary")},
		{"rest ai " + e.dims, "SELECT count(*) FILTER (m.ai) = 0 FROM %s." + ledger.RestTable + " r JOIN %s.meter m ON m.meter_id = r.meter_id",
			showback.WithHint(showback.Errorf(showback.KindInvalid, "read %s: it has sums of a product that the rules of today take for AI", s.file),
				"import its delivery again with --replace")},
	} {
		switch holds, err := s.agrees(ctx, e.db, c.name, fmt.Sprintf(c.query, s.catalog, e.dims)); {
		case err != nil:
			return err
		case !holds:
			return c.fail
		}
	}
	return nil
}

// fill puts what all charges of the rest have into its rows, beside what its plan
// grouped by.
func fill(p *explore.RestPlan, rows []partial) {
	for i := range rows {
		grouped := rows[i].Keys
		keys := make([]explore.Value, 0, len(p.Fixed))
		for _, v := range p.Fixed {
			if v != nil {
				keys = append(keys, *v)
				continue
			}
			keys, grouped = append(keys, grouped[0]), grouped[1:]
		}
		rows[i].Keys = keys
	}
}
