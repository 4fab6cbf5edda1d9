package explore

import "showback"

// Presence says in which of the two periods compared a row has charges.
type Presence string

// The presences.
const (
	InBoth Presence = "both"
	New    Presence = "new"  // only in the period asked
	Gone   Presence = "gone" // only in the period compared with
)

// The causes for a figure of an answer that the bill is not to blame for.
const (
	// NotAsked stands where the question asks for other measures.
	NotAsked showback.Missing = "not asked"
	// FromNothing stands for the percent of what was 0 and is no longer.
	FromNothing showback.Missing = "new"
)

// PresenceOf says where there are charges; empty where nothing is compared, for
// which previous is nil.
func PresenceOf(now Figures, previous *Figures) Presence {
	switch {
	case previous == nil:
		return ""
	case previous.Charges == 0 && now.Charges > 0:
		return New
	case previous.Charges > 0 && now.Charges == 0:
		return Gone
	}
	return InBoth
}

// percentDecimals is how many decimals a percentage has.
const percentDecimals = 1

var hundred = showback.DecimalFromInt(100)

// Change is how a measure differs from that of the period compared with.
type Change struct {
	Difference Figure // the measure less the previous one
	// Percent is the difference in percent of the size of the previous one, so
	// that it has the sign of the difference, rounded half away from zero to one
	// decimal.
	Percent  Figure
	previous showback.Decimal
}

// ChangeOf returns how the measure changed. A period without any charge counts
// as 0, but has no unit cost. Where either side has no value the change has
// none, for the same cause; quantities of two units are MixedUnits.
func ChangeOf(m Measure, now, previous Figures) Change {
	x, y := now.settled(m), previous.settled(m)
	cause := x.Missing
	switch {
	case cause != "":
	case y.Missing != "":
		cause = y.Missing
	case m == Quantity && now.Charges > 0 && previous.Charges > 0 && now.Unit != previous.Unit:
		cause = showback.MixedUnits
	}
	if cause != "" {
		return Change{Difference: Figure{Missing: cause}, Percent: Figure{Missing: cause}}
	}
	c := Change{Difference: Figure{Value: x.Value.Sub(y.Value)}, previous: y.Value}
	switch {
	case !y.Value.IsZero():
		c.Percent.Value = c.Difference.Value.Mul(hundred).Quo(y.Value.Abs(), percentDecimals)
	case !x.Value.IsZero():
		c.Percent.Missing = FromNothing
	}
	return c
}

// settled returns the figure of a measure, 0 where there are no charges.
func (f Figures) settled(m Measure) Figure {
	if f.Charges == 0 && m != UnitCost && f.Of(m).Missing != NotAsked {
		return Figure{}
	}
	return f.Of(m)
}

// comparePercent compares the change in percent with a number, exactly: what is
// shown is rounded. It has a percent.
func (c Change) comparePercent(with showback.Decimal) int {
	return c.Difference.Value.Mul(hundred).Cmp(with.Mul(c.previous.Abs()))
}
