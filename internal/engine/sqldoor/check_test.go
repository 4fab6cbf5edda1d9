package sqldoor

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/duckdb/duckdb-go/v2"

	"showback"
	"showback/internal/ledger"
)

// A text that nests deep in a way that no parenthesis shows must end in an
// error or an answer, not in an overrun of the parser's stack.
func TestDeepTexts(t *testing.T) {
	d := openDoor(t, ledger.Open(filepath.Join(t.TempDir(), "none")), Options{})
	for _, text := range []string{
		"SELECT " + strings.Repeat("NOT ", 24_000) + "true",
		"SELECT " + strings.Repeat("- ", 49_000) + "1",
		"SELECT " + strings.Repeat("1+", 49_000) + "1",
		"SELECT 1" + strings.Repeat("::INT", 19_000),
		"SELECT [1]" + strings.Repeat("[1]", 30_000),
		"SELECT 1" + strings.Repeat(" UNION SELECT 1", 6_000),
		"SELECT " + strings.Repeat("CASE WHEN true THEN ", 4_900),
		"SELECT a" + strings.Repeat(".a", 49_000),
		"SELECT * FROM charges" + strings.Repeat(" JOIN charges", 7_000),
		"SELECT 1 WHERE true" + strings.Repeat(" AND true", 10_000),
		"SELECT 1 " + strings.Repeat("/**/", mostComments),
		"SELECT " + strings.Repeat("(SELECT ", 499) + "1" + strings.Repeat(")", 499),
	} {
		if _, err := texts(d, text); err != nil && showback.KindOf(err) != showback.KindInvalid && showback.KindOf(err) != showback.KindUnavailable {
			t.Errorf("%.40s…: got %v (%s), want it answered or invalid", text, err, showback.KindOf(err))
		}
	}
}

// seeds are texts that the check passes and texts that it refuses.
var seeds = []string{
	"SELECT sum(cost) FROM charges", "SELECT 1; SELECT 2", "COPY charges TO 'x'", "WITH x AS (SELECT 1) SELECT * FROM x, charges",
	"SELECT * FROM (WITH a AS (FROM tags) FROM a) b, LATERAL (SELECT b.value) c", "FROM range(3)", "SELECT * FROM 'x.csv'",
	"WITH RECURSIVE r AS (SELECT 1 n UNION SELECT n + 1 FROM r WHERE n < 9) SELECT * FROM r", "SHOW TABLES", "DESCRIBE meters",
	"SELECT * FROM (PIVOT charges ON model IN ('a') USING sum(cost))", "VALUES (1)", "SELECT getenv('HOME')", "SELECT \u212a", "-- x", "/* /* */ */", "VALUES (1e999)",
	"WITH a AS (FROM duckdb_settings), duckdb_settings AS (SELECT 1) FROM a", "SELECT (SELECT max(content) FROM read_text('x'))",
}

// FuzzCheck holds the check against what the engine itself says of a text: what
// passes is one statement, a SELECT, and the tables that the engine finds in it
// are views of ours.
func FuzzCheck(f *testing.F) {
	for _, text := range seeds {
		f.Add(text)
	}
	d := openDoor(f, ledger.Open(filepath.Join(f.TempDir(), "none")), Options{})
	conn, err := d.db.Conn(context.Background())
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { conn.Close() })
	for name, view := range map[string]string{"charges": chargesView(nil, func(string) bool { return true })} {
		d.others[name] = view
	}
	for name, view := range d.others {
		if _, err := conn.ExecContext(context.Background(), "CREATE TEMP VIEW "+name+" AS "+view); err != nil {
			f.Fatal(err)
		}
	}
	f.Fuzz(func(t *testing.T, text string) {
		if checkSize(text) != nil {
			return
		}
		var parsed string
		if err := conn.QueryRowContext(context.Background(), parse, text).Scan(&parsed); err != nil {
			return
		}
		if _, err := check(text, []byte(parsed)); err != nil {
			if showback.KindOf(err) != showback.KindInvalid || strings.Contains(err.Error(), "can't be read") {
				t.Fatalf("%q: %v", text, err)
			}
			return
		}
		tables, err := duckdb.GetTableNames(conn, text, true)
		if err != nil {
			t.Fatalf("%q passes, and the engine can't parse it: %v", text, err)
		}
		for _, table := range tables {
			if !slices.ContainsFunc(Schema(), func(v View) bool { return v.Name == lower(strings.Trim(table, `"`)) }) {
				t.Fatalf("%q passes and reads %s", text, table)
			}
		}
		err = conn.Raw(func(raw any) error {
			s, err := raw.(*duckdb.Conn).Prepare(text)
			if err != nil {
				if strings.Contains(err.Error(), "multi-statement") {
					t.Fatalf("%q passes and is several statements", text)
				}
				return nil // it names what is not there
			}
			defer s.Close()
			if kind, err := s.(*duckdb.Stmt).StatementType(); err != nil || kind != duckdb.STATEMENT_TYPE_SELECT {
				t.Fatalf("%q passes and is of type %d, %v", text, kind, err)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

// FuzzCheckAnswer: whatever the parser answered, the check ends with an error
// or lets the statement pass; without a statement nothing passes.
func FuzzCheckAnswer(f *testing.F) {
	for _, parsed := range []string{
		"", "{}", `{"error":true,"error_type":"parser","error_message":"x"}`, `{"error":false,"statements":[]}`,
		`{"error":false,"statements":[{"node":{"type":"SELECT_NODE","cte_map":{"map":[]},"from_table":{"type":"BASE_TABLE","alias":"","sample":null,"table_name":"charges","catalog_name":"","schema_name":""}}}]}`,
		`{"error":false,"statements":[{"node":{"type":"SELECT_NODE","cte_map":{"map":[{"key":1}]}}}]}`, `{"error":false,"statements":[1,2]}`,
	} {
		f.Add(parsed)
	}
	f.Fuzz(func(t *testing.T, parsed string) {
		seek, err := check("", []byte(parsed))
		if (seek == nil) != (err != nil) {
			t.Fatalf("%s: got %v and %v", parsed, seek, err)
		}
		if err != nil && showback.KindOf(err) != showback.KindInvalid {
			t.Fatalf("%s: got an error of kind %s", parsed, showback.KindOf(err))
		}
	})
}
