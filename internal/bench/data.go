package main

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"showback"
	"showback/internal/estate"
	"showback/internal/ledger"
)

// The estate's year ends with an open month.
var (
	estateSeed    = uint64(1)
	estateThrough = time.Date(2026, 10, 25, 0, 0, 0, 0, time.UTC)
)

// bills returns the folder with the exports of an estate, written unless they
// are there.
func (b *bench) bills(ctx context.Context, size estate.Size) (string, error) {
	dir := filepath.Join(b.dir, string(size)+"-bills")
	if there(dir) {
		return filepath.Join(dir, "exports"), nil
	}
	b.logf("writing the bills of an estate of size %s", size)
	part := dir + ".part"
	if err := os.RemoveAll(part); err != nil {
		return "", showback.Errorf(showback.KindUnavailable, "write bills: %w", err)
	}
	made := estate.New(estate.Config{Seed: estateSeed, Size: size, Through: estateThrough})
	if _, err := made.WriteContext(ctx, part, nil); err != nil {
		return "", showback.Errorf(showback.KindUnavailable, "write bills: %w", err)
	}
	if err := os.Rename(part, dir); err != nil {
		return "", showback.Errorf(showback.KindUnavailable, "write bills: %w", err)
	}
	return filepath.Join(dir, "exports"), nil
}

// estate returns the store of an estate's year, imported unless it is there.
func (b *bench) estate(ctx context.Context, size estate.Size) (*ledger.Store, error) {
	dir := filepath.Join(b.dir, string(size)+"-store")
	if there(filepath.Join(dir, "manifest.json")) {
		return ledger.Open(dir), nil
	}
	bills, err := b.bills(ctx, size)
	if err != nil {
		return nil, err
	}
	return b.imported(ctx, dir, bills)
}

// imported imports paths into the store in dir, one after the other.
func (b *bench) imported(ctx context.Context, dir string, paths ...string) (*ledger.Store, error) {
	for _, path := range paths {
		b.logf("importing %s", path)
		p, err := b.showback(ctx, dir, "import", path)
		if err != nil {
			return nil, err
		}
		b.logf("imported in %s, memory %s", shown(p.Took), megabytes(p.Peak))
	}
	return ledger.Open(dir), nil
}

// monthStore returns the store of one large month, imported unless it is there.
func (b *bench) monthStore(ctx context.Context) (*ledger.Store, error) {
	from, err := b.largestMonth(ctx)
	if err != nil {
		return nil, err
	}
	dir := filepath.Join(b.dir, "month-store")
	if there(filepath.Join(dir, "manifest.json")) {
		snap, err := ledger.Open(dir).Snapshot()
		if err != nil {
			return nil, err
		}
		defer snap.Close()
		if strings.HasPrefix(snap.Segments[0].Delivery.Files[0].Path, from+string(filepath.Separator)) {
			return ledger.Open(dir), nil
		}
	}
	if err := os.RemoveAll(dir); err != nil {
		return nil, showback.Errorf(showback.KindUnavailable, "import month: %w", err)
	}
	return b.imported(ctx, dir, from)
}

// periodFolder begins the name of a billing period's folder. (AWS, "Data
// Exports: export delivery", 2026-09.)
const periodFolder = "BILLING_PERIOD="

// largestMonth returns the billing period's folder with the most bytes of
// Parquet, in the export given, else in the estate's.
func (b *bench) largestMonth(ctx context.Context) (string, error) {
	root := b.data
	if root == "" {
		var err error
		if root, err = b.bills(ctx, b.size); err != nil {
			return "", err
		}
	}
	bytes := map[string]int64{}
	largest := ""
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".parquet") {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		folder := filepath.Dir(path)
		for ; folder != root && !strings.HasPrefix(filepath.Base(folder), periodFolder); folder = filepath.Dir(folder) {
		}
		bytes[folder] += info.Size()
		if bytes[folder] > bytes[largest] {
			largest = folder
		}
		return nil
	})
	switch {
	case err != nil:
		return "", showback.Errorf(showback.KindUnavailable, "find the largest month: %w", err)
	case largest == "":
		return "", showback.Errorf(showback.KindNotFound, "find the largest month: no Parquet file below %s", root)
	}
	return largest, nil
}

// deliveredFiles returns the paths of what the segments were delivered as, and
// their bytes. They must be Parquet.
func deliveredFiles(segments []ledger.Segment) (paths []string, size int64, err error) {
	for _, s := range segments {
		for _, f := range s.Delivery.Files {
			if !strings.HasSuffix(f.Path, ".parquet") {
				return nil, 0, showback.Errorf(showback.KindInvalid, "read delivery: found %s, want Parquet", f.Path)
			}
			paths, size = append(paths, f.Path), size+f.Size
		}
	}
	return paths, size, nil
}

// largestSegment returns the segment with the most charges.
func largestSegment(segments []ledger.Segment) ledger.Segment {
	largest := segments[0]
	for _, s := range segments {
		if s.Charges > largest.Charges {
			largest = s
		}
	}
	return largest
}

func there(path string) bool {
	_, err := os.Stat(path)
	return !errors.Is(err, fs.ErrNotExist)
}
