package cur

import (
	"strings"

	"showback"
	"showback/internal/source"
)

// Table is a table of billing data that its columns give away.
type Table string

// The tables that are told apart. Only CUR2 is read.
const (
	CUR2    Table = "CUR 2.0"
	Legacy  Table = "legacy CUR"
	FOCUS   Table = "FOCUS"
	Unknown Table = "unknown"
)

// Recognise tells a table by its columns' names. A subset of CUR 2.0's columns
// is CUR2 however small: what it lacks is for Map to say. The Parquet files of
// a legacy report carry CUR 2.0's names and cannot be told from it by columns;
// the manifest of a legacy report tells them.
func Recognise(columns []source.Column) Table {
	table := Unknown
	for _, c := range columns {
		switch {
		case strings.HasPrefix(c.Name, "lineItem/"), strings.HasPrefix(c.Name, "bill/"), strings.HasPrefix(c.Name, "identity/"):
			return Legacy
		case c.Name == "BilledCost", c.Name == "ChargePeriodStart":
			return FOCUS
		case strings.HasPrefix(c.Name, "line_item_"), strings.HasPrefix(c.Name, "bill_"):
			table = CUR2
		}
	}
	return table
}

// refusal says why a table is not read, and what to do instead.
func (t Table) refusal() (reason, hint string) {
	const instead = "create a CUR 2.0 export (AWS Data Exports, table COST_AND_USAGE_REPORT) and import that"
	switch t {
	case Legacy:
		return "legacy CUR is not read yet", instead
	case FOCUS:
		return "FOCUS is not read yet", instead
	}
	return "this is no CUR 2.0: none of its columns begins with line_item_ or bill_", instead
}

// required are the fields without which a charge cannot be kept: whose, when,
// what and how much.
var required = []source.Field{
	source.Payer, source.PeriodStart, source.LineType, source.UsageStart,
	source.ProductCode, source.Currency, source.Unblended,
}

// Map says which of a file's columns give which field. Columns are matched by
// their exact name, in any order; all but the required ones may be absent.
//
// A column's type must suit the field's kind: text wants text; time wants a
// timestamp, a date or text; an amount wants a number or text; a map wants
// MAP(VARCHAR, VARCHAR) or text. Two text fields also take numbers, which a
// reader must cast to text: the rate, and (integers only) the invoice id.
// Account numbers must be text, since a number has lost its leading zeros.
//
// All errors are of KindInvalid: a duplicate column, a required column absent,
// a wrong type, or the columns of another table, which is named.
func Map(columns []source.Column) (source.Mapping, error) {
	byName := make(map[string]source.Column, len(columns))
	for _, c := range columns {
		if _, twice := byName[c.Name]; twice {
			return source.Mapping{}, showback.WithHint(
				showback.Errorf(showback.KindInvalid, "map column %s: the file has two columns of that name", c.Name),
				"name each column once in the export's query")
		}
		byName[c.Name] = c
	}
	m := source.Mapping{Columns: make(map[source.Field]source.Column, len(source.Fields))}
	for _, f := range source.Fields {
		if c, ok := byName[string(f)]; ok {
			m.Columns[f] = c
		}
	}
	if err := checkRequired(m, columns); err != nil {
		return source.Mapping{}, err
	}
	for _, c := range columns {
		f := source.Field(c.Name)
		if !m.Has(f) {
			m.Unused = append(m.Unused, c.Name)
			continue
		}
		if err := checkType(f, c); err != nil {
			return source.Mapping{}, err
		}
	}
	return m, nil
}

func checkRequired(m source.Mapping, columns []source.Column) error {
	var missing []string
	for _, f := range required {
		if !m.Has(f) {
			missing = append(missing, string(f))
		}
	}
	if missing == nil {
		return nil
	}
	if len(columns) > 0 && strings.Count(columns[0].Name, ";") > 1 {
		return showback.WithHint(showback.Errorf(showback.KindInvalid, "map columns: found %q as name of a column: the separator looks to be ';', want a comma", firstOf(columns[0].Name)),
			"write the file with commas, as AWS delivers it")
	}
	if table := Recognise(columns); table != CUR2 {
		reason, hint := table.refusal()
		return showback.WithHint(showback.Errorf(showback.KindInvalid, "map columns: %s", reason), hint)
	}
	hint := "add them to the export's column selection"
	if len(missing) == 1 {
		hint = "add it to the export's column selection"
	}
	for _, c := range columns {
		if strings.EqualFold(c.Name, missing[0]) {
			hint = "column " + c.Name + " is there in other letters: names must be as AWS writes them"
		}
	}
	return showback.WithHint(showback.Errorf(showback.KindInvalid,
		"map columns: required columns are missing: %s", strings.Join(missing, ", ")), hint)
}

// firstOf cuts a name that is a whole header.
func firstOf(name string) string {
	const most = 60
	if len(name) <= most {
		return name
	}
	return strings.ToValidUTF8(name[:most], "") + "…"
}

func checkType(f source.Field, c source.Column) error {
	t := typeOf(c.Type)
	var fits bool
	var want, hint string
	switch kind := source.KindOf(f); kind {
	case source.Text:
		want, hint = "text", "write the column as text, as AWS delivers it"
		switch f {
		case source.Payer, source.Account:
			fits = t == typeText
			hint = "write account numbers as text: a number has lost its leading zeros"
		case source.Invoice:
			fits, want = t == typeText || t == typeInteger, "text or an integer"
		case source.Rate:
			fits, want = t == typeText || t == typeInteger || t == typeFraction, "text or a number"
		default:
			fits = t == typeText
		}
	case source.Time:
		fits, want = t == typeText || t == typeTime, "a timestamp, a date or text"
		hint = "write the column as a timestamp, or as text like 2026-10-05T00:00:00Z"
	case source.Amount:
		fits, want = t == typeText || t == typeInteger || t == typeFraction, "a number or text"
		hint = "write the column as a number, or as text like 0.0012"
	case source.Map:
		fits, want = t == typeText || t == typeMap, "a map of text to text, or JSON text"
		hint = "write the column as MAP(VARCHAR, VARCHAR), or as a JSON object in text"
	default:
		panic("BUG: field " + string(f) + " of kind " + string(kind))
	}
	// A column without any value may come without a type.
	if fits || t == typeNull {
		return nil
	}
	return showback.WithHint(showback.Errorf(showback.KindInvalid,
		"map column %s: found %s, want %s", c.Name, c.Type, want), hint)
}

// engineType is what sort of values a type of the engine holds.
type engineType int

const (
	typeOther engineType = iota
	typeText
	typeInteger
	typeFraction
	typeTime
	typeMap
	typeNull
)

// typeOf reads the name of a DuckDB type. (DuckDB, "Data types", 1.5.)
func typeOf(name string) engineType {
	name = strings.ToUpper(strings.TrimSpace(name))
	if inner, ok := strings.CutPrefix(name, "MAP("); ok && strings.HasSuffix(inner, ")") {
		key, value, _ := strings.Cut(strings.TrimSuffix(inner, ")"), ",")
		if typeOf(key) == typeText && typeOf(value) == typeText {
			return typeMap
		}
		return typeOther
	}
	// VARCHAR(64) and DECIMAL(18, 4), but not VARCHAR[] nor a STRUCT.
	base, rest, parameters := strings.Cut(name, "(")
	if parameters && (!strings.HasSuffix(rest, ")") || strings.ContainsAny(rest[:len(rest)-1], "()")) {
		return typeOther
	}
	switch strings.TrimSpace(base) {
	case "VARCHAR", "TEXT", "STRING", "CHAR", "BPCHAR", "JSON":
		return typeText
	case "TINYINT", "SMALLINT", "INTEGER", "INT", "BIGINT", "HUGEINT",
		"UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "UHUGEINT":
		return typeInteger
	case "DOUBLE", "FLOAT", "REAL", "DECIMAL", "NUMERIC":
		return typeFraction
	case "TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_US", "TIMESTAMP_NS", "DATETIME",
		"TIMESTAMP WITH TIME ZONE", "TIMESTAMPTZ", "DATE":
		return typeTime
	case "NULL", `"NULL"`:
		return typeNull
	}
	return typeOther
}
