package explore

import (
	"testing"
	"time"

	"showback"
)

// Spans shorter than what an export bills by are refused, unless the question
// has nothing to do with that export.
func TestFinerThanTheExport(t *testing.T) {
	hourly := func(payer, export string, month showback.Month) Delivered {
		d := delivered(payer, month)
		d.Export, d.Hourly = export, true
		return d
	}
	daily, monthly, empty := delivered("222", "2026-10"), delivered("333", "2026-10"), delivered("444", "2026-10")
	daily.Export, daily.PayerName = "org-daily", "Labs"
	monthly.Export, monthly.Monthly = "org-monthly", true
	empty.FirstDay, empty.LastDay = time.Time{}, time.Time{} // fees alone
	september := daily
	september.Month = "2026-09"
	f := func(g Granularity, filter, want, hint string, deliveries ...Delivered) {
		t.Helper()
		_, err := Ask(t.Context(), &fake{coverage: Coverage{Deliveries: deliveries}},
			Question{Period: days("2026-09", "2026-10"), Granularity: g, Filter: where(filter)})
		got := ""
		if err != nil {
			got = err.Error()
			if showback.KindOf(err) != showback.KindInvalid {
				t.Errorf("%v: kind %s", err, showback.KindOf(err))
			}
		}
		if got != want || showback.HintOf(err) != hint {
			t.Errorf("%s, %s: got %q, hint %q\nwant %q, hint %q", g, filter, got, showback.HintOf(err), want, hint)
		}
	}
	h := hourly("111", "org", "2026-10")
	const labs = `ask by hour: export "org-daily" of payer 222 (Labs) in 2026-10 bills by the day`
	f(Hourly, "", "", "", h, empty)
	f(Hourly, "", labs, `ask with --granularity day, or leave those out: --where "payer = 111"`, h, daily)
	f(Hourly, "", `ask by hour: export "org-daily" of payer 222 (Labs) in 2026-09 to 2026-10 bills by the day`, "ask with --granularity day", daily, september)
	f(Hourly, "", `ask by hour: export "org-daily" of payer 222 (Labs) in 2026-10; export "org-monthly" of payer 333 in 2026-10 bills by the month`,
		"ask with --granularity month", daily, monthly)
	f(Daily, "", `ask by day: export "org-monthly" of payer 333 in 2026-10 bills by the month`,
		`ask with --granularity month, or leave those out: --where "payer in (111, 222)"`, h, daily, monthly)
	f(Weekly, "", `ask by week: export "org-monthly" of payer 333 in 2026-10 bills by the month`, "ask with --granularity month", monthly)
	f(Daily, "", "", "", h, daily)
	f(Monthly, "", "", "", monthly)
	f(Total, "", "", "", monthly)
	// A payer with two exports is no finer than the coarser one.
	other := hourly("222", "org", "2026-10")
	f(Hourly, "", labs, "ask with --granularity day", other, daily)

	f(Hourly, "payer = 111", "", "", h, daily)
	f(Hourly, "payer = 2*", labs, "ask with --granularity day", h, daily)
	f(Hourly, "payer != 222 and model = x", "", "", h, daily)
	f(Hourly, "payer = 111 or model = x", labs, `ask with --granularity day, or leave those out: --where "payer = 111"`, h, daily)
	f(Hourly, "not (payer = 222 or model = x)", "", "", h, daily)
	f(Hourly, "month != 2026-09", "", "", h, september)
	f(Hourly, "payer is absent", "", "", h, daily)
	f(Hourly, "model is absent", labs, `ask with --granularity day, or leave those out: --where "payer = 111"`, h, daily)
}
