package reconcile

import (
	"context"
	"slices"
	"strings"
	"time"

	"showback"
	"showback/internal/costexplorer"
	"showback/internal/explore"
)

// AgainstRequest asks for a comparison with what Cost Explorer answered.
type AgainstRequest struct {
	Engine   explore.Engine // answers from one version of the ledger throughout
	Response *costexplorer.Response
	// Expression is the filter of the request that was answered, which the
	// answer does not hold; nil for none. Where is one in the ledger's words.
	Expression *costexplorer.Expression
	Where      explore.Expr
	Payer      string // 12 digits; empty for all
}

// AgainstReport is a comparison with Cost Explorer, over the whole bill.
type AgainstReport struct {
	Status      Status              `json:"status"`
	Version     int                 `json:"version"`
	Start       string              `json:"start"` // first day
	End         string              `json:"end"`   // the day after the last
	Granularity explore.Granularity `json:"granularity"`
	GroupedBy   []GroupedBy         `json:"grouped_by"`
	Where       string              `json:"where"` // the filter in canonical form; empty for none
	Payers      []string            `json:"payers"`
	Pages       int                 `json:"pages"`
	Incomplete  bool                `json:"incomplete"` // the last page names a next one
	Totals      []AgainstTotal      `json:"totals"`
	Comparisons []AgainstComparison `json:"comparisons"`
	// NotCompared are metrics that the ledger cannot answer.
	NotCompared []MetricReason `json:"not_compared"`
	Notes       []Note         `json:"notes"`
}

// GroupedBy is one of Cost Explorer's group definitions.
type GroupedBy struct {
	Type string `json:"type"`
	Key  string `json:"key"`
}

// MetricReason is a metric that was not compared, and why.
type MetricReason struct {
	Metric string `json:"metric"`
	Reason string `json:"reason"`
	Hint   string `json:"hint,omitempty"`
}

// AgainstComparison sets one metric of one group and period of the two sides
// beside each other. A side that does not have the group is nil.
type AgainstComparison struct {
	Metric    string `json:"metric"`
	Start     string `json:"start"`     // first day, or by hours the first instant
	End       string `json:"end"`       // the day or the instant after the last
	Estimated bool   `json:"estimated"` // by Cost Explorer: it may still change
	// Keys has what Cost Explorer calls the group, for each definition; where
	// several of its groups are one in the ledger, all of them.
	Keys   [][]string `json:"keys"`
	Unit   string     `json:"unit"` // currency or unit of quantity
	Status Status     `json:"status"`
	// Reason says why it was not checked.
	Reason string `json:"reason,omitempty"`
	// Digits is set where the sides are equal but for what Cost Explorer
	// rounded off: equal to so many decimals.
	Digits       int               `json:"digits,omitempty"`
	CostExplorer *showback.Decimal `json:"cost_explorer"`
	Store        *showback.Decimal `json:"store"`
	Difference   showback.Decimal  `json:"difference"` // Cost Explorer - store
}

// Against compares what Cost Explorer answered with the ledger, group by group.
// The question is about the whole bill, as Cost Explorer's is. A difference in
// a period of which the ledger lacks a part is Unchecked.
//
// Errors: KindInvalid for what the ledger has no data for (a dimension,
// hours of a bill by the day, every metric), KindNotFound for an empty ledger or an unknown payer, and
// those of the engine.
func Against(ctx context.Context, req AgainstRequest) (*AgainstReport, error) {
	a, err := newAgainst(ctx, req)
	if err != nil {
		return nil, err
	}
	for _, name := range req.Response.Metrics {
		m, err := costexplorer.ParseMetric(name)
		if err != nil {
			a.out.NotCompared = append(a.out.NotCompared, MetricReason{name, err.Error(), showback.HintOf(err)})
			continue
		}
		if err := a.compare(ctx, m); err != nil {
			return nil, err
		}
	}
	if n := len(a.out.NotCompared); n > 0 && n == len(req.Response.Metrics) {
		_, err := costexplorer.ParseMetric(a.out.NotCompared[0].Metric)
		return nil, err
	}
	a.finish()
	return a.out, nil
}

// against is a comparison under way.
type against struct {
	AgainstRequest
	coverage  explore.Coverage
	payers    []string // whose bills the question is about
	filter    explore.Expr
	spans     []costexplorer.Span
	groupings []costexplorer.Grouping
	by        []explore.Key
	out       *AgainstReport
}

func newAgainst(ctx context.Context, req AgainstRequest) (*against, error) {
	a := &against{AgainstRequest: req}
	var err error
	if a.coverage, err = req.Engine.Coverage(ctx); err != nil {
		return nil, showback.Errorf(showback.KindOf(err), "read coverage: %w", err)
	}
	if len(a.coverage.Deliveries) == 0 {
		return nil, showback.WithHint(showback.Errorf(showback.KindNotFound, "compare with Cost Explorer: the store has no bills yet"),
			"import an export with showback import FOLDER")
	}
	if a.groupings, err = req.Response.Groupings(); err != nil {
		return nil, err
	}
	if a.spans, err = req.Response.Spans(); err != nil {
		return nil, err
	}
	if err := a.chooseFilter(ctx); err != nil {
		return nil, err
	}
	for _, g := range a.groupings {
		for _, k := range g.By {
			if !slices.ContainsFunc(a.by, k.Same) {
				a.by = append(a.by, k)
			}
		}
	}
	a.out = &AgainstReport{
		Version: a.coverage.Version, Granularity: explore.Total, GroupedBy: []GroupedBy{}, Where: explore.Format(a.filter), Payers: a.payers,
		Pages: req.Response.Pages, Incomplete: req.Response.Incomplete,
		Totals: []AgainstTotal{}, Comparisons: []AgainstComparison{}, NotCompared: []MetricReason{}, Notes: []Note{},
	}
	for _, g := range a.groupings {
		a.out.GroupedBy = append(a.out.GroupedBy, GroupedBy(g.Definition))
	}
	if n := len(a.spans); n > 0 {
		a.out.Start, a.out.End = dayText(a.spans[0].Period.Start), dayText(a.spans[n-1].Period.End)
		a.out.Granularity = a.spans[0].Granularity
	}
	return a, nil
}

func dayText(at time.Time) string { return at.Format(time.DateOnly) }

// bound writes a bound of a span of the comparison: a day, or by hours an
// instant, as Cost Explorer does.
func (a *against) bound(at time.Time) string {
	if a.out.Granularity == explore.Hourly {
		return at.Format(time.RFC3339)
	}
	return dayText(at)
}

// chooseFilter joins the filters and works out which payers they leave.
func (a *against) chooseFilter(ctx context.Context) error {
	var terms []explore.Expr
	if a.Payer != "" {
		terms = append(terms, payerFilter(a.Payer))
	}
	if a.Expression != nil {
		vocabulary, err := a.vocabulary(ctx)
		if err != nil {
			return err
		}
		e, err := a.Expression.Filter(vocabulary)
		if err != nil {
			return err
		}
		terms = append(terms, e)
	}
	if a.Where != nil {
		terms = append(terms, a.Where)
	}
	switch len(terms) {
	case 0:
	case 1:
		a.filter = terms[0]
	default:
		a.filter = explore.And{Terms: terms}
	}
	a.payers = []string{}
	for _, d := range a.coverage.Deliveries {
		if !slices.Contains(a.payers, d.Payer) && allows(a.filter, d.Payer) != never {
			a.payers = append(a.payers, d.Payer)
		}
	}
	slices.Sort(a.payers)
	if len(a.payers) == 0 {
		return showback.WithHint(showback.Errorf(showback.KindNotFound, "compare with Cost Explorer: no bill of such a payer"),
			"showback delivery list names the payers of the store")
	}
	return nil
}

// vocabulary asks the ledger what it calls services and charge types.
func (a *against) vocabulary(ctx context.Context) (v costexplorer.Vocabulary, err error) {
	v.Tags = a.coverage.TagKeys()
	for name, list := range map[string]*[]string{"service": &v.Services, "charge-type": &v.ChargeTypes} {
		for _, s := range a.spans {
			months := s.Period.Months() // whole ones: of what is not AI the ledger may have no more
			period := showback.Period{Start: months[0].Start(), End: months[len(months)-1].End()}
			values, err := a.Engine.Values(ctx, explore.Plan{
				Period: period, Granularity: explore.Total, Basis: showback.Unblended, Scope: explore.ScopeAll, TagView: explore.TagsBilled,
				Measures: []explore.Measure{explore.Cost},
			}, key(name), maxNames)
			if err != nil {
				return v, showback.Errorf(showback.KindOf(err), "list values of %s: %w", name, err)
			}
			*list = append(*list, values...)
		}
		slices.Sort(*list)
		*list = slices.Compact(*list)
	}
	return v, nil
}

// maxNames is more services than AWS has.
const maxNames = 5000

// The answers to whether a filter can pass charges of a payer.
const (
	never = iota
	perhaps
	always
)

// allows says whether a filter passes charges of a payer, as far as it is about
// payers at all.
func allows(e explore.Expr, payer string) int {
	switch e := e.(type) {
	case nil:
		return always
	case explore.And:
		answer := always
		for _, t := range e.Terms {
			answer = min(answer, allows(t, payer))
		}
		return answer
	case explore.Or:
		answer := never
		for _, t := range e.Terms {
			answer = max(answer, allows(t, payer))
		}
		return answer
	case explore.Not:
		return always - allows(e.Term, payer)
	case explore.Match:
		if e.Key.Name != "payer" {
			return perhaps
		}
		if slices.ContainsFunc(e.Values, func(p explore.Pattern) bool { return p.Matches(payer, false) }) {
			return always
		}
		return never
	}
	return perhaps
}

// note adds a note once.
func (a *against) note(code, text string) {
	if n := (Note{code, text}); !slices.Contains(a.out.Notes, n) {
		a.out.Notes = append(a.out.Notes, n)
	}
}

// names returns the names that a row of an answer is compared by.
func (a *against) names(values []explore.Value) []string {
	names := make([]string, len(a.groupings))
	for i, g := range a.groupings {
		var own []explore.Value
		for _, k := range g.By {
			own = append(own, values[slices.IndexFunc(a.by, k.Same)])
		}
		names[i] = g.Ours(own)
	}
	return names
}

// groupID joins names so that equal ids are equal names: none has a NUL.
func groupID(names []string, unit string) string {
	return strings.Join(append(names[:len(names):len(names)], unit), "\x00")
}
