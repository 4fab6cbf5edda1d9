package tag

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"showback"
)

func TestParseTags(t *testing.T) {
	f := func(tags, want string) {
		t.Helper()
		got, err := Parse(tags, "", "")
		if err != nil {
			t.Errorf("Parse(%s): %v", tags, err)
			return
		}
		if got.Canonical() != want {
			t.Errorf("Parse(%s) = %s, want %s", tags, got.Canonical(), want)
		}
	}

	f(``, `{}`)
	f(" \n", `{}`)
	f(`{}`, `{}`)
	f(`{ }`, `{}`)
	f(`null`, `{}`)

	f(`{"iamPrincipal/team":"search"}`, `{"iamPrincipal/team":"search"}`)
	f(`{"resourceTags/user:team":"a","accountTag/env":"prod","iamPrincipal/team":"b","userAttribute/dept":"c","costCategory/Org":"d"}`,
		`{"accountTag/env":"prod","costCategory/Org":"d","iamPrincipal/team":"b","resourceTags/team":"a","userAttribute/dept":"c"}`)
	f(` { "iamPrincipal/team" : "a" , "iamPrincipal/Team" : "b" } `, `{"iamPrincipal/Team":"b","iamPrincipal/team":"a"}`)
	f(`{"iamPrincipal/a/b":"c","iamPrincipal/user:x":"y"}`, `{"iamPrincipal/a/b":"c","iamPrincipal/user:x":"y"}`)

	// The spellings of a resource tag.
	f(`{"resourceTags/team":"a"}`, `{"resourceTags/team":"a"}`)
	f(`{"resourceTags/team":"a","resourceTags/user:team":"b"}`, `{"resourceTags/team":"a"}`)
	f(`{"resourceTags/user:team":"b","resourceTags/team":"a"}`, `{"resourceTags/team":"a"}`)
	f(`{"resourceTags/user:team":"b","resourceTags/team":""}`, `{"resourceTags/team":"b"}`)
	f(`{"resourceTags/user:user:team":"a"}`, `{"resourceTags/user:team":"a"}`)
	f(`{"resourceTags/user:":"a"}`, `{"resourceTags/user:":"a"}`)
	f(`{"resourceTags/aws:createdBy":"Root:111122223333"}`, `{"resourceTags/aws:createdBy":"Root:111122223333"}`)

	// Keys without a source.
	f(`{"team":"a"}`, `{"iamPrincipal/team":"a"}`)
	f(`{"team":"a","iamPrincipal/team":"b"}`, `{"iamPrincipal/team":"b"}`)
	f(`{"iamPrincipal/team":"b","team":"a"}`, `{"iamPrincipal/team":"b"}`)
	f(`{"iamPrincipal/team":"","team":"a"}`, `{"iamPrincipal/team":"a"}`)
	f(`{"team":"a","resourceTags/team":"b"}`, `{"iamPrincipal/team":"a","resourceTags/team":"b"}`)
	f(`{"tag:team":"a","iamprincipal/team":"b","other/team":"c"}`,
		`{"iamPrincipal/iamprincipal/team":"b","iamPrincipal/other/team":"c","iamPrincipal/tag:team":"a"}`)
	f(`{"iamPrincipal/":"a"}`, `{"iamPrincipal/iamPrincipal/":"a"}`)
	f(`{"":"a"}`, `{}`)

	// Values that are absent.
	f(`{"iamPrincipal/team":""}`, `{}`)
	f(`{"iamPrincipal/team":null,"iamPrincipal/app":"x"}`, `{"iamPrincipal/app":"x"}`)
	f(`{"iamPrincipal/a":" ","iamPrincipal/b":"null"}`, `{"iamPrincipal/a":" ","iamPrincipal/b":"null"}`)

	// The same twice.
	f(`{"iamPrincipal/team":"a","iamPrincipal/team":"a"}`, `{"iamPrincipal/team":"a"}`)
	f(`{"iamPrincipal/te\u0061m":"a","iamPrincipal/team":"a"}`, `{"iamPrincipal/team":"a"}`)
	f(`{"iamPrincipal/team":"","iamPrincipal/team":null}`, `{}`)

	f(`{"iamPrincipal/q":"a\"b\\c\/d\n\u00e9"}`, `{"iamPrincipal/q":"a\"b\\c/d\u000aé"}`)
	f(`{"iamPrincipal/q":"<&>é日"}`, `{"iamPrincipal/q":"<&>é日"}`)
}

func TestParseColumnsThatFill(t *testing.T) {
	f := func(tags, resourceTags, costCategory, want string) {
		t.Helper()
		got, err := Parse(tags, resourceTags, costCategory)
		if err != nil {
			t.Errorf("Parse(%s, %s, %s): %v", tags, resourceTags, costCategory, err)
			return
		}
		if got.Canonical() != want {
			t.Errorf("Parse(%s, %s, %s) = %s, want %s", tags, resourceTags, costCategory, got.Canonical(), want)
		}
	}

	f(``, `{"user_team":"a","aws_created_by":"b","env":"c"}`, `{"organization":"d"}`,
		`{"costCategory/organization":"d","resourceTags/aws_created_by":"b","resourceTags/env":"c","resourceTags/team":"a"}`)
	f(``, `{"user_user_id":"a","user_":"b"}`, `{"user_x":"c"}`,
		`{"costCategory/user_x":"c","resourceTags/user_":"b","resourceTags/user_id":"a"}`)
	f(``, `{"team":"a","user_team":"b","user_version":"c","version":"d"}`, ``,
		`{"resourceTags/team":"b","resourceTags/version":"c"}`)

	// What tags gives, the others do not give again.
	f(`{"resourceTags/user:Cost-Center":"a"}`, `{"user_cost_center":"a"}`, ``, `{"resourceTags/Cost-Center":"a"}`)
	f(`{"resourceTags/CostCenter":"a"}`, `{"user_cost_center":"other"}`, ``, `{"resourceTags/CostCenter":"a"}`)
	f(`{"resourceTags/aws:createdBy":"a"}`, `{"aws_created_by":"a"}`, ``, `{"resourceTags/aws:createdBy":"a"}`)
	f(`{"resourceTags/aws:eks:cluster-name":"a"}`, `{"aws_eks_cluster_name":"a"}`, ``, `{"resourceTags/aws:eks:cluster-name":"a"}`)
	f(`{"costCategory/Business Unit":"a"}`, ``, `{"business_unit":"a","Team":"b"}`, `{"costCategory/Business Unit":"a","costCategory/Team":"b"}`)

	// A twin of another source, or one that is absent, stands in nobody's way.
	f(`{"iamPrincipal/team":"a","accountTag/team":"b"}`, `{"user_team":"c"}`, `{"team":"d"}`,
		`{"accountTag/team":"b","costCategory/team":"d","iamPrincipal/team":"a","resourceTags/team":"c"}`)
	f(`{"resourceTags/team":""}`, `{"user_team":"a","user_app":""}`, `null`, `{"resourceTags/team":"a"}`)
	f(`{"resourceTags/costcenter":"a"}`, `{"user_cost_center":"b"}`, ``, `{"resourceTags/cost_center":"b","resourceTags/costcenter":"a"}`)
}

func TestParseRefuses(t *testing.T) {
	f := func(tags, resourceTags, costCategory string, wants ...string) {
		t.Helper()
		got, err := Parse(tags, resourceTags, costCategory)
		if err == nil {
			t.Errorf("Parse(%s, %s, %s) = %s, want an error", tags, resourceTags, costCategory, got.Canonical())
			return
		}
		if kind := showback.KindOf(err); kind != showback.KindInvalid {
			t.Errorf("Parse(%s, %s, %s): kind %s, want %s", tags, resourceTags, costCategory, kind, showback.KindInvalid)
		}
		for _, want := range wants {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("Parse(%s, %s, %s): error %q, want it to say %q", tags, resourceTags, costCategory, err, want)
			}
		}
	}

	f(`[]`, ``, ``, `parse tags "[]"`, `want a JSON object of text to text`)
	f(`"a"`, ``, ``, `parse tags "\"a\""`)
	f(`team=search`, ``, ``, `parse tags "team=search"`)
	f(`{`, ``, ``, `parse tags "{": want a JSON object of text to text: unexpected end`)
	f(`{"a":"b"`, ``, ``, `parse tags`)
	f(`{"a":"b"}x`, ``, ``, `parse tags`)
	f(`{"a":"b",}`, ``, ``, `parse tags`)
	f(`{"a"}`, ``, ``, `parse tags`)
	f("{\"a\":\"b\nc\"}", ``, ``, `parse tags`)
	f(`{"iamPrincipal/team":{"a":"b"}}`, ``, ``, `found an object as value of "iamPrincipal/team", want a text`)
	f(`{"a":["b"]}`, ``, ``, `found an array as value of "a", want a text`)
	f(`{"a":1}`, ``, ``, `found 1 as value of "a", want a text`)
	f(`{"a":1.50}`, ``, ``, `found 1.50 as value of "a", want a text`)
	f(`{"a":"b","c":true}`, ``, ``, `found true as value of "c", want a text`)
	f(`{"a":"b","a":"c"}`, ``, ``, `found two values of "a", want one`)
	f(`{"a":"b","a":""}`, ``, ``, `found two values of "a", want one`)
	f(`{"a":"","a":"b"}`, ``, ``, `found two values of "a", want one`)
	f(`{"a":null,"a":"b"}`, ``, ``, `found two values of "a", want one`)
	f(`{"te\u0061m":"b","team":"c"}`, ``, ``, `found two values of "team", want one`)
	f(``, `{"a":{}}`, ``, `parse resource_tags`)
	f(``, ``, `3`, `parse cost_category "3"`)

	long := `{"a":"` + strings.Repeat("é", 1000)
	f(long, ``, ``, "…")
	if _, err := Parse(long, "", ""); err != nil && len(err.Error()) > 250 {
		t.Errorf("Parse of a long text: error of %d bytes, want an excerpt", len(err.Error()))
	}
}

func TestNormalize(t *testing.T) {
	for name, want := range map[string]string{
		"team":                                 "team",
		"Team":                                 "team",
		"cost_center":                          "cost_center",
		"Cost-Center":                          "cost_center",
		"costCenter":                           "cost_center",
		"CostCenter":                           "cost_center",
		"cost center":                          "cost_center",
		"cost  -  center":                      "cost_center",
		"aws:createdBy":                        "aws_created_by",
		"aws:cloudformation:stack-name":        "aws_cloudformation_stack_name",
		"ENV":                                  "e_n_v",
		"k8s.io/app":                           "k8s_io_app",
		"__a__":                                "a",
		"":                                     "",
		"--":                                   "",
		"Straße":                               "straße",
		"ReservationARN":                       "reservation_a_r_n",
		"ExampleColumnName : Example Column 2": "example_column_name_example_column_2",
	} {
		if got := Normalize(name); got != want {
			t.Errorf("Normalize(%q) = %q, want %q", name, got, want)
		}
	}
}

func TestExcerptOfAnyBytes(t *testing.T) {
	if got, want := excerpt(strings.Repeat("\x80", 100)), "…"; !strings.HasSuffix(got, want) {
		t.Errorf("excerpt of bytes that are no text = %s, want it to end in %s", got, want)
	}
	if diff := cmp.Diff(`"a`+strings.Repeat("é", 29)+`"…`, excerpt("a"+strings.Repeat("é", 40))); diff != "" {
		t.Errorf("excerpt (-want +got):\n%s", diff)
	}
}
