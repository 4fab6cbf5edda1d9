package explore

import (
	"testing"
	"time"

	"showback"
)

func TestDefaultView(t *testing.T) {
	open := func(payer string, month showback.Month, last string) Delivered {
		d := delivered(payer, month)
		d.Open, d.LastDay = true, days(last, last).Start
		return d
	}
	empty := delivered("1", "2026-11")
	empty.Charges, empty.FirstDay, empty.LastDay = 0, time.Time{}, time.Time{}
	f := func(now, period, beside, notes string, deliveries ...Delivered) {
		t.Helper()
		at, err := time.Parse(time.RFC3339, now)
		if err != nil {
			t.Fatal(err)
		}
		v := DefaultView(Coverage{Deliveries: deliveries}, at)
		if got := v.Question.Period.Inclusive(); got != period {
			t.Errorf("%s: period is %s, want %s", now, got, period)
		}
		if got := v.Beside.Inclusive(); got != beside {
			t.Errorf("%s: beside is %s, want %s", now, got, beside)
		}
		if got := shownNotes(v.Notes); got != notes {
			t.Errorf("%s: notes are %q, want %q", now, got, notes)
		}
	}
	october := delivered("1", "2026-10")
	f("2026-11-15T08:00:00Z", "2026-11-01 to 2026-11-15", "2026-10-01 to 2026-10-13", "", october, open("1", "2026-11", "2026-11-13"))
	// The payer that is billed furthest says how far the month is billed.
	f("2026-11-15T08:00:00Z", "2026-11-01 to 2026-11-15", "2026-10-01 to 2026-10-14", "",
		open("2", "2026-11", "2026-11-10"), open("1", "2026-11", "2026-11-14"))
	f("2026-10-31T08:00:00Z", "2026-10-01 to 2026-10-31", "2026-09-01 to 2026-09-30", "", october)
	// February has no 30th.
	f("2026-03-30T08:00:00Z", "2026-03-01 to 2026-03-30", "2026-02-01 to 2026-02-28", "", open("1", "2026-03", "2026-03-30"))
	f("2026-11-15T08:00:00Z", "2026-10-01 to 2026-10-31", "2026-09-01 to 2026-09-30",
		"no-data-this-month: no bill of November 2026 yet; this is October 2026, the last month that has one\n", october, empty)
	// The last month was never billed to its end.
	f("2026-11-15T08:00:00Z", "2026-10-01 to 2026-10-31", "2026-09-01 to 2026-09-20",
		"no-data-this-month: no bill of November 2026 yet; this is October 2026, the last month that has one\n", open("1", "2026-10", "2026-10-20"))
	// A clock behind the bills.
	f("2020-01-02T08:00:00Z", "2026-10-01 to 2026-10-31", "2026-09-01 to 2026-09-30",
		"no-data-this-month: no bill of January 2020 yet; this is October 2026, the last month that has one\n", october)
	f("2026-11-15T08:00:00Z", "2026-11-01 to 2026-11-15", "2026-10-01 to 2026-10-15", "")
}
