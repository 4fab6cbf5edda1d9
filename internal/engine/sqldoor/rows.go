package sqldoor

import (
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"

	"github.com/duckdb/duckdb-go/v2"

	"showback"
)

// Rows are the rows of a result, in order. They are not safe for concurrent use.
type Rows struct {
	Columns []ResultColumn

	rows   driver.Rows
	stmt   *duckdb.Stmt
	conn   *sql.Conn
	values []driver.Value
	cells  []Cell
	err    error
	most   int // rows that are let through; 0 for all
	passed int
	cut    bool
}

// ResultColumn is a column of a result. Two may have the same name.
type ResultColumn struct {
	Name string
	Type string // as DuckDB writes it
}

func newRows(rows driver.Rows, stmt *duckdb.Stmt) *Rows {
	names := rows.Columns()
	r := &Rows{rows: rows, stmt: stmt, values: make([]driver.Value, len(names)), cells: make([]Cell, len(names))}
	types, ok := rows.(driver.RowsColumnTypeDatabaseTypeName)
	if !ok {
		panic("BUG: the driver does not say what columns are")
	}
	for i, name := range names {
		r.Columns = append(r.Columns, ResultColumn{name, types.ColumnTypeDatabaseTypeName(i)})
	}
	return r
}

// Limit lets at most n rows through, n being 1 or more. It is called before Next.
func (r *Rows) Limit(n int) { r.most = n }

// Cut reports whether Next has held back rows beyond the limit.
func (r *Rows) Cut() bool { return r.cut }

// Next goes to the next row and reports whether there is one; Err says why
// there is none.
func (r *Rows) Next() bool {
	if r.err != nil || r.cut {
		return false
	}
	if r.err = r.rows.Next(r.values); r.err != nil {
		return false
	}
	if r.most > 0 && r.passed == r.most {
		r.cut = true
		return false
	}
	r.passed++
	for i, v := range r.values {
		r.cells[i] = Cell{v, r.Columns[i].Type}
	}
	return true
}

// Cells returns the cells of the row, until Next is called again.
func (r *Rows) Cells() []Cell { return r.cells }

// Err returns what ended the rows before their end.
func (r *Rows) Err() error {
	if r.err == nil || errors.Is(r.err, io.EOF) {
		return nil
	}
	return showback.Errorf(showback.KindInternal, "read result: %w", r.err)
}

// Close lets go of the rows.
func (r *Rows) Close() error {
	if err := errors.Join(r.rows.Close(), r.stmt.Close(), r.conn.Close()); err != nil {
		return showback.Errorf(showback.KindInternal, "close result: %w", err)
	}
	return nil
}
