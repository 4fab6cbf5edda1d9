package ledger

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
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
	// touched are the places of which segments came or went, settled reports
	// that what counts was decided since.
	touched map[place]bool
	settled bool
	// holdings are what segments hold of each key, by file, once asked.
	holdings map[string]*holding
	// lost is why the dimensions of the base can't be used; nil when they can.
	// The change has new ones then, and can't keep a segment of the base.
	lost error
	// intake is what the reading of each delivery begins with; for tests.
	intake intake
}

// Begin starts a change. Another one under way is an error of KindConflict,
// damaged dimensions are one of KindCorrupt.
func (s *Store) Begin(ctx context.Context, now func() time.Time) (*Tx, error) {
	return s.begin(ctx, now, false)
}

// BeginAnew is Begin for a change that may load everything again: where the
// dimensions are damaged it makes new ones, and Commit is an error of
// KindCorrupt unless the change has loaded every segment.
func (s *Store) BeginAnew(ctx context.Context, now func() time.Time) (*Tx, error) {
	return s.begin(ctx, now, true)
}

func (s *Store) begin(ctx context.Context, now func() time.Time, anew bool) (*Tx, error) {
	if err := s.prepare(); err != nil {
		return nil, err
	}
	lock, ok, err := tryLockExclusive(filepath.Join(s.dir, importLock))
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, busy(s.dir)
	}
	tx := &Tx{store: s, lock: lock, now: now, touched: map[place]bool{}, holdings: map[string]*holding{}, settled: true}
	if err := tx.open(ctx, anew); err != nil {
		tx.Close()
		return nil, err
	}
	return tx, nil
}

func (tx *Tx) open(ctx context.Context, anew bool) error {
	base, err := readManifest(tx.store.dir)
	if err != nil {
		return err
	}
	if err := tx.store.sweep(base); err != nil { // what a crash left
		return err
	}
	next := *base
	next.Segments, next.Aside = slices.Clone(base.Segments), slices.Clone(base.Aside)
	tx.base, tx.manifest = base, &next
	tmp := filepath.Join(tx.store.dir, tmpFolder)
	tx.workPath = filepath.Join(tmp, fmt.Sprintf("work-%d.duckdb", os.Getpid()))
	if err := os.RemoveAll(tx.workPath); err != nil {
		return showback.Errorf(showback.KindUnavailable, "open engine: %w", err)
	}
	if tx.w, err = openWork(ctx, tx.workPath, tmp); err != nil {
		return err
	}
	tx.dims, err = tx.openDims(ctx)
	if err != nil && anew && showback.KindOf(err) == showback.KindCorrupt {
		tx.dims, tx.lost, err = newDims(), err, nil
	}
	return err
}

// openDims reads the dimensions of the base. They are small, and what is wrong
// in them would be written on: their digest is looked at.
func (tx *Tx) openDims(ctx context.Context) (*dims, error) {
	if tx.base.Dims == "" {
		return newDims(), nil
	}
	path := filepath.Join(tx.store.dir, tx.base.Dims)
	info, err := Digest(ctx, source.File{Path: path, Name: tx.base.Dims})
	switch {
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	case err != nil && showback.KindOf(err) != showback.KindNotFound:
		return nil, err
	case err == nil && info.SHA256 == tx.base.DimsSHA:
		return loadDims(ctx, tx.w, path)
	case err == nil:
		err = errors.New("its digest does not fit")
	default:
		err = errors.New("no such file")
	}
	return nil, damagedDims(path, err)
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

// Remove takes a segment out, whether it counts or is aside. It is an error of
// KindNotFound when there is none.
func (tx *Tx) Remove(k Key) error {
	if tx.manifest.Find(k) == nil {
		return showback.Errorf(showback.KindNotFound, "remove delivery: none of payer %s, export %s, month %s", k.Payer, k.Export, k.Month)
	}
	tx.manifest.drop(k)
	tx.touch(k)
	return nil
}

func (tx *Tx) touch(k Key) {
	tx.touched[place{k.Payer, k.Month}] = true
	tx.changed, tx.settled = true, false
}

// allAnew refuses a change that lost the dimensions and keeps a segment whose
// ids point into them.
func (tx *Tx) allAnew() error {
	if tx.lost == nil {
		return nil
	}
	made := map[string]bool{}
	for _, path := range tx.made {
		made[path] = true
	}
	var kept []string
	for _, s := range tx.manifest.All() {
		if !made[filepath.Join(tx.store.dir, filepath.FromSlash(s.File))] {
			kept = append(kept, s.Export+" "+string(s.Month))
		}
	}
	if len(kept) == 0 {
		return nil
	}
	return showback.WithHint(showback.Errorf(showback.KindCorrupt, "load all anew: %w; of what the store holds these were not loaded again: %s",
		tx.lost, strings.Join(kept, ", ")), "the command that loads all of it again: showback check")
}

// Commit makes the change visible, durably and in one step. Without a change
// it does nothing: the version stays. What was not settled is, by the rules
// that the ledger remembers: see Settle for the errors.
func (tx *Tx) Commit(ctx context.Context) error {
	if !tx.settled {
		if _, err := tx.Settle(ctx, Choice{}); err != nil {
			return err
		}
	}
	if err := tx.allAnew(); err != nil {
		return err
	}
	if !tx.changed {
		_ = tx.store.sweepRaw(tx.manifest)
		return nil
	}
	if err := tx.compact(ctx); err != nil {
		return err
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
	_ = tx.store.sweepRaw(tx.manifest)
	return nil
}
