package explore

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"showback"
)

// BilledTo returns the last day, inclusive, with billed usage in any delivery;
// zero when there is none. Relative periods count from it.
func (c Coverage) BilledTo() time.Time {
	var last time.Time
	for _, d := range c.Deliveries {
		if d.LastDay.After(last) {
			last = d.LastDay
		}
	}
	return last
}

// TagKeys returns every tag key of the coverage, in order, for hints.
func (c Coverage) TagKeys() []showback.TagKey {
	seen := map[showback.TagKey]bool{}
	for _, d := range c.Deliveries {
		for key := range d.TagKeys {
			seen[key] = true
		}
	}
	return slices.SortedFunc(maps.Keys(seen), func(a, b showback.TagKey) int {
		return cmp.Or(cmp.Compare(sourceRank(a.Source), sourceRank(b.Source)), cmp.Compare(a.Name, b.Name))
	})
}

func sourceRank(s showback.TagSource) int {
	for i, known := range showback.TagSources {
		if known.Source == s {
			return i
		}
	}
	return len(showback.TagSources)
}

// within returns the deliveries of the months that the period touches.
func (c Coverage) within(p showback.Period) []Delivered {
	var in []Delivered
	for _, d := range c.Deliveries {
		if d.Month.Period().Overlaps(p) {
			in = append(in, d)
		}
	}
	return in
}

// latest returns each payer's last month with usage, in order of payer.
func (c Coverage) latest() []Delivered {
	last := map[string]Delivered{}
	for _, d := range c.Deliveries {
		if have, ok := last[d.Payer]; !d.LastDay.IsZero() && (!ok || d.LastDay.After(have.LastDay)) {
			last[d.Payer] = d
		}
	}
	return slices.SortedFunc(maps.Values(last), func(a, b Delivered) int { return cmp.Compare(a.Payer, b.Payer) })
}

// monthsOf returns the distinct months of deliveries, in order.
func monthsOf(deliveries []Delivered) []showback.Month {
	var months []showback.Month
	for _, d := range deliveries {
		months = append(months, d.Month)
	}
	slices.Sort(months)
	return slices.Compact(months)
}

// MonthsText writes months in order, each once, with runs drawn together:
// "2026-01 to 2026-03, 2026-05".
func MonthsText(months []showback.Month) string {
	months = slices.Compact(slices.Sorted(slices.Values(months)))
	var runs []string
	for i := 0; i < len(months); {
		last := i
		for last+1 < len(months) && months[last+1] == months[last].Add(1) {
			last++
		}
		run := string(months[i])
		if last > i {
			run += " to " + string(months[last])
		}
		runs = append(runs, run)
		i = last + 1
	}
	return strings.Join(runs, ", ")
}
