package duckdb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"sync"

	"showback"
	"showback/internal/ledger"
)

// idleSegments is how many segments stay attached that no query reads, at 0.7
// MB of memory each. A question asks for all of its segments several times
// over: where they are more than this, each time attaches them all again, at a
// millisecond each.
const idleSegments = 256

// segments keeps track of the attached segments. To detach one that a query is
// being bound to fails the query, so each counts who uses it.
type segments struct {
	in   *instance
	keep int // idle ones, at most

	mu   sync.Mutex
	open map[string]*segment // by file
	idle []*segment          // without users, the longest idle first
}

// segment is an attached segment.
type segment struct {
	file    string
	catalog string
	users   int

	mu      sync.Mutex
	callers string // table of derived callers; empty until one is needed
	// agree says of meters, by the catalog of dimensions, and of callers whether
	// those for which one stands in a rollup are still alike.
	agree map[string]bool
	// found are ids of callers, by the query that found them.
	found map[string][]int32
}

// acquire attaches a file of the store, if need be, and keeps it so until
// release. check looks at it when it was attached.
func (ss *segments) acquire(ctx context.Context, path, file string, check func(*segment) error) (*segment, error) {
	ss.mu.Lock()
	defer ss.mu.Unlock()
	if s := ss.open[file]; s != nil {
		s.users++
		ss.idle = slices.DeleteFunc(ss.idle, func(idle *segment) bool { return idle == s })
		return s, nil
	}
	s := &segment{file: file, catalog: ss.in.name("s"), users: 1, agree: map[string]bool{}}
	if err := attach(ctx, ss.in.db, path, file, s.catalog); err != nil {
		return nil, err
	}
	if err := check(s); err != nil {
		ss.detach(s)
		return nil, err
	}
	ss.open[file] = s
	return s, nil
}

// release ends one use of the segment. What is idle for longest makes room.
func (ss *segments) release(s *segment) {
	ss.mu.Lock()
	defer ss.mu.Unlock()
	s.users--
	if s.users > 0 {
		return
	}
	ss.idle = append(ss.idle, s)
	if len(ss.idle) > ss.keep {
		oldest := ss.idle[0]
		ss.idle = slices.Delete(ss.idle, 0, 1)
		delete(ss.open, oldest.file)
		ss.detach(oldest)
	}
}

// detach lets go of a segment that no one uses. If the engine refuses, the
// segment stays attached under a name that is never used again, which costs
// some memory and harms nothing.
func (ss *segments) detach(s *segment) {
	ctx := context.Background()
	if s.callers != "" {
		_, _ = ss.in.db.ExecContext(ctx, "DROP TABLE "+s.callers)
	}
	ss.in.maps.drop(ss.in.db, s.catalog)
	_, _ = ss.in.db.ExecContext(ctx, "DETACH "+s.catalog)
}

// attach makes a file of the store known under a name, for reading only.
func attach(ctx context.Context, db *sql.DB, path, file, catalog string) error {
	f, err := os.Open(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return damaged(file, "no such file, but the manifest names it")
	case errors.Is(err, fs.ErrPermission):
		return showback.Errorf(showback.KindDenied, "read %s: permission denied", file)
	case err != nil:
		return showback.Errorf(showback.KindUnavailable, "read %s: %w", file, err)
	}
	f.Close()
	if _, err := db.ExecContext(ctx, "ATTACH "+quote(path)+" AS "+catalog+" (READ_ONLY, TYPE duckdb)"); err != nil {
		// Whatever else the engine makes of it, the file is no database.
		return faultOr(ctx, showback.KindCorrupt, file, err)
	}
	return nil
}

// check makes sure that the file is the one that the manifest means. It does
// not judge what is in it: to find a charge that is missing or doubled, and say
// which, is what reconcile is for.
func (s *segment) check(ctx context.Context, db *sql.DB, seg *ledger.Segment) error {
	var format int
	var payer, export, month string
	err := db.QueryRowContext(ctx, fmt.Sprintf("SELECT format, payer, export, month FROM %s.about", s.catalog)).
		Scan(&format, &payer, &export, &month)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return damaged(seg.File, "it says nothing about itself")
	case err != nil:
		return fault(ctx, seg.File, err)
	case format != seg.Format():
		return damaged(seg.File, "its format is %d, want %d", format, seg.Format())
	case payer != seg.Payer || export != seg.Export || month != string(seg.Month):
		return damaged(seg.File, "it holds payer %s, export %s, month %s, want %s, %s, %s", payer, export, month, seg.Payer, seg.Export, seg.Month)
	}
	return nil
}

// checkCompact does it for a compact file.
func (s *segment) checkCompact(ctx context.Context, db *sql.DB, c *ledger.Compact) error {
	var ours int
	err := db.QueryRowContext(ctx, fmt.Sprintf("SELECT count(*) FILTER (format = %d AND month = ?) FROM %s.about", ledger.Format, s.catalog), string(c.Month)).Scan(&ours)
	if err != nil {
		return fault(ctx, c.File, err)
	}
	if ours != len(c.Parts) {
		return damaged(c.File, "it holds %d segments of %s, want %d", ours, c.Month, len(c.Parts))
	}
	return nil
}
