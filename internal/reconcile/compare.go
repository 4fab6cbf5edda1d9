package reconcile

import (
	"cmp"
	"maps"
	"slices"

	"showback"
)

// report compares every chosen delivery with the ledger.
func (r *run) report(ledger side) *Report {
	out := &Report{Status: Equal, Deliveries: []Delivery{}}
	byOwner := map[owner]side{}
	for k, figures := range ledger {
		o := owner{k.Payer, k.Month}
		if byOwner[o] == nil {
			byOwner[o] = side{}
		}
		byOwner[o][k] = figures
	}
	for i, s := range r.Statements {
		o := owner{s.Payer, s.Month}
		if together := r.counted(o); r.chosen[i] && together[0] == i {
			var found []*result
			for _, j := range together[1:] {
				s.Export += ", " + r.Statements[j].Export
				s.Files = slices.Concat(s.Files, r.Statements[j].Files)
			}
			for _, j := range together {
				found = append(found, r.results[j])
			}
			out.Deliveries = append(out.Deliveries, compare(s, found, byOwner[o]))
		}
	}
	out.Deliveries = append(out.Deliveries, r.unknown(byOwner)...)
	slices.SortStableFunc(out.Deliveries, func(a, b Delivery) int {
		return cmp.Or(cmp.Compare(a.Payer, b.Payer), cmp.Compare(a.Month, b.Month))
	})
	var checked []Total
	for _, d := range out.Deliveries {
		out.Status = worse(out.Status, d.Status)
		checked = append(checked, d.Totals...)
	}
	out.Totals = sumTotals(checked)
	return out
}

// counted returns the statements of an owner that the ledger's answer is made of.
func (r *run) counted(o owner) []int {
	return slices.DeleteFunc(slices.Clone(r.byOwner[o]), func(i int) bool { return r.Statements[i].Aside })
}

// unknown makes a delivery of each payer and month that the ledger has charges
// of and no statement speaks of.
func (r *run) unknown(byOwner map[owner]side) []Delivery {
	var out []Delivery
	for o, figures := range byOwner {
		if len(r.counted(o)) > 0 {
			continue
		}
		d := compare(Statement{Payer: o.payer, Month: o.month}, nil, figures)
		d.Reason = "the ledger has charges of a delivery that it does not list"
		out = append(out, d)
	}
	return out
}

// compare sets what the files deliver beside what the ledger has of the payer's
// month. found has a result for each export that bills it.
func compare(s Statement, found []*result, ledger side) Delivery {
	d := Delivery{
		Payer: s.Payer, Export: s.Export, Month: s.Month,
		Status:      Equal,
		Files:       append([]FileRef{}, s.Files...),
		Totals:      []Total{},
		Comparisons: []Comparison{},
	}
	var own books
	strays, rejected := map[owner]books{}, rejections{}
	for _, r := range found {
		if d.Reason == "" {
			d.Reason = r.reason
		}
		own = append(own, r.own)
		for o, b := range r.strays {
			strays[o] = append(strays[o], b)
		}
		for _, more := range r.rejected {
			rejected.add(more)
		}
	}
	if d.Reason != "" {
		d.Status = Unchecked
		return d
	}
	for _, currency := range slices.Sorted(maps.Keys(rejected)) {
		d.Rejected = append(d.Rejected, *rejected[currency])
	}
	d.compareBooks(own, ledger)
	owners := slices.SortedFunc(maps.Keys(strays), func(a, b owner) int {
		return cmp.Or(cmp.Compare(a.payer, b.payer), cmp.Compare(a.month, b.month))
	})
	for _, o := range owners {
		d.compareBooks(strays[o], nil)
	}
	totals := make([]Total, 0, len(d.Comparisons))
	for _, c := range d.Comparisons {
		if !c.Equal {
			d.Status = Different
		}
		totals = append(totals, c.total())
	}
	d.Totals = sumTotals(totals)
	return d
}

// books are what the exports of a payer's month deliver. Each tells for itself
// which bases it carries.
type books []*book

// figure adds up what the books have of a key; nil when none has it.
func (all books) figure(k Key, basis int) *Figure {
	var sum *Figure
	for _, b := range all {
		f := b.figure(k, basis)
		if f == nil {
			continue
		}
		if sum == nil {
			sum = &Figure{}
		}
		sum.Carried = sum.Carried || f.Carried
		sum.Lines += f.Lines
		sum.Blank += f.Blank
		sum.Amount = sum.Amount.Add(f.Amount)
	}
	return sum
}

func (all books) cut(k Key, basis int) Cut {
	var sum Cut
	for _, b := range all {
		c := b.cut(k, basis)
		sum.Lines += c.Lines
		sum.Sum = sum.Sum.Add(c.Sum)
	}
	return sum
}

// compareBooks compares key by key and basis by basis. A basis that neither side
// carries has nothing to compare but the number of lines, which unblended does.
func (d *Delivery) compareBooks(b books, ledger side) {
	keys := map[Key]bool{}
	for _, one := range b {
		d.Lines += one.lines
		for k := range one.groups {
			keys[k] = true
		}
	}
	for k := range ledger {
		keys[k] = true
	}
	for _, k := range sortedKeys(keys) {
		for i, basis := range showback.Bases {
			c := Comparison{Key: k, Basis: basis, Delivered: b.figure(k, i), Cut: b.cut(k, i)}
			if figures := ledger[k]; figures != nil {
				c.Ledger = figures[i]
			}
			c.Equal = c.Delivered.equal(c.Ledger)
			c.Difference = c.Delivered.amount().Sub(c.Ledger.amount())
			if c.Delivered.carried() || c.Ledger.carried() {
				d.Comparisons = append(d.Comparisons, c)
			}
		}
	}
}

func (f *Figure) carried() bool { return f != nil && f.Carried }

func (c *Comparison) total() Total {
	t := Total{
		Currency: c.Currency, Basis: c.Basis, Equal: c.Equal,
		Delivered:  c.Delivered.amount(),
		Ledger:     c.Ledger.amount(),
		Difference: c.Difference,
		Cut:        c.Cut,
	}
	if c.Delivered != nil {
		t.Lines = c.Delivered.Lines
	}
	return t
}

// sumTotals adds totals of the same currency and basis up.
func sumTotals(parts []Total) []Total {
	type id struct {
		currency string
		basis    showback.Basis
	}
	sums := map[id]*Total{}
	for _, p := range parts {
		s := sums[id{p.Currency, p.Basis}]
		if s == nil {
			s = &Total{Currency: p.Currency, Basis: p.Basis, Equal: true}
			sums[id{p.Currency, p.Basis}] = s
		}
		s.Equal = s.Equal && p.Equal
		s.Lines += p.Lines
		s.Delivered = s.Delivered.Add(p.Delivered)
		s.Ledger = s.Ledger.Add(p.Ledger)
		s.Difference = s.Difference.Add(p.Difference)
		s.Cut.Lines += p.Cut.Lines
		s.Cut.Sum = s.Cut.Sum.Add(p.Cut.Sum)
	}
	out := make([]Total, 0, len(sums))
	for _, s := range sums {
		out = append(out, *s)
	}
	slices.SortFunc(out, func(a, b Total) int {
		return cmp.Or(cmp.Compare(a.Currency, b.Currency),
			cmp.Compare(slices.Index(showback.Bases, a.Basis), slices.Index(showback.Bases, b.Basis)))
	})
	return out
}
