package reconcile

import "showback"

// The types of line whose amortized amount is not the unblended one, and the
// fee whose reservation spreads it over its term.
const (
	spCovered   = "SavingsPlanCoveredUsage"
	spRecurring = "SavingsPlanRecurringFee"
	spNegation  = "SavingsPlanNegation"
	spUpfront   = "SavingsPlanUpfrontFee"
	discounted  = "DiscountedUsage"
	riFee       = "RIFee"
	fee         = "Fee"
)

// isCommitment reports a line that one of the first six rows of the table of
// bases is about (ARCHITECTURE.md §3).
func isCommitment(l *line) bool {
	switch l.text[typeColumn] {
	case spCovered, spRecurring, spNegation, spUpfront, discounted, riFee:
		return true
	case fee:
		return l.text[reservationColumn] != ""
	}
	return false
}

// term is an amount that counts, or counts against, the amount of a basis.
type term struct {
	column   amountColumn
	subtract bool
}

var (
	plain    = [amountColumns][]term{}
	unusedSP = []term{{spTotal, false}, {spUsed, true}}
	unusedRI = []term{{riUpfront, false}, {riRecurring, false}}
	unusedNR = []term{{riNetUpfront, false}, {riNetRecurring, false}}
)

func init() {
	for c := range plain {
		plain[c] = []term{{amountColumn(c), false}}
	}
}

// terms says how the amount of a basis is made on a line; none make 0.
func terms(b showback.Basis, l *line) []term {
	switch b {
	case showback.Unblended:
		return plain[unblended]
	case showback.NetUnblended:
		return plain[netUnblended]
	case showback.Blended:
		return plain[blended]
	case showback.List:
		return plain[list]
	}
	net := b == showback.NetAmortized
	if !isCommitment(l) {
		return either(net, plain[netUnblended], plain[unblended])
	}
	switch l.text[typeColumn] {
	case spCovered:
		return either(net, plain[spNetEffective], plain[spEffective])
	case spRecurring:
		return unusedSP // the bill has no net twin of these columns
	case discounted:
		return either(net, plain[riNetEffective], plain[riEffective])
	case riFee:
		return either(net, unusedNR, unusedRI)
	}
	return nil
}

func either(first bool, a, b []term) []term {
	if first {
		return a
	}
	return b
}

// needs are columns that amounts of a delivery are made from, by basis.
type needs map[showback.Basis]*[amountColumns]bool

func newNeeds() needs {
	return needs{showback.Amortized: {}, showback.NetAmortized: {}}
}

// add notes what the line's commitment, if it is one, is made from.
func (n needs) add(l *line) {
	if !isCommitment(l) {
		return
	}
	for basis, columns := range n {
		for _, t := range terms(basis, l) {
			columns[t.column] = true
		}
	}
}

func (n needs) merge(other needs) {
	for basis, columns := range other {
		for c, needed := range columns {
			n[basis][c] = n[basis][c] || needed
		}
	}
}

// carries decides whether a delivery carries a basis: whether every column that
// it is made from has a value somewhere. The amortized bases are made from the
// columns of the commitment types that occur, so without any they are what they
// rest on: unblended, net-unblended.
func carries(b showback.Basis, values *[amountColumns]bool, n needs) bool {
	switch b {
	case showback.Unblended:
		return true
	case showback.NetUnblended:
		return values[netUnblended]
	case showback.Blended:
		return values[blended]
	case showback.List:
		return values[list]
	}
	for c, needed := range n[b] {
		if needed && !values[c] {
			return false
		}
	}
	return b == showback.Amortized || values[netUnblended]
}
