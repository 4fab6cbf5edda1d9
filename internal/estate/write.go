package estate

import (
	"context"
	"fmt"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"showback"
)

// Write writes all exports below dir and says what they hold. Below dir,
// "exports" has the current deliveries, one folder for each export as a copy
// of its bucket would have it; "older" has the first delivery of the restated
// month alone, which is also among the executions of its export.
//
// Files get the time of their delivery, so that a reader who goes by file
// times finds the months in order.
func (e *Estate) Write(dir string) (Summary, error) {
	return e.WriteContext(context.Background(), dir, nil)
}

// WriteContext is Write for estates that take a while. It ends with the
// context's error when that is done, and leaves what it has written. progress,
// unless nil, is told of rows as they are written, in one call at a time.
func (e *Estate) WriteContext(ctx context.Context, dir string, progress func(rows int)) (Summary, error) {
	s := Summary{Dir: filepath.Join(dir, "exports")}
	var jobs []*job
	for _, x := range e.exports {
		s.Exports = append(s.Exports, ExportSummary{Name: x.name, Path: filepath.Join(s.Dir, x.name), Payer: x.payer.id,
			PayerName: x.payer.name, Currency: x.payer.currency, CallerColumn: x.callers})
		for _, m := range e.monthsOf(x) {
			jobs = append(jobs, &job{x: x, month: m, root: filepath.Join(s.Dir, x.name), older: filepath.Join(dir, "older", x.name)})
		}
	}
	if err := e.run(ctx, jobs, progress); err != nil {
		return Summary{}, err
	}
	for _, j := range jobs {
		x := &s.Exports[slices.Index(e.exports, j.x)]
		x.Months = append(x.Months, j.sums[newest])
		x.Rows += j.sums[newest].Rows
		if e.restates(j.x, j.month) {
			s.Restated = Restated{Export: x.Name, Payer: x.Payer, Currency: x.Currency, Month: j.month, Path: j.older,
				Older: j.sums[older], Newer: j.sums[newest]}
		}
	}
	return s, nil
}

// job is one month of an export to write.
type job struct {
	x     *export
	month showback.Month
	root  string // the export's folder
	older string // gets a copy of the restated month's first delivery
	sums  [older + 1]MonthSummary
}

// writers is how many months are written at a time at most: each holds a row
// group in memory.
const writers = 8

// run writes the months, those of the largest payer first, as many at a time
// as there are processors.
func (e *Estate) run(ctx context.Context, jobs []*job, progress func(rows int)) error {
	tell := func(int) {}
	if progress != nil {
		var mu sync.Mutex
		tell = func(rows int) {
			mu.Lock()
			defer mu.Unlock()
			progress(rows)
		}
	}
	return inParallel(ctx, min(runtime.GOMAXPROCS(0), writers), jobs, func(ctx context.Context, j *job) error {
		write := func(root string, edition refresh) error {
			d := &delivery{e: e, x: j.x, month: j.month, edition: edition, root: root, at: e.delivered(j.x, j.month, edition), tell: tell}
			if err := d.write(ctx); err != nil {
				return fmt.Errorf("write %s of export %s: %w", j.month, j.x.name, err)
			}
			j.sums[edition] = d.sum.summary()
			return nil
		}
		// In order: the month's own manifest is that of the last delivery.
		if e.restates(j.x, j.month) {
			for _, root := range []string{j.older, j.root} {
				if err := write(root, older); err != nil {
					return err
				}
			}
		}
		return write(j.root, newest)
	})
}

// inParallel does all jobs, n at a time, and returns the first error that one
// of them had; those that have not begun by then are left out.
func inParallel[J any](ctx context.Context, n int, jobs []J, do func(context.Context, J) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var wait sync.WaitGroup
	var next atomic.Int64
	for range min(n, len(jobs)) {
		wait.Go(func() {
			for ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= len(jobs) {
					return
				}
				if err := do(ctx, jobs[i]); err != nil {
					cancel(err)
				}
			}
		})
	}
	wait.Wait()
	return context.Cause(ctx)
}

// restates reports the one month of the one export that is delivered twice.
func (e *Estate) restates(x *export, m showback.Month) bool {
	return x.layout == createNew && e.index(m) == restatedMonth && x.first <= restatedMonth && restatedMonth <= x.last
}

// delivered is when a refresh of a month arrived: five days after the month's
// end (nineteen for the restatement), or on the morning after the last day
// with usage, whichever is first.
func (e *Estate) delivered(x *export, m showback.Month, ed refresh) time.Time {
	at := m.End().AddDate(0, 0, 5)
	if e.restates(x, m) && ed == newest {
		at = at.AddDate(0, 0, 14)
	}
	if last := e.through.AddDate(0, 0, 1); last.Before(at) {
		at = last
	}
	return at.Add(4*time.Hour + 12*time.Minute + 33*time.Second)
}
