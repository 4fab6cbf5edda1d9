package main

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"

	"showback"
	"showback/internal/ledger"
)

// ingest measures the import of a month, all of it, from the command to the
// committed store, against COPY.
func (b *bench) ingest(ctx context.Context, r *report) error {
	store, err := b.monthStore(ctx)
	if err != nil {
		return err
	}
	folder, err := b.largestMonth(ctx)
	if err != nil {
		return err
	}
	segments, err := segmentsOf(store)
	if err != nil {
		return err
	}
	paths, _, err := deliveredFiles(segments)
	if err != nil {
		return err
	}
	target := filepath.Join(b.dir, "copy.parquet")
	defer os.Remove(target)
	var peak int64
	t, err := race(ctx, 0, b.runs, contender{
		before: func() error { return settle(target) },
		run:    func(ctx context.Context) error { return copyTo(ctx, target, paths) },
	}, contender{
		before: func() error { return settle(store.Dir()) },
		run: func(ctx context.Context) error {
			p, err := b.showback(ctx, store.Dir(), "import", folder)
			peak = max(peak, p.Peak)
			return err
		},
	})
	if err != nil {
		return err
	}
	copied, mine := t[0], t[1]
	charges := int64(0)
	for _, s := range segments {
		charges += s.Charges
	}
	rate := ratio(charges*1000, mine.min().Milliseconds()).Round(0)
	r.add(versus("ingest incl. rollups and dims", mine, copied, "COPY", "1.0", fmt.Sprintf("%d charges, %s a second", charges, rate)))
	r.add(memory("peak memory of it", peak, 4_000_000_000, fmt.Sprintf("the most of %d imports", b.runs)))
	return nil
}

// copyTo writes the columns that the import reads into one Parquet file, in an
// engine of its own, as the import has. It is not flushed to the disk, as the
// import's files are.
func copyTo(ctx context.Context, target string, paths []string) error {
	y, err := openYard()
	if err != nil {
		return err
	}
	defer y.close()
	columns, err := copyColumns(ctx, y, paths)
	if err != nil {
		return err
	}
	return y.exec(ctx, "COPY (SELECT "+columns+" FROM "+parquet(paths)+") TO "+quote(target)+" (FORMAT parquet, COMPRESSION zstd)")
}

// settle removes what a run left and flushes what it still has to write, so
// that the next one does not pay for it.
func settle(path string) error {
	if err := os.RemoveAll(path); err != nil {
		return showback.Errorf(showback.KindUnavailable, "remove %s: %w", path, err)
	}
	unix.Sync()
	return nil
}

// storeSize holds the store of a month against the export that it came from.
func (b *bench) storeSize(ctx context.Context, r *report) error {
	store, err := b.monthStore(ctx)
	if err != nil {
		return err
	}
	segments, err := segmentsOf(store)
	if err != nil {
		return err
	}
	_, delivered, err := deliveredFiles(segments)
	if err != nil {
		return err
	}
	kept, err := bytesBelow(store.Dir())
	if err != nil {
		return err
	}
	charges := int64(0)
	for _, s := range segments {
		charges += s.Charges
	}
	r.add(figure{row: "store / Parquet export", measured: ratio(kept, delivered).String(), commit: "≤ 0.30", met: atMost(kept, delivered, "0.30"),
		detail: fmt.Sprintf("%s of %s; %s bytes a charge of %s", megabytes(kept), megabytes(delivered), ratio(kept, charges), ratio(delivered, charges))})
	return nil
}

func bytesBelow(dir string) (int64, error) {
	var total int64
	err := filepath.WalkDir(dir, func(_ string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		info, err := entry.Info()
		if err == nil {
			total += info.Size()
		}
		return err
	})
	if err != nil {
		return 0, showback.Errorf(showback.KindUnavailable, "measure %s: %w", dir, err)
	}
	return total, nil
}

// segmentsOf returns what counts in the store.
func segmentsOf(store *ledger.Store) ([]ledger.Segment, error) {
	snap, err := store.Snapshot()
	if err != nil {
		return nil, err
	}
	return snap.Segments, snap.Close()
}
