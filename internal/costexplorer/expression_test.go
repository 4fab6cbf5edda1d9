package costexplorer

import (
	"strings"
	"testing"

	"showback"
	"showback/internal/explore"
)

var vocabulary = Vocabulary{
	Tags: []showback.TagKey{
		{Source: showback.TagCaller, Name: "team"}, {Source: showback.TagResource, Name: "app"}, {Source: showback.TagCostCategory, Name: "Division"},
	},
	Services:    []string{"Amazon Bedrock", "Amazon Elastic Compute Cloud", "Amazon Simple Storage Service", "AmazonEC2", "AmazonS3"},
	ChargeTypes: []string{"Credit", "Fee", "FlateRateSubscription", "SavingsPlanCoveredUsage", "Tax", "Usage"},
}

// leaf writes an expression of one test.
func leaf(kind, key string, values ...string) string {
	return `{"` + kind + `":{"Key":"` + key + `","Values":["` + strings.Join(values, `","`) + `"]}}`
}

func TestFilter(t *testing.T) {
	f := func(expression, want string) {
		t.Helper()
		e, err := ParseExpression(expression)
		if err != nil {
			t.Errorf("%s: %v", expression, err)
			return
		}
		filter, err := e.Filter(vocabulary)
		if err != nil {
			t.Errorf("%s: %v", expression, err)
			return
		}
		if got := explore.Format(filter); got != want {
			t.Errorf("%s:\ngot  %s\nwant %s", expression, got, want)
		}
	}
	f(leaf("Dimensions", "LINKED_ACCOUNT", "111122223333", "444455556666"), "account in (111122223333, 444455556666)")
	f(leaf("Dimensions", "REGION", "us-east-1", "NoRegion"), "region is absent or region = us-east-1")
	f(leaf("Dimensions", "USAGE_TYPE", "no usage type"), "usage-type is absent")
	f(leaf("Dimensions", "USAGE_TYPE", "USE1-*"), `usage-type = "USE1-\*"`)
	f(leaf("Dimensions", "RECORD_TYPE", "Credit", "Savings Plan Covered Usage"), "charge-type in (Credit, SavingsPlanCoveredUsage)")
	f(leaf("Dimensions", "RECORD_TYPE", "FlatRateSubscription", "Something New"), `charge-type in (FlateRateSubscription, "Something New")`)
	f(leaf("Dimensions", "RECORD_TYPE", "Upfront", "Support", "Other out-of-cycle charges"), "charge-type = Fee")
	f(leaf("Dimensions", "SERVICE", "Amazon Bedrock"), `service = "Amazon Bedrock" and charge-type != Tax`)
	f(leaf("Dimensions", "SERVICE", "Amazon Simple Storage Service"), `service in ("Amazon Simple Storage Service", AmazonS3) and charge-type != Tax`)
	f(leaf("Dimensions", "SERVICE", "EC2 - Other", "Amazon Elastic Compute Cloud - Compute"),
		`service in ("Amazon Elastic Compute Cloud", AmazonEC2) and charge-type != Tax`)
	f(leaf("Dimensions", "SERVICE", "Tax"), "charge-type = Tax")
	f(leaf("Dimensions", "SERVICE", "Tax", "Nobody's"), `charge-type = Tax or (service = "Nobody's" and charge-type != Tax)`)
	f(leaf("Tags", "iamPrincipal/team", "search"), "tag:team = search")
	f(leaf("Tags", "iamPrincipal/team", ""), "tag:team is absent")
	f(leaf("Tags", "iamPrincipal/team", "", "search"), "tag:team is absent or tag:team = search")
	f(leaf("Tags", "user:app", "chat"), "resource-tag:app = chat")
	f(leaf("Tags", "resourceTags/user:app", "chat"), "resource-tag:app = chat")
	f(leaf("Tags", "accountTag/env", "prod"), "account-tag:env = prod")
	f(`{"Tags":{"Key":"iamPrincipal/team"}}`, "tag:team is absent")
	f(`{"Tags":{"Key":"iamPrincipal/team","MatchOptions":["ABSENT"]}}`, "tag:team is absent")
	f(`{"Tags":{"MatchOptions":["ABSENT"]}}`, "tag:team is absent and resource-tag:app is absent")
	f(`{"CostCategories":{"MatchOptions":["ABSENT"]}}`, "cost-category:Division is absent")
	f(`{"CostCategories":{"Key":"Division","Values":["product"],"MatchOptions":["EQUALS","CASE_SENSITIVE"]}}`, "cost-category:Division = product")
	f(leaf("ProductAttributes", "model", "Claude Sonnet 5"), `model = "Claude Sonnet 5"`)
	f(`{"And":[`+leaf("Dimensions", "REGION", "us-east-1")+`,{"Or":[`+leaf("Tags", "iamPrincipal/team", "a")+`,{"Not":`+leaf("Dimensions", "RECORD_TYPE", "Credit", "Refund")+`}]}]}`,
		"region = us-east-1 and (tag:team = a or charge-type not in (Credit, Refund))")
}

func TestFilterErrors(t *testing.T) {
	f := func(expression, want string) {
		t.Helper()
		e, err := ParseExpression(expression)
		if err != nil {
			t.Errorf("%s: %v", expression, err)
			return
		}
		_, err = e.Filter(vocabulary)
		if err == nil || showback.KindOf(err) != showback.KindInvalid || err.Error() != want {
			t.Errorf("%s:\ngot  %v\nwant %s", expression, err, want)
		}
	}
	f(leaf("Dimensions", "AZ", "us-east-1a"), "filter by AZ: availability zones are not kept")
	f(leaf("Dimensions", "PURCHASE_TYPE", "Spot"), "filter by PURCHASE_TYPE: AWS works it out, and the bill has no column for it")
	f(leaf("Dimensions", "COLOUR", "red"),
		`filter by "COLOUR": want one of BILLING_ENTITY, INVOICING_ENTITY, LEGAL_ENTITY_NAME, LINKED_ACCOUNT, OPERATION, PAYER_ACCOUNT, RECORD_TYPE, REGION, RESOURCE_ID, SERVICE, USAGE_TYPE`)
	f(leaf("Dimensions", "SERVICE", "EC2 - Other"),
		`filter by SERVICE "EC2 - Other": the bill has it and "Amazon Elastic Compute Cloud - Compute" under one name, Amazon Elastic Compute Cloud`)
	f(leaf("Dimensions", "RECORD_TYPE", "Upfront", "Support"), `filter by RECORD_TYPE "Upfront": the bill has it and "Other out-of-cycle charges" under one name, Fee`)
	f(leaf("ProductAttributes", "feature", "x"), "filter by product attribute feature: the store tells token types and pricing models apart by rules of its own")
	f(`{"Not":{"And":[`+leaf("Dimensions", "TENANCY", "Host")+`]}}`, "filter by TENANCY: tenancies are not kept by themselves")
}

func TestParseExpressionErrors(t *testing.T) {
	f := func(text, want string) {
		t.Helper()
		_, err := ParseExpression(text)
		if err == nil || showback.KindOf(err) != showback.KindInvalid || err.Error() != "parse --filter: "+want {
			t.Errorf("%s:\ngot  %v\nwant %s", text, err, want)
		}
	}
	f("", "found nothing, want an Expression such as "+exampleExpression)
	f(`{"Dimensions":`, "the JSON ends early, at byte 14")
	f(`{"Dimensions"}`, "no JSON at byte 14: invalid character '}' after object key")
	f(`{"Not":{}} x`, "found more after the expression's end, at byte 11")
	f(`[]`, "found a list, want an expression as an object")
	f(`null`, "found null, want an expression as an object")
	f(`{}`, "found an expression without member, want one of And, Or, Not, Dimensions, Tags, CostCategories, ProductAttributes")
	f(`{"dimensions":{}}`, `an expression has no member "dimensions", want And, Or, Not, Dimensions, Tags, CostCategories, ProductAttributes`)
	f(`{"And":[{}],"Tags":{"Key":"a","Values":["b"]}}`, "found an expression with And and Tags, want one root: join them with And or Or")
	f(`{"And":[]}`, "And: the list is empty")
	f(`{"Or":{}}`, "Or: found an object, want a list of expressions")
	f(`{"Not":null}`, "found null, want an expression as an object")
	f(`{"Dimensions":{"Key":"REGION"}}`, "Dimensions REGION: found no Values")
	f(`{"Dimensions":{"Values":["a"]}}`, "Dimensions: found no Key")
	f(`{"Dimensions":{"Key":["REGION"],"Values":["a"]}}`, "Dimensions: Key: found a list, want a text")
	f(`{"Dimensions":{"Key":"REGION","Values":"a"}}`, "Dimensions: Values: found a text, want a list of texts")
	f(`{"Dimensions":{"Key":"REGION","Value":["a"]}}`, `Dimensions has no member "Value", want Key, Values, MatchOptions`)
	f(`{"Dimensions":{"Key":"REGION","Values":["a"],"MatchOptions":["STARTS_WITH"]}}`,
		`Dimensions: found MatchOption "STARTS_WITH", want those that GetCostAndUsage takes: EQUALS, CASE_SENSITIVE`)
	f(`{"Tags":{"Key":"a","Values":["b"],"MatchOptions":["ABSENT"]}}`, "Tags: found ABSENT beside Values, want one of them")
	f(strings.Repeat(`{"Not":`, 60)+`{}`+strings.Repeat(`}`, 60), "nested more than 50 deep")
}

func TestUses(t *testing.T) {
	e, err := ParseExpression(`{"And":[{"Not":` + leaf("Dimensions", "SERVICE", "a") + `},` + leaf("Tags", "REGION", "b") + `]}`)
	if err != nil {
		t.Fatal(err)
	}
	if !e.Uses("SERVICE") || e.Uses("REGION") {
		t.Error("want SERVICE used and REGION not")
	}
}

// FuzzParseExpression holds an expression's filter to explore's language: it is
// written there and read back as itself.
func FuzzParseExpression(f *testing.F) {
	f.Fuzz(func(t *testing.T, text string) {
		e, err := ParseExpression(text)
		if err == nil {
			var filter explore.Expr
			if filter, err = e.Filter(vocabulary); err == nil {
				written := explore.Format(filter)
				again, err := explore.ParseWhere(written)
				if err != nil {
					t.Fatalf("%s is written %s, which is no filter: %v", text, written, err)
				}
				if explore.Format(again) != written {
					t.Fatalf("%s is written %s, which is read as %s", text, written, explore.Format(again))
				}
				return
			}
		}
		if showback.KindOf(err) != showback.KindInvalid {
			t.Fatalf("kind %s: %v", showback.KindOf(err), err)
		}
	})
}
