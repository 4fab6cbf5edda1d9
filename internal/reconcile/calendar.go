package reconcile

import (
	"math"
	"time"

	"showback"
)

// unixDay is a day of UTC, counted from 1970-01-01.
type unixDay int64

const noDay unixDay = math.MinInt64

const secondsOfDay = 86400

func dayOf(t time.Time) unixDay {
	seconds := t.Unix()
	day := seconds / secondsOfDay
	if seconds%secondsOfDay < 0 {
		day--
	}
	return unixDay(day)
}

// calendar says on which day a line counts: that of its usage start, or where
// that lies outside its billing period, the period's nearest day
// (ARCHITECTURE.md §3). It remembers the month of the line before.
type calendar struct {
	month       showback.Month
	first, last unixDay
	texts       map[unixDay]string
}

// countedOn returns the day as 2026-10-05; empty where either is not known.
func (c *calendar) countedOn(start unixDay, month showback.Month) string {
	if start == noDay || month == "" {
		return ""
	}
	if month != c.month {
		c.month, c.first, c.last = month, dayOf(month.Start()), dayOf(month.End())-1
	}
	day := min(max(start, c.first), c.last)
	text, ok := c.texts[day]
	if !ok {
		text = time.Unix(int64(day)*secondsOfDay, 0).UTC().Format(time.DateOnly)
		c.texts[day] = text
	}
	return text
}
