package cli

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"showback"
	"showback/internal/callers"
	"showback/internal/directory"
	"showback/internal/iamrule"
	"showback/internal/owners"
	"showback/internal/tag"
)

// ownersReport is the JSON of principal tag --file. Fields are only added.
type ownersReport struct {
	File    string         `json:"file"`
	Taken   bool           `json:"taken"`  // false with --dry-run
	From    *string        `json:"from"`   // null: for all days
	Period  *principalDays `json:"period"` // of the bills that the rows were held against; null while nothing is billed
	Rows    []ownerRow     `json:"rows"`
	Overlap []ownerOverlap `json:"overlaps"`
	// Unmatched are the callers that no row matches, on the days from From on.
	Unmatched      []callers.Unmatched `json:"unmatched"`
	Callers        int                 `json:"callers"`
	Spend          callers.Spend       `json:"spend"`
	UnmatchedSpend callers.Spend       `json:"unmatched_spend"`
}

type ownerRow struct {
	Line    int           `json:"line"`
	Match   string        `json:"match"`
	Key     string        `json:"key"`
	Value   string        `json:"value"`
	From    *string       `json:"from"`
	End     *string       `json:"end"`     // the day after the last
	Matches int           `json:"matches"` // callers
	Callers int           `json:"callers"` // those of them that the row decides for
	Spend   callers.Spend `json:"spend"`
}

type ownerOverlap struct {
	Line    int           `json:"line"`
	Before  int           `json:"before"` // the line that counts in its place
	Key     string        `json:"key"`
	Callers int           `json:"callers"`
	Spend   callers.Spend `json:"spend"`
}

// takeOwners takes an owners file in and reports what it comes to.
func (sh *shell) takeOwners(cmd *cobra.Command, t tagging, path string, from time.Time, dry, asJSON bool) (err error) {
	f, err := os.Open(path)
	if err != nil {
		return cannotRead("principal tag", path, err)
	}
	defer f.Close()
	rules, err := owners.Read(f, filepath.Base(path), func(p tag.Pair) error { return iamrule.CheckTags([]tag.Pair{p}) })
	if err != nil {
		return fmt.Errorf("principal tag: %w", err)
	}
	sheet := owners.Sheet{Name: filepath.Base(path), From: from, Rules: rules}
	report, owned, err := sh.own(cmd, sheet)
	if err != nil {
		return err
	}
	if !dry {
		d, by, err := sh.acting(cmd)
		if err != nil {
			return err
		}
		defer closing(&err, d.Close)
		if err := d.PutOwners(cmd.Context(), by, sheet); err != nil {
			return fmt.Errorf("principal tag: %w", err)
		}
		report.Taken = true
	}
	if t.printAs != "" {
		sh.printOwners(rules)
	}
	if asJSON {
		if t.printAs != "" {
			return showback.Errorf(showback.KindInvalid, "principal tag: --json and --print both print to standard output; give one of them")
		}
		if err := sh.writeJSON(report); err != nil {
			return err
		}
	} else {
		sh.writeOwners(sh.told(t), report, owned)
	}
	last := notInAWS
	if dry {
		last = "nothing was changed (--dry-run)"
	}
	if asJSON {
		sh.remark("%s", last)
		return nil
	}
	_, err = fmt.Fprintln(sh.told(t), last)
	return err
}

// own holds the bills against an owners file, from the day that it is in force.
func (sh *shell) own(cmd *cobra.Command, sheet owners.Sheet) (report *ownersReport, owned *callers.Owned, err error) {
	opened, err := sh.open(cmd)
	if err != nil {
		return nil, nil, err
	}
	defer closing(&err, opened.Close)
	cov, err := opened.Engine.Coverage(cmd.Context())
	if err != nil {
		return nil, nil, err
	}
	p := callers.Billed(cov)
	if sheet.From.After(p.Start) {
		p.Start = sheet.From
	}
	if owned, err = callers.Own(cmd.Context(), opened.Engine, owners.Book{sheet}, p); err != nil {
		return nil, nil, err
	}
	report = &ownersReport{File: sheet.Name, From: dayOf(sheet.From), Rows: []ownerRow{}, Overlap: []ownerOverlap{},
		Unmatched: append([]callers.Unmatched{}, owned.Unmatched...), Callers: owned.Callers,
		Spend: append(callers.Spend{}, owned.Spend...), UnmatchedSpend: append(callers.Spend{}, owned.UnmatchedSpend...)}
	if !p.Empty() {
		report.Period = &principalDays{p.Start.Format(time.DateOnly), p.End.Format(time.DateOnly)}
	}
	for _, u := range owned.Rules {
		r := u.Rule
		report.Rows = append(report.Rows, ownerRow{r.Line, r.Match.String(), r.Key, r.Value, dayOf(r.Period.Start), dayOf(r.Period.End),
			u.Matches, u.Callers, append(callers.Spend{}, u.Spend...)})
	}
	for _, o := range owned.Overlaps {
		report.Overlap = append(report.Overlap, ownerOverlap{o.Then.Line, o.First.Line, o.Then.Key, o.Callers, append(callers.Spend{}, o.Spend...)})
	}
	return report, owned, nil
}

// amountText is spendText where nothing was spent, too.
func amountText(s callers.Spend) string {
	if len(s) == 0 {
		return "nothing"
	}
	return spendText(s)
}

func (sh *shell) writeOwners(out io.Writer, r *ownersReport, owned *callers.Owned) {
	fmt.Fprintf(out, "%s: %s\n", clean(r.File, ""), plural(int64(len(r.Rows)), "row"))
	if r.Period == nil {
		fmt.Fprintln(out, "nothing is billed yet, so nothing matches")
		return
	}
	if owned.Period.Empty() {
		fmt.Fprintf(out, "nothing is billed from %s on, so nothing matches yet\n", *r.From)
		return
	}
	fmt.Fprintf(out, "held against %s of AI spend by %s, %s\n\n", amountText(r.Spend), plural(int64(r.Callers), "caller"), owned.Period.Inclusive())
	g := grid{columns: []column{{name: "line", right: true}, {name: "match", shrinks: true}, {name: "tag", shrinks: true}, {name: "callers", right: true}, {name: "spend", right: true}}}
	for _, row := range r.Rows {
		g.rows = append(g.rows, []string{fmt.Sprint(row.Line), row.Match, row.Key + "=" + row.Value, countText(int64(row.Callers)), amountText(row.Spend)})
	}
	g.write(out, sh.Width, "")
	fmt.Fprintln(out)
	told := 0
	say := func(format string, args ...any) {
		if told++; told <= mostNamed {
			fmt.Fprintf(out, format, args...)
		}
	}
	rest := func() {
		if told > mostNamed {
			fmt.Fprintf(out, "  and %d more (--json has them all)\n", told-mostNamed)
		}
		told = 0
	}
	for _, row := range r.Rows {
		if row.Matches == 0 {
			say("line %d matches nothing: %s\n", row.Line, clean(row.Match, ""))
		}
	}
	rest()
	for _, o := range r.Overlap {
		say("line %d overlaps line %d, which counts: %s for %s, %s\n", o.Line, o.Before, clean(o.Key, ""), plural(int64(o.Callers), "caller"), amountText(o.Spend))
	}
	rest()
	if len(r.Unmatched) == 0 {
		fmt.Fprintln(out, "every caller is matched by a row")
		return
	}
	fmt.Fprintf(out, "no row matches %s with %s:\n", plural(int64(len(r.Unmatched)), "caller"), amountText(r.UnmatchedSpend))
	for _, u := range r.Unmatched {
		name := u.Principal
		if u.Session != "" {
			name = u.Session
		}
		say("  %s  %s\n", clean(name, ""), amountText(u.Spend))
	}
	rest()
}

// printOwners prints the commands that would give in AWS what rows give: those of
// one user or role each, today. The rest is said in remarks.
func (sh *shell) printOwners(rules []owners.Rule) {
	today := showback.Day(sh.Now())
	var changes []awsTagging
	for _, r := range rules {
		m := r.Match
		kind := map[owners.Word]iamrule.Kind{owners.User: iamrule.User, owners.Role: iamrule.Role}[m.Word]
		switch {
		case today.Before(r.Period.Start) || !r.Period.End.IsZero() && !today.Before(r.Period.End):
			fmt.Fprintf(sh.Out, "# line %d: it does not hold today\n", r.Line)
		case kind == "":
			fmt.Fprintf(sh.Out, "# line %d, %s: AWS has no tags for it: session tags, set where the role is assumed\n", r.Line, clean(m.String(), ""))
		case m.Account == "" || strings.Contains(m.Text, "*"):
			fmt.Fprintf(sh.Out, "# line %d, %s: it may be several; name each with its account\n", r.Line, clean(m.String(), ""))
		case iamrule.IsIdentityCenter(kind, "/", m.Name):
			fmt.Fprintf(sh.Out, "# line %d, %s: %s\n", r.Line, clean(m.String(), ""), untaggable)
		default:
			changes = append(changes, awsTagging{r: directory.Ref{Account: m.Account, Kind: kind, Name: m.Name}, put: []tag.Pair{{Key: r.Key, Value: r.Value}}})
		}
	}
	sh.printAWS(changes)
}
