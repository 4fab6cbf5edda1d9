package sqlgen

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"showback"
	"showback/internal/explore"
)

// all and nothing are the filters that everything and nothing passes.
var (
	all     = explore.And{}
	nothing = explore.Or{}
)

// selection returns all that the plan asks of a charge but its day, as one
// filter.
func selection(p explore.Plan) explore.Expr {
	terms := []explore.Expr{}
	if p.Scope == explore.ScopeAI {
		terms = append(terms, explore.Match{Key: explore.Key{Name: "scope"}, Values: []explore.Pattern{explore.Exact(explore.ValueAI)}})
	}
	if len(p.Classes) > 0 {
		classes := explore.Match{Key: explore.Key{Name: "charge-class"}}
		for _, c := range p.Classes {
			classes.Values = append(classes.Values, explore.Exact(string(c)))
		}
		terms = append(terms, classes)
	}
	if p.Filter != nil {
		terms = append(terms, p.Filter)
	}
	return explore.And{Terms: terms}
}

// fold simplifies a filter in which the values of some keys are known. The
// result is all, nothing, or has neither of them inside; a conjunction has no
// conjunction as a term.
func fold(e explore.Expr, known func(explore.Key) (explore.Value, bool)) explore.Expr {
	switch e := e.(type) {
	case explore.And:
		var terms []explore.Expr
		for _, t := range e.Terms {
			switch t := fold(t, known).(type) {
			case explore.And:
				terms = append(terms, t.Terms...)
			case explore.Or:
				if len(t.Terms) == 0 {
					return nothing
				}
				terms = append(terms, t)
			default:
				terms = append(terms, t)
			}
		}
		if len(terms) == 1 {
			return terms[0]
		}
		return explore.And{Terms: terms}
	case explore.Or:
		var terms []explore.Expr
		for _, t := range e.Terms {
			switch t := fold(t, known).(type) {
			case explore.Or:
				terms = append(terms, t.Terms...)
			case explore.And:
				if len(t.Terms) == 0 {
					return all
				}
				terms = append(terms, t)
			default:
				terms = append(terms, t)
			}
		}
		if len(terms) == 1 {
			return terms[0]
		}
		return explore.Or{Terms: terms}
	case explore.Not:
		term := fold(e.Term, known)
		switch {
		case isAll(term):
			return nothing
		case isNothing(term):
			return all
		}
		return negation(term)
	case explore.Match:
		v, ok := known(e.Key)
		if !ok {
			return e
		}
		return truth(v.Missing == "" && slices.ContainsFunc(e.Values, func(p explore.Pattern) bool {
			return p.Matches(v.Text, e.Key.FoldsCase())
		}))
	case explore.Absent:
		v, ok := known(e.Key)
		if !ok {
			return e
		}
		return truth(v.Missing != "")
	}
	panic(fmt.Sprintf("BUG: filter term %T", e))
}

// negation returns the filter that passes what e does not.
func negation(e explore.Expr) explore.Expr {
	if not, ok := e.(explore.Not); ok {
		return not.Term
	}
	return explore.Not{Term: e}
}

func truth(b bool) explore.Expr {
	if b {
		return all
	}
	return nothing
}

func isAll(e explore.Expr) bool {
	and, ok := e.(explore.And)
	return ok && len(and.Terms) == 0
}

func isNothing(e explore.Expr) bool {
	or, ok := e.(explore.Or)
	return ok && len(or.Terms) == 0
}

// passesValueless reports whether a charge passes that has no value for any
// key of the filter.
func passesValueless(e explore.Expr) bool {
	return isAll(fold(e, func(explore.Key) (explore.Value, bool) {
		return explore.Value{Missing: showback.Untagged}, true
	}))
}

// keysOf calls f for the key of every test of a filter.
func keysOf(e explore.Expr, f func(explore.Key)) {
	switch e := e.(type) {
	case explore.And:
		for _, t := range e.Terms {
			keysOf(t, f)
		}
	case explore.Or:
		for _, t := range e.Terms {
			keysOf(t, f)
		}
	case explore.Not:
		keysOf(e.Term, f)
	case explore.Match:
		f(e.Key)
	case explore.Absent:
		f(e.Key)
	}
}

// condition writes a filter. It is true or false, never unknown, for every
// charge, so that NOT negates exactly.
func condition(e explore.Expr, at func(explore.Key) place) fragment {
	switch e := e.(type) {
	case explore.And:
		return conditions(e.Terms, at, " AND ", "TRUE")
	case explore.Or:
		return conditions(e.Terms, at, " OR ", "FALSE")
	case explore.Not:
		return put("NOT {}", condition(e.Term, at))
	case explore.Match:
		return match(e, at(e.Key))
	case explore.Absent:
		return sql("(" + at(e.Key).value + " IS NULL)")
	}
	panic(fmt.Sprintf("BUG: filter term %T", e))
}

func conditions(terms []explore.Expr, at func(explore.Key) place, operator, empty string) fragment {
	if len(terms) == 0 {
		return sql(empty)
	}
	parts := make([]fragment, len(terms))
	for i, t := range terms {
		parts[i] = condition(t, at)
	}
	return put("({})", join(parts, operator))
}

func match(m explore.Match, at place) fragment {
	value := at.value
	if m.Key.FoldsCase() {
		value = at.table + "." + at.folded
	}
	var exact []any
	var tests []fragment
	for _, p := range m.Values {
		parts := p.Parts
		if m.Key.FoldsCase() {
			parts = slices.Clone(parts)
			for i := range parts {
				parts[i] = strings.ToLower(parts[i])
			}
		}
		switch {
		case len(parts) == 0, slices.ContainsFunc(parts, unstorable):
			// No value is like that, and an engine may refuse it as a parameter.
		case len(parts) == 1:
			exact = append(exact, parts[0])
		default:
			tests = append(tests, sql(value+` LIKE ? ESCAPE '\'`, like(parts)))
		}
	}
	if len(exact) > 0 {
		tests = append(tests, sql(value+" IN (?"+strings.Repeat(", ?", len(exact)-1)+")", exact...))
	}
	if len(tests) == 0 {
		return sql("FALSE")
	}
	return put("("+value+" IS NOT NULL AND ({}))", join(tests, " OR "))
}

// unstorable reports a text that no column of text can hold.
func unstorable(text string) bool { return !utf8.ValidString(text) || strings.ContainsRune(text, 0) }

var likeEscape = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)

// like writes a pattern with wildcards as LIKE takes it.
func like(parts []string) string {
	escaped := make([]string, len(parts))
	for i, p := range parts {
		escaped[i] = likeEscape.Replace(p)
	}
	return strings.Join(escaped, "%")
}
