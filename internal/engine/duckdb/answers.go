package duckdb

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"showback"
	"showback/internal/explore"
)

// keptRows is how many rows of answers an engine remembers, at some 500 bytes
// each.
const keptRows = 200_000

// answers remembers what plans came to. Who asks what another is just asking
// waits for that one.
type answers struct {
	mu    sync.Mutex
	known map[string]*remembered
	order []string // as they came, for what must go
	rows  int
	off   bool // remembers nothing
}

type remembered struct {
	done chan struct{}
	rows [][]explore.Row // of each plan
	err  error
}

// size is how many rows they are.
func (r *remembered) size() int {
	n := 1
	for _, rows := range r.rows {
		n += len(rows)
	}
	return n
}

// get returns what run gave for the plans of that name, now or before. Errors
// are not remembered: each who waited for one tries on its own.
func (a *answers) get(ctx context.Context, plans string, run func() ([][]explore.Row, error)) ([][]explore.Row, error) {
	if a.off {
		return run()
	}
	a.mu.Lock()
	r := a.known[plans]
	if r != nil {
		a.mu.Unlock()
		select {
		case <-r.done:
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
		if r.err == nil {
			return r.rows, context.Cause(ctx)
		}
		return run()
	}
	r = &remembered{done: make(chan struct{})}
	if a.known == nil {
		a.known = map[string]*remembered{}
	}
	a.known[plans] = r
	a.mu.Unlock()
	r.err = showback.Errorf(showback.KindInternal, "run plan: it did not end") // when run panics
	defer func() {
		close(r.done)
		a.mu.Lock()
		defer a.mu.Unlock()
		if r.err != nil || r.size() > keptRows/4 {
			delete(a.known, plans)
			return
		}
		a.order = append(a.order, plans)
		a.rows += r.size()
		for a.rows > keptRows {
			a.rows -= a.known[a.order[0]].size()
			delete(a.known, a.order[0])
			a.order = a.order[1:]
		}
	}()
	r.rows, r.err = run()
	return r.rows, r.err
}

// planID writes all of a plan, so that two of the same text are the same.
func planID(p explore.Plan) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d %d %q %q %q %q %q", p.Period.Start.Unix(), p.Period.End.Unix(), p.Granularity, p.Basis, p.Scope, p.TagView, p.Classes)
	fmt.Fprintf(&b, " %t %t", p.Carries(explore.Tokens), p.Carries(explore.Quantity))
	for _, k := range p.By {
		fmt.Fprintf(&b, " %q %q", k.Name, k.Tag)
	}
	fmt.Fprintf(&b, " %s", exprID(p.Filter))
	return b.String()
}

// exprID writes all of a filter.
func exprID(e explore.Expr) string {
	switch e := e.(type) {
	case nil:
		return "nil"
	case explore.And:
		return "and(" + exprIDs(e.Terms) + ")"
	case explore.Or:
		return "or(" + exprIDs(e.Terms) + ")"
	case explore.Not:
		return "not(" + exprID(e.Term) + ")"
	case explore.Absent:
		return fmt.Sprintf("absent(%q %q)", e.Key.Name, e.Key.Tag)
	case explore.Match:
		text := fmt.Sprintf("match(%q %q", e.Key.Name, e.Key.Tag)
		for _, p := range e.Values {
			text += fmt.Sprintf(" %q", p.Parts)
		}
		return text + ")"
	}
	panic(fmt.Sprintf("BUG: filter term %T", e))
}

func exprIDs(terms []explore.Expr) string {
	texts := make([]string, len(terms))
	for i, t := range terms {
		texts[i] = exprID(t)
	}
	return strings.Join(texts, ", ")
}
