package ce

import (
	"context"
	"encoding/json"
	"time"

	"showback"
	"showback/internal/awsapi/wire"
	"showback/internal/costexplorer"
	"showback/internal/explore"
)

// Service answers requests. Its methods are safe for concurrent use.
type Service struct {
	// Bills gives an engine over the version of the ledger in force; done is
	// called when the request is answered.
	Bills func(ctx context.Context) (e explore.Engine, done func(), err error)
	// Access is a filter that no request can widen; nil for none.
	Access explore.Expr
	// Strict sets the limits that protect Cost Explorer alone: two groups, 14
	// days of hours, 14 months. They count from Now, which is not needed
	// otherwise.
	Strict bool
	Now    func() time.Time
	// PageGroups is how many groups a page of an answer has at most; 0 for 5,000.
	PageGroups int
}

// Wire returns the service as package wire has it.
func (s *Service) Wire() *wire.Service {
	w := &wire.Service{Name: "ce", Protocol: wire.JSON11, Target: "AWSInsightsIndexService"}
	wire.Handle(w, "GetCostAndUsage", wire.Plain(s.GetCostAndUsage))
	wire.Handle(w, "GetCostAndUsageWithResources", wire.Plain(s.GetCostAndUsageWithResources))
	wire.Handle(w, "GetDimensionValues", wire.Plain(s.GetDimensionValues))
	wire.Handle(w, "GetTags", wire.Plain(s.GetTags))
	wire.Handle(w, "GetCostCategories", wire.Plain(s.GetCostCategories))
	return w
}

func (s *Service) pageGroups() int {
	if s.PageGroups > 0 {
		return s.PageGroups
	}
	return 5000
}

// DateInterval is a period, its end not included. By hours the bounds have a
// time of day.
type DateInterval struct {
	Start, End string
}

// MetricValue is an amount as text: a currency is a Unit, and a sum of several
// units of quantity has N/A.
type MetricValue struct {
	Amount, Unit string
}

// GroupDefinition says what an answer is grouped by.
type GroupDefinition struct {
	Type, Key string
}

// DimensionValuesWithAttributes is a value and what else is known of it.
type DimensionValuesWithAttributes struct {
	Value      string
	Attributes map[string]string
}

// asking is a request under way: over one version of the ledger.
type asking struct {
	*Service
	engine   explore.Engine
	coverage explore.Coverage
	period   showback.Period
	filter   explore.Expr
}

// begin reads what requests have in common. The caller calls done.
func (s *Service) begin(ctx context.Context, interval *DateInterval, filter json.RawMessage) (a *asking, done func(), err error) {
	if interval == nil {
		return nil, nil, invalid("TimePeriod is required")
	}
	period, hourly, err := costexplorer.ParsePeriod(interval.Start, interval.End)
	if err != nil {
		if interval.Start >= interval.End {
			return nil, nil, invalid("Start date (and hour) should be before end date (and hour)")
		}
		return nil, nil, faultOf(err)
	}
	if hourly && (period.Start.Truncate(time.Hour) != period.Start || period.End.Truncate(time.Hour) != period.End) {
		return nil, nil, invalid("TimePeriod has parts of hours: " + interval.Start + " to " + interval.End)
	}
	engine, done, err := s.Bills(ctx)
	if err != nil {
		return nil, nil, faultOf(err)
	}
	a = &asking{Service: s, engine: engine, period: period}
	if err := a.prepare(ctx, filter); err != nil {
		done()
		return nil, nil, faultOf(err)
	}
	return a, done, nil
}

func (a *asking) prepare(ctx context.Context, filter json.RawMessage) error {
	var err error
	if a.coverage, err = a.engine.Coverage(ctx); err != nil {
		return showback.Errorf(showback.KindOf(err), "read coverage: %w", err)
	}
	held := false
	for _, d := range a.coverage.Deliveries {
		held = held || d.Month.Period().Overlaps(a.period)
	}
	if !held {
		return &Error{Code: codeDataUnavailable, Message: "no bill of the period has been imported: " + a.period.Inclusive()}
	}
	if len(filter) == 0 || string(filter) == "null" {
		return nil
	}
	expression, err := costexplorer.DecodeExpression(filter)
	if err != nil {
		return err
	}
	vocabulary, err := a.vocabulary(ctx, expression)
	if err != nil {
		return err
	}
	a.filter, err = expression.Filter(vocabulary)
	return err
}

// mostNames is more services and charge types than AWS has.
const mostNames = 5000

// vocabulary lists what the ledger calls things that the filter names.
func (a *asking) vocabulary(ctx context.Context, e costexplorer.Expression) (v costexplorer.Vocabulary, err error) {
	v.Tags = a.coverage.TagKeys()
	for _, of := range []struct {
		dimension, key string
		names          *[]string
	}{{"SERVICE", "service", &v.Services}, {"RECORD_TYPE", "charge-type", &v.ChargeTypes}} {
		if !e.Uses(of.dimension) {
			continue
		}
		if *of.names, err = a.engine.Values(ctx, a.plan(nil), explore.Key{Name: of.key, Typed: of.key}, mostNames); err != nil {
			return v, showback.Errorf(showback.KindOf(err), "list values of %s: %w", of.key, err)
		}
	}
	return v, nil
}

// plan is one of whole days over the whole bill, with the filter and what
// bounds it.
func (a *asking) plan(filter explore.Expr) explore.Plan {
	return explore.Plan{Period: a.days(), Granularity: explore.Total, Filter: both(filter, a.Access), Basis: showback.Unblended,
		Scope: explore.ScopeAll, TagView: explore.TagsBilled}
}

// days is the period, widened to whole days.
func (a *asking) days() showback.Period {
	p := showback.Period{Start: showback.Day(a.period.Start), End: showback.Day(a.period.End)}
	if p.End.Before(a.period.End) {
		p.End = p.End.AddDate(0, 0, 1)
	}
	return p
}

// both passes what both filters pass; nil passes all.
func both(a, b explore.Expr) explore.Expr {
	switch {
	case a == nil:
		return b
	case b == nil:
		return a
	}
	return explore.And{Terms: []explore.Expr{a, b}}
}
