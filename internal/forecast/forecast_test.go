package forecast_test

import (
	"math"
	"math/big"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"showback"
	"showback/internal/estate"
	"showback/internal/forecast"
)

var monday = time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)

// seriesOf is a series of cents from a Monday on, the first of a month.
func seriesOf(cents []int64) forecast.Series {
	s := forecast.Series{First: monday}
	for _, c := range cents {
		s.Days = append(s.Days, showback.NewDecimal(big.NewInt(c), 2))
	}
	return s
}

// drawn are days with a weekly season, a trend, noise and now and then a zero.
func drawn(t *rapid.T) []int64 {
	n := rapid.IntRange(forecast.Least, 120).Draw(t, "days")
	r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
	level, trend := 1000+r.Float64()*100_000, (r.Float64()-0.3)*500
	noise := r.Float64()
	var cents []int64
	for d := range n {
		v := (level + trend*float64(d)) * (1 + noise*(r.ExpFloat64()-1))
		if d%7 > 4 {
			v /= 3
		}
		if r.IntN(20) == 0 {
			v = 0
		}
		cents = append(cents, 1+int64(math.Abs(v)))
	}
	return cents
}

func fit(t interface {
	Helper()
	Fatal(args ...any)
}, s forecast.Series) *forecast.Model {
	t.Helper()
	m, err := forecast.Fit(s)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func number(d showback.Decimal) float64 {
	f, err := strconv.ParseFloat(d.String(), 64)
	if err != nil {
		panic(err)
	}
	return f
}

func near(a, b, of float64) bool { return math.Abs(a-b) <= 1e-6*math.Abs(of)+1e-5 }

// A bill in another unit is forecast in that unit.
func TestScaledAlike(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cents := drawn(t)
		by := rapid.Int64Range(2, 50).Draw(t, "by")
		times := make([]int64, len(cents))
		for i, c := range cents {
			times[i] = by * c
		}
		a, b := fit(t, seriesOf(cents)), fit(t, seriesOf(times))
		end := seriesOf(cents).Start().AddDate(0, 0, 30)
		x, y := a.Total(end, 80), b.Total(end, 80)
		f := float64(by)
		if !near(f*number(x.Mean), number(y.Mean), number(y.Upper)) || !near(f*number(x.Upper), number(y.Upper), number(y.Upper)) {
			t.Fatalf("%d times the bill: %v, want %v × %d", by, y.Estimate, x.Estimate, by)
		}
	})
}

// An amount more on each day is one more on each day ahead, and no more doubt.
func TestShiftedAlike(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cents := drawn(t)
		more := rapid.Int64Range(1_000_000, 2_000_000).Draw(t, "more")
		shift := func(by int64) []int64 {
			out := make([]int64, len(cents))
			for i, c := range cents {
				out[i] = c + by
			}
			return out
		}
		// Both far from 0, where means and bounds end.
		a, b := fit(t, seriesOf(shift(100_000_000))), fit(t, seriesOf(shift(100_000_000+more)))
		end := seriesOf(cents).Start().AddDate(0, 0, 20)
		x, y := a.Days(end, 80), b.Days(end, 80)
		for i := range x {
			f := float64(more) / 100
			// The search for the best rule ends a little apart.
			if of := number(x[i].Upper) - number(x[i].Lower); math.Abs(number(x[i].Mean)+f-number(y[i].Mean)) > 0.02*of+0.01 {
				t.Fatalf("day %d, %d more each day: %v, want %v and that", i, more, y[i].Estimate, x[i].Estimate)
			}
		}
	})
}

// A higher level never has a bound inside that of a lower one.
func TestLevelsNest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := seriesOf(drawn(t))
		m := fit(t, s)
		end := s.Start().AddDate(0, 0, 60)
		var last []forecast.Row
		for level := forecast.MinLevel; level <= forecast.MaxLevel; level += 6 {
			rows := append(append(m.Days(end, level), m.Months(end, level)...), m.Total(end, level))
			for i, r := range rows {
				if r.Lower.Cmp(r.Mean) > 0 || r.Mean.Cmp(r.Upper) > 0 {
					t.Fatalf("level %d, %s: %s is not within %s and %s", level, r.Period.Inclusive(), r.Mean, r.Lower, r.Upper)
				}
				if last != nil && (r.Lower.Cmp(last[i].Lower) > 0 || r.Upper.Cmp(last[i].Upper) < 0) {
					t.Fatalf("level %d, %s: bounds %s and %s are inside those of a lower level, %s and %s",
						level, r.Period.Inclusive(), r.Lower, r.Upper, last[i].Lower, last[i].Upper)
				}
			}
			last = rows
		}
	})
}

// Days, months and the total are one forecast: their means add up, and the
// bounds of a sum lie within the sums of the days' bounds.
func TestSumsOfDays(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := seriesOf(drawn(t))
		s.Once = map[string]map[showback.Month]showback.Decimal{"Tax": {}}
		for _, m := range (showback.Period{Start: s.First, End: s.Start()}).Months() {
			s.Once["Tax"][m] = showback.MustDecimal("12.5")
		}
		m := fit(t, s)
		end := showback.MonthOf(s.Start()).Add(2).Start()
		total := m.Total(end, 80)
		f := func(name string, rows []forecast.Row) (lower, upper float64) {
			t.Helper()
			var sum showback.Decimal
			for _, r := range rows {
				sum = sum.Add(r.Mean)
				lower, upper = lower+number(r.Lower), upper+number(r.Upper)
			}
			if off := number(sum.Sub(total.Mean).Abs()); off > 1e-4 {
				t.Fatalf("%s add up to %s, the total is %s", name, sum, total.Mean)
			}
			return lower, upper
		}
		f("months", m.Months(end, 80))
		f("days", m.Days(end, 80))
	})
}

// By hand: two weeks of 10 a day on working days and 2 on weekends say the same
// of the next week, without any doubt; one of them outside that has.
func TestTwoPlainWeeks(t *testing.T) {
	var cents []int64
	for range 2 {
		cents = append(cents, 1000, 1000, 1000, 1000, 1000, 200, 200)
	}
	s := seriesOf(cents)
	rows := fit(t, s).Days(s.Start().AddDate(0, 0, 7), 95)
	want := []string{"10", "10", "10", "10", "10", "2", "2"}
	for i, r := range rows {
		if got := r.Mean.String(); got != want[i] || r.Lower.String() != got || r.Upper.String() != got {
			t.Errorf("%s: got %v, want %s and no doubt", r.Period.Inclusive(), r.Estimate, want[i])
		}
	}
	cents[9] = 4000
	rows = fit(t, seriesOf(cents)).Days(s.Start().AddDate(0, 0, 7), 95)
	if r := rows[0]; r.Upper.Sub(r.Lower).Cmp(showback.MustDecimal("20")) < 0 {
		t.Errorf("one day of 40 among 10s: got %v, want wide bounds", r.Estimate)
	}
}

// By hand: a month of 10 a day has tax of a tenth and a fee of 7; so has the
// next, and a fee that came in one month alone is not expected.
func TestOnceAMonth(t *testing.T) {
	cents := make([]int64, 30+31+31+10) // June to 10 September
	for i := range cents {
		cents[i] = 1000
	}
	s := seriesOf(cents)
	s.Unfinished = []showback.Decimal{showback.MustDecimal("4")}
	s.Once = map[string]map[showback.Month]showback.Decimal{
		"Tax":                   {"2026-06": showback.MustDecimal("30"), "2026-07": showback.MustDecimal("31"), "2026-08": showback.MustDecimal("31"), "2026-09": showback.MustDecimal("10")},
		"Fee":                   {"2026-06": showback.MustDecimal("7"), "2026-07": showback.MustDecimal("7"), "2026-08": showback.MustDecimal("7"), "2026-09": showback.MustDecimal("7")},
		"SavingsPlanUpfrontFee": {"2026-07": showback.MustDecimal("4380")},
	}
	rows := fit(t, s).Months(time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC), 80)
	f := func(i int, billed, mean, once string) {
		t.Helper()
		r := rows[i]
		if r.Billed.String() != billed || r.Mean.String() != mean || r.Once.String() != once {
			t.Errorf("%s: got %s billed, %s to come, %s of it once a month; want %s, %s, %s", r.Period.Inclusive(), r.Billed, r.Mean, r.Once, billed, mean, once)
		}
	}
	f(0, "121", "216", "20") // 10 days, 4 of the next, tax and fee; 6 + 19 days and their tax
	f(1, "0", "348", "38")   // 31 days, tax, fee
	if r := rows[0]; r.Period.Start.Day() != 1 {
		t.Errorf("the current month begins on %s, want its first", r.Period.Start)
	}
}

// What is short of two weeks is refused, with the day on which it is not.
func TestLittleHistory(t *testing.T) {
	f := func(days int, want, hint string) {
		t.Helper()
		cents := make([]int64, 20+days) // 20 days before the first charge
		for i := range days {
			cents[20+i] = 100
		}
		_, err := forecast.Fit(seriesOf(cents))
		switch {
		case want == "" && err != nil:
			t.Errorf("%d days: %v", days, err)
		case want != "" && (err == nil || err.Error() != want || showback.HintOf(err) != hint || showback.KindOf(err) != showback.KindNotFound):
			t.Errorf("%d days: got %v (%s), want %s (%s)", days, err, showback.HintOf(err), want, hint)
		}
	}
	f(14, "", "")
	f(13, "forecast: 13 finished days since the first charge on 2026-06-21, want 14 at least",
		"there is enough once 2026-07-04 is billed and finished")
	f(0, "forecast: no charge on any finished day before 2026-06-21", "")
}

// Series that hurt: a forecast comes near what a person would say.
func TestStress(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	f := func(name string, low, high float64, day func(d int) float64) {
		t.Helper()
		var cents []int64
		for d := range 140 {
			cents = append(cents, int64(100*day(d)))
		}
		s := seriesOf(cents)
		row := fit(t, s).Total(s.Start().AddDate(0, 0, 28), 80)
		if got := number(row.Mean) / 28; got < low || got > high {
			t.Errorf("%s: got %.2f a day, want %.2f to %.2f", name, got, low, high)
		}
	}
	noise := func(v float64) float64 { return v * (0.9 + 0.2*r.Float64()) }
	f("one day of a hundred times as much does not stay", 95, 130, func(d int) float64 {
		if d == 130 {
			return 10_000
		}
		return noise(100)
	})
	f("a new level, two weeks ago", 160, 230, func(d int) float64 {
		if d >= 126 {
			return noise(200)
		}
		return noise(100)
	})
	f("nothing any more, for two months", 0, 2, func(d int) float64 {
		if d >= 80 {
			return 0
		}
		return noise(100)
	})
	f("three days in seven", 38, 48, func(d int) float64 {
		if d%7 > 2 {
			return 0
		}
		return noise(100)
	})
	f("growth of one a day", 235, 275, func(d int) float64 { return noise(100 + float64(d)) })
	f("credits outweigh usage", -60, -40, func(d int) float64 { return -noise(50) })
}

// On bills of made-up companies the bounds hold as often as they say, to five
// points, over accounts and days, and the error is less than that of every naive way.
func TestCoverageOnTheEstate(t *testing.T) {
	if testing.Short() {
		t.Skip("forecasts some thousand times")
	}
	var all []forecast.Series
	through := time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)
	for seed := range uint64(2) {
		all = append(all, byAccount(estate.New(estate.Config{Seed: seed + 11, Through: through}), through)...)
	}
	scores, used, err := forecast.Backtest(all)
	if err != nil {
		t.Fatal(err)
	}
	if used < 10 {
		t.Fatalf("%d series, want more", used)
	}
	for _, s := range scores {
		t.Log(s)
		if s.Method == forecast.Ours {
			for i, level := range forecast.Levels {
				if off := math.Abs(number(s.Covered[i]) - float64(level)); off > 5 {
					t.Errorf("%s: bounds of %d%% held %s of 100", s.Target, level, s.Covered[i])
				}
			}
			continue
		}
		for _, o := range scores {
			if o.Method == forecast.Ours && o.Target == s.Target && (o.MASE.Cmp(s.MASE) >= 0 || o.Pinball.Cmp(s.Pinball) >= 0) {
				t.Errorf("%s: %s has a MASE of %s and pinball of %s, this package %s and %s", s.Target, s.Method, s.MASE, s.Pinball, o.MASE, o.Pinball)
			}
		}
	}
}

// byAccount are the daily usage sums of a company's accounts, in dollars, but for
// the last day, which is unfinished.
func byAccount(e *estate.Estate, through time.Time) []forecast.Series {
	sums := map[string]map[time.Time]showback.Decimal{}
	var names []string
	for c := range e.Charges() {
		if c.Currency != "USD" || c.Type != "Usage" || !strings.Contains(c.Meter.ProductCode, "Bedrock") {
			continue
		}
		if sums[c.Account] == nil {
			sums[c.Account] = map[time.Time]showback.Decimal{}
			names = append(names, c.Account)
		}
		day := showback.Day(c.CountedOn())
		sums[c.Account][day] = sums[c.Account][day].Add(c.Amounts[showback.Unblended])
	}
	var all []forecast.Series
	first := showback.MonthOf(through).Add(-11).Start()
	for _, name := range names {
		s := forecast.Series{First: first}
		for d := first; d.Before(through); d = d.AddDate(0, 0, 1) {
			s.Days = append(s.Days, sums[name][d])
		}
		all = append(all, s)
	}
	return all
}
