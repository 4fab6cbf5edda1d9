package explore

import (
	"slices"
	"strings"

	"showback"
)

// Condition is a test of one figure of a row, as scripts put it: cost > 1000.
type Condition struct {
	Figure string // cost, tokens, quantity, unit-cost, change or change-percent
	Op     string // >, >=, <, <= or =
	Bound  showback.Decimal
	// Currency restricts the test to rows in this currency; empty for all, each
	// in its own.
	Currency string
}

// The operators, those first that begin with another.
var operators = []string{">=", "<=", ">", "<", "="}

const conditionForm = "want one such as cost > 1000, with one of cost, tokens, quantity, unit-cost, change or change-percent, one of > >= < <= =, and a number"

// ParseCondition reads a condition. A figure of money may name its currency
// after the number, and change-percent may have a %. Errors are of KindInvalid.
func ParseCondition(text string) (Condition, error) {
	bad := func(format string, args ...any) (Condition, error) {
		return Condition{}, showback.Errorf(showback.KindInvalid, "parse condition %q: "+format, append([]any{text}, args...)...)
	}
	at := strings.IndexAny(text, "<>=")
	if at < 0 {
		return bad(conditionForm)
	}
	word := strings.TrimSpace(text[:at])
	c := Condition{Figure: strings.ReplaceAll(strings.ToLower(word), "_", "-")}
	if !slices.Contains(figureWords, c.Figure) {
		_, err := bad("found %q, want %s", word, either(figureWords))
		return Condition{}, showback.WithHint(err, nearestHint(c.Figure, figureWords))
	}
	for _, op := range operators {
		if strings.HasPrefix(text[at:], op) {
			c.Op = op
			break
		}
	}
	rest := strings.TrimSpace(text[at+len(c.Op):])
	number, unit := rest, ""
	if i := strings.IndexAny(rest, " \t%"); i >= 0 {
		number, unit = rest[:i], strings.TrimSpace(rest[i:])
	}
	var err error
	if c.Bound, err = showback.ParseDecimal(number); err != nil {
		return bad("found %q after %s, want a number such as 1000 or 0.5", number, c.Op)
	}
	switch money := c.money(); {
	case unit == "":
	case c.Figure == SortChangePercent && unit == "%":
	case money && isCurrency(unit):
		c.Currency = strings.ToUpper(unit)
	case money:
		return bad("found %q after the number, want a currency such as USD, or nothing", unit)
	default:
		return bad("found %q after the number, want nothing", unit)
	}
	return c, nil
}

// isCurrency reports three letters. (ISO 4217.)
func isCurrency(text string) bool {
	return len(text) == 3 && strings.Trim(strings.ToUpper(text), "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
}

// money reports a figure in the currency of its row.
func (c Condition) money() bool {
	return c.Figure == string(Cost) || c.Figure == string(UnitCost) || c.Figure == SortChange
}

// String writes the condition as ParseCondition reads it.
func (c Condition) String() string {
	text := c.Figure + " " + c.Op + " " + c.Bound.String()
	switch {
	case c.Currency != "":
		return text + " " + c.Currency
	case c.Figure == SortChangePercent:
		return text + "%"
	}
	return text
}

// ComparesPeriods reports a test of what only a comparison has.
func (c Condition) ComparesPeriods() bool {
	return c.Figure == SortChange || c.Figure == SortChangePercent
}

// Holding is a row for which a condition holds.
type Holding struct {
	Condition Condition
	Currency  string
	Row       AnswerRow
	Figure    Figure // that was tested
}

// Holding returns the rows for which a condition of the question holds, by
// condition, block and row. Rows that Top folds are tested each by itself, and
// never together. A row without a value holds nothing: neither one that has no
// charges but in the period compared with (its change excepted), nor the percent
// of what is new. Numbers are compared exactly, however they are shown.
func (answer *Answer) Holding() []Holding {
	if len(answer.Question.FailIf) == 0 {
		return nil
	}
	var all []Holding
	rows := map[string][]AnswerRow{}
	for _, b := range answer.Blocks {
		rows[b.Currency] = answer.ordered(answer.groups[b.Currency])
	}
	for _, c := range answer.Question.FailIf {
		for _, b := range answer.Blocks {
			if c.Currency != "" && c.Currency != b.Currency {
				continue
			}
			for _, r := range rows[b.Currency] {
				if c.holds(&r) {
					all = append(all, Holding{c, b.Currency, r, r.figureOf(c.Figure)})
				}
			}
		}
	}
	return all
}

func (c Condition) holds(r *AnswerRow) bool {
	f := r.figureOf(c.Figure)
	if f.Missing != "" || r.Charges == 0 && !c.ComparesPeriods() {
		return false
	}
	sign := f.Value.Cmp(c.Bound)
	if c.Figure == SortChangePercent {
		sign = ChangeOf(Cost, r.Figures, *r.Previous).comparePercent(c.Bound)
	}
	switch c.Op {
	case ">":
		return sign > 0
	case ">=":
		return sign >= 0
	case "<":
		return sign < 0
	case "<=":
		return sign <= 0
	}
	return sign == 0
}
