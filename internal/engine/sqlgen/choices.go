package sqlgen

import (
	"slices"

	"showback/internal/explore"
)

// Choices returns the query for the values of a key that begin with prefix, in
// byte order: one column of at most limit texts. It reads the tables that
// charges are joined with and no charge, so that it may list a value that no
// charge of the asker's has.
//
// Those tables are the dimensions, or the segment's own, which own reports:
// then the names in s must be set. ok is false for keys whose values the
// manifest knows: payer, month and currency.
func (d Dialect) Choices(k explore.Key, prefix string, limit int, s SegmentInfo) (choices Statement, own, ok bool) {
	if _, constant := (SegmentInfo{Payer: "-", Currency: "-"}).constant(k); constant {
		return Statement{}, false, false
	}
	q := &query{d: d, s: s}
	at := q.place(k)
	begins := match(explore.Match{Key: k, Values: []explore.Pattern{{Parts: []string{prefix, ""}}}}, at)
	out := put("SELECT DISTINCT "+at.value+" FROM ({}) "+at.table+" ORDER BY 1 LIMIT ?", q.table(at.table).rows("*", begins))
	return Statement{out.text, append(out.args, limit)}, slices.Contains([]string{callers, derived, resources, invoices}, at.table), true
}
