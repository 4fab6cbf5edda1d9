package forecast

import (
	"math/big"
	"strconv"
	"time"

	"showback"
)

// Places is how many decimals estimates have, rounded half away from zero.
const Places = 6

// Least is how many finished days a forecast takes, from the first day with a
// charge on: two of each day of the week. AWS forecasts nothing for an account
// that has less than about one billing cycle. (AWS Cost Management User Guide,
// "Forecasting with Cost Explorer", 2026-09.) With less than a cycle bounds here
// are wide, as they must be.
const Least = 2 * week

// Cycle is about a billing cycle, in days: with less history there is a
// forecast, but a trend cannot be seen yet.
const Cycle = lineNeeds

// The levels of prediction intervals, in percent, that may be asked for. (AWS
// Cost Explorer API reference, "GetCostForecast", 2026-09: PredictionIntervalLevel.)
const MinLevel, MaxLevel, UsualLevel = 51, 99, 80

// Series is what was billed, in one currency and on one basis.
type Series struct {
	First time.Time // first instant of the first day, UTC
	// Days are sums of the charges that come daily, one for each day from First
	// on, of finished days only. Days before the first that is not 0 do not count.
	Days []showback.Decimal
	// Unfinished are the same for the days right after, to which AWS still adds:
	// what they have so far is no measure of a day.
	Unfinished []showback.Decimal
	// Once are the charges that come once a month, by kind (Tax, Fee, …) and the
	// month they count in.
	Once map[string]map[showback.Month]showback.Decimal
}

// Start returns the first day that is forecast.
func (s Series) Start() time.Time { return s.First.AddDate(0, 0, len(s.Days)) }

// ComesOnce reports whether charges of one kind come once a month rather than
// daily, by the days on which there are any: most of those are the first or the
// last of a month, where a bill has what belongs to no day.
func ComesOnce(days []time.Time) bool {
	within := 0
	for _, d := range days {
		if d.Day() != 1 && d.AddDate(0, 0, 1).Day() != 1 {
			within++
		}
	}
	return 2*within < len(days)
}

// Estimate is a forecast: no billed money. The bounds hold what comes with the
// probability of the level. They are rounded to Places.
type Estimate struct {
	Mean, Lower, Upper showback.Decimal
}

// Row is the forecast of one span.
type Row struct {
	Period showback.Period
	// Billed is what of the span is billed already: of the current month's row
	// all its charges so far, daily and once a month.
	Billed showback.Decimal
	// To come on top of Billed.
	Estimate
	// Once is the part of Mean that is of charges that come once a month.
	Once showback.Decimal
}

// Expected returns what is billed and what is forecast together.
func (r Row) Expected() showback.Decimal { return r.Billed.Add(r.Mean) }

// floatOf reads an amount for the statistics; the nearest float is near enough
// for an estimate.
func floatOf(d showback.Decimal) float64 {
	f, _ := new(big.Rat).SetFrac(d.Unscaled(showback.AmountScale), scaleOne).Float64()
	return f
}

var scaleOne = new(big.Int).Exp(big.NewInt(10), big.NewInt(showback.AmountScale), nil)

// decimalOf rounds a figure of the statistics.
func decimalOf(f float64, places int32) showback.Decimal {
	return showback.MustDecimal(strconv.FormatFloat(f, 'f', -1, 64)).Round(places)
}

func floats(days []showback.Decimal) []float64 {
	y := make([]float64, len(days))
	for i, d := range days {
		y[i] = floatOf(d)
	}
	return y
}
