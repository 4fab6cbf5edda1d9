package sqldoor

import (
	"context"
	"time"

	"showback"
)

// DuckDB bounds what tables, joins and groups take, and ends a query at an
// interrupt between two batches of rows. A single call of a function is beyond
// both: repeat('x', 4000000000) takes its memory from the system and stops for
// nobody (1.5.6). Nor does it count the rows of the result. So the process is
// watched from outside.
const (
	watchEvery = 10 * time.Millisecond
	// grace is how long a query may take to end after it was told to.
	grace = 3 * time.Second
)

// spare is how much the process may grow beyond the engine's memory: what the
// engine does not count, and the rows on their way.
func spare(memory int64) int64 { return max(memory/4, 256<<20) }

// result is what a query came to.
type result struct {
	rows *Rows
	err  error
}

// watch runs a query and ends it when its context ends, or when the process
// has grown by more than the query may. A query that does not end is left to
// itself: the door is then of no more use, and the process should end.
func (d *Door) watch(ctx context.Context, query func(context.Context) (*Rows, error)) (*Rows, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	done := make(chan result, 1)
	before := resident()
	go func() {
		rows, err := query(ctx)
		done <- result{rows, err}
	}()
	ticker := time.NewTicker(watchEvery)
	defer ticker.Stop()
	told := ctx.Done()
	var late <-chan time.Time
	most := d.opts.Memory + spare(d.opts.Memory)
	for {
		select {
		case r := <-done:
			return r.rows, r.err
		case <-told:
			told = nil
			late = time.After(grace)
		case <-late:
			d.left.Store(true)
			return nil, context.Cause(ctx)
		case <-ticker.C:
			grown := resident() - before
			if before == 0 || grown <= most {
				continue
			}
			cancel(d.memoryError())
			if grown > 2*most { // it does not wait for the end of its grace
				d.left.Store(true)
				return nil, context.Cause(ctx)
			}
		}
	}
}

func (d *Door) timeError() error {
	return showback.WithHint(showback.Errorf(showback.KindUnavailable, "run query: not done after %s", d.opts.Timeout),
		"give it more time with --timeout, fewer months with --from and --to, or ask for less")
}

func (d *Door) memoryError() error {
	return showback.WithHint(showback.Errorf(showback.KindUnavailable, "run query: it takes more than %d MB of memory", d.opts.Memory>>20),
		"give it more with --memory, fewer months with --from and --to, or ask for less")
}
