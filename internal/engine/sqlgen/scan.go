package sqlgen

import (
	"slices"
	"strconv"
	"time"

	"showback"
	"showback/internal/explore"
)

// Scan is a query that sums charges by ids and knows no names: what Segment
// writes without its outer part, which costs more than all else where few
// charges are read. Names are put to the rows by who runs it.
//
// Its columns are an id for each of Names, each of Besides, charges, and hi and
// rest of each of Query.Summed, as Segment has them.
type Scan struct {
	Query
	Names   []Names
	Besides []string
	q       *query
	values  []func(*Line) explore.Value
}

// Names is the query for what is known of ids: the id, and texts. An id that it
// does not return has none.
type Names struct {
	Statement
	Columns int // besides the id
}

// Line is a row of a scan. Named has the texts of each id, nil for an id without
// any; Besides what the driver makes of those columns: times, integers and
// booleans.
type Line struct {
	Named   [][]Text
	Besides []any
}

// Text is a text or NULL.
type Text struct {
	Text  string
	Valid bool
}

// Scan returns the query that sums what the plan selects of a segment by ids. ok
// is false where names are those of the segment's own dictionaries, which may be
// as many as its charges: Segment joins them.
func (d Dialect) Scan(p explore.Plan, s SegmentInfo) (scan Scan, ok bool, err error) {
	if err := Check(p); err != nil {
		return Scan{}, false, err
	}
	q := newQuery(d, p, s)
	q.bare = true
	q.columns()
	if slices.ContainsFunc(q.joins, func(j joined) bool { return ownTable(j.alias) }) {
		return Scan{}, false, nil
	}
	out := q.inner()
	scan = Scan{Query: Query{Statement: Statement{out.text, out.args}, Maps: q.maps, Summed: q.summed()}, Besides: q.names, q: q}
	for _, j := range q.joins {
		scan.Names = append(scan.Names, j.nameRows())
	}
	for _, k := range p.By {
		scan.values = append(scan.values, q.valueOf(k))
	}
	return scan, true, nil
}

// ownTable reports whether the table is a dictionary of the segment.
func ownTable(alias string) bool {
	return slices.Contains([]string{callers, derived, resources, invoices}, alias)
}

func (j joined) nameRows() Names {
	list := ""
	for _, c := range j.columns {
		list += ", CAST(" + c + " AS VARCHAR)"
	}
	if j.mapped != "" {
		return Names{Statement{"SELECT one" + list + " FROM " + j.mapped + "_v", nil}, len(j.columns)}
	}
	rows := j.rows(j.id + list)
	return Names{Statement{rows.text, rows.args}, len(j.columns)}
}

// Passes reports whether the charges of the line pass what the query itself
// could not ask.
func (s *Scan) Passes(l *Line) bool {
	for _, e := range s.q.rest {
		if !s.q.passes(e, l) {
			return false
		}
	}
	return true
}

// Values sets the values of the plan's keys.
func (s *Scan) Values(l *Line, keys []explore.Value) {
	for i, of := range s.values {
		keys[i] = of(l)
	}
}

// Currency returns the line's currency; ok is false where its id is in no
// dictionary.
func (s *Scan) Currency(l *Line) (code string, ok bool) {
	if s.q.s.Currency != "" {
		return s.q.s.Currency, true
	}
	code, ok = s.q.text(l, currencies, "code")
	return code, ok
}

// CostMissing returns why the line's charges have no amount on the basis.
func (s *Scan) CostMissing(l *Line) showback.Missing {
	switch {
	case len(s.q.s.Cost) == 0:
		return showback.NotAvailable
	case s.q.p.Basis == showback.List && s.q.flag(l, "unpriced"):
		return showback.NoListPrice
	}
	return ""
}

// Unit returns the unit of quantities that count, counts being false for those
// that do not, and the multiplier from quantities to tokens, 0 for none. ok is false where
// the meter's id is in no dictionary.
func (s *Scan) Unit(l *Line) (unit string, counts bool, multiplier int64, ok bool) {
	if !s.q.counts() || !s.q.is(l, types, "counts") {
		return "", false, 0, true
	}
	unit, counts = s.q.text(l, meters, "unit")
	text, ok := s.q.text(l, meters, "multiplier")
	if ok {
		multiplier, _ = strconv.ParseInt(text, 10, 64) // a BIGINT, as text
	}
	return unit, counts, multiplier, ok
}

// Span returns the day or hour at which the line's span begins; zero where the
// plan alone tells.
func (s *Scan) Span(l *Line) time.Time {
	name := map[explore.Granularity]string{explore.Daily: "day", explore.Weekly: "week", explore.Hourly: "hour"}[s.q.p.Granularity]
	if name == "" {
		return time.Time{}
	}
	switch v := s.q.beside(l, name).(type) {
	case time.Time:
		return v
	case int32:
		return time.Unix(int64(v)*3600, 0).UTC()
	}
	return time.Time{}
}

// beside returns a column of the line by its name.
func (q *query) beside(l *Line, name string) any {
	if i := slices.Index(q.names, name); i >= 0 {
		return l.Besides[i]
	}
	panic("BUG: no column " + name)
}

func (q *query) flag(l *Line, name string) bool {
	set, _ := q.beside(l, name).(bool)
	return set
}

// text returns what a table has in a column for the line; ok is false for NULL
// and for an id without names.
func (q *query) text(l *Line, alias, column string) (text string, ok bool) {
	for i := range q.joins {
		if q.joins[i].alias != alias {
			continue
		}
		at := slices.Index(q.joins[i].columns, column)
		if at < 0 {
			break
		}
		if l.Named[i] == nil {
			return "", false
		}
		t := l.Named[i][at]
		return t.Text, t.Valid
	}
	panic("BUG: no column " + alias + "." + column)
}

// is reports a column of truth values that is true.
func (q *query) is(l *Line, alias, column string) bool {
	text, _ := q.text(l, alias, column)
	return text == "true"
}

// valueOf returns what place and cause write, as a function.
func (q *query) valueOf(k explore.Key) func(*Line) explore.Value {
	if v, ok := q.s.constant(k); ok {
		return func(*Line) explore.Value { return v }
	}
	cause := q.causeOf(k)
	text := q.textOf(k)
	return func(l *Line) explore.Value {
		if t, ok := text(l); ok {
			return explore.Value{Text: t}
		}
		return explore.Value{Missing: cause(l)}
	}
}

// textOf returns what place writes, as a function.
func (q *query) textOf(k explore.Key) func(*Line) (string, bool) {
	at := q.place(k)
	column := at.columns[len(at.columns)-1]
	switch {
	case k.Tag != (showback.TagKey{}):
		return func(l *Line) (string, bool) { return q.text(l, at.table, column) }
	case k.Name == "scope":
		return func(l *Line) (string, bool) {
			if q.is(l, meters, "ai") {
				return explore.ValueAI, true
			}
			return explore.ValueNotAI, true
		}
	case slices.Contains(meaningKeys, k.Name):
		return func(l *Line) (string, bool) {
			text, _ := q.text(l, meters, column)
			return text, text != "" && q.is(l, meters, "ai")
		}
	}
	return func(l *Line) (string, bool) {
		text, _ := q.text(l, at.table, column)
		return text, text != ""
	}
}

// causeOf returns what cause writes, as a function.
func (q *query) causeOf(k explore.Key) func(*Line) showback.Missing {
	switch {
	case k.Tag != (showback.TagKey{}):
		return q.tagCauseOf(k.Tag)
	case slices.Contains(meaningKeys, k.Name):
		return func(l *Line) showback.Missing {
			why := notUsage[q.class(l)]
			switch {
			case !q.is(l, meters, "ai"):
				return showback.NotAI
			case why == "" && !q.is(l, meters, "known"):
				return showback.Unclassified
			}
			return none(k.Name, why)
		}
	}
	return func(*Line) showback.Missing { return none(k.Name, "") }
}

func (q *query) class(l *Line) showback.ChargeClass {
	class, _ := q.text(l, types, "class")
	return showback.ChargeClass(class)
}

func (q *query) tagCauseOf(tag showback.TagKey) func(*Line) showback.Missing {
	early, some := q.early(tag)
	column := "early_" + q.tagAlias(tag)
	return func(l *Line) showback.Missing {
		if has, _ := q.besideOr(l, "has_caller").(int32); tag.Source == showback.TagCaller && has == 0 {
			return q.noCallerOf(l)
		}
		if early.text != "" && q.flag(l, column) || early.text == "" && some {
			return showback.NotSeenYet
		}
		return showback.Untagged
	}
}

// besideOr is beside, nil where the query has no such column.
func (q *query) besideOr(l *Line, name string) any {
	if !slices.Contains(q.names, name) {
		return nil
	}
	return q.beside(l, name)
}

// noCallerOf is what noCaller writes.
func (q *query) noCallerOf(l *Line) showback.Missing {
	if !q.is(l, meters, "ai") {
		return showback.NotAI
	}
	return showback.NoCaller(q.class(l), q.is(l, meters, "inference"), q.is(l, meters, "known"), !q.s.CallerColumn)
}

// passes reports whether a line passes a filter, as condition writes it.
func (q *query) passes(e explore.Expr, l *Line) bool {
	switch e := e.(type) {
	case explore.And:
		return !slices.ContainsFunc(e.Terms, func(t explore.Expr) bool { return !q.passes(t, l) })
	case explore.Or:
		return slices.ContainsFunc(e.Terms, func(t explore.Expr) bool { return q.passes(t, l) })
	case explore.Not:
		return !q.passes(e.Term, l)
	case explore.Match:
		text, ok := q.textOf(e.Key)(l)
		return ok && slices.ContainsFunc(e.Values, func(p explore.Pattern) bool { return p.Matches(text, e.Key.FoldsCase()) })
	case explore.Absent:
		_, ok := q.textOf(e.Key)(l)
		return !ok
	}
	panic("BUG: filter term")
}
