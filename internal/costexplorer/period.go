package costexplorer

import (
	"fmt"
	"strings"
	"time"

	"showback"
	"showback/internal/explore"
)

// ParsePeriod reads the TimePeriod of a request; hourly reports that its bounds
// are written with a time of day. Errors are of KindInvalid.
func ParsePeriod(start, end string) (p showback.Period, hourly bool, err error) {
	if p, hourly, err = parsePeriod(start, end); err != nil {
		err = showback.Errorf(showback.KindInvalid, "parse %w", err)
	}
	return p, hourly, err
}

// parsePeriod reads the two bounds of a time period; the end is not in it.
func parsePeriod(start, end string) (p showback.Period, hourly bool, err error) {
	if p.Start, err = parseTime("Start", start); err != nil {
		return p, false, err
	}
	if p.End, err = parseTime("End", end); err != nil {
		return p, false, err
	}
	if p.Empty() {
		return p, false, fmt.Errorf("TimePeriod: Start %s is not before End %s", start, end)
	}
	return p, strings.Contains(start+end, "T"), nil
}

func parseTime(name, text string) (time.Time, error) {
	for _, layout := range []string{time.DateOnly, "2006-01-02T15:04:05Z"} {
		if at, err := time.Parse(layout, text); err == nil {
			return at, nil
		}
	}
	return time.Time{}, fmt.Errorf("TimePeriod: %s is %q, want a day such as 2026-10-01", name, text)
}

// Span is a stretch of time to ask the ledger about at once, cut by a
// granularity.
type Span struct {
	Period      showback.Period
	Granularity explore.Granularity
}

// Spans returns what to ask so that each period of the response is one span of
// an answer: hours of whole days, days or months of one long period where the
// response has them, and else each period by itself. A period that is neither of
// whole days nor, like all the others, one hour is an error of KindInvalid.
func (r *Response) Spans() ([]Span, error) {
	if len(r.Periods) == 0 {
		return nil, nil
	}
	hourly, daily, odd := true, true, -1
	for i, p := range r.Periods {
		hourly = hourly && p.Period.Start.Truncate(time.Hour).Equal(p.Period.Start) && p.Period.End.Equal(p.Period.Start.Add(time.Hour))
		daily = daily && p.Period.End.Equal(p.Period.Start.AddDate(0, 0, 1))
		if !wholeDays(p.Period) {
			odd = i
		}
	}
	whole := showback.Period{Start: r.Periods[0].Period.Start, End: r.Periods[len(r.Periods)-1].Period.End}
	switch {
	case hourly:
		if whole.Start = showback.Day(whole.Start); !wholeDays(whole) {
			whole.End = showback.Day(whole.End).AddDate(0, 0, 1)
		}
		return []Span{{whole, explore.Hourly}}, nil
	case odd >= 0:
		p := r.Periods[odd].Period
		return nil, showback.WithHint(showback.Errorf(showback.KindInvalid, "compare with Cost Explorer: found a period from %s to %s, want whole days, or one hour in every period",
			p.Start.Format(time.RFC3339), p.End.Format(time.RFC3339)), "ask aws with --granularity HOURLY, DAILY or MONTHLY")
	case daily:
		return []Span{{whole, explore.Daily}}, nil
	case r.monthly(whole):
		return []Span{{whole, explore.Monthly}}, nil
	}
	var spans []Span
	for _, p := range r.Periods {
		spans = append(spans, Span{p.Period, explore.Total})
	}
	return spans, nil
}

// Gaps returns what lies between the periods of the response and in none of
// them, in order. Cost Explorer answers for every period of the time that it was
// asked for, those without cost too: of a gap something was lost.
func (r *Response) Gaps() []showback.Period {
	var gaps []showback.Period
	var end time.Time
	for i, p := range r.Periods {
		if i > 0 && end.Before(p.Period.Start) {
			gaps = append(gaps, showback.Period{Start: end, End: p.Period.Start})
		}
		if p.Period.End.After(end) { // one may hold others
			end = p.Period.End
		}
	}
	return gaps
}

func wholeDays(p showback.Period) bool {
	return showback.Day(p.Start).Equal(p.Start) && showback.Day(p.End).Equal(p.End)
}

// monthly reports that the periods are the months of the whole, its first and
// last perhaps cut.
func (r *Response) monthly(whole showback.Period) bool {
	months := whole.Months()
	if len(months) != len(r.Periods) {
		return false
	}
	for i, m := range months {
		want := m.Period()
		if want.Start.Before(whole.Start) {
			want.Start = whole.Start
		}
		if want.End.After(whole.End) {
			want.End = whole.End
		}
		if r.Periods[i].Period != want {
			return false
		}
	}
	return true
}
