package cur

import (
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"strings"
	"testing"

	"showback"
	"showback/internal/source"
)

// columnsOf makes columns of "name type" lines.
func columnsOf(lines ...string) []source.Column {
	var columns []source.Column
	for _, line := range lines {
		name, typ, _ := strings.Cut(line, " ")
		columns = append(columns, source.Column{Name: name, Type: typ})
	}
	return columns
}

// least are the required columns as AWS's Parquet has them.
func least() []source.Column {
	return columnsOf(
		"line_item_unblended_cost DOUBLE",
		"bill_payer_account_id VARCHAR",
		"bill_billing_period_start_date TIMESTAMP",
		"line_item_line_item_type VARCHAR",
		"line_item_usage_start_date TIMESTAMP WITH TIME ZONE",
		"line_item_product_code VARCHAR",
		"line_item_currency_code VARCHAR",
	)
}

func TestMap(t *testing.T) {
	columns := append(least(), columnsOf("tags MAP(VARCHAR, VARCHAR)", "pricing_rate_id VARCHAR",
		"product_product_name VARCHAR", "discount MAP(VARCHAR, DOUBLE)", "line_item_unblended_rate VARCHAR")...)
	m, err := Map(columns)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := len(m.Columns), 10; got != want {
		t.Errorf("got %d fields, want %d", got, want)
	}
	if got, want := m.Columns[source.Tags], (source.Column{Name: "tags", Type: "MAP(VARCHAR, VARCHAR)"}); got != want {
		t.Errorf("tags: got %v, want %v", got, want)
	}
	if m.Has(source.Caller) || !m.Has(source.ProductName) {
		t.Errorf("caller %t, product name %t: want false, true", m.Has(source.Caller), m.Has(source.ProductName))
	}
	equal(t, "unused", m.Unused, []string{"pricing_rate_id", "discount"})

	slices.Reverse(columns)
	again, err := Map(columns)
	if err != nil || len(again.Columns) != 10 {
		t.Errorf("in another order: got %d fields, %v", len(again.Columns), err)
	}
}

// Every field of the contract is mapped: the list here must not fall behind.
func TestMapKnowsEveryField(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "../field.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	declared := map[source.Field]bool{}
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if typ, ok := spec.Type.(*ast.Ident); ok && typ.Name == "Field" {
			name, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			declared[source.Field(name)] = true
		}
		return true
	})
	if len(declared) < 40 {
		t.Fatalf("found %d fields in field.go, want 40 and more", len(declared))
	}
	for _, f := range source.Fields {
		if !declared[f] {
			t.Errorf("field %s is not declared, or is listed twice", f)
		}
		delete(declared, f)
	}
	for f := range declared {
		t.Errorf("field %s is not listed", f)
	}
}

func TestMapTypes(t *testing.T) {
	for _, c := range []struct{ column, found, want string }{
		{"line_item_unblended_cost", "BOOLEAN", "a number or text"},
		{"line_item_unblended_cost", "TIMESTAMP", "a number or text"},
		{"line_item_unblended_cost", "DOUBLE[]", "a number or text"},
		{"line_item_usage_start_date", "BIGINT", "a timestamp, a date or text"},
		{"line_item_usage_start_date", "TIME", "a timestamp, a date or text"},
		{"line_item_product_code", "BIGINT", "text"},
		{"line_item_product_code", "BLOB", "text"},
		{"bill_payer_account_id", "BIGINT", "text"},
		{"line_item_usage_account_id", "DOUBLE", "text"},
		{"bill_invoice_id", "DOUBLE", "text or an integer"},
		{"line_item_unblended_rate", "BOOLEAN", "text or a number"},
		{"tags", "MAP(VARCHAR, DOUBLE)", "a map of text to text, or JSON text"},
		{"tags", "STRUCT(a VARCHAR)", "a map of text to text, or JSON text"},
		{"product", "MAP(VARCHAR, VARCHAR)[]", "a map of text to text, or JSON text"},
	} {
		_, err := Map(with(c.column, c.found))
		if want := "map column " + c.column + ": found " + c.found + ", want " + c.want; err == nil || err.Error() != want {
			t.Errorf("got  %v\nwant %s", err, want)
		}
		if showback.KindOf(err) != showback.KindInvalid || showback.HintOf(err) == "" {
			t.Errorf("%v: kind %q, hint %q", err, showback.KindOf(err), showback.HintOf(err))
		}
	}
	for column, types := range map[string]string{
		"line_item_unblended_cost":   "VARCHAR|DOUBLE|FLOAT|DECIMAL(38,19)|DECIMAL(18, 4)|BIGINT|HUGEINT|INTEGER",
		"line_item_usage_start_date": "VARCHAR|TIMESTAMP|TIMESTAMP_NS|TIMESTAMP_MS|TIMESTAMP_S|TIMESTAMP WITH TIME ZONE|TIMESTAMPTZ|DATE",
		"tags":                       "MAP(VARCHAR, VARCHAR)|map(varchar,varchar)|VARCHAR|JSON",
		"line_item_unblended_rate":   "VARCHAR|DOUBLE|DECIMAL(18,9)|BIGINT",
		"bill_invoice_id":            "VARCHAR|BIGINT|\"NULL\"",
		"line_item_iam_principal":    "VARCHAR|\"NULL\"",
		"line_item_usage_account_id": "VARCHAR",
	} {
		for typ := range strings.SplitSeq(types, "|") {
			if _, err := Map(with(column, typ)); err != nil {
				t.Errorf("%s as %s: %v", column, typ, err)
			}
		}
	}
}

// with is the least of columns with one added or given another type.
func with(name, typ string) []source.Column {
	columns := slices.DeleteFunc(least(), func(c source.Column) bool { return c.Name == name })
	return append(columns, source.Column{Name: name, Type: typ})
}

func TestMapRefuses(t *testing.T) {
	without := func(names ...string) []source.Column {
		return slices.DeleteFunc(least(), func(c source.Column) bool { return slices.Contains(names, c.Name) })
	}
	for _, c := range []struct {
		what       string
		columns    []source.Column
		text, hint string
	}{
		{"one missing", without("line_item_currency_code"),
			"map columns: required columns are missing: line_item_currency_code", "add it to the export's column selection"},
		{"two missing", without("line_item_currency_code", "bill_payer_account_id"),
			"map columns: required columns are missing: bill_payer_account_id, line_item_currency_code", "add them to the export's column selection"},
		{"other letters", append(without("line_item_currency_code"), columnsOf("LINE_ITEM_CURRENCY_CODE VARCHAR")...),
			"map columns: required columns are missing: line_item_currency_code",
			"column LINE_ITEM_CURRENCY_CODE is there in other letters: names must be as AWS writes them"},
		{"twice", append(least(), columnsOf("tags VARCHAR", "tags VARCHAR")...),
			"map column tags: the file has two columns of that name", "name each column once in the export's query"},
		{"legacy", columnsOf("identity/LineItemId VARCHAR", "lineItem/UnblendedCost VARCHAR"),
			"map columns: legacy CUR is not read yet", "create a CUR 2.0 export (AWS Data Exports, table COST_AND_USAGE_REPORT) and import that"},
		{"FOCUS", columnsOf("BilledCost DOUBLE", "ChargePeriodStart TIMESTAMP"),
			"map columns: FOCUS is not read yet", "create a CUR 2.0 export (AWS Data Exports, table COST_AND_USAGE_REPORT) and import that"},
		{"semicolons", columnsOf("bill_payer_account_id;line_item_currency_code;line_item_unblended_cost;x VARCHAR"),
			"map columns: found \"bill_payer_account_id;line_item_currency_code;line_item_unbl…\" as name of a column: the separator looks to be ';', want a comma",
			"write the file with commas, as AWS delivers it"},
		{"none", nil,
			"map columns: this is no CUR 2.0: none of its columns begins with line_item_ or bill_", "create a CUR 2.0 export (AWS Data Exports, table COST_AND_USAGE_REPORT) and import that"},
	} {
		_, err := Map(c.columns)
		if err == nil || err.Error() != c.text {
			t.Errorf("%s\n got %v\nwant %s", c.what, err, c.text)
		}
		if got := showback.HintOf(err); got != c.hint {
			t.Errorf("%s: hint\n got %s\nwant %s", c.what, got, c.hint)
		}
		if got := showback.KindOf(err); got != showback.KindInvalid {
			t.Errorf("%s: kind %q, want invalid", c.what, got)
		}
	}
}
