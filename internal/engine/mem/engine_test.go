package mem

import (
	"context"
	"errors"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"showback"
	"showback/internal/explore"
	"showback/internal/explore/exploretest"
)

func TestScripts(t *testing.T) {
	exploretest.RunBuiltin(t, func(_ testing.TB, charges []showback.Charge) explore.Engine {
		return New(charges, Cover(charges))
	})
}

var october = showback.Month("2026-10").Period()

// charge is a usage charge of Bedrock on a day of October.
func charge(day int, cost string) showback.Charge {
	start := october.Start.AddDate(0, 0, day-1)
	return showback.Charge{
		Payer: "111122223333", Export: "bill", Month: "2026-10", Account: "111122223333", Type: "Usage",
		UsageStart: start, UsageEnd: start.AddDate(0, 0, 1), BillType: "Anniversary", Currency: "USD",
		Meter:   showback.Meter{ProductCode: "AmazonBedrock", UsageType: "USE1-NovaLite-input-tokens", Unit: "1K tokens"},
		Amounts: map[showback.Basis]showback.Decimal{showback.Unblended: showback.MustDecimal(cost)},
	}
}

func TestEveryKeyHasAnAnswer(t *testing.T) {
	charges := []showback.Charge{charge(1, "1")}
	e := New(charges, Cover(charges))
	for _, d := range explore.KeyDocs() {
		key := explore.Key{Name: d.Name}
		if d.Source != "" {
			key = explore.TagKeyed(showback.TagKey{Source: d.Source, Name: "team"})
		}
		rows, err := e.Run(t.Context(), explore.Plan{Period: october, By: []explore.Key{key}, Basis: showback.Unblended, Scope: explore.ScopeAll})
		if err != nil || len(rows) != 1 || rows[0].Keys[0] == (explore.Value{}) {
			t.Errorf("by %s: got %v, %v, want one row with a value or a cause", key, rows, err)
		}
	}
}

func TestRunRefuses(t *testing.T) {
	e := New(nil, explore.Coverage{})
	plan := explore.Plan{Period: october, TagView: explore.TagsThen}
	if _, err := e.Run(t.Context(), plan); showback.KindOf(err) != showback.KindInvalid {
		t.Errorf("tag view then: got %v, want an error of KindInvalid", err)
	}
	if _, err := e.Values(t.Context(), plan, explore.Key{Name: "model"}, 1); showback.KindOf(err) != showback.KindInvalid {
		t.Errorf("values in tag view then: got %v, want an error of KindInvalid", err)
	}
	ended, end := context.WithCancel(t.Context())
	end()
	if _, err := e.Run(ended, explore.Plan{Period: october}); !errors.Is(err, context.Canceled) {
		t.Errorf("ended context: got %v, want %v", err, context.Canceled)
	}
}

// A span that begins before the period begins with it; hours are those of the
// usage, or the first of the day on which it counts.
func TestSpans(t *testing.T) {
	at := func(text string) time.Time {
		t.Helper()
		at, err := time.Parse("2006-01-02T15:04", text)
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	f := func(g explore.Granularity, usage, want string) {
		t.Helper()
		c := charge(1, "1")
		c.UsageStart = at(usage)
		e := New([]showback.Charge{c}, explore.Coverage{})
		rows, err := e.Run(t.Context(), explore.Plan{Period: october, Granularity: g, Basis: showback.Unblended, Scope: explore.ScopeAll})
		if err != nil || len(rows) != 1 || !rows[0].Start.Equal(at(want)) {
			t.Errorf("usage at %s by %s: got %v, %v, want a row of %s", usage, g, rows, err, want)
		}
	}
	f(explore.Hourly, "2026-10-15T13:59", "2026-10-15T13:00")
	f(explore.Hourly, "2026-08-31T13:59", "2026-10-01T00:00")
	f(explore.Hourly, "2026-11-01T13:59", "2026-10-31T00:00")
	f(explore.Weekly, "2026-10-01T13:59", "2026-10-01T00:00") // a Thursday
	f(explore.Weekly, "2026-10-04T23:59", "2026-10-01T00:00")
	f(explore.Weekly, "2026-10-05T00:00", "2026-10-05T00:00")
	f(explore.Weekly, "2026-10-11T23:59", "2026-10-05T00:00")
	f(explore.Weekly, "2026-11-01T00:00", "2026-10-26T00:00") // counts on 31 October
}

// Figures that were not asked are zero, and without any the rest stands.
func TestMeasures(t *testing.T) {
	c := charge(1, "2")
	quantity := showback.MustDecimal("3")
	c.Quantity = &quantity
	e := New([]showback.Charge{c}, explore.Coverage{})
	f := func(measures []explore.Measure, tokens, amounts bool) {
		t.Helper()
		rows, err := e.Run(t.Context(), explore.Plan{Period: october, Basis: showback.Unblended, Scope: explore.ScopeAll, Measures: measures})
		if err != nil || len(rows) != 1 {
			t.Fatalf("%v: got %v, %v, want one row", measures, rows, err)
		}
		r := rows[0]
		want := explore.Row{Start: october.Start, Currency: "USD", Charges: 1, Cost: showback.MustDecimal("2"), Unblended: showback.MustDecimal("2")}
		if tokens {
			want.HasTokens, want.Tokens, want.TokenCost = true, showback.MustDecimal("3000"), showback.MustDecimal("2")
		}
		if amounts {
			want.Quantity, want.Unit, want.Units = quantity, "1K tokens", 1
		}
		if !cmp.Equal(r, want) {
			t.Errorf("%v: got %+v, want %+v", measures, r, want)
		}
	}
	f(nil, true, true)
	f([]explore.Measure{}, false, false)
	f([]explore.Measure{explore.Cost}, false, false)
	f([]explore.Measure{explore.Tokens}, true, false)
	f([]explore.Measure{explore.UnitCost}, true, false)
	f([]explore.Measure{explore.Quantity}, false, true)
}

func TestHourly(t *testing.T) {
	f := func(want bool, change func(*showback.Charge)) {
		t.Helper()
		c := charge(1, "1")
		change(&c)
		if got := Cover([]showback.Charge{c}).Deliveries[0].Hourly; got != want {
			t.Errorf("%s to %s, %s: hourly is %t, want %t", c.UsageStart, c.UsageEnd, c.Type, got, want)
		}
	}
	f(false, func(c *showback.Charge) {})
	f(true, func(c *showback.Charge) { c.UsageEnd = c.UsageStart.Add(time.Hour) })
	f(false, func(c *showback.Charge) { c.UsageEnd = c.UsageStart.Add(time.Hour); c.Type = "Tax" })
	f(false, func(c *showback.Charge) { c.UsageEnd = time.Time{} })
}

// An export by the month has usage that is longer than a day, and none that is
// not.
func TestMonthly(t *testing.T) {
	f := func(want bool, lengths ...time.Duration) {
		t.Helper()
		var charges []showback.Charge
		for _, length := range lengths {
			c := charge(1, "1")
			c.UsageEnd = time.Time{}
			if length > 0 {
				c.UsageEnd = c.UsageStart.Add(length)
			}
			charges = append(charges, c)
		}
		if got := Cover(charges).Deliveries[0].Monthly; got != want {
			t.Errorf("usage of %v: monthly is %t, want %t", lengths, got, want)
		}
	}
	f(false, 0)
	f(false, time.Hour)
	f(false, 24*time.Hour)
	f(true, 31*24*time.Hour)
	f(true, 31*24*time.Hour, 0)
	f(false, 31*24*time.Hour, 24*time.Hour)
}

func TestValues(t *testing.T) {
	cheap, dear, back, equal, late := charge(1, "1"), charge(2, "5"), charge(3, "-4.5"), charge(4, "0.5"), charge(31, "9")
	cheap.Account, dear.Account, back.Account, equal.Account, late.Account = "b", "a", "a", "c", "d"
	equal.Type = "Tax"
	none := charge(5, "7")
	none.Account = ""
	charges := []showback.Charge{cheap, dear, back, equal, late, none}
	e := New(charges, Cover(charges))
	f := func(limit int, classes []showback.ChargeClass, want ...string) {
		t.Helper()
		p := explore.Plan{Period: showback.Period{Start: october.Start, End: october.End.AddDate(0, 0, -1)}, Scope: explore.ScopeAI, Classes: classes}
		got, err := e.Values(t.Context(), p, explore.Key{Name: "account"}, limit)
		if err != nil || !cmp.Equal(got, append([]string{}, want...)) {
			t.Errorf("first %d of %v: got %q, %v, want %q", limit, classes, got, err, want)
		}
	}
	f(10, nil, "b", "a", "c")
	f(2, nil, "b", "a")
	f(0, nil)
	f(10, []showback.ChargeClass{showback.ClassTax}, "c")
}

func TestCover(t *testing.T) {
	first, tagged, tax := charge(3, "1"), charge(2, "2"), charge(1, "0.5")
	team, empty := showback.TagKey{Source: showback.TagCaller, Name: "team"}, showback.TagKey{Source: showback.TagCaller, Name: "empty"}
	first.Invoice, tagged.Invoice = "1", "1"
	first.PayerName = "Main, Inc."
	first.Tags = map[showback.TagKey]string{team: "search", empty: ""}
	tagged.Tags = map[showback.TagKey]string{team: "support"}
	tagged.Amounts[showback.List] = showback.MustDecimal("3")
	tagged.Currency = "EUR"
	tax.Type = "Tax"
	other := charge(1, "0")
	other.Payer, other.NoCallerColumn = "000011112222", true
	want := explore.Coverage{Deliveries: []explore.Delivered{{
		Payer: "000011112222", Export: "bill", Month: "2026-10", Charges: 1,
		Bases:    []showback.Basis{showback.Unblended},
		FirstDay: october.Start, LastDay: october.Start, TagKeys: map[showback.TagKey]time.Time{}, Currencies: []string{"USD"},
	}, {
		Payer: "111122223333", PayerName: "Main, Inc.", Export: "bill", Month: "2026-10", Charges: 3,
		Bases: []showback.Basis{showback.Unblended, showback.List}, CallerColumn: true, Open: true,
		FirstDay: october.Start.AddDate(0, 0, 1), LastDay: october.Start.AddDate(0, 0, 2),
		TagKeys: map[showback.TagKey]time.Time{team: october.Start.AddDate(0, 0, 1)}, Currencies: []string{"EUR", "USD"},
	}}}
	if diff := cmp.Diff(want, Cover([]showback.Charge{first, tagged, tax, other})); diff != "" {
		t.Error(diff)
	}
}

func TestCoverOpen(t *testing.T) {
	invoiced := charge(1, "1")
	invoiced.Invoice = "1"
	f := func(billType, invoice, cost string, want bool) {
		t.Helper()
		c := charge(2, cost)
		c.BillType, c.Invoice = billType, invoice
		if got := Cover([]showback.Charge{invoiced, c}).Deliveries[0].Open; got != want {
			t.Errorf("a charge of %s, bill type %q, invoice %q: open is %t, want %t", cost, billType, invoice, got, want)
		}
	}
	f("Anniversary", "", "2", true)
	f("Anniversary", "1", "2", false)
	f("Anniversary", "", "0", false)
	f("", "", "2", true)
	f("", "1", "2", false)
	f("Purchase", "", "2", false)
	f("Refund", "", "-2", false)
}

// TestWild compares the oracle's own matching with the language's.
func TestWild(t *testing.T) {
	g := rand.New(rand.NewPCG(1, 1))
	text := func(most int) string {
		b := make([]byte, g.IntN(most+1))
		for i := range b {
			b[i] = "abA"[g.IntN(3)]
		}
		return string(b)
	}
	matched := 0
	for range 20_000 {
		var p explore.Pattern
		for range g.IntN(5) {
			p.Parts = append(p.Parts, text(2))
		}
		value, key := text(6), explore.Key{Name: []string{"model", "person"}[g.IntN(2)]}
		got, want := matches(key, p, value), p.Matches(value, key.FoldsCase())
		if got != want {
			t.Fatalf("%q of %s against %q: got %t, want %t", value, key, p.Parts, got, want)
		}
		if got {
			matched++
		}
	}
	if matched < 1000 {
		t.Errorf("%d of 20000 matched, want more", matched)
	}
}
