package explore

import (
	"fmt"
	"slices"
)

// both joins two filters, either of which may be nil.
func both(x, y Expr) Expr {
	switch {
	case x == nil:
		return y
	case y == nil:
		return x
	}
	return And{[]Expr{x, y}}
}

// payerTerms returns the part of a filter that only says which payers are
// asked; nil when it says nothing of them.
func payerTerms(e Expr) Expr {
	if keys := keysOf(e); len(keys) == 1 && keys[0].Name == "payer" {
		return e
	}
	and, ok := e.(And)
	if !ok {
		return nil
	}
	var terms []Expr
	for _, t := range and.Terms {
		if p := payerTerms(t); p != nil {
			terms = append(terms, p)
		}
	}
	if terms == nil {
		return nil
	}
	return And{terms}
}

// walk calls f for each term of a filter, parents first.
func walk(e Expr, f func(Expr)) {
	if e == nil {
		return
	}
	f(e)
	switch e := e.(type) {
	case And:
		for _, t := range e.Terms {
			walk(t, f)
		}
	case Or:
		for _, t := range e.Terms {
			walk(t, f)
		}
	case Not:
		walk(e.Term, f)
	case Match, Absent:
	default:
		panic(fmt.Sprintf("BUG: filter term %T", e))
	}
}

// keysOf returns the keys that a filter tests, each once.
func keysOf(e Expr) []Key {
	var keys []Key
	walk(e, func(e Expr) {
		var k Key
		switch e := e.(type) {
		case Match:
			k = e.Key
		case Absent:
			k = e.Key
		default:
			return
		}
		if !slices.ContainsFunc(keys, k.Same) {
			keys = append(keys, k)
		}
	})
	return keys
}
