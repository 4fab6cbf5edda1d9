package duckdb

import (
	"database/sql"
	"encoding/binary"
	"slices"
	"time"

	"showback"
	"showback/internal/explore"
)

// restUnit is what the rest of an amount counts.
var restUnit = showback.MustDecimal("1e-19")

// partial is a row of one segment: charges of one unit and one multiplier.
type partial struct {
	explore.Row
	unit    string
	hasUnit bool
}

// read reads the result of a query of sqlgen that sums what summed names. The
// caller closes rows.
func read(rows *sql.Rows, p explore.Plan, month showback.Month, summed []string) ([]partial, error) {
	var (
		all        []partial
		day        sql.NullTime
		keys       = make([]sql.NullString, 2*len(p.By))
		currency   sql.NullString
		missing    string
		unit       sql.NullString
		multiplier sql.NullInt64
		charges    int64
		sums       = make([]sql.NullString, 2*len(summed)) // hi and rest
	)
	dest := []any{&day}
	for i := range keys {
		dest = append(dest, &keys[i])
	}
	dest = append(dest, &currency, &missing, &unit, &multiplier, &charges)
	for i := range sums {
		dest = append(dest, &sums[i])
	}
	tokens, quantity := p.Carries(explore.Tokens), p.Carries(explore.Quantity)
	for rows.Next() {
		if err := rows.Scan(dest...); err != nil {
			return nil, err
		}
		r := partial{unit: unit.String, hasUnit: unit.Valid}
		r.Start = spanStart(p, month, day.Time)
		r.Currency, r.CostMissing, r.Charges = currency.String, showback.Missing(missing), charges
		r.Keys = make([]explore.Value, len(p.By))
		for i := range p.By {
			text, cause := keys[2*i], keys[2*i+1]
			r.Keys[i] = explore.Value{Text: text.String, Missing: showback.Missing(cause.String)}
			if text.Valid == cause.Valid {
				return nil, showback.Errorf(showback.KindCorrupt, "a charge has neither a value nor a cause for %s: an id is in no dictionary", p.By[i])
			}
		}
		if !currency.Valid || !multiplier.Valid {
			return nil, showback.Errorf(showback.KindCorrupt, "a charge has no currency or no meter: an id is in no dictionary")
		}
		if err := r.amounts(p, summed, sums, multiplier.Int64); err != nil {
			return nil, err
		}
		r.without(!tokens, !quantity)
		all = append(all, r)
	}
	return all, rows.Err()
}

// without clears what was not asked for.
func (r *partial) without(tokens, quantity bool) {
	if tokens {
		r.HasTokens, r.Tokens, r.TokenCost = false, showback.Decimal{}, showback.Decimal{}
	}
	if quantity {
		r.hasUnit, r.Quantity = false, showback.Decimal{}
	}
}

// amounts sets the sums of a row.
func (r *partial) amounts(p explore.Plan, summed []string, sums []sql.NullString, multiplier int64) error {
	amounts := map[string]showback.Decimal{}
	for i, name := range summed {
		amount, err := pair(sums[2*i], sums[2*i+1])
		if err != nil {
			return err
		}
		amounts[name] = amount
	}
	r.Unblended = amounts["unblended"]
	if r.CostMissing == "" {
		r.Cost = amounts["cost"]
		if p.Basis == showback.Unblended {
			r.Cost = r.Unblended
		}
	}
	if !r.hasUnit {
		return nil
	}
	r.Quantity = amounts["quantity"]
	if multiplier != 0 {
		r.HasTokens = true
		r.Tokens = r.Quantity.Mul(showback.DecimalFromInt(multiplier))
		r.TokenCost = r.Cost
	}
	return nil
}

// pair puts the sums of an amount's two parts together; NULL is 0.
func pair(hi, rest sql.NullString) (showback.Decimal, error) {
	if !hi.Valid {
		return showback.Decimal{}, nil
	}
	sum, err := showback.ParseDecimal(hi.String)
	if err != nil || !rest.Valid || rest.String == "0" {
		return sum, err
	}
	r, err := showback.ParseDecimal(rest.String)
	return sum.Add(r.Mul(restUnit)), err
}

// spanStart returns the first instant of the span that starts at day in the
// month: a week or a month that begins before the period begins with it.
func spanStart(p explore.Plan, month showback.Month, day time.Time) time.Time {
	switch p.Granularity {
	case explore.Daily, explore.Hourly:
		return day.UTC()
	case explore.Weekly:
		if start := day.UTC(); start.After(p.Period.Start) {
			return start
		}
	case explore.Monthly:
		if start := month.Start(); start.After(p.Period.Start) {
			return start
		}
	}
	return p.Period.Start
}

// merger adds rows of segments that belong together.
type merger struct {
	groups map[string]*group
	id     []byte // of the row under hand
}

// group is a row of the answer in the making, with its units, sorted.
type group struct {
	explore.Row
	units []string
}

func newMerger() *merger { return &merger{groups: map[string]*group{}} }

func (m *merger) add(rows []partial) {
	for i := range rows {
		r := &rows[i]
		m.identify(&r.Row)
		g := m.groups[string(m.id)]
		if g == nil {
			g = &group{Row: r.Row}
			m.groups[string(m.id)] = g
		} else {
			g.add(&r.Row)
		}
		if at, found := slices.BinarySearch(g.units, r.unit); r.hasUnit && !found {
			g.units = slices.Insert(g.units, at, r.unit)
		}
	}
}

func (g *group) add(r *explore.Row) {
	g.Charges += r.Charges
	g.Cost = g.Cost.Add(r.Cost)
	g.Unblended = g.Unblended.Add(r.Unblended)
	g.Quantity = g.Quantity.Add(r.Quantity)
	if r.HasTokens {
		g.HasTokens = true
		g.Tokens = g.Tokens.Add(r.Tokens)
		g.TokenCost = g.TokenCost.Add(r.TokenCost)
	}
}

// identify sets m.id to what is the same for two rows exactly when they are one.
func (m *merger) identify(r *explore.Row) {
	m.id = binary.BigEndian.AppendUint64(m.id[:0], uint64(r.Start.Unix()))
	text := func(s string) {
		m.id = binary.AppendUvarint(m.id, uint64(len(s)))
		m.id = append(m.id, s...)
	}
	text(r.Currency)
	text(string(r.CostMissing))
	for _, v := range r.Keys {
		text(v.Text)
		text(string(v.Missing))
	}
}

func (m *merger) rows() []explore.Row {
	rows := make([]explore.Row, 0, len(m.groups))
	for _, g := range m.groups {
		g.Units = len(g.units)
		if g.Units == 1 {
			g.Unit = g.units[0]
		}
		rows = append(rows, g.Row)
	}
	return rows
}
