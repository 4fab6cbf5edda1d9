package estate

import (
	"testing"
	"time"
)

func TestShareOfUntaggedCallers(t *testing.T) {
	for seed := range uint64(5) {
		e := New(Config{Seed: seed, Through: time.Date(2026, 11, 19, 0, 0, 0, 0, time.UTC)})
		all, untagged, split := 0, 0, 0
		for _, p := range e.payers {
			for _, c := range p.callers {
				all++
				if c.noTags {
					untagged++
				}
				if c.teamKey == "Team" {
					split++
				}
			}
		}
		if share := 100 * untagged / all; share < 4 || share > 8 {
			t.Errorf("seed %d: %d of %d callers are untagged, want 6 %%", seed, untagged, all)
		}
		if split == 0 {
			t.Errorf("seed %d: nobody spells the key Team", seed)
		}
	}
}

func TestDeliverKeepsTheShortestDecimal(t *testing.T) {
	f := func(amount, exact, text string) {
		t.Helper()
		n := deliver(dec(amount))
		if n.exact().String() != exact || n.text() != text {
			t.Errorf("%s is delivered as %s, written %q; want %s, %q", amount, n.exact(), n.text(), exact, text)
		}
	}
	f("0.1", "0.1", "0.1")
	f("0.0000000001", "0.0000000001", "1E-10")
	f("-41.0000000003", "-41.0000000003", "-41.0000000003")
	f("1000000000000", "1000000000000", "1000000000000")
	// More digits than a double holds: what is left is what a reader sees.
	f("0.123456789012345678901", "0.12345678901234568", "0.12345678901234568")
	if got := (number{}).text(); got != "" {
		t.Errorf("a blank is written %q", got)
	}
}
