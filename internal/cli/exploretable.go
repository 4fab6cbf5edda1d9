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
	sh.writeBill(a)
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
	span     bool // a column for the day or month
	compared bool
}

// blockGrid lays out one currency's table: rows, total, and the total's parts
// by class of charge.
func blockGrid(a *explore.Answer, b explore.Block, brief bool) *grid {
	q := a.Question
	l := layout{a: a, currency: b.Currency, span: q.Granularity != explore.Total, compared: !a.ComparedWith.Empty()}
	g := &grid{columns: l.columns()}
	for _, r := range b.Rows {
		lead := keyTexts(q.By, r)
		if l.span {
			lead = append([]string{l.spanText(r)}, lead...)
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
	switch l.a.Question.Granularity {
	case explore.Daily:
		columns = append(columns, column{name: "day"})
	case explore.Monthly:
		columns = append(columns, column{name: "month"})
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
		if m == explore.Cost && l.compared {
			columns = append(columns, column{name: "previous", right: true}, column{name: "change", right: true})
		}
	}
	return columns
}

// spanText names a row's day or month; a star marks what AWS still adds to.
func (l *layout) spanText(r explore.AnswerRow) string {
	text := r.Start.Format(time.DateOnly)
	if l.a.Question.Granularity == explore.Monthly {
		text = r.Start.Format("2006-01")
		month := showback.MonthOf(r.Start).Period()
		if r.Start != month.Start || r.End != month.End { // a part of the month
			text += fmt.Sprintf(" (%d–%d)", r.Start.Day(), r.End.AddDate(0, 0, -1).Day())
		}
	}
	if r.Incomplete {
		text += " *"
	}
	return text
}

// lead returns the cells before the figures of a row that has a name.
func (l *layout) lead(name string) []string {
	n := len(l.a.Question.By)
	if l.span {
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
		now := figureOf(f, m)
		cells = append(cells, now.shown(m, l.currency))
		if m == explore.Cost && l.compared {
			cells = append(cells, l.before(now, previous)...)
		}
	}
	return cells
}

// before returns the previous cost and the change.
func (l *layout) before(now figure, previous *explore.Figures) []string {
	if previous == nil {
		return []string{"", ""}
	}
	then := figureOf(*previous, explore.Cost)
	shown := then.shown(explore.Cost, l.currency)
	switch {
	case previous.Charges == 0:
		return []string{"-", "new"}
	case now.Missing != "" || then.Missing != "":
		return []string{shown, ""}
	}
	return []string{shown, signedMoney(now.Value.Sub(then.Value), l.currency)}
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
		if m == explore.Cost && l.compared {
			cells = append(cells, "", "")
		}
	}
	return cells
}

// billBasis is the basis of explore.Answer.Bill, whatever the question's.
const billBasis = showback.Unblended

// writeBill sets the AI spend beside the whole bill.
func (sh *shell) writeBill(a *explore.Answer) {
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
	for _, l := range a.Bill {
		fmt.Fprintf(sh.Out, "AI %s of a bill of %s%s, %s, %s\n", explore.MoneyText(l.AI, l.Currency), explore.MoneyText(l.All, l.Currency), basis, state, billed)
	}
}
