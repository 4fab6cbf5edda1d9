package sqlgen

import (
	"slices"
	"time"

	"showback"
	"showback/internal/explore"
)

// PayerInfo is one payer of several.
type PayerInfo struct {
	ID        int32 // in the dimensions
	FirstSeen map[showback.TagKey]time.Time
}

// SegmentInfo describes what a query is for: the segment of one payer and
// billing month, or a file with those of several payers. Its names of catalogs, tables and columns are
// written into the query as they are.
type SegmentInfo struct {
	// Catalog is the name under which the segment's tables are found.
	Catalog string
	// Callers is the table of what internal/identity says of the segment's
	// callers: caller_id, principal, role, session, person, certainty, who,
	// person_folded and who_folded (in lower case), NULL for none. It is used
	// only when NeedsCallers says so.
	Callers string
	// Payer is the one payer; empty where there are several, of which Payers
	// has those that the plan may read, by their ids.
	Payer  string
	Payers []PayerInfo
	Month  showback.Month
	// Currency is the one currency of the segment; empty when it has several.
	Currency string
	// Large says that the table to read has so many rows that reading them
	// costs more than planning a query.
	Large bool
	// Tables are those that the segment can be read from, the facts among
	// them; nil for the facts alone.
	Tables []explore.Table
	// CallerColumn is false when the delivery has no column for callers.
	CallerColumn bool
	// Cost holds the stems of the pairs of columns whose sum is the amount on
	// the plan's basis; empty when the delivery does not carry it.
	Cost []string
	// FirstSeen is the payer's first day with each tag key, in any delivery; a
	// key that is not in it was never seen. Only keys of Plan.By are looked up.
	FirstSeen map[showback.TagKey]time.Time
	// Found are the ids of callers that pass what the plan asks of callers alone,
	// by WhichCallers; nil where nobody has looked.
	Found []int32
}

// WhichCallers returns the query for the ids of the callers that pass what the
// plan asks of the segment's callers as billed, and of nothing besides. ok is
// false where it asks no such thing. Where there are none the segment has no
// charge that the plan selects.
func (d Dialect) WhichCallers(p explore.Plan, s SegmentInfo) (which Statement, ok bool) {
	q := newQuery(d, p, s)
	if len(q.within[callers]) == 0 {
		return Statement{}, false
	}
	t := q.table(callers)
	rows := t.rows(t.id, q.within[callers]...)
	return Statement{rows.text, rows.args}, true
}

// facts is the name of the table of charges; all others are sums of it.
const facts = "fact"

// Table returns the table from which the plan is answered: the smallest that
// tells apart what the plan asks for.
func (s SegmentInfo) Table(p explore.Plan) explore.Table {
	if len(s.Tables) == 0 {
		return explore.Table{Name: facts, Detail: explore.FactDetail}
	}
	need := explore.NeedOf(p, s.Month, s.FirstSeen)
	for _, payer := range s.Payers {
		need = need.With(explore.NeedOf(p, s.Month, payer.FirstSeen))
	}
	return explore.Smallest(s.Tables, need)
}

// Reads reports whether the segment may hold charges that the plan selects:
// its month touches the period, and the filter leaves room for its payer,
// month and currency. Catalog, Callers and Cost are not looked at.
func Reads(p explore.Plan, s SegmentInfo) bool {
	return s.Month.Period().Overlaps(p.Period) && !isNothing(fold(selection(p), s.constant))
}

// NeedsCallers reports whether queries for the plan use SegmentInfo.Callers.
func NeedsCallers(p explore.Plan) bool {
	needs := slices.ContainsFunc(p.By, isDerived)
	keysOf(selection(p), func(k explore.Key) { needs = needs || isDerived(k) })
	return needs
}

// Check reports why a plan can't be answered, as an error of KindInvalid.
func Check(p explore.Plan) error {
	if p.TagView != "" && p.TagView != explore.TagsBilled {
		return showback.Errorf(showback.KindInvalid, "run plan: tag view %q: only %q can be answered", p.TagView, explore.TagsBilled)
	}
	if !slices.Contains([]explore.Granularity{"", explore.Total, explore.Monthly, explore.Weekly, explore.Daily, explore.Hourly}, p.Granularity) {
		return showback.Errorf(showback.KindInvalid, "run plan: granularity %q: want %s, %s, %s, %s or %s", p.Granularity,
			explore.Hourly, explore.Daily, explore.Weekly, explore.Monthly, explore.Total)
	}
	var err error
	known := func(k explore.Key) {
		_, ok := places[k.Name]
		if _, constant := (SegmentInfo{}).constant(k); !ok && !constant && k.Tag == (showback.TagKey{}) && err == nil {
			err = showback.Errorf(showback.KindInvalid, "run plan: no such key as %q", k.Name)
		}
	}
	for _, k := range p.By {
		known(k)
	}
	keysOf(selection(p), known)
	return err
}

// Segment returns the query that sums the charges which the plan selects of a
// segment. Its columns are
//
//	span        DATE or TIMESTAMP  the hour, the day, or the Monday of the week; NULL for longer spans
//	            VARCHAR  for each key of the plan its value, NULL for none, …
//	            VARCHAR  … and the cause of having none, NULL where it has one
//	currency    VARCHAR
//	missing     VARCHAR  why the charges have no amount on the basis; '' when they have
//	unit        VARCHAR  of quantities that count; NULL for charges whose type does not count
//	multiplier  BIGINT   from such quantities to tokens; 0 for none
//	charges     BIGINT
//	hi, rest    VARCHAR  for each of Query.Summed the sums of the pair; NULL where no charge has
//	                     one. unit, multiplier and quantity have no meaning unless the plan asks
//	                     for tokens or quantity
//
// with one row for each combination of the columns before charges. Sums of hi
// are decimals, sums of rest integers in 1e-19. A row of an answer is the sum
// of those that differ in unit and multiplier only.
//
// A plan that can't be answered is an error of KindInvalid.
func (d Dialect) Segment(p explore.Plan, s SegmentInfo) (Query, error) {
	if err := Check(p); err != nil {
		return Query{}, err
	}
	q := newQuery(d, p, s)
	out := q.write()
	return Query{Statement: Statement{out.text, out.args}, Maps: q.maps, Summed: q.summed()}, nil
}

// Query is a statement and the maps that must be there when it runs.
type Query struct {
	Statement
	Maps []Map
	// Summed names what is summed: unblended; cost, on the plan's basis, where
	// that is another and carried; quantity.
	Summed []string
}
