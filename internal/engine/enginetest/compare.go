package enginetest

import (
	"context"
	"flag"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"showback"
	"showback/internal/engine/mem"
	"showback/internal/explore"
	"showback/internal/explore/exploretest"
)

var seedFlag = flag.Uint64("enginetest.seed", 1, "seed of the first random set of charges")

// Questions asked of each random set.
const questions = 30

// mostCharges is the size of a random set: few enough to read when it fails.
const mostCharges = 40

// Compare asks the engine and the oracle the same random questions of n random
// sets of charges. Rows must be equal as sets, every number to the last digit;
// values must come in the oracle's order, in which equal sums go by their text.
// Each set is a subtest named by its seed; -enginetest.seed begins elsewhere. A
// failure prints the smallest part of the set that still fails, as a script.
func Compare(t *testing.T, n int, open exploretest.Open) {
	for i := range uint64(n) {
		seed := *seedFlag + i
		t.Run(fmt.Sprintf("seed=%d", seed), func(t *testing.T) {
			compareSet(t, seed, open)
		})
	}
}

// compareSet compares one set, and reports the first question whose answers
// differ over as few charges as still make them differ.
func compareSet(t testing.TB, seed uint64, open exploretest.Open) {
	t.Helper()
	g := newGenerator(seed)
	charges := g.charges(mostCharges)
	oracle, engine := openBoth(t, charges, open)
	if difference := compareCoverage(oracle, engine); difference != "" {
		t.Fatalf("coverage: %s\n%s", difference, exploretest.Format(charges))
	}
	for range questions {
		q := g.question(oracle)
		difference := q.compare(oracle, engine)
		if difference == "" {
			continue
		}
		charges, difference = shrink(charges, difference, func(fewer []showback.Charge) string {
			oracle, engine := openBoth(t, fewer, open)
			return q.compare(oracle, engine)
		})
		t.Fatalf("%s\n%s\n%s", q, difference, exploretest.Format(charges))
	}
}

func openBoth(t testing.TB, charges []showback.Charge, open exploretest.Open) (oracle *mem.Engine, engine explore.Engine) {
	filled := fill(charges)
	return mem.New(filled, mem.Cover(filled)), open(t, filled)
}

// shrink drops charges as long as the answers still differ. It tries at most
// some hundred sets, since an engine can be slow to fill.
func shrink(charges []showback.Charge, difference string, compare func([]showback.Charge) string) ([]showback.Charge, string) {
	tries := 100
	for size := (len(charges) + 1) / 2; size > 0; size /= 2 {
		for from := 0; from < len(charges) && tries > 0; tries-- {
			fewer := slices.Delete(slices.Clone(charges), from, min(from+size, len(charges)))
			if found := compare(fewer); found != "" {
				charges, difference = fewer, found
			} else {
				from += size
			}
		}
	}
	return charges, difference
}

// question is a plan, and with a key one for the values of that key.
type question struct {
	plan  explore.Plan
	key   *explore.Key
	limit int
}

func (g generator) question(oracle *mem.Engine) question {
	q := question{plan: g.plan(func(k explore.Key) []string {
		everything := explore.Plan{
			Period: showback.Period{Start: months[0].Start(), End: months[len(months)-1].End()}, Scope: explore.ScopeAll,
		}
		values, err := oracle.Values(context.Background(), everything, k, 100)
		if err != nil {
			panic("BUG: " + err.Error())
		}
		return values
	})}
	if g.oneIn(6) {
		key := pick(g, allKeys())
		q.key, q.limit = &key, 1+g.IntN(10)
	}
	return q
}

func (q question) String() string {
	p := q.plan
	var by []string
	for _, k := range p.By {
		by = append(by, k.String())
	}
	text := fmt.Sprintf("eval by %q time-period Start=%s,End=%s granularity %s basis %s scope %s",
		strings.Join(by, ","), p.Period.Start.Format(time.DateOnly), p.Period.End.Format(time.DateOnly), p.Granularity, p.Basis, p.Scope)
	if len(p.Classes) > 0 {
		text += fmt.Sprintf(" charges %v", p.Classes)
	}
	if p.Measures != nil {
		text += fmt.Sprintf(" measures %v", p.Measures)
	}
	if p.Filter != nil {
		text += fmt.Sprintf(" where `%s`", explore.Format(p.Filter))
	}
	if q.key != nil {
		text = fmt.Sprintf("the first %d values of %s: %s", q.limit, q.key, text)
	}
	return text
}

// compare returns how the engine's answer differs from the oracle's.
func (q question) compare(oracle, engine explore.Engine) string {
	ctx := context.Background()
	if q.key != nil {
		want, err := oracle.Values(ctx, q.plan, *q.key, q.limit)
		if err != nil {
			panic("BUG: " + err.Error())
		}
		got, err := engine.Values(ctx, q.plan, *q.key, q.limit)
		if err != nil {
			return "fails: " + err.Error()
		}
		if !slices.Equal(got, want) {
			return fmt.Sprintf("got values %q\n    want %q", got, want)
		}
		return ""
	}
	want, err := oracle.Run(ctx, q.plan)
	if err != nil {
		panic("BUG: " + err.Error())
	}
	got, err := engine.Run(ctx, q.plan)
	if err != nil {
		return "fails: " + err.Error()
	}
	return compareRows(got, want)
}

// compareRows compares rows as sets.
func compareRows(got, want []explore.Row) string {
	var wrong []string
	wanted := map[string]string{}
	for _, r := range want {
		wanted[nameOf(r)] = numbersOf(r)
	}
	seen := map[string]bool{}
	for _, r := range got {
		name := nameOf(r)
		numbers, expected := wanted[name]
		switch {
		case seen[name]:
			wrong = append(wrong, "twice: "+name)
		case !expected:
			wrong = append(wrong, "unexpected: "+name+" "+numbersOf(r))
		case numbers != numbersOf(r):
			wrong = append(wrong, fmt.Sprintf("%s\n    got  %s\n    want %s", name, numbersOf(r), numbers))
		}
		seen[name] = true
	}
	for _, name := range slices.Sorted(maps.Keys(wanted)) {
		if !seen[name] {
			wrong = append(wrong, "absent: "+name+" "+wanted[name])
		}
	}
	return strings.Join(wrong, "\n  ")
}

// nameOf writes what tells a row from the others.
func nameOf(r explore.Row) string {
	text := r.Start.UTC().Format(time.RFC3339)
	for _, v := range r.Keys {
		text += fmt.Sprintf(" %q%s", v.Text, v.Missing)
	}
	return fmt.Sprintf("%s %s cost-missing=%q", text, r.Currency, r.CostMissing)
}

// numbersOf writes the sums of a row. The unit is part of it only where there
// is one.
func numbersOf(r explore.Row) string {
	text := fmt.Sprintf("charges=%d cost=%s unblended=%s quantity=%s units=%d", r.Charges, r.Cost, r.Unblended, r.Quantity, r.Units)
	if r.Units == 1 {
		text += fmt.Sprintf(" unit=%q", r.Unit)
	}
	if r.HasTokens {
		text += fmt.Sprintf(" tokens=%s token-cost=%s", r.Tokens, r.TokenCost)
	}
	return text
}

// compareCoverage compares all but the version.
func compareCoverage(oracle, engine explore.Engine) string {
	ctx := context.Background()
	want, err := oracle.Coverage(ctx)
	if err != nil {
		panic("BUG: " + err.Error())
	}
	got, err := engine.Coverage(ctx)
	if err != nil {
		return "fails: " + err.Error()
	}
	g, w := coverageText(got), coverageText(want)
	if g != w {
		return fmt.Sprintf("got\n%s\nwant\n%s", g, w)
	}
	return ""
}

func coverageText(cov explore.Coverage) string {
	var lines []string
	for _, d := range cov.Deliveries {
		var tags, wide []string
		for key, day := range d.TagKeys {
			tags = append(tags, fmt.Sprintf("%s=%s", key, day.Format(time.DateOnly)))
		}
		for _, key := range d.WideKeys {
			wide = append(wide, key.String())
		}
		bases := slices.Sorted(slices.Values(d.Bases))
		slices.Sort(tags)
		slices.Sort(wide)
		lines = append(lines, fmt.Sprintf("%s %q %s %s: charges=%d bases=%v caller-column=%t hourly=%t monthly=%t open=%t usage=%s..%s currencies=%v tags=%v wide=%v",
			d.Payer, d.PayerName, d.Export, d.Month, d.Charges, bases, d.CallerColumn, d.Hourly, d.Monthly, d.Open,
			d.FirstDay.Format(time.DateOnly), d.LastDay.Format(time.DateOnly), d.Currencies, tags, wide))
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}
