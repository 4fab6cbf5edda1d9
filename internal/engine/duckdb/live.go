package duckdb

import (
	"context"
	"errors"
	"sync"

	"showback/internal/ledger"
)

// Live follows a store: it has an engine over the version in force. A question
// that is under way keeps the version that it began with; segments that two
// versions share are attached once. It is safe for concurrent use.
type Live struct {
	store *ledger.Store
	in    *instance

	refresh sync.Mutex // held by the one who looks for a new version
	mu      sync.Mutex
	now     *version
	stamp   ledger.Stamp // of the manifest that now was read from
}

// version is an engine and who uses it.
type version struct {
	engine *Engine
	users  int // under Live.mu; being the one in force counts as one
}

// Follow opens the version in force of the store. The caller closes it.
func Follow(ctx context.Context, store *ledger.Store) (*Live, error) {
	in, err := newInstance()
	if err != nil {
		return nil, err
	}
	l := &Live{store: store, in: in}
	if err := l.renew(ctx); err != nil {
		return nil, errors.Join(err, in.close())
	}
	return l, nil
}

// Engine returns an engine over the version in force, for one question: the
// caller calls done when it is answered, and doesn't close the engine. Where a
// newer version can't be opened, that is the error, and the next call tries
// again.
func (l *Live) Engine(ctx context.Context) (e *Engine, done func(), err error) {
	// While one opens the new version, the others go on with the old one.
	if l.refresh.TryLock() {
		err := l.renew(ctx)
		l.refresh.Unlock()
		if err != nil {
			return nil, nil, err
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	v := l.now
	v.users++
	return v.engine, sync.OnceFunc(func() { l.release(v) }), nil
}

// renew opens the version in force, unless it is the one that is open.
func (l *Live) renew(ctx context.Context) error {
	// The stamp is taken before the manifest is read: if that changes in
	// between, the next look finds another stamp.
	stamp, err := l.store.Stamp()
	if err != nil || l.now != nil && stamp == l.stamp {
		return err
	}
	snap, err := l.store.Snapshot()
	if err != nil {
		return err
	}
	e, err := l.in.engine(ctx, snap)
	if err != nil {
		return errors.Join(err, snap.Close())
	}
	l.mu.Lock()
	old := l.now
	l.now, l.stamp = &version{engine: e, users: 1}, stamp
	l.mu.Unlock()
	if old != nil {
		l.release(old)
	}
	return nil
}

// release ends one use of a version; the last one closes it.
func (l *Live) release(v *version) {
	l.mu.Lock()
	v.users--
	last := v.users == 0
	l.mu.Unlock()
	if last {
		// To let go of a version can't fail in a way that anybody could mend.
		_ = errors.Join(v.engine.Close(), v.engine.snap.Close())
	}
}

// Close lets go of all files. No question may be under way.
func (l *Live) Close() error {
	l.release(l.now)
	return l.in.close()
}
