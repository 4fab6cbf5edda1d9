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
	dims     string           // catalog of the dimensions
	payers   map[string]int32 // ids of accounts
	large    int64            // how many rows make a table large
	rollups  bool             // whether rollups may answer
	compacts bool             // whether compact files may answer
	answers  answers
	names    names
}

var _ explore.Batcher = (*Engine)(nil)

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
	e := &Engine{instance: in, snap: snap, coverage: coverage, dims: in.name("d"), large: largeTable, rollups: true, compacts: true}
	if path := snap.DimsPath(); path != "" {
		if err := attach(ctx, in.db, path, filepath.Base(path), e.dims); err != nil {
			return nil, err
		}
		if err := e.loadPayers(ctx); err != nil {
			return nil, err
		}
	}
	return e, nil
}

func (e *Engine) loadPayers(ctx context.Context) error {
	file := filepath.Base(e.snap.DimsPath())
	rows, err := e.db.QueryContext(ctx, "SELECT account, payer_id FROM "+e.dims+".payer")
	if err != nil {
		return fault(ctx, file, err)
	}
	defer rows.Close()
	e.payers = map[string]int32{}
	for rows.Next() {
		var account string
		var id int32
		if err := rows.Scan(&account, &id); err != nil {
			return fault(ctx, file, err)
		}
		e.payers[account] = id
	}
	if err := rows.Err(); err != nil {
		return fault(ctx, file, err)
	}
	return nil
}

// OnlyFacts makes the engine answer from the facts alone, and RememberNothing
// makes it run every plan anew: for benchmarks and tests. No plan may be under
// way.
func (e *Engine) OnlyFacts() { e.rollups = false }

// RememberNothing makes the engine run every plan anew; see OnlyFacts.
func (e *Engine) RememberNothing() { e.answers.off = true }

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
	all, err := e.RunAll(ctx, []explore.Plan{p})
	if err != nil {
		return nil, err
	}
	return all[0], nil
}

// RunAll is Run for several plans at once: those that can be answered from the
// same sums share the reading of the charges.
func (e *Engine) RunAll(ctx context.Context, plans []explore.Plan) ([][]explore.Row, error) {
	id := ""
	for _, p := range plans {
		if err := sqlgen.Check(p); err != nil {
			return nil, err
		}
		if err := e.coverage.Refuse(p); err != nil {
			return nil, err
		}
		id += planID(p) + "\n"
	}
	if explore.TraceOf(ctx) != nil { // what was done is asked, too
		return e.run(ctx, plans)
	}
	return e.answers.get(ctx, id, func() ([][]explore.Row, error) { return e.run(ctx, plans) })
}

func (e *Engine) run(ctx context.Context, plans []explore.Plan) ([][]explore.Row, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var (
		mu     sync.Mutex
		merged = make([]*merger, len(plans))
		wg     sync.WaitGroup
	)
	for i := range merged {
		merged[i] = newMerger()
	}
	start := func(sum func() ([]partial, error), add func([]partial)) {
		select {
		case <-ctx.Done():
		case e.slots <- struct{}{}:
			wg.Go(func() {
				defer func() { <-e.slots }()
				rows, err := sum()
				if err != nil {
					cancel(err)
					return
				}
				mu.Lock()
				defer mu.Unlock()
				add(rows)
			})
		}
	}
	for _, r := range e.readings(plans) {
		for _, u := range e.units(r.plan, e.firstSeen(r.plan)) {
			if !sqlgen.Reads(r.plan, u.info) {
				continue
			}
			start(func() ([]partial, error) { return e.sum(ctx, r, u) }, func(rows []partial) {
				for _, m := range r.members {
					merged[m.index].add(m.fold(rows))
				}
			})
		}
	}
	for i, p := range plans {
		for _, u := range e.restUnits(p) {
			start(func() ([]partial, error) { return e.sumRest(ctx, p, i, u) }, func(rows []partial) { merged[i].add(rows) })
		}
	}
	wg.Wait()
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	all := make([][]explore.Row, len(plans))
	for i, m := range merged {
		all[i] = m.rows()
	}
	return all, nil
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

// dialect is how the engine's queries are written.
func (e *Engine) dialect() sqlgen.Dialect {
	d := sqlgen.DuckDB
	d.Dims = e.dims + "."
	return d
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
