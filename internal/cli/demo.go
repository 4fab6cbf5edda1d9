package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"showback"
	"showback/internal/estate"
	"showback/internal/explore"
	"showback/internal/ingest"
	"showback/internal/ledger"
)

// demoMark is a file that says that a folder of exports is a demo's, so that a
// later demo may write it anew.
const demoMark = ".showback-demo"

func newDemo(sh *shell) *cobra.Command {
	d := demo{shell: sh}
	var size, shape, through string
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Make up a company, import its bills and show who spends what",
		Long: `Writes a year of billing exports of a made-up company, as AWS delivers CUR 2.0,
imports them and shows two answers. The company's last billed day is yesterday;
the same seed, size, shape and day give the same files. On two cores:

` + demoSizesText() + `
A company of shape ai spends most on models. Of one of shape enterprise 95 of
100 charges are for other services.

The demo has a store of its own, showback-demo beside the default store, unless
--store or $SHOWBACK_STORE names one. A store that holds other bills is refused.`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var err error
			if d.size, err = oneOf("--size", estate.Size(size), demoSizes); err != nil {
				return err
			}
			if d.shape, err = oneOf("--shape", estate.Shape(shape), estate.Shapes); err != nil {
				return err
			}
			d.through = sh.Now().AddDate(0, 0, -1)
			if through != "" {
				if d.through, err = time.Parse(time.DateOnly, through); err != nil {
					return showback.Errorf(showback.KindInvalid, "parse --through %q: want a date such as 2026-10-21", through)
				}
			}
			return d.run(cmd)
		},
	}
	f := cmd.Flags()
	f.StringVar(&d.exports, "exports", "", "a new folder for the exports (default: beside the store)")
	f.StringVar(&size, "size", string(estate.S), "how large the company is: S, M or L")
	f.StringVar(&shape, "shape", string(estate.AI), "what it buys: ai or enterprise")
	f.Uint64Var(&d.seed, "seed", 1, "another seed makes up another company")
	f.StringVar(&through, "through", "", "the last billed day")
	f.MarkHidden("through")
	return cmd
}

// demo is one run of the demo.
type demo struct {
	*shell
	exports string
	size    estate.Size
	shape   estate.Shape
	seed    uint64
	through time.Time
}

// demoSizes are the sizes that the demo takes: the smallest of the estate is
// for tests.
var demoSizes = []estate.Size{estate.S, estate.M, estate.L}

// demoCosts says what a demo of each size takes, as measured on two cores: on
// the disk, exports and store, and in time. A size without needs no warning.
var demoCosts = map[estate.Size]struct {
	bytes int64
	time  string
}{
	estate.M: {1_800_000_000, "two to five minutes"},
	estate.L: {17_000_000_000, "half an hour to an hour"},
}

func demoSizesText() string {
	var text strings.Builder
	for _, size := range demoSizes {
		fmt.Fprintf(&text, "  --size %s  %11s charges", size, countText(int64(size.Charges())))
		if cost, ok := demoCosts[size]; ok {
			fmt.Fprintf(&text, "   %5s of disk   %s", bytesText(cost.bytes), cost.time)
		}
		text.WriteString("\n")
	}
	return text.String()
}

// oneOf returns the value when it is one of those that a flag takes.
func oneOf[T ~string](flag string, value T, among []T) (T, error) {
	if slices.Contains(among, value) {
		return value, nil
	}
	var words []string
	for _, w := range among {
		words = append(words, string(w))
	}
	last := len(words) - 1
	return "", showback.Errorf(showback.KindInvalid, "parse %s %q: want %s or %s", flag, value, strings.Join(words[:last], ", "), words[last])
}

func (d *demo) run(cmd *cobra.Command) error {
	ctx := cmd.Context()
	if err := d.ownStore(); err != nil {
		return err
	}
	store, err := d.store()
	if err != nil {
		return err
	}
	if d.exports == "" {
		d.exports = store.Dir() + "-exports"
	}
	if d.exports, err = absolute(d.exports); err != nil {
		return err
	}
	made := estate.New(estate.Config{Seed: d.seed, Size: d.size, Shape: d.shape, Through: d.through})
	if err := d.refuseOthers(store, made); err != nil {
		return err
	}
	d.remark("writing a year of bills into %s", d.exports)
	if cost, ok := demoCosts[d.size]; ok {
		d.remark("%s, about: the demo takes %s of disk, and %s on two cores", plural(int64(d.size.Charges()), "charge"), bytesText(cost.bytes), cost.time)
	}
	company, err := d.write(ctx, made)
	if err != nil {
		return err
	}
	if err := d.importAll(ctx, store, company); err != nil {
		return err
	}
	return d.show(cmd, store, company)
}

// ownStore names a store beside the default one, unless the user chose one.
func (d *demo) ownStore() error {
	if d.storeFlag != "" || d.Getenv("SHOWBACK_STORE") != "" {
		return nil
	}
	data, err := d.dataFolder()
	d.storeFlag = filepath.Join(data, "showback-demo")
	return err
}

// write writes the exports, in a folder that is new, empty or an earlier demo's.
func (d *demo) write(ctx context.Context, made *estate.Estate) (estate.Summary, error) {
	mark := filepath.Join(d.exports, demoMark)
	entries, err := os.ReadDir(d.exports)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return estate.Summary{}, showback.Errorf(showback.KindUnavailable, "write exports: %w", err)
	}
	if _, err := os.Stat(mark); err != nil && len(entries) > 0 {
		return estate.Summary{}, showback.WithHint(showback.Errorf(showback.KindConflict,
			"write exports: %s holds other things", d.exports), "name a new folder with --exports")
	}
	for _, part := range []string{"exports", "older"} {
		if err := os.RemoveAll(filepath.Join(d.exports, part)); err != nil {
			return estate.Summary{}, showback.Errorf(showback.KindUnavailable, "write exports: %w", err)
		}
	}
	if err := os.MkdirAll(d.exports, 0o755); err != nil {
		return estate.Summary{}, showback.Errorf(showback.KindUnavailable, "write exports: %w", err)
	}
	note := fmt.Sprintf("Bills of a made-up company, written by showback demo --size %s --shape %s --seed %d. The next demo overwrites them.\n", d.size, d.shape, d.seed)
	if err := os.WriteFile(mark, []byte(note), 0o644); err != nil {
		return estate.Summary{}, showback.Errorf(showback.KindUnavailable, "write exports: %w", err)
	}
	company, err := made.WriteContext(ctx, d.exports, d.writing())
	if err != nil {
		return company, showback.Errorf(showback.KindUnavailable, "write exports: %w", err)
	}
	return company, nil
}

// writing follows the writing of a large company: a line for each tenth.
func (d *demo) writing() func(rows int) {
	if _, long := demoCosts[d.size]; !long {
		return nil
	}
	all, rows, told := d.size.Charges(), 0, 0
	return func(n int) {
		rows += n
		if tenth := 10 * rows / all; tenth > told && tenth < 10 {
			told = tenth
			d.remark("wrote %d0 %%: %s", tenth, plural(int64(rows), "row"))
		}
	}
}

// refuseOthers keeps made-up bills out of a store with others.
func (d *demo) refuseOthers(store *ledger.Store, made *estate.Estate) error {
	snapshot, err := store.Snapshot()
	if err != nil {
		return err
	}
	defer snapshot.Close()
	for _, s := range snapshot.Segments {
		if !made.Has(s.Payer, s.Export) {
			return showback.WithHint(showback.Errorf(showback.KindConflict,
				"import the demo: the store %s holds other bills, of export %s", store.Dir(), s.Export), "name a store for the demo with --store")
		}
	}
	return nil
}

// importAll imports the month that AWS restated as it was first, then all
// exports, and tells what came of it.
func (d *demo) importAll(ctx context.Context, store *ledger.Store, company estate.Summary) error {
	snapshot, err := store.Snapshot()
	if err != nil {
		return err
	}
	fresh := len(snapshot.Segments) == 0
	if err := snapshot.Close(); err != nil {
		return err
	}
	if fresh {
		if _, err := ingest.Import(ctx, store, []string{company.Restated.Path}, ingest.Options{Now: d.Now}); err != nil {
			return err
		}
		d.committed = true
	}
	opt := ingest.Options{Now: d.Now}
	if _, long := demoCosts[d.size]; long || d.Live {
		opt.Progress = d.progress()
	}
	report, err := ingest.Import(ctx, store, []string{company.Dir}, opt)
	if err != nil {
		return err
	}
	d.committed = d.committed || report.Changed
	name := fmt.Sprintf("seed %d", d.seed)
	if d.size != estate.S || d.shape != estate.AI {
		name += fmt.Sprintf(", size %s, shape %s", d.size, d.shape)
	}
	fmt.Fprintf(d.Out, "A made-up company (%s): a year of CUR 2.0 exports, %s, billed to %s\n\n",
		name, plural(int64(company.Rows()), "row"), d.through.Format(time.DateOnly))
	for _, x := range company.Exports {
		callers := ""
		if !x.CallerColumn {
			callers = ", without the caller column"
		}
		fmt.Fprintf(d.Out, "  %s: %s (%s) %s to %s, %s in %s%s\n", x.Name, x.PayerName, x.Payer,
			x.Months[0].Month, x.Months[len(x.Months)-1].Month, plural(int64(x.Rows), "row"), x.Currency, callers)
	}
	fmt.Fprintln(d.Out)
	d.restatement(company.Restated, report)
	return nil
}

// restatement tells how the second delivery of a month took the first's place.
func (d *demo) restatement(r estate.Restated, report *ingest.Report) {
	if !report.Changed {
		fmt.Fprintf(d.Out, "Imported again: nothing changed, the store stays at version %d.\n\n", report.Version)
		return
	}
	for _, delivery := range report.Deliveries {
		if delivery.Status != ingest.Replaced || delivery.Export != r.Export || len(delivery.Months) == 0 || delivery.Months[0].Month != r.Month {
			continue
		}
		for _, c := range delivery.Changes {
			if c.By == "total" {
				fmt.Fprintf(d.Out, "AWS restated %s of payer %s: %s became %s (%s), which took its place.\n\n", c.Month, c.Payer,
					explore.MoneyText(c.Before, c.Currency), explore.MoneyText(c.After, c.Currency), signedMoney(c.After.Sub(c.Before), c.Currency))
			}
		}
	}
}

// show answers two questions, the second of the largest payer alone, and says what to ask next.
func (d *demo) show(cmd *cobra.Command, store *ledger.Store, company estate.Summary) (err error) {
	opened, err := d.open(cmd)
	if err != nil {
		return err
	}
	defer func() {
		if closing := opened.Close(); err == nil {
			err = closing
		}
	}()
	largest := company.Exports[0]
	byTeam, byCaller := newExploreFlags(), newExploreFlags()
	byTeam.by, byTeam.top = []string{"tag:team"}, 3
	byCaller.by, byCaller.top = []string{"caller"}, 3
	byCaller.charges, byCaller.where = "usage", "payer = "+largest.Payer
	for i, f := range []*exploreFlags{&byTeam, &byCaller} {
		f.byGiven, f.topGiven = true, true
		answer, err := d.ask(cmd.Context(), opened.Engine, f)
		if err != nil {
			return err
		}
		d.writeAnswer(answer, i == 0)
		fmt.Fprintln(d.Out)
	}
	next := "showback --store " + quoteShell(store.Dir())
	fmt.Fprintf(d.Out, "The exports are in %s. Ask on:\n", d.exports)
	for _, line := range []string{
		"explore --by model,token-type --measure cost,tokens,unit-cost",
		"explore --by person --where \"tag:team = search\"",
		"explore --scope all --by service --granularity month --from 12m --format csv",
		"reconcile",
	} {
		fmt.Fprintf(d.Out, "  %s %s\n", next, line)
	}
	return nil
}

// quoteShell quotes a path for a shell where that is needed.
func quoteShell(path string) string {
	if strings.ContainsFunc(path, func(r rune) bool {
		return !strings.ContainsRune("/._-+,:@%", r) && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
	}) {
		return "'" + strings.ReplaceAll(path, "'", `'\''`) + "'"
	}
	return path
}
