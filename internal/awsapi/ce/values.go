package ce

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"showback"
	"showback/internal/costexplorer"
	"showback/internal/explore"
)

// mostValues is how many values of a key are listed at most.
const mostValues = 100_000

// GetDimensionValuesRequest asks for the values of a dimension. (AWS, "Cost
// Explorer API reference: GetDimensionValues", 2026-09.)
type GetDimensionValuesRequest struct {
	TimePeriod    *DateInterval
	Dimension     string
	DimensionKey  string           `json:",omitempty"` // of Dimension PRODUCT_ATTRIBUTE
	Context       string           `json:",omitempty"`
	SearchString  string           `json:",omitempty"`
	Filter        json.RawMessage  `json:",omitempty"`
	SortBy        []SortDefinition `json:",omitempty"`
	MaxResults    int              `json:",omitempty"`
	NextPageToken string           `json:",omitempty"`
}

// SortDefinition orders values by a metric over the period.
type SortDefinition struct {
	Key       string
	SortOrder string `json:",omitempty"` // ASCENDING or DESCENDING
}

// GetDimensionValuesResponse lists values, by default in their own order.
type GetDimensionValuesResponse struct {
	DimensionValues []DimensionValuesWithAttributes
	ReturnSize      int
	TotalSize       int
	NextPageToken   string `json:",omitempty"`
}

// GetTagsRequest asks for tag keys, or the values of one. (AWS, "Cost Explorer
// API reference: GetTags", 2026-09.)
type GetTagsRequest struct {
	TimePeriod    *DateInterval
	TagKey        string           `json:",omitempty"`
	SearchString  string           `json:",omitempty"`
	Filter        json.RawMessage  `json:",omitempty"`
	SortBy        []SortDefinition `json:",omitempty"`
	MaxResults    int              `json:",omitempty"`
	NextPageToken string           `json:",omitempty"`
}

// GetTagsResponse lists keys or values; the empty value is of charges without
// the tag.
type GetTagsResponse struct {
	Tags          []string
	ReturnSize    int
	TotalSize     int
	NextPageToken string `json:",omitempty"`
}

// GetCostCategoriesRequest asks for the names of cost categories, or the values
// of one. (AWS, "Cost Explorer API reference: GetCostCategories", 2026-09.)
type GetCostCategoriesRequest struct {
	TimePeriod       *DateInterval
	CostCategoryName string           `json:",omitempty"`
	SearchString     string           `json:",omitempty"`
	Filter           json.RawMessage  `json:",omitempty"`
	SortBy           []SortDefinition `json:",omitempty"`
	MaxResults       int              `json:",omitempty"`
	NextPageToken    string           `json:",omitempty"`
}

// GetCostCategoriesResponse lists one of both.
type GetCostCategoriesResponse struct {
	CostCategoryNames  []string `json:",omitempty"`
	CostCategoryValues []string `json:",omitempty"`
	ReturnSize         int
	TotalSize          int
	NextPageToken      string `json:",omitempty"`
}

// GetDimensionValues lists the values of a dimension that charges of the period
// have.
func (s *Service) GetDimensionValues(ctx context.Context, in *GetDimensionValuesRequest) (*GetDimensionValuesResponse, error) {
	a, done, err := s.begin(ctx, in.TimePeriod, in.Filter)
	if err != nil {
		return nil, err
	}
	defer done()
	if in.Context != "" && in.Context != "COST_AND_USAGE" {
		return nil, invalid("Context " + in.Context + ": the bill alone is known, which is COST_AND_USAGE")
	}
	var key explore.Key
	if in.Dimension == "PRODUCT_ATTRIBUTE" {
		g, err := costexplorer.NewGrouping(costexplorer.GroupDefinition{Type: in.Dimension, Key: in.DimensionKey})
		if err != nil {
			return nil, faultOf(err)
		}
		key = g.By[0]
	} else if key, err = costexplorer.DimensionKey(in.Dimension); err != nil {
		return nil, faultOf(err)
	}
	l := listing{in.SearchString, in.SortBy, in.MaxResults, in.NextPageToken}
	values, total, next, err := a.list(ctx, key, l, false)
	if err != nil {
		return nil, faultOf(err)
	}
	out := &GetDimensionValuesResponse{DimensionValues: []DimensionValuesWithAttributes{}, ReturnSize: len(values), TotalSize: total, NextPageToken: next}
	for _, v := range values {
		out.DimensionValues = append(out.DimensionValues, DimensionValuesWithAttributes{v, a.attributes(in.Dimension, v)})
	}
	return out, nil
}

// attributes tells the name of an account, where the bill does.
func (a *asking) attributes(dimension, value string) map[string]string {
	attributes := map[string]string{}
	if dimension == "LINKED_ACCOUNT" || dimension == "PAYER_ACCOUNT" {
		for _, d := range a.coverage.Deliveries {
			if d.Payer == value && d.PayerName != "" {
				attributes["description"] = d.PayerName
			}
		}
	}
	return attributes
}

// GetTags lists the tag keys of the period, or the values of one.
func (s *Service) GetTags(ctx context.Context, in *GetTagsRequest) (*GetTagsResponse, error) {
	a, done, err := s.begin(ctx, in.TimePeriod, in.Filter)
	if err != nil {
		return nil, err
	}
	defer done()
	l := listing{in.SearchString, in.SortBy, in.MaxResults, in.NextPageToken}
	tags, total, next, err := a.tags(ctx, "TAG", in.TagKey, l)
	if err != nil {
		return nil, faultOf(err)
	}
	return &GetTagsResponse{tags, len(tags), total, next}, nil
}

// GetCostCategories lists the cost categories of the period as billed, or the
// values of one.
func (s *Service) GetCostCategories(ctx context.Context, in *GetCostCategoriesRequest) (*GetCostCategoriesResponse, error) {
	a, done, err := s.begin(ctx, in.TimePeriod, in.Filter)
	if err != nil {
		return nil, err
	}
	defer done()
	l := listing{in.SearchString, in.SortBy, in.MaxResults, in.NextPageToken}
	names, total, next, err := a.tags(ctx, "COST_CATEGORY", in.CostCategoryName, l)
	if err != nil {
		return nil, faultOf(err)
	}
	out := &GetCostCategoriesResponse{ReturnSize: len(names), TotalSize: total, NextPageToken: next}
	if in.CostCategoryName == "" {
		out.CostCategoryNames = names
	} else {
		out.CostCategoryValues = names
	}
	return out, nil
}

// tags lists the values of a tag or category, or without a name all names.
func (a *asking) tags(ctx context.Context, kind, name string, l listing) (values []string, total int, next string, err error) {
	if name != "" {
		g, err := costexplorer.NewGrouping(costexplorer.GroupDefinition{Type: kind, Key: name})
		if err != nil {
			return nil, 0, "", err
		}
		return a.list(ctx, g.By[0], l, true)
	}
	names := []string{}
	for _, k := range a.coverage.TagKeys() {
		category := k.Source == showback.TagCostCategory
		if category != (kind == "COST_CATEGORY") || !a.seen(k) {
			continue
		}
		switch k.Source {
		case showback.TagCostCategory, showback.TagResource:
			names = append(names, k.Name)
		default:
			names = append(names, k.String())
		}
	}
	slices.Sort(names)
	return l.cut(names)
}

// seen reports that some bill of the period has the key.
func (a *asking) seen(k showback.TagKey) bool {
	return slices.ContainsFunc(a.coverage.Deliveries, func(d explore.Delivered) bool {
		_, ok := d.TagKeys[k]
		return ok && d.Month.Period().Overlaps(a.period)
	})
}

// listing says which values are wanted, and in what order.
type listing struct {
	search string
	sort   []SortDefinition
	most   int
	token  string
}

// list lists the values of a key. With none, charges without a value count as
// the empty one.
func (a *asking) list(ctx context.Context, key explore.Key, l listing, none bool) (values []string, total int, next string, err error) {
	if len(l.sort) > 1 {
		return nil, 0, "", invalid("SortBy takes one definition")
	}
	if len(l.sort) == 1 {
		values, err = a.ranked(ctx, key, l.sort[0], none)
	} else {
		values, err = a.values(ctx, key, none)
	}
	if err != nil {
		return nil, 0, "", err
	}
	return l.cut(values)
}

// values are in byte order.
func (a *asking) values(ctx context.Context, key explore.Key, none bool) ([]string, error) {
	values, err := a.engine.Values(ctx, a.plan(a.filter), key, mostValues)
	if err != nil {
		return nil, showback.Errorf(showback.KindOf(err), "list values of %s: %w", key.Typed, err)
	}
	values = append([]string{}, values...)
	slices.Sort(values)
	if none {
		rows, err := a.engine.Run(ctx, a.plan(both(a.filter, explore.Absent{Key: key})))
		if err != nil {
			return nil, showback.Errorf(showback.KindOf(err), "look for charges without %s: %w", key.Typed, err)
		}
		if len(rows) > 0 {
			values = slices.Insert(values, 0, "")
		}
	}
	return values, nil
}

// ranked are in the order of a metric over the period.
func (a *asking) ranked(ctx context.Context, key explore.Key, by SortDefinition, none bool) ([]string, error) {
	m, err := costexplorer.ParseMetric(by.Key)
	if err != nil {
		return nil, err
	}
	descending := by.SortOrder == "DESCENDING"
	if !descending && by.SortOrder != "ASCENDING" && by.SortOrder != "" {
		return nil, invalid("SortOrder " + by.SortOrder + ": want ASCENDING or DESCENDING")
	}
	answer, err := explore.Ask(ctx, a.engine, explore.Question{Period: a.days(), Granularity: explore.Total, By: []explore.Key{key}, Filter: a.filter,
		Access: a.Access, Basis: m.Basis, Measures: []explore.Measure{m.Measure}, Scope: explore.ScopeAll})
	if err != nil {
		return nil, err
	}
	// Charges without a value have several rows, by cause. What is without an
	// amount ranks as 0.
	sums := map[string]showback.Decimal{}
	for _, b := range answer.Blocks {
		for _, r := range b.Rows {
			text := r.Keys[0].Text
			if r.Keys[0].Missing != "" {
				text = ""
			}
			if text != "" || none {
				sums[text] = sums[text].Add(r.Of(m.Measure).Value)
			}
		}
	}
	values := slices.AppendSeq([]string{}, maps.Keys(sums))
	slices.SortFunc(values, func(x, y string) int {
		order := sums[x].Cmp(sums[y])
		if descending {
			order = -order
		}
		return cmp.Or(order, strings.Compare(x, y))
	})
	return values, nil
}

// cut takes the page that is asked for; a token is where it begins.
func (l listing) cut(values []string) (page []string, total int, next string, err error) {
	if l.search != "" {
		found := values[:0:0]
		for _, v := range values {
			if strings.Contains(strings.ToLower(v), strings.ToLower(l.search)) {
				found = append(found, v)
			}
		}
		values = found
	}
	if l.most < 0 || l.most > 1000 {
		return nil, 0, "", invalid(fmt.Sprintf("MaxResults %d: want 1 to 1000", l.most))
	}
	from, most := 0, 1000
	if l.most > 0 {
		most = l.most
	}
	if l.token != "" {
		after, ok := strings.CutPrefix(l.token, "after:")
		at, found := slices.BinarySearch(values, after)
		if len(l.sort) > 0 {
			at = slices.Index(values, after)
			found = at >= 0
		}
		if !ok || !found {
			return nil, 0, "", &Error{Code: codeInvalidToken, Message: "The pagination token is invalid. Try again without a pagination token."}
		}
		from = at + 1
	}
	page = append([]string{}, values[from:min(from+most, len(values))]...)
	if from+most < len(values) {
		next = "after:" + page[len(page)-1]
	}
	return page, len(values), next, nil
}
