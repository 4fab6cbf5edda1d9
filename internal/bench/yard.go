package main

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"net/url"
	"os"
	"runtime"
	"strconv"
	"strings"

	"github.com/duckdb/duckdb-go/v2"

	"showback"
	"showback/internal/ledger"
)

// yard is a DuckDB of our own in this process, with as many threads as the
// product's: what the product is measured against runs in it.
type yard struct {
	db    *sql.DB
	tmp   string // where it spills to
	names int
}

// openYard opens one. The caller closes it.
func openYard() (*yard, error) {
	tmp, err := os.MkdirTemp("", "showback-bench-")
	if err != nil {
		return nil, showback.Errorf(showback.KindUnavailable, "open yardstick: %w", err)
	}
	settings := url.Values{
		"threads":                      {strconv.Itoa(runtime.GOMAXPROCS(0))},
		"temp_directory":               {tmp},
		"autoinstall_known_extensions": {"false"},
		"autoload_known_extensions":    {"false"},
		// As the import has it: order costs memory and time.
		"preserve_insertion_order": {"false"},
	}
	connector, err := duckdb.NewConnector("?"+settings.Encode(), func(conn driver.ExecerContext) error {
		_, err := conn.ExecContext(context.Background(), "SET TimeZone = 'UTC'", nil)
		return err
	})
	if err != nil {
		os.RemoveAll(tmp)
		return nil, showback.Errorf(showback.KindUnavailable, "open yardstick: %w", err)
	}
	return &yard{db: sql.OpenDB(connector), tmp: tmp}, nil
}

func (y *yard) close() {
	y.db.Close()
	os.RemoveAll(y.tmp)
}

func (y *yard) exec(ctx context.Context, query string) error {
	if _, err := y.db.ExecContext(ctx, query); err != nil {
		return showback.Errorf(showback.KindInternal, "run yardstick: %w", err)
	}
	return nil
}

// drain runs a query and reads all of its rows.
func (y *yard) drain(ctx context.Context, query string) error {
	rows, err := y.db.QueryContext(ctx, query)
	if err != nil {
		return showback.Errorf(showback.KindInternal, "run yardstick: %w", err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return showback.Errorf(showback.KindInternal, "run yardstick: %w", err)
	}
	dest := make([]any, len(columns))
	for i := range dest {
		dest[i] = new(any)
	}
	for rows.Next() {
		if err := rows.Scan(dest...); err != nil {
			return showback.Errorf(showback.KindInternal, "run yardstick: %w", err)
		}
	}
	if err := rows.Err(); err != nil {
		return showback.Errorf(showback.KindInternal, "run yardstick: %w", err)
	}
	return nil
}

// text returns the one value of a query's one row, as text.
func (y *yard) text(ctx context.Context, query string) (string, error) {
	var value sql.NullString
	if err := y.db.QueryRowContext(ctx, query).Scan(&value); err != nil {
		return "", showback.Errorf(showback.KindInternal, "run yardstick: %w", err)
	}
	return value.String, nil
}

// attach makes a file of a store known, for reading only, and returns its name.
func (y *yard) attach(ctx context.Context, path string) (string, error) {
	y.names++
	name := fmt.Sprintf("y%d", y.names)
	return name, y.exec(ctx, "ATTACH "+quote(path)+" AS "+name+" (READ_ONLY)")
}

// attachAll attaches segments and returns their names, in order.
func (y *yard) attachAll(ctx context.Context, snap *ledger.Snapshot, segments []ledger.Segment) ([]string, error) {
	names := make([]string, len(segments))
	for i := range segments {
		var err error
		if names[i], err = y.attach(ctx, snap.SegmentPath(&segments[i])); err != nil {
			return nil, err
		}
	}
	return names, nil
}

// sums writes S of attached segments: the query that sums the unblended pair
// over their facts.
func sums(names []string) string {
	each := make([]string, len(names))
	for i, name := range names {
		each[i] = "SELECT sum(unblended_hi) AS hi, sum(unblended_rest) AS rest FROM " + name + ".fact"
	}
	return "SELECT sum(hi)::VARCHAR, sum(rest)::VARCHAR FROM (" + strings.Join(each, " UNION ALL ") + ")"
}

// quote writes a text as an SQL literal.
func quote(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }
