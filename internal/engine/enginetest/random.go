package enginetest

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"showback"
	"showback/internal/explore"
	"showback/internal/explore/exploretest"
)

// What a run is told by the environment.
const (
	seedVar      = "SHOWBACK_TEST_SEED"      // the seed; without it the clock gives one
	questionsVar = "SHOWBACK_TEST_QUESTIONS" // how many questions
)

// Subject is one way to answer questions over a set of charges.
type Subject struct {
	Name   string
	Engine explore.Engine
	// Kept says that the ledger keeps what is not AI as sums: what they don't tell
	// is refused.
	Kept bool
	// Rollups says that tables of sums may answer, not the facts alone.
	Rollups bool
	// Holds says what is in a file that a trace names.
	Holds func(file string) (payers []string, month showback.Month)
}

// OpenAll fills a ledger with the charges and returns all ways to answer from
// it, always the same ones in the same order. What it needs to close it leaves
// to t.Cleanup; a failure ends the test.
type OpenAll func(t testing.TB, charges []showback.Charge) []Subject

// questionsEach is how many questions are asked of one estate.
const questionsEach = 150

// mostMore is how many estates more are asked about what was left out, at most.
const mostMore = 5

// complete is from how many questions on a run must have been everywhere.
const complete = 2000

// Random asks n questions, or as many as SHOWBACK_TEST_QUESTIONS says, drawn
// over the whole language, of random estates: many of each, in turn of each
// subject and always of the oracle. Answers must be equal to the last digit
// and letter, and so must the rows of each plan on the way. tables are those
// that a segment may have, the facts first.
//
// The seed is SHOWBACK_TEST_SEED, or the clock's. A failure prints it, and the
// simplest question and the fewest charges that still fail; with -short as they
// were drawn. At the end stands which table answered what; from 2,000 questions
// on it is a failure when one answered none of a kind that it could have.
func Random(t *testing.T, n int, tables []explore.Table, open OpenAll) {
	r := &random{seed: uint64(time.Now().UnixNano()), tables: tables, open: open, total: newTable(tables), asked: map[string]int{}}
	number(t, seedVar, &r.seed)
	questions := uint64(n)
	number(t, questionsVar, &questions)
	t.Logf("%s=%d", seedVar, r.seed)
	estates := max(2, int(questions+questionsEach-1)/questionsEach)
	each := (int(questions) + estates - 1) / estates
	t.Run("of", func(t *testing.T) {
		for i := range estates {
			t.Run(fmt.Sprintf("estate=%d", i), func(t *testing.T) {
				t.Parallel()
				r.estate(t, i, each, nil)
			})
		}
	})
	// What chance has left out is asked for.
	for i := estates; i < estates+mostMore && r.answered() >= complete && !t.Failed(); i++ {
		aims := r.total.aims(newGenerator(r.seed), true)
		if len(aims) == 0 {
			break
		}
		t.Run(fmt.Sprintf("more/estate=%d", i), func(t *testing.T) { r.estate(t, i, 5*len(aims), aims) })
	}
	if t.Failed() {
		return
	}
	t.Logf("%s\n%s", r.summary(), r.total)
	if r.kept && r.answered() >= complete && (r.rests == 0 || r.untold == 0) {
		t.Errorf("%s=%d: sums of what is not AI answered %d times and told too little %d times, want some of both", seedVar, r.seed, r.rests, r.untold)
	}
	if empty := r.total.empty(); r.answered() >= complete && len(empty) > 0 {
		t.Errorf("%s=%d: no question %s", seedVar, r.seed, strings.Join(empty, "\n  nor "))
	}
}

// number reads a variable of the environment, if it is set.
func number(t *testing.T, name string, into *uint64) {
	text := os.Getenv(name)
	if text == "" {
		return
	}
	var err error
	if *into, err = strconv.ParseUint(text, 10, 64); err != nil {
		t.Fatalf("%s=%q: want a number", name, text)
	}
}

// random is a run.
type random struct {
	seed   uint64
	tables []explore.Table
	open   OpenAll

	mu      sync.Mutex
	failed  bool
	total   *table
	asked   map[string]int // by subject
	plans   int
	refused int
	kept    bool // one of the subjects is
	rests   int  // times that sums of what is not AI answered
	untold  int  // questions refused because they tell no more
}

func (r *random) answered() int {
	n := 0
	for _, asked := range r.asked {
		n += asked
	}
	return n
}

func (r *random) summary() string {
	var of []string
	for name, n := range r.asked {
		of = append(of, fmt.Sprintf("%d of %s", n, name))
	}
	slices.Sort(of)
	return fmt.Sprintf("%d questions compared (%s), %d plans among them; %d more refused alike; sums of what is not AI answered %d times, and told too little %d times",
		r.answered(), strings.Join(of, ", "), r.plans, r.refused, r.rests, r.untold)
}

// estate asks each questions of the ith estate: those that aims are for, nil for
// all that the estate has.
func (r *random) estate(t *testing.T, i, each int, aims []aim) {
	if r.over() {
		t.Skip("another estate has failed")
	}
	g := newGenerator(r.seed + uint64(i)*0x9e3779b97f4a7c15)
	e := newEstate(g)
	subjects := r.open(t, e.charges)
	e.cover(fromEngine(t, e, subjects[0].Engine))
	counts := newTable(r.tables)
	counts.open(g, e)
	// Every estate has the same order of aims, but for those that it has not,
	// and goes on where the one before leaves off.
	next := 0
	if aims == nil {
		aims, next = counts.aims(newGenerator(r.seed), false), i*each
	}
	asked, plans, refused, rests, untold := map[string]int{}, 0, 0, 0, 0
	for turn := 0; turn-refused < each; turn++ {
		s := subjects[turn%len(subjects)]
		to := aim{pick(g, aims).feature, r.tables[0]}
		if s.Rollups {
			to = aims[next%len(aims)]
			next++
		}
		q, _ := g.answerable(e, to, r.tables)
		if s.Kept && !g.oneIn(4) {
			q = g.told(e, s, q)
		}
		if r.over() {
			return
		}
		got, want, d := s.ask(e, q)
		if d != "" {
			r.report(t, e, q, turn%len(subjects), s, d)
		}
		plans += len(want.calls)
		if want.err != nil {
			refused++
			if keptRefusal(want.err) {
				untold++
			}
			continue
		}
		asked[s.Name]++
		for _, step := range got.steps {
			if s.Kept && step.Table == restTable {
				rests++
				continue
			}
			payers, month := s.Holds(step.File)
			if !counts.count(step.Table, scene{q, month, payers, e.cov, got.answer}) {
				t.Fatalf("%s read the table %s of %s, which is none of those that may be read", s.Name, step.Table, step.File)
			}
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.total.add(counts)
	for name, n := range asked {
		r.asked[name] += n
	}
	r.plans += plans
	r.refused += refused
	r.kept = r.kept || slices.ContainsFunc(subjects, func(s Subject) bool { return s.Kept })
	r.rests += rests
	r.untold += untold
}

// answerable draws a question that the oracle answers, and once in a while one
// that it refuses.
func (g generator) answerable(e *estate, to aim, tables []explore.Table) (asked, outcome) {
	for {
		q := g.ask(e, to, tables)
		if want := askOf(e.oracle, e.cov, q); want.err == nil || g.oneIn(20) {
			return q, want
		}
	}
}

// over reports whether another estate has failed: one failure is enough to look
// at.
func (r *random) over() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.failed
}

// fromEngine returns the oracle's coverage with what charges alone don't say
// taken from the engine's. All else must be equal.
func fromEngine(t testing.TB, e *estate, engine explore.Engine) explore.Coverage {
	t.Helper()
	if difference := compareCoverage(e.oracle, engine); difference != "" {
		t.Fatalf("coverage: %s\n%s", difference, exploretest.Format(e.charges))
	}
	cov, err := engine.Coverage(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return cov
}

// report ends the test with the simplest case of the difference.
func (r *random) report(t *testing.T, e *estate, q asked, i int, s Subject, d string) {
	t.Helper()
	r.mu.Lock()
	first := !r.failed
	r.failed = true
	r.mu.Unlock()
	if !first {
		t.Skip("another estate has failed")
	}
	charges := e.billed
	if !testing.Short() {
		q, d = simplest(q, d, func(o asked) string { _, _, d := s.ask(e, o); return d })
		compare := func(fewer []showback.Charge, o asked) string {
			if len(fewer) == 0 {
				return ""
			}
			e := estateOf(fewer)
			subjects := r.open(t, e.charges)
			e.cover(fromEngine(t, e, subjects[0].Engine))
			_, _, d := subjects[i].ask(e, o)
			return d
		}
		charges, d = shrink(charges, d, func(fewer []showback.Charge) string { return compare(fewer, q) })
	}
	t.Fatalf("%s=%d, %s: %s\n%s\n  %s\n%s", seedVar, r.seed, t.Name(), s.Name, q, d, exploretest.Format(charges))
}

// simplest leaves out of the question what makes no difference to the
// difference.
func simplest(q asked, d string, compare func(asked) string) (asked, string) {
	for again := true; again; {
		again = false
		for _, o := range q.without() {
			if found := compare(o); found != "" {
				q, d, again = o, found, true
				break
			}
		}
	}
	return q, d
}
