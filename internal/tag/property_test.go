package tag

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"showback"
)

// sets draws sets of any source, with names and values that need escapes.
func sets(name *rapid.Generator[string]) *rapid.Generator[Set] {
	key := rapid.Custom(func(t *rapid.T) showback.TagKey {
		source := rapid.SampledFrom(showback.TagSources).Draw(t, "source").Source
		return showback.TagKey{Source: source, Name: name.Draw(t, "name")}
	})
	return rapid.Custom(func(t *rapid.T) Set {
		return rapid.MapOfN(key, rapid.StringN(1, -1, -1), 0, 6).Draw(t, "tags")
	})
}

func TestSetSurvivesItsText(t *testing.T) {
	name := rapid.OneOf(
		rapid.StringN(1, -1, -1),
		rapid.SampledFrom([]string{"team", "Team", "user:team", "user_team", "aws:createdBy", "iamPrincipal/", "user:"}),
	)
	rapid.Check(t, func(t *rapid.T) {
		want := sets(name).Draw(t, "set")
		text := want.Canonical()
		if !json.Valid([]byte(text)) {
			t.Fatalf("Canonical = %s, want JSON", text)
		}
		got, err := FromCanonical(text)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("FromCanonical(%s) (-want +got):\n%s", text, diff)
		}
	})
}

func TestParseReadsCanonicalText(t *testing.T) {
	// "user:" is the one thing that Parse takes off a key with a source.
	name := rapid.StringN(1, -1, -1).Filter(func(s string) bool { return !strings.HasPrefix(s, "user:") })
	rapid.Check(t, func(t *rapid.T) {
		want := sets(name).Draw(t, "set")
		got, err := Parse(want.Canonical(), "", "")
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("Parse(%s) (-want +got):\n%s", want.Canonical(), diff)
		}
	})
}
