package reconcile

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/parquet-go/parquet-go"

	"showback"
)

// FuzzMonthOfText: a text is the month that its date says, or none.
func FuzzMonthOfText(f *testing.F) {
	for _, s := range []string{
		"", "2026-10-01T00:00:00Z", "2026-10-01T00:00:00.000Z", "2026-10-01 00:00:00", "2026-10-01 00:00:00 UTC", "2026-10-01",
		"2026-10-01T00:00:00+02:00", "2026-10-01 00:00:00-07", "2026-10-01 00:00:00+05:30", "2026-13-01T00:00:00Z", "0000-01-01T00:00:00Z",
		"1969-12-31T23:59:59Z", "9999-12-31T23:59:59Z", "2199-12-31T23:59:59Z", "2200-01-01", "infinity", "2026-10", "12026-10-01",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		month := monthOfText(text)
		if month == "" {
			return
		}
		parsed, err := showback.ParseMonth(string(month))
		if err != nil {
			t.Fatalf("%q: month %q is none: %v", text, month, err)
		}
		if year := parsed.Start().Year(); year < 2000 || year > 2199 {
			t.Fatalf("%q: year %d", text, year)
		}
		day, err := time.Parse(time.DateOnly, text[:len(time.DateOnly)])
		if err != nil {
			t.Fatalf("%q passes, its day does not: %v", text, err)
		}
		// An offset moves an instant by less than two days.
		if day.Before(parsed.Start().AddDate(0, 0, -2)) || !day.Before(parsed.End().AddDate(0, 0, 2)) {
			t.Fatalf("%q is of %s", text, month)
		}
	})
}

// FuzzCSV: no text panics, and every row that encoding/csv sees is visited.
func FuzzCSV(f *testing.F) {
	f.Add(mixed.csv(f))
	f.Add(append([]byte("\ufeff"), mixed.csv(f)...))
	f.Add([]byte(strings.ReplaceAll(string(mixed.csv(f)), "\n", "\r\n")))
	f.Add(append(mixed.csv(f), "a\"b,1\n\"open"...))
	f.Fuzz(func(t *testing.T, content []byte) {
		rows := int64(0)
		err := readCSV(bytes.NewReader(content), func(l *line) error {
			if rows++; l.row != rows {
				t.Fatalf("row %d comes after %d", l.row, rows-1)
			}
			return nil
		})
		if err != nil {
			return
		}
		in := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(content, []byte("\ufeff"))))
		want := int64(-1)
		for {
			_, err := in.Read()
			if errors.Is(err, io.EOF) {
				break
			}
			want++
		}
		if rows != max(want, 0) {
			t.Fatalf("visited %d rows, want %d", rows, want)
		}
	})
}

// FuzzParquet: no file panics.
func FuzzParquet(f *testing.F) {
	form := plainForm()
	f.Add(mixed.parquet(f, form))
	form.codec, form.version = &parquet.Uncompressed, 1
	f.Add(mixed.parquet(f, form))
	form.rows, form.json = 2, true
	f.Add(mixed.parquet(f, form))
	form.node, form.amount = parquet.Decimal(19, 38, parquet.FixedLenByteArrayType(16)), bytesCell(19, 16)
	f.Add(mixed.parquet(f, form))
	f.Fuzz(func(t *testing.T, content []byte) {
		rows := 0
		_ = readParquet(context.Background(), bytes.NewReader(content), int64(len(content)), func(l *line) error {
			if rows++; rows > 1000 {
				return errors.New("enough")
			}
			return nil
		})
	})
}
