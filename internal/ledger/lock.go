package ledger

import (
	"errors"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"

	"showback"
)

// fileLock is an advisory lock of the operating system on a file. The system
// drops it when the process ends, however it ends.
type fileLock struct{ f *os.File }

func lockFile(path string, how int) (*fileLock, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644)
	if errors.Is(err, os.ErrPermission) || errors.Is(err, unix.EROFS) {
		f, err = os.Open(path)
	}
	if err != nil {
		return nil, err
	}
	for {
		err = unix.Flock(int(f.Fd()), how)
		if !errors.Is(err, unix.EINTR) {
			break
		}
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return &fileLock{f}, nil
}

// lockShared waits for a shared lock. Where the file can't be made, the store
// does not exist or can't be written, so nothing in it is swept: no lock then.
func lockShared(path string) (*fileLock, error) {
	l, err := lockFile(path, unix.LOCK_SH)
	switch {
	case errors.Is(err, os.ErrNotExist), errors.Is(err, os.ErrPermission), errors.Is(err, unix.EROFS):
		return nil, nil
	case errors.Is(err, unix.ENOTDIR):
		return nil, notFolder(filepath.Dir(path))
	case err != nil:
		return nil, showback.Errorf(showback.KindUnavailable, "lock %s: %w", path, err)
	}
	return l, nil
}

// tryLockExclusive takes the lock alone, or reports ok false when others hold
// it. Who takes it is about to change the folder that it lies in: one that
// can't be written is refused here, before anything is tried in it. The lock
// file itself need not be writable, since another user may have made it.
func tryLockExclusive(path string) (l *fileLock, ok bool, err error) {
	folder := filepath.Dir(path)
	if err := unix.Access(folder, unix.W_OK|unix.X_OK); err != nil {
		return nil, false, storeError(&os.PathError{Op: "write in", Path: folder, Err: err})
	}
	l, err = lockFile(path, unix.LOCK_EX|unix.LOCK_NB)
	switch {
	case errors.Is(err, unix.EWOULDBLOCK):
		return nil, false, nil
	case err != nil:
		return nil, false, storeError(err)
	}
	return l, true, nil
}

// notFolder is the error for a store whose path is a file, or leads through one.
func notFolder(dir string) error {
	return showback.WithHint(showback.Errorf(showback.KindInvalid, "open store %s: a file stands there or on the way, want a folder", dir),
		"name the folder of a store with --store")
}

// unlock gives the lock back. To close the file would not do: a process that is
// being started beside it has a copy of the file until it becomes its program,
// and the lock lasts as long as any copy.
func (l *fileLock) unlock() error {
	if l == nil {
		return nil
	}
	return errors.Join(unix.Flock(int(l.f.Fd()), unix.LOCK_UN), l.f.Close())
}
