package ledger

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/duckdb/duckdb-go/v2"

	"showback"
)

// work is one connection to an engine with a database file of its own, in
// which a delivery is staged. Everything is set explicitly: the engine's
// defaults would take most of the memory and write where the program runs.
type work struct {
	db      *sql.DB
	conn    *sql.Conn
	catalog string // of the database it works in
	memory  room   // what the engine may take
	tmp     string // the folder for what does not last

	intake
}

const (
	// mostMemory is what an engine takes of a large machine: others use it too.
	mostMemory = 4 << 30
	// leastMemory is what it gets where that is more than is free: it says so
	// when it does not suffice.
	leastMemory = 64 << 20
)

// memoryFor returns the engine's share of a room: three fifths, less where what
// the engine does not count would not fit beside it. stages says that a delivery
// is staged in it; for that a room may be too small to begin.
func memoryFor(r room, stages bool) (room, error) {
	if stages && r.bytes < r.least {
		return r, memoryError(r)
	}
	share := r
	if share.bytes = max(min(r.bytes/10*6, r.bytes-r.uncounted), leastMemory); share.bytes > mostMemory {
		share.bytes, share.by = mostMemory, "showback itself"
	}
	return share, nil
}

// errMemory is in the chain of every error that says that memory is short.
var errMemory = errors.New("not enough memory")

func memoryError(r room) error {
	return showback.WithHint(showback.Errorf(showback.KindUnavailable, "%w: it takes more than is left: %s left %d MB", errMemory, r.by, r.bytes>>20),
		"give it more memory, or run it on one processor (GOMAXPROCS=1); what does not fit in memory goes to the disk of the store, which must have room")
}

// openWork opens an engine that works in the database file at path, or in
// memory when path is empty.
func openWork(ctx context.Context, path, tmp string) (*work, error) {
	memory, err := memoryFor(memoryRoom(), strings.HasPrefix(filepath.Base(path), "work-"))
	if err != nil {
		return nil, err
	}
	// The file is attached, not opened: a data source name would take what
	// follows a ? in the path for options.
	db, err := sql.Open("duckdb", "")
	if err != nil {
		return nil, showback.Errorf(showback.KindUnavailable, "open engine: %w", err)
	}
	conn, err := db.Conn(ctx)
	if err != nil {
		db.Close()
		if noMemory(err) {
			return nil, memoryError(memory)
		}
		return nil, showback.Errorf(showback.KindUnavailable, "open engine: %w", err)
	}
	w := &work{db: db, conn: conn, catalog: "memory", memory: memory, tmp: tmp}
	sets := []string{
		"SET TimeZone = 'UTC'",
		fmt.Sprintf("SET memory_limit = '%dMB'", memory.bytes/1e6),
		fmt.Sprintf("SET threads = %d", runtime.GOMAXPROCS(0)),
		"SET temp_directory = " + quote(tmp),
		"SET enable_progress_bar = false",
		"SET autoinstall_known_extensions = false",
		"SET autoload_known_extensions = false",
	}
	if path != "" {
		w.catalog = "work"
		sets = append(sets, "ATTACH "+quote(path)+" AS work", "USE work")
	}
	for _, set := range sets {
		if err := w.exec(ctx, set); err != nil {
			w.close()
			return nil, err
		}
	}
	return w, nil
}

func (w *work) close() error {
	err := w.conn.Close()
	return errors.Join(err, w.db.Close())
}

func (w *work) exec(ctx context.Context, query string, args ...any) error {
	if _, err := w.conn.ExecContext(ctx, query, args...); err != nil {
		return w.engineError(ctx, err)
	}
	return nil
}

// one runs a query that gives one row.
func (w *work) one(ctx context.Context, query string, dest ...any) error {
	if err := w.conn.QueryRowContext(ctx, query).Scan(dest...); err != nil {
		return w.engineError(ctx, err)
	}
	return nil
}

// each runs a query and calls visit for every row; scan reads its columns.
func (w *work) each(ctx context.Context, query string, visit func(scan func(...any) error) error) error {
	rows, err := w.conn.QueryContext(ctx, query)
	if err != nil {
		return w.engineError(ctx, err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := visit(rows.Scan); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return w.engineError(ctx, err)
	}
	return nil
}

// fill appends rows to a table of the working database. next returns nil at
// the end.
func (w *work) fill(table string, next func() []driver.Value) error {
	return w.conn.Raw(func(raw any) error {
		a, err := duckdb.NewAppender(raw.(driver.Conn), w.catalog, "", table)
		if err != nil {
			return w.fillError(table, err)
		}
		for row := next(); row != nil; row = next() {
			if err := a.AppendRow(row...); err != nil {
				return errors.Join(w.fillError(table, err), a.Close())
			}
		}
		if err := a.Close(); err != nil {
			return w.fillError(table, err)
		}
		return nil
	})
}

func (w *work) fillError(table string, err error) error {
	if noMemory(err) {
		return memoryError(w.memory)
	}
	if cause := fullDisk(err); cause != nil {
		return w.fullError(cause)
	}
	return showback.Errorf(showback.KindInternal, "append to %s: %w", table, err)
}

func (w *work) fullError(cause error) error {
	return withRoom(showback.Errorf(showback.KindUnavailable, "write in %s: %w", w.tmp, cause))
}

// noMemory reports an error of the engine that says that it had too little
// memory, or nowhere to spill to.
func noMemory(err error) bool {
	var d *duckdb.Error
	text := err.Error()
	return errors.As(err, &d) && d.Type == duckdb.ErrorTypeOutOfMemory ||
		strings.Contains(text, "Out of Memory") || strings.Contains(text, "bad_alloc") || strings.Contains(text, "bad allocation")
}

// engineError gives an error of the engine a kind. Its text is kept: it names
// the place in the file that could not be read.
func (w *work) engineError(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if noMemory(err) {
		return memoryError(w.memory)
	}
	if cause := fullDisk(err); cause != nil {
		return w.fullError(cause)
	}
	kind := showback.KindInternal
	var d *duckdb.Error
	if errors.As(err, &d) {
		switch d.Type {
		case duckdb.ErrorTypeIO:
			kind = showback.KindUnavailable
		case duckdb.ErrorTypeOutOfRange, duckdb.ErrorTypeConversion, duckdb.ErrorTypeInvalidInput:
			kind = showback.KindCorrupt
		}
	}
	text := err.Error()
	if i := strings.Index(text, "\n\n"); i > 0 {
		text = text[:i]
	}
	return &showback.Error{Kind: kind, Text: text}
}

// quote writes a text as an SQL literal.
func quote(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }

// ident writes a name as an SQL identifier.
func ident(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// attach makes a database file known under a name.
func (w *work) attach(ctx context.Context, path, name string, readOnly bool) error {
	mode := ""
	if readOnly {
		mode = " (READ_ONLY)"
	}
	return w.exec(ctx, fmt.Sprintf("ATTACH %s AS %s%s", quote(path), name, mode))
}

func (w *work) detach(ctx context.Context, name string) error { return w.exec(ctx, "DETACH "+name) }
