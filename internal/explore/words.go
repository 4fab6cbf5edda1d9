package explore

import (
	"slices"
	"strings"

	"showback"
)

// word is one accepted spelling of a choice.
type word[T any] struct {
	text  string
	value T
}

// choose reads one of a few words, case aside and "_" as "-". The first
// spelling of each value is the one that is offered.
func choose[T comparable](what, typed string, words []word[T]) (T, error) {
	plain := strings.ReplaceAll(strings.ToLower(strings.TrimSpace(typed)), "_", "-")
	var offered []string
	var among []candidate
	for i, w := range words {
		if w.text == plain {
			return w.value, nil
		}
		if i == 0 || w.value != words[i-1].value {
			offered = append(offered, w.text)
		}
		among = append(among, candidate{w.text, offered[len(offered)-1]})
	}
	var none T
	err := showback.Errorf(showback.KindInvalid, "parse %s %q: want %s", what, typed, either(offered))
	if near := nearest(plain, among); len(near) > 0 {
		return none, showback.WithHint(err, didYouMean(near))
	}
	return none, err
}

var granularities = []word[Granularity]{
	{"hour", Hourly}, {"hourly", Hourly}, {"day", Daily}, {"daily", Daily}, {"week", Weekly}, {"weekly", Weekly},
	{"month", Monthly}, {"monthly", Monthly}, {"total", Total},
}

// ParseGranularity reads hour, day, week, month or total, or Cost Explorer's
// HOURLY, DAILY and MONTHLY. Errors are of KindInvalid.
func ParseGranularity(typed string) (Granularity, error) {
	return choose("granularity", typed, granularities)
}

var bases = []word[showback.Basis]{
	{"unblended", showback.Unblended}, {"unblendedcost", showback.Unblended}, {"unblended-cost", showback.Unblended},
	{"net-unblended", showback.NetUnblended}, {"netunblendedcost", showback.NetUnblended}, {"net-unblended-cost", showback.NetUnblended},
	{"amortized", showback.Amortized}, {"amortizedcost", showback.Amortized}, {"amortized-cost", showback.Amortized}, {"amortised", showback.Amortized},
	{"net-amortized", showback.NetAmortized}, {"netamortizedcost", showback.NetAmortized}, {"net-amortized-cost", showback.NetAmortized},
	{"net-amortised", showback.NetAmortized},
	{"blended", showback.Blended}, {"blendedcost", showback.Blended}, {"blended-cost", showback.Blended},
	{"list", showback.List},
}

// ParseBasis reads the name of a basis, or Cost Explorer's metric for it
// (UnblendedCost, NET_AMORTIZED_COST, …). Errors are of KindInvalid.
func ParseBasis(typed string) (showback.Basis, error) { return choose("basis", typed, bases) }

var measures = []word[Measure]{
	{"cost", Cost}, {"tokens", Tokens},
	{"quantity", Quantity}, {"usagequantity", Quantity}, {"usage-quantity", Quantity},
	{"unit-cost", UnitCost},
}

// ParseMeasures reads a comma-separated list of cost, tokens, quantity and
// unit-cost. A measure given twice is an error, as every other fault is, of
// KindInvalid.
func ParseMeasures(list string) ([]Measure, error) {
	var ms []Measure
	for _, typed := range strings.Split(list, ",") {
		m, err := choose("measure", typed, measures)
		if err != nil {
			return nil, err
		}
		if slices.Contains(ms, m) {
			return nil, showback.Errorf(showback.KindInvalid, "parse measures %q: %s is there twice", list, m)
		}
		ms = append(ms, m)
	}
	return ms, nil
}

var scopes = []word[Scope]{{"ai", ScopeAI}, {"all", ScopeAll}}

// ParseScope reads ai or all. Errors are of KindInvalid.
func ParseScope(typed string) (Scope, error) { return choose("scope", typed, scopes) }

var tagViews = []word[TagView]{{"billed", TagsBilled}, {"then", TagsThen}, {"now", TagsNow}}

// ParseTagView reads billed. The views then and now exist as words and are
// refused with the reason; every error is of KindInvalid.
func ParseTagView(typed string) (TagView, error) {
	v, err := choose("tag view", typed, tagViews)
	if err != nil {
		return "", err
	}
	return v, answered(v)
}

// answered refuses the views that need a history of tags.
func answered(v TagView) error {
	if v == TagsBilled {
		return nil
	}
	return showback.WithHint(showback.Errorf(showback.KindInvalid,
		"use tag view %s: there is no history of tags yet", v), "ask for --tag-view billed: the tags that AWS put on the charge")
}

// classWords has each class as people write it, singular and plural.
var classWords = []word[showback.ChargeClass]{
	{"usage", showback.ClassUsage},
	{"fees", showback.ClassFee}, {"fee", showback.ClassFee},
	{"discounts", showback.ClassDiscount}, {"discount", showback.ClassDiscount},
	{"credits", showback.ClassCredit}, {"credit", showback.ClassCredit},
	{"refunds", showback.ClassRefund}, {"refund", showback.ClassRefund},
	{"tax", showback.ClassTax}, {"taxes", showback.ClassTax},
	{"other", showback.ClassOther},
}

// className returns a class as people write it: "credits".
func className(c showback.ChargeClass) string {
	return classWords[slices.IndexFunc(classWords, func(w word[showback.ChargeClass]) bool { return w.value == c })].text
}

// ParseCharges reads which charges to count: all; a comma-separated list of
// classes (usage, fees, discounts, credits, refunds, tax, other); or all but
// some, with dashes or commas: no-tax, no-credits-refunds, no-credits,no-tax.
// Classes to count and classes to leave out do not mix. The classes come in
// the order of showback.ChargeClasses; nil means all. Errors are of
// KindInvalid.
func ParseCharges(typed string) ([]showback.ChargeClass, error) {
	plain := strings.ReplaceAll(strings.ToLower(strings.TrimSpace(typed)), "_", "-")
	if plain == "all" {
		return nil, nil
	}
	words, but, err := chargeWords(typed, plain)
	if err != nil {
		return nil, err
	}
	var named, classes []showback.ChargeClass
	for _, w := range words {
		c, err := choose("charges", w, classWords)
		if err != nil {
			return nil, showback.WithHint(err, chargeForms)
		}
		named = append(named, c)
	}
	for _, c := range showback.ChargeClasses {
		if slices.Contains(named, c) != but {
			classes = append(classes, c)
		}
	}
	switch len(classes) {
	case 0:
		return nil, showback.Errorf(showback.KindInvalid, "parse charges %q: that leaves no charges", typed)
	case len(showback.ChargeClasses):
		return nil, nil
	}
	return classes, nil
}

// chargeWords returns the classes of a list, as typed, and whether the list
// has all but them.
func chargeWords(typed, list string) (words []string, but bool, err error) {
	parts, excluding := strings.Split(list, ","), 0
	for _, part := range parts {
		part = strings.TrimSpace(part)
		rest, found := strings.CutPrefix(part, "no-")
		if !found {
			words = append(words, part)
			continue
		}
		excluding++
		words = append(words, strings.Split(rest, "-")...)
	}
	if excluding > 0 && excluding < len(parts) {
		return nil, false, showback.WithHint(showback.Errorf(showback.KindInvalid,
			"parse charges %q: found classes to count and classes to leave out, want one or the other", typed),
			"to leave some out write no-tax or no-credits,no-tax")
	}
	return words, excluding > 0, nil
}

const chargeForms = "or all, no-tax, no-credits-refunds, no-credits-refunds-tax"
