package forecast

import "math"

// What the days to come cost is the average of three forecasters that fail in
// different ways: damped smoothing, the mean of each day of the week over the
// last weeks, and a line through the last months that flattens out. Their average
// did better on bills than any of them (see docs/forecast.md).

const (
	recentWeeks = 6     // of the mean by day of the week
	halfLife    = 45    // days after which a day counts half for the line
	flattening  = 0.985 // what is left of the line's slope after a day
	lineNeeds   = 6 * week
	seasonFade  = 0.8 // what a week counts for the line's season, of the week after it
)

// history is days and what is worked out of them once.
type history struct {
	y      []float64
	sums   []float64
	around []float64 // the mean of the seven days around each, of those that have them
	rule   damped
}

func historyOf(billed []float64) *history {
	y := tamed(billed)
	h := &history{y: y, sums: runningSums(y), around: make([]float64, len(y)), rule: fit(y)}
	for i := range y {
		low := min(max(i-week/2, 0), max(len(y)-week, 0))
		high := min(low+week, len(y))
		h.around[i] = (h.sums[high] - h.sums[low]) / float64(high-low)
	}
	return h
}

// ahead returns what the n days after the first t cost, from those alone. m has
// learnt them.
func (h *history) ahead(m *smoother, t, n int) []float64 {
	days := m.ahead(n)
	recent := h.recent(t)
	for i := range days {
		days[i] += recent[i%week]
	}
	if t < lineNeeds {
		for i := range days {
			days[i] /= 2
		}
		return days
	}
	level, slope := h.line(t)
	season := h.season(t)
	rise, left := 0.0, 1.0
	for i := range days {
		left *= flattening
		rise += left
		days[i] = (days[i] + level + slope*rise + season[i%week]) / 3
	}
	return days
}

// tamed returns the days with those that are far out drawn nearer, so that one
// mistake that was billed for a day is not expected again, nor feared. What came
// before, as the few large days of who calls seldom do, is not far out, and the
// first weeks stay as they are: nothing was seen before to hold against them.
func tamed(billed []float64) []float64 {
	y := make([]float64, len(billed))
	m := startOf(billed, usual)
	largest := 0.0 // error so far
	for i, v := range billed {
		expected, far := m.next(), max(farOut*m.scale, 2*largest)
		y[i] = v
		off := math.Abs(m.learn(v))
		if i >= firstLooked && far > 0 && m.side < inRow && m.side > -inRow {
			y[i] = max(expected-far, min(expected+far, v))
		}
		largest = max(largest, off)
	}
	return y
}

// recent returns the means of the days of the week, the first that of day t.
func (h *history) recent(t int) (days [week]float64) {
	weeks := min(recentWeeks, t/week)
	for d := range week {
		for k := 1; k <= weeks; k++ {
			days[d] += h.y[t-week*k+d] / float64(weeks)
		}
	}
	return days
}

// line returns the level at the end of the first t days, by the last four weeks,
// and the slope of a line through all of them that forgets.
func (h *history) line(t int) (level, slope float64) {
	var w, wt, wy, wtt, wty float64
	weight := 1.0
	fade := math.Pow(0.5, 1.0/halfLife)
	for i := t - 1 - week/2; i >= week/2; i-- {
		at, v := float64(i-t), h.around[i]
		w += weight
		wt += weight * at
		wy += weight * v
		wtt += weight * at * at
		wty += weight * at * v
		weight *= fade
	}
	at, v := wt/w, wy/w
	slope = (wty/w - at*v) / (wtt/w - at*at)
	// The mean of four weeks is the level in their middle.
	return (h.sums[t]-h.sums[t-4*week])/(4*week) + slope*(4*week+1)/2, slope
}

// season returns what each day of the week adds to the days around it, the first
// that of day t.
func (h *history) season(t int) (days [week]float64) {
	sum := 0.0
	for d := range week {
		weight, total := 1.0, 0.0
		for i := t - week + d; i >= 0; i -= week {
			low := max(min(i-week/2, t-week), 0)
			days[d] += weight * (h.y[i] - (h.sums[low+week]-h.sums[low])/week)
			total += weight
			weight *= seasonFade
		}
		days[d] /= total
		sum += days[d]
	}
	for d := range days {
		days[d] -= sum / week
	}
	return days
}
