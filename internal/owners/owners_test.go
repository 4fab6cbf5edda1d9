package owners

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"showback"
	"showback/internal/identity"
	"showback/internal/tag"
)

func anyTag(tag.Pair) error { return nil }

func mustRead(t testing.TB, text string) []Rule {
	t.Helper()
	rules, err := Read(strings.NewReader(text), "owners.csv", anyTag)
	if err != nil {
		t.Fatal(err)
	}
	return rules
}

func day(text string) time.Time {
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		panic(err)
	}
	return t
}

const (
	alice    = "arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_Developer_0123456789abcdef/Alice@Example.com"
	bob      = "arn:aws:sts::111122223333:assumed-role/app/bob@example.com"
	nightly  = "arn:aws:sts::444455556666:assumed-role/app/nightly"
	carol    = "arn:aws:iam::444455556666:user/eng/Carol"
	external = "something else"
)

func TestMatches(t *testing.T) {
	f := func(match string, want ...string) {
		t.Helper()
		m, err := ParseMatch(match)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, arn := range []string{alice, bob, nightly, carol, external} {
			if m.Matches(identity.Parse(arn)) {
				got = append(got, arn)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: got %q, want %q", match, got, want)
		}
	}
	f("account:111122223333", alice, bob)
	f("account:777788889999")
	f("user:carol", carol)
	f("user:arn:aws:iam::444455556666:user/elsewhere/carol", carol)
	f("user:111122223333:carol")
	f("user:*", carol)
	f("role:APP", bob, nightly)
	f("role:111122223333:app", bob)
	f("role:arn:aws:iam::444455556666:role/team/app", nightly)
	f("role:AWSReservedSSO_*", alice)
	f("permission-set:developer", alice)
	f("permission-set:444455556666:developer")
	f("session:role/app/*@example.com", bob)
	f("session:role/app/*", bob, nightly)
	f("session:444455556666:role/app/*", nightly)
	f("session:permission-set/Developer/alice@*", alice)
	f("email:*@example.com", alice, bob)
	f("email:alice@example.com", alice)
	f("email:nightly@*")
}

func TestMatchFaults(t *testing.T) {
	f := func(match, want string) {
		t.Helper()
		if _, err := ParseMatch(match); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %s", match, err, want)
		}
	}
	f("", "want one of account, user, role, permission-set, session, email, a colon and a name")
	f("team:x", "want one of")
	f("account:12", "want account: and twelve digits")
	f("account:*", "want account: and twelve digits")
	f("user:", "want a name after user: and found none")
	f("role:path/app", "a name has no slash")
	f("session:app/x", "want session:role/NAME/SESSION")
	f("session:*/app/x", "want session:role/NAME/SESSION")
	f("session:role/app/", "want session:role/NAME/SESSION")
	f("email:example.com", "an e-mail address has an @")
	f("user:arn:aws:iam::111122223333:role/app", "want the ARN of a user after user:")
	f("session:arn:aws:sts::111122223333:assumed-role/app/x", "no ARN after another word")
}

func TestReadFaults(t *testing.T) {
	f := func(text, want string) {
		t.Helper()
		_, err := Read(strings.NewReader(text), "owners.csv", func(p tag.Pair) error {
			if p.Key == "bad" || p.Value == "bad" {
				return fmt.Errorf("%s is refused", p)
			}
			return nil
		})
		if err == nil || err.Error() != "read owners.csv: "+want || showback.KindOf(err) != showback.KindInvalid {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	f("", "it is empty")
	f("match,key\n", "line 1, column value: the column is missing")
	f("match,key,value,since\n", `line 1: no such column as "since"`)
	f("match,key,value,KEY\n", "line 1, column key: the column is there twice")
	f("match,key,value\nrole:app,team\n", "line 2, column value: it is empty: an empty value cannot be told from none")
	f("match,key,value\n\n# a remark\nrole:a/b,team,x\n", `line 4, column match: "role:a/b": a name has no slash; leave the path out, or give the ARN`)
	f("match,key,value\nrole:app,bad,x\n", "line 2, column key: {bad } is refused")
	f("match,key,value\nrole:app,team,bad\n", "line 2, column value: {team bad} is refused")
	f("match,key,value\nrole:app,team,x,y\n", "line 2: 4 cells, the first line has 3")
	f("match,key,value,from\nrole:app,team,x,5.10.2026\n", `line 2, column from: "5.10.2026": want a day such as 2026-10-05, or a month such as 2026-10`)
	f("match,key,value,from,to\nrole:app,team,x,2026-10-05,2026-10-04\n", "line 2, column to: 2026-10-04 is before from, 2026-10-05")
	f("match,key,value\nrole:app,\"team,x\n", `line 2: character 18: extraneous or missing " in quoted-field`)
	f("match,key,value\n,team,x\nrole:,team,x\n", "2 faults\n"+
		`  line 2, column match: "": want one of account, user, role, permission-set, session, email, a colon and a name, such as role:app`+"\n"+
		`  line 3, column match: "role:": want a name after role: and found none`)
}

func TestRead(t *testing.T) {
	rules := mustRead(t, "\ufeffValue,match,key,to,from\r\nads,role:app,team,2026-10,2026-09-15\r\n\"a, b\",email:*@x.example,team\r\n")
	if len(rules) != 2 || rules[0].Line != 2 || rules[1].Line != 3 || rules[1].Value != "a, b" {
		t.Fatalf("got %+v", rules)
	}
	if got, want := rules[0].Period, (showback.Period{Start: day("2026-09-15"), End: day("2026-11-01")}); got != want {
		t.Errorf("got %v, want %v", got, want)
	}
}

func tagsText(tags []tag.Pair) string {
	var texts []string
	for _, p := range tags {
		texts = append(texts, p.Key+"="+p.Value)
	}
	return strings.Join(texts, " ")
}

func TestFirstMatchWinsForEachKey(t *testing.T) {
	x := NewIndex(mustRead(t, `match,key,value
email:bob@example.com,team,search
role:app,Team,ads
role:app,env,prod
account:111122223333,env,none
`))
	f := func(arn, want string) {
		t.Helper()
		if got := tagsText(x.Tags(identity.Parse(arn))); got != want {
			t.Errorf("%s: got %q, want %q", arn, got, want)
		}
	}
	f(bob, "env=prod team=search")
	f(nightly, "env=prod Team=ads")
	f(alice, "env=none")
	f(external, "")
	var beaten []int
	for _, g := range x.Decide(identity.Parse(bob)) {
		for _, r := range g.Beaten {
			beaten = append(beaten, r.Line)
		}
	}
	if want := []int{5, 3}; !slices.Equal(beaten, want) {
		t.Errorf("got beaten lines %v, want %v", beaten, want)
	}
}

func TestBook(t *testing.T) {
	book := Book{
		{Name: "one", Rules: mustRead(t, "match,key,value,to\nrole:app,team,old,\nrole:app,env,x,2026-09-09\n")},
		{Name: "two", From: day("2026-09-20"), Rules: mustRead(t, "match,key,value,from\nrole:app,team,new,2026-09-25\n")},
	}
	var got []string
	for _, s := range book.Segments(showback.Month("2026-09").Period()) {
		got = append(got, s.Period.Inclusive()+": "+tagsText(s.Index.Tags(identity.Parse(bob))))
	}
	want := []string{"2026-09-01 to 2026-09-09: env=x team=old", "2026-09-10 to 2026-09-19: team=old", "2026-09-20 to 2026-09-24: ", "2026-09-25 to 2026-09-30: team=new"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// The index finds what holding every rule against every caller finds.
func TestIndexFindsWhatMatches(t *testing.T) {
	matches := rapid.SampledFrom([]string{"account:111122223333", "user:carol", "user:444455556666:c*", "role:app", "role:*", "role:awsreserved*",
		"permission-set:Developer", "session:role/app/*", "session:role/*/bob*", "session:permission-set/*/*", "email:*@example.com", "email:alice@example.com", "role:444455556666:app"})
	rapid.Check(t, func(t *rapid.T) {
		var rules []Rule
		for i, text := range rapid.SliceOfN(matches, 0, 12).Draw(t, "matches") {
			m, err := ParseMatch(text)
			if err != nil {
				t.Fatal(err)
			}
			rules = append(rules, Rule{Line: i, Match: m, Key: "k", Value: "v"})
		}
		c := identity.Parse(rapid.SampledFrom([]string{alice, bob, nightly, carol, external}).Draw(t, "caller"))
		var want, got []int
		for _, r := range rules {
			if r.Match.Matches(c) {
				want = append(want, r.Line)
			}
		}
		for _, r := range NewIndex(rules).Matching(c) {
			got = append(got, r.Line)
		}
		if !slices.Equal(got, want) {
			t.Fatalf("%s: got %v, want %v", c.ARN, got, want)
		}
	})
}

func FuzzRead(f *testing.F) {
	f.Add("match,key,value,from,to\nrole:app,team,ads,2026-09,2026-10-05\n")
	f.Add("\ufeffmatch,key,value\n\"user:*\",a,\"b\"\n#x\n")
	f.Fuzz(func(t *testing.T, text string) {
		rules, err := Read(strings.NewReader(text), "f", anyTag)
		if err != nil && showback.KindOf(err) != showback.KindInvalid {
			t.Fatalf("kind of %v is %s", err, showback.KindOf(err))
		}
		if err != nil {
			return
		}
		for _, r := range rules {
			again, err := ParseMatch(r.Match.String())
			if err != nil || again != r.Match {
				t.Fatalf("%q reads back as %+v, %v", r.Match, again, err)
			}
		}
		NewIndex(rules).Decide(identity.Parse(bob))
	})
}

func FuzzGlob(f *testing.F) {
	f.Add("a*b*c", "a--b--c")
	f.Fuzz(func(t *testing.T, pattern, text string) {
		if len(pattern) > 12 || len(text) > 24 { // the plain way tries everything
			return
		}
		if got, want := glob(pattern, text), plainGlob(pattern, text); got != want {
			t.Fatalf("glob(%q, %q): got %v, want %v", pattern, text, got, want)
		}
	})
}

func plainGlob(pattern, text string) bool {
	switch {
	case pattern == "":
		return text == ""
	case pattern[0] == '*':
		return plainGlob(pattern[1:], text) || text != "" && plainGlob(pattern, text[1:])
	}
	return text != "" && text[0] == pattern[0] && plainGlob(pattern[1:], text[1:])
}
