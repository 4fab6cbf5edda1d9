package cli

import (
	"cmp"
	"encoding/csv"
	"fmt"
	"slices"

	"showback"
	"showback/internal/explore"
)

// writeCSV prints the rows of an answer: start and end (not included), a column
// for each key named as it was typed, the currency and the measures, as plain
// decimals with every digit. There is no total row. A row that --top folded has
// "(others: 12)" for each key. What is compared has the span beside after the
// row's own, three columns after each measure, and in the last one whether the row
// is in both periods, new or gone.
func (sh *shell) writeCSV(a *explore.Answer) error {
	w := csv.NewWriter(sh.Out)
	w.Write(csvHeader(a))
	for _, row := range csvRows(a) {
		w.Write(csvRecord(a, row))
	}
	w.Flush()
	return w.Error()
}

func csvHeader(a *explore.Answer) []string {
	q, compared := a.Question, !a.ComparedWith.Empty()
	header := []string{"start", "end"}
	if compared {
		header = append(header, "previous-start", "previous-end")
	}
	for _, k := range q.By {
		header = append(header, k.Typed)
	}
	if !byCurrency(q) {
		header = append(header, "currency")
	}
	for _, m := range q.Measures {
		name := string(m)
		header = append(header, name)
		if compared {
			header = append(header, "previous-"+name, name+"-change", name+"-change-percent")
		}
	}
	if compared {
		header = append(header, "presence")
	}
	return header
}

func csvRecord(a *explore.Answer, row csvRow) []string {
	q := a.Question
	span := func(p showback.Period) []string {
		return []string{startText(q.Granularity, p.Start), startText(q.Granularity, p.End)}
	}
	record := span(showback.Period{Start: row.Start, End: row.End})
	if row.Previous != nil {
		record = append(record, span(row.Beside)...)
	}
	for i, text := range keyTexts(q.By, row.AnswerRow) {
		if isCurrency(q.By[i]) && row.Others > 0 {
			text = row.currency // folded rows are of one currency
		}
		record = append(record, text)
	}
	if !byCurrency(q) {
		record = append(record, row.currency)
	}
	for _, m := range q.Measures {
		record = append(record, figureOf(row.Figures, m).plain())
		if row.Previous != nil {
			c := explore.ChangeOf(m, row.Figures, *row.Previous)
			record = append(record, figureOf(*row.Previous, m).plain(), figure{Figure: c.Difference}.plain(), figure{Figure: c.Percent}.plain())
		}
	}
	if row.Previous != nil {
		record = append(record, string(row.Presence()))
	}
	return record
}

// byCurrency reports a question by the currency, which then has its column.
func byCurrency(q explore.Question) bool { return slices.ContainsFunc(q.By, isCurrency) }

func isCurrency(k explore.Key) bool { return k.Name == "currency" }

// csvRow is a row with the currency of its block.
type csvRow struct {
	explore.AnswerRow
	currency string
}

// csvRows returns the rows of all blocks by span, then currency, then as the
// block has them: one table that a reader can follow in time. An order that was
// asked for stands within each currency.
func csvRows(a *explore.Answer) []csvRow {
	var rows []csvRow
	for _, block := range a.Blocks {
		for _, row := range block.Rows {
			rows = append(rows, csvRow{row, block.Currency})
		}
	}
	ordered := len(a.Question.Sort) > 0
	slices.SortStableFunc(rows, func(a, b csvRow) int {
		if ordered {
			return cmp.Compare(a.currency, b.currency)
		}
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
	if m == explore.Quantity {
		return figure{f.Quantity, f.Unit}
	}
	return figure{Figure: f.Of(m)}
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
