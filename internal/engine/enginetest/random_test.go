package enginetest

import (
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"showback"
	"showback/internal/explore"
	"showback/internal/explore/exploretest"
)

// someTables are as different as those of the ledger.
var someTables = []explore.Table{
	{Name: "fact", Detail: explore.FactDetail},
	{Name: "session_day", Detail: explore.Detail{Span: explore.Daily, Caller: explore.CallerExact, Tags: true, Account: true}},
	{Name: "meter_hour", Detail: explore.Detail{Span: explore.Hourly, Meter: explore.MeterExact}},
	{Name: "tag_month", Detail: explore.Detail{Span: explore.Monthly, Tags: true}},
	{Name: "meter_month", Detail: explore.Detail{Span: explore.Monthly, Meter: explore.MeterExact, Account: true, Invoice: true}},
}

// drawn calls f for questions to some estates, each with what it was drawn for.
func drawn(t *testing.T, f func(e *estate, q asked, to aim)) {
	t.Helper()
	for seed := range uint64(4) {
		g := newGenerator(seed)
		e := newEstate(g)
		counts := newTable(someTables)
		counts.open(g, e)
		aims := counts.aims(g, false)
		for _, to := range aims[:min(len(aims), 200)] {
			f(e, g.ask(e, to, someTables), to)
		}
	}
}

// Questions have what they are drawn for, and nearly all need the table.
func TestAsk(t *testing.T) {
	questions, needed := 0, 0
	drawn(t, func(e *estate, q asked, to aim) {
		questions++
		if e.needs(q, to, someTables) {
			needed++
		}
		if strings.HasPrefix(to.feature.name, "sort") || to.feature.name == "fail-if" {
			return // they go where nothing is left to sort or to test by
		}
		if !e.answers(q, to) {
			t.Errorf("%s from %s: drawn was\n%s", to.feature.name, to.table.Name, q)
		}
		if d := depth(q.Filter); d > deepest || len(q.By) > mostKeys {
			t.Errorf("a filter %d deep, %d keys:\n%s", d, len(q.By), q)
		}
	})
	if needed < questions*9/10 {
		t.Errorf("%d of %d questions need the table that they are drawn for, want nine in ten", needed, questions)
	}
}

// A question says as a command what it asks.
func TestCommand(t *testing.T) {
	drawn(t, func(_ *estate, q asked, _ aim) {
		command, _, _ := strings.Cut(q.String(), "\n")
		flags := map[string]string{}
		for _, word := range shellWords(t, command)[2:] {
			name, value, _ := strings.Cut(strings.TrimPrefix(word, "--"), "=")
			flags[name] = value
		}
		var got asked
		var faults [8]error
		got.By, faults[0] = explore.ParseKeys(flags["by"])
		got.Filter, faults[1] = explore.ParseWhere(flags["where"])
		got.Period, faults[2] = explore.ParsePeriod("", "", flags["time-period"], now, time.Time{})
		got.Granularity, faults[3] = explore.ParseGranularity(flags["granularity"])
		got.Basis, faults[4] = explore.ParseBasis(flags["basis"])
		got.Scope, faults[5] = explore.ParseScope(flags["scope"])
		got.Measures, faults[6] = explore.ParseMeasures(flags["measure"])
		got.Sort, faults[7] = explore.ParseSort(flags["sort"], got.By)
		for _, err := range faults {
			if err != nil {
				t.Fatalf("%v in\n%s", err, command)
			}
		}
		if flags["charges"] != "" {
			var err error
			if got.Classes, err = explore.ParseCharges(flags["charges"]); err != nil {
				t.Fatalf("%v in\n%s", err, command)
			}
		}
		if flags["fail-if"] != "" {
			c, err := explore.ParseCondition(flags["fail-if"])
			if err != nil {
				t.Fatalf("%v in\n%s", err, command)
			}
			got.FailIf = []explore.Condition{c}
		}
		got.Top, got.beside, got.Access = q.Top, flags["compare"], q.Access
		want := q
		slices.SortFunc(want.Classes, func(a, b showback.ChargeClass) int {
			return slices.Index(showback.ChargeClasses, a) - slices.Index(showback.ChargeClasses, b)
		})
		if len(want.Classes) == len(showback.ChargeClasses) {
			want.Classes = nil // all are none in particular
		}
		// The reader takes two stars for one.
		one := strings.NewReplacer("**", "*")
		if one.Replace(got.String()) != one.Replace(want.String()) {
			t.Errorf("got\n%s\nwant\n%s", got, want)
		}
	})
}

// shellWords splits a command at blanks outside single quotes.
func shellWords(t *testing.T, command string) []string {
	t.Helper()
	var words []string
	word, quoted := "", false
	for i := 0; i < len(command); i++ {
		switch c := command[i]; {
		case c == '\'':
			quoted = !quoted
		case c == '\\' && !quoted:
			i++
			word += string(command[i])
		case c == ' ' && !quoted:
			words, word = append(words, word), ""
		default:
			word += command[i : i+1]
		}
	}
	if quoted {
		t.Fatalf("a quote is not closed in %s", command)
	}
	return append(words, word)
}

// Estates are bills that can be written, in which deliveries of a month are
// alike often enough to share a file.
func TestEstate(t *testing.T) {
	alike := 0
	for seed := range uint64(30) {
		e := newEstate(newGenerator(seed))
		for _, d := range Deliveries(e.charges) {
			if err := WriteCSV(io.Discard, d.Charges); err != nil {
				t.Fatalf("seed %d: %v", seed, err)
			}
		}
		same := map[string]int{}
		for _, d := range e.cov.Deliveries {
			name := string(d.Month) + list(d.Bases) + strings.Join(d.Currencies, ",")
			if same[name]++; same[name] == 2 {
				alike++
				break
			}
		}
	}
	if alike < 8 || alike > 25 {
		t.Errorf("%d of 30 estates have deliveries that are alike, want about half", alike)
	}
}

// Faults of an engine are found, and shown by a question that has nothing that
// makes no difference.
func TestRandomFindsFaults(t *testing.T) {
	f := func(name string, fault wrong, want string) {
		t.Helper()
		g := newGenerator(1)
		e := newEstate(g)
		fault.Engine = e.oracle
		counts := newTable(someTables)
		counts.open(g, e)
		aims := counts.aims(g, false)
		for i := range 200 {
			q, answer := g.answerable(e, aims[i%len(aims)], someTables)
			d := difference(askOf(fault, e.cov, q), answer)
			if d == "" {
				continue
			}
			q, _ = simplest(q, d, func(o asked) string { return difference(askOf(fault, e.cov, o), askOf(e.oracle, e.cov, o)) })
			if got := q.String(); !strings.Contains(got, want) || strings.Count(got, " --") > 7 {
				t.Errorf("%s: shown by\n%s\nwant %s and hardly more", name, got, want)
			}
			return
		}
		t.Errorf("%s: not found in 200 questions", name)
	}
	plan := func(change func(*explore.Plan)) wrong {
		return wrong{plan: func(p explore.Plan) explore.Plan { change(&p); return p }}
	}
	f("weeks as days", plan(func(p *explore.Plan) {
		if p.Granularity == explore.Weekly {
			p.Granularity = explore.Daily
		}
	}), "--granularity=week")
	f("classes not applied", plan(func(p *explore.Plan) { p.Classes = nil }), "--charges=")
	f("the list price taken for another basis", plan(func(p *explore.Plan) {
		if p.Basis == showback.List {
			p.Basis = showback.Unblended
		}
	}), "--basis=list")
	f("the first key forgotten", plan(func(p *explore.Plan) {
		if len(p.By) == 2 {
			p.By = []explore.Key{p.By[1], p.By[1]}
		}
	}), "--by=")
	f("no filters", plan(func(p *explore.Plan) { p.Filter = nil }), "--by=")
}

// A table that could have answered and did not is named.
func TestEmptyCells(t *testing.T) {
	g := newGenerator(1)
	e := newEstate(g)
	counts := newTable(someTables)
	counts.open(g, e)
	open := len(counts.empty())
	q := g.plain(e)
	q.Granularity, q.beside = explore.Total, ""
	q.By = []explore.Key{{Name: "model", Typed: "model"}}
	s := scene{asked: q, month: e.months[0], payers: []string{"111122223333"}, cov: e.cov, answer: askOf(e.oracle, e.cov, q).answer}
	if !counts.count("tag_month", s) || counts.count("none", s) {
		t.Error("counted is a table that is none, or one is not")
	}
	empty := counts.empty()
	if slices.Contains(empty, "by model from tag_month") || !slices.Contains(empty, "by model from fact") || len(empty) >= open {
		t.Errorf("empty are %q", empty)
	}
	if slices.Contains(empty, "by resource from tag_month") || slices.Contains(empty, "granularity day from tag_month") {
		t.Errorf("empty are cells that can't be filled: %q", empty)
	}
	total := newTable(someTables)
	total.add(counts)
	if got := total.String(); got != counts.String() || !strings.Contains(got, "by resource") {
		t.Errorf("got\n%s", exploretest.Format(nil)+got)
	}
}
