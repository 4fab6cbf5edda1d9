package estate_test

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"showback"
	"showback/internal/estate"
)

var through = time.Date(2026, 11, 19, 0, 0, 0, 0, time.UTC)

// written is one estate on disk for all tests that only read it.
var written = sync.OnceValues(func() (estate.Summary, error) {
	dir, err := os.MkdirTemp("", "estate")
	if err != nil {
		return estate.Summary{}, err
	}
	writtenDir = dir
	return estate.New(estate.Config{Seed: 1, Through: through}).Write(dir)
})

var writtenDir string

func TestMain(m *testing.M) {
	code := m.Run()
	os.RemoveAll(writtenDir)
	os.Exit(code)
}

func summary(t *testing.T) estate.Summary {
	t.Helper()
	s, err := written()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// charges collects all charges of the estate that is on disk.
var charges = sync.OnceValue(func() []*showback.Charge {
	return slices.Collect(estate.New(estate.Config{Seed: 1, Through: through}).Charges())
})

func TestOneSeedGivesTheSameBytes(t *testing.T) {
	first := writtenDirOf(t)
	again := t.TempDir()
	if _, err := estate.New(estate.Config{Seed: 1, Through: through}).Write(again); err != nil {
		t.Fatal(err)
	}
	a, b := files(t, first), files(t, again)
	if !slices.Equal(a, b) {
		t.Fatalf("files differ:\n%v\n%v", a, b)
	}
	for _, name := range a {
		x, y := read(t, filepath.Join(first, name)), read(t, filepath.Join(again, name))
		if !bytes.Equal(x, y) {
			t.Errorf("%s differs between two writes of one seed", name)
		}
	}
}

func writtenDirOf(t *testing.T) string {
	t.Helper()
	return filepath.Dir(summary(t).Dir)
}

func files(t *testing.T, dir string) []string {
	t.Helper()
	var names []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			name, _ := filepath.Rel(dir, path)
			names = append(names, name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	body, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

func TestAnotherSeedGivesAnotherBill(t *testing.T) {
	e := estate.New(estate.Config{Seed: 2, Through: through})
	sum := showback.Decimal{}
	for c := range e.MonthCharges("labs-cur2", "2026-10") {
		sum = sum.Add(c.Amounts[showback.Unblended])
	}
	other, _ := summary(t).Total("777788889999", "2026-10", "USD", showback.Unblended)
	if sum.IsZero() || sum.Equal(other) {
		t.Errorf("October of labs under seed 2 is %s, under seed 1 %s: want two different sums", sum, other)
	}
}

func TestTotalsEqualTheFiles(t *testing.T) {
	for _, x := range summary(t).Exports {
		for _, m := range x.Months {
			d := readMonth(t, x, m.Month)
			if d.rows != m.Rows {
				t.Errorf("%s %s: files have %d rows, summary %d", x.Name, m.Month, d.rows, m.Rows)
			}
			if got := d.has("line_item_iam_principal"); got != x.CallerColumn {
				t.Errorf("%s: caller column %v, want %v", x.Name, got, x.CallerColumn)
			}
			var bases []showback.Basis
			for _, total := range m.Totals {
				bases = append(bases, total.Basis)
				sum, rows := showback.Decimal{}, 0
				for row := range d.rows {
					if amount, ok := d.onBasis(t, total.Basis, row); ok {
						sum, rows = sum.Add(amount), rows+1
					}
				}
				if !sum.Equal(total.Amount) || rows != total.Rows {
					t.Errorf("%s %s %s: files sum to %s over %d rows, summary says %s over %d", x.Name, m.Month, total.Basis, sum, rows, total.Amount, total.Rows)
				}
			}
			if want := d.carries(); !slices.Equal(bases, want) {
				t.Errorf("%s %s: summary has bases %v, files %v", x.Name, m.Month, bases, want)
			}
		}
	}
}

func TestTotalsEqualTheCharges(t *testing.T) {
	type key struct {
		payer string
		month showback.Month
		basis showback.Basis
	}
	sums := map[key]showback.Decimal{}
	rows := 0
	for _, c := range charges() {
		rows++
		for basis, amount := range c.Amounts {
			k := key{c.Payer, c.Month, basis}
			sums[k] = sums[k].Add(amount)
		}
	}
	s := summary(t)
	if rows != s.Rows() {
		t.Errorf("%d charges, summary says %d", rows, s.Rows())
	}
	for k, got := range sums {
		currency := "USD"
		if k.payer == "444455556666" {
			currency = "EUR"
		}
		if want, ok := s.Total(k.payer, k.month, currency, k.basis); !ok || !got.Equal(want) {
			t.Errorf("%s %s %s: charges sum to %s, summary says %s (%v)", k.payer, k.month, k.basis, got, want, ok)
		}
	}
}

func TestYearEndsWithAnOpenMonth(t *testing.T) {
	months := map[string][]showback.Month{}
	for _, x := range summary(t).Exports {
		for _, m := range x.Months {
			months[x.Payer] = append(months[x.Payer], m.Month)
			if want := m.Month == "2026-11"; m.Open != want {
				t.Errorf("%s %s: open %v, want %v", x.Name, m.Month, m.Open, want)
			}
		}
	}
	for payer, list := range months {
		if len(list) != 12 || list[0] != "2025-12" || !slices.IsSorted(list) {
			t.Errorf("payer %s has months %v: want twelve from 2025-12 on, each once", payer, list)
		}
	}
	last := time.Time{}
	for _, c := range charges() {
		if c.Type == "Usage" && c.UsageStart.After(last) {
			last = c.UsageStart
		}
		final := c.Month != "2026-11" || c.BillType != "Anniversary"
		if (c.Invoice != "") != final {
			t.Fatalf("%s charge of %s in a bill of type %s has invoice %q", c.Type, c.Month, c.BillType, c.Invoice)
		}
	}
	if got := showback.Day(last); !got.Equal(through) {
		t.Errorf("last day with usage is %s, want %s", got, through)
	}
}

// TestAnyLastDay: an estate may end on any day, a leap day and the first or
// last of a month included.
func TestAnyLastDay(t *testing.T) {
	f := func(day string, first, open showback.Month) {
		t.Helper()
		last, err := time.Parse(time.DateOnly, day)
		if err != nil {
			t.Fatal(err)
		}
		e := estate.New(estate.Config{Seed: 3, Through: last.Add(13 * time.Hour)})
		days := map[string]bool{}
		for c := range e.MonthCharges("group-cur2", open) {
			if c.Type == "Usage" {
				days[c.CountedOn().Format(time.DateOnly)] = true
			}
		}
		if !days[day] || len(days) != last.Day() {
			t.Errorf("through %s: usage on %d days of %s (that day: %v), want %d", day, len(days), open, days[day], last.Day())
		}
		if !slices.ContainsFunc(slices.Collect(e.MonthCharges("labs-cur2", first)), func(c *showback.Charge) bool { return c.Caller != "" }) {
			t.Errorf("through %s: no caller in %s", day, first)
		}
		for range e.MonthCharges("group-cur2", first.Add(-1)) {
			t.Fatalf("through %s: a charge before %s", day, first)
		}
	}
	f("2026-03-01", "2025-04", "2026-03")
	f("2026-10-31", "2025-11", "2026-10")
	f("2028-02-29", "2027-03", "2028-02")
}

func TestRestatedMonth(t *testing.T) {
	s := summary(t)
	r := s.Restated
	if r.Month != "2026-09" || r.Export != "europe-cur2-callers" {
		t.Fatalf("restated is %s of %s", r.Month, r.Export)
	}
	old, _ := r.Older.Total(showback.Unblended)
	current, _ := r.Newer.Total(showback.Unblended)
	now, _ := s.Total(r.Payer, r.Month, r.Currency, showback.Unblended)
	if old.Equal(current) || !current.Equal(now) {
		t.Errorf("older %s, newer %s, current %s: want the last two equal and the first another", old, current, now)
	}
	alone := readMonth(t, estate.ExportSummary{Name: r.Export, Path: r.Path}, r.Month)
	sum := showback.Decimal{}
	for row := range alone.rows {
		sum = sum.Add(alone.amount(t, "line_item_unblended_cost", row))
	}
	if !sum.Equal(old) || alone.rows != r.Older.Rows {
		t.Errorf("the older delivery's files have %s in %d rows, want %s in %d", sum, alone.rows, old, r.Older.Rows)
	}
	runs, err := os.ReadDir(filepath.Join(s.Dir, r.Export, "data", "BILLING_PERIOD="+string(r.Month)))
	if err != nil || len(runs) != 2 {
		t.Fatalf("restated month has executions %v (%v), want two", runs, err)
	}
	oldRun := filepath.Join("data", "BILLING_PERIOD="+string(r.Month), runs[0].Name(), r.Export+"-00001.snappy.parquet")
	if !bytes.Equal(read(t, filepath.Join(s.Dir, r.Export, oldRun)), read(t, filepath.Join(r.Path, oldRun))) {
		t.Error("the older delivery alone differs from the older execution")
	}
}
