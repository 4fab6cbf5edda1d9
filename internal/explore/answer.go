package explore

import (
	"time"

	"showback"
)

// Answer is what a question gets: one block per currency, never added, and all
// that was applied. Surfaces render it and compute nothing.
type Answer struct {
	Question Question
	Version  int // of the ledger
	Blocks   []Block
	// Bill has one line per currency: the AI part and the whole bill of the
	// payers and days asked, on the unblended basis, whatever the filter.
	Bill []BillLine
	// BilledTo is the last day, inclusive, with billed usage in the period;
	// zero when there is none.
	BilledTo time.Time
	// Open reports that a billing month in the period is still open.
	Open  bool
	Notes []Note
	// ComparedWith is the period that Compare set beside this one; zero when
	// there is none.
	ComparedWith showback.Period

	groups     map[string][]group // by currency, before folding: Compare needs them
	incomplete []time.Time        // days that AWS still adds to; nil when spans are longer than weeks
}

// BillLine sets the AI spend beside the whole bill, in one currency.
type BillLine struct {
	Currency string
	AI       showback.Decimal
	All      showback.Decimal
}

// Note is a remark that belongs to the answer: a code for programs, a text for
// people.
type Note struct {
	Code string // stable: one of the Note… constants
	Text string
}

// Block is the answer in one currency.
type Block struct {
	Currency string
	Rows     []AnswerRow
	// Total adds up the rows, those that Top folded included. Rows without a
	// cost are not in its cost.
	Total Figures
	// Previous is the total of the period compared with; nil when nothing is
	// compared.
	Previous *Figures
	// Classes has the subtotals by charge class, in the order of
	// showback.ChargeClasses, classes without charges left out.
	Classes []ClassTotal
}

// ClassTotal is the part of a block's total that is of one class.
type ClassTotal struct {
	Class showback.ChargeClass
	Cost  showback.Decimal
	// Missing is set when no charge of the class has an amount on the basis.
	Missing showback.Missing
}

// AnswerRow is one row of a block. Rows come as the question's Sort says; else,
// and where that leaves them equal, by start, then by cost from the largest to
// the smallest, then by keys; a folded row comes last of its span.
type AnswerRow struct {
	// Start and End are the row's span, half-open. Both are the end of the
	// question's period where only the period compared with has such a span.
	Start, End time.Time
	// Beside is the span of the period compared with that stands beside: the one
	// as many spans after its start. Zero when nothing is compared, empty when that
	// period has not so many.
	Beside showback.Period
	Keys   []Value
	// Others is how many rows this one stands for; 0 for an ordinary row. The
	// keys of such a row are empty.
	Others int
	Figures
	// Previous holds the same figures in the period compared with; nil when
	// nothing is compared.
	Previous *Figures
	// Incomplete marks a span of at most a week that AWS may still add to.
	Incomplete bool

	index int // of the span
}

// Presence says in which of the periods compared the row has charges; empty
// when nothing is compared.
func (r *AnswerRow) Presence() Presence { return PresenceOf(r.Figures, r.Previous) }

// Figures are the measures of a row or a total. A measure that has no value
// carries its cause, one that the question does not need NotAsked; there is
// always a cost.
type Figures struct {
	Charges  int64
	Cost     Figure
	Tokens   Figure
	Quantity Figure
	Unit     string // of Quantity
	UnitCost Figure // per million tokens, rounded half away from zero to 10 decimals
}

// Of returns the figure of a measure.
func (f Figures) Of(m Measure) Figure {
	switch m {
	case Cost:
		return f.Cost
	case Tokens:
		return f.Tokens
	case Quantity:
		return f.Quantity
	case UnitCost:
		return f.UnitCost
	}
	panic("BUG: measure " + string(m))
}

// Figure is an exact number, or the reason why there is none.
type Figure struct {
	Value   showback.Decimal
	Missing showback.Missing
}
