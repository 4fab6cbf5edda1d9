package explore

import (
	"testing"

	"showback"
)

func TestNotesOfRejects(t *testing.T) {
	f := func(want string, rejects ...Delivered) {
		t.Helper()
		cov := october()
		cov.Deliveries = append(cov.Deliveries, delivered("444455556666", "2026-10"), delivered("111122223333", "2026-09"))
		for i, r := range rejects {
			d := &cov.Deliveries[i]
			d.Rejects, d.RejectCost, d.RejectsUnpriced = r.Rejects, r.RejectCost, r.RejectsUnpriced
		}
		wantNotes(t, ask(t, &fake{coverage: cov, lines: usage("a/x|1")}, Question{}), want)
	}
	dollars := func(amount string) map[string]showback.Decimal {
		return map[string]showback.Decimal{"USD": dec(amount)}
	}
	f("\n")
	f(`
rejects: 1 line of 111122223333 2026-10 could not be read and is in no figure: $2.25 unblended
`, Delivered{Rejects: 1, RejectCost: dollars("2.25")})
	f(`
rejects: 4 lines of 111122223333 2026-10; 444455556666 2026-10 could not be read and are in no figure: €0.50 and $2.25 unblended, and 2 of unknown amount
`, Delivered{Rejects: 1, RejectCost: dollars("2.25")},
		Delivered{Rejects: 3, RejectCost: map[string]showback.Decimal{"EUR": dec("0.5")}, RejectsUnpriced: 2})
	f(`
rejects: 2 lines of 111122223333 2026-10 could not be read and are in no figure: 2 of unknown amount
`, Delivered{Rejects: 2, RejectsUnpriced: 2})
	f("\n", Delivered{}, Delivered{}, Delivered{Rejects: 9, RejectsUnpriced: 9}) // of another month
}

func TestNotesOfBlankNet(t *testing.T) {
	f := func(basis showback.Basis, want string) {
		t.Helper()
		cov := october()
		cov.Deliveries[0].BlankNet = 612
		cov.Deliveries[0].Bases = []showback.Basis{showback.Unblended, showback.NetUnblended}
		wantNotes(t, ask(t, &fake{coverage: cov, lines: usage("a/x|1")}, Question{Basis: basis}), want)
	}
	f(showback.NetUnblended, `
blank-net: 612 charges of 111122223333 2026-10 have a blank net cost, counted as 0
`)
	f(showback.NetAmortized, "\n") // not carried: nothing is counted as 0
	f(showback.Unblended, "\n")
}

func TestNotesOfLateUsage(t *testing.T) {
	f := func(q Question, want string) {
		t.Helper()
		cov := october()
		cov.Deliveries[0].Late, cov.Deliveries[0].Hourly = 3, true
		wantNotes(t, ask(t, &fake{coverage: cov, lines: usage("a/x|1")}, q), want)
	}
	const want = `
late-usage: 3 usage charges of 111122223333 2026-10 lie outside the month and count on its nearest day
`
	f(Question{Granularity: Daily}, want)
	f(Question{Granularity: Weekly}, want)
	f(Question{Granularity: Hourly}, want)
	f(Question{Period: days("2026-10-02", "2026-10-31")}, want)
	f(Question{Period: days("2026-10-01", "2026-10-30"), Granularity: Monthly}, want)
	f(Question{}, "\n")
	f(Question{Granularity: Monthly}, "\n")
}

func TestNotesOfUnitCost(t *testing.T) {
	lines := append(usage("a/x|1"), line{day: "2026-10-01", class: showback.ClassTax, cost: "1"},
		line{day: "2026-10-01", class: showback.ClassCredit, cost: "-1"})
	f := func(want string, q Question) {
		t.Helper()
		wantNotes(t, ask(t, &fake{coverage: october(), lines: lines}, q), want)
	}
	f(`
unit-cost: unit-cost is that of the charges that meter tokens: not in it are credits, tax
`, Question{Measures: []Measure{Cost, UnitCost}})
	f("\n", Question{Measures: []Measure{UnitCost}, Classes: []showback.ChargeClass{showback.ClassUsage}})
	f("\n", Question{Measures: []Measure{Cost, Tokens}})
}
