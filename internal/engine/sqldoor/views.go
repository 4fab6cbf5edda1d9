package sqldoor

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"showback"
	"showback/internal/ledger"
)

// The dimensions that charges are joined with, by alias, and the fact's column
// that points into each.
var (
	dimensions = map[string]string{
		"m": "dims.meter", "k": "dims.charge_type", "a": "dims.account", "b": "dims.bill_type", "u": "dims.currency",
		"g": "(SELECT tagset_id, map_from_entries(list(struct_pack(k := " + flagKey + ", v := value))) AS tags FROM dims.tag GROUP BY tagset_id)",
	}
	idOf = map[string]string{
		"m": "meter_id", "k": "charge_type_id", "a": "account_id", "b": "bill_type_id", "u": "currency_id", "g": "tagset_id",
	}
)

// flagKey writes a tag key as the command line takes it.
var flagKey = func() string {
	text := "CASE source"
	for _, s := range showback.TagSources {
		text += " WHEN " + quote(string(s.Source)) + " THEN " + quote(s.Word+":")
	}
	return text + " ELSE source || '/' END || name"
}()

// dictionaries are the tables of a segment that its facts point into: the
// alias, the table and the id.
var dictionaries = []struct{ alias, table, id string }{
	{"c", "caller", "caller_id"}, {"r", "resource", "resource_id"}, {"i", "invoice", "invoice_id"},
}

// segment is an attached segment.
type segment struct {
	*ledger.Segment
	catalog string
}

// factColumn writes a column of f for a segment. alias is the dictionary that
// it needs, empty for none.
func (s segment) factColumn(name string) (expr, alias string) {
	for _, c := range costColumns {
		if c.name == name {
			return s.cost(c.basis), ""
		}
	}
	switch name {
	case lines:
		return "CAST(1 AS BIGINT)", ""
	case "month":
		return "CAST(" + quote(string(s.Month)) + " AS VARCHAR)", ""
	case "payer":
		return "CAST(" + quote(s.Payer) + " AS VARCHAR)", ""
	case "payer_name":
		return "CAST(nullif(" + quote(s.PayerName) + ", '') AS VARCHAR)", ""
	case "export":
		return "CAST(" + quote(s.Export) + " AS VARCHAR)", ""
	case "hour":
		return "make_timestamp(CAST(x.hour AS BIGINT) * 3600000000)", ""
	case "has_caller":
		return "x.caller_id > 0", ""
	case "caller_column":
		return fmt.Sprint(s.CallerColumn), ""
	case "billed_quantity":
		return pair("x.quantity"), ""
	case "caller":
		return "c.arn", "c"
	case "resource":
		return "nullif(r.resource, '')", "r"
	case "invoice", "billing_entity", "invoicing_entity", "legal_entity":
		return "nullif(i." + name + ", '')", "i"
	}
	if slices.Contains(derived, name) {
		return "c." + name, "c"
	}
	return "x." + name, ""
}

// cost writes the amount of a charge on a basis: the sum of the pairs that the
// segment keeps of it, NULL where it carries none.
func (s segment) cost(basis showback.Basis) string {
	if !slices.Contains(s.Bases, basis) {
		return "CAST(NULL AS " + amount + ")"
	}
	sum := pair("x." + ledger.AmountColumn(basis))
	for from, ok := ledger.DifferenceFrom[basis]; ok; from, ok = ledger.DifferenceFrom[from] {
		sum = pair("x."+ledger.AmountColumn(from)) + " + " + sum
	}
	return sum
}

// pair writes an amount of its two parts. A rest is up to 19 digits of 1e-19:
// the product has just the type of an amount. Nearly all are 0, and to test
// for that costs less than to multiply.
func pair(stem string) string {
	hi := "CAST(" + stem + "_hi AS " + amount + ")"
	return fmt.Sprintf("CASE WHEN %s_rest = 0 THEN %s ELSE %[2]s + CAST(%[1]s_rest AS DECIMAL(19,0)) * CAST(0.0000000000000000001 AS DECIMAL(19,19)) END", stem, hi)
}

// dictionary writes what a segment's facts are joined with. Of callers, only
// what is used is worked out.
func (s segment) dictionary(alias string, used []string) string {
	for _, d := range dictionaries {
		if d.alias != alias {
			continue
		}
		if alias != "c" {
			return s.catalog + "." + d.table
		}
		list := []string{"caller_id", "arn"}
		for _, name := range derived {
			if slices.Contains(used, name) {
				list = append(list, derivation(name)+" AS "+name)
			}
		}
		return "(SELECT " + strings.Join(list, ", ") + " FROM " + s.catalog + ".caller)"
	}
	panic("BUG: no dictionary " + alias)
}

// restColumn writes a column of f for the rest of a segment: NULL for what its
// sums do not tell.
func (s segment) restColumn(name string) (expr, alias string) {
	switch name {
	case lines:
		return "x.charges", ""
	case "day", "hour", "usage_start", "usage_end", "caller", "resource", "tagset_id", "billed_quantity":
		return "NULL", ""
	}
	if slices.Contains(derived, name) {
		return "NULL", ""
	}
	return s.factColumn(name)
}

// facts writes the facts of a segment with the columns named, and rest its rest.
func (s segment) facts(names []string) string { return s.table(ledger.FactTable, s.factColumn, names) }
func (s segment) rest(names []string) string  { return s.table(ledger.RestTable, s.restColumn, names) }

func (s segment) table(name string, column func(string) (expr, alias string), names []string) string {
	var columns []string
	joined := map[string]bool{}
	for _, name := range names {
		expr, alias := column(name)
		columns = append(columns, expr+" AS "+name)
		joined[alias] = alias != ""
	}
	text := "SELECT " + strings.Join(columns, ", ") + " FROM " + s.catalog + "." + name + " x"
	for _, d := range dictionaries {
		if joined[d.alias] {
			text += fmt.Sprintf(" LEFT JOIN %s %s ON %[2]s.%[3]s = x.%[3]s", s.dictionary(d.alias, names), d.alias, d.id)
		}
	}
	return text
}

// chargesView writes the view charges with the columns that want accepts, at
// least one. A column that is left out takes the joins with it that only it
// needs: DuckDB does them for columns that nobody reads, too.
func chargesView(segments []segment, want func(string) bool) string {
	var columns, facts []string
	joins := map[string]bool{}
	all := chargeColumns()
	for _, c := range all {
		if !want(c.Name) && (c.Name != all[len(all)-1].Name || len(columns) > 0) {
			continue
		}
		columns = append(columns, "CAST("+c.expr+" AS "+c.Type+") AS "+c.Name)
		for _, alias := range c.joins {
			joins[alias] = true
		}
		for _, name := range c.facts {
			if !slices.Contains(facts, name) {
				facts = append(facts, name)
			}
		}
	}
	if len(segments) == 0 {
		return emptyView(columnsOf("charges", want))
	}
	var parts []string
	for _, s := range segments {
		parts = append(parts, s.facts(facts))
		if s.Rest != nil {
			parts = append(parts, s.rest(facts))
		}
	}
	text := "SELECT " + strings.Join(columns, ", ") + " FROM (" + strings.Join(parts, " UNION ALL ") + ") f"
	for _, alias := range slices.Sorted(maps.Keys(joins)) {
		text += fmt.Sprintf(" LEFT JOIN %s %s ON %[2]s.%[3]s = f.%[3]s", dimensions[alias], alias, idOf[alias])
	}
	return text
}

// noCaller writes why a charge has no caller, by showback.NoCaller.
func noCaller() string {
	by := func(inference, noColumn bool) string {
		text := "CASE k.class"
		for _, c := range showback.ChargeClasses {
			text += " WHEN " + quote(string(c)) + " THEN " + quote(string(showback.NoCaller(c, inference, true, noColumn)))
		}
		return text + " END"
	}
	return "CASE WHEN f.has_caller THEN NULL WHEN NOT m.ai THEN " + quote(string(showback.NotAI)) +
		" WHEN m.known AND NOT m.inference THEN " + by(false, false) +
		" WHEN f.caller_column THEN " + by(true, false) + " ELSE " + by(true, true) + " END"
}

// otherViews writes the views beside charges.
func otherViews(segments []segment, dims bool) map[string]string {
	views := map[string]string{"deliveries": "SELECT * FROM memory.kept.delivery"}
	if !dims {
		for _, name := range []string{"callers", "tags", "meters", "accounts"} {
			views[name] = emptyView(columnsOf(name, func(string) bool { return true }))
		}
		return views
	}
	views["tags"] = "SELECT tagset_id, " + flagKey + " AS key, source, name, value FROM dims.tag"
	var meter []string
	for _, c := range meterColumns {
		switch {
		case c.Name == "multiplier":
			meter = append(meter, "nullif(multiplier, 0) AS multiplier")
		case c.Type == "VARCHAR":
			meter = append(meter, "nullif("+c.Name+", '') AS "+c.Name)
		default:
			meter = append(meter, c.Name)
		}
	}
	views["meters"] = "SELECT " + strings.Join(meter, ", ") + " FROM dims.meter"
	views["accounts"] = "SELECT account, nullif(max(name), '') AS name, bool_or(payer) AS payer FROM (" +
		"SELECT account, name, false AS payer FROM dims.account UNION ALL SELECT account, name, true FROM dims.payer) GROUP BY account"
	views["callers"] = callersView(segments)
	return views
}

func callersView(segments []segment) string {
	if len(segments) == 0 {
		return emptyView(callerColumns)
	}
	var parts, columns []string
	for _, s := range segments {
		parts = append(parts, "SELECT arn FROM "+s.catalog+".caller")
	}
	for _, c := range callerColumns {
		expr := "arn"
		if c.Name != "caller" {
			expr = derivation(c.Name)
		}
		columns = append(columns, expr+" AS "+c.Name)
	}
	return "SELECT " + strings.Join(columns, ", ") + " FROM (" + strings.Join(parts, " UNION ") + ")"
}

// emptyView is a view without rows.
func emptyView(columns []Column) string {
	list := make([]string, len(columns))
	for i, c := range columns {
		list[i] = "CAST(NULL AS " + c.Type + ") AS " + c.Name
	}
	return "SELECT " + strings.Join(list, ", ") + " WHERE false"
}

// columnsOf returns the columns of a view that want accepts; all, if none.
func columnsOf(view string, want func(string) bool) []Column {
	for _, v := range Schema() {
		if v.Name != view {
			continue
		}
		picked := slices.DeleteFunc(slices.Clone(v.Columns), func(c Column) bool { return !want(c.Name) })
		if len(picked) == 0 {
			return v.Columns
		}
		return picked
	}
	panic("BUG: no view " + view)
}

// quote writes a text as an SQL literal, where no parameter can stand.
func quote(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }
