package cli_test

import (
	"bytes"
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
)

// run runs one command line on the real wiring and returns what it printed.
func run(t *testing.T, store string, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	var out, err bytes.Buffer
	p := &cli.Program{
		In: strings.NewReader(""), Out: &out, Err: &err,
		Getenv: func(name string) string { return map[string]string{"SHOWBACK_STORE": store}[name] },
		Now:    func() time.Time { return time.Date(2026, 10, 15, 12, 0, 0, 0, time.UTC) },
		Open:   app.Open,
	}
	code = p.Run(context.Background(), args)
	return out.String(), err.String(), code
}

// question is a command line and the CSV that answers it.
type question struct{ line, want string }

var marker = regexp.MustCompile(`(?m)^-- (explore .*) --\n`)

// questions reads expected.txt.
func questions(t *testing.T) []question {
	t.Helper()
	text, err := os.ReadFile("testdata/handmade/expected.txt")
	if err != nil {
		t.Fatal(err)
	}
	at := marker.FindAllStringSubmatchIndex(string(text), -1)
	var all []question
	for i, m := range at {
		end := len(text)
		if i+1 < len(at) {
			end = at[i+1][0]
		}
		all = append(all, question{string(text[m[2]:m[3]]), string(text[m[1]:end])})
	}
	if len(all) != 20 {
		t.Fatalf("got %d questions, want 20", len(all))
	}
	return all
}

// words splits a command line at blanks outside double quotes.
func words(line string) []string {
	var all []string
	for i, part := range strings.Split(line, `"`) {
		if i%2 == 1 {
			all = append(all, part)
			continue
		}
		all = append(all, strings.Fields(part)...)
	}
	return all
}

// TestHandmade imports a bill made by hand, in each format, and compares every
// answer with literals that were written before the code.
func TestHandmade(t *testing.T) {
	bill, err := os.ReadFile("testdata/handmade/charges.csv")
	if err != nil {
		t.Fatal(err)
	}
	asked := questions(t)
	f := func(name string, content []byte, err error) {
		t.Run(name, func(t *testing.T) {
			if err != nil {
				t.Fatal(err)
			}
			dir := t.TempDir()
			file, store := filepath.Join(dir, name), filepath.Join(dir, "store")
			if err := os.WriteFile(file, content, 0o600); err != nil {
				t.Fatal(err)
			}
			if out, stderr, code := run(t, store, "import", file); code != 0 {
				t.Fatalf("import: exit code %d\n%s%s", code, out, stderr)
			}
			for _, q := range asked {
				got, stderr, code := run(t, store, words(q.line)...)
				if code != 0 {
					t.Errorf("%s: exit code %d\n%s", q.line, code, stderr)
					continue
				}
				if diff := cmp.Diff(q.want, got); diff != "" {
					t.Errorf("%s: got other than want (-want +got):\n%s", q.line, diff)
				}
			}
			if out, stderr, code := run(t, store, "reconcile"); code != 0 {
				t.Errorf("reconcile: exit code %d\n%s%s", code, out, stderr)
			}
		})
	}
	f("handmade-00001.csv.gz", gzipped(bill), nil)
	columnar, err := asParquet(bill)
	f("handmade-00001.snappy.parquet", columnar, err)
	mapsAsText, err := asParquet(bill, mapColumns...)
	f("handmade-00002.snappy.parquet", mapsAsText, err)
}
