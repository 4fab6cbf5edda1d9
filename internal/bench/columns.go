package main

import (
	"context"
	_ "embed" // the list of columns
	"fmt"
	"strings"
)

// factColumns are the columns of CUR 2.0 that the import reads, one a line:
// what COPY writes. The list is frozen; a test holds it against the import.
//
//go:embed columns.txt
var factColumns string

// copyColumns returns those of the list that the files have, quoted, with
// commas: an export may leave out columns.
func copyColumns(ctx context.Context, y *yard, paths []string) (string, error) {
	has, err := y.text(ctx, "SELECT string_agg(column_name, chr(10)) FROM (DESCRIBE FROM "+parquet(paths)+")")
	if err != nil {
		return "", err
	}
	in := map[string]bool{}
	for name := range strings.Lines(has) {
		in[strings.TrimSpace(name)] = true
	}
	var columns []string
	for name := range strings.Lines(factColumns) {
		if name = strings.TrimSpace(name); in[name] {
			columns = append(columns, `"`+name+`"`)
		}
	}
	return strings.Join(columns, ", "), nil
}

// parquet reads files as the import does: what a folder is called is no column.
func parquet(paths []string) string {
	quoted := make([]string, len(paths))
	for i, p := range paths {
		quoted[i] = quote(p)
	}
	return fmt.Sprintf("read_parquet([%s], hive_partitioning = false, binary_as_string = true)", strings.Join(quoted, ", "))
}
