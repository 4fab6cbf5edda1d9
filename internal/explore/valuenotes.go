package explore

import (
	"context"
	"slices"
	"strings"

	"showback"
)

// maxValues is how many values of a key are listed to look for those that a
// filter names, and for others like them.
const maxValues = 5000

// noteValues names each value of the filter that matches nothing in the
// period, so that a slip of the pen is not read as a spend of nothing.
func (a *asking) noteValues(ctx context.Context) ([]Note, error) {
	var tests []Match
	walk(a.q.Filter, func(e Expr) {
		if m, ok := e.(Match); ok {
			tests = append(tests, m)
		}
	})
	var notes []Note
	for _, m := range tests {
		if m.Key.Tag != (showback.TagKey{}) && len(a.cov.FirstSeen(m.Key.Tag)) == 0 {
			continue // the note on the key says it all
		}
		unmatched, err := a.unmatched(ctx, m)
		if err != nil {
			return nil, err
		}
		for _, p := range unmatched {
			n, err := a.noteUnmatched(ctx, m.Key, p)
			if err != nil {
				return nil, err
			}
			if !slices.Contains(notes, n) {
				notes = append(notes, n)
			}
		}
	}
	return notes, nil
}

// unmatched returns the patterns of a test that match no charge which the
// question could be about: its period, scope, classes and access.
func (a *asking) unmatched(ctx context.Context, m Match) ([]Pattern, error) {
	plan := a.plan(both(m, a.q.Access))
	if a.untoldValues(plan, m.Key) {
		return nil, nil
	}
	values, err := a.eng.Values(ctx, plan, m.Key, maxValues)
	if err != nil {
		return nil, err
	}
	var unmatched []Pattern
	for _, p := range m.Values {
		if slices.ContainsFunc(values, func(v string) bool { return p.Matches(v, m.Key.FoldsCase()) }) {
			continue
		}
		if len(values) == maxValues && len(m.Values) > 1 {
			some, err := a.occurs(ctx, m.Key, p, a.q.Scope)
			if err != nil {
				return nil, err
			}
			if some {
				continue
			}
		}
		unmatched = append(unmatched, p)
	}
	return unmatched, nil
}

// untoldValues reports whether charges that the plan selects are kept as sums that
// do not tell the key: what its values are, nobody knows then.
func (a *asking) untoldValues(p Plan, k Key) bool {
	p.By, p.Basis, p.Granularity = []Key{k}, showback.Unblended, Total
	return a.cov.Refuse(p) != nil
}

// occurs reports whether any charge in the scope matches the pattern.
func (a *asking) occurs(ctx context.Context, k Key, p Pattern, scope Scope) (bool, error) {
	plan := a.plan(both(Match{k, []Pattern{p}}, a.q.Access))
	plan.Scope = scope
	if a.untoldValues(plan, k) {
		return false, nil
	}
	values, err := a.eng.Values(ctx, plan, k, 1)
	return len(values) > 0, err
}

func (a *asking) noteUnmatched(ctx context.Context, k Key, p Pattern) (Note, error) {
	text := formatKey(k) + " = " + p.String() + " matches nothing in " + a.q.Period.Inclusive()
	if len(a.q.Classes) > 0 {
		text += " among the charges asked for"
	}
	if a.q.Scope == ScopeAI {
		elsewhere, err := a.occurs(ctx, k, p, ScopeAll)
		if err != nil {
			return Note{}, err
		}
		if elsewhere {
			return Note{NoteNoMatch, text + " in scope ai, only in scope all"}, nil
		}
	}
	plain := strings.Join(p.Parts, "")
	if strings.HasPrefix(plain, "(") && strings.HasSuffix(plain, ")") {
		return Note{NoteNoMatch, text + "; for charges without a value write " + formatKey(k) + " is absent"}, nil
	}
	near, err := a.nearValues(ctx, k, plain)
	if err != nil {
		return Note{}, err
	}
	if len(near) > 0 {
		text += "; " + didYouMean(near)
	}
	return Note{NoteNoMatch, text}, nil
}

// nearValues returns the values of the key most like the text, written as a
// filter takes them.
func (a *asking) nearValues(ctx context.Context, k Key, text string) ([]string, error) {
	values, ok := a.known[k.String()]
	if !ok {
		var err error
		if plan := a.plan(a.q.Access); !a.untoldValues(plan, k) {
			if values, err = a.eng.Values(ctx, plan, k, maxValues); err != nil {
				return nil, err
			}
		}
		if a.known == nil {
			a.known = map[string][]string{}
		}
		a.known[k.String()] = values
	}
	near := nearestNames(text, values)
	for i, v := range near {
		near[i] = Exact(v).String()
	}
	return near, nil
}
