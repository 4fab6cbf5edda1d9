package ledger

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"showback"
	"showback/internal/source"
)

// Tx is one change of the ledger, the only one at a time. What it loads and
// removes becomes visible together at Commit, or not at all. The caller calls
// Close in any case.
type Tx struct {
	store    *Store
	lock     *fileLock
	manifest *Manifest // as it will be
	base     *Manifest // as it was
	dims     *dims
	w        *work
	workPath string
	made     []string // segment files that the base does not name
	changed  bool
	now      func() time.Time
}

// Begin starts a change. Another one under way is an error of KindConflict.
func (s *Store) Begin(ctx context.Context, now func() time.Time) (*Tx, error) {
	if err := s.prepare(); err != nil {
		return nil, err
	}
	lock, ok, err := tryLockExclusive(filepath.Join(s.dir, importLock))
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, showback.WithHint(showback.Errorf(showback.KindConflict, "change store %s: another import is running", s.dir),
			"wait for it to end; readers are not disturbed")
	}
	tx := &Tx{store: s, lock: lock, now: now}
	if err := tx.open(ctx); err != nil {
		tx.Close()
		return nil, err
	}
	return tx, nil
}

func (tx *Tx) open(ctx context.Context) error {
	base, err := readManifest(tx.store.dir)
	if err != nil {
		return err
	}
	if err := tx.store.sweep(base); err != nil { // what a crash left
		return err
	}
	next := *base
	next.Segments = slices.Clone(base.Segments)
	tx.base, tx.manifest = base, &next
	tmp := filepath.Join(tx.store.dir, tmpFolder)
	tx.workPath = filepath.Join(tmp, fmt.Sprintf("work-%d.duckdb", os.Getpid()))
	if err := os.RemoveAll(tx.workPath); err != nil {
		return showback.Errorf(showback.KindUnavailable, "open engine: %w", err)
	}
	if tx.w, err = openWork(ctx, tx.workPath, tmp); err != nil {
		return err
	}
	path := ""
	if base.Dims != "" {
		path = filepath.Join(tx.store.dir, base.Dims)
	}
	tx.dims, err = loadDims(ctx, tx.w, path)
	return err
}

// Close ends the change. Without a Commit before it, nothing has happened.
func (tx *Tx) Close() error {
	var errs []error
	if tx.w != nil {
		errs = append(errs, tx.w.close())
		os.Remove(tx.workPath)
		os.Remove(tx.workPath + ".wal")
	}
	for _, path := range tx.made {
		os.Remove(path)
	}
	tx.made = nil
	errs = append(errs, tx.lock.unlock())
	return errors.Join(errs...)
}

// Manifest returns what the ledger holds as the change stands.
func (tx *Tx) Manifest() *Manifest { return tx.manifest }

// Base returns what the ledger holds without the change.
func (tx *Tx) Base() *Manifest { return tx.base }

// Remove takes a segment out. It is an error of KindNotFound when there is none.
func (tx *Tx) Remove(k Key) error {
	if tx.manifest.Find(k) == nil {
		return showback.Errorf(showback.KindNotFound, "remove delivery: none of payer %s, export %s, month %s", k.Payer, k.Export, k.Month)
	}
	tx.manifest.Segments = slices.DeleteFunc(tx.manifest.Segments, func(s Segment) bool { return s.Key() == k })
	tx.changed = true
	return nil
}

// Commit makes the change visible, durably and in one step. Without a change
// it does nothing: the version stays.
func (tx *Tx) Commit(ctx context.Context) error {
	if !tx.changed {
		return nil
	}
	tx.manifest.Format, tx.manifest.Version = Format, tx.base.Version+1
	if tx.dims.changed || tx.manifest.Dims == "" {
		name := fmt.Sprintf("dims.v%d.duckdb", tx.manifest.Version)
		path := filepath.Join(tx.store.dir, name)
		if err := tx.dims.write(ctx, path, filepath.Join(tx.store.dir, tmpFolder)); err != nil {
			return err
		}
		info, err := Digest(ctx, source.File{Path: path, Name: name})
		if err != nil {
			return err
		}
		tx.manifest.Dims, tx.manifest.DimsSHA = name, info.SHA256
	}
	if err := context.Cause(ctx); err != nil {
		return err
	}
	inForce, err := tx.manifest.write(tx.store.dir)
	if inForce { // its segments must not go, whatever fails from here on
		tx.made, tx.changed = nil, false
	}
	if err != nil {
		return err
	}
	if err := tx.w.close(); err != nil {
		return showback.Errorf(showback.KindUnavailable, "close engine: %w", err)
	}
	tx.w = nil
	os.Remove(tx.workPath)
	// The change is made: what can't be swept now is swept by the next one.
	_ = tx.store.sweep(tx.manifest)
	return nil
}
