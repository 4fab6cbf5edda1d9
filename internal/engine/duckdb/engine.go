package duckdb

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/duckdb/duckdb-go/v2"

	"showback"
	"showback/internal/engine/sqlgen"
	"showback/internal/explore"
	"showback/internal/ledger"
)

// memoryLimit bounds what the engine holds before it spills to the disk. Its
// own default is 80 % of the machine.
const memoryLimit = "2GB"

// largeTable is how many rows make a table one whose queries cost more to run
// than to plan.
const largeTable = 100_000

// Engine answers plans over one version of the ledger. It is safe for
// concurrent use; no more queries run at once than the machine has cores, since
// more would only share the same threads and memory.
type Engine struct {
	snap     *ledger.Snapshot
	coverage explore.Coverage
	db       *sql.DB
	tmp      string // folder that the engine spills to
	slots    chan struct{}
	segments segments
	large    int64 // how many rows make a table large
	rollups  bool  // whether rollups may answer; false for tests alone
}

var _ explore.Engine = (*Engine)(nil)

// Open makes an engine over the snapshot. The snapshot stays the caller's, who
// closes it after the engine. Dimensions that are missing or damaged are an
// error of KindCorrupt that names the file; segments are first read by the
// plans that need them.
func Open(ctx context.Context, snap *ledger.Snapshot) (*Engine, error) {
	coverage, err := coverageOf(&snap.Manifest)
	if err != nil {
		return nil, err
	}
	tmp, err := os.MkdirTemp("", "showback-")
	if err != nil {
		return nil, showback.Errorf(showback.KindUnavailable, "make temporary folder: %w", err)
	}
	cores := runtime.GOMAXPROCS(0)
	connector, err := duckdb.NewConnector(settings(tmp, cores), prepare)
	if err != nil {
		os.RemoveAll(tmp)
		return nil, showback.Errorf(showback.KindUnavailable, "open engine: %w", err)
	}
	e := &Engine{snap: snap, coverage: coverage, db: sql.OpenDB(connector), tmp: tmp, slots: make(chan struct{}, cores), large: largeTable, rollups: true}
	e.segments = segments{db: e.db, keep: idleSegments, open: map[string]*segment{}}
	// A connection that is kept costs nothing and saves its set-up.
	e.db.SetMaxIdleConns(cores + 1)
	if err := e.attachDims(ctx); err != nil {
		return nil, errors.Join(err, e.Close())
	}
	return e, nil
}

// settings writes the settings of the whole engine. They hold from its start:
// the folder to spill to cannot be set again once it was used. All are set
// explicitly, since the defaults would write where the program runs and look
// for extensions on the network.
func settings(tmp string, threads int) string {
	return "?" + url.Values{
		"memory_limit":                 {memoryLimit},
		"threads":                      {strconv.Itoa(threads)},
		"temp_directory":               {tmp},
		"autoinstall_known_extensions": {"false"},
		"autoload_known_extensions":    {"false"},
	}.Encode()
}

// prepare sets what each connection has of its own.
func prepare(conn driver.ExecerContext) error {
	for _, set := range []string{"SET TimeZone = 'UTC'", "SET enable_progress_bar = false"} {
		if _, err := conn.ExecContext(context.Background(), set, nil); err != nil {
			return err
		}
	}
	return nil
}

func (e *Engine) attachDims(ctx context.Context) error {
	path := e.snap.DimsPath()
	if path == "" {
		return nil
	}
	return attach(ctx, e.db, path, filepath.Base(path), "dims")
}

// Close lets go of all files. No method may be running or called after it.
func (e *Engine) Close() error {
	err := e.db.Close()
	if removed := os.RemoveAll(e.tmp); err == nil {
		err = removed
	}
	if err != nil {
		return showback.Errorf(showback.KindUnavailable, "close engine: %w", err)
	}
	return nil
}

// Coverage returns what the manifest of the version says. The caller must not
// change it.
func (e *Engine) Coverage(ctx context.Context) (explore.Coverage, error) {
	return e.coverage, context.Cause(ctx)
}

// Run sums the charges that the plan selects. Its errors are of KindInvalid
// for a plan that can't be answered, of KindCorrupt for a file of the store
// that is missing or damaged, of KindDenied for one that may not be read, of
// KindUnavailable for what memory, disk or the system has no room for now, or
// the cause of ctx's end.
func (e *Engine) Run(ctx context.Context, p explore.Plan) ([]explore.Row, error) {
	if err := sqlgen.Check(p); err != nil {
		return nil, err
	}
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
	query, args, err := sqlgen.DuckDB.Segment(p, info)
	if err != nil {
		return nil, err
	}
	began := time.Now()
	rows, err := e.db.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, fault(ctx, seg.File, err)
	}
	defer rows.Close()
	sums, err := read(rows, p, seg.Month)
	if err != nil {
		return nil, fault(ctx, seg.File, err)
	}
	explore.TraceOf(ctx).Add(explore.Step{Segment: seg.File, Table: table.Name, Rows: table.Rows, Facts: seg.Charges,
		Groups: len(sums), Took: time.Since(began)})
	return sums, nil
}

// tables returns the tables that the segment can be read from. Rollups for
// which one meter, or one caller, stands for several are left out where rules
// that have changed since tell those apart.
func (e *Engine) tables(ctx context.Context, s *segment, seg *ledger.Segment, derived bool) ([]explore.Table, error) {
	tables := seg.Tables()
	if !e.rollups {
		return tables[:1], nil
	}
	if len(tables) == 1 {
		return tables, nil
	}
	meters, err := s.metersAgree(ctx, e.db)
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
