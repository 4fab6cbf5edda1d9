package ledger

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"showback"
)

// Choice is what is said of exports that hold the same charges.
type Choice struct {
	// Prefer are preferences as typed: EXPORT for all months, EXPORT:2026-09 or
	// EXPORT:2026-09..2026-10, the last included, for some. PAYER/ before the
	// name picks one of two payers that have an export of that name.
	Prefer []string
	// Disjoint counts exports both of which nothing says that one is preferred.
	Disjoint bool
	// Pair are two exports to count both, whatever was said of them before;
	// empty for none.
	Pair []string
	// Revise lets Prefer end what Disjoint and Pair said before of its exports.
	Revise bool
}

// Settled is what a change did to exports that hold the same charges.
type Settled struct {
	Aside   []Segment // set aside by the change, or loaded and set aside
	Back    []Segment // that were aside and count again
	Vouched []Overlap // count both, by the choice of this change
}

// OverlapError says that exports hold the same charges and nothing says which
// of them counts. It stands in an error of KindConflict.
type OverlapError struct {
	Overlaps []Overlap // ordered by payer and month
	// Prefer would settle them all, as Choice has it.
	Prefer []string
}

func (e *OverlapError) Error() string {
	type rivals struct{ payer, exports string }
	var order []rivals
	months := map[rivals]int{}
	for _, o := range e.Overlaps {
		names := make([]string, len(o.Rivals))
		for i, r := range o.Rivals {
			names[i] = r.Export
		}
		k := rivals{o.Payer, strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]}
		if months[k] == 0 {
			order = append(order, k)
		}
		months[k]++
	}
	parts := make([]string, len(order))
	for i, k := range order {
		noun := "month"
		if months[k] > 1 {
			noun = "months"
		}
		parts[i] = fmt.Sprintf("exports %s of payer %s hold the same charges in %d %s", k.exports, k.payer, months[k], noun)
	}
	return strings.Join(parts, "; ")
}

// Settle decides which segments of the change count, by the rules that the
// ledger remembers and by a choice, which it will remember. Commit settles what
// was not. Errors: KindConflict with an *OverlapError when exports hold the same
// charges and nothing says which of them counts; KindNotFound for an export that
// is not there; KindInvalid for a choice that contradicts itself.
func (tx *Tx) Settle(ctx context.Context, c Choice) (*Settled, error) {
	if err := tx.allAnew(); err != nil {
		return nil, err
	}
	prefer, err := tx.manifest.preferences(c.Prefer)
	if err != nil {
		return nil, err
	}
	rules := tx.manifest.Rules
	if c.Revise {
		for _, p := range prefer {
			rules = rules.withoutDisjoint(p.Payer, p.Export)
		}
	}
	rules = rules.with(prefer)
	if rules, err = tx.manifest.pair(rules, c.Pair); err != nil {
		return nil, err
	}
	s := &settling{tx: tx, rules: rules, choice: c, added: prefer, out: &Settled{}}
	if err := s.run(ctx); err != nil {
		return nil, err
	}
	return s.out, nil
}

// pair adds the rule that two exports of a payer count both.
func (m *Manifest) pair(rules Rules, typed []string) (Rules, error) {
	if len(typed) == 0 {
		return rules, nil
	}
	first, err := m.exportsNamed(typed[0])
	if err != nil {
		return rules, err
	}
	second, err := m.exportsNamed(typed[1])
	if err != nil {
		return rules, err
	}
	found := false
	for _, a := range first {
		for _, b := range second {
			if a.payer == b.payer && a.name != b.name {
				rules, found = rules.withDisjoint(a.payer, a.name, b.name), true
			}
		}
	}
	if !found {
		return rules, showback.Errorf(showback.KindInvalid, "count %s and %s both: want two exports of one payer", typed[0], typed[1])
	}
	return rules, nil
}

// settling is one Settle under way.
type settling struct {
	tx     *Tx
	rules  Rules
	choice Choice
	added  []Preference
	pairs  []Disjoint // to vouch for, by the choice
	out    *Settled
}

func (s *settling) run(ctx context.Context) error {
	tx := s.tx
	byPlace := map[place][]Segment{}
	for _, seg := range tx.manifest.All() {
		byPlace[seg.place()] = append(byPlace[seg.place()], seg)
	}
	changed := !s.rules.equal(&tx.manifest.Rules)
	var counted, aside []Segment
	var open []Overlap
	for _, at := range slices.SortedFunc(maps.Keys(byPlace), func(a, b place) int {
		return cmp.Or(cmp.Compare(a.payer, b.payer), cmp.Compare(a.month, b.month))
	}) {
		segments := byPlace[at]
		if !changed && !tx.touched[at] {
			for _, seg := range segments {
				if seg.AsideFor == "" {
					counted = append(counted, seg)
				} else {
					aside = append(aside, seg)
				}
			}
			continue
		}
		become, overlaps, err := s.place(ctx, segments)
		if err != nil {
			return err
		}
		counted, aside, open = append(counted, become.counted...), append(aside, become.aside...), append(open, overlaps...)
	}
	if len(open) > 0 {
		ready := tx.manifest.readyPreferences(open)
		return showback.WithHint(&showback.Error{Kind: showback.KindConflict, Err: &OverlapError{Overlaps: open, Prefer: ready}},
			"say which counts: import it with --prefer "+strings.Join(ready, " --prefer "))
	}
	for _, d := range s.pairs {
		s.rules = s.rules.withDisjoint(d.Payer, d.Exports[0], d.Exports[1])
	}
	s.apply(counted, aside, changed)
	return nil
}

// place settles one payer's month.
func (s *settling) place(ctx context.Context, segments []Segment) (settled, []Overlap, error) {
	overlap, err := s.tx.overlaps(ctx, segments)
	if err != nil {
		return settled{}, nil, err
	}
	if err := s.contradiction(segments, overlap); err != nil {
		return settled{}, nil, err
	}
	become := settle(segments, overlap, &s.rules)
	var open []Overlap
	for _, group := range become.open {
		o, err := s.tx.rivals(ctx, group)
		if err != nil {
			return settled{}, nil, err
		}
		open = append(open, *o)
		if !s.choice.Disjoint {
			continue
		}
		for i := range group {
			for j := range group[:i] {
				if overlap(&group[i], &group[j]) {
					s.pairs = append(s.pairs, Disjoint{group[i].Payer, []string{group[i].Export, group[j].Export}})
				}
			}
		}
		become.counted = append(become.counted, group...)
	}
	if s.choice.Disjoint {
		s.out.Vouched = append(s.out.Vouched, open...)
		open = nil
	}
	return become, open, nil
}

// contradiction refuses two preferences of one choice for exports that overlap.
func (s *settling) contradiction(segments []Segment, overlap func(a, b *Segment) bool) error {
	named := map[string]int{} // 1 for all months, 2 for some
	for _, p := range s.added {
		if p.Payer == segments[0].Payer && p.in(segments[0].Month) {
			named[p.Export] = max(named[p.Export], 1+min(1, len(p.Months)))
		}
	}
	for i := range segments {
		for j := range segments[:i] {
			a, b := &segments[j], &segments[i]
			if named[a.Export] > 0 && named[a.Export] == named[b.Export] && overlap(a, b) {
				return showback.WithHint(showback.Errorf(showback.KindInvalid,
					"prefer both %s and %s: they hold the same charges in %s", a.Export, b.Export, a.Month),
					"prefer one of them, or each in months of its own: --prefer EXPORT:2026-01..2026-06")
			}
		}
	}
	return nil
}

// overlaps tells which of the segments of one place overlap.
func (tx *Tx) overlaps(ctx context.Context, segments []Segment) (func(a, b *Segment) bool, error) {
	known := map[[2]string]bool{}
	if len(segments) < 2 {
		return func(*Segment, *Segment) bool { return false }, nil
	}
	for i := range segments {
		a, err := tx.holding(ctx, &segments[i])
		if err != nil {
			return nil, err
		}
		for j := range segments[:i] {
			b, err := tx.holding(ctx, &segments[j])
			if err != nil {
				return nil, err
			}
			if a.overlap(b) {
				known[[2]string{segments[i].Export, segments[j].Export}] = true
				known[[2]string{segments[j].Export, segments[i].Export}] = true
			}
		}
	}
	return func(a, b *Segment) bool { return known[[2]string{a.Export, b.Export}] }, nil
}

// apply makes the change hold what was settled.
func (s *settling) apply(counted, aside []Segment, changed bool) {
	tx := s.tx
	for i := range aside {
		was := tx.base.Find(aside[i].Key())
		if was == nil || was.AsideFor != aside[i].AsideFor || was.File != aside[i].File {
			s.out.Aside = append(s.out.Aside, aside[i])
		}
		tx.changed = tx.changed || was == nil || was.AsideFor != aside[i].AsideFor
	}
	for i := range counted {
		if was := tx.base.Find(counted[i].Key()); was != nil && was.AsideFor != "" {
			s.out.Back = append(s.out.Back, counted[i])
			tx.changed = true
		}
	}
	slices.SortFunc(s.out.Aside, byKey)
	slices.SortFunc(s.out.Back, byKey)
	if counted == nil {
		counted = []Segment{}
	}
	tx.manifest.Segments, tx.manifest.Aside, tx.manifest.Rules = counted, aside, s.rules
	tx.manifest.sort()
	tx.changed = tx.changed || changed || len(s.out.Vouched) > 0
	tx.settled = true
}
