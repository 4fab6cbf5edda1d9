package ledger

import (
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"showback"
	"showback/internal/source"
)

// Digest reads a file whole and returns its SHA-256 in hex and its size.
func Digest(ctx context.Context, f source.File) (FileInfo, error) {
	in, err := os.Open(f.Path)
	if err != nil {
		return FileInfo{}, openError(f, err)
	}
	defer in.Close()
	sum := sha256.New()
	size, err := io.Copy(sum, readerFunc(func(p []byte) (int, error) {
		if ctx.Err() != nil {
			return 0, context.Cause(ctx)
		}
		return in.Read(p)
	}))
	if ctx.Err() != nil {
		return FileInfo{}, context.Cause(ctx)
	}
	if err != nil {
		return FileInfo{}, openError(f, err)
	}
	return FileInfo{Path: f.Path, SHA256: hex.EncodeToString(sum.Sum(nil)), Size: size}, nil
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

func openError(f source.File, err error) error {
	switch {
	case errors.Is(err, os.ErrNotExist):
		return showback.WithHint(showback.Errorf(showback.KindNotFound, "open %s: no such file", f.Path),
			"copy the whole data folder of the export beside its metadata folder")
	case errors.Is(err, os.ErrPermission):
		return showback.Errorf(showback.KindDenied, "open %s: permission denied", f.Path)
	}
	return showback.Errorf(showback.KindUnavailable, "read %s: %w", f.Path, err)
}

// nullType is the type of a column that holds nothing in the whole file.
const nullType = "NULL"

// describe returns the columns of a file; nil for an empty surplus chunk.
func (w *work) describe(ctx context.Context, f source.File) ([]source.Column, error) {
	if strings.ContainsAny(f.Path, "*?") {
		// The engine would take them for wildcards and read other files too.
		return nil, showback.WithHint(showback.Errorf(showback.KindInvalid, "read %s: its path holds * or ?", f.Path), "rename the file or folder")
	}
	info, err := os.Stat(f.Path)
	if err != nil {
		return nil, openError(f, err)
	}
	if info.Size() == 0 {
		return nil, nil
	}
	if f.Format != source.Parquet {
		return csvHeader(f)
	}
	var cols []source.Column
	// A column without any value may be written as Parquet's null type, which
	// the engine shows as an integer.
	err = w.each(ctx, fmt.Sprintf("SELECT column_name, CASE WHEN column_name IN (SELECT name FROM parquet_schema(%[1]s)"+
		" WHERE logical_type LIKE 'NullType%%' OR logical_type LIKE 'UnknownType%%') THEN '%[2]s' ELSE column_type END"+
		" FROM (DESCRIBE FROM read_parquet(%[1]s, hive_partitioning = false, binary_as_string = true))", quote(f.Path), nullType),
		func(scan func(...any) error) error {
			var c source.Column
			if err := scan(&c.Name, &c.Type); err != nil {
				return showback.Errorf(showback.KindInternal, "describe %s: %w", f.Name, err)
			}
			cols = append(cols, c)
			return nil
		})
	if err != nil && ctx.Err() == nil {
		return nil, fileError(f, err)
	}
	return cols, err
}

// fileError says of a data file what the engine could not read. A disk or a
// memory that is full is no fault of the file.
func fileError(f source.File, err error) error {
	text := strings.TrimPrefix(err.Error(), "Invalid Input Error: ")
	switch {
	case strings.Contains(text, "Permission denied"):
		return showback.Errorf(showback.KindDenied, "read %s: permission denied", f.Path)
	case strings.Contains(text, "No space left on device"), strings.Contains(text, "Out of Memory"), strings.Contains(text, "failed to allocate"):
		return &showback.Error{Kind: showback.KindUnavailable, Text: "read " + f.Path + ": " + text,
			Hint: "make room on the disk of the store, or memory, and import again"}
	}
	if strings.Contains(text, "CSV Parser state machine reached an invalid state") {
		return &showback.Error{Kind: showback.KindCorrupt, Text: "read " + f.Path + ": lines of the file end in different ways, or a quote is out of place",
			Hint: "write the file with one kind of line end, as AWS does, and double quotes around values that hold one"}
	}
	return damagedFile(f, text)
}

func damagedFile(f source.File, text string) error {
	return &showback.Error{Kind: showback.KindCorrupt, Text: "read " + f.Path + ": " + text,
		Hint: "the file is cut short, damaged or not what its name says: copy it from the bucket again"}
}

// openCSV opens the text of a CSV file. The caller closes it.
func openCSV(f source.File) (text io.Reader, done func() error, err error) {
	in, err := os.Open(f.Path)
	if err != nil {
		return nil, nil, openError(f, err)
	}
	if f.Format != source.CSVGzip {
		return in, in.Close, nil
	}
	z, err := gzip.NewReader(in)
	if err != nil {
		in.Close()
		return nil, nil, damagedFile(f, err.Error())
	}
	return z, in.Close, nil
}

// scanCSV reads the records of a CSV file. It returns the data rows (the first
// is 1) with more values than columns that the engine does not report: those
// whose one value too many is blank at the end, where an unquoted comma in an
// amount has moved every value after it by one column. rows says at which data
// row a record begins that begins on one of the given lines of the file.
func scanCSV(ctx context.Context, f source.File, columns int, lines map[int]bool) (wide []Reject, rows map[int]int64, err error) {
	text, done, err := openCSV(f)
	if err != nil {
		return nil, nil, err
	}
	defer done()
	in := csv.NewReader(text)
	in.FieldsPerRecord, in.LazyQuotes, in.ReuseRecord = -1, true, true
	rows = map[int]int64{}
	for row := int64(0); ; row++ {
		record, err := in.Read()
		if errors.Is(err, io.EOF) {
			return wide, rows, nil
		}
		if err != nil {
			return nil, nil, damagedFile(f, err.Error())
		}
		if len(record) == columns+1 && record[columns] == "" {
			wide = append(wide, Reject{File: f.Path, Row: row, Found: clip(strings.Join(record, ",")), Reason: moreValues})
		}
		if len(lines) > 0 {
			if line, _ := in.FieldPos(0); lines[line] {
				rows[line] = row
			}
		}
		if row%4096 == 0 && ctx.Err() != nil {
			return nil, nil, context.Cause(ctx)
		}
	}
}

// csvHeader reads the first record of a CSV file. All columns are text.
func csvHeader(f source.File) ([]source.Column, error) {
	text, done, err := openCSV(f)
	if err != nil {
		return nil, err
	}
	defer done()
	header, err := csv.NewReader(text).Read()
	if errors.Is(err, io.EOF) {
		return nil, nil
	}
	if err != nil {
		return nil, showback.Errorf(showback.KindCorrupt, "read header of %s: %w", f.Path, err)
	}
	header[0] = strings.TrimPrefix(header[0], "\ufeff")
	cols := make([]source.Column, len(header))
	for i, name := range header {
		cols[i] = source.Column{Name: name, Type: "VARCHAR"}
	}
	return cols, nil
}
