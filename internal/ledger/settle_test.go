package ledger

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"showback"
)

const payer = "111122223333"

// monthOf makes the segments of one month, one for each export.
func monthOf(month showback.Month, exports ...string) []Segment {
	var all []Segment
	for _, x := range exports {
		all = append(all, Segment{Payer: payer, Export: x, Month: month})
	}
	return all
}

// told writes what was settled: "new; old for new; a+b".
func told(s settled) string {
	var counted, aside, open []string
	for _, seg := range s.counted {
		counted = append(counted, seg.Export)
	}
	for _, seg := range s.aside {
		aside = append(aside, seg.Export+" for "+seg.AsideFor)
	}
	for _, group := range s.open {
		var names []string
		for _, seg := range group {
			names = append(names, seg.Export)
		}
		open = append(open, strings.Join(names, "+"))
	}
	slices.Sort(counted)
	slices.Sort(aside)
	return strings.Join(counted, " ") + "; " + strings.Join(aside, " ") + "; " + strings.Join(open, " ")
}

// edges is an overlap of the pairs given as "a-b".
func edges(pairs string) func(a, b *Segment) bool {
	return func(a, b *Segment) bool {
		pair := sortedPair(a.Export, b.Export)
		return slices.Contains(strings.Fields(pairs), pair[0]+"-"+pair[1])
	}
}

func TestSettle(t *testing.T) {
	f := func(exports, overlaps string, rules Rules, want string) {
		t.Helper()
		all := monthOf("2026-09", strings.Fields(exports)...)
		for range 2 {
			if got := told(settle(all, edges(overlaps), &rules)); got != want {
				t.Errorf("%s with %s: got %q, want %q", exports, overlaps, got, want)
			}
			slices.Reverse(all) // the order of segments decides nothing
		}
	}
	prefer := func(exports ...string) Rules {
		var r Rules
		for _, text := range exports {
			name, months, err := SplitPreference(text)
			if err != nil {
				t.Fatal(err)
			}
			r = r.with([]Preference{{payer, name, months}})
		}
		return r
	}
	f("a b", "", Rules{}, "a b; ; ")
	f("a b", "a-b", Rules{}, "; ; a+b")
	f("a b c", "a-b", Rules{}, "c; ; a+b")
	f("a b c d", "a-b c-d", Rules{}, "; ; a+b c+d")
	f("a b c", "a-b b-c", Rules{}, "; ; a+b+c")
	f("a b", "a-b", prefer("a"), "a; b for a; ")
	f("a b", "a-b", prefer("c"), "; ; a+b")
	f("b", "a-b", prefer("a"), "b; ; ")
	f("a b", "", prefer("a"), "a b; ; ")
	f("a b", "a-b", prefer("a:2026-09"), "a; b for a; ")
	f("a b", "a-b", prefer("a:2026-10..2026-12"), "; ; a+b")
	f("a b", "a-b", prefer("a:2026-08..2026-10"), "a; b for a; ")
	f("a b", "a-b", prefer("a", "b"), "b; a for b; ") // what was said last
	f("a b", "a-b", prefer("b:2026-09", "a"), "a; b for a; ")
	f("a b c", "a-b b-c", prefer("b"), "b; a for b c for b; ")
	f("a b c", "a-b b-c", prefer("a"), "a c; b for a; ")
	f("a b c", "a-b a-c b-c", prefer("b", "a"), "a; b for a c for a; ")
	f("a b c d", "a-b b-c c-d", prefer("a"), "a; b for a; c+d")
	apart := Rules{}
	apart = apart.withDisjoint(payer, "b", "a")
	f("a b", "a-b", apart, "a b; ; ")
	f("a b c", "a-b b-c", apart, "a; ; b+c")
	both := apart.with([]Preference{{Payer: payer, Export: "a"}})
	f("a b c", "a-b a-c", both, "a b; c for a; ")
	both = both.withoutDisjoint(payer, "a")
	f("a b c", "a-b a-c", both, "a; b for a c for a; ")
}

// In one command a month outranks all months, whatever the order; a later
// command outranks both.
func TestPreferencesRank(t *testing.T) {
	some := Preference{payer, "old", []showback.Month{"2026-09"}}
	all := Preference{Payer: payer, Export: "new"}
	for _, typed := range [][]Preference{{some, all}, {all, some}} {
		rules := (&Rules{}).with(typed)
		if got := rules.ranked(payer, "2026-09"); !slices.Equal(got, []string{"old", "new"}) {
			t.Errorf("ranked %v, want old before new", got)
		}
		if got := rules.ranked(payer, "2026-10"); !slices.Equal(got, []string{"new"}) {
			t.Errorf("another month: ranked %v, want new", got)
		}
		rules = rules.with([]Preference{all})
		if got := rules.ranked(payer, "2026-09"); !slices.Equal(got, []string{"new", "old"}) {
			t.Errorf("then said of all: ranked %v, want new before old", got)
		}
		if len(rules.Prefer) != 2 {
			t.Errorf("%d preferences are kept, want 2: %v", len(rules.Prefer), rules.Prefer)
		}
		if got := rules.ranked("444455556666", "2026-09"); got != nil {
			t.Errorf("another payer: ranked %v", got)
		}
	}
}

// What was settled before stays settled: what is printed is then by month.
func TestReadyPreferences(t *testing.T) {
	m := &Manifest{Segments: []Segment{{Payer: "1", Export: "old", Month: "2026-07"}, {Payer: "1", Export: "new", Month: "2026-08"}, {Payer: "1", Export: "part", Month: "2026-07"}}}
	overlap := []Overlap{{Payer: "1", Month: "2026-07", Rivals: []Rival{{Segment: Segment{Export: "old"}}, {Segment: Segment{Export: "part"}}}, Choice: []string{"old"}}}
	f := func(want ...string) {
		t.Helper()
		if got := m.readyPreferences(overlap); !slices.Equal(got, want) {
			t.Errorf("after %v: got %q, want %q", m.Rules.Prefer, got, want)
		}
	}
	f("old")
	m.Rules.Prefer = []Preference{{Payer: "2", Export: "new"}, {Payer: "1", Export: "old"}}
	f("old")
	m.Rules.Prefer = append(m.Rules.Prefer, Preference{Payer: "1", Export: "new"})
	f("old:2026-07")
}

func TestSplitPreference(t *testing.T) {
	f := func(typed, export string, months ...showback.Month) {
		t.Helper()
		gotExport, gotMonths, err := SplitPreference(typed)
		if err != nil || gotExport != export || !slices.Equal(gotMonths, months) {
			t.Errorf("%q: got %q, %v, error %v; want %q, %v", typed, gotExport, gotMonths, err, export, months)
		}
	}
	f("bills", "bills")
	f("bills:2026-09", "bills", "2026-09")
	f("bills:2026-11..2027-01", "bills", "2026-11", "2026-12", "2027-01")
	f("a:b", "a:b")
	f("a:b:2026-09", "a:b", "2026-09")
	for _, typed := range []string{"bills:", "bills:2026-13", "bills:2026-10..2026-09", "bills:2026-09..", "bills:2026", "bills:2026-09-01", "bills:9..10"} {
		if _, _, err := SplitPreference(typed); showback.KindOf(err) != showback.KindInvalid {
			t.Errorf("%q: error %v, want one of the months", typed, err)
		}
	}
}

// TestSettleIsSound adds, removes and prefers exports in random orders. Each key
// of a month is counted from one export at most, unless the pair is held to be
// disjoint; what is aside gave way to an export that counts and shares a key;
// and the way that led there decides nothing.
func TestSettleIsSound(t *testing.T) {
	names := []string{"a", "b", "c", "d"}
	rapid.Check(t, func(t *rapid.T) {
		holdings := map[string][]int{}
		for _, x := range names {
			holdings[x] = rapid.SliceOfNDistinct(rapid.IntRange(0, 5), 1, 4, rapid.ID[int]).Draw(t, "keys of "+x)
		}
		shares := func(a, b string) bool {
			return slices.ContainsFunc(holdings[a], func(k int) bool { return slices.Contains(holdings[b], k) })
		}
		overlap := func(a, b *Segment) bool { return shares(a.Export, b.Export) }
		held := map[string]Segment{}
		var rules Rules
		for step := range rapid.IntRange(1, 12).Draw(t, "steps") {
			x := rapid.SampledFrom(names).Draw(t, "export")
			switch rapid.SampledFrom([]string{"add", "add", "remove", "prefer", "disjoint"}).Draw(t, "what") {
			case "add":
				held[x] = Segment{Payer: payer, Export: x, Month: "2026-09"}
			case "remove":
				delete(held, x)
			case "prefer":
				p := Preference{Payer: payer, Export: x}
				if rapid.Bool().Draw(t, "some months") {
					p.Months = []showback.Month{rapid.SampledFrom([]showback.Month{"2026-08", "2026-09"}).Draw(t, "month")}
				}
				rules = rules.with([]Preference{p})
			case "disjoint":
				if y := rapid.SampledFrom(names).Draw(t, "other"); x != y {
					rules = rules.withDisjoint(payer, x, y)
				}
			}
			all := slices.Collect(maps.Values(held))
			out := settle(all, overlap, &rules)
			sound(t, fmt.Sprint("step ", step), all, out, shares, &rules)
			// What was settled is the start of the next step: AsideFor as it
			// was must not matter.
			if again := settle(slices.Concat(out.aside, out.counted, slices.Concat(out.open...)), overlap, &rules); told(again) != told(out) {
				t.Fatalf("step %d: settled again %q, before %q", step, told(again), told(out))
			}
		}
	})
}

func sound(t *rapid.T, at string, all []Segment, out settled, shares func(a, b string) bool, rules *Rules) {
	t.Helper()
	counts := map[string]bool{}
	for i, s := range out.counted {
		counts[s.Export] = true
		if s.AsideFor != "" {
			t.Fatalf("%s: %s counts and is aside for %s", at, s.Export, s.AsideFor)
		}
		for _, other := range out.counted[:i] {
			if shares(s.Export, other.Export) && !rules.vouched(payer, s.Export, other.Export) {
				t.Fatalf("%s: %s and %s count both", at, s.Export, other.Export)
			}
		}
	}
	for _, s := range out.aside {
		if !counts[s.AsideFor] || !shares(s.Export, s.AsideFor) || rules.vouched(payer, s.Export, s.AsideFor) {
			t.Fatalf("%s: %s is aside for %s", at, s.Export, s.AsideFor)
		}
		if !slices.Contains(rules.ranked(payer, "2026-09"), s.AsideFor) {
			t.Fatalf("%s: %s is aside for %s, which nothing prefers", at, s.Export, s.AsideFor)
		}
	}
	for _, group := range out.open {
		for _, s := range group {
			rival := slices.ContainsFunc(group, func(other Segment) bool {
				return other.Export != s.Export && shares(s.Export, other.Export) && !rules.vouched(payer, s.Export, other.Export)
			})
			if !rival {
				t.Fatalf("%s: %s is open without a rival", at, s.Export)
			}
		}
	}
	var names []string
	for _, s := range slices.Concat(out.counted, out.aside, slices.Concat(out.open...)) {
		names = append(names, s.Export)
	}
	var want []string
	for _, s := range all {
		want = append(want, s.Export)
	}
	slices.Sort(names)
	slices.Sort(want)
	if diff := cmp.Diff(want, names); diff != "" {
		t.Fatalf("%s: segments in, segments out:\n%s", at, diff)
	}
}
