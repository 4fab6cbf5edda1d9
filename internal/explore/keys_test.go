package explore

import (
	"testing"

	"showback"
)

func TestParseKey(t *testing.T) {
	f := func(typed, want string) {
		t.Helper()
		k, err := ParseKey(typed)
		if err != nil {
			t.Errorf("%s: %v", typed, err)
			return
		}
		if k.String() != want || k.Typed != typed {
			t.Errorf("%s: got %s typed %q, want %s", typed, k, k.Typed, want)
		}
	}
	f("model", "model")
	f("Token_Type", "token-type")
	f("SERVICE", "service")
	f("LINKED_ACCOUNT", "account")
	f("PAYER_ACCOUNT", "payer")
	f("RECORD_TYPE", "charge-type")
	f("USAGE_TYPE", "usage-type")
	f("LEGAL_ENTITY_NAME", "legal-entity")
	f("RESOURCE_ID", "resource")
	f("scope", "scope")
	f("tag:team", "tag:team")
	f("tag:Team", "tag:Team")
	f("TAG:team", "tag:team")
	f("tag:a:b/c", "tag:a:b/c")
	f("iamPrincipal/team", "tag:team")
	f("tag:iamPrincipal/team", "tag:team")
	f("TAG:resourceTags/app", "resource-tag:app")
	f("resourceTags/user:app", "resource-tag:app")
	f("Resource-Tag:app", "resource-tag:app")
	f("COST_CATEGORY:unit", "cost-category:unit")
	f("userAttribute/division", "user-attribute:division")
	f("account-tag:env", "account-tag:env")
}

func TestParseKeyErrors(t *testing.T) {
	known := []showback.TagKey{{Source: showback.TagCaller, Name: "team"}, {Source: showback.TagResource, Name: "app"}}
	f := func(typed, message, hint string) {
		t.Helper()
		_, err := ParseKey(typed, known...)
		if err == nil {
			t.Errorf("%s: no error", typed)
			return
		}
		if err.Error() != message || showback.HintOf(err) != hint || showback.KindOf(err) != showback.KindInvalid {
			t.Errorf("%s: got %s: %s, hint %q", typed, showback.KindOf(err), err, showback.HintOf(err))
		}
	}
	f("modle", `parse key "modle": no such key`, "did you mean model?")
	f("LINKED_ACOUNT", `parse key "LINKED_ACOUNT": no such key`, "did you mean account?")
	f("team", `parse key "team": no such key`, "did you mean tag:team?")
	f("teem", `parse key "teem": no such key`, "did you mean tag:team?")
	f("App", `parse key "App": no such key`, "did you mean resource-tag:app?")
	f("token", `parse key "token": no such key`, "did you mean token-type?")
	f("date", `parse key "date": no such key`, "days are no key: cut the answer with --granularity day, choose days with --from and --to")
	f("Day", `parse key "Day": no such key`, "days are no key: cut the answer with --granularity day, choose days with --from and --to")
	f("department", `parse key "department": no such key`, "a caller's tag is written tag:department; "+keyForms)
	f("tag:", `parse key "tag:": no such key`, "say which tag: tag:NAME")
	f(":team", `parse key ":team": no such key`, "did you mean tag:team?")
	f("", "parse key: empty", keyForms)
}

func TestParseKeys(t *testing.T) {
	f := func(list, want, message string) {
		t.Helper()
		ks, err := ParseKeys(list)
		got := ""
		for _, k := range ks {
			got += k.String() + " "
		}
		if err != nil {
			if err.Error() != message {
				t.Errorf("%q: got %v, want %q", list, err, message)
			}
			return
		}
		if got != want || message != "" {
			t.Errorf("%q: got %q, want %q %q", list, got, want, message)
		}
	}
	f("", "", "")
	f("tag:team, MODEL", "tag:team model ", "")
	f("tag:team,tag:Team", "tag:team tag:Team ", "")
	f(`'tag:a,b', model`, "tag:a,b model ", "")
	f(`tag:"a, b" ,model`, "tag:a, b model ", "")
	f(`"iamPrincipal/a,b"`, "tag:a,b ", "")
	f(`tag:O'Brien,tag:"it's",model`, "tag:O'Brien tag:it's model ", "")
	f(`model, "tag:a,b`, "", `parse keys "model, \"tag:a,b": the quote " is not closed`)
	f("model,,role", "", "parse key: empty")
	f("model,model", "", `parse keys "model,model": model is there twice`)
	f("tag:team,iamPrincipal/team", "", `parse keys "tag:team,iamPrincipal/team": tag:team and iamPrincipal/team are the same key`)
}

// Every key of the registry reads back by its name and by Cost Explorer's.
func TestKeyDocs(t *testing.T) {
	for _, d := range KeyDocs() {
		if d.Text == "" {
			t.Errorf("%s has no text", d.Name)
		}
		for _, typed := range []string{d.Name, d.CostExplorer} {
			want := d.Name
			if d.Source != "" && typed != "" {
				typed, want = typed+":x", want+":x"
			}
			if typed == "" {
				continue
			}
			if k, err := ParseKey(typed); err != nil || k.String() != want || k.Name != d.Name {
				t.Errorf("%s: got %v %v, want %s", typed, k, err, want)
			}
		}
	}
}

func TestValueString(t *testing.T) {
	f := func(v Value, want string) {
		t.Helper()
		if got := v.String(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	f(Value{Text: "search"}, "search")
	f(Value{}, "")
	f(Value{Missing: showback.Untagged}, "(untagged)")
	f(Value{Missing: showback.NoCallerTax}, "(no caller: tax)")
	f(Value{Text: "(untagged)"}, "((untagged)")
	f(Value{Text: "a (b)"}, "a (b)")
}

func TestMoneyText(t *testing.T) {
	f := func(amount, currency, want string) {
		t.Helper()
		if got := MoneyText(dec(amount), currency); got != want {
			t.Errorf("%s %s: got %s, want %s", amount, currency, got, want)
		}
	}
	f("0", "USD", "$0.00")
	f("1234567.895", "USD", "$1,234,567.90")
	f("-1234.5", "USD", "-$1,234.50")
	f("999", "EUR", "€999.00")
	f("-999", "CHF", "-999.00 CHF")
	f("0.01", "USD", "$0.01")
	f("0.0000421", "USD", "$0.000042")
	f("-0.004", "USD", "-$0.004")
	f("1000000000000", "KRW", "₩1,000,000,000,000")
	f("0.4", "KRW", "₩0.4")
}

func TestNearest(t *testing.T) {
	if got := nearestNames("claude", []string{"Nova Lite", "Claude Opus 4.6", "Claude Sonnet 4.6"}); len(got) != 2 || got[0] != "Claude Opus 4.6" {
		t.Errorf("parts of names: got %q", got)
	}
	if got := nearestNames("serach", []string{"research", "search", "sales"}); len(got) == 0 || got[0] != "search" {
		t.Errorf("swapped letters: got %q", got)
	}
	if got := nearestNames("xy", []string{"zz", "model"}); got != nil {
		t.Errorf("nothing near: got %q", got)
	}
}
