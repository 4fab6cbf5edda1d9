package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"showback/internal/awssetup"
	"showback/internal/source"
	"showback/internal/source/cur"
)

// The list is what the import maps of a whole CUR 2.0 export, no more and no
// less: with fewer, COPY would have an easier time than the import.
func TestFactColumns(t *testing.T) {
	var columns []source.Column
	for _, name := range awssetup.Columns() {
		columns = append(columns, source.Column{Name: name, Type: "VARCHAR"})
	}
	m, err := cur.Map(columns)
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, name := range awssetup.Columns() {
		if m.Has(source.Field(name)) {
			want = append(want, name)
		}
	}
	if got := strings.Fields(factColumns); !cmp.Equal(got, want) {
		t.Errorf("columns.txt (-) and what the import reads of CUR 2.0 (+):\n%s", cmp.Diff(got, want))
	}
}
