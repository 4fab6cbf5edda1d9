package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"showback"
	"showback/internal/costexplorer"
	"showback/internal/explore"
	"showback/internal/reconcile"
)

const againstHelp = `
--against FILE compares what the store holds with what Cost Explorer says: FILE
(- for standard input) has the JSON that "aws ce get-cost-and-usage" printed,
all pages of it one after the other, with any metrics, by months or days,
grouped or not. The answer does not hold the request's filter: give it again
with --filter, as JSON or file://PATH as aws takes it, or say it with --where.
The comparison is over the whole bill. Cost Explorer answers for one payer:
where the store has several, --payer names it.

A figure of Cost Explorer is rounded to the 10th decimal: a difference of no
more than half of that counts as equal, and is said. A difference in a period of
which the store lacks a part counts as not checked.`

// mostAnswer bounds what is read as an answer of Cost Explorer, in bytes. A year
// of days by two dimensions stays below a tenth of it.
const mostAnswer = 1 << 30

// against compares the store with an answer of Cost Explorer.
func (sh *shell) against(ctx context.Context, opened *Opened, f *reconcileFlags) error {
	report, err := sh.compareAgainst(ctx, opened, f)
	if err != nil {
		return err
	}
	if f.format == formatJSON {
		err = sh.writeJSON(report)
	} else {
		sh.writeAgainst(report, f.file)
	}
	if err != nil {
		return err
	}
	return reconcileVerdict(report.Status)
}

func (sh *shell) compareAgainst(ctx context.Context, opened *Opened, f *reconcileFlags) (*reconcile.AgainstReport, error) {
	text, err := sh.readAnswer(f.file)
	if err != nil {
		return nil, err
	}
	response, err := costexplorer.ParseResponse(text)
	if err != nil {
		return nil, showback.Errorf(showback.KindOf(err), "read %s: %w", answerName(f.file), err)
	}
	req := reconcile.AgainstRequest{Engine: opened.Engine, Response: response, Payer: f.payer}
	if f.filter != "" {
		filter, err := filterText(f.filter)
		if err != nil {
			return nil, err
		}
		expression, err := costexplorer.ParseExpression(filter)
		if err != nil {
			return nil, err
		}
		req.Expression = &expression
	}
	coverage, err := opened.Engine.Coverage(ctx)
	if err != nil {
		return nil, err
	}
	if req.Where, err = explore.ParseWhere(f.where, coverage.TagKeys()...); err != nil {
		return nil, err
	}
	return reconcile.Against(ctx, req)
}

func answerName(file string) string {
	if file == "-" {
		return "standard input"
	}
	return file
}

// readAnswer reads a file, or standard input for "-".
func (sh *shell) readAnswer(file string) ([]byte, error) {
	in := sh.In
	if file != "-" {
		f, err := os.Open(file)
		if err != nil {
			return nil, fileError(file, err)
		}
		defer f.Close()
		in = f
	}
	text, err := io.ReadAll(io.LimitReader(in, mostAnswer+1))
	if err != nil {
		return nil, fileError(file, err)
	}
	if len(text) > mostAnswer {
		return nil, showback.Errorf(showback.KindInvalid, "read %s: more than %d bytes, want an answer of Cost Explorer", answerName(file), mostAnswer)
	}
	return text, nil
}

func fileError(file string, err error) error {
	kind := showback.KindUnavailable
	if errors.Is(err, fs.ErrNotExist) {
		kind = showback.KindNotFound
	}
	var path *fs.PathError
	if errors.As(err, &path) {
		err = path.Err // the message names the file already
	}
	err = showback.Errorf(kind, "read %s: %w", answerName(file), err)
	if kind == showback.KindNotFound {
		err = showback.WithHint(err, "look at the name of the file; - stands for standard input")
	}
	return err
}

// filterText returns an expression, or what the file:// it names holds.
func filterText(typed string) (string, error) {
	file, ok := strings.CutPrefix(typed, "file://")
	if !ok {
		return typed, nil
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return "", fileError(file, err)
	}
	return string(text), nil
}

// writeAgainst prints a comparison: what is not equal, the counts, the verdict.
func (sh *shell) writeAgainst(r *reconcile.AgainstReport, file string) {
	applied := []string{answerName(file)}
	if r.Start != "" {
		applied = append(applied, spanText(r.Start, r.End))
	}
	if len(r.GroupedBy) > 0 {
		var by []string
		for _, d := range r.GroupedBy {
			by = append(by, costexplorer.GroupDefinition(d).String())
		}
		applied = append(applied, "by "+strings.Join(by, ", "))
	}
	if r.Pages > 1 {
		applied = append(applied, plural(int64(r.Pages), "page"))
	}
	sh.paragraph("", "Cost Explorer and the store, the whole bill: "+strings.Join(applied, " · "))
	if r.Where != "" {
		sh.paragraph("where ", r.Where)
	}
	fmt.Fprintln(sh.Out)
	sh.writeAgainstDifferences(r)
	sh.writeAgainstTotals(r)
	for _, n := range r.Notes {
		sh.paragraph("note: ", n.Text)
	}
	if len(r.Notes) > 0 {
		fmt.Fprintln(sh.Out)
	}
	sh.paragraph("", againstVerdict(r))
}

// againstVerdict says how the comparison ended, and how exact equal is.
func againstVerdict(r *reconcile.AgainstReport) string {
	switch r.Status {
	case reconcile.Different:
		return "DIFFERENT: the store does not hold what Cost Explorer says"
	case reconcile.Unchecked:
		return "NOT CHECKED: some of it could not be compared"
	}
	var rounded int64
	digits := 0
	for _, t := range r.Totals {
		rounded += t.Rounded
	}
	for _, c := range r.Comparisons {
		if c.Digits > 0 && (digits == 0 || c.Digits < digits) {
			digits = c.Digits
		}
	}
	if rounded > 0 {
		return fmt.Sprintf("EQUAL: the store holds what Cost Explorer says; %s to the %d decimals that it rounds to, all others to the last digit",
			plural(rounded, "figure"), digits)
	}
	return "EQUAL: the store holds what Cost Explorer says, to the last digit"
}

// writeAgainstDifferences lists the groups that are not equal, in a table for
// each metric and unit.
func (sh *shell) writeAgainstDifferences(r *reconcile.AgainstReport) {
	all := r.Differences()
	if len(all) == 0 {
		return
	}
	var names []string // metric and unit
	grids := map[string]*grid{}
	var reasons []string
	for i, c := range all {
		if c.Reason != "" && !slices.Contains(reasons, c.Reason) {
			reasons = append(reasons, c.Reason)
		}
		if i >= maxDifferences {
			continue
		}
		name := c.Metric + " " + c.Unit
		if grids[name] == nil {
			names = append(names, name)
			grids[name] = againstGrid(r.GroupedBy)
		}
		grids[name].rows = append(grids[name].rows, againstRow(r.GroupedBy, c))
	}
	shortened := false
	for _, name := range names {
		fmt.Fprintln(sh.Out, clean(name, ""))
		shortened = grids[name].write(sh.Out, sh.Width, "") || shortened
		fmt.Fprintln(sh.Out)
	}
	if n := len(all) - maxDifferences; n > 0 {
		fmt.Fprintf(sh.Out, "and %s more (--json has them all)\n", countText(int64(n)))
	} else if shortened {
		fmt.Fprintln(sh.Out, "texts with … are shortened to fit; --json has them whole")
	}
	for _, reason := range reasons {
		sh.paragraph("not checked: ", reason)
	}
	if len(all) > maxDifferences || shortened || len(reasons) > 0 {
		fmt.Fprintln(sh.Out)
	}
}

func againstGrid(by []reconcile.GroupedBy) *grid {
	g := &grid{columns: []column{{name: "period"}}}
	for _, d := range by {
		g.columns = append(g.columns, column{name: d.Key, shrinks: true})
	}
	g.columns = append(g.columns, column{name: "Cost Explorer", right: true}, column{name: "store", right: true},
		column{name: "difference", right: true})
	return g
}

func againstRow(by []reconcile.GroupedBy, c reconcile.AgainstComparison) []string {
	row := []string{spanText(c.Start, c.End)}
	for i, keys := range c.Keys {
		var texts []string
		for _, k := range keys {
			if tail, ok := strings.CutPrefix(k, by[i].Key+"$"); ok { // the column is named by it
				k = "$" + tail
			}
			texts = append(texts, k)
		}
		row = append(row, strings.Join(texts, " + "))
	}
	difference := c.Difference.String()
	if c.Status == reconcile.Unchecked {
		difference = "not checked"
	}
	return append(row, orNothing(c.CostExplorer), orNothing(c.Store), difference)
}

// spanText names a span by its first day and the day after its last: a month, a
// day, or both ends, included. Hours are written as instants, and named by their
// first.
func spanText(start, end string) string {
	if strings.Contains(start, "T") {
		return start
	}
	from, err := time.Parse(time.DateOnly, start)
	if err != nil {
		panic("BUG: day " + start)
	}
	to, err := time.Parse(time.DateOnly, end)
	if err != nil {
		panic("BUG: day " + end)
	}
	p := showback.Period{Start: from, End: to}
	if month := showback.MonthOf(from); month.Period() == p {
		return string(month)
	}
	return p.Inclusive()
}

func orNothing(d *showback.Decimal) string {
	if d == nil {
		return "nothing"
	}
	return d.String()
}

// writeAgainstTotals says how many groups are equal, and sets the sums beside
// each other.
func (sh *shell) writeAgainstTotals(r *reconcile.AgainstReport) {
	if len(r.Totals) == 0 {
		return
	}
	g := &grid{columns: []column{{name: "metric"}, {name: "compared", right: true}, {name: "equal", right: true}, {name: "of them rounded", right: true},
		{name: "different", right: true}, {name: "not checked", right: true}}}
	sums := &grid{columns: []column{{name: "checked"}, {name: "Cost Explorer", right: true}, {name: "store", right: true}, {name: "difference", right: true}}}
	for _, t := range r.Totals {
		name := t.Metric + " " + t.Unit
		g.rows = append(g.rows, []string{name, countText(t.Groups), countText(t.Equal), countText(t.Rounded), countText(t.Different), countText(t.Unchecked)})
		sums.rows = append(sums.rows, []string{name, t.CostExplorer.String(), t.Store.String(), t.Difference.String()})
	}
	g.write(sh.Out, sh.Width, "")
	fmt.Fprintln(sh.Out)
	sums.write(sh.Out, sh.Width, "")
	fmt.Fprintln(sh.Out)
}
