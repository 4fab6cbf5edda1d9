package sqlgen

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"showback"
	"showback/internal/explore"
)

// query is a query in the making: an inner part that sums facts by ids, and an
// outer one that joins names and sums again. The inner part reads millions of
// rows and knows no texts; the outer one reads what is left of them.
type query struct {
	d Dialect
	p explore.Plan
	s SegmentInfo
	// from is the table of the segment that is read, as x: the facts or a
	// rollup. Both have the columns that the plan needs under the same names.
	from string

	tags    []showback.TagKey
	joins   []joined              // of the outer part; each has its id in the inner one
	names   []string              // other columns of the inner part
	exprs   []fragment            // their expressions
	where   []fragment            // conditions of the inner part …
	within  map[string][]fragment // … by rows of a table, by its alias
	aliases []string              // the keys of within, in order
	left    []fragment            // conditions of the outer part …
	rest    []explore.Expr        // … which they write
	bare    bool                  // the inner part is all there is
	maps    []Map                 // that the inner part joins
	extra   []fragment            // joins of maps that no table stands behind
}

func newQuery(d Dialect, p explore.Plan, s SegmentInfo) *query {
	q := &query{d: d, p: p, s: s, from: s.Table(p).Name, within: map[string][]fragment{}}
	q.days()
	switch rest := fold(selection(p), s.constant).(type) {
	case explore.And:
		for _, term := range rest.Terms {
			q.filter(term)
		}
	default:
		q.filter(rest)
	}
	return q
}

// days restricts facts to the period, unless it holds the whole month. A day
// is in the period when its first instant is.
func (q *query) days() {
	month := q.s.Month.Period()
	if q.p.Period.Start.After(month.Start) {
		q.where = append(q.where, sql("x.day >= CAST(? AS DATE)", firstDay(q.p.Period.Start)))
	}
	if q.p.Period.End.Before(month.End) {
		q.where = append(q.where, sql("x.day < CAST(? AS DATE)", firstDay(q.p.Period.End)))
	}
}

// firstDay returns the first day that begins at t or later.
func firstDay(t time.Time) string {
	day := showback.Day(t)
	if day.Before(t) {
		day = day.AddDate(0, 0, 1)
	}
	return day.Format(time.DateOnly)
}

// filter adds a condition. Where it asks about values of one table only, the
// facts that pass are known by that table's ids: then it is the inner part's,
// which has less to sum. Ids without a row in the table, such as 0 for no
// tags, have no value: where those pass, the ids that do not are left out.
func (q *query) filter(e explore.Expr) {
	var tables []string
	keysOf(e, func(k explore.Key) {
		if alias := q.place(k).table; !slices.Contains(tables, alias) {
			tables = append(tables, alias)
		}
	})
	switch {
	case len(tables) != 1:
		keysOf(e, func(k explore.Key) {
			at := q.place(k)
			q.join(at.table, at.columns...)
			if at.folded != "" {
				q.join(at.table, at.folded)
			}
		})
		q.left = append(q.left, condition(e, q.place))
		q.rest = append(q.rest, e)
	case passesValueless(e):
		t := q.table(tables[0])
		q.where = append(q.where, put("x."+t.id+" NOT IN ({})", t.rows(t.id, condition(negation(e), q.place))))
	default:
		alias := tables[0]
		if q.within[alias] == nil {
			q.aliases = append(q.aliases, alias)
		}
		q.within[alias] = append(q.within[alias], condition(e, q.place))
	}
}

// column adds a column to the inner part, which groups by it, and returns its
// name in the outer part.
func (q *query) column(name string, expr fragment) string {
	if !slices.Contains(q.names, name) {
		q.names = append(q.names, name)
		q.exprs = append(q.exprs, expr)
	}
	return "f." + name
}

// write puts the query together. The outer part's columns come first: they say
// what the inner part must keep.
func (q *query) write() fragment {
	columns := q.columns()
	groups := numbers(len(columns))
	columns = append(columns, sql("CAST(sum(f.charges) AS BIGINT)"))
	for _, name := range q.summed() {
		columns = append(columns, sql(text(name+"_hi")), sql(text(name+"_rest")))
	}
	out := put("SELECT {}\nFROM ({}) f", join(columns, ",\n "), q.inner())
	for _, j := range q.joins {
		if j.mapped != "" {
			out.text += "\nLEFT JOIN " + j.mapped + "_v " + j.alias + " ON " + j.alias + ".one = f." + j.alias + "_id"
			continue
		}
		names := append([]string{j.id}, j.columns...)
		out = put("{}\nLEFT JOIN ({}) "+j.alias+" ON "+j.alias+"."+j.id+" = f."+j.alias+"_id", out, j.rows(strings.Join(names, ", ")))
	}
	if len(q.left) > 0 {
		out = put("{}\nWHERE {}", out, join(q.left, " AND "))
	}
	return put("{}\nGROUP BY "+groups, out)
}

// numbers writes 1, 2, … n: columns to group by.
func numbers(n int) string {
	list := make([]string, n)
	for i := range list {
		list[i] = strconv.Itoa(i + 1)
	}
	return strings.Join(list, ", ")
}

// numerals writes ids, of which there are some.
func numerals(ids []int32) string {
	list := make([]string, len(ids))
	for i, id := range ids {
		list[i] = strconv.Itoa(int(id))
	}
	return strings.Join(list, ", ")
}

// text sums a column of the inner part. Text carries a decimal of any size
// through every driver.
func text(column string) string { return "CAST(sum(f." + column + ") AS VARCHAR)" }

// columns returns the columns that the outer part groups by.
func (q *query) columns() []fragment {
	columns := []fragment{sql(q.span())}
	for _, k := range q.p.By {
		if v, ok := q.s.constant(k); ok {
			columns = append(columns, sql("CAST(? AS VARCHAR)", v.Text), sql("CAST(NULL AS VARCHAR)"))
			continue
		}
		at := q.place(k)
		q.join(at.table, at.columns...)
		columns = append(columns, sql(at.value), put("CASE WHEN "+at.value+" IS NULL THEN {} END", q.cause(k)))
	}
	currency := sql("CAST(? AS VARCHAR)", q.s.Currency)
	if q.s.Currency == "" {
		q.join(currencies, "code")
		currency = sql("u.code")
	}
	missing := literal(showback.Missing(""))
	switch {
	case len(q.s.Cost) == 0:
		missing = literal(showback.NotAvailable)
	case q.p.Basis == showback.List:
		unpriced := q.column("unpriced", sql("x.list_hi IS NULL"))
		missing = "CASE WHEN " + unpriced + " THEN " + literal(showback.NoListPrice) + " ELSE '' END"
	}
	unit, multiplier := "CAST(NULL AS VARCHAR)", "CAST(0 AS BIGINT)"
	if q.counts() {
		q.join(types, "counts")
		q.join(meters, "unit", "multiplier")
		unit, multiplier = "CASE WHEN k.counts THEN m.unit END", "CASE WHEN k.counts THEN m.multiplier ELSE 0 END"
	}
	return append(columns, currency, sql(missing), sql(unit), sql(multiplier))
}

// counts reports that the plan asks for quantities or tokens.
func (q *query) counts() bool {
	return q.p.Carries(explore.Tokens) || q.p.Carries(explore.Quantity)
}

// span returns the start of a charge's span; NULL where the plan alone tells.
func (q *query) span() string {
	switch q.p.Granularity {
	case explore.Daily:
		return q.column("day", sql("x.day"))
	case explore.Weekly:
		return q.column("week", sql("CAST(date_trunc('week', x.day) AS DATE)"))
	case explore.Hourly:
		return q.d.Hour(q.column("hour", sql("x.hour")))
	}
	return "CAST(NULL AS DATE)"
}

// inner returns the part that sums charges by ids. Where they are many, ids of
// a table in which many have the same values give way to a number of those
// values: see Map.
func (q *query) inner() fragment {
	var columns, joins []fragment
	conditions := slices.Clone(q.where)
	left := slices.Clone(q.aliases)
	for i := range q.joins {
		j := &q.joins[i]
		if !q.s.Large || !j.many {
			columns = append(columns, sql("x."+j.id+" AS "+j.alias+"_id"))
			continue
		}
		j.mapped = q.mapOf(j.table, j.columns)
		columns = append(columns, sql(j.alias+".one AS "+j.alias+"_id"))
		ids := sql(j.mapped)
		if i := slices.Index(left, j.alias); i >= 0 {
			left = slices.Delete(left, i, i+1)
			ids = put("(SELECT id, one FROM "+j.mapped+" WHERE id IN ({}))", j.rows(j.id, q.within[j.alias]...))
		}
		joins = append(joins, put("\n JOIN {} "+j.alias+" ON "+j.alias+".id = x."+j.id, ids))
	}
	joins = append(joins, q.extra...)
	for _, alias := range left {
		t := q.table(alias)
		if alias == callers && q.s.Found != nil {
			conditions = append(conditions, sql("x."+t.id+" IN ("+numerals(q.s.Found)+")"))
			continue
		}
		conditions = append(conditions, put("x."+t.id+" IN ({})", t.rows(t.id, q.within[alias]...)))
	}
	for i, name := range q.names {
		columns = append(columns, put("{} AS "+name, q.exprs[i]))
	}
	if len(columns) == 0 {
		columns = append(columns, sql("x.payer_id AS payer_id")) // so that no charges make no row
	}
	groups := numbers(len(columns))
	charges := "count(*)"
	if q.from != facts {
		charges = "sum(x.charges)"
	}
	if q.bare {
		charges = "CAST(" + charges + " AS BIGINT)"
	}
	columns = append(columns, sql(charges+" AS charges"))
	for _, name := range q.summed() {
		stems := []string{name}
		if name == "cost" {
			stems = q.s.Cost
		}
		columns = append(columns, q.sums(name, stems)...)
	}
	out := put("SELECT {}\n FROM "+q.s.Catalog+"."+q.from+" x{}", join(columns, ", "), join(joins, ""))
	if len(conditions) > 0 {
		out = put("{}\n WHERE {}", out, join(conditions, " AND "))
	}
	return put("{}\n GROUP BY "+groups, out)
}

// summed returns what the query sums besides charges, by name, each once: the
// cost is unblended where that is the basis.
func (q *query) summed() []string {
	names := []string{"unblended"}
	if q.p.Basis != showback.Unblended && len(q.s.Cost) > 0 {
		names = append(names, "cost")
	}
	if q.counts() {
		names = append(names, "quantity")
	}
	return names
}

// sums returns the sums of both parts of the pairs of columns, added up.
func (q *query) sums(name string, stems []string) []fragment {
	var his, rests []string
	for _, stem := range stems {
		his = append(his, "sum(x."+stem+"_hi)")
		rests = append(rests, "sum("+q.d.Wide("x."+stem+"_rest")+")")
	}
	hi, rest := strings.Join(his, " + "), strings.Join(rests, " + ")
	if q.bare {
		hi, rest = "CAST("+hi+" AS VARCHAR)", "CAST("+rest+" AS VARCHAR)"
	}
	return []fragment{sql(hi + " AS " + name + "_hi"), sql(rest + " AS " + name + "_rest")}
}
