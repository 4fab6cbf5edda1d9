package explore

import (
	"testing"

	"showback"
)

func TestCompare(t *testing.T) {
	cov := Coverage{Deliveries: []Delivered{delivered("111122223333", "2026-09"), delivered("111122223333", "2026-10")}}
	lines := usage("a/x|5", "b/x|4", "c/x|3", "d/x|2")
	for _, s := range usage("a/x|1", "b/x|10", "d/x|0.5", "gone/x|9", "small/x|0.25") {
		s.day = "2026-09-05"
		lines = append(lines, s)
	}
	lines = append(lines, line{day: "2026-09-06", currency: "EUR", cost: "7", values: map[string]string{"model": "a"}})
	eng := &fake{coverage: cov, lines: lines}
	compared := func(top int) *Answer {
		now := ask(t, eng, Question{By: keys("model"), Top: top})
		Compare(now, ask(t, eng, Question{By: keys("model"), Top: top, Period: days("2026-09", "2026-09")}))
		return now
	}
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

func TestCompareSpans(t *testing.T) {
	cov := Coverage{Deliveries: []Delivered{delivered("111122223333", "2026-09"), delivered("111122223333", "2026-10")}}
	at := func(day, cost string) line { return line{day: day, cost: cost} }
	eng := &fake{coverage: cov, lines: []line{
		at("2026-10-01", "1"), at("2026-10-03", "3"),
		at("2026-09-01", "10"), at("2026-09-02", "20"), at("2026-09-09", "90"),
	}}
	a := ask(t, eng, Question{Granularity: Daily, Period: days("2026-10-01", "2026-10-03")})
	Compare(a, ask(t, eng, Question{Granularity: Daily, Period: days("2026-09-01", "2026-09-10")}))
	wantShown(t, a, `
USD
2026-10-01 1 was 10
2026-10-02 0 was 20
2026-10-03 3 was 0
total 4 was 120
  usage 4
`)

	a = ask(t, eng, Question{Granularity: Monthly, Period: days("2026-09-02", "2026-10-31")})
	wantShown(t, a, `
USD
2026-09-02 110
2026-10-01 4
total 114
  usage 114
`)
	if r := a.Blocks[0].Rows[0]; r.End != days("2026-09-01", "2026-09-30").End {
		t.Errorf("the first span ends %s", r.End)
	}
}

func TestCompareMonths(t *testing.T) {
	var cov Coverage
	for m := showback.Month("2026-07"); m <= "2026-10"; m = m.Add(1) {
		cov.Deliveries = append(cov.Deliveries, delivered("111122223333", m))
	}
	at := func(day, cost string) line { return line{day: day, cost: cost} }
	eng := &fake{coverage: cov, lines: []line{
		at("2026-07-05", "1"), at("2026-08-05", "2"), at("2026-09-05", "3"),
	}}
	a := ask(t, eng, Question{Granularity: Monthly, Period: days("2026-09", "2026-10")})
	Compare(a, ask(t, eng, Question{Granularity: Monthly, Period: days("2026-07", "2026-08")}))
	wantShown(t, a, `
USD
2026-09-01 3 was 1
2026-10-01 0 was 2
total 3 was 3
  usage 3
`)
	if r := a.Blocks[0].Rows[1]; r.End != days("2026-10", "2026-10").End {
		t.Errorf("the added span ends %s", r.End)
	}
}

// What the basis did not carry before is not 0 before.
func TestCompareBasis(t *testing.T) {
	cov := Coverage{Deliveries: []Delivered{delivered("111122223333", "2026-09"), delivered("111122223333", "2026-10")}}
	lines := usage("a/x|5", "a/x|(not available)")
	lines[1].day, lines[1].unblended = "2026-09-05", "4"
	eng := &fake{coverage: cov, lines: lines}
	a := ask(t, eng, Question{Basis: showback.NetUnblended, By: keys("model")})
	Compare(a, ask(t, eng, Question{Basis: showback.NetUnblended, By: keys("model"), Period: days("2026-09", "2026-09")}))
	wantShown(t, a, `
USD
a 5 was (not available)
total 5 was (not available)
  usage 5
`)
}
