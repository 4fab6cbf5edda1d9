package cli_test

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
)

// pause stops a process where it stands, so that what is done beside it surely
// is done while it is at work.
func (s *started) pause(t *testing.T, stopped bool) {
	t.Helper()
	signal := syscall.SIGCONT
	if stopped {
		signal = syscall.SIGSTOP
	}
	if err := s.Process.Signal(signal); err != nil {
		t.Fatal(err)
	}
}

// twoVersions makes a store with one month, and a folder with a newer delivery
// of the month that takes a while to import.
func twoVersions(t *testing.T) (store, newer string, before, after totals) {
	t.Helper()
	dir := t.TempDir()
	store, older := filepath.Join(dir, "store"), filepath.Join(dir, "older")
	newer = filepath.Join(dir, "newer")
	before = totals{"2026-09": writeBill(t, older, "2026-09", 2_000, "0.0000000007").String()}
	after = totals{"2026-09": writeBill(t, newer, "2026-09", 15_000, "0.1234567891").String()}
	must(t, store, "import", older)
	return store, newer, before, after
}

func TestTwoImportsAtOnce(t *testing.T) {
	store, newer, before, after := twoVersions(t)
	first := startImport(t, store, newer)
	first.pause(t, true)
	other := t.TempDir()
	writeBill(t, other, "2026-08", 1, "1")
	f := func(args ...string) {
		t.Helper()
		refused(t, strings.Join(args, " "), finish(t, program(store, args...)), 5,
			"change store "+store+": another import is running", "hint: wait for it to end; readers are not disturbed")
	}
	f("import", other)
	f("import", newer)
	f("delivery", "remove", "--month", "2026-09", "--yes")
	holds(t, store, before)
	first.pause(t, false)
	if e := first.end(t); e.code != 0 {
		t.Errorf("the first import: exit code %d, %s", e.code, e.err)
	}
	holds(t, store, after)
	must(t, store, "import", other)
	if odd := surplus(t, store); len(odd) > 0 {
		t.Error(odd)
	}
}

// Ten readers, each a process, ask again and again: each answer is that of the
// old version or of the new, and nobody goes back to the old one.
func TestImportWhileReadersAsk(t *testing.T) {
	store, newer, before, after := twoVersions(t)
	importing := startImport(t, store, newer)
	importing.pause(t, true)
	ask := func(reader int) (totals, error) {
		out, err := program(store, allMonths...).Output()
		if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
			return nil, fmt.Errorf("reader %d: %w: %s", reader, err, exit.Stderr)
		}
		if err != nil {
			return nil, err
		}
		return asked(string(out))
	}
	const readers = 10
	var during, asking sync.WaitGroup
	var done atomic.Bool
	var answers, new atomic.Int64
	during.Add(readers)
	for i := range readers {
		asking.Go(func() {
			seen, first := before, true
			for last := false; ; last = done.Load() {
				got, err := ask(i)
				switch {
				case err != nil:
					t.Error(err)
				case got.String() == after.String():
					seen = after
					new.Add(1)
				case got.String() != seen.String():
					t.Errorf("reader %d: got %v after %v; before the import it is %v, after it %v", i, got, seen, before, after)
				}
				answers.Add(1)
				if first {
					first = false
					during.Done()
				}
				if last {
					if seen.String() != after.String() {
						t.Errorf("reader %d: still %v when the import had ended", i, seen)
					}
					return
				}
			}
		})
	}
	during.Wait() // each has an answer while the import was at work
	if new.Load() > 0 {
		t.Error("an answer was of the new version before that was made")
	}
	importing.pause(t, false)
	e := importing.end(t)
	done.Store(true)
	asking.Wait()
	if e.code != 0 {
		t.Errorf("the import: exit code %d, %s", e.code, e.err)
	}
	holds(t, store, after)
	t.Logf("%d answers, %d of them of the new version", answers.Load(), new.Load())
}

// What is copied while an import is at work opens at one version, or says what
// is missing: it has no third answer.
func TestCopiedWhileInUse(t *testing.T) {
	store, newer, before, after := twoVersions(t)
	opens := func(copied string) string {
		e := finish(t, program(copied, allMonths...))
		if e.code != 0 {
			refused(t, "explore of "+filepath.Base(copied), e, 3)
			if !strings.Contains(e.err, "showback: hint: ") {
				t.Errorf("no hint in %s", e.err)
			}
			return "damaged"
		}
		got, err := asked(e.out)
		if err != nil || got.String() != before.String() && got.String() != after.String() {
			t.Errorf("the copy answers %v, error %v; the store %v, then %v", got, err, before, after)
		}
		return got.String()
	}
	importing := startImport(t, store, newer)
	ended := make(chan ended, 1)
	go func() { ended <- importing.end(t) }()
	seen := map[string]int{}
	for n, over := 0, false; !over; n++ {
		select {
		case e := <-ended:
			if e.code != 0 {
				t.Errorf("the import: exit code %d, %s", e.code, e.err)
			}
			over = true
		default:
		}
		copied := filepath.Join(t.TempDir(), "copy")
		// It fails where a file goes before its turn comes.
		exec.Command("cp", "-r", store, copied).Run()
		seen[opens(copied)]++
	}
	t.Logf("copies: %v", seen)
	holds(t, store, after)
}

// The worst that a copy can meet: the manifest of one version beside the files
// of another.
func TestCopyOfTwoVersions(t *testing.T) {
	store, newer, before, after := twoVersions(t)
	dir := t.TempDir()
	older := filepath.Join(dir, "older")
	copyStore(t, store, older)
	must(t, store, "import", newer)
	f := func(manifestOf, filesOf, missing, holding string) {
		t.Helper()
		mixed := filepath.Join(t.TempDir(), "mixed")
		copyStore(t, filesOf, mixed)
		text, err := os.ReadFile(filepath.Join(manifestOf, "manifest.json"))
		if err == nil {
			err = os.WriteFile(filepath.Join(mixed, "manifest.json"), text, 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
		was := digests(mixed)
		refused(t, "explore", finish(t, program(mixed, allMonths...)), 3,
			"read "+missing+": no such file, but the manifest names it",
			"hint: restore the file from a copy of the store, or import the delivery again with --replace")
		if !maps.Equal(was, digests(mixed)) {
			t.Error("to read the copy has changed it")
		}
		// It does as the hint says.
		must(t, mixed, "import", "--replace", filepath.Join(filepath.Dir(newer), holding))
	}
	f(older, store, "seg/2026-09/111122223333-bill.v1.duckdb", "older")
	f(store, older, "seg/2026-09/111122223333-bill.v2.duckdb", "newer")
	holds(t, store, after)
	holds(t, older, before)
}

func copyStore(t *testing.T, from, to string) {
	t.Helper()
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
}

func TestSignalWhileImporting(t *testing.T) {
	for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
		store, newer, before, after := twoVersions(t)
		was := digests(store)
		importing := startImport(t, store, newer)
		if err := importing.Process.Signal(signal); err != nil {
			t.Fatal(err)
		}
		refused(t, signal.String(), importing.end(t), 130, "interrupted; the store is as it was")
		if !maps.Equal(was, digests(store)) {
			t.Errorf("%v: the store is not as it was", signal)
		}
		holds(t, store, before)
		must(t, store, "import", newer)
		holds(t, store, after)
	}
}
