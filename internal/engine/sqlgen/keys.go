package sqlgen

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"showback"
	"showback/internal/explore"
)

// place is where the value of a key stands: an expression over columns of one
// table that is NULL for no value.
type place struct {
	table   string // alias
	columns []string
	value   string
	folded  string // the column of the value in lower case; empty where case counts
}

var places = map[string]place{
	"caller":    plain(callers, "arn"),
	"principal": {derived, []string{"principal"}, "w.principal", ""},
	"role":      {derived, []string{"role"}, "w.role", ""},
	"session":   {derived, []string{"session"}, "w.session", ""},
	"person":    {derived, []string{"person"}, "w.person", "person_folded"},
	"certainty": {derived, []string{"certainty"}, "w.certainty", ""},
	"who":       {derived, []string{"who"}, "w.who", "who_folded"},

	"scope":         {meters, []string{"ai"}, "CASE WHEN m.ai THEN " + literal(explore.ValueAI) + " ELSE " + literal(explore.ValueNotAI) + " END", ""},
	"provider":      meaning("provider"),
	"model":         meaning("model"),
	"token-type":    meaning("token_type"),
	"pricing-model": meaning("pricing_model"),
	"route":         meaning("route"),
	"service":       plain(meters, "service"),
	"region":        plain(meters, "region"),
	"usage-type":    plain(meters, "usage_type"),
	"operation":     plain(meters, "operation"),

	"charge-type":      plain(types, "name"),
	"charge-class":     plain(types, "class"),
	"account":          plain(accounts, "account"),
	"payer":            plain(payers, "account"),
	"resource":         plain(resources, "resource"),
	"invoice":          plain(invoices, "invoice"),
	"billing-entity":   plain(invoices, "billing_entity"),
	"invoicing-entity": plain(invoices, "invoicing_entity"),
	"legal-entity":     plain(invoices, "legal_entity"),
	"bill-type":        plain(billTypes, "name"),
	"currency":         plain(currencies, "code"),
}

// plain is a text that the bill may leave blank.
func plain(table, column string) place {
	return place{table, []string{column}, "nullif(" + table + "." + column + ", '')", ""}
}

// meaning is what AI meters alone have.
func meaning(column string) place {
	return place{meters, []string{"ai", column}, "CASE WHEN m.ai THEN nullif(m." + column + ", '') END", ""}
}

var (
	derivedKeys = []string{"principal", "role", "session", "person", "certainty", "who"}
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
	case k.Name == "payer" && s.Payer != "":
		return explore.Value{Text: s.Payer}, true
	case k.Name == "month":
		return explore.Value{Text: string(s.Month)}, true
	case k.Name == "currency" && s.Currency != "":
		return explore.Value{Text: s.Currency}, true
	}
	return explore.Value{}, false
}

// place returns where the key's value stands. The key has passed Check.
func (q *query) place(k explore.Key) place {
	if k.Tag != (showback.TagKey{}) {
		alias := q.tagAlias(k.Tag)
		return place{alias, []string{"value"}, alias + ".value", ""}
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
		id := "f." + q.place(k).table + "_id"
		return sql("CASE WHEN " + id + " > 0 THEN " + literal(noneOfCaller(k.Name)) + " ELSE " + q.noCaller() + " END")
	case slices.Contains(meaningKeys, k.Name):
		return sql(q.noMeaning(k.Name))
	}
	return sql(literal(none(k.Name, "")))
}

// none writes a cause in words: "no token type: tax".
func none(key, why string) showback.Missing {
	return showback.None(strings.ReplaceAll(key, "-", " "), why)
}

// noneOfCaller is why a caller has no value: certainty is missing as the
// person is.
func noneOfCaller(key string) showback.Missing {
	if key == "certainty" {
		key = "person"
	}
	return none(key, "")
}

// noCaller writes why a charge without caller has none, by showback.NoCaller;
// one that is not AI could not have had one.
func (q *query) noCaller() string {
	q.join(meters, "ai", "known", "inference")
	q.join(types, "class")
	by := func(inference bool) string {
		return byClass(func(c showback.ChargeClass) showback.Missing {
			return showback.NoCaller(c, inference, true, !q.s.CallerColumn)
		})
	}
	return "CASE WHEN NOT m.ai THEN " + literal(showback.NotAI) + " WHEN m.known AND NOT m.inference THEN " + by(false) +
		" ELSE " + by(true) + " END"
}

// byClass writes a choice by charge class; what usage has, all others have
// that are not named.
func byClass(of func(showback.ChargeClass) showback.Missing) string {
	usual, named := of(showback.ClassUsage), ""
	for _, c := range showback.ChargeClasses {
		if why := of(c); why != usual {
			named += " WHEN " + literal(c) + " THEN " + literal(why)
		}
	}
	if named == "" {
		return literal(usual)
	}
	return "CASE k.class" + named + " ELSE " + literal(usual) + " END"
}

// notUsage has the words for the classes whose charges need not say what was
// used. A type that nobody documented may be usage and is judged as such.
var notUsage = map[showback.ChargeClass]string{
	showback.ClassTax:      "tax",
	showback.ClassCredit:   "credit or refund",
	showback.ClassRefund:   "credit or refund",
	showback.ClassDiscount: "discount",
	showback.ClassFee:      "fee",
}

// noMeaning writes why a meter's meaning lacks something.
func (q *query) noMeaning(key string) string {
	q.join(meters, "ai", "known")
	q.join(types, "class")
	by := func(known bool) string {
		return byClass(func(c showback.ChargeClass) showback.Missing {
			if notUsage[c] == "" && !known {
				return showback.Unclassified
			}
			return none(key, notUsage[c])
		})
	}
	return "CASE WHEN NOT m.ai THEN " + literal(showback.NotAI) + " WHEN m.known THEN " + by(true) + " ELSE " + by(false) + " END"
}

// tagCause writes why a charge has no such tag. A caller's tag needs a caller
// before anything can be said of it.
func (q *query) tagCause(tag showback.TagKey) fragment {
	var cause fragment
	switch early, some := q.early(tag); {
	case early.text != "":
		column := q.column("early_"+q.tagAlias(tag), early)
		cause = sql("CASE WHEN " + column + " THEN " + literal(showback.NotSeenYet) + " ELSE " + literal(showback.Untagged) + " END")
	case some:
		cause = sql(literal(showback.NotSeenYet))
	default:
		cause = sql(literal(showback.Untagged))
	}
	if tag.Source != showback.TagCaller {
		return cause
	}
	if !slices.Contains(q.names, "has_caller") {
		q.column("has_caller", q.hasCaller())
	}
	return put("CASE WHEN f.has_caller = 0 THEN "+q.noCaller()+" ELSE {} END", cause)
}

// early returns the condition under which a charge is of before its payer's
// first day with the tag. Without one it is the same for all charges: always
// says which.
func (q *query) early(tag showback.TagKey) (condition fragment, always bool) {
	if len(q.s.Payers) == 0 {
		return q.earlyOf(q.s.FirstSeen, tag)
	}
	var cases []fragment
	alike := true
	for i, payer := range q.s.Payers {
		of, all := q.earlyOf(payer.FirstSeen, tag)
		if i == 0 {
			always = all
		}
		alike = alike && of.text == "" && all == always
		switch {
		case of.text != "":
		case all:
			of = sql("TRUE")
		default:
			of = sql("FALSE")
		}
		cases = append(cases, put("WHEN "+strconv.Itoa(int(payer.ID))+" THEN {}", of))
	}
	if alike {
		return fragment{}, always
	}
	return put("CASE x.payer_id {} ELSE FALSE END", join(cases, " ")), false
}

// earlyOf is early for one payer.
func (q *query) earlyOf(firstSeen map[showback.TagKey]time.Time, tag showback.TagKey) (condition fragment, always bool) {
	month := q.s.Month.Period()
	first, seen := firstSeen[tag]
	switch {
	case !seen || !first.Before(month.End):
		return fragment{}, true
	case first.After(month.Start):
		return sql("x.day < CAST(? AS DATE)", first.Format(time.DateOnly)), false
	}
	return fragment{}, false
}
