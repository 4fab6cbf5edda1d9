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
	accountColumn
	callerColumn
	usageTypeColumn
	unitColumn
	startColumn
	tagsColumn // a map, as are the next two
	resourceTagsColumn
	costCategoryColumn
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
	quantity
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

		accountColumn:      "line_item_usage_account_id",
		callerColumn:       "line_item_iam_principal",
		usageTypeColumn:    "line_item_usage_type",
		unitColumn:         "pricing_unit",
		startColumn:        "line_item_usage_start_date",
		tagsColumn:         "tags",
		resourceTagsColumn: "resource_tags",
		costCategoryColumn: "cost_category",
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
		quantity:       "line_item_usage_amount",
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
	start   unixDay // of the usage; noDay where the bill does not say
	day     string  // on which the line counts, 2026-10-05; empty without start
	maps    [tagMaps]*billedMap
	tags    string // all tags as one text, see packTags
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
	l.start, l.day, l.tags = noDay, "", ""
	l.maps = [tagMaps]*billedMap{}
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
	instants map[string]instant
	products map[string]product
	calendar calendar
	tags     tagReader
}

// instant is what is kept of a point in time; no month where there is none.
type instant struct {
	month showback.Month
	day   unixDay
}

type product struct {
	name string
	err  error
}

// newCellReader returns a reader of the cells of one file. The tags of the keys
// in wide are left out of every line.
func newCellReader(wide ...showback.TagKey) *cellReader {
	return &cellReader{
		known:    map[string]string{},
		instants: map[string]instant{},
		products: map[string]product{},
		calendar: calendar{texts: map[unixDay]string{}},
		tags:     newTagReader(wide),
	}
}

// intern returns the text as a string that is allocated once.
func intern[T string | []byte](r *cellReader, text T) string {
	s, ok := r.known[string(text)]
	if !ok {
		s = strings.Clone(string(text))
		r.known[s] = s
	}
	return s
}

// setText takes the text of a cell, which need not outlive the row. What a
// text stands for is worked out once.
func setText[T string | []byte](r *cellReader, l *line, c textColumn, text T) {
	if len(text) == 0 {
		return
	}
	switch c {
	case periodColumn, startColumn:
		at, ok := r.instants[string(text)]
		if !ok {
			at = instantOfText(string(text))
			r.instants[strings.Clone(string(text))] = at
		}
		switch {
		case at.month == "":
			l.fail(textNames[c], string(text), "a date such as 2026-10-01T00:00:00Z")
		case c == periodColumn:
			l.month = at.month
		default:
			l.start = at.day
		}
	case productColumn:
		p, ok := r.products[string(text)]
		if !ok {
			p.name, p.err = productName(string(text))
			r.products[strings.Clone(string(text))] = p
		}
		if p.err != nil {
			l.fail(textNames[c], string(text), "a JSON object of texts")
		}
		l.text[c] = p.name
	case tagsColumn, resourceTagsColumn, costCategoryColumn:
		m, ok := r.tags.texts[string(text)]
		if !ok {
			m = r.tags.readText(strings.Clone(string(text)))
		}
		if m != nil && m.err != nil {
			l.fail(textNames[c], string(text), "a JSON object of texts")
		}
		l.maps[c-tagsColumn] = m
	default:
		l.text[c] = intern(r, text)
	}
}

// finish works out what a line says in several columns together.
func (r *cellReader) finish(l *line) {
	l.day = r.calendar.countedOn(l.start, l.month)
	l.tags = r.tags.join(l.maps)
	l.check()
}

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

// instantOfText returns what is kept of an instant; no month for none.
func instantOfText(text string) instant {
	for _, layout := range instantLayouts {
		if t, err := time.Parse(layout, text); err == nil {
			return instant{showback.MonthOf(t), dayOf(t)}
		}
	}
	return instant{}
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
