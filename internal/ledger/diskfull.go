package ledger

import (
	"errors"
	"strings"

	"golang.org/x/sys/unix"

	"showback"
)

// fullDisk returns what the system says where a disk, or what one user may take
// of it, is full, nil for any other error. The engine hands on the words alone,
// in the spelling of the C library.
func fullDisk(err error) error {
	text := strings.ToLower(err.Error())
	for _, cause := range []error{unix.ENOSPC, unix.EDQUOT} {
		if errors.Is(err, cause) || strings.Contains(text, cause.Error()) {
			return cause
		}
	}
	return nil
}

// withRoom adds the hint on a full disk to an error that is one.
func withRoom(err error) error {
	if fullDisk(err) == nil {
		return err
	}
	return showback.WithHint(err, "make room on the disk of the store, or in the quota on it, and start again: the store is as it was")
}
