package ledger

import (
	"context"
	"database/sql/driver"
	"fmt"
	"math"
	"slices"
	"strings"

	"showback"
	"showback/internal/explore"
	"showback/internal/identity"
)

// Rollup is a table of sums beside the facts of a segment. Its name is frozen
// with its detail: segments that have it are read by later programs.
type Rollup struct {
	Name   string
	Detail explore.Detail
}

// Rollups are all that this program knows, the finer before the coarser of
// their kind. A segment has those that pay, which its entry of the manifest
// lists; where one is absent, a finer one or the facts answer.
//
// A rollup has the columns of the fact that its detail names, one row for each
// combination of them, with charges, how many facts it stands for, and the
// pairs of the fact that are carried, summed. Its caller_id is that of the
// caller which stands for the group (caller_group; 1 for any caller where only
// presence is told), its meter_id likewise (meter_group).
var Rollups = []Rollup{
	{"roll_session_day", explore.Detail{Span: explore.Daily, Caller: explore.CallerExact, Tags: true, Account: true}},
	{"roll_principal_day", explore.Detail{Span: explore.Daily, Caller: explore.CallerPrincipal, Tags: true, Account: true}},
	{"roll_tag_day", explore.Detail{Span: explore.Daily, Tags: true}},
	{"roll_meter_hour", explore.Detail{Span: explore.Hourly, Meter: explore.MeterExact}},
	{"roll_meter_day", explore.Detail{Span: explore.Daily, Meter: explore.MeterExact, Account: true, Invoice: true}},
	{"roll_session_month", explore.Detail{Span: explore.Monthly, Caller: explore.CallerExact, Meter: explore.MeterExact, Tags: true, Account: true, Invoice: true}},
	{"roll_principal_month", explore.Detail{Span: explore.Monthly, Caller: explore.CallerPrincipal, Meter: explore.MeterExact, Tags: true, Account: true, Invoice: true}},
	{"roll_tag_month", explore.Detail{Span: explore.Monthly, Tags: true}},
	{"roll_meter_month", explore.Detail{Span: explore.Monthly, Meter: explore.MeterExact, Account: true, Invoice: true}},
}

// FactTable is the name of the table of facts.
const FactTable = "fact"

// Tables returns the tables from which the segment answers, the facts first.
// Rollups that this program does not know are left out.
func (s *Segment) Tables() []explore.Table { return tablesOf(s.Facts(), s.Rollups) }

func tablesOf(charges int64, rollups map[string]int64) []explore.Table {
	tables := []explore.Table{{Name: FactTable, Rows: charges, Detail: explore.FactDetail}}
	for _, r := range Rollups {
		if rows, ok := rollups[r.Name]; ok {
			tables = append(tables, explore.Table{Name: r.Name, Rows: rows, Detail: r.Detail})
		}
	}
	return tables
}

// rollupRule says which rollups are built.
type rollupRule struct {
	// from is the least number of facts for which any is.
	from int64
	// less is how many times smaller than the facts a rollup must be, and half
	// of it how many times smaller than another rollup that answers all it does.
	less int64
}

// usualRollups: below some ten thousand facts a question costs more to plan
// than to run. The factor is that of architecture: a rollup that is not three
// times smaller does not pay for its place.
var usualRollups = rollupRule{from: 20_000, less: 3}

// AlwaysRollUp builds every rollup of every segment loaded from now on, however
// small: for tests, which compare them with the facts on small bills.
func (s *Store) AlwaysRollUp() { s.rollups = &rollupRule{} }

// NeverRollUp builds none.
func (s *Store) NeverRollUp() { s.rollups = &rollupRule{from: math.MaxInt64} }

func (s *Store) rollupRule() rollupRule {
	if s.rollups != nil {
		return *s.rollups
	}
	return usualRollups
}

// rollUp builds the rollups that pay, each from the smallest table that holds
// all it needs, and proves that each has the sums of the facts.
func (b *build) rollUp(ctx context.Context, seg *Segment) error {
	rule := b.store.rollupRule()
	r := &rolling{build: b, seg: seg}
	if err := b.w.one(ctx, "SELECT count(*) FROM seg.fact", &r.facts); err != nil {
		return err
	}
	// A scale of 0 leaves rests that fill a BIGINT: their sums would not fit.
	if r.facts < rule.from || r.facts == 0 || seg.AmountScale == 0 || seg.QuantityScale == 0 {
		return nil
	}
	for _, step := range []func(context.Context) error{r.groups, r.amounts} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	tables := []explore.Table{{Name: FactTable, Rows: r.facts, Detail: explore.FactDetail}}
	var want []Totals
	seg.Rollups = map[string]int64{}
	for _, roll := range Rollups {
		from := explore.Smallest(tables, roll.Detail)
		less := rule.less
		if from.Name != FactTable {
			less = (less + 1) / 2
		}
		rows, err := r.estimate(ctx, roll, from.Name)
		if err != nil {
			return err
		}
		if rows*less > from.Rows {
			continue
		}
		if err := b.w.exec(ctx, r.create(roll, from.Name)); err != nil {
			return err
		}
		t := explore.Table{Name: roll.Name, Detail: roll.Detail}
		if err := b.w.one(ctx, "SELECT count(*) FROM seg."+roll.Name, &t.Rows); err != nil {
			return err
		}
		if want == nil {
			if want, err = r.totals(ctx, FactTable); err != nil {
				return err
			}
		}
		got, err := r.totals(ctx, roll.Name)
		if err != nil {
			return err
		}
		if !sameSums(want, got) {
			return showback.Errorf(showback.KindInternal, "build segment %s: %s does not hold what the facts do: facts %v, rollup %v", seg.File, roll.Name, want, got)
		}
		tables = append(tables, t)
		seg.Rollups[roll.Name] = t.Rows
	}
	return nil
}

// rolling is the building of a segment's rollups.
type rolling struct {
	*build
	seg      *Segment
	facts    int64
	pairs    []pairUse
	unpriced bool // some charges have no list price and others do
}

// pairUse says what of a pair of columns is not 0 everywhere.
type pairUse struct {
	stem     string
	scale    int
	hi, rest bool
}

// groups makes caller_group and meter_group: which caller, and which meter,
// stands for those that a coarser table does not tell apart. A table that uses
// them is only right as long as the members of each group still mean the same:
// readers check that (see internal/engine/duckdb).
func (r *rolling) groups(ctx context.Context) error {
	type callerKey struct{ principal, role string }
	var callers [][]driver.Value
	oneCaller := map[callerKey]int32{}
	err := r.w.each(ctx, "SELECT caller_id, arn FROM seg.caller ORDER BY caller_id", func(scan func(...any) error) error {
		var id int32
		var arn string
		if err := scan(&id, &arn); err != nil {
			return err
		}
		c := identity.Parse(arn)
		k := callerKey{identity.PrincipalARN(c), identity.Role(c)}
		if _, ok := oneCaller[k]; !ok {
			oneCaller[k] = id
		}
		callers = append(callers, []driver.Value{id, oneCaller[k]})
		return nil
	})
	if err != nil {
		return err
	}
	if err := r.group(ctx, "caller", callers); err != nil {
		return err
	}
	type meterKey struct {
		unit, service, provider, model string
		ai, known, inference           bool
		multiplier                     int64
	}
	var meters [][]driver.Value
	oneMeter := map[meterKey]int32{}
	err = r.w.each(ctx, "SELECT DISTINCT meter_id FROM seg.fact ORDER BY 1", func(scan func(...any) error) error {
		var id int32
		if err := scan(&id); err != nil {
			return err
		}
		m, g := r.dims.meters[id-1], r.dims.meanings[id-1]
		k := meterKey{m.Unit, g.Service, g.Provider, g.Model, g.AI, g.Known, g.Inference, g.Multiplier}
		if _, ok := oneMeter[k]; !ok {
			oneMeter[k] = id
		}
		meters = append(meters, []driver.Value{id, oneMeter[k]})
		return nil
	})
	if err != nil {
		return err
	}
	return r.group(ctx, "meter", meters)
}

// group writes seg.<of>_group by way of a table of the working database, which
// the appender can reach.
func (r *rolling) group(ctx context.Context, of string, rows [][]driver.Value) error {
	if err := r.w.fillMap(ctx, of+"_one", of+"_id INTEGER, one INTEGER", rows); err != nil {
		return err
	}
	return r.w.exec(ctx, fmt.Sprintf("CREATE TABLE seg.%[1]s_group (%[1]s_id INTEGER NOT NULL, one INTEGER NOT NULL);"+
		" INSERT INTO seg.%[1]s_group FROM %[1]s_one ORDER BY 1", of))
}

// amounts finds out which pairs have anything to sum.
func (r *rolling) amounts(ctx context.Context) error {
	r.pairs = []pairUse{{stem: "quantity", scale: r.seg.QuantityScale}}
	for _, basis := range showback.Bases {
		if slices.Contains(r.seg.Bases, basis) {
			r.pairs = append(r.pairs, pairUse{stem: AmountColumn(basis), scale: r.seg.AmountScale})
		}
	}
	query, dest := "SELECT count(list_hi) NOT IN (0, count(*))", []any{&r.unpriced}
	for i := range r.pairs {
		p := &r.pairs[i]
		query += fmt.Sprintf(", coalesce(bool_or(%[1]s_hi <> 0), false), coalesce(bool_or(%[1]s_rest <> 0), false)", p.stem)
		dest = append(dest, &p.hi, &p.rest)
	}
	return r.w.one(ctx, query+" FROM seg.fact", dest...)
}

// estimate counts about how many rows a rollup of the table would have: to count
// is a fraction of the work of making it.
func (r *rolling) estimate(ctx context.Context, roll Rollup, from string) (rows int64, err error) {
	exprs, _ := r.keys(roll.Detail)
	err = r.w.one(ctx, "SELECT approx_count_distinct(hash("+strings.Join(exprs, ", ")+")) FROM seg."+from+" x"+groupJoins, &rows)
	return rows, err
}

const groupJoins = " LEFT JOIN seg.caller_group cg ON cg.caller_id = x.caller_id LEFT JOIN seg.meter_group mg ON mg.meter_id = x.meter_id"

// keys returns what a rollup groups by, as expressions over x, a finer table,
// and the names of its columns.
func (r *rolling) keys(d explore.Detail) (exprs, names []string) {
	add := func(name, expr string) {
		exprs, names = append(exprs, expr), append(names, name)
	}
	// In the order in which the rows are sorted: what questions filter by first.
	switch d.Caller {
	case explore.CallerExact:
		add("caller_id", "x.caller_id")
	case explore.CallerPrincipal:
		add("caller_id", "coalesce(cg.one, 0)")
	default:
		add("caller_id", "least(x.caller_id, 1)")
	}
	if d.Span != explore.Monthly {
		add("day", "x.day")
	}
	if d.Span == explore.Hourly {
		add("hour", "x.hour")
	}
	if d.Tags {
		add("tagset_id", "x.tagset_id")
	}
	if d.Meter == explore.MeterExact {
		add("meter_id", "x.meter_id")
	} else {
		add("meter_id", "mg.one")
	}
	if d.Account {
		add("account_id", "x.account_id")
	}
	if d.Invoice {
		add("invoice_id", "x.invoice_id")
		add("bill_type_id", "x.bill_type_id")
	}
	add("charge_type_id", "x.charge_type_id")
	add("payer_id", "x.payer_id")
	add("currency_id", "x.currency_id")
	return exprs, names
}

// create writes the statement that makes a rollup from a finer table.
func (r *rolling) create(roll Rollup, from string) string {
	exprs, names := r.keys(roll.Detail)
	groups := slices.Clone(exprs)
	if r.unpriced {
		groups = append(groups, "x.list_hi IS NULL")
	}
	columns := make([]string, len(exprs))
	for i := range exprs {
		columns[i] = exprs[i] + " AS " + names[i]
	}
	charges := "count(*)"
	if from != FactTable {
		charges = "sum(x.charges)::BIGINT"
	}
	columns = append(columns, charges+" AS charges")
	for _, p := range r.pairs {
		columns = append(columns, p.sums()...)
	}
	return "CREATE TABLE seg." + roll.Name + " AS SELECT " + strings.Join(columns, ", ") + " FROM seg." + from + " x" + groupJoins +
		" GROUP BY " + strings.Join(groups, ", ") + " ORDER BY " + strings.Join(names, ", ")
}

// sums returns the columns of the pair, summed: what the rests add up to
// beyond one unit of hi goes to hi, so that each still fits its type.
func (p pairUse) sums() []string {
	unit := "10" + strings.Repeat("0", 18-p.scale) // of hi, in units of rest
	hi, rest := fmt.Sprintf("sum(x.%s_hi)", p.stem), fmt.Sprintf("sum(x.%s_rest)", p.stem)
	if p.rest {
		last := "0." + strings.Repeat("0", p.scale-1) + "1"
		hi = fmt.Sprintf("%s + (%s // %s)::DECIMAL(18,0) * %s::DECIMAL(18,%d)", hi, rest, unit, last, p.scale)
		rest = fmt.Sprintf("%s %% %s", rest, unit)
	} else {
		rest = fmt.Sprintf("CASE WHEN count(x.%s_rest) > 0 THEN 0 END", p.stem)
	}
	if !p.hi {
		hi = fmt.Sprintf("CASE WHEN count(x.%s_hi) > 0 THEN 0 END", p.stem)
	}
	return []string{fmt.Sprintf("(%s)::DECIMAL(18,%d) AS %s_hi", hi, p.scale, p.stem), fmt.Sprintf("(%s)::BIGINT AS %s_rest", rest, p.stem)}
}

// totals sums a table by currency: how many charges, and each pair.
func (r *rolling) totals(ctx context.Context, table string) ([]Totals, error) {
	charges := "count(*)"
	if table != FactTable {
		charges = "sum(charges)::BIGINT"
	}
	query := "SELECT currency_id::VARCHAR, " + charges
	for _, p := range r.pairs {
		query += fmt.Sprintf(", coalesce(sum(%[1]s_hi), 0)::VARCHAR, coalesce(sum(%[1]s_rest), 0)::VARCHAR", p.stem)
	}
	var all []Totals
	err := r.w.each(ctx, query+" FROM seg."+table+" GROUP BY 1 ORDER BY 1", func(scan func(...any) error) error {
		t := Totals{Amounts: map[showback.Basis]showback.Decimal{}}
		texts := make([]string, 2*len(r.pairs))
		dest := []any{&t.Currency, &t.Charges}
		for i := range texts {
			dest = append(dest, &texts[i])
		}
		if err := scan(dest...); err != nil {
			return err
		}
		for i, p := range r.pairs {
			amount, err := fromPair(texts[2*i], texts[2*i+1])
			if err != nil {
				return err
			}
			t.Amounts[showback.Basis(p.stem)] = amount
		}
		all = append(all, t)
		return nil
	})
	return all, err
}

func sameSums(a, b []Totals) bool {
	return slices.EqualFunc(a, b, func(a, b Totals) bool {
		if a.Currency != b.Currency || a.Charges != b.Charges {
			return false
		}
		for stem, amount := range a.Amounts {
			if !amount.Equal(b.Amounts[stem]) {
				return false
			}
		}
		return true
	})
}
