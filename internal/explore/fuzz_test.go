package explore

import (
	"strings"
	"testing"

	"showback"
)

// FuzzParseKeys: what is read as keys is no key twice, each is read again as
// itself from each of its texts, and all of them from a list of those. What is
// not read is the asker's fault, and the hint says something.
func FuzzParseKeys(f *testing.F) {
	known := showback.TagKey{Source: showback.TagCaller, Name: "Cost Center"}
	f.Fuzz(func(t *testing.T, list string) {
		keys, err := ParseKeys(list, known)
		if err != nil {
			if showback.KindOf(err) != showback.KindInvalid || len(keys) > 0 {
				t.Fatalf("%q: got %v and an error of kind %s", list, keys, showback.KindOf(err))
			}
			return
		}
		if (len(keys) == 0) != (strings.TrimSpace(list) == "") {
			t.Fatalf("%q: got %d keys", list, len(keys))
		}
		var canonical []string
		for i, k := range keys {
			for _, other := range keys[:i] {
				if k.Same(other) {
					t.Errorf("%q: %s is there twice, as %q and %q", list, k, other.Typed, k.Typed)
				}
			}
			texts := []string{k.String(), k.Typed}
			if k.Tag != (showback.TagKey{}) {
				texts = append(texts, k.Tag.String(), k.Tag.Flag())
			} else if k.String() != k.Name {
				t.Errorf("%q: the key %q is written %q", list, k.Name, k)
			}
			for _, text := range texts {
				if again, err := ParseKey(text); err != nil || !again.Same(k) {
					t.Errorf("%q: the key %+v is written %q, which is %+v, error %v", list, k, text, again, err)
				}
			}
			if !strings.ContainsAny(k.String(), `"'`) {
				canonical = append(canonical, `"`+k.String()+`"`)
			}
		}
		if len(canonical) < len(keys) {
			return
		}
		again, err := ParseKeys(strings.Join(canonical, " , "))
		if err != nil || len(again) != len(keys) {
			t.Fatalf("%q is the list %s, which is %v, error %v", list, canonical, again, err)
		}
		for i, k := range keys {
			if !again[i].Same(k) {
				t.Errorf("%q is the list %s, in which %s became %s", list, canonical, k, again[i])
			}
		}
	})
}
