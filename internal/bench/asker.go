package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"showback"
	"showback/internal/engine/duckdb"
	"showback/internal/explore"
	"showback/internal/ledger"
)

// teamKey is the key by which most questions group.
const teamKey = "tag:team"

// asker is an engine over a version of a store, or over some of its segments.
// It remembers no answer.
type asker struct {
	*duckdb.Engine
	snap *ledger.Snapshot
	cov  explore.Coverage
}

// open makes an asker over the segments that keep wants; nil wants all. The
// caller closes it.
func open(ctx context.Context, store *ledger.Store, keep func(*ledger.Segment) bool) (*asker, error) {
	snap, err := store.Snapshot()
	if err != nil {
		return nil, err
	}
	if keep != nil {
		// A version without the others: what a store would be that never had them.
		snap.Segments = slices.DeleteFunc(snap.Segments, func(s ledger.Segment) bool { return !keep(&s) })
		snap.Compacts = nil
	}
	if len(snap.Segments) == 0 {
		return nil, errors.Join(showback.Errorf(showback.KindNotFound, "open store %s: no segment to ask", store.Dir()), snap.Close())
	}
	eng, err := duckdb.Open(ctx, snap)
	if err != nil {
		return nil, errors.Join(err, snap.Close())
	}
	eng.RememberNothing()
	a := &asker{Engine: eng, snap: snap}
	if a.cov, err = eng.Coverage(ctx); err != nil {
		return nil, errors.Join(err, a.Close())
	}
	return a, nil
}

// openFacts is open with an engine that knows no rollup.
func openFacts(ctx context.Context, store *ledger.Store, keep func(*ledger.Segment) bool) (*asker, error) {
	a, err := open(ctx, store, keep)
	if err == nil {
		a.OnlyFacts()
	}
	return a, err
}

// Close closes the engine, then its version.
func (a *asker) Close() error { return errors.Join(a.Engine.Close(), a.snap.Close()) }

// lastMonths returns the n months that end with the last one stored.
func (a *asker) lastMonths(n int) showback.Period {
	last := a.cov.Deliveries[0].Month
	for _, d := range a.cov.Deliveries {
		last = max(last, d.Month)
	}
	return showback.Period{Start: last.Add(1 - n).Start(), End: last.End()}
}

// lastDays returns the n days that end with the last one billed.
func (a *asker) lastDays(n int) showback.Period {
	end := showback.Day(a.cov.BilledTo()).AddDate(0, 0, 1)
	return showback.Period{Start: end.AddDate(0, 0, -n), End: end}
}

// within returns the segments that a question over the period may read.
func (a *asker) within(p showback.Period) []ledger.Segment {
	var in []ledger.Segment
	for _, s := range a.snap.Segments {
		if s.Month.Period().Overlaps(p) {
			in = append(in, s)
		}
	}
	return in
}

// keys reads keys; they are ours, so a fault is a bug.
func keys(list string) []explore.Key {
	ks, err := explore.ParseKeys(list)
	if err != nil {
		panic("BUG: " + err.Error())
	}
	return ks
}

// question returns a question by the keys over the period, in spans. Of what it
// leaves open it takes the defaults: the cost of AI.
func question(p showback.Period, by string, spans explore.Granularity) explore.Question {
	return explore.Question{Period: p, By: keys(by), Granularity: spans}
}

// plan returns the main plan of such a question: what a bare query would sum.
func plan(q explore.Question) explore.Plan {
	return explore.Plan{Period: q.Period, Granularity: q.Granularity, By: q.By, Filter: q.Filter,
		Basis: showback.Unblended, Scope: explore.ScopeAI, TagView: explore.TagsBilled, Measures: []explore.Measure{}}
}

// asking returns a contender that asks the whole question.
func (a *asker) asking(q explore.Question) contender {
	return timed(func(ctx context.Context) error {
		_, err := explore.Ask(ctx, a, q)
		return err
	})
}

// running returns a contender that runs the main plan alone.
func (a *asker) running(q explore.Question) contender {
	return timed(func(ctx context.Context) error {
		_, err := a.Run(ctx, plan(q))
		return err
	})
}

// readText asks once more and says which tables are read, by how many queries.
func readText(ctx context.Context, c contender) (string, error) {
	ctx, trace := explore.WithTrace(ctx, now)
	if err := c.run(ctx); err != nil {
		return "", err
	}
	steps := trace.Steps()
	names := make([]string, len(steps))
	for i, s := range steps {
		names[i] = s.Table
	}
	slices.Sort(names)
	return fmt.Sprintf("reads %s; %d queries", strings.Join(slices.Compact(names), ", "), len(steps)), nil
}
