package estate

import (
	"math/rand/v2"
	"strings"
)

// credits bills promotional credits, which repeat the quantity of what they
// offset, a refund in a bill of its own now and then, and a bundled discount.
func (b *biller) credits() {
	if b.p.currency == "EUR" {
		if b.at == restatedMonth {
			b.credit(novaPro.meters[input], frankfurt, b.p.accounts[2], "-87.6543210987", "Service credit after an incident")
		}
		return
	}
	b.credit(novaLite.meters[input], virginia, b.p.accounts[1], "-41.0000000003", "Example promotional credit")
	if !b.p.contracts {
		return
	}
	whole := b.p.tariffs.of(guardContent, virginia).stripped()
	amount := deliver(scaled(-1_500_000_000_000-b.rng("credit", b.month).Int64N(1_000_000_000_000), 10))
	b.add(line{tariff: whole, account: b.p.accounts[0], kind: "Credit", about: "Example migration credit",
		start: b.month.Start(), end: b.month.End(), unblended: amount, net: amount})
	bundled := deliver(dec("-3.2000000001"))
	b.add(line{tariff: b.p.tariffs.of(transfer, virginia).stripped(), account: b.p.accounts[1], kind: "BundledDiscount",
		about: "Bundled discount for data transfer", start: b.month.Start(), end: b.month.End(), unblended: bundled, net: bundled})
	if b.at%5 == 3 {
		refund := deliver(dec("-123.45"))
		at := b.month.Start().AddDate(0, 0, 9)
		b.add(line{tariff: b.p.tariffs.of(haiku3.meters[output], virginia).stripped(), account: b.p.accounts[1], kind: "Refund", bill: "Refund",
			about: "Refund of throttled requests", start: at, end: at.AddDate(0, 0, 1), unblended: refund, net: refund})
	}
}

func (b *biller) credit(m *meter, r region, a *account, amount, about string) {
	t := b.p.tariffs.of(m, r)
	cost := deliver(dec(amount))
	b.add(line{tariff: t, account: a, kind: "Credit", about: about, start: b.month.Start(), end: b.month.End(),
		quantity: deliver(cost.exact().Abs().Quo(t.price.decimal(), 3)), unblended: cost, net: cost})
}

var (
	supportFee = service("AWSSupportBusiness", "AWS Support (Business)", "AWS Support", "Dollar", "", "", "1", "month of AWS Support")
	plannerFee = &meter{ai: true, seller: planner.seller, product: planner.product, family: planner.family, usage: "MP:PlannerSeats-Units",
		operation: "Subscription", unit: units, price: dec("99"), describe: "AWS Marketplace subscription|global|Planner Seats"}
)

// fees bills flat fees: support, and a seller's subscription.
func (b *biller) fees() {
	if !b.p.contracts {
		return
	}
	for _, f := range []struct {
		m     *meter
		a     *account
		price string
	}{{supportFee, b.p.accounts[0], "450"}, {plannerFee, b.p.accounts[5], "99"}} {
		cost := deliver(dec(f.price))
		b.add(line{tariff: b.p.tariffs.of(f.m, region{}), account: f.a, kind: "Fee", start: b.month.Start(), end: b.month.End(),
			quantity: deliver(dec("1")), unblended: cost, net: cost})
	}
}

// taxKey is what one line of tax is for.
type taxKey struct {
	account *account
	product string
}

// taxes bills the tax of the month: a line for each account and product.
func (b *biller) taxes() {
	for i, k := range b.taxed.order {
		like := b.taxed.like[i]
		amount := b.taxed.of[i].sum().Mul(b.p.taxRate).Round(2)
		if amount.Sign() <= 0 {
			continue
		}
		cost := deliver(amount)
		b.add(line{tariff: like.stripped(), account: k.account, kind: "Tax", taxType: b.p.taxType, about: "Tax for product code " + like.code,
			start: b.month.Start(), end: b.month.End(), unblended: cost, net: cost})
	}
}

// unrestated turns a line of the restated month's newest edition into that of
// the one before, and reports whether it was there: without the late credit,
// without an application's last three days, and with half of one storage line.
func (b *biller) unrestated(l *line) bool {
	switch {
	case l.kind == "Credit":
		return false
	case strings.Contains(l.caller, ":assumed-role/help-desk/") && !l.start.Before(b.month.End().AddDate(0, 0, -3)):
		return false
	case l.meter == storage && l.kind == "Usage" && !b.halved:
		b.halved = true
		l.quantity = deliver(l.quantity.exact().Quo(dec("2"), storage.scale))
		l.unblended = send(l.tariff.cost(l.quantity.fixed))
		l.blended, l.list = l.unblended, l.unblended
	}
	return true
}

// lineID returns an identity_line_item_id: another one in every delivery.
func lineID(r *rand.Rand) string {
	const letters = "abcdefghijklmnopqrstuvwxyz234567"
	id := make([]byte, 52)
	for i := 0; i < len(id); i += 13 {
		bits := r.Uint64()
		for k := range 13 {
			id[i+k] = letters[bits%32]
			bits /= 32
		}
	}
	return string(id)
}
