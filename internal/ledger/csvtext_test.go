package ledger

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"showback"
)

// recordsOf reads a text to its end, or to an error, and returns each record as
// "line: text", with its fault.
func recordsOf(in io.Reader) (all []string, err error) {
	text := newCSVText(in)
	for {
		r, err := text.next()
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err != nil {
			return all, err
		}
		s := fmt.Sprintf("%d@%d: %s", r.line, r.at, r.text)
		if r.fault != "" {
			s += fmt.Sprintf(" | %d: %s", r.field, r.fault)
		}
		all = append(all, s)
	}
}

func TestCSVText(t *testing.T) {
	f := func(text string, want ...string) {
		t.Helper()
		for name, in := range map[string]io.Reader{"whole": strings.NewReader(text), "by bytes": iotest.OneByteReader(strings.NewReader(text))} {
			got, err := recordsOf(in)
			if err != nil || strings.Join(got, "\n") != strings.Join(want, "\n") {
				t.Errorf("%q, %s:\n got %q, %v\nwant %q", text, name, got, err, want)
			}
		}
	}
	f("")
	f("\n\n")
	f("\ufeff")
	f("a,b", "1@0: a,b")
	f("a,b\n1,2\n", "1@0: a,b", "2@4: 1,2")
	f("\ufeffa,b\n1,2\n", "1@3: a,b", "2@7: 1,2")
	f("a,b\r\n\r\n1,2\r\n", "1@0: a,b", "3@7: 1,2")
	f("a,b\n\"1\n\n\",\"2\"\"\"\n3,\n", "1@0: a,b", "2@4: \"1\n\n\",\"2\"\"\"", "5@16: 3,")
	f("a\n\"\r\"\n\"\r\n\"\n", "1@0: a", "2@2: \"\r\"", "3@6: \"\r\n\"")
	f("\"\",\"\"\n", "1@0: \"\",\"\"")

	f("a,b\n1,x\"y\"\n3,4\n", "1@0: a,b", "2@4: 1,x\"y\" | 1: a quote inside a value that is not quoted", "3@11: 3,4")
	f("a,b\n1,\"x\"y\n3,4\n", "1@0: a,b", "2@4: 1,\"x\"y | 1: text after the end of a quoted value", "3@11: 3,4")
	f("a,b\n1,\"x", "1@0: a,b", "2@4: 1,\"x | 1: a quote that opens there is never closed")
	f("a,b\n1,caf\xe9\n", "1@0: a,b", "2@4: 1,caf\xe9 | 1: not UTF-8 (byte 0xe9); convert the file, for example with iconv -f ISO-8859-1 -t UTF-8")
	f("a,b\n\ufffd,\xc3\n", "1@0: a,b", "2@4: \ufffd,\xc3 | 1: not UTF-8 (byte 0xc3); convert the file, for example with iconv -f ISO-8859-1 -t UTF-8")
	f("a,b\n\"\",\"\x00\"\n", "1@0: a,b", "2@4: \"\",\"\x00\" | 1: a NUL byte in it: the file is damaged, or no text")
}

func TestCSVTextRefused(t *testing.T) {
	f := func(text, want, hint string) {
		t.Helper()
		for name, in := range map[string]io.Reader{"whole": strings.NewReader(text), "by bytes": iotest.OneByteReader(strings.NewReader(text))} {
			_, err := recordsOf(in)
			if err == nil || err.Error() != want || showback.KindOf(err) != showback.KindInvalid || !strings.Contains(showback.HintOf(err), hint) {
				t.Errorf("%.40q, %s:\n got %v, hint %q\nwant %s, hint with %q", text, name, err, showback.HintOf(err), want, hint)
			}
		}
	}
	f("a,b\r1,2\r", "line 1: it ends in CR alone, want LF or CRLF", "tr '\\r' '\\n'")
	f("a,b\n1,2\r", "line 2: it ends in CR alone, want LF or CRLF", "tr '\\r' '\\n'")
	f("a,b\r\n1,\r2\r\n", "line 2: it ends in CR alone, want LF or CRLF", "tr '\\r' '\\n'")
	f("a,b\n1,2\r\n", "line 2: it ends in CRLF, the lines before in LF", "sed")
	f("a,b\r\n\"\n\",2\r\n3,4\n", "line 4: it ends in LF, the lines before in CRLF", "sed")
	f("a,b\n1,\"2\n3,4\n5,6\n", "line 2: a quote that opens there is never closed, so that the record runs on to line 5", "close the quote")
	f("a,b\n1,\"2\n3,\"4\"\n", "line 2: text after the end of a quoted value, so that the record runs on to line 3", "close the quote")
	f("a,b\n1,x\"\"y,\"\n\"\n", "line 2: a quote inside a value that is not quoted, so that the record runs on to line 3", "close the quote")
}

// endless is a text of one byte, again and again.
type endless byte

func (e endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(e)
	}
	return len(p), nil
}

// TestEndlessRecords: a record without end is not kept in memory.
func TestEndlessRecords(t *testing.T) {
	for _, text := range []io.Reader{
		io.MultiReader(strings.NewReader("a,b\n"), endless('x')),
		io.MultiReader(strings.NewReader("a,b\n\""), endless('\n')),
		io.MultiReader(strings.NewReader("a,b\n"), endless(',')),
	} {
		_, err := recordsOf(text)
		if want := "line 2: the record that begins there is longer than 16 MB"; err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	// The largest that may be.
	long := strings.Repeat("x", maxRecord)
	if got, err := recordsOf(strings.NewReader("a\n" + long + "\n")); err != nil || len(got) != 2 {
		t.Errorf("a record of %d bytes: got %d, %v", len(long), len(got), err)
	}
	broken := errors.New("the disk is on fire")
	if _, err := recordsOf(io.MultiReader(strings.NewReader("a\n1"), iotest.ErrReader(broken))); !errors.Is(err, broken) {
		t.Errorf("got %v, want %v", err, broken)
	}
}

// FuzzCSVText: what passes without a fault is what encoding/csv reads, record
// by record, and every byte but marks, blank lines and line ends is in a record.
func FuzzCSVText(f *testing.F) {
	for _, s := range []string{"", "a,b\n1,2\n", "\ufeff\"a\",b\r\n\"1\r\n\",\"\"\"\"\r\n", "a\n\n\nb", "\"a\"\"", "a\"b\n", "\"a\nb", "a\rb\n", "a\n\x00\n\xff"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		in := newCSVText(bytes.NewReader(content))
		var records [][]string
		var widths []int
		for end := int64(0); ; {
			r, err := in.next()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				if showback.HintOf(err) == "" {
					t.Fatalf("no hint for %v", err)
				}
				return
			}
			if skipped := content[end:r.at]; len(bytes.Trim(bytes.TrimPrefix(skipped, []byte("\ufeff")), "\r\n")) > 0 {
				t.Fatalf("%q is in no record", skipped)
			}
			end = r.at + int64(len(r.text))
			if !bytes.Equal(content[r.at:end], r.text) || r.line != 1+bytes.Count(content[:r.at], []byte("\n")) {
				t.Fatalf("record %q is not at byte %d, line %d", r.text, r.at, r.line)
			}
			if r.fault != "" {
				return
			}
			records, widths = append(records, fieldsOf(r.text)), append(widths, r.fields)
		}
		want := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(content, []byte("\ufeff"))))
		want.FieldsPerRecord = -1
		all, err := want.ReadAll()
		if err != nil {
			t.Fatalf("encoding/csv refuses what passes: %v", err)
		}
		if len(all) != len(records) {
			t.Fatalf("got %d records, want %d", len(records), len(all))
		}
		for i := range all {
			if strings.Join(all[i], "\x1f") != strings.Join(records[i], "\x1f") || widths[i] != len(all[i]) {
				t.Fatalf("record %d: got %d fields %q, want %q", i, widths[i], records[i], all[i])
			}
		}
	})
}
