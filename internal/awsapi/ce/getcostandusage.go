package ce

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"showback"
	"showback/internal/costexplorer"
	"showback/internal/explore"
)

// GetCostAndUsageRequest asks for metrics by spans of time and groups. (AWS,
// "Cost Explorer API reference: GetCostAndUsage", 2026-09.)
type GetCostAndUsageRequest struct {
	TimePeriod     *DateInterval
	Granularity    string
	Filter         json.RawMessage `json:",omitempty"`
	Metrics        []string
	GroupBy        []GroupDefinition `json:",omitempty"`
	BillingViewArn string            `json:",omitempty"`
	NextPageToken  string            `json:",omitempty"`
}

// GetCostAndUsageResponse has a result for each span of the period.
type GetCostAndUsageResponse struct {
	NextPageToken            string            `json:",omitempty"`
	GroupDefinitions         []GroupDefinition `json:",omitempty"`
	ResultsByTime            []ResultByTime
	DimensionValueAttributes []DimensionValuesWithAttributes
}

// ResultByTime has the figures of a span: in Total without groups, else in
// Groups.
type ResultByTime struct {
	TimePeriod DateInterval
	Total      map[string]MetricValue
	Groups     []Group
	// Estimated reports that the figures may still change: a bill of the span is
	// open, or has not been imported.
	Estimated bool
}

// Group has the figures of one combination of keys.
type Group struct {
	Keys    []string
	Metrics map[string]MetricValue
}

// GetCostAndUsage answers with sums to the last digit.
func (s *Service) GetCostAndUsage(ctx context.Context, in *GetCostAndUsageRequest) (*GetCostAndUsageResponse, error) {
	a, done, err := s.begin(ctx, in.TimePeriod, in.Filter)
	if err != nil {
		return nil, err
	}
	defer done()
	out, err := a.costAndUsage(ctx, in)
	return out, faultOf(err)
}

// GetCostAndUsageWithResources is the same question; its filter or its groups
// name resources.
func (s *Service) GetCostAndUsageWithResources(ctx context.Context, in *GetCostAndUsageRequest) (*GetCostAndUsageResponse, error) {
	grouped := slices.Contains(in.GroupBy, GroupDefinition{"DIMENSION", "RESOURCE_ID"})
	if len(in.Filter) == 0 || string(in.Filter) == "null" {
		return nil, invalid("Filter is required")
	}
	e, err := costexplorer.DecodeExpression(in.Filter)
	if err != nil {
		return nil, faultOf(err)
	}
	if !grouped && !e.Uses("RESOURCE_ID") {
		return nil, invalid("must group by or filter by RESOURCE_ID")
	}
	return s.GetCostAndUsage(ctx, in)
}

// costs is the making of one answer.
type costs struct {
	*asking
	granularity explore.Granularity
	metrics     []costexplorer.Metric
	groupings   []costexplorer.Grouping
	by          []explore.Key
	currency    string                          // of all amounts; empty when there are none
	found       map[time.Time]map[string]*Group // by span and keys
	accounts    map[string]bool
}

func (a *asking) costAndUsage(ctx context.Context, in *GetCostAndUsageRequest) (*GetCostAndUsageResponse, error) {
	c := &costs{asking: a, found: map[time.Time]map[string]*Group{}, accounts: map[string]bool{}}
	if err := c.read(in); err != nil {
		return nil, err
	}
	from, err := readToken(in, a.coverage.Version)
	if err != nil {
		return nil, err
	}
	for _, m := range c.metrics {
		if err := c.ask(ctx, m); err != nil {
			return nil, err
		}
	}
	out := &GetCostAndUsageResponse{GroupDefinitions: in.GroupBy, ResultsByTime: c.results(), DimensionValueAttributes: []DimensionValuesWithAttributes{}}
	if err := cut(out, in, from, a.pageGroups(), a.coverage.Version); err != nil {
		return nil, err
	}
	return out, nil
}

// spanWords are the granularities of a request.
var spanWords = map[string]explore.Granularity{"HOURLY": explore.Hourly, "DAILY": explore.Daily, "MONTHLY": explore.Monthly}

func (c *costs) read(in *GetCostAndUsageRequest) error {
	var ok bool
	if c.granularity, ok = spanWords[in.Granularity]; !ok {
		return invalid(fmt.Sprintf("1 validation error detected: Value '%s' at 'granularity' failed to satisfy constraint: Member must satisfy enum value set: [MONTHLY, DAILY, HOURLY]", in.Granularity))
	}
	if c.granularity != explore.Hourly && c.days() != c.period {
		return invalid("TimePeriod has a time of day, which goes with the granularity HOURLY alone")
	}
	if len(in.Metrics) == 0 {
		return invalid("At least one metric is required")
	}
	for _, name := range in.Metrics {
		m, err := costexplorer.ParseMetric(name)
		if err != nil {
			return err
		}
		if !slices.Contains(c.metrics, m) {
			c.metrics = append(c.metrics, m)
		}
	}
	for _, d := range in.GroupBy {
		g, err := costexplorer.NewGrouping(costexplorer.GroupDefinition(d))
		if err != nil {
			return err
		}
		c.groupings = append(c.groupings, g)
		for _, k := range g.By {
			if !slices.ContainsFunc(c.by, k.Same) {
				c.by = append(c.by, k)
			}
		}
	}
	if c.Strict {
		return c.strict(in)
	}
	return nil
}

// strict refuses what Cost Explorer does, and the ledger need not.
func (c *costs) strict(in *GetCostAndUsageRequest) error {
	now := c.Now()
	switch {
	case len(in.GroupBy) > 2:
		return invalid("1 validation error detected: Value at 'groupBy' failed to satisfy constraint: Member must have length less than or equal to 2")
	case c.granularity == explore.Hourly && c.period.Start.Before(showback.Day(now).AddDate(0, 0, -14)):
		return invalid("Start date is more than 14 days ago for hourly granularity. Please adjust start date as we support only 14 days of data at hourly granularity.")
	case c.period.Start.Before(showback.MonthOf(now).Add(-14).Period().Start):
		return invalid("To retrieve data beyond the past 14 months, your start date needs to be the first day of the month.")
	case c.period.End.After(showback.MonthOf(now).Add(1).Period().Start):
		return invalid("end date past the beginning of next month")
	}
	return nil
}

// ask puts the question of one metric.
func (c *costs) ask(ctx context.Context, m costexplorer.Metric) error {
	answer, err := explore.Ask(ctx, c.engine, explore.Question{
		Period: c.days(), Granularity: c.granularity, By: c.byOf(m), Filter: c.filter, Access: c.Access, Basis: m.Basis,
		Measures: []explore.Measure{m.Measure}, Scope: explore.ScopeAll,
	})
	if err != nil {
		return err
	}
	for _, b := range answer.Blocks {
		if m.Measure == explore.Cost {
			if c.currency != "" && c.currency != b.Currency {
				return invalid(fmt.Sprintf("the bills are in %s and %s, which are not added: filter by PAYER_ACCOUNT", c.currency, b.Currency))
			}
			c.currency = b.Currency
		}
		for _, r := range b.Rows {
			if err := c.add(m, b.Currency, r); err != nil {
				return err
			}
		}
	}
	return nil
}

// byOf are the keys of a metric's question. A quantity is asked by usage type
// too, which has one unit: the ledger does not add hours to tokens, and Cost
// Explorer does.
func (c *costs) byOf(m costexplorer.Metric) []explore.Key {
	if m.Measure != explore.Quantity || slices.ContainsFunc(c.by, usageType.Same) {
		return c.by
	}
	return append(slices.Clone(c.by), usageType)
}

var usageType = explore.Key{Name: "usage-type", Typed: "usage-type"}

func (c *costs) add(m costexplorer.Metric, currency string, r explore.AnswerRow) error {
	span := showback.Period{Start: r.Start, End: r.End}
	if c.granularity == explore.Hourly && (span.Start.Before(c.period.Start) || span.End.After(c.period.End)) {
		return nil
	}
	figure, unit := r.Cost, currency
	if m.Measure == explore.Quantity {
		figure, unit = r.Quantity, cmp.Or(r.Unit, notApplicable)
		if figure.Missing == showback.None("quantity", "") { // tax and the like
			figure.Missing, unit = "", ""
		}
	}
	if figure.Missing != "" {
		return &Error{Code: codeDataUnavailable, Message: fmt.Sprintf("the bill has no %s: %s", m.Name, figure.Missing)}
	}
	var keys []string
	for _, g := range c.groupings {
		keys = append(keys, g.Write(c.values(g, r.Keys)))
	}
	groups := c.found[r.Start]
	if groups == nil {
		groups = map[string]*Group{}
		c.found[r.Start] = groups
	}
	id := strings.Join(keys, "\x00")
	if groups[id] == nil {
		groups[id] = &Group{Keys: keys, Metrics: map[string]MetricValue{}}
	}
	have, ok := groups[id].Metrics[m.Name]
	value := MetricValue{figure.Value.String(), unit}
	if ok {
		sum := showback.MustDecimal(have.Amount).Add(figure.Value)
		value = MetricValue{sum.String(), joined(have.Unit, unit)}
	}
	groups[id].Metrics[m.Name] = value
	return nil
}

// notApplicable is the unit of a quantity that has several, or none.
const notApplicable = "N/A"

// joined is the unit of a sum; an empty one is of nothing.
func joined(a, b string) string {
	switch {
	case a == "" || a == b:
		return b
	case b == "":
		return a
	}
	return notApplicable
}

// values picks a grouping's own among the values of a row.
func (c *costs) values(g costexplorer.Grouping, values []explore.Value) []explore.Value {
	own := make([]explore.Value, len(g.By))
	for i, k := range g.By {
		own[i] = values[slices.IndexFunc(c.by, k.Same)]
	}
	return own
}

// results has every span of the period, with nothing where the bill has
// nothing.
func (c *costs) results() []ResultByTime {
	results := []ResultByTime{}
	for start := c.period.Start; start.Before(c.period.End); {
		end := c.next(start)
		r := ResultByTime{TimePeriod: DateInterval{c.bound(start), c.bound(end)}, Total: map[string]MetricValue{}, Groups: []Group{}}
		r.Estimated = c.estimated(showback.Period{Start: start, End: end})
		groups := c.found[start]
		for _, id := range slices.Sorted(maps.Keys(groups)) {
			r.Groups = append(r.Groups, c.whole(*groups[id]))
		}
		if len(c.groupings) == 0 {
			r.Total = c.whole(Group{}).Metrics
			if len(r.Groups) > 0 {
				r.Total = r.Groups[0].Metrics
			}
			r.Groups = []Group{}
		}
		results = append(results, r)
		start = end
	}
	return results
}

// whole gives a group every metric: one that has no charge with it is 0 of it.
func (c *costs) whole(g Group) Group {
	metrics := map[string]MetricValue{}
	for _, m := range c.metrics {
		v, ok := g.Metrics[m.Name]
		switch {
		case !ok && m.Measure == explore.Cost:
			v = MetricValue{"0", cmp.Or(c.currency, c.billed())}
		case !ok:
			v = MetricValue{"0", notApplicable}
		case v.Unit == "":
			v.Unit = notApplicable
		}
		metrics[m.Name] = v
	}
	return Group{Keys: g.Keys, Metrics: metrics}
}

// billed is the currency of the bills of the period, for an answer without any
// charge; where they are in several, Cost Explorer's own.
func (c *costs) billed() string {
	var all []string
	for _, d := range c.coverage.Deliveries {
		if d.Month.Period().Overlaps(c.period) {
			all = append(all, d.Currencies...)
		}
	}
	slices.Sort(all)
	if all = slices.Compact(all); len(all) == 1 {
		return all[0]
	}
	return "USD"
}

// next is the end of the span that begins at start.
func (c *costs) next(start time.Time) time.Time {
	var end time.Time
	switch c.granularity {
	case explore.Hourly:
		end = start.Add(time.Hour)
	case explore.Daily:
		end = start.AddDate(0, 0, 1)
	default:
		end = showback.MonthOf(start).Period().End
	}
	if end.After(c.period.End) {
		return c.period.End
	}
	return end
}

func (c *costs) bound(at time.Time) string {
	if c.granularity == explore.Hourly {
		return at.Format("2006-01-02T15:04:05Z")
	}
	return at.Format(time.DateOnly)
}

// estimated reports that figures of the span may still change.
func (c *costs) estimated(span showback.Period) bool {
	for _, month := range span.Months() {
		held := false
		for _, d := range c.coverage.Deliveries {
			if d.Month == month {
				held = true
				if d.Open {
					return true
				}
			}
		}
		if !held {
			return true
		}
	}
	return false
}
