package reconcile

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"showback"
	"showback/internal/engine/mem"
)

// invoiced is one charge on an invoice; model makes it AI.
func invoiced(payer string, month showback.Month, invoice, entity, kind, currency, cost string, model bool) showback.Charge {
	m := showback.Meter{ProductCode: "AmazonS3", UsageType: "TimedStorage-ByteHrs", ProductName: "Amazon Simple Storage Service"}
	if model {
		m = showback.Meter{ProductCode: "AmazonBedrock", UsageType: "USE1-NovaLite-input-tokens", Unit: "1K tokens", ProductName: "Amazon Bedrock"}
	}
	return showback.Charge{
		Payer: payer, PayerName: "Example " + payer[:1], Export: "a", Month: month, Type: kind, Currency: currency,
		UsageStart: month.Start().Add(time.Hour), Meter: m, Invoice: invoice, InvoicingEntity: entity, BillType: "Anniversary",
		Amounts: map[showback.Basis]showback.Decimal{showback.Unblended: showback.MustDecimal(cost)},
	}
}

const awsInc = "Amazon Web Services, Inc."

func invoicedCharges() []showback.Charge {
	return []showback.Charge{
		invoiced(payerA, "2026-09", "1001", awsInc, "Usage", "USD", "10.004", false),
		invoiced(payerA, "2026-09", "1001", awsInc, "Usage", "USD", "1.0000000000000000001", true),
		invoiced(payerA, "2026-09", "1001", awsInc, "Tax", "USD", "0.504", false),
		invoiced(payerA, "2026-09", "1001", awsInc, "Credit", "USD", "-0.504", true),
		invoiced(payerA, "2026-09", "1002", "Amazon Web Services EMEA SARL", "Usage", "EUR", "0.005", true),
		invoiced(payerA, "2026-10", "", awsInc, "Usage", "USD", "3.5", true),
		invoiced(payerA, "2026-11", "1003", awsInc, "Usage", "USD", "7", true),
		invoiced(payerB, "2026-09", "2001", "", "Usage", "JPY", "100.5", true),
		invoiced(payerB, "2026-09", "2001", "", "Fee", "KWD", "0.0005", false),
	}
}

// lines writes a list for comparing: rows, invoices with their rounding, totals.
func (l *Invoices) lines() []string {
	or := func(text *string) string {
		if text == nil {
			return "-"
		}
		return *text
	}
	figures := func(f InvoiceFigures) string {
		percent := "-"
		if f.AIPercent != nil {
			percent = f.AIPercent.Fixed(2)
		}
		return strings.Join([]string{f.Exact.String(), f.Rounded.String(), f.AIExact.String(), f.AIRounded.String(), percent}, " ")
	}
	var out []string
	for _, r := range l.Rows {
		out = append(out, strings.Join([]string{"row", r.Payer[:4], string(r.Month), or(r.Number), or(r.Entity), r.Currency, or(r.ChargeType), figures(r.InvoiceFigures)}, " "))
	}
	for _, i := range l.Invoices {
		out = append(out, strings.Join([]string{"invoice", i.Payer[:4], string(i.Month), or(i.Number), i.Currency, figures(i.InvoiceFigures), "parts", i.RoundedParts.String(), i.RoundingDifference.String()}, " "))
	}
	for _, t := range l.Totals {
		out = append(out, strings.Join([]string{"total", t.Payer[:4], t.Currency, figures(t.InvoiceFigures), "parts", t.RoundedParts.String(), t.RoundingDifference.String()}, " "))
	}
	return out
}

func TestListInvoices(t *testing.T) {
	charges := invoicedCharges()
	engine := mem.New(charges, mem.Cover(charges))
	f := func(name string, req InvoiceRequest, want ...string) {
		t.Helper()
		req.Engine = engine
		got, err := ListInvoices(t.Context(), req)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			return
		}
		if diff := cmp.Diff(want, got.lines()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	f("two months apart", InvoiceRequest{Months: []showback.Month{"2026-11", "2026-09"}, Payer: payerA},
		"row 1111 2026-09 1001 Amazon Web Services, Inc. USD Usage 11.0040000000000000001 11 1.0000000000000000001 1 9.09",
		"row 1111 2026-09 1001 Amazon Web Services, Inc. USD Credit -0.504 -0.5 -0.504 -0.5 100.00",
		"row 1111 2026-09 1001 Amazon Web Services, Inc. USD Tax 0.504 0.5 0 0 0.00",
		"row 1111 2026-09 1002 Amazon Web Services EMEA SARL EUR Usage 0.005 0.01 0.005 0.01 100.00",
		"row 1111 2026-11 1003 Amazon Web Services, Inc. USD Usage 7 7 7 7 100.00",
		"invoice 1111 2026-09 1001 USD 11.0040000000000000001 11 0.4960000000000000001 0.5 4.51 parts 11 0",
		"invoice 1111 2026-09 1002 EUR 0.005 0.01 0.005 0.01 100.00 parts 0.01 0",
		"invoice 1111 2026-11 1003 USD 7 7 7 7 100.00 parts 7 0",
		"total 1111 EUR 0.005 0.01 0.005 0.01 100.00 parts 0.01 0",
		"total 1111 USD 18.0040000000000000001 18 7.4960000000000000001 7.5 41.64 parts 18 0")
	f("smallest units", InvoiceRequest{Payer: payerB},
		"row 4444 2026-09 2001 - JPY Usage 100.5 101 100.5 101 100.00",
		"row 4444 2026-09 2001 - KWD Fee 0.0005 0.001 0 0 0.00",
		"invoice 4444 2026-09 2001 JPY 100.5 101 100.5 101 100.00 parts 101 0",
		"invoice 4444 2026-09 2001 KWD 0.0005 0.001 0 0 0.00 parts 0.001 0",
		"total 4444 JPY 100.5 101 100.5 101 100.00 parts 101 0",
		"total 4444 KWD 0.0005 0.001 0 0 0.00 parts 0.001 0")
	f("no invoice yet", InvoiceRequest{Months: []showback.Month{"2026-10"}},
		"row 1111 2026-10 - Amazon Web Services, Inc. USD Usage 3.5 3.5 3.5 3.5 100.00",
		"invoice 1111 2026-10 - USD 3.5 3.5 3.5 3.5 100.00 parts 3.5 0",
		"total 1111 USD 3.5 3.5 3.5 3.5 100.00 parts 3.5 0")
}

// Rounded rows that do not add up are said, at the invoice and at the total.
func TestInvoiceRounding(t *testing.T) {
	charges := []showback.Charge{
		invoiced(payerA, "2026-09", "1", awsInc, "Usage", "USD", "1.004", true),
		invoiced(payerA, "2026-09", "1", awsInc, "Tax", "USD", "1.004", true),
		invoiced(payerA, "2026-09", "2", awsInc, "Usage", "USD", "0.004", true),
		invoiced(payerA, "2026-09", "3", awsInc, "Usage", "USD", "0.004", true),
	}
	list, err := ListInvoices(t.Context(), InvoiceRequest{Engine: mem.New(charges, mem.Cover(charges))})
	if err != nil {
		t.Fatal(err)
	}
	got := list.lines()[4:]
	want := []string{
		"invoice 1111 2026-09 1 USD 2.008 2.01 2.008 2.01 100.00 parts 2 -0.01",
		"invoice 1111 2026-09 2 USD 0.004 0 0.004 0 100.00 parts 0 0",
		"invoice 1111 2026-09 3 USD 0.004 0 0.004 0 100.00 parts 0 0",
		"total 1111 USD 2.016 2.02 2.016 2.02 100.00 parts 2.01 -0.01",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestListInvoicesErrors(t *testing.T) {
	charges := invoicedCharges()
	f := func(charges []showback.Charge, req InvoiceRequest, want string) {
		t.Helper()
		req.Engine = mem.New(charges, mem.Cover(charges))
		_, err := ListInvoices(t.Context(), req)
		if err == nil || showback.KindOf(err) != showback.KindNotFound || err.Error() != want {
			t.Errorf("got %v, want a not found: %s", err, want)
		}
	}
	f(nil, InvoiceRequest{}, "list invoices: the store has no bills yet")
	f(charges, InvoiceRequest{Payer: "999999999999"}, "list invoices: no bill of payer 999999999999")
	f(charges, InvoiceRequest{Months: []showback.Month{"2026-08"}}, "list invoices: no bill for 2026-08")
	f(charges, InvoiceRequest{Payer: payerB, Months: []showback.Month{"2026-10"}}, "list invoices: no bill of payer 444455556666 for 2026-10")
}
