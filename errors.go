package showback

import (
	"errors"
	"fmt"
)

// Kind says what sort of failure an error is. Each surface maps kinds once: to
// an exit code, an HTTP status or an AWS error code.
type Kind string

// The kinds. An error without one is internal.
const (
	KindInvalid     Kind = "invalid"     // the request or the input is wrong
	KindNotFound    Kind = "not found"   // what was named does not exist
	KindConflict    Kind = "conflict"    // it contradicts what is already there
	KindDenied      Kind = "denied"      // no permission
	KindThrottled   Kind = "throttled"   // asked too often
	KindUnavailable Kind = "unavailable" // try again later
	KindCorrupt     Kind = "corrupt"     // stored or delivered data is damaged
	KindInternal    Kind = "internal"    // a fault of ours
)

// Error is an error with a kind and, as data, a hint that says what to do.
// Its text is "verb object: cause"; the hint is printed apart from it.
type Error struct {
	Kind Kind
	Text string
	Hint string
	Err  error // the cause; may be nil
}

func (e *Error) Error() string {
	switch {
	case e.Err == nil:
		return e.Text
	case e.Text == "":
		return e.Err.Error()
	}
	return e.Text + ": " + e.Err.Error()
}

func (e *Error) Unwrap() error { return e.Err }

// Errorf returns an error of the kind. The format may hold one %w.
func Errorf(kind Kind, format string, args ...any) *Error {
	wrapped := fmt.Errorf(format, args...)
	return &Error{Kind: kind, Err: wrapped}
}

// WithHint returns err with the hint, keeping its kind. A hint that is already
// there, nearer to the cause, stays.
func WithHint(err error, hint string) error {
	if err == nil || HintOf(err) != "" {
		return err
	}
	return &Error{Kind: KindOf(err), Err: err, Hint: hint}
}

// KindOf returns the kind nearest to the top of err's chain, else KindInternal.
func KindOf(err error) Kind {
	var e *Error
	for errors.As(err, &e) {
		if e.Kind != "" {
			return e.Kind
		}
		err = e.Err
	}
	return KindInternal
}

// HintOf returns the first hint in err's chain, else "".
func HintOf(err error) string {
	var e *Error
	for errors.As(err, &e) {
		if e.Hint != "" {
			return e.Hint
		}
		err = e.Err
	}
	return ""
}
