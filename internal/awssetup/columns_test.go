package awssetup_test

import (
	"slices"
	"testing"

	"showback/internal/awssetup"
	"showback/internal/source"
)

// The export has each field that the ledger reads. A product's name is no
// column of CUR 2.0: it is in the map product, which is selected whole.
func TestColumnsHaveFields(t *testing.T) {
	columns := awssetup.Columns()
	for _, f := range source.Fields {
		if f != source.ProductName && !slices.Contains(columns, string(f)) {
			t.Errorf("column %s is read by the ledger and not selected", f)
		}
	}
	if slices.Contains(columns, string(source.ProductName)) {
		t.Errorf("column %s is selected and not in the table: AWS refuses the query", source.ProductName)
	}
	if !slices.Contains(columns, string(source.Product)) {
		t.Errorf("column %s is not selected", source.Product)
	}
	if !slices.IsSorted(columns) || len(slices.Compact(slices.Clone(columns))) != len(columns) {
		t.Errorf("columns are not sorted, each once: %v", columns)
	}
}
