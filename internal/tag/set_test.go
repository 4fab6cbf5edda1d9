package tag

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"showback"
)

func TestCanonicalLeavesOutWhatIsAbsent(t *testing.T) {
	s := Set{
		{Source: showback.TagCaller, Name: "team"}: "",
		{Source: showback.TagCaller}:               "x",
		{Source: showback.TagCaller, Name: "app"}:  "y",
	}
	if got, want := s.Canonical(), `{"iamPrincipal/app":"y"}`; got != want {
		t.Errorf("Canonical = %s, want %s", got, want)
	}
	if got, want := Set(nil).Canonical(), `{}`; got != want {
		t.Errorf("Canonical of nil = %s, want %s", got, want)
	}
}

func TestFromCanonicalRefuses(t *testing.T) {
	for _, text := range []string{`[]`, `{"team":"a"}`, `{"tag:team":"a"}`, `{"iamPrincipal/":"a"}`, `{"other/team":"a"}`, `{"iamPrincipal/team":{}}`, `{`} {
		s, err := FromCanonical(text)
		if err == nil {
			t.Errorf("FromCanonical(%s) = %s, want an error", text, s.Canonical())
			continue
		}
		if got := showback.KindOf(err); got != showback.KindCorrupt {
			t.Errorf("FromCanonical(%s): kind %s, want %s", text, got, showback.KindCorrupt)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range [][3]string{
		{``, ``, ``},
		{`{"iamPrincipal/team":"search","resourceTags/user:Cost-Center":"1"}`, `{"user_cost_center":"1","aws_created_by":"x"}`, `{"org":"a"}`},
		{`{"team": "a", "iamPrincipal/team": null}`, `null`, `{}`},
		{`{"a":1,"b":true,"c":"\u00e9\ud800"}`, `{"a":{}}`, `[]`},
	} {
		f.Add(seed[0], seed[1], seed[2])
	}
	f.Fuzz(func(t *testing.T, tags, resourceTags, costCategory string) {
		s, err := Parse(tags, resourceTags, costCategory)
		if err != nil {
			if kind := showback.KindOf(err); kind != showback.KindInvalid {
				t.Fatalf("Parse: kind %s, want %s", kind, showback.KindInvalid)
			}
			return
		}
		for key, value := range s {
			if key.Name == "" || value == "" {
				t.Errorf("Parse gives %q = %q, want neither empty", key, value)
			}
			if once := Normalize(key.Name); Normalize(once) != once {
				t.Errorf("Normalize(%q) = %q, and of that %q", key.Name, once, Normalize(once))
			}
		}
		back, err := FromCanonical(s.Canonical())
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(s, back); diff != "" {
			t.Errorf("FromCanonical(%s) (-want +got):\n%s", s.Canonical(), diff)
		}
		again, err := Parse(tags, resourceTags, costCategory)
		if err != nil || again.Canonical() != s.Canonical() {
			t.Errorf("Parse gives %s, then %s (%v)", s.Canonical(), again.Canonical(), err)
		}
	})
}

func FuzzReadPlain(f *testing.F) {
	for _, seed := range []string{`{"a":"b"}`, `{"a": "b", "a": ""}`, `{"a":"b",}`, `{"":"é"}`, `{ "a" : 1 }`, "{\"a\":\"\xff\"}"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if !strings.HasPrefix(text, "{") {
			return
		}
		plain, ok := readPlain(text)
		if !ok {
			return
		}
		want, err := decode(text)
		if err != nil {
			t.Fatalf("readPlain(%q) reads what decode does not: %v", text, err)
		}
		if diff := cmp.Diff(want, plain); diff != "" {
			t.Errorf("readPlain(%q) (-decode +plain):\n%s", text, diff)
		}
	})
}

func BenchmarkParse(b *testing.B) {
	const tags = `{"iamPrincipal/team":"search","iamPrincipal/cost-center":"12345","resourceTags/user:app":"chat","accountTag/env":"prod"}`
	run := func(name, tags string) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				s, err := Parse(tags, `{"user_app":"chat"}`, "")
				if err != nil {
					b.Fatal(err)
				}
				if s.Canonical() == "{}" {
					b.Fatal("no tags")
				}
			}
		})
	}
	run("plain", tags)
	run("escaped", strings.Replace(tags, "search", `s\u0065arch`, 1))
}

func BenchmarkReadObject(b *testing.B) {
	const text = `{"iamPrincipal/team":"search","iamPrincipal/cost-center":"12345","resourceTags/user:app":"chat","accountTag/env":"prod"}`
	b.Run("plain", func(b *testing.B) {
		for b.Loop() {
			if _, ok := readPlain(text); !ok {
				b.Fatal("not plain")
			}
		}
	})
	b.Run("decode", func(b *testing.B) {
		for b.Loop() {
			if _, err := decode(text); err != nil {
				b.Fatal(err)
			}
		}
	})
}
