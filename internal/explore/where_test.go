package explore

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"showback"
)

var sameKeys = cmpopts.IgnoreFields(Key{}, "Typed")

func TestParseWhere(t *testing.T) {
	model := func(parts ...string) Match { return Match{named("model"), []Pattern{{parts}}} }
	team := TagKeyed(showback.TagKey{Source: showback.TagCaller, Name: "team"})
	f := func(text string, want Expr) {
		t.Helper()
		got, err := ParseWhere(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			return
		}
		if diff := cmp.Diff(want, got, sameKeys); diff != "" {
			t.Errorf("%s: -want +got\n%s", text, diff)
		}
	}
	f("", nil)
	f(" \t", nil)
	f("model=Claude", model("Claude"))
	f("MODEL = 'Claude Sonnet 4.6'", model("Claude Sonnet 4.6"))
	f("model != x", Not{model("x")})
	f("model = Claude*", model("Claude", ""))
	f("model = '*a b*c*'", model("", "a b", "c", ""))
	f("model = a**b", model("a", "b"))
	f("model = **", model("", ""))
	f(`model = a\*b`, model("a*b"))
	f(`model = "a\*\\\"b"`, model(`a*\"b`))
	f(`model = it"'"s`, model("it's"))
	f("model = ''", model(""))
	f("model = 'and'", model("and"))
	f("model = a!b", model("a!b"))
	f("model in (a, 'b c')", Match{named("model"), []Pattern{Exact("a"), Exact("b c")}})
	f("model not in (a,b)", Not{Match{named("model"), []Pattern{Exact("a"), Exact("b")}}})
	f("tag:team is absent", Absent{team})
	f("iamPrincipal/team IS NOT ABSENT", Not{Absent{team}})
	f(`tag:"Cost Center" = x`, Match{TagKeyed(showback.TagKey{Source: showback.TagCaller, Name: "Cost Center"}), []Pattern{Exact("x")}})
	f(`"tag:a=b" = x`, Match{TagKeyed(showback.TagKey{Source: showback.TagCaller, Name: "a=b"}), []Pattern{Exact("x")}})
	f("resource = arn:aws:bedrock:us-east-1:111122223333:application-inference-profile/abc",
		Match{named("resource"), []Pattern{Exact("arn:aws:bedrock:us-east-1:111122223333:application-inference-profile/abc")}})
	f("model=a and model=b or model=c", Or{[]Expr{And{[]Expr{model("a"), model("b")}}, model("c")}})
	f("model=a and (model=b or model=c)", And{[]Expr{model("a"), Or{[]Expr{model("b"), model("c")}}}})
	f("not model=a and model=b", And{[]Expr{Not{model("a")}, model("b")}})
	f("not (model=a and model=b)", Not{And{[]Expr{model("a"), model("b")}}})
	f("not not model=a", Not{Not{model("a")}})
	f("((model=a))", model("a"))
}

func TestParseWhereErrors(t *testing.T) {
	team := showback.TagKey{Source: showback.TagCaller, Name: "team"}
	f := func(text, message, hint string) {
		t.Helper()
		_, err := ParseWhere(text, team)
		if err == nil {
			t.Errorf("%s: no error", text)
			return
		}
		if err.Error() != message || showback.HintOf(err) != hint || showback.KindOf(err) != showback.KindInvalid {
			t.Errorf("%s: got %s\n%s\nhint %q\nwant\n%s\nhint %q", text, showback.KindOf(err), err, showback.HintOf(err), message, hint)
		}
	}
	f("not teem = search", `parse --where: unknown key "teem" at column 5
  not teem = search
      ^`, "did you mean tag:team?")
	f("model = Claude Sonnet 4.6", `parse --where: found "Sonnet" at column 16, want and, or, or the end
  model = Claude Sonnet 4.6
                 ^`, `a value with blanks goes into quotes: "Claude Sonnet 4.6"`)
	f("model = a and", `parse --where: found the end at column 14, want a key, not or (
  model = a and
               ^`, "")
	f("model", `parse --where: found the end at column 6, want =, !=, in, not in, is absent or is not absent
  model
       ^`, "")
	f("model == a", `parse --where: found "=" at column 8, want a value
  model == a
         ^`, "write = once")
	f("model <> a", `parse --where: found "<>" at column 7, want =, !=, in, not in, is absent or is not absent
  model <> a
        ^`, "write !=")
	f("model LIKE a", `parse --where: found "LIKE" at column 7, want =, !=, in, not in, is absent or is not absent
  model LIKE a
        ^`, "write = with * for any text")
	f("model in a", `parse --where: found "a" at column 10, want a list such as (a, b)
  model in a
           ^`, "")
	f("model in ()", `parse --where: found ")" at column 11, want a value
  model in ()
            ^`, "")
	f("model in (a b)", `parse --where: found "b" at column 13, want , or )
  model in (a b)
              ^`, `a value with blanks goes into quotes: "a b"`)
	f("(model = a", `parse --where: found the end at column 11, want and, or, or )
  (model = a
            ^`, "")
	f("model = a)", `parse --where: found ")" at column 10, want and, or, or the end
  model = a)
           ^`, "")
	f("tag:team = (untagged)", `parse --where: found "(" at column 12, want a value
  tag:team = (untagged)
             ^`, "for charges without a value write: is absent")
	f("model = or", `parse --where: found the word or at column 9, want a value
  model = or
          ^`, `as a value it goes into quotes: "or"`)
	f("tag:a=b = x", `parse --where: found "=" at column 9, want and, or, or the end
  tag:a=b = x
          ^`, `a key or value with = in it goes into quotes: tag:"a=b"`)
	f("model is absent x", `parse --where: found "x" at column 17, want and, or, or the end
  model is absent x
                  ^`, "")
	f("model is missing", `parse --where: found "missing" at column 10, want absent
  model is missing
           ^`, "")
	f("model = O'Brien", `parse --where: the quote at column 10 is not closed
  model = O'Brien
           ^`, `a value with a quote in it goes into the other quotes: "O'Brien"`)
	f(`model = a\b`, `parse --where: the backslash at column 10 escapes nothing
  model = a\b
           ^`, `write \\ for a backslash, \* for a star, \" for a quote`)
	f("größe = 1", "parse --where: unknown key \"größe\" at column 1\n  größe = 1\n  ^", "a caller's tag is written tag:größe; "+keyForms)
	f("a%d\t= 1", "parse --where: unknown key \"a%d\" at column 1\n  a%d = 1\n  ^", "a caller's tag is written tag:a%d; "+keyForms)
	f("model = \xff", "parse --where: the text is not UTF-8", "")
	f("model = a and "+strings.Repeat("model = b and ", 20)+"modl = c and model = d", `parse --where: unknown key "modl" at column 295
  …= b and model = b and model = b and model = b and modl = c and model = d
                                                     ^`, "did you mean model?")
}

func TestParseWhereDepth(t *testing.T) {
	deep := strings.Repeat("(", 100_000) + "model = a" + strings.Repeat(")", 100_000)
	if _, err := ParseWhere(deep); err == nil || !strings.Contains(err.Error(), "nested more than 100 deep") {
		t.Errorf("parentheses: got %.200v", err)
	}
	if _, err := ParseWhere(strings.Repeat("not ", 200) + "model = a"); err == nil {
		t.Error("nots: no error")
	}
	if _, err := ParseWhere(strings.Repeat("(", 90) + "model = a" + strings.Repeat(")", 90)); err != nil {
		t.Errorf("90 deep: %v", err)
	}
}

func TestFormat(t *testing.T) {
	f := func(e Expr, want string) {
		t.Helper()
		if got := Format(e); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	f(nil, "")
	f(where(`TAG:team='a b' AND not(model in(x,"y*",'z\*') or role is absent)`),
		`tag:team = "a b" and not (model in (x, y*, "z\*") or role is absent)`)
	f(where("tag:'Cost Center' != '' and route is not absent"), `"tag:Cost Center" != "" and route is not absent`)
	f(And{}, "scope = *")
	f(Not{And{[]Expr{Or{[]Expr{Absent{named("role")}, Or{}}}}}}, "not (role is absent or scope is absent)")
	f(Match{Key: named("role")}, "scope is absent")
}

// genExpr draws filters in the form in which ParseWhere returns them.
func genExpr(depth int) *rapid.Generator[Expr] {
	text := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"and", "Claude Sonnet 4.6", `\`, "*", `"`, "'", "(", "", "a=b", "!="}))
	key := rapid.Custom(func(t *rapid.T) Key {
		if rapid.Bool().Draw(t, "tagged") {
			name := rapid.StringN(1, -1, -1).Filter(func(s string) bool { return !strings.Contains(s, "/") }).Draw(t, "tag")
			return TagKeyed(showback.TagKey{Source: rapid.SampledFrom(showback.TagSources).Draw(t, "source").Source, Name: strings.TrimPrefix(name, "user:") + "x"})
		}
		return named(rapid.SampledFrom([]string{"model", "role", "month"}).Draw(t, "key"))
	})
	pattern := rapid.Custom(func(t *rapid.T) Pattern {
		parts := rapid.SliceOfN(text, 1, 4).Draw(t, "parts")
		for i := range parts {
			if i > 0 && i < len(parts)-1 && parts[i] == "" {
				parts[i] = "-"
			}
		}
		return Pattern{parts}
	})
	return rapid.Custom(func(t *rapid.T) Expr {
		kind := rapid.IntRange(0, 4).Draw(t, "kind")
		if depth == 0 {
			kind = min(kind, 1)
		}
		switch kind {
		case 0:
			return Match{key.Draw(t, "key"), rapid.SliceOfN(pattern, 1, 3).Draw(t, "values")}
		case 1:
			return Absent{key.Draw(t, "key")}
		case 2:
			return Not{genExpr(depth-1).Draw(t, "not")}
		}
		terms := rapid.SliceOfN(genExpr(depth-1), 2, 3).Draw(t, "terms")
		if kind == 3 {
			return And{terms}
		}
		return Or{terms}
	})
}

// What Format writes, ParseWhere reads as the same filter.
func TestFormatRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := genExpr(3).Draw(t, "filter")
		text := Format(e)
		got, err := ParseWhere(text)
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		if diff := cmp.Diff(e, got, sameKeys); diff != "" {
			t.Fatalf("%q: -want +got\n%s", text, diff)
		}
	})
}

func FuzzParseWhere(f *testing.F) {
	for _, seed := range []string{
		"tag:team = search and model = Claude*", `account in (1, "2") or not (region is absent)`,
		`tag:"Cost Center" is not absent`, "model != 'a\\*b' and (route not in (geo, global))", "((", "model = '", `\`, "é = **",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		e, err := ParseWhere(text)
		if err != nil {
			if showback.KindOf(err) != showback.KindInvalid {
				t.Errorf("%q: kind %s", text, showback.KindOf(err))
			}
			return
		}
		formatted := Format(e)
		again, err := ParseWhere(formatted)
		if err != nil {
			t.Fatalf("%q formats as %q: %v", text, formatted, err)
		}
		if diff := cmp.Diff(e, again, sameKeys); diff != "" {
			t.Errorf("%q formats as %q: -want +got\n%s", text, formatted, diff)
		}
	})
}

func TestPatternMatches(t *testing.T) {
	f := func(pattern, value string, want bool) {
		t.Helper()
		p := where("model = " + pattern).(Match).Values[0]
		if got := p.Matches(value, false); got != want {
			t.Errorf("%s on %q: got %v", pattern, value, got)
		}
	}
	f("abc", "abc", true)
	f("abc", "abcd", false)
	f("a*", "a", true)
	f("*a", "ba", true)
	f("*", "", true)
	f("a*a", "a", false)
	f("a*a", "aa", true)
	f("*b*c", "abbcc", true)
	f("*b*c*", "acb", false)
	f("A*", "abc", false)
	if !Exact("Bob@Example.com").Matches("bob@example.COM", true) {
		t.Error("folded case does not match")
	}
}
