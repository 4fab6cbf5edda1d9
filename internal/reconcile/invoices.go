package reconcile

import (
	"context"
	"slices"

	"showback"
	"showback/internal/explore"
)

// InvoiceRequest asks for the bill as its payers are invoiced.
type InvoiceRequest struct {
	Engine explore.Engine // answers from one version of the ledger throughout
	Months []showback.Month
	Payer  string // 12 digits; empty for all
}

// Invoices is the whole bill by invoice: every service, unblended, AI or not.
// Amounts of two currencies are never added.
type Invoices struct {
	Basis   showback.Basis   `json:"basis"` // unblended
	Scope   explore.Scope    `json:"scope"` // all
	Version int              `json:"version"`
	Months  []showback.Month `json:"months"` // ascending
	Rows    []InvoiceRow     `json:"rows"`
	// Invoices and Totals add up Rows: by invoice, then by payer and currency.
	Invoices []Invoice      `json:"invoices"`
	Totals   []InvoiceTotal `json:"totals"`
	Notes    []Note         `json:"notes"`
}

// Note is a remark of explore that bears on the list.
type Note struct {
	Code string `json:"code"`
	Text string `json:"text"`
}

// InvoiceID says which invoice. Number is nil for charges that are on none
// yet, Entity where the bill names none.
type InvoiceID struct {
	Payer     string         `json:"payer"`
	PayerName string         `json:"payer_name,omitempty"`
	Month     showback.Month `json:"month"` // the billing period
	Number    *string        `json:"invoice"`
	Entity    *string        `json:"invoicing_entity"`
	Currency  string         `json:"currency"`
}

// InvoiceRow is one charge type of an invoice; nil where the bill is blank.
type InvoiceRow struct {
	InvoiceID
	ChargeType *string `json:"charge_type"`
	InvoiceFigures
}

// Invoice is an invoice with what its rounded rows do not say.
type Invoice struct {
	InvoiceID
	InvoiceFigures
	// RoundedParts is the sum of the rounded rows, RoundingDifference what it
	// exceeds the rounded sum by.
	RoundedParts       showback.Decimal `json:"rounded_parts"`
	RoundingDifference showback.Decimal `json:"rounding_difference"`
}

// InvoiceTotal is what a payer is billed in a currency over all months; its
// rounded parts are the rounded invoices.
type InvoiceTotal struct {
	Payer     string `json:"payer"`
	PayerName string `json:"payer_name,omitempty"`
	Currency  string `json:"currency"`
	Invoices  int    `json:"invoices"`
	InvoiceFigures
	RoundedParts       showback.Decimal `json:"rounded_parts"`
	RoundingDifference showback.Decimal `json:"rounding_difference"`
}

// InvoiceFigures are the amounts of a row or a sum. Rounded amounts are rounded
// half away from zero to the smallest unit of the currency.
type InvoiceFigures struct {
	Charges   int64            `json:"charges"`
	Exact     showback.Decimal `json:"exact"`
	Rounded   showback.Decimal `json:"rounded"`
	AIExact   showback.Decimal `json:"ai_exact"`
	AIRounded showback.Decimal `json:"ai_rounded"`
	// AIPercent is the AI part of Exact, rounded to two decimals; nil where
	// Exact is 0. Credits beside usage can take it below 0 or above 100.
	AIPercent *showback.Decimal `json:"ai_percent"`
}

// ListInvoices lists the bill of the months by invoice, all months that the
// ledger holds where none is given. The sums of each payer and currency are
// compared with those that Run compares with the files. Errors: KindNotFound
// for a payer without a bill and for a month without one, KindInternal where
// the two ways of adding up differ, and those of the engine.
func ListInvoices(ctx context.Context, req InvoiceRequest) (*Invoices, error) {
	coverage, err := req.Engine.Coverage(ctx)
	if err != nil {
		return nil, showback.Errorf(showback.KindOf(err), "read coverage: %w", err)
	}
	l := &invoiceList{
		req: req, names: map[string]string{}, rows: map[invoiceKey]*InvoiceFigures{}, order: map[invoiceKey]InvoiceRow{},
		out: &Invoices{Basis: showback.Unblended, Scope: explore.ScopeAll, Version: coverage.Version, Notes: []Note{}},
	}
	if err := l.choose(coverage); err != nil {
		return nil, err
	}
	for _, period := range periods(l.out.Months) {
		if err := l.ask(ctx, period); err != nil {
			return nil, err
		}
	}
	l.addUp()
	return l.out, l.check(ctx)
}

// invoiceList is a list under way.
type invoiceList struct {
	req   InvoiceRequest
	names map[string]string // of payers
	rows  map[invoiceKey]*InvoiceFigures
	order map[invoiceKey]InvoiceRow // without figures
	out   *Invoices
}

// invoiceKey identifies a row by what it is grouped by.
type invoiceKey struct {
	payer, month, invoice, entity, chargeType explore.Value
	currency                                  string
}

// choose picks the months asked for and the payers' names.
func (l *invoiceList) choose(coverage explore.Coverage) error {
	held := map[showback.Month]bool{}
	known := false
	for _, d := range coverage.Deliveries {
		if l.req.Payer != "" && d.Payer != l.req.Payer {
			continue
		}
		known = true
		held[d.Month] = true
		if d.PayerName != "" {
			l.names[d.Payer] = d.PayerName
		}
	}
	whose := ""
	if l.req.Payer != "" {
		whose = " of payer " + l.req.Payer
	}
	switch {
	case len(coverage.Deliveries) == 0:
		return showback.WithHint(showback.Errorf(showback.KindNotFound, "list invoices: the store has no bills yet"),
			"import an export with showback import FOLDER, or try showback demo")
	case !known:
		return showback.WithHint(showback.Errorf(showback.KindNotFound, "list invoices: no bill%s", whose),
			"showback delivery list names the payers of the store")
	}
	l.out.Months = sortedMonths(held)
	if len(l.req.Months) == 0 {
		return nil
	}
	wanted := map[showback.Month]bool{}
	for _, m := range l.req.Months {
		if !held[m] {
			return showback.WithHint(showback.Errorf(showback.KindNotFound, "list invoices: no bill%s for %s", whose, m),
				"the store has bills of "+explore.MonthsText(l.out.Months))
		}
		wanted[m] = true
	}
	l.out.Months = sortedMonths(wanted)
	return nil
}

// payerFilter is the filter for one payer; nil for all.
func payerFilter(payer string) explore.Expr {
	if payer == "" {
		return nil
	}
	return explore.Match{Key: key("payer"), Values: []explore.Pattern{explore.Exact(payer)}}
}

// ask sums the charges of a period by invoice and splits each row by scope.
func (l *invoiceList) ask(ctx context.Context, period showback.Period) error {
	answer, err := explore.Ask(ctx, l.req.Engine, explore.Question{
		Period: period,
		By: []explore.Key{key("payer"), key("month"), key("invoice"), key("invoicing-entity"), key("charge-type"),
			key("scope")},
		Filter: payerFilter(l.req.Payer), Basis: showback.Unblended, Scope: explore.ScopeAll,
	})
	if err != nil {
		return showback.Errorf(showback.KindOf(err), "list invoices: %w", err)
	}
	for _, b := range answer.Blocks {
		for _, r := range b.Rows {
			l.add(r, b.Currency)
		}
	}
	for _, n := range answer.Notes {
		if slices.Contains(invoiceNotes, n.Code) && !slices.Contains(l.out.Notes, Note(n)) {
			l.out.Notes = append(l.out.Notes, Note(n))
		}
	}
	return nil
}

// invoiceNotes are the notes of an answer that say what an invoice lacks.
var invoiceNotes = []string{explore.NoteMissingBills, explore.NoteOpenMonth, explore.NoteRejects}

func (l *invoiceList) add(r explore.AnswerRow, currency string) {
	k := invoiceKey{r.Keys[0], r.Keys[1], r.Keys[2], r.Keys[3], r.Keys[4], currency}
	f := l.rows[k]
	if f == nil {
		f = &InvoiceFigures{}
		l.rows[k] = f
		l.order[k] = InvoiceRow{
			InvoiceID: InvoiceID{
				Payer: k.payer.Text, PayerName: l.names[k.payer.Text], Month: showback.Month(k.month.Text),
				Number: textOf(k.invoice), Entity: textOf(k.entity), Currency: currency,
			},
			ChargeType: textOf(k.chargeType),
		}
	}
	f.Charges += r.Charges
	f.Exact = f.Exact.Add(r.Cost.Value)
	if r.Keys[5].Text == explore.ValueAI {
		f.AIExact = f.AIExact.Add(r.Cost.Value)
	}
}

// textOf returns a value's text; nil where there is none.
func textOf(v explore.Value) *string {
	if v.Missing != "" {
		return nil
	}
	return &v.Text
}

// check compares the sum of each payer and currency with what the ledger says
// of the same months to Run, which is what is compared with the files.
func (l *invoiceList) check(ctx context.Context) error {
	type owned struct{ payer, currency string }
	sums := map[owned]showback.Decimal{}
	for _, month := range l.out.Months {
		rows, err := EngineLedger{l.req.Engine}.Sums(ctx, month, showback.Unblended)
		if err != nil {
			return err
		}
		for _, r := range rows {
			if l.req.Payer == "" || r.Payer == l.req.Payer {
				sums[owned{r.Payer, r.Currency}] = sums[owned{r.Payer, r.Currency}].Add(r.Cost)
			}
		}
	}
	for _, t := range l.out.Totals {
		o := owned{t.Payer, t.Currency}
		if !sums[o].Equal(t.Exact) {
			return showback.Errorf(showback.KindInternal, "list invoices of payer %s: they add up to %s %s, its charges to %s",
				t.Payer, t.Exact, t.Currency, sums[o])
		}
		delete(sums, o)
	}
	for o := range sums {
		return showback.Errorf(showback.KindInternal, "list invoices of payer %s: its charges in %s are on no row", o.payer, o.currency)
	}
	return nil
}
