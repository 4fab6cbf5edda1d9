package mem

import (
	"fmt"
	"slices"
	"strings"

	"showback/internal/explore"
)

// passes reports whether the charge passes the filter.
func (e *Engine) passes(x explore.Expr, f fact) bool {
	switch x := x.(type) {
	case explore.And:
		for _, term := range x.Terms {
			if !e.passes(term, f) {
				return false
			}
		}
		return true
	case explore.Or:
		for _, term := range x.Terms {
			if e.passes(term, f) {
				return true
			}
		}
		return false
	case explore.Not:
		return !e.passes(x.Term, f)
	case explore.Absent:
		return e.value(x.Key, f).Missing != ""
	case explore.Match:
		v := e.value(x.Key, f)
		return v.Missing == "" && slices.ContainsFunc(x.Values, func(p explore.Pattern) bool {
			return matches(x.Key, p, v.Text)
		})
	}
	panic(fmt.Sprintf("BUG: filter %T", x))
}

// matches compares a value with a pattern: exactly, except that persons
// compare without regard to case.
func matches(k explore.Key, p explore.Pattern, text string) bool {
	parts := p.Parts
	if k.FoldsCase() {
		text = strings.ToLower(text)
		parts = slices.Clone(parts)
		for i := range parts {
			parts[i] = strings.ToLower(parts[i])
		}
	}
	return wild(parts, text)
}

// wild reports whether text is the parts in order with anything between them:
// one part is the whole text. It tries every length for the first wildcard.
func wild(parts []string, text string) bool {
	if len(parts) == 0 {
		return false
	}
	rest, ok := strings.CutPrefix(text, parts[0])
	if !ok {
		return false
	}
	if len(parts) == 1 {
		return rest == ""
	}
	for i := range len(rest) + 1 {
		if wild(parts[1:], rest[i:]) {
			return true
		}
	}
	return false
}
