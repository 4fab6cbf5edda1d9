package enginetest

import (
	"strings"
	"time"

	"showback"
	"showback/internal/explore"
)

// allKeys returns every key of the language; of tags, those of the pool and
// two that no charge has.
func allKeys() []explore.Key {
	var keys []explore.Key
	for _, d := range explore.KeyDocs() {
		if d.Source == "" {
			keys = append(keys, explore.Key{Name: d.Name, Typed: d.Name})
		}
	}
	for _, t := range tagPool {
		keys = append(keys, explore.TagKeyed(t.key))
	}
	return append(keys,
		explore.TagKeyed(showback.TagKey{Source: showback.TagCaller, Name: "nobody-has-it"}),
		explore.TagKeyed(showback.TagKey{Source: showback.TagResource, Name: "nobody-has-it"}))
}

// plan returns a plan over the whole language. values has, for a key, values
// that charges have, so that filters match something.
func (g generator) plan(values func(explore.Key) []string) explore.Plan {
	start := time.Date(2026, 8, 28, 0, 0, 0, 0, time.UTC).AddDate(0, 0, g.IntN(95))
	p := explore.Plan{
		Period:      showback.Period{Start: start, End: start.AddDate(0, 0, 1+g.IntN(100))},
		Granularity: pick(g, []explore.Granularity{explore.Total, explore.Monthly, explore.Weekly, explore.Daily, explore.Hourly}),
		Basis:       pick(g, showback.Bases),
		Scope:       pick(g, []explore.Scope{explore.ScopeAI, explore.ScopeAll, explore.ScopeAll}),
		TagView:     explore.TagsBilled,
		Measures:    g.measures(),
	}
	if g.oneIn(3) {
		p.Period = showback.Period{Start: months[0].Start(), End: months[2].End()}
	}
	keys := allKeys()
	g.Shuffle(len(keys), func(i, j int) { keys[i], keys[j] = keys[j], keys[i] })
	p.By = keys[:g.IntN(4)]
	if g.oneIn(4) {
		for _, c := range showback.ChargeClasses {
			if g.oneIn(2) {
				p.Classes = append(p.Classes, c)
			}
		}
	}
	if g.oneIn(2) {
		p.Filter = g.filter(3, values)
	}
	return p
}

// measures returns what the rows must carry besides the cost: nil for all.
func (g generator) measures() []explore.Measure {
	if g.oneIn(4) {
		return nil
	}
	some := []explore.Measure{}
	for _, m := range []explore.Measure{explore.Cost, explore.Tokens, explore.Quantity, explore.UnitCost} {
		if g.oneIn(3) {
			some = append(some, m)
		}
	}
	return some
}

// filter returns a filter at most depth terms deep.
func (g generator) filter(depth int, values func(explore.Key) []string) explore.Expr {
	if depth > 0 && g.oneIn(2) {
		switch g.IntN(3) {
		case 0:
			return explore.Not{Term: g.filter(depth-1, values)}
		case 1:
			return explore.And{Terms: g.filters(depth-1, values)}
		}
		return explore.Or{Terms: g.filters(depth-1, values)}
	}
	key := pick(g, allKeys())
	if g.oneIn(4) {
		return explore.Absent{Key: key}
	}
	m := explore.Match{Key: key}
	for range 1 + g.IntN(3) {
		m.Values = append(m.Values, g.pattern(values(key)))
	}
	return m
}

func (g generator) filters(depth int, values func(explore.Key) []string) []explore.Expr {
	var terms []explore.Expr
	for range g.IntN(4) {
		terms = append(terms, g.filter(depth, values))
	}
	return terms
}

// pattern is one of the values, or made of it: its start, its end, a middle,
// in another case, or a text that SQL could take for something else.
func (g generator) pattern(values []string) explore.Pattern {
	if len(values) == 0 || g.oneIn(8) {
		return pick(g, []explore.Pattern{
			explore.Exact("no such value"), explore.Exact(""), explore.Exact("x' OR '1'='1"),
			{Parts: []string{"", ""}}, {Parts: []string{"%", ""}}, {Parts: []string{"", "_", ""}}, {Parts: []string{"", `\`, ""}},
		})
	}
	text := []rune(pick(g, values))
	from := g.IntN(len(text) + 1)
	to := from + g.IntN(len(text)-from+1)
	switch g.IntN(7) {
	case 0:
		return explore.Pattern{Parts: []string{string(text[:from]), ""}}
	case 1:
		return explore.Pattern{Parts: []string{"", string(text[from:])}}
	case 2:
		return explore.Pattern{Parts: []string{"", string(text[from:to]), ""}}
	case 3:
		return explore.Pattern{Parts: []string{string(text[:from]), string(text[to:])}}
	case 4:
		return explore.Exact(strings.ToUpper(string(text)))
	}
	return explore.Exact(string(text))
}
