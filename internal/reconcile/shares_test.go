package reconcile

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"showback"
	"showback/internal/engine/mem"
)

func TestShares(t *testing.T) {
	model := showback.Meter{ProductCode: "AmazonBedrock", UsageType: "USE1-Claude4.6Sonnet-input-tokens", Unit: "1K tokens", ProductName: "Amazon Bedrock"}
	team := showback.TagKey{Source: showback.TagCaller, Name: "team"}
	app := showback.TagKey{Source: showback.TagResource, Name: "app"}
	wide := showback.TagKey{Source: showback.TagCaller, Name: "ticket"}
	const alice = "arn:aws:iam::111122223333:user/alice"
	one := func(month showback.Month, meter showback.Meter, kind, caller, currency, cost string, tags map[showback.TagKey]string) showback.Charge {
		return showback.Charge{
			Payer: payerA, Export: "a", Month: month, Type: kind, Caller: caller, Currency: currency,
			UsageStart: month.Start().Add(time.Hour), Meter: meter, Tags: tags,
			Amounts: map[showback.Basis]showback.Decimal{showback.Unblended: showback.MustDecimal(cost)},
		}
	}
	charges := []showback.Charge{
		one("2026-09", model, "Usage", alice, "USD", "1", map[showback.TagKey]string{team: "search", wide: "1"}),
		one("2026-10", model, "Usage", alice, "USD", "2", nil),
		one("2026-10", model, "Usage", "", "USD", "4", map[showback.TagKey]string{app: "shop"}),
		one("2026-10", model, "Usage", "", "USD", "8", nil),
		one("2026-10", model, "Tax", "", "USD", "16", nil),
		one("2026-10", showback.Meter{ProductCode: "AmazonEC2"}, "Usage", "", "USD", "32", nil),
		one("2026-10", showback.Meter{ProductCode: "AmazonEC2"}, "Usage", "", "KRW", "64", nil),
		one("2026-11", model, "Usage", "", "USD", "128", nil), // not asked for
	}
	coverage := mem.Cover(charges)
	for i := range coverage.Deliveries {
		coverage.Deliveries[i].WideKeys = []showback.TagKey{wide}
	}
	got, err := Shares(t.Context(), mem.New(charges, coverage), []showback.Month{"2026-10", "2026-09"})
	if err != nil {
		t.Fatal(err)
	}
	d := showback.MustDecimal
	want := []CurrencyPart{
		{Currency: "KRW", Bill: d("64"), NoCaller: []Cause{}, Tags: []TagPart{}, Unallocated: []Cause{}},
		{
			Currency: "USD", Bill: d("63"), AI: d("31"), WithCaller: d("3"),
			NoCaller: []Cause{{showback.NoCallerEmpty, 2, d("12")}, {showback.NoCallerTax, 1, d("16")}},
			Tags: []TagPart{
				{Key: "iamPrincipal/team", Tagged: d("1"), None: []Cause{
					{showback.NoCallerEmpty, 2, d("12")}, {showback.NoCallerTax, 1, d("16")}, {showback.Untagged, 1, d("2")},
				}},
				{Key: "resourceTags/app", Tagged: d("4"), None: []Cause{{showback.NotSeenYet, 1, d("1")}, {showback.Untagged, 3, d("26")}}},
			},
			Unallocated: []Cause{{showback.NoCallerEmpty, 1, d("8")}, {showback.NoCallerTax, 1, d("16")}},
		},
	}
	if diff := cmp.Diff(want, got, cmp.Comparer(showback.Decimal.Equal)); diff != "" {
		t.Errorf("shares (-want +got):\n%s", diff)
	}
}
