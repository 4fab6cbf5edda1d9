package ledger

import (
	"cmp"
	"slices"

	"showback"
)

// Rules are what a person decided of exports: which counts where they hold the
// same charges, and what of them is kept. The ledger remembers them.
type Rules struct {
	// Prefer are the preferences, the weakest first: where several apply to
	// exports that overlap, the last one decides.
	Prefer   []Preference `json:"prefer,omitempty"`
	Disjoint []Disjoint   `json:"disjoint,omitempty"`
	// Kept are the exports of which not every charge is kept.
	Kept []Kept `json:"kept,omitempty"`
}

// Preference says that an export counts in the months that it has, and what
// holds the same charges does not.
type Preference struct {
	Payer  string           `json:"payer"`
	Export string           `json:"export"`
	Months []showback.Month `json:"months,omitempty"` // ascending; empty for all
}

// Disjoint says that two exports count both, whatever keys they share: a
// person vouched that no charge is in both.
type Disjoint struct {
	Payer   string   `json:"payer"`
	Exports []string `json:"exports"` // two, sorted
}

// in reports whether the preference is about the month.
func (p *Preference) in(month showback.Month) bool {
	return len(p.Months) == 0 || slices.Contains(p.Months, month)
}

// ranked returns the exports of the payer that are preferred in the month, the
// strongest first.
func (r *Rules) ranked(payer string, month showback.Month) []string {
	var ranked []string
	for _, p := range slices.Backward(r.Prefer) {
		if p.Payer == payer && p.in(month) && !slices.Contains(ranked, p.Export) {
			ranked = append(ranked, p.Export)
		}
	}
	return ranked
}

// vouched reports whether the exports of the payer are held to be disjoint.
func (r *Rules) vouched(payer, a, b string) bool {
	pair := sortedPair(a, b)
	return slices.ContainsFunc(r.Disjoint, func(d Disjoint) bool { return d.Payer == payer && slices.Equal(d.Exports, pair) })
}

func sortedPair(a, b string) []string {
	pair := []string{a, b}
	slices.Sort(pair)
	return pair
}

// with returns the rules with the preferences of one command, which outrank
// those of before. Among them one for some months outranks one for all.
func (r *Rules) with(added []Preference) Rules {
	added = slices.Clone(added)
	slices.SortStableFunc(added, func(a, b Preference) int {
		return cmp.Compare(min(len(a.Months), 1), min(len(b.Months), 1))
	})
	next := Rules{Disjoint: slices.Clone(r.Disjoint), Kept: slices.Clone(r.Kept)}
	for i, p := range slices.Concat(r.Prefer, added) {
		// What a later preference of the same export covers would only pile up.
		covered := slices.ContainsFunc(added[max(0, i+1-len(r.Prefer)):], func(later Preference) bool {
			return later.Payer == p.Payer && later.Export == p.Export && later.covers(&p)
		})
		if !covered {
			next.Prefer = append(next.Prefer, p)
		}
	}
	return next
}

func (p *Preference) covers(q *Preference) bool {
	if len(p.Months) == 0 {
		return true
	}
	return len(q.Months) > 0 && !slices.ContainsFunc(q.Months, func(m showback.Month) bool { return !slices.Contains(p.Months, m) })
}

// withDisjoint returns the rules with a pair of exports that count both.
func (r *Rules) withDisjoint(payer, a, b string) Rules {
	next := Rules{Prefer: slices.Clone(r.Prefer), Disjoint: slices.Clone(r.Disjoint), Kept: slices.Clone(r.Kept)}
	if !next.vouched(payer, a, b) {
		next.Disjoint = append(next.Disjoint, Disjoint{payer, sortedPair(a, b)})
	}
	return next
}

// withoutDisjoint returns the rules without the pairs that an export of the
// payer is in.
func (r *Rules) withoutDisjoint(payer, export string) Rules {
	return Rules{Prefer: slices.Clone(r.Prefer), Kept: slices.Clone(r.Kept), Disjoint: slices.DeleteFunc(slices.Clone(r.Disjoint), func(d Disjoint) bool {
		return d.Payer == payer && slices.Contains(d.Exports, export)
	})}
}

func (r *Rules) equal(s *Rules) bool {
	return slices.EqualFunc(r.Prefer, s.Prefer, func(a, b Preference) bool {
		return a.Payer == b.Payer && a.Export == b.Export && slices.Equal(a.Months, b.Months)
	}) && slices.EqualFunc(r.Disjoint, s.Disjoint, func(a, b Disjoint) bool {
		return a.Payer == b.Payer && slices.Equal(a.Exports, b.Exports)
	})
}

// place is one payer's billing period, for which exports can be rivals.
type place struct {
	payer string
	month showback.Month
}

func (s *Segment) place() place { return place{s.Payer, s.Month} }

// settled is what became of the segments of one place.
type settled struct {
	counted []Segment
	aside   []Segment // each with AsideFor
	// open are segments that no rule settles, each group connected by overlaps.
	open [][]Segment
}

// settle decides which segments of one place count: an export that is preferred
// does, those that overlap with it do not, and those that overlap with none of
// the rest do. It does not depend on the order of all, nor on what counted
// before.
func settle(all []Segment, overlap func(a, b *Segment) bool, rules *Rules) settled {
	var out settled
	left := slices.Clone(all)
	slices.SortFunc(left, byExport)
	if len(left) == 0 {
		return out
	}
	rivals := func(a, b *Segment) bool {
		return a.Export != b.Export && !rules.vouched(a.Payer, a.Export, b.Export) && overlap(a, b)
	}
	for _, export := range rules.ranked(left[0].Payer, left[0].Month) {
		at := slices.IndexFunc(left, func(s Segment) bool { return s.Export == export })
		if at < 0 { // the month is another's, or this one yielded to a stronger one
			continue
		}
		preferred := left[at]
		var rest []Segment
		for i := range left {
			switch {
			case i == at:
			case rivals(&preferred, &left[i]):
				left[i].AsideFor = export
				out.aside = append(out.aside, left[i])
			default:
				rest = append(rest, left[i])
			}
		}
		preferred.AsideFor = ""
		out.counted, left = append(out.counted, preferred), rest
	}
	for len(left) > 0 {
		group := []Segment{left[0]}
		left = left[1:]
		for i := 0; i < len(group); i++ {
			left = slices.DeleteFunc(left, func(s Segment) bool {
				near := rivals(&group[i], &s)
				if near {
					group = append(group, s)
				}
				return near
			})
		}
		for i := range group {
			group[i].AsideFor = ""
		}
		if len(group) == 1 {
			out.counted = append(out.counted, group[0])
			continue
		}
		slices.SortFunc(group, byExport)
		out.open = append(out.open, group)
	}
	return out
}

func byExport(a, b Segment) int { return cmp.Compare(a.Export, b.Export) }
