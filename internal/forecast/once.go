package forecast

import (
	"maps"
	"math"
	"slices"

	"showback"
)

// once is what is known of one kind of charges that come once a month.
type once struct {
	// ratio is how much of it there is for a dollar of daily charges, as tax and
	// discounts have it, or how much in a month, as a subscription has it.
	ratio, spread float64
	fixed         bool
	billed        map[showback.Month]showback.Decimal
}

const (
	onceMonths = 6 // whole months looked at
	onceLeast  = 2 // what came in one month alone may never come again
)

// onceOf looks at the last whole months. What came in less than half of them, as
// an upfront fee or a refund does, is not expected.
func onceOf(s Series) []once {
	daily, whole := map[showback.Month]float64{}, []showback.Month{}
	for _, month := range (showback.Period{Start: s.First, End: s.Start()}).Months() {
		p := month.Period()
		if p.Start.Before(s.First) || p.End.After(s.Start()) {
			continue
		}
		for i, v := range s.Days {
			if p.Contains(s.First.AddDate(0, 0, i)) {
				daily[month] += floatOf(v)
			}
		}
		whole = append(whole, month)
	}
	whole = whole[max(0, len(whole)-onceMonths):]
	var all []once
	for _, kind := range slices.Sorted(maps.Keys(s.Once)) {
		o := once{billed: s.Once[kind]}
		if len(whole) < onceLeast {
			all = append(all, o)
			continue
		}
		var amounts, ratios []float64
		for _, month := range whole {
			amount := floatOf(s.Once[kind][month])
			amounts = append(amounts, amount)
			if daily[month] > 0 {
				ratios = append(ratios, amount/daily[month])
			}
		}
		var steady float64
		o.fixed = true
		if o.ratio, o.spread = around(amounts); o.ratio != 0 {
			steady = o.spread / math.Abs(o.ratio)
		}
		if ratio, spread := around(ratios); len(ratios) == len(amounts) && ratio != 0 && spread/math.Abs(ratio) <= steady {
			o.ratio, o.spread, o.fixed = ratio, spread, false
		}
		all = append(all, o)
	}
	return all
}

// around returns the median and how far off it numbers are, as a standard error
// that few numbers make larger.
func around(x []float64) (mid, spread float64) {
	mid = median(x)
	var off []float64
	for _, v := range x {
		off = append(off, math.Abs(v-mid))
	}
	return mid, mean(off) * 1.2533 * math.Sqrt(1+3/float64(max(len(x), 1)))
}

// onceIn returns what is to come in the period of charges that come once a month,
// by how much they scale an error of the daily ones, and a variance of their own.
func (m *Model) onceIn(p showback.Period) (to, scale, variance float64) {
	scale = 1
	start := m.series.Start()
	now := showback.MonthOf(start)
	day := p.End.Sub(p.Start).Hours() <= 24
	for _, month := range p.Months() {
		span := month.Period()
		switch {
		case month != now && !p.Contains(span.Start):
			continue // its first day is in another row
		case month == now && !p.Contains(span.End.AddDate(0, 0, -1)):
			continue // still to come on the last day
		}
		daily := 0.0
		for i, v := range m.ahead(m.index(span.End)) {
			if span.Contains(start.AddDate(0, 0, i)) {
				daily += v
			}
		}
		if month == now {
			for i, v := range m.series.Days {
				if span.Contains(m.series.First.AddDate(0, 0, i)) {
					daily += floatOf(v)
				}
			}
		}
		for _, o := range m.once {
			expect, err := o.ratio, o.spread
			if !o.fixed {
				expect, err = o.ratio*daily, o.spread*daily
				if !day {
					scale += o.ratio / float64(len(p.Months()))
				}
			}
			left := expect - floatOf(o.billed[month])
			if left*expect < 0 {
				left = 0 // more is billed than was expected
			}
			to += left
			variance += err * err
		}
	}
	return to, max(scale, 0), variance
}
