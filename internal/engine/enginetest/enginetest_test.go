package enginetest

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"showback"
	"showback/internal/engine/mem"
	"showback/internal/explore"
	"showback/internal/explore/exploretest"
	"showback/internal/source"
)

func openMem(_ testing.TB, charges []showback.Charge) explore.Engine {
	return mem.New(charges, mem.Cover(charges))
}

// wrong is an engine that answers as the oracle does, but for one fault.
type wrong struct {
	explore.Engine
	rows     func([]explore.Row) []explore.Row
	values   func([]string) []string
	coverage func(explore.Coverage) explore.Coverage
	plan     func(explore.Plan) explore.Plan
	fail     bool
}

func (w wrong) Run(ctx context.Context, p explore.Plan) ([]explore.Row, error) {
	if w.fail {
		return nil, errors.New("out of luck")
	}
	if w.plan != nil {
		p = w.plan(p)
	}
	rows, err := w.Engine.Run(ctx, p)
	if w.rows != nil && len(rows) > 0 {
		rows = w.rows(rows)
	}
	return rows, err
}

func (w wrong) Values(ctx context.Context, p explore.Plan, k explore.Key, limit int) ([]string, error) {
	values, err := w.Engine.Values(ctx, p, k, limit)
	if w.values != nil {
		values = w.values(values)
	}
	return values, err
}

func (w wrong) Coverage(ctx context.Context) (explore.Coverage, error) {
	cov, err := w.Engine.Coverage(ctx)
	if w.coverage != nil && len(cov.Deliveries) > 0 {
		cov = w.coverage(cov)
	}
	return cov, err
}

// failures is a test that keeps what is reported.
type failures struct {
	testing.TB
	text string
}

func (f *failures) Helper() {}
func (f *failures) Fatalf(format string, args ...any) {
	f.text = fmt.Sprintf(format, args...)
	panic(f)
}

// compareWrong compares faulty engines over some sets until one is found out.
func compareWrong(t *testing.T, fault wrong) (report string) {
	f := &failures{TB: t}
	defer func() {
		if r := recover(); r != nil && r != any(f) {
			panic(r)
		}
		report = f.text
	}()
	for seed := range uint64(20) {
		compareSet(f, seed, func(t testing.TB, charges []showback.Charge) explore.Engine {
			fault.Engine = openMem(t, charges)
			return fault
		})
	}
	return ""
}

func TestCompareFindsFaults(t *testing.T) {
	f := func(name, want string, fault wrong) {
		t.Helper()
		switch got := compareWrong(t, fault); {
		case got == "":
			t.Errorf("%s: not found out", name)
		case !strings.Contains(got, want):
			t.Errorf("%s: got\n%s\nwant %s", name, got, want)
		case want != "coverage:" && !strings.Contains(got, "\nload\n"):
			t.Errorf("%s: got\n%s\nwant a load step", name, got)
		}
	}
	tiny := showback.MustDecimal("0.0000000000000000001")
	f("a failure", "fails: out of luck", wrong{fail: true})
	f("a row lost", "absent:", wrong{rows: func(r []explore.Row) []explore.Row { return r[1:] }})
	f("a row twice", "twice:", wrong{rows: func(r []explore.Row) []explore.Row { return append(r, r[0]) }})
	f("a cost off by 1e-19", "cost=", wrong{rows: func(r []explore.Row) []explore.Row { r[0].Cost = r[0].Cost.Add(tiny); return r }})
	f("an unblended off by 1e-19", "unblended=", wrong{rows: func(r []explore.Row) []explore.Row { r[0].Unblended = r[0].Unblended.Sub(tiny); return r }})
	f("a quantity off", "quantity=", wrong{rows: func(r []explore.Row) []explore.Row { r[0].Quantity = r[0].Quantity.Add(tiny); return r }})
	f("tokens off", "tokens=", wrong{rows: func(r []explore.Row) []explore.Row { r[0].Tokens = r[0].Tokens.Add(tiny); return r }})
	f("a token cost off", "token-cost=", wrong{rows: func(r []explore.Row) []explore.Row { r[0].TokenCost = r[0].TokenCost.Add(tiny); return r }})
	f("a charge too many", "charges=", wrong{rows: func(r []explore.Row) []explore.Row { r[0].Charges++; return r }})
	f("a start", "unexpected:", wrong{rows: func(r []explore.Row) []explore.Row { r[0].Start = r[0].Start.Add(time.Hour); return r }})
	f("a unit", "unit=", wrong{rows: func(r []explore.Row) []explore.Row { r[0].Unit = "furlongs"; return r }})
	f("a cause", "unexpected:", wrong{rows: func(r []explore.Row) []explore.Row { r[0].CostMissing = showback.NotAI; return r }})
	f("a filter not applied", "", wrong{plan: func(p explore.Plan) explore.Plan { p.Filter = nil; return p }})
	f("classes not applied", "", wrong{plan: func(p explore.Plan) explore.Plan { p.Classes = nil; return p }})
	f("the scope not applied", "", wrong{plan: func(p explore.Plan) explore.Plan { p.Scope = explore.ScopeAll; return p }})
	f("a day too many", "", wrong{plan: func(p explore.Plan) explore.Plan { p.Period.End = p.Period.End.AddDate(0, 0, 1); return p }})
	granularity := func(from, to explore.Granularity) wrong {
		return wrong{plan: func(p explore.Plan) explore.Plan {
			if p.Granularity == from {
				p.Granularity = to
			}
			return p
		}}
	}
	f("hours as days", "", granularity(explore.Hourly, explore.Daily))
	f("weeks as days", "", granularity(explore.Weekly, explore.Daily))
	f("figures that were not asked", "", wrong{plan: func(p explore.Plan) explore.Plan { p.Measures = nil; return p }})
	f("a figure that was asked left out", "", wrong{plan: func(p explore.Plan) explore.Plan { p.Measures = []explore.Measure{explore.Cost}; return p }})
	f("another basis", "", wrong{plan: func(p explore.Plan) explore.Plan { p.Basis = showback.Unblended; return p }})
	f("values in another order", "got values", wrong{values: func(v []string) []string {
		if len(v) > 1 {
			v[0], v[1] = v[1], v[0]
		}
		return v
	}})
	f("hours where there are days", "coverage:", wrong{coverage: func(c explore.Coverage) explore.Coverage {
		c.Deliveries = append([]explore.Delivered(nil), c.Deliveries...)
		c.Deliveries[0].Hourly = !c.Deliveries[0].Hourly
		return c
	}})
	f("an open month closed", "coverage:", wrong{coverage: func(c explore.Coverage) explore.Coverage {
		c.Deliveries = append([]explore.Delivered(nil), c.Deliveries...)
		c.Deliveries[0].Open = !c.Deliveries[0].Open
		return c
	}})
}

// TestShrink proves that a failure is shown over few charges.
func TestShrink(t *testing.T) {
	report := compareWrong(t, wrong{plan: func(p explore.Plan) explore.Plan { p.Scope = explore.ScopeAll; return p }})
	_, script, _ := strings.Cut(report, "\nload\n")
	if n := strings.Count(strings.TrimSpace(script), "\n") + 1; n != 1 {
		t.Errorf("shown over %d charges, want 1:\n%s", n, report)
	}
}

// TestGeneratorReaches proves that random questions come to what they are for:
// every cause, every class, values and none on every key, rows without cost.
func TestGeneratorReaches(t *testing.T) {
	seen := map[string]bool{}
	for seed := range uint64(60) {
		g := newGenerator(seed)
		filled := fill(g.charges(mostCharges))
		e := mem.New(filled, mem.Cover(filled))
		for _, basis := range showback.Bases {
			for _, k := range allKeys() {
				rows, err := e.Run(t.Context(), explore.Plan{
					Period: showback.Period{Start: months[0].Start(), End: months[2].End()},
					By:     []explore.Key{k}, Basis: basis, Scope: explore.ScopeAll,
				})
				if err != nil {
					t.Fatal(err)
				}
				for _, r := range rows {
					seen[string(r.Keys[0].Missing)] = true
					if r.Keys[0].Missing == "" {
						seen["value of "+k.String()] = true
					}
					if k.Name == "charge-class" {
						seen[r.Keys[0].Text] = true
					}
					if r.Units > 1 {
						seen[string(showback.MixedUnits)] = true
					}
					seen[string(basis)+string(r.CostMissing)] = true
				}
			}
		}
	}
	want := []showback.Missing{
		showback.Untagged, showback.NotSeenYet, showback.Unclassified, showback.NotAI, showback.MixedUnits,
		showback.NoCallerCol, showback.NoCallerEmpty, showback.NoCallerOther, showback.NoCallerTax,
		showback.NoCallerCred, showback.NoCallerDisc, showback.NoCallerFee,
		"no role", "no session", "no person", "no model", "no model: tax", "no model: fee", "no route", "no region",
		"no usage type", "no operation", "no resource", "no invoice", "no invoicing entity",
		"listno list price", "listnot available", "amortizednot available", "net-amortizednot available",
		"amortized", "net-amortized", "blended", "net-unblended", "list",
	}
	for _, c := range showback.ChargeClasses {
		want = append(want, showback.Missing(c))
	}
	for _, k := range allKeys() {
		if k.Tag.Name != "nobody-has-it" {
			want = append(want, showback.Missing("value of "+k.String()))
		}
	}
	for _, w := range want {
		if !seen[string(w)] {
			t.Errorf("%q never comes up", w)
		}
	}
}

func TestGeneratorRepeats(t *testing.T) {
	if a, b := exploretest.Format(newGenerator(7).charges(40)), exploretest.Format(newGenerator(7).charges(40)); a != b {
		t.Errorf("the same seed gives\n%s\nand\n%s", a, b)
	}
}

// TestWriteCSV proves that what the scripts and the generator make can be
// written, and that the amounts follow from the columns.
func TestWriteCSV(t *testing.T) {
	loads, err := exploretest.BuiltinLoads()
	if err != nil {
		t.Fatal(err)
	}
	for seed := range uint64(100) {
		loads = append(loads, fill(newGenerator(seed).charges(mostCharges)))
	}
	types := map[string]bool{}
	for _, charges := range loads {
		for _, d := range Deliveries(charges) {
			var b bytes.Buffer
			if err := WriteCSV(&b, d.Charges); err != nil {
				t.Fatalf("%v in\n%s", err, exploretest.Format(d.Charges))
			}
			checkCSV(t, b.String(), d.Charges)
			for _, c := range d.Charges {
				types[c.Type] = true
			}
		}
	}
	for _, want := range append(append([]string{}, otherTypes...), commitmentTypes...) {
		if !types[want] {
			t.Errorf("no %s charge was written", want)
		}
	}
}

// checkCSV reads the file back by the table of ARCHITECTURE.md §3.
func checkCSV(t *testing.T, text string, charges []showback.Charge) {
	t.Helper()
	records, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if len(records) != len(charges)+1 {
		t.Fatalf("%d records, want %d", len(records)-1, len(charges))
	}
	has := map[source.Field]bool{}
	for _, name := range records[0] {
		has[source.Field(name)] = true
	}
	for i, c := range charges {
		cell := map[source.Field]string{}
		for j, name := range records[0] {
			cell[source.Field(name)] = records[i+1][j]
		}
		amount := func(f source.Field) showback.Decimal {
			if cell[f] == "" {
				return showback.Decimal{}
			}
			return showback.MustDecimal(cell[f])
		}
		want := map[showback.Basis]showback.Decimal{
			showback.Unblended: amount(source.Unblended), showback.NetUnblended: amount(source.NetCost),
			showback.Amortized: amount(source.Unblended), showback.NetAmortized: amount(source.NetCost),
			showback.Blended: amount(source.Blended), showback.List: amount(source.ListCost),
		}
		switch c.Type {
		case "SavingsPlanCoveredUsage":
			want[showback.Amortized], want[showback.NetAmortized] = amount(source.SPEffective), amount(source.SPNetEffective)
		case "SavingsPlanRecurringFee":
			unused := amount(source.SPTotalCommitment).Sub(amount(source.SPUsedCommitment))
			want[showback.Amortized], want[showback.NetAmortized] = unused, unused
		case "SavingsPlanNegation", "SavingsPlanUpfrontFee":
			want[showback.Amortized], want[showback.NetAmortized] = showback.Decimal{}, showback.Decimal{}
		case "DiscountedUsage":
			want[showback.Amortized], want[showback.NetAmortized] = amount(source.RIEffective), amount(source.RINetEffective)
		case "RIFee":
			want[showback.Amortized] = amount(source.RIUnusedUpfront).Add(amount(source.RIUnusedRecurring))
			want[showback.NetAmortized] = amount(source.RINetUnusedUpfront).Add(amount(source.RINetUnusedRecurring))
		case "Fee":
			if cell[source.RIARN] != "" {
				want[showback.Amortized], want[showback.NetAmortized] = showback.Decimal{}, showback.Decimal{}
			}
		}
		for b, got := range c.Amounts {
			if !got.Equal(want[b]) {
				t.Errorf("row %d, %s: %s is %s in the file, %s on the charge\n%s", i+1, c.Type, b, want[b], got, text)
			}
		}
		if has[source.Caller] == c.NoCallerColumn || cell[source.Caller] != c.Caller {
			t.Errorf("row %d: caller is %q in the file, %q on the charge", i+1, cell[source.Caller], c.Caller)
		}
		var tags map[string]string
		if err := json.Unmarshal([]byte(cell[source.Tags]), &tags); err != nil {
			t.Fatal(err)
		}
		for key, value := range c.Tags {
			if value != "" && tags[key.String()] != value {
				t.Errorf("row %d: %s is %q in the file, %q on the charge", i+1, key, tags[key.String()], value)
			}
		}
	}
}

func TestWriteCSVRefuses(t *testing.T) {
	amounts := func(unblended, amortized string) map[showback.Basis]showback.Decimal {
		return map[showback.Basis]showback.Decimal{
			showback.Unblended: showback.MustDecimal(unblended), showback.Amortized: showback.MustDecimal(amortized),
		}
	}
	f := func(want string, charges ...showback.Charge) {
		t.Helper()
		err := WriteCSV(io.Discard, charges)
		if err == nil || !strings.Contains(err.Error(), want) || showback.KindOf(err) != showback.KindInvalid {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	october := showback.Charge{Month: "2026-10", Type: "Usage", Amounts: amounts("1", "1")}
	november, uncovered, unheard, odd := october, october, october, october
	november.Month = "2026-11"
	uncovered.NoCallerColumn = true
	unheard.NoCallerColumn, unheard.Caller = true, "arn:aws:iam::111122223333:user/alice"
	odd.Amounts = amounts("1", "2")
	bare := october
	bare.Amounts = map[showback.Basis]showback.Decimal{showback.Unblended: {}}
	f("charges of 0 deliveries")
	f("charges of 2 deliveries", october, november)
	f("charge 2 and the first differ in having a caller column", october, uncovered)
	f("has a caller and no caller column", unheard)
	f("amortized is 2, but the type makes it 1", odd)
	f("its delivery makes them", bare)
}
