package explore

import (
	"testing"
	"time"

	"showback"
)

func TestNotesOfFreshness(t *testing.T) {
	cov := Coverage{Deliveries: []Delivered{
		delivered("111122223333", "2026-10"), delivered("111122223333", "2026-11"),
		delivered("444455556666", "2026-08"), delivered("444455556666", "2026-10"),
	}}
	cov.Deliveries[1].Open, cov.Deliveries[1].LastDay = true, days("2026-11-13", "2026-11-13").Start
	eng := &fake{coverage: cov, lines: []line{{day: "2026-11-11", cost: "1"}, {day: "2026-11-12", cost: "2"}, {day: "2026-11-13", cost: "3"}}}
	a := ask(t, eng, Question{Period: days("2026-11-01", "2026-11-15"), Granularity: Daily})
	wantShown(t, a, `
USD
2026-11-11 1
2026-11-12 2 *
2026-11-13 3 *
total 6
  usage 6
`)
	if !a.Open || a.BilledTo.Format(time.DateOnly) != "2026-11-13" {
		t.Errorf("open %v, billed to %s", a.Open, a.BilledTo)
	}
	wantNotes(t, a, `
missing-bills: bills are missing from the store: none of 444455556666 for 2026-11
open-month: 2026-11 is open: AWS may still change what it bills
incomplete-days: 2026-11-12, 2026-11-13 are incomplete: AWS adds to the last two billed days
`)
	// Hours are of their day; a week is as incomplete as its days.
	cov.Deliveries[1].Hourly = true
	eng.lines = []line{{day: "2026-11-05T05", cost: "1"}, {day: "2026-11-11T05", cost: "2"}, {day: "2026-11-12T00", cost: "4"}}
	wantShown(t, ask(t, eng, Question{Period: days("2026-11-01", "2026-11-15"), Granularity: Hourly}), `
USD
2026-11-05T05 1
2026-11-11T05 2
2026-11-12T00 4 *
total 7
  usage 7
`)
	wantShown(t, ask(t, eng, Question{Period: days("2026-11-01", "2026-11-15"), Granularity: Weekly}), `
USD
2026-11-02 1
2026-11-09 6 *
total 7
  usage 7
`)
	a = ask(t, eng, Question{Period: days("2026-07-01", "2026-12-31")})
	wantNotes(t, a, `
missing-bills: bills are missing from the store: none of 444455556666 for 2026-09, 2026-11; none before 2026-08; none after 2026-11
open-month: 2026-11 is open: AWS may still change what it bills
billed-to-differs: payers are billed to different days: 444455556666 to 2026-10-31, 111122223333 to 2026-11-13
incomplete-days: 2026-11-12, 2026-11-13 are incomplete: AWS adds to the last two billed days
`)
	// A closed month is complete to its last day.
	a = ask(t, &fake{coverage: october(), lines: usage("a/x|1")}, Question{Granularity: Daily})
	wantNotes(t, a, "\n")
}

func TestNotesOfTagKeys(t *testing.T) {
	team := showback.TagKey{Source: showback.TagCaller, Name: "team"}
	app := showback.TagKey{Source: showback.TagResource, Name: "app"}
	cov := Coverage{Deliveries: []Delivered{
		delivered("111122223333", "2026-09"), delivered("111122223333", "2026-10"), delivered("444455556666", "2026-10"),
	}}
	late := days("2026-10-07", "2026-10-07").Start
	cov.Deliveries[0].TagKeys = nil
	cov.Deliveries[1].TagKeys = map[showback.TagKey]time.Time{team: late, app: late}
	cov.Deliveries[2].TagKeys = nil
	lines := usage("a/x|1.25", "b/y|2")
	lines[0].values["resource-tag:app"] = "web"
	eng := &fake{coverage: cov, lines: lines}
	f := func(by, filter, want string) {
		t.Helper()
		wantNotes(t, ask(t, eng, Question{By: keys(by), Filter: where(filter)}), want)
	}
	f("tag:team", "", `
key-not-seen-yet: tag:team is on the bill from 2026-10-07 on for 111122223333, not at all for 444455556666; what is before that is (not seen yet), which is not (untagged)
`)
	f("tag:Team", "", `
key-not-seen: no bill in the store carries tag:Team; did you mean tag:team? (tag keys are case-sensitive)
`)
	f("tag:squad", "", `
key-not-seen: no bill in the store carries tag:squad
`)
	f("tag:app", "", `
key-in-other-source: no charge in 2026-10-01 to 2026-10-31 carries tag:app; resource-tag:app is on $1.25 unblended of those asked for
`)
	f("tag:app", "model = b", `
key-in-other-source: no charge in 2026-10-01 to 2026-10-31 carries tag:app; resource-tag:app is on others than those asked for
`)
	// The filter tests the very key that nothing carries.
	f("model", "tag:app = web", `
no-charges: no AI charge passes the whole filter in 2026-10-01 to 2026-10-31
key-in-other-source: no charge in 2026-10-01 to 2026-10-31 carries tag:app; resource-tag:app is on $1.25 unblended of those asked for
`)
	a := ask(t, &fake{coverage: cov, lines: nil}, Question{Period: days("2026-09", "2026-09"), By: keys("tag:team")})
	wantNotes(t, a, `
no-charges: no AI charge in 2026-09-01 to 2026-09-30
key-not-seen-yet: tag:team is on the bill from 2026-10-07 on for 111122223333; what is before that is (not seen yet), which is not (untagged)
`)
}

func TestNotesOfValues(t *testing.T) {
	lines := usage("Claude_Opus/search|1", "Claude_Sonnet/sales|2", "Nova/alice@example.com|2")
	lines = append(lines, line{day: "2026-10-02", notAI: true, cost: "1", values: map[string]string{"service": "Amazon Elastic Compute Cloud"}},
		line{day: "2026-10-02", class: showback.ClassTax, cost: "1", values: map[string]string{"model": "Tax_Only"}})
	eng := &fake{coverage: october(), lines: lines}
	f := func(filter, want string, classes ...showback.ChargeClass) {
		t.Helper()
		wantNotes(t, ask(t, eng, Question{Filter: where(filter), Classes: classes}), want)
	}
	f("model = Claude* and tag:team in (search, sales)", "\n")
	f("who = ALICE@example.com", "\n")
	f("tag:team = serach", `
no-match: tag:team = serach matches nothing in 2026-10-01 to 2026-10-31; did you mean search?
`)
	f("tag:team != serach", `
no-match: tag:team = serach matches nothing in 2026-10-01 to 2026-10-31; did you mean search?
`)
	f("model in (Nova, 'Claude Opus', xyz*) or model = xyz*", `
no-match: model = "Claude Opus" matches nothing in 2026-10-01 to 2026-10-31; did you mean Claude_Opus?
no-match: model = xyz* matches nothing in 2026-10-01 to 2026-10-31
`)
	f("model = claude", `
no-match: model = claude matches nothing in 2026-10-01 to 2026-10-31; did you mean Claude_Opus or Claude_Sonnet?
`)
	f("service = 'Amazon Elastic*'", `
no-match: service = "Amazon Elastic*" matches nothing in 2026-10-01 to 2026-10-31 in scope ai, only in scope all
`)
	f("tag:team = '(untagged)'", `
no-match: tag:team = "(untagged)" matches nothing in 2026-10-01 to 2026-10-31; for charges without a value write tag:team is absent
`)
	f("model = Tax_Only", `
no-match: model = Tax_Only matches nothing in 2026-10-01 to 2026-10-31 among the charges asked for
`, showback.ClassUsage)
	f("model = Nova and tag:team = search", `
no-charges: no AI charge passes the whole filter in 2026-10-01 to 2026-10-31
`)
}
