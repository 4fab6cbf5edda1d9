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

// truth is what a filter comes to for all charges of a delivery.
type truth int

// The truths. Only a filter on what a delivery's charges have in common is known.
const (
	never truth = iota
	perhaps
	always
)

// holds says whether the charges of the delivery pass a filter.
func (d Delivered) holds(e Expr) truth {
	switch e := e.(type) {
	case nil:
		return always
	case And:
		least := always
		for _, t := range e.Terms {
			least = min(least, d.holds(t))
		}
		return least
	case Or:
		most := never
		for _, t := range e.Terms {
			most = max(most, d.holds(t))
		}
		return most
	case Not:
		return always - d.holds(e.Term)
	case Match:
		value, ok := d.common(e.Key)
		switch {
		case !ok:
			return perhaps
		case slices.ContainsFunc(e.Values, func(p Pattern) bool { return p.Matches(value, e.Key.FoldsCase()) }):
			return always
		}
		return never
	case Absent:
		if _, ok := d.common(e.Key); ok {
			return never
		}
		return perhaps
	}
	panic(fmt.Sprintf("BUG: filter term %T", e))
}

// common returns the value of a key that all charges of the delivery have.
func (d Delivered) common(k Key) (value string, ok bool) {
	switch {
	case k.Name == "payer":
		return d.Payer, true
	case k.Name == "month":
		return string(d.Month), true
	case k.Name == "currency" && len(d.Currencies) == 1:
		return d.Currencies[0], true
	}
	return "", false
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
