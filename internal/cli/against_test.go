package cli_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"showback"
	"showback/internal/estate"
)

// asking is a request to Cost Explorer, answered from the estate's charges.
type asking struct {
	daily    bool
	from, to string // to is not included
	metric   string
	by       []definition
	filter   string // what goes to --filter
	passes   func(*showback.Charge) bool
}

// definition is a group definition, with what Cost Explorer calls a charge's
// value.
type definition struct {
	Type, Key string
	of        func(*showback.Charge) string
}

func or(text, none string) string {
	if text == "" {
		return none
	}
	return text
}

// service is a charge's service as Cost Explorer names it.
func service(c *showback.Charge) string {
	switch {
	case c.Type == "Tax":
		return "Tax"
	case c.Meter.ProductName == "Amazon Elastic Compute Cloud":
		return "Amazon Elastic Compute Cloud - Compute"
	}
	return or(c.Meter.ProductName, c.Meter.ProductCode)
}

// recordType is a charge's type as Cost Explorer names it.
func recordType(c *showback.Charge) string {
	names := map[string]string{
		"SavingsPlanCoveredUsage": "Savings Plan Covered Usage", "RIFee": "Recurring reservation fee", "DiscountedUsage": "Reservation applied usage",
		"EdpDiscount": "Enterprise Discount Program Discount", "PrivateRateDiscount": "Private Rate Card Discount", "BundledDiscount": "Bundled Discount",
	}
	switch {
	case c.Type == "Fee" && strings.HasPrefix(c.Meter.ProductCode, "AWSSupport"):
		return "Support fee"
	case c.Type == "Fee" && c.Meter.PurchaseTerm == "Reserved":
		return "Upfront reservation fee"
	case c.Type == "Fee":
		return "Other out-of-cycle charges"
	}
	return or(names[c.Type], c.Type)
}

func tagged(key showback.TagKey, name string) definition {
	kind := "TAG"
	if key.Source == showback.TagCostCategory {
		kind = "COST_CATEGORY"
	}
	return definition{kind, name, func(c *showback.Charge) string { return name + "$" + c.Tags[key] }}
}

var metrics = map[string]showback.Basis{
	"UnblendedCost": showback.Unblended, "NetUnblendedCost": showback.NetUnblended, "AmortizedCost": showback.Amortized,
	"NetAmortizedCost": showback.NetAmortized, "BlendedCost": showback.Blended,
}

// askedPayer is whose bills Cost Explorer answers for.
const askedPayer = "111122223333"

type jsonValue struct{ Amount, Unit string }

type jsonGroup struct {
	Keys    []string
	Metrics map[string]jsonValue
}

type jsonResult struct {
	TimePeriod struct{ Start, End string }
	Total      map[string]jsonValue
	Groups     []jsonGroup
	Estimated  bool
}

type jsonAnswer struct {
	GroupDefinitions []map[string]string `json:",omitempty"`
	ResultsByTime    []jsonResult
	NextPageToken    string `json:",omitempty"`
}

// answer adds the estate's charges up as Cost Explorer does, rounded to ten
// decimals.
func (q asking) answer(t *testing.T, made *estate.Estate) *jsonAnswer {
	t.Helper()
	day := func(text string) time.Time {
		at, err := time.Parse(time.DateOnly, text)
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	from, to := day(q.from), day(q.to)
	sums := map[time.Time]map[string]showback.Decimal{}
	for c := range made.Charges() {
		on := showback.Day(c.CountedOn())
		if c.Payer != askedPayer || on.Before(from) || !on.Before(to) || q.passes != nil && !q.passes(c) {
			continue
		}
		start := on
		if !q.daily {
			if start = showback.MonthOf(on).Start(); start.Before(from) {
				start = from
			}
		}
		var keys []string
		for _, d := range q.by {
			keys = append(keys, d.of(c))
		}
		if sums[start] == nil {
			sums[start] = map[string]showback.Decimal{}
		}
		amount := c.Amounts[metrics[q.metric]]
		if q.metric == "UsageQuantity" {
			if amount = (showback.Decimal{}); c.Quantity != nil && showback.ChargeTypeOf(c.Type).Counts {
				amount = *c.Quantity
			}
		}
		id := strings.Join(keys, "\x00")
		sums[start][id] = sums[start][id].Add(amount)
	}
	a := &jsonAnswer{}
	for _, d := range q.by {
		a.GroupDefinitions = append(a.GroupDefinitions, map[string]string{"Type": d.Type, "Key": d.Key})
	}
	var end time.Time
	for start := from; start.Before(to); start = end {
		if end = start.AddDate(0, 0, 1); !q.daily {
			if end = showback.MonthOf(start).End(); end.After(to) {
				end = to
			}
		}
		a.ResultsByTime = append(a.ResultsByTime, q.result(start, end, sums[start]))
	}
	return a
}

func (q asking) result(start, end time.Time, sums map[string]showback.Decimal) jsonResult {
	unit := "USD"
	if q.metric == "UsageQuantity" {
		unit = "N/A"
	}
	r := jsonResult{Total: map[string]jsonValue{}, Groups: []jsonGroup{}, Estimated: start.Format("2006-01") == "2026-10"}
	r.TimePeriod.Start, r.TimePeriod.End = start.Format(time.DateOnly), end.Format(time.DateOnly)
	if len(q.by) == 0 {
		r.Total[q.metric] = jsonValue{sums[""].Round(10).String(), unit}
		return r
	}
	for id, sum := range sums {
		r.Groups = append(r.Groups, jsonGroup{strings.Split(id, "\x00"), map[string]jsonValue{q.metric: {sum.Round(10).String(), unit}}})
	}
	slices.SortFunc(r.Groups, func(a, b jsonGroup) int { return slices.Compare(a.Keys, b.Keys) })
	return r
}

// compare writes an answer to a file and runs the comparison.
func (a *jsonAnswer) compare(t *testing.T, store string, more ...string) (stdout string, code int) {
	t.Helper()
	text, err := json.Marshal(a)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "ce.json")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	out, stderr, code := run(t, store, append([]string{"reconcile", "--against", file}, more...)...)
	return out + stderr, code
}

// equalCostExplorer holds the store against answers in Cost Explorer's shape
// and words, made from the estate's own charges.
func equalCostExplorer(t *testing.T, made *estate.Estate, store string) {
	dimension := func(key string, of func(*showback.Charge) string) definition { return definition{"DIMENSION", key, of} }
	var (
		team     = tagged(showback.TagKey{Source: showback.TagCaller, Name: "team"}, "iamPrincipal/team")
		app      = tagged(showback.TagKey{Source: showback.TagResource, Name: "app"}, "app")
		division = tagged(showback.TagKey{Source: showback.TagCostCategory, Name: "Division"}, "Division")
		services = dimension("SERVICE", service)
		types    = dimension("RECORD_TYPE", recordType)
		region   = dimension("REGION", func(c *showback.Charge) string { return or(c.Meter.Region, "NoRegion") })
		usage    = dimension("USAGE_TYPE", func(c *showback.Charge) string { return or(c.Meter.UsageType, "NoUsageType") })
		account  = dimension("LINKED_ACCOUNT", func(c *showback.Charge) string { return c.Account })
		legal    = dimension("LEGAL_ENTITY_NAME", func(c *showback.Charge) string { return c.LegalEntity })
	)
	year := func(metric string, by ...definition) asking {
		return asking{from: "2025-11-01", to: "2026-10-13", metric: metric, by: by}
	}
	f := func(name string, q asking) {
		t.Helper()
		more := []string{"--payer", askedPayer}
		if q.filter != "" {
			more = append(more, "--filter", q.filter)
		}
		if out, code := q.answer(t, made).compare(t, store, more...); code != 0 || !strings.Contains(out, "EQUAL") {
			t.Errorf("%s: exit code %d\n%s", name, code, out)
		}
	}
	for metric := range metrics {
		f(metric, year(metric))
	}
	f("by service and record type", year("UnblendedCost", services, types))
	f("by tag and account", year("NetAmortizedCost", team, account))
	f("by region and category", year("AmortizedCost", region, division))
	f("by legal entity", year("BlendedCost", legal))
	f("days by resource tag and service", asking{daily: true, from: "2026-09-01", to: "2026-10-13", metric: "UnblendedCost", by: []definition{app, services}})
	f("quantities by usage type", asking{from: "2026-08-01", to: "2026-10-01", metric: "UsageQuantity", by: []definition{usage}})
	f("a filter", asking{from: "2026-08-15", to: "2026-10-01", metric: "UnblendedCost", by: []definition{team},
		filter: `{"And":[{"Dimensions":{"Key":"SERVICE","Values":["Amazon Bedrock","Claude Sonnet 4.6 (Amazon Bedrock Edition)"]}},{"Not":{"Dimensions":{"Key":"RECORD_TYPE","Values":["Credit","Enterprise Discount Program Discount"]}}}]}`,
		passes: func(c *showback.Charge) bool {
			name := service(c)
			return (name == "Amazon Bedrock" || name == "Claude Sonnet 4.6 (Amazon Bedrock Edition)") && c.Type != "Credit" && c.Type != "EdpDiscount"
		}})

	// One cent in one group of one month is found, and named.
	a := year("UnblendedCost", team).answer(t, made)
	group := &a.ResultsByTime[10].Groups[1]
	value := group.Metrics["UnblendedCost"]
	value.Amount = showback.MustDecimal(value.Amount).Add(showback.MustDecimal("0.01")).String()
	group.Metrics["UnblendedCost"] = value
	out, code := a.compare(t, store, "--payer", askedPayer)
	_, name, _ := strings.Cut(group.Keys[0], "$")
	line := regexp.MustCompile(`(?m)^2026-09 +\$` + regexp.QuoteMeta(name) + ` +[0-9.]+ +[0-9.]+ +0\.0(1|10{7}\d*|09{7}\d*)$`)
	if code != 1 || !line.MatchString(out) || strings.Count(out, "2026-09  ") != 1 {
		t.Errorf("one cent off in %s of 2026-09: exit code %d\n%s", group.Keys, code, out)
	}
}
