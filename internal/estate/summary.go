package estate

import "showback"

// Summary says what was written and what it adds up to.
type Summary struct {
	// Dir is the folder to import: it has a folder for each export.
	Dir      string
	Exports  []ExportSummary
	Restated Restated
}

// ExportSummary describes the current deliveries of one export.
type ExportSummary struct {
	Name         string
	Path         string // folder with data/ and metadata/
	Payer        string
	PayerName    string
	Currency     string
	CallerColumn bool
	Months       []MonthSummary
	Rows         int
}

// MonthSummary describes one delivery of one billing period.
type MonthSummary struct {
	Month  showback.Month
	Open   bool
	Rows   int
	Totals []Total // of the bases that the delivery carries, in the order of showback.Bases
}

// Total is the exact sum of a month's charges on one basis.
type Total struct {
	Basis  showback.Basis
	Amount showback.Decimal
	// Rows is how many charges have an amount: all of them but for the list
	// basis, where a blank price is no price.
	Rows int
}

// Restated describes the month that was delivered twice. Newer is the current
// delivery, also found among the export's months; both are executions of the
// export's folder. Path has a copy of the older one alone.
type Restated struct {
	Export   string
	Payer    string
	Currency string
	Month    showback.Month
	Path     string
	Older    MonthSummary
	Newer    MonthSummary
}

// Total returns the month's sum on a basis; ok is false when the delivery does
// not carry it.
func (m MonthSummary) Total(basis showback.Basis) (sum showback.Decimal, ok bool) {
	for _, t := range m.Totals {
		if t.Basis == basis {
			return t.Amount, true
		}
	}
	return showback.Decimal{}, false
}

// Total returns the sum of a payer's month in a currency on a basis; ok is
// false when nothing was billed there or the delivery does not carry the basis.
func (s Summary) Total(payer string, month showback.Month, currency string, basis showback.Basis) (sum showback.Decimal, ok bool) {
	for _, x := range s.Exports {
		if x.Payer != payer || x.Currency != currency {
			continue
		}
		for _, m := range x.Months {
			if m.Month == month {
				return m.Total(basis)
			}
		}
	}
	return showback.Decimal{}, false
}

// Rows returns the number of charges of all current deliveries.
func (s Summary) Rows() int {
	rows := 0
	for _, x := range s.Exports {
		rows += x.Rows
	}
	return rows
}

// summing adds up the lines of one delivery.
type summing struct {
	x      *export
	sum    MonthSummary
	totals []totalling
}

type totalling struct {
	basis showback.Basis
	tally tally
	rows  int
}

func newSumming(e *Estate, x *export, m showback.Month) *summing {
	s := &summing{x: x, sum: MonthSummary{Month: m, Open: e.open(m)}}
	for _, basis := range showback.Bases {
		s.totals = append(s.totals, totalling{basis: basis})
	}
	return s
}

func (s *summing) add(l *line) {
	s.sum.Rows++
	for i := range s.totals {
		t := &s.totals[i]
		if of, ok := l.on(s.x, t.basis); ok {
			t.tally.add(of[0].fixed)
			t.tally.add(of[1].fixed)
			t.rows++
		}
	}
}

func (s *summing) summary() MonthSummary {
	for i := range s.totals {
		if t := &s.totals[i]; t.rows > 0 {
			s.sum.Totals = append(s.sum.Totals, Total{Basis: t.basis, Amount: t.tally.sum(), Rows: t.rows})
		}
	}
	return s.sum
}
