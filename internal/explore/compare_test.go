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

// Days of two months do not stand beside one another.
func TestCompareRefusesSpans(t *testing.T) {
	eng := &fake{coverage: october()}
	for _, g := range []Granularity{Daily, Monthly} {
		a := ask(t, eng, Question{Granularity: g})
		if err := Compare(t.Context(), eng, a, days("2026-09", "2026-09")); showback.KindOf(err) != showback.KindInvalid {
			t.Errorf("by %s: got %v, want an error of KindInvalid", g, err)
		}
	}
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
		if err := Compare(t.Context(), eng, a, days("2026-09", "2026-09")); err != nil {
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
