package forecast

import (
	"math"
	"slices"
)

// week is the length of the season.
const week = 7

// damped says how a smoother learns: the shares of an error that level, trend
// and season take over, and what is left of the trend after a day.
type damped struct {
	level, trend, season, damping float64
}

// smoother is additive exponential smoothing with a damped trend and a weekly
// season. (Hyndman, Koehler, Ord, Snyder: "Forecasting with Exponential
// Smoothing", 2008, model A,Ad,A.) An error beyond what is usual counts as the
// largest usual one, so that an outlier does not bend the level; one of three
// in a row on the same side counts whole, for then the level has moved.
// (The bound follows Gelper, Fried, Croux: "Robust forecasting with
// exponential and Holt-Winters smoothing", 2010.)
type smoother struct {
	by    damped
	level float64
	slope float64
	days  [week]float64 // what each day of the week adds; they sum to 0
	at    int           // index of the next day
	scale float64       // of one day's error
	extra float64       // what errors beyond the bound were, on average, past it
	side  int           // how many errors in a row were beyond the bound, with their sign
}

const (
	bound   = 3.0   // scales
	inRow   = 3     // errors beyond the bound on the same side that are a new level
	scaling = 0.04  // share of the scale that a day renews
	rare    = 0.015 // share of what is beyond the bound on average that a day renews
	farOut  = 10.0  // scales that a day counts at most: see tamed
)

// startOf returns a smoother before the first day, of what the first weeks say.
func startOf(y []float64, by damped) smoother {
	m := smoother{by: by}
	first := y[:min(len(y), 4*week)/week*week]
	m.level = median(first)
	var sum float64
	for d := range week {
		var same []float64
		for i := d; i < len(first); i += week {
			same = append(same, first[i]-m.level)
		}
		m.days[d] = median(same)
		sum += m.days[d]
	}
	for d := range m.days {
		m.days[d] -= sum / week
	}
	m.level += sum / week
	var off []float64
	for i, v := range first {
		off = append(off, math.Abs(v-m.level-m.days[i%week]))
	}
	// The mean counts where most days are all the same.
	m.scale = max(1.4826*median(off), mean(off)/2)
	return m
}

// next is what the smoother expects of the next day.
func (m *smoother) next() float64 {
	return m.level + m.by.damping*m.slope + m.days[m.at%week]
}

// learn takes the next day in and returns how far off the smoother was.
func (m *smoother) learn(y float64) float64 {
	e := y - m.next()
	used := m.bounded(e)
	m.extra += rare * (e - used - m.extra)
	m.level += m.by.damping*m.slope + m.by.level*used
	m.slope = m.by.damping*m.slope + m.by.level*m.by.trend*used
	// What one day of the week gains, all together lose.
	gain := m.by.season * (1 - m.by.level) * used
	m.days[m.at%week] += gain
	for d := range m.days {
		m.days[d] -= gain / week
	}
	m.level += gain / week
	m.at++
	return e
}

func (m *smoother) bounded(e float64) float64 {
	far := bound * m.scale
	a := min(math.Abs(e), far)
	m.scale = math.Sqrt((1-scaling)*m.scale*m.scale + scaling*1.1*a*a)
	switch {
	case math.Abs(e) <= far:
		m.side = 0
		return e
	case e > 0:
		m.side = max(m.side, 0) + 1
	default:
		m.side = min(m.side, 0) - 1
	}
	if m.side >= inRow || m.side <= -inRow {
		m.scale = max(m.scale, math.Abs(e)/bound)
		return e
	}
	return math.Copysign(far, e)
}

// ahead returns what the smoother expects of the n days after the last.
func (m *smoother) ahead(n int) []float64 {
	days := make([]float64, n)
	slope, level := m.slope, m.level
	for h := range days {
		slope *= m.by.damping
		level += slope
		days[h] = level + m.extra + m.days[(m.at+h)%week]
	}
	return days
}

func median(x []float64) float64 {
	if len(x) == 0 {
		return 0
	}
	s := slices.Sorted(slices.Values(x))
	return (s[(len(s)-1)/2] + s[len(s)/2]) / 2
}

func mean(x []float64) float64 {
	sum := 0.0
	for _, v := range x {
		sum += v
	}
	return sum / float64(max(len(x), 1))
}
