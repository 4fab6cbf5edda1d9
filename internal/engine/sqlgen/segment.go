package sqlgen

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"showback"
	"showback/internal/explore"
)

// SegmentInfo describes the segment that a query is for: the charges of one
// payer and billing month. Its names of catalogs, tables and columns are
// written into the query as they are.
type SegmentInfo struct {
	// Catalog is the name under which the segment's tables are found.
	Catalog string
	// Callers is the table of what internal/identity says of the segment's
	// callers: caller_id, principal, role, session, person, who, person_folded
	// and who_folded (in lower case), NULL for none. It is used only when
	// NeedsCallers says so.
	Callers string
	Payer   string
	Month   showback.Month
	// CallerColumn is false when the delivery has no column for callers.
	CallerColumn bool
	// Cost holds the stems of the pairs of columns whose sum is the amount on
	// the plan's basis; empty when the delivery does not carry it.
	Cost []string
	// FirstSeen is the payer's first day with each tag key, in any delivery; a
	// key that is not in it was never seen. Only keys of Plan.By are looked up.
	FirstSeen map[showback.TagKey]time.Time
}

// Reads reports whether the segment may hold charges that the plan selects:
// its month touches the period, and the filter leaves room for its payer and
// its month. Catalog, Callers and Cost are not looked at.
func Reads(p explore.Plan, s SegmentInfo) bool {
	return s.Month.Period().Overlaps(p.Period) && !isNothing(fold(selection(p), s.constant))
}

// NeedsCallers reports whether queries for the plan use SegmentInfo.Callers.
func NeedsCallers(p explore.Plan) bool {
	needs := slices.ContainsFunc(p.By, isDerived)
	keysOf(selection(p), func(k explore.Key) { needs = needs || isDerived(k) })
	return needs
}

// Segment returns the query that sums the charges which the plan selects of a
// segment, and its parameters. Its columns are
//
//	day         DATE     the day; NULL unless the granularity is day
//	            VARCHAR  for each key of the plan its value, NULL for none, …
//	            VARCHAR  … and the cause of having none, NULL where it has one
//	currency    VARCHAR
//	missing     VARCHAR  why the charges have no amount on the basis; '' when they have
//	unit        VARCHAR  of quantities that count; NULL for charges whose type does not count
//	multiplier  BIGINT   from such quantities to tokens; 0 for none
//	charges     BIGINT
//	cost_hi, cost_rest            VARCHAR  sums of the pair on the plan's basis; no
//	                                       meaning where missing is set
//	unblended_hi, unblended_rest  VARCHAR
//	quantity_hi, quantity_rest    VARCHAR  NULL where no charge has a quantity
//
// with one row for each combination of the columns before charges. Sums of hi
// are decimals, sums of rest integers in 1e-19. A row of an answer is the sum
// of those that differ in unit and multiplier only.
//
// A plan with a key, a granularity or a tag view that can't be answered is an
// error of KindInvalid.
func (d Dialect) Segment(p explore.Plan, s SegmentInfo) (query string, args []any, err error) {
	if err := Check(p); err != nil {
		return "", nil, err
	}
	q := newQuery(d, p, s)
	out := q.write()
	return out.text, out.args, nil
}

// Check reports why a plan can't be answered, as an error of KindInvalid.
func Check(p explore.Plan) error {
	if p.TagView != "" && p.TagView != explore.TagsBilled {
		return showback.Errorf(showback.KindInvalid, "run plan: tag view %q: only %q can be answered", p.TagView, explore.TagsBilled)
	}
	if !slices.Contains([]explore.Granularity{"", explore.Total, explore.Monthly, explore.Daily}, p.Granularity) {
		return showback.Errorf(showback.KindInvalid, "run plan: granularity %q: want %s, %s or %s", p.Granularity, explore.Daily, explore.Monthly, explore.Total)
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

// query is a query in the making: an inner part that sums facts by ids, and an
// outer one that joins names and sums again. The inner part reads millions of
// rows and knows integers only; the outer one reads what is left of them.
type query struct {
	d Dialect
	p explore.Plan
	s SegmentInfo

	tags  []showback.TagKey
	where []fragment // of the inner part
	ids   []fragment // its columns, ids and other
	names []string   // their names
	joins []table    // of the outer part
	left  []fragment // conditions of the outer part
}

func newQuery(d Dialect, p explore.Plan, s SegmentInfo) *query {
	q := &query{d: d, p: p, s: s}
	for _, alias := range []string{meters, types, currencies} {
		q.join(alias)
	}
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
		q.where = append(q.where, sql("day >= CAST(? AS DATE)", firstDay(q.p.Period.Start)))
	}
	if q.p.Period.End.Before(month.End) {
		q.where = append(q.where, sql("day < CAST(? AS DATE)", firstDay(q.p.Period.End)))
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
// facts that it lets pass are known by that table's ids: then it is the inner
// part's, which has less to sum, and the id need not be kept. Ids without a
// row in the table, such as 0 for no tags, have no value.
func (q *query) filter(e explore.Expr) {
	var aliases []string
	keysOf(e, func(k explore.Key) {
		if alias := q.place(k).table; !slices.Contains(aliases, alias) {
			aliases = append(aliases, alias)
		}
	})
	if len(aliases) != 1 {
		for _, alias := range aliases {
			q.join(alias)
		}
		q.left = append(q.left, condition(e, q.place))
		return
	}
	t := q.table(aliases[0])
	in, passed := "IN", e
	if passesValueless(e) {
		in, passed = "NOT IN", explore.Not{Term: e}
	}
	rows := put("SELECT "+t.alias+"."+t.id+" FROM "+t.name+" "+t.alias+" WHERE {}", condition(passed, q.place))
	if t.only.text != "" {
		rows = put("{} AND {}", rows, t.only)
	}
	q.where = append(q.where, put(t.id+" "+in+" ({})", rows))
}

// table returns the table with the alias.
func (q *query) table(alias string) table {
	if t, ok := q.tables()[alias]; ok {
		return t
	}
	for i, tag := range q.tags {
		if aliasOfTag(i) == alias {
			return table{alias, q.d.Dims + "tag", "tagset_id",
				sql(alias+".source = ? AND "+alias+".name = ?", string(tag.Source), tag.Name)}
		}
	}
	panic("BUG: no table " + alias)
}

func aliasOfTag(i int) string { return "t" + strconv.Itoa(i) }

// join joins a table to the outer part and keeps its id in the inner one.
func (q *query) join(alias string) {
	if slices.ContainsFunc(q.joins, func(t table) bool { return t.alias == alias }) {
		return
	}
	t := q.table(alias)
	q.joins = append(q.joins, t)
	q.column(t.id, sql(t.id))
}

// column adds a column to the inner part, which groups by it, and returns its
// name in the outer part.
func (q *query) column(name string, expr fragment) string {
	if !slices.Contains(q.names, name) {
		q.names = append(q.names, name)
		q.ids = append(q.ids, expr)
	}
	return "f." + name
}

// write puts the query together. The columns are made first: they say what the
// inner part must keep.
func (q *query) write() fragment {
	columns := q.columns()
	groups := make([]string, len(columns))
	for i := range columns {
		groups[i] = strconv.Itoa(i + 1)
	}
	for _, sum := range []string{"CAST(sum(f.charges) AS BIGINT)",
		text("cost_hi"), text("cost_rest"), text("unblended_hi"), text("unblended_rest"), text("quantity_hi"), text("quantity_rest")} {
		columns = append(columns, sql(sum))
	}
	out := put("SELECT {}\nFROM ({}) f", join(columns, ",\n "), q.inner())
	for _, t := range q.joins {
		on := sql(t.alias + "." + t.id + " = f." + t.id)
		if t.only.text != "" {
			on = put("{} AND {}", on, t.only)
		}
		out = put("{}\nLEFT JOIN "+t.name+" "+t.alias+" ON {}", out, on)
	}
	if len(q.left) > 0 {
		out = put("{}\nWHERE {}", out, join(q.left, " AND "))
	}
	return put("{}\nGROUP BY "+strings.Join(groups, ", "), out)
}

// text sums a column of the inner part. Text carries a decimal of any size
// through every driver.
func text(column string) string { return "CAST(sum(f." + column + ") AS VARCHAR)" }

// columns returns the columns that the outer part groups by.
func (q *query) columns() []fragment {
	day := "CAST(NULL AS DATE)"
	if q.p.Granularity == explore.Daily {
		day = q.column("day", sql("day"))
	}
	columns := []fragment{sql(day)}
	for _, k := range q.p.By {
		if v, ok := q.s.constant(k); ok {
			columns = append(columns, sql("CAST(? AS VARCHAR)", v.Text), sql("CAST(NULL AS VARCHAR)"))
			continue
		}
		at := q.place(k)
		q.join(at.table)
		columns = append(columns, sql(at.value), put("CASE WHEN "+at.value+" IS NULL THEN {} END", q.cause(k)))
	}
	missing := literal(showback.Missing(""))
	switch {
	case len(q.s.Cost) == 0:
		missing = literal(showback.NotAvailable)
	case q.p.Basis == showback.List:
		unpriced := q.column("unpriced", sql("list_hi IS NULL"))
		missing = "CASE WHEN " + unpriced + " THEN " + literal(showback.NoListPrice) + " ELSE '' END"
	}
	return append(columns, sql("u.code"), sql(missing),
		sql("CASE WHEN k.counts THEN m.unit END"), sql("CASE WHEN k.counts THEN m.multiplier ELSE 0 END"))
}

// inner returns the part that sums facts by ids.
func (q *query) inner() fragment {
	var columns []fragment
	groups := make([]string, len(q.ids))
	for i, id := range q.ids {
		columns = append(columns, put("{} AS "+q.names[i], id))
		groups[i] = strconv.Itoa(i + 1)
	}
	columns = append(columns, sql("count(*) AS charges"))
	for _, sum := range []struct {
		name  string
		stems []string
	}{{"cost", q.s.Cost}, {"unblended", []string{"unblended"}}, {"quantity", []string{"quantity"}}} {
		hi, rest := "0", "0"
		if len(sum.stems) > 0 {
			var his, rests []string
			for _, stem := range sum.stems {
				his = append(his, "sum("+stem+"_hi)")
				rests = append(rests, "sum("+q.d.Wide(stem+"_rest")+")")
			}
			hi, rest = strings.Join(his, " + "), strings.Join(rests, " + ")
		}
		columns = append(columns, sql(hi+" AS "+sum.name+"_hi"), sql(rest+" AS "+sum.name+"_rest"))
	}
	out := put("SELECT {}\n FROM "+q.s.Catalog+".fact", join(columns, ", "))
	if len(q.where) > 0 {
		out = put("{}\n WHERE {}", out, join(q.where, " AND "))
	}
	return put("{}\n GROUP BY "+strings.Join(groups, ", "), out)
}
