package enginetest

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"showback"
	"showback/internal/engine/mem"
	"showback/internal/explore"
)

// estateCharges is the size of a random estate: enough that every table of sums
// has fewer rows than the finer ones, and few enough to be imported in a second.
const estateCharges = 300

// estate is a small company's bills, for many questions.
type estate struct {
	billed  []showback.Charge // with the amounts that a bill states
	charges []showback.Charge // with all amounts
	cov     explore.Coverage
	oracle  *mem.Engine
	months  []showback.Month
	// cuts are the days at which periods begin and end within a month. They are
	// few, so that what an engine remembers of one question serves others.
	cuts   []time.Time
	values map[string][]string
}

func newEstate(g generator) *estate {
	e := estateOf(g.estateCharges())
	for _, m := range e.months {
		for range 2 {
			e.cuts = append(e.cuts, m.Start().AddDate(0, 0, 1+g.IntN(27)))
		}
	}
	return e
}

// estateOf returns the estate of charges as a bill states them, of which there
// is one.
func estateOf(billed []showback.Charge) *estate {
	e := &estate{billed: billed, charges: fill(billed), values: map[string][]string{}}
	e.cover(mem.Cover(e.charges))
	for _, d := range e.cov.Deliveries {
		if !slices.Contains(e.months, d.Month) {
			e.months = append(e.months, d.Month)
		}
	}
	slices.Sort(e.months)
	return e
}

// cover makes the oracle say that the ledger holds what cov says.
func (e *estate) cover(cov explore.Coverage) {
	e.cov, e.oracle = cov, mem.New(e.charges, cov)
}

// period returns the months of the estate, those between them included.
func (e *estate) period() showback.Period {
	return showback.Period{Start: e.months[0].Start(), End: e.months[len(e.months)-1].End()}
}

// valuesOf returns values that charges have for the key.
func (e *estate) valuesOf(k explore.Key) []string {
	name := k.String()
	if _, known := e.values[name]; !known {
		values, err := e.oracle.Values(context.Background(), explore.Plan{Period: e.period(), Scope: explore.ScopeAll}, k, 100)
		if err != nil {
			panic("BUG: " + err.Error())
		}
		e.values[name] = values
	}
	return e.values[name]
}

// estateCharges returns the charges of an estate, as a bill states them. Most
// are like another one but for one thing, so that each table of sums has
// something to sum that the finer ones tell apart.
func (g generator) estateCharges() []showback.Charge {
	g.modest = !g.oneIn(3)
	profiles := g.profiles()
	before := make([][]showback.Charge, len(profiles))
	begins := map[string]time.Time{} // by payer and tag key
	var charges []showback.Charge
	for range estateCharges*2/3 + g.IntN(estateCharges/3) {
		i := g.IntN(len(profiles))
		p := profiles[i]
		c := g.charge(p)
		if len(before[i]) > 0 && !g.oneIn(4) {
			c = g.echo(pick(g, before[i]), p)
		}
		for _, t := range tagPool {
			name := p.payer + t.key.String()
			if _, known := begins[name]; !known {
				begins[name] = time.Time{}
				if g.oneIn(2) {
					begins[name] = pick(g, profiles).month.Start().AddDate(0, 0, g.IntN(28))
				}
			}
			if c.CountedOn().Before(begins[name]) {
				delete(c.Tags, t.key)
			}
		}
		before[i] = append(before[i], c)
		charges = append(charges, c)
	}
	return charges
}

// profiles returns the deliveries of an estate. In half of the estates those of
// a month are alike in all that lets them share a file; in most, all usage is
// told by the hour.
func (g generator) profiles() []profile {
	payers := []profile{
		{payer: "111122223333", payerName: "Main, Inc.", export: "bill", currencies: []string{"USD"}},
		{payer: "444455556666", export: "org-bill", currencies: []string{"USD", "KRW"}},
	}
	alike, byDay := g.oneIn(2), g.oneIn(4)
	if alike {
		payers = append(payers[:1], profile{payer: "444455556666", export: "org-bill"})
		if g.oneIn(2) {
			payers = append(payers, profile{payer: "777788889999", payerName: "Third & Sons", export: "bill"})
		}
	}
	first := g.IntN(len(months))
	last := min(first+1+g.IntN(2), len(months))
	var profiles []profile
	for _, m := range months[first:last] {
		var all profile
		for i, p := range payers {
			if i == 0 || !alike {
				all.net, all.blended, all.list = g.oneIn(2), g.oneIn(2), !g.oneIn(3)
				all.noCallerColumn = g.oneIn(8)
				all.commitments = g.IntN(3)
				all.currencies = p.currencies
			}
			all.payer, all.payerName, all.export, all.month = p.payer, p.payerName, p.export, m
			all.daily = byDay && g.oneIn(2)
			profiles = append(profiles, all)
		}
	}
	return profiles
}

// echo returns a charge that is like one of the same delivery but for one
// thing, and its amounts.
func (g generator) echo(c showback.Charge, p profile) showback.Charge {
	c.Tags = maps.Clone(c.Tags)
	other := g.charge(p)
	switch g.IntN(12) {
	case 0:
		c.Caller = other.Caller
	case 1, 2, 3:
		c.Caller = pick(g, sameRole(c.Caller))
	case 4:
		c.Tags = other.Tags
	case 5:
		c.Account = other.Account
	case 6:
		c.Resource = other.Resource
	case 7:
		c.Invoice, c.BillType, c.InvoicingEntity, c.LegalEntity = other.Invoice, other.BillType, other.InvoicingEntity, other.LegalEntity
	case 8:
		c.UsageStart, c.UsageEnd = other.UsageStart, other.UsageEnd
	case 9:
		if hour := c.UsageStart.Truncate(24 * time.Hour).Add(time.Duration(g.IntN(24)) * time.Hour); !p.daily {
			c.UsageStart, c.UsageEnd = hour, hour.Add(time.Hour)
		}
	case 10:
		c.Meter = pick(g, likeMeters(c.Meter))
	}
	if p.noCallerColumn {
		c.Caller = ""
	}
	c.Amounts = map[showback.Basis]showback.Decimal{showback.Unblended: g.amount()}
	c.Quantity = other.Quantity
	g.setAmounts(&c, p)
	return c
}

// sameRole returns the callers of the pool that differ from this one in the
// session alone, itself among them.
func sameRole(caller string) []string {
	role := caller[:strings.LastIndex(caller, "/")+1]
	same := []string{caller}
	for _, c := range callers {
		if role != "" && c != caller && strings.HasPrefix(c, role) {
			same = append(same, c)
		}
	}
	return same
}

// likeMeters returns the meters of the pool with the same product and unit,
// among them those of the same model.
func likeMeters(m showback.Meter) []showback.Meter {
	like := []showback.Meter{m}
	for _, o := range meters {
		o.BillingEntity = m.BillingEntity
		if o.ProductCode == m.ProductCode && o.Unit == m.Unit && o != m {
			like = append(like, o)
		}
	}
	return like
}
