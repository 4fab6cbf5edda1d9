package ledger

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"showback"
	"showback/internal/source"
)

// csvHeader reads the first record of a CSV file; nil columns for a file of no
// text. All columns are text.
func csvHeader(f source.File) ([]source.Column, error) {
	text, done, err := openCSV(f)
	if err != nil {
		return nil, err
	}
	defer done()
	head, err := text.Peek(4 << 10)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, dataError(context.Background(), f, err)
	}
	if len(head) == 0 {
		return nil, nil
	}
	if f.Format == source.CSVGzip && bytes.HasPrefix(head, []byte(gzipMagic)) {
		return nil, showback.WithHint(showback.Errorf(showback.KindInvalid, "read %s: it is packed twice: its gzip data holds gzip data", f.Path),
			"unpack it once: gunzip -c FILE >NEWFILE")
	}
	if charset := otherCharset(head); charset != "" {
		return nil, showback.WithHint(showback.Errorf(showback.KindInvalid, "read %s: it is %s text, want UTF-8", f.Path, charset),
			"convert it: iconv -f "+charset+" -t UTF-8")
	}
	r, err := newCSVText(text).next()
	switch {
	case errors.Is(err, io.EOF) || err == nil && (r.line > 1 || len(bytes.TrimSpace(r.text)) == 0):
		return nil, showback.WithHint(showback.Errorf(showback.KindInvalid, "read %s: its first line is blank, want the names of the columns", f.Path),
			"remove what is before the names")
	case err != nil:
		return nil, dataError(context.Background(), f, err)
	case r.fault != "":
		return nil, showback.WithHint(showback.Errorf(showback.KindInvalid, "read %s: line 1, which names the columns: column %d: %s", f.Path, r.field+1, r.fault),
			"repair the line, or copy the file from the bucket again")
	}
	names := fieldsOf(r.text)
	if err := distinctNames(f, names); err != nil {
		return nil, err
	}
	cols := make([]source.Column, len(names))
	for i, name := range names {
		cols[i] = source.Column{Name: name, Type: "VARCHAR"}
	}
	return cols, nil
}

// otherCharset names a charset other than UTF-8 that a text begins in; empty
// for none that shows. Every second byte of a bill in UTF-16 is 0.
func otherCharset(head []byte) string {
	for _, mark := range []struct{ bytes, charset string }{
		{"\xff\xfe\x00\x00", "UTF-32"}, {"\x00\x00\xfe\xff", "UTF-32"}, {"\xff\xfe", "UTF-16"}, {"\xfe\xff", "UTF-16"},
	} {
		if bytes.HasPrefix(head, []byte(mark.bytes)) {
			return mark.charset
		}
	}
	if len(head) < 2 {
		return ""
	}
	switch {
	case head[0] != 0 && head[1] == 0:
		return "UTF-16LE"
	case head[0] == 0 && head[1] != 0:
		return "UTF-16BE"
	}
	return ""
}

// scannedCSV is what a CSV file holds by the reader that judges.
type scannedCSV struct {
	rows int64    // data rows; the first is 1
	bad  []Reject // rows that are no record of the header's width
}

// scanCSV reads the records of a CSV file.
func scanCSV(ctx context.Context, f source.File, cols []source.Column) (*scannedCSV, error) {
	out := &scannedCSV{}
	err := eachRecord(ctx, f, func(row int64, r csvRecord) {
		out.rows = row
		if row > 0 && (r.fault != "" || r.fields != len(cols)) {
			out.bad = append(out.bad, badRecord(r, f, row, cols))
		}
	})
	return out, err
}

// eachRecord visits the records of a CSV file; the header is row 0.
func eachRecord(ctx context.Context, f source.File, visit func(row int64, r csvRecord)) error {
	text, done, err := openCSV(f)
	if err != nil {
		return err
	}
	defer done()
	in := newCSVText(text)
	for row := int64(0); ; row++ {
		r, err := in.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return dataError(ctx, f, err)
		}
		if row%4096 == 0 && ctx.Err() != nil {
			return context.Cause(ctx)
		}
		visit(row, r)
	}
}

// badRecord makes a reject of a record that is none of the header's width.
func badRecord(r csvRecord, f source.File, row int64, cols []source.Column) Reject {
	reject := Reject{File: f.Path, Row: row, unnumbered: true, Found: clip(string(r.text)), Reason: r.fault}
	switch {
	case r.fault != "":
		if r.field < len(cols) {
			reject.Column = cols[r.field].Name
		}
		if values := fieldsOf(r.text); r.field < len(values) && len(values) == r.fields {
			reject.Found = clip(values[r.field])
		}
	case r.fields < len(cols):
		reject.Column = cols[r.fields].Name
		reject.Reason = fmt.Sprintf("%d values, the header has %d columns", r.fields, len(cols))
	default:
		reject.Reason = fmt.Sprintf("%d values, the header has %d columns", r.fields, len(cols))
	}
	return reject
}

// stageCSV stages a CSV file and returns the rows that are no records. The
// engine gets to read what this reader finds good, and must find as many rows:
// its own list of lines that it left out says neither which rows they are nor
// how many.
func (w *work) stageCSV(ctx context.Context, id int, f source.File, cols []source.Column, m source.Mapping) ([]Reject, error) {
	// Before the engine, which would take a cut gzip for a short one.
	scanned, err := scanCSV(ctx, f, cols)
	if err != nil {
		return nil, err
	}
	from := f
	if len(scanned.bad) > 0 {
		if from.Path, err = w.goodRows(ctx, f, cols); err != nil {
			return nil, err
		}
		defer os.Remove(from.Path)
	}
	if err := w.stageFile(ctx, id, from, cols, m); err != nil {
		return nil, err
	}
	var staged int64
	if err := w.one(ctx, fmt.Sprintf("SELECT count(*) FROM %s WHERE file_id = %d", stageTable, id), &staged); err != nil {
		return nil, err
	}
	if want := scanned.rows - int64(len(scanned.bad)); staged != want {
		return nil, damagedFile(f, fmt.Sprintf("one reader finds %d rows, another %d: what is a line cannot be told", want, staged))
	}
	return scanned.bad, nil
}

// goodRows writes the header and the rows that are records to a file of its
// own, packed like the original, and returns its path.
func (w *work) goodRows(ctx context.Context, f source.File, cols []source.Column) (path string, err error) {
	out, err := os.CreateTemp(w.tmp, "rows-*.csv")
	if err != nil {
		return "", storeError(err)
	}
	defer func() {
		if closed := out.Close(); err == nil && closed != nil {
			err = storeError(closed)
		}
		if err != nil {
			os.Remove(out.Name())
		}
	}()
	packed := io.WriteCloser(out)
	if f.Format == source.CSVGzip {
		if packed, err = gzip.NewWriterLevel(out, gzip.BestSpeed); err != nil {
			panic("BUG: " + err.Error())
		}
	}
	text := bufio.NewWriterSize(packed, 256<<10)
	err = eachRecord(ctx, f, func(row int64, r csvRecord) {
		if row == 0 || r.fault == "" && r.fields == len(cols) {
			text.Write(r.text) // Flush has the error
			text.WriteByte('\n')
		}
	})
	if err != nil {
		return "", err
	}
	err = text.Flush()
	if err == nil && f.Format == source.CSVGzip {
		err = packed.Close()
	}
	if err != nil {
		return "", storeError(err)
	}
	return out.Name(), nil
}
