package tag

import (
	"cmp"
	"fmt"
	"slices"
	"unicode/utf8"

	"showback"
)

// Set holds the cost allocation tags of a charge. A key without a name or with
// an empty value counts as absent: AWS cannot tell an empty tag value from a
// missing one either (Cost Explorer answers "team$" for both), so no two sets
// differ by it.
type Set map[showback.TagKey]string

// Keys returns the keys that have a value, sorted by their text as billed.
func (s Set) Keys() []showback.TagKey {
	keys := make([]showback.TagKey, 0, len(s))
	for key, value := range s {
		if key.Name != "" && value != "" {
			keys = append(keys, key)
		}
	}
	slices.SortFunc(keys, func(a, b showback.TagKey) int {
		// No source is a prefix of another, so this is the order of the texts.
		return cmp.Or(cmp.Compare(a.Source, b.Source), cmp.Compare(a.Name, b.Name))
	})
	return keys
}

// Canonical returns the one text of the set, a JSON object with sorted keys:
// {"iamPrincipal/team":"search","resourceTags/app":"chat"}. Two sets are equal
// when their texts are; the empty set is "{}".
func (s Set) Canonical() string {
	text := []byte{'{'}
	for i, key := range s.Keys() {
		if i > 0 {
			text = append(text, ',')
		}
		text = appendJSON(text, key.String())
		text = append(text, ':')
		text = appendJSON(text, s[key])
	}
	return string(append(text, '}'))
}

// FromCanonical reads what Canonical wrote; the empty text is the empty set.
// Keys are taken as they are, without the allowances that Parse makes for a
// bill's spelling. A text that is no JSON object of text to text, or that has a
// key of no source, is an error of KindCorrupt.
func FromCanonical(text string) (Set, error) {
	entries, err := readObject(text)
	if err != nil {
		return nil, showback.Errorf(showback.KindCorrupt, "read tag set %s: %w", excerpt(text), err)
	}
	s := make(Set, len(entries))
	for billed, value := range entries {
		key, ok := split(billed)
		if !ok {
			return nil, showback.Errorf(showback.KindCorrupt,
				"read tag set %s: key %s has no source, want one like iamPrincipal/team", excerpt(text), excerpt(billed))
		}
		s[key] = value
	}
	return s, nil
}

// appendJSON appends text as a JSON string that escapes only what JSON must,
// so that the result does not depend on an encoder's taste. Bytes that are not
// UTF-8 become U+FFFD.
func appendJSON(dst []byte, text string) []byte {
	dst = append(dst, '"')
	for _, r := range text {
		switch {
		case r == '"' || r == '\\':
			dst = append(dst, '\\', byte(r))
		case r < ' ':
			dst = fmt.Appendf(dst, `\u%04x`, r)
		default:
			dst = utf8.AppendRune(dst, r)
		}
	}
	return append(dst, '"')
}
