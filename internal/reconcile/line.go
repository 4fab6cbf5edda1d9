package reconcile

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"showback"
)

// textColumn is a column that is read as text, or as what stands for one.
type textColumn int

const (
	payerColumn textColumn = iota
	periodColumn
	typeColumn
	currencyColumn
	codeColumn
	nameColumn
	productColumn // a map
	reservationColumn
	textColumns
)

// amountColumn is a column of amounts.
type amountColumn int

const (
	unblended amountColumn = iota
	netUnblended
	blended
	list
	spEffective
	spNetEffective
	spTotal
	spUsed
	riEffective
	riNetEffective
	riUpfront
	riRecurring
	riNetUpfront
	riNetRecurring
	amountColumns
)

// The columns that the proof needs, by their names in a delivery. (AWS, "Cost
// and Usage Report 2.0 table dictionary", 2026-09.)
var (
	textNames = [textColumns]string{
		payerColumn:       "bill_payer_account_id",
		periodColumn:      "bill_billing_period_start_date",
		typeColumn:        "line_item_line_item_type",
		currencyColumn:    "line_item_currency_code",
		codeColumn:        "line_item_product_code",
		nameColumn:        "product_product_name",
		productColumn:     "product",
		reservationColumn: "reservation_reservation_a_r_n",
	}
	amountNames = [amountColumns]string{
		unblended:      "line_item_unblended_cost",
		netUnblended:   "line_item_net_unblended_cost",
		blended:        "line_item_blended_cost",
		list:           "pricing_public_on_demand_cost",
		spEffective:    "savings_plan_savings_plan_effective_cost",
		spNetEffective: "savings_plan_net_savings_plan_effective_cost",
		spTotal:        "savings_plan_total_commitment_to_date",
		spUsed:         "savings_plan_used_commitment",
		riEffective:    "reservation_effective_cost",
		riNetEffective: "reservation_net_effective_cost",
		riUpfront:      "reservation_unused_amortized_upfront_fee_for_billing_period",
		riRecurring:    "reservation_unused_recurring_fee",
		riNetUpfront:   "reservation_net_unused_amortized_upfront_fee_for_billing_period",
		riNetRecurring: "reservation_net_unused_recurring_fee",
	}
	// Without these columns, and a value in each, no line can be placed.
	requiredText = []textColumn{payerColumn, periodColumn, typeColumn, currencyColumn}
)

// line is one line of a delivered file, reduced to what is compared. A reader
// reuses one line for all: it is valid during the visit only.
type line struct {
	row     int64 // from 1, a header not counted
	text    [textColumns]string
	month   showback.Month
	amounts [amountColumns]amount
	bad     error // the first thing on it that cannot be read; nil when it is whole
}

// service is the product's name, of its own column before that of the map,
// else its code.
func (l *line) service() string {
	return cmp.Or(l.text[nameColumn], l.text[productColumn], l.text[codeColumn])
}

// reset empties the line for the next row.
func (l *line) reset(row int64) {
	l.row, l.bad, l.month = row, nil, ""
	l.text = [textColumns]string{}
	for i := range l.amounts {
		l.amounts[i].clear()
	}
}

// check finds what a line cannot do without.
func (l *line) check() {
	for _, c := range requiredText {
		if c != periodColumn && l.text[c] == "" || c == periodColumn && l.month == "" {
			l.fail(textNames[c], "", "a value on every line")
		}
	}
	if !l.amounts[unblended].present {
		l.fail(amountNames[unblended], "", "a number on every line")
	}
}

// fail records what a cell holds and what was wanted, unless something is
// wrong with the line already.
func (l *line) fail(column, found, want string) {
	if l.bad != nil {
		return
	}
	what := fmt.Sprintf("found %q", found)
	if found == "" {
		what = "found nothing"
	}
	l.bad = showback.Errorf(showback.KindInvalid, "read row %d, column %s: %s, want %s", l.row, column, what, want)
}

// cellReader turns cells into the values of a line. It remembers distinct
// values: a month has millions of lines and a handful of payers.
type cellReader struct {
	parser   amountParser
	known    map[string]string
	months   map[string]showback.Month
	products map[string]product
}

type product struct {
	name string
	err  error
}

func newCellReader() *cellReader {
	return &cellReader{
		known:    map[string]string{},
		months:   map[string]showback.Month{},
		products: map[string]product{},
	}
}

// intern returns b as a string that is allocated once per distinct value.
func (r *cellReader) intern(b []byte) string {
	if s, ok := r.known[string(b)]; ok {
		return s
	}
	s := string(b)
	r.known[s] = s
	return s
}

// internText is intern for a text that is part of a larger one, a record.
func (r *cellReader) internText(text string) string {
	if s, ok := r.known[text]; ok {
		return s
	}
	s := strings.Clone(text)
	r.known[s] = s
	return s
}

// setText takes the text of a cell, which outlives the row.
func (r *cellReader) setText(l *line, c textColumn, text string) {
	switch c {
	case periodColumn:
		if text == "" {
			return
		}
		month, ok := r.months[text]
		if !ok {
			month = monthOfText(text)
			r.months[text] = month
		}
		if month == "" {
			l.fail(textNames[c], text, wantPeriod)
		}
		l.month = month
	case productColumn:
		p, ok := r.products[text]
		if !ok {
			p.name, p.err = productName(text)
			r.products[text] = p
		}
		if p.err != nil {
			l.fail(textNames[c], text, "a JSON object of texts")
		}
		l.text[c] = p.name
	default:
		l.text[c] = text
	}
}

const wantPeriod = "a date such as 2026-10-01T00:00:00Z, of a year from 2000 to 2199"

// setAmount takes an amount that is written as text; empty is absent.
func setAmount[T string | []byte](r *cellReader, l *line, c amountColumn, text T) {
	if len(text) == 0 {
		return
	}
	if err := readText(&r.parser, text, &l.amounts[c]); err != nil {
		l.fail(amountNames[c], string(text), "a number: "+err.Error())
	}
}

// The ways in which exports write an instant as text. Go reads fractions of a
// second behind the seconds of any layout.
var instantLayouts = []string{
	time.RFC3339,
	"2006-01-02T15:04:05",
	"2006-01-02 15:04:05",
	"2006-01-02 15:04:05Z07:00",
	"2006-01-02 15:04:05-07",
	"2006-01-02 15:04:05 UTC",
	time.DateOnly,
}

// monthOfText returns the UTC month of an instant, or "" for none.
func monthOfText(text string) showback.Month {
	for _, layout := range instantLayouts {
		if t, err := time.Parse(layout, text); err == nil {
			return monthOf(t)
		}
	}
	return ""
}

// monthOf returns the UTC month of an instant that a bill can have, or "": a
// year far off is damage, or another unit than the type says.
func monthOf(t time.Time) showback.Month {
	if year := t.UTC().Year(); year < 2000 || year > 2199 {
		return ""
	}
	return showback.MonthOf(t)
}

// productName reads product_name out of a map that is written as JSON.
func productName(text string) (string, error) {
	switch strings.TrimSpace(text) {
	case "", "{}", "null", "NULL":
		return "", nil
	}
	var values map[string]json.RawMessage
	if err := json.Unmarshal([]byte(text), &values); err != nil {
		return "", err
	}
	name, raw := "", values["product_name"]
	if raw == nil {
		return "", nil
	}
	err := json.Unmarshal(raw, &name) // null leaves it empty
	return name, err
}
