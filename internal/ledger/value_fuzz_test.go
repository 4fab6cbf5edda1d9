package ledger

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"showback"
	"showback/internal/source"
)

// reading reads texts by an expression of the stage over the column "v", many in
// one statement. A text that is NULL afterwards is one that the stage rejects.
type reading struct{ w *work }

func newReading(f *testing.F) reading {
	f.Helper()
	w, err := openWork(f.Context(), "", f.TempDir())
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = w.close() })
	return reading{w}
}

// split takes an input apart into texts that reach the stage: the reader of CSV
// files refuses others before.
func split(input string) []string {
	var texts []string
	for text := range strings.SplitSeq(input, "\n") {
		if utf8.ValidString(text) && !strings.Contains(text, "\x00") && len(text) < 1000 && len(texts) < 200 {
			texts = append(texts, text)
		}
	}
	return texts
}

// each calls check with each text and what the expressions make of it, as the
// engine writes that; an empty string for NULL.
func (r reading) each(t *testing.T, texts []string, exprs []string, check func(text string, got []string)) {
	t.Helper()
	literals := make([]string, len(texts))
	for i, text := range texts {
		literals[i] = fmt.Sprintf("(%d, %s)", i, quote(text))
	}
	columns := make([]string, len(exprs))
	for i, e := range exprs {
		columns[i] = "coalesce((" + e + ")::VARCHAR, '')"
	}
	got := make([]string, len(exprs))
	dest := make([]any, len(exprs)+1)
	var at int
	dest[0] = &at
	for i := range got {
		dest[i+1] = &got[i]
	}
	seen := 0
	err := r.w.each(t.Context(), "SELECT i, "+strings.Join(columns, ", ")+" FROM (VALUES "+strings.Join(literals, ", ")+") x(i, v)",
		func(scan func(...any) error) error {
			if err := scan(dest...); err != nil {
				return err
			}
			seen++
			check(texts[at], got)
			return nil
		})
	if err != nil {
		t.Fatalf("read %q: %v", texts, err)
	}
	if seen != len(texts) {
		t.Fatalf("read %q: got %d rows, want %d", texts, seen, len(texts))
	}
}

// plain reports a number as bills write it: whatever else may be refused, this
// must be read.
func plain(text string, d showback.Decimal) bool {
	whole, fraction, _ := strings.Cut(strings.TrimPrefix(text, "-"), ".")
	return !strings.ContainsAny(text, "eE+") && whole != "" && len(whole) <= 18 && len(fraction) <= 30 && d.Abs().Cmp(outOfRange) < 0
}

// smallest is below what a double can be, by which the stage tells whether
// something of an exponent was left.
var smallest = showback.MustDecimal("1e-300")

// exponent is that of a number, without leading zeros.
var exponent = regexp.MustCompile(`^([^eE]*[eE][+-]?)0*([0-9]+)$`)

// bounded writes an exponent as ParseDecimal takes it, where the engine takes
// more that can mean but one thing: in few digits, and
// one that is beyond all bounds as one that is just within.
func bounded(text string) string {
	m := exponent.FindStringSubmatch(text)
	if m == nil {
		return text
	}
	if n, err := strconv.Atoi(m[2]); err != nil || n > 400 {
		m[2] = "400"
	}
	return m[1] + m[2]
}

// FuzzAmountText: the stage reads an amount as ParseDecimal does, to the last
// digit that is kept, and counts those that it has rounded; or it refuses it.
func FuzzAmountText(f *testing.F) {
	r := newReading(f)
	f.Add("0\n1\n-1\n12.5\n0.0000000001\n-0.0000000000000000001\n999999999999999999.9999999999999999999\n1e18\n-1e18\n1000000000000000000")
	f.Add("0.00000000000000000005\n0.00000000000000000004\n-0.00000000000000000005\n0.12345678901234567895\n5e-20\n4.9e-20\n1e-400\n1.5e-19\n2.5E-19\n1e-19\n12345678901234567.89e-5")
	f.Add("\n \n 1\n1 \n+1\n++1\n--1\n+-1\n1_000\n1,5\n.5\n5.\n.\n-\n-.5\n-5.\n1.2.3\nNaN\ninf\n-Infinity\n0x10\n1e\ne5\n1e+5\n1e-5\n1e05\n1e5.0\n1.e5\n１２\n−1")
	f.Add(".000000000000001111111145678901234567895e20\n1.2345678901234567890e1\n1e5.\n+-0\n1e17\n9.9e17\n123e16\n00000000000000000000000000000000000000001\n0.10000000000000000000000000000000000000000\n000.5e1\n1e0\n100e-2\n1E+2")
	amount := source.Column{Name: "v", Type: "VARCHAR"}
	read := amountOf(amount)
	exprs := []string{read, cutOf(amount, "("+read+")")}
	f.Fuzz(func(t *testing.T, input string) {
		texts := split(input)
		if len(texts) == 0 {
			return
		}
		r.each(t, texts, exprs, func(text string, got []string) {
			usual := bounded(text)
			want, err := showback.ParseDecimal(usual)
			if got[0] == "" {
				if err == nil && plain(text, want) {
					t.Errorf("%q is refused, want %s", text, want)
				}
				return
			}
			value := showback.MustDecimal(got[0])
			if err != nil {
				t.Errorf("%q is read as %s: %v", text, value, err)
				return
			}
			if want.Abs().Cmp(outOfRange) >= 0 && value.Abs().Cmp(outOfRange) >= 0 {
				return // refused for its size
			}
			if !value.Equal(want.Round(showback.AmountScale)) {
				t.Errorf("%q is read as %s, want %s", text, value, want.Round(showback.AmountScale))
			}
			if text != usual || want.Abs().Cmp(smallest) < 0 {
				return // what is left of such a number is not counted
			}
			if rounded := want.Scale() > showback.AmountScale; (got[1] == "true") != rounded {
				t.Errorf("%q is read as %s, rounded: %s, want %t", text, value, got[1], rounded)
			}
		})
	})
}

// offset is how far from UTC a written time is.
var offset = regexp.MustCompile(`:\d\d(?:\.\d+)?([+-])(\d\d)(?::(\d\d))?$`)

// parseTime reads a time as a bill may write it, by Go's own parser but for the
// offset.
func parseTime(text string) (time.Time, bool) {
	var from time.Duration
	switch m := offset.FindStringSubmatchIndex(text); {
	case m != nil:
		hours, _ := strconv.Atoi(text[m[4]:m[5]]) // two digits
		minutes := 0
		if m[6] >= 0 {
			minutes, _ = strconv.Atoi(text[m[6]:m[7]])
		}
		from = time.Duration(hours)*time.Hour + time.Duration(minutes)*time.Minute
		if hours > 23 || minutes > 59 {
			return time.Time{}, false
		}
		if text[m[2]] == '-' {
			from = -from
		}
		text = text[:m[2]]
	default:
		text = strings.TrimSuffix(strings.TrimSuffix(text, " UTC"), "Z")
	}
	for _, layout := range []string{time.DateOnly, time.DateTime, "2006-01-02T15:04:05"} {
		if at, err := time.Parse(layout, text); err == nil {
			return at.Add(-from), true
		}
	}
	return time.Time{}, false
}

// asDelivered is how AWS writes times.
const asDelivered = "2006-01-02T15:04:05Z"

// FuzzTimeText: the stage reads a time as Go does, to the microsecond, or refuses
// it; what AWS writes it reads.
func FuzzTimeText(f *testing.F) {
	r := newReading(f)
	f.Add("2026-10-02T00:00:00Z\n2026-10-02T23:59:59Z\n2024-02-29T12:00:00Z\n2026-02-29T00:00:00Z\n2026-10-02T24:00:00Z\n2026-10-02T12:60:00Z\n2026-10-02T12:00:60Z\n2026-00-10T00:00:00Z")
	f.Add("2026-10-02\n2026-10-02 10:00:00\n2026-10-02 10:00:00.000 UTC\n2026-10-02T10:00:00.123456789Z\n2026-10-02T10:00:00,5Z\n2026-10-02T23:30:00-02:00\n2026-10-02 23:30:00+02\n2026-10-02T10:00:00+14:00\n2026-10-02T10:00:00+25:00\n2026-10-02T10:00:00-00:99")
	f.Add("\ninfinity\n-infinity\nepoch\nnow\n2026-10-02 (BC)\n12026-10-02T00:00:00Z\n-2026-10-02T00:00:00Z\n2026-10-02T00:00:00 Europe/Berlin\n10/02/2026\n1790899200\n2026-10\n2026-1-2\n0000-01-01T00:00:00Z\n9999-12-31T23:59:59Z")
	read := "epoch_us(" + timeOf(source.Column{Name: "v", Type: "VARCHAR"}) + ")"
	f.Fuzz(func(t *testing.T, input string) {
		texts := split(input)
		if len(texts) == 0 {
			return
		}
		r.each(t, texts, []string{read}, func(text string, got []string) {
			want, ok := parseTime(text)
			us, err := strconv.ParseInt(got[0], 10, 64)
			read := time.UnixMicro(us).UTC()
			switch {
			case err != nil:
				if _, err := time.Parse(asDelivered, text); err == nil && len(text) == len(asDelivered) {
					t.Errorf("%q is refused, want %s", text, want)
				}
			case read.Year() < 2000 || read.Year() > 2199: // refused for its year
			case !ok || read.Sub(want).Abs() > time.Microsecond:
				t.Errorf("%q is read as %s, want %s, %t", text, read, want, ok)
			}
		})
	})
}
