package directory

import (
	"context"
	"database/sql"
	"time"
)

// A tx is one change of the directory.
type tx struct {
	*sql.Tx
	ctx context.Context
	d   *Directory
	// at is the instant of the change: the clock's, to the microsecond that the
	// database keeps.
	at time.Time
	// changed reports that something is another than before.
	changed bool
}

// change runs one change: all of it is kept, or on an error none. What it
// acknowledges is on the disk. It raises the version where do changed anything.
func (d *Directory) change(ctx context.Context, do func(*tx) error) error {
	db, err := d.writer(ctx)
	if err != nil {
		return err
	}
	inner, err := db.BeginTx(ctx, nil)
	if err != nil {
		return d.failed("change", err)
	}
	defer inner.Rollback() //nolint:errcheck // after a commit there is nothing to take back
	t := &tx{Tx: inner, ctx: ctx, d: d, at: d.now().UTC().Truncate(time.Microsecond)}
	if err := do(t); err != nil {
		return d.failed("change", err)
	}
	if !t.changed {
		return nil
	}
	if err := t.exec("UPDATE change SET version = version + 1"); err != nil {
		return d.failed("change", err)
	}
	return d.failed("change", inner.Commit())
}

func (t *tx) exec(query string, args ...any) error {
	_, err := t.ExecContext(t.ctx, query, args...)
	return err
}

// insert runs an INSERT that changes the directory, and returns the row's id.
func (t *tx) insert(query string, args ...any) (int64, error) {
	t.changed = true
	result, err := t.ExecContext(t.ctx, query, args...)
	if err != nil {
		return 0, err
	}
	return result.LastInsertId()
}

// A querier reads: in a change, or in a look.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// look runs what reads, all of it of one version.
func (d *Directory) look(ctx context.Context, do func(querier) error) error {
	db, err := d.reader(ctx)
	if err != nil {
		return err
	}
	inner, err := db.BeginTx(ctx, nil)
	if err != nil {
		return d.failed("read", err)
	}
	defer inner.Rollback() //nolint:errcheck // after a commit there is nothing to take back
	return d.failed("read", do(inner))
}

// each calls row for each row that a query finds.
func each(ctx context.Context, q querier, row func(scan func(...any) error) error, query string, args ...any) error {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := row(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}

// micros is an instant as the database has it.
func micros(t time.Time) int64 { return t.UnixMicro() }

func instant(us int64) time.Time { return time.UnixMicro(us).UTC() }

// optional is an instant that may be none: the zero time is NULL.
func optional(t time.Time) sql.NullInt64 {
	return sql.NullInt64{Int64: t.UnixMicro(), Valid: !t.IsZero()}
}

func whenever(us sql.NullInt64) time.Time {
	if !us.Valid {
		return time.Time{}
	}
	return instant(us.Int64)
}

// Version returns how many changes the directory has had: another answer is
// only to be had at another version. It is read from the database each time.
func (d *Directory) Version(ctx context.Context) (version int64, err error) {
	err = d.look(ctx, func(q querier) error {
		version, err = versionOf(ctx, q)
		return err
	})
	return version, err
}

func versionOf(ctx context.Context, q querier) (version int64, err error) {
	err = q.QueryRowContext(ctx, "SELECT version FROM change").Scan(&version)
	return version, err
}
