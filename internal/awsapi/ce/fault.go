package ce

import (
	"errors"

	"showback"
)

// Error is an error in AWS's terms. Its methods are those that errors of AWS's
// SDK for Go have, by which the wire protocol writes it.
type Error struct {
	Code    string // ValidationException, …
	Message string
	Err     error // what it was made of; nil where the request alone is at fault
}

// Error returns code and message.
func (f *Error) Error() string { return f.Code + ": " + f.Message }

// Unwrap returns what the fault was made of.
func (f *Error) Unwrap() error { return f.Err }

// ErrorCode returns AWS's code.
func (f *Error) ErrorCode() string { return f.Code }

// ErrorMessage returns the message.
func (f *Error) ErrorMessage() string { return f.Message }

// The codes of Cost Explorer. ValidationException stands in no model of its API
// and is what it answers to a request with a wrong parameter. (AWS, "Cost
// Explorer API reference: GetCostAndUsage", 2026-09, and answers as seen.)
const (
	codeValidation      = "ValidationException"
	codeDataUnavailable = "DataUnavailableException"
	codeInvalidToken    = "InvalidNextTokenException"
	codeRequestChanged  = "RequestChangedException"
	codeThrottled       = "ThrottlingException"
	codeInternal        = "InternalFailure"
)

func invalid(message string) error { return &Error{Code: codeValidation, Message: message} }

// faultOf says an error of the ledger in AWS's terms. What went wrong inside is
// not told to the client: the caller logs Err.
func faultOf(err error) error {
	if err == nil {
		return nil
	}
	var have *Error
	if errors.As(err, &have) {
		return have
	}
	message := err.Error()
	var e *showback.Error
	if errors.As(err, &e) && e.Hint != "" {
		message += ": " + e.Hint
	}
	switch showback.KindOf(err) {
	case showback.KindInvalid, showback.KindConflict:
		return &Error{codeValidation, message, err}
	case showback.KindNotFound:
		return &Error{codeDataUnavailable, message, err}
	case showback.KindThrottled:
		return &Error{codeThrottled, "Rate exceeded", err}
	}
	return &Error{codeInternal, "the request could not be answered; the log of the server says why", err}
}
