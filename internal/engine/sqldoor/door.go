package sqldoor

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/duckdb/duckdb-go/v2"

	"showback"
	"showback/internal/ledger"
)

// The bounds of a query where Options give none.
const (
	DefaultMemory  = int64(2) << 30
	DefaultTimeout = 2 * time.Minute
)

// leastMemory is what the engine needs for a query at all.
const leastMemory = 32 << 20

// Options bound what is read and what a query may take. The zero value is
// everything in the ledger and the defaults.
type Options struct {
	Memory  int64         // bytes that the engine may use, of all queries at once
	Timeout time.Duration // for each query
	// From and To restrict the months, both included, whose charges are to be
	// read; empty for no bound. Their segments alone are attached.
	From, To showback.Month
}

// Door answers queries over one version of the ledger. It is safe for
// concurrent use.
type Door struct {
	db       *sql.DB
	opts     Options
	segments []segment
	others   map[string]string // the views beside charges
	slots    chan struct{}
	left     atomic.Bool // a query was left to itself: see leave
}

// Open makes a door to the snapshot, which stays the caller's, who closes it
// after the door. A file of the store that is missing or damaged is an error of
// KindCorrupt that names it.
func Open(ctx context.Context, snap *ledger.Snapshot, opts Options) (*Door, error) {
	if opts.Memory == 0 {
		opts.Memory = DefaultMemory
	}
	if opts.Timeout == 0 {
		opts.Timeout = DefaultTimeout
	}
	if opts.Memory < leastMemory || opts.Timeout < 0 {
		return nil, showback.Errorf(showback.KindInvalid, "open SQL: %d bytes of memory and %s of time, want at least %d and some time",
			opts.Memory, opts.Timeout, leastMemory)
	}
	threads := runtime.GOMAXPROCS(0)
	connector, err := duckdb.NewConnector(settings(opts.Memory, threads), nil)
	if err != nil {
		return nil, showback.Errorf(showback.KindUnavailable, "open SQL: %w", err)
	}
	d := &Door{db: sql.OpenDB(connector), opts: opts, slots: make(chan struct{}, threads)}
	d.db.SetMaxIdleConns(threads)
	if err := d.prepare(ctx, snap); err != nil {
		return nil, errors.Join(err, d.Close())
	}
	return d, nil
}

// settings writes what the engine starts with. It spills nothing to the disk:
// what does not fit in memory ends, and no query can fill a disk.
func settings(memory int64, threads int) string {
	return "?" + url.Values{
		"memory_limit":                 {strconv.FormatInt(memory, 10) + "B"},
		"threads":                      {strconv.Itoa(threads)},
		"temp_directory":               {""},
		"autoinstall_known_extensions": {"false"},
		"autoload_known_extensions":    {"false"},
		"allow_community_extensions":   {"false"},
	}.Encode()
}

// lock is what shuts the engine in once everything is attached. The order
// counts: the first writes down which files may be opened all the same, those
// attached, and the second takes the file system away altogether.
var lock = []string{
	"SET GLOBAL TimeZone = 'UTC'",
	"SET enable_external_access = false",
	"SET disabled_filesystems = 'LocalFileSystem'",
	"SET lock_configuration = true",
}

// prepare attaches the store and locks the engine.
func (d *Door) prepare(ctx context.Context, snap *ledger.Snapshot) error {
	conn, err := d.db.Conn(ctx)
	if err != nil {
		return engineError(ctx, "open SQL", err)
	}
	defer conn.Close()
	if err := addDerivations(conn); err != nil {
		return showback.Errorf(showback.KindInternal, "open SQL: %w", err)
	}
	if path := snap.DimsPath(); path != "" {
		if err := attach(ctx, conn, path, filepath.Base(path), "dims"); err != nil {
			return err
		}
	}
	for i := range snap.Segments {
		s := &snap.Segments[i]
		if d.opts.From != "" && s.Month < d.opts.From || d.opts.To != "" && s.Month > d.opts.To {
			continue
		}
		catalog := "s" + strconv.Itoa(i)
		if err := attach(ctx, conn, snap.SegmentPath(s), s.File, catalog); err != nil {
			return err
		}
		d.segments = append(d.segments, segment{s, catalog})
	}
	d.others = otherViews(d.segments, snap.DimsPath() != "")
	for _, text := range append(deliveryTable(&snap.Manifest), lock...) {
		if _, err := conn.ExecContext(ctx, text); err != nil {
			return engineError(ctx, "open SQL", err)
		}
	}
	return nil
}

// attach makes a file of the store known under a name, for reading only.
func attach(ctx context.Context, conn *sql.Conn, path, file, catalog string) error {
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
	if _, err := conn.ExecContext(ctx, "ATTACH "+quote(path)+" AS "+catalog+" (READ_ONLY, TYPE duckdb)"); err != nil {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		line, _, _ := strings.Cut(err.Error(), "\n")
		return damaged(file, line)
	}
	return nil
}

func damaged(file, what string) error {
	return showback.WithHint(showback.Errorf(showback.KindCorrupt, "read %s: %s", file, what), "see what is damaged: showback check")
}

// Close lets go of all files. No query may be under way. Where one was left to
// itself its engine stays as it is, for the process to end.
func (d *Door) Close() error {
	if d.left.Load() {
		return nil
	}
	if err := d.db.Close(); err != nil {
		return showback.Errorf(showback.KindUnavailable, "close SQL: %w", err)
	}
	return nil
}

// Query runs one SELECT. The caller closes the rows, which are all in memory.
// What is no single SELECT, reads anything but the views or is wrong in another
// way is an error of KindInvalid; what takes more memory or time than it may is
// one of KindUnavailable; the end of ctx is its cause.
func (d *Door) Query(ctx context.Context, text string) (*Rows, error) {
	if err := checkSize(text); err != nil {
		return nil, err
	}
	select {
	case d.slots <- struct{}{}:
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	defer func() { <-d.slots }()
	if d.left.Load() {
		return nil, showback.Errorf(showback.KindUnavailable, "run query: a query before it could not be ended, and the engine is left with it")
	}
	limited, cancel := context.WithTimeoutCause(ctx, d.opts.Timeout, d.timeError())
	defer cancel()
	return d.watch(limited, func(ctx context.Context) (*Rows, error) { return d.run(ctx, text) })
}

// run checks and runs a statement.
func (d *Door) run(ctx context.Context, text string) (*Rows, error) {
	conn, err := d.db.Conn(ctx)
	if err != nil {
		return nil, d.queryError(ctx, err)
	}
	rows, err := d.ask(ctx, conn, text)
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return rows, nil
}

// parse has the engine write a text as JSON, as its parser understands it.
const parse = "SELECT CAST(json_serialize_sql(CAST(? AS VARCHAR)) AS VARCHAR)"

func (d *Door) ask(ctx context.Context, conn *sql.Conn, text string) (*Rows, error) {
	var parsed string
	if err := conn.QueryRowContext(ctx, parse, text).Scan(&parsed); err != nil {
		return nil, d.queryError(ctx, err)
	}
	seek, err := check(text, []byte(parsed))
	if err != nil {
		return nil, err
	}
	rows, err := d.selectFrom(ctx, conn, text, seek)
	if err != nil && !seek.whole && isMistake(err) {
		// What the engine proposes instead should come from all columns.
		seek.whole = true
		rows, err = d.selectFrom(ctx, conn, text, seek)
	}
	if err != nil {
		return nil, d.queryError(ctx, err)
	}
	return rows, nil
}

// selectFrom makes the views that the statement needs, for this connection alone,
// and runs it.
func (d *Door) selectFrom(ctx context.Context, conn *sql.Conn, text string, seek *seek) (*Rows, error) {
	views := map[string]string{}
	for name, view := range d.others {
		if seek.whole || seek.mentioned[name] {
			views[name] = view
		}
	}
	if seek.whole || seek.mentioned["charges"] {
		views["charges"] = chargesView(d.segments, seek.wants)
	}
	for name, view := range views {
		if _, err := conn.ExecContext(ctx, "CREATE OR REPLACE TEMP VIEW "+name+" AS "+view); err != nil {
			return nil, err
		}
	}
	var rows *Rows
	err := conn.Raw(func(raw any) error {
		var err error
		rows, err = selectOn(ctx, raw.(*duckdb.Conn), text)
		return err
	})
	if err != nil {
		return nil, err
	}
	rows.conn = conn
	return rows, nil
}

// selectOn runs a statement once the engine has said that it is one, and a
// SELECT. Prepare takes one statement alone and runs none.
func selectOn(ctx context.Context, conn *duckdb.Conn, text string) (*Rows, error) {
	prepared, err := conn.Prepare(text)
	if err != nil {
		return nil, err
	}
	s := prepared.(*duckdb.Stmt)
	kind, err := s.StatementType()
	switch {
	case err != nil:
		return nil, errors.Join(err, s.Close())
	case kind != duckdb.STATEMENT_TYPE_SELECT:
		return nil, errors.Join(refusef("the engine takes it for something else than a SELECT (type %d)", kind), s.Close())
	case s.NumInput() > 0:
		return nil, errors.Join(refusef("found %d parameters, want none", s.NumInput()), s.Close())
	}
	found, err := s.QueryContext(ctx, []driver.NamedValue{})
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return newRows(found, s), nil
}

// deliveryTable writes the statements that make the table of deliveries.
func deliveryTable(m *ledger.Manifest) []string {
	var columns []string
	for _, c := range deliveryColumns {
		columns = append(columns, `"`+c.Name+`" `+c.Type)
	}
	texts := []string{"CREATE SCHEMA memory.kept", "CREATE TABLE memory.kept.delivery (" + strings.Join(columns, ", ") + ")"}
	all := m.All()
	for i := range all {
		texts = append(texts, "INSERT INTO memory.kept.delivery VALUES ("+deliveryRow(&all[i])+")")
	}
	return texts
}

func deliveryRow(s *ledger.Segment) string {
	orNull := func(text, kind string) string {
		if text == "" {
			return "NULL"
		}
		return "CAST(" + quote(text) + " AS " + kind + ")"
	}
	stamp := func(t time.Time) string {
		if t.IsZero() {
			return "NULL"
		}
		return orNull(t.UTC().Format("2006-01-02 15:04:05.999999"), "TIMESTAMP")
	}
	var currencies, costs, bases, keys []string
	for _, t := range s.Totals {
		currencies = append(currencies, quote(t.Currency))
		costs = append(costs, "CAST("+quote(t.Amounts[showback.Unblended].String())+" AS "+amount+")")
	}
	for _, b := range s.Bases {
		bases = append(bases, quote(string(b)))
	}
	for text := range s.TagKeys {
		if key, ok := showback.ParseTagKey(text); ok {
			text = key.Flag()
		}
		keys = append(keys, quote(text))
	}
	list := func(items []string) string { return "[" + strings.Join(items, ", ") + "]" }
	return strings.Join([]string{
		quote(string(s.Month)), quote(s.Payer), orNull(s.PayerName, "VARCHAR"), quote(s.Export),
		fmt.Sprint(s.AsideFor == ""), orNull(s.AsideFor, "VARCHAR"), quote(s.Delivery.ID), stamp(s.Delivery.Made), stamp(s.Delivery.Loaded),
		fmt.Sprint(len(s.Open) > 0), fmt.Sprint(s.Charges), fmt.Sprint(s.Charges - s.Facts()), fmt.Sprint(s.Rejects),
		"MAP(" + list(currencies) + ", " + list(costs) + ")", list(bases), "list_sort(" + list(keys) + ")",
		fmt.Sprint(s.Hourly), orNull(s.FirstDay, "DATE"), orNull(s.LastDay, "DATE"),
	}, ", ")
}
