package explore

import (
	"slices"

	"showback"
)

// The causes for a measure without a value.
var (
	noTokens   = showback.None("tokens", "")
	noQuantity = showback.None("quantity", "")
)

// unitCostDecimals is how many decimals a unit cost is rounded to.
const unitCostDecimals = 10

var million = showback.DecimalFromInt(1_000_000)

// tally sums rows exactly. The zero tally is nothing: cost 0.
type tally struct {
	charges int64
	cost    showback.Decimal
	priced  bool // some charge has an amount on the basis
	// missing is why the charges that have no amount have none.
	missing showback.Missing

	tokens    showback.Decimal
	hasTokens bool
	// tokenCost and pricedTokens are over the same charges, those that count
	// tokens and have an amount: their quotient is the unit cost.
	tokenCost    showback.Decimal
	pricedTokens showback.Decimal

	quantity showback.Decimal
	unit     string
	units    int // 0 for none, 1 for all of one unit, more for mixed
}

func tallyOf(r Row) tally {
	t := tally{
		charges: r.Charges,
		cost:    r.Cost, priced: r.CostMissing == "", missing: r.CostMissing,
		tokens: r.Tokens, hasTokens: r.HasTokens,
		quantity: r.Quantity, unit: r.Unit, units: r.Units,
	}
	if t.priced {
		t.tokenCost, t.pricedTokens = r.TokenCost, r.Tokens
	}
	return t
}

// add adds another tally of the same currency and basis.
func (t *tally) add(o tally) {
	t.charges += o.charges
	t.cost = t.cost.Add(o.cost)
	t.priced = t.priced || o.priced
	if t.missing == "" || o.missing == showback.NotAvailable {
		t.missing = o.missing
	}
	if o.hasTokens {
		t.hasTokens = true
		t.tokens = t.tokens.Add(o.tokens)
		t.tokenCost = t.tokenCost.Add(o.tokenCost)
		t.pricedTokens = t.pricedTokens.Add(o.pricedTokens)
	}
	switch {
	case o.units == 0:
	case t.units == 0:
		t.quantity, t.unit, t.units = o.quantity, o.unit, o.units
	case t.units == 1 && o.units == 1 && t.unit == o.unit:
		t.quantity = t.quantity.Add(o.quantity)
	default:
		t.units = 2
	}
}

// sum adds up groups of one currency.
func sum(groups []group) tally {
	var t tally
	for _, g := range groups {
		t.add(g.now)
	}
	return t
}

// costless reports that there are charges and none has an amount.
func (t tally) costless() bool { return !t.priced && t.missing != "" }

// figures returns what is asked of the tally.
func (t tally) figures(asked []Measure) Figures {
	f := t.all()
	if !slices.Contains(asked, Tokens) {
		f.Tokens = Figure{Missing: NotAsked}
	}
	if !slices.Contains(asked, UnitCost) {
		f.UnitCost = Figure{Missing: NotAsked}
	}
	if !slices.Contains(asked, Quantity) {
		f.Quantity, f.Unit = Figure{Missing: NotAsked}, ""
	}
	return f
}

func (t tally) all() Figures {
	f := Figures{
		Charges:  t.charges,
		Cost:     Figure{Value: t.cost},
		Tokens:   Figure{Missing: noTokens},
		Quantity: Figure{Missing: noQuantity},
		UnitCost: Figure{Missing: noTokens},
	}
	if t.costless() {
		f.Cost = Figure{Missing: t.missing}
	}
	if t.hasTokens {
		f.Tokens = Figure{Value: t.tokens}
		switch {
		case t.costless():
			f.UnitCost = Figure{Missing: t.missing}
		case !t.pricedTokens.IsZero():
			f.UnitCost = Figure{Value: t.tokenCost.Mul(million).Quo(t.pricedTokens, unitCostDecimals)}
		}
	}
	switch {
	case t.units == 1:
		f.Quantity, f.Unit = Figure{Value: t.quantity}, t.unit
	case t.units > 1:
		f.Quantity = Figure{Missing: showback.MixedUnits}
	}
	return f
}
