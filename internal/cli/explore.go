package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"showback"
	"showback/internal/explore"
)

// exploreFlags are the flags of a question, as typed.
type exploreFlags struct {
	by, measures, failIf    []string
	from, to, timePeriod    string
	granularity, basis      string
	charges, scope, tagView string
	where, format           string
	compare, sort           string
	top                     int
	asJSON                  bool
	explain                 bool
	// Whether the flags were given.
	byGiven, topGiven, compareGiven bool
}

// newExploreFlags returns the flags as they are when none is given.
func newExploreFlags() exploreFlags {
	return exploreFlags{
		measures: []string{string(explore.Cost)}, granularity: string(explore.Total), basis: string(showback.Unblended),
		charges: "all", scope: string(explore.ScopeAI), tagView: string(explore.TagsBilled), format: formatTable,
	}
}

// The formats of an answer.
const (
	formatTable = "table"
	formatCSV   = "csv"
	formatJSON  = "json"
	formatMD    = "md"
)

var (
	exploreFormats = []string{formatTable, formatCSV, formatJSON, formatMD}
	invoiceFormats = []string{formatTable, formatCSV, formatJSON}
)

func newExplore(sh *shell) *cobra.Command {
	f := newExploreFlags()
	cmd := &cobra.Command{
		Use:   "explore",
		Short: "Ask who spent what: by any keys, over any days, on any basis",
		Long: `Asks the store. Alone it shows this month's AI spend, by person where a session
names one and else by principal, the top 20 and the others, beside the same days
of the month before.

` + keysHelp() + `
Periods: --from and --to are dates (2026-10-05) or months (2026-10), both
included, or one word: mtd, last-month, ytd, 30d, 12m, counted from the last
billed day. --time-period Start=2026-10-01,End=2026-11-01 is AWS's form, whose
end is not included. Without a period it is this month, in a table beside the
same days of the month before.

Granularity: spans of an hour, day, week (from Monday on) or month, the first and
the last cut by the period. An export that bills by days has no hours, and the
question is refused with its name.

--compare previous sets the time before beside: for whole months as many months
before, for the first days of a month the same days of the one before, for any
other days as many days before. --compare 2025-10 begins with that month instead.
Days that are not billed yet have nothing beside them. Spans stand beside those
that are as far from the start; rows that only one of the periods has are new or
gone. The change in percent is of the size of what was before, to one decimal.

--sort takes figures (cost, tokens, quantity, unit-cost, change, change-percent;
a change is that of the cost), key for all keys, start for the span, and keys of
--by; a minus has the largest first: --sort start,-tokens. Rows without a value
come last, then those folded by --top. Without --sort rows come by start, then the
largest cost. --top keeps the rows that come first by the figures of --sort over
the whole period, without any those of the largest cost.

--fail-if 'cost > 1000' ends with exit code 3 when it holds for any row, which
standard error names, and with 4 when no charge passes the filter. It takes the
figures of --sort, the operators > >= < <= = and a number. Amounts compare to the
last digit, in the currency of the row; 'cost > 1000 USD' tests rows in USD alone.
It never holds for a row without a value, such as the percent of what is new. Rows
that --top folds are tested each by itself. Several --fail-if may be given.

Filters: --where "tag:team = search and not model = 'Claude*'"; also !=, in (…),
or, parentheses, is absent, is not absent. A star stands for any text. A tag key
with blanks, = or a comma goes into quotes, here and in --by 'tag:"a,b",model'.

In tables and in CSV a missing value stands in parentheses, with its cause:
(untagged), (no caller: tax). A real value that begins with ( gets a second one.
Rows that --top folds are one row, (others: 12).`,
		Example: `  showback explore --by tag:team,model --from 2026-10
  showback explore --by person --where "model = 'Claude*'" --measure cost,tokens
  showback explore --scope all --by service --granularity month --from 12m --format csv
  showback explore --by tag:team --from 2026-10 --compare previous --sort -change
  showback explore --by tag:team --from mtd --fail-if 'cost > 1000' --format md`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			f.note(cmd.Flags())
			return sh.explore(cmd, &f)
		},
	}
	fl := cmd.Flags()
	fl.StringArrayVar(&f.by, "by", nil, "keys to group by, with commas; '' for none; also --group-by (default who)")
	fl.StringVar(&f.from, "from", "", "first day, month or word")
	fl.StringVar(&f.to, "to", "", "last day or month, included")
	fl.StringVar(&f.timePeriod, "time-period", "", "Start=…,End=…, the end not included")
	fl.StringVar(&f.granularity, "granularity", f.granularity, "hour, day, week, month or total")
	fl.StringVar(&f.basis, "basis", f.basis, "unblended, net-unblended, amortized, net-amortized, blended or list")
	fl.StringArrayVar(&f.measures, "measure", f.measures, "cost, tokens, quantity, unit-cost (per million tokens), with commas")
	fl.StringVar(&f.charges, "charges", f.charges, "all, or classes such as usage or credits,refunds, or all but some: no-tax, no-credits-refunds")
	fl.StringVar(&f.scope, "scope", f.scope, "ai, or all for the whole bill")
	fl.StringVar(&f.compare, "compare", "", "previous, or the month with which to begin: sets both figures beside each other")
	fl.StringVar(&f.sort, "sort", "", "how to order the rows, with commas, - before a word for the largest first")
	fl.IntVar(&f.top, "top", 0, "rows to keep, by cost over the whole period or as --sort says, the others in one row; 0 for all (20 in a table without --by)")
	fl.StringVar(&f.where, "where", "", "a filter")
	fl.StringVar(&f.tagView, "tag-view", f.tagView, "billed: the tags that AWS put on the charge")
	fl.StringArrayVar(&f.failIf, "fail-if", nil, "a condition such as 'cost > 1000': exit code 3 when it holds for any row")
	fl.StringVar(&f.format, "format", f.format, "table, csv, json or md (a table for GitHub)")
	fl.BoolVar(&f.asJSON, "json", false, "the same as --format json")
	fl.BoolVar(&f.explain, "explain", false, "say on standard error which tables were read, how many rows, and the time")
	fl.SortFlags = false
	onceEach(fl)
	groupByToo(fl)
	return cmd
}

// groupByToo takes Cost Explorer's word for --by.
func groupByToo(fl *pflag.FlagSet) {
	fl.SetNormalizeFunc(func(_ *pflag.FlagSet, name string) pflag.NormalizedName {
		if name == "group-by" {
			name = "by"
		}
		return pflag.NormalizedName(name)
	})
}

func keysHelp() string {
	var text strings.Builder
	text.WriteString("Keys for --by and --where, with Cost Explorer's name where it has one:\n\n")
	for _, d := range explore.KeyDocs() {
		name := d.Name
		if d.Source != "" {
			name += ":NAME"
		}
		also := ""
		if d.CostExplorer != "" {
			also = " (" + d.CostExplorer + ")"
		}
		fmt.Fprintf(&text, "  %-20s%s%s\n", name, d.Text, also)
	}
	return text.String()
}

// note keeps which flags were given.
func (f *exploreFlags) note(flags *pflag.FlagSet) {
	f.byGiven, f.topGiven, f.compareGiven = flags.Changed("by"), flags.Changed("top"), flags.Changed("compare")
	if f.asJSON && !flags.Changed("format") {
		f.format = formatJSON
	}
}

func (sh *shell) explore(cmd *cobra.Command, f *exploreFlags) (err error) {
	if f.format, err = parseFormat(f, exploreFormats); err != nil {
		return err
	}
	opened, err := sh.open(cmd)
	if err != nil {
		return err
	}
	defer func() {
		if closing := opened.Close(); err == nil {
			err = closing
		}
	}()
	ctx, began := cmd.Context(), sh.Now()
	trace := &explore.Trace{}
	if f.explain {
		ctx, trace = explore.WithTrace(ctx, sh.Now)
	}
	answer, err := sh.ask(ctx, opened.Engine, f)
	if err != nil {
		return err
	}
	if err := sh.print(answer, f.format); err != nil {
		return err
	}
	if f.explain {
		sh.explain(trace.Steps(), began)
	}
	return sh.failIf(answer)
}

func (sh *shell) print(answer *explore.Answer, format string) error {
	switch format {
	case formatCSV:
		for _, n := range answer.Notes {
			sh.remark("note: %s", clean(n.Text, ""))
		}
		return sh.writeCSV(answer)
	case formatJSON:
		return sh.writeJSON(jsonAnswer(answer))
	case formatMD:
		sh.writeMarkdown(answer)
	default:
		sh.writeAnswer(answer, false)
	}
	return nil
}

func parseFormat(f *exploreFlags, known []string) (string, error) {
	format := strings.ToLower(f.format)
	if last := len(known) - 1; !slices.Contains(known, format) {
		return "", showback.Errorf(showback.KindInvalid, "parse --format %q: want %s or %s", f.format, strings.Join(known[:last], ", "), known[last])
	}
	if f.asJSON && format != formatJSON {
		return "", showback.Errorf(showback.KindInvalid, "parse --format %s: --json says otherwise; give one of them", f.format)
	}
	return format, nil
}

// ask puts the question of the flags. Notes of the view come first, as what
// must be said before the answer.
func (sh *shell) ask(ctx context.Context, eng explore.Engine, f *exploreFlags) (*explore.Answer, error) {
	cov, err := eng.Coverage(ctx)
	if err != nil {
		return nil, err
	}
	view := explore.DefaultView(cov, sh.Now())
	q, err := f.question(sh, cov, view.Question)
	if err != nil {
		return nil, err
	}
	beside := view.Beside
	if f.compareGiven {
		if beside, err = explore.ParseBeside(f.compare, q.Period, cov); err != nil {
			return nil, err
		}
	}
	answer, err := explore.Ask(ctx, eng, q)
	if len(cov.Deliveries) == 0 {
		return answer, showback.WithHint(err, howToBegin)
	}
	if err != nil {
		return nil, err
	}
	if !f.period() {
		answer.Notes = append(view.Notes, answer.Notes...)
	}
	switch {
	case f.compareGiven:
		err = explore.Compare(ctx, eng, answer, beside)
	case !f.period() && q.Granularity == explore.Total && f.format != formatCSV:
		err = explore.CompareIfPossible(ctx, eng, answer, beside)
	}
	return answer, err
}

// period reports whether a period was given.
func (f *exploreFlags) period() bool { return f.from != "" || f.to != "" || f.timePeriod != "" }

// question turns the flags into a question; what they leave open is the
// default view's.
func (f *exploreFlags) question(sh *shell, cov explore.Coverage, view explore.Question) (explore.Question, error) {
	q := view
	if f.format != formatTable || f.byGiven {
		q.Top = 0
	}
	known := cov.TagKeys()
	var err error
	if q.Granularity, err = explore.ParseGranularity(f.granularity); err != nil {
		return q, err
	}
	if q.Basis, err = explore.ParseBasis(f.basis); err != nil {
		return q, err
	}
	if q.Scope, err = explore.ParseScope(f.scope); err != nil {
		return q, err
	}
	if q.TagView, err = explore.ParseTagView(f.tagView); err != nil {
		return q, err
	}
	if q.Classes, err = explore.ParseCharges(f.charges); err != nil {
		return q, err
	}
	if q.Measures, err = explore.ParseMeasures(strings.Join(f.measures, ",")); err != nil {
		return q, err
	}
	if f.byGiven {
		if q.By, err = explore.ParseKeys(strings.Join(f.by, ","), known...); err != nil {
			return q, err
		}
	}
	if f.period() {
		if q.Period, err = explore.ParsePeriod(f.from, f.to, f.timePeriod, sh.Now(), cov.BilledTo()); err != nil {
			return q, err
		}
	}
	if f.topGiven {
		q.Top = f.top
	}
	if err := f.order(&q, known); err != nil {
		return q, err
	}
	q.Filter, err = explore.ParseWhere(f.where, known...)
	return q, err
}
