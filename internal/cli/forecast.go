package cli

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"showback"
	"showback/internal/explore"
	"showback/internal/forecast"
)

// forecastFlags are the flags of a forecast, as typed: those of a question, and
// how far and how sure.
type forecastFlags struct {
	exploreFlags
	months   int
	until    string
	level    int
	backtest bool
}

// How far a forecast reaches: days as far as Cost Explorer's, months too. (AWS
// Cost Explorer API reference, "GetCostForecast", 2026-09.)
const (
	usualMonths  = 3
	mostMonths   = 18
	mostDays     = 93
	forecastTop  = 10
	forecastFrom = 13 // months of history
)

func newForecast(sh *shell) *cobra.Command {
	f := forecastFlags{exploreFlags: newExploreFlags(), months: usualMonths, level: forecast.UsualLevel}
	f.granularity = string(explore.Monthly)
	cmd := &cobra.Command{
		Use:   "forecast",
		Short: "Estimate what the rest of the month and the next months will cost",
		Long: `Estimates what is to come, from the days that are billed: the rest of the month
of the last billed day and the next two, with the bounds that hold it four times
in five. A forecast is an estimate. What is billed of the month stands beside it,
exact and apart.

It takes two finished weeks since the first charge at least; with less than six
there is no trend yet. The last two billed days of an open month, to which AWS still
adds, are forecast like those after them, less what they have already. Charges
that come once a month (tax, fees, credits) are forecast by the last whole months:
days have them on the first of a month, and what is still to come this month on its last.
What came in less than half of those months, such as an upfront fee, is not expected.

--by forecasts each group by itself and the whole by itself: the means of groups
come near the whole's, their bounds do not add up to its bounds, nor do those of
days to those of months. Keys and filters are those of showback explore.

--backtest forecasts days of the past from what was billed before them, every
fifth, and prints how far off that was, beside three naive ways: the last value,
the mean, and the same day of the week before. With --by each group is forecast and
counted. MASE is the error over that of the last of the three in the history
before; pinball is how bad the bounds are; covered is how many of 100 were within
the bounds of 50, 80 and 95%, which should be as many.`,
		Example: `  showback forecast
  showback forecast --by tag:team --months 2 --level 95
  showback forecast --where "model = 'Claude*'" --granularity day --until 2026-12-31
  showback forecast --scope all --basis amortized --json
  showback forecast --backtest`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			f.note(cmd.Flags())
			if cmd.Flags().Changed("months") && f.until != "" {
				return showback.Errorf(showback.KindInvalid, "parse --months: --until says otherwise; give one of them")
			}
			return sh.forecast(cmd, &f)
		},
	}
	fl := cmd.Flags()
	fl.StringArrayVar(&f.by, "by", nil, "keys to group by, with commas; also --group-by (default none)")
	fl.IntVar(&f.months, "months", f.months, "how many months, that of the last billed day included: 1 to 18")
	fl.StringVar(&f.until, "until", "", "the last day or month to forecast")
	fl.IntVar(&f.level, "level", f.level, "how many times in 100 the bounds hold what comes: 51 to 99")
	fl.StringVar(&f.granularity, "granularity", f.granularity, "month, or day up to 93 days")
	fl.StringVar(&f.basis, "basis", f.basis, "unblended, net-unblended, amortized, net-amortized, blended or list")
	fl.StringVar(&f.charges, "charges", f.charges, "all, or classes such as usage, or all but some: no-tax, no-credits-refunds")
	fl.StringVar(&f.scope, "scope", f.scope, "ai, or all for the whole bill")
	fl.StringVar(&f.where, "where", "", "a filter")
	fl.IntVar(&f.top, "top", forecastTop, "groups to forecast, those of the largest cost over the history, the others as one")
	fl.BoolVar(&f.backtest, "backtest", false, "say how well days of the past are forecast")
	fl.StringVar(&f.format, "format", f.format, "table, csv, json or md (a table for GitHub)")
	fl.BoolVar(&f.asJSON, "json", false, "the same as --format json")
	fl.SortFlags = false
	onceEach(fl)
	groupByToo(fl)
	return cmd
}

// outlook is a forecast to be shown.
type outlook struct {
	question explore.Question // of the history: its period is the days learnt from
	version  int
	level    int
	end      time.Time // the day after the last that is forecast
	billedTo time.Time
	start    time.Time // the first day that is forecast
	blocks   []outlookBlock
	notes    []explore.Note
}

// outlookBlock is the forecast in one currency: the whole, then the groups.
type outlookBlock struct {
	currency string
	groups   []outlookGroup
}

// outlookGroup is the forecast of one group, or why there is none.
type outlookGroup struct {
	series forecast.Series
	keys   []explore.Value // none for the whole
	whole  bool
	others int
	rows   []forecast.Row
	total  forecast.Row
	failed error
}

func (sh *shell) forecast(cmd *cobra.Command, f *forecastFlags) (err error) {
	if f.format, err = parseFormat(&f.exploreFlags, exploreFormats); err != nil {
		return err
	}
	if f.level < forecast.MinLevel || f.level > forecast.MaxLevel {
		return showback.Errorf(showback.KindInvalid, "parse --level %d: want %d to %d", f.level, forecast.MinLevel, forecast.MaxLevel)
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
	o, err := sh.look(cmd.Context(), opened.Engine, f)
	if err != nil {
		return err
	}
	if f.backtest {
		return sh.backtest(o, f.format)
	}
	if err := o.estimate(f); err != nil {
		return err
	}
	switch f.format {
	case formatCSV:
		for _, n := range o.notes {
			sh.remark("note: %s", clean(n.Text, ""))
		}
		return sh.writeOutlookCSV(o)
	case formatJSON:
		return sh.writeJSON(jsonOutlook(o))
	case formatMD:
		sh.writeOutlookMarkdown(o)
	default:
		sh.writeOutlook(o)
	}
	return nil
}

// look asks for the history by days and makes series of it.
func (sh *shell) look(ctx context.Context, eng explore.Engine, f *forecastFlags) (*outlook, error) {
	cov, err := eng.Coverage(ctx)
	if err != nil {
		return nil, err
	}
	asked := f.exploreFlags
	asked.byGiven, asked.topGiven, asked.granularity = true, true, string(explore.Daily)
	o := &outlook{level: f.level, version: cov.Version, billedTo: cov.BilledTo()}
	if asked.top < 0 {
		return nil, showback.Errorf(showback.KindInvalid, "parse --top %d: want 0 or more", asked.top)
	}
	asked.top = 0
	q, err := asked.question(sh, cov, explore.DefaultView(cov, sh.Now()).Question)
	if err != nil {
		return nil, err
	}
	shown, err := explore.ParseGranularity(f.granularity)
	switch {
	case err != nil:
		return nil, err
	case shown != explore.Daily && shown != explore.Monthly:
		return nil, showback.Errorf(showback.KindInvalid, "forecast by %s: want month or day", shown)
	case o.billedTo.IsZero():
		return nil, showback.WithHint(showback.Errorf(showback.KindNotFound, "forecast: the store has no bill with usage"), howToBegin)
	}
	by := q.By
	if !f.byGiven {
		by = nil
	}
	types, err := explore.ParseKeys("charge-type")
	if err != nil {
		return nil, err
	}
	q.By, q.Period = append(slices.Clone(by), types...), historyOf(cov, o.billedTo)
	o.start = startOf(cov, o.billedTo)
	answer, err := explore.Ask(ctx, eng, q)
	if err != nil {
		return nil, err
	}
	o.notes = slices.DeleteFunc(answer.Notes, func(n explore.Note) bool {
		return n.Code == explore.NoteIncompleteDays || n.Code == explore.NoteOpenMonth
	})
	if len(answer.Blocks) == 0 {
		text := "nothing is billed in " + q.Period.Inclusive()
		if len(o.notes) > 0 {
			text = o.notes[0].Text
		}
		return nil, showback.Errorf(showback.KindNotFound, "forecast: %s", text)
	}
	o.series(answer, len(by), f.top)
	q.By, q.Granularity, q.Period.End, q.Top = by, shown, o.start, f.top
	o.question = q
	return o, nil
}

// historyOf returns the days to learn from: the last months, each of which has a
// bill, to the end of the month of the last billed day.
func historyOf(cov explore.Coverage, billedTo time.Time) showback.Period {
	has := map[showback.Month]bool{}
	for _, d := range cov.Deliveries {
		has[d.Month] = true
	}
	last := showback.MonthOf(billedTo)
	first := last
	for n := 1; n < forecastFrom && has[first.Add(-1)]; n++ {
		first = first.Add(-1)
	}
	return showback.Period{Start: first.Start(), End: last.End()}
}

// lateDays is how far behind a payer's bill may be to be waited for: one that is
// further behind has stopped.
const lateDays = 7

// startOf returns the first day to forecast: the day before the last billed one
// of the payer who is furthest behind, for AWS still adds to both; the day after
// the last billed one where its month is closed.
func startOf(cov explore.Coverage, billedTo time.Time) time.Time {
	last := map[string]explore.Delivered{}
	for _, d := range cov.Deliveries {
		if d.LastDay.After(last[d.Payer].LastDay) {
			last[d.Payer] = d
		}
	}
	start := billedTo.AddDate(0, 0, 1)
	for _, d := range last {
		at := d.LastDay.AddDate(0, 0, -1)
		if d.Open && at.Before(start) && billedTo.Sub(at) <= lateDays*24*time.Hour {
			start = at
		}
	}
	return showback.Day(start)
}

// estimate forecasts each series.
func (o *outlook) estimate(f *forecastFlags) error {
	if err := o.reach(f); err != nil {
		return err
	}
	var failed error
	short, done := false, false
	for b := range o.blocks {
		for g := range o.blocks[b].groups {
			group := &o.blocks[b].groups[g]
			m, err := forecast.Fit(group.series)
			if err != nil {
				group.failed, failed = err, err
				continue
			}
			done = true
			short = short || m.Learnt() < forecast.Cycle
			if group.rows = m.Months(o.end, o.level); o.question.Granularity == explore.Daily {
				group.rows = m.Days(o.end, o.level)
			}
			group.total = m.Total(o.end, o.level)
		}
	}
	if !done {
		return failed
	}
	o.remark(short, len(o.question.By) > 0)
	return nil
}

// The codes of a forecast's notes.
const (
	noteEstimate     = "estimate"
	noteUnfinished   = "unfinished-days"
	noteShortHistory = "short-history"
	noteOnce         = "once-a-month"
	noteBounds       = "bounds-do-not-add"
	noteNoForecast   = "no-forecast"
)

// remark puts what is to be known of a forecast before what is of its history.
func (o *outlook) remark(short, grouped bool) {
	notes := []explore.Note{{Code: noteEstimate, Text: fmt.Sprintf(
		"forecast, lower and upper are estimates of what is still to come; the bounds hold it %d times in 100", o.level)}}
	if !o.start.After(o.billedTo) {
		notes = append(notes, explore.Note{Code: noteUnfinished, Text: fmt.Sprintf(
			"AWS still adds to %s: forecast from there, less what is billed", showback.Period{Start: o.start, End: o.billedTo.AddDate(0, 0, 1)}.Inclusive())})
	}
	if short {
		notes = append(notes, explore.Note{Code: noteShortHistory, Text: fmt.Sprintf(
			"less than %d finished days to learn from: no trend is seen yet, and the bounds are wide", forecast.Cycle)})
	}
	once := false
	for _, b := range o.blocks {
		for _, g := range b.groups {
			once = once || !g.total.Once.IsZero()
			if g.failed != nil {
				notes = append(notes, explore.Note{Code: noteNoForecast, Text: "no forecast of " + o.nameOf(g) + ": " + g.failed.Error()})
			}
		}
	}
	if once && o.question.Granularity == explore.Daily {
		notes = append(notes, explore.Note{Code: noteOnce, Text: "charges that come once a month (tax, fees, credits) stand on the first day of a month, those still to come this month on its last"})
	}
	if grouped {
		notes = append(notes, explore.Note{Code: noteBounds, Text: "the whole is forecast by itself: the groups' means come near it, their bounds do not add up to its bounds"})
	}
	o.notes = append(notes, o.notes...)
}

// reach sets the day after the last that is forecast.
func (o *outlook) reach(f *forecastFlags) error {
	month := showback.MonthOf(o.start)
	if f.until == "" {
		if f.months < 1 || f.months > mostMonths {
			return showback.Errorf(showback.KindInvalid, "parse --months %d: want 1 to %d", f.months, mostMonths)
		}
		o.end = month.Add(f.months).Start()
	} else {
		p, err := explore.ParsePeriod(f.until, f.until, "", o.start, o.billedTo)
		if err != nil {
			return showback.Errorf(showback.KindInvalid, "parse --until %q: want a date such as 2026-12-31 or a month such as 2026-12", f.until)
		}
		o.end = p.End
	}
	switch most := month.Add(mostMonths).Start(); {
	case !o.start.Before(o.end):
		return showback.WithHint(showback.Errorf(showback.KindInvalid, "forecast to %s: all of it is billed", o.end.AddDate(0, 0, -1).Format(time.DateOnly)),
			"the first day to forecast is "+o.start.Format(time.DateOnly))
	case o.end.After(most):
		return showback.Errorf(showback.KindInvalid, "forecast to %s: want %d months at most, to %s",
			o.end.AddDate(0, 0, -1).Format(time.DateOnly), mostMonths, most.AddDate(0, 0, -1).Format(time.DateOnly))
	case o.question.Granularity == explore.Daily && o.end.Sub(o.start) > mostDays*24*time.Hour:
		return showback.WithHint(showback.Errorf(showback.KindInvalid, "forecast by day to %s: want %d days at most",
			o.end.AddDate(0, 0, -1).Format(time.DateOnly), mostDays), "ask with --granularity month")
	}
	return nil
}
