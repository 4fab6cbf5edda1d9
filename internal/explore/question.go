package explore

import (
	"slices"

	"showback"
)

// Granularity is the length of the spans that an answer is cut into.
type Granularity string

// The granularities. Total is one span: the whole period asked for.
const (
	Total   Granularity = "total"
	Monthly Granularity = "month"
	Weekly  Granularity = "week" // from Monday on, by ISO 8601
	Daily   Granularity = "day"
	Hourly  Granularity = "hour"
)

// Measure is what is summed.
type Measure string

// The measures. UnitCost is cost per million tokens, over the charges that
// count tokens.
const (
	Cost     Measure = "cost"
	Tokens   Measure = "tokens"
	Quantity Measure = "quantity"
	UnitCost Measure = "unit-cost"
)

// Scope says which charges a question is about.
type Scope string

// The scopes.
const (
	ScopeAI  Scope = "ai"  // every charge that belongs to an AI product
	ScopeAll Scope = "all" // the whole bill
)

// TagView says which tags a caller is given.
type TagView string

// The views of the same dollars. They are alternatives and never added. Only
// TagsBilled is answered so far.
const (
	TagsBilled TagView = "billed" // the tags that AWS put on the charge
	TagsThen   TagView = "then"   // the caller's tags at that day's end
	TagsNow    TagView = "now"    // the caller's tags today
)

// Key is one key to group or filter by.
type Key struct {
	// Name is the canonical name: "model", or the word of a tag source: "tag".
	Name string
	// Tag is set for keys of tags: Name "tag" and Tag iamPrincipal/team.
	Tag showback.TagKey
	// Typed is the key as the asker wrote it; CSV columns are named by it.
	Typed string
}

// Question is one question to the ledger, complete and validated by Ask.
type Question struct {
	Period      showback.Period // days on which charges count; half-open, UTC midnights
	Granularity Granularity
	By          []Key
	Filter      Expr // nil for none
	// Access is a filter that the asker cannot widen; nil for none.
	Access   Expr
	Basis    showback.Basis
	Measures []Measure
	// Classes restricts the charges to these classes; empty means all.
	Classes []showback.ChargeClass
	Scope   Scope
	TagView TagView
	// Top keeps N rows in each currency and folds the rest into one row; 0 keeps
	// all. They are those of the largest cost over the whole period, or, where Sort
	// has a figure, the first N in its order.
	Top int
	// Sort orders the rows; empty for the order that AnswerRow gives.
	Sort []Sorting
	// FailIf are conditions that Answer.Holding tests the rows by.
	FailIf []Condition
}

// asked returns the measures that the question needs: those to show, and those
// to order or to test by. Cost is always one.
func (q Question) asked() []Measure {
	all := append([]Measure{Cost}, q.Measures...)
	for _, s := range q.Sort {
		all = append(all, s.needs())
	}
	for _, c := range q.FailIf {
		all = append(all, measureOf(c.Figure))
	}
	return all
}

// carried returns which figures a plan of the question must carry besides cost.
func (q Question) carried() []Measure {
	asked, carried := q.asked(), []Measure{}
	if slices.Contains(asked, Tokens) || slices.Contains(asked, UnitCost) {
		carried = append(carried, Tokens)
	}
	if slices.Contains(asked, Quantity) {
		carried = append(carried, Quantity)
	}
	return carried
}
