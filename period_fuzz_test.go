package showback

import (
	"strconv"
	"testing"
)

// FuzzMonth holds months and their periods against the calendar. n is a count
// of months to go from there.
func FuzzMonth(f *testing.F) {
	f.Fuzz(func(t *testing.T, text string, n int16) {
		m, err := ParseMonth(text)
		if err != nil {
			if KindOf(err) != KindInvalid || m != "" {
				t.Fatalf("%q: got %q and an error of kind %s", text, m, KindOf(err))
			}
			return
		}
		if string(m) != text {
			t.Fatalf("%q was read as %q", text, m)
		}
		p := m.Period()
		if p.Empty() || p.Start.Day() != 1 || p.End.Day() != 1 || MonthOf(p.Start) != m || MonthOf(p.End.Add(-1)) != m || MonthOf(p.End) == m {
			t.Fatalf("%s is %v to %v", m, p.Start, p.End)
		}
		if months := p.Months(); len(months) != 1 || months[0] != m {
			t.Fatalf("%s touches the months %v", m, months)
		}
		days := p.End.AddDate(0, 0, -1).Day()
		if got, want := p.Inclusive(), text+"-01 to "+text+"-"+strconv.Itoa(days); got != want {
			t.Fatalf("got %q, want %q", got, want)
		}
		at := p.Start.AddDate(0, int(n), 0)
		if at.Year() < 0 || at.Year() > 9999 {
			return
		}
		other := m.Add(int(n))
		if other != MonthOf(at) || other.Add(-int(n)) != m || (other > m) != (n > 0) || (other < m) != (n < 0) {
			t.Fatalf("%s and %d months are %s", m, n, other)
		}
		both := Period{min(m, other).Start(), max(m, other).End()}
		if months := both.Months(); len(months) != max(int(n), -int(n))+1 || months[0] != min(m, other) || months[len(months)-1] != max(m, other) {
			t.Fatalf("from %s to %s there are %d months, want %d", min(m, other), max(m, other), len(months), max(int(n), -int(n))+1)
		}
		if !both.Overlaps(p) || n != 0 && other.Period().Overlaps(p) {
			t.Fatalf("%s, %s: overlaps", m, other)
		}
	})
}
