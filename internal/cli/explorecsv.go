package cli

import (
	"cmp"
	"encoding/csv"
	"fmt"
	"slices"
	"time"

	"showback/internal/explore"
)

// writeCSV prints the rows of an answer: start and end (not included), a column
// for each key named as it was typed, the currency and the measures, as plain
// decimals with every digit. There is no total row. A row that --top folded has
// "(others: 12)" for each key.
func (sh *shell) writeCSV(a *explore.Answer) error {
	w := csv.NewWriter(sh.Out)
	header := []string{"start", "end"}
	for _, k := range a.Question.By {
		header = append(header, k.Typed)
	}
	header = append(header, "currency")
	for _, m := range a.Question.Measures {
		header = append(header, string(m))
	}
	w.Write(header)
	for _, row := range csvRows(a) {
		record := []string{row.Start.Format(time.DateOnly), row.End.Format(time.DateOnly)}
		record = append(record, keyTexts(a.Question.By, row.AnswerRow)...)
		record = append(record, row.currency)
		for _, m := range a.Question.Measures {
			record = append(record, figureOf(row.Figures, m).plain())
		}
		w.Write(record)
	}
	w.Flush()
	return w.Error()
}

// csvRow is a row with the currency of its block.
type csvRow struct {
	explore.AnswerRow
	currency string
}

// csvRows returns the rows of all blocks by span, then currency, then as the
// block has them: one table that a reader can follow in time.
func csvRows(a *explore.Answer) []csvRow {
	var rows []csvRow
	for _, block := range a.Blocks {
		for _, row := range block.Rows {
			rows = append(rows, csvRow{row, block.Currency})
		}
	}
	slices.SortStableFunc(rows, func(a, b csvRow) int {
		return cmp.Or(a.Start.Compare(b.Start), cmp.Compare(a.currency, b.currency))
	})
	return rows
}

// keyTexts writes a row's keys.
func keyTexts(by []explore.Key, row explore.AnswerRow) []string {
	texts := make([]string, len(by))
	for i := range by {
		if row.Others > 0 {
			texts[i] = fmt.Sprintf("(others: %d)", row.Others)
			continue
		}
		texts[i] = row.Keys[i].String()
	}
	return texts
}

// figure is a measure of a row, or its cause.
type figure struct {
	explore.Figure
	unit string // of a quantity
}

func figureOf(f explore.Figures, m explore.Measure) figure {
	switch m {
	case explore.Cost:
		return figure{Figure: f.Cost}
	case explore.Tokens:
		return figure{Figure: f.Tokens}
	case explore.Quantity:
		return figure{f.Quantity, f.Unit}
	case explore.UnitCost:
		return figure{Figure: f.UnitCost}
	}
	panic("BUG: measure " + string(m))
}

// plain writes every digit, or the cause in parentheses.
func (f figure) plain() string {
	if f.Missing != "" {
		return explore.Value{Missing: f.Missing}.String()
	}
	return f.Value.String()
}

// shown writes the figure for a person.
func (f figure) shown(m explore.Measure, currency string) string {
	if f.Missing != "" {
		return explore.Value{Missing: f.Missing}.String()
	}
	switch m {
	case explore.Cost:
		return explore.MoneyText(f.Value, currency)
	case explore.UnitCost:
		return rateText(f.Value, currency)
	case explore.Quantity:
		if f.unit != "" {
			return numberText(f.Value, 2) + " × " + f.unit
		}
	}
	return numberText(f.Value, 2)
}
