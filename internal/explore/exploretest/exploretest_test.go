package exploretest

import (
	"fmt"
	"io/fs"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"showback"
	"showback/internal/engine/mem"
	"showback/internal/explore"
)

func openMem(charges []showback.Charge) explore.Engine { return mem.New(charges, mem.Cover(charges)) }

// runText runs a script over two charges and returns its failures as one text.
func runText(t *testing.T, text string) string {
	t.Helper()
	s, err := parse("x.test", "load\n  cost=1 tag:team=search\n  cost=2 currency=EUR tag:team=support quantity=1\n  cost=4 tag:team=support\n"+text)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(s.run(openMem), "\n")
}

func TestRunFindsDifferences(t *testing.T) {
	f := func(script, want string) {
		t.Helper()
		got := runText(t, script)
		if want == "" && got != "" || !strings.Contains(got, want) {
			t.Errorf("script\n%s\ngot  %s\nwant %s", script, got, want)
		}
	}
	const right = `
  {tag:team=search} 1 USD
  {tag:team=support} 4.00 USD
  {tag:team=support} 2 EUR
`
	f("eval by tag:team"+right, "")
	f("eval by tag:team"+right+"  expect ordered", "{tag:team=search} 1 USD: no such row there")
	f("eval by tag:team"+right+"  {tag:team=other} 1 USD", "{tag:team=other} 1 USD: no such row")
	f("eval by tag:team\n  {tag:team=search} 1 USD", "unexpected row: {tag:team=support} 4 USD")
	f("eval by tag:team"+strings.Replace(right, "1 USD", "1.0000000000000000001 USD", 1), "cost is 1, want 1.0000000000000000001")
	f("eval by tag:team"+strings.Replace(right, "1 USD", "(no list price) USD", 1), "cost is 1, want (no list price)")
	f("eval by tag:team"+strings.Replace(right, "1 USD", "1 KRW", 1), "{tag:team=search} 1 KRW: no such row")
	f("eval by tag:team"+strings.Replace(right, "1 USD", "1 USD charges=2", 1), "charges is 1, want 2")
	f("eval by tag:team"+strings.Replace(right, "1 USD", "1 USD tokens=3", 1), "tokens is (not asked), want 3")
	f("eval measure tokens\n  {} tokens=3 USD\n  {} tokens=0 EUR", "tokens is 0, want 3")
	f("eval measure quantity\n  {} quantity=0 USD\n  {} quantity=0 EUR unit=GB", "unit is 1K tokens, want GB")
	f("eval\n  expect total 5 USD\n  expect total 2 EUR", "")
	f("eval\n  expect total 5 USD\n  expect total 3 EUR", "cost is 2, want 3")
	f("eval\n  expect total 5 KRW", "no such block")
	f("eval\n  expect rows 3", "2 rows, want 3")
	f("eval\n  expect none", "unexpected row: {} 5 USD")
	f("eval\n  expect rows 2\n  expect class usage 5 USD", "")
	f("eval\n  expect rows 2\n  expect class usage 6 USD", "want usage 6")
	f("eval\n  expect rows 2\n  expect class tax 5 USD", "want tax 5")
	f("eval\n  expect rows 2\n  expect bill 5 of 6 USD", "want 5 of 6 USD")
	f("eval\n  expect rows 2\n  expect note no-match", "want no-match")
	f("eval\n  expect rows 2\n  expect note open-month 2027", "want open-month 2027")
	f("eval\n  expect rows 2\n  expect no notes", "want none")
	f("eval\n  expect rows 2\n  expect open no", "open: yes, want no")
	f("eval\n  expect rows 2\n  expect billed-to 2026-10-02", "billed to 2026-10-01, want 2026-10-02")
	f("eval\n  expect fail anything", "no failure, want anything")
	f("eval by colour\n  expect fail no such key", "")
	f("eval by colour\n  expect fail a comet", "want a comet")
	f("eval by colour\n  expect none", "fails with")
	f("eval each \"tag:team; model\"\n  expect rows 3", "by model\n    2 rows, want 3")
}

func TestParseErrors(t *testing.T) {
	f := func(script, want string) {
		t.Helper()
		_, err := parse("x.test", script)
		if err == nil || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), "x.test:") {
			t.Errorf("parse %q: got %v, want x.test:…%s", script, err, want)
		}
	}
	f("lode", "want load, clear, now or eval")
	f("  cost=1", "x.test:1: indented line belongs to nothing")
	f("clear\n  cost=1", "x.test:2: indented line belongs to nothing")
	f("load\n  cost", "want key=value")
	f("load\n  colour=red", "no such key of a charge")
	f("load\n  cost=a", "parse number")
	f("load\n  cost=0.00000000000000000001", "more than 19 decimals")
	f("load\n  day=2026-13-01", "month out of range")
	f("load\n  caller-column=maybe", "want yes or no")
	f("load\n  type=\"a", "quote is not closed")
	f("load\n  resource=(a", "parentheses do not match")
	f("now", "want now and a time")
	f("eval by", "no argument")
	f("eval whom x", "no such clause of eval")
	f("eval basis best", "parse basis")
	f("eval\n", "eval expects nothing")
	f("eval\n  expect total a", "parse number")
	f("eval\n  expect miracles", "no such clause")
	f("eval\n  expect rows x", "invalid syntax")
	f("eval\n  {model 1", "no closing brace")
	f("eval\n  {model} 1", "a key without =")
	f("eval\n  {} 1 USD pounds=3", "no such figure")
	f("eval measure cost,tokens\n  {} 1", "says nothing of tokens")
	f("eval each model\n  {model=x} 1", "eval each compares totals")
}

func TestFillAmounts(t *testing.T) {
	f := func(want string, lines ...string) {
		t.Helper()
		s, err := parse("x.test", "load\n  "+strings.Join(lines, "\n  "))
		if err != nil {
			t.Fatal(err)
		}
		charges := s.steps[0].load
		if err := FillAmounts(charges); err != nil {
			if !strings.Contains(err.Error(), want) || want == "" {
				t.Errorf("%q: got %v, want %s", lines, err, want)
			}
			return
		}
		var got []string
		for _, c := range charges {
			text := ""
			for _, b := range showback.Bases {
				if amount, ok := c.Amounts[b]; ok {
					text += fmt.Sprintf(" %s=%s", b, amount)
				}
			}
			got = append(got, text[1:])
		}
		if text := strings.Join(got, "; "); text != want {
			t.Errorf("%q\ngot  %s\nwant %s", lines, text, want)
		}
		again := append([]showback.Charge(nil), charges...)
		if err := FillAmounts(again); err != nil {
			t.Errorf("%q: filled twice: %v", lines, err)
		}
		if diff := cmp.Diff(charges, again, cmp.Comparer(showback.Decimal.Equal)); diff != "" {
			t.Errorf("%q: filled twice differs:\n%s", lines, diff)
		}
	}
	f("unblended=2 amortized=2", "cost=2")
	f("unblended=2 net-unblended=1 amortized=2 net-amortized=1; unblended=3 net-unblended=0 amortized=3 net-amortized=0", "cost=2 net=1", "cost=3")
	f("unblended=2 amortized=2; unblended=3 amortized=3 list=4", "cost=2", "cost=3 list=4")
	f("unblended=2 amortized=2; unblended=3 net-unblended=0 amortized=3 net-amortized=0", "cost=2", "cost=3 net=0 export=other")
	f("unblended=2; unblended=-2", "cost=2 type=SavingsPlanCoveredUsage", "cost=-2 type=SavingsPlanNegation")
	f("unblended=2 amortized=1; unblended=-2 amortized=0; unblended=5 amortized=5; unblended=9 amortized=0",
		"cost=2 type=SavingsPlanCoveredUsage amortized=1", "cost=-2 type=SavingsPlanNegation", "cost=5", "cost=9 type=Fee amortized=0")
	f("SavingsPlanNegation charge: amortized is 1, but the type makes it 0", "type=SavingsPlanNegation amortized=1", "type=RIFee amortized=1")
	f("Usage charge: amortized is 1, but the type makes it 2", "cost=2 amortized=1")
	f("net-amortized is set, but its delivery does not carry it", "type=RIFee amortized=1 net-amortized=1")
	f("amortized is set, but its delivery does not carry it", "type=RIFee amortized=1", "type=DiscountedUsage")
	f("unblended=-2 amortized=0; unblended=3 amortized=3", "cost=-2 type=SavingsPlanNegation", "cost=3 type=Fee")
	f("unblended=2 net-unblended=1 amortized=3 net-amortized=3", "cost=2 net=1 type=SavingsPlanRecurringFee amortized=3")
	f("unblended=2 net-unblended=1 amortized=3", "cost=2 net=1 type=DiscountedUsage amortized=3")
}

// TestFormat proves that Format writes what load reads back, over all charges
// that the scripts load.
func TestFormat(t *testing.T) {
	loads, err := BuiltinLoads()
	if err != nil {
		t.Fatal(err)
	}
	if len(loads) < 20 {
		t.Fatalf("scripts load %d times, want more", len(loads))
	}
	for _, want := range loads {
		text := Format(want)
		s, err := parse("formatted", text)
		if err != nil {
			t.Fatalf("%v in\n%s", err, text)
		}
		got := s.steps[0].load
		if err := FillAmounts(got); err != nil {
			t.Fatalf("%v in\n%s", err, text)
		}
		if diff := cmp.Diff(want, got, cmp.Comparer(showback.Decimal.Equal)); diff != "" {
			t.Errorf("%s\n%s", text, diff)
		}
	}
}

func FuzzParse(f *testing.F) {
	names, err := fs.Glob(builtin, "testdata/*.test")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range names {
		text, err := fs.ReadFile(builtin, name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(text))
	}
	f.Fuzz(func(_ *testing.T, text string) { _, _ = parse("fuzz", text) })
}
