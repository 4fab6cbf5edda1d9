package explore

import (
	"strconv"
	"strings"
	"time"

	"showback"
)

const day = 24 * time.Hour

const periodForms = "want a date such as 2026-10-05, a month such as 2026-10, or mtd, last-month, ytd, 30d, 12m"

// ParsePeriod reads the period asked for, as half-open UTC days.
//
// from and to are days or months in a person's way: both are included, and a
// month is the whole of it. mtd, last-month, ytd, 30d and 12m count from the
// last billed day, billedTo (inclusive; the day of now when it is zero), not
// from the clock: 30d is that day and the 29 before it, 12m its month and the
// 11 before it. Such a word alone is both ends. A date or month as from without
// to reaches to the end of the last billed day's month: taxes and fees count
// there on days after the last usage, and belong to what was asked for.
//
// timePeriod is AWS's form, Start=2026-10-01,End=2026-11-01, whose end is not
// included; it excludes from and to. With nothing given, the period is now's
// calendar month up to now's day. Errors are of KindInvalid.
func ParsePeriod(from, to, timePeriod string, now, billedTo time.Time) (showback.Period, error) {
	today := showback.Day(now)
	anchor := today
	if !billedTo.IsZero() {
		anchor = showback.Day(billedTo)
	}
	switch {
	case timePeriod != "" && (from != "" || to != ""):
		return showback.Period{}, showback.Errorf(showback.KindInvalid, "parse period: --time-period stands alone, without --from and --to")
	case timePeriod != "":
		return parseTimePeriod(timePeriod)
	case from == "" && to == "":
		return showback.Period{Start: showback.MonthOf(today).Start(), End: today.Add(day)}, nil
	case from == "":
		p, relative, err := parseSpan("--to", to, anchor)
		if err != nil || relative {
			return p, err
		}
		start := showback.MonthOf(p.Start).Start().Format(time.DateOnly)
		return showback.Period{}, showback.WithHint(
			showback.Errorf(showback.KindInvalid, "parse period: --to %s has no --from", to), "say where it starts: --from "+start)
	}
	p, relative, err := parseSpan("--from", from, anchor)
	if err != nil {
		return showback.Period{}, err
	}
	switch {
	case to != "":
		last, _, err := parseSpan("--to", to, anchor)
		if err != nil {
			return showback.Period{}, err
		}
		p.End = last.End
		if p.Empty() {
			return showback.Period{}, showback.Errorf(showback.KindInvalid, "parse period: --from %s is after --to %s", from, to)
		}
	case !relative:
		if anchor.Before(p.Start) {
			anchor = today
		}
		p.End = showback.MonthOf(anchor).End()
		if p.Empty() {
			return showback.Period{}, showback.Errorf(showback.KindInvalid, "parse period: --from %s is after today, %s", from, today.Format(time.DateOnly))
		}
	}
	return p, nil
}

// parseSpan reads one end of a period as the whole span that the text names;
// relative reports a word that counts from the anchor, the last billed day.
func parseSpan(flag, text string, anchor time.Time) (p showback.Period, relative bool, err error) {
	month := showback.MonthOf(anchor)
	switch word := strings.ReplaceAll(strings.ToLower(text), "_", "-"); word {
	case "mtd":
		return showback.Period{Start: month.Start(), End: anchor.Add(day)}, true, nil
	case "last-month":
		return month.Add(-1).Period(), true, nil
	case "ytd":
		return showback.Period{Start: time.Date(anchor.Year(), 1, 1, 0, 0, 0, 0, time.UTC), End: anchor.Add(day)}, true, nil
	default:
		if n, unit, ok := countOf(word); ok {
			start := anchor.AddDate(0, 0, 1-n)
			if unit == 'm' {
				start = month.Add(1 - n).Start()
			}
			return showback.Period{Start: start, End: anchor.Add(day)}, true, nil
		}
	}
	if d, err := time.Parse(time.DateOnly, text); err == nil {
		return showback.Period{Start: d, End: d.Add(day)}, false, nil
	}
	if m, err := showback.ParseMonth(text); err == nil {
		return m.Period(), false, nil
	}
	err = showback.Errorf(showback.KindInvalid, "parse %s %q: %s", flag, text, periodForms)
	if near := nearestNames(text, []string{"mtd", "last-month", "ytd"}); len(near) > 0 {
		err = showback.WithHint(err, didYouMean(near[:1]))
	}
	return showback.Period{}, false, err
}

// countOf reads 30d or 12m. Counts that would leave the years of four digits
// are none.
func countOf(word string) (n int, unit byte, ok bool) {
	if len(word) < 2 || len(word) > 5 {
		return 0, 0, false
	}
	unit = word[len(word)-1]
	n, err := strconv.Atoi(word[:len(word)-1])
	return n, unit, err == nil && n > 0 && word[0] != '+' && (unit == 'd' || unit == 'm')
}

func parseTimePeriod(text string) (showback.Period, error) {
	const want = "want Start=2026-10-01,End=2026-11-01"
	bad := func(why string) (showback.Period, error) {
		return showback.Period{}, showback.Errorf(showback.KindInvalid, "parse --time-period %q: %s", text, why)
	}
	var p showback.Period
	for _, part := range strings.Split(text, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		at, err := time.Parse(time.DateOnly, value)
		if err != nil {
			at, err = time.Parse(time.RFC3339, value)
		}
		at = at.UTC()
		var end *time.Time
		switch strings.ToLower(name) {
		case "start":
			end = &p.Start
		case "end":
			end = &p.End
		}
		switch {
		case end == nil || err != nil || !end.IsZero():
			return bad(want)
		case at != showback.Day(at):
			return bad(value + " is not the start of a day, and periods are of whole days")
		}
		*end = at
	}
	switch {
	case p.Start.IsZero() || p.End.IsZero():
		return bad(want)
	case p.Empty():
		return bad("Start must be before End, which is not included")
	}
	return p, nil
}
