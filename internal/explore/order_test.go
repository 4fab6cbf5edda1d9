package explore

import (
	"fmt"
	"testing"

	"showback"
)

func order(t *testing.T, list string, by ...Key) []Sorting {
	t.Helper()
	s, err := ParseSort(list, by)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestParseSort(t *testing.T) {
	by := keys(`model,tag:"a,b"`)
	f := func(list, want string) {
		t.Helper()
		s, err := ParseSort(list, by)
		got := fmt.Sprint(s)
		if err != nil {
			got = err.Error()
			if hint := showback.HintOf(err); hint != "" {
				got += " | " + hint
			}
			if showback.KindOf(err) != showback.KindInvalid {
				t.Errorf("%v: kind %s", err, showback.KindOf(err))
			}
		}
		if got != want {
			t.Errorf("%q: got %s, want %s", list, got, want)
		}
	}
	f("", "[]")
	f("cost", "[cost]")
	f("-cost", "[-cost]")
	f(" start, -Unit_Cost ,key", "[start -unit-cost key]")
	f("change,-change-percent,tokens,quantity", "[change -change-percent tokens quantity]")
	f(`-model,tag:"a,b"`, "[-model tag:a,b]")
	f("cost,-cost", `parse sort "cost,-cost": cost is there twice`)
	f("model,-MODEL", `parse sort "model,-MODEL": model is there twice`)
	f("coast", `parse sort "coast": want cost, tokens, quantity, unit-cost, change, change-percent, key, start, model or tag:a,b, with - before it for the largest first | did you mean cost?`)
	f("-", `parse sort "-": want cost, tokens, quantity, unit-cost, change, change-percent, key, start, model or tag:a,b, with - before it for the largest first`)
	f("account", `parse sort "account": the rows are not by account | group by it, or sort by cost, tokens, quantity, unit-cost, change, change-percent, key, start, model or tag:a,b`)
	f("cost,", `parse sort "": want cost, tokens, quantity, unit-cost, change, change-percent, key, start, model or tag:a,b, with - before it for the largest first`)
}

func TestSort(t *testing.T) {
	lines := []line{
		{day: "2026-10-01", cost: "5", tokens: "10", quantity: "1", unit: "Hrs", values: map[string]string{"model": "b"}},
		{day: "2026-10-02", cost: "4", tokens: "90", values: map[string]string{"model": "c"}},
		{day: "2026-10-02", cost: "3", values: map[string]string{"model": "a"}},
		{day: "2026-10-01", cost: "2", tokens: "50", values: map[string]string{"model": "(no model)"}},
		{day: "2026-10-01", cost: "1", tokens: "20", values: map[string]string{"model": "d"}},
	}
	eng := &fake{coverage: october(), lines: lines}
	f := func(q Question, sort, want string) {
		t.Helper()
		q.By = keys("model")
		q.Sort = order(t, sort, q.By...)
		a := ask(t, eng, q)
		got := ""
		for _, r := range a.Blocks[0].Rows {
			if q.Granularity == Daily {
				got += r.Start.Format("2:")
			}
			if r.Others > 0 {
				got += fmt.Sprintf("%d others ", r.Others)
				continue
			}
			got += r.Keys[0].String() + " "
		}
		if got != want+" " {
			t.Errorf("sort %s top %d: got %s, want %s", sort, q.Top, got, want)
		}
	}
	f(Question{}, "", "b c a (no model) d")
	f(Question{}, "-cost", "b c a (no model) d")
	f(Question{}, "cost", "d (no model) a c b")
	// What has no value comes last in either direction.
	f(Question{}, "key", "a b c d (no model)")
	f(Question{}, "-model", "d c b a (no model)")
	f(Question{}, "tokens", "b d (no model) c a")
	f(Question{}, "-tokens", "c (no model) d b a")
	f(Question{}, "quantity", "b c a (no model) d")
	f(Question{}, "change", "b c a (no model) d") // nothing is compared
	f(Question{}, "unit-cost", "(no model) c d b a")
	// Spans come first where nothing, or the order, says so.
	f(Question{Granularity: Daily}, "", "1:b 1:(no model) 1:d 2:c 2:a")
	f(Question{Granularity: Daily}, "cost", "1:d 1:(no model) 2:a 2:c 1:b")
	f(Question{Granularity: Daily}, "-start,key", "2:a 2:c 1:b 1:d 1:(no model)")
	// Top keeps what a figure has first; names and spans only order it. What has
	// no value for its key is never folded.
	f(Question{Top: 2}, "", "b c (no model) 2 others")
	f(Question{Top: 2}, "-key", "c b (no model) 2 others")
	f(Question{Top: 2}, "cost", "d (no model) 3 others")
	f(Question{Top: 2}, "-tokens", "c (no model) 3 others")
	f(Question{Top: 1, Granularity: Daily}, "start,-tokens", "1:(no model) 1:2 others 2:c 2:1 others")
	f(Question{Top: 1, Granularity: Daily}, "-tokens", "2:c 1:(no model) 1:2 others 2:1 others")
}

// What is ordered by is summed, and not what is not.
func TestSortAsksItsMeasure(t *testing.T) {
	f := func(q Question, want ...Measure) {
		t.Helper()
		eng := &fake{coverage: october(), lines: usage("a/x|5")}
		ask(t, eng, q)
		if got := eng.ran[0].Measures; fmt.Sprint(got) != fmt.Sprint(want) || got == nil {
			t.Errorf("%v, sort %v, fail if %v: the plan carries %v, want %v", q.Measures, q.Sort, q.FailIf, got, want)
		}
		for _, p := range eng.ran[1:] {
			if p.Measures == nil || len(p.Measures) > 0 {
				t.Errorf("a plan beside the main one carries %v", p.Measures)
			}
		}
	}
	f(Question{})
	f(Question{Measures: []Measure{Quantity, Tokens}}, Tokens, Quantity)
	f(Question{Measures: []Measure{UnitCost}}, Tokens)
	f(Question{Sort: order(t, "-quantity")}, Quantity)
	f(Question{Sort: order(t, "start,key,change")})
	f(Question{FailIf: []Condition{{Figure: "unit-cost", Op: ">"}}}, Tokens)
	f(Question{FailIf: []Condition{{Figure: "change-percent", Op: ">"}}})
}

// A figure that nobody asked for says so; cost is always there.
func TestNotAsked(t *testing.T) {
	eng := &fake{coverage: october(), lines: []line{{day: "2026-10-01", cost: "3", tokens: "10", quantity: "1", unit: "Hrs"}}}
	f := func(q Question, want string) {
		t.Helper()
		a := ask(t, eng, q)
		for _, f := range []Figures{a.Blocks[0].Total, a.Blocks[0].Rows[0].Figures} {
			got := fmt.Sprint(figureText(f.Cost), " ", figureText(f.Tokens), " ", figureText(f.Quantity), f.Unit, " ", figureText(f.UnitCost))
			if got != want {
				t.Errorf("%v: got %s, want %s", q.Measures, got, want)
			}
		}
	}
	f(Question{}, "3 (not asked) (not asked) (not asked)")
	f(Question{Measures: []Measure{Tokens}}, "3 10 (not asked) (not asked)")
	f(Question{Measures: []Measure{UnitCost}}, "3 (not asked) (not asked) 300000")
	f(Question{Measures: []Measure{Quantity}}, "3 (not asked) 1Hrs (not asked)")
	f(Question{Sort: order(t, "tokens")}, "3 10 (not asked) (not asked)")
}
