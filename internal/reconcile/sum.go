package reconcile

import (
	"cmp"
	"math/big"
	"slices"

	"showback"
)

// book holds what files deliver of one payer and month.
type book struct {
	lines   int64
	groups  map[Key]*group
	last    *group // of the line before: neighbours are often alike
	lastKey Key
	values  [amountColumns]bool // the columns with a value on some line
	needs   needs
}

// group sums the lines of one key on each basis, in the order of showback.Bases.
type group struct {
	lines int64
	sums  []basisSum
}

// basisSum is the exact sum of one basis.
type basisSum struct {
	amounts int64   // lines with an amount
	blanks  int64   // lines without: a blank list price
	units   big.Int // in units of 10^-kept
	cut     cutSum
}

// cutSum is what rounding took: how many lines, and the sum by scale.
type cutSum struct {
	lines   int64
	byScale map[int32]*big.Int
}

func newBook() *book { return &book{groups: map[Key]*group{}, needs: newNeeds()} }

func (b *book) group(k Key) *group {
	if b.last != nil && b.lastKey == k {
		return b.last
	}
	g := b.groups[k]
	if g == nil {
		g = &group{sums: make([]basisSum, len(showback.Bases))}
		b.groups[k] = g
	}
	b.last, b.lastKey = g, k
	return g
}

// add counts a line.
func (b *book) add(l *line) {
	b.lines++
	for c := range l.amounts {
		if l.amounts[c].present {
			b.values[c] = true
		}
	}
	b.needs.add(l)
	g := b.group(keyOf(l))
	g.lines++
	for i, basis := range showback.Bases {
		g.sums[i].add(basis, l)
	}
}

func keyOf(l *line) Key {
	return Key{
		Payer:      l.text[payerColumn],
		Month:      l.month,
		Service:    l.service(),
		ChargeType: l.text[typeColumn],
		Currency:   l.text[currencyColumn],
	}
}

// add counts the line's amount on the basis. A blank amount is 0, except that a
// blank list price is none.
func (s *basisSum) add(basis showback.Basis, l *line) {
	if basis == showback.List && !l.amounts[list].present {
		s.blanks++
		return
	}
	s.amounts++
	cut := false
	for _, t := range terms(basis, l) {
		a := &l.amounts[t.column]
		if !a.present {
			continue
		}
		if t.subtract {
			s.units.Sub(&s.units, &a.units)
		} else {
			s.units.Add(&s.units, &a.units)
		}
		if a.wasCut() {
			cut = true
			s.cut.add(a, t.subtract)
		}
	}
	if cut {
		s.cut.lines++
	}
}

func (c *cutSum) add(a *amount, subtract bool) {
	sum := c.at(a.cutScale)
	if subtract {
		sum.Sub(sum, &a.cut)
	} else {
		sum.Add(sum, &a.cut)
	}
}

func (c *cutSum) at(scale int32) *big.Int {
	if c.byScale == nil {
		c.byScale = map[int32]*big.Int{}
	}
	sum := c.byScale[scale]
	if sum == nil {
		sum = new(big.Int)
		c.byScale[scale] = sum
	}
	return sum
}

// total adds the scales up, exactly.
func (c *cutSum) total() showback.Decimal {
	var sum showback.Decimal
	for scale, units := range c.byScale {
		sum = sum.Add(showback.NewDecimal(units, scale))
	}
	return sum
}

// merge adds what other holds.
func (b *book) merge(other *book) {
	b.lines += other.lines
	for c, some := range other.values {
		b.values[c] = b.values[c] || some
	}
	b.needs.merge(other.needs)
	for k, from := range other.groups {
		to := b.group(k)
		to.lines += from.lines
		for i := range to.sums {
			to.sums[i].merge(&from.sums[i])
		}
	}
}

func (s *basisSum) merge(other *basisSum) {
	s.amounts += other.amounts
	s.blanks += other.blanks
	s.units.Add(&s.units, &other.units)
	s.cut.lines += other.cut.lines
	for scale, units := range other.cut.byScale {
		sum := s.cut.at(scale)
		sum.Add(sum, units)
	}
}

func (b *book) carries(basis showback.Basis) bool {
	return carries(basis, &b.values, b.needs)
}

// figure is the group's sum on the basis at index i of showback.Bases.
func (b *book) figure(k Key, i int) *Figure {
	g := b.groups[k]
	if g == nil {
		return nil
	}
	if !b.carries(showback.Bases[i]) {
		return &Figure{Blank: g.lines}
	}
	s := &g.sums[i]
	return &Figure{
		Carried: true,
		Lines:   s.amounts,
		Blank:   s.blanks,
		Amount:  showback.NewDecimal(&s.units, kept),
	}
}

func (b *book) cut(k Key, i int) Cut {
	g := b.groups[k]
	if g == nil || !b.carries(showback.Bases[i]) {
		return Cut{}
	}
	return Cut{Lines: g.sums[i].cut.lines, Sum: g.sums[i].cut.total()}
}

func compareKeys(a, b Key) int {
	return cmp.Or(
		cmp.Compare(a.Payer, b.Payer),
		cmp.Compare(a.Month, b.Month),
		cmp.Compare(a.Currency, b.Currency),
		cmp.Compare(a.Service, b.Service),
		cmp.Compare(a.ChargeType, b.ChargeType),
	)
}

func sortedKeys(keys map[Key]bool) []Key {
	out := make([]Key, 0, len(keys))
	for k := range keys {
		out = append(out, k)
	}
	slices.SortFunc(out, compareKeys)
	return out
}
