package estate

import (
	"cmp"
	"context"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/parquet-go/parquet-go"

	"showback"
)

var lastDay = time.Date(2026, 11, 19, 0, 0, 0, 0, time.UTC)

func TestSizesOfTheLarge(t *testing.T) {
	f := func(size Size, shape Shape, callers, calls, fleet int) {
		t.Helper()
		e := New(Config{Seed: 3, Size: size, Shape: shape, Through: lastDay})
		p := e.payers[0]
		if got := len(p.callers); got < callers*97/100 || got > callers*103/100 {
			t.Errorf("%s %s: %d callers, want about %d", size, shape, got, callers)
		}
		if got := e.expected(p, p.pace); math.Abs(got-float64(calls)) > float64(calls)/100 {
			t.Errorf("%s %s: %.0f lines of calls are expected, want %d", size, shape, got, calls)
		}
		if got := float64(p.fleet.size) / 1000 * linesOfDay(true) * float64(e.dayCount()); math.Abs(got-float64(fleet)) > float64(fleet)/100 {
			t.Errorf("%s %s: %.0f lines of the fleet are expected, want %d", size, shape, got, fleet)
		}
		teams := map[string]bool{}
		for _, c := range p.callers {
			teams[c.team.name] = true
		}
		if len(teams) != 40 {
			t.Errorf("%s %s: %d teams, want 40", size, shape, len(teams))
		}
	}
	f(M, AI, 2000, 8_000_000, 1_950_000)
	f(M, Enterprise, 2000, 460_000, 9_450_000)
	f(L, AI, 10_000, 80_000_000, 19_900_000)
	f(L, Enterprise, 10_000, 4_900_000, 95_000_000)
}

// A month's worth of resources has all meters, for a resource has a line every
// week at least.
func TestUsageTypesOfEnterprise(t *testing.T) {
	f := New(Config{Size: M, Shape: Enterprise, Through: lastDay}).payers[0].fleet
	usage := map[string]bool{}
	for n := range f.size {
		usage[f.meterOf(n).usage] = true
	}
	if len(usage) < 60_000 {
		t.Errorf("%d usage types, want at least 60,000", len(usage))
	}
	if len(usage) != len(f.meters) {
		t.Errorf("%d meters have %d usage types: two share one, or no resource is on it", len(f.meters), len(usage))
	}
}

// A week has every resource: some by the hour, most once.
func TestFleetRunsInItsRhythms(t *testing.T) {
	e := New(Config{Size: S, Shape: Enterprise, Through: lastDay})
	f := e.payers[0].fleet
	for _, hourly := range []bool{true, false} {
		lines := make([]int, f.size)
		r := e.rng("test")
		for day := range 7 {
			for _, ev := range f.ran(r, lastDay.AddDate(0, 0, day), hourly, nil) {
				lines[ev.by]++
			}
		}
		counts := map[int]int{}
		for _, n := range lines {
			counts[n]++
		}
		want := []int{1, 7}
		if hourly {
			want = []int{1, 7, 42, 168}
		}
		var got []int
		for n := range counts {
			got = append(got, n)
		}
		slices.Sort(got)
		if !slices.Equal(got, want) || counts[1] < f.size*8/10 {
			t.Errorf("hourly %v: resources by lines in a week are %v, want lines of %v and most with one", hourly, counts, want)
		}
	}
}

// TestLargeMonth looks at the first lines of a month of the large payer.
func TestLargeMonth(t *testing.T) {
	const looked = 100_000
	first := func(size Size, shape Shape) (list []line) {
		e := New(Config{Seed: 5, Size: size, Shape: shape, Through: lastDay})
		e.lines(e.exports[0], "2026-09", newest, func(l *line) bool {
			list = append(list, *l)
			return len(list) < looked
		})
		return list
	}
	list := first(M, AI)
	if len(list) != looked {
		t.Fatalf("%d lines, want the first %d", len(list), looked)
	}
	callers, sessions, hours, calls, models := map[string]bool{}, map[string]bool{}, map[int]int{}, 0, map[string]bool{}
	for i := range list {
		l := &list[i]
		if l.kind != "Usage" || l.end.Sub(l.start) != time.Hour {
			t.Fatalf("line of %s from %s to %s, want usage of an hour", l.kind, l.start, l.end)
		}
		if l.caller == "" {
			continue
		}
		calls++
		callers[l.caller], models[cmp.Or(l.tariff.meter.model, l.product)] = true, true
		hours[l.start.Hour()]++
		if _, session, ok := strings.Cut(l.caller, ":assumed-role/ci-agent-"); ok {
			sessions[session] = true
		}
	}
	if share := 100 * calls / looked; share < 75 || share > 90 {
		t.Errorf("%d of %d lines have a caller, want about 80 of 100", calls, looked)
	}
	if len(callers) < 1500 || len(sessions) < 50 || len(models) < 12 {
		t.Errorf("%d callers, %d build sessions, %d models: want 1,500, 50 and 12 at least", len(callers), len(sessions), len(models))
	}
	if hours[15] < 3*hours[4] {
		t.Errorf("%d calls from three, %d from four in the morning: want office hours", hours[15], hours[4])
	}
	again := first(M, AI)
	for i := range list {
		if a, b := &list[i], &again[i]; a.id != b.id || a.caller != b.caller || a.unblended != b.unblended || a.usage != b.usage || !a.start.Equal(b.start) {
			t.Fatalf("line %d differs between two estates of one seed", i)
		}
	}
	ai := 0
	for _, l := range first(M, Enterprise) {
		if l.ai {
			ai++
		}
	}
	if ai < looked*3/100 || ai > looked*8/100 {
		t.Errorf("%d of %d lines of the enterprise are AI, want about 5 of 100", ai, looked)
	}
}

func TestMovesAreDated(t *testing.T) {
	e := New(Config{Size: M, Through: lastDay})
	days := map[time.Time]bool{}
	for _, c := range e.payers[0].callers {
		if c.moved != nil {
			days[c.movedOn] = true
			if c.badges[0] == nil || slices.Equal(c.badges[0], c.badges[1]) {
				t.Fatalf("%s moves from %v to %v", c.label, c.badges[0], c.badges[1])
			}
		}
	}
	if len(days) < 50 {
		t.Errorf("callers move on %d days, want all over the year", len(days))
	}
}

// TestLargeFiles writes a month in the way of a large one, with smaller bounds.
func TestLargeFiles(t *testing.T) {
	const bytes, group = 150_000, 700
	e := New(Config{Seed: 2, Through: lastDay})
	x := *e.exports[0]
	x.chunk = chunk{math.MaxInt, group, bytes}
	d := &delivery{e: e, x: &x, month: "2026-10", root: t.TempDir(), at: lastDay, tell: func(int) {}}
	if err := d.write(context.Background()); err != nil {
		t.Fatal(err)
	}
	ids, cost := map[string]bool{}, showback.Decimal{}
	for i, name := range d.names {
		body, err := os.ReadFile(filepath.Join(d.root, name))
		if err != nil {
			t.Fatal(err)
		}
		file, err := parquet.OpenFile(strings.NewReader(string(body)), int64(len(body)))
		if err != nil {
			t.Fatal(err)
		}
		groups := file.RowGroups()
		if last := i == len(d.names)-1; !last && (len(body) < bytes || len(body) > 2*bytes || len(groups) < 2 || groups[0].NumRows() != group) {
			t.Errorf("%s has %d bytes and %d row groups, the first of %d rows: want %d bytes or a little more in groups of %d rows",
				name, len(body), len(groups), groups[0].NumRows(), bytes, group)
		}
		for _, v := range valuesOf(t, file, "identity_line_item_id") {
			ids[v.String()] = true
		}
		for _, v := range valuesOf(t, file, "line_item_unblended_cost") {
			cost = cost.Add(dec(strconv.FormatFloat(v.Double(), 'g', -1, 64)))
		}
	}
	sum := d.sum.summary()
	if len(d.names) < 3 || len(ids) != sum.Rows {
		t.Errorf("%d files with %d identifiers, want some with %d", len(d.names), len(ids), sum.Rows)
	}
	if want, _ := sum.Total(showback.Unblended); !cost.Equal(want) {
		t.Errorf("the files' costs add up to %s, want %s", cost, want)
	}
}

// valuesOf reads a column that is no map.
func valuesOf(t *testing.T, file *parquet.File, name string) (list []parquet.Value) {
	t.Helper()
	leaf, found := file.Schema().Lookup(name)
	if !found {
		t.Fatalf("no column %s", name)
	}
	for _, group := range file.RowGroups() {
		pages := group.ColumnChunks()[leaf.ColumnIndex].Pages()
		defer pages.Close()
		for {
			page, err := pages.ReadPage()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			values := make([]parquet.Value, page.NumValues())
			if n, _ := page.Values().ReadValues(values); n != len(values) {
				t.Fatalf("%d values of a page of %d", n, len(values))
			}
			list = append(list, values...)
		}
	}
	return list
}

func TestBusySharesAreLikely(t *testing.T) {
	e := New(Config{Seed: 1, Size: M, Through: lastDay})
	p := e.payers[0]
	var hours [2]float64
	for _, c := range p.callers {
		for weekend, share := range []*dayShape{c.hours(false), c.hours(true)} {
			for _, s := range share {
				hours[weekend] += s
			}
		}
	}
	if hours[1] > hours[0]/2 {
		t.Errorf("weekends are %.0f to %.0f of working days", hours[1], hours[0])
	}
	if got := e.weekdays("2026-08"); got != [2]int{21, 10} {
		t.Errorf("August 2026 has %v working days and days on weekends, want 21 and 10", got)
	}
	if got := e.weekdays(showback.Month("2026-11")); got != [2]int{14, 5} {
		t.Errorf("November 2026 up to the 19th has %v, want 14 and 5", got)
	}
}
