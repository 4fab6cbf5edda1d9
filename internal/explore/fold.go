package explore

import (
	"fmt"
	"slices"
)

// Selection returns all that the plan asks of a charge but its day, as one
// filter.
func (p Plan) Selection() Expr {
	terms := []Expr{}
	if p.Scope == ScopeAI {
		terms = append(terms, Match{Key: named("scope"), Values: []Pattern{Exact(ValueAI)}})
	}
	if len(p.Classes) > 0 {
		classes := Match{Key: named("charge-class")}
		for _, c := range p.Classes {
			classes.Values = append(classes.Values, Exact(string(c)))
		}
		terms = append(terms, classes)
	}
	if p.Filter != nil {
		terms = append(terms, p.Filter)
	}
	return And{Terms: terms}
}

// Fold simplifies a filter in which the values of some keys are known. The
// result is And{} where everything passes, Or{} where nothing does, or has
// neither of them inside; a conjunction has no conjunction as a term.
func Fold(e Expr, known func(Key) (Value, bool)) Expr {
	switch e := e.(type) {
	case And:
		terms, decided := foldTerms(e.Terms, known, false)
		if decided {
			return Or{}
		}
		if len(terms) == 1 {
			return terms[0]
		}
		return And{Terms: terms}
	case Or:
		terms, decided := foldTerms(e.Terms, known, true)
		if decided {
			return And{}
		}
		if len(terms) == 1 {
			return terms[0]
		}
		return Or{Terms: terms}
	case Not:
		switch t := Fold(e.Term, known).(type) {
		case Not:
			return t.Term
		case And:
			if len(t.Terms) == 0 {
				return Or{}
			}
			return Not{Term: t}
		case Or:
			if len(t.Terms) == 0 {
				return And{}
			}
			return Not{Term: t}
		default:
			return Not{Term: t}
		}
	case Match:
		v, ok := known(e.Key)
		if !ok {
			return e
		}
		return decided(v.Missing == "" && slices.ContainsFunc(e.Values, func(p Pattern) bool { return p.Matches(v.Text, e.Key.FoldsCase()) }))
	case Absent:
		v, ok := known(e.Key)
		if !ok {
			return e
		}
		return decided(v.Missing != "")
	}
	panic(fmt.Sprintf("BUG: filter term %T", e))
}

func decided(passes bool) Expr {
	if passes {
		return And{}
	}
	return Or{}
}

// foldTerms folds the terms of a disjunction, or of a conjunction. settled
// reports that one of them decides it whatever the others are. A term of the
// same sort gives way to its own terms.
func foldTerms(terms []Expr, known func(Key) (Value, bool), or bool) (folded []Expr, settled bool) {
	for _, t := range terms {
		switch t := Fold(t, known).(type) {
		case And:
			switch {
			case !or:
				folded = append(folded, t.Terms...)
			case len(t.Terms) == 0:
				return nil, true
			default:
				folded = append(folded, t)
			}
		case Or:
			switch {
			case or:
				folded = append(folded, t.Terms...)
			case len(t.Terms) == 0:
				return nil, true
			default:
				folded = append(folded, t)
			}
		default:
			folded = append(folded, t)
		}
	}
	return folded, false
}
