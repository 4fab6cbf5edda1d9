package ledger

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"showback"
)

// maxRecord is how long a record of a CSV file may be. A longer one is a quote
// that nothing closes, or no bill: both would fill the memory.
const maxRecord = 16 << 20 // bytes

// How the lines of a CSV file end.
const (
	lineFeed       = "\n"
	carriageReturn = "\r"
	both           = "\r\n"
)

var lineEndNames = map[string]string{lineFeed: "LF", carriageReturn: "CR", both: "CRLF"}

// csvText reads the records of a CSV text after RFC 4180. The engine reads the
// text too, but more leniently: it is silent about some of what is wrong with a
// line, and loses whole lines in a quote that is not closed. So this reader
// judges, and the engine has to have as many rows.
type csvText struct {
	in       io.Reader
	buf      []byte
	from, to int // buf[from:to] is read and not taken
	done     bool
	err      error // of in, but for its end

	at   int64  // bytes of the text before buf[from]
	line int    // on which the next record begins; the first is 1
	ends string // how lines end; empty before the first end
}

func newCSVText(in io.Reader) *csvText { return &csvText{in: in, line: 1} }

// csvRecord is a record and what is wrong with it.
type csvRecord struct {
	text   []byte // without the end of its line; valid until the next record
	at     int64  // bytes of the text before it
	line   int    // on which it begins
	lines  int    // how many it spans
	fields int
	filled int    // fields up to the last one with a value
	fault  string // why it is no record of RFC 4180; empty when it is
	field  int    // of the fault
}

// next returns the next record that is no blank line; io.EOF after the last.
// Other errors mean that the rest can't be told apart: of KindCorrupt when it
// can't be read, of KindInvalid for a record too long, a quote that swallows
// lines, or lines that end in different ways.
func (t *csvText) next() (csvRecord, error) {
	if err := t.skipMark(); err != nil {
		return csvRecord{}, err
	}
	for {
		r, taken, end, err := t.record()
		if err != nil {
			return r, err
		}
		r.line, r.at = t.line, t.at
		t.line += r.lines
		t.take(taken)
		if err := t.sameEnd(r, end); err != nil {
			return r, err
		}
		if len(r.text) == 0 {
			continue
		}
		if r.fault != "" && r.lines > 1 {
			return r, showback.WithHint(showback.Errorf(showback.KindInvalid,
				"line %d: %s, so that the record runs on to line %d", r.line, r.fault, r.line+r.lines-1),
				"close the quote, or double it where it is part of the value: \"\"")
		}
		if r.fault == "" {
			r.fault, r.field = badText(r.text)
		}
		return r, nil
	}
}

func (t *csvText) take(n int) {
	t.from += n
	t.at += int64(n)
}

// skipMark passes over the byte order mark of UTF-8 that a text may begin with.
func (t *csvText) skipMark() error {
	const mark = "\ufeff"
	if t.at > 0 {
		return nil
	}
	for !t.done && t.to-t.from < len(mark) {
		if err := t.fill(); err != nil {
			return err
		}
	}
	if bytes.HasPrefix(t.buf[t.from:t.to], []byte(mark)) {
		t.take(len(mark))
	}
	return nil
}

// sameEnd refuses a text whose lines end in different ways: readers differ in
// what its lines are.
func (t *csvText) sameEnd(r csvRecord, end string) error {
	at := r.line + r.lines - 1
	switch {
	case end == carriageReturn:
		return showback.WithHint(showback.Errorf(showback.KindInvalid, "line %d: it ends in CR alone, want LF or CRLF", at),
			`turn CR into LF: tr '\r' '\n' <FILE >NEWFILE`)
	case end == "" || end == t.ends:
	case t.ends == "":
		t.ends = end
	default:
		return showback.WithHint(showback.Errorf(showback.KindInvalid, "line %d: it ends in %s, the lines before in %s",
			at, lineEndNames[end], lineEndNames[t.ends]), `make all lines end in LF: sed 's/\r$//' FILE >NEWFILE`)
	}
	return nil
}

// record finds the record that begins at t.from, reading as far as it takes.
// taken counts the bytes with the end of the line.
func (t *csvText) record() (r csvRecord, taken int, end string, err error) {
	for {
		var whole bool
		if r, taken, end, whole = splitRecord(t.buf[t.from:t.to], t.done); whole {
			if t.done && t.from == t.to {
				return r, 0, "", io.EOF
			}
			return r, taken, end, nil
		}
		if t.to-t.from > maxRecord {
			return r, 0, "", showback.WithHint(showback.Errorf(showback.KindInvalid,
				"line %d: the record that begins there is longer than %d MB", t.line, maxRecord>>20),
				"a quote in it may not be closed, or the file is no bill")
		}
		if err := t.fill(); err != nil {
			return r, 0, "", err
		}
	}
}

// fill reads more, into a buffer twice as large where it is full.
func (t *csvText) fill() error {
	if t.err != nil {
		return t.err
	}
	if t.from > 0 {
		t.to = copy(t.buf, t.buf[t.from:t.to])
		t.from = 0
	}
	if t.to == len(t.buf) {
		larger := make([]byte, max(2*len(t.buf), 1<<20))
		copy(larger, t.buf[:t.to])
		t.buf = larger
	}
	n, err := io.ReadAtLeast(t.in, t.buf[t.to:], 1)
	t.to += n
	switch {
	case errors.Is(err, io.EOF):
		t.done = true
	case err != nil:
		t.err = err
		return err
	}
	return nil
}

// special are the bytes that end a run of plain text.
var special = [256]bool{',': true, '"': true, '\n': true, '\r': true}

// splitRecord finds the first record of b. It is not whole when more bytes are
// needed to tell; last says that there are none.
func splitRecord(b []byte, last bool) (r csvRecord, taken int, end string, whole bool) {
	r.lines = 1
	mark := func(fault string) {
		if r.fault == "" {
			r.fault, r.field = fault, r.fields
		}
	}
	stop := func(at int, how string) (csvRecord, int, string, bool) {
		r.text = b[:at]
		r.fields++
		return r, at + len(how), how, true
	}
	i, fresh := 0, true // fresh: a field begins here
	for {
		if i == len(b) {
			if !last {
				return r, 0, "", false
			}
			return stop(i, "")
		}
		switch c := b[i]; {
		case c == ',':
			r.fields++
			i, fresh = i+1, true
		case c == '\n':
			return stop(i, lineFeed)
		case c == '\r':
			if i+1 == len(b) && !last {
				return r, 0, "", false
			}
			if i+1 < len(b) && b[i+1] == '\n' {
				return stop(i, both)
			}
			return stop(i, carriageReturn)
		case c == '"' && fresh:
			length, lines, closed := quoted(b[i:])
			if !closed {
				if !last {
					return r, 0, "", false
				}
				mark("a quote that opens there is never closed")
			}
			if length > 2 {
				r.filled = r.fields + 1
			}
			r.lines += lines
			i, fresh = i+length, false
			if i < len(b) && !special[b[i]] {
				mark("text after the end of a quoted value")
			}
		case c == '"':
			mark("a quote inside a value that is not quoted")
			i++
		default:
			r.filled, fresh = r.fields+1, false
			for i < len(b) && !special[b[i]] {
				i++
			}
		}
	}
}

// quoted measures the quoted value that b begins with, its quotes included, and
// counts the line feeds in it. Where its end is not in b it is not closed: a
// quote at the very end may be the first of two.
func quoted(b []byte) (length, lines int, closed bool) {
	for i := 1; ; i++ {
		next := bytes.IndexByte(b[i:], '"')
		if next < 0 {
			return len(b), bytes.Count(b, []byte("\n")), false
		}
		i += next
		if i+1 < len(b) && b[i+1] == '"' {
			i++
			continue
		}
		return i + 1, bytes.Count(b[:i], []byte("\n")), true
	}
}

// badText says which field of a record is no text, and why.
func badText(record []byte) (fault string, field int) {
	if utf8.Valid(record) && bytes.IndexByte(record, 0) < 0 {
		return "", 0
	}
	for i, value := range fieldsOf(record) {
		if strings.IndexByte(value, 0) >= 0 {
			return "a NUL byte in it: the file is damaged, or no text", i
		}
		for at, c := range value {
			if c == utf8.RuneError && !strings.HasPrefix(value[at:], "\ufffd") {
				return fmt.Sprintf("not UTF-8 (byte 0x%02x); convert the file, for example with iconv -f ISO-8859-1 -t UTF-8", value[at]), i
			}
		}
	}
	return "", 0
}

// fieldsOf returns the values of a record. Of one that is none of RFC 4180 they
// are as good as can be told.
func fieldsOf(record []byte) []string {
	in := csv.NewReader(bytes.NewReader(record))
	in.LazyQuotes = true
	values, err := in.Read()
	if err != nil { // it may hold nothing but a line end
		return []string{string(record)}
	}
	return values
}
