package explore

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"showback"
)

// line is a charge of the fake engine. values has the key's text by its
// canonical name; "(untagged)" is a missing value with that cause. A key that
// is not there is (no KEY).
type line struct {
	day, currency string // the day may have an hour: 2026-10-05T13
	class         showback.ChargeClass
	notAI         bool
	values        map[string]string
	cost          string // on the basis asked for; "(not available)" for none
	unblended     string // empty: the same as cost
	tokens        string // empty: counts none
	quantity      string // of unit; empty: the type does not count
	unit          string
}

// fake is an engine over a few lines. classOff, when set, is added to the cost
// of each row by charge class, to break the proof of the total.
type fake struct {
	lines    []line
	coverage Coverage
	classOff showback.Decimal
	mu       sync.Mutex
	ran      []Plan
}

// note keeps that the plan ran. The first three, which a question runs side by
// side, stand in the order in which Ask has them.
func (f *fake) note(p Plan) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.ran = append(f.ran, p)
	if len(f.ran) <= 3 {
		slices.SortStableFunc(f.ran, func(a, b Plan) int { return besides(a) - besides(b) })
	}
}

func besides(p Plan) int {
	switch {
	case len(p.By) != 1:
	case p.By[0].Name == "charge-class":
		return 1
	case p.By[0].Name == "scope":
		return 2
	}
	return 0
}

func (f *fake) Coverage(context.Context) (Coverage, error) { return f.coverage, nil }

func (f *fake) Run(_ context.Context, p Plan) ([]Row, error) {
	f.note(p)
	rows := map[string]*Row{}
	units := map[string]map[string]bool{}
	for _, l := range f.lines {
		if !l.selected(p) {
			continue
		}
		row := Row{Start: spanAt(p.Period, p.Granularity, spanIndex(p.Period, p.Granularity, l.at())).Start, Currency: l.money()}
		for _, k := range p.By {
			row.Keys = append(row.Keys, l.value(k))
		}
		cost := l.cost
		if p.Basis == showback.Unblended && l.unblended != "" {
			cost = l.unblended
		}
		if cause, missing := strings.CutPrefix(cost, "("); missing {
			row.CostMissing, cost = showback.Missing(strings.TrimSuffix(cause, ")")), "0"
		}
		id := fmt.Sprint(row.Start, row.Keys, row.Currency, row.CostMissing)
		if rows[id] == nil {
			rows[id], units[id] = &row, map[string]bool{}
		}
		r := rows[id]
		r.Charges++
		r.Cost = r.Cost.Add(dec(cost))
		r.Unblended = r.Unblended.Add(dec(firstOf(l.unblended, cost)))
		if l.quantity != "" {
			units[id][l.unit] = true
			r.Quantity, r.Unit, r.Units = r.Quantity.Add(dec(l.quantity)), l.unit, len(units[id])
		}
		if l.tokens != "" {
			r.HasTokens = true
			r.Tokens, r.TokenCost = r.Tokens.Add(dec(l.tokens)), r.TokenCost.Add(dec(cost))
		}
	}
	var out []Row
	for _, r := range rows {
		if len(p.By) == 1 && p.By[0].Name == "charge-class" {
			r.Cost = r.Cost.Add(f.classOff)
		}
		out = append(out, *r)
	}
	return out, nil
}

func (f *fake) Values(_ context.Context, p Plan, key Key, limit int) ([]string, error) {
	var values []string
	for _, l := range f.lines {
		if v := l.value(key); l.selected(p) && v.Missing == "" && !slices.Contains(values, v.Text) {
			values = append(values, v.Text)
		}
	}
	return values[:min(limit, len(values))], nil
}

func (l line) at() time.Time {
	layout := time.DateOnly
	if strings.Contains(l.day, "T") {
		layout = "2006-01-02T15"
	}
	t, err := time.Parse(layout, l.day)
	if err != nil {
		panic(err)
	}
	return t
}

func (l line) money() string { return firstOf(l.currency, "USD") }

func (l line) selected(p Plan) bool {
	return p.Period.Contains(l.at()) && (p.Scope == ScopeAll || !l.notAI) &&
		(len(p.Classes) == 0 || slices.Contains(p.Classes, l.charged())) && l.passes(p.Filter)
}

func (l line) charged() showback.ChargeClass {
	if l.class == "" {
		return showback.ClassUsage
	}
	return l.class
}

func (l line) value(k Key) Value {
	text, ok := l.values[k.String()]
	switch {
	case k.Name == "charge-class":
		return Value{Text: string(l.charged())}
	case k.Name == "scope" && l.notAI:
		return Value{Text: ValueNotAI}
	case k.Name == "scope":
		return Value{Text: ValueAI}
	case !ok:
		return Value{Missing: showback.None(k.Name, "")}
	case strings.HasPrefix(text, "("):
		return Value{Missing: showback.Missing(strings.Trim(text, "()"))}
	}
	return Value{Text: text}
}

func (l line) passes(e Expr) bool {
	switch e := e.(type) {
	case nil:
		return true
	case And:
		return !slices.ContainsFunc(e.Terms, func(t Expr) bool { return !l.passes(t) })
	case Or:
		return slices.ContainsFunc(e.Terms, l.passes)
	case Not:
		return !l.passes(e.Term)
	case Absent:
		return l.value(e.Key).Missing != ""
	case Match:
		v := l.value(e.Key)
		return v.Missing == "" && slices.ContainsFunc(e.Values, func(p Pattern) bool { return p.Matches(v.Text, e.Key.FoldsCase()) })
	}
	panic(fmt.Sprintf("%T", e))
}

func dec(text string) showback.Decimal { return showback.MustDecimal(text) }

func firstOf(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// october is the coverage of one payer's closed October 2026.
func october() Coverage {
	return Coverage{Version: 7, Deliveries: []Delivered{delivered("111122223333", "2026-10")}}
}

func delivered(payer string, month showback.Month) Delivered {
	return Delivered{
		Payer: payer, Export: "cur", Month: month, Charges: 10,
		Bases: []showback.Basis{showback.Unblended}, CallerColumn: true,
		FirstDay: month.Start(), LastDay: month.End().AddDate(0, 0, -1),
		TagKeys: map[showback.TagKey]time.Time{{Source: showback.TagCaller, Name: "team"}: month.Start()},
	}
}

// days reads a half-open period from two inclusive dates.
func days(first, last string) showback.Period {
	p, err := ParsePeriod(first, last, "", time.Time{}, time.Time{})
	if err != nil {
		panic(err)
	}
	return p
}

// keys reads a list of keys.
func keys(list string) []Key {
	ks, err := ParseKeys(list)
	if err != nil {
		panic(err)
	}
	return ks
}

func where(text string) Expr {
	e, err := ParseWhere(text)
	if err != nil {
		panic(err)
	}
	return e
}

// shown writes an answer's rows and totals as a person would check them.
func shown(a *Answer) string {
	var b strings.Builder
	for _, block := range a.Blocks {
		fmt.Fprintln(&b, block.Currency)
		for _, r := range block.Rows {
			switch a.Question.Granularity {
			case Total:
			case Hourly:
				fmt.Fprint(&b, r.Start.Format("2006-01-02T15"), " ")
			default:
				fmt.Fprint(&b, r.Start.Format(time.DateOnly), " ")
			}
			for _, v := range r.Keys {
				fmt.Fprint(&b, v, " ")
			}
			if r.Others > 0 {
				fmt.Fprintf(&b, "others %d ", r.Others)
			}
			fmt.Fprint(&b, shownFigures(a, r.Figures, r.Previous))
			if r.Incomplete {
				fmt.Fprint(&b, " *")
			}
			fmt.Fprintln(&b)
		}
		fmt.Fprintln(&b, "total", shownFigures(a, block.Total, block.Previous))
		for _, c := range block.Classes {
			fmt.Fprintln(&b, " ", c.Class, figureText(Figure{c.Cost, c.Missing}))
		}
	}
	return b.String()
}

func shownFigures(a *Answer, f Figures, previous *Figures) string {
	var out []string
	for _, m := range a.Question.Measures {
		figure := map[Measure]Figure{Cost: f.Cost, Tokens: f.Tokens, Quantity: f.Quantity, UnitCost: f.UnitCost}[m]
		out = append(out, figureText(figure))
	}
	if previous != nil {
		out = append(out, "was "+figureText(previous.Cost))
	}
	return strings.Join(out, " ")
}

func figureText(f Figure) string {
	if f.Missing != "" {
		return "(" + string(f.Missing) + ")"
	}
	return f.Value.String()
}

func shownNotes(notes []Note) string {
	var b strings.Builder
	for _, n := range notes {
		fmt.Fprintf(&b, "%s: %s\n", n.Code, n.Text)
	}
	return b.String()
}
