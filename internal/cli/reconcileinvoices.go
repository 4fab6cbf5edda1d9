package cli

import (
	"context"
	"encoding/csv"
	"fmt"

	"showback"
	"showback/internal/explore"
	"showback/internal/reconcile"
)

const invoicesHelp = `
--invoices lists what the store holds as it is invoiced: the whole bill (every
service, unblended) by payer, month, invoice, invoicing entity, currency and
charge type, the AI part beside each. Amounts are exact, and rounded half away
from zero to the currency's smallest unit. Rounded rows need not add up to the
rounded sum: the difference stands under each invoice. Charges that are on no
invoice yet stand under (no invoice). CSV has the rows:

  payer,month,invoice,invoicing_entity,currency,charge_type,exact,rounded,
  ai_exact,ai_rounded,ai_percent

ai_percent is rounded to two decimals, and empty where exact is 0.`

// invoices lists the bill by invoice.
func (sh *shell) invoices(ctx context.Context, opened *Opened, f *reconcileFlags, months []showback.Month) error {
	list, err := reconcile.ListInvoices(ctx, reconcile.InvoiceRequest{Engine: opened.Engine, Months: months, Payer: f.payer})
	if err != nil {
		return err
	}
	switch f.format {
	case formatCSV:
		for _, n := range list.Notes {
			sh.remark("note: %s", clean(n.Text, ""))
		}
		return sh.writeInvoicesCSV(list)
	case formatJSON:
		return sh.writeJSON(list)
	}
	sh.writeInvoices(list)
	return nil
}

func (sh *shell) writeInvoicesCSV(list *reconcile.Invoices) error {
	w := csv.NewWriter(sh.Out)
	w.Write([]string{"payer", "month", "invoice", "invoicing_entity", "currency", "charge_type", "exact", "rounded",
		"ai_exact", "ai_rounded", "ai_percent"})
	for _, r := range list.Rows {
		decimals := reconcile.MinorUnit(r.Currency)
		percent := ""
		if r.AIPercent != nil {
			percent = r.AIPercent.Fixed(2)
		}
		w.Write([]string{r.Payer, string(r.Month), orCause(r.Number, "invoice"), orCause(r.Entity, "invoicing entity"), r.Currency,
			orCause(r.ChargeType, "charge type"), r.Exact.String(), r.Rounded.Fixed(decimals),
			r.AIExact.String(), r.AIRounded.Fixed(decimals), percent})
	}
	w.Flush()
	return w.Error()
}

// orCause writes a text, or that there is none.
func orCause(text *string, what string) string {
	if text == nil {
		return explore.Value{Missing: showback.None(what, "")}.String()
	}
	return explore.Value{Text: *text}.String()
}

// writeInvoices prints a table for each invoice and one of all payers.
func (sh *shell) writeInvoices(list *reconcile.Invoices) {
	sh.paragraph("", fmt.Sprintf("The whole bill by invoice: every service · %s · %s", explore.MonthsText(list.Months), list.Basis))
	rows := list.Rows
	for _, i := range list.Invoices {
		n := 0
		for n < len(rows) && sameInvoice(rows[n].InvoiceID, i.InvoiceID) {
			n++
		}
		fmt.Fprintln(sh.Out)
		number := orCause(i.Number, "invoice")
		if i.Number != nil {
			number = "invoice " + number
		}
		sh.paragraph("", fmt.Sprintf("%s · %s · %s · %s", payerText(i.Payer, i.PayerName), i.Month, number, orCause(i.Entity, "invoicing entity")))
		invoiceGrid(i, rows[:n]).write(sh.Out, sh.Width, "")
		rows = rows[n:]
	}
	fmt.Fprintln(sh.Out)
	for _, t := range list.Totals {
		sh.writeInvoiceTotal(t)
	}
	for _, n := range list.Notes {
		sh.paragraph("note: ", n.Text)
	}
}

func sameInvoice(a, b reconcile.InvoiceID) bool {
	return a.Payer == b.Payer && a.Month == b.Month && a.Currency == b.Currency &&
		orCause(a.Number, "") == orCause(b.Number, "") && orCause(a.Entity, "") == orCause(b.Entity, "")
}

func payerText(payer, name string) string {
	if name == "" {
		return payer
	}
	return payer + " (" + name + ")"
}

func invoiceGrid(i reconcile.Invoice, rows []reconcile.InvoiceRow) *grid {
	g := &grid{columns: []column{{name: "charge type", shrinks: true}, {name: "exact " + i.Currency, right: true}, {name: "rounded", right: true},
		{name: "AI", right: true}, {name: "AI %", right: true}}}
	for _, r := range rows {
		g.rows = append(g.rows, figureCells(orCause(r.ChargeType, "charge type"), r.InvoiceFigures, i.Currency))
	}
	g.footer = append(g.footer, figureCells("Total", i.InvoiceFigures, i.Currency),
		[]string{"rounded rows add up to", "", fixed(i.RoundedParts, i.Currency), "", ""})
	if !i.RoundingDifference.IsZero() {
		g.footer = append(g.footer, []string{"rounding difference", "", signedFixed(i.RoundingDifference, i.Currency), "", ""})
	}
	return g
}

func figureCells(name string, f reconcile.InvoiceFigures, currency string) []string {
	percent := "-"
	if f.AIPercent != nil {
		percent = f.AIPercent.Fixed(2)
	}
	return []string{name, explore.Grouped(f.Exact.String()), fixed(f.Rounded, currency), fixed(f.AIRounded, currency), percent}
}

// fixed writes an amount in the smallest units of its currency.
func fixed(amount showback.Decimal, currency string) string {
	return explore.Grouped(amount.Fixed(reconcile.MinorUnit(currency)))
}

func signedFixed(amount showback.Decimal, currency string) string {
	if amount.Sign() > 0 {
		return "+" + fixed(amount, currency)
	}
	return fixed(amount, currency)
}

// writeInvoiceTotal prints what a payer is billed in one currency.
func (sh *shell) writeInvoiceTotal(t reconcile.InvoiceTotal) {
	sh.paragraph("", fmt.Sprintf("%s · %s · total", payerText(t.Payer, t.PayerName), plural(int64(t.Invoices), "invoice")))
	g := &grid{columns: []column{{name: "", shrinks: true}, {name: "exact " + t.Currency, right: true}, {name: "rounded", right: true},
		{name: "AI", right: true}, {name: "AI %", right: true}}}
	g.rows = append(g.rows, figureCells("whole bill", t.InvoiceFigures, t.Currency),
		[]string{"rounded invoices add up to", "", fixed(t.RoundedParts, t.Currency), "", ""})
	if !t.RoundingDifference.IsZero() {
		g.rows = append(g.rows, []string{"rounding difference", "", signedFixed(t.RoundingDifference, t.Currency), "", ""})
	}
	g.write(sh.Out, sh.Width, "")
	fmt.Fprintln(sh.Out)
}
