package tag

import (
	"strings"
	"unicode"
)

// Normalize returns the form that a tag's name has in AWS's normalised columns:
// an underscore before every upper-case letter, lower case, an underscore for
// whatever is neither letter nor digit, no underscore doubled, first or last.
// "Cost-Center", "CostCenter" and "cost_center" are all "cost_center"; "ENV" is
// "e_n_v". It is idempotent.
//
// (AWS, "Cost and Usage Report: Running Amazon Athena queries", section Column
// names. AWS shortens names past a column's length; tag names do not reach it.)
func Normalize(name string) string {
	var b strings.Builder
	b.Grow(len(name) + 4)
	gap := false
	for _, r := range name {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			gap = true
			continue
		}
		if (gap || unicode.IsUpper(r)) && b.Len() > 0 {
			b.WriteByte('_')
		}
		gap = false
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}
