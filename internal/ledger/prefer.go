package ledger

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"showback"
)

// export is one export of a payer.
type export struct{ payer, name string }

// exports returns the exports of the ledger, sorted.
func (m *Manifest) exports() []export {
	found := map[export]bool{}
	for _, s := range m.All() {
		found[export{s.Payer, s.Export}] = true
	}
	return slices.SortedFunc(maps.Keys(found), func(a, b export) int {
		return cmp.Or(cmp.Compare(a.name, b.name), cmp.Compare(a.payer, b.payer))
	})
}

// exportsNamed returns the exports that a typed name means: one for each payer
// that has one of that name.
func (m *Manifest) exportsNamed(typed string) ([]export, error) {
	var named []export
	all := m.exports()
	for _, x := range all {
		if typed == x.name || typed == x.payer+"/"+x.name {
			named = append(named, x)
		}
	}
	if len(named) == 0 {
		names := make([]string, len(all))
		for i, x := range all {
			names[i] = x.name
		}
		return nil, unknownExport(typed, names)
	}
	return named, nil
}

// maxNames is how many names a hint offers.
const maxNames = 5

// unknownExport is the error for an export that is none of the names; its hint
// offers those that are most like it.
func unknownExport(typed string, names []string) error {
	err := showback.Errorf(showback.KindNotFound, "prefer export %q: there is no such export", typed)
	names = slices.Compact(slices.Sorted(slices.Values(names)))
	if len(names) == 0 {
		return showback.WithHint(err, "the store has no export yet")
	}
	slices.SortStableFunc(names, func(a, b string) int { return cmp.Compare(shared(typed, b), shared(typed, a)) })
	return showback.WithHint(err, "its name may be "+strings.Join(names[:min(maxNames, len(names))], ", "))
}

// shared counts the pairs of neighbouring letters of a that b has too.
func shared(a, b string) int {
	a, b = strings.ToLower(a), strings.ToLower(b)
	n := 0
	for i := range len(a) - 1 {
		if strings.Contains(b, a[i:i+2]) {
			n++
		}
	}
	return n
}

// SplitPreference parts a preference as typed, EXPORT or EXPORT:MONTHS, where
// MONTHS is 2026-09 or 2026-09..2026-10, the last included. No months mean all.
// What follows a colon and is no month belongs to the name.
func SplitPreference(typed string) (export string, months []showback.Month, err error) {
	i := strings.LastIndex(typed, ":")
	if i < 0 {
		return typed, nil, nil
	}
	first, last, ranged := strings.Cut(typed[i+1:], "..")
	if !ranged {
		last = first
	}
	from, err1 := showback.ParseMonth(first)
	to, err2 := showback.ParseMonth(last)
	switch {
	case err1 != nil || err2 != nil:
		if looksLikeMonths(typed[i+1:]) {
			return "", nil, showback.Errorf(showback.KindInvalid, "prefer %q: want EXPORT:YYYY-MM or EXPORT:YYYY-MM..YYYY-MM", typed)
		}
		return typed, nil, nil
	case to < from:
		return "", nil, showback.Errorf(showback.KindInvalid, "prefer %q: %s is after %s", typed, from, to)
	}
	for m := from; m <= to; m = m.Add(1) {
		months = append(months, m)
	}
	return typed[:i], months, nil
}

func looksLikeMonths(text string) bool { return strings.Trim(text, "0123456789-./, ") == "" }

// preferences reads preferences as typed.
func (m *Manifest) preferences(typed []string) ([]Preference, error) {
	var all []Preference
	for _, text := range typed {
		var months []showback.Month
		named, err := m.exportsNamed(text) // a name may look as if months followed
		if err != nil {
			var name string
			if name, months, err = SplitPreference(text); err != nil {
				return nil, err
			}
			if named, err = m.exportsNamed(name); err != nil {
				return nil, err
			}
		}
		for _, x := range named {
			all = append(all, Preference{Payer: x.payer, Export: x.name, Months: months})
		}
	}
	return all, nil
}

// CheckPreferences refuses, before anything is loaded, preferences that can't be
// read or are for exports neither in the ledger nor among more, the names of
// those that are to come.
func (m *Manifest) CheckPreferences(typed, more []string) error {
	names := slices.Clone(more)
	for _, x := range m.exports() {
		names = append(names, x.name)
	}
	known := func(name string) bool {
		_, bare, _ := strings.Cut(name, "/")
		return slices.Contains(names, name) || slices.Contains(names, bare)
	}
	for _, text := range typed {
		if known(text) {
			continue
		}
		name, _, err := SplitPreference(text)
		if err != nil {
			return err
		}
		if !known(name) {
			return unknownExport(name, names)
		}
	}
	return nil
}

// preferredBefore reports that another export of the payer was preferred to
// others: a preference for all months would undo that.
func (m *Manifest) preferredBefore(x export) bool {
	return slices.ContainsFunc(m.Rules.Prefer, func(p Preference) bool { return p.Payer == x.payer && p.Export != x.name })
}

// readyPreferences writes what would settle the overlaps by the choice of each:
// an export's name alone where it is the choice wherever it has a rival and no
// other was preferred before, else with its months.
func (m *Manifest) readyPreferences(overlaps []Overlap) []string {
	chosen, yields := map[export][]showback.Month{}, map[export]bool{}
	payers := map[string]bool{}
	for _, o := range overlaps {
		payers[o.Payer] = true
		for _, r := range o.Rivals {
			x := export{o.Payer, r.Export}
			if slices.Contains(o.Choice, r.Export) {
				chosen[x] = append(chosen[x], o.Month)
			} else {
				yields[x] = true
			}
		}
	}
	var all []string
	for _, x := range m.exports() {
		months, ok := chosen[x]
		if !ok {
			continue
		}
		name := x.name
		if len(payers) > 1 && slices.ContainsFunc(m.exports(), func(y export) bool { return y.name == x.name && y.payer != x.payer }) {
			name = x.payer + "/" + name
		}
		if !yields[x] && !m.preferredBefore(x) {
			all = append(all, name)
			continue
		}
		for i := 0; i < len(months); {
			last := i
			for last+1 < len(months) && months[last+1] == months[last].Add(1) {
				last++
			}
			span := string(months[i])
			if last > i {
				span += ".." + string(months[last])
			}
			all = append(all, name+":"+span)
			i = last + 1
		}
	}
	return all
}
