package explore

import (
	"slices"
	"time"

	"showback"
)

// CallerDetail is how finely a table tells callers apart. A table has one
// caller stand for all that it does not tell apart.
type CallerDetail int

// The details, from the coarsest to the finest.
const (
	CallerPresence  CallerDetail = iota // whether there is one
	CallerPrincipal                     // callers of the same principal and role are one
	CallerExact                         // every caller as billed
)

// MeterDetail is how finely a table tells meters apart. A table has one meter
// stand for all that it does not tell apart.
type MeterDetail int

// The details, from the coarsest to the finest.
const (
	MeterMeaning MeterDetail = iota // by scope, service, provider, model, unit and multiplier
	MeterExact                      // every meter as billed
)

// Detail is what a table of sums tells apart. Every table tells apart payer,
// month, currency, charge type, and charges with a list price from those
// without.
type Detail struct {
	Span     Granularity  `json:"span"` // Hourly, Daily or Monthly
	Caller   CallerDetail `json:"caller"`
	Meter    MeterDetail  `json:"meter"`
	Tags     bool         `json:"tags,omitempty"`
	Account  bool         `json:"account,omitempty"`
	Invoice  bool         `json:"invoice,omitempty"` // with its entities, and the bill type
	Resource bool         `json:"resource,omitempty"`
}

// FactDetail is the detail of the facts: they tell all apart.
var FactDetail = Detail{Span: Hourly, Caller: CallerExact, Meter: MeterExact, Tags: true, Account: true, Invoice: true, Resource: true}

// Table is a table from which a segment can answer.
type Table struct {
	Name string
	Rows int64
	Detail
}

var spanOrder = []Granularity{Monthly, Daily, Hourly}

// Covers reports whether a table of this detail answers all that one of need
// does.
func (d Detail) Covers(need Detail) bool {
	return slices.Index(spanOrder, d.Span) >= slices.Index(spanOrder, need.Span) &&
		d.Caller >= need.Caller && d.Meter >= need.Meter &&
		(d.Tags || !need.Tags) && (d.Account || !need.Account) && (d.Invoice || !need.Invoice) && (d.Resource || !need.Resource)
}

// With returns the detail that covers both.
func (d Detail) With(o Detail) Detail {
	if slices.Index(spanOrder, o.Span) > slices.Index(spanOrder, d.Span) {
		d.Span = o.Span
	}
	d.Caller, d.Meter = max(d.Caller, o.Caller), max(d.Meter, o.Meter)
	d.Tags, d.Account = d.Tags || o.Tags, d.Account || o.Account
	d.Invoice, d.Resource = d.Invoice || o.Invoice, d.Resource || o.Resource
	return d
}

// Smallest returns the table with the fewest rows that covers the need; the
// first of several. One of the tables must cover it: the facts always do.
func Smallest(tables []Table, need Detail) Table {
	best := -1
	for i, t := range tables {
		if t.Covers(need) && (best < 0 || t.Rows < tables[best].Rows) {
			best = i
		}
	}
	if best < 0 {
		panic("BUG: no table covers the plan, not even the facts")
	}
	return tables[best]
}

// NeedOf returns the detail that a segment of the month must be read in to run
// the plan: for its keys, its filters, its span, and a period that cuts the
// month. firstSeen is the segment's payer's first day with each tag key: a key
// that first appears within the month tells untagged from not seen yet by day.
func NeedOf(p Plan, month showback.Month, firstSeen map[showback.TagKey]time.Time) Detail {
	need := Detail{Span: Monthly}
	whole := month.Period()
	if p.Period.Start.After(whole.Start) || p.Period.End.Before(whole.End) {
		need.daily()
	}
	switch p.Granularity {
	case Daily, Weekly:
		need.daily()
	case Hourly:
		need.Span = Hourly
	}
	for _, k := range p.By {
		need.add(k)
		first, seen := firstSeen[k.Tag]
		if k.Tag != (showback.TagKey{}) && seen && whole.Contains(first) && first.After(whole.Start) {
			need.daily()
		}
	}
	for _, k := range keysOf(p.Filter) {
		need.add(k)
	}
	return need
}

func (d *Detail) daily() {
	if d.Span == Monthly {
		d.Span = Daily
	}
}

func (d *Detail) add(k Key) {
	if k.Tag != (showback.TagKey{}) {
		d.Tags = true
		return
	}
	switch k.Name {
	case "caller", "session", "person", "certainty", "who":
		d.Caller = CallerExact
	case "principal", "role":
		d.Caller = max(d.Caller, CallerPrincipal)
	case "scope", "service", "provider", "model":
		// every table has a meter of the same meaning
	case "token-type", "pricing-model", "route", "region", "usage-type", "operation":
		d.Meter = MeterExact
	case "account":
		d.Account = true
	case "resource":
		d.Resource = true
	case "invoice", "billing-entity", "invoicing-entity", "legal-entity", "bill-type":
		d.Invoice = true
	case "payer", "month", "currency", "charge-type", "charge-class":
		// every table tells them apart
	default:
		// a key that this list does not know yet is answered from the facts
		*d = FactDetail
	}
}
