package sqldoor

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"showback"
	"showback/internal/ledger"
)

func TestRefused(t *testing.T) {
	d := openDoor(t, fillStore(t, []showback.Charge{bedrock("2026-01", "1")}), Options{})
	f := func(query, want string) {
		t.Helper()
		list, err := texts(d, query)
		if err == nil {
			t.Errorf("%s: got %q, want it refused: %s", query, list, want)
			return
		}
		if got := err.Error(); got != "check query: "+want || showback.KindOf(err) != showback.KindInvalid {
			t.Errorf("%s: got %q (%s), want %q (invalid)", query, got, showback.KindOf(err), "check query: "+want)
		}
	}

	// What is no SELECT.
	f("COPY charges TO 'out.csv'", "found COPY, want one SELECT")
	f("COPY (SELECT 1) TO '/tmp/out.csv' (FORMAT csv, USE_TMP_FILE false)", "found COPY, want one SELECT")
	f("COPY charges FROM 'in.csv'", "found COPY, want one SELECT")
	f("ATTACH 'other.duckdb' AS other", "found ATTACH, want one SELECT")
	f("ATTACH ':memory:' AS other", "found ATTACH, want one SELECT")
	f("DETACH s0", "found DETACH, want one SELECT")
	f("CREATE TABLE t AS SELECT 1", "found CREATE, want one SELECT")
	f("CREATE OR REPLACE VIEW charges AS SELECT 1", "found CREATE, want one SELECT")
	f("CREATE MACRO m() AS TABLE SELECT * FROM read_text('/etc/hostname')", "found CREATE, want one SELECT")
	f("CREATE SECRET (TYPE s3)", "found CREATE, want one SELECT")
	f("DROP VIEW charges", "found DROP, want one SELECT")
	f("ALTER VIEW charges RENAME TO c", "found ALTER, want one SELECT")
	f("INSERT INTO s0.fact SELECT * FROM s0.fact", "found INSERT, want one SELECT")
	f("UPDATE s0.fact SET hour = 1", "found UPDATE, want one SELECT")
	f("DELETE FROM s0.fact", "found DELETE, want one SELECT")
	f("TRUNCATE s0.fact", "found TRUNCATE, want one SELECT")
	f("MERGE INTO s0.fact USING charges ON true WHEN MATCHED THEN DELETE", "found MERGE, want one SELECT")
	f("INSTALL httpfs", "found INSTALL, want one SELECT")
	f("FORCE INSTALL httpfs FROM 'http://example.com'", "found FORCE, want one SELECT")
	f("LOAD httpfs", "found LOAD, want one SELECT")
	f("SET memory_limit = '99GB'", "found SET, want one SELECT")
	f("SET VARIABLE a = 1", "found SET, want one SELECT")
	f("RESET lock_configuration", "found RESET, want one SELECT")
	f("PRAGMA database_list", "found PRAGMA, want one SELECT")
	f("PRAGMA enable_external_access = true", "found PRAGMA, want one SELECT")
	f("EXPORT DATABASE 'out'", "found EXPORT, want one SELECT")
	f("IMPORT DATABASE 'out'", "found IMPORT, want one SELECT")
	f("CALL pragma_version()", "found CALL, want one SELECT")
	f("USE s0", "found USE, want one SELECT")
	f("CHECKPOINT", "found CHECKPOINT, want one SELECT")
	f("FORCE CHECKPOINT s0", "found FORCE, want one SELECT")
	f("VACUUM", "found VACUUM, want one SELECT")
	f("ANALYZE", "found ANALYZE, want one SELECT")
	f("BEGIN", "found BEGIN, want one SELECT")
	f("PREPARE p AS SELECT 1", "found PREPARE, want one SELECT")
	f("EXECUTE p", "found EXECUTE, want one SELECT")
	f("EXPLAIN SELECT 1", "found EXPLAIN, want one SELECT")
	f("EXPLAIN ANALYZE SELECT * FROM charges", "found EXPLAIN, want one SELECT")
	f("COMMENT ON VIEW charges IS 'x'", "found COMMENT, want one SELECT")
	f("PIVOT charges ON model USING sum(cost)", "found more than a SELECT, want one SELECT")
	f("SELECT * FROM (PIVOT charges ON model USING sum(cost))", "found more than a SELECT, want one SELECT")

	// More than one, none, or one behind something else.
	f("SELECT 1; DROP VIEW charges", "found more than a SELECT, want one SELECT")
	f("SELECT 1; SELECT 2", "found 2 statements, want one SELECT")
	f("SELECT 1;; SELECT 2", "found 2 statements, want one SELECT")
	f("", "found no statement, want one SELECT")
	f(" -- nothing\n;", "found no statement, want one SELECT")
	f("/* SELECT 1 */ COPY charges TO 'out.csv'", "found COPY, want one SELECT")
	f("-- SELECT 1\nSET threads = 99", "found SET, want one SELECT")
	f("/* /* SELECT */ */ LOAD httpfs", "found LOAD, want one SELECT")
	f("WITH x AS (INSERT INTO s0.fact VALUES (1) RETURNING *) SELECT * FROM x", "A CTE needs a SELECT")
	f("WITH x AS (DELETE FROM s0.fact RETURNING *) SELECT * FROM x", "A CTE needs a SELECT")
	f("WITH x AS (SELECT 1) INSERT INTO s0.fact SELECT * FROM x", "found more than a SELECT, want one SELECT")
	f("SELECT 1 INTO t", "SELECT INTO not supported!")

	// Tables that are none of ours.
	for _, name := range []string{"read_csv", "read_csv_auto", "read_text", "read_blob", "read_parquet", "parquet_scan", "read_json", "read_ndjson_objects",
		"glob", "sniff_csv", "parquet_metadata", "parquet_schema", "read_duckdb", "query", "query_table", "json_execute_serialized_sql",
		"duckdb_settings", "duckdb_secrets", "which_secret", "duckdb_databases", "duckdb_functions", "duckdb_logs", "duckdb_views",
		"pragma_database_size", "pragma_storage_info", "seq_scan", "arrow_scan", "enable_logging", "enable_peg_parser", "pg_read_file",
		"checkpoint", "sql_auto_complete", "histogram", "test_all_types"} {
		f("SELECT * FROM "+name+"('x')", name+"(…) may not stand as a table: want a view, or one of range, generate_series, unnest, json_each, json_tree, repeat, repeat_row")
	}
	notATable := "(…) may not stand as a table: want a view, or one of range, generate_series, unnest, json_each, json_tree, repeat, repeat_row"
	f("SELECT (SELECT max(content) FROM Read_Text('/etc/hostname'))", "read_text"+notATable)
	f("SELECT 1 UNION ALL SELECT count(*) FROM glob('*')", "glob"+notATable)
	f("WITH x AS (SELECT * FROM read_csv('a')) SELECT 1", "read_csv"+notATable)
	f("SELECT 1 ORDER BY (SELECT count(*) FROM glob('*'))", "glob"+notATable)
	f("SELECT 1 LIMIT (SELECT count(*) FROM glob('*'))", "glob"+notATable)
	f("SELECT 1 WHERE EXISTS (FROM glob('*'))", "glob"+notATable)
	f("SELECT sum(1) FILTER (EXISTS (FROM glob('*')))", "glob"+notATable)
	f("SELECT * FROM charges c, LATERAL (SELECT * FROM read_text(c.caller))", "read_text"+notATable)
	f("SELECT * FROM range((SELECT count(*) FROM glob('*')))", "glob"+notATable)
	f("SELECT * FROM (VALUES ((SELECT count(*) FROM glob('*'))))", "glob"+notATable)
	f("SELECT * FROM system.main.range(3)", "system.main.range"+notATable)
	f("SELECT [x for x in [1] if (SELECT true FROM glob('*'))]", "glob"+notATable)
	f("DESCRIBE SELECT * FROM read_csv('/etc/hostname')", "read_csv"+notATable)
	f("SUMMARIZE SELECT * FROM read_csv('/etc/hostname')", "read_csv"+notATable)
	f("SELECT * FROM (PIVOT (SELECT * FROM glob('*')) ON file IN ('a'))", "glob"+notATable)

	f("SELECT * FROM 'file.csv'", "no such view as file.csv")
	f("FROM 'https://example.com/x.parquet'", "no such view as https://example.com/x.parquet")
	f("TABLE '/etc/hostname'", "no such view as /etc/hostname")
	f("DESCRIBE 'file.csv'", "no such view as file.csv")
	f("SELECT * FROM s0.fact", "no such view as s0.fact")
	f("SELECT * FROM s0.main.fact", "no such view as s0.main.fact")
	f("SELECT * FROM dims.meter", "no such view as dims.meter")
	f("SELECT * FROM memory.kept.delivery", "no such view as memory.kept.delivery")
	f("SELECT * FROM delivery", "no such view as delivery")
	f("SELECT * FROM temp.charges", "no such view as temp.charges")
	f("SELECT * FROM duckdb_settings", "no such view as duckdb_settings")
	f("SELECT * FROM duckdb_databases", "no such view as duckdb_databases")
	f("SELECT * FROM information_schema.tables", "no such view as information_schema.tables")
	f("SELECT * FROM pg_catalog.pg_class", "no such view as pg_catalog.pg_class")
	f("SELECT * FROM sqlite_master", "no such view as sqlite_master")
	f("SHOW memory_limit", "no such view as memory_limit")
	f("SHOW DATABASES", "SHOW shows TABLES alone here")
	f("SHOW ALL TABLES", "SHOW shows TABLES alone here")
	f("SHOW TABLES FROM s0", "SHOW shows TABLES alone here")

	// A name that is a table's in one place is not in another.
	f("SELECT * FROM (WITH duckdb_settings AS (SELECT 1) SELECT * FROM duckdb_settings) a, duckdb_settings b", "no such view as duckdb_settings")
	f("WITH duckdb_settings AS (SELECT * FROM duckdb_settings) SELECT * FROM duckdb_settings", "no such view as duckdb_settings")
	f("WITH a AS (SELECT * FROM duckdb_settings), duckdb_settings AS (SELECT 1) SELECT * FROM a", "no such view as duckdb_settings")
	f("WITH RECURSIVE duckdb_settings AS (SELECT name, 1 AS n FROM duckdb_settings UNION ALL SELECT name, n + 1 FROM duckdb_settings WHERE n < 2) SELECT * FROM duckdb_settings", "no such view as duckdb_settings")
	f("WITH \"duc\u212adb_settings\" AS (SELECT 1) SELECT * FROM duckdb_settings", "no such view as duckdb_settings")
	f("WITH x AS (SELECT 1) SELECT * FROM main.x", "no such view as main.x")
	f("SELECT * FROM charges duckdb_settings, duckdb_settings d", "no such view as duckdb_settings")

	// Functions that are none of ours.
	for _, name := range []string{"getenv", "current_setting", "getvariable", "json_serialize_plan", "json_serialize_sql", "json_deserialize_sql", "write_log",
		"sleep_ms", "pg_sleep", "nextval", "current_query", "current_schemas", "in_search_path", "pg_get_viewdef", "get_block_size", "setseed",
		"showback_person", "read_text", "pg_read_file", "query", "inet_client_addr"} {
		f("SELECT "+name+"('x')", name+" is no function that a query may call")
	}
	f("SELECT ('HOME').getenv()", "getenv is no function that a query may call")
	f("SELECT Current_Setting('temp_directory')", "current_setting is no function that a query may call")
	f("SELECT system.main.current_setting('temp_directory')", "system.main.current_setting is no function that a query may call")
	f("SELECT system.main.lower('A')", "system.main.lower is no function that a query may call")
	f("SELECT list_transform(['HOME'], lambda x: getenv(x))", "getenv is no function that a query may call")
	f("SELECT sum(cost) OVER (ORDER BY current_setting('threads')) FROM charges", "current_setting is no function that a query may call")
	f("SELECT max(cost) FROM charges HAVING current_setting('threads') = 1", "current_setting is no function that a query may call")
	f("SELECT COLUMNS(c -> current_setting('threads') = 1) FROM charges", "current_setting is no function that a query may call")
	f("SELECT * REPLACE (getenv('HOME') AS cost) FROM charges", "getenv is no function that a query may call")
	f("SELECT count(*) FROM charges GROUP BY getenv('HOME')", "getenv is no function that a query may call")
	f("SELECT DISTINCT ON (getenv('HOME')) cost FROM charges", "getenv is no function that a query may call")
	f("SELECT 1 ORDER BY getenv('HOME')", "getenv is no function that a query may call")
	f("SELECT * FROM charges c JOIN charges d ON getenv('HOME') = c.person", "getenv is no function that a query may call")
	f("SELECT * FROM charges QUALIFY row_number() OVER (PARTITION BY getenv('HOME')) = 1", "getenv is no function that a query may call")

	// What the parser or the engine refuses.
	f("SELEC 1", `syntax error at or near "SELEC"`)
	f("SELECT 1e999", "it nests too deep, or has a number that is not finite")
	f("SELECT ?", "found 1 parameters, want none")
	f("SELECT $a", "found 1 parameters, want none")
	f(strings.Repeat("(", 501)+"SELECT 1"+strings.Repeat(")", 501), "its parentheses nest deeper than 500")
	f("SELECT ("+strings.Repeat("SELECT 1 UNION ALL (", 501), "its parentheses nest deeper than 500")
	f("SELECT 1 /*\x00*/ FROM charges", "it is no text of UTF-8 without zero bytes")
	f("SELECT '\xff'", "it is no text of UTF-8 without zero bytes")
	f("SELECT 1 "+strings.Repeat("/*", 501), "it has 501 comments, want at most 500")
	f("SELECT '"+strings.Repeat("x", longest)+"'", "it has 100009 bytes, want at most 100000")
}

// Behind the check, the engine itself must have nothing to give: this asks it
// directly.
func TestEngineIsShutIn(t *testing.T) {
	store := fillStore(t, []showback.Charge{bedrock("2026-01", "1.5")})
	d := openDoor(t, store, Options{})
	conn, err := d.db.Conn(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	snap, err := store.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	defer snap.Close()
	segment := quote(snap.SegmentPath(&snap.Segments[0]))
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{
		"SELECT * FROM read_text(" + quote(secret) + ")", "SELECT * FROM read_csv(" + quote(secret) + ")", "SELECT * FROM read_blob(" + segment + ")",
		"SELECT * FROM glob('/*')", "SELECT * FROM " + quote(secret+".csv"), "SELECT * FROM query('SELECT * FROM read_text(" + `''` + secret + `''` + ")')",
		"COPY (SELECT 1) TO " + quote(secret), "COPY (SELECT 1) TO " + segment + " (USE_TMP_FILE false)", "EXPORT DATABASE " + quote(secret),
		"ATTACH " + quote(secret+".duckdb") + " AS other", "ATTACH " + segment + " AS other",
		"INSERT INTO s0.fact SELECT * FROM s0.fact", "DELETE FROM s0.fact", "UPDATE dims.meter SET ai = false", "DROP TABLE s0.fact", "CREATE TABLE s0.t (i INTEGER)",
		"SET memory_limit = '99GB'", "SET threads = 99", "SET enable_external_access = true", "SET disabled_filesystems = ''", "RESET disabled_filesystems",
		"SET lock_configuration = false", "RESET lock_configuration", "PRAGMA memory_limit = '99GB'", "SET temp_directory = '/tmp'", "SET allowed_directories = ['/']",
		"SET TimeZone = 'Asia/Tokyo'", "INSTALL httpfs", "LOAD httpfs", "SELECT getenv('HOME')",
	} {
		if _, err := conn.ExecContext(context.Background(), text); err == nil {
			t.Errorf("%s: the engine did it", text)
		}
	}
	if content, err := os.ReadFile(secret); err != nil || string(content) != "secret" {
		t.Errorf("the file is %q, %v", content, err)
	}
	if got := must(t, d, "SELECT sum(cost) FROM charges"); !slices.Equal(got, []string{"1.5"}) {
		t.Errorf("after it the sum is %q, want 1.5", got)
	}
}

// Every function of the list is one of the engine, or what its parser writes,
// so that the list does not outlive an engine.
func TestFunctionsExist(t *testing.T) {
	d := openDoor(t, ledger.Open(filepath.Join(t.TempDir(), "none")), Options{})
	rows, err := d.db.Query("SELECT DISTINCT lower(function_name) FROM duckdb_functions()")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	there := map[string]bool{"count_star": true, "->": true}
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		there[name] = true
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	for name := range functions {
		if !there[strings.ToLower(name)] {
			t.Errorf("functions.txt has %s, which the engine has not", name)
		}
	}
}

// The types that are documented are those of the views.
func TestSchemaHolds(t *testing.T) {
	f := func(d *Door) {
		t.Helper()
		for _, v := range Schema() {
			var want []string
			for _, c := range v.Columns {
				want = append(want, c.Name+"|"+c.Type)
			}
			if got := must(t, d, "SELECT column_name, column_type FROM (DESCRIBE "+v.Name+")"); !slices.Equal(got, want) {
				t.Errorf("%s:\ngot  %q\nwant %q", v.Name, got, want)
			}
			for _, c := range v.Columns {
				if strings.Contains(c.Type, "DOUBLE") || strings.Contains(c.Type, "FLOAT") {
					t.Errorf("%s.%s is a %s", v.Name, c.Name, c.Type)
				}
			}
		}
	}
	f(openDoor(t, ledger.Open(filepath.Join(t.TempDir(), "none")), Options{}))
	f(openDoor(t, fillStore(t, []showback.Charge{bedrock("2026-01", "1")}), Options{}))
}
