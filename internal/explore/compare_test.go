package explore

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"showback"
)

// bothMonths is the coverage of one payer's closed September and October.
func bothMonths() Coverage {
	return Coverage{Deliveries: []Delivered{delivered("111122223333", "2026-09"), delivered("111122223333", "2026-10")}}
}

// compared asks the question and sets September beside.
func compared(t *testing.T, eng Engine, q Question) *Answer {
	t.Helper()
	a := ask(t, eng, q)
	if err := Compare(t.Context(), eng, a, days("2026-09", "2026-09")); err != nil {
		t.Fatal(err)
	}
	return a
}

func TestCompare(t *testing.T) {
	cov := bothMonths()
	lines := usage("a/x|5", "b/x|4", "c/x|3", "d/x|2")
	for _, s := range usage("a/x|1", "b/x|10", "d/x|0.5", "gone/x|9", "small/x|0.25") {
		s.day = "2026-09-05"
		lines = append(lines, s)
	}
	lines = append(lines, line{day: "2026-09-06", currency: "EUR", cost: "7", values: map[string]string{"model": "a"}})
	eng := &fake{coverage: cov, lines: lines}
	compared := func(top int) *Answer { return compared(t, eng, Question{By: keys("model"), Top: top}) }
	a := compared(0)
	wantShown(t, a, `
USD
a 5 was 1
b 4 was 10
c 3 was 0
d 2 was 0.5
gone 0 was 9
small 0 was 0.25
total 14 was 20.75
  usage 14
EUR
a 0 was 7
total 0 was 7
`)
	if a.ComparedWith != days("2026-09", "2026-09") {
		t.Errorf("compared with %v", a.ComparedWith)
	}
	// What was folded in one of the two answers is still matched, and what
	// stopped is ranked by what it was.
	wantShown(t, compared(3), `
USD
a 5 was 1
b 4 was 10
gone 0 was 9
others 3 5 was 0.75
total 14 was 20.75
  usage 14
EUR
a 0 was 7
total 0 was 7
`)
}

// Nothing but the main plan is run again.
func TestCompareRunsOnePlan(t *testing.T) {
	eng := &fake{coverage: bothMonths(), lines: usage("a/x|5")}
	a := ask(t, eng, Question{By: keys("model"), Filter: where("model = a"), Access: where("model != b")})
	want := eng.ran[0]
	want.Period = days("2026-09", "2026-09")
	eng.ran = nil
	if err := Compare(t.Context(), eng, a, want.Period); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]Plan{want}, eng.ran); diff != "" {
		t.Errorf("plans (-want +got):\n%s", diff)
	}
}

// While the month is open, what is billed on first days stands whole beside it.
func TestCompareWithOpenMonth(t *testing.T) {
	first := func(class showback.ChargeClass, cost, currency string) line {
		return line{day: "2026-09-01", class: class, cost: cost, currency: currency}
	}
	lines := append(usage("a/x|5"), first("", "4", ""), first(showback.ClassTax, "1.5", ""), first(showback.ClassTax, "2", "EUR"),
		first(showback.ClassCredit, "-3", ""), first(showback.ClassFee, "0", ""),
		first(showback.ClassDiscount, "-7", ""), line{day: "2026-09-20", class: showback.ClassDiscount, cost: "-8"}) // not whole by the 13th
	f := func(open bool, q Question, want string) {
		t.Helper()
		cov := bothMonths()
		cov.Deliveries[1].Open = open
		eng := &fake{coverage: cov, lines: lines}
		a := ask(t, eng, q)
		a.Notes = nil
		if err := Compare(t.Context(), eng, a, days("2026-09-01", "2026-09-13")); err != nil {
			t.Fatal(err)
		}
		if got := shownNotes(a.Notes); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	f(true, Question{}, "previous-has-whole-month: previous has of 2026-09 as a whole what AWS bills on a month's first days: "+
		"credits -$3.00, tax €2.00 and $1.50; for the change of usage alone ask with --charges usage\n")
	f(true, Question{Classes: []showback.ChargeClass{showback.ClassUsage}}, "")
	f(true, Question{Filter: where("model = a")}, "")
	f(false, Question{}, "")
}

// What cannot be asked of the month before fails no answer.
func TestCompareWithNothing(t *testing.T) {
	wide := bothMonths()
	wide.Deliveries[0].WideKeys = []showback.TagKey{{Source: showback.TagCaller, Name: "sprint"}}
	f := func(cov Coverage, by, note string) {
		t.Helper()
		eng := &fake{coverage: cov, lines: usage("a/x|5")}
		a := ask(t, eng, Question{By: keys(by)})
		before := shown(a)
		a.Notes = nil
		if err := CompareIfPossible(t.Context(), eng, a, days("2026-09", "2026-09")); err != nil {
			t.Fatal(err)
		}
		if got := shownNotes(a.Notes); got != note || shown(a) != before || a.ComparedWith != (showback.Period{}) {
			t.Errorf("by %s: got %q, compared with %v:\n%swant %q and the answer as it was", by, got, a.ComparedWith, shown(a), note)
		}
	}
	f(october(), "model", "")
	f(wide, "tag:sprint", "not-compared: nothing stands beside from 2026-09-01 to 2026-09-30: tag:sprint has too many values to keep in 2026-09\n")
}

// What the basis did not carry before is not 0 before.
func TestCompareBasis(t *testing.T) {
	cov := bothMonths()
	lines := usage("a/x|5", "a/x|(not available)")
	lines[1].day, lines[1].unblended = "2026-09-05", "4"
	eng := &fake{coverage: cov, lines: lines}
	a := compared(t, eng, Question{Basis: showback.NetUnblended, By: keys("model")})
	wantShown(t, a, `
USD
a 5 was (not available)
total 5 was (not available)
  usage 5
`)
}

// Spans stand beside those that are as many spans after the start; a longer
// period's last ones are rows of their own.
func TestCompareSpans(t *testing.T) {
	lines := []line{
		{day: "2026-10-01", cost: "1"}, {day: "2026-10-02", cost: "2"}, {day: "2026-10-05", cost: "4"}, {day: "2026-10-31", cost: "8"},
		{day: "2026-08-01", cost: "16"}, {day: "2026-08-05", cost: "32"}, {day: "2026-08-30", cost: "64"}, {day: "2026-08-31", cost: "128"},
		{day: "2026-09-02", cost: "256"}, {day: "2026-09-06", cost: "512"}, {day: "2026-09-07", cost: "1024"},
	}
	cov := bothMonths()
	cov.Deliveries = append(cov.Deliveries, delivered("111122223333", "2026-08"))
	for i := range cov.Deliveries {
		cov.Deliveries[i].Hourly = true
	}
	f := func(g Granularity, period, beside showback.Period, want string) {
		t.Helper()
		a := ask(t, &fake{coverage: cov, lines: lines}, Question{Period: period, Granularity: g})
		if err := Compare(t.Context(), &fake{coverage: cov, lines: lines}, a, beside); err != nil {
			t.Fatal(err)
		}
		var got string
		for _, r := range a.Blocks[0].Rows {
			text := func(p showback.Period) string {
				if p.Empty() {
					return "-"
				}
				return p.Start.Format("01-02T15") + ".." + p.End.Format("01-02T15")
			}
			got += text(showback.Period{Start: r.Start, End: r.End}) + " " + figureText(r.Cost) + ", " + text(r.Beside) + " " + figureText(r.Previous.Cost) + "\n"
		}
		got += figureText(a.Blocks[0].Total.Cost) + ", " + figureText(a.Blocks[0].Previous.Cost) + "\n"
		if want = want[1:]; got != want {
			t.Errorf("%s: got\n%swant\n%s", g, got, want)
		}
	}
	f(Daily, days("2026-10-01", "2026-10-05"), days("2026-08-01", "2026-08-05"), `
10-01T00..10-02T00 1, 08-01T00..08-02T00 16
10-02T00..10-03T00 2, 08-02T00..08-03T00 0
10-05T00..10-06T00 4, 08-05T00..08-06T00 32
7, 48
`)
	// The 31 days of August beside the 30 of September, and the other way round.
	f(Daily, days("2026-09", "2026-09"), days("2026-08", "2026-08"), `
09-01T00..09-02T00 0, 08-01T00..08-02T00 16
09-02T00..09-03T00 256, 08-02T00..08-03T00 0
09-05T00..09-06T00 0, 08-05T00..08-06T00 32
09-06T00..09-07T00 512, 08-06T00..08-07T00 0
09-07T00..09-08T00 1024, 08-07T00..08-08T00 0
09-30T00..10-01T00 0, 08-30T00..08-31T00 64
- 0, 08-31T00..09-01T00 128
1792, 240
`)
	f(Daily, days("2026-10-31", "2026-10-31"), days("2026-09-01", "2026-09-01"), `
10-31T00..11-01T00 8, 09-01T00..09-02T00 0
8, 0
`)
	// Weeks from Thursday 1 October beside those from Tuesday 1 September.
	f(Weekly, days("2026-10", "2026-10"), days("2026-09", "2026-09"), `
10-01T00..10-05T00 3, 09-01T00..09-07T00 768
10-05T00..10-12T00 4, 09-07T00..09-14T00 1024
10-26T00..11-01T00 8, 09-28T00..10-01T00 0
15, 1792
`)
	f(Monthly, days("2026-09-07", "2026-10-01"), days("2026-08-05", "2026-09-06"), `
09-07T00..10-01T00 1024, 08-05T00..09-01T00 224
10-01T00..10-02T00 1, 09-01T00..09-07T00 768
1025, 992
`)
	f(Hourly, days("2026-10-01", "2026-10-02"), days("2026-09-01", "2026-09-03"), `
10-01T00..10-01T01 1, 09-01T00..09-01T01 0
10-02T00..10-02T01 2, 09-02T00..09-02T01 256
3, 256
`)
}

// Order and top are those of both periods together.
func TestCompareSorted(t *testing.T) {
	lines := usage("a/x|5", "b/x|4", "new/x|3")
	for _, s := range usage("a/x|10", "b/x|3", "gone/x|1") {
		s.day = "2026-09-05"
		lines = append(lines, s)
	}
	f := func(top int, sort, want string) {
		t.Helper()
		q := Question{By: keys("model"), Top: top}
		q.Sort = order(t, sort)
		wantShown(t, compared(t, &fake{coverage: bothMonths(), lines: lines}, q), "\nUSD\n"+want+"total 12 was 14\n  usage 12\n")
	}
	f(0, "change", "a 5 was 10\ngone 0 was 1\nb 4 was 3\nnew 3 was 0\n")
	f(0, "-change-percent", "b 4 was 3\na 5 was 10\ngone 0 was 1\nnew 3 was 0\n")
	f(1, "-change", "new 3 was 0\nothers 3 9 was 14\n")
	f(1, "", "a 5 was 10\nothers 3 7 was 4\n")
}

// What was asked for and cannot be compared is an error, and the answer stays.
func TestCompareErrors(t *testing.T) {
	wide, coarse := bothMonths(), bothMonths()
	wide.Deliveries[0].WideKeys = []showback.TagKey{{Source: showback.TagCaller, Name: "sprint"}}
	coarse.Deliveries[1].Hourly = true
	f := func(cov Coverage, q Question, kind showback.Kind, want string) {
		t.Helper()
		eng := &fake{coverage: cov, lines: usage("a/x|5")}
		a := ask(t, eng, q)
		before := shown(a)
		err := Compare(t.Context(), eng, a, days("2026-09", "2026-09"))
		if err == nil || err.Error() != want || showback.KindOf(err) != kind || showback.HintOf(err) == "" {
			t.Errorf("got %v, hint %q, want %s: %s", err, showback.HintOf(err), kind, want)
		}
		if shown(a) != before || a.ComparedWith != (showback.Period{}) {
			t.Errorf("%s: the answer is now\n%s", want, shown(a))
		}
	}
	f(october(), Question{}, showback.KindNotFound, "compare: ask 2026-09-01 to 2026-09-30: no bill in that period")
	f(wide, Question{By: keys("tag:sprint")}, showback.KindInvalid, "compare: ask: tag:sprint has too many values to keep in 2026-09")
	f(coarse, Question{Granularity: Hourly}, showback.KindInvalid, `compare: ask by hour: export "cur" of payer 111122223333 in 2026-09 bills by the day`)
}
