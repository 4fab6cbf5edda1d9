package showback

import "time"

// Month is a calendar month, the billing period of a bill. Months order by
// plain comparison of their text, "2026-10".
type Month string

// MonthOf returns the UTC month that holds t.
func MonthOf(t time.Time) Month { return Month(t.UTC().Format("2006-01")) }

// ParseMonth reads "2026-10".
func ParseMonth(text string) (Month, error) {
	t, err := time.Parse("2006-01", text)
	if err != nil {
		return "", Errorf(KindInvalid, "parse month %q: want YYYY-MM", text)
	}
	return MonthOf(t), nil
}

// Start returns the first instant of the month, UTC.
func (m Month) Start() time.Time {
	t, err := time.Parse("2006-01", string(m))
	if err != nil {
		panic("BUG: month " + string(m))
	}
	return t
}

// End returns the first instant after the month, UTC.
func (m Month) End() time.Time { return m.Start().AddDate(0, 1, 0) }

// Period returns the month as a half-open period.
func (m Month) Period() Period { return Period{m.Start(), m.End()} }

// Add returns the month n months later.
func (m Month) Add(n int) Month { return MonthOf(m.Start().AddDate(0, n, 0)) }

// Period is a half-open span of UTC time: Start is in it, End is not.
type Period struct {
	Start, End time.Time
}

// Empty reports whether the period holds no instant.
func (p Period) Empty() bool { return !p.Start.Before(p.End) }

// Contains reports whether t is in the period.
func (p Period) Contains(t time.Time) bool { return !t.Before(p.Start) && t.Before(p.End) }

// Overlaps reports whether the two periods share an instant.
func (p Period) Overlaps(q Period) bool { return p.Start.Before(q.End) && q.Start.Before(p.End) }

// Months returns the calendar months that the period touches, in order.
func (p Period) Months() []Month {
	var months []Month
	if p.Empty() {
		return nil
	}
	for m := MonthOf(p.Start); ; m = m.Add(1) {
		months = append(months, m)
		if !m.End().Before(p.End) { // the month after 9999-12 is none
			return months
		}
	}
}

// Inclusive writes the period as a person reads it, with its last day
// included: "2026-10-01 to 2026-10-31", or one day alone.
func (p Period) Inclusive() string {
	first, last := p.Start.Format(time.DateOnly), p.End.Add(-time.Nanosecond).Format(time.DateOnly)
	if first == last {
		return first
	}
	return first + " to " + last
}

// Day returns the UTC day that holds t, as its first instant.
func Day(t time.Time) time.Time { return t.UTC().Truncate(24 * time.Hour) }
