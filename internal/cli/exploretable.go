package cli

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"showback"
	"showback/internal/explore"
)

// writeAnswer prints an answer as tables, one for each currency, with what
// was applied above and what is to be known below. A brief one leaves out the
// parts of the total and the notes.
func (sh *shell) writeAnswer(a *explore.Answer, brief bool) {
	for _, n := range a.Notes {
		if n.Code == explore.NoteNoMonthYet {
			sh.paragraph("note: ", n.Text)
			fmt.Fprintln(sh.Out)
		}
	}
	fmt.Fprintln(sh.Out, clean(title(a.Question), ""))
	sh.paragraph("", applied(a))
	if !a.ComparedWith.Empty() {
		sh.paragraph("vs ", besidePeriod(a))
	}
	if a.Question.Filter != nil {
		sh.paragraph("where ", explore.Format(a.Question.Filter))
	}
	shortened := false
	for _, b := range a.Blocks {
		fmt.Fprintln(sh.Out)
		if len(a.Blocks) > 1 {
			fmt.Fprintf(sh.Out, "%s\n", b.Currency)
		}
		shortened = blockGrid(a, b, brief).write(sh.Out, sh.Width, "") || shortened
	}
	fmt.Fprintln(sh.Out)
	for _, line := range billLines(a) {
		fmt.Fprintln(sh.Out, line)
	}
	if brief {
		return
	}
	for _, n := range a.Notes {
		if n.Code != explore.NoteNoMonthYet {
			sh.paragraph("note: ", n.Text)
		}
	}
	if shortened {
		sh.paragraph("note: ", "values with … are shortened to fit; --format csv has them whole")
	}
}

// paragraph prints a text in lines that fit, indented under its first word.
func (sh *shell) paragraph(name, text string) {
	indent := strings.Repeat(" ", len(name))
	fmt.Fprintln(sh.Out, name+wrap(strings.Fields(clean(text, "")), sh.Width, indent))
}

// title says what is asked: "AI spend by who", "Whole bill: cost, tokens by
// model, day".
func title(q explore.Question) string {
	subject := "AI spend"
	if q.Scope == explore.ScopeAll {
		subject = "Spend of the whole bill"
	}
	if !slices.Equal(q.Measures, []explore.Measure{explore.Cost}) {
		names := make([]string, len(q.Measures))
		for i, m := range q.Measures {
			names[i] = string(m)
		}
		subject = "AI: "
		if q.Scope == explore.ScopeAll {
			subject = "Whole bill: "
		}
		subject += strings.Join(names, ", ")
	}
	var by []string
	for _, k := range q.By {
		by = append(by, k.Typed)
	}
	if q.Granularity != explore.Total {
		by = append(by, string(q.Granularity))
	}
	if len(by) == 0 {
		return subject
	}
	return subject + " by " + strings.Join(by, ", ")
}

// applied says over what, apart from the scope that the title has: period,
// basis, tag view and classes.
func applied(a *explore.Answer) string {
	q := a.Question
	parts := []string{billedPeriod(a), string(q.Basis), string(q.TagView) + " tags"}
	if len(q.Classes) > 0 {
		names := make([]string, len(q.Classes))
		for i, c := range q.Classes {
			names[i] = classNames[c]
		}
		parts = append(parts, "only "+strings.Join(names, ", "))
	}
	return strings.Join(parts, " · ")
}

// billedPeriod says which days are shown, and how many of them are billed while
// a month of them is open.
func billedPeriod(a *explore.Answer) string {
	text := a.Question.Period.Inclusive()
	if billedPartly(a) {
		text += ", billed to " + a.BilledTo.Format(time.DateOnly)
	}
	return text
}

func billedPartly(a *explore.Answer) bool {
	return a.Open && !a.BilledTo.IsZero() && a.BilledTo.AddDate(0, 0, 1).Before(a.Question.Period.End)
}

// besidePeriod says which days stand beside.
func besidePeriod(a *explore.Answer) string {
	text, beside := a.ComparedWith.Inclusive(), a.ComparedWith
	if billedPartly(a) && beside.End.Sub(beside.Start) == a.BilledTo.AddDate(0, 0, 1).Sub(a.Question.Period.Start) {
		text += ", the same billed days"
	}
	return text
}

// classNames are the classes as a bill's reader calls them.
var classNames = map[showback.ChargeClass]string{
	showback.ClassUsage: "usage", showback.ClassFee: "fees", showback.ClassDiscount: "discounts",
	showback.ClassCredit: "credits", showback.ClassRefund: "refunds", showback.ClassTax: "tax", showback.ClassOther: "other",
}

// classOrder is how subtotals stand under a table.
var classOrder = []showback.ChargeClass{showback.ClassUsage, showback.ClassDiscount, showback.ClassCredit, showback.ClassRefund,
	showback.ClassTax, showback.ClassFee, showback.ClassOther}

// layout is which columns a block's table has.
type layout struct {
	a        *explore.Answer
	currency string
	span     bool // a column for the hour, day, week or month
	compared bool
}

// beside reports a column for the span that stands beside.
func (l *layout) beside() bool { return l.span && l.compared }

// blockGrid lays out one currency's table: rows, total, and the total's parts
// by class of charge.
func blockGrid(a *explore.Answer, b explore.Block, brief bool) *grid {
	q := a.Question
	l := layout{a: a, currency: b.Currency, span: q.Granularity != explore.Total, compared: !a.ComparedWith.Empty()}
	g := &grid{columns: l.columns()}
	for _, r := range b.Rows {
		lead := keyTexts(q.By, r)
		if l.beside() {
			lead = append([]string{l.spanText(r.Beside)}, lead...)
		}
		if l.span {
			text := l.spanText(showback.Period{Start: r.Start, End: r.End})
			if r.Incomplete {
				text += " *"
			}
			lead = append([]string{text}, lead...)
		}
		g.rows = append(g.rows, l.cells(lead, r.Figures, r.Previous))
	}
	g.footer = append(g.footer, l.cells(l.lead("Total"), b.Total, b.Previous))
	if brief || !slices.Contains(q.Measures, explore.Cost) {
		return g
	}
	for _, class := range classOrder {
		for _, c := range b.Classes {
			if c.Class == class {
				g.footer = append(g.footer, l.classCells(c))
			}
		}
	}
	return g
}

func (l *layout) columns() []column {
	var columns []column
	if l.span {
		columns = append(columns, column{name: string(l.a.Question.Granularity)})
	}
	if l.beside() {
		columns = append(columns, column{name: "vs"})
	}
	for _, k := range l.a.Question.By {
		columns = append(columns, column{name: k.Typed, shrinks: true})
	}
	if len(columns) == 0 {
		columns = append(columns, column{})
	}
	for _, m := range l.a.Question.Measures {
		name := string(m)
		if m == explore.UnitCost {
			name = "per 1M tokens"
		}
		columns = append(columns, column{name: name, right: true})
		if l.compared {
			columns = append(columns, column{name: "previous", right: true}, column{name: "change", right: true}, column{name: "%", right: true})
		}
	}
	return columns
}

// spanText names a span by its start, and what is cut by the period by its days:
// "2026-10 (1–15)", "2026-10-01 (4 days)". No span is a dash.
func (l *layout) spanText(p showback.Period) string {
	if p.Empty() {
		return "-"
	}
	switch l.a.Question.Granularity {
	case explore.Hourly:
		return p.Start.Format("2006-01-02 15:04")
	case explore.Weekly:
		text := p.Start.Format(time.DateOnly)
		switch days := int(p.End.Sub(p.Start) / (24 * time.Hour)); {
		case days == 1:
			text += " (1 day)"
		case days < 7:
			text += fmt.Sprintf(" (%d days)", days)
		}
		return text
	case explore.Monthly:
		text := p.Start.Format("2006-01")
		if month := showback.MonthOf(p.Start).Period(); p != month {
			text += fmt.Sprintf(" (%d–%d)", p.Start.Day(), p.End.AddDate(0, 0, -1).Day())
		}
		return text
	}
	return p.Start.Format(time.DateOnly)
}

// lead returns the cells before the figures of a row that has a name.
func (l *layout) lead(name string) []string {
	n := len(l.a.Question.By)
	if l.span {
		n++
	}
	if l.beside() {
		n++
	}
	lead := make([]string, max(n, 1))
	lead[0] = name
	return lead
}

// cells puts a row together. With no key and no span the name column is empty.
func (l *layout) cells(lead []string, f explore.Figures, previous *explore.Figures) []string {
	if len(lead) == 0 {
		lead = []string{"all"}
	}
	cells := lead
	for _, m := range l.a.Question.Measures {
		now := figureOf(f, m).shown(m, l.currency)
		switch {
		case !l.compared:
			cells = append(cells, now)
		case previous == nil:
			cells = append(cells, now, "", "", "")
		default:
			cells = append(cells, l.compare(m, f, *previous)...)
		}
	}
	return cells
}

// compare returns both figures and the change, each a dash where there are no
// charges.
func (l *layout) compare(m explore.Measure, now, previous explore.Figures) []string {
	c, presence := explore.ChangeOf(m, now, previous), explore.PresenceOf(now, &previous)
	cells := []string{
		figureOf(now, m).shown(m, l.currency), figureOf(previous, m).shown(m, l.currency),
		signed(figure{Figure: c.Difference}, m, l.currency), percentText(c.Percent),
	}
	switch presence {
	case explore.New:
		cells[1], cells[3] = "-", "new"
	case explore.Gone:
		cells[0], cells[3] = "-", "gone"
	}
	return cells
}

// signed writes a difference with its sign; nothing where there is none.
func signed(f figure, m explore.Measure, currency string) string {
	switch {
	case f.Missing != "":
		return ""
	case f.Value.Sign() > 0:
		return "+" + f.shown(m, currency)
	}
	return f.shown(m, currency)
}

// percentText writes a change in percent with its sign: "+12.5%". From nothing
// to something is "new"; without a value it is nothing.
func percentText(f explore.Figure) string {
	switch {
	case f.Missing == explore.FromNothing:
		return string(f.Missing)
	case f.Missing != "":
		return ""
	}
	text := explore.Grouped(f.Value.Fixed(1)) + "%"
	if f.Value.Sign() > 0 {
		return "+" + text
	}
	return text
}

// classCells is a line of the total's parts: only the cost has one.
func (l *layout) classCells(c explore.ClassTotal) []string {
	cells := l.lead("  " + classNames[c.Class])
	for _, m := range l.a.Question.Measures {
		text := ""
		if m == explore.Cost {
			text = figure{Figure: explore.Figure{Value: c.Cost, Missing: c.Missing}}.shown(m, l.currency)
		}
		cells = append(cells, text)
		if l.compared {
			cells = append(cells, "", "", "")
		}
	}
	return cells
}

// billBasis is the basis of explore.Answer.Bill, whatever the question's.
const billBasis = showback.Unblended

// billLines sets the AI spend beside the whole bill.
func billLines(a *explore.Answer) []string {
	state := "closed"
	if a.Open {
		state = "open"
	}
	billed := "no usage billed"
	if !a.BilledTo.IsZero() {
		billed = "billed to " + a.BilledTo.Format(time.DateOnly)
	}
	basis := ""
	if a.Question.Basis != billBasis {
		basis = " (" + string(billBasis) + ")"
	}
	var lines []string
	for _, l := range a.Bill {
		lines = append(lines, fmt.Sprintf("AI %s of a bill of %s%s, %s, %s", explore.MoneyText(l.AI, l.Currency), explore.MoneyText(l.All, l.Currency), basis, state, billed))
	}
	return lines
}
