package explore

import (
	"testing"

	"showback"
)

func TestChangeOf(t *testing.T) {
	figures := func(cost string) Figures {
		return Figures{Charges: 1, Cost: Figure{Value: dec(cost)}}
	}
	f := func(now, previous, difference, percent string) {
		t.Helper()
		c := ChangeOf(Cost, figures(now), figures(previous))
		if got := figureText(c.Difference); got != difference {
			t.Errorf("%s after %s: difference %s, want %s", now, previous, got, difference)
		}
		if got := figureText(c.Percent); got != percent {
			t.Errorf("%s after %s: percent %s, want %s", now, previous, got, percent)
		}
	}
	f("3", "2", "1", "50")
	f("1", "3", "-2", "-66.7")
	f("1.0005", "1", "0.0005", "0.1") // 0.05 away from zero
	f("0.9995", "1", "-0.0005", "-0.1")
	f("1.00049999", "1", "0.00049999", "0")
	f("1e-19", "3e-19", "-0.0000000000000000002", "-66.7")
	f("5", "0", "5", "(new)")
	f("0", "0", "0", "0")
	f("0", "7", "-7", "-100")
	// A credit that grows is a change downwards.
	f("-10", "-5", "-5", "-100")
	f("0", "-5", "5", "100")
	f("5", "-5", "10", "200")
}

func TestChangeWithoutValue(t *testing.T) {
	of := func(unit string) Figures {
		return Figures{Charges: 1, Cost: Figure{Value: dec("1")}, Tokens: Figure{Missing: noTokens}, Quantity: Figure{Value: dec("2")}, Unit: unit, UnitCost: Figure{Value: dec("3")}}
	}
	none := tally{}.figures([]Measure{Cost, Tokens, Quantity, UnitCost})
	unpriced, unasked := of("Hrs"), of("Hrs")
	unpriced.Cost = Figure{Missing: showback.NotAvailable}
	unasked.Tokens = Figure{Missing: NotAsked}
	f := func(m Measure, now, previous Figures, difference, percent string) {
		t.Helper()
		c := ChangeOf(m, now, previous)
		if d, p := figureText(c.Difference), figureText(c.Percent); d != difference || p != percent {
			t.Errorf("%s: got %s, %s, want %s, %s", m, d, p, difference, percent)
		}
	}
	f(Cost, of(""), unpriced, "(not available)", "(not available)")
	f(Cost, unpriced, of(""), "(not available)", "(not available)")
	f(Cost, of(""), none, "1", "(new)")
	f(Cost, none, of(""), "-1", "-100")
	f(Tokens, of(""), none, "(no tokens)", "(no tokens)")
	f(Tokens, unasked, none, "(not asked)", "(not asked)")
	f(Quantity, of("Hrs"), of("Hrs"), "0", "0")
	f(Quantity, of("Hrs"), of("GB"), "(mixed units)", "(mixed units)")
	f(Quantity, of("Hrs"), none, "2", "(new)")
	f(UnitCost, of(""), none, "(no tokens)", "(no tokens)")
}

func TestPresenceOf(t *testing.T) {
	f := func(now, previous int64, want Presence) {
		t.Helper()
		if got := PresenceOf(Figures{Charges: now}, &Figures{Charges: previous}); got != want {
			t.Errorf("%d charges after %d: got %q, want %q", now, previous, got, want)
		}
	}
	f(1, 0, New)
	f(0, 1, Gone)
	f(1, 1, InBoth)
	f(0, 0, InBoth)
	if got := PresenceOf(Figures{Charges: 1}, nil); got != "" {
		t.Errorf("nothing compared: got %q", got)
	}
}
