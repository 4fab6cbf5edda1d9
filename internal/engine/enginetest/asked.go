package enginetest

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"showback"
	"showback/internal/explore"
)

// asked is a question with the period to compare with, as typed: previous or a
// month; empty for none.
type asked struct {
	explore.Question
	beside string
}

// plan returns what of the question decides which tables can answer.
func (q asked) plan() explore.Plan {
	p := explore.Plan{Period: q.Period, Granularity: q.Granularity, By: q.By, Filter: q.Filter}
	if q.Access != nil {
		p.Filter = explore.And{Terms: []explore.Expr{q.Access}}
		if q.Filter != nil {
			p.Filter = explore.And{Terms: []explore.Expr{q.Filter, q.Access}}
		}
	}
	return p
}

// String writes the question as the command that asks it. An access filter,
// which no command has, stands after it.
func (q asked) String() string {
	words := []string{"showback explore"}
	add := func(flag, value string) { words = append(words, "--"+flag+"="+shellQuote(value)) }
	var by []string
	for _, k := range q.By {
		by = append(by, quoteKey(k.String()))
	}
	add("by", strings.Join(by, ","))
	if q.Filter != nil {
		add("where", explore.Format(q.Filter))
	}
	add("time-period", "Start="+q.Period.Start.Format(time.DateOnly)+",End="+q.Period.End.Format(time.DateOnly))
	add("granularity", string(q.Granularity))
	add("basis", string(q.Basis))
	add("scope", string(q.Scope))
	add("measure", list(q.Measures))
	if len(q.Classes) > 0 {
		add("charges", list(q.Classes))
	}
	if len(q.Sort) > 0 {
		var order []string
		for _, s := range q.Sort {
			order = append(order, quoteKey(s.String()))
		}
		add("sort", strings.Join(order, ","))
	}
	if q.Top > 0 {
		add("top", fmt.Sprint(q.Top))
	}
	for _, c := range q.FailIf {
		add("fail-if", c.String())
	}
	if q.beside != "" {
		add("compare", q.beside)
	}
	text := strings.Join(words, " ")
	if q.Access != nil {
		text += "\n  with the access filter " + explore.Format(q.Access)
	}
	return text
}

func list[T ~string](words []T) string {
	texts := make([]string, len(words))
	for i, w := range words {
		texts[i] = string(w)
	}
	return strings.Join(texts, ",")
}

// quoteKey puts a key into quotes where a list of keys needs it.
func quoteKey(key string) string {
	if strings.ContainsRune(key, ',') {
		return "'" + key + "'"
	}
	return key
}

// shellQuote writes a text as a shell takes it.
func shellQuote(text string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_.,:=/", r)
	}
	if strings.IndexFunc(text, func(r rune) bool { return !plain(r) }) < 0 {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}

// without returns simpler questions, each with one thing less, for a failure
// to be shown by.
func (q asked) without() []asked {
	var simpler []asked
	less := func(change func(*asked)) {
		o := q
		o.By, o.Sort, o.Classes = slices.Clone(q.By), slices.Clone(q.Sort), slices.Clone(q.Classes)
		change(&o)
		if !o.sortable() {
			o.Sort = nil
		}
		if o.String() != q.String() {
			simpler = append(simpler, o)
		}
	}
	less(func(o *asked) { o.beside, o.Sort, o.FailIf = "", nil, nil })
	less(func(o *asked) { o.Sort = nil })
	less(func(o *asked) { o.FailIf = nil })
	less(func(o *asked) { o.Top = 0 })
	less(func(o *asked) { o.Filter = nil })
	less(func(o *asked) { o.Access = nil })
	less(func(o *asked) { o.Classes = nil })
	less(func(o *asked) { o.Scope = explore.ScopeAll })
	less(func(o *asked) { o.Basis = showback.Unblended })
	less(func(o *asked) { o.Granularity = explore.Total })
	less(func(o *asked) { o.Measures = []explore.Measure{explore.Cost} })
	for i := range q.By {
		less(func(o *asked) { o.By = slices.Delete(o.By, i, i+1) })
	}
	for _, e := range parts(q.Filter) {
		less(func(o *asked) { o.Filter = e })
	}
	return simpler
}

// sortable reports whether all keys that the question sorts by are its own.
func (q asked) sortable() bool {
	return !slices.ContainsFunc(q.Sort, func(s explore.Sorting) bool { return s.By == "" && !slices.ContainsFunc(q.By, s.Key.Same) })
}

// parts returns simpler filters than e: each of its terms, and e without each.
func parts(e explore.Expr) []explore.Expr {
	of := func(terms []explore.Expr, joined func([]explore.Expr) explore.Expr) []explore.Expr {
		simpler := slices.Clone(terms)
		for i := range terms {
			if len(terms) > 2 {
				simpler = append(simpler, joined(slices.Delete(slices.Clone(terms), i, i+1)))
			}
			for _, p := range parts(terms[i]) {
				changed := slices.Clone(terms)
				changed[i] = p
				simpler = append(simpler, joined(changed))
			}
		}
		return simpler
	}
	switch e := e.(type) {
	case explore.And:
		return of(e.Terms, func(terms []explore.Expr) explore.Expr { return explore.And{Terms: terms} })
	case explore.Or:
		return of(e.Terms, func(terms []explore.Expr) explore.Expr { return explore.Or{Terms: terms} })
	case explore.Not:
		simpler := []explore.Expr{e.Term}
		for _, p := range parts(e.Term) {
			simpler = append(simpler, explore.Not{Term: p})
		}
		return simpler
	case explore.Match:
		var simpler []explore.Expr
		for i := range e.Values {
			if len(e.Values) > 1 {
				simpler = append(simpler, explore.Match{Key: e.Key, Values: e.Values[i : i+1]})
			}
		}
		return simpler
	}
	return nil
}
