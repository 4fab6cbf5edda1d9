package reconcile

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"showback"
	"showback/internal/costexplorer"
	"showback/internal/engine/mem"
	"showback/internal/explore"
)

var teamTag = showback.TagKey{Source: showback.TagCaller, Name: "team"}

// spent is a charge on a day: AI, and with a team where there is one.
func spent(payer, day, service, kind, team, cost, quantity string) showback.Charge {
	start, err := time.Parse(time.DateOnly, day)
	if err != nil {
		panic(err)
	}
	c := showback.Charge{
		Payer: payer, Export: "a", Month: showback.MonthOf(start), Type: kind, Currency: "USD", UsageStart: start.Add(time.Hour), UsageEnd: start.Add(2 * time.Hour),
		Account: payer, Invoice: "1", BillType: "Anniversary",
		Meter: showback.Meter{ProductCode: service, ProductName: service, UsageType: "USE1-" + service, Unit: "Hrs", Region: "us-east-1"},
		Amounts: map[showback.Basis]showback.Decimal{
			showback.Unblended: showback.MustDecimal(cost), showback.Amortized: showback.MustDecimal(cost)},
	}
	if team != "" {
		c.Caller = "arn:aws:iam::111122223333:user/alice"
		c.Tags = map[showback.TagKey]string{teamTag: team}
	}
	if quantity != "" {
		q := showback.MustDecimal(quantity)
		c.Quantity = &q
	}
	if kind == "Tax" {
		c.Meter.UsageType, c.Meter.Region, c.Meter.Unit = "", "", ""
	}
	return c
}

func spentCharges() []showback.Charge {
	open := spent(payerA, "2026-11-03", "Amazon Bedrock", "Usage", "search", "9", "1")
	open.Invoice = ""
	late := spent(payerA, "2026-09-02", "AmazonEC2", "DiscountedUsage", "", "0", "2")
	late.Amounts[showback.Amortized] = showback.MustDecimal("0.75")
	return []showback.Charge{
		spent(payerA, "2026-09-01", "Amazon Bedrock", "Usage", "search", "10.25", "3"),
		spent(payerA, "2026-09-02", "Amazon Bedrock", "Usage", "support", "4.00000000004", "2"),
		spent(payerA, "2026-09-02", "AmazonEC2", "Usage", "", "7", "5"),
		spent(payerA, "2026-09-01", "Amazon Bedrock", "Tax", "", "1.5", ""),
		late,
		spent(payerA, "2026-10-05", "Amazon Bedrock", "Usage", "search", "2.5", "1"),
		open,
	}
}

// answer writes what Cost Explorer printed for one metric: lines of START END
// then, for each group, its keys and amount, joined by "|".
func answer(t *testing.T, metric string, by []costexplorer.GroupDefinition, lines ...string) []byte {
	t.Helper()
	type value struct{ Amount, Unit string }
	type group struct {
		Keys    []string
		Metrics map[string]value
	}
	type result struct {
		TimePeriod struct{ Start, End string }
		Total      map[string]value
		Groups     []group
		Estimated  bool
	}
	page := struct {
		GroupDefinitions []costexplorer.GroupDefinition
		ResultsByTime    []result
	}{GroupDefinitions: by}
	unit := "USD"
	if metric == "UsageQuantity" {
		unit = "N/A"
	}
	for _, line := range lines {
		parts := strings.Split(line, "|")
		bounds := strings.Fields(parts[0])
		r := result{Total: map[string]value{}, Groups: []group{}, Estimated: len(bounds) > 2}
		r.TimePeriod.Start, r.TimePeriod.End = bounds[0], bounds[1]
		if len(by) == 0 {
			r.Total[metric] = value{parts[1], unit}
		} else {
			for i := 1; i+len(by) < len(parts); i += len(by) + 1 {
				r.Groups = append(r.Groups, group{parts[i : i+len(by)], map[string]value{metric: {parts[i+len(by)], unit}}})
			}
		}
		page.ResultsByTime = append(page.ResultsByTime, r)
	}
	text, err := json.Marshal(page)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// told writes a report for comparing: what is not to the last digit, the
// counts, the codes of notes and the status.
func (r *AgainstReport) told() []string {
	or := func(d *showback.Decimal) string {
		if d == nil {
			return "-"
		}
		return d.String()
	}
	var out []string
	for _, c := range r.Comparisons {
		if c.Status != Equal || c.Digits > 0 {
			line := fmt.Sprintf("%s %s..%s %v %s: %s %s %s", c.Status, c.Start, c.End, c.Keys, c.Unit, or(c.CostExplorer), or(c.Store), c.Difference)
			if c.Digits > 0 {
				line += fmt.Sprintf(" to %d digits", c.Digits)
			}
			if c.Reason != "" {
				line += " (" + c.Reason + ")"
			}
			out = append(out, line)
		}
	}
	for _, t := range r.Totals {
		out = append(out, fmt.Sprintf("%s %s: %d groups, %d equal, %d rounded, %d different, %d unchecked: %s %s %s", t.Metric, t.Unit, t.Groups, t.Equal, t.Rounded, t.Different, t.Unchecked, t.CostExplorer, t.Store, t.Difference))
	}
	for _, n := range r.Notes {
		out = append(out, "note "+n.Code)
	}
	return append(out, string(r.Status))
}

// asked is a comparison with an answer.
type asked struct {
	charges    []showback.Charge
	text       []byte
	expression string
	where      string
	payer      string
}

func (q asked) against(t *testing.T) (*AgainstReport, error) {
	t.Helper()
	response, err := costexplorer.ParseResponse(q.text)
	if err != nil {
		t.Fatal(err)
	}
	if q.charges == nil {
		q.charges = spentCharges()
	}
	req := AgainstRequest{Engine: mem.New(q.charges, mem.Cover(q.charges)), Response: response, Payer: q.payer}
	if q.expression != "" {
		e, err := costexplorer.ParseExpression(q.expression)
		if err != nil {
			t.Fatal(err)
		}
		req.Expression = &e
	}
	if req.Where, err = explore.ParseWhere(q.where); err != nil {
		t.Fatal(err)
	}
	return Against(t.Context(), req)
}

var (
	byTeam    = []costexplorer.GroupDefinition{{Type: "TAG", Key: "iamPrincipal/team"}}
	byService = []costexplorer.GroupDefinition{{Type: "DIMENSION", Key: "SERVICE"}}
	byBoth    = []costexplorer.GroupDefinition{{Type: "DIMENSION", Key: "SERVICE"}, {Type: "DIMENSION", Key: "RECORD_TYPE"}}
)

func TestAgainst(t *testing.T) {
	f := func(name string, q asked, want ...string) {
		t.Helper()
		r, err := q.against(t)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			return
		}
		if diff := cmp.Diff(want, r.told()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	const september, october = "2026-09-01 2026-10-01", "2026-10-01 2026-11-01"
	teams := september + "|iamPrincipal/team$|8.5|iamPrincipal/team$search|10.25|iamPrincipal/team$support|"
	f("equal, one figure rounded", asked{text: answer(t, "UnblendedCost", byTeam, teams+"4")},
		"equal 2026-09-01..2026-10-01 [[iamPrincipal/team$support]] USD: 4 4.00000000004 -0.00000000004 to 10 digits",
		"UnblendedCost USD: 3 groups, 3 equal, 1 rounded, 0 different, 0 unchecked: 22.75 22.75000000004 -0.00000000004",
		"equal")
	f("the 10th decimal off", asked{text: answer(t, "UnblendedCost", byTeam, teams+"4.0000000001")},
		"different 2026-09-01..2026-10-01 [[iamPrincipal/team$support]] USD: 4.0000000001 4.00000000004 0.00000000006",
		"UnblendedCost USD: 3 groups, 2 equal, 0 rounded, 1 different, 0 unchecked: 22.7500000001 22.75000000004 0.00000000006",
		"different")
	f("more digits printed", asked{text: answer(t, "UnblendedCost", byTeam, teams+"4.00000000000")},
		"different 2026-09-01..2026-10-01 [[iamPrincipal/team$support]] USD: 4 4.00000000004 -0.00000000004",
		"UnblendedCost USD: 3 groups, 2 equal, 0 rounded, 1 different, 0 unchecked: 22.75 22.75000000004 -0.00000000004",
		"different")
	f("one cent off", asked{text: answer(t, "UnblendedCost", byTeam, strings.Replace(teams, "10.25", "10.24", 1)+"4.00000000004")},
		"different 2026-09-01..2026-10-01 [[iamPrincipal/team$search]] USD: 10.24 10.25 -0.01",
		"UnblendedCost USD: 3 groups, 2 equal, 0 rounded, 1 different, 0 unchecked: 22.74000000004 22.75000000004 -0.01",
		"different")
	f("a group missing", asked{text: answer(t, "UnblendedCost", byTeam, september+"|iamPrincipal/team$|8.5|iamPrincipal/team$search|10.25")},
		"different 2026-09-01..2026-10-01 [[iamPrincipal/team$support]] USD: - 4.00000000004 -4.00000000004",
		"UnblendedCost USD: 3 groups, 2 equal, 0 rounded, 1 different, 0 unchecked: 18.75 22.75000000004 -4.00000000004",
		"different")
	f("a group more", asked{text: answer(t, "UnblendedCost", byTeam, teams+"4.00000000004|iamPrincipal/team$a$b|1")},
		"different 2026-09-01..2026-10-01 [[iamPrincipal/team$a$b]] USD: 1 - 1",
		"UnblendedCost USD: 4 groups, 3 equal, 0 rounded, 1 different, 0 unchecked: 23.75000000004 22.75000000004 1",
		"different")
	f("a group of nothing more", asked{text: answer(t, "UnblendedCost", byTeam, teams+"4.00000000004|iamPrincipal/team$gone|0")},
		"UnblendedCost USD: 4 groups, 4 equal, 0 rounded, 0 different, 0 unchecked: 22.75000000004 22.75000000004 0",
		"equal")
	f("another basis under the name", asked{text: answer(t, "UnblendedCost", nil, september+"|23.50000000004")},
		"different 2026-09-01..2026-10-01 [] USD: 23.50000000004 22.75000000004 0.75",
		"UnblendedCost USD: 1 groups, 0 equal, 0 rounded, 1 different, 0 unchecked: 23.50000000004 22.75000000004 0.75",
		"different")
	f("that basis", asked{text: answer(t, "AmortizedCost", nil, september+"|23.50000000004")},
		"AmortizedCost USD: 1 groups, 1 equal, 0 rounded, 0 different, 0 unchecked: 23.50000000004 23.50000000004 0",
		"equal")
	f("a basis that the bill has not", asked{text: answer(t, "BlendedCost", nil, september+"|22")},
		"unchecked 2026-09-01..2026-10-01 [] USD: 22 - 0 (the store's BlendedCost: not available)",
		"BlendedCost USD: 1 groups, 0 equal, 0 rounded, 0 different, 1 unchecked: 0 0 0",
		"note basis-not-available", "unchecked")
	f("by service, tax apart", asked{text: answer(t, "UnblendedCost", byService, september+"|Amazon Bedrock|14.25000000004|EC2 - Other|3|Amazon Elastic Compute Cloud - Compute|4|Tax|1.5")},
		"UnblendedCost USD: 3 groups, 3 equal, 0 rounded, 0 different, 0 unchecked: 22.75000000004 22.75000000004 0",
		"note tax-apart", "note joined", "equal")
	f("by service, tax within", asked{text: answer(t, "UnblendedCost", byService, september+"|Amazon Bedrock|15.75000000004|Amazon Elastic Compute Cloud|7")},
		"UnblendedCost USD: 2 groups, 2 equal, 0 rounded, 0 different, 0 unchecked: 22.75000000004 22.75000000004 0",
		"equal")
	f("a name that is not known", asked{text: answer(t, "UnblendedCost", byService, september+"|AWS Bedrock Something|15.75|Amazon Elastic Compute Cloud|7")},
		"different 2026-09-01..2026-10-01 [[AWS Bedrock Something]] USD: 15.75 - 15.75",
		"different 2026-09-01..2026-10-01 [[Amazon Bedrock]] USD: - 15.75000000004 -15.75000000004",
		"UnblendedCost USD: 3 groups, 1 equal, 0 rounded, 2 different, 0 unchecked: 22.75 22.75000000004 -0.00000000004",
		"note names-differ", "different")
	f("by service and record type", asked{text: answer(t, "UnblendedCost", byBoth,
		september+"|Amazon Bedrock|Usage|14.25000000004|Amazon Elastic Compute Cloud - Compute|Usage|7|Amazon Elastic Compute Cloud - Compute|Reservation applied usage|0|Tax|Tax|1.5")},
		"UnblendedCost USD: 4 groups, 4 equal, 0 rounded, 0 different, 0 unchecked: 22.75000000004 22.75000000004 0",
		"note tax-apart", "equal")
	f("quantities", asked{text: answer(t, "UsageQuantity", byService, september+"|Amazon Bedrock|5|Amazon Elastic Compute Cloud|7|Tax|0")},
		"UsageQuantity N/A: 3 groups, 3 equal, 0 rounded, 0 different, 0 unchecked: 12 12 0",
		"note tax-apart", "equal")
	f("days", asked{text: answer(t, "UnblendedCost", nil, "2026-09-01 2026-09-02|11.75", "2026-09-02 2026-09-03|11", "2026-09-03 2026-09-04|0")},
		"equal 2026-09-02..2026-09-03 [] USD: 11 11.00000000004 -0.00000000004 to 10 digits",
		"UnblendedCost USD: 3 groups, 3 equal, 1 rounded, 0 different, 0 unchecked: 22.75 22.75000000004 -0.00000000004",
		"equal")
	f("hours", asked{text: answer(t, "UnblendedCost", nil, "2026-09-01T00:00:00Z 2026-09-01T01:00:00Z|0", "2026-09-01T01:00:00Z 2026-09-01T02:00:00Z|11.75", "2026-09-02T01:00:00Z 2026-09-02T02:00:00Z|12")},
		"different 2026-09-02T01:00:00Z..2026-09-02T02:00:00Z [] USD: 12 11.00000000004 0.99999999996",
		"UnblendedCost USD: 3 groups, 2 equal, 0 rounded, 1 different, 0 unchecked: 23.75 22.75000000004 0.99999999996",
		"note gap", "different")
	f("an estimated month", asked{text: answer(t, "UnblendedCost", nil, september+"|22.75", october+" estimated|2.4")},
		"equal 2026-09-01..2026-10-01 [] USD: 22.75 22.75000000004 -0.00000000004 to 10 digits",
		"different 2026-10-01..2026-11-01 [] USD: 2.4 2.5 -0.1",
		"UnblendedCost USD: 2 groups, 1 equal, 1 rounded, 1 different, 0 unchecked: 25.15 25.25000000004 -0.10000000004",
		"note estimated", "different")
	f("a month that the store has not", asked{text: answer(t, "UnblendedCost", nil, "2026-08-01 2026-09-01|5", september+"|22.75000000004")},
		"unchecked 2026-08-01..2026-09-01 [] USD: 5 - 5 (the store has no bill of payer 111122223333 for 2026-08)",
		"UnblendedCost USD: 2 groups, 1 equal, 0 rounded, 0 different, 1 unchecked: 22.75000000004 22.75000000004 0",
		"unchecked")
	f("only such months", asked{text: answer(t, "UnblendedCost", nil, "2026-08-01 2026-09-01|5")},
		"unchecked 2026-08-01..2026-09-01 [] USD: 5 - 5 (the store has no bill of payer 111122223333 for 2026-08)",
		"UnblendedCost USD: 1 groups, 0 equal, 0 rounded, 0 different, 1 unchecked: 0 0 0",
		"unchecked")
	f("days after the open month's last", asked{text: answer(t, "UnblendedCost", nil, "2026-11-03 2026-11-04|9", "2026-11-04 2026-11-05|3")},
		"unchecked 2026-11-04..2026-11-05 [] USD: 3 - 3 (the bill of payer 111122223333 for 2026-11 is open and has usage to 2026-11-03)",
		"UnblendedCost USD: 2 groups, 1 equal, 0 rounded, 0 different, 1 unchecked: 9 9 0",
		"note open-month", "note incomplete-days", "unchecked")
	f("an open month's day before", asked{text: answer(t, "UnblendedCost", nil, "2026-11-03 2026-11-04|8")},
		"different 2026-11-03..2026-11-04 [] USD: 8 9 -1",
		"UnblendedCost USD: 1 groups, 0 equal, 0 rounded, 1 different, 0 unchecked: 8 9 -1",
		"note open-month", "note incomplete-days", "different")
	f("periods that overlap", asked{text: answer(t, "UnblendedCost", nil, september+"|22.75000000004", "2026-09-01 2026-09-02|11.75")},
		"UnblendedCost USD: 2 groups, 2 equal, 0 rounded, 0 different, 0 unchecked: 34.50000000004 34.50000000004 0",
		"equal")
	f("a month missing between others, all of them equal", asked{text: answer(t, "UnblendedCost", nil, september+"|22.75000000004", "2026-11-01 2026-11-04|9")},
		"UnblendedCost USD: 2 groups, 2 equal, 0 rounded, 0 different, 0 unchecked: 31.75000000004 31.75000000004 0",
		"note open-month", "note incomplete-days", "note gap", "unchecked")
	f("nothing at all", asked{text: []byte(`{"ResultsByTime":[]}`)}, "note nothing", "unchecked")
}

func TestAgainstFilters(t *testing.T) {
	f := func(name string, q asked, want ...string) {
		t.Helper()
		r, err := q.against(t)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			return
		}
		if diff := cmp.Diff(want, r.told()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	total := func(amount string) []byte { return answer(t, "UnblendedCost", nil, "2026-09-01 2026-10-01|"+amount) }
	one := func(amount string) string {
		return "UnblendedCost USD: 1 groups, 1 equal, 0 rounded, 0 different, 0 unchecked: " + amount + " " + amount + " 0"
	}
	f("a tag", asked{text: total("10.25"), expression: `{"Tags":{"Key":"iamPrincipal/team","Values":["search"]}}`}, one("10.25"), "equal")
	f("no tag", asked{text: total("8.5"), expression: `{"Tags":{"Key":"iamPrincipal/team","MatchOptions":["ABSENT"]}}`}, one("8.5"), "equal")
	f("a service", asked{text: total("14.25000000004"), expression: `{"Dimensions":{"Key":"SERVICE","Values":["Amazon Bedrock"]}}`},
		one("14.25000000004"), "note tax-apart", "equal")
	f("all but tax", asked{text: total("21.25000000004"), expression: `{"Not":{"Dimensions":{"Key":"RECORD_TYPE","Values":["Tax"]}}}`},
		one("21.25000000004"), "equal")
	f("by our own language too", asked{text: total("10.25"), expression: `{"Dimensions":{"Key":"REGION","Values":["us-east-1"]}}`, where: "tag:team = search"},
		one("10.25"), "equal")

	// Two payers: what the filters leave of them decides what the store lacks.
	charges := append(spentCharges(), spent(payerB, "2026-10-02", "AmazonEC2", "Usage", "", "100", "1"))
	lacking := "unchecked 2026-09-01..2026-10-01 [] USD: 22 22.75000000004 -0.75000000004 (the store has no bill of payer 444455556666 for 2026-09)"
	none := "UnblendedCost USD: 1 groups, 0 equal, 0 rounded, 0 different, 1 unchecked: 0 0 0"
	differs := "different 2026-09-01..2026-10-01 [] USD: 22 22.75000000004 -0.75000000004"
	different := "UnblendedCost USD: 1 groups, 0 equal, 0 rounded, 1 different, 0 unchecked: 22 22.75000000004 -0.75000000004"
	f("two payers", asked{charges: charges, text: total("22")}, lacking, none, "note several-payers", "unchecked")
	f("one of them", asked{charges: charges, text: total("22"), payer: payerA}, differs, different, "different")
	f("one of them, in the filter", asked{charges: charges, text: total("22"), expression: `{"Not":{"Dimensions":{"Key":"PAYER_ACCOUNT","Values":["` + payerB + `"]}}}`},
		differs, different, "note no-match", "different")
	f("one of them, in where", asked{charges: charges, text: total("22"), where: "payer = " + payerA + " and (region = us-east-1 or payer = 1 or region is absent)"},
		differs, different, "note no-match", "different")
}

// An answer with another page to come says nothing of groups that it lacks.
func TestAgainstIncomplete(t *testing.T) {
	text := answer(t, "UnblendedCost", byTeam, "2026-09-01 2026-10-01|iamPrincipal/team$search|10.25")
	text = append([]byte(`{"NextPageToken":"abc",`), text[1:]...)
	r, err := asked{text: text}.against(t)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"unchecked 2026-09-01..2026-10-01 [[iamPrincipal/team$]] USD: - 8.5 -8.5 (Cost Explorer's answer has another page, which is not in the file)",
		"unchecked 2026-09-01..2026-10-01 [[iamPrincipal/team$support]] USD: - 4.00000000004 -4.00000000004 (Cost Explorer's answer has another page, which is not in the file)",
		"UnblendedCost USD: 3 groups, 1 equal, 0 rounded, 0 different, 2 unchecked: 10.25 10.25 0",
		"note incomplete", "unchecked",
	}
	if diff := cmp.Diff(want, r.told()); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	// The rest of the answer makes it whole.
	rest := answer(t, "UnblendedCost", byTeam, "2026-09-01 2026-10-01|iamPrincipal/team$|8.5|iamPrincipal/team$support|4")
	if r, err = (asked{text: append(text, rest...)}).against(t); err != nil || r.Status != Equal || r.Pages != 2 {
		t.Errorf("two pages: got %v in %d pages, %v, want equal in 2", r.Status, r.Pages, err)
	}
}

// A metric that the ledger has not is named, and what else there is compared.
func TestAgainstUnknownMetric(t *testing.T) {
	text := strings.Replace(string(answer(t, "UnblendedCost", nil, "2026-09-01 2026-10-01|22.75000000004")),
		`"Total":{`, `"Total":{"NormalizedUsageAmount":{"Amount":"1","Unit":"N/A"},`, 1)
	r, err := asked{text: []byte(text)}.against(t)
	if err != nil {
		t.Fatal(err)
	}
	if r.Status != Unchecked || len(r.NotCompared) != 1 || r.NotCompared[0].Metric != "NormalizedUsageAmount" || r.Totals[0].Equal != 1 {
		t.Errorf("got %v, %+v, %+v", r.Status, r.NotCompared, r.Totals)
	}
}

func TestAgainstErrors(t *testing.T) {
	f := func(name string, q asked, kind showback.Kind, want string) {
		t.Helper()
		_, err := q.against(t)
		if err == nil || showback.KindOf(err) != kind || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v (%s), want %q (%s)", name, err, showback.KindOf(err), want, kind)
		}
	}
	const september = "2026-09-01 2026-10-01|"
	f("a metric", asked{text: answer(t, "NormalizedUsageAmount", nil, september+"1")}, showback.KindInvalid, "NormalizedUsageAmount: the store keeps quantities as billed")
	f("a dimension", asked{text: answer(t, "UnblendedCost", []costexplorer.GroupDefinition{{Type: "DIMENSION", Key: "AZ"}}, september+"us-east-1a|1")},
		showback.KindInvalid, "group by AZ: availability zones are not kept")
	f("a filter", asked{text: answer(t, "UnblendedCost", nil, september+"1"), expression: `{"Dimensions":{"Key":"TENANCY","Values":["Host"]}}`},
		showback.KindInvalid, "filter by TENANCY")
	daily := spent(payerA, "2026-09-01", "Amazon Bedrock", "Usage", "search", "10.25", "3")
	daily.UsageEnd = daily.UsageStart.AddDate(0, 0, 1)
	f("hours of a bill by the day", asked{charges: []showback.Charge{daily}, text: answer(t, "UnblendedCost", nil, "2026-09-01T01:00:00Z 2026-09-01T02:00:00Z|1")},
		showback.KindInvalid, `ask by hour: export "a" of payer 111122223333 in 2026-09 bills by the day`)
	f("another tag's groups", asked{text: answer(t, "UnblendedCost", byTeam, september+"team$a|1")}, showback.KindInvalid, `read group "team$a" of TAG iamPrincipal/team`)
	f("a payer", asked{text: answer(t, "UnblendedCost", nil, september+"1"), payer: payerB}, showback.KindNotFound, "no bill of such a payer")
	f("an empty store", asked{charges: []showback.Charge{}, text: answer(t, "UnblendedCost", nil, september+"1")}, showback.KindNotFound, "the store has no bills yet")
	missing := strings.Replace(string(answer(t, "UnblendedCost", nil, september+"1", "2026-10-01 2026-11-01|1")), "UnblendedCost", "BlendedCost", 1)
	f("a metric of some periods", asked{text: []byte(missing)}, showback.KindInvalid, "no BlendedCost, which other groups have")
}
