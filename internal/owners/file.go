package owners

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"showback"
	"showback/internal/tag"
)

// Rule gives one tag to the callers that it matches, over some days.
type Rule struct {
	Line       int // of the file, from 1 on
	Match      Match
	Key, Value string
	// Period are the days of the rule, half-open; the zero Start is since ever,
	// the zero End for good.
	Period showback.Period
}

// holds reports whether the rule is in force on the day that begins at t.
func (r Rule) holds(t time.Time) bool {
	return !t.Before(r.Period.Start) && (r.Period.End.IsZero() || t.Before(r.Period.End))
}

// columns are those of an owners file; the last two may be missing.
var columns = []string{"match", "key", "value", "from", "to"}

const (
	needed = 3 // columns that must be there
	// maxRules bounds what one file can make the program keep.
	maxRules = 100_000
	// maxFaults is how many faults of a file are told at once.
	maxFaults = 10
)

// CheckTag says what is wrong with a tag, by IAM's rules; nil where nothing is.
type CheckTag func(tag.Pair) error

// Read reads an owners file: CSV in UTF-8 whose first line names the columns
// match, key, value and, where there are such, from and to, in any order. Lines
// that begin with # are remarks. Dates are days, 2026-10-05, or months, 2026-10,
// both included.
//
// name stands in errors for the file. A file that has faults is an error of
// KindInvalid that names the first of them, each with line and column.
func Read(r io.Reader, name string, check CheckTag) ([]Rule, error) {
	f := &file{name: name, check: check, csv: csv.NewReader(skipMark(r))}
	f.csv.Comment, f.csv.FieldsPerRecord, f.csv.TrimLeadingSpace = '#', -1, true
	if err := f.header(); err != nil {
		return nil, err
	}
	for {
		record, err := f.csv.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			f.broken(err)
			break
		}
		f.rule(record)
		if len(f.rules) > maxRules {
			return nil, showback.Errorf(showback.KindInvalid, "read %s: more than %d rules", name, maxRules)
		}
	}
	return f.rules, f.fault()
}

type file struct {
	name   string
	check  CheckTag
	csv    *csv.Reader
	at     map[string]int // column → its place in a record
	rules  []Rule
	faults []string
}

// skipMark takes the byte order mark off, which spreadsheets put before a text.
func skipMark(r io.Reader) io.Reader {
	mark := make([]byte, 3)
	n, err := io.ReadFull(r, mark)
	if err == nil && string(mark) == "\ufeff" {
		return r
	}
	return io.MultiReader(strings.NewReader(string(mark[:n])), r)
}

func (f *file) header() error {
	record, err := f.csv.Read()
	if errors.Is(err, io.EOF) {
		return showback.WithHint(showback.Errorf(showback.KindInvalid, "read %s: it is empty", f.name), "its first line is "+strings.Join(columns, ","))
	}
	if err != nil {
		f.broken(err)
		return f.fault()
	}
	f.at = map[string]int{}
	for i, cell := range record {
		column := strings.ToLower(strings.TrimSpace(cell))
		_, twice := f.at[column]
		switch {
		case !isColumn(column):
			f.wrong(1, "", fmt.Sprintf("no such column as %q", cell))
		case twice:
			f.wrong(1, column, "the column is there twice")
		}
		f.at[column] = i
	}
	for _, column := range columns[:needed] {
		if _, ok := f.at[column]; !ok {
			f.wrong(1, column, "the column is missing")
		}
	}
	return showback.WithHint(f.fault(), "the first line names the columns: "+strings.Join(columns, ","))
}

func isColumn(name string) bool {
	for _, c := range columns {
		if c == name {
			return true
		}
	}
	return false
}

func (f *file) broken(err error) {
	var parse *csv.ParseError
	if errors.As(err, &parse) {
		f.wrong(parse.Line, "", fmt.Sprintf("character %d: %v", parse.Column, parse.Err))
		return
	}
	f.faults = append(f.faults, err.Error())
}

func (f *file) wrong(line int, column, text string) {
	where := fmt.Sprintf("line %d", line)
	if column != "" {
		where += ", column " + column
	}
	f.faults = append(f.faults, where+": "+text)
}

func (f *file) fault() error {
	if len(f.faults) == 0 {
		return nil
	}
	told := f.faults[:min(len(f.faults), maxFaults)]
	text := strings.Join(told, "\n  ")
	if more := len(f.faults) - len(told); more > 0 {
		text += fmt.Sprintf("\n  and %d more", more)
	}
	if len(f.faults) > 1 {
		text = fmt.Sprintf("%d faults\n  ", len(f.faults)) + text
	}
	return showback.Errorf(showback.KindInvalid, "read %s: %s", f.name, text)
}

func (f *file) rule(record []string) {
	line, _ := f.csv.FieldPos(0)
	if len(record) > len(f.at) {
		f.wrong(line, "", fmt.Sprintf("%d cells, the first line has %d", len(record), len(f.at)))
		return
	}
	cell := func(column string) string {
		at, ok := f.at[column]
		if !ok || at >= len(record) {
			return ""
		}
		return strings.TrimSpace(record[at])
	}
	before := len(f.faults)
	r := Rule{Line: line, Key: cell("key"), Value: cell("value")}
	var err error
	if r.Match, err = ParseMatch(cell("match")); err != nil {
		f.wrong(line, "match", err.Error())
	}
	if err := f.check(tag.Pair{Key: r.Key}); err != nil {
		f.wrong(line, "key", err.Error())
	} else if err := f.check(tag.Pair{Key: r.Key, Value: r.Value}); err != nil {
		f.wrong(line, "value", err.Error())
	} else if r.Value == "" {
		f.wrong(line, "value", "it is empty: an empty value cannot be told from none")
	}
	if text := cell("from"); text != "" {
		days, err := parseDays(text)
		if err != nil {
			f.wrong(line, "from", err.Error())
		}
		r.Period.Start = days.Start
	}
	if text := cell("to"); text != "" {
		days, err := parseDays(text)
		if err != nil {
			f.wrong(line, "to", err.Error())
		}
		r.Period.End = days.End
	}
	if !r.Period.End.IsZero() && !r.Period.Start.Before(r.Period.End) {
		f.wrong(line, "to", fmt.Sprintf("%s is before from, %s", cell("to"), cell("from")))
	}
	if len(f.faults) == before {
		f.rules = append(f.rules, r)
	}
}

// parseDays reads a day or a month.
func parseDays(text string) (showback.Period, error) {
	if t, err := time.Parse(time.DateOnly, text); err == nil {
		return showback.Period{Start: t, End: t.AddDate(0, 0, 1)}, nil
	}
	if m, err := showback.ParseMonth(text); err == nil {
		return m.Period(), nil
	}
	return showback.Period{}, fmt.Errorf("%q: want a day such as 2026-10-05, or a month such as 2026-10", text)
}
