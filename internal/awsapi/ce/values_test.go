package ce

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestGetTags(t *testing.T) {
	september := &DateInterval{"2026-09-01", "2026-10-01"}
	f := func(in GetTagsRequest, total int, want ...string) {
		t.Helper()
		out, err := serve(charges()).GetTags(t.Context(), &in)
		if err != nil {
			t.Errorf("%+v: %v", in, err)
			return
		}
		if !cmp.Equal(out.Tags, want) || out.TotalSize != total || out.ReturnSize != len(want) {
			t.Errorf("%+v: got %q, %d of %d", in, out.Tags, out.ReturnSize, out.TotalSize)
		}
	}
	f(GetTagsRequest{TimePeriod: september}, 1, "iamPrincipal/team")
	f(GetTagsRequest{TimePeriod: september, TagKey: "iamPrincipal/team"}, 3, "", "search", "support")
	f(GetTagsRequest{TimePeriod: september, TagKey: "iamPrincipal/team", SearchString: "SUP"}, 1, "support")
	f(GetTagsRequest{TimePeriod: &DateInterval{"2026-10-01", "2026-11-01"}, TagKey: "iamPrincipal/team"}, 1, "search")
	f(GetTagsRequest{TimePeriod: september, TagKey: "iamPrincipal/team", MaxResults: 2}, 3, "", "search")
	f(GetTagsRequest{TimePeriod: september, TagKey: "iamPrincipal/team", MaxResults: 2, NextPageToken: "after:search"}, 3, "support")
	f(GetTagsRequest{TimePeriod: september, TagKey: "iamPrincipal/team", SortBy: []SortDefinition{{"UnblendedCost", "DESCENDING"}}}, 3, "search", "", "support")
	f(GetTagsRequest{TimePeriod: september, TagKey: "iamPrincipal/team", SortBy: []SortDefinition{{"UnblendedCost", "ASCENDING"}}}, 3, "support", "", "search")
	f(GetTagsRequest{TimePeriod: september, TagKey: "iamPrincipal/team", Filter: json.RawMessage(`{"Dimensions":{"Key":"SERVICE","Values":["AmazonEC2"]}}`)}, 1, "")
}

func TestGetDimensionValues(t *testing.T) {
	f := func(in GetDimensionValuesRequest, want ...DimensionValuesWithAttributes) {
		t.Helper()
		in.TimePeriod = &DateInterval{"2026-09-01", "2026-10-01"}
		out, err := serve(charges()).GetDimensionValues(t.Context(), &in)
		if err != nil {
			t.Errorf("%+v: %v", in, err)
			return
		}
		if diff := cmp.Diff(want, out.DimensionValues); diff != "" || out.TotalSize != len(want) {
			t.Errorf("%+v: %d, (-want +got):\n%s", in, out.TotalSize, diff)
		}
	}
	plain := func(value string) DimensionValuesWithAttributes {
		return DimensionValuesWithAttributes{value, map[string]string{}}
	}
	f(GetDimensionValuesRequest{Dimension: "SERVICE"}, plain("Amazon Bedrock"), plain("AmazonEC2"))
	f(GetDimensionValuesRequest{Dimension: "SERVICE", Context: "COST_AND_USAGE", SearchString: "bedrock"}, plain("Amazon Bedrock"))
	f(GetDimensionValuesRequest{Dimension: "RECORD_TYPE"}, plain("Tax"), plain("Usage"))
	f(GetDimensionValuesRequest{Dimension: "LINKED_ACCOUNT"}, DimensionValuesWithAttributes{payer, map[string]string{"description": "Example"}})
	for _, in := range []GetDimensionValuesRequest{{Dimension: "AZ"}, {Dimension: "SERVICE", Context: "RESERVATIONS"}, {Dimension: "SERVICE", MaxResults: 1001}, {Dimension: "SERVICE", NextPageToken: "x"},
		{Dimension: "SERVICE", SortBy: []SortDefinition{{"UnblendedCost", "UP"}}}, {Dimension: "PRODUCT_ATTRIBUTE", DimensionKey: "feature"}} {
		in.TimePeriod = &DateInterval{"2026-09-01", "2026-10-01"}
		if _, err := serve(charges()).GetDimensionValues(t.Context(), &in); err == nil || !strings.Contains(err.Error(), "Exception: ") {
			t.Errorf("%+v: got %v, want an error", in, err)
		}
	}
}

func TestGetCostCategories(t *testing.T) {
	out, err := serve(charges()).GetCostCategories(t.Context(), &GetCostCategoriesRequest{TimePeriod: &DateInterval{"2026-09-01", "2026-10-01"}})
	if err != nil || len(out.CostCategoryNames) != 0 || out.TotalSize != 0 {
		t.Errorf("got %+v, %v", out, err)
	}
}
