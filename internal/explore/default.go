package explore

import (
	"cmp"
	"time"

	"showback"
)

// defaultTop is how many rows the question that nobody typed shows.
const defaultTop = 20

// View is the question that stands when nothing is asked.
type View struct {
	Question Question
	// Beside is the period to compare with.
	Beside showback.Period
	// Notes say why it is not this month that is shown; they are to be said
	// before the answer.
	Notes []Note
}

// DefaultView returns what to show when nothing is asked: the AI spend of now's
// calendar month up to now's day, by person where there is one and else by
// principal, beside the same days of the month before, as far as they are
// billed. When the calendar month has no charges it is the last month that has
// some, with a note that says so. A ledger without any charges gets the
// calendar month, and Ask says that there is no bill.
func DefaultView(c Coverage, now time.Time) View {
	today := showback.Day(now)
	this := showback.MonthOf(today)
	shown := lastMonth(c, this)
	v := View{Question: Question{
		Granularity: Total, By: []Key{named("who")}, Basis: showback.Unblended, Measures: []Measure{Cost},
		Scope: ScopeAI, TagView: TagsBilled, Top: defaultTop,
	}}
	v.Question.Period = showback.Period{Start: this.Start(), End: today.Add(day)}
	if shown != "" && shown != this {
		v.Question.Period = shown.Period()
		v.Notes = []Note{{NoteNoMonthYet, "no bill of " + monthName(this) + " yet; this is " + monthName(shown) + ", the last month that has one"}}
	}
	v.Beside = Previous(v.Question.Period, c)
	return v
}

// lastMonth returns the last month with charges that is not after this; where
// all are, the last of them; empty when no month has charges.
func lastMonth(c Coverage, this showback.Month) showback.Month {
	var before, any showback.Month
	for _, d := range c.Deliveries {
		if d.Charges == 0 {
			continue
		}
		any = max(any, d.Month)
		if d.Month <= this {
			before = max(before, d.Month)
		}
	}
	return cmp.Or(before, any)
}

func monthName(m showback.Month) string { return m.Start().Format("January 2006") }
