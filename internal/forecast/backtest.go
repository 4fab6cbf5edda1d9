package forecast

import (
	"math"
	"time"

	"gonum.org/v1/gonum/stat/distuv"

	"showback"
)

// Method is a way to forecast, to be compared.
type Method string

// The methods of a back-test: this package's and what anyone could do.
const (
	Ours          Method = "showback"
	LastValue     Method = "last value"     // every day as the last one
	Mean          Method = "mean"           // as the mean of all days
	SeasonalNaive Method = "seasonal naive" // as the same day of the week last week
)

// Methods are all of them.
var Methods = []Method{Ours, LastValue, Mean, SeasonalNaive}

// Levels are those whose coverage a back-test counts, in percent.
var Levels = []int{50, 80, 95}

// What is forecast in a back-test.
const (
	OneDay    = "day"     // each of the 28 days ahead
	FourWeeks = "28 days" // their sum
)

// Score says how well a method forecast one target. Its figures are statistics,
// rounded to one or three decimals as said.
type Score struct {
	Method Method
	Target string
	Count  int // forecasts compared with what was billed
	// MAE is the mean absolute error in the currency (two decimals), Percent the
	// same in percent of the mean of what was billed (one decimal).
	MAE, Percent showback.Decimal
	// MASE is the absolute error over that which a seasonal naive forecast of
	// the next week made in the history before, the mean over forecasts (three
	// decimals). (Hyndman, Koehler: "Another look at measures of forecast accuracy",
	// 2006.)
	MASE showback.Decimal
	// Pinball is the mean loss of the quantiles that bound the Levels, in percent
	// of the mean of what was billed (one decimal); less is better.
	Pinball showback.Decimal
	// Covered is for each of Levels how many of 100 were within its bounds (one
	// decimal).
	Covered []showback.Decimal
}

const (
	// backtestFrom is the shortest history forecast from, backtestStep the days
	// between two.
	backtestFrom = 8 * week
	backtestStep = 5
	backtestSpan = 4 * week
)

// Backtest forecasts 28 days from days of the past, every fifth, and compares
// with what was billed: by each method, days and their sum. Each series counts in
// its currency, so they must be of one. It takes the daily charges alone.
// Series with less than 84 finished days since the first charge are left out;
// none left is KindNotFound.
func Backtest(all []Series) ([]Score, int, error) {
	tallies := map[Method]map[string]*tally{}
	for _, m := range Methods {
		tallies[m] = map[string]*tally{OneDay: {}, FourWeeks: {}}
	}
	used, longest := 0, 0
	for _, s := range all {
		y := floats(s.Days)
		for len(y) > 0 && y[0] == 0 {
			y = y[1:]
		}
		longest = max(longest, len(y))
		if len(y) < backtestFrom+backtestSpan {
			continue
		}
		used++
		for t := backtestFrom; t+backtestSpan <= len(y); t += backtestStep {
			compareAt(tallies, y, t)
		}
	}
	if used == 0 {
		return nil, 0, showback.WithHint(showback.Errorf(showback.KindNotFound,
			"back-test: %d finished days at most, want %d", longest, backtestFrom+backtestSpan), "import more months of bills")
	}
	var scores []Score
	for _, target := range []string{OneDay, FourWeeks} {
		for _, m := range Methods {
			scores = append(scores, tallies[m][target].score(m, target))
		}
	}
	return scores, used, nil
}

// compareAt forecasts from the first t days.
func compareAt(tallies map[Method]map[string]*tally, y []float64, t int) {
	unit := 0.0
	for i := week; i < t; i++ {
		unit += math.Abs(y[i]-y[i-week]) / float64(t-week)
	}
	actual := y[t : t+backtestSpan]
	sum := 0.0
	for _, v := range actual {
		sum += v
	}
	for _, method := range Methods {
		f := forecasterOf(method, y[:t])
		total := 0.0
		for i, v := range f.mean {
			total += v
			tallies[method][OneDay].add(actual[i], v, unit, func(level int) float64 { return f.half(i, i+1, level) })
		}
		tallies[method][FourWeeks].add(sum, total, unit*backtestSpan, func(level int) float64 { return f.half(0, backtestSpan, level) })
	}
}

// forecaster is what a method says of the days ahead: means, and how far bounds of
// sums are off.
type forecaster struct {
	mean []float64
	half func(from, to, level int) float64
}

// forecasterOf returns a method's forecast, with the bounds that textbooks give
// for the naive ones. (Hyndman, Athanasopoulos: "Forecasting: Principles and
// Practice", 3rd edition, section 5.5.)
func forecasterOf(method Method, y []float64) forecaster {
	if method == Ours {
		return ours(y)
	}
	n := len(y)
	f := forecaster{mean: make([]float64, backtestSpan)}
	back, middle := 1, mean(y)
	if method == SeasonalNaive {
		back = week
	}
	for i := range f.mean {
		f.mean[i] = middle
		if method != Mean {
			f.mean[i] = y[n-back+i%back]
		}
	}
	square := 0.0
	for i := back; i < n; i++ {
		off := y[i] - y[i-back]
		if method == Mean {
			off = y[i] - middle
		}
		square += off * off / float64(n-back)
	}
	f.half = func(from, to, level int) float64 {
		// An error is carried on by each later day of the same place in the season.
		steps := 0.0
		for step := 0; step < to; step++ {
			w := 0.0
			for h := step; h < to; h += back {
				if h >= from {
					w++
				}
			}
			steps += w * w
		}
		if method == Mean {
			days := float64(to - from)
			steps = days + days*days/float64(n)
		}
		return distuv.UnitNormal.Quantile(0.5+float64(level)/200) * math.Sqrt(square*steps)
	}
	return f
}

func ours(y []float64) forecaster {
	s := Series{First: time.Unix(0, 0).UTC()}
	m := &Model{series: s, history: historyOf(y), never: true}
	for _, v := range y {
		m.never = m.never && v >= 0
	}
	m.wrong, m.last = m.history.wrongOf(), m.history.learnt()
	return forecaster{mean: m.ahead(backtestSpan), half: func(from, to, level int) float64 {
		return m.wrong.factor(to-from, float64(level)) * math.Sqrt(m.wrong.variance(from, to))
	}}
}

// tally adds up how well a method did.
type tally struct {
	n, scaled, off, actual, share, pinball float64
	covered                                [3]float64
}

func (a *tally) add(actual, mean, unit float64, half func(level int) float64) {
	off := math.Abs(actual - mean)
	a.n++
	a.off += off
	a.actual += actual
	if unit > 0 {
		a.scaled++
		a.share += off / unit
	}
	for k, level := range Levels {
		h := half(level)
		if off <= h*(1+1e-9) {
			a.covered[k]++
		}
		tail := 0.5 - float64(level)/200
		a.pinball += pinball(tail, actual-(mean-h)) + pinball(1-tail, actual-(mean+h))
	}
}

// pinball is the loss of a quantile that is off by so much. (Koenker, Bassett:
// "Regression quantiles", 1978.)
func pinball(quantile, off float64) float64 { return max(quantile*off, (quantile-1)*off) }

func (a *tally) score(m Method, target string) Score {
	s := Score{Method: m, Target: target, Count: int(a.n), MAE: decimalOf(a.off/a.n, 2)}
	if a.actual > 0 {
		s.Percent = decimalOf(100*a.off/a.actual, 1)
		s.Pinball = decimalOf(100*a.pinball/a.actual/float64(2*len(Levels)), 1)
	}
	if a.scaled > 0 {
		s.MASE = decimalOf(a.share/a.scaled, 3)
	}
	for k := range Levels {
		s.Covered = append(s.Covered, decimalOf(100*a.covered[k]/a.n, 1))
	}
	return s
}
