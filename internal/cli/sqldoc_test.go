package cli_test

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"showback/internal/app"
	"showback/internal/cli"
	"showback/internal/engine/sqldoor"
)

func sqlDocument(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../../docs/sql.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

var sqlRow = regexp.MustCompile("^\\| `([^`]+)` \\| `([^`]+)` \\| (.*)\\|$")

// The document has the views and columns of the program, and no others.
func TestSQLDocument(t *testing.T) {
	var got []sqldoor.View
	for line := range strings.Lines(sqlDocument(t)) {
		line = strings.TrimSuffix(line, "\n")
		if name, ok := strings.CutPrefix(line, "## "); ok {
			got = append(got, sqldoor.View{Name: name})
			continue
		}
		if len(got) == 0 {
			continue
		}
		view := &got[len(got)-1]
		if row, ok := strings.CutPrefix(line, "A row is "); ok {
			view.Text = strings.TrimSuffix(row, ".")
		}
		if m := sqlRow.FindStringSubmatch(line); m != nil {
			view.Columns = append(view.Columns, sqldoor.Column{Name: m[1], Type: m[2], Text: strings.TrimSpace(m[3])})
		}
	}
	var views []sqldoor.View
	for _, v := range got {
		if len(v.Columns) > 0 {
			views = append(views, v)
		}
	}
	if diff := cmp.Diff(sqldoor.Schema(), views); diff != "" {
		t.Errorf("docs/sql.md (-the program +the document):\n%s", diff)
	}
}

var sqlBlock = regexp.MustCompile("(?s)```sql\n(.*?)```")

// importHandmade makes a store of the bill that was made by hand.
func importHandmade(t *testing.T) string {
	t.Helper()
	bill, err := os.ReadFile("testdata/handmade/charges.csv")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	file, store := filepath.Join(dir, "handmade-00001.csv.gz"), filepath.Join(dir, "store")
	if err := os.WriteFile(file, gzipped(bill), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, stderr, code := run(t, store, "import", file); code != 0 {
		t.Fatalf("import: exit code %d\n%s%s", code, out, stderr)
	}
	return store
}

// Every example of the document runs and finds something.
func TestSQLExamples(t *testing.T) {
	store := importHandmade(t)
	blocks := sqlBlock.FindAllStringSubmatch(sqlDocument(t), -1)
	if len(blocks) < 5 {
		t.Fatalf("got %d examples, want more", len(blocks))
	}
	for _, b := range blocks {
		out, stderr, code := run(t, store, "sql", "--format", "csv", b[1])
		if code != 0 || strings.Count(out, "\n") < 2 {
			t.Errorf("%s\nexit code %d\n%s%s", b[1], code, out, stderr)
		}
	}
}

// SQL and explore give the same rows for the same question, by each key that a
// team is cut by and on each basis.
func TestSQLIsExplore(t *testing.T) {
	store := importHandmade(t)
	f := func(query string, args ...string) {
		t.Helper()
		want, stderr, code := run(t, store, append([]string{"explore", "--from", "2000-01", "--to", "2099-12", "--format", "csv"}, args...)...)
		if code != 0 {
			t.Fatalf("explore %q: exit code %d\n%s", args, code, stderr)
		}
		got, stderr, code := run(t, store, "sql", "--format", "csv", query)
		if code != 0 {
			t.Fatalf("%s: exit code %d\n%s", query, code, stderr)
		}
		if diff := cmp.Diff(figures(want), figures(got)); diff != "" {
			t.Errorf("%s (-explore +sql):\n%s", query, diff)
		}
	}
	f("SELECT 0, 0, currency, sum(cost) FROM charges GROUP BY ALL", "--scope", "all", "--by", "")
	f("SELECT 0, 0, currency, sum(cost) FROM charges WHERE ai GROUP BY ALL", "--by", "")
	f("SELECT 0, 0, account, currency, sum(cost) FROM charges GROUP BY ALL", "--scope", "all", "--by", "account")
	f("SELECT 0, 0, service, currency, sum(cost) FROM charges GROUP BY ALL", "--scope", "all", "--by", "service")
	f("SELECT 0, 0, charge_type, currency, sum(cost) FROM charges GROUP BY ALL", "--scope", "all", "--by", "charge-type")
	f("SELECT 0, 0, coalesce(who, '(' || coalesce(no_caller, 'no person') || ')'), currency, sum(cost) FROM charges WHERE ai GROUP BY ALL", "--by", "who")
}

// figures counts the rows of a CSV by their text, without the header and the
// first two columns.
func figures(text string) map[string]int {
	rows := map[string]int{}
	_, text, _ = strings.Cut(text, "\n")
	for line := range strings.Lines(text) {
		fields := strings.SplitN(strings.TrimSpace(line), ",", 3)
		rows[fields[len(fields)-1]]++
	}
	return rows
}

// An interrupt ends a query.
func TestInterruptedSQL(t *testing.T) {
	store := importHandmade(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var out, errs strings.Builder
	p := &cli.Program{
		In: strings.NewReader(""), Out: &out, Err: &errs, Open: app.Open, Getenv: func(string) string { return "" },
		Now: func() time.Time { return time.Date(2026, 10, 13, 12, 0, 0, 0, time.UTC) },
	}
	time.AfterFunc(300*time.Millisecond, cancel)
	code := p.Run(ctx, []string{"sql", "--store", store, "SELECT count(*) FROM range(10000000) a(i), range(10000000) b(j) WHERE hash(i, j) = 7"})
	if code != 130 || out.String() != "" || !strings.Contains(errs.String(), "interrupted; the store is as it was") {
		t.Errorf("got exit code %d, %q and %q, want 130 and that it was interrupted", code, out.String(), errs.String())
	}
}
