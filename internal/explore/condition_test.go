package explore

import (
	"strings"
	"testing"

	"showback"
)

func TestParseCondition(t *testing.T) {
	f := func(text, want string) {
		t.Helper()
		c, err := ParseCondition(text)
		got := c.String()
		if err != nil {
			got = err.Error()
			if hint := showback.HintOf(err); hint != "" {
				got += " | " + hint
			}
			if showback.KindOf(err) != showback.KindInvalid {
				t.Errorf("%v: kind %s", err, showback.KindOf(err))
			}
		}
		if got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	f("cost > 1000", "cost > 1000")
	f("cost>=1000.50", "cost >= 1000.5")
	f(" Unit_Cost <= 1e-10 usd ", "unit-cost <= 0.0000000001 USD")
	f("tokens<5", "tokens < 5")
	f("quantity = -0", "quantity = 0")
	f("change > 10 KRW", "change > 10 KRW")
	f("change-percent > 20", "change-percent > 20%")
	f("change-percent > -20 %", "change-percent > -20%")
	const form = "want one such as cost > 1000, with one of cost, tokens, quantity, unit-cost, change or change-percent, one of > >= < <= =, and a number"
	f("", `parse condition "": `+form)
	f("cost", `parse condition "cost": `+form)
	f("coast > 5", `parse condition "coast > 5": found "coast", want cost, tokens, quantity, unit-cost, change or change-percent | did you mean cost?`)
	f("> 5", `parse condition "> 5": found "", want cost, tokens, quantity, unit-cost, change or change-percent`)
	f("cost != 5", `parse condition "cost != 5": found "cost !", want cost, tokens, quantity, unit-cost, change or change-percent | did you mean cost?`)
	f("cost == 5", `parse condition "cost == 5": found "=" after =, want a number such as 1000 or 0.5`)
	f("cost > 1,000", `parse condition "cost > 1,000": found "1,000" after >, want a number such as 1000 or 0.5`)
	f("cost > $5", `parse condition "cost > $5": found "$5" after >, want a number such as 1000 or 0.5`)
	f("cost >", `parse condition "cost >": found "" after >, want a number such as 1000 or 0.5`)
	f("cost > 5 dollars", `parse condition "cost > 5 dollars": found "dollars" after the number, want a currency such as USD, or nothing`)
	f("cost > 5%", `parse condition "cost > 5%": found "%" after the number, want a currency such as USD, or nothing`)
	f("tokens > 5 USD", `parse condition "tokens > 5 USD": found "USD" after the number, want nothing`)
	f("change-percent > 5 USD", `parse condition "change-percent > 5 USD": found "USD" after the number, want nothing`)
}

func FuzzParseCondition(f *testing.F) {
	for _, seed := range []string{"cost > 1000", "change-percent<=-5%", "unit-cost = 1e-7 USD", "tokens >= 1", "cost > "} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		c, err := ParseCondition(text)
		if err != nil {
			if showback.KindOf(err) != showback.KindInvalid || c != (Condition{}) {
				t.Errorf("%q: got %v and an error of kind %s", text, c, showback.KindOf(err))
			}
			return
		}
		again, err := ParseCondition(c.String())
		if err != nil || again.String() != c.String() || !again.Bound.Equal(c.Bound) {
			t.Errorf("%q is written %q, which is %v, %v", text, c, again, err)
		}
	})
}

func TestHolding(t *testing.T) {
	lines := append(usage("a/x|5.0000000000000000001", "b/x|4.01", "c/x|(not available)", "new/x|7"),
		line{day: "2026-10-05", cost: "7", currency: "KRW", values: map[string]string{"model": "won"}},
		line{day: "2026-10-06", cost: "1", tokens: "1000000", values: map[string]string{"model": "b"}})
	for _, s := range usage("a/x|10", "b/x|4", "gone/x|9") {
		s.day = "2026-09-05"
		lines = append(lines, s)
	}
	eng := &fake{coverage: bothMonths(), lines: lines}
	f := func(top int, want string, conditions ...string) {
		t.Helper()
		q := Question{By: keys("model"), Basis: showback.NetUnblended, Top: top}
		for _, text := range conditions {
			c, err := ParseCondition(text)
			if err != nil {
				t.Fatal(err)
			}
			q.FailIf = append(q.FailIf, c)
		}
		var got []string
		for _, h := range compared(t, eng, q).Holding() {
			text := h.Row.Keys[0].String() + " " + figureText(h.Figure) + " " + h.Currency
			if len(conditions) > 1 {
				text = h.Condition.String() + ": " + text
			}
			got = append(got, text)
		}
		if got := strings.Join(got, "; "); got != want {
			t.Errorf("%v: got %s, want %s", conditions, got, want)
		}
	}
	f(0, "")
	// To the last digit, in each currency or in one.
	f(0, "new 7 USD; b 5.01 USD; a 5.0000000000000000001 USD; won 7 KRW", "cost > 5")
	f(0, "a 5.0000000000000000001 USD", "cost = 5.0000000000000000001")
	f(0, "", "cost = 5")
	f(0, "new 7 USD; won 7 KRW", "cost >= 7")
	f(0, "won 7 KRW", "cost >= 7 KRW")
	f(0, "", "cost > 7")
	f(0, "a 5.0000000000000000001 USD", "cost <= 5.005")
	// What --top folds is looked at by itself.
	f(1, "b 5.01 USD; a 5.0000000000000000001 USD", "cost < 6")
	f(1, "", "cost > 10")
	// What has no value holds nothing, nor has what is gone a cost.
	f(0, "", "cost < 1")
	f(0, "b 1000000 USD", "tokens >= 0")
	f(0, "b 1 USD", "unit-cost >= 0")
	f(0, "gone -9 USD", "change < -5")
	f(0, "new 7 USD; won 7 KRW", "change > 5")
	f(0, "gone -100 USD", "change-percent < -50")
	// 25.25 is shown as 25.3.
	f(0, "b 25.3 USD", "change-percent >= 25.25")
	f(0, "", "change-percent > 25.25")
	f(0, "cost > 6 USD: new 7 USD; cost > 6 KRW: won 7 KRW", "cost > 6 USD", "cost > 6 KRW")
}
