package ingest_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"showback"
	"showback/internal/ingest"
	"showback/internal/ledger"
)

// export writes a month of an export as AWS delivers it, with a manifest that
// has the ARN, and returns the export's folder. The lines are account, product
// code, line type, cost and caller.
func export(t *testing.T, folder, name, arn, month string, made time.Time, header string, lines ...string) string {
	t.Helper()
	all := strings.Split(header, ",")
	var b strings.Builder
	b.WriteString("bill_payer_account_id,bill_billing_period_start_date,line_item_usage_start_date,line_item_currency_code," + header + "\n")
	for _, l := range lines {
		if strings.Count(l, ",")+1 != len(all) {
			t.Fatalf("line %q is not of %s", l, header)
		}
		fmt.Fprintf(&b, "111122223333,%s-01T00:00:00Z,%[1]s-03T10:00:00Z,USD,%s\n", month, l)
	}
	period, run := "BILLING_PERIOD="+month, made.Format("20060102T150405Z")+"-"+name
	file := filepath.Join("data", period, run, name+"-00001.csv")
	for path, content := range map[string]string{
		file: b.String(),
		filepath.Join("metadata", period, name+"-Manifest.json"): fmt.Sprintf(`{"executionId":%q,"exportArn":%q,"dataFiles":["s3://b/%s/%s"]}`,
			run, arn, name, filepath.ToSlash(file)),
	} {
		path = filepath.Join(folder, name, path)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(folder, name)
}

const (
	withCaller = "line_item_usage_account_id,line_item_product_code,line_item_line_item_type,line_item_unblended_cost,line_item_iam_principal"
	noCaller   = "line_item_usage_account_id,line_item_product_code,line_item_line_item_type,line_item_unblended_cost"
	noAccount  = "line_item_product_code,line_item_line_item_type,line_item_unblended_cost"
	arns       = "arn:aws:bcm-data-exports:us-east-1:"
)

var day = time.Date(2026, 11, 3, 4, 0, 0, 0, time.UTC)

// counted writes what counts and what is aside of a store: "new 2026-09 3 | old 2026-09".
func counted(t *testing.T, store *ledger.Store) string {
	t.Helper()
	snap, err := store.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	defer snap.Close()
	var parts []string
	for _, s := range snap.Segments {
		parts = append(parts, fmt.Sprintf("%s %s %s", s.Export, s.Month, s.Totals[0].Amounts[showback.Unblended]))
	}
	parts = append(parts, "|")
	for _, s := range snap.Aside {
		parts = append(parts, s.Export+" "+string(s.Month))
	}
	for _, s := range snap.All() {
		if _, err := os.Stat(snap.SegmentPath(&s)); err != nil {
			t.Errorf("segment of %s %s: %v", s.Export, s.Month, err)
		}
	}
	return strings.Join(parts, " ")
}

func refused(t *testing.T, store *ledger.Store, opt ingest.Options, paths ...string) *ledger.OverlapError {
	t.Helper()
	opt.Now = time.Now
	before := counted(t, store)
	_, err := ingest.Import(context.Background(), store, paths, opt)
	var overlap *ledger.OverlapError
	if showback.KindOf(err) != showback.KindConflict || !errors.As(err, &overlap) {
		t.Fatalf("error %v of kind %s, want exports that overlap", err, showback.KindOf(err))
	}
	if after := counted(t, store); after != before {
		t.Errorf("after the refusal %q, before it %q", after, before)
	}
	return overlap
}

// change makes one change of a store and commits it.
func change(t *testing.T, store *ledger.Store, f func(*ledger.Tx) error) error {
	t.Helper()
	tx, err := store.Begin(context.Background(), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Close()
	if err := f(tx); err != nil {
		return err
	}
	return tx.Commit(context.Background())
}

// TestTwoExports goes through the life of an old export without callers and a
// new one with them, a month apart.
func TestTwoExports(t *testing.T) {
	dir, store := t.TempDir(), newStore(t)
	var old, now string
	for _, month := range []string{"2026-08", "2026-09"} {
		old = export(t, dir, "old", arns+"111122223333:export/old-1", month, day, noCaller, "444455556666,AmazonBedrock,Usage,3", "444455556666,AmazonS3,Tax,1")
	}
	for _, month := range []string{"2026-09", "2026-10"} {
		now = export(t, dir, "new", arns+"111122223333:export/new-1", month, day, withCaller,
			"444455556666,AmazonBedrock,Usage,2,arn:aws:iam::444455556666:user/alice", "444455556666,AmazonBedrock,Usage,1,arn:aws:iam::444455556666:user/bob",
			"444455556666,AmazonS3,Tax,1,")
	}
	load(t, store, ingest.Options{}, old)
	o := refused(t, store, ingest.Options{}, now)
	if got := o.Prefer; !slices.Equal(got, []string{"new"}) {
		t.Errorf("the refusal would prefer %v, want new", got)
	}
	if len(o.Overlaps) != 1 || !o.Overlaps[0].Equal || len(o.Overlaps[0].Rivals) != 2 || o.Overlaps[0].Rivals[0].Counts || !o.Overlaps[0].Rivals[1].Counts {
		t.Errorf("overlaps %+v, want one month of equal totals, of which old counts", o.Overlaps)
	}
	f := func(want string) {
		t.Helper()
		if got := counted(t, store); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	r := load(t, store, ingest.Options{Prefer: o.Prefer}, now)
	f("new 2026-09 4 new 2026-10 4 old 2026-08 4 | old 2026-09")
	if len(r.Settled) != 1 || r.Settled[0].Export != "old" || r.Settled[0].AsideFor != "new" || r.Settled[0].Counts {
		t.Errorf("settled %+v, want old 2026-09 set aside", r.Settled)
	}
	// The choice is remembered.
	export(t, dir, "old", arns+"111122223333:export/old-1", "2026-10", day.AddDate(0, 0, 1), noCaller, "444455556666,AmazonBedrock,Usage,5")
	r = load(t, store, ingest.Options{}, old)
	f("new 2026-09 4 new 2026-10 4 old 2026-08 4 | old 2026-09 old 2026-10")
	if m := r.Deliveries[2].Months[0]; m.Counts || m.AsideFor != "new" {
		t.Errorf("month %+v is reported, want one aside for new", m)
	}
	if r := load(t, store, ingest.Options{}, old, now); r.Changed {
		t.Error("the same again changed the store")
	}
	// What the preferred one loses comes back, and yields again.
	gone := ledger.Key{Payer: "111122223333", Export: "new", Month: "2026-10"}
	if err := change(t, store, func(tx *ledger.Tx) error { return tx.Remove(gone) }); err != nil {
		t.Fatal(err)
	}
	f("new 2026-09 4 old 2026-08 4 old 2026-10 5 | old 2026-09")
	load(t, store, ingest.Options{}, now)
	f("new 2026-09 4 new 2026-10 4 old 2026-08 4 | old 2026-09 old 2026-10")
	// Another choice, later, for one month, then for all.
	prefer := func(typed ...string) error {
		return change(t, store, func(tx *ledger.Tx) error {
			_, err := tx.Settle(context.Background(), ledger.Choice{Prefer: typed, Revise: true})
			return err
		})
	}
	if err := prefer("old:2026-09"); err != nil {
		t.Fatal(err)
	}
	f("new 2026-10 4 old 2026-08 4 old 2026-09 4 | new 2026-09 old 2026-10")
	if err := prefer("new"); err != nil {
		t.Fatal(err)
	}
	f("new 2026-09 4 new 2026-10 4 old 2026-08 4 | old 2026-09 old 2026-10")
	if err := prefer("news"); showback.KindOf(err) != showback.KindNotFound || !strings.Contains(showback.HintOf(err), "new, old") {
		t.Errorf("a name that is none: error %v, hint %q", err, showback.HintOf(err))
	}
	if err := prefer("new", "old"); showback.KindOf(err) != showback.KindInvalid {
		t.Errorf("a choice that contradicts itself: error %v", err)
	}
}

// A name that is none is refused before anything is read.
func TestPreferUnknown(t *testing.T) {
	bill := save(t, "bill.csv", "no line of a bill\n")
	_, err := ingest.Import(context.Background(), newStore(t), []string{bill}, ingest.Options{Now: time.Now, Prefer: []string{"bil"}})
	if showback.KindOf(err) != showback.KindNotFound || showback.HintOf(err) != "its name may be bill" {
		t.Errorf("error %v of kind %s, hint %q", err, showback.KindOf(err), showback.HintOf(err))
	}
}

// TestMembersExports loads the exports of two member accounts of one payer: of
// other accounts, and of the same name.
func TestMembersExports(t *testing.T) {
	dir, store := t.TempDir(), newStore(t)
	one := export(t, filepath.Join(dir, "1"), "cur2", arns+"444455556666:export/cur2-aaaa", "2026-09", day, noCaller, "444455556666,AmazonBedrock,Usage,3")
	two := export(t, filepath.Join(dir, "2"), "cur2", arns+"777788889999:export/cur2-bbbb", "2026-09", day.AddDate(0, 0, -1), noCaller, "777788889999,AmazonBedrock,Usage,4")
	load(t, store, ingest.Options{}, one)
	load(t, store, ingest.Options{}, two)
	const want = "cur2 2026-09 3 cur2-bbbb 2026-09 4 |"
	if got := counted(t, store); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if r := load(t, store, ingest.Options{}, one, two); r.Changed {
		t.Error("the same again changed the store")
	}
	both := newStore(t)
	load(t, both, ingest.Options{}, two, one)
	if got := counted(t, both); got != want {
		t.Errorf("both at once: got %q, want %q", got, want)
	}
}

// TestOverlaps says what overlaps and what the refusal would prefer.
func TestOverlaps(t *testing.T) {
	f := func(name, header1 string, lines1 []string, header2 string, lines2 []string, want ...string) {
		t.Helper()
		dir, store := t.TempDir(), newStore(t)
		one := export(t, dir, "one", arns+"111122223333:export/one-1", "2026-09", day, header1, lines1...)
		two := export(t, dir, "two", arns+"111122223333:export/two-1", "2026-09", day.AddDate(0, 0, 1), header2, lines2...)
		load(t, store, ingest.Options{}, one)
		if len(want) == 0 {
			load(t, store, ingest.Options{}, two)
			if got := counted(t, store); !strings.HasSuffix(got, "|") || strings.Count(got, "2026-09") != 2 {
				t.Errorf("%s: got %q, want both to count", name, got)
			}
			return
		}
		o := refused(t, store, ingest.Options{}, two)
		if !slices.Equal(o.Prefer, want) {
			t.Errorf("%s: would prefer %v, want %v", name, o.Prefer, want)
		}
	}
	bedrock, s3 := "444455556666,AmazonBedrock,Usage,3", "444455556666,AmazonS3,Usage,1"
	f("another account", noCaller, []string{bedrock}, noCaller, []string{"777788889999,AmazonBedrock,Usage,3"})
	f("another product", noCaller, []string{bedrock}, noCaller, []string{s3})
	f("another type", noCaller, []string{bedrock}, noCaller, []string{"444455556666,AmazonBedrock,Tax,3"})
	f("the same, the newer", noCaller, []string{bedrock, s3}, noCaller, []string{bedrock, s3}, "two")
	f("callers", withCaller, []string{bedrock + ",arn:aws:iam::444455556666:user/alice"}, noCaller, []string{bedrock}, "one")
	f("a part: WHERE product = Bedrock", noCaller, []string{bedrock, s3}, withCaller, []string{bedrock + ",arn:aws:iam::444455556666:user/alice"}, "one")
	f("more", noCaller, []string{bedrock}, noCaller, []string{bedrock, s3}, "two")
	f("a part each: what counts today", noCaller, []string{bedrock, s3}, withCaller, []string{bedrock + ",", "444455556666,AmazonEC2,Usage,2,"}, "one")
	f("the same keys, other sums: what counts today", noCaller, []string{bedrock}, noCaller, []string{"444455556666,AmazonBedrock,Usage,4"}, "one")
	f("no accounts", noCaller, []string{bedrock, s3}, noAccount, []string{"AmazonBedrock,Usage,3", "AmazonS3,Usage,1"}, "two")
	f("no accounts, another product", noCaller, []string{bedrock}, noAccount, []string{"AmazonS3,Usage,1"})
}

// TestByPeriod prefers, in a month, what is best in that month.
func TestByPeriod(t *testing.T) {
	dir, store := t.TempDir(), newStore(t)
	var a, b string
	for _, month := range []string{"2026-07", "2026-08", "2026-09", "2026-11"} {
		a = export(t, dir, "a", arns+"111122223333:export/a-1", month, day, noCaller, "444455556666,AmazonBedrock,Usage,3", "444455556666,AmazonS3,Usage,1")
		lines := []string{"444455556666,AmazonBedrock,Usage,3,arn:aws:iam::444455556666:user/alice"}
		if month != "2026-09" {
			lines = append(lines, "444455556666,AmazonS3,Usage,1,")
		}
		b = export(t, dir, "b", arns+"111122223333:export/b-1", month, day, withCaller, lines...)
	}
	o := refused(t, store, ingest.Options{}, a, b)
	if want := []string{"a:2026-09", "b:2026-07..2026-08", "b:2026-11"}; !slices.Equal(o.Prefer, want) {
		t.Errorf("would prefer %v, want %v", o.Prefer, want)
	}
	lacks := o.Overlaps[2].Rivals[1]
	if lacks.Export != "b" || lacks.Against != "a" || lacks.Lacks.Keys != 1 || !slices.Equal(lacks.Lacks.Products, []string{"AmazonS3"}) ||
		lacks.Lacks.Cost[0].Amount.String() != "1" || lacks.Extra.Keys != 0 || len(lacks.Differ) != 0 {
		t.Errorf("b in 2026-09: %+v, want that it lacks AmazonS3 of a", lacks)
	}
	load(t, store, ingest.Options{Prefer: o.Prefer}, a, b)
	const want = "a 2026-09 4 b 2026-07 4 b 2026-08 4 b 2026-11 4 | a 2026-07 a 2026-08 a 2026-11 b 2026-09"
	if got := counted(t, store); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestDisjoint counts both, says so once and remembers it.
func TestDisjoint(t *testing.T) {
	dir, store := t.TempDir(), newStore(t)
	a := export(t, dir, "a", arns+"111122223333:export/a-1", "2026-09", day, noCaller, "444455556666,AmazonBedrock,Usage,3")
	b := export(t, dir, "b", arns+"111122223333:export/b-1", "2026-09", day, noCaller, "444455556666,AmazonBedrock,Usage,4")
	r := load(t, store, ingest.Options{Disjoint: true}, a, b)
	if len(r.Vouched) != 1 || !slices.Equal(r.Vouched[0].Exports, []string{"a", "b"}) {
		t.Errorf("vouched %+v, want a and b", r.Vouched)
	}
	export(t, dir, "b", arns+"111122223333:export/b-1", "2026-09", day.AddDate(0, 0, 1), noCaller, "444455556666,AmazonBedrock,Usage,5")
	r = load(t, store, ingest.Options{}, b)
	if got, want := counted(t, store), "a 2026-09 3 b 2026-09 5 |"; got != want || len(r.Vouched) != 0 {
		t.Errorf("a later delivery: got %q, want %q; vouched %v", got, want, r.Vouched)
	}
	// A third export is another matter.
	c := export(t, dir, "c", arns+"111122223333:export/c-1", "2026-09", day, noCaller, "444455556666,AmazonBedrock,Usage,8")
	if o := refused(t, store, ingest.Options{}, c); len(o.Overlaps) != 1 || len(o.Overlaps[0].Rivals) != 3 {
		t.Errorf("a third: overlaps %+v", o.Overlaps)
	}
	load(t, store, ingest.Options{Prefer: []string{"c"}}, c)
	if got, want := counted(t, store), "c 2026-09 8 | a 2026-09 b 2026-09"; got != want {
		t.Errorf("c preferred: got %q, want %q", got, want)
	}
	// Without it the two that are disjoint come back.
	if err := change(t, store, func(tx *ledger.Tx) error {
		return tx.Remove(ledger.Key{Payer: "111122223333", Export: "c", Month: "2026-09"})
	}); err != nil {
		t.Fatal(err)
	}
	if got, want := counted(t, store), "a 2026-09 3 b 2026-09 5 |"; got != want {
		t.Errorf("c removed: got %q, want %q", got, want)
	}
	// A choice made for itself ends it, a pair named brings it back.
	settle := func(c ledger.Choice, want string) {
		t.Helper()
		err := change(t, store, func(tx *ledger.Tx) error {
			_, err := tx.Settle(context.Background(), c)
			return err
		})
		if got := counted(t, store); err != nil || got != want {
			t.Errorf("%+v: got %q, want %q, error %v", c, got, want, err)
		}
	}
	settle(ledger.Choice{Prefer: []string{"a"}}, "a 2026-09 3 b 2026-09 5 |")
	settle(ledger.Choice{Prefer: []string{"a"}, Revise: true}, "a 2026-09 3 | b 2026-09")
	settle(ledger.Choice{Pair: []string{"b", "a"}}, "a 2026-09 3 b 2026-09 5 |")
}

// Removing what is preferred can leave rivals of which nothing says who counts.
func TestRemoveLeavesRivals(t *testing.T) {
	dir, store := t.TempDir(), newStore(t)
	var paths []string
	for _, name := range []string{"a", "b", "c"} {
		paths = append(paths, export(t, dir, name, arns+"111122223333:export/"+name+"-1", "2026-09", day, noCaller, "444455556666,AmazonBedrock,Usage,3"))
	}
	load(t, store, ingest.Options{Prefer: []string{"a"}}, paths...)
	err := change(t, store, func(tx *ledger.Tx) error {
		return tx.Remove(ledger.Key{Payer: "111122223333", Export: "a", Month: "2026-09"})
	})
	var overlap *ledger.OverlapError
	if !errors.As(err, &overlap) || len(overlap.Overlaps[0].Rivals) != 2 {
		t.Errorf("error %v, want b and c to overlap", err)
	}
	if got, want := counted(t, store), "a 2026-09 3 | b 2026-09 c 2026-09"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestDimensionsAnew loads a store again whose dimensions are damaged: all of
// it, aside and rules included, or nothing.
func TestDimensionsAnew(t *testing.T) {
	dir, store := t.TempDir(), newStore(t)
	a := export(t, dir, "a", arns+"111122223333:export/a-1", "2026-09", day, noCaller, "444455556666,AmazonBedrock,Usage,3")
	b := export(t, dir, "b", arns+"111122223333:export/b-1", "2026-09", day, noCaller, "444455556666,AmazonBedrock,Usage,4")
	load(t, store, ingest.Options{Prefer: []string{"b"}}, a, b)
	snap, err := store.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	dims := snap.DimsPath()
	snap.Close()
	content, err := os.ReadFile(dims)
	if err != nil {
		t.Fatal(err)
	}
	f := func(name string, damage func() error) {
		t.Helper()
		if err := damage(); err != nil {
			t.Fatal(err)
		}
		if _, err := store.Begin(context.Background(), time.Now); showback.KindOf(err) != showback.KindCorrupt {
			t.Errorf("%s: begin: error %v, want the dimensions damaged", name, err)
		}
		_, err := ingest.Import(context.Background(), store, []string{a}, ingest.Options{Now: time.Now, Replace: true})
		if showback.KindOf(err) != showback.KindCorrupt || !strings.Contains(err.Error(), "not loaded again: b 2026-09") {
			t.Errorf("%s: one of two: error %v, want that b is missing", name, err)
		}
		load(t, store, ingest.Options{Replace: true}, a, b)
		if got, want := counted(t, store), "b 2026-09 4 | a 2026-09"; got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
		snap, err := store.Snapshot()
		if err != nil {
			t.Fatal(err)
		}
		dims = snap.DimsPath()
		snap.Close()
	}
	f("a flipped bit", func() error {
		content[len(content)/2] ^= 1
		return os.WriteFile(dims, content, 0o644)
	})
	f("gone", func() error { return os.Remove(dims) })
}
