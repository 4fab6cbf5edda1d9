package ledger

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"showback"
)

const (
	tmpFolder   = "tmp"
	segFolder   = "seg"
	rawFolder   = "raw" // files fetched from buckets, by the code that syncs
	dimsPattern = "dims.v*.duckdb*"
	sourcesName = "sources.json" // where bills are fetched from
	importLock  = "import.lock"
	readersLock = "readers.lock"
)

// besides are the files in the folder of a store that belong to others: the
// directory of users and roles. A change of the ledger leaves them alone.
var besides = []string{"state.db", "state.db-wal", "state.db-shm", "state.key"}

// Store is a folder that holds a ledger. It need not exist: a store without
// folder is empty, and the first Begin makes it.
type Store struct {
	dir      string
	rollups  *rollupRule  // nil for the usual one
	compacts *compactRule // likewise
}

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
	// A folder that holds no ledger is left as it is: no lock file is made in it.
	if _, err := os.Stat(filepath.Join(s.dir, manifestName)); errors.Is(err, fs.ErrNotExist) {
		m, err := readManifest(s.dir)
		if err != nil {
			return nil, err
		}
		return &Snapshot{Manifest: *m, dir: s.dir}, nil
	}
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

// Stamp tells versions apart at the cost of one look at the folder: another
// manifest has another one. The zero Stamp is that of a store without manifest.
type Stamp struct {
	inode   uint64
	size    int64
	written time.Time
}

// Stamp returns the stamp of the manifest in force.
func (s *Store) Stamp() (Stamp, error) {
	var info unix.Stat_t
	switch err := unix.Stat(filepath.Join(s.dir, manifestName), &info); {
	case errors.Is(err, fs.ErrNotExist):
		return Stamp{}, nil
	case err != nil:
		return Stamp{}, showback.Errorf(showback.KindUnavailable, "read manifest: %w", err)
	}
	return Stamp{info.Ino, info.Size, time.Unix(info.Mtim.Unix())}, nil
}

// Close lets go of the version.
func (s *Snapshot) Close() error { return s.lock.unlock() }

// CompactPath returns the path of a compact file.
func (s *Snapshot) CompactPath(c *Compact) string {
	return filepath.Join(s.dir, filepath.FromSlash(c.File))
}

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
	for _, seg := range m.All() {
		keep[seg.File] = true
	}
	for _, c := range m.Compacts {
		keep[c.File] = true
	}
	// The patterns are matched inside the folder: its own path may hold what
	// a pattern would take for a wildcard.
	inside := os.DirFS(s.dir)
	for _, pattern := range []string{dimsPattern, segFolder + "/*/*", tmpFolder + "/*"} {
		found, err := fs.Glob(inside, pattern)
		if err != nil {
			return showback.Errorf(showback.KindInternal, "sweep store: %w", err)
		}
		for _, file := range found {
			if keep[file] {
				continue
			}
			if err := os.RemoveAll(filepath.Join(s.dir, filepath.FromSlash(file))); err != nil {
				return showback.Errorf(showback.KindUnavailable, "sweep store: %w", err)
			}
		}
	}
	months, err := fs.Glob(inside, segFolder+"/*")
	if err != nil {
		return showback.Errorf(showback.KindInternal, "sweep store: %w", err)
	}
	for _, folder := range months {
		os.Remove(filepath.Join(s.dir, filepath.FromSlash(folder))) // only an empty one goes
	}
	return nil
}

// tells reports whether a name in a folder tells that a store is there. Those of
// tmp and raw, which other folders have too, don't.
func tells(name string) bool {
	return slices.Contains([]string{manifestName, segFolder, sourcesName, importLock, readersLock}, name) ||
		slices.Contains(besides, name) || strings.HasPrefix(name, "dims.v")
}

// Prepare makes the folder of the store, for what is kept in it beside the
// ledger. A folder that holds other things is an error of KindInvalid.
func (s *Store) Prepare() error { return s.prepare() }

// prepare makes the folders of the store. A folder without manifest that holds
// other things is refused: it is more likely a mistyped --store than a place
// for a ledger.
func (s *Store) prepare() error {
	if strings.Contains(s.dir, "?") {
		return showback.WithHint(showback.Errorf(showback.KindInvalid, "open store %s: the engine cannot write below a path with a ?", s.dir),
			"name another folder with --store")
	}
	entries, err := os.ReadDir(s.dir)
	if errors.Is(err, unix.ENOTDIR) {
		return notFolder(s.dir)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return storeError(err)
	}
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = e.Name()
	}
	if !slices.Contains(names, manifestName) {
		for _, name := range names {
			if name != tmpFolder && name != rawFolder && !tells(name) {
				return showback.WithHint(showback.Errorf(showback.KindInvalid,
					"open store %s: the folder holds %q, which is no part of a store", s.dir, name),
					"name an empty or a new folder with --store")
			}
		}
	}
	for _, d := range []string{segFolder, tmpFolder} {
		if err := os.MkdirAll(filepath.Join(s.dir, d), 0o755); err != nil {
			return storeError(err)
		}
	}
	return nil
}

// storeError says of the store's folder what the system refused.
func storeError(err error) error {
	if errors.Is(err, fs.ErrPermission) || errors.Is(err, unix.EROFS) {
		return showback.WithHint(showback.Errorf(showback.KindDenied, "change store: %w", err),
			"reading it works; to import, name a store that you may write, with --store")
	}
	return withRoom(showback.Errorf(showback.KindUnavailable, "change store: %w", err))
}
