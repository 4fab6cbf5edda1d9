package explore

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"showback"
)

// complete fills the question's defaults and checks what needs no ledger.
func complete(q Question) (Question, error) {
	q.By = slices.Clone(q.By)
	for i, k := range q.By {
		q.By[i].Typed = cmp.Or(k.Typed, k.String())
	}
	q.Granularity = cmp.Or(q.Granularity, Total)
	q.Basis = cmp.Or(q.Basis, showback.Unblended)
	q.Scope = cmp.Or(q.Scope, ScopeAI)
	q.TagView = cmp.Or(q.TagView, TagsBilled)
	if len(q.Measures) == 0 {
		q.Measures = []Measure{Cost}
	}
	bad := func(what, value string) error {
		return showback.Errorf(showback.KindInvalid, "ask: %s %q is none", what, value)
	}
	switch {
	case !slices.Contains([]Granularity{Total, Monthly, Daily}, q.Granularity):
		return q, bad("granularity", string(q.Granularity))
	case !slices.Contains(showback.Bases, q.Basis):
		return q, bad("basis", string(q.Basis))
	case !slices.Contains([]Scope{ScopeAI, ScopeAll}, q.Scope):
		return q, bad("scope", string(q.Scope))
	case !slices.Contains([]TagView{TagsBilled, TagsThen, TagsNow}, q.TagView):
		return q, bad("tag view", string(q.TagView))
	case q.Top < 0:
		return q, showback.Errorf(showback.KindInvalid, "ask: top %d is negative", q.Top)
	case q.Period.Empty():
		return q, showback.Errorf(showback.KindInvalid, "ask: the period is empty")
	case showback.Day(q.Period.Start) != q.Period.Start || showback.Day(q.Period.End) != q.Period.End:
		return q, showback.Errorf(showback.KindInvalid, "ask: the period %s to %s is not of whole UTC days",
			q.Period.Start.Format(time.RFC3339), q.Period.End.Format(time.RFC3339))
	}
	if err := answered(q.TagView); err != nil {
		return q, err
	}
	for i, m := range q.Measures {
		if !slices.Contains([]Measure{Cost, Tokens, Quantity, UnitCost}, m) {
			return q, bad("measure", string(m))
		}
		if slices.Contains(q.Measures[:i], m) {
			return q, showback.Errorf(showback.KindInvalid, "ask: measure %s is there twice", m)
		}
	}
	for _, c := range q.Classes {
		if !slices.Contains(showback.ChargeClasses, c) {
			return q, bad("charge class", string(c))
		}
	}
	return q, checkKeys(q)
}

// checkKeys refuses keys that the registry does not have and keys given twice.
func checkKeys(q Question) error {
	for _, k := range slices.Concat(q.By, keysOf(both(q.Filter, q.Access))) {
		known, ok := lookUpKey(k.String())
		if !ok || !known.Same(k) {
			return showback.WithHint(showback.Errorf(showback.KindInvalid, "ask: no such key as %q", k), keyHint(k.Name, nil))
		}
	}
	for i, k := range q.By {
		if first := slices.IndexFunc(q.By[:i], k.Same); first >= 0 {
			return showback.Errorf(showback.KindInvalid, "ask: group by %s: %s", k, repeated(q.By[first], k))
		}
	}
	return nil
}

// check checks the question against what the ledger holds.
func (a *asking) check() error {
	if len(a.cov.Deliveries) == 0 {
		return showback.Errorf(showback.KindNotFound, "ask: the store has no bills yet")
	}
	if len(a.in) == 0 {
		held := MonthsText(monthsOf(a.cov.Deliveries))
		return showback.WithHint(
			showback.Errorf(showback.KindNotFound, "ask %s: no bill in that period", a.q.Period.Inclusive()), "the store has bills of "+held)
	}
	return a.checkWide()
}

// checkWide refuses tag keys whose values a delivery of the period has too many
// of to keep: their charges would look untagged.
func (a *asking) checkWide() error {
	k, wide := a.wideKey()
	if len(wide) == 0 {
		return nil
	}
	return showback.WithHint(showback.Errorf(showback.KindInvalid, "ask: %s", tooWide(k, wide)),
		"a key whose values hardly recur groups nothing; ask by session, caller or another tag")
}

// wideKey returns the first key of the question that has too many values to
// keep, and the deliveries of the period in which it has; none for no key.
func (a *asking) wideKey() (Key, []Delivered) {
	for _, k := range slices.Concat(a.q.By, keysOf(a.filter())) {
		if k.Tag == (showback.TagKey{}) {
			continue
		}
		var wide []Delivered
		for _, d := range a.in {
			if slices.Contains(d.WideKeys, k.Tag) {
				wide = append(wide, d)
			}
		}
		if len(wide) > 0 {
			return k, wide
		}
	}
	return Key{}, nil
}

func tooWide(k Key, wide []Delivered) string {
	return fmt.Sprintf("%s has too many values to keep in %s", k, MonthsText(monthsOf(wide)))
}

// payersText names payers of deliveries, each once, with names where known.
func payersText(deliveries []Delivered) string {
	var names []string
	for _, d := range deliveries {
		name := d.Payer
		if d.PayerName != "" {
			name += " (" + d.PayerName + ")"
		}
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}
