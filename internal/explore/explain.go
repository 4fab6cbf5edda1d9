package explore

import (
	"cmp"
	"context"
	"strings"
	"sync"
	"time"
)

// Step is what an engine did for one plan with one file.
type Step struct {
	Plan   string // in words: its keys and its spans
	Of     int    // of plans that were run together, the first that it was done for
	File   string // as the manifest names it
	Table  string // that was read
	Rows   int64  // of the table; the engine may have skipped parts of it
	Facts  int64  // of the file
	Groups int    // that came out
	Took   time.Duration
}

// Trace collects the steps of the plans that run under a context. It is safe
// for concurrent use.
type Trace struct {
	now   func() time.Time
	mu    sync.Mutex
	steps []Step
}

type traceKey struct{}

// WithTrace returns a context under which engines say what they do, and the
// trace that they say it to. now is the clock that times them.
func WithTrace(ctx context.Context, now func() time.Time) (context.Context, *Trace) {
	t := &Trace{now: now}
	return context.WithValue(ctx, traceKey{}, t), t
}

// TraceOf returns the trace of the context; nil where nobody asked for one.
func TraceOf(ctx context.Context) *Trace {
	t, _ := ctx.Value(traceKey{}).(*Trace)
	return t
}

// Begin begins a step; end ends it, with all that is known of it but the time
// that it took. A nil trace takes no note.
func (t *Trace) Begin() (end func(Step)) {
	if t == nil {
		return func(Step) {}
	}
	began := t.now()
	return func(s Step) {
		s.Took = t.now().Sub(began)
		t.mu.Lock()
		defer t.mu.Unlock()
		t.steps = append(t.steps, s)
	}
}

// Steps returns the steps in the order in which they ended.
func (t *Trace) Steps() []Step {
	t.mu.Lock()
	defer t.mu.Unlock()
	return append([]Step(nil), t.steps...)
}

// Words says in short what the plan is about: "tag:team, by day".
func (p Plan) Words() string {
	words := make([]string, len(p.By))
	for i, k := range p.By {
		words[i] = k.String()
	}
	if p.Granularity != Total && p.Granularity != "" {
		words = append(words, "by "+string(p.Granularity))
	}
	return cmp.Or(strings.Join(words, ", "), "total")
}
