package explore

import (
	"fmt"
	"strings"
)

// Format writes a filter so that ParseWhere reads it back as the same one, its
// keys in canonical form. No filter is the empty text. An And without terms
// and an Or without terms have no words of their own; they are written as a
// test that every charge and no charge passes.
func Format(e Expr) string {
	if e == nil {
		return ""
	}
	switch e := e.(type) {
	case And:
		if len(e.Terms) == 0 {
			return "scope = *"
		}
		return formatTerms(e.Terms, " and ")
	case Or:
		if len(e.Terms) == 0 {
			return "scope is absent"
		}
		return formatTerms(e.Terms, " or ")
	case Not:
		return formatNot(e)
	case Match:
		return formatMatch(e, " = ", " in ")
	case Absent:
		return formatKey(e.Key) + " is absent"
	}
	panic(fmt.Sprintf("BUG: filter term %T", e))
}

func formatTerms(terms []Expr, join string) string {
	if len(terms) == 1 {
		return Format(terms[0])
	}
	texts := make([]string, len(terms))
	for i, t := range terms {
		texts[i] = formatTerm(t)
	}
	return strings.Join(texts, join)
}

// formatTerm puts a term of a longer filter into parentheses when it is itself
// joined of several, so that the structure survives reading it back.
func formatTerm(e Expr) string {
	var terms []Expr
	switch e := e.(type) {
	case And:
		terms = e.Terms
	case Or:
		terms = e.Terms
	}
	switch len(terms) {
	case 0:
		return Format(e)
	case 1:
		return formatTerm(terms[0])
	}
	return "(" + Format(e) + ")"
}

// formatNot uses the tests that have a not of their own.
func formatNot(n Not) string {
	switch e := n.Term.(type) {
	case Match:
		if len(e.Values) > 0 {
			return formatMatch(e, " != ", " not in ")
		}
	case Absent:
		return formatKey(e.Key) + " is not absent"
	}
	return "not " + formatTerm(n.Term)
}

func formatMatch(m Match, one, many string) string {
	switch len(m.Values) {
	case 0:
		return "scope is absent"
	case 1:
		return formatKey(m.Key) + one + m.Values[0].String()
	}
	texts := make([]string, len(m.Values))
	for i, v := range m.Values {
		texts[i] = v.String()
	}
	return formatKey(m.Key) + many + "(" + strings.Join(texts, ", ") + ")"
}

func formatKey(k Key) string {
	text := k.String()
	if isBare(text) && !isKeyword(text) {
		return text
	}
	return `"` + escape.Replace(text) + `"`
}
