package duckdb

import (
	"errors"
	"slices"
	"testing"

	"showback"
	"showback/internal/engine/enginetest"
	"showback/internal/explore"
	"showback/internal/ledger"
)

// usualQuestions is how many questions TestRandom asks where nobody says how
// many: enough to meet a gross fault. `make random` asks thousands.
const usualQuestions = 60

// TestRandom compares every way in which the engine answers with the oracle.
func TestRandom(t *testing.T) {
	tables := []explore.Table{{Name: ledger.FactTable, Detail: explore.FactDetail}}
	for _, r := range ledger.Rollups {
		tables = append(tables, explore.Table{Name: r.Name, Detail: r.Detail})
	}
	enginetest.Random(t, usualQuestions, tables, openSubjects)
}

// ways are those in which one store may be read. What a file of a segment or
// compact file holds is the same in all.
var ways = []struct {
	name     string
	rollups  bool
	compacts bool
	maps     bool // charges are joined with maps, as those of large tables are
	forgets  bool // every plan runs anew
	kept     bool // what is not AI is kept as sums
}{
	{name: "rollups", rollups: true},
	{name: "rollups, maps", rollups: true, maps: true, forgets: true},
	{name: "facts"},
	{name: "rollups, compact", rollups: true, compacts: true},
	{name: "rollups, compact, maps", rollups: true, compacts: true, maps: true},
	{name: "facts, compact, maps", compacts: true, maps: true},
	{name: "rollups, AI kept", rollups: true, compacts: true, kept: true},
	{name: "facts, AI kept, maps", maps: true, kept: true, forgets: true},
}

// openSubjects fills a store and opens engines that share what is attached, as
// those of Live do.
func openSubjects(t testing.TB, charges []showback.Charge) []enginetest.Subject {
	t.Helper()
	var snaps []*ledger.Snapshot // of all charges, and of those for AI
	for _, keep := range []ledger.Keep{ledger.KeepAll, ledger.KeepAI} {
		snap, err := fillKept(t, charges, keep, (*ledger.Store).AlwaysCompact).Snapshot()
		if err != nil {
			t.Fatal(err)
		}
		snaps = append(snaps, snap)
	}
	// Estates have an instance for each of them: two stores have files of the same
	// names.
	all, ai := openInstance(t, snaps[0]), openInstance(t, snaps[1])
	var subjects []enginetest.Subject
	for _, way := range ways {
		in, snap := all, snaps[0]
		if way.kept {
			in, snap = ai, snaps[1]
		}
		e, err := in.engine(t.Context(), snap)
		if err != nil {
			t.Fatal(err)
		}
		e.rollups, e.compacts, e.answers.off = way.rollups, way.compacts, way.forgets
		if way.maps {
			e.large = 0
		}
		subjects = append(subjects, enginetest.Subject{Name: way.name, Engine: e, Kept: way.kept, Rollups: way.rollups, Holds: e.holds})
	}
	return subjects
}

// openInstance opens an instance that closes the snapshot when the test is over.
func openInstance(t testing.TB, snap *ledger.Snapshot) *instance {
	t.Helper()
	in, err := newInstance()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(in.close(), snap.Close()); err != nil {
			t.Error(err)
		}
	})
	// Estates run side by side, and a second thread has nothing to do with tables
	// of some hundred rows but to get in the way.
	if _, err := in.db.ExecContext(t.Context(), "SET threads = 1"); err != nil {
		t.Fatal(err)
	}
	return in
}

// holds returns the payers and the month of a segment or compact file.
func (e *Engine) holds(file string) (payers []string, month showback.Month) {
	parts := []string{file}
	for i := range e.snap.Compacts {
		if c := &e.snap.Compacts[i]; c.File == file {
			parts = c.Parts
		}
	}
	for i := range e.snap.Segments {
		if s := &e.snap.Segments[i]; slices.Contains(parts, s.File) {
			payers, month = append(payers, s.Payer), s.Month
		}
	}
	return payers, month
}
