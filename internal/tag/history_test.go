package tag

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"showback"
)

func instant(text string) time.Time {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		panic(err)
	}
	return t
}

func TestHistory(t *testing.T) {
	h := NewHistory([]Change{
		{At: instant("2026-10-05T14:00:00Z"), Key: "Team", Value: "search"},
		{At: instant("2026-10-05T18:00:00Z"), Key: "team", Value: "ads"},
		{At: instant("2026-10-07T00:00:00Z"), Key: "team", Value: "maps"},
		{At: instant("2026-10-07T00:00:00Z"), Key: "cost", Value: "1"},
		{At: instant("2026-10-09T12:00:00Z"), Anew: true},
		{At: instant("2026-10-09T13:00:00Z"), Key: "env", Value: "dev"},
		{At: instant("2026-10-10T23:59:59Z"), Key: "ENV", Removed: true},
	})
	f := func(got []Pair, want ...Pair) {
		t.Helper()
		if !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
	}
	f(h.At(instant("2026-10-05T13:59:59Z")))
	f(h.At(instant("2026-10-05T14:00:00Z")), Pair{"Team", "search"})
	f(h.At(instant("2026-10-06T23:59:59Z")), Pair{"team", "ads"})
	f(h.At(instant("2026-10-07T00:00:00Z")), Pair{"cost", "1"}, Pair{"team", "maps"})
	f(h.At(instant("2026-10-09T12:30:00Z")))
	f(h.OnDay(instant("2026-10-04T23:00:00Z")))
	f(h.OnDay(instant("2026-10-05T01:00:00Z")), Pair{"team", "ads"}) // changed at noon: all the day
	f(h.OnDay(instant("2026-10-06T00:00:00Z")), Pair{"team", "ads"}) // a change at the next midnight: none of it
	f(h.OnDay(instant("2026-10-09T00:00:00Z")), Pair{"env", "dev"})
	f(h.OnDay(instant("2026-10-10T00:00:00Z")))
	f(h.Now())
	want := []Span{
		{End: instant("2026-10-05T00:00:00Z")},
		{Start: instant("2026-10-05T00:00:00Z"), End: instant("2026-10-07T00:00:00Z"), Tags: []Pair{{"team", "ads"}}},
		{Start: instant("2026-10-07T00:00:00Z"), End: instant("2026-10-09T00:00:00Z"), Tags: []Pair{{"cost", "1"}, {"team", "maps"}}},
		{Start: instant("2026-10-09T00:00:00Z"), End: instant("2026-10-10T00:00:00Z"), Tags: []Pair{{"env", "dev"}}},
		{Start: instant("2026-10-10T00:00:00Z")},
	}
	if diff := cmp.Diff(want, h.Days(), cmp.Comparer(func(a, b []Pair) bool { return slices.Equal(a, b) })); diff != "" {
		t.Errorf("days (-want +got):\n%s", diff)
	}
}

func TestOverride(t *testing.T) {
	got := Override([]Pair{{"Team", "search"}, {"env", "dev"}}, []Pair{{"team", "ads"}})
	if want := []Pair{{"env", "dev"}, {"team", "ads"}}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

var (
	someKey    = rapid.SampledFrom([]string{"team", "Team", "TEAM", "env", "Env", "cost-center"})
	someValue  = rapid.SampledFrom([]string{"", "a", "b", "c"})
	somePairs  = rapid.Map(rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Pair { return Pair{someKey.Draw(t, "key"), someValue.Draw(t, "value")} }), 0, 6), Sorted)
	firstDay   = instant("2026-10-01T00:00:00Z")
	someMoment = rapid.Map(rapid.IntRange(0, 6*24*4), func(n int) time.Time { return firstDay.Add(time.Duration(n) * 15 * time.Minute) })
	someChange = rapid.Custom(func(t *rapid.T) Change {
		c := Change{At: someMoment.Draw(t, "at")}
		switch rapid.IntRange(0, 9).Draw(t, "what") {
		case 0:
			c.Anew = true
		case 1, 2:
			c.Key, c.Removed = someKey.Draw(t, "key"), true
		default:
			c.Key, c.Value = someKey.Draw(t, "key"), someValue.Draw(t, "value")
		}
		return c
	})
)

// plainly adds up the changes until an instant, it included, in the slowest and
// plainest way.
func plainly(changes []Change, until time.Time) []Pair {
	held := map[string]Pair{}
	for at := firstDay; !at.After(until); at = at.Add(15 * time.Minute) {
		for _, c := range changes {
			switch {
			case !c.At.Equal(at):
			case c.Anew:
				clear(held)
			case c.Removed:
				delete(held, Fold(c.Key))
			default:
				held[Fold(c.Key)] = Pair{c.Key, c.Value}
			}
		}
	}
	var all []Pair
	for _, key := range []string{"cost-center", "env", "team"} {
		if p, ok := held[key]; ok {
			all = append(all, p)
		}
	}
	return all
}

func TestHistoryIsThatOfItsChanges(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		changes := rapid.SliceOfN(someChange, 0, 12).Draw(t, "changes")
		h := NewHistory(changes)
		at := someMoment.Draw(t, "at")
		if got, want := h.At(at), plainly(changes, at); !slices.Equal(got, want) {
			t.Fatalf("at %s: got %v, want %v", at, got, want)
		}
		end := showback.Day(at).AddDate(0, 0, 1).Add(-15 * time.Minute)
		if got, want := h.OnDay(at), plainly(changes, end); !slices.Equal(got, want) {
			t.Fatalf("on the day of %s: got %v, want %v", at, got, want)
		}
	})
}

func TestDaysCoverAllTimeOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := NewHistory(rapid.SliceOfN(someChange, 0, 12).Draw(t, "changes"))
		days := h.Days()
		if !days[0].Start.IsZero() || !days[len(days)-1].End.IsZero() {
			t.Fatalf("days are bounded: %v", days)
		}
		for i, s := range days[1:] {
			before := days[i]
			if !before.End.Equal(s.Start) || !s.Start.Equal(showback.Day(s.Start)) || slices.Equal(before.Tags, s.Tags) {
				t.Fatalf("%v and %v do not join", before, s)
			}
		}
		for day := firstDay.AddDate(0, 0, -1); day.Before(firstDay.AddDate(0, 0, 9)); day = day.AddDate(0, 0, 1) {
			var in []Span
			for _, s := range days {
				if !day.Before(s.Start) && (s.End.IsZero() || day.Before(s.End)) {
					in = append(in, s)
				}
			}
			if len(in) != 1 || !slices.Equal(in[0].Tags, h.OnDay(day)) {
				t.Fatalf("%s is in %v, its tags are %v", day, in, h.OnDay(day))
			}
		}
	})
}

func TestDiffLeadsFromOneToTheOther(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		before, after := somePairs.Draw(t, "before"), somePairs.Draw(t, "after")
		put, drop := Diff(before, after)
		got := before
		for _, key := range drop {
			got = Drop(got, key)
		}
		for _, p := range put {
			got = Put(got, p)
		}
		if !slices.Equal(got, after) {
			t.Fatalf("%v with %v put and %v dropped is %v, want %v", before, put, drop, got, after)
		}
		if put, drop := Diff(after, after); len(put)+len(drop) > 0 {
			t.Fatalf("%v differs from itself: %v, %v", after, put, drop)
		}
	})
}
