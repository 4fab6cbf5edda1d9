package reconcile

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"showback"
)

// readFile visits the lines of a delivered file after it has seen that the file
// is still the one that the ledger was made from. What the file is, its first
// bytes say. A file of 0 bytes or without rows has no lines.
func readFile(ctx context.Context, ref FileRef, visit func(*line) error) error {
	if ref.Path == "" {
		return showback.Errorf(showback.KindNotFound, "open %s: the file was not kept when it was fetched", ref.Object)
	}
	f, before, err := openFile(ref.Path)
	if err != nil {
		return err
	}
	defer f.Close()
	size, err := verify(ctx, f, ref)
	if err != nil {
		return err
	}
	seen := 0
	err = read(ctx, f, size, func(l *line) error {
		if seen++; seen%4096 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		return visit(l)
	})
	if ctx.Err() != nil {
		return ctx.Err()
	}
	// Changed while it was read, it may be half of one file and half of another.
	if after, statErr := f.Stat(); statErr == nil && (after.Size() != before.Size() || !after.ModTime().Equal(before.ModTime())) {
		return showback.Errorf(showback.KindConflict, "read %s: the file changed while it was read", ref.Path)
	}
	if err != nil {
		return showback.Errorf(showback.KindOf(err), "read %s: %w", ref.Path, err)
	}
	return nil
}

// openFile opens what must be a file: a pipe would wait for somebody to write
// into it, a device would never end.
func openFile(path string) (*os.File, fs.FileInfo, error) {
	info, err := os.Stat(path)
	if err == nil && !info.Mode().IsRegular() {
		return nil, nil, showback.Errorf(showback.KindInvalid, "open %s: it is no file any more, but %s", path, info.Mode())
	}
	var f *os.File
	if err == nil {
		f, err = os.Open(path)
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil, showback.Errorf(showback.KindNotFound, "open %s: the file is gone", path)
	case errors.Is(err, fs.ErrPermission):
		return nil, nil, showback.Errorf(showback.KindDenied, "open %s: permission denied", path)
	case err != nil:
		return nil, nil, showback.Errorf(showback.KindUnavailable, "open file: %w", err)
	}
	return f, info, nil
}

// verify compares the file's digest with the one on record and returns its
// size in bytes.
func verify(ctx context.Context, f *os.File, ref FileRef) (int64, error) {
	hash := sha256.New()
	size, err := io.Copy(hash, contextReader{ctx, f})
	if err != nil {
		return 0, showback.Errorf(showback.KindUnavailable, "read file: %w", err)
	}
	if found := hex.EncodeToString(hash.Sum(nil)); found != strings.ToLower(ref.SHA256) {
		return 0, showback.Errorf(showback.KindConflict, "check %s: the file has changed: found %d bytes with sha256 %s, want %d with %s",
			ref.Path, size, short(found), ref.Size, short(ref.SHA256))
	}
	return size, nil
}

// short cuts a digest to what a person compares.
func short(digest string) string { return digest[:min(len(digest), 12)] }

// contextReader stops reading when its context ends.
type contextReader struct {
	ctx context.Context
	r   io.Reader
}

func (r contextReader) Read(b []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.r.Read(b)
}

func read(ctx context.Context, f io.ReaderAt, size int64, visit func(*line) error) error {
	var magic [4]byte
	n, err := f.ReadAt(magic[:], 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return showback.Errorf(showback.KindUnavailable, "read file: %w", err)
	}
	if string(magic[:n]) == "PAR1" {
		return readParquet(ctx, f, size, visit)
	}
	content := io.Reader(io.NewSectionReader(f, 0, size))
	if bytes.HasPrefix(magic[:n], []byte{0x1f, 0x8b}) {
		unzipped, err := gzip.NewReader(bufio.NewReaderSize(content, 256<<10))
		if err != nil {
			return showback.Errorf(showback.KindCorrupt, "unzip file: %w", err)
		}
		content = &bombGuard{in: unzipped, most: max(freeBytes, size*mostUnpacked)}
	}
	return readCSV(content, visit)
}

const (
	// A bill packs to a tenth or a sixtieth. What is small may swell more.
	mostUnpacked = 500
	freeBytes    = 256 << 20
	// maxRow is how long a row may be: a quote that is not closed would make one
	// of all the rest.
	maxRow = 16 << 20
)

// bombGuard ends a text that is longer than its packed form can be of a bill.
type bombGuard struct {
	in      io.Reader
	n, most int64
}

func (g *bombGuard) Read(p []byte) (int, error) {
	n, err := g.in.Read(p)
	if g.n += int64(n); g.n > g.most {
		return n, showback.Errorf(showback.KindInvalid, "unzip file: more than %d bytes come out, which no bill of its size holds", g.most)
	}
	return n, err
}

// rowGuard ends a row that is too long for one.
type rowGuard struct {
	in   io.Reader
	left int64 // bytes that the row may still take
}

var errLongRow = fmt.Errorf("longer than %d MB", maxRow>>20)

func (g *rowGuard) Read(p []byte) (int, error) {
	if g.left <= 0 {
		return 0, errLongRow
	}
	n, err := g.in.Read(p)
	g.left -= int64(n)
	return n, err
}

// readCSV visits the rows of a CSV file after RFC 4180, its columns named by
// the header.
func readCSV(content io.Reader, visit func(*line) error) error {
	buffered := bufio.NewReaderSize(content, 256<<10)
	if mark, _ := buffered.Peek(3); string(mark) == "\ufeff" {
		_, _ = buffered.Discard(3) // peeked, so it cannot fail
	}
	guard := &rowGuard{in: buffered, left: maxRow}
	rows := csv.NewReader(guard)
	rows.ReuseRecord = true
	header, err := rows.Read()
	if errors.Is(err, io.EOF) {
		return nil
	}
	if err != nil {
		return showback.Errorf(showback.KindCorrupt, "read header: %w", err)
	}
	at, fields := map[string]int{}, len(header)
	for i, name := range header {
		if _, twice := at[name]; !twice {
			at[strings.Clone(name)] = i
		}
	}
	cells, l := newCellReader(), &line{}
	take := csvColumns(at, cells)
	for row := int64(1); ; row++ {
		guard.left = maxRow
		record, err := rows.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if row == 1 {
			// Only now: a file without rows may have any header.
			if err := needColumns(func(name string) bool { _, ok := at[name]; return ok }); err != nil {
				return err
			}
		}
		l.reset(row)
		switch {
		case errors.Is(err, csv.ErrFieldCount):
			l.bad = showback.Errorf(showback.KindInvalid, "read row %d: found %d fields, want %d", row, len(record), fields)
		case errors.Is(err, csv.ErrQuote), errors.Is(err, csv.ErrBareQuote):
			l.bad = showback.Errorf(showback.KindInvalid, "read row %d: %w", row, err)
		case err != nil && showback.KindOf(err) != showback.KindInternal:
			return err
		case err != nil:
			return showback.Errorf(showback.KindCorrupt, "read row %d: %w", row, err)
		default:
			for _, t := range take {
				t(record, l)
			}
			l.check()
		}
		if err := visit(l); err != nil {
			return err
		}
	}
}

// csvColumns returns what takes each needed column out of a record.
func csvColumns(at map[string]int, cells *cellReader) []func([]string, *line) {
	var take []func([]string, *line)
	for c, name := range textNames {
		if i, ok := at[name]; ok {
			take = append(take, func(record []string, l *line) {
				cells.setText(l, textColumn(c), cells.internText(record[i]))
			})
		}
	}
	for c, name := range amountNames {
		if i, ok := at[name]; ok {
			take = append(take, func(record []string, l *line) {
				setAmount(cells, l, amountColumn(c), record[i])
			})
		}
	}
	return take
}
