package sqlgen

import (
	"slices"
	"strings"
	"time"

	"showback"
	"showback/internal/explore"
)

// table is a table that facts are joined with, at most one row for each id.
type table struct {
	alias, name, id string
	only            fragment // what else a row must fulfil; empty for nothing
}

// place is where the value of a key stands: an expression over a table that is
// NULL for no value.
type place struct {
	table  string // alias
	value  string
	folded string // value in lower case; empty for keys whose case counts
}

// The tables' aliases. Those of tags are t0, t1, …; facts are f.
const (
	meters     = "m"
	types      = "k"
	accounts   = "a"
	currencies = "u"
	billTypes  = "b"
	callers    = "c"
	derived    = "w"
	resources  = "r"
	invoices   = "i"
)

// tables returns the tables that have one row for each id by themselves.
func (q *query) tables() map[string]table {
	dims, own := q.d.Dims, q.s.Catalog+"."
	return map[string]table{
		meters:     {meters, dims + "meter", "meter_id", fragment{}},
		types:      {types, dims + "charge_type", "charge_type_id", fragment{}},
		accounts:   {accounts, dims + "account", "account_id", fragment{}},
		currencies: {currencies, dims + "currency", "currency_id", fragment{}},
		billTypes:  {billTypes, dims + "bill_type", "bill_type_id", fragment{}},
		callers:    {callers, own + "caller", "caller_id", fragment{}},
		derived:    {derived, q.s.Callers, "caller_id", fragment{}},
		resources:  {resources, own + "resource", "resource_id", fragment{}},
		invoices:   {invoices, own + "invoice", "invoice_id", fragment{}},
	}
}

var places = map[string]place{
	"caller":    {table: callers, value: "c.arn"},
	"principal": {table: derived, value: "w.principal"},
	"role":      {table: derived, value: "w.role"},
	"session":   {table: derived, value: "w.session"},
	"person":    {table: derived, value: "w.person", folded: "w.person_folded"},
	"who":       {table: derived, value: "w.who", folded: "w.who_folded"},

	"scope":         {table: meters, value: "CASE WHEN m.ai THEN " + literal(explore.ValueAI) + " ELSE " + literal(explore.ValueNotAI) + " END"},
	"service":       {table: meters, value: "nullif(m.service, '')"},
	"provider":      {table: meters, value: "CASE WHEN m.ai THEN nullif(m.provider, '') END"},
	"model":         {table: meters, value: "CASE WHEN m.ai THEN nullif(m.model, '') END"},
	"token-type":    {table: meters, value: "CASE WHEN m.ai THEN nullif(m.token_type, '') END"},
	"pricing-model": {table: meters, value: "CASE WHEN m.ai THEN nullif(m.pricing_model, '') END"},
	"route":         {table: meters, value: "CASE WHEN m.ai THEN nullif(m.route, '') END"},
	"region":        {table: meters, value: "nullif(m.region, '')"},
	"usage-type":    {table: meters, value: "nullif(m.usage_type, '')"},
	"operation":     {table: meters, value: "nullif(m.operation, '')"},

	"charge-type":      {table: types, value: "nullif(k.name, '')"},
	"charge-class":     {table: types, value: "k.class"},
	"account":          {table: accounts, value: "nullif(a.account, '')"},
	"resource":         {table: resources, value: "nullif(r.resource, '')"},
	"invoice":          {table: invoices, value: "nullif(i.invoice, '')"},
	"billing-entity":   {table: invoices, value: "nullif(i.billing_entity, '')"},
	"invoicing-entity": {table: invoices, value: "nullif(i.invoicing_entity, '')"},
	"legal-entity":     {table: invoices, value: "nullif(i.legal_entity, '')"},
	"bill-type":        {table: billTypes, value: "nullif(b.name, '')"},
	"currency":         {table: currencies, value: "u.code"},
}

var (
	derivedKeys = []string{"principal", "role", "session", "person", "who"}
	callerKeys  = append([]string{"caller"}, derivedKeys...)
	meaningKeys = []string{"provider", "model", "token-type", "pricing-model", "route"}
)

// isDerived reports whether the key's values come from the table of derived
// callers.
func isDerived(k explore.Key) bool {
	return k.Tag == (showback.TagKey{}) && slices.Contains(derivedKeys, k.Name)
}

// constant returns the value of a key that is the same on all charges of the
// segment.
func (s SegmentInfo) constant(k explore.Key) (explore.Value, bool) {
	switch {
	case k.Tag != (showback.TagKey{}):
	case k.Name == "payer":
		return explore.Value{Text: s.Payer}, true
	case k.Name == "month":
		return explore.Value{Text: string(s.Month)}, true
	}
	return explore.Value{}, false
}

// place returns where the key's value stands. The key has passed Check.
func (q *query) place(k explore.Key) place {
	if k.Tag != (showback.TagKey{}) {
		alias := q.tagAlias(k.Tag)
		return place{table: alias, value: alias + ".value"}
	}
	return places[k.Name]
}

// cause returns why a charge has no value for a key that it has no value for:
// the first cause of ARCHITECTURE.md §3 that holds.
func (q *query) cause(k explore.Key) fragment {
	switch {
	case k.Tag != (showback.TagKey{}):
		return q.tagCause(k.Tag)
	case slices.Contains(callerKeys, k.Name):
		return sql("CASE WHEN f.caller_id > 0 THEN " + literal(none(k.Name, "")) + " ELSE " + noCaller(!q.s.CallerColumn) + " END")
	case slices.Contains(meaningKeys, k.Name):
		return sql(noMeaning(k.Name))
	}
	return sql(literal(none(k.Name, "")))
}

// none writes a cause in words: "no token type: tax".
func none(key, why string) showback.Missing {
	return showback.None(strings.ReplaceAll(key, "-", " "), why)
}

// noCaller writes why a charge without caller has none, by showback.NoCaller.
func noCaller(noColumn bool) string {
	by := func(inference bool) string {
		return byClass(func(c showback.ChargeClass) showback.Missing {
			return showback.NoCaller(c, inference, true, noColumn)
		})
	}
	return "CASE WHEN NOT m.ai THEN " + literal(showback.NotAI) + " WHEN m.known AND NOT m.inference THEN " + by(false) +
		" ELSE " + by(true) + " END"
}

// byClass writes a choice by charge class.
func byClass(of func(showback.ChargeClass) showback.Missing) string {
	var b strings.Builder
	b.WriteString("CASE k.class")
	for _, c := range showback.ChargeClasses {
		b.WriteString(" WHEN " + literal(c) + " THEN " + literal(of(c)))
	}
	b.WriteString(" END")
	return b.String()
}

// noMeaning writes why a meter's meaning lacks something. Charges that are not
// usage need not say what was used; a type that nobody documented may be usage
// and is judged as such.
func noMeaning(key string) string {
	why := map[showback.ChargeClass]string{
		showback.ClassTax:      "tax",
		showback.ClassCredit:   "credit or refund",
		showback.ClassRefund:   "credit or refund",
		showback.ClassDiscount: "discount",
		showback.ClassFee:      "fee",
	}
	by := func(known bool) string {
		return byClass(func(c showback.ChargeClass) showback.Missing {
			if why[c] == "" && !known {
				return showback.Unclassified
			}
			return none(key, why[c])
		})
	}
	return "CASE WHEN NOT m.ai THEN " + literal(showback.NotAI) + " WHEN m.known THEN " + by(true) + " ELSE " + by(false) + " END"
}

// tagCause writes why a charge has no such tag. A caller's tag needs a caller
// before anything can be said of it.
func (q *query) tagCause(tag showback.TagKey) fragment {
	cause := put(literal(showback.Untagged))
	month := q.s.Month.Period()
	first, seen := q.s.FirstSeen[tag]
	switch {
	case !seen || !first.Before(month.End):
		cause = sql(literal(showback.NotSeenYet))
	case first.After(month.Start):
		early := q.column("early_"+q.tagAlias(tag), sql("day < CAST(? AS DATE)", first.Format(time.DateOnly)))
		cause = sql("CASE WHEN " + early + " THEN " + literal(showback.NotSeenYet) + " ELSE " + literal(showback.Untagged) + " END")
	}
	if tag.Source != showback.TagCaller {
		return cause
	}
	return put("CASE WHEN "+q.column("no_caller", sql("caller_id = 0"))+" THEN "+noCaller(!q.s.CallerColumn)+" ELSE {} END", cause)
}

func (q *query) tagAlias(tag showback.TagKey) string {
	i := slices.Index(q.tags, tag)
	if i < 0 {
		i = len(q.tags)
		q.tags = append(q.tags, tag)
	}
	return aliasOfTag(i)
}
