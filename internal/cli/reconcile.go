package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"showback"
	"showback/internal/explore"
	"showback/internal/reconcile"
)

// reconcileFlags are the flags of reconcile, as typed.
type reconcileFlags struct {
	months        []string
	invoices      bool
	file          string // of --against
	filter, where string
	payer, format string
	asJSON        bool
}

func newReconcile(sh *shell) *cobra.Command {
	f := reconcileFlags{format: formatTable}
	cmd := &cobra.Command{
		Use:   "reconcile",
		Short: "Prove the store against the delivered files, to the last digit",
		Long: `Reads the delivered files again, with a reader of other code than the import's,
and compares them with what the store answers: by payer, month, service,
charge type, currency and basis. It changes nothing.
` + invoicesHelp + `
` + againstHelp + `

Exit codes: 0 equal, 1 different, 3 could not be checked (a file is gone or has
changed since it was imported; the store or the answer lacks a part).`,
		Example: `  showback reconcile --month 2026-09 --month 2026-10
  showback reconcile --invoices --month 2026-09 --format csv
  aws ce get-cost-and-usage --time-period Start=2026-09-01,End=2026-10-01 \
    --granularity MONTHLY --metrics UnblendedCost --group-by Type=TAG,Key=iamPrincipal/team |
    showback reconcile --against -`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return sh.runReconcile(cmd, &f) },
	}
	fl := cmd.Flags()
	fl.StringArrayVar(&f.months, "month", nil, "only this month, YYYY-MM; may be given several times")
	fl.BoolVar(&f.invoices, "invoices", false, "list the whole bill by invoice instead")
	fl.StringVar(&f.file, "against", "", "compare with what aws ce get-cost-and-usage printed, in this file; - for standard input")
	fl.StringVar(&f.filter, "filter", "", "the filter that aws was given, JSON or file://PATH; with --against")
	fl.StringVar(&f.where, "where", "", "the same in the language of explore; with --against")
	fl.StringVar(&f.payer, "payer", "", "only this payer, 12 digits; with --invoices or --against")
	fl.StringVar(&f.format, "format", f.format, "table, csv (with --invoices) or json")
	fl.BoolVar(&f.asJSON, "json", false, "the same as --format json")
	fl.SortFlags = false
	return cmd
}

// runReconcile does what the flags ask for.
func (sh *shell) runReconcile(cmd *cobra.Command, f *reconcileFlags) (err error) {
	if err := f.check(cmd); err != nil {
		return err
	}
	months, err := parseMonths(f.months)
	if err != nil {
		return err
	}
	opened, err := sh.open(cmd)
	if err != nil {
		return err
	}
	defer func() {
		if closing := opened.Close(); closing != nil && err == nil {
			err = closing
		}
	}()
	switch {
	case f.invoices:
		return sh.invoices(cmd.Context(), opened, f, months)
	case f.file != "":
		return sh.against(cmd.Context(), opened, f)
	}
	return sh.prove(cmd.Context(), opened, f, months)
}

// check refuses flags that have no meaning together.
func (f *reconcileFlags) check(cmd *cobra.Command) error {
	format, err := parseFormat(&exploreFlags{format: f.format, asJSON: f.asJSON && cmd.Flags().Changed("format")}, invoiceFormats)
	if err != nil {
		return err
	}
	f.format = format
	if f.asJSON {
		f.format = formatJSON
	}
	given := cmd.Flags().Changed
	wrong := func(text string) error { return showback.Errorf(showback.KindInvalid, "reconcile: %s", text) }
	against := given("against")
	switch {
	case f.invoices && against:
		return wrong("--invoices and --against are two things; give one of them")
	case against && f.file == "":
		return wrong("--against: found nothing, want a file, or - for standard input")
	case given("filter") && !against:
		return wrong("--filter goes with --against")
	case given("where") && !against:
		return wrong("--where goes with --against")
	case given("payer") && !against && !f.invoices:
		return wrong("--payer goes with --invoices or --against")
	case given("month") && against:
		return wrong("--month does not go with --against, which compares the periods of the file")
	case f.format == formatCSV && !f.invoices:
		return wrong("--format csv goes with --invoices")
	}
	return nil
}

// prove compares the store with the delivered files.
func (sh *shell) prove(ctx context.Context, opened *Opened, f *reconcileFlags, months []showback.Month) error {
	report, err := sh.reconcile(ctx, opened, months)
	if err != nil {
		return err
	}
	if f.format == formatJSON {
		err = sh.writeJSON(report)
	} else {
		sh.writeReconcile(report)
	}
	if err != nil {
		return err
	}
	return reconcileVerdict(report.Status)
}

func reconcileVerdict(s reconcile.Status) error {
	switch s {
	case reconcile.Equal:
		return nil
	case reconcile.Different:
		return verdict(exitFailed)
	}
	return verdict(exitUnchecked)
}

func (sh *shell) reconcile(ctx context.Context, opened *Opened, months []showback.Month) (*reconcile.Report, error) {
	if len(opened.Snapshot.Segments) == 0 {
		return nil, showback.WithHint(showback.Errorf(showback.KindNotFound, "reconcile: the store is empty"), howToBegin)
	}
	statements, err := statementsOf(ctx, opened)
	if err != nil {
		return nil, err
	}
	report, err := reconcile.Run(ctx, reconcile.Request{
		Statements: statements, Months: months, Ledger: reconcile.EngineLedger{Engine: opened.Engine}})
	if err != nil {
		return nil, err
	}
	report.Shares, err = reconcile.Shares(ctx, opened.Engine, report.Months())
	return report, err
}

// statementsOf says what the store claims to hold of each delivery.
func statementsOf(ctx context.Context, opened *Opened) ([]reconcile.Statement, error) {
	var statements []reconcile.Statement
	all := opened.Snapshot.All()
	for i := range all {
		s := &all[i]
		st := reconcile.Statement{Payer: s.Payer, Export: s.Export, Month: s.Month, Aside: s.AsideFor != ""}
		for _, f := range s.Delivery.Files {
			st.Files = append(st.Files, reconcile.FileRef{Path: opened.Snapshot.FilePath(f), SHA256: f.SHA256, Size: f.Size, Object: f.Object})
		}
		if s.Rejects > 0 {
			rejects, err := opened.Snapshot.Rejects(ctx, s)
			if err != nil {
				return nil, err
			}
			for _, r := range rejects {
				st.Rejects = append(st.Rejects, reconcile.RejectRef{File: r.File, Row: r.Row})
			}
		}
		statements = append(statements, st)
	}
	return statements, nil
}

// maxDifferences is how many differences a report shows; --json has all.
const maxDifferences = 20

func (sh *shell) writeReconcile(r *reconcile.Report) {
	sh.writeChecked(r)
	fmt.Fprintln(sh.Out)
	sh.writeTotals(r)
	sh.writeDifferences(r)
	sh.writeShares(r)
	fmt.Fprintln(sh.Out, map[reconcile.Status]string{
		reconcile.Equal:     "EQUAL: by payer, month, service, charge type, currency and basis, the store\nholds what was delivered, to the last digit" + setAside(r),
		reconcile.Different: "DIFFERENT: the store does not hold what was delivered",
		reconcile.Unchecked: "NOT CHECKED: some deliveries could not be read again",
	}[r.Status])
}

// setAside says how many lines the verdict leaves out: those that could not be
// read when they were imported.
func setAside(r *reconcile.Report) string {
	var lines int64
	for _, d := range r.Deliveries {
		for _, x := range d.Rejected {
			lines += x.Lines
		}
	}
	if lines == 0 {
		return ""
	}
	return ", but for " + plural(lines, "line") + " set aside at import"
}

// writeChecked prints a line for each delivery.
func (sh *shell) writeChecked(r *reconcile.Report) {
	g := &grid{columns: []column{{name: "month"}, {name: "payer"}, {name: "export", shrinks: true}, {name: "lines", right: true},
		{name: "compared", right: true}, {name: "result"}}}
	for _, d := range r.Deliveries {
		lines := countText(d.Lines)
		if d.Status == reconcile.Unchecked {
			lines = "-"
		}
		g.rows = append(g.rows, []string{string(d.Month), d.Payer, d.Export, lines, countText(int64(len(d.Comparisons))), string(d.Status)})
	}
	g.write(sh.Out, sh.Width, "")
	for _, d := range r.Deliveries {
		if d.Reason != "" {
			sh.paragraph(fmt.Sprintf("%s %s: ", d.Month, d.Payer), d.Reason)
		}
		for _, x := range d.Rejected {
			fmt.Fprintf(sh.Out, "%s %s: %s set aside at import, worth %s\n", d.Month, d.Payer, plural(x.Lines, "line"), explore.MoneyText(x.Unblended, x.Currency))
		}
	}
}

// writeTotals sets both sides beside each other for each currency and basis,
// with every digit.
func (sh *shell) writeTotals(r *reconcile.Report) {
	if len(r.Totals) == 0 {
		return
	}
	g := &grid{columns: []column{{name: "basis"}, {name: ""}, {name: "delivered", right: true}, {name: "store", right: true},
		{name: "difference", right: true}}}
	cut := false
	for _, t := range r.Totals {
		g.rows = append(g.rows, []string{string(t.Basis), t.Currency, t.Delivered.String(), t.Ledger.String(), t.Difference.String()})
		cut = cut || t.Cut.Lines > 0
	}
	g.write(sh.Out, sh.Width, "")
	fmt.Fprintln(sh.Out)
	if !cut {
		fmt.Fprintf(sh.Out, "no amount has digits past the %dth decimal: nothing was cut\n\n", showback.AmountScale)
		return
	}
	for _, t := range r.Totals {
		if t.Cut.Lines > 0 {
			fmt.Fprintf(sh.Out, "past the %dth decimal, %s %s: %s cut by %s in all\n", showback.AmountScale, t.Basis, t.Currency,
				plural(t.Cut.Lines, "amount"), t.Cut.Sum)
		}
	}
	fmt.Fprintln(sh.Out)
}

func (sh *shell) writeDifferences(r *reconcile.Report) {
	all := r.Differences()
	for i, c := range all {
		if i == maxDifferences {
			fmt.Fprintf(sh.Out, "and %s (--json has them all)\n", plural(int64(len(all)-i), "more difference"))
			break
		}
		service := c.Service
		if service == "" {
			service = "(no service)"
		}
		fmt.Fprintf(sh.Out, "different: %s %s, %s, %s, %s %s\n", c.Month, c.Payer, clean(service, ""), clean(c.ChargeType, ""), c.Basis, c.Currency)
		fmt.Fprintf(sh.Out, "  delivered %s\n  store     %s\n  by        %s\n", sideText(c.Delivered), sideText(c.Ledger), c.Difference)
	}
	if len(all) > 0 {
		fmt.Fprintln(sh.Out)
	}
}

func sideText(f *reconcile.Figure) string {
	switch {
	case f == nil:
		return "nothing"
	case !f.Carried:
		return "not available"
	}
	text := f.Amount.String() + " in " + plural(f.Lines, "line")
	if f.Blank > 0 {
		text += ", " + countText(f.Blank) + " without an amount"
	}
	return text
}

// writeShares says which dollars can be given to somebody.
func (sh *shell) writeShares(r *reconcile.Report) {
	for _, p := range r.Shares {
		g := &grid{columns: []column{{name: p.Currency, shrinks: true}, {name: "unblended", right: true}}}
		add := func(name string, amount showback.Decimal) {
			g.rows = append(g.rows, []string{name, explore.MoneyText(amount, p.Currency)})
		}
		add("whole bill", p.Bill)
		add("AI", p.AI)
		add("  with a caller", p.WithCaller)
		for _, c := range p.NoCaller {
			add("  "+string(c.Cause), c.Cost)
		}
		for _, t := range p.Tags {
			key := t.Key
			if k, ok := showback.ParseTagKey(t.Key); ok {
				key = k.Flag()
			}
			add("tagged "+key, t.Tagged)
		}
		for _, c := range p.Unallocated {
			add("neither caller nor tag: "+strings.TrimPrefix(string(c.Cause), "no caller: "), c.Cost)
		}
		g.write(sh.Out, sh.Width, "")
		fmt.Fprintln(sh.Out)
	}
}
