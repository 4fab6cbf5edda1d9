package sqldoor

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"math/big"
	"strings"

	"github.com/duckdb/duckdb-go/v2"

	"showback"
)

// WriteParquet writes the rows that are left to a new file at path, with zstd,
// and returns how many there were. Another engine writes it than the one that
// the query ran in, which can write nothing. Whole numbers beyond 64 bits
// become decimals; what Parquet has no type for becomes text; of columns with
// one name the later ones get a number. What can't be written is an error of
// KindUnavailable, a number of more than 38 digits one of KindInvalid.
func WriteParquet(ctx context.Context, rows *Rows, path string) (n int64, err error) {
	db, err := sql.Open("duckdb", "")
	if err != nil {
		return 0, showback.Errorf(showback.KindUnavailable, "write Parquet: %w", err)
	}
	defer db.Close()
	conn, err := db.Conn(ctx)
	if err != nil {
		return 0, engineError(ctx, "write Parquet", err)
	}
	defer conn.Close()
	names := distinct(rows.Columns)
	columns := make([]string, len(names))
	for i, c := range rows.Columns {
		columns[i] = `"` + strings.ReplaceAll(names[i], `"`, `""`) + `" ` + storedType(c.Type)
	}
	if _, err := conn.ExecContext(ctx, "CREATE TABLE result ("+strings.Join(columns, ", ")+")"); err != nil {
		return 0, engineError(ctx, "write Parquet", err)
	}
	err = conn.Raw(func(raw any) error {
		n, err = appendRows(ctx, raw.(driver.Conn), rows)
		return err
	})
	if err != nil {
		return 0, engineError(ctx, "write Parquet", err)
	}
	if _, err := conn.ExecContext(ctx, "COPY result TO "+quote(path)+" (FORMAT parquet, COMPRESSION zstd)"); err != nil {
		if ctx.Err() != nil {
			return 0, context.Cause(ctx)
		}
		first, _, _ := strings.Cut(err.Error(), "\n")
		return 0, showback.Errorf(showback.KindUnavailable, "write Parquet: %s", first)
	}
	return n, nil
}

func appendRows(ctx context.Context, conn driver.Conn, rows *Rows) (n int64, err error) {
	a, err := duckdb.NewAppenderFromConn(conn, "", "result")
	if err != nil {
		return 0, err
	}
	values := make([]driver.Value, len(rows.Columns))
	for ; rows.Next(); n++ {
		if n%10_000 == 0 && ctx.Err() != nil {
			return n, errors.Join(context.Cause(ctx), a.Close())
		}
		for i, c := range rows.Cells() {
			if values[i], err = c.stored(); err != nil {
				return n, errors.Join(err, a.Close())
			}
		}
		if err := a.AppendRow(values...); err != nil {
			return n, errors.Join(err, a.Close())
		}
	}
	return n, errors.Join(rows.Err(), a.Close())
}

// distinct returns the names of the columns, each once, as an engine compares
// them.
func distinct(columns []ResultColumn) []string {
	taken := map[string]bool{}
	names := make([]string, len(columns))
	for i, c := range columns {
		name := c.Name
		for n := 1; taken[lower(name)]; n++ {
			name = fmt.Sprintf("%s_%d", c.Name, n)
		}
		taken[lower(name)] = true
		names[i] = name
	}
	return names
}

// asIs are types that Parquet has, and the driver gives and takes.
var asIs = map[string]bool{
	"BOOLEAN": true, "TINYINT": true, "SMALLINT": true, "INTEGER": true, "BIGINT": true, "UTINYINT": true, "USMALLINT": true,
	"UINTEGER": true, "UBIGINT": true, "FLOAT": true, "DOUBLE": true, "VARCHAR": true, "BLOB": true, "DATE": true,
	"TIMESTAMP": true, "MAP(VARCHAR, VARCHAR)": true, "VARCHAR[]": true,
}

// storedType returns the type of a column in the file. DuckDB writes a HUGEINT,
// which a sum of whole numbers is, as a binary fraction (1.5.6).
func storedType(kind string) string {
	switch {
	case asIs[kind], isDecimal(kind):
		return kind
	case kind == "HUGEINT":
		return "DECIMAL(38,0)"
	case kind == "TIMESTAMPTZ":
		return "TIMESTAMP WITH TIME ZONE"
	}
	return "VARCHAR"
}

// maxHuge is the least whole number that a DECIMAL(38,0) has no room for.
var maxHuge = new(big.Int).Exp(big.NewInt(10), big.NewInt(38), nil)

// stored returns the value as a column of storedType takes it.
func (c Cell) stored() (driver.Value, error) {
	switch {
	case c.value == nil, storedType(c.kind) == c.kind, c.kind == "TIMESTAMPTZ":
		if m, ok := c.value.(duckdb.OrderedMap); ok {
			return goMap(m), nil
		}
		return c.value, nil
	case c.kind == "HUGEINT":
		n, ok := c.value.(*big.Int)
		if !ok {
			panic(fmt.Sprintf("BUG: a HUGEINT is a %T", c.value))
		}
		if n.CmpAbs(maxHuge) >= 0 {
			return nil, showback.Errorf(showback.KindInvalid, "write Parquet: %s has more than 38 digits", n)
		}
		return duckdb.Decimal{Width: 38, Scale: 0, Value: n}, nil
	}
	return c.Text(), nil
}

func goMap(m duckdb.OrderedMap) duckdb.Map {
	out := duckdb.Map{}
	values := m.Values()
	for i, k := range m.Keys() {
		out[k] = values[i]
	}
	return out
}
