package duckdb

import (
	"context"
	"slices"
	"testing"

	"showback"
	"showback/internal/explore"
)

func TestChoices(t *testing.T) {
	charges := payersBills(4, "2026-01", "2026-02")
	e := openStore(t, fillStore(t, charges))
	year := showback.Period{Start: showback.Month("2026-01").Start(), End: showback.Month("2027-01").Start()}
	f := func(by, prefix string, limit int, want ...string) {
		t.Helper()
		keys, err := explore.ParseKeys(by)
		if err != nil {
			t.Fatal(err)
		}
		got, err := e.Choices(context.Background(), year, keys[0], prefix, limit)
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("Choices of %s from %q, at most %d = %q, %v, want %q", by, prefix, limit, got, err, want)
		}
	}
	f("tag:team", "", 9, "search")
	f("tag:team", "sea", 9, "search")
	f("tag:team", "x", 9)
	f("tag:nobody", "", 9)
	f("payer", "", 2, "111122223333", "111122223334")
	f("month", "2026", 9, "2026-01", "2026-02")
	f("currency", "", 9, "USD")
	f("service", "Amazon", 9, "Amazon Bedrock")
	f("scope", "", 9, "AI")
	f("caller", "arn:aws:iam::111122223334", 9, "arn:aws:iam::111122223334:user/user-1")
	f("person", "111122223333", 9, "111122223333:user/user-0")
	f("account", "", 0)
	f("model", "", 1, "Nova Lite")
	_, err := e.Choices(context.Background(), year, explore.Key{Name: "team"}, "", 1)
	if showback.KindOf(err) != showback.KindInvalid {
		t.Errorf("Choices of a key that is none = %v, want invalid", err)
	}
}
