package explore

import (
	"strings"
	"time"

	"showback"
)

// ParseBeside reads what to compare a period with: previous, as Previous says,
// or a month, from whose first day on as many months, or days, are taken as
// Previous takes. What would be the period itself is an error of KindInvalid, as
// every other fault is.
func ParseBeside(typed string, p showback.Period, c Coverage) (showback.Period, error) {
	if word := strings.ToLower(strings.TrimSpace(typed)); word == "previous" {
		return Previous(p, c), nil
	}
	month, err := showback.ParseMonth(strings.TrimSpace(typed))
	if err != nil {
		return showback.Period{}, showback.Errorf(showback.KindInvalid, "parse comparison %q: want previous or a month such as 2026-09", typed)
	}
	beside := asLong(p, billedPart(p, c), month.Start())
	if beside.Start.Equal(p.Start) {
		return beside, showback.WithHint(
			showback.Errorf(showback.KindInvalid, "compare with %s: that is where the period asked begins itself", month), "for the time before it say previous")
	}
	return beside, nil
}

// Previous returns the period before p that is as long as the billed part of p:
// where p begins with a month, the same days of as many months before; else as
// many days before, p's first day beside the first of them. Comparing days that
// are not billed yet would make every month begin with a fall.
func Previous(p showback.Period, c Coverage) showback.Period {
	start := p.Start.Add(p.Start.Sub(p.End))
	if beginsMonth(p) {
		start = showback.MonthOf(p.Start).Add(-len(p.Months())).Start()
	}
	return asLong(p, billedPart(p, c), start)
}

func beginsMonth(p showback.Period) bool { return showback.MonthOf(p.Start).Start().Equal(p.Start) }

// asLong returns the period from start on that is as long as the billed part of
// p: as many months and days, where both begin with a month, else as many days.
// Days that the last month does not have are left out.
func asLong(p, billed showback.Period, start time.Time) showback.Period {
	if !beginsMonth(p) {
		return showback.Period{Start: start, End: start.Add(billed.End.Sub(billed.Start))}
	}
	months := billed.Months()
	last := months[len(months)-1]
	beside := showback.MonthOf(start).Add(len(months) - 1)
	end := beside.End()
	if !billed.End.Equal(last.End()) {
		if days := beside.Start().Add(billed.End.Sub(last.Start())); days.Before(end) {
			end = days
		}
	}
	return showback.Period{Start: start, End: end}
}

// billedPart returns p without the days at its end that are not billed yet:
// those behind the last billed day of an open month that is the last one with a
// bill. A period without any bill stays whole.
func billedPart(p showback.Period, c Coverage) showback.Period {
	in := c.within(p)
	if len(in) == 0 {
		return p
	}
	months := monthsOf(in)
	last := months[len(months)-1]
	end, open := last.End(), false
	var billed time.Time
	for _, d := range in {
		if d.Month != last {
			continue
		}
		open = open || d.Open
		if d.LastDay.After(billed) {
			billed = d.LastDay
		}
	}
	if open && !billed.IsZero() {
		end = billed.Add(day)
	}
	if end.Before(p.End) && end.After(p.Start) {
		p.End = end
	}
	return p
}
