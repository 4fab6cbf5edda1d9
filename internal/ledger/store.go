package ledger

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"showback"
)

const (
	tmpFolder   = "tmp"
	segFolder   = "seg"
	importLock  = "import.lock"
	readersLock = "readers.lock"
)

// Store is a folder that holds a ledger. It need not exist: a store without
// folder is empty, and the first Begin makes it.
type Store struct{ dir string }

// Open names the store in dir. It reads nothing yet.
func Open(dir string) *Store { return &Store{dir: dir} }

// Dir returns the folder of the store.
func (s *Store) Dir() string { return s.dir }

// Snapshot holds one version of the ledger: as long as it is open, no file
// that the version names is removed. Any number of processes may hold one.
type Snapshot struct {
	Manifest
	dir  string
	lock *fileLock // nil when the store can't be written, so that nothing is swept
}

// Snapshot returns the version in force. The caller closes it.
func (s *Store) Snapshot() (*Snapshot, error) {
	// The lock is taken before the manifest is read: a sweep can't run
	// between the two.
	lock, err := lockShared(filepath.Join(s.dir, readersLock))
	if err != nil {
		return nil, err
	}
	m, err := readManifest(s.dir)
	if err != nil {
		lock.unlock()
		return nil, err
	}
	return &Snapshot{Manifest: *m, dir: s.dir, lock: lock}, nil
}

// Close lets go of the version.
func (s *Snapshot) Close() error { return s.lock.unlock() }

// DimsPath returns the path of the dimensions; "" when the ledger is empty.
func (s *Snapshot) DimsPath() string {
	if s.Dims == "" {
		return ""
	}
	return filepath.Join(s.dir, s.Dims)
}

// SegmentPath returns the path of a segment's file.
func (s *Snapshot) SegmentPath(seg *Segment) string {
	return filepath.Join(s.dir, filepath.FromSlash(seg.File))
}

// sweep removes files that no manifest names. It does nothing while a reader
// holds a version: the next commit tries again. The caller holds the import
// lock, so no file is under construction.
func (s *Store) sweep(m *Manifest) error {
	lock, ok, err := tryLockExclusive(filepath.Join(s.dir, readersLock))
	if err != nil || !ok {
		return err
	}
	defer lock.unlock()
	keep := map[string]bool{m.Dims: true}
	for _, seg := range m.Segments {
		keep[seg.File] = true
	}
	var stale []string
	for _, pattern := range []string{"dims.v*.duckdb*", "seg/*/*", "tmp/*"} {
		found, err := filepath.Glob(filepath.Join(s.dir, filepath.FromSlash(pattern)))
		if err != nil {
			return showback.Errorf(showback.KindInternal, "sweep store: %w", err)
		}
		stale = append(stale, found...)
	}
	for _, path := range stale {
		rel, err := filepath.Rel(s.dir, path)
		if err != nil || keep[filepath.ToSlash(rel)] {
			continue
		}
		if err := os.RemoveAll(path); err != nil {
			return showback.Errorf(showback.KindUnavailable, "sweep store: %w", err)
		}
	}
	months, _ := filepath.Glob(filepath.Join(s.dir, segFolder, "*"))
	for _, folder := range months {
		os.Remove(folder) // only an empty one goes
	}
	return nil
}

// prepare makes the folders of the store. A folder that holds other things is
// refused: it is more likely a mistyped --store than a place for a ledger.
func (s *Store) prepare() error {
	entries, err := os.ReadDir(s.dir)
	if err != nil && !os.IsNotExist(err) {
		return showback.Errorf(showback.KindUnavailable, "open store: %w", err)
	}
	ours := []string{manifestName, tmpFolder, segFolder, importLock, readersLock}
	for _, e := range entries {
		if !slices.Contains(ours, e.Name()) && !strings.HasPrefix(e.Name(), "dims.v") {
			return showback.WithHint(showback.Errorf(showback.KindInvalid,
				"open store %s: the folder holds %q, which is no part of a store", s.dir, e.Name()),
				"name an empty or a new folder with --store")
		}
	}
	for _, d := range []string{segFolder, tmpFolder} {
		if err := os.MkdirAll(filepath.Join(s.dir, d), 0o755); err != nil {
			return showback.Errorf(showback.KindUnavailable, "make store: %w", err)
		}
	}
	return nil
}
