package explore

import (
	"time"

	"showback"
)

const week = 7 * day

// monday returns the first instant of the week that holds t. (ISO 8601: a week
// begins on Monday.)
func monday(t time.Time) time.Time {
	d := showback.Day(t)
	return d.AddDate(0, 0, -(int(d.Weekday())+6)%7)
}

// spanIndex says the how-manyth span of the period, from 0, the instant is in.
// The instant is not before the period.
func spanIndex(p showback.Period, g Granularity, t time.Time) int {
	switch g {
	case Hourly:
		return int(t.Sub(p.Start) / time.Hour)
	case Daily:
		return int(t.Sub(p.Start) / day)
	case Weekly:
		return int(monday(t).Sub(monday(p.Start)) / week)
	case Monthly:
		t, first := t.UTC(), p.Start.UTC()
		return 12*(t.Year()-first.Year()) + int(t.Month()) - int(first.Month())
	}
	return 0
}

// spanAt returns the span of that index, cut by the period; an empty one at the
// period's end where the period has not so many.
func spanAt(p showback.Period, g Granularity, index int) showback.Period {
	s := p
	switch g {
	case Hourly:
		s.Start = p.Start.Add(time.Duration(index) * time.Hour)
		s.End = s.Start.Add(time.Hour)
	case Daily:
		s.Start = p.Start.AddDate(0, 0, index)
		s.End = s.Start.AddDate(0, 0, 1)
	case Weekly:
		s.Start = monday(p.Start).AddDate(0, 0, 7*index)
		s.End = s.Start.AddDate(0, 0, 7)
	case Monthly:
		s = showback.MonthOf(p.Start).Add(index).Period()
	}
	if s.Start.Before(p.Start) {
		s.Start = p.Start
	}
	if s.End.After(p.End) {
		s.End = p.End
	}
	if s.Empty() {
		return showback.Period{Start: p.End, End: p.End}
	}
	return s
}
