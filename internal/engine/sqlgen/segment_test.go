package sqlgen

import (
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"showback"
	"showback/internal/explore"
)

var update = flag.Bool("update", false, "write the queries of testdata anew")

const month = showback.Month("2026-10")

func segment() SegmentInfo {
	return SegmentInfo{
		Catalog: "s1", Callers: "callers_s1", Payer: "111122223333", Month: month, Currency: "USD",
		CallerColumn: true, Cost: []string{"unblended"},
	}
}

func plan(by string) explore.Plan {
	keys, err := explore.ParseKeys(by)
	if err != nil {
		panic(err)
	}
	return explore.Plan{Period: month.Period(), Granularity: explore.Total, By: keys, Basis: showback.Unblended, Scope: explore.ScopeAI}
}

func where(text string) explore.Expr {
	e, err := explore.ParseWhere(text)
	if err != nil {
		panic(err)
	}
	return e
}

// A golden query is read by a person when it changes; that it is right is
// shown by internal/engine/duckdb, which runs it against the oracle.
func TestSegmentGolden(t *testing.T) {
	f := func(name string, p explore.Plan, s SegmentInfo) {
		t.Helper()
		query, err := DuckDB.Segment(p, s)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		got := ""
		for _, m := range query.Maps {
			for _, s := range m.Make {
				got += s.Text + ";\n"
			}
		}
		got += query.Text + "\n"
		for _, a := range query.Args {
			got += "-- " + a.(string) + "\n"
		}
		path := filepath.Join("testdata", name+".sql")
		if *update {
			if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}

	p := plan("")
	p.Scope = explore.ScopeAll
	f("everything", p, segment())

	f("model", plan("model"), segment())

	p = plan("tag:team,payer,account")
	p.Granularity = explore.Daily
	s := segment()
	s.Large, s.CallerColumn = true, false
	s.FirstSeen = map[showback.TagKey]time.Time{{Source: showback.TagCaller, Name: "team"}: month.Start().AddDate(0, 0, 9)}
	f("large-daily-team", p, s)

	p = plan("tag:team,principal")
	p.Granularity, p.Measures = explore.Weekly, []explore.Measure{explore.Cost}
	s = segment()
	s.Tables = []explore.Table{
		{Name: "fact", Rows: 1000, Detail: explore.FactDetail},
		{Name: "roll_day", Rows: 100, Detail: explore.Detail{Span: explore.Daily, Caller: explore.CallerPrincipal, Tags: true}},
		{Name: "roll_month", Rows: 10, Detail: explore.Detail{Span: explore.Monthly, Caller: explore.CallerPrincipal, Tags: true}},
	}
	f("rollup-weekly-team", p, s)

	p = plan("who,month")
	p.Basis, p.Classes = showback.List, []showback.ChargeClass{showback.ClassUsage, showback.ClassTax}
	p.Period = showback.Period{Start: month.Start().AddDate(0, 0, 3), End: month.Start().AddDate(0, 0, 9)}
	s = segment()
	s.Currency, s.Cost = "", []string{"list", "unblended"}
	f("who-list-part-of-month", p, s)

	p = plan("resource-tag:app,invoice")
	p.Filter = where(`tag:team in (search, "R&D*") and tag:team != x and (model = "Claude*" or person = "Alice@example.com") and payer != 999988887777`)
	s = segment()
	s.Large, s.Cost = true, nil
	f("large-filter", p, s)
}

func TestSegmentBindsValues(t *testing.T) {
	const value = `x' OR '1'='1`
	for _, d := range explore.KeyDocs() {
		key := explore.Key{Name: d.Name}
		if d.Source != "" {
			key = explore.TagKeyed(showback.TagKey{Source: d.Source, Name: value})
		}
		p := plan("")
		p.By = []explore.Key{key}
		p.Filter = explore.Or{Terms: []explore.Expr{
			explore.Match{Key: key, Values: []explore.Pattern{explore.Exact(value), {Parts: []string{value, ""}}}},
			explore.Not{Term: explore.Match{Key: explore.Key{Name: "service"}, Values: []explore.Pattern{explore.Exact(value)}}},
		}}
		for _, large := range []bool{false, true} {
			s := segment()
			s.Large, s.Payer = large, value
			query, err := DuckDB.Segment(p, s)
			if err != nil {
				t.Fatalf("%s: %v", key, err)
			}
			statements := []Statement{query.Statement}
			scan, ok, err := DuckDB.Scan(p, s)
			if err != nil {
				t.Fatalf("%s: %v", key, err)
			}
			if ok {
				statements = append(statements, scan.Statement)
				for _, n := range scan.Names {
					statements = append(statements, n.Statement)
				}
			}
			for _, m := range query.Maps {
				statements = append(statements, m.Make...)
			}
			for _, s := range statements {
				if strings.Contains(s.Text, "1'='1") {
					t.Errorf("by %s the query has the value in its text:\n%s", key, s.Text)
				}
				if got, want := len(s.Args), strings.Count(s.Text, "?"); got != want {
					t.Errorf("by %s there are %d parameters for %d places:\n%s", key, got, want, s.Text)
				}
			}
		}
	}
}

func TestCheck(t *testing.T) {
	f := func(want string, change func(*explore.Plan)) {
		t.Helper()
		p := plan("model")
		change(&p)
		err := Check(p)
		if err == nil || showback.KindOf(err) != showback.KindInvalid || !strings.Contains(err.Error(), want) {
			t.Errorf("Check = %v, want an invalid plan: %s", err, want)
		}
		if _, again := DuckDB.Segment(p, segment()); again == nil || again.Error() != err.Error() {
			t.Errorf("Segment = %v, want %v", again, err)
		}
	}
	f(`tag view "now"`, func(p *explore.Plan) { p.TagView = explore.TagsNow })
	f(`granularity "decade"`, func(p *explore.Plan) { p.Granularity = "decade" })
	f(`"team"`, func(p *explore.Plan) { p.By = []explore.Key{{Name: "team"}} })
	f(`"tag"`, func(p *explore.Plan) { p.By = []explore.Key{{Name: "tag"}} })
	f(`"team"`, func(p *explore.Plan) { p.Filter = explore.Not{Term: explore.Absent{Key: explore.Key{Name: "team"}}} })

	for _, d := range explore.KeyDocs() {
		p := plan("")
		if p.By = []explore.Key{{Name: d.Name}}; d.Source != "" {
			p.By = []explore.Key{explore.TagKeyed(showback.TagKey{Source: d.Source, Name: "x"})}
		}
		if err := Check(p); err != nil {
			t.Errorf("Check by %s = %v, want nil", d.Name, err)
		}
	}
}

func TestReads(t *testing.T) {
	f := func(from, to, filter string, want bool) {
		t.Helper()
		start, _ := time.Parse(time.DateOnly, from)
		end, _ := time.Parse(time.DateOnly, to)
		p := explore.Plan{Period: showback.Period{Start: start, End: end}, Scope: explore.ScopeAI, Filter: where(filter)}
		if got := Reads(p, segment()); got != want {
			t.Errorf("Reads %s to %s where %s = %t, want %t", from, to, filter, got, want)
		}
	}
	f("2026-10-01", "2026-11-01", "", true)
	f("2026-09-01", "2026-10-01", "", false)
	f("2026-09-01", "2026-10-02", "", true)
	f("2026-10-31", "2026-12-01", "", true)
	f("2026-11-01", "2026-12-01", "", false)
	f("2026-10-01", "2026-11-01", "payer = 111122223333", true)
	f("2026-10-01", "2026-11-01", "payer = 444455556666", false)
	f("2026-10-01", "2026-11-01", "payer != 111122223333", false)
	f("2026-10-01", "2026-11-01", "payer is absent", false)
	f("2026-10-01", "2026-11-01", "payer = 1111* and currency = USD and month = 2026-10", true)
	f("2026-10-01", "2026-11-01", "model = x and month = 2026-09", false)
	f("2026-10-01", "2026-11-01", "model = x or month = 2026-09", true)
	f("2026-10-01", "2026-11-01", "not (model = x or currency = USD)", false)
}

func TestNeedsCallers(t *testing.T) {
	f := func(by, filter string, want bool) {
		t.Helper()
		p := plan(by)
		p.Filter = where(filter)
		if got := NeedsCallers(p); got != want {
			t.Errorf("NeedsCallers by %q where %q = %t, want %t", by, filter, got, want)
		}
	}
	f("", "", false)
	f("caller,tag:who", "caller = x", false)
	for _, key := range derivedKeys {
		f(key, "", true)
		f("", "model = x or not "+key+" is absent", true)
	}
}

func TestFold(t *testing.T) {
	known := func(k explore.Key) (explore.Value, bool) {
		switch k.Name {
		case "payer":
			return explore.Value{Text: "p"}, true
		case "region":
			return explore.Value{Missing: "no region"}, true
		}
		return explore.Value{}, false
	}
	f := func(filter, want string) {
		t.Helper()
		got := fold(where(filter), known)
		switch {
		case want == "all" && isAll(got), want == "nothing" && isNothing(got):
			return
		case want == "all", want == "nothing", explore.Format(got) != explore.Format(where(want)):
			t.Errorf("fold %s = %#v, want %s", filter, got, want)
		}
	}
	f("payer = p", "all")
	f("payer = q", "nothing")
	f("payer = P", "nothing")
	f("payer is absent", "nothing")
	f("region is absent", "all")
	f("region = x", "nothing")
	f("region != x", "all")
	f("payer = p and model = m", "model = m")
	f("payer = q and model = m", "nothing")
	f("payer = p or model = m", "all")
	f("payer = q or model = m", "model = m")
	f("not (payer = q or model = m)", "not model = m")
	f("not (payer = p and region is absent)", "nothing")
	f("model = a and (model = b and (region is absent and service = c))", "model = a and model = b and service = c")
	f("model = a or (model = b or region = x)", "model = a or model = b")
	f("not not (not model = a)", "not model = a")
	f("model = a and (model = b or model = c)", "model = a and (model = b or model = c)")
}

func TestPassesValueless(t *testing.T) {
	f := func(filter string, want bool) {
		t.Helper()
		if got := passesValueless(where(filter)); got != want {
			t.Errorf("passesValueless %s = %t, want %t", filter, got, want)
		}
	}
	f("tag:a = x", false)
	f("tag:a = *", false)
	f("tag:a != x", true)
	f("tag:a is absent", true)
	f("not tag:a is absent", false)
	f("tag:a = x or tag:a != y", true)
	f("tag:a != x and tag:a = y", false)
}

func TestMatch(t *testing.T) {
	f := func(key string, values []explore.Pattern, text string, args ...any) {
		t.Helper()
		got := match(explore.Match{Key: explore.Key{Name: key}, Values: values}, place{table: "w", value: "v", folded: "low"})
		if got.text != text || !slices.Equal(got.args, args) {
			t.Errorf("match %s %v = %s %q, want %s %q", key, values, got.text, got.args, text, args)
		}
	}
	exact := explore.Exact
	wild := func(parts ...string) explore.Pattern { return explore.Pattern{Parts: parts} }
	f("model", []explore.Pattern{exact("A"), exact("b")}, "(v IS NOT NULL AND (v IN (?, ?)))", "A", "b")
	f("model", []explore.Pattern{exact("A"), wild("B", "")}, `(v IS NOT NULL AND (v LIKE ? ESCAPE '\' OR v IN (?)))`, "B%", "A")
	f("model", []explore.Pattern{wild(`10%_\`, "x")}, `(v IS NOT NULL AND (v LIKE ? ESCAPE '\'))`, `10\%\_\\%x`)
	f("who", []explore.Pattern{exact("Alice"), wild("", "É")}, `(w.low IS NOT NULL AND (w.low LIKE ? ESCAPE '\' OR w.low IN (?)))`, "%é", "alice")
	f("model", nil, "FALSE")
	f("model", []explore.Pattern{{}}, "FALSE")
	f("model", []explore.Pattern{exact("a\x00b"), wild("\xff", "")}, "FALSE")
}
