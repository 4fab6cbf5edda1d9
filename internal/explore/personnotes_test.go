package explore

import "testing"

func TestNotesOfPersons(t *testing.T) {
	lines := usage("a/x|1", "a/x|2", "b/x|4", "b/x|8")
	for i, certainty := range []string{"claimed", "known", "claimed", ""} {
		if certainty != "" {
			lines[i].values["certainty"] = certainty
		}
	}
	f := func(by, filter, want string) {
		t.Helper()
		wantNotes(t, ask(t, &fake{coverage: october(), lines: lines}, Question{By: keys(by), Filter: where(filter)}), want)
	}
	f("model,who", "", `
claimed-persons: names that callers chose themselves (claimed) stand for $5.00; ask by who,certainty to see which
`)
	f("person", "model = b", `
claimed-persons: names that callers chose themselves (claimed) stand for $4.00; ask by person,certainty to see which
`)
	f("person,certainty", "", "\n")
	f("person", "certainty = claimed", "\n")
	f("model", "", "\n")
	lines = lines[1:2]
	f("person", "", "\n")
}
