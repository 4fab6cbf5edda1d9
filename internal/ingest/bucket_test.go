package ingest_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"showback"
	"showback/internal/blob"
	"showback/internal/blob/blobtest"
	"showback/internal/ingest"
	"showback/internal/ledger"
)

// month is one month of an export in a bucket: two data files of so many lines
// and a manifest that names them.
type month struct {
	name  string
	lines int
	cost  string
}

func (m month) key(chunk int) string {
	return fmt.Sprintf("exports/bill/data/BILLING_PERIOD=%s/bill-0000%d.csv", m.name, chunk)
}

func (m month) manifest() string {
	return fmt.Sprintf("exports/bill/metadata/BILLING_PERIOD=%s/bill-Manifest.json", m.name)
}

func (m month) chunk() []byte {
	return []byte(columns + strings.Repeat(line("111122223333", m.name, m.cost, ""), m.lines))
}

func (m month) put(s *blobtest.Server, options ...blobtest.Option) {
	s.Put("bills", m.key(1), m.chunk(), options...)
	s.Put("bills", m.key(2), m.chunk(), options...)
	m.putManifest(s, "made for "+m.cost, options...)
}

func (m month) putManifest(s *blobtest.Server, id string, options ...blobtest.Option) {
	s.Put("bills", m.manifest(), fmt.Appendf(nil, `{"executionId":%q,"dataFiles":["s3://bills/%s","s3://bills/%s"]}`, id, m.key(1), m.key(2)), options...)
}

// data counts what was fetched of the month's data.
func (m month) data(s *blobtest.Server) (n blobtest.Count) {
	for chunk := 1; chunk <= 2; chunk++ {
		c := s.Counts().Of(blobtest.On{Op: blobtest.Get, Key: m.key(chunk)})
		n.Requests, n.Bytes = n.Requests+c.Requests, n.Bytes+c.Bytes
	}
	return n
}

const place = "s3://bills/exports"

// total is the unblended sum of all that counts.
func total(t *testing.T, store *ledger.Store) string {
	t.Helper()
	snap, err := store.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	defer snap.Close()
	var sum showback.Decimal
	for _, s := range snap.Segments {
		for _, c := range s.Totals {
			sum = sum.Add(c.Amounts[showback.Unblended])
		}
	}
	return sum.String()
}

// fetched lists the files below raw/.
func fetched(t *testing.T, store *ledger.Store) (files []string) {
	t.Helper()
	err := filepath.WalkDir(filepath.Join(store.Dir(), "raw"), func(path string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			files = append(files, path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// quick are options that do not wait long between tries.
var quick = ingest.Options{Bucket: blob.Options{MaxBackoff: time.Millisecond, Stall: 5 * time.Second}}

func TestBucketRoundTrip(t *testing.T) {
	s := blobtest.Serve(t)
	s.Setenv(t)
	september, october := month{"2026-09", 1000, "1"}, month{"2026-10", 2000, "0.5"}
	september.put(s)
	october.put(s)
	store := newStore(t)

	report := load(t, store, quick, place)
	if got := total(t, store); len(report.Deliveries) != 2 || got != "4000" {
		t.Fatalf("first import: %d deliveries, total %s; want 2, 4000", len(report.Deliveries), got)
	}
	if n := september.data(s); n.Requests != 2 || n.Bytes != 2*int64(len(september.chunk())) {
		t.Errorf("first import fetched %+v of September, want each of two files once", n)
	}

	s.ResetCounts()
	report = load(t, store, quick, place)
	if report.Changed || report.Version != 1 || report.Deliveries[0].Status != ingest.Unchanged {
		t.Errorf("the same again: got version %d, %s; want it unchanged", report.Version, report.Deliveries[0].Status)
	}
	if a, b := september.data(s), october.data(s); a.Requests+b.Requests != 0 {
		t.Errorf("the same again fetched %+v and %+v, want no data file", a, b)
	}

	s.ResetCounts()
	refreshed := month{"2026-10", 2000, "0.75"}
	refreshed.put(s)
	report = load(t, store, quick, place)
	if got := total(t, store); got != "5000" || report.Deliveries[1].Status != ingest.Replaced {
		t.Errorf("refreshed October: total %s, %s; want 5000, replaced", got, report.Deliveries[1].Status)
	}
	if a, b := september.data(s), october.data(s); a.Requests != 0 || b.Requests != 2 {
		t.Errorf("refreshed October: fetched %+v of September and %+v of October, want October alone", a, b)
	}
	if files := fetched(t, store); len(files) != 4 {
		t.Errorf("kept %d files, want the four that count: %v", len(files), files)
	}
}

// A download that is cut for good leaves what it has; the next import goes on
// from there.
func TestBucketCutAndResumed(t *testing.T) {
	s := blobtest.Serve(t)
	s.Setenv(t)
	september := month{"2026-09", 5000, "1"}
	september.put(s)
	size := int64(len(september.chunk()))
	store := newStore(t)
	s.Fail(blobtest.On{Op: blobtest.Get, Key: september.key(1)}, 1, blobtest.Cut(size/2))
	s.Fail(blobtest.On{Op: blobtest.Get, Key: september.key(1)}, blobtest.Always, blobtest.AccessDenied())
	opt := quick
	opt.Now, opt.Bucket.Parallel = time.Now, 1
	_, err := ingest.Import(t.Context(), store, []string{place}, opt)
	if showback.KindOf(err) != showback.KindDenied {
		t.Fatalf("cut, then denied: got %v", err)
	}
	if got := total(t, store); got != "0" {
		t.Errorf("after the error the store has %s", got)
	}
	s.Heal()
	s.ResetCounts()
	load(t, store, quick, place)
	if got := total(t, store); got != "10000" {
		t.Errorf("resumed: total %s, want 10000", got)
	}
	n := s.Counts().Of(blobtest.On{Op: blobtest.Get, Key: september.key(1)})
	if n.Bytes > size/2+1 || n.Requests != 1 {
		t.Errorf("resumed with %d bytes in %d requests, want the other half of %d in one", n.Bytes, n.Requests, size)
	}
	if files := fetched(t, store); len(files) != 2 {
		t.Errorf("kept %v, want two files", files)
	}
}

// What is replaced while it is fetched is looked for again: never a mixture.
func TestBucketReplacedDuringRead(t *testing.T) {
	s := blobtest.Serve(t)
	s.Setenv(t)
	september, next := month{"2026-09", 1000, "1"}, month{"2026-09", 1000, "3"}
	september.put(s)
	store := newStore(t)
	s.Fail(blobtest.On{Op: blobtest.Get, Key: september.key(1)}, 1, blobtest.Do(10, func() { next.put(s) }))
	opt := quick
	opt.Bucket.Parallel = 1
	load(t, store, opt, place)
	if got := total(t, store); got != "6000" {
		t.Errorf("replaced during the read: total %s, want 6000 of the delivery that is there now", got)
	}
	if files := fetched(t, store); len(files) != 2 {
		t.Errorf("kept %v, want two files", files)
	}

	// The manifest alone changes while the last file is read.
	store = newStore(t)
	n := 0
	s.Fail(blobtest.On{Op: blobtest.Get, Key: september.key(2)}, blobtest.Always, blobtest.Do(10, func() {
		n++
		next.putManifest(s, fmt.Sprint("again ", n))
	}))
	load(t, store, opt, place)
	if got := total(t, store); got != "6000" || n != 1 {
		t.Errorf("a new manifest during the read: total %s after %d changes, want 6000 after one: the data did not change", got, n)
	}

	// Data that never holds still.
	store = newStore(t)
	s.Heal()
	i := 0
	s.Fail(blobtest.On{Op: blobtest.Get, Key: september.key(1)}, blobtest.Always, blobtest.Do(10, func() {
		i++
		month{"2026-09", 1000, fmt.Sprint(i)}.put(s)
	}))
	opt.Now = time.Now
	_, err := ingest.Import(t.Context(), store, []string{place}, opt)
	if !errors.Is(err, blob.ErrChanged) || showback.KindOf(err) != showback.KindConflict || !strings.Contains(showback.HintOf(err), "import again in some minutes") {
		t.Errorf("replaced on every try: got %v, hint %s", err, showback.HintOf(err))
	}
	if got := total(t, store); got != "0" {
		t.Errorf("after the error the store has %s", got)
	}
}

// The manifest is written last: data that is much newer than its manifest
// belongs to a delivery that is not whole.
func TestBucketDeliveryUnderWay(t *testing.T) {
	s := blobtest.Serve(t)
	s.Setenv(t)
	now := time.Date(2026, 10, 2, 12, 0, 0, 0, time.UTC)
	september, october := month{"2026-09", 10, "1"}, month{"2026-10", 10, "5"}
	september.put(s, blobtest.Modified(now.Add(-8*time.Hour)))
	october.put(s, blobtest.Modified(now.Add(-8*time.Hour)))
	s.Put("bills", september.key(1), []byte(columns), blobtest.Modified(now.Add(-time.Minute)))
	opt := quick
	opt.Now = func() time.Time { return now }
	store := newStore(t)
	report, err := ingest.Import(t.Context(), store, []string{place}, opt)
	if err != nil {
		t.Fatal(err)
	}
	if got := total(t, store); got != "100" || len(report.Skipped) != 1 || !strings.Contains(report.Skipped[0].Reason, "under way") {
		t.Errorf("got total %s, skipped %v; want October's 100 alone and September under way", got, report.Skipped)
	}
	s.Delete("bills", october.manifest())
	s.Delete("bills", october.key(1))
	s.Delete("bills", october.key(2))
	_, err = ingest.Import(t.Context(), newStore(t), []string{place}, opt)
	if showback.KindOf(err) != showback.KindConflict || errors.Is(err, ingest.ErrNothing) || !strings.Contains(showback.HintOf(err), "left for later") {
		t.Errorf("nothing but what is under way: got %v, hint %s", err, showback.HintOf(err))
	}
	opt.Now = func() time.Time { return now.Add(2 * time.Hour) }
	if report, err = ingest.Import(t.Context(), store, []string{place}, opt); err != nil {
		t.Fatal(err)
	}
	if got := total(t, store); got != "110" || !strings.Contains(strings.Join(report.Deliveries[0].Notes, " "), "broke off") {
		t.Errorf("hours later: total %s, notes %v; want it taken with a note", got, report.Deliveries[0].Notes)
	}
}

func TestBucketNoKeep(t *testing.T) {
	s := blobtest.Serve(t)
	s.Setenv(t)
	september := month{"2026-09", 10, "1"}
	september.put(s)
	store := newStore(t)
	opt := quick
	opt.NoKeep = true
	load(t, store, opt, place)
	if files := fetched(t, store); len(files) != 0 {
		t.Errorf("kept %v, want nothing", files)
	}
	s.ResetCounts()
	if report := load(t, store, opt, place); report.Changed || september.data(s).Requests != 0 {
		t.Errorf("the same again: changed %v, %+v fetched", report.Changed, september.data(s))
	}
}

// A delivery that came in from a copy on the disk is fetched once to be known,
// and not again.
func TestBucketKnownFromDisk(t *testing.T) {
	s := blobtest.Serve(t)
	s.Setenv(t)
	september := month{"2026-09", 10, "1"}
	september.put(s)
	folder := t.TempDir()
	for key, body := range map[string][]byte{september.key(1): september.chunk(), september.key(2): september.chunk(),
		september.manifest(): fmt.Appendf(nil, `{"executionId":"made for 1","dataFiles":["s3://bills/%s","s3://bills/%s"]}`, september.key(1), september.key(2))} {
		path := filepath.Join(folder, key)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, body, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	store := newStore(t)
	load(t, store, quick, folder)
	report := load(t, store, quick, place)
	if got := total(t, store); got != "20" || report.Deliveries[0].Status != ingest.Unchanged {
		t.Errorf("got total %s, %s; want 20, unchanged", got, report.Deliveries[0].Status)
	}
	if files := fetched(t, store); len(files) != 0 {
		t.Errorf("kept %v beside the files on the disk", files)
	}
	s.ResetCounts()
	if load(t, store, quick, place); september.data(s).Requests != 0 {
		t.Errorf("fetched %+v, want nothing", september.data(s))
	}
}

func TestSyncKeepsOthersIn(t *testing.T) {
	s := blobtest.Serve(t)
	s.Setenv(t)
	month{"2026-09", 10, "1"}.put(s)
	s.Bucket("empty")
	store := newStore(t)
	sources := []ledger.Source{
		{Name: "a", Location: filepath.Join(t.TempDir(), "gone")},
		{Name: "b", Location: "s3://empty/exports"},
		{Name: "c", Location: place},
	}
	if err := store.ChangeSources(func([]ledger.Source) ([]ledger.Source, error) { return sources, nil }); err != nil {
		t.Fatal(err)
	}
	opt := quick
	opt.Now = time.Now
	var got []ingest.SyncStatus
	for range 2 {
		err := ingest.Sync(context.Background(), store, sources, opt, func(s ingest.Synced) { got = append(got, s.Status) })
		if err != nil {
			t.Fatal(err)
		}
	}
	want := []ingest.SyncStatus{ingest.SyncFailed, ingest.SyncEmpty, ingest.SyncNew, ingest.SyncFailed, ingest.SyncEmpty, ingest.SyncUnchanged}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %v, want %v", got, want)
	}
	held, err := store.Sources()
	if err != nil || len(held) != 3 || held[0].Synced != nil || held[2].Synced == nil {
		t.Errorf("remembered %+v, %v; want the last sync of c", held, err)
	}
}
