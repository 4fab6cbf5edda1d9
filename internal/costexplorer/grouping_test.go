package costexplorer

import (
	"testing"

	"showback"
	"showback/internal/explore"
)

// groupingFor returns the grouping of a response with one group.
func groupingFor(t *testing.T, kind, key, found string) Grouping {
	t.Helper()
	r := Response{GroupedBy: []GroupDefinition{{kind, key}}, Periods: []PeriodResult{{Groups: []Group{{Keys: []string{found}}}}}}
	all, err := r.Groupings()
	if err != nil {
		t.Fatal(err)
	}
	return all[0]
}

// Both sides come to the same name.
func TestGroupingNames(t *testing.T) {
	f := func(kind, key, theirs string, ours explore.Value, want, spelled string) {
		t.Helper()
		g := groupingFor(t, kind, key, theirs)
		if got, err := g.Theirs(theirs); err != nil || got != want {
			t.Errorf("%s: theirs %q is %q, %v, want %q", key, theirs, got, err, want)
		}
		if got := g.Ours([]explore.Value{ours}); got != want {
			t.Errorf("%s: ours %s is %q, want %q", key, ours, got, want)
		}
		if got := g.Spell(want); got != spelled {
			t.Errorf("%s: %q is spelled %q, want %q", key, want, got, spelled)
		}
	}
	text := func(s string) explore.Value { return explore.Value{Text: s} }
	none := explore.Value{Missing: showback.Untagged}
	f(typeTag, "iamPrincipal/team", "iamPrincipal/team$search", text("search"), "search", "iamPrincipal/team$search")
	f(typeTag, "iamPrincipal/team", "iamPrincipal/team$", none, "", "iamPrincipal/team$")
	f(typeTag, "a$b", "a$b$c$d", text("c$d"), "c$d", "a$b$c$d")
	f(typeCategory, "Division", "Division$product", text("product"), "product", "Division$product")
	f(typeAttribute, "model", "model$Claude Sonnet 5", text("Claude Sonnet 5"), "Claude Sonnet 5", "model$Claude Sonnet 5")
	f(typeDimension, "LINKED_ACCOUNT", "111122223333", text("111122223333"), "111122223333", "111122223333")
	f(typeDimension, "REGION", "NoRegion", none, "", "NoRegion")
	f(typeDimension, "REGION", "global", text("global"), "", "NoRegion")
	f(typeDimension, "USAGE_TYPE", "NoUsageType", none, "", "NoUsageType")
	f(typeDimension, "SERVICE", "EC2 - Other", text("Amazon Elastic Compute Cloud"), "Amazon Elastic Compute Cloud", "Amazon Elastic Compute Cloud")
	f(typeDimension, "SERVICE", "AmazonCloudWatch", text("AmazonCloudWatch"), "AmazonCloudWatch", "AmazonCloudWatch")
	f(typeDimension, "SERVICE", "Amazon Simple Storage Service", text("AmazonS3"), "Amazon Simple Storage Service", "Amazon Simple Storage Service")
	f(typeDimension, "RECORD_TYPE", "Savings Plan Covered Usage", text("SavingsPlanCoveredUsage"), "SavingsPlanCoveredUsage", "SavingsPlanCoveredUsage")
	f(typeDimension, "RECORD_TYPE", "Support fee", text("Fee"), "Fee", "Fee")
	f(typeDimension, "RECORD_TYPE", "Enterprise Discount Program Discount", text("EdpDiscount"), "EdpDiscount", "EdpDiscount")
	f(typeDimension, "RECORD_TYPE", "Recurring reservation fee", text("RIFee"), "RIFee", "RIFee")
}

// Tax is a service of its own where the answer has it so.
func TestTaxApart(t *testing.T) {
	tax := []explore.Value{{Text: "Amazon Bedrock"}, {Text: "Tax"}}
	g := groupingFor(t, typeDimension, "SERVICE", "Tax")
	if got := g.Ours(tax); got != "Tax" || !g.TaxApart() || len(g.By) != 2 {
		t.Errorf("tax is %q by %d keys, want Tax by 2", got, len(g.By))
	}
	if got := g.Ours([]explore.Value{{Text: "Amazon Bedrock"}, {Text: "Usage"}}); got != "Amazon Bedrock" {
		t.Errorf("usage is %q, want its service", got)
	}
	g = groupingFor(t, typeDimension, "SERVICE", "Amazon Bedrock")
	if got := g.Ours(tax[:1]); got != "Amazon Bedrock" || g.TaxApart() || len(g.By) != 1 {
		t.Errorf("tax is %q by %d keys, want its service by 1", got, len(g.By))
	}
}

func TestGroupingErrors(t *testing.T) {
	f := func(kind, key, want string) {
		t.Helper()
		_, err := (&Response{GroupedBy: []GroupDefinition{{kind, key}}}).Groupings()
		if err == nil || showback.KindOf(err) != showback.KindInvalid || err.Error() != want {
			t.Errorf("%s %s: got %v, want %s", kind, key, err, want)
		}
	}
	f(typeDimension, "AZ", "group by AZ: availability zones are not kept")
	f(typeDimension, "INSTANCE_TYPE", "group by INSTANCE_TYPE: instance types are not kept by themselves")
	f(typeDimension, "PLATFORM", "group by PLATFORM: platforms are not kept by themselves")
	f(typeDimension, "TENANCY", "group by TENANCY: tenancies are not kept by themselves")
	f(typeDimension, "PURCHASE_TYPE", "group by PURCHASE_TYPE: AWS works it out, and the bill has no column for it")
	f(typeAttribute, "inferenceType", "group by product attribute inferenceType: the store tells token types and pricing models apart by rules of its own")
	f(typeTag, "", "group by TAG: found no Key")
	f("COLOUR", "red", `group by type "COLOUR": want DIMENSION, TAG, COST_CATEGORY or PRODUCT_ATTRIBUTE`)

	g := groupingFor(t, typeTag, "team", "team$a")
	if _, err := g.Theirs("Team$a"); showback.KindOf(err) != showback.KindInvalid {
		t.Errorf("a key of another tag is %v, want an invalid one", err)
	}
}

// Every dimension that is refused says what to do, and none is both there and
// refused.
func TestDimensions(t *testing.T) {
	for name, why := range lacking {
		if keys[name] != "" || why[0] == "" || why[1] == "" {
			t.Errorf("%s: key %q, refused with %q", name, keys[name], why)
		}
	}
	for name, key := range keys {
		if _, err := explore.ParseKey(key); err != nil || noneWords[name] == "" {
			t.Errorf("%s: key %s: %v, no value is %q", name, key, err, noneWords[name])
		}
	}
}
