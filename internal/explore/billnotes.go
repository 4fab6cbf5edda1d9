package explore

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"showback"
)

// noteLines says what of the bills asked stands in no figure, as 0, or on
// another day than its own.
func (a *asking) noteLines() []Note {
	var notes []Note
	add := func(code, text string) {
		if text != "" {
			notes = append(notes, Note{code, text})
		}
	}
	add(NoteRejects, a.rejects())
	add(NoteBlankNet, a.blankNet())
	add(NoteLateUsage, a.late())
	return notes
}

// rejects tells of the lines that no answer has.
func (a *asking) rejects() string {
	in, n := a.having(func(d Delivered) int64 { return d.Rejects })
	if n == 0 {
		return ""
	}
	cost, unpriced := map[string]showback.Decimal{}, int64(0)
	for _, d := range in {
		unpriced += d.RejectsUnpriced
		for currency, amount := range d.RejectCost {
			cost[currency] = cost[currency].Add(amount)
		}
	}
	var worth []string
	if len(cost) > 0 {
		worth = append(worth, AmountsText(cost)+" unblended")
	}
	if unpriced > 0 {
		worth = append(worth, strconv.FormatInt(unpriced, 10)+" of unknown amount")
	}
	return fmt.Sprintf("%s of %s could not be read and %s in no figure: %s",
		counted(n, "line"), billsText(in), isAre(n), strings.Join(worth, ", and "))
}

// blankNet tells of net amounts that the bill leaves blank, where the question
// is about net amounts.
func (a *asking) blankNet() string {
	if a.q.Basis != showback.NetUnblended && a.q.Basis != showback.NetAmortized {
		return ""
	}
	in, n := a.having(func(d Delivered) int64 {
		if !slices.Contains(d.Bases, a.q.Basis) {
			return 0 // its charges are not available, not 0
		}
		return d.BlankNet
	})
	if n == 0 {
		return ""
	}
	verb := "have"
	if n == 1 {
		verb = "has"
	}
	return fmt.Sprintf("%s of %s %s a blank net cost, counted as 0", counted(n, "charge"), billsText(in), verb)
}

// late tells of usage that counts on another day than its own, where days
// matter.
func (a *asking) late() string {
	in, n := a.having(func(d Delivered) int64 {
		p, month := a.q.Period, d.Month.Period()
		cut := month.Start.Before(p.Start) || p.End.Before(month.End)
		if whole := a.q.Granularity == Total || a.q.Granularity == Monthly; whole && !cut {
			return 0
		}
		return d.Late
	})
	if n == 0 {
		return ""
	}
	verb := "lie outside the month and count"
	if n == 1 {
		verb = "lies outside the month and counts"
	}
	return fmt.Sprintf("%s of %s %s on its nearest day", counted(n, "usage charge"), billsText(in), verb)
}

// having returns the deliveries of the question in which something is counted,
// and the sum of the counts.
func (a *asking) having(count func(Delivered) int64) (in []Delivered, n int64) {
	for _, d := range a.in {
		if c := count(d); c > 0 {
			in, n = append(in, d), n+c
		}
	}
	return in, n
}

// noteUnitCost says which parts of the answer's cost no unit cost has.
func (a *asking) noteUnitCost(answer *Answer) []Note {
	if !slices.Contains(a.q.Measures, UnitCost) {
		return nil
	}
	var names []string
	for _, class := range showback.ChargeClasses {
		in := func(b Block) bool {
			return slices.ContainsFunc(b.Classes, func(c ClassTotal) bool { return c.Class == class })
		}
		if class != showback.ClassUsage && slices.ContainsFunc(answer.Blocks, in) {
			names = append(names, className(class))
		}
	}
	if len(names) == 0 {
		return nil
	}
	return []Note{{NoteUnitCost, "unit-cost is that of the charges that meter tokens: not in it are " + strings.Join(names, ", ")}}
}

// counted writes a count with its noun: "1 line", "12 lines".
func counted(n int64, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return strconv.FormatInt(n, 10) + " " + noun
}

func isAre(n int64) string {
	if n == 1 {
		return "is"
	}
	return "are"
}
