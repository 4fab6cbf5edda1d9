package ledger

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"showback"
	"showback/internal/source"
)

// least are the columns without which no line is a charge.
var least = []source.Column{
	{Name: string(source.Payer), Type: "VARCHAR"}, {Name: string(source.PeriodStart), Type: "VARCHAR"},
	{Name: string(source.LineType), Type: "VARCHAR"}, {Name: string(source.UsageStart), Type: "VARCHAR"},
	{Name: string(source.Description), Type: "VARCHAR"}, {Name: string(source.Currency), Type: "VARCHAR"},
	{Name: string(source.Unblended), Type: "VARCHAR"},
}

func leastMapping() source.Mapping {
	m := source.Mapping{Columns: map[source.Field]source.Column{}}
	for _, c := range least {
		m.Columns[source.Field(c.Name)] = c
	}
	return m
}

// saveText writes a data file; one whose name ends in .gz is compressed.
func saveText(t testing.TB, name string, content []byte) source.File {
	t.Helper()
	f := source.File{Path: filepath.Join(t.TempDir(), name), Name: name, Format: source.CSV}
	if strings.HasSuffix(name, ".gz") {
		f.Format = source.CSVGzip
		var b bytes.Buffer
		w := gzip.NewWriter(&b)
		w.Write(content)
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		content = b.Bytes()
	}
	if err := os.WriteFile(f.Path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return f
}

// TestEveryRowIsStagedOrRejected stages texts in which rows of every kind stand
// in any order, by the engine's reader, and holds what comes out against what
// went in: rows that are no records have their numbers, and so do rows with a
// bad value behind them.
func TestEveryRowIsStagedOrRejected(t *testing.T) {
	seed := rand.Uint64()
	random := rand.New(rand.NewPCG(seed, 1))
	w, err := openWork(t.Context(), "", t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer w.close()
	const head, tail = "111122223333,2026-10-01T00:00:00Z,Usage,2026-10-02T00:00:00Z,", ",USD,"
	good := head + "text" + tail + "1"
	kinds := []struct{ text, fault string }{
		{good, ""}, {good, ""}, {good, ""}, {good, ""}, {good, ""}, {good, ""},
		{head + "\"two\nlines, \"\"quoted\"\"\"" + tail + "1", ""},
		{"", "blank line"},
		{head + "text" + tail + "abc", "no number; want a decimal such as 12.5"},
		{head + "text,USD", "6 values, the header has 7 columns"},
		{"x", "1 values, the header has 7 columns"},
		{good + ",more", "8 values, the header has 7 columns"},
		{good + ",", "8 values, the header has 7 columns"},
		{good + ",,,", "10 values, the header has 7 columns"},
		{head + `a"b` + tail + "1", "a quote inside a value that is not quoted"},
		{head + `"a"b` + tail + "1", "text after the end of a quoted value"},
		{head + "caf\xe9" + tail + "1", "not UTF-8 (byte 0xe9)"},
		{head + "\"two\nlines\"" + tail + "1,more", "8 values, the header has 7 columns"},
		{head + "a\x00b" + tail + "1", "a NUL byte in it"},
	}
	for round := range 30 {
		end := []string{"\n", "\r\n"}[random.IntN(2)]
		var text strings.Builder
		if random.IntN(3) == 0 {
			text.WriteString("\ufeff")
		}
		for i, c := range least {
			if i > 0 {
				text.WriteString(",")
			}
			text.WriteString(c.Name)
		}
		text.WriteString(end)
		var want []string
		row, staged := 0, 0
		for range random.IntN(200) + 1 {
			k := kinds[random.IntN(len(kinds))]
			text.WriteString(k.text + end)
			switch {
			case k.fault == "":
				row, staged = row+1, staged+1
			case k.text != "":
				row++
				want = append(want, fmt.Sprintf("%d %s", row, k.fault))
			}
		}
		f := saveText(t, []string{"bill.csv", "bill.csv.gz"}[random.IntN(2)], []byte(text.String()))
		if err := w.createStage(t.Context()); err != nil {
			t.Fatal(err)
		}
		digest, err := Digest(t.Context(), f)
		if err != nil {
			t.Fatal(err)
		}
		all, err := w.take(t.Context(), 0, f, digest, least, leastMapping())
		if err != nil {
			t.Fatalf("seed %d, round %d: %v", seed, round, err)
		}
		bad, err := w.rejects(t.Context(), []source.File{f}, "", all)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, bad...)
		slices.SortFunc(all, func(a, b Reject) int { return int(a.Row - b.Row) })
		var got []string
		for i, r := range all {
			fault := r.Reason
			if i < len(want) { // the texts say more than is compared
				fault = fault[:min(len(fault), len(want[i])-len(fmt.Sprint(r.Row))-1)]
			}
			got = append(got, fmt.Sprintf("%d %s", r.Row, fault))
		}
		var in int
		if err := w.one(t.Context(), "SELECT count(*) FROM stage WHERE reject IS NULL", &in); err != nil {
			t.Fatal(err)
		}
		if in != staged || !slices.Equal(got, want) {
			t.Fatalf("seed %d, round %d: staged %d, want %d; rejects\n got %q\nwant %q", seed, round, in, staged, got, want)
		}
	}
}

// TestChangedWhileStaged: a file that is no longer what was digested is refused,
// whatever it came to.
func TestChangedWhileStaged(t *testing.T) {
	w, err := openWork(t.Context(), "", t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer w.close()
	var names []string
	for _, c := range least {
		names = append(names, c.Name)
	}
	row := "111122223333,2026-10-01T00:00:00Z,Usage,2026-10-02T00:00:00Z,text,USD,1\n"
	text := strings.Join(names, ",") + "\n" + row
	f := func(what, now string) {
		t.Helper()
		file := saveText(t, "bill.csv", []byte(text))
		digest, err := Digest(t.Context(), file)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file.Path, []byte(now), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := w.createStage(t.Context()); err != nil {
			t.Fatal(err)
		}
		_, err = w.take(t.Context(), 0, file, digest, least, leastMapping())
		if want := "it changed while it was read"; showback.KindOf(err) != showback.KindConflict || !strings.Contains(err.Error(), want) || showback.HintOf(err) == "" {
			t.Errorf("%s: got %v of kind %s, hint %q", what, err, showback.KindOf(err), showback.HintOf(err))
		}
	}
	f("another amount", strings.Replace(text, "USD,1", "USD,2", 1))
	f("a row more", text+row)
	f("cut", text[:len(text)-20])
	f("empty", "")
	f("something else", "\x1f\x8b\x08")

	file := saveText(t, "bill.csv", []byte(text))
	digest, err := Digest(t.Context(), file)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := w.take(ctx, 0, file, digest, least, leastMapping()); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: got %v", err)
	}
	os.Remove(file.Path)
	if _, err := w.take(t.Context(), 0, file, digest, least, leastMapping()); showback.KindOf(err) != showback.KindNotFound {
		t.Errorf("removed: got %v", err)
	}
}
