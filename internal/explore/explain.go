package explore

import (
	"context"
	"sync"
	"time"
)

// Step is what an engine did for one plan in one segment.
type Step struct {
	Segment string // file, as the manifest names it
	Table   string // that was read
	Rows    int64  // of the table; the engine may have skipped parts of it
	Facts   int64  // of the segment
	Groups  int    // that came out
	Took    time.Duration
}

// Trace collects the steps of the plans that run under a context. The zero
// value is ready. It is safe for concurrent use.
type Trace struct {
	mu    sync.Mutex
	steps []Step
}

type traceKey struct{}

// WithTrace returns a context under which engines say what they do.
func WithTrace(ctx context.Context, t *Trace) context.Context {
	return context.WithValue(ctx, traceKey{}, t)
}

// TraceOf returns the trace of the context; nil where nobody asked for one.
func TraceOf(ctx context.Context) *Trace {
	t, _ := ctx.Value(traceKey{}).(*Trace)
	return t
}

// Add adds a step. A nil trace drops it.
func (t *Trace) Add(s Step) {
	if t == nil {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.steps = append(t.steps, s)
}

// Steps returns the steps in the order in which they ended.
func (t *Trace) Steps() []Step {
	t.mu.Lock()
	defer t.mu.Unlock()
	return append([]Step(nil), t.steps...)
}
