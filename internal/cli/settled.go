package cli

import (
	"fmt"
	"strings"

	"showback"
	"showback/internal/explore"
	"showback/internal/ingest"
	"showback/internal/ledger"
)

// writeSettled prints which months a change set aside or made count again, a
// line for each export.
func (sh *shell) writeSettled(s *ledger.Settled) {
	var moves []move
	for _, seg := range s.Aside {
		moves = append(moves, move{seg.Payer, seg.Export, seg.AsideFor, seg.Month})
	}
	for _, seg := range s.Back {
		moves = append(moves, move{seg.Payer, seg.Export, "", seg.Month})
	}
	sh.writeMoves(moves)
}

// move is a month that was set aside, or counts again where asideFor is empty.
type move struct {
	payer, export, asideFor string
	month                   showback.Month
}

func (sh *shell) writeMoves(moves []move) {
	var order []move
	months, payers := map[move][]showback.Month{}, map[string]bool{}
	for _, m := range moves {
		payers[m.payer] = true
		month := m.month
		m.month = ""
		if months[m] == nil {
			order = append(order, m)
		}
		months[m] = append(months[m], month)
	}
	for _, m := range order {
		of := ""
		if len(payers) > 1 {
			of = " of payer " + m.payer
		}
		text := "counts again: " + m.export + of + ", " + explore.MonthsText(months[m])
		if m.asideFor != "" {
			text = "kept aside: " + m.export + of + ", " + explore.MonthsText(months[m]) + ": " + m.asideFor + " is preferred"
		}
		fmt.Fprintln(sh.Out, wrap(strings.Fields(clean(text, "")), sh.Width, "  "))
	}
}

// writeAside says for which exports deliveries are aside.
func (sh *shell) writeAside(all []ledger.Segment) {
	type aside struct{ preferred, export string }
	var order []aside
	months := map[aside][]showback.Month{}
	for _, s := range all {
		if s.AsideFor == "" {
			continue
		}
		a := aside{s.AsideFor, s.Export}
		if months[a] == nil {
			order = append(order, a)
		}
		months[a] = append(months[a], s.Month)
	}
	if len(order) > 0 {
		fmt.Fprintln(sh.Out)
	}
	for _, a := range order {
		text := "aside (" + a.preferred + " is preferred): " + a.export + ", " + explore.MonthsText(months[a])
		fmt.Fprintln(sh.Out, wrap(strings.Fields(clean(text, "")), sh.Width, "  "))
	}
}

// writeRules prints what the store remembers of exports that hold the same
// charges.
func (sh *shell) writeRules(r *ledger.Rules) {
	if len(r.Prefer)+len(r.Disjoint)+len(r.Kept) == 0 {
		return
	}
	fmt.Fprintln(sh.Out)
	for _, p := range r.Prefer {
		when := "in all months"
		if len(p.Months) > 0 {
			when = "in " + explore.MonthsText(p.Months)
		}
		fmt.Fprintf(sh.Out, "preferred: %s of payer %s, %s\n", clean(p.Export, ""), p.Payer, when)
	}
	for _, d := range r.Disjoint {
		fmt.Fprintf(sh.Out, "counted both: %s and %s of payer %s, said to be disjoint\n", clean(d.Exports[0], ""), clean(d.Exports[1], ""), d.Payer)
	}
	for _, k := range r.Kept {
		fmt.Fprintf(sh.Out, "kept as %s: what comes of %s of payer %s\n", k.Keep, clean(k.Export, ""), k.Payer)
	}
}

// writeSettlements tells of the months of exports that this import did not
// bring and that were set aside or count again, and of what it counts both.
func (sh *shell) writeSettlements(r *ingest.Report) {
	brought := map[move]bool{}
	for _, d := range r.Deliveries {
		for _, m := range d.Months {
			brought[move{m.Payer, d.Export, m.AsideFor, m.Month}] = true
		}
	}
	var moves []move
	for _, s := range r.Settled {
		if m := (move{s.Payer, s.Export, s.AsideFor, s.Month}); !brought[m] {
			moves = append(moves, m)
		}
	}
	sh.writeMoves(moves)
	type pair struct{ payer, exports string }
	var order []pair
	months := map[pair][]showback.Month{}
	for _, v := range r.Vouched {
		p := pair{v.Payer, strings.Join(v.Exports, " and ")}
		if months[p] == nil {
			order = append(order, p)
		}
		months[p] = append(months[p], v.Month)
	}
	for _, p := range order {
		text := fmt.Sprintf("counted both: %s, %s: they share accounts, products and charge types, and you vouch that no charge is in both",
			p.exports, explore.MonthsText(months[p]))
		fmt.Fprintln(sh.Out, wrap(strings.Fields(clean(text, "")), sh.Width, "  "))
	}
}

// aside names the months that are kept and do not count.
func (e *exportReport) aside() {
	var order []string
	months := map[string][]showback.Month{}
	e.each(func(m ingest.Month) {
		if m.Counts {
			return
		}
		if months[m.AsideFor] == nil {
			order = append(order, m.AsideFor)
		}
		months[m.AsideFor] = append(months[m.AsideFor], m.Month)
	})
	for _, preferred := range order {
		e.line("kept aside", preferred+" is preferred in "+explore.MonthsText(months[preferred]))
	}
}
