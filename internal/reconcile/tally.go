package reconcile

import (
	"fmt"
	"math/big"

	"showback"
)

// A book tallies its lines in several ways beside its groups. The tags of a line
// are one key here: which values a tag key has is worked out when all is read.
const (
	byAccount = iota
	byCaller
	byDay
	byTags
	byUsage
	tallies
)

// part is what a tally sums by.
type part struct {
	key      string // empty for none
	kind     string // the charge type, where quantities are summed
	unit     string // likewise
	currency string
}

// partSum is the exact sum of a part.
type partSum struct {
	lines int64
	units big.Int // in units of 10^-kept
}

type tally struct {
	sums     map[part]*partSum
	last     *partSum // of the line before: neighbours are often alike
	lastPart part
}

// tally counts a line in each way.
func (b *book) tally(l *line) {
	cost, currency := &l.amounts[unblended], l.text[currencyColumn]
	b.tallies[byAccount].add(part{key: l.text[accountColumn], currency: currency}, cost)
	b.tallies[byCaller].add(part{key: l.text[callerColumn], currency: currency}, cost)
	b.tallies[byDay].add(part{key: l.day, currency: currency}, cost)
	b.tallies[byTags].add(part{key: l.tags, currency: currency}, cost)
	if kind := l.text[typeColumn]; counts(kind) {
		used := part{key: l.text[usageTypeColumn], kind: kind, unit: l.text[unitColumn], currency: currency}
		b.tallies[byUsage].add(used, &l.amounts[quantity])
	}
}

// counts reports a charge type whose quantity was used: negations and credits
// repeat the quantity of what they offset (ARCHITECTURE.md §3).
func counts(kind string) bool {
	return kind == "Usage" || kind == discounted || kind == spCovered
}

// add counts an amount; an absent one is 0.
func (t *tally) add(p part, a *amount) {
	s := t.last
	if s == nil || t.lastPart != p {
		s = t.at(p)
		t.last, t.lastPart = s, p
	}
	s.lines++
	if a.present {
		s.units.Add(&s.units, &a.units)
	}
}

func (t *tally) at(p part) *partSum {
	s := t.sums[p]
	if s == nil {
		s = &partSum{}
		t.sums[p] = s
	}
	return s
}

func (t *tally) merge(other *tally) {
	for p, from := range other.sums {
		to := t.at(p)
		to.lines += from.lines
		to.units.Add(&to.units, &from.units)
	}
}

// parts are the figures of one side of a cut.
type parts map[part]*Figure

func (ps parts) add(p part, lines int64, amount showback.Decimal) {
	f := ps[p]
	if f == nil {
		f = &Figure{Carried: true}
		ps[p] = f
	}
	f.Lines += lines
	f.Amount = f.Amount.Add(amount)
}

// parts returns the sums as figures.
func (t *tally) parts() parts {
	out := parts{}
	for p, s := range t.sums {
		out.add(p, s.lines, showback.NewDecimal(&s.units, kept))
	}
	return out
}

// partsOfTag sums by the values of one tag key.
func (b *book) partsOfTag(sets map[string]map[showback.TagKey]string, key showback.TagKey) parts {
	out := parts{}
	for p, s := range b.tallies[byTags].sums {
		value := sets[p.key][key]
		out.add(part{key: value, currency: p.currency}, s.lines, showback.NewDecimal(&s.units, kept))
	}
	return out
}

// tagSets takes the texts of packTags apart.
func (b *book) tagSets() map[string]map[showback.TagKey]string {
	sets := map[string]map[showback.TagKey]string{}
	for p := range b.tallies[byTags].sums {
		if sets[p.key] == nil {
			sets[p.key] = unpackTags(p.key)
		}
	}
	return sets
}

// partsOfUsage sums quantities. Where a usage type has several units the engine
// gives one sum for all, so that is what can be compared.
func (b *book) partsOfUsage() parts {
	units := map[part]int{}
	for p := range b.tallies[byUsage].sums {
		p.unit = ""
		units[p]++
	}
	out := parts{}
	for p, s := range b.tallies[byUsage].sums {
		mixed := p
		mixed.unit = ""
		p.unit = unitText(p.unit, units[mixed])
		out.add(p, s.lines, showback.NewDecimal(&s.units, kept))
	}
	return out
}

func unitText(unit string, units int) string {
	if units > 1 {
		return fmt.Sprintf("%d units", units)
	}
	return unit
}
