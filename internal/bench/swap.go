package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"showback"
	"showback/internal/engine/duckdb"
	"showback/internal/explore"
	"showback/internal/ledger"
)

// readers is how many ask while a month is replaced.
const readers = 8

// swap replaces a month by another delivery of it again and again, in a process
// of its own, while readers ask, each as soon as it has its answer.
func (b *bench) swap(ctx context.Context, r *report) error {
	s, err := b.newSwap(ctx)
	if err != nil {
		return err
	}
	live, err := duckdb.Follow(ctx, s.store)
	if err != nil {
		return err
	}
	defer live.Close()
	if err := s.note(); err != nil {
		return err
	}
	stop := make(chan struct{})
	var wg sync.WaitGroup
	for range readers {
		wg.Go(func() { s.read(ctx, live, stop) })
	}
	err = s.replace(ctx, b)
	close(stop)
	wg.Wait()
	if err != nil {
		return err
	}
	s.tell(r)
	return nil
}

// swapped is a month that is replaced, and what its readers saw.
type swapped struct {
	store    *ledger.Store
	variants []string // folders of deliveries of the same month
	question explore.Question

	mu       sync.Mutex
	versions map[int]*seen
	failed   []error
	asked    int
}

// seen is one version of the ledger and what readers saw of it.
type seen struct {
	total    showback.Decimal // of all segments, by the manifest
	inForce  time.Time        // when its manifest was
	opening  time.Duration    // how long the one who opened it waited for its engine
	first    time.Time        // when the first answer from it was there
	last     time.Time        // when the last of the readers had its first
	readers  int              // that have had one
	answered []showback.Decimal
}

// newSwap makes a store with the largest month of the medium estate, in two
// deliveries, and the month before it, which stays.
func (b *bench) newSwap(ctx context.Context) (*swapped, error) {
	from, err := b.estate(ctx, b.medium)
	if err != nil {
		return nil, err
	}
	segments, err := segmentsOf(from)
	if err != nil {
		return nil, err
	}
	month := largestSegment(segments)
	beside := slices.DeleteFunc(segments, func(s ledger.Segment) bool {
		return s.Payer != month.Payer || s.Export != month.Export || s.Month == month.Month
	})
	dir := filepath.Join(b.dir, "swap")
	if err := os.RemoveAll(dir); err != nil {
		return nil, showback.Errorf(showback.KindUnavailable, "make swap: %w", err)
	}
	s := &swapped{versions: map[int]*seen{}, question: explore.Question{
		Period: month.Month.Period(), By: keys(teamKey), Scope: explore.ScopeAll}}
	for i, where := range []string{"true", "file_row_number % 97 <> 0"} {
		folder := filepath.Join(dir, fmt.Sprint(i), "swapped")
		if err := variant(ctx, filepath.Join(folder, "data", periodFolder+string(month.Month)), month, where); err != nil {
			return nil, err
		}
		s.variants = append(s.variants, folder)
	}
	paths := []string{s.variants[0]}
	if len(beside) > 0 {
		other := largestSegment(beside)
		files, _, err := deliveredFiles([]ledger.Segment{other})
		if err != nil {
			return nil, err
		}
		paths = append(paths, filepath.Dir(files[0]))
		s.question.Period = showback.Period{Start: min(month.Month, other.Month).Start(), End: max(month.Month, other.Month).End()}
	}
	s.store, err = b.imported(ctx, filepath.Join(dir, "store"), paths...)
	return s, err
}

// variant writes the lines of a month that pass where as a delivery in dir.
func variant(ctx context.Context, dir string, month ledger.Segment, where string) error {
	paths, _, err := deliveredFiles([]ledger.Segment{month})
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return showback.Errorf(showback.KindUnavailable, "make swap: %w", err)
	}
	y, err := openYard()
	if err != nil {
		return err
	}
	defer y.close()
	return y.exec(ctx, "COPY (SELECT * FROM "+parquet(paths)+" WHERE "+where+") TO "+quote(filepath.Join(dir, "bill.parquet"))+" (FORMAT parquet)")
}

// replace imports the deliveries in turn, as often as there are runs.
func (s *swapped) replace(ctx context.Context, b *bench) error {
	for i := range b.runs {
		if _, err := b.showback(ctx, s.store.Dir(), "import", "--replace", s.variants[(i+1)%len(s.variants)]); err != nil {
			return err
		}
		if err := s.note(); err != nil {
			return err
		}
	}
	return nil
}

// note keeps what the version in force is, and since when. A rename sets the
// time of the file's last change of status; where a system does not, it is that
// of its writing, which is earlier.
func (s *swapped) note() error {
	var info unix.Stat_t
	if err := unix.Stat(filepath.Join(s.store.Dir(), "manifest.json"), &info); err != nil {
		return showback.Errorf(showback.KindUnavailable, "read manifest: %w", err)
	}
	snap, err := s.store.Snapshot()
	if err != nil {
		return err
	}
	defer snap.Close()
	var total showback.Decimal
	for _, seg := range snap.Segments {
		for _, t := range seg.Totals {
			total = total.Add(t.Amounts[showback.Unblended])
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	v := s.of(snap.Version)
	v.total, v.inForce = total, time.Unix(info.Ctim.Unix())
	return nil
}

// of returns what was seen of the version; s.mu is held.
func (s *swapped) of(version int) *seen {
	if s.versions[version] == nil {
		s.versions[version] = &seen{}
	}
	return s.versions[version]
}

// read is one reader: it asks until it is stopped.
func (s *swapped) read(ctx context.Context, live *duckdb.Live, stop <-chan struct{}) {
	had := map[int]bool{}
	for {
		select {
		case <-stop:
			return
		case <-ctx.Done():
			return
		default:
		}
		answer, opening, err := s.answer(ctx, live)
		s.mu.Lock()
		s.asked++
		if err != nil {
			s.failed = append(s.failed, err)
			s.mu.Unlock()
			continue
		}
		s.keep(answer, opening, had)
		s.mu.Unlock()
	}
}

// answer asks, and says how long it waited for the engine.
func (s *swapped) answer(ctx context.Context, live *duckdb.Live) (*explore.Answer, time.Duration, error) {
	watch := start()
	eng, done, err := live.Engine(ctx)
	if err != nil {
		return nil, 0, err
	}
	defer done()
	opening := watch.elapsed()
	answer, err := explore.Ask(ctx, eng, s.question)
	return answer, opening, err
}

// keep notes an answer of a reader, which has had one of the versions in had.
// s.mu is held.
func (s *swapped) keep(answer *explore.Answer, opening time.Duration, had map[int]bool) {
	v, at := s.of(answer.Version), now()
	if v.readers == 0 {
		v.first = at
	}
	if !had[answer.Version] {
		had[answer.Version] = true
		v.readers++
		v.last, v.opening = at, max(v.opening, opening)
	}
	var total showback.Decimal
	for _, block := range answer.Blocks {
		for _, row := range block.Rows {
			total = total.Add(row.Cost.Value)
		}
	}
	if !slices.ContainsFunc(v.answered, total.Equal) {
		v.answered = append(v.answered, total)
	}
}

// torn counts the totals that are not their version's.
func (s *swapped) torn() int {
	n := 0
	for _, v := range s.versions {
		for _, total := range v.answered {
			if !total.Equal(v.total) {
				n++
			}
		}
	}
	return n
}

// tell reports on the versions that came while the readers asked, all but the
// first.
func (s *swapped) tell(r *report) {
	var first, last, opening times
	oldest := 0
	for version := range s.versions {
		if oldest == 0 || version < oldest {
			oldest = version
		}
	}
	unseen := 0
	for version, v := range s.versions {
		switch {
		case version == oldest:
		case v.readers == 0:
			unseen++
		default:
			first = append(first, v.first.Sub(v.inForce))
			opening = append(opening, v.opening)
			if v.readers == readers {
				last = append(last, v.last.Sub(v.inForce))
			}
		}
	}
	detail := fmt.Sprintf("%d replacements under %d readers, %d seen by none of them", len(s.versions)-1, readers, unseen)
	if len(last) > 0 {
		detail += "; until each reader had an answer of it " + last.String()
	}
	const row = "month replaced: until an answer of the new version"
	if len(first) > 0 {
		r.add(within(row, first, 50*time.Millisecond, fmt.Sprintf("longest %s; opening the version %s; %s", shown(first.percentile(100)), opening, detail)))
	} else {
		r.add(figure{row: row, measured: "none came", commit: "≤ 50ms", detail: detail})
	}
	torn := s.torn()
	r.add(figure{row: "torn answers", measured: fmt.Sprint(torn), commit: "0", met: torn == 0, detail: fmt.Sprintf("%d answers", s.asked-len(s.failed))})
	failed := figure{row: "failed questions", measured: fmt.Sprint(len(s.failed)), commit: "0", met: len(s.failed) == 0}
	if len(s.failed) > 0 {
		failed.detail = s.failed[0].Error()
	}
	r.add(failed)
}
