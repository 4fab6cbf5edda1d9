package enginetest

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"showback"
	"showback/internal/explore"
)

// recorder is an engine that keeps what it is asked for one question, and what
// it answers. Plans may come side by side.
type recorder struct {
	explore.Engine
	q   asked
	cov explore.Coverage

	mu    sync.Mutex
	calls map[string]call // by their text
	trace *explore.Trace  // of the question's own plan
}

// call is a plan and what came of it, or one for the values of a key.
type call struct {
	limit  int // 0 for rows
	rows   []explore.Row
	values []string
	err    error
}

func (r *recorder) Coverage(context.Context) (explore.Coverage, error) { return r.cov, nil }

func (r *recorder) Run(ctx context.Context, p explore.Plan) ([]explore.Row, error) {
	rows, err := r.Engine.Run(r.traced(ctx, p), p)
	r.keep(question{plan: p}, call{rows: rows, err: err})
	return rows, err
}

// RunAll lets the engine run the plans together where it can. The question's own
// plan is the first: of the steps those count that were done for it.
func (r *recorder) RunAll(ctx context.Context, plans []explore.Plan) ([][]explore.Row, error) {
	all, err := explore.RunAll(r.traced(ctx, plans[0]), r.Engine, plans)
	for i, p := range plans {
		c := call{err: err}
		if err == nil {
			c.rows = all[i]
		}
		r.keep(question{plan: p}, c)
	}
	return all, err
}

func (r *recorder) Values(ctx context.Context, p explore.Plan, k explore.Key, limit int) ([]string, error) {
	values, err := r.Engine.Values(ctx, p, k, limit)
	r.keep(question{plan: p, key: &k, limit: limit}, call{limit: limit, values: values, err: err})
	return values, err
}

// traced returns a context that keeps the steps of the question's own plan, the
// first time that it comes.
func (r *recorder) traced(ctx context.Context, p explore.Plan) context.Context {
	own := r.q.plan()
	if !slices.EqualFunc(p.By, own.By, explore.Key.Same) || p.Period != own.Period || p.Granularity != own.Granularity ||
		explore.Format(p.Filter) != explore.Format(own.Filter) {
		return ctx
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.trace == nil {
		ctx, r.trace = explore.WithTrace(ctx, func() time.Time { return now })
	}
	return ctx
}

func (r *recorder) keep(q question, c call) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.calls[q.String()] = c
}

// outcome is what a question came to.
type outcome struct {
	answer *explore.Answer
	err    error
	text   string // all of it
	calls  map[string]call
	steps  []explore.Step // of the question's own plan
}

// now is what the clock says: steps are counted, not timed.
var now = time.Date(2027, 1, 15, 12, 0, 0, 0, time.UTC)

// askOf puts the question to an engine over a ledger of this coverage.
func askOf(e explore.Engine, cov explore.Coverage, q asked) outcome {
	ctx := context.Background()
	r := &recorder{Engine: e, q: q, cov: cov, calls: map[string]call{}}
	var out outcome
	out.answer, out.err = explore.Ask(ctx, r, q.Question)
	if out.err == nil && q.beside != "" {
		var beside showback.Period
		beside, out.err = explore.ParseBeside(q.beside, q.Period, cov)
		if out.err == nil {
			out.err = explore.Compare(ctx, r, out.answer, beside)
		}
	}
	out.calls = r.calls
	if r.trace != nil {
		out.steps = slices.DeleteFunc(r.trace.Steps(), func(s explore.Step) bool { return s.Of != 0 })
	}
	out.text = out.answerText()
	return out
}

// answerText writes all that an answer says, or the error.
func (o outcome) answerText() string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	if o.err != nil {
		line("error (%s): %v (hint: %s)", showback.KindOf(o.err), o.err, showback.HintOf(o.err))
		if o.answer == nil {
			return b.String()
		}
	}
	a := o.answer
	line("billed to %s, open %t, compared with %s", a.BilledTo.Format(time.DateOnly), a.Open, periodText(a.ComparedWith))
	for _, block := range a.Blocks {
		line("%s", block.Currency)
		for _, r := range block.Rows {
			line("  %s %s%s: %s%s", rowName(r), mark(r.Incomplete, "incomplete "), r.Presence(), figuresText(&r.Figures), previousText(r.Previous))
		}
		line("  total: %s%s", figuresText(&block.Total), previousText(block.Previous))
		for _, c := range block.Classes {
			line("  %s: %s%s", c.Class, c.Cost, c.Missing)
		}
	}
	for _, l := range a.Bill {
		line("bill: AI %s of %s %s", l.AI, l.All, l.Currency)
	}
	for _, h := range a.Holding() {
		line("%s holds: %s %s %s", h.Condition, h.Currency, rowName(h.Row), figureText(h.Figure))
	}
	for _, n := range a.Notes {
		line("note %s: %s", n.Code, n.Text)
	}
	return b.String()
}

func mark(holds bool, word string) string {
	if holds {
		return word
	}
	return ""
}

func rowName(r explore.AnswerRow) string {
	text := periodText(showback.Period{Start: r.Start, End: r.End})
	if r.Beside != (showback.Period{}) {
		text += " beside " + periodText(r.Beside)
	}
	for _, k := range r.Keys {
		text += fmt.Sprintf(" %q%s", k.Text, mark(k.Missing != "", "("+string(k.Missing)+")"))
	}
	if r.Others > 0 {
		text += fmt.Sprintf(" others %d", r.Others)
	}
	return text
}

func periodText(p showback.Period) string {
	if p == (showback.Period{}) {
		return "nothing"
	}
	const form = "2006-01-02T15"
	return p.Start.Format(form) + ".." + p.End.Format(form)
}

func previousText(f *explore.Figures) string {
	if f == nil {
		return ""
	}
	return "; before " + figuresText(f)
}

func figuresText(f *explore.Figures) string {
	return fmt.Sprintf("charges %d, cost %s, tokens %s, quantity %s %q, unit cost %s",
		f.Charges, figureText(f.Cost), figureText(f.Tokens), figureText(f.Quantity), f.Unit, figureText(f.UnitCost))
}

func figureText(f explore.Figure) string {
	if f.Missing != "" {
		return "(" + string(f.Missing) + ")"
	}
	return f.Value.String()
}

// difference says how what an engine made of a question differs from what the
// oracle did; empty when it does not. Each plan that the question became is
// compared by itself before the answers are.
func difference(got, want outcome) string {
	for _, plan := range slices.Sorted(maps.Keys(want.calls)) {
		c, asked := got.calls[plan]
		if !asked {
			continue // the answers tell
		}
		if d := c.difference(want.calls[plan]); d != "" {
			return plan + "\n  " + d
		}
	}
	if got.text == want.text && len(got.calls) == len(want.calls) {
		return ""
	}
	g, w := strings.Split(got.text, "\n"), strings.Split(want.text, "\n")
	same := 0
	for same < min(len(g), len(w)) && g[same] == w[same] {
		same++
	}
	const most = 10
	return fmt.Sprintf("the answers differ, after %d plans where the oracle has %d:\n    got\n%s\n    want\n%s", len(got.calls), len(want.calls),
		strings.Join(g[same:min(len(g), same+most)], "\n"), strings.Join(w[same:min(len(w), same+most)], "\n"))
}

// difference says how the engine's call differs from the oracle's.
func (c call) difference(oracle call) string {
	switch {
	case c.err != nil && (oracle.err == nil || c.err.Error() != oracle.err.Error()):
		return "fails: " + c.err.Error()
	case oracle.err != nil && c.err == nil:
		return "does not fail: " + oracle.err.Error()
	case oracle.limit > 0 && !slices.Equal(c.values, oracle.values):
		return fmt.Sprintf("got values %q\n    want %q", c.values, oracle.values)
	}
	return compareRows(c.rows, oracle.rows)
}
