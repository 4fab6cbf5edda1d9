package explore

import (
	"testing"
	"time"

	"showback"
)

func TestParsePeriod(t *testing.T) {
	now := time.Date(2026, 11, 15, 3, 4, 5, 0, time.UTC)
	billed := time.Date(2026, 11, 13, 0, 0, 0, 0, time.UTC)
	f := func(from, to, timePeriod, want string) {
		t.Helper()
		p, err := ParsePeriod(from, to, timePeriod, now, billed)
		if err != nil {
			t.Errorf("%s %s %s: %v", from, to, timePeriod, err)
			return
		}
		if got := p.Inclusive(); got != want || p.Start != showback.Day(p.Start) || p.End != showback.Day(p.End) {
			t.Errorf("%s %s %s: got %s, want %s", from, to, timePeriod, got, want)
		}
	}
	f("", "", "", "2026-11-01 to 2026-11-15")
	f("2026-10-05", "2026-10-05", "", "2026-10-05")
	f("2026-10-05", "2026-10-31", "", "2026-10-05 to 2026-10-31")
	f("2026-02", "2026-02", "", "2026-02-01 to 2026-02-28")
	f("2026-09", "2026-10", "", "2026-09-01 to 2026-10-31")
	f("2026-09", "2026-10-02", "", "2026-09-01 to 2026-10-02")
	f("2026-09", "", "", "2026-09-01 to 2026-11-30")
	f("2026-11-14", "", "", "2026-11-14 to 2026-11-30")
	f("mtd", "", "", "2026-11-01 to 2026-11-13")
	f("MTD", "", "", "2026-11-01 to 2026-11-13")
	f("", "last-month", "", "2026-10-01 to 2026-10-31")
	f("last_month", "", "", "2026-10-01 to 2026-10-31")
	f("ytd", "", "", "2026-01-01 to 2026-11-13")
	f("ytd", "last-month", "", "2026-01-01 to 2026-10-31")
	f("1d", "", "", "2026-11-13")
	f("30d", "", "", "2026-10-15 to 2026-11-13")
	f("1m", "", "", "2026-11-01 to 2026-11-13")
	f("12m", "", "", "2025-12-01 to 2026-11-13")
	f("", "", "Start=2026-10-01,End=2026-11-01", "2026-10-01 to 2026-10-31")
	f("", "", "end=2026-10-02, start=2026-10-01", "2026-10-01")
	f("", "", "Start=2026-10-01T00:00:00Z,End=2026-10-02T00:00:00Z", "2026-10-01")
}

// Without a billed day, relative periods count from the clock's.
func TestParsePeriodUnbilled(t *testing.T) {
	p, err := ParsePeriod("30d", "", "", time.Date(2026, 3, 1, 23, 0, 0, 0, time.UTC), time.Time{})
	if err != nil || p.Inclusive() != "2026-01-31 to 2026-03-01" {
		t.Errorf("got %s, %v", p.Inclusive(), err)
	}
}

func TestParsePeriodErrors(t *testing.T) {
	now := time.Date(2026, 11, 15, 3, 4, 5, 0, time.UTC)
	f := func(from, to, timePeriod, message, hint string) {
		t.Helper()
		p, err := ParsePeriod(from, to, timePeriod, now, time.Time{})
		if err == nil {
			t.Errorf("%s %s %s: got %s, no error", from, to, timePeriod, p.Inclusive())
			return
		}
		if err.Error() != message || showback.HintOf(err) != hint || showback.KindOf(err) != showback.KindInvalid {
			t.Errorf("%s %s %s: got %s: %v, hint %q", from, to, timePeriod, showback.KindOf(err), err, showback.HintOf(err))
		}
	}
	f("2026-02-30", "", "", `parse --from "2026-02-30": `+periodForms, "")
	f("30", "", "", `parse --from "30": `+periodForms, "")
	f("0d", "", "", `parse --from "0d": `+periodForms, "")
	f("-3d", "", "", `parse --from "-3d": `+periodForms, "")
	f("99999d", "", "", `parse --from "99999d": `+periodForms, "")
	f("last-mont", "", "", `parse --from "last-mont": `+periodForms, "did you mean last-month?")
	f("2026-10", "x", "", `parse --to "x": `+periodForms, "")
	f("", "2026-10-15", "", "parse period: --to 2026-10-15 has no --from", "say where it starts: --from 2026-10-01")
	f("", "2026-10", "", "parse period: --to 2026-10 has no --from", "say where it starts: --from 2026-10-01")
	f("2026-10-02", "2026-10-01", "", "parse period: --from 2026-10-02 is after --to 2026-10-01", "")
	f("2026-12", "", "", "parse period: --from 2026-12 is after today, 2026-11-15", "")
	f("mtd", "", "Start=2026-10-01,End=2026-11-01", "parse period: --time-period stands alone, without --from and --to", "")
	f("", "", "2026-10-01", `parse --time-period "2026-10-01": want Start=2026-10-01,End=2026-11-01`, "")
	f("", "", "Start=2026-10-01", `parse --time-period "Start=2026-10-01": want Start=2026-10-01,End=2026-11-01`, "")
	f("", "", "Start=2026-10-01,Start=2026-10-02", `parse --time-period "Start=2026-10-01,Start=2026-10-02": want Start=2026-10-01,End=2026-11-01`, "")
	f("", "", "Start=2026-10-01,End=2026-10-01", `parse --time-period "Start=2026-10-01,End=2026-10-01": Start must be before End, which is not included`, "")
	f("", "", "Start=2026-10-01T05:00:00Z,End=2026-10-02", `parse --time-period "Start=2026-10-01T05:00:00Z,End=2026-10-02": 2026-10-01T05:00:00Z is not the start of a day, and periods are of whole days`, "")
}

func FuzzParsePeriod(f *testing.F) {
	for _, seed := range [][3]string{
		{"mtd", "", ""}, {"2026-10", "2026-10-05", ""}, {"9999d", "last-month", ""}, {"", "", "Start=2026-10-01,End=2026-11-01"}, {"0000-01", "9999-12", ""},
	} {
		f.Add(seed[0], seed[1], seed[2])
	}
	now := time.Date(2026, 11, 15, 3, 4, 5, 0, time.UTC)
	f.Fuzz(func(t *testing.T, from, to, timePeriod string) {
		p, err := ParsePeriod(from, to, timePeriod, now, now)
		if err == nil && (p.Empty() || p.Start != showback.Day(p.Start) || p.End != showback.Day(p.End)) {
			t.Errorf("%q %q %q: got %v", from, to, timePeriod, p)
		}
	})
}
