package duckdb

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"showback"
	"showback/internal/engine/sqlgen"
	"showback/internal/explore"
	"showback/internal/ledger"
)

// largeTable is how many rows make a table one whose queries cost more to run
// than to plan.
const largeTable = 5_000

// Engine answers plans over one version of the ledger. It is safe for
// concurrent use; no more queries run at once than the machine has cores, since
// more would only share the same threads and memory. What it has answered it
// remembers: a version never changes.
type Engine struct {
	*instance
	owned    bool // the instance is the engine's own
	snap     *ledger.Snapshot
	coverage explore.Coverage
	dims     string // catalog of the dimensions
	large    int64  // how many rows make a table large
	rollups  bool   // whether rollups may answer; false for tests alone
	answers  answers
}

var _ explore.Engine = (*Engine)(nil)

// Open makes an engine over the snapshot. The snapshot stays the caller's, who
// closes it after the engine. Dimensions that are missing or damaged are an
// error of KindCorrupt that names the file; segments are first read by the
// plans that need them.
func Open(ctx context.Context, snap *ledger.Snapshot) (*Engine, error) {
	in, err := newInstance()
	if err != nil {
		return nil, err
	}
	e, err := in.engine(ctx, snap)
	if err != nil {
		return nil, errors.Join(err, in.close())
	}
	e.owned = true
	return e, nil
}

// engine makes an engine over a version of the ledger.
func (in *instance) engine(ctx context.Context, snap *ledger.Snapshot) (*Engine, error) {
	coverage, err := coverageOf(&snap.Manifest)
	if err != nil {
		return nil, err
	}
	e := &Engine{instance: in, snap: snap, coverage: coverage, dims: in.name("d"), large: largeTable, rollups: true}
	if path := snap.DimsPath(); path != "" {
		if err := attach(ctx, in.db, path, filepath.Base(path), e.dims); err != nil {
			return nil, err
		}
	}
	return e, nil
}

// Close lets go of all files. No method may be running or called after it.
func (e *Engine) Close() error {
	if e.owned {
		return e.instance.close()
	}
	// What can't be detached now costs some memory and harms nothing.
	e.maps.drop(e.db, e.dims)
	_, _ = e.db.ExecContext(context.Background(), "DETACH DATABASE IF EXISTS "+e.dims)
	return nil
}

// Coverage returns what the manifest of the version says. The caller must not
// change it.
func (e *Engine) Coverage(ctx context.Context) (explore.Coverage, error) {
	return e.coverage, context.Cause(ctx)
}

// Run sums the charges that the plan selects. The caller must not change the
// rows. Its errors are of KindInvalid
// for a plan that can't be answered, of KindCorrupt for a file of the store
// that is missing or damaged, of KindDenied for one that may not be read, of
// KindUnavailable for what memory, disk or the system has no room for now, or
// the cause of ctx's end.
func (e *Engine) Run(ctx context.Context, p explore.Plan) ([]explore.Row, error) {
	if err := sqlgen.Check(p); err != nil {
		return nil, err
	}
	if explore.TraceOf(ctx) != nil { // what was done is asked, too
		return e.run(ctx, p)
	}
	return e.answers.get(ctx, planID(p), func() ([]explore.Row, error) { return e.run(ctx, p) })
}

func (e *Engine) run(ctx context.Context, p explore.Plan) ([]explore.Row, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var (
		mu     sync.Mutex
		merged = newMerger()
		wg     sync.WaitGroup
		first  = e.firstSeen(p)
	)
	for i := range e.snap.Segments {
		seg := &e.snap.Segments[i]
		info := e.info(p, seg, first[seg.Payer])
		if !sqlgen.Reads(p, info) {
			continue
		}
		select {
		case <-ctx.Done():
		case e.slots <- struct{}{}:
			wg.Go(func() {
				defer func() { <-e.slots }()
				rows, err := e.sum(ctx, p, seg, info)
				if err != nil {
					cancel(err)
					return
				}
				mu.Lock()
				defer mu.Unlock()
				merged.add(rows)
			})
		}
	}
	wg.Wait()
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	return merged.rows(), nil
}

// firstSeen returns, for each payer, the first day with each tag key of p.By.
func (e *Engine) firstSeen(p explore.Plan) map[string]map[showback.TagKey]time.Time {
	first := map[string]map[showback.TagKey]time.Time{}
	for _, k := range p.By {
		if k.Tag == (showback.TagKey{}) {
			continue
		}
		for payer, day := range e.coverage.FirstSeen(k.Tag) {
			if first[payer] == nil {
				first[payer] = map[showback.TagKey]time.Time{}
			}
			first[payer][k.Tag] = day
		}
	}
	return first
}

// info describes a segment to the writer of queries, but for the names under
// which it is attached.
func (e *Engine) info(p explore.Plan, seg *ledger.Segment, first map[showback.TagKey]time.Time) sqlgen.SegmentInfo {
	info := sqlgen.SegmentInfo{
		Payer: seg.Payer, Month: seg.Month,
		CallerColumn: seg.CallerColumn, Cost: stems(seg, p.Basis), FirstSeen: first,
	}
	if len(seg.Totals) == 1 {
		info.Currency = seg.Totals[0].Currency
	}
	return info
}

// stems returns the pairs of columns that add up to the basis; none when the
// segment does not carry it.
func stems(seg *ledger.Segment, basis showback.Basis) []string {
	if !slices.Contains(seg.Bases, basis) {
		return nil
	}
	list := []string{ledger.AmountColumn(basis)}
	for from, ok := ledger.DifferenceFrom[basis]; ok; from, ok = ledger.DifferenceFrom[from] {
		list = append(list, ledger.AmountColumn(from))
	}
	return list
}

// sum runs the plan over one segment.
func (e *Engine) sum(ctx context.Context, p explore.Plan, seg *ledger.Segment, info sqlgen.SegmentInfo) ([]partial, error) {
	s, err := e.segments.acquire(ctx, e.snap.SegmentPath(seg), seg)
	if err != nil {
		return nil, err
	}
	defer e.segments.release(s)
	info.Catalog = s.catalog
	if sqlgen.NeedsCallers(p) {
		if info.Callers, err = s.deriveCallers(ctx, e.db); err != nil {
			return nil, err
		}
	}
	if info.Tables, err = e.tables(ctx, s, seg, info.Callers != ""); err != nil {
		return nil, err
	}
	table := info.Table(p)
	info.Large = table.Rows >= e.large
	query, err := e.dialect().Segment(p, info)
	if err != nil {
		return nil, err
	}
	began := time.Now()
	for _, m := range query.Maps {
		if err := e.maps.make(ctx, e.db, m, e.dims, s.catalog); err != nil {
			return nil, fault(ctx, seg.File, err)
		}
	}
	rows, err := e.db.QueryContext(ctx, query.Text, query.Args...)
	if err != nil {
		return nil, fault(ctx, seg.File, err)
	}
	defer rows.Close()
	sums, err := read(rows, p, seg.Month, query.Summed)
	if err != nil {
		return nil, fault(ctx, seg.File, err)
	}
	explore.TraceOf(ctx).Add(explore.Step{Segment: seg.File, Table: table.Name, Rows: table.Rows, Facts: seg.Charges,
		Groups: len(sums), Took: time.Since(began)})
	return sums, nil
}

// dialect is how the engine's queries are written.
func (e *Engine) dialect() sqlgen.Dialect {
	d := sqlgen.DuckDB
	d.Dims = e.dims + "."
	return d
}

// tables returns the tables that the segment can be read from. Rollups for
// which one meter, or one caller, stands for several are left out where rules
// that have changed since tell those apart.
func (e *Engine) tables(ctx context.Context, s *segment, seg *ledger.Segment, derived bool) ([]explore.Table, error) {
	tables := seg.Tables()
	switch known, err := s.idsKnown(ctx, e.db, e.dims); {
	case err != nil:
		return nil, err
	case !known:
		return nil, damaged(seg.File, "a charge has an id that is in no dictionary")
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

// Values lists the values of the key over the charges that the plan selects,
// the largest unblended sum first, equal sums by their text. Where there are
// several currencies the order takes their amounts as plain numbers.
func (e *Engine) Values(ctx context.Context, p explore.Plan, key explore.Key, limit int) ([]string, error) {
	p.By, p.Basis, p.Granularity = []explore.Key{key}, showback.Unblended, explore.Total
	rows, err := e.Run(ctx, p)
	if err != nil {
		return nil, err
	}
	sums := map[string]showback.Decimal{}
	var values []string
	for _, r := range rows {
		v := r.Keys[0]
		if v.Missing != "" {
			continue
		}
		have, seen := sums[v.Text]
		if !seen {
			values = append(values, v.Text)
		}
		sums[v.Text] = have.Add(r.Unblended)
	}
	slices.SortFunc(values, func(a, b string) int {
		if c := sums[b].Cmp(sums[a]); c != 0 {
			return c
		}
		return strings.Compare(a, b)
	})
	return values[:min(len(values), max(limit, 0))], nil
}

// quote writes a text as an SQL literal, where no parameter can stand.
func quote(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }
