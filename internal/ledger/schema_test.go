package ledger

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"showback"
)

// TestSchemaIsFrozen holds the tables to the on-disk version: a store written
// by one program must open in the next. To change a table, raise Format, write
// testdata/format<N>.txt and say in ARCHITECTURE.md how an older store is read.
func TestSchemaIsFrozen(t *testing.T) {
	frozen(t, fmt.Sprintf("format%d.txt", Format), dimsSchema, fmt.Sprintf(segmentSchema, "seg", 10, 6))
	frozen(t, fmt.Sprintf("format%d-rest.txt", RestFormat), fmt.Sprintf(restSchema, "seg", 10))
}

// frozen compares the tables that the statements make with those of a file.
func frozen(t *testing.T, file string, statements ...string) {
	t.Helper()
	ctx := context.Background()
	w, err := openWork(ctx, "", t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer w.close()
	for _, q := range append([]string{"ATTACH ':memory:' AS seg"}, statements...) {
		if err := w.exec(ctx, q); err != nil {
			t.Fatal(err)
		}
	}
	var got strings.Builder
	err = w.each(ctx, `SELECT table_name, column_name, data_type, is_nullable FROM duckdb_columns()
 WHERE database_name IN ('memory', 'seg') AND NOT internal
 ORDER BY database_name, table_oid, column_index`, func(scan func(...any) error) error {
		var table, column, kind string
		var nullable bool
		if err := scan(&table, &column, &kind, &nullable); err != nil {
			return err
		}
		null := "NOT NULL"
		if nullable {
			null = "NULL"
		}
		_, err := fmt.Fprintf(&got, "%s.%s %s %s\n", table, column, kind, null)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile(filepath.Join("testdata", file))
	if os.IsNotExist(err) {
		t.Fatalf("%s is missing; the tables are:\n%s", file, got.String())
	}
	if err != nil {
		t.Fatal(err)
	}
	if got.String() != string(want) {
		t.Errorf("the tables of %s have changed; got\n%s\nwant\n%s", file, got.String(), want)
	}
}

func TestEveryBasisHasColumns(t *testing.T) {
	for _, b := range showback.Bases {
		if stem := AmountColumn(b); !strings.Contains(segmentSchema, stem+"_hi") || !strings.Contains(segmentSchema, stem+"_rest") {
			t.Errorf("basis %s: the fact has no pair %s_hi, %s_rest", b, stem, stem)
		}
	}
}
