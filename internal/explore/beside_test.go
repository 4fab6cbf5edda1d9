package explore

import (
	"testing"

	"showback"
)

func TestParseBeside(t *testing.T) {
	closed := Coverage{Deliveries: []Delivered{delivered("1", "2026-08"), delivered("1", "2026-09"), delivered("1", "2026-10")}}
	open := Coverage{Deliveries: append([]Delivered{}, closed.Deliveries...)}
	open.Deliveries[2].Open = true
	open.Deliveries[2].LastDay = days("2026-10-13", "2026-10-13").Start
	f := func(c Coverage, from, to, typed, want string) {
		t.Helper()
		p, err := ParseBeside(typed, days(from, to), c)
		got := p.Inclusive()
		if err != nil {
			got = err.Error()
			if hint := showback.HintOf(err); hint != "" {
				got += " | " + hint
			}
		}
		if got != want {
			t.Errorf("%s to %s beside %s: got %s, want %s", from, to, typed, got, want)
		}
	}
	// Months stand beside months, however long each is.
	f(closed, "2026-10", "2026-10", "previous", "2026-09-01 to 2026-09-30")
	f(closed, "2026-08", "2026-10", "previous", "2026-05-01 to 2026-07-31")
	f(closed, "2026-08", "2026-10", "2025-08", "2025-08-01 to 2025-10-31")
	f(closed, "2026-03", "2026-03", "2026-02", "2026-02-01 to 2026-02-28")
	f(closed, "2026-10", "2026-10", " Previous ", "2026-09-01 to 2026-09-30")
	// The days of a month stand beside the same days.
	f(closed, "2026-10-01", "2026-10-15", "previous", "2026-09-01 to 2026-09-15")
	f(closed, "2026-10-01", "2026-10-30", "2026-02", "2026-02-01 to 2026-02-28")
	f(closed, "2026-09-01", "2026-10-15", "previous", "2026-07-01 to 2026-08-15")
	// Other days stand beside as many days.
	f(closed, "2026-10-11", "2026-10-15", "previous", "2026-10-06 to 2026-10-10")
	f(closed, "2026-10-11", "2026-10-15", "2026-08", "2026-08-01 to 2026-08-05")
	f(closed, "2026-10-02", "2026-10-31", "previous", "2026-09-02 to 2026-10-01")
	// What is not billed yet has nothing beside it.
	f(open, "2026-10", "2026-10", "previous", "2026-09-01 to 2026-09-13")
	f(open, "2026-10", "2026-10", "2026-08", "2026-08-01 to 2026-08-13")
	f(open, "2026-09", "2026-10", "previous", "2026-07-01 to 2026-08-13")
	f(open, "2026-10-11", "2026-10-20", "previous", "2026-10-01 to 2026-10-03")
	f(open, "2026-09", "2026-09", "previous", "2026-08-01 to 2026-08-31")
	f(closed, "2026-10", "2026-12", "previous", "2026-07-01 to 2026-07-31")
	f(Coverage{}, "2026-10", "2026-10", "previous", "2026-09-01 to 2026-09-30")

	f(closed, "2026-10", "2026-10", "last", `parse comparison "last": want previous or a month such as 2026-09`)
	f(closed, "2026-10", "2026-10", "2026-10-01", `parse comparison "2026-10-01": want previous or a month such as 2026-09`)
	f(closed, "2026-10", "2026-10", "2026-10",
		"compare with 2026-10: that is where the period asked begins itself | for the time before it say previous")
}
