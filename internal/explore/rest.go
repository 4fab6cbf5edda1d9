package explore

import (
	"slices"
	"strings"
	"time"

	"showback"
)

// Rest is what a delivery holds as sums alone: its charges that are not AI, where
// it was imported so.
type Rest struct {
	Charges int64
	// Callers reports that some of the charges have a caller, which is not kept.
	Callers bool
	// TagKeys are those that some of the charges have.
	TagKeys []showback.TagKey
	// FirstDay and LastDay are the first and the last day, both inclusive, on
	// which the charges count; zero when there is none.
	FirstDay, LastDay time.Time
}

// RestDetail is what the sums of a Rest tell apart.
var RestDetail = Detail{Span: Monthly, Caller: CallerPresence, Meter: MeterMeaning, Account: true, Invoice: true}

// RestPlan is what a plan asks of a Rest.
type RestPlan struct {
	// Plan is the part of it that the table of sums answers, over the whole month:
	// for what is the same on all charges see Fixed, and its spans begin where
	// those of the plan asked do.
	Plan Plan
	// Fixed has for each key of the plan asked its value where all charges have
	// the same; nil for those that Plan groups by, in their order.
	Fixed []*Value
	// Lacks says what the sums do not tell and the plan asks; empty for nothing.
	Lacks []string
}

// RestPlan returns what the plan asks of the delivery's Rest; nil for nothing.
// firstSeen is the payer's first day with each tag key.
func (d *Delivered) RestPlan(p Plan, firstSeen func(showback.TagKey) (time.Time, bool)) *RestPlan {
	r := d.Rest
	if r == nil || r.Charges == 0 {
		return nil
	}
	if end := r.LastDay.Add(day); !p.Period.End.After(r.FirstDay) || !p.Period.Start.Before(end) {
		return nil // no charge counts in the period
	}
	filter := Fold(p.Selection(), func(k Key) (Value, bool) { return d.ofRest(k) })
	if or, ok := filter.(Or); ok && len(or.Terms) == 0 {
		return nil
	}
	out := &RestPlan{Plan: Plan{Period: d.Month.Period(), Granularity: p.Granularity, Filter: filter, Basis: p.Basis, Scope: ScopeAll,
		TagView: p.TagView, Measures: []Measure{}}}
	lacks := func(what string) {
		if !slices.Contains(out.Lacks, what) {
			out.Lacks = append(out.Lacks, what)
		}
	}
	switch p.Granularity {
	case Daily, Weekly:
		lacks("day")
	case Hourly:
		lacks("hour")
	}
	if p.Period.Start.After(r.FirstDay) || p.Period.End.Before(r.LastDay.Add(day)) {
		lacks("day")
	}
	if p.Carries(Quantity) {
		lacks("quantity")
	}
	for _, k := range p.By {
		if v, same := d.ofRest(k); same {
			if k.Tag != (showback.TagKey{}) && v.Missing != showback.NotAI {
				var known bool
				if v.Missing, known = d.noTag(k.Tag, firstSeen); !known {
					lacks("day")
				}
			}
			out.Fixed = append(out.Fixed, &v)
			continue
		}
		out.Fixed = append(out.Fixed, nil)
		out.Plan.By = append(out.Plan.By, k)
		if !RestDetail.Covers(needOfKey(k)) {
			lacks(k.String())
		}
	}
	for _, k := range keysOf(filter) {
		if !RestDetail.Covers(needOfKey(k)) {
			lacks(k.String())
		}
	}
	return out
}

// needOfKey is the detail in which a table tells the values of a key apart.
func needOfKey(k Key) Detail {
	need := Detail{Span: Monthly}
	need.add(k)
	return need
}

// ofRest returns the value of a key that all charges of the Rest have. Of a tag
// that none has, why is not told.
func (d *Delivered) ofRest(k Key) (Value, bool) {
	if k.Tag != (showback.TagKey{}) {
		switch {
		case slices.Contains(d.Rest.TagKeys, k.Tag) || k.Tag.Source == showback.TagCaller && d.Rest.Callers:
			return Value{}, false
		case k.Tag.Source == showback.TagCaller:
			return Value{Missing: showback.NotAI}, true
		}
		return Value{Missing: showback.Untagged}, true
	}
	switch k.Name {
	case "scope":
		return Value{Text: ValueNotAI}, true
	case "provider", "model", "token-type", "pricing-model", "route":
		return Value{Missing: showback.NotAI}, true
	case "caller", "principal", "role", "session", "person", "certainty", "who":
		return Value{Missing: showback.NotAI}, !d.Rest.Callers
	}
	if value, ok := d.common(k); ok {
		return Value{Text: value}, true
	}
	return Value{}, false
}

// noTag says why the charges of the month have no such tag; known is false where
// that depends on their day.
func (d *Delivered) noTag(k showback.TagKey, firstSeen func(showback.TagKey) (time.Time, bool)) (why showback.Missing, known bool) {
	switch first, seen := firstSeen(k); {
	case !seen || first.After(d.Rest.LastDay):
		return showback.NotSeenYet, true
	case first.After(d.Rest.FirstDay):
		return "", false
	}
	return showback.Untagged, true
}

// tells reports that the plan asks no more of a Rest than it tells.
func (c Coverage) tells(p Plan) bool { return c.Refuse(p) == nil }

// Refuse returns the error for a plan that asks of what deliveries hold as sums
// more than those tell, KindInvalid; nil where it can be answered.
func (c Coverage) Refuse(p Plan) error {
	var lacking []Delivered
	var lacks []string
	firstOf := c.firstOf()
	for i := range c.Deliveries {
		d := &c.Deliveries[i]
		if !d.Month.Period().Overlaps(p.Period) {
			continue
		}
		r := d.RestPlan(p, firstOf(d.Payer))
		if r == nil || len(r.Lacks) == 0 {
			continue
		}
		lacking = append(lacking, *d)
		for _, what := range r.Lacks {
			if !slices.Contains(lacks, what) {
				lacks = append(lacks, what)
			}
		}
	}
	if len(lacking) == 0 {
		return nil
	}
	return showback.WithHint(showback.Errorf(showback.KindInvalid, "ask: charges that are not AI are kept as sums by the month (import --keep ai), without %s: %s",
		listed(lacks), exportsText(lacking)), "ask of AI alone with --scope ai, or import these deliveries again with --keep all")
}

// firstOf returns a payer's first day with a tag key, in any delivery.
func (c Coverage) firstOf() func(payer string) func(showback.TagKey) (time.Time, bool) {
	seen := map[showback.TagKey]map[string]time.Time{}
	return func(payer string) func(showback.TagKey) (time.Time, bool) {
		return func(k showback.TagKey) (time.Time, bool) {
			if seen[k] == nil {
				seen[k] = c.FirstSeen(k)
			}
			first, ok := seen[k][payer]
			return first, ok
		}
	}
}

// listed joins words: a, b and c.
func listed(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}
