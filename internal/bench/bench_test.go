package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"showback/internal/app"
	"showback/internal/cli"
	"showback/internal/estate"
)

// TestMain makes the test binary the program that is measured, its launcher, or
// the process in which clients ask: the command says which.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 {
		switch os.Args[1] {
		case "import", "explore", "version":
			os.Exit(cli.Main(app.Open, app.Serve))
		case clientsCommand, launchCommand:
			main()
			os.Exit(0)
		}
	}
	os.Exit(m.Run())
}

// Every row runs on small data and says something: what it says is for a quiet
// machine to tell.
func TestAllRows(t *testing.T) {
	if testing.Short() {
		t.Skip("it imports two years of bills")
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	var out, log bytes.Buffer
	b := &bench{out: &out, log: &log, program: self, dir: t.TempDir(), size: estate.XS, medium: estate.XS,
		runs: 1, clients: 3, span: 200 * time.Millisecond, payers: 2, months: 3}
	if err := b.all(context.Background(), rows); err != nil {
		t.Fatalf("%v\n%s%s", err, log.String(), out.String())
	}
	t.Log(out.String())
	table := lines(out.String())
	for _, want := range []string{
		"ingest incl. rollups and dims", "peak memory of it", "store / Parquet export",
		"one month by team, rollup", "one month by team, facts", "12 months by team, rollup", "12 months by team, facts",
		"daily by team, 90 days, rollup", "one caller, 30 days, 12 months stored", "tag values", "filter choices, model", "filter choices, caller, last month",
		"raw CUR: by team", "raw CUR: tag values", "3 clients, mixed questions, answers not remembered", "its p99", "its memory",
		"month replaced: until an answer of the new version", "torn answers", "failed questions",
		"showback explore, new process, size XS", "showback version", "3 months × 2 payers, first question: all months by team",
	} {
		if !slices.ContainsFunc(table, func(cells []string) bool { return cells[0] == want && cells[1] != "" }) {
			t.Errorf("the table has no row %q with a figure", want)
		}
	}
	for _, row := range []string{"torn answers", "failed questions"} {
		i := slices.IndexFunc(table, func(cells []string) bool { return cells[0] == row })
		if i >= 0 && table[i][1] != "0" {
			t.Errorf("%s: %q, want 0", row, table[i])
		}
	}
}

// lines returns the cells of a table's lines.
func lines(text string) [][]string {
	var all [][]string
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, "| ") {
			continue
		}
		var cells []string
		for cell := range strings.SplitSeq(strings.Trim(strings.TrimSpace(line), "|"), "|") {
			cells = append(cells, strings.TrimSpace(cell))
		}
		all = append(all, cells)
	}
	return all
}

// A row that fails is in the table, and the others run all the same.
func TestRowFails(t *testing.T) {
	var out, log bytes.Buffer
	b := &bench{out: &out, log: &log, dir: t.TempDir(), data: t.TempDir(), runs: 1}
	var ran bool
	err := b.all(context.Background(), []row{
		{"month", "of an export without files", (*bench).monthByTeam},
		{"next", "is run", func(*bench, context.Context, *report) error { ran = true; return nil }},
	})
	if err == nil || !strings.Contains(err.Error(), "no Parquet file") {
		t.Errorf("all = %v, want that there is no Parquet file", err)
	}
	if !ran {
		t.Error("the row after it did not run")
	}
	if got := out.String(); !strings.Contains(got, "| month | failed: ") {
		t.Errorf("the table does not say that the row failed:\n%s", got)
	}
}

func TestParse(t *testing.T) {
	program := filepath.Join(t.TempDir(), "showback")
	if err := os.WriteFile(program, nil, 0o755); err != nil {
		t.Fatal(err)
	}
	f := func(want string, args ...string) {
		t.Helper()
		b := &bench{log: &bytes.Buffer{}}
		chosen, err := b.parse(append([]string{"-showback", program}, args...))
		got := strings.Join(namesOf(chosen), " ")
		if err != nil {
			got = err.Error()
		}
		if !strings.Contains(got, want) {
			t.Errorf("parse %q = %s, want %s", args, got, want)
		}
	}
	f(strings.Join(namesOf(rows), " "))
	f("ingest month swap", "-run", "swap,month,ingest")
	f(`no row "months"`, "-run", "month,months")
	f("want one of", "-size", "XXL")
	f("at least one run", "-n", "0")
	f("find the program", "-showback", filepath.Join(t.TempDir(), "none"))
}
