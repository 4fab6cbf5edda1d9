package estate

import (
	"slices"
	"strings"
	"time"

	"showback"
)

// pair is an entry of a map column; a map is a slice of pairs, sorted by key.
type pair struct{ key, value string }

// line is one row of a bill, with what any export may say of it.
type line struct {
	*tariff
	payer   *payer
	account *account
	kind    string // line_item_line_item_type
	bill    string // bill_bill_type
	invoice string
	id      string
	counts  bool // a line of consumption: see isUsage

	start, end time.Time
	caller     string
	callTags   []pair // of the caller, keys without prefix
	app        string // resource tag
	resource   string
	about      string // description, where it is not the tariff's
	taxType    string
	term       string // pricing_term
	action     string // operation, where it is not the tariff's

	quantity  number
	unblended number
	net       number
	blended   number
	list      number

	plan    *planPart
	reserve *reservePart
}

// planPart is what a line says of a savings plan.
type planPart struct {
	effective, netEffective number
	total, used             number // commitment of the line's span
	rate                    string
}

// reservePart is what a line says of a reservation.
type reservePart struct {
	effective, netEffective             number
	unusedUpfront, unusedRecurring      number
	netUnusedUpfront, netUnusedRecurr   number
	unusedHours, upfrontFee, netUpfront number
}

// market reports a line that a Marketplace seller bills.
func (l *line) market() bool { return l.seller != "" }

func (l *line) billingEntity() string {
	if l.market() {
		return "AWS Marketplace"
	}
	return "AWS"
}

func (l *line) legalEntity() string {
	if l.market() {
		return l.seller
	}
	return l.payer.entity
}

func (l *line) describes() string {
	if l.about != "" {
		return l.about
	}
	return l.description
}

func (l *line) operates() string {
	if l.action != "" {
		return l.action
	}
	return l.operation
}

// isUsage reports a line of consumption, the only kind that has a caller, a
// quantity that counts and tags of resources.
func (l *line) isUsage() bool { return l.counts }

// tags returns the tags column: keys with the prefix of their source.
// resourcePrefix is what the export writes before a resource tag's own key.
func (l *line) tags(x *export) []pair {
	var out []pair
	if x.callers {
		for _, t := range l.callTags {
			out = append(out, pair{"iamPrincipal/" + t.key, t.value})
		}
		if user, ok := ssoUser(l.caller); ok && len(l.callTags) > 0 {
			out = append(out, pair{"userAttribute/department", departmentOf(user)})
		}
	}
	if l.isUsage() {
		out = append(out, pair{"accountTag/business-unit", l.account.unit})
	}
	if l.app != "" {
		out = append(out, pair{"resourceTags/" + x.resourcePrefix + "app", l.app})
	}
	for _, c := range l.categories() {
		out = append(out, pair{"costCategory/" + c.key, c.value})
	}
	slices.SortFunc(out, func(a, b pair) int { return strings.Compare(a.key, b.key) })
	return out
}

// ssoUser returns the Identity Center user behind a caller.
func ssoUser(caller string) (user string, ok bool) {
	_, role, found := strings.Cut(caller, ":assumed-role/AWSReservedSSO_")
	if !found {
		return "", false
	}
	_, user, ok = strings.Cut(role, "/")
	return user, ok
}

// departmentOf is an attribute of Identity Center users: of two departments.
func departmentOf(user string) string {
	return []string{"engineering", "research"}[len(user)%2]
}

// categories returns the cost categories: none for what is shared.
func (l *line) categories() []pair {
	if l.account.unit == "shared" {
		return nil
	}
	return []pair{{"Division", l.account.unit}}
}

// resourceTags returns the resource_tags column, with the keys normalised.
func (l *line) resourceTags() []pair {
	if l.app == "" {
		return nil
	}
	return []pair{{"user_app", l.app}}
}

// charge returns the line as the export delivers it.
func (l *line) charge(x *export, m showback.Month) *showback.Charge {
	c := &showback.Charge{
		Payer: l.payer.id, PayerName: l.payer.name, Export: x.name, Month: m,
		Account: l.account.id, AccountName: l.account.name, NoCallerColumn: !x.callers,
		Type: l.kind, UsageStart: l.start, UsageEnd: l.end, Resource: l.resource,
		BillType: l.bill, BillingEntity: l.billingEntity(), InvoicingEntity: l.payer.entity, LegalEntity: l.legalEntity(),
		Invoice: l.invoice, Currency: l.payer.currency, Amounts: l.amounts(x),
		Meter: showback.Meter{
			ProductCode: l.code, BillingEntity: l.billingEntity(), UsageType: l.usage, Operation: l.operates(), Unit: l.unit,
			ServiceCode: l.service, ProductFamily: l.family, Region: l.region.code, ProductName: l.product,
			Provider: l.provider, Model: l.model, InferenceType: l.inference, Feature: l.feature, PurchaseTerm: l.term,
		},
	}
	if l.ai {
		c.Meter.Rate, c.Meter.Description = l.rateText(), l.describes()
	}
	if x.callers {
		c.Caller = l.caller
	}
	if l.quantity.set {
		q := l.quantity.exact()
		c.Quantity = &q
	}
	for _, t := range l.tags(x) {
		if key, ok := showback.ParseTagKey(t.key); ok {
			key.Name = strings.TrimPrefix(key.Name, "user:")
			if c.Tags == nil {
				c.Tags = map[showback.TagKey]string{}
			}
			c.Tags[key] = t.value
		}
	}
	return c
}

// rateText is line_item_unblended_rate: blank where nothing was consumed.
func (l *line) rateText() string {
	if !l.isUsage() {
		return ""
	}
	return l.rate
}

// amounts returns the line's amount on each basis that the export carries.
func (l *line) amounts(x *export) map[showback.Basis]showback.Decimal {
	a := map[showback.Basis]showback.Decimal{}
	for _, basis := range showback.Bases {
		if of, ok := l.on(x, basis); ok {
			a[basis] = of[0].exact().Add(of[1].exact())
		}
	}
	return a
}

// on returns what the line's amount on a basis is the sum of; ok is false for
// a basis that the export does not carry and for a blank list price. It applies
// the rules of ARCHITECTURE.md (Meaning of a charge, Bases), worked out here
// once more so that tests hold the product against a second reading of them.
func (l *line) on(x *export, basis showback.Basis) (of [2]number, ok bool) {
	switch basis {
	case showback.Unblended:
		return [2]number{l.unblended}, true
	case showback.NetUnblended:
		return [2]number{l.net}, x.net
	case showback.Blended:
		return [2]number{l.blended}, x.listed
	case showback.List:
		return [2]number{l.list}, x.listed && l.list.set
	case showback.Amortized:
		return l.amortized(l.unblended, false), true
	case showback.NetAmortized:
		return l.amortized(l.net, true), x.net
	}
	panic("BUG: basis " + string(basis))
}

func (l *line) amortized(plain number, net bool) [2]number {
	pick := func(gross, netTwin number) number {
		if net {
			return netTwin
		}
		return gross
	}
	switch l.kind {
	case "SavingsPlanCoveredUsage":
		return [2]number{pick(l.plan.effective, l.plan.netEffective)}
	case "SavingsPlanRecurringFee":
		return [2]number{l.plan.total, l.plan.used.neg()}
	case "SavingsPlanNegation", "SavingsPlanUpfrontFee":
		return [2]number{}
	case "DiscountedUsage":
		return [2]number{pick(l.reserve.effective, l.reserve.netEffective)}
	case "RIFee":
		return [2]number{pick(l.reserve.unusedUpfront, l.reserve.netUnusedUpfront), pick(l.reserve.unusedRecurring, l.reserve.netUnusedRecurr)}
	case "Fee":
		if l.reserve != nil {
			return [2]number{}
		}
	}
	return [2]number{plain}
}
