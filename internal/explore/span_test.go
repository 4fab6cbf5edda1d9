package explore

import (
	"testing"
	"time"

	"showback"
)

func instant(t *testing.T, text string) time.Time {
	t.Helper()
	at, err := time.Parse("2006-01-02T15", text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func TestSpanAt(t *testing.T) {
	p := days("2026-10-15", "2026-12-02") // from a Thursday to a Wednesday
	f := func(g Granularity, at string, index int, start, end string) {
		t.Helper()
		if got := spanIndex(p, g, instant(t, at)); got != index {
			t.Errorf("%s by %s: index %d, want %d", at, g, got, index)
		}
		want := showback.Period{Start: instant(t, start), End: instant(t, end)}
		if got := spanAt(p, g, index); got != want {
			t.Errorf("span %d by %s: got %v, want %v", index, g, got, want)
		}
	}
	f(Total, "2026-11-20T13", 0, "2026-10-15T00", "2026-12-03T00")
	f(Hourly, "2026-10-15T00", 0, "2026-10-15T00", "2026-10-15T01")
	f(Hourly, "2026-10-16T13", 37, "2026-10-16T13", "2026-10-16T14")
	f(Hourly, "2026-12-02T23", 49*24-1, "2026-12-02T23", "2026-12-03T00")
	f(Daily, "2026-10-31T13", 16, "2026-10-31T00", "2026-11-01T00")
	f(Weekly, "2026-10-18T23", 0, "2026-10-15T00", "2026-10-19T00")
	f(Weekly, "2026-10-19T00", 1, "2026-10-19T00", "2026-10-26T00")
	f(Weekly, "2026-11-29T23", 6, "2026-11-23T00", "2026-11-30T00")
	f(Weekly, "2026-12-02T00", 7, "2026-11-30T00", "2026-12-03T00")
	f(Monthly, "2026-10-31T23", 0, "2026-10-15T00", "2026-11-01T00")
	f(Monthly, "2026-12-01T00", 2, "2026-12-01T00", "2026-12-03T00")
	// What is past the end has no length.
	for _, g := range []Granularity{Hourly, Daily, Weekly, Monthly} {
		if got := spanAt(p, g, 5000); got != (showback.Period{Start: p.End, End: p.End}) {
			t.Errorf("span 5000 by %s: got %v", g, got)
		}
	}
}

// The spans of a period follow one another and fill it.
func FuzzSpans(f *testing.F) {
	f.Add(uint16(0), uint16(1), uint16(0))
	f.Add(uint16(300), uint16(45), uint16(1000))
	f.Fuzz(func(t *testing.T, first, length, hours uint16) {
		start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, int(first))
		p := showback.Period{Start: start, End: start.AddDate(0, 0, 1+int(length)%800)}
		at := start.Add(time.Duration(hours) * time.Hour)
		if !p.Contains(at) {
			return
		}
		for _, g := range []Granularity{Monthly, Weekly, Daily, Hourly} {
			i := spanIndex(p, g, at)
			s := spanAt(p, g, i)
			if !s.Contains(at) {
				t.Errorf("%v by %s: span %d of %v is %v, without %v", p, g, i, p, s, at)
			}
			if next := spanAt(p, g, i+1); !next.Start.Equal(s.End) || next.Empty() != s.End.Equal(p.End) {
				t.Errorf("%v by %s: after span %d, %v, comes %v", p, g, i, s, next)
			}
			if i > 0 && !spanAt(p, g, i-1).End.Equal(s.Start) {
				t.Errorf("%v by %s: before span %d, %v, comes %v", p, g, i, s, spanAt(p, g, i-1))
			}
			if before := spanIndex(p, g, s.Start); before != i {
				t.Errorf("%v by %s: the start of span %d is in span %d", p, g, i, before)
			}
		}
	})
}
