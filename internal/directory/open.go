package directory

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sys/unix"
	"modernc.org/sqlite" // and with it the driver "sqlite"

	"showback"
)

// The files of a directory in the folder of the store.
const (
	databaseName = "state.db"
	sealName     = "state.key"
)

// Directory is the directory of a store. Its methods are safe for concurrent
// use. Whoever opened it calls Close.
type Directory struct {
	dir string
	now func() time.Time

	mu     sync.Mutex // guards what follows
	read   *sql.DB    // nil until first needed
	write  *sql.DB    // nil until first needed: to look changes nothing on the disk
	absent *sql.DB    // read, while it is an empty database of the memory since there is none on the disk
	left   []*sql.DB  // read before, and perhaps still at work
}

// Open names the directory of the store in a folder. It reads nothing yet. The
// folder need not hold a directory, which is an empty one then; the first
// change makes it, in a folder that exists.
func Open(dir string, now func() time.Time) *Directory { return &Directory{dir: dir, now: now} }

// Close lets go of the database.
func (d *Directory) Close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.close()
}

func (d *Directory) close() error {
	var errs []error
	for _, db := range append(d.left, d.read, d.write) {
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	d.read, d.write, d.absent, d.left = nil, nil, nil, nil
	return errors.Join(errs...)
}

func (d *Directory) path() string { return filepath.Join(d.dir, databaseName) }

// busyTimeout is how long a change waits for one of another process.
const busyTimeout = 30 * time.Second

// address returns the driver's name for the database. Changes begin with the
// lock that they need, so that none is refused in its middle. FULL: a commit is
// on the disk before it is acknowledged. (SQLite, "Pragma statements:
// synchronous" and "Write-ahead logging", 2026-06.)
func (d *Directory) address(options ...string) string {
	q := url.Values{"_pragma": {
		fmt.Sprintf("busy_timeout(%d)", busyTimeout.Milliseconds()), "foreign_keys(1)", "synchronous(FULL)",
	}}
	for _, o := range options {
		name, value, _ := strings.Cut(o, "=")
		q.Add(name, value)
	}
	return (&url.URL{Scheme: "file", Path: d.path(), RawQuery: q.Encode()}).String()
}

// reader returns the database to read from.
func (d *Directory) reader(ctx context.Context) (*sql.DB, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.absent != nil {
		// Another process may have made it since.
		if info, err := os.Stat(d.path()); err == nil && info.Size() > 0 {
			d.left = append(d.left, d.absent)
			d.read, d.absent = nil, nil
		}
	}
	if d.read != nil {
		return d.read, nil
	}
	db, absent, err := d.openReader(ctx)
	if err != nil {
		return nil, d.failed("read", err)
	}
	d.read = db
	if absent {
		d.absent = db
	}
	return db, nil
}

func (d *Directory) openReader(ctx context.Context) (db *sql.DB, absent bool, err error) {
	info, err := os.Stat(d.path())
	switch {
	// A file of length 0 is one that another process is just making.
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, unix.ENOTDIR), err == nil && info.Size() == 0:
		db, err = sql.Open("sqlite", "file::memory:")
		if err == nil {
			db.SetMaxOpenConns(1) // each connection would be a database of its own
			err = migrate(ctx, db)
		}
		return db, true, closing(db, err)
	case err != nil:
		return nil, false, err
	}
	options := []string{"_pragma=query_only(1)"}
	if unix.Access(d.dir, unix.W_OK) != nil {
		options = append(options, "mode=ro")
		if _, err := os.Stat(d.path() + "-wal"); errors.Is(err, fs.ErrNotExist) {
			options = append(options, "immutable=1") // nobody is changing it, and no lock can be made
		}
	}
	if db, err = sql.Open("sqlite", d.address(options...)); err != nil {
		return nil, false, err
	}
	version, err := formatOf(ctx, db)
	switch {
	case err != nil:
	case version > len(migrations):
		err = tooNew(d.path(), version)
	case version < len(migrations):
		// Another version of the program made it, or another process is about
		// to: what is missing is made as for a change.
		var w *sql.DB
		if w, err = d.openWriter(ctx); err == nil {
			err = w.Close()
		}
	}
	return db, false, closing(db, err)
}

// closing closes the database where there is an error.
func closing(db *sql.DB, err error) error {
	if err == nil || db == nil {
		return err
	}
	return errors.Join(err, db.Close())
}

// writer returns the database to change.
func (d *Directory) writer(ctx context.Context) (*sql.DB, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.write != nil {
		return d.write, nil
	}
	db, err := d.openWriter(ctx)
	if err != nil {
		return nil, d.failed("change", err)
	}
	d.write = db
	return db, nil
}

func (d *Directory) openWriter(ctx context.Context) (*sql.DB, error) {
	if err := unix.Access(d.dir, unix.W_OK|unix.X_OK); err != nil {
		return nil, &os.PathError{Op: "write in", Path: d.dir, Err: err}
	}
	// Not for all to read: tags, names and sealed secrets are in it. SQLite gives
	// the files beside it the same rights.
	f, err := os.OpenFile(d.path(), os.O_RDWR|os.O_CREATE, 0o600) //nolint:gosec // the folder that the user named
	if err != nil {
		return nil, err
	}
	if err := f.Close(); err != nil {
		return nil, err
	}
	if err := syncFolder(d.dir); err != nil {
		return nil, err
	}
	db, err := sql.Open("sqlite", d.address("_txlock=immediate", "_pragma=journal_mode(WAL)"))
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1) // changes wait for one another here rather than at the file's lock
	return db, closing(db, migrate(ctx, db))
}

func syncFolder(dir string) error {
	f, err := os.Open(dir) //nolint:gosec // the folder that the user named
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

//go:embed schema/*.sql
var schema embed.FS

// migrations are the steps from one format of the database to the next, in
// order; its user_version says how many it has had.
var migrations = func() []string {
	names, err := fs.Glob(schema, "schema/*.sql")
	if err != nil {
		panic("BUG: " + err.Error())
	}
	slices.Sort(names)
	var steps []string
	for _, name := range names {
		text, err := schema.ReadFile(name)
		if err != nil {
			panic("BUG: " + err.Error())
		}
		steps = append(steps, string(text))
	}
	return steps
}()

func formatOf(ctx context.Context, db *sql.DB) (version int, err error) {
	err = db.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version)
	return version, err
}

// migrate brings the database to the format of this program, in one step. Of
// two processes that do it at once the second finds it done.
func migrate(ctx context.Context, db *sql.DB) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // after a commit there is nothing to take back
	var version int
	if err := tx.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version); err != nil {
		return err
	}
	if version > len(migrations) {
		return tooNew(databaseName, version)
	}
	if version == len(migrations) {
		return nil
	}
	for _, step := range migrations[version:] {
		if _, err := tx.ExecContext(ctx, step); err != nil {
			return err
		}
	}
	if _, err := tx.ExecContext(ctx, fmt.Sprintf("PRAGMA user_version = %d", len(migrations))); err != nil {
		return err
	}
	return tx.Commit()
}

func tooNew(path string, version int) error {
	return showback.WithHint(showback.Errorf(showback.KindInvalid, "open %s: its format is %d, this program reads up to %d", path, version, len(migrations)),
		"use the version of showback that wrote it")
}

// failed says of an error of the database what kind it is; one that has a kind
// keeps it.
func (d *Directory) failed(verb string, err error) error {
	var kinded *showback.Error
	if err == nil || errors.As(err, &kinded) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	kind, hint := showback.KindUnavailable, ""
	var db *sqlite.Error
	switch {
	case errors.Is(err, fs.ErrPermission), errors.Is(err, unix.EROFS):
		kind, hint = showback.KindDenied, "name a store that you may write, with --store"
	case errors.As(err, &db):
		switch db.Code() & 0xff { // the rest is detail. (SQLite, "Result and error codes", 2026-06.)
		case 5, 6: // BUSY, LOCKED
			hint = "another process is changing it for long; start again when it is done"
		case 8, 3, 23: // READONLY, PERM, AUTH
			kind, hint = showback.KindDenied, "name a store that you may write, with --store"
		case 11, 26: // CORRUPT, NOTADB
			kind, hint = showback.KindCorrupt, "bills do not depend on it: put a copy of "+databaseName+" back, or move it away and fill the directory again"
		case 13: // FULL
			hint = "make room on the disk of the store, and start again: the directory is as it was"
		}
	}
	wrapped := showback.Errorf(kind, "%s %s: %w", verb, d.path(), err)
	if hint == "" {
		return wrapped
	}
	return showback.WithHint(wrapped, hint)
}
