package estate

import (
	"math"
	"math/rand/v2"
	"time"

	"showback"
)

// refresh says which refresh of a month is meant.
type refresh int

const (
	newest refresh = iota
	older          // of the restated month: what was delivered first
)

// biller writes the bill of one payer and month, as one export sees it.
type biller struct {
	*Estate
	x     *export
	p     *payer
	month showback.Month
	at    int // the month's place in the year
	days  []time.Time
	lines []line
}

// lines returns the rows of a billing period in the order in which they are delivered.
func (e *Estate) lines(x *export, m showback.Month, ed refresh) []line {
	b := &biller{Estate: e, x: x, p: x.payer, month: m, at: e.index(m), days: e.days(m)}
	b.calls()
	b.late()
	b.services()
	if b.p.contracts {
		b.savingsPlan()
		b.reservation()
	}
	b.credits()
	b.fees()
	if ed == older {
		b.unrestate()
	}
	if b.p.contracts {
		b.netCosts()
		b.discounts()
	}
	b.taxes()
	b.number(ed)
	return b.lines
}

// add appends a line, with the span of its day or hour.
func (b *biller) add(l line) {
	l.payer = b.p
	if l.bill == "" {
		l.bill = "Anniversary"
	}
	if !l.blended.set {
		l.blended = l.unblended
	}
	b.lines = append(b.lines, l)
}

// used returns a line of on-demand usage.
func (b *biller) used(t *tariff, a *account, quantity showback.Decimal, start time.Time, hours int) line {
	cost := deliver(t.cost(quantity))
	l := line{tariff: t, account: a, kind: "Usage", term: "OnDemand", quantity: deliver(quantity),
		unblended: cost, start: start, end: start.Add(time.Duration(hours) * time.Hour)}
	if !l.market() {
		l.list = cost
	}
	if t.meter == compute {
		l.blended = deliver(cost.exact.Mul(dec("0.98")).Round(10))
	}
	return l
}

// calls bills what callers used in the days of the month.
func (b *biller) calls() {
	for _, c := range b.p.callers {
		if b.at < c.joins {
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
	chance := c.busy
	if weekend := day.Weekday() == time.Saturday || day.Weekday() == time.Sunday; weekend && !c.weekends {
		chance = 0.02
	}
	return r.Float64() < chance
}

// callDay bills one caller's day: a line for each kind of token of each offer.
func (b *biller) callDay(c *identity, r *rand.Rand, day time.Time) {
	growth := 0.6 + 0.08*float64(b.at)
	volume := c.volume * 1000 * growth * math.Exp(r.NormFloat64()*0.5-0.125)
	if day.Equal(b.through) {
		volume *= 0.6 // the last day is still coming in
	}
	call := calling{caller: c.arn, tags: b.tagsOf(c, day)}
	if c.sessions != nil {
		call.caller += c.sessions(r, day)
	}
	if r.Float64() < 0.015 {
		call = calling{} // AWS leaves the column empty now and then
	}
	chosen := c.offers[:1]
	if len(c.offers) > 1 {
		chosen = c.offers[r.IntN(2):]
	}
	for _, o := range chosen {
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

// partsOf splits a volume of tokens among an offer's kinds.
func partsOf(o offer, r *rand.Rand) (parts [kinds]float64) {
	switch {
	case o.meters[whole] != nil:
		parts[whole] = 1
	case o.meters[output] == nil:
		parts[input] = 1
	case o.meters[cacheRead] == nil:
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

func (b *biller) callSpan(c *identity, by calling, o offer, parts [kinds]float64, volume float64, day time.Time, hour int) {
	length := 24
	if b.x.hourly {
		length = 1
	}
	for k := range kinds {
		if o.meters[k] == nil || parts[k] == 0 {
			continue
		}
		t := b.p.tariffs.of(o.meters[k], c.region)
		tokens := max(1, int64(volume*parts[k]))
		quantity := t.quantity(tokens)
		if k == whole && t.meter != cohereEmbed.meters[whole] {
			// Images, steps and searches: one for some ten thousand tokens.
			quantity = t.amount(float64(tokens)/30_000_000, 1)
			if t.scale == 0 {
				quantity = t.amount(float64(tokens)/30_000, 1)
			}
		}
		l := b.used(t, c.account, quantity, day.Add(time.Duration(hour)*time.Hour), length)
		l.caller, l.callTags, l.app = by.caller, by.tags, c.app
		l.resource, l.action = resourceOf(c, o, t), actionOf(c, t, day)
		b.add(l)
	}
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
func resourceOf(c *identity, o offer, t *tariff) string {
	switch {
	case c.app != "":
		return "arn:aws:bedrock:" + t.region.code + ":" + c.account.id + ":application-inference-profile/" + opaque(12, c.account.id, c.app)
	case o.profile == "geo":
		return "arn:aws:bedrock:" + t.region.code + ":" + c.account.id + ":inference-profile/" + t.region.code[:2] + "." + o.model
	case o.profile != "":
		return "arn:aws:bedrock:" + t.region.code + ":" + c.account.id + ":inference-profile/" + o.profile + "." + o.model
	case o.model != "":
		return "arn:aws:bedrock:" + t.region.code + "::foundation-model/" + o.model
	}
	return ""
}

// tagsOf returns the tags that a caller has on a day. The keys are activated
// one month after the estate begins; before, no charge has them.
func (b *biller) tagsOf(c *identity, day time.Time) []pair {
	if b.at == 0 || c.noTags {
		return nil
	}
	t := c.team
	if c.moved != nil && !day.Before(b.retagged()) {
		t = *c.moved
	}
	return []pair{{"cost-center", t.centre}, {c.teamKey, t.name}}
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
			if n%s.every != i%s.every {
				continue
			}
			growth := 0.85 + 0.03*float64(b.at)
			start, length := day, 24
			if b.x.hourly {
				start, length = day.Add(time.Duration(r.IntN(24))*time.Hour), 1
			}
			l := b.used(t, s.account, s.amount(s.mean, growth*(0.9+0.2*r.Float64())), start, length)
			l.resource, l.app = s.resource, s.app
			b.add(l)
		}
	}
}
