package duckdb

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"sync"

	"github.com/duckdb/duckdb-go/v2"

	"showback"
	"showback/internal/identity"
	"showback/internal/ledger"
)

// idleSegments is how many segments stay attached that no query reads: about
// two years of two exports, at 0.7 MB of memory each. Attaching again costs a
// millisecond.
const idleSegments = 48

// segments keeps track of the attached segments. To detach one that a query is
// being bound to fails the query, so each counts who uses it.
type segments struct {
	db *sql.DB

	mu   sync.Mutex
	open map[string]*segment // by file
	idle []*segment          // without users, the longest idle first
	made int                 // numbers catalogs, so that no name comes back
}

// segment is an attached segment.
type segment struct {
	file    string
	catalog string
	users   int

	mu      sync.Mutex
	callers string // table of derived callers; empty until one is needed
}

// acquire attaches the segment, if need be, and keeps it so until release.
func (ss *segments) acquire(ctx context.Context, path string, seg *ledger.Segment) (*segment, error) {
	ss.mu.Lock()
	defer ss.mu.Unlock()
	if s := ss.open[seg.File]; s != nil {
		if s.users == 0 {
			ss.unidle(s)
		}
		s.users++
		return s, nil
	}
	ss.made++
	s := &segment{file: seg.File, catalog: fmt.Sprintf("s%d", ss.made), users: 1}
	if err := attach(ctx, ss.db, path, seg.File, s.catalog); err != nil {
		return nil, err
	}
	if err := s.check(ctx, ss.db, seg); err != nil {
		ss.detach(s)
		return nil, err
	}
	ss.open[seg.File] = s
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
	if len(ss.idle) > idleSegments {
		oldest := ss.idle[0]
		ss.idle = ss.idle[1:]
		delete(ss.open, oldest.file)
		ss.detach(oldest)
	}
}

func (ss *segments) unidle(s *segment) {
	for i := range ss.idle {
		if ss.idle[i] == s {
			ss.idle = append(ss.idle[:i], ss.idle[i+1:]...)
			return
		}
	}
}

// detach lets go of a segment that no one uses. If the engine refuses, the
// segment stays attached under a name that is never used again, which costs
// some memory and harms nothing.
func (ss *segments) detach(s *segment) {
	ctx := context.Background()
	if s.callers != "" {
		_, _ = ss.db.ExecContext(ctx, "DROP TABLE "+s.callers)
	}
	_, _ = ss.db.ExecContext(ctx, "DETACH "+s.catalog)
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
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		text, _, _ := strings.Cut(err.Error(), "\n\n")
		return damaged(file, "%s", text)
	}
	return nil
}

// check makes sure that the file is the one that the manifest means, by what
// it costs nothing to know.
func (s *segment) check(ctx context.Context, db *sql.DB, seg *ledger.Segment) error {
	var format int
	var payer, export, month string
	var charges int64
	err := db.QueryRowContext(ctx, fmt.Sprintf("SELECT format, payer, export, month, (SELECT count(*) FROM %[1]s.fact) FROM %[1]s.about", s.catalog)).
		Scan(&format, &payer, &export, &month, &charges)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return damaged(seg.File, "it says nothing about itself")
	case err != nil:
		return fault(ctx, seg.File, err)
	case format != ledger.Format:
		return damaged(seg.File, "its format is %d, want %d", format, ledger.Format)
	case payer != seg.Payer || export != seg.Export || month != string(seg.Month):
		return damaged(seg.File, "it holds payer %s, export %s, month %s, want %s, %s, %s", payer, export, month, seg.Payer, seg.Export, seg.Month)
	case charges != seg.Charges:
		return damaged(seg.File, "it holds %d charges, want %d", charges, seg.Charges)
	}
	return nil
}

// deriveCallers returns the table of what internal/identity says of the
// segment's callers; see sqlgen.SegmentInfo. It is made once and goes with the
// segment.
func (s *segment) deriveCallers(ctx context.Context, db *sql.DB) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.callers != "" {
		return s.callers, nil
	}
	conn, err := db.Conn(ctx)
	if err != nil {
		return "", fault(ctx, s.file, err)
	}
	defer conn.Close()
	name := "callers_" + s.catalog
	if err := fillCallers(ctx, conn, s.catalog, name); err != nil {
		_, _ = conn.ExecContext(context.WithoutCancel(ctx), "DROP TABLE IF EXISTS memory.main."+name)
		return "", fault(ctx, s.file, err)
	}
	s.callers = "memory.main." + name
	return s.callers, nil
}

func fillCallers(ctx context.Context, conn *sql.Conn, catalog, name string) error {
	_, err := conn.ExecContext(ctx, "CREATE TABLE memory.main."+name+" (caller_id INTEGER, principal VARCHAR, role VARCHAR,"+
		" session VARCHAR, person VARCHAR, who VARCHAR, person_folded VARCHAR, who_folded VARCHAR)")
	if err != nil {
		return err
	}
	rows, err := conn.QueryContext(ctx, "SELECT caller_id, arn FROM "+catalog+".caller ORDER BY caller_id")
	if err != nil {
		return err
	}
	defer rows.Close()
	var derived [][]driver.Value
	for rows.Next() {
		var id int32
		var arn string
		if err := rows.Scan(&id, &arn); err != nil {
			return err
		}
		derived = append(derived, derive(id, identity.Parse(arn)))
	}
	if err := rows.Err(); err != nil {
		return err
	}
	return conn.Raw(func(raw any) error {
		a, err := duckdb.NewAppenderFromConn(raw.(driver.Conn), "main", name)
		if err != nil {
			return err
		}
		for _, row := range derived {
			if err := a.AppendRow(row...); err != nil {
				return errors.Join(err, a.Close())
			}
		}
		return a.Close()
	})
}

// derive returns a row of the table of derived callers.
func derive(id int32, c showback.Caller) []driver.Value {
	principal := identity.PrincipalARN(c)
	person, ok := identity.PersonOf(c)
	who := person.Name
	if !ok {
		who = principal
	}
	row := []driver.Value{id}
	for _, text := range []string{principal, identity.Role(c), identity.Session(c), person.Name, who,
		strings.ToLower(person.Name), strings.ToLower(who)} {
		if text == "" {
			row = append(row, nil)
			continue
		}
		row = append(row, text)
	}
	return row
}
