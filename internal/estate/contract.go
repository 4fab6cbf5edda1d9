package estate

import (
	"iter"
	"strconv"
	"time"

	"showback"
)

// committed is the month of the year, from 0, on whose first day the large
// payer buys its savings plan and its reservation, both for a year and half
// of the price upfront.
const committed = 4

// yearHours is what a one-year commitment is spread over.
const yearHours = 8760

// The savings plan: dollars an hour, half of them paid upfront, and the price
// of one instance with and without it.
var (
	planHourly   = dec("1.00")
	planUpfront  = dec("4380") // half of planHourly × yearHours
	planRate     = dec("0.0957")
	planInstance = service("AmazonEC2", "Amazon Elastic Compute Cloud", "Compute Instance", "{p}-BoxUsage:c7g.xlarge", "RunInstances", "Hrs", "0.145", "On Demand Linux c7g.xlarge Instance Hour")
	planFee      = service("ComputeSavingsPlans", "Savings Plans for AWS Compute usage", "ComputeSavingsPlans", "ComputeSP:1yrPartialUpfront", "", "Hrs", "0.5", "hour, 1 year Partial Upfront Compute Savings Plan")
)

// The reservation: two database instances.
const reservedInstances = 2

var (
	reserveUpfront  = dec("1000.20") // for both
	reserveHourly   = dec("0.0631")  // for one, recurring
	reserveInstance = service("AmazonRDS", "Amazon Relational Database Service", "Database Instance", "{p}-InstanceUsage:db.r7g.large", "CreateDBInstance:0021", "Hrs", "0.239", "RDS db.r7g.large Single-AZ instance hour running PostgreSQL")
)

// netFactor is what remains of a dollar after the large payer's discounts: six
// and a half percent off what AWS sells, an eighth off one seller's models.
func (l *line) netFactor() (factor fixed, discount string) {
	switch {
	case l.kind != "Usage":
		return fixed{coef: 1}, ""
	case l.seller == anthropic:
		return fixed{875, 3}, "PrivateRateDiscount"
	case l.market():
		return fixed{coef: 1}, ""
	}
	return fixed{935, 3}, "EdpDiscount"
}

func (p *payer) planARN() string {
	return "arn:aws:savingsplans::" + p.id + ":savingsplan/" + p.guid("plan")
}
func (p *payer) reserveARN() string {
	return "arn:aws:rds:us-east-1:" + p.id + ":ri:ri-" + p.guid("reservation")
}
func (p *payer) guid(name string) string { return guid(p.id, name) }

// guid returns an identifier in the form of a UUID, always the same for a name.
func guid(name ...string) string {
	h := hexOf(32, name...)
	return h[:8] + "-" + h[8:12] + "-4" + h[13:16] + "-a" + h[17:20] + "-" + h[20:]
}

// savingsPlan bills the plan: covered usage with its negation, the recurring
// fee of each day or hour, partly unused, and the upfront fee in a Purchase bill.
func (b *biller) savingsPlan() {
	if b.at < committed {
		return
	}
	r := b.rng("plan", b.month)
	instance, fee := b.p.tariffs.of(planInstance, virginia), b.p.tariffs.of(planFee, region{})
	length := b.x.hoursOf()
	paid := deliver(planHourly.Mul(showback.DecimalFromInt(int64(length))))
	if b.at == committed {
		b.add(line{tariff: fee, account: b.p.accounts[0], kind: "SavingsPlanUpfrontFee", bill: "Purchase", resource: b.p.planARN(),
			about: "1 year Partial Upfront Compute Savings Plan", start: b.month.Start(), end: b.month.Start().AddDate(1, 0, 0),
			quantity: deliver(dec("1")), unblended: deliver(planUpfront), net: deliver(planUpfront), plan: &planPart{}})
	}
	for start := range b.spans() {
		used := showback.Decimal{}
		for _, a := range []*account{b.p.accounts[1], b.p.accounts[6]} {
			// Of the 10.449 hours that an hour's commitment pays for and the
			// 250.78 of a day's, at most 10 and 250.
			hours := int64(100 + r.IntN(26))
			if b.x.hourly {
				hours = 4 + (hours-100)/13
			}
			effective := deliver(showback.DecimalFromInt(hours).Mul(planRate))
			used = used.Add(effective.exact())
			l := b.used(instance, a, fixed{coef: hours}, start, length)
			l.kind, l.resource, l.app, l.net = "SavingsPlanCoveredUsage", "i-0"+hexOf(16, a.id, "plan"), "web-"+a.name, l.unblended
			l.plan = &planPart{effective: effective, netEffective: deliver(effective.exact().Mul(dec("0.935"))), rate: planRate.String()}
			b.add(l)
			negation := l
			negation.kind, negation.about, negation.term, negation.list = "SavingsPlanNegation", "SavingsPlanNegation used by AccountId : "+a.id, "", number{}
			negation.unblended, negation.net, negation.blended, negation.plan = l.unblended.neg(), l.net.neg(), l.unblended.neg(), &planPart{}
			b.add(negation)
		}
		recurring := deliver(paid.exact().Quo(dec("2"), 10))
		b.add(line{tariff: fee, account: b.p.accounts[0], kind: "SavingsPlanRecurringFee", resource: b.p.planARN(),
			about: "1 year Partial Upfront Compute Savings Plan", start: start, end: start.Add(time.Duration(length) * time.Hour),
			quantity: send(fixed{coef: int64(length)}), unblended: recurring, net: recurring, plan: &planPart{total: paid, used: deliver(used)}})
	}
}

// spans yields when the lines of commitments begin: every hour or day of the month.
func (b *biller) spans() iter.Seq[time.Time] {
	return func(yield func(time.Time) bool) {
		for n, day := range b.days {
			if n%b.scale.spread != 0 {
				continue
			}
			for h := 0; h < 24; h += b.x.hoursOf() {
				if !yield(day.Add(time.Duration(h) * time.Hour)) {
					return
				}
			}
		}
	}
}

// reservation bills the reserved databases: usage that costs nothing by
// itself, the month's fee with what stayed unused, and the upfront fee.
func (b *biller) reservation() {
	if b.at < committed {
		return
	}
	r := b.rng("reservation", b.month)
	t, a := b.p.tariffs.of(reserveInstance, virginia), b.p.accounts[4]
	upfrontHour := reserveUpfront.Quo(showback.DecimalFromInt(yearHours*reservedInstances), 10)
	idle := int64(0)
	if b.at == committed {
		b.add(line{tariff: t, account: b.p.accounts[0], kind: "Fee", bill: "Purchase", term: "Reserved", resource: b.p.reserveARN(),
			about: "Sign up charge for subscription: 1 year Partial Upfront db.r7g.large", start: b.month.Start(), end: b.month.Start().AddDate(1, 0, 0),
			quantity: deliver(showback.DecimalFromInt(reservedInstances)), unblended: deliver(reserveUpfront), net: deliver(reserveUpfront), reserve: &reservePart{}})
	}
	length := b.x.hoursOf()
	for start := range b.spans() {
		spare := int64(0)
		if r.IntN(6) == 0 {
			spare = 1 + r.Int64N(12)*int64(length-1)/23
		}
		idle += spare
		hours := int64(length*reservedInstances) - spare
		l := b.used(t, a, fixed{coef: hours}, start, length)
		effective := deliver(showback.DecimalFromInt(hours).Mul(upfrontHour.Add(reserveHourly)))
		l.kind, l.term, l.resource, l.app = "DiscountedUsage", "Reserved", "arn:aws:rds:us-east-1:"+a.id+":db:tickets", "support-assistant"
		l.unblended, l.net, l.blended = deliver(showback.Decimal{}), deliver(showback.Decimal{}), deliver(showback.Decimal{})
		l.reserve = &reservePart{effective: effective, netEffective: deliver(effective.exact().Mul(dec("0.935")).Round(13))}
		b.add(l)
	}
	monthHours := int64(b.month.End().Sub(b.month.Start())/time.Hour) * reservedInstances
	fee := deliver(reserveHourly.Mul(showback.DecimalFromInt(monthHours)))
	unused := showback.DecimalFromInt(idle)
	part := &reservePart{unusedUpfront: deliver(unused.Mul(upfrontHour)), unusedRecurring: deliver(unused.Mul(reserveHourly)),
		unusedHours: deliver(unused), upfrontFee: deliver(upfrontHour.Mul(showback.DecimalFromInt(monthHours)))}
	part.netUnusedUpfront, part.netUnusedRecurr = deliver(part.unusedUpfront.exact().Mul(dec("0.935"))), deliver(part.unusedRecurring.exact().Mul(dec("0.935")))
	part.netUpfront = deliver(part.upfrontFee.exact().Mul(dec("0.935")))
	b.add(line{tariff: t, account: b.p.accounts[0], kind: "RIFee", term: "Reserved", resource: b.p.reserveARN(),
		about: "USD " + reserveHourly.String() + " hourly fee per PostgreSQL, db.r7g.large instance",
		start: b.month.Start(), end: b.month.End(), quantity: deliver(showback.DecimalFromInt(monthHours)), unblended: fee, net: fee, reserve: part})
}

// contractDiscount reports a line of what the contracts take off.
func (l *line) contractDiscount() bool {
	return l.kind == "EdpDiscount" || l.kind == "PrivateRateDiscount"
}

// discountKey is what one line of discount is for.
type discountKey struct {
	account        *account
	product, label string
}

// discounts bills what the contracts take off: a line for each account,
// product and kind of discount. Their net cost is blank, for what they take
// off is already gone from the net cost of the usage.
func (b *biller) discounts() {
	for i, k := range b.contracted.order {
		b.add(line{tariff: b.contracted.like[i].stripped(), account: k.account, kind: k.label, about: k.label + " " + k.product,
			start: b.month.Start(), end: b.month.End(), unblended: deliver(b.contracted.of[i].sum().Round(10))})
	}
}

// stripped returns the tariff without what a discount, a credit or a tax does
// not say: meter, region and price.
func (t *tariff) stripped() *tariff {
	m := &meter{ai: t.ai, seller: t.seller, code: t.meter.code, product: t.product, family: t.family}
	return &tariff{meter: m, code: t.code, service: t.service, sku: "", attributes: m.attributes(region{})}
}

// invoiceKey is what tells the invoices of a payer's month apart.
type invoiceKey struct{ entity, bill string }

// invoice returns the number of the line's invoice.
func (b *biller) invoice(l *line) string {
	key := invoiceKey{l.legalEntity(), l.bill}
	number, known := b.invoices[key]
	if !known {
		number = invoiceOf(b.p, b.month, key)
		b.invoices[key] = number
	}
	return number
}

func invoiceOf(p *payer, m showback.Month, key invoiceKey) string {
	n := 0
	for _, c := range opaque(12, p.id, string(m), key.entity, key.bill) {
		n = (n*31 + int(c)) % 900_000_000
	}
	if p.currency == "EUR" {
		return "EUINV" + string(m[2:4]) + "-" + strconv.Itoa(100_000_000+n)
	}
	return strconv.Itoa(1_000_000_000 + n)
}
