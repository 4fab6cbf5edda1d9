// Command bench measures the product against what the machine can do: each
// figure beside a yardstick that runs in turn with it on the same files, and
// beside what was committed to. docs/benchmarks.md says what each row means.
//
// It makes its own data, keeps them in a folder of its own and must never be
// imported, never write into a store but by the program that it measures, and
// never fail because something was slow.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"showback"
	"showback/internal/estate"
)

// bench is one run of the benchmarks.
type bench struct {
	out, log io.Writer
	program  string      // path of the showback that is measured
	dir      string      // folder of the data that are made, and kept
	data     string      // folder of an export with large months; empty for the estate's
	size     estate.Size // of the year
	medium   estate.Size // of what a new process is measured with
	runs     int
	clients  int
	span     time.Duration // how long the clients ask
	payers   int           // of the store of many small deliveries
	months   int
}

// row is a part of the table that can be run alone.
type row struct {
	name, about string
	run         func(*bench, context.Context, *report) error
}

var rows = []row{
	{"ingest", "a month's import against COPY, and its peak memory", (*bench).ingest},
	{"store", "bytes of the store against those of the export", (*bench).storeSize},
	{"month", "one month by team against S", (*bench).monthByTeam},
	{"year", "12 months by team against S", (*bench).yearByTeam},
	{"daily", "90 days by team and day against S", (*bench).dailyByTeam},
	{"caller", "30 days of one caller, with more and more months stored", (*bench).oneCaller},
	{"values", "values of tags and of filters", (*bench).choices},
	{"raw", "the same questions on the raw export", (*bench).raw},
	{"clients", "many clients with mixed questions", (*bench).mixed},
	{"swap", "a month replaced under readers", (*bench).swap},
	{"explore", "showback explore in a new process", (*bench).explore},
	{"version", "showback version", (*bench).version},
	{"many", "very many small deliveries: the first question of a process", (*bench).many},
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := command(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	switch {
	case errors.Is(err, flag.ErrHelp):
	case err != nil:
		fmt.Fprintln(os.Stderr, "bench:", err)
		if hint := showback.HintOf(err); hint != "" {
			fmt.Fprintln(os.Stderr, "hint:", hint)
		}
		os.Exit(1)
	}
}

// command runs the rows that the arguments name, or what a process of its own
// does for one of them.
func command(ctx context.Context, args []string, out, log io.Writer) error {
	switch {
	case len(args) > 0 && args[0] == clientsCommand:
		return clientsMain(ctx, args[1:], out)
	case len(args) > 1 && args[0] == launchCommand:
		return launchMain(ctx, args[1:], out)
	}
	b := &bench{out: out, log: log}
	chosen, err := b.parse(args)
	if err != nil {
		return err
	}
	return b.all(ctx, chosen)
}

func (b *bench) parse(args []string) ([]row, error) {
	f := flag.NewFlagSet("bench", flag.ContinueOnError)
	f.SetOutput(b.log)
	names := f.String("run", "all", "rows to run, with commas: "+strings.Join(namesOf(rows), ", "))
	f.StringVar(&b.program, "showback", filepath.Join("bin", "showback"), "the `program` to measure")
	f.StringVar(&b.dir, "dir", filepath.Join(os.TempDir(), "showback-bench"), "`folder` for what is made: data are made once and kept")
	f.StringVar(&b.data, "data", "", "`folder` of a Parquet export whose largest month is imported; else the estate's")
	size := f.String("size", string(estate.L), "size of the `estate` that is asked for a year")
	medium := f.String("medium", string(estate.M), "size of the `estate` that a new process is asked about")
	f.IntVar(&b.runs, "n", 7, "runs of each figure")
	f.IntVar(&b.clients, "clients", 16, "clients that ask at once")
	f.DurationVar(&b.span, "for", 30*time.Second, "how long the clients ask")
	f.IntVar(&b.payers, "payers", 50, "payers of the store of many small deliveries")
	f.IntVar(&b.months, "months", 36, "months of it")
	if err := f.Parse(args); err != nil {
		return nil, err
	}
	b.size, b.medium = estate.Size(*size), estate.Size(*medium)
	for _, s := range []estate.Size{b.size, b.medium} {
		if !slices.Contains(estate.Sizes, s) {
			return nil, showback.Errorf(showback.KindInvalid, "parse size %q: want one of %v", s, estate.Sizes)
		}
	}
	if b.runs < 1 || b.clients < 1 || b.payers < 1 || b.months < 1 {
		return nil, showback.Errorf(showback.KindInvalid, "parse flags: want at least one run, client, payer and month")
	}
	// What is written into manifests, and run in other folders, is absolute.
	for _, path := range []*string{&b.program, &b.dir, &b.data} {
		if *path == "" {
			continue
		}
		abs, err := filepath.Abs(*path)
		if err != nil {
			return nil, showback.Errorf(showback.KindUnavailable, "find %s: %w", *path, err)
		}
		*path = abs
	}
	if _, err := os.Stat(b.program); err != nil {
		return nil, showback.WithHint(showback.Errorf(showback.KindNotFound, "find the program: %w", err), "make build, or name it with -showback")
	}
	return choose(*names)
}

func namesOf(rows []row) []string {
	names := make([]string, len(rows))
	for i, r := range rows {
		names[i] = r.name
	}
	return names
}

// choose returns the rows of a list of names, in the order of the table.
func choose(list string) ([]row, error) {
	if list == "all" {
		return rows, nil
	}
	wanted := strings.Split(list, ",")
	for _, name := range wanted {
		if !slices.Contains(namesOf(rows), name) {
			return nil, showback.Errorf(showback.KindInvalid, "parse -run %q: no row %q, want all or some of %s", list, name, strings.Join(namesOf(rows), ", "))
		}
	}
	return slices.DeleteFunc(slices.Clone(rows), func(r row) bool { return !slices.Contains(wanted, r.name) }), nil
}

// all runs the rows. One that fails does not keep the others from running: it
// is in the table, and the error of all comes at the end.
func (b *bench) all(ctx context.Context, chosen []row) error {
	if err := os.MkdirAll(b.dir, 0o750); err != nil {
		return showback.Errorf(showback.KindUnavailable, "make data: %w", err)
	}
	about, err := machine(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintf(b.out, "%s\nEach figure of %d runs in turn with its yardstick, after one that does not count.\n\n", about, b.runs)
	r := newReport(b.out)
	var failed []error
	for _, row := range chosen {
		b.logf("%s: %s", row.name, row.about)
		if err := row.run(b, ctx, r); err != nil {
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			failed = append(failed, fmt.Errorf("%s: %w", row.name, err))
			r.add(figure{row: row.name, measured: "failed: " + err.Error()})
		}
	}
	return errors.Join(failed...)
}

func (b *bench) logf(format string, args ...any) { fmt.Fprintf(b.log, format+"\n", args...) }
