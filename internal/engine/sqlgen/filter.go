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
func selection(p explore.Plan) explore.Expr { return p.Selection() }

// fold simplifies a filter in which the values of some keys are known: see
// explore.Fold.
func fold(e explore.Expr, known func(explore.Key) (explore.Value, bool)) explore.Expr {
	return explore.Fold(e, known)
}

// negation returns the filter that passes what e does not.
func negation(e explore.Expr) explore.Expr {
	switch not, ok := e.(explore.Not); {
	case ok:
		return not.Term
	case isAll(e):
		return nothing
	case isNothing(e):
		return all
	}
	return explore.Not{Term: e}
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
	if m.Key.Name == "scope" && len(m.Values) == 1 && m.Values[0].Matches(explore.ValueAI, true) && !m.Values[0].Matches(explore.ValueNotAI, true) {
		return sql("m.ai") // nearly every question asks it
	}
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
