package exploretest

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"showback"
	"showback/internal/explore"
)

//go:embed testdata/*.test
var builtin embed.FS

// Open returns an engine that holds exactly the charges. What it needs to close
// it leaves to t.Cleanup; a failure to open ends the test.
type Open func(t testing.TB, charges []showback.Charge) explore.Engine

// RunBuiltin runs the scripts of this package, which every engine must pass.
func RunBuiltin(t *testing.T, open Open) { runFS(t, builtin, "testdata/*.test", open) }

// Run runs the scripts that the pattern names, each a subtest; a folder stands
// for all *.test in it. A pattern that names none is a failure.
func Run(t *testing.T, pattern string, open Open) {
	if info, err := os.Stat(pattern); err == nil && info.IsDir() {
		pattern = filepath.Join(pattern, "*.test")
	}
	dir, base := filepath.Split(pattern)
	runFS(t, os.DirFS(filepath.Clean(dir)), base, open)
}

func runFS(t *testing.T, files fs.FS, pattern string, open Open) {
	names, err := fs.Glob(files, pattern)
	if err != nil || len(names) == 0 {
		t.Fatalf("find scripts %s: none there (%v)", pattern, err)
	}
	for _, name := range names {
		text, err := fs.ReadFile(files, name)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(strings.TrimSuffix(filepath.Base(name), ".test"), func(t *testing.T) {
			s, err := parse(filepath.Base(name), string(text))
			if err != nil {
				t.Fatal(err)
			}
			for _, failure := range s.run(func(charges []showback.Charge) explore.Engine { return open(t, charges) }) {
				t.Error(failure)
			}
		})
	}
}

// BuiltinLoads returns the charges that the scripts of this package load, each
// ledger one slice, with all amounts filled in.
func BuiltinLoads() ([][]showback.Charge, error) {
	names, err := fs.Glob(builtin, "testdata/*.test")
	if err != nil {
		return nil, err
	}
	var loads [][]showback.Charge
	for _, name := range names {
		text, err := fs.ReadFile(builtin, name)
		if err != nil {
			return nil, err
		}
		s, err := parse(filepath.Base(name), string(text))
		if err != nil {
			return nil, err
		}
		for _, failure := range s.run(func(charges []showback.Charge) explore.Engine {
			loads = append(loads, charges)
			return nil
		}) {
			return nil, showback.Errorf(showback.KindInvalid, "%s", failure)
		}
	}
	return loads, nil
}

// defaultNow is when questions are asked: a month after the default day, so
// that nothing is still to come.
var defaultNow = time.Date(2026, 11, 15, 12, 0, 0, 0, time.UTC)

// run goes through the steps and returns what is not as expected. Where open
// returns nil the charges are all it wanted and nothing is asked.
func (s script) run(open func([]showback.Charge) explore.Engine) (failures []string) {
	var (
		charges []showback.Charge
		engine  explore.Engine
		now     = defaultNow
		opened  bool
	)
	for _, st := range s.steps {
		switch {
		case st.clear:
			charges, opened = nil, false
		case st.load != nil:
			charges, opened = append(slices.Clone(charges), st.load...), false
		case !st.now.IsZero():
			now = st.now
		case st.eval != nil:
			if !opened {
				charges = slices.Clone(charges)
				if err := FillAmounts(charges); err != nil {
					return append(failures, fmt.Sprintf("%s:%d: %v", s.name, st.line, err))
				}
				engine, opened = open(charges), true
			}
			if engine == nil {
				continue
			}
			for _, by := range st.eval.by {
				for _, wrong := range st.eval.run(engine, now, by) {
					where := fmt.Sprintf("%s:%d: %s", s.name, st.line, st.eval.text)
					if st.eval.each {
						where += "\n  by " + by
					}
					failures = append(failures, where+"\n    "+wrong)
				}
			}
		}
	}
	return failures
}

// run asks the question by one list of keys and returns what is wrong with the
// answer.
func (e *eval) run(engine explore.Engine, now time.Time, by string) []string {
	answer, err := e.ask(engine, now, by)
	switch {
	case e.fail != "" && err == nil:
		return []string{"no failure, want " + e.fail}
	case err != nil:
		text := err.Error()
		if hint := showback.HintOf(err); hint != "" {
			text += "; hint: " + hint
		}
		if e.fail == "" || !strings.Contains(text, e.fail) {
			return []string{"fails with " + text + orWant(e.fail)}
		}
		return nil
	}
	return e.compare(answer)
}

func orWant(fail string) string {
	if fail == "" {
		return ""
	}
	return "\n    want " + fail
}

func (e *eval) ask(engine explore.Engine, now time.Time, by string) (*explore.Answer, error) {
	ctx := context.Background()
	cov, err := engine.Coverage(ctx)
	if err != nil {
		return nil, err
	}
	q := e.question
	if q.By, err = explore.ParseKeys(by, cov.TagKeys()...); err != nil {
		return nil, err
	}
	if q.Period, err = explore.ParsePeriod(e.from, e.to, e.timePeriod, now, cov.BilledTo()); err != nil {
		return nil, err
	}
	if e.where != "" {
		if q.Filter, err = explore.ParseWhere(e.where, cov.TagKeys()...); err != nil {
			return nil, err
		}
	}
	if e.access != "" {
		if q.Access, err = explore.ParseWhere(e.access, cov.TagKeys()...); err != nil {
			return nil, err
		}
	}
	if q.Sort, err = explore.ParseSort(e.sort, q.By, cov.TagKeys()...); err != nil {
		return nil, err
	}
	answer, err := explore.Ask(ctx, engine, q)
	if err != nil || e.beside == "" {
		return answer, err
	}
	beside, err := explore.ParseBeside(e.beside, q.Period, cov)
	if err != nil {
		return nil, err
	}
	return answer, explore.Compare(ctx, engine, answer, beside)
}
