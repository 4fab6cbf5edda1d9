package explore

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"showback"
)

// usage returns lines of October 2026, "model/team|cost" each.
func usage(specs ...string) []line {
	var lines []line
	for _, s := range specs {
		names, cost := s[:strings.LastIndex(s, "|")], s[strings.LastIndex(s, "|")+1:]
		model, team, _ := strings.Cut(names, "/")
		lines = append(lines, line{day: "2026-10-05", cost: cost, values: map[string]string{
			"model": model, "tag:team": team, "payer": "111122223333", "who": team,
		}})
	}
	return lines
}

func ask(t *testing.T, eng Engine, q Question) *Answer {
	t.Helper()
	if q.Period == (showback.Period{}) {
		q.Period = days("2026-10", "2026-10")
	}
	a, err := Ask(context.Background(), eng, q)
	if err != nil {
		t.Fatalf("ask: %v", err)
	}
	return a
}

func wantShown(t *testing.T, a *Answer, want string) {
	t.Helper()
	if got := shown(a); got != strings.TrimPrefix(want, "\n") {
		t.Errorf("got\n%s\nwant%s", got, want)
	}
}

func wantNotes(t *testing.T, a *Answer, want string) {
	t.Helper()
	if got := shownNotes(a.Notes); got != strings.TrimPrefix(want, "\n") {
		t.Errorf("notes are\n%s\nwant%s", got, want)
	}
}

func TestAsk(t *testing.T) {
	lines := append(usage("a/search|1.0000000000000000001", "b/search|2", "a/(untagged)|3.5"),
		line{day: "2026-10-01", class: showback.ClassTax, cost: "0.65", values: map[string]string{"tag:team": "(no caller: tax)", "payer": "111122223333"}},
		line{day: "2026-10-01", class: showback.ClassCredit, cost: "-0.1", currency: "EUR", values: map[string]string{"tag:team": "(no caller: credit or refund)", "payer": "444455556666"}},
		line{day: "2026-10-02", notAI: true, cost: "10", values: map[string]string{"tag:team": "(not AI)", "payer": "111122223333"}})
	eng := &fake{lines: lines, coverage: october()}
	a := ask(t, eng, Question{By: keys("tag:team")})
	wantShown(t, a, `
USD
(untagged) 3.5
search 3.0000000000000000001
(no caller: tax) 0.65
total 7.1500000000000000001
  usage 6.5000000000000000001
  tax 0.65
EUR
(no caller: credit or refund) -0.1
total -0.1
  credit -0.1
`)
	wantNotes(t, a, "\nseveral-currencies: 2 currencies, USD, EUR: one block each, never added\n")
	if len(a.Bill) != 2 || a.Bill[0].Currency != "USD" || a.Bill[0].AI.String() != "7.1500000000000000001" || a.Bill[0].All.String() != "17.1500000000000000001" {
		t.Errorf("bill is %v", a.Bill)
	}
	if a.Version != 7 || a.Open || a.BilledTo.Format(time.DateOnly) != "2026-10-31" {
		t.Errorf("version %d, open %v, billed to %s", a.Version, a.Open, a.BilledTo)
	}
	q := a.Question
	if q.Granularity != Total || q.Basis != showback.Unblended || q.Scope != ScopeAI || q.TagView != TagsBilled || len(q.Measures) != 1 {
		t.Errorf("defaults are not filled: %+v", q)
	}

	// The bill is that of the payers asked, whatever else the filter says.
	a = ask(t, eng, Question{Filter: where("payer = 111122223333 and model = b"), Scope: ScopeAll})
	wantShown(t, a, "\nUSD\n2\ntotal 2\n  usage 2\n")
	if len(a.Bill) != 1 || a.Bill[0].All.String() != "17.1500000000000000001" {
		t.Errorf("bill is %v", a.Bill)
	}
	// What the asker may not see is in no figure.
	a = ask(t, eng, Question{Access: where("tag:team = search")})
	wantShown(t, a, "\nUSD\n3.0000000000000000001\ntotal 3.0000000000000000001\n  usage 3.0000000000000000001\n")
	if len(a.Bill) != 1 || a.Bill[0].All.String() != "3.0000000000000000001" {
		t.Errorf("bill is %v", a.Bill)
	}
}

func TestAskMeasures(t *testing.T) {
	eng := &fake{coverage: october(), lines: []line{
		{day: "2026-10-01", cost: "3", tokens: "1000000", quantity: "1000", unit: "1K tokens", values: map[string]string{"model": "a"}},
		{day: "2026-10-01", cost: "1", tokens: "2000000", quantity: "2", unit: "Units", values: map[string]string{"model": "a"}},
		{day: "2026-10-01", cost: "5", quantity: "1", unit: "Hrs", values: map[string]string{"model": "b"}},
		{day: "2026-10-01", cost: "2", class: showback.ClassFee, values: map[string]string{"model": "c"}},
		{day: "2026-10-01", cost: "1", tokens: "0", quantity: "0", unit: "Hrs", values: map[string]string{"model": "d"}},
	}}
	a := ask(t, eng, Question{By: keys("model"), Measures: []Measure{Cost, Tokens, Quantity, UnitCost}})
	wantShown(t, a, `
USD
b 5 (no tokens) 1 (no tokens)
a 4 3000000 (mixed units) 1.3333333333
c 2 (no tokens) (no quantity) (no tokens)
d 1 0 0 (no tokens)
total 12 3000000 (mixed units) 1.6666666667
  usage 10
  fee 2
`)
	if r := a.Blocks[0].Rows[0]; r.Unit != "Hrs" || r.Charges != 1 {
		t.Errorf("unit %q, %d charges", r.Unit, r.Charges)
	}
}

func TestAskTop(t *testing.T) {
	lines := usage("a/x|5", "b/x|4", "c/x|3", "d/x|-2", "e/x|1", "(no model: tax)/x|0.5")
	lines[2].day, lines[4].day = "2026-10-06", "2026-10-06"
	eng := &fake{lines: lines, coverage: october()}
	a := ask(t, eng, Question{By: keys("model"), Top: 2, Granularity: Daily})
	wantShown(t, a, `
USD
2026-10-05 a 5
2026-10-05 b 4
2026-10-05 (no model: tax) 0.5
2026-10-05 others 1 -2
2026-10-06 others 2 4
total 11.5
  usage 11.5
`)
	a = ask(t, eng, Question{By: keys("model"), Top: 6})
	if got := len(a.Blocks[0].Rows); got != 6 {
		t.Errorf("top 6 of 6 gives %d rows", got)
	}
}

// Charges without an amount on the basis stand apart, are in no sum, and are
// weighed.
func TestAskBasis(t *testing.T) {
	cov := october()
	cov.Deliveries = append(cov.Deliveries, delivered("444455556666", "2026-10"))
	cov.Deliveries[1].PayerName = "Example Two"
	cov.Deliveries[0].Bases = append(cov.Deliveries[0].Bases, showback.NetUnblended)
	lines := usage("a/x|5", "b/x|4", "a/x|(not available)", "c/x|(not available)")
	lines[2].unblended, lines[3].unblended = "1.5", "0.001"
	lines[2].tokens, lines[0].tokens = "9000000", "1000000"
	eng := &fake{lines: lines, coverage: cov}
	a := ask(t, eng, Question{By: keys("model"), Basis: showback.NetUnblended, Measures: []Measure{Cost, UnitCost}})
	wantShown(t, a, `
USD
a 5 5
b 4 (no tokens)
a (not available) (not available)
c (not available) (no tokens)
total 9 5
  usage 9
`)
	wantNotes(t, a, "\nbasis-not-available: the bills of 444455556666 (Example Two) 2026-10 do not carry the net-unblended basis: "+
		"(not available) stands for 2 charges of $1.50 unblended and is in no total\n")
	a = ask(t, eng, Question{By: keys("model"), Basis: showback.NetUnblended, Top: 1})
	wantShown(t, a, `
USD
a 5
a (not available)
others 1 4
others 1 (not available)
total 9
  usage 9
`)
	a = ask(t, eng, Question{Basis: showback.NetUnblended, Filter: where("model = c")})
	wantShown(t, a, "\nUSD\n(not available)\ntotal (not available)\n  usage (not available)\n")

	lines = usage("a/x|5", "b/x|(no list price)")
	lines[1].unblended = "4.25"
	a = ask(t, &fake{lines: lines, coverage: cov}, Question{Basis: showback.List})
	wantNotes(t, a, "\nno-list-price: (no list price) stands for 1 charge of $4.25 unblended and is in no total\n")
}

func TestAskProof(t *testing.T) {
	eng := &fake{lines: usage("a/x|5"), coverage: october(), classOff: dec("0.0000000000000000001")}
	_, err := Ask(context.Background(), eng, Question{Period: days("2026-10", "2026-10")})
	want := "ask: the rows hold 5 USD in 1 charges, the charge classes 5.0000000000000000001 USD in 1"
	if err == nil || err.Error() != want || showback.KindOf(err) != showback.KindInternal {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestAskErrors(t *testing.T) {
	october := days("2026-10", "2026-10")
	cov := Coverage{Deliveries: []Delivered{delivered("1", "2026-08"), delivered("1", "2026-09"), delivered("1", "2026-10")}}
	cov.Deliveries[2].WideKeys = []showback.TagKey{{Source: showback.TagCaller, Name: "ticket"}}
	cov.Deliveries[0].Currencies = []string{"EUR", "USD"}
	f := func(q Question, kind showback.Kind, message, hint string) {
		t.Helper()
		eng := &fake{coverage: cov}
		_, err := Ask(context.Background(), eng, q)
		if err == nil {
			t.Errorf("%s: no error", message)
			return
		}
		if err.Error() != message || showback.KindOf(err) != kind || showback.HintOf(err) != hint {
			t.Errorf("got %s: %v, hint %q\nwant %s: %s, hint %q", showback.KindOf(err), err, showback.HintOf(err), kind, message, hint)
		}
		if len(eng.ran) > 0 {
			t.Errorf("%s: ran %d plans first", message, len(eng.ran))
		}
	}
	f(Question{}, showback.KindInvalid, "ask: the period is empty", "")
	f(Question{Period: showback.Period{Start: october.Start, End: october.End.Add(time.Hour)}}, showback.KindInvalid,
		"ask: the period 2026-10-01T00:00:00Z to 2026-11-01T01:00:00Z is not of whole UTC days", "")
	f(Question{Period: october, Granularity: "minute"}, showback.KindInvalid, `ask: granularity "minute" is none`, "")
	f(Question{Period: october, Granularity: Hourly}, showback.KindInvalid, `ask by hour: export "cur" of payer 1 in 2026-10 bills by the day`, "ask with --granularity day")
	f(Question{Period: october, Sort: []Sorting{{By: "size", Descending: true}}}, showback.KindInvalid, `ask: order "-size" is none`, "")
	f(Question{Period: october, Sort: []Sorting{{Key: named("model")}}}, showback.KindInvalid, `ask: order "model" is none`, "")
	f(Question{Period: october, FailIf: []Condition{{Figure: "size", Op: ">"}}}, showback.KindInvalid, `ask: condition "size > 0" is none`, "")
	f(Question{Period: october, FailIf: []Condition{{Figure: "cost", Op: "!"}}}, showback.KindInvalid, `ask: condition "cost ! 0" is none`, "")
	f(Question{Period: october, FailIf: []Condition{{Figure: "cost", Op: ">", Currency: "UDS"}}}, showback.KindInvalid,
		"ask: condition cost > 0 UDS: no bill in the store is in UDS, want EUR or USD", "")
	f(Question{Period: october, Basis: "gross"}, showback.KindInvalid, `ask: basis "gross" is none`, "")
	f(Question{Period: october, Scope: "some"}, showback.KindInvalid, `ask: scope "some" is none`, "")
	f(Question{Period: october, TagView: "x"}, showback.KindInvalid, `ask: tag view "x" is none`, "")
	f(Question{Period: october, TagView: TagsNow}, showback.KindInvalid, "use tag view now: there is no history of tags yet",
		"ask for --tag-view billed: the tags that AWS put on the charge")
	f(Question{Period: october, Measures: []Measure{"dollars"}}, showback.KindInvalid, `ask: measure "dollars" is none`, "")
	f(Question{Period: october, Classes: []showback.ChargeClass{"gift"}}, showback.KindInvalid, `ask: charge class "gift" is none`, "")
	f(Question{Period: october, Top: -1}, showback.KindInvalid, "ask: top -1 is negative", "")
	f(Question{Period: october, By: []Key{{Name: "modle"}}}, showback.KindInvalid, `ask: no such key as "modle"`, "did you mean model?")
	f(Question{Period: october, Filter: Absent{Key{Name: "modle"}}}, showback.KindInvalid, `ask: no such key as "modle"`, "did you mean model?")
	f(Question{Period: october, By: []Key{named("role"), named("role")}}, showback.KindInvalid, "ask: group by role: role is there twice", "")
	wide := "a key whose values hardly recur groups nothing; ask by session, caller or another tag"
	f(Question{Period: october, By: keys("tag:ticket")}, showback.KindInvalid, "ask: tag:ticket has too many values to keep in 2026-10", wide)
	f(Question{Period: october, Filter: where("not tag:ticket = x")}, showback.KindInvalid, "ask: tag:ticket has too many values to keep in 2026-10", wide)
	f(Question{Period: days("2026-11", "2026-11")}, showback.KindNotFound, "ask 2026-11-01 to 2026-11-30: no bill in that period", "the store has bills of 2026-08 to 2026-10")
	cov = Coverage{}
	f(Question{Period: october}, showback.KindNotFound, "ask: the store has no bills yet", "")
}

// A wide key is refused only where it is wide.
func TestAskWideElsewhere(t *testing.T) {
	cov := october()
	wide := delivered("111122223333", "2026-09")
	wide.WideKeys = []showback.TagKey{{Source: showback.TagCaller, Name: "team"}}
	cov.Deliveries = append(cov.Deliveries, wide)
	ask(t, &fake{lines: usage("a/x|1"), coverage: cov}, Question{By: keys("tag:team")})
}

// Where a key has more values than are listed, each value of the filter is
// looked up by itself before it is said to match nothing.
func TestUnmatchedAmongMany(t *testing.T) {
	var lines []line
	for i := range maxValues + 10 {
		lines = append(lines, line{day: "2026-10-01", cost: "1", values: map[string]string{"session": fmt.Sprintf("s%d", i)}})
	}
	eng := &fake{lines: lines, coverage: october()}
	a := ask(t, eng, Question{Filter: where(fmt.Sprintf("session in (s*, s%d, t1)", maxValues+9))})
	wantNotes(t, a, "\nno-match: session = t1 matches nothing in 2026-10-01 to 2026-10-31; did you mean s1?\n")
}

// An engine whose plans disagree on which currencies there are gives no answer.
func TestSameTotals(t *testing.T) {
	five := tally{charges: 1, cost: dec("5")}
	if err := sameTotals(map[string]tally{"USD": five}, map[string]tally{"USD": five}); err != nil {
		t.Error(err)
	}
	for _, other := range []map[string]tally{{}, {"USD": five, "EUR": five}, {"USD": {charges: 2, cost: dec("5")}}} {
		if sameTotals(map[string]tally{"USD": five}, other) == nil || sameTotals(other, map[string]tally{"USD": five}) == nil {
			t.Errorf("%v passes", other)
		}
	}
}

type broken struct {
	fake
	err error
}

func (b *broken) Run(context.Context, Plan) ([]Row, error) { return nil, b.err }

func TestAskEngineError(t *testing.T) {
	eng := &broken{fake{coverage: october()}, showback.Errorf(showback.KindCorrupt, "read segment: short")}
	_, err := Ask(context.Background(), eng, Question{Period: days("2026-10", "2026-10")})
	if err == nil || showback.KindOf(err) != showback.KindCorrupt {
		t.Errorf("got %v, want the engine's error with its kind", err)
	}
}

func TestBilledTo(t *testing.T) {
	cov := Coverage{Deliveries: []Delivered{delivered("1", "2026-10"), delivered("2", "2026-09"), {Payer: "3", Month: "2026-12"}}}
	if got := cov.BilledTo().Format(time.DateOnly); got != "2026-10-31" {
		t.Errorf("got %s", got)
	}
	if !(Coverage{}).BilledTo().IsZero() {
		t.Error("an empty ledger is billed")
	}
}

// A span is cut where the period is.
func TestSpans(t *testing.T) {
	at := func(day, cost string) line { return line{day: day, cost: cost} }
	eng := &fake{coverage: bothMonths(), lines: []line{
		at("2026-10-01", "1"), at("2026-10-03", "3"), at("2026-09-01", "10"), at("2026-09-02", "20"), at("2026-09-09", "90"),
	}}
	f := func(g Granularity, p showback.Period, want string, ends ...showback.Period) {
		t.Helper()
		a := ask(t, eng, Question{Granularity: g, Period: p})
		wantShown(t, a, want)
		for i, r := range a.Blocks[0].Rows {
			if want := ends[i].End; r.End != want {
				t.Errorf("by %s: span %d ends %s, want %s", g, i, r.End, want)
			}
		}
	}
	f(Daily, days("2026-09-02", "2026-10-01"), `
USD
2026-09-02 20
2026-09-09 90
2026-10-01 1
total 111
  usage 111
`, days("2026-09-02", "2026-09-02"), days("2026-09-09", "2026-09-09"), days("2026-10-01", "2026-10-01"))
	f(Monthly, days("2026-09-02", "2026-10-02"), `
USD
2026-09-02 110
2026-10-01 1
total 111
  usage 111
`, days("2026-09", "2026-09"), days("2026-10-01", "2026-10-02"))
}
