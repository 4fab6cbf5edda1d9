package estate

import (
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

// biller writes the bill of one payer and month, as one export sees it, line
// by line: a month of a large estate does not fit in memory.
type biller struct {
	*Estate
	x       *export
	p       *payer
	month   showback.Month
	at      int // the month's place in the year
	days    []time.Time
	edition refresh

	yield    func(*line) bool
	done     bool // the receiver wants no more
	out      line // what the receiver gets
	ids      *rand.Rand
	invoices map[invoiceKey]string
	halved   bool // see restated

	// What discounts and taxes are worked out from, in the order in which it
	// first occurred: the lines that come after are no part of it.
	contracted sums[discountKey]
	taxed      sums[taxKey]
}

// sums are tallies by a key that keeps the order of first sight, each with the
// tariff of the line that was seen first.
type sums[K comparable] struct {
	at    map[K]int
	order []K
	like  []*tariff
	of    []tally
}

func (s *sums[K]) add(k K, t *tariff, n fixed) {
	i, seen := s.at[k]
	if !seen {
		if s.at == nil {
			s.at = map[K]int{}
		}
		i = len(s.order)
		s.at[k] = i
		s.order, s.like, s.of = append(s.order, k), append(s.like, t), append(s.of, tally{})
	}
	s.of[i].add(n)
}

// lines gives the rows of a billing period to yield, in the order in which
// they are delivered, until it returns false. A line is the receiver's until
// it returns.
func (e *Estate) lines(x *export, m showback.Month, edition refresh, yield func(*line) bool) {
	b := &biller{Estate: e, x: x, p: x.payer, month: m, at: e.index(m), days: e.days(m), edition: edition, yield: yield,
		ids: e.rng("lines", x.name, m, int(edition)), invoices: map[invoiceKey]string{}}
	b.usage()
	b.late()
	b.services()
	if b.p.contracts {
		b.savingsPlan()
		b.reservation()
	}
	b.credits()
	b.fees()
	b.discounts()
	b.taxes()
}

// usage bills what callers and the fleet used.
func (b *biller) usage() {
	if b.p.pace == nil {
		b.calls()
	}
	if b.p.pace != nil || b.p.fleet != nil {
		b.hours()
	}
}

// add delivers a line, with what the line itself does not say.
func (b *biller) add(l line) {
	if b.done {
		return
	}
	l.payer, l.counts = b.p, showback.ChargeTypeOf(l.kind).Counts
	if l.bill == "" {
		l.bill = "Anniversary"
	}
	if !l.blended.set && !l.contractDiscount() {
		l.blended = l.unblended
	}
	if b.edition == older && !b.unrestated(&l) {
		return
	}
	if b.p.contracts {
		b.contract(&l)
	}
	if l.kind != "Tax" && (!l.market() || b.p.taxMarket) {
		b.taxed.add(taxKey{l.account, l.product}, l.tariff, l.unblended.fixed)
	}
	l.id = lineID(b.ids)
	if final := !b.open(b.month) || l.bill != "Anniversary"; final {
		l.invoice = b.invoice(&l)
	}
	b.out = l
	b.done = !b.yield(&b.out)
}

// contract fills the line's net cost, of 13 decimals where there is a
// discount, and keeps what the discount took off.
func (b *biller) contract(l *line) {
	if l.contractDiscount() {
		return
	}
	factor, label := l.netFactor()
	if !l.net.set && l.unblended.coef != 0 {
		l.net = send(l.unblended.times(factor, 13))
	}
	if label != "" && l.net.set {
		k := discountKey{l.account, l.product, label}
		b.contracted.add(k, l.tariff, l.net.fixed)
		b.contracted.add(k, l.tariff, l.unblended.neg().fixed)
	}
}

// used returns a line of on-demand usage.
func (b *biller) used(t *tariff, a *account, quantity fixed, start time.Time, hours int) line {
	cost := send(t.cost(quantity))
	l := line{tariff: t, account: a, kind: "Usage", term: "OnDemand", quantity: send(quantity),
		unblended: cost, start: start, end: start.Add(time.Duration(hours) * time.Hour)}
	if !l.market() {
		l.list = cost
	}
	if t.meter == compute {
		l.blended = send(cost.times(blendedShare, 10))
	}
	return l
}

// blendedShare is what blending over the payer leaves of an instance's price.
var blendedShare = fix("0.98")

// hoursOf is how many hours a line of usage spans.
func (x *export) hoursOf() int {
	if x.hourly {
		return 1
	}
	return 24
}
