package estate

import (
	"math"
	"math/rand/v2"
	"time"

	"showback"
)

// event is one line of usage before it has its texts: a day of a large estate
// has hundreds of thousands.
type event struct {
	by    int32 // which of the day's calls; of the fleet, which resource
	hour  uint8
	offer uint8 // which of the caller's offers
	kind  kind  // kinds for a line of the fleet
	units int64 // tokens; of the fleet, the quantity in its last decimal
}

// callHour is who calls in one hour.
type callHour struct {
	c *identity
	calling
}

// hours bills callers and fleet day by day. Within a day lines are in no order,
// for AWS promises none and a sorted file would flatter what compresses it.
func (b *biller) hours() {
	r := b.rng("hours", b.p.id, b.month)
	var events []event
	var calls []callHour
	for _, day := range b.days {
		if b.done {
			return
		}
		events, calls = events[:0], calls[:0]
		if b.p.pace != nil {
			events, calls = b.called(r, day, events, calls)
		}
		if b.p.fleet != nil {
			events = b.p.fleet.ran(r, day, b.x.hourly, events)
		}
		r.Shuffle(len(events), func(i, j int) { events[i], events[j] = events[j], events[i] })
		for i := range events {
			ev := &events[i]
			if ev.kind == kinds {
				b.runs(ev, day)
				continue
			}
			h := &calls[ev.by]
			b.call(h.c, h.calling, &h.c.bought[ev.offer], ev.kind, ev.units, day, int(ev.hour))
		}
	}
}

// pace is how often each caller of a payer calls, by the hour.
type pace struct {
	weights []float64 // by caller
	factor  float64   // what makes the year as long as the size wants it
}

// paceOf gives callers weights as in a large crowd, where few do much, and
// finds the factor with which they have as many lines as the size says.
func (e *Estate) paceOf(p *payer) *pace {
	c := &pace{}
	for _, rank := range e.rng("pace", p.id).Perm(len(p.callers)) {
		c.weights = append(c.weights, math.Pow(float64(rank+1), -0.6))
	}
	low, high := 0.0, 1000.0
	for range 30 {
		c.factor = (low + high) / 2
		if e.expected(p, c) < float64(e.scale.calls) {
			low = c.factor
		} else {
			high = c.factor
		}
	}
	return c
}

// expected returns how many lines calls will have, about: of a large crowd it
// looks at every nth caller.
func (e *Estate) expected(p *payer, c *pace) float64 {
	var weekdays [monthCount][2]int
	for at, m := range e.months {
		weekdays[at] = e.weekdays(m)
	}
	lines, looked, step := 0.0, 0, len(p.callers)/2500+1
	for i := 0; i < len(p.callers); i += step {
		looked++
		caller, hours := p.callers[i], 0.0
		for at := range weekdays {
			if at < caller.joins {
				continue
			}
			level := c.factor * c.weights[i] * growth(at)
			for weekend, days := range weekdays[at] {
				for _, share := range caller.hours(weekend == 1) {
					hours += float64(days) * min(busiest, level*share)
				}
			}
		}
		lines += hours * caller.linesAnHour()
	}
	return lines * float64(len(p.callers)) / float64(looked)
}

// weekdays returns how many of the month's days with usage are working days
// and how many are on weekends.
func (e *Estate) weekdays(m showback.Month) (days [2]int) {
	for _, d := range e.days(m) {
		if onWeekend(d) {
			days[1]++
		} else {
			days[0]++
		}
	}
	return days
}

func onWeekend(day time.Time) bool {
	return day.Weekday() == time.Saturday || day.Weekday() == time.Sunday
}

// dayCount is how many days the estate has.
func (e *Estate) dayCount() int {
	return int(e.through.Sub(e.months[0].Start())/(24*time.Hour)) + 1
}

// busiest is the chance of a call in an hour of the busiest caller.
const busiest = 0.97

// growth is how much more is called as the year goes on.
func growth(month int) float64 { return 1 + 0.07*float64(month) }

// dayShape is how much is called in each hour of a day (UTC).
type dayShape [24]float64

// office is a working day around the given hour.
func office(noon float64) *dayShape {
	var s dayShape
	for h := range s {
		far := (float64(h) - noon) / 4.2
		s[h] = math.Exp(-far*far) + 0.015
	}
	return &s
}

// weekend is what is left of a shape on a weekend.
func (s dayShape) weekend() *dayShape {
	for h := range s {
		s[h] *= 0.12
	}
	return &s
}

var (
	always = func() *dayShape {
		var s dayShape
		for h := range s {
			s[h] = 0.8
		}
		return &s
	}()
	workdays = map[string]*dayShape{virginia.code: office(17), oregon.code: office(20), frankfurt.code: office(12)}
	weekends = map[string]*dayShape{virginia.code: office(17).weekend(), oregon.code: office(20).weekend(), frankfurt.code: office(12).weekend()}
)

// hours is how much of a day's hours the caller is likely to call in.
func (c *identity) hours(weekend bool) *dayShape {
	switch {
	case c.weekends:
		return always
	case weekend:
		return weekends[c.region.code]
	}
	return workdays[c.region.code]
}

// secondOffer is how often a caller also calls each offer after the first.
const secondOffer = 0.3

// linesAnHour is how many lines an hour with calls has on average.
func (c *identity) linesAnHour() float64 {
	lines := 0.0
	for i := range c.bought {
		sold, share := 0, 1.0
		for k, t := range c.bought[i].tariffs {
			if t != nil && kind(k) != write1h { // it takes the place of the other write
				sold++
			}
		}
		if i > 0 {
			share = secondOffer
		}
		lines += share * float64(sold)
	}
	return lines
}

// called adds what callers call on a day.
func (b *biller) called(r *rand.Rand, day time.Time, events []event, calls []callHour) ([]event, []callHour) {
	weekend := onWeekend(day)
	for i, c := range b.p.callers {
		if b.at < c.joins {
			continue
		}
		level := b.p.pace.factor * b.p.pace.weights[i] * growth(b.at)
		for h, share := range c.hours(weekend) {
			if r.Float64() >= min(busiest, level*share) {
				continue
			}
			events = callsOf(c, r, int32(len(calls)), uint8(h), events)
			calls = append(calls, callHour{c, b.callingOf(c, r, day)})
		}
	}
	return events, calls
}

// callsOf adds the lines of one caller's hour.
func callsOf(c *identity, r *rand.Rand, by int32, hour uint8, events []event) []event {
	for i := range c.bought {
		if i > 0 && r.Float64() >= secondOffer {
			continue
		}
		o := &c.bought[i]
		volume := c.volume * 1000 / 8 * math.Exp(r.NormFloat64()*0.8-0.32)
		for k, part := range partsOf(o, r) {
			if o.tariffs[k] != nil && part != 0 {
				events = append(events, event{by: by, hour: hour, offer: uint8(i), kind: kind(k), units: max(1, int64(volume*part))})
			}
		}
	}
	return events
}
