package ledger

import (
	"bytes"
	"cmp"
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

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
	reject := Reject{File: f.Path, Row: row, at: r.at, Found: clip(string(r.text)), Reason: r.fault}
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

// csvRejects takes the rows that are no records out of the stage, where the
// engine has not left them out itself, and returns them. It fails when the
// engine has other rows than were scanned: a line must not be lost.
func (w *work) csvRejects(ctx context.Context, id int, f source.File, cols []source.Column, scanned *scannedCSV) ([]Reject, error) {
	aside, err := w.keptAside(ctx, f)
	if err != nil {
		return nil, err
	}
	all := scanned.bad
	surplus := markDropped(all, aside)
	if len(surplus) > 0 {
		if err := numberRows(ctx, f, surplus); err != nil {
			return nil, err
		}
		all = append(all, surplus...)
	}
	slices.SortStableFunc(all, func(a, b Reject) int { return cmp.Compare(a.Row, b.Row) })
	if err := w.unstage(ctx, id, all); err != nil {
		return nil, err
	}
	var staged int64
	if err := w.one(ctx, fmt.Sprintf("SELECT count(*) FROM %s WHERE file_id = %d", stageTable, id), &staged); err != nil {
		return nil, err
	}
	if want := scanned.rows - int64(len(all)); staged != want {
		return nil, damagedFile(f, fmt.Sprintf("%d rows could be read, of %d that can and %d that can't: what is a line cannot be told",
			staged, want, len(all)))
	}
	return all, nil
}

// slack is by how many bytes the engine may be wrong about where a row begins:
// it counts differently around line ends. (DuckDB 1.5, found by trying.)
const slack = 2

// markDropped marks which of the rows that are no records the engine has left
// out, and returns what only the engine finds fault with. Both lists are in the
// order of the file. Of neighbours so short that they could be taken for one
// another it does not matter which is marked.
func markDropped(bad, aside []Reject) (surplus []Reject) {
	i := 0
	for _, a := range aside {
		for i < len(bad) && bad[i].at < a.at-slack {
			i++
		}
		if i < len(bad) && bad[i].at <= a.at+slack {
			bad[i].unnumbered = true
			i++
			continue
		}
		surplus = append(surplus, a)
	}
	return surplus
}

// numberRows gives rows that the engine left out, in the order of the file,
// their numbers.
func numberRows(ctx context.Context, f source.File, rejects []Reject) error {
	i := 0
	return eachRecord(ctx, f, func(row int64, r csvRecord) {
		for i < len(rejects) && rejects[i].at < r.at-slack {
			i++
		}
		if i < len(rejects) && rejects[i].at <= r.at+slack {
			rejects[i].Row = row
		}
	})
}

// unstage takes rows out of the stage that the engine has taken in. It numbers
// only what it keeps.
func (w *work) unstage(ctx context.Context, id int, rejects []Reject) error {
	var dropped int64
	var rows [][]driver.Value
	for _, r := range rejects {
		if r.unnumbered {
			dropped++
			continue
		}
		rows = append(rows, []driver.Value{r.Row - dropped})
	}
	if rows == nil {
		return nil
	}
	if err := w.fillMap(ctx, "bad_row", "row_number BIGINT", rows); err != nil {
		return err
	}
	return w.exec(ctx, fmt.Sprintf("DELETE FROM %s WHERE file_id = %d AND row_number IN (SELECT row_number FROM bad_row)", stageTable, id))
}

// keptAside returns what the engine kept aside of a file, in the order of the
// file. One row may have several errors: the first counts.
func (w *work) keptAside(ctx context.Context, f source.File) ([]Reject, error) {
	var all []Reject
	err := w.each(ctx, `SELECT e.line_byte_position, coalesce(e.column_name, ''), e.error_type::VARCHAR, coalesce(e.csv_line, '')
FROM reject_errors e ORDER BY e.line_byte_position, e.column_idx`, func(scan func(...any) error) error {
		r := Reject{File: f.Path, unnumbered: true}
		var kind string
		if err := scan(&r.at, &r.Column, &kind, &r.Found); err != nil {
			return err
		}
		r.Reason = "the engine cannot read the line: " + strings.ToLower(kind)
		r.Found = clip(strings.Trim(r.Found, "\r\n"))
		if n := len(all); n == 0 || all[n-1].at != r.at {
			all = append(all, r)
		}
		return nil
	})
	if err != nil {
		if strings.Contains(err.Error(), "reject_errors does not exist") {
			return nil, nil
		}
		return nil, err
	}
	for _, t := range []string{"reject_errors", "reject_scans"} {
		if err := w.exec(ctx, "DROP TABLE IF EXISTS "+t); err != nil {
			return nil, err
		}
	}
	return all, nil
}
