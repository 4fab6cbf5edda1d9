package reconcile

import (
	"context"
	"maps"
	"slices"
	"strings"

	"showback"
	"showback/internal/explore"
)

// CurrencyPart says which dollars of one currency can be given to somebody, as
// the ledger answers it, on the unblended basis. WithCaller and the causes of
// NoCaller add up to AI; so do the parts of each of Tags.
type CurrencyPart struct {
	Currency   string           `json:"currency"`
	Bill       showback.Decimal `json:"bill"` // the whole bill
	AI         showback.Decimal `json:"ai"`
	WithCaller showback.Decimal `json:"with_caller"`
	NoCaller   []Cause          `json:"no_caller"`
	Tags       []TagPart        `json:"tags"`
	// Unallocated are AI charges with neither a caller nor any tag, by why they
	// have no caller.
	Unallocated []Cause `json:"unallocated"`
}

// TagPart is how much of the AI spend carries a tag key.
type TagPart struct {
	Key    string           `json:"key"` // iamPrincipal/team
	Tagged showback.Decimal `json:"tagged"`
	None   []Cause          `json:"none"`
}

// Cause is a part without a value, and why.
type Cause struct {
	Cause   showback.Missing `json:"cause"`
	Charges int64            `json:"charges"`
	Cost    showback.Decimal `json:"cost"`
}

// Shares works out the parts for the charges of the months, by currency. Tag
// keys that are too wide to keep are left out.
func Shares(ctx context.Context, engine explore.Engine, months []showback.Month) ([]CurrencyPart, error) {
	coverage, err := engine.Coverage(ctx)
	if err != nil {
		return nil, showback.Errorf(showback.KindOf(err), "read coverage: %w", err)
	}
	tags := tagKeys(coverage, months)
	q := sharesQuery{ctx: ctx, engine: engine, periods: periods(months), parts: map[string]*CurrencyPart{}}

	q.ask(explore.ScopeAll, nil, nil, func(p *CurrencyPart, r explore.Row) {
		p.Bill = p.Bill.Add(r.Cost)
	})
	caller := key("caller")
	q.ask(explore.ScopeAI, &caller, nil, func(p *CurrencyPart, r explore.Row) {
		p.AI = p.AI.Add(r.Cost)
		split(&p.WithCaller, &p.NoCaller, r)
	})
	nobody := explore.And{Terms: []explore.Expr{explore.Absent{Key: caller}}}
	for i, tag := range tags {
		by := explore.TagKeyed(tag)
		nobody.Terms = append(nobody.Terms, explore.Absent{Key: by})
		q.ask(explore.ScopeAI, &by, nil, func(p *CurrencyPart, r explore.Row) {
			for len(p.Tags) <= i {
				p.Tags = append(p.Tags, TagPart{Key: tags[len(p.Tags)].String(), None: []Cause{}})
			}
			split(&p.Tags[i].Tagged, &p.Tags[i].None, r)
		})
	}
	var ignored showback.Decimal // the filter lets nothing with a caller through
	q.ask(explore.ScopeAI, &caller, nobody, func(p *CurrencyPart, r explore.Row) {
		split(&ignored, &p.Unallocated, r)
	})
	if q.err != nil {
		return nil, q.err
	}
	return q.sorted(), nil
}

// sharesQuery asks the engine and keeps the first error.
type sharesQuery struct {
	ctx     context.Context
	engine  explore.Engine
	periods []showback.Period
	parts   map[string]*CurrencyPart // by currency
	err     error
}

func (q *sharesQuery) ask(scope explore.Scope, by *explore.Key, filter explore.Expr, take func(*CurrencyPart, explore.Row)) {
	plan := explore.Plan{
		Granularity: explore.Total, Filter: filter, Basis: showback.Unblended,
		Scope: scope, TagView: explore.TagsBilled, Measures: []explore.Measure{explore.Cost},
	}
	if by != nil {
		plan.By = []explore.Key{*by}
	}
	for _, period := range q.periods {
		if q.err != nil {
			return
		}
		plan.Period = period
		rows, err := q.engine.Run(q.ctx, plan)
		if err != nil {
			q.err = showback.Errorf(showback.KindOf(err), "sum shares: %w", err)
			return
		}
		for _, r := range rows {
			p := q.parts[r.Currency]
			if p == nil {
				p = &CurrencyPart{Currency: r.Currency, NoCaller: []Cause{}, Tags: []TagPart{}, Unallocated: []Cause{}}
				q.parts[r.Currency] = p
			}
			take(p, r)
		}
	}
}

func (q *sharesQuery) sorted() []CurrencyPart {
	out := make([]CurrencyPart, 0, len(q.parts))
	for _, currency := range slices.Sorted(maps.Keys(q.parts)) {
		p := q.parts[currency]
		sortCauses(p.NoCaller)
		sortCauses(p.Unallocated)
		for _, t := range p.Tags {
			sortCauses(t.None)
		}
		out = append(out, *p)
	}
	return out
}

// split adds a row to what has a value or to its cause.
func split(with *showback.Decimal, without *[]Cause, r explore.Row) {
	missing := r.Keys[0].Missing
	if missing == "" {
		*with = with.Add(r.Cost)
		return
	}
	i := slices.IndexFunc(*without, func(c Cause) bool { return c.Cause == missing })
	if i < 0 {
		i = len(*without)
		*without = append(*without, Cause{Cause: missing})
	}
	c := &(*without)[i]
	c.Charges += r.Charges
	c.Cost = c.Cost.Add(r.Cost)
}

func sortCauses(causes []Cause) {
	slices.SortFunc(causes, func(a, b Cause) int { return strings.Compare(string(a.Cause), string(b.Cause)) })
}

// tagKeys are the keys that a delivery of the months has, sorted.
func tagKeys(coverage explore.Coverage, months []showback.Month) []showback.TagKey {
	keys := map[showback.TagKey]bool{}
	for _, d := range coverage.Deliveries {
		if slices.Contains(months, d.Month) {
			for k := range d.TagKeys {
				keys[k] = true
			}
		}
	}
	for _, d := range coverage.Deliveries {
		if slices.Contains(months, d.Month) {
			for _, k := range d.WideKeys {
				delete(keys, k)
			}
		}
	}
	return slices.SortedFunc(maps.Keys(keys), func(a, b showback.TagKey) int {
		return strings.Compare(a.String(), b.String())
	})
}

// periods joins months that follow each other.
func periods(months []showback.Month) []showback.Period {
	var out []showback.Period
	for _, m := range slices.Sorted(slices.Values(months)) {
		if n := len(out); n > 0 && out[n-1].End.Equal(m.Start()) {
			out[n-1].End = m.End()
			continue
		}
		out = append(out, m.Period())
	}
	return out
}
