package reconcile

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/parquet-go/parquet-go"

	"showback"
	"showback/internal/engine/mem"
)

const (
	payerA = "111122223333"
	payerB = "444455556666"
)

// charge is a line of the test bills: what the files deliver and, through an
// engine, what the ledger holds.
type charge struct {
	payer    string
	month    showback.Month
	service  string
	kind     string
	currency string
	cost     string // unblended
	net      string // net-unblended; empty for blank
	list     string // empty for blank
}

func bill() []charge {
	return []charge{
		{payerA, "2026-09", "Amazon Bedrock", "Usage", "USD", "10.0000000000000000001", "9", "11"},
		{payerA, "2026-09", "Amazon Bedrock", "Tax", "USD", "0.7", "0.7", ""},
		{payerA, "2026-10", "Amazon Bedrock", "Usage", "USD", "0.0000000001", "0.00000000009", "0.0000000001"},
		{payerA, "2026-10", "Amazon Bedrock", "Usage", "USD", "2.5", "2.25", "2.5"},
		{payerA, "2026-10", "Amazon Bedrock", "Usage", "KRW", "1000000000000", "900000000000", "1000000000000"},
		{payerA, "2026-10", "Amazon Bedrock", "Usage", "USD", "0", "0", ""},
		{payerA, "2026-10", "AmazonEC2", "Credit", "USD", "-1.25", "", ""},
		{payerB, "2026-10", "AmazonEC2", "Usage", "USD", "4", "", "4"},
	}
}

var billHeader = []string{
	"bill_payer_account_id", "bill_billing_period_start_date", "line_item_product_code", "line_item_line_item_type",
	"line_item_currency_code", "line_item_unblended_cost", "line_item_net_unblended_cost", "pricing_public_on_demand_cost",
}

// sheetOf makes the delivered table of charges.
func sheetOf(charges []charge) sheet {
	s := sheet{billHeader}
	for _, c := range charges {
		s = append(s, []string{c.payer, string(c.month) + "-01T00:00:00Z", c.service, c.kind, c.currency, c.cost, c.net, c.list})
	}
	return s
}

func only(charges []charge, payer string, month showback.Month) []charge {
	var out []charge
	for _, c := range charges {
		if c.payer == payer && c.month == month {
			out = append(out, c)
		}
	}
	return out
}

// deliver writes the bills as one file for each payer and month, in changing
// formats, and states them.
func deliver(t testing.TB, charges []charge) []Statement {
	t.Helper()
	text := plainForm()
	text.node, text.amount = parquet.String(), textCell
	return []Statement{
		{Payer: payerA, Export: "a", Month: "2026-09", Files: []FileRef{save(t, "a9", sheetOf(only(charges, payerA, "2026-09")).parquet(t, text))}},
		{Payer: payerA, Export: "a", Month: "2026-10", Files: []FileRef{
			save(t, "a10-1", zip(t, sheetOf(only(charges, payerA, "2026-10")[:2]).csv(t))),
			save(t, "a10-2", sheetOf(only(charges, payerA, "2026-10")[2:]).csv(t)),
			save(t, "a10-3", nil),
		}},
		{Payer: payerB, Export: "b", Month: "2026-10", Files: []FileRef{save(t, "b10", sheetOf(only(charges, payerB, "2026-10")).parquet(t, plainForm()))}},
	}
}

// ledgerOf is a ledger that holds the charges.
func ledgerOf(charges []charge) EngineLedger {
	net := map[[2]string]bool{} // deliveries with a net amount
	for _, c := range charges {
		if c.net != "" {
			net[[2]string{c.payer, string(c.month)}] = true
		}
	}
	var kept []showback.Charge
	for _, c := range charges {
		amounts := map[showback.Basis]showback.Decimal{
			showback.Unblended: showback.MustDecimal(c.cost),
			showback.Amortized: showback.MustDecimal(c.cost),
		}
		if net[[2]string{c.payer, string(c.month)}] {
			amount := showback.Decimal{}
			if c.net != "" {
				amount = showback.MustDecimal(c.net)
			}
			amounts[showback.NetUnblended], amounts[showback.NetAmortized] = amount, amount
		}
		if c.list != "" {
			amounts[showback.List] = showback.MustDecimal(c.list)
		}
		kept = append(kept, showback.Charge{
			Payer: c.payer, Export: "x", Month: c.month, Type: c.kind, Currency: c.currency,
			// Tax is billed on a time of its own, here after the month.
			UsageStart: c.month.End().Add(time.Hour),
			Meter:      showback.Meter{ProductCode: c.service},
			Amounts:    amounts,
		})
	}
	return EngineLedger{mem.New(kept, mem.Cover(kept))}
}

func mustRun(t testing.TB, req Request) *Report {
	t.Helper()
	report, err := Run(t.Context(), req)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// differences lists what differs on the unblended basis and list, in words.
func differences(r *Report) []string {
	var out []string
	for _, c := range r.Differences() {
		side := "both"
		switch {
		case c.Ledger == nil:
			side = "delivered only"
		case c.Delivered == nil:
			side = "ledger only"
		}
		out = append(out, strings.Join([]string{
			c.Payer, string(c.Month), c.Service, c.ChargeType, c.Currency, string(c.Basis), side, c.Difference.String(),
		}, " "))
	}
	return out
}

func TestEqual(t *testing.T) {
	report := mustRun(t, Request{Statements: deliver(t, bill()), Ledger: ledgerOf(bill())})
	if report.Status != Equal || len(report.Differences()) != 0 {
		t.Fatalf("got %s with %v, want equal", report.Status, differences(report))
	}
	want := map[string]string{
		"KRW unblended":     "1 1000000000000",
		"KRW net-unblended": "1 900000000000",
		"KRW amortized":     "1 1000000000000",
		"KRW net-amortized": "1 900000000000",
		"KRW list":          "1 1000000000000",
		"USD unblended":     "7 15.9500000001000000001",
		"USD net-unblended": "6 11.95000000009", // the second payer has none
		"USD amortized":     "7 15.9500000001000000001",
		"USD net-amortized": "6 11.95000000009",
		"USD list":          "4 17.5000000001",
	}
	got := map[string]string{}
	for _, total := range report.Totals {
		if !total.Equal || !total.Delivered.Equal(total.Ledger) || !total.Difference.IsZero() {
			t.Errorf("total %+v: want equal sides", total)
		}
		got[total.Currency+" "+string(total.Basis)] = strings.Join([]string{
			showback.DecimalFromInt(total.Lines).String(), total.Delivered.String()}, " ")
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("totals (-want +got):\n%s", diff)
	}
	if report.Deliveries[1].Lines != 5 {
		t.Errorf("lines of the second delivery: got %d, want 5", report.Deliveries[1].Lines)
	}
}

func TestPlantedCorruptions(t *testing.T) {
	f := func(name string, corrupt func([]charge) []charge, want ...string) {
		t.Run(name, func(t *testing.T) {
			report := mustRun(t, Request{Statements: deliver(t, bill()), Ledger: ledgerOf(corrupt(bill()))})
			if report.Status != Different {
				t.Errorf("got status %s, want different", report.Status)
			}
			got := differences(report)
			for _, w := range want {
				if !slices.Contains(got, w) {
					t.Errorf("got %q, want %q in it", got, w)
				}
			}
		})
	}
	change := func(i int, how func(*charge)) func([]charge) []charge {
		return func(charges []charge) []charge { how(&charges[i]); return charges }
	}
	f("a charge missing", func(c []charge) []charge { return slices.Delete(c, 3, 4) },
		"111122223333 2026-10 Amazon Bedrock Usage USD unblended both 2.5",
		"111122223333 2026-10 Amazon Bedrock Usage USD list both 2.5")
	f("the last charge of a key missing", func(c []charge) []charge { return slices.Delete(c, 6, 7) },
		"111122223333 2026-10 AmazonEC2 Credit USD unblended delivered only -1.25")
	f("a charge of 0 missing", func(c []charge) []charge { return slices.Delete(c, 5, 6) },
		"111122223333 2026-10 Amazon Bedrock Usage USD unblended both 0")
	f("a charge doubled", func(c []charge) []charge { return append(c, c[3]) },
		"111122223333 2026-10 Amazon Bedrock Usage USD unblended both -2.5")
	f("a charge moved to another month", change(3, func(c *charge) { c.month = "2026-09" }),
		"111122223333 2026-10 Amazon Bedrock Usage USD unblended both 2.5",
		"111122223333 2026-09 Amazon Bedrock Usage USD unblended both -2.5")
	f("a charge given to another payer", change(3, func(c *charge) { c.payer = payerB }),
		"111122223333 2026-10 Amazon Bedrock Usage USD unblended both 2.5",
		"444455556666 2026-10 Amazon Bedrock Usage USD unblended ledger only -2.5")
	f("an amount off by 1e-19", change(0, func(c *charge) { c.cost = "10.0000000000000000002" }),
		"111122223333 2026-09 Amazon Bedrock Usage USD unblended both -0.0000000000000000001",
		"111122223333 2026-09 Amazon Bedrock Usage USD amortized both -0.0000000000000000001")
	f("a basis swapped", change(3, func(c *charge) { c.cost, c.net = c.net, c.cost }),
		"111122223333 2026-10 Amazon Bedrock Usage USD unblended both 0.25",
		"111122223333 2026-10 Amazon Bedrock Usage USD net-unblended both -0.25")
	f("a basis that is not carried", change(7, func(c *charge) { c.net = "4" }),
		"444455556666 2026-10 AmazonEC2 Usage USD net-unblended both -4")
	f("a list price made up", change(1, func(c *charge) { c.list = "0" }),
		"111122223333 2026-09 Amazon Bedrock Tax USD list both 0")
	f("a currency swapped", change(3, func(c *charge) { c.currency = "KRW" }),
		"111122223333 2026-10 Amazon Bedrock Usage USD unblended both 2.5",
		"111122223333 2026-10 Amazon Bedrock Usage KRW unblended both -2.5")
	f("a charge type changed", change(6, func(c *charge) { c.kind = "Refund" }),
		"111122223333 2026-10 AmazonEC2 Credit USD unblended delivered only -1.25",
		"111122223333 2026-10 AmazonEC2 Refund USD unblended ledger only 1.25")
	f("two errors that cancel out", func(c []charge) []charge {
		c[2].cost, c[3].cost = "1", "1.5000000001"
		c[4].list, c[7].cost = "", "4"
		return c
	}, "111122223333 2026-10 Amazon Bedrock Usage KRW list both 1000000000000")
}

// A swap inside one key cannot be seen in its sums; it is not a wrong figure
// of any answer that the comparison vouches for. This test states the limit.
func TestSwapWithinOneKeyIsEqual(t *testing.T) {
	charges := bill()
	charges[2].cost, charges[3].cost = "1", "1.5000000001"
	report := mustRun(t, Request{Statements: deliver(t, bill()), Ledger: ledgerOf(charges)})
	if report.Status != Equal {
		t.Errorf("got %v, want equal", differences(report))
	}
}

func TestFilesGoneOrChanged(t *testing.T) {
	f := func(name string, spoil func(path string) error, charges []charge, status Status, want string) {
		t.Run(name, func(t *testing.T) {
			statements := deliver(t, bill())
			if err := spoil(statements[1].Files[1].Path); err != nil {
				t.Fatal(err)
			}
			report := mustRun(t, Request{Statements: statements, Ledger: ledgerOf(charges)})
			spoilt := report.Deliveries[1]
			if report.Status != status || spoilt.Status != Unchecked || !strings.Contains(spoilt.Reason, want) {
				t.Errorf("got %s, delivery %s: %s; want %s, unchecked with %q", report.Status, spoilt.Status, spoilt.Reason, status, want)
			}
			if len(spoilt.Totals) != 0 || len(spoilt.Comparisons) != 0 {
				t.Errorf("an unchecked delivery has figures: %v", spoilt)
			}
			if got := report.Deliveries[2].Status; got != Equal {
				t.Errorf("another delivery: got %s, want equal", got)
			}
		})
	}
	grow := func(path string) error {
		file, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
		if err != nil {
			return err
		}
		_, err = file.WriteString("\n")
		return errors.Join(err, file.Close())
	}
	wrong := bill()
	wrong[0].cost = "11"
	f("gone", os.Remove, bill(), Unchecked, "the file is gone")
	f("changed", grow, bill(), Unchecked, "the file has changed")
	f("gone, and another month different", os.Remove, wrong, Different, "the file is gone")
}

func TestMonths(t *testing.T) {
	wrong := bill()
	wrong[0].cost = "11" // in September
	statements := deliver(t, bill())
	f := func(want Status, deliveries int, months ...showback.Month) {
		t.Helper()
		report := mustRun(t, Request{Statements: statements, Months: months, Ledger: ledgerOf(wrong)})
		if report.Status != want || len(report.Deliveries) != deliveries {
			t.Errorf("months %v: got %s of %d deliveries, want %s of %d", months, report.Status, len(report.Deliveries), want, deliveries)
		}
	}
	f(Different, 3)
	f(Different, 1, "2026-09")
	f(Equal, 2, "2026-10")
	f(Different, 3, "2026-10", "2026-09")

	_, err := Run(t.Context(), Request{Statements: statements, Months: []showback.Month{"2026-11"}, Ledger: ledgerOf(wrong)})
	if showback.KindOf(err) != showback.KindNotFound {
		t.Errorf("a month without delivery: got %v, want not found", err)
	}
}

// Two exports may bill one payer's month between them, say two members' own: the
// ledger's figure is that of both, and what one of them delivers is missed.
func TestTwoExportsOfAMonth(t *testing.T) {
	all := bill()
	october := only(all, payerA, "2026-10")
	first, second := october[:1], october[1:]
	statements := []Statement{
		{Payer: payerA, Export: "one", Month: "2026-10", Files: []FileRef{save(t, "one", sheetOf(first).csv(t))}},
		{Payer: payerA, Export: "two", Month: "2026-10", Files: []FileRef{save(t, "two", sheetOf(second).csv(t))}},
	}
	report := mustRun(t, Request{Statements: statements, Ledger: ledgerOf(october)})
	if len(report.Deliveries) != 1 || report.Status != Equal || report.Deliveries[0].Export != "one, two" {
		t.Errorf("both: got %s, %d deliveries, differences %v", report.Status, len(report.Deliveries), differences(report))
	}
	report = mustRun(t, Request{Statements: statements, Ledger: ledgerOf(second)})
	if report.Status != Different {
		t.Errorf("a ledger that lacks one: got %s, want different", report.Status)
	}
	if err := os.Remove(statements[1].Files[0].Path); err != nil {
		t.Fatal(err)
	}
	if report = mustRun(t, Request{Statements: statements, Ledger: ledgerOf(october)}); report.Status != Unchecked {
		t.Errorf("a file of one is gone: got %s, want unchecked", report.Status)
	}
}

// A file may hold a month that counts and one that is aside, for another export
// counts there: the lines of the latter are no strays.
func TestMonthAside(t *testing.T) {
	all := bill()
	both := save(t, "both", sheetOf(slices.Concat(only(all, payerA, "2026-09"), only(all, payerA, "2026-10"))).csv(t))
	other := save(t, "other", sheetOf(only(all, payerA, "2026-10")).csv(t))
	statements := []Statement{
		{Payer: payerA, Export: "old", Month: "2026-09", Files: []FileRef{both}},
		{Payer: payerA, Export: "old", Month: "2026-10", Files: []FileRef{both}, Aside: true},
		{Payer: payerA, Export: "new", Month: "2026-10", Files: []FileRef{other}},
	}
	ledger := ledgerOf(slices.Concat(only(all, payerA, "2026-09"), only(all, payerA, "2026-10")))
	report := mustRun(t, Request{Statements: statements, Ledger: ledger})
	if report.Status != Equal || len(report.Deliveries) != 2 || report.Deliveries[1].Export != "new" {
		t.Errorf("got %s of %d deliveries, differences %v", report.Status, len(report.Deliveries), differences(report))
	}
	statements[1].Aside = false
	if report = mustRun(t, Request{Statements: statements, Ledger: ledger}); report.Status != Different {
		t.Errorf("both counted, the ledger has one: got %s, want different", report.Status)
	}
}

// One file may hold the lines of several deliveries.
func TestSharedFile(t *testing.T) {
	file := save(t, "all", sheetOf(bill()).csv(t))
	statements := []Statement{
		{Payer: payerA, Export: "a", Month: "2026-09", Files: []FileRef{file}},
		{Payer: payerA, Export: "a", Month: "2026-10", Files: []FileRef{file, file}},
		{Payer: payerB, Export: "a", Month: "2026-10", Files: []FileRef{file}},
	}
	f := func(want Status, statements []Statement, months ...showback.Month) []string {
		t.Helper()
		report := mustRun(t, Request{Statements: statements, Months: months, Ledger: ledgerOf(bill())})
		if report.Status != want {
			t.Errorf("months %v: got %s with %v, want %s", months, report.Status, differences(report), want)
		}
		return differences(report)
	}
	f(Equal, statements)
	f(Equal, statements, "2026-10") // the rest belongs to a delivery that was not asked for
	// Lines of nobody's delivery, and charges of one that is not listed.
	got := f(Different, statements[:2])
	for _, want := range []string{
		"444455556666 2026-10 AmazonEC2 Usage USD unblended delivered only 4",
		"444455556666 2026-10 AmazonEC2 Usage USD unblended ledger only -4",
	} {
		if !slices.Contains(got, want) {
			t.Errorf("got %q, want %q in it", got, want)
		}
	}
}

func TestRejectedLines(t *testing.T) {
	charges := only(bill(), payerA, "2026-10")
	s := sheetOf(charges)
	s[2][5] = "2,5"       // unreadable
	s[5][1] = "some time" // readable amount
	ref := save(t, "data", s.csv(t))
	statement := Statement{Payer: payerA, Export: "a", Month: "2026-10", Files: []FileRef{ref}}
	ledger := ledgerOf(slices.Delete(slices.Delete(slices.Clone(charges), 4, 5), 1, 2))

	report := mustRun(t, Request{Statements: []Statement{statement}, Ledger: ledger})
	if got := report.Deliveries[0]; got.Status != Unchecked || !strings.Contains(got.Reason, `row 2, column line_item_unblended_cost: found "2,5"`) {
		t.Errorf("a line that nobody set aside: got %s, %s; want unchecked and the cell", got.Status, got.Reason)
	}
	statement.Rejects = []RejectRef{{ref.Path, 2}, {"s3://bucket/prefix/data", 5}, {"elsewhere", 1}}
	report = mustRun(t, Request{Statements: []Statement{statement}, Ledger: ledger})
	if report.Status != Equal {
		t.Errorf("got %s with %v, want equal", report.Status, differences(report))
	}
	want := []Rejected{{Currency: "USD", Lines: 2, Readable: 1, Unblended: showback.MustDecimal("-1.25")}}
	if diff := cmp.Diff(want, report.Deliveries[0].Rejected, cmp.Comparer(showback.Decimal.Equal)); diff != "" {
		t.Errorf("rejected (-want +got):\n%s", diff)
	}
	if got := report.Deliveries[0].Lines; got != 3 {
		t.Errorf("lines: got %d, want 3", got)
	}
}

func TestCutIsReported(t *testing.T) {
	charges := []charge{
		{payerA, "2026-10", "AmazonEC2", "Usage", "USD", "0.00000000000000000015", "", ""},
		{payerA, "2026-10", "AmazonEC2", "Usage", "USD", "0.000000000000000000249", "", ""},
		{payerA, "2026-10", "AmazonEC2", "Usage", "USD", "1", "", ""},
	}
	statement := Statement{Payer: payerA, Month: "2026-10", Files: []FileRef{save(t, "data", sheetOf(charges).csv(t))}}
	charges[0].cost, charges[1].cost = "0.0000000000000000002", "0.0000000000000000002"
	report := mustRun(t, Request{Statements: []Statement{statement}, Ledger: ledgerOf(charges)})
	total := report.Totals[0]
	if report.Status != Equal || total.Basis != showback.Unblended || total.Delivered.String() != "1.0000000000000000004" {
		t.Errorf("got %s, %+v", report.Status, total)
	}
	if total.Cut.Lines != 2 || total.Cut.Sum.String() != "-0.000000000000000000001" {
		t.Errorf("cut: got %d lines, %s; want 2 lines, -0.000000000000000000001", total.Cut.Lines, total.Cut.Sum)
	}
}

func TestReportAsJSON(t *testing.T) {
	charges := only(bill(), payerB, "2026-10")
	ref := save(t, "data", sheetOf(charges).csv(t))
	charges[0].list = ""
	report := mustRun(t, Request{
		Statements: []Statement{{Payer: payerB, Export: "b", Month: "2026-10", Files: []FileRef{ref}}},
		Ledger:     ledgerOf(charges),
	})
	report.Deliveries[0].Files = nil
	text, err := json.Marshal(report.Deliveries[0].Comparisons[2])
	if err != nil {
		t.Fatal(err)
	}
	want := `{"payer":"444455556666","month":"2026-10","service":"AmazonEC2","charge_type":"Usage","currency":"USD","basis":"list",` +
		`"equal":false,"delivered":{"carried":true,"lines":1,"blank":0,"amount":"4"},` +
		`"ledger":{"carried":false,"lines":0,"blank":1,"amount":"0"},"difference":"4","cut":{"lines":0,"sum":"0"}}`
	if string(text) != want {
		t.Errorf("got  %s\nwant %s", text, want)
	}
}

func TestEnd(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Run(ctx, Request{Statements: deliver(t, bill()), Ledger: ledgerOf(bill())}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want canceled", err)
	}
}
