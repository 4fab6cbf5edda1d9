package estate

import (
	"math"
	"math/rand/v2"
	"time"
)

// calls bills what callers used in the days of the month.
func (b *biller) calls() {
	for _, c := range b.p.callers {
		if b.at < c.joins || b.done {
			continue
		}
		r := b.rng("calls", b.p.id, c.label, b.month)
		for _, day := range b.days {
			if b.busy(c, r, day) {
				b.callDay(c, r, day)
			}
		}
	}
}

func (b *biller) busy(c *identity, r *rand.Rand, day time.Time) bool {
	chance := c.busy * b.scale.busy
	if onWeekend(day) && !c.weekends {
		chance = 0.02 * b.scale.busy
	}
	return r.Float64() < chance || b.rollCall(day)
}

// rollCall is a day on which all callers of a small company call: else it would
// lack some kinds of them by chance.
func (b *biller) rollCall(day time.Time) bool {
	return b.scale.busy < 1 && b.at == 7 && day.Equal(b.days[0])
}

// callDay bills one caller's day: a line for each kind of token of each offer.
func (b *biller) callDay(c *identity, r *rand.Rand, day time.Time) {
	growth := 0.6 + 0.08*float64(b.at)
	volume := c.volume * 1000 * growth * math.Exp(r.NormFloat64()*0.5-0.125)
	if day.Equal(b.through) {
		volume *= 0.6 // the last day is still coming in
	}
	call := b.callingOf(c, r, day)
	chosen := c.bought[:1]
	if len(c.bought) > 1 {
		chosen = c.bought[r.IntN(2):]
	}
	for i := range chosen {
		o := &chosen[i]
		parts := partsOf(o, r)
		hours := []int{0}
		if b.x.hourly {
			hours = workingHours(r)
		}
		for _, h := range hours {
			b.callSpan(c, call, o, parts, volume/float64(len(chosen)*len(hours)), day, h)
		}
	}
}

// calling is who calls, as billed.
type calling struct {
	caller string
	tags   []pair
}

func (b *biller) callingOf(c *identity, r *rand.Rand, day time.Time) calling {
	call := calling{caller: c.arn, tags: b.tagsOf(c, day)}
	if c.sessions != nil {
		call.caller += c.sessions(r, day)
	}
	if r.Float64() < 0.015 {
		return calling{} // AWS leaves the column empty now and then
	}
	return call
}

// partsOf splits a volume of tokens among an offer's kinds.
func partsOf(o *bought, r *rand.Rand) (parts [kinds]float64) {
	switch {
	case o.tariffs[whole] != nil:
		parts[whole] = 1
	case o.tariffs[output] == nil:
		parts[input] = 1
	case o.tariffs[cacheRead] == nil:
		parts[output] = 0.10 + 0.1*r.Float64()
		parts[input] = 1 - parts[output]
	default:
		parts[output] = 0.04 + 0.04*r.Float64()
		parts[cacheRead] = 0.45 + 0.2*r.Float64()
		written := 0.05 + 0.08*r.Float64()
		if r.IntN(5) == 0 {
			parts[write1h] = written
		} else {
			parts[write5m] = written
		}
		parts[input] = 1 - parts[output] - parts[cacheRead] - written
	}
	return parts
}

func workingHours(r *rand.Rand) []int {
	first := 8 + r.IntN(6)
	return []int{first, first + 1 + r.IntN(3)}
}

func (b *biller) callSpan(c *identity, by calling, o *bought, parts [kinds]float64, volume float64, day time.Time, hour int) {
	for k := range kinds {
		if o.tariffs[k] != nil && parts[k] != 0 {
			b.call(c, by, o, k, max(1, int64(volume*parts[k])), day, hour)
		}
	}
}

// call bills what a caller used of one kind of an offer in a day or an hour.
func (b *biller) call(c *identity, by calling, o *bought, k kind, tokens int64, day time.Time, hour int) {
	t := o.tariffs[k]
	l := b.used(t, c.account, t.consumed(k, tokens), day.Add(time.Duration(hour)*time.Hour), b.x.hoursOf())
	l.caller, l.callTags, l.app = by.caller, by.tags, c.app
	l.resource, l.action = o.resource, actionOf(c, t, day)
	b.add(l)
}

// consumed returns what a number of tokens is in the meter's unit.
func (t *tariff) consumed(k kind, tokens int64) fixed {
	switch {
	case k != whole || t.meter == cohereEmbed.meters[whole]:
		return t.quantity(tokens)
	case t.scale == 0:
		// Images, steps and searches: one for some ten thousand tokens.
		return t.amount(float64(tokens)/30_000, 1)
	}
	return t.amount(float64(tokens)/30_000_000, 1)
}

// streamed is the day since which rows of inference name the call they come
// from; before, their operation is "Usage".
var streamed = time.Date(2026, 1, 15, 0, 0, 0, 0, time.UTC)

// actionOf is the operation of a call: people read as the model writes.
func actionOf(c *identity, t *tariff, day time.Time) string {
	switch {
	case day.Before(streamed):
		return "Usage"
	case !c.weekends:
		return "InvokeModelStreamingInference"
	}
	return t.operation
}

// resourceOf is what was called: an application's inference profile, else a
// cross-region profile, else the model where the row names one.
func resourceOf(c *identity, o offer) string {
	switch {
	case c.app != "":
		return "arn:aws:bedrock:" + c.region.code + ":" + c.account.id + ":application-inference-profile/" + opaque(12, c.account.id, c.app)
	case o.profile == "geo":
		return "arn:aws:bedrock:" + c.region.code + ":" + c.account.id + ":inference-profile/" + c.region.code[:2] + "." + o.model
	case o.profile != "":
		return "arn:aws:bedrock:" + c.region.code + ":" + c.account.id + ":inference-profile/" + o.profile + "." + o.model
	case o.model != "":
		return "arn:aws:bedrock:" + c.region.code + "::foundation-model/" + o.model
	}
	return ""
}

// tagsOf returns the tags that a caller has on a day. The keys are activated
// one month after the estate begins; before, no charge has them.
func (b *biller) tagsOf(c *identity, day time.Time) []pair {
	if b.at == 0 || c.noTags {
		return nil
	}
	if c.moved != nil && !day.Before(c.movedOn) {
		return c.badges[1]
	}
	return c.badges[0]
}

// retagged is the day on which some callers get other tags.
func (e *Estate) retagged() time.Time { return e.months[monthCount/2].Start().AddDate(0, 0, 15) }

// late bills usage of the previous month's last day that AWS learnt of too late.
func (b *biller) late() {
	if !b.p.contracts {
		return
	}
	day := b.month.Start().AddDate(0, 0, -1)
	for _, c := range b.p.callers {
		if c.account == b.p.accounts[7] {
			b.callDay(c, b.rng("late", c.label, b.month), day)
		}
	}
}

// services bills what runs without a caller.
func (b *biller) services() {
	for i := range b.p.steady {
		s := &b.p.steady[i]
		r := b.rng("steady", b.p.id, i, b.month)
		t := b.p.tariffs.of(s.meter, s.region)
		for n, day := range b.days {
			if every := s.every * b.scale.spread; n%every != i%every {
				continue
			}
			growth := 0.85 + 0.03*float64(b.at)
			start := day
			if b.x.hourly {
				start = day.Add(time.Duration(r.IntN(24)) * time.Hour)
			}
			l := b.used(t, s.account, s.amount(s.mean, growth*(0.9+0.2*r.Float64())), start, b.x.hoursOf())
			l.resource, l.app = s.resource, s.app
			b.add(l)
		}
	}
}
