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
	f, err := os.Open(ref.Path)
	if errors.Is(err, fs.ErrNotExist) {
		return showback.Errorf(showback.KindNotFound, "open %s: the file is gone", ref.Path)
	}
	if err != nil {
		return showback.Errorf(showback.KindUnavailable, "open file: %w", err)
	}
	defer f.Close()
	size, err := verify(ctx, f, ref)
	if err != nil {
		return err
	}
	seen := 0
	err = read(f, size, func(l *line) error {
		if seen++; seen%4096 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		return visit(l)
	})
	if err != nil {
		return showback.Errorf(showback.KindOf(err), "read %s: %w", ref.Path, err)
	}
	return nil
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

func read(f *os.File, size int64, visit func(*line) error) error {
	var magic [4]byte
	n, err := f.ReadAt(magic[:], 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return showback.Errorf(showback.KindUnavailable, "read file: %w", err)
	}
	if string(magic[:n]) == "PAR1" {
		return readParquet(f, size, visit)
	}
	content := io.Reader(io.NewSectionReader(f, 0, size))
	if bytes.HasPrefix(magic[:n], []byte{0x1f, 0x8b}) {
		unzipped, err := gzip.NewReader(bufio.NewReaderSize(content, 256<<10))
		if err != nil {
			return showback.Errorf(showback.KindCorrupt, "unzip file: %w", err)
		}
		content = unzipped
	}
	return readCSV(content, visit)
}

// readCSV visits the rows of a CSV file after RFC 4180, its columns named by
// the header.
func readCSV(content io.Reader, visit func(*line) error) error {
	buffered := bufio.NewReaderSize(content, 256<<10)
	if mark, _ := buffered.Peek(3); string(mark) == "\ufeff" {
		_, _ = buffered.Discard(3) // peeked, so it cannot fail
	}
	rows := csv.NewReader(buffered)
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
