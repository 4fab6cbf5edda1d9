package ce

import (
	"errors"

	"showback"
)

// Fault is an error in AWS's terms. Its methods are those that errors of AWS's
// SDK for Go have, by which the wire protocol writes it.
type Fault struct {
	Code    string // ValidationException, …
	Message string
	Err     error // what it was made of; nil where the request alone is at fault
}

// Error returns code and message.
func (f *Fault) Error() string { return f.Code + ": " + f.Message }

// Unwrap returns what the fault was made of.
func (f *Fault) Unwrap() error { return f.Err }

// ErrorCode returns AWS's code.
func (f *Fault) ErrorCode() string { return f.Code }

// ErrorMessage returns the message.
func (f *Fault) ErrorMessage() string { return f.Message }

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

func invalid(message string) error { return &Fault{Code: codeValidation, Message: message} }

// faultOf says an error of the ledger in AWS's terms. What went wrong inside is
// not told to the client: the caller logs Err.
func faultOf(err error) error {
	if err == nil {
		return nil
	}
	var have *Fault
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
		return &Fault{codeValidation, message, err}
	case showback.KindNotFound:
		return &Fault{codeDataUnavailable, message, err}
	case showback.KindThrottled:
		return &Fault{codeThrottled, "Rate exceeded", err}
	}
	return &Fault{codeInternal, "the request could not be answered; the log of the server says why", err}
}
