package explore

import (
	"cmp"
	"fmt"
	"maps"
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
	case !slices.Contains([]Granularity{Total, Monthly, Weekly, Daily, Hourly}, q.Granularity):
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
	for _, s := range q.Sort {
		if !slices.Contains(sortWords, s.By) && !slices.ContainsFunc(q.By, s.Key.Same) {
			return q, bad("order", s.String())
		}
	}
	for _, c := range q.FailIf {
		if !slices.Contains(figureWords, c.Figure) || !slices.Contains(operators, c.Op) {
			return q, bad("condition", c.String())
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
	if err := a.checkFine(); err != nil {
		return err
	}
	if err := a.checkCurrencies(); err != nil {
		return err
	}
	if err := a.checkWide(); err != nil {
		return err
	}
	return a.cov.Refuse(a.mainPlan())
}

// checkCurrencies refuses a condition in a currency that no bill is in: it could
// never hold, and its asker would take that for good news.
func (a *asking) checkCurrencies() error {
	var billed []string
	for _, d := range a.cov.Deliveries {
		billed = append(billed, d.Currencies...)
	}
	slices.Sort(billed)
	billed = slices.Compact(billed)
	for _, c := range a.q.FailIf {
		if c.Currency != "" && len(billed) > 0 && !slices.Contains(billed, c.Currency) {
			return showback.Errorf(showback.KindInvalid, "ask: condition %s: no bill in the store is in %s, want %s", c, c.Currency, either(billed))
		}
	}
	return nil
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

// checkFine refuses spans that are shorter than what an export bills by: its
// usage would stand in the first of them.
func (a *asking) checkFine() error {
	coarse, fine := a.coarse()
	if len(coarse) == 0 {
		return nil
	}
	by, wider := "day", Daily
	if slices.ContainsFunc(coarse, func(d Delivered) bool { return d.Monthly }) {
		by, wider = "month", Monthly
	}
	hint := "ask with --granularity " + string(wider)
	if len(fine) > 0 {
		hint += ", or leave those out: --where " + `"` + Format(Match{named("payer"), fine}) + `"`
	}
	return showback.WithHint(showback.Errorf(showback.KindInvalid, "ask by %s: %s bills by the %s",
		a.q.Granularity, exportsText(coarse), by), hint)
}

// coarse returns the deliveries of the question whose usage is not cut as finely
// as its spans, and the payers of the question that have no such one.
func (a *asking) coarse() (coarse []Delivered, fine []Pattern) {
	filter := a.filter()
	var payers []string
	for _, d := range a.in {
		if d.LastDay.IsZero() || d.holds(filter) == never {
			continue
		}
		payers = append(payers, d.Payer)
		switch a.q.Granularity {
		case Hourly:
			if !d.Hourly {
				coarse = append(coarse, d)
			}
		case Daily, Weekly:
			if d.Monthly {
				coarse = append(coarse, d)
			}
		}
	}
	slices.Sort(payers)
	for _, p := range slices.Compact(payers) {
		if !slices.ContainsFunc(coarse, func(d Delivered) bool { return d.Payer == p }) {
			fine = append(fine, Exact(p))
		}
	}
	return coarse, fine
}

// exportsText names exports, each with its payer and months.
func exportsText(deliveries []Delivered) string {
	months := map[string][]Delivered{}
	for _, d := range deliveries {
		name := fmt.Sprintf("export %q of payer %s", d.Export, payersText([]Delivered{d}))
		months[name] = append(months[name], d)
	}
	var texts []string
	for _, name := range slices.Sorted(maps.Keys(months)) {
		texts = append(texts, name+" in "+MonthsText(monthsOf(months[name])))
	}
	return strings.Join(texts, "; ")
}
