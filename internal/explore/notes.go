package explore

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"showback"
)

// The codes of notes. They are stable: programs read them.
const (
	NoteNoCharges         = "no-charges"               // nothing passes the whole question
	NoteNoMonthYet        = "no-data-this-month"       // another month is shown in its place
	NoteMissingBills      = "missing-bills"            // months of the period without a bill
	NoteBasisNotAvailable = "basis-not-available"      // some bills do not carry the basis
	NoteNoListPrice       = "no-list-price"            // charges without a list price
	NoteKeyNotSeen        = "key-not-seen"             // no bill ever carried the tag key
	NoteKeyNotSeenYet     = "key-not-seen-yet"         // the tag key begins within or after the period
	NoteKeyElsewhere      = "key-in-other-source"      // only another source carries the tag key
	NoteNoMatch           = "no-match"                 // a value of the filter matches nothing
	NoteCurrencies        = "several-currencies"       // one block each
	NoteOpenMonth         = "open-month"               // AWS may still change it
	NoteBilledApart       = "billed-to-differs"        // payers are billed to different days
	NoteIncompleteDays    = "incomplete-days"          // the last two billed days
	NoteClaimedPersons    = "claimed-persons"          // names that callers chose themselves
	NoteRejects           = "rejects"                  // lines that could not be read are in no figure
	NoteBlankNet          = "blank-net"                // blank net amounts counted as 0
	NoteLateUsage         = "late-usage"               // usage outside its month counts on the nearest day
	NoteUnitCost          = "unit-cost"                // charges that no unit cost has
	NotePreviousWhole     = "previous-has-whole-month" // tax, fees, … of a month of which only days are compared
	NoteBillNotTold       = "bill-not-told"            // why no whole bill stands beside
	NoteNotCompared       = "not-compared"             // the period to compare with cannot be asked
)

// notes gathers what the asker should know, most telling first.
func (a *asking) notes(ctx context.Context, answer *Answer) ([]Note, error) {
	var notes []Note
	unmatched, err := a.noteValues(ctx)
	if err != nil {
		return nil, err
	}
	notes = append(notes, unmatched...)
	if len(answer.Blocks) == 0 && len(unmatched) == 0 {
		notes = append(notes, a.noteNothing())
	}
	tags, err := a.noteTags(ctx)
	if err != nil {
		return nil, err
	}
	notes = append(notes, tags...)
	claimed, err := a.noteClaimed(ctx)
	if err != nil {
		return nil, err
	}
	notes = append(notes, claimed...)
	notes = append(notes, a.noteBasis()...)
	if n := len(answer.Blocks); n > 1 {
		var names []string
		for _, b := range answer.Blocks {
			names = append(names, b.Currency)
		}
		notes = append(notes, Note{NoteCurrencies, fmt.Sprintf("%d currencies, %s: one block each, never added", n, strings.Join(names, ", "))})
	}
	notes = append(notes, a.noteBills()...)
	if a.untold != nil {
		notes = append(notes, Note{NoteBillNotTold, "the whole bill does not stand beside: " + strings.TrimPrefix(a.untold.Error(), "ask: ")})
	}
	notes = append(notes, a.noteLines()...)
	notes = append(notes, a.noteUnitCost(answer)...)
	return append(notes, a.noteOpen()...), nil
}

func (a *asking) noteNothing() Note {
	what := "no charge"
	if a.q.Scope == ScopeAI {
		what = "no AI charge"
	}
	text := what + " in " + a.q.Period.Inclusive()
	if a.q.Filter != nil {
		text = what + " passes the whole filter in " + a.q.Period.Inclusive()
	}
	if len(a.q.Classes) > 0 {
		text += " among the charges asked for"
	}
	return Note{NoteNoCharges, text}
}

// noteBasis names the bills that do not carry the basis and what their charges
// weigh, and the charges without a list price.
func (a *asking) noteBasis() []Note {
	lack := map[showback.Missing]map[string]weightless{}
	for currency, causes := range a.unpriced {
		for cause, w := range causes {
			if lack[cause] == nil {
				lack[cause] = map[string]weightless{}
			}
			lack[cause][currency] = w
		}
	}
	var notes []Note
	if w := lack[showback.NotAvailable]; w != nil {
		var without []Delivered
		for _, d := range a.in {
			if !slices.Contains(d.Bases, a.q.Basis) {
				without = append(without, d)
			}
		}
		notes = append(notes, Note{NoteBasisNotAvailable, fmt.Sprintf(
			"the bills of %s do not carry the %s basis: (%s) stands for %s and is in no total",
			billsText(without), a.q.Basis, showback.NotAvailable, weightText(w))})
	}
	if w := lack[showback.NoListPrice]; w != nil {
		notes = append(notes, Note{NoteNoListPrice, fmt.Sprintf(
			"(%s) stands for %s and is in no total", showback.NoListPrice, weightText(w))})
	}
	return notes
}

// weightText writes "12 charges of $3.40 unblended".
func weightText(byCurrency map[string]weightless) string {
	var charges int64
	amounts := map[string]showback.Decimal{}
	for currency, w := range byCurrency {
		charges += w.charges
		amounts[currency] = w.unblended
	}
	return fmt.Sprintf("%s of %s unblended", counted(charges, "charge"), AmountsText(amounts))
}

// billsText names bills by payer and months.
func billsText(deliveries []Delivered) string {
	months := map[string][]Delivered{}
	for _, d := range deliveries {
		name := payersText([]Delivered{d})
		months[name] = append(months[name], d)
	}
	var texts []string
	for _, name := range slices.Sorted(maps.Keys(months)) {
		texts = append(texts, name+" "+MonthsText(monthsOf(months[name])))
	}
	return strings.Join(texts, "; ")
}

// noteBills names the months of the period that have no bill: those before and
// after all bills, and those that a payer lacks after its first one.
func (a *asking) noteBills() []Note {
	held := map[string][]Delivered{}
	for _, d := range a.cov.Deliveries {
		held[d.Payer] = append(held[d.Payer], d)
	}
	ledger := monthsOf(a.cov.Deliveries)
	begin, end := ledger[0], ledger[len(ledger)-1]
	var gaps []string
	for _, payer := range slices.Sorted(maps.Keys(held)) {
		months := monthsOf(held[payer])
		var without []showback.Month
		for _, m := range a.q.Period.Months() {
			if m > months[0] && m <= end && !slices.Contains(months, m) {
				without = append(without, m)
			}
		}
		if len(without) > 0 {
			gaps = append(gaps, "none of "+payersText(held[payer][:1])+" for "+MonthsText(without))
		}
	}
	if a.q.Period.Start.Before(begin.Start()) {
		gaps = append(gaps, "none before "+string(begin))
	}
	if a.q.Period.End.After(end.End()) {
		gaps = append(gaps, "none after "+string(end))
	}
	if len(gaps) == 0 {
		return nil
	}
	return []Note{{NoteMissingBills, "bills are missing from the store: " + strings.Join(gaps, "; ")}}
}

// noteOpen says which months and days AWS may still change.
func (a *asking) noteOpen() []Note {
	var notes []Note
	var open, latest []Delivered
	for _, d := range a.in {
		if d.Open {
			open = append(open, d)
		}
	}
	if len(open) > 0 {
		months := monthsOf(open)
		notes = append(notes, Note{NoteOpenMonth, fmt.Sprintf("%s %s open: AWS may still change what it bills",
			MonthsText(months), isAre(int64(len(months))))})
	}
	for _, d := range a.cov.latest() {
		if a.q.Period.Contains(d.LastDay) {
			latest = append(latest, d)
		}
	}
	if differ := slices.ContainsFunc(latest, func(d Delivered) bool { return !d.LastDay.Equal(latest[0].LastDay) }); differ {
		slices.SortFunc(latest, func(x, y Delivered) int {
			return cmp.Or(x.LastDay.Compare(y.LastDay), cmp.Compare(x.Payer, y.Payer))
		})
		var texts []string
		for _, d := range latest {
			texts = append(texts, payersText([]Delivered{d})+" to "+d.LastDay.Format(time.DateOnly))
		}
		notes = append(notes, Note{NoteBilledApart, "payers are billed to different days: " + strings.Join(texts, ", ")})
	}
	if days := a.incomplete(); len(days) > 0 {
		var texts []string
		for _, d := range days {
			texts = append(texts, d.Format(time.DateOnly))
		}
		notes = append(notes, Note{NoteIncompleteDays, fmt.Sprintf("%s %s incomplete: AWS adds to the last two billed days",
			strings.Join(texts, ", "), isAre(int64(len(days))))})
	}
	return notes
}
