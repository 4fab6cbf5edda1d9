package cli

import (
	"encoding/csv"
	"fmt"
	"strconv"
	"strings"
	"time"

	"showback"
	"showback/internal/explore"
	"showback/internal/forecast"
)

// outlookTitle says what is forecast: "Forecast of AI spend by tag:team, month".
func outlookTitle(o *outlook) string {
	text := title(o.question)
	return "Forecast of " + strings.Replace(text, "Spend", "spend", 1)
}

// outlookApplied says over what.
func outlookApplied(o *outlook) string {
	q := o.question
	parts := []string{showback.Period{Start: o.start, End: o.end}.Inclusive(), string(q.Basis), string(q.TagView) + " tags", "learnt from " + q.Period.Inclusive()}
	if len(q.Classes) > 0 {
		names := make([]string, len(q.Classes))
		for i, c := range q.Classes {
			names[i] = classNames[c]
		}
		parts = append(parts, "only "+strings.Join(names, ", "))
	}
	if q.Filter != nil {
		parts = append(parts, "where "+explore.Format(q.Filter))
	}
	return strings.Join(parts, " · ")
}

func (sh *shell) writeOutlook(o *outlook) {
	fmt.Fprintln(sh.Out, clean(outlookTitle(o), ""))
	sh.paragraph("", outlookApplied(o))
	shortened := false
	for _, b := range o.blocks {
		fmt.Fprintln(sh.Out)
		if len(o.blocks) > 1 {
			fmt.Fprintln(sh.Out, b.currency)
		}
		shortened = outlookGrid(o, b).write(sh.Out, sh.Width, "") || shortened
	}
	fmt.Fprintln(sh.Out)
	for _, n := range o.notes {
		sh.paragraph("note: ", n.Text)
	}
	if shortened {
		sh.paragraph("note: ", "values with … are shortened to fit; --format csv has them whole")
	}
}

func (sh *shell) writeOutlookMarkdown(o *outlook) {
	fmt.Fprintf(sh.Out, "**%s**\n\n%s\n", markdown(outlookTitle(o)), markdown(outlookApplied(o)))
	for _, b := range o.blocks {
		fmt.Fprintln(sh.Out)
		if len(o.blocks) > 1 {
			fmt.Fprintf(sh.Out, "**%s**\n\n", markdown(b.currency))
		}
		outlookGrid(o, b).writeMarkdown(sh.Out)
	}
	fmt.Fprintln(sh.Out)
	for _, n := range o.notes {
		fmt.Fprintf(sh.Out, "- %s\n", markdown(n.Text))
	}
}

// outlookGrid lays out one currency: groups first, the whole below the rule.
func outlookGrid(o *outlook, b outlookBlock) *grid {
	g := &grid{}
	for _, k := range o.question.By {
		g.columns = append(g.columns, column{name: k.Typed, shrinks: true})
	}
	g.columns = append(g.columns, column{name: string(o.question.Granularity)}, column{name: "billed", right: true}, column{name: "forecast", right: true},
		column{name: "lower", right: true}, column{name: "upper", right: true}, column{name: "billed + forecast", right: true})
	grouped := len(o.question.By) > 0
	for _, group := range append(b.groups[1:], b.groups[0]) {
		var lead []string
		if grouped {
			lead = o.namesOf(group)
		}
		for i, r := range append(group.rows, group.total) {
			at := "Total"
			if i < len(group.rows) {
				at = outlookSpan(o.question.Granularity, r.Period)
			}
			cells := append(append([]string{}, lead...), at)
			for _, amount := range []showback.Decimal{r.Billed, r.Mean, r.Lower, r.Upper, r.Expected()} {
				cells = append(cells, explore.MoneyText(amount, b.currency))
			}
			if group.failed != nil {
				cells = append(append([]string{}, lead...), "(no forecast)", "", "", "", "", "")
			}
			if group.whole && (grouped || i == len(group.rows)) {
				g.footer = append(g.footer, cells)
			} else {
				g.rows = append(g.rows, cells)
			}
		}
	}
	return g
}

// outlookSpan names a span as explore does: "2026-12", "2026-12 (1–15)".
func outlookSpan(g explore.Granularity, p showback.Period) string {
	l := layout{a: &explore.Answer{Question: explore.Question{Granularity: g}}}
	return l.spanText(p)
}

// writeOutlookCSV prints a row for each span of each group and of the whole, with
// no total row; what is forecast has forecast.Places decimals.
func (sh *shell) writeOutlookCSV(o *outlook) error {
	w := csv.NewWriter(sh.Out)
	header := []string{"start", "end"}
	for _, k := range o.question.By {
		header = append(header, k.Typed)
	}
	w.Write(append(header, "currency", "billed", "forecast", "lower", "upper", "level"))
	for _, b := range o.blocks {
		for _, g := range append(b.groups[1:], b.groups[0]) {
			for _, r := range g.rows {
				record := []string{r.Period.Start.Format(time.DateOnly), r.Period.End.Format(time.DateOnly)}
				if len(o.question.By) > 0 {
					record = append(record, o.namesOf(g)...)
				}
				w.Write(append(record, b.currency, r.Billed.String(), r.Mean.String(), r.Lower.String(), r.Upper.String(), strconv.Itoa(o.level)))
			}
		}
	}
	w.Flush()
	return w.Error()
}

// backtest prints how well the past is forecast.
func (sh *shell) backtest(o *outlook, format string) error {
	blocks, err := o.scores()
	if err != nil {
		return err
	}
	if format == formatJSON {
		return sh.writeJSON(jsonBacktest(o, blocks))
	}
	if format == formatCSV {
		return sh.writeScoresCSV(blocks)
	}
	text := "Back-test of the forecast of " + strings.Replace(strings.TrimSuffix(title(o.question), ", "+string(o.question.Granularity)), "Spend", "spend", 1)
	text = strings.TrimSuffix(text, " by "+string(o.question.Granularity))
	note := "each method forecasts 28 days from every fifth day of the past, by what was billed before it; charges that come once a month are left out"
	if format == formatMD {
		fmt.Fprintf(sh.Out, "**%s**\n\n%s\n", markdown(text), markdown(outlookLearnt(o)))
		for _, b := range blocks {
			fmt.Fprintf(sh.Out, "\n%s, %s\n\n", b.currency, plural(int64(b.series), "series"))
			b.grid().writeMarkdown(sh.Out)
		}
		fmt.Fprintf(sh.Out, "\n- %s\n", markdown(note))
		return nil
	}
	fmt.Fprintln(sh.Out, clean(text, ""))
	sh.paragraph("", outlookLearnt(o))
	for _, b := range blocks {
		fmt.Fprintf(sh.Out, "\n%s, %d series\n", b.currency, b.series)
		b.grid().write(sh.Out, sh.Width, "")
	}
	fmt.Fprintln(sh.Out)
	sh.paragraph("note: ", note)
	return nil
}

func outlookLearnt(o *outlook) string {
	parts := []string{o.question.Period.Inclusive(), string(o.question.Basis)}
	if o.question.Filter != nil {
		parts = append(parts, "where "+explore.Format(o.question.Filter))
	}
	return strings.Join(parts, " · ")
}

// scoreBlock is a back-test in one currency.
type scoreBlock struct {
	currency string
	series   int
	scores   []forecast.Score
}

// scores back-tests each currency: the groups where there are any, else the whole.
// One whose history is too short is left out where another has enough.
func (o *outlook) scores() ([]scoreBlock, error) {
	var blocks []scoreBlock
	var failed error
	for _, b := range o.blocks {
		groups := b.groups
		if len(groups) > 1 {
			groups = groups[1:]
		}
		var all []forecast.Series
		for _, g := range groups {
			all = append(all, g.series)
		}
		scores, used, err := forecast.Backtest(all)
		if err != nil {
			failed = err
			continue
		}
		blocks = append(blocks, scoreBlock{b.currency, used, scores})
	}
	if len(blocks) == 0 {
		return nil, failed
	}
	return blocks, nil
}

func scoreHeader() []string {
	header := []string{"target", "method", "forecasts", "MAE", "error %", "MASE", "pinball %"}
	for _, level := range forecast.Levels {
		header = append(header, fmt.Sprintf("in %d%%", level))
	}
	return header
}

func scoreCells(s forecast.Score) []string {
	cells := []string{s.Target, string(s.Method), strconv.Itoa(s.Count), s.MAE.Fixed(2), s.Percent.Fixed(1), s.MASE.Fixed(3), s.Pinball.Fixed(1)}
	for _, c := range s.Covered {
		cells = append(cells, c.Fixed(1))
	}
	return cells
}

func (b scoreBlock) grid() *grid {
	g := &grid{}
	for i, name := range scoreHeader() {
		g.columns = append(g.columns, column{name: name, right: i > 1})
	}
	for _, s := range b.scores {
		g.rows = append(g.rows, scoreCells(s))
	}
	return g
}

func (sh *shell) writeScoresCSV(blocks []scoreBlock) error {
	w := csv.NewWriter(sh.Out)
	w.Write(append([]string{"currency"}, scoreHeader()...))
	for _, b := range blocks {
		for _, s := range b.scores {
			w.Write(append([]string{b.currency}, scoreCells(s)...))
		}
	}
	w.Flush()
	return w.Error()
}
