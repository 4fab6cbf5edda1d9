package duckdb

import (
	"slices"

	"showback"
	"showback/internal/explore"
)

// reading is a plan that is run over the units, and the plans of a question that
// its sums answer: it tells apart all that they do.
type reading struct {
	plan    explore.Plan
	members []member
}

// member is a plan that a reading answers.
type member struct {
	index int // among the plans of the question
	plan  explore.Plan
	keys  []int // where its keys are among those of the reading
	// scope is where the reading tells AI from all else, which the plan leaves
	// out; -1 where it takes all.
	scope int
	total bool // the reading has spans, the plan has none
}

// readings returns what must be read for the plans.
func (e *Engine) readings(plans []explore.Plan) []reading {
	var all []reading
	for i, p := range plans {
		one := newReading(p, i)
		at := slices.IndexFunc(all, func(r reading) bool {
			both, ok := r.with(one)
			return ok && (r.plan.Scope == p.Scope || e.worthIt(both.plan, one.plan))
		})
		if at < 0 {
			all = append(all, one)
			continue
		}
		all[at], _ = all[at].with(one)
	}
	return all
}

func newReading(p explore.Plan, index int) reading {
	m := member{index: index, plan: p, scope: -1}
	for i := range p.By {
		m.keys = append(m.keys, i)
	}
	return reading{plan: p, members: []member{m}}
}

// with returns the reading that answers what both do; ok is false where there
// is none.
func (r reading) with(o reading) (both reading, ok bool) {
	a, b := r.plan, o.plan
	switch {
	case a.Period != b.Period || a.TagView != b.TagView || !slices.Equal(a.Classes, b.Classes) || exprID(a.Filter) != exprID(b.Filter):
		return reading{}, false
	case a.Basis != b.Basis && a.Basis != showback.Unblended && b.Basis != showback.Unblended:
		return reading{}, false
	case a.Granularity != b.Granularity && !isTotal(a) && !isTotal(b):
		return reading{}, false
	case a.Scope != b.Scope && (!fewBeyondAI(a) || !fewBeyondAI(b)):
		return reading{}, false
	}
	p := a
	p.By = slices.Clone(a.By)
	if a.Basis == showback.Unblended {
		p.Basis = b.Basis // rows have their unblended sum besides
	}
	if isTotal(a) {
		p.Granularity = b.Granularity
	}
	if p.Measures != nil {
		p.Measures = append(slices.Clone(a.Measures), b.Measures...)
		if b.Measures == nil {
			p.Measures = nil
		}
	}
	scope := explore.Key{Name: "scope"}
	if a.Scope != b.Scope {
		p.Scope = explore.ScopeAll
		placeOf(&p, scope)
	}
	for _, m := range slices.Concat(r.members, o.members) {
		m.keys = nil
		for _, k := range m.plan.By {
			m.keys = append(m.keys, placeOf(&p, k))
		}
		if m.plan.Scope == explore.ScopeAI && p.Scope != explore.ScopeAI {
			m.scope = placeOf(&p, scope)
		}
		m.total = isTotal(m.plan) && !isTotal(p)
		both.members = append(both.members, m)
	}
	both.plan = p
	return both, true
}

func isTotal(p explore.Plan) bool { return p.Granularity == "" || p.Granularity == explore.Total }

// placeOf returns where the key is among those of the plan, which has it then.
func placeOf(p *explore.Plan, k explore.Key) int {
	i := slices.IndexFunc(p.By, k.Same)
	if i < 0 {
		i = len(p.By)
		p.By = append(p.By, k)
	}
	return i
}

// fewBeyondAI reports whether charges that are not AI make few groups by the
// plan's keys.
func fewBeyondAI(p explore.Plan) bool {
	return !slices.ContainsFunc(p.By, func(k explore.Key) bool {
		if k.Tag != (showback.TagKey{}) {
			return k.Tag.Source != showback.TagCaller
		}
		switch k.Name {
		case "service", "region", "usage-type", "operation", "resource", "invoice":
			return true
		}
		return false
	})
}

// worthIt reports whether to read what both plans need costs about as much as to
// read what the other one needs alone: that is, whether their tables are the
// same, or small.
func (e *Engine) worthIt(both, alone explore.Plan) bool {
	rows := func(p explore.Plan) (n, units int64) {
		for _, u := range e.units(p, e.firstSeen(p)) {
			if u.info.Tables = u.tables; !e.rollups {
				u.info.Tables = nil
			}
			n += max(u.info.Table(p).Rows, 1)
			units++
		}
		return n, units
	}
	if !e.rollups {
		return true
	}
	all, units := rows(both)
	own, _ := rows(alone)
	return all <= 2*own+units*largeTable
}

// fold returns the rows that the plan has of those of the reading.
func (m member) fold(rows []partial) []partial {
	tokens, quantity := m.plan.Carries(explore.Tokens), m.plan.Carries(explore.Quantity)
	folded := make([]partial, 0, len(rows))
	for _, r := range rows {
		if m.scope >= 0 && r.Keys[m.scope].Text != explore.ValueAI {
			continue
		}
		keys := make([]explore.Value, len(m.keys))
		for i, at := range m.keys {
			keys[i] = r.Keys[at]
		}
		r.Keys = keys
		if m.total {
			r.Start = m.plan.Period.Start
		}
		if m.plan.Basis == showback.Unblended {
			r.Cost, r.CostMissing = r.Unblended, ""
			if r.HasTokens {
				r.TokenCost = r.Cost
			}
		}
		r.without(!tokens, !quantity)
		folded = append(folded, r)
	}
	return folded
}
