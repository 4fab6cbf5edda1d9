package ce

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"showback"
	"showback/internal/costexplorer"
	"showback/internal/engine/mem"
	"showback/internal/explore"
	"showback/internal/reconcile"
)

const payer = "111122223333"

var team = showback.TagKey{Source: showback.TagCaller, Name: "team"}

// charge is one hour of a day; a quantity goes with its unit.
func charge(day, service, kind, group, cost, quantity string) showback.Charge {
	start, err := time.Parse(time.DateOnly, day)
	if err != nil {
		panic(err)
	}
	c := showback.Charge{
		Payer: payer, PayerName: "Example", Export: "a", Month: showback.MonthOf(start), Type: kind, Currency: "USD",
		UsageStart: start.Add(time.Hour), UsageEnd: start.Add(2 * time.Hour), Account: payer, Invoice: "1", BillType: "Anniversary",
		Meter:   showback.Meter{ProductCode: service, ProductName: service, UsageType: "USE1-" + service, Unit: "Hrs", Region: "us-east-1"},
		Amounts: map[showback.Basis]showback.Decimal{showback.Unblended: showback.MustDecimal(cost)},
	}
	if service == "Amazon Bedrock" {
		c.Meter.Unit = "1K tokens"
	}
	if group != "" {
		c.Caller = "arn:aws:iam::111122223333:user/alice"
		c.Tags = map[showback.TagKey]string{team: group}
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

func charges() []showback.Charge {
	open := charge("2026-11-03", "Amazon Bedrock", "Usage", "search", "9", "1")
	open.Invoice = ""
	return []showback.Charge{
		charge("2026-09-01", "Amazon Bedrock", "Usage", "search", "10.25", "3"),
		charge("2026-09-02", "Amazon Bedrock", "Usage", "support", "4.00000000004", "2"),
		charge("2026-09-02", "AmazonEC2", "Usage", "", "7", "5"),
		charge("2026-09-01", "Amazon Bedrock", "Tax", "", "1.5", ""),
		charge("2026-10-05", "Amazon Bedrock", "Usage", "search", "2.5", "1"),
		open,
	}
}

func serve(list []showback.Charge) *Service {
	e := mem.New(list, mem.Cover(list))
	return &Service{Bills: func(context.Context) (explore.Engine, func(), error) { return e, func() {}, nil },
		Now: func() time.Time { return time.Date(2026, 11, 15, 12, 0, 0, 0, time.UTC) }}
}

// request reads a request as a client sends it.
func request(t *testing.T, text string) *GetCostAndUsageRequest {
	t.Helper()
	in := &GetCostAndUsageRequest{}
	if err := json.Unmarshal([]byte(text), in); err != nil {
		t.Fatal(err)
	}
	return in
}

func TestGetCostAndUsage(t *testing.T) {
	f := func(in, want string) {
		t.Helper()
		out, err := serve(charges()).GetCostAndUsage(t.Context(), request(t, in))
		if err != nil {
			t.Errorf("%s: %v", in, err)
			return
		}
		text, err := json.Marshal(out)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(strings.Join(strings.Fields(want), ""), strings.ReplaceAll(string(text), " ", "")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", in, diff)
		}
	}
	f(`{"TimePeriod":{"Start":"2026-09-01","End":"2026-12-01"},"Granularity":"MONTHLY","Metrics":["UnblendedCost"]}`, `
		{"ResultsByTime":[
		{"TimePeriod":{"Start":"2026-09-01","End":"2026-10-01"},"Total":{"UnblendedCost":{"Amount":"22.75000000004","Unit":"USD"}},"Groups":[],"Estimated":false},
		{"TimePeriod":{"Start":"2026-10-01","End":"2026-11-01"},"Total":{"UnblendedCost":{"Amount":"2.5","Unit":"USD"}},"Groups":[],"Estimated":false},
		{"TimePeriod":{"Start":"2026-11-01","End":"2026-12-01"},"Total":{"UnblendedCost":{"Amount":"9","Unit":"USD"}},"Groups":[],"Estimated":true}],
		"DimensionValueAttributes":[]}`)
	f(`{"TimePeriod":{"Start":"2026-09-01","End":"2026-10-01"},"Granularity":"MONTHLY","Metrics":["UnblendedCost","UsageQuantity"],"GroupBy":[{"Type":"TAG","Key":"iamPrincipal/team"}]}`, `
		{"GroupDefinitions":[{"Type":"TAG","Key":"iamPrincipal/team"}],"ResultsByTime":[
		{"TimePeriod":{"Start":"2026-09-01","End":"2026-10-01"},"Total":{},"Groups":[
		{"Keys":["iamPrincipal/team$"],"Metrics":{"UnblendedCost":{"Amount":"8.5","Unit":"USD"},"UsageQuantity":{"Amount":"5","Unit":"Hrs"}}},
		{"Keys":["iamPrincipal/team$search"],"Metrics":{"UnblendedCost":{"Amount":"10.25","Unit":"USD"},"UsageQuantity":{"Amount":"3","Unit":"1Ktokens"}}},
		{"Keys":["iamPrincipal/team$support"],"Metrics":{"UnblendedCost":{"Amount":"4.00000000004","Unit":"USD"},"UsageQuantity":{"Amount":"2","Unit":"1Ktokens"}}}],
		"Estimated":false}],"DimensionValueAttributes":[]}`)
	// Units that differ are added as Cost Explorer adds them, and have none.
	f(`{"TimePeriod":{"Start":"2026-09-01","End":"2026-10-01"},"Granularity":"MONTHLY","Metrics":["UsageQuantity"]}`, `
		{"ResultsByTime":[{"TimePeriod":{"Start":"2026-09-01","End":"2026-10-01"},"Total":{"UsageQuantity":{"Amount":"10","Unit":"N/A"}},"Groups":[],"Estimated":false}],
		"DimensionValueAttributes":[]}`)
	// A day without charges is there, and so is an hour.
	f(`{"TimePeriod":{"Start":"2026-09-02T01:00:00Z","End":"2026-09-02T03:00:00Z"},"Granularity":"HOURLY","Metrics":["UnblendedCost"],"Filter":{"Dimensions":{"Key":"SERVICE","Values":["AmazonEC2"]}}}`, `
		{"ResultsByTime":[
		{"TimePeriod":{"Start":"2026-09-02T01:00:00Z","End":"2026-09-02T02:00:00Z"},"Total":{"UnblendedCost":{"Amount":"7","Unit":"USD"}},"Groups":[],"Estimated":false},
		{"TimePeriod":{"Start":"2026-09-02T02:00:00Z","End":"2026-09-02T03:00:00Z"},"Total":{"UnblendedCost":{"Amount":"0","Unit":"USD"}},"Groups":[],"Estimated":false}],
		"DimensionValueAttributes":[]}`)
	// Tax is a service of its own.
	f(`{"TimePeriod":{"Start":"2026-09-01","End":"2026-09-02"},"Granularity":"DAILY","Metrics":["UnblendedCost"],"GroupBy":[{"Type":"DIMENSION","Key":"SERVICE"}]}`, `
		{"GroupDefinitions":[{"Type":"DIMENSION","Key":"SERVICE"}],"ResultsByTime":[{"TimePeriod":{"Start":"2026-09-01","End":"2026-09-02"},"Total":{},"Groups":[
		{"Keys":["AmazonBedrock"],"Metrics":{"UnblendedCost":{"Amount":"10.25","Unit":"USD"}}},
		{"Keys":["Tax"],"Metrics":{"UnblendedCost":{"Amount":"1.5","Unit":"USD"}}}],"Estimated":false}],"DimensionValueAttributes":[]}`)
}

// What is answered is equal to the ledger when it is compared as an answer of
// Cost Explorer would be, page by page.
func TestAnswersReconcile(t *testing.T) {
	s := serve(charges())
	s.PageGroups = 2
	for _, by := range []string{``, `{"Type":"DIMENSION","Key":"SERVICE"}`, `{"Type":"TAG","Key":"iamPrincipal/team"}`, `{"Type":"DIMENSION","Key":"REGION"}`,
		`{"Type":"DIMENSION","Key":"USAGE_TYPE"},{"Type":"DIMENSION","Key":"RECORD_TYPE"}`, `{"Type":"DIMENSION","Key":"LINKED_ACCOUNT"},{"Type":"DIMENSION","Key":"SERVICE"}`} {
		for _, granularity := range []string{"HOURLY", "DAILY", "MONTHLY"} {
			in := request(t, fmt.Sprintf(`{"TimePeriod":{"Start":"2026-09-01","End":"2026-12-01"},"Granularity":%q,"Metrics":["UnblendedCost"],"GroupBy":[%s]}`, granularity, by))
			var text []byte
			pages := 0
			for {
				out, err := s.GetCostAndUsage(t.Context(), in)
				if err != nil {
					t.Fatalf("%s %s: %v", granularity, by, err)
				}
				page, err := json.Marshal(out)
				if err != nil {
					t.Fatal(err)
				}
				text, pages = append(text, page...), pages+1
				if in.NextPageToken = out.NextPageToken; in.NextPageToken == "" {
					break
				}
			}
			if strings.Contains(by, "team") && pages < 2 {
				t.Errorf("%s %s: one page", granularity, by)
			}
			response, err := costexplorer.ParseResponse(text)
			if err != nil {
				t.Fatalf("%s %s: %v\n%s", granularity, by, err, text)
			}
			engine, _, _ := s.Bills(t.Context())
			report, err := reconcile.Against(t.Context(), reconcile.AgainstRequest{Engine: engine, Response: response})
			if err != nil {
				t.Fatalf("%s %s: %v", granularity, by, err)
			}
			if report.Status != reconcile.Equal || len(report.Totals) != 1 || report.Totals[0].Rounded > 0 || report.Totals[0].CostExplorer.String() != "34.25000000004" {
				t.Errorf("%s %s: %s, %+v", granularity, by, report.Status, report.Totals)
			}
		}
	}
}

func TestGetCostAndUsageErrors(t *testing.T) {
	f := func(in, code, message string) {
		t.Helper()
		_, err := serve(charges()).GetCostAndUsage(t.Context(), request(t, in))
		var fault *Error
		if !errors.As(err, &fault) || fault.Code != code || !strings.Contains(fault.Message, message) {
			t.Errorf("%s: got %v, want %s: %s", in, err, code, message)
		}
	}
	period := `"TimePeriod":{"Start":"2026-09-01","End":"2026-10-01"}`
	f(`{"Granularity":"DAILY","Metrics":["UnblendedCost"]}`, "ValidationException", "TimePeriod is required")
	f(`{"TimePeriod":{"Start":"2026-09-02","End":"2026-09-01"},"Granularity":"DAILY","Metrics":["UnblendedCost"]}`, "ValidationException", "should be before end date")
	f(`{"TimePeriod":{"Start":"today","End":"tomorrow"},"Granularity":"DAILY","Metrics":["UnblendedCost"]}`, "ValidationException", `Start is "today"`)
	f(`{"TimePeriod":{"Start":"2025-09-01","End":"2025-10-01"},"Granularity":"DAILY","Metrics":["UnblendedCost"]}`, "DataUnavailableException", "no bill of the period")
	f(`{`+period+`,"Granularity":"WEEKLY","Metrics":["UnblendedCost"]}`, "ValidationException", "'WEEKLY' at 'granularity'")
	f(`{`+period+`,"Granularity":"DAILY"}`, "ValidationException", "At least one metric")
	f(`{`+period+`,"Granularity":"DAILY","Metrics":["Cost"]}`, "ValidationException", `use metric "Cost"`)
	f(`{`+period+`,"Granularity":"DAILY","Metrics":["NetUnblendedCost"]}`, "DataUnavailableException", "the bill has no NetUnblendedCost: not available")
	f(`{`+period+`,"Granularity":"DAILY","Metrics":["UnblendedCost"],"GroupBy":[{"Type":"DIMENSION","Key":"AZ"}]}`, "ValidationException", "availability zones are not kept")
	f(`{`+period+`,"Granularity":"DAILY","Metrics":["UnblendedCost"],"GroupBy":[{"Type":"KIND","Key":"AZ"}]}`, "ValidationException", `group by type "KIND"`)
	f(`{`+period+`,"Granularity":"DAILY","Metrics":["UnblendedCost"],"Filter":{"And":[],"Or":[]}}`, "ValidationException", "want one root")
	f(`{`+period+`,"Granularity":"DAILY","Metrics":["UnblendedCost"],"NextPageToken":"x"}`, "InvalidNextTokenException", "pagination token is invalid")
	f(`{"TimePeriod":{"Start":"2026-09-01T01:00:00Z","End":"2026-09-02"},"Granularity":"DAILY","Metrics":["UnblendedCost"]}`, "ValidationException", "time of day")
}

// A token goes with its request and its version of the bill alone.
func TestTokens(t *testing.T) {
	s := serve(charges())
	s.PageGroups = 1
	in := request(t, `{"TimePeriod":{"Start":"2026-09-01","End":"2026-10-01"},"Granularity":"MONTHLY","Metrics":["UnblendedCost"],"GroupBy":[{"Type":"TAG","Key":"iamPrincipal/team"}]}`)
	out, err := s.GetCostAndUsage(t.Context(), in)
	if err != nil || out.NextPageToken == "" || len(out.ResultsByTime[0].Groups) != 1 {
		t.Fatalf("got %+v, %v", out, err)
	}
	f := func(code string, change func(in *GetCostAndUsageRequest)) {
		t.Helper()
		next := *in
		next.NextPageToken = out.NextPageToken
		change(&next)
		_, err := s.GetCostAndUsage(t.Context(), &next)
		var fault *Error
		if errors.As(err, &fault); code == "" && err != nil || code != "" && (fault == nil || fault.Code != code) {
			t.Errorf("got %v, want %q", err, code)
		}
	}
	f("", func(in *GetCostAndUsageRequest) {})
	f("RequestChangedException", func(in *GetCostAndUsageRequest) { in.Granularity = "DAILY" })
	f("RequestChangedException", func(in *GetCostAndUsageRequest) { in.GroupBy = nil })
	f("InvalidNextTokenException", func(in *GetCostAndUsageRequest) { in.NextPageToken += "A" })
	newer := mem.Cover(charges())
	newer.Version = 7
	e := mem.New(charges(), newer)
	s.Bills = func(context.Context) (explore.Engine, func(), error) { return e, func() {}, nil }
	f("InvalidNextTokenException", func(in *GetCostAndUsageRequest) {})
}

// Limits that protect Cost Explorer alone are its own, and asked for.
func TestStrict(t *testing.T) {
	f := func(want, in string) {
		t.Helper()
		s := serve(charges())
		if _, err := s.GetCostAndUsage(t.Context(), request(t, in)); err != nil {
			t.Errorf("%s: %v", in, err)
		}
		s.Strict = true
		if _, err := s.GetCostAndUsage(t.Context(), request(t, in)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", in, err, want)
		}
	}
	f("14 days", `{"TimePeriod":{"Start":"2026-09-01","End":"2026-09-02"},"Granularity":"HOURLY","Metrics":["UnblendedCost"]}`)
	f("length less than or equal to 2", `{"TimePeriod":{"Start":"2026-09-01","End":"2026-09-02"},"Granularity":"DAILY","Metrics":["UnblendedCost"],
		"GroupBy":[{"Type":"DIMENSION","Key":"SERVICE"},{"Type":"DIMENSION","Key":"REGION"},{"Type":"TAG","Key":"iamPrincipal/team"}]}`)
	f("past the beginning of next month", `{"TimePeriod":{"Start":"2026-09-01","End":"2027-01-01"},"Granularity":"MONTHLY","Metrics":["UnblendedCost"]}`)
	f("first day of the month", `{"TimePeriod":{"Start":"2025-08-03","End":"2026-10-01"},"Granularity":"MONTHLY","Metrics":["UnblendedCost"]}`)
}

// Two currencies are never added.
func TestCurrencies(t *testing.T) {
	won := charge("2026-09-03", "Amazon Bedrock", "Usage", "search", "1000", "1")
	won.Payer, won.Currency = "444455556666", "KRW"
	s := serve(append(charges(), won))
	in := `{"TimePeriod":{"Start":"2026-09-01","End":"2026-10-01"},"Granularity":"MONTHLY","Metrics":["UnblendedCost"]%s}`
	if _, err := s.GetCostAndUsage(t.Context(), request(t, fmt.Sprintf(in, ""))); err == nil || !strings.Contains(err.Error(), "filter by PAYER_ACCOUNT") {
		t.Errorf("got %v", err)
	}
	out, err := s.GetCostAndUsage(t.Context(), request(t, fmt.Sprintf(in, `,"Filter":{"Dimensions":{"Key":"PAYER_ACCOUNT","Values":["444455556666"]}}`)))
	if err != nil {
		t.Fatal(err)
	}
	if got := out.ResultsByTime[0].Total["UnblendedCost"]; got != (MetricValue{"1000", "KRW"}) {
		t.Errorf("got %v", got)
	}
}

// A bill in another currency has no dollars where it has nothing.
func TestNothingInItsCurrency(t *testing.T) {
	won := charge("2026-09-03", "Amazon Bedrock", "Usage", "search", "1000", "1")
	won.Currency = "KRW"
	out, err := serve([]showback.Charge{won}).GetCostAndUsage(t.Context(), request(t, `{"TimePeriod":{"Start":"2026-09-01","End":"2026-09-02"},"Granularity":"DAILY","Metrics":["UnblendedCost"]}`))
	if err != nil || out.ResultsByTime[0].Total["UnblendedCost"] != (MetricValue{"0", "KRW"}) {
		t.Errorf("got %+v, %v", out, err)
	}
}

// No request sees more than its asker may.
func TestAccess(t *testing.T) {
	s := serve(charges())
	s.Access = explore.Match{Key: explore.TagKeyed(team), Values: []explore.Pattern{explore.Exact("search")}}
	out, err := s.GetCostAndUsage(t.Context(), request(t, `{"TimePeriod":{"Start":"2026-09-01","End":"2026-10-01"},"Granularity":"MONTHLY","Metrics":["UnblendedCost"],
		"Filter":{"Or":[{"Dimensions":{"Key":"REGION","Values":["us-east-1"]}},{"Tags":{"Key":"iamPrincipal/team","MatchOptions":["ABSENT"]}}]}}`))
	if err != nil || out.ResultsByTime[0].Total["UnblendedCost"].Amount != "10.25" {
		t.Errorf("got %+v, %v", out, err)
	}
	tags, err := s.GetTags(t.Context(), &GetTagsRequest{TimePeriod: &DateInterval{"2026-09-01", "2026-10-01"}, TagKey: "iamPrincipal/team"})
	if err != nil || !cmp.Equal(tags.Tags, []string{"search"}) {
		t.Errorf("got %+v, %v", tags, err)
	}
}
