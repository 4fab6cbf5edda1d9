package ledger

import (
	"fmt"
	"slices"
	"strings"

	"showback"
	"showback/internal/source"
)

// placed writes the query of lines in place. It collects what has
// to be read of a line, which of that are doubles to decode, and what is made
// of their pairs.
type placed struct {
	*build
	l       lines
	scan    selection               // read of the lines
	more    []string                // taken along through the joins
	doubles map[source.Field]string // names of those read
	costs   []string                // names of the doubles to decode as amounts
	digits  int                     // of their pairs
	// Three layers, each made of the one before: values that are not NULL,
	// what pairs add up to, and that carried.
	values, sums, carried []string
	pairs                 map[string]string // names of the pairs, by stem
}

// The pairs that need not be read.
const (
	pairZero = "0"
	pairNone = "NULL"
)

// double has an amount read and returns its name; empty for one without values.
func (p *placed) double(f source.Field) string {
	if p.l.shape.same[f] {
		f = source.Unblended
	}
	if name, ok := p.doubles[f]; ok || !p.l.shape.own[f] {
		return name
	}
	name := fmt.Sprintf("x%d", slices.Index(amounts, f))
	p.doubles[f] = name
	p.scan.add(p.l.double(f), name)
	p.more = append(p.more, name)
	if f != source.Quantity {
		p.costs = append(p.costs, name)
	}
	return name
}

// value returns the name of the pair of an amount in which a blank is 0; empty
// where all are blank.
func (p *placed) value(f source.Field) string {
	x := p.double(f)
	if x == "" || x == p.doubles[source.Unblended] {
		return x
	}
	if v := fmt.Sprintf("coalesce(%[1]s_q, 0) AS %[1]sv_q, coalesce(%[1]s_r, 0) AS %[1]sv_r", x); !slices.Contains(p.values, v) {
		p.values = append(p.values, v)
	}
	return x + "v"
}

// combine makes the pair of a stem of others; empty names count nothing.
func (p *placed) combine(stem string, plus []string, minus ...string) {
	empty := func(x string) bool { return x == "" }
	sum, carried := combined(stem, p.digits, slices.DeleteFunc(plus, empty), slices.DeleteFunc(minus, empty))
	p.sums, p.carried = append(p.sums, sum), append(p.carried, carried)
	p.pairs[stem] = stem
}

// stem has the pair of a stem made.
func (p *placed) stem(stem string) {
	f := stemField[stem]
	switch {
	case p.nothing(p.l, stem):
		p.pairs[stem] = pairZero
	case f == source.Quantity || f == source.Unblended:
		p.pairs[stem] = p.double(f)
	case f == source.ListCost: // NULL stays NULL: no list price
		if x := p.double(f); x != "" {
			p.combine(stem, []string{x}, p.double(source.Unblended))
		}
	case f != "":
		p.combine(stem, []string{p.value(f)}, p.double(source.Unblended))
	case stem == AmountColumn(showback.Amortized):
		p.amortized(stem, source.SPEffective, source.RIEffective, source.RIUnusedUpfront, source.RIUnusedRecurring, p.double(source.Unblended))
	default:
		p.amortized(stem, source.SPNetEffective, source.RINetEffective, source.RINetUnusedUpfront, source.RINetUnusedRecurring, p.value(source.NetCost))
	}
	if p.pairs[stem] == "" {
		p.pairs[stem] = pairNone
	}
}

// amortized makes the pair by the table in ARCHITECTURE.md §3: at most two
// columns make up the amount, chosen by the kind of line. Where it is what is
// billed, the pair is NULL, and 0 in the end.
func (p *placed) amortized(stem string, sp, ri, upfront, recurring source.Field, from string) {
	read := func(f source.Field) string {
		if !p.l.shape.own[f] {
			return "0"
		}
		name := fmt.Sprintf("c%d", slices.Index(amounts, f))
		if column := p.l.double(f) + " AS " + name; !slices.Contains(p.scan, column) {
			p.scan = append(p.scan, column)
		}
		return "coalesce(" + name + ", 0)"
	}
	first, second := stem+"_1", stem+"_2"
	p.more = append(p.more,
		fmt.Sprintf("CASE l.kind WHEN %d THEN %s WHEN %d THEN %s WHEN %d THEN 0 WHEN %d THEN %s WHEN %d THEN %s END::DOUBLE AS %s",
			kindEffective, read(sp), kindCommitment, read(source.SPTotalCommitment), kindNothing, kindReserved, read(ri), kindUnused, read(upfront), first),
		fmt.Sprintf("CASE l.kind WHEN %d THEN -%s WHEN %d THEN %s ELSE 0 END::DOUBLE AS %s",
			kindCommitment, read(source.SPUsedCommitment), kindUnused, read(recurring), second))
	p.costs = append(p.costs, first, second)
	p.combine(stem, []string{first, second}, from)
}

// columns returns the columns of a pair as the facts have them.
func (p *placed) columns(stem string, scale int) string {
	x := p.pairs[stem]
	if x == pairZero || x == pairNone {
		return fmt.Sprintf("%s::DECIMAL(18,%d) AS %s_hi, %[1]s::BIGINT AS %[3]s_rest", x, scale, stem)
	}
	hi, left := hiOf(x+"_q", scale), x+"_r"
	if scale == 0 {
		value := fmt.Sprintf("((%s_q::DECIMAL(19,0) * 0.1::DECIMAL(1,1))::%s + (%[1]s_r::DECIMAL(19,0) * 0.0000000000000000001::DECIMAL(19,19))::%[2]s)", x, amountType)
		hi = value + "::DECIMAL(18,0)"
		left = rest(value, "("+hi+")")
	}
	if stem == AmountColumn(showback.Amortized) || stem == AmountColumn(showback.NetAmortized) {
		hi, left = "coalesce("+hi+", 0)", "coalesce("+left+", 0)"
	}
	return fmt.Sprintf("(%s)::DECIMAL(18,%d) AS %s_hi, (%s)::BIGINT AS %[3]s_rest", hi, scale, stem, left)
}

// inPlace reads lines in their files. Amounts are put together from integers: see
// decode.
func (b *build) inPlace(of half, l lines, seg *Segment, stems []string) string {
	p := &placed{build: b, l: l, scan: of.keys(l), doubles: map[source.Field]string{}, digits: max(seg.AmountScale, 1), pairs: map[string]string{}}
	for _, stem := range stems {
		p.stem(stem)
	}
	from := decode(of.joined("SELECT "+p.scan.String()+" FROM "+l.from, p.more), p.costs, p.digits)
	if x, ok := p.doubles[source.Quantity]; ok {
		from = decode(from, []string{x}, max(seg.QuantityScale, 1))
	}
	for _, layer := range [][]string{p.values, p.sums, p.carried} {
		if len(layer) > 0 {
			from = "SELECT *, " + strings.Join(layer, ", ") + " FROM (" + from + ")"
		}
	}
	columns := slices.Clone(of.ids)
	for _, stem := range stems {
		scale := seg.AmountScale
		if stem == quantityStem {
			scale = seg.QuantityScale
		}
		columns = append(columns, p.columns(stem, scale))
	}
	return "SELECT " + strings.Join(columns, ", ") + " FROM (" + from + ")"
}
