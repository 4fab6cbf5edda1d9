package sqlgen

import (
	"slices"
	"strconv"

	"showback"
)

// The tables' aliases. Those of tags are t0, t1, …; the inner part is f.
const (
	meters     = "m"
	types      = "k"
	accounts   = "a"
	payers     = "p"
	currencies = "u"
	billTypes  = "b"
	callers    = "c"
	derived    = "w"
	resources  = "r"
	invoices   = "i"
)

// table is a table that facts are joined with: at most one row for each id.
type table struct {
	alias, name, id string
	// domain is the table that has a row for each id that charges may have;
	// empty for this one.
	domain string
	// only is what else a row must fulfil; empty for nothing.
	only fragment
	// many says that many ids have the same values, so that it pays to sum
	// charges by a number of those values.
	many bool
}

// table returns the table with the alias.
func (q *query) table(alias string) table {
	dims, own := q.d.Dims, q.s.Catalog+"."
	switch alias {
	case meters:
		return table{alias: alias, name: dims + "meter", id: "meter_id", many: true}
	case types:
		return table{alias: alias, name: dims + "charge_type", id: "charge_type_id"}
	case accounts:
		return table{alias: alias, name: dims + "account", id: "account_id"}
	case payers:
		return table{alias: alias, name: dims + "payer", id: "payer_id"}
	case currencies:
		return table{alias: alias, name: dims + "currency", id: "currency_id"}
	case billTypes:
		return table{alias: alias, name: dims + "bill_type", id: "bill_type_id"}
	case callers:
		return table{alias: alias, name: own + "caller", id: "caller_id"}
	case derived:
		return table{alias: alias, name: q.s.Callers, id: "caller_id", domain: own + "caller", many: true}
	case resources:
		return table{alias: alias, name: own + "resource", id: "resource_id"}
	case invoices:
		return table{alias: alias, name: own + "invoice", id: "invoice_id"}
	}
	for i, tag := range q.tags {
		if aliasOfTag(i) == alias {
			return table{alias: alias, name: dims + "tag", id: "tagset_id", domain: dims + "tagset", many: true,
				only: sql("source = ? AND name = ?", string(tag.Source), tag.Name)}
		}
	}
	panic("BUG: no table " + alias)
}

func aliasOfTag(i int) string { return "t" + strconv.Itoa(i) }

func (q *query) tagAlias(tag showback.TagKey) string {
	i := slices.Index(q.tags, tag)
	if i < 0 {
		i = len(q.tags)
		q.tags = append(q.tags, tag)
	}
	return aliasOfTag(i)
}

// rows selects columns of the table, under its alias, from the rows that
// fulfil all conditions.
func (t table) rows(columns string, conditions ...fragment) fragment {
	if t.only.text != "" {
		conditions = append([]fragment{t.only}, conditions...)
	}
	out := sql("SELECT " + columns + " FROM " + t.name + " " + t.alias)
	if len(conditions) > 0 {
		out = put("{} WHERE {}", out, join(conditions, " AND "))
	}
	return out
}

// joined is a table that the outer part joins, with the columns that it reads.
type joined struct {
	table
	columns []string
	mapped  string // the map that stands for it; empty for none
}

// join joins a table to the outer part and lets it read the columns. No other
// column is to be had there: ids with the same values in them are one.
func (q *query) join(alias string, columns ...string) {
	i := slices.IndexFunc(q.joins, func(j joined) bool { return j.alias == alias })
	if i < 0 {
		i = len(q.joins)
		q.joins = append(q.joins, joined{table: q.table(alias)})
	}
	for _, c := range columns {
		if !slices.Contains(q.joins[i].columns, c) {
			q.joins[i].columns = append(q.joins[i].columns, c)
		}
	}
}
