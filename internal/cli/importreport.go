package cli

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"showback"
	"showback/internal/explore"
	"showback/internal/ingest"
	"showback/internal/ledger"
)

// How much of a list a report shows; --json has all of it.
const (
	maxChanges = 5
	maxRejects = 5
	maxUnknown = 5
	maxSkipped = 5
	maxColumns = 8
)

// writeImport prints an import's report for a person: for each export a table
// of its months, and what there is to know of them.
func (sh *shell) writeImport(r *ingest.Report) {
	for i, group := range byExport(r.Deliveries) {
		if i > 0 {
			fmt.Fprintln(sh.Out)
		}
		e := &exportReport{out: sh.Out, width: sh.Width, deliveries: group}
		e.write()
	}
	fmt.Fprintln(sh.Out)
	sh.writeSettlements(r)
	for i, s := range r.Skipped {
		if i == maxSkipped {
			fmt.Fprintf(sh.Out, "skipped: %d more (--json has them all)\n", len(r.Skipped)-i)
			break
		}
		fmt.Fprintf(sh.Out, "skipped: %s: %s\n", clean(s.Path, ""), clean(s.Reason, ""))
	}
	state := "now at"
	if !r.Changed {
		state = "unchanged at"
	}
	fmt.Fprintf(sh.Out, "store %s %s version %d\n", r.Store, state, r.Version)
}

// byExport groups deliveries by the name of their export, in order of
// appearance.
func byExport(deliveries []ingest.Delivery) [][]ingest.Delivery {
	var groups [][]ingest.Delivery
	for _, d := range deliveries {
		i := slices.IndexFunc(groups, func(g []ingest.Delivery) bool { return g[0].Export == d.Export })
		if i < 0 {
			i, groups = len(groups), append(groups, nil)
		}
		groups[i] = append(groups[i], d)
	}
	return groups
}

// exportReport reports on the deliveries of one export.
type exportReport struct {
	out        io.Writer
	width      int
	deliveries []ingest.Delivery
}

func (e *exportReport) write() {
	counts := map[ingest.Status]int{}
	for _, d := range e.deliveries {
		counts[d.Status]++
	}
	var statuses []string
	for _, s := range []ingest.Status{ingest.Loaded, ingest.Replaced, ingest.Unchanged, ingest.Empty} {
		if counts[s] > 0 {
			statuses = append(statuses, fmt.Sprintf("%d %s", counts[s], s))
		}
	}
	n := plural(int64(len(e.deliveries)), "delivery")
	fmt.Fprintf(e.out, "export %s: %s, %s\n\n", clean(e.deliveries[0].Export, ""), n, strings.Join(statuses, ", "))
	e.months()
	e.aside()
	e.payers()
	e.bases()
	e.callers()
	e.kept()
	e.late()
	e.rejects()
	e.unknown()
	e.columns()
	e.notes()
	for _, d := range e.deliveries {
		e.changes(d)
	}
}

// months prints a line for each month; the payer only where there are several.
func (e *exportReport) months() {
	payers := map[string]bool{}
	e.each(func(m ingest.Month) { payers[m.Payer] = true })
	g := &grid{columns: []column{{name: "month"}, {name: "payer"}, {name: "status"}, {name: "rows", right: true},
		{name: "cost", right: true}, {name: "bill", shrinks: true}, {name: "made"}}}
	add := func(cells ...string) {
		if len(payers) < 2 {
			cells = slices.Delete(cells, 1, 2)
		}
		g.rows = append(g.rows, cells)
	}
	for _, d := range e.deliveries {
		made := d.Made.Format(time.DateOnly)
		if len(d.Months) == 0 {
			add("-", "-", string(d.Status), countText(d.Lines), "-", "-", made)
		}
		for _, m := range d.Months {
			add(string(m.Month), m.Payer, string(d.Status), countText(m.Charges), firstCost(m.Totals), billState(m), made)
			for _, t := range m.Totals[min(1, len(m.Totals)):] {
				add("", "", "", "", unblendedText(t), "", "")
			}
		}
	}
	if len(payers) < 2 {
		g.columns = slices.Delete(g.columns, 1, 2)
	}
	g.write(e.out, e.width, "  ")
	fmt.Fprintln(e.out)
}

func firstCost(totals []ledger.Totals) string {
	if len(totals) == 0 {
		return "-"
	}
	return unblendedText(totals[0])
}

func unblendedText(t ledger.Totals) string {
	return explore.MoneyText(t.Amounts[showback.Unblended], t.Currency)
}

func billState(m ingest.Month) string {
	switch {
	case !m.Open:
		return "closed"
	case m.LastDay != "":
		return "open to " + m.LastDay
	}
	return "open"
}

// line prints one fact under its name; the text's own lines are indented.
func (e *exportReport) line(name, text string) {
	const indent = "                  "
	words := strings.Fields(clean(text, ""))
	fmt.Fprintf(e.out, "  %-16s%s\n", name, wrap(words, e.width, indent))
}

// more prints a line that belongs to the fact before it.
func (e *exportReport) more(format string, args ...any) {
	const indent = "                    "
	words := strings.Fields(clean(fmt.Sprintf(format, args...), ""))
	fmt.Fprintf(e.out, "%s%s\n", indent[2:], wrap(words, e.width, indent))
}

// each calls f for every month of the export.
func (e *exportReport) each(f func(ingest.Month)) {
	for _, d := range e.deliveries {
		for _, m := range d.Months {
			f(m)
		}
	}
}

// payers says whose bills they are and whether they can be whole invoices.
func (e *exportReport) payers() {
	type payer struct {
		id, name string
		accounts int
		told     bool // the export has usage accounts
		outside  bool
	}
	var all []*payer
	e.each(func(m ingest.Month) {
		i := slices.IndexFunc(all, func(p *payer) bool { return p.id == m.Payer })
		if i < 0 {
			i, all = len(all), append(all, &payer{id: m.Payer})
		}
		all[i].name = m.PayerName
		all[i].accounts = max(all[i].accounts, m.Accounts)
		all[i].told = all[i].told || m.AccountColumn
		all[i].outside = all[i].outside || m.Outside
	})
	for _, p := range all {
		text := p.id
		if p.name != "" {
			text += " (" + p.name + ")"
		}
		if p.accounts > 0 {
			text += ", " + plural(int64(p.accounts), "usage account") + " in a month"
		}
		e.line("payer", text)
		switch {
		case !p.told:
			text = "cannot be told: the export has no usage accounts"
		case p.outside:
			text = "can be: there is usage outside the payer's own account"
		default:
			text = "no, if the payer has an organization: there is no usage outside the payer's own account"
		}
		e.line("whole invoice", text)
	}
}

// bases says which bases the months carry and which they do not.
func (e *exportReport) bases() {
	var order []string
	months := map[string][]showback.Month{}
	e.each(func(m ingest.Month) {
		text := basesText(m.Bases)
		if months[text] == nil {
			order = append(order, text)
		}
		months[text] = append(months[text], m.Month)
	})
	for _, text := range order {
		if len(order) > 1 {
			e.line("bases", explore.MonthsText(months[text])+": "+text)
			continue
		}
		e.line("bases", text)
	}
}

func basesText(carried []showback.Basis) string {
	var has, lacks []string
	for _, b := range showback.Bases {
		if slices.Contains(carried, b) {
			has = append(has, string(b))
		} else {
			lacks = append(lacks, string(b))
		}
	}
	text := strings.Join(has, ", ")
	if len(lacks) > 0 {
		text += "; not in the export: " + strings.Join(lacks, ", ")
	}
	if !slices.Contains(carried, showback.Amortized) {
		text += "; amortized for want of a value in a column that amortizes the commitments billed"
	}
	return text
}

// kept says which charges are kept as sums.
func (e *exportReport) kept() {
	var sums, all int64
	var months []showback.Month
	e.each(func(m ingest.Month) {
		all += m.Charges
		if m.Keep == ledger.KeepAI {
			sums, months = sums+m.AsSums, append(months, m.Month)
		}
	})
	if len(months) > 0 {
		e.line("kept", fmt.Sprintf("AI one by one; what is not AI as sums by the month: %s of %s (%s)",
			countText(sums), plural(all, "charge"), explore.MonthsText(months)))
	}
}

// late tells of usage that counts on another day than its own.
func (e *exportReport) late() {
	var n int64
	e.each(func(m ingest.Month) { n += m.LateCharges })
	if n > 0 {
		e.line("late usage", plural(n, "usage charge")+" outside the month, counted on its nearest day")
	}
}

// callers names the months without the caller column and says how to get it.
func (e *exportReport) callers() {
	var without []showback.Month
	e.each(func(m ingest.Month) {
		if m.Counts && !m.CallerColumn {
			without = append(without, m.Month)
		}
	})
	if len(without) == 0 {
		return
	}
	// (AWS, Data Exports user guide, "Data query", 2026-09: configurations can't
	// be changed after an export is created; its page on editing says they can.)
	e.line("no callers", explore.MonthsText(without)+" without the column line_item_iam_principal: nothing says who called. "+
		"An export with INCLUDE_IAM_PRINCIPAL_DATA = TRUE has it (in the console: Include caller identity (IAM principal) allocation data). "+
		"AWS's guide says that an export cannot get it later: showback aws setup prints how to make a new one beside this; "+
		"then import both with --prefer NEW-EXPORT, which keeps this one for the months that the new one does not have.")
}

func (e *exportReport) rejects() {
	var count, unreadable, blank, rounded int64
	var first []ledger.Reject
	cost := map[string]showback.Decimal{}
	for _, d := range e.deliveries {
		count, unreadable = count+d.Rejects.Count, unreadable+d.Rejects.Unreadable
		blank, rounded = blank+d.BlankNet, rounded+d.Rounded
		first = append(first, d.Rejects.First...)
		for _, c := range d.Rejects.Cost {
			cost[c.Currency] = cost[c.Currency].Add(c.Amount)
		}
	}
	switch {
	case count == 0 && !slices.ContainsFunc(e.deliveries, func(d ingest.Delivery) bool { return d.Status != ingest.Unchanged }):
		return
	case count == 0:
		e.line("rejects", "none")
	default:
		text := plural(count, "row") + " left out"
		if amounts := explore.AmountsText(cost); amounts != "" {
			text += ", worth " + amounts
		}
		if unreadable > 0 {
			text += ", of " + countText(unreadable) + " the amount cannot be read"
		}
		e.line("rejects", text)
	}
	for i, r := range first {
		if i == maxRejects {
			e.more("and %d more (--json lists %d of a delivery)", count-maxRejects, ingest.MaxRejects)
			break
		}
		e.more("%s, row %d, %s: found %q: %s", r.File, r.Row, r.Column, r.Found, r.Reason)
	}
	if rounded > 0 {
		e.line("rounded", plural(rounded, "amount")+" with digits past the 19th decimal; showback reconcile shows the sum cut")
	}
	if blank > 0 {
		e.line("blank net cost", plural(blank, "charge")+", counted as 0 on the net bases")
	}
}

func (e *exportReport) unknown() {
	type key struct{ product, usageType, operation, currency string }
	var order []key
	sums := map[key]showback.Decimal{}
	for _, d := range e.deliveries {
		for _, u := range d.Unknown {
			k := key{u.ProductName, u.UsageType, u.Operation, u.Currency}
			if k.product == "" {
				k.product = u.ProductCode
			}
			if _, ok := sums[k]; !ok {
				order = append(order, k)
			}
			sums[k] = sums[k].Add(u.Cost)
		}
	}
	if len(order) == 0 {
		return
	}
	slices.SortStableFunc(order, func(a, b key) int { return sums[b].Cmp(sums[a]) })
	e.line("unknown meters", plural(int64(len(order)), "AI meter")+" that no rule knows; the spend stands as (unclassified)")
	for i, k := range order {
		if i == maxUnknown {
			e.more("and %d more (--json has them all)", len(order)-i)
			break
		}
		e.more("%s, %s, %s: %s", k.product, k.usageType, k.operation, explore.MoneyText(sums[k], k.currency))
	}
}

func (e *exportReport) columns() {
	var wide, unused []string
	for _, d := range e.deliveries {
		wide = append(wide, d.WideKeys...)
		unused = append(unused, d.Unused...)
	}
	if wide = distinct(wide); len(wide) > 0 {
		e.line("wide tag keys", fmt.Sprintf("%s not kept, for too many values: %s", plural(int64(len(wide)), "key"), strings.Join(wide, ", ")))
	}
	if unused = distinct(unused); len(unused) > 0 {
		text := fmt.Sprintf("%d: %s", len(unused), strings.Join(unused[:min(maxColumns, len(unused))], ", "))
		if more := len(unused) - maxColumns; more > 0 {
			text += fmt.Sprintf(" and %d more (--json has them all)", more)
		}
		e.line("unused columns", text)
	}
}

func (e *exportReport) notes() {
	var notes []string
	for _, d := range e.deliveries {
		notes = append(notes, d.Notes...)
	}
	for _, n := range distinct(notes) {
		e.line("note", n)
	}
}

// changes prints what a replaced month cost before and costs now.
func (e *exportReport) changes(d ingest.Delivery) {
	if d.Status != ingest.Replaced {
		return
	}
	for _, m := range d.Months {
		e.changesOf(m, slices.DeleteFunc(slices.Clone(d.Changes), func(c ingest.Change) bool {
			return c.Payer != m.Payer || c.Month != m.Month
		}))
	}
}

func (e *exportReport) changesOf(m ingest.Month, changes []ingest.Change) {
	fmt.Fprintln(e.out)
	if len(changes) == 0 {
		fmt.Fprintf(e.out, "  %s of payer %s was restated without a change of cost by service or caller\n", m.Month, m.Payer)
		return
	}
	fmt.Fprintf(e.out, "  %s of payer %s was restated (unblended):\n\n", m.Month, m.Payer)
	g := &grid{columns: []column{{name: "what"}, {name: "which", shrinks: true}, {name: "before", right: true},
		{name: "after", right: true}, {name: "change", right: true}}}
	shown, left := map[string]int{}, map[string]int{}
	for _, c := range changes {
		if shown[c.By] == maxChanges {
			left[c.By]++
			continue
		}
		shown[c.By]++
		value := c.Value
		switch {
		case c.By == "total":
			value = ""
		case value == "":
			value = "(no caller)"
		}
		g.rows = append(g.rows, []string{c.By, value, explore.MoneyText(c.Before, c.Currency), explore.MoneyText(c.After, c.Currency),
			signedMoney(c.After.Sub(c.Before), c.Currency)})
	}
	g.write(e.out, e.width, "  ")
	for _, by := range []string{"service", "caller"} {
		if left[by] > 0 {
			fmt.Fprintf(e.out, "  and %s (--json has them all)\n", plural(int64(left[by]), "more "+by))
		}
	}
}

// distinct returns the texts in order, each once.
func distinct(texts []string) []string {
	return slices.Compact(slices.Sorted(slices.Values(texts)))
}
