package explore

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Exact returns the pattern that matches this one value.
func Exact(value string) Pattern { return Pattern{Parts: []string{value}} }

// Matches reports whether the pattern matches the whole value. fold compares
// without regard to case: see Key.FoldsCase.
func (p Pattern) Matches(value string, fold bool) bool {
	parts := p.Parts
	if fold {
		value = strings.ToLower(value)
		parts = slices.Clone(parts)
		for i := range parts {
			parts[i] = strings.ToLower(parts[i])
		}
	}
	switch len(parts) {
	case 0:
		return false
	case 1:
		return value == parts[0]
	}
	first, last := parts[0], parts[len(parts)-1]
	if len(value) < len(first)+len(last) || !strings.HasPrefix(value, first) || !strings.HasSuffix(value, last) {
		return false
	}
	value = value[len(first) : len(value)-len(last)]
	for _, part := range parts[1 : len(parts)-1] {
		i := strings.Index(value, part)
		if i < 0 {
			return false
		}
		value = value[i+len(part):]
	}
	return true
}

// String writes the pattern as the filter language does, in quotes where it
// needs them.
func (p Pattern) String() string {
	var b strings.Builder
	plain := len(p.Parts) > 0
	for i, part := range p.Parts {
		if i > 0 {
			b.WriteByte('*')
		}
		plain = plain && isBare(part)
		b.WriteString(escape.Replace(part))
	}
	if text := b.String(); !plain || text == "" || isKeyword(text) {
		return `"` + text + `"`
	}
	return b.String()
}

var escape = strings.NewReplacer(`\`, `\\`, `*`, `\*`, `"`, `\"`)

// isBare reports whether text needs no quotes and no escapes as a value.
func isBare(text string) bool {
	for _, r := range text {
		if r == utf8.RuneError || !(unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("-_.:/@+#$%&", r)) {
			return false
		}
	}
	return true
}
