package callers

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"showback"
	"showback/internal/directory"
	"showback/internal/engine/mem"
	"showback/internal/explore"
	"showback/internal/iamrule"
	"showback/internal/identity"
	"showback/internal/owners"
	"showback/internal/tag"
)

const (
	alice    = "arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_Developer_0123456789abcdef/alice@example.com"
	bob      = "arn:aws:sts::111122223333:assumed-role/app/bob@example.com"
	nightly  = "arn:aws:sts::444455556666:assumed-role/app/nightly"
	carol    = "arn:aws:iam::444455556666:user/eng/carol"
	fed      = "arn:aws:sts::444455556666:federated-user/dora"
	external = "something else"
)

func day(n int) time.Time { return time.Date(2026, 9, n, 0, 0, 0, 0, time.UTC) } // past 30 it is October

func charge(caller string, at time.Time, cost, currency string) showback.Charge {
	one := showback.MustDecimal("1")
	return showback.Charge{
		Payer: "111122223333", Export: "e", Month: showback.MonthOf(at), Account: "111122223333", Caller: caller, Type: "Usage",
		UsageStart: at, UsageEnd: at.AddDate(0, 0, 1), Currency: currency, Quantity: &one,
		Meter:   showback.Meter{ProductCode: "AmazonBedrock", BillingEntity: "AWS", UsageType: "USE1-NovaLite-input-tokens", Unit: "1K tokens"},
		Amounts: map[showback.Basis]showback.Decimal{showback.Unblended: showback.MustDecimal(cost)},
	}
}

func engine(charges []showback.Charge) explore.Engine { return mem.New(charges, mem.Cover(charges)) }

func text(s Spend) string {
	var all []string
	for _, a := range s {
		all = append(all, a.Cost.String()+" "+a.Currency)
	}
	return strings.Join(all, " + ")
}

func newDirectory(t *testing.T) *directory.Directory {
	d := directory.Open(t.TempDir(), func() time.Time { return day(20) })
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	return d
}

func TestRoster(t *testing.T) {
	d := newDirectory(t)
	root := directory.Local("111122223333", "test")
	for _, n := range []directory.New{
		{Account: "444455556666", Kind: iamrule.User, Path: "/moved/", Name: "Carol", Tags: []tag.Pair{{Key: "team", Value: "x"}}},
		{Account: "111122223333", Kind: iamrule.Role, Path: "/apps/", Name: "app"},
		{Account: "111122223333", Kind: iamrule.User, Name: "idle"},
	} {
		if _, err := d.Create(t.Context(), root, n); err != nil {
			t.Fatal(err)
		}
	}
	eng := engine([]showback.Charge{
		charge(alice, day(3), "5.5", "USD"), charge(alice, day(32), "0.0000000001", "USD"), charge(bob, day(4), "7", "USD"),
		charge(nightly, day(5), "100", "EUR"), charge(carol, day(6), "6", "USD"), charge(fed, day(6), "1", "USD"),
		charge(external, day(33), "-2", "USD"), charge("", day(7), "50", "USD"),
	})
	p := showback.Period{Start: day(1), End: day(62)}
	lines, err := Roster(t.Context(), eng, d, p)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, l := range lines {
		seen := "never"
		if !l.LastSeen.IsZero() {
			seen = l.LastSeen.Format(time.DateOnly)
		}
		got = append(got, fmt.Sprintf("%s known=%v %s %s sessions=%d models=%d", l.Value, l.Known(), text(l.Spend), seen, len(l.Sessions), len(l.Models)))
	}
	want := []string{
		"arn:aws:iam::111122223333:role/app known=true 7 USD 2026-09-04 sessions=1 models=1",
		"arn:aws:iam::444455556666:user/moved/Carol known=true 6 USD 2026-09-06 sessions=0 models=1", // moved since it was billed
		"arn:aws:iam::111122223333:role/AWSReservedSSO_Developer_0123456789abcdef known=false 5.5000000001 USD 2026-10-02 sessions=1 models=1",
		"arn:aws:sts::444455556666:federated-user/dora known=false 1 USD 2026-09-06 sessions=1 models=1",
		"arn:aws:iam::444455556666:role/app known=false 100 EUR 2026-09-05 sessions=1 models=1",
		"something else known=false -2 USD 2026-10-03 sessions=0 models=1",
		"arn:aws:iam::111122223333:user/idle known=true  never sessions=0 models=0",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if got, want := text(Sum(lines)), "100 EUR + 17.5000000001 USD"; got != want {
		t.Errorf("all spend: got %s, want %s", got, want)
	}
	if unknown := Unknown(lines); len(unknown) != 4 {
		t.Errorf("got %d unknown, want 4", len(unknown))
	}
	f := func(name string, want ...int) {
		t.Helper()
		var at []int
		for _, l := range Find(lines, name) {
			at = append(at, slices.IndexFunc(lines, func(o Line) bool { return o.Value == l.Value }))
		}
		if !slices.Equal(at, want) {
			t.Errorf("%s: got lines %v, want %v", name, at, want)
		}
	}
	f("app", 0, 4)
	f("444455556666:app", 4)
	f("role/app", 0, 4)
	f("444455556666:role/APP", 4)
	f(nightly, 4)
	f("arn:aws:iam::111122223333:role/apps/app", 0)
	f(carol, 1)
	f("permission-set/developer", 2)
	f(fed, 3)
	f(external, 5)
	f("arn:aws:iam::111122223333:user/app")
}

func TestNothingBilled(t *testing.T) {
	lines, err := Roster(t.Context(), engine(nil), newDirectory(t), showback.Period{})
	if err != nil || len(lines) > 0 {
		t.Errorf("got %v, %v", lines, err)
	}
	if o, err := Own(t.Context(), engine(nil), owners.Book{{}}, showback.Period{}); err != nil || o.Callers != 0 {
		t.Errorf("got %+v, %v", o, err)
	}
}

// Whatever the rules and their dates: each rule gets exactly the dollars of the
// charges that it is the first to match, charge by charge, and what no rule
// matches is said to the last digit.
func TestOwnAddsUp(t *testing.T) {
	matches := []string{"account:111122223333", "role:app", "user:carol", "session:role/app/*@example.com", "permission-set:Dev*", "email:*@example.com", "role:444455556666:app"}
	someRule := rapid.Custom(func(t *rapid.T) owners.Rule {
		m, err := owners.ParseMatch(rapid.SampledFrom(matches).Draw(t, "match"))
		if err != nil {
			t.Fatal(err)
		}
		r := owners.Rule{Match: m, Key: rapid.SampledFrom([]string{"team", "Team", "env"}).Draw(t, "key"), Value: "v"}
		if n := rapid.IntRange(0, 40).Draw(t, "from"); n > 10 {
			r.Period.Start = day(n)
		}
		if n := rapid.IntRange(0, 20).Draw(t, "days"); n > 0 {
			r.Period.End = day(15 + n)
			if !r.Period.Start.IsZero() {
				r.Period.End = r.Period.Start.AddDate(0, 0, n)
			}
		}
		return r
	})
	rapid.Check(t, func(t *rapid.T) {
		var charges []showback.Charge
		for range rapid.IntRange(1, 30).Draw(t, "charges") {
			charges = append(charges, charge(rapid.SampledFrom([]string{alice, bob, nightly, carol, fed, external}).Draw(t, "caller"),
				day(rapid.IntRange(1, 45).Draw(t, "day")), fmt.Sprint(rapid.IntRange(-5, 1000).Draw(t, "cost"))+".0000000001", rapid.SampledFrom([]string{"USD", "EUR"}).Draw(t, "currency")))
		}
		var book owners.Book
		for i := range rapid.IntRange(1, 3).Draw(t, "sheets") {
			s := owners.Sheet{Name: fmt.Sprint("s", i), Rules: rapid.SliceOfN(someRule, 0, 6).Draw(t, "rules")}
			for k := range s.Rules {
				s.Rules[k].Line = k + 2
			}
			if i > 0 {
				s.From = day(5 + 7*i)
			}
			book = append(book, s)
		}
		p := showback.Period{Start: day(rapid.IntRange(1, 10).Draw(t, "start")), End: day(rapid.IntRange(20, 50).Draw(t, "end"))}
		want, unmatched, all := map[place]Spend{}, Spend{}, Spend{}
		for _, c := range charges {
			at := c.CountedOn()
			if !p.Contains(at) {
				continue
			}
			amount := c.Amounts[showback.Unblended]
			all = all.add(c.Currency, amount)
			sheet := book[0]
			for _, s := range book {
				if !at.Before(s.From) {
					sheet = s
				}
			}
			taken := map[string]bool{}
			for _, r := range sheet.Rules {
				in := !at.Before(r.Period.Start) && (r.Period.End.IsZero() || at.Before(r.Period.End))
				if in && r.Match.Matches(identity.Parse(c.Caller)) && !taken[tag.Fold(r.Key)] {
					taken[tag.Fold(r.Key)] = true
					k := place{sheet.Label(), r.Line}
					want[k] = want[k].add(c.Currency, amount)
				}
			}
			if len(taken) == 0 {
				unmatched = unmatched.add(c.Currency, amount)
			}
		}
		o, err := Own(t.Context(), engine(charges), book, p)
		if err != nil {
			t.Fatal(err)
		}
		if text(o.Spend) != text(all) || text(o.UnmatchedSpend) != text(unmatched) {
			t.Fatalf("got %s, of it unmatched %s; want %s and %s", text(o.Spend), text(o.UnmatchedSpend), text(all), text(unmatched))
		}
		for _, u := range o.Rules {
			if k := (place{u.Sheet, u.Rule.Line}); text(u.Spend) != text(want[k]) {
				t.Fatalf("%v: got %s, want %s", k, text(u.Spend), text(want[k]))
			}
		}
		sum := Spend{}
		for _, u := range o.Unmatched {
			sum = sum.plus(u.Spend)
		}
		if text(sum) != text(unmatched) {
			t.Fatalf("the callers that no rule matches have %s, want %s", text(sum), text(unmatched))
		}
	})
}
