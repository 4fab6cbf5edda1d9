package sqldoor

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"testing"

	"showback"
)

func TestAllowed(t *testing.T) {
	charges := []showback.Charge{bedrock("2026-01", "1.5"), bedrock("2026-02", "2.25")}
	d := openDoor(t, fillStore(t, charges), Options{})
	f := func(query string, want ...string) {
		t.Helper()
		if got, err := texts(d, query); err != nil || !slices.Equal(got, want) {
			t.Errorf("%s:\ngot  %q, %v\nwant %q", query, got, err, want)
		}
	}
	f("SELECT sum(cost) FROM charges;", "3.75")
	f("select SUM(Cost) from CHARGES", "3.75")
	f("/* COPY */ SELECT 'INSERT; DROP' -- ; SELECT 2", "INSERT; DROP")
	f("FROM charges SELECT count(*)", "2")
	f("SELECT count(*) FROM charges", "2")
	f("VALUES (1), (2)", "1", "2")
	f("WITH x AS (SELECT month, cost FROM charges), y AS (SELECT * FROM x) SELECT max(cost) FROM y", "2.25")
	f("WITH charges AS (SELECT 7 AS cost) SELECT cost FROM charges", "7")
	f("WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r WHERE n < 3) SELECT sum(n) FROM r", "6")
	f("SELECT a.cost + b.cost FROM charges a JOIN charges b ON a.month < b.month", "3.75")
	f("SELECT t.value, sum(c.cost) FROM charges c JOIN tags t USING (tagset_id) WHERE t.key = 'tag:team' GROUP BY 1", "search|3.75")
	f("SELECT tags['tag:team'], tags FROM charges LIMIT 1", "search|{tag:team=search}")
	f("SELECT who, person, certainty, role FROM charges LIMIT 1", "alice@example.com|alice@example.com|claimed|111122223333:role/app")
	f("SELECT caller, kind, name, session FROM callers", "arn:aws:sts::111122223333:assumed-role/app/alice@example.com|role|app|111122223333:role/app/alice@example.com")
	f("SELECT account, payer FROM accounts", "111122223333|true")
	f("SELECT month, counts, charges, costs, bases, tag_keys FROM deliveries ORDER BY 1",
		"2026-01|true|1|{USD=1.5}|[unblended, amortized]|[tag:team]", "2026-02|true|1|{USD=2.25}|[unblended, amortized]|[tag:team]")
	f("SELECT model, token_type, multiplier FROM meters", "Nova Lite|input|1000")
	f("SELECT model, tokens, quantity, unit FROM charges WHERE month = '2026-01'", "Nova Lite|2500|2.5|1K tokens")
	f("SELECT * FROM (PIVOT (SELECT month, service, cost FROM charges) ON month IN ('2026-01', '2026-02') USING sum(cost))", "Amazon Bedrock|1.5|2.25")
	f("SELECT column_name FROM (DESCRIBE accounts)", "account", "name", "payer")
	f("SHOW TABLES", "accounts", "callers", "charges", "deliveries", "meters", "tags")
	f("SELECT net_unblended_cost, list_cost FROM charges LIMIT 1", "NULL|NULL")
	f("SELECT day, hour, usage_end FROM charges LIMIT 1", "2026-01-01|2026-01-01 00:00:00|2026-01-01 01:00:00")
	f("SELECT range FROM range(2)", "0", "1")
	f("SELECT unnest([1, 2])", "1", "2")
	f("SELECT TIMESTAMPTZ '2026-01-01 00:00:00+00'::VARCHAR", "2026-01-01 00:00:00+00")
	f("SELECT extract(year FROM day), date_trunc('month', day), strftime(day, '%d') FROM charges LIMIT 1", "2026|2026-01-01 00:00:00|01")
	f("SELECT sum(cost) FILTER (month = '2026-01'), count(DISTINCT who), row_number() OVER () FROM charges", "1.5|1|1")
	f("SELECT CASE WHEN cost > 2 THEN 'high' END, coalesce(resource, 'none'), cost BETWEEN 1 AND 2 FROM charges ORDER BY cost", "NULL|none|true", "high|none|false")
}

// A column that is left out of the view must be one that nobody can see: each
// of these reads columns that it does not name.
func TestColumnsNotNamed(t *testing.T) {
	d := openDoor(t, fillStore(t, []showback.Charge{bedrock("2026-01", "1.5")}), Options{})
	all := len(chargeColumns())
	columns := func(query string) int {
		t.Helper()
		rows, err := d.Query(context.Background(), query)
		if err != nil {
			t.Fatalf("%s: %v", query, err)
		}
		defer rows.Close()
		return len(rows.Columns)
	}
	f := func(query string, want int) {
		t.Helper()
		if got := columns(query); got != want {
			t.Errorf("%s: got %d columns, want %d", query, got, want)
		}
	}
	f("SELECT * FROM charges", all)
	f("FROM charges", all)
	f("TABLE charges", all)
	f("SELECT c.* FROM charges c", all)
	f("SELECT * EXCLUDE (cost) FROM charges", all-1)
	f("SELECT COLUMNS('.*_cost') FROM charges", 5)
	f("SELECT * FROM (SELECT * FROM charges) x", all)
	f("WITH x AS (FROM charges) SELECT * FROM x", all)
	f("SELECT * FROM charges a NATURAL JOIN charges b", all)
	g := func(query, want string) {
		t.Helper()
		if got := must(t, d, query); len(got) != 1 || !strings.Contains(got[0], want) {
			t.Errorf("%s: got %q, want %s in it", query, got, want)
		}
	}
	g("SELECT c FROM charges c", "alice@example.com")
	g("SELECT charges FROM charges", "alice@example.com")
	g("SELECT to_json(c) FROM charges AS c", "alice@example.com")
	g("SELECT (c)['person'] FROM charges c", "alice@example.com")
	g("SELECT #1 FROM charges", "2026-01")
	g("SELECT m FROM charges AS c(m)", "2026-01")
	g("SELECT count(*) FROM (SELECT DISTINCT c FROM charges c)", "1")
	g("SELECT count(*) FROM (SUMMARIZE charges)", strconv.Itoa(all))
	g("SELECT count(*) FROM (DESCRIBE charges)", strconv.Itoa(all))
}

// What the engine proposes for a name that is none comes from all columns.
func TestUnknownColumn(t *testing.T) {
	d := openDoor(t, fillStore(t, []showback.Charge{bedrock("2026-01", "1.5")}), Options{})
	_, err := texts(d, "SELECT modle FROM charges")
	if showback.KindOf(err) != showback.KindInvalid || !strings.Contains(err.Error(), `"model"`) {
		t.Errorf("got %v, want an invalid query, and that there is a model", err)
	}
}
