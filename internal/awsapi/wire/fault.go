package wire

import (
	"errors"
	"net/http"

	"showback"
	"showback/internal/awsapi/sigv4"
)

// Error is an error in AWS's terms, as an operation gives it.
type Error struct {
	Code    string
	Message string
	// Status is the HTTP status; 0 for what the service has for the code.
	Status int
	// Detail is a struct whose members stand beside the message; nil for none.
	Detail any
	// Err is what it was made of. It is not told.
	Err error
}

func (e *Error) Error() string { return e.Code + ": " + e.Message }

// Unwrap returns what the error was made of.
func (e *Error) Unwrap() error { return e.Err }

// ErrorCode returns AWS's code.
func (e *Error) ErrorCode() string { return e.Code }

// ErrorMessage returns the message.
func (e *Error) ErrorMessage() string { return e.Message }

// coded is what errors of AWS's SDK for Go have, and ours that have a code.
type coded interface {
	error
	ErrorCode() string
	ErrorMessage() string
}

// statuses are those of codes that mean the same in every service. (AWS, "IAM
// API Reference: Common Errors", 2026-09.)
var statuses = map[string]int{
	"AccessDenied":          http.StatusForbidden,
	"AccessDeniedException": http.StatusBadRequest,
	"InternalFailure":       http.StatusInternalServerError,
	"InternalServerError":   http.StatusInternalServerError,
	"ServiceUnavailable":    http.StatusServiceUnavailable,
	"RequestEntityTooLarge": http.StatusRequestEntityTooLarge,
	"UnsupportedMediaType":  http.StatusUnsupportedMediaType,
}

// signing are the refusals of signatures: what the JSON services call them, and
// their statuses in the query protocol; JSON services have 400 for all. (AWS,
// "IAM API Reference" and "AWS Cost Explorer Service API Reference": Common
// Errors, 2026-09; the JSON names as dynalite and others saw them.)
var signing = map[sigv4.Code]struct {
	json   string
	status int
}{
	sigv4.IncompleteSignature:        {"IncompleteSignatureException", http.StatusBadRequest},
	sigv4.InvalidClientTokenID:       {"UnrecognizedClientException", http.StatusForbidden},
	sigv4.ExpiredToken:               {"ExpiredTokenException", http.StatusForbidden},
	sigv4.MalformedQueryString:       {"MalformedQueryString", http.StatusBadRequest},
	sigv4.MissingAuthenticationToken: {"MissingAuthenticationTokenException", http.StatusForbidden},
	sigv4.RequestExpired:             {"RequestExpired", http.StatusBadRequest},
	sigv4.SignatureDoesNotMatch:      {"InvalidSignatureException", http.StatusForbidden},
}

// faultOf says an error in AWS's terms. What has no code gets one by its kind;
// what went wrong inside is not told.
func (s *Service) faultOf(err error) Error {
	var ours *Error
	var sig *sigv4.Error
	var c coded
	switch {
	case errors.As(err, &ours):
		f := *ours
		if f.Status == 0 {
			f.Status = s.status(f.Code)
		}
		return f
	case errors.As(err, &sig):
		how := signing[sig.Code]
		if s.Protocol == Query {
			return Error{Code: string(sig.Code), Message: sig.Message, Status: how.status}
		}
		return Error{Code: how.json, Message: sig.Message, Status: http.StatusBadRequest}
	case errors.As(err, &c):
		return Error{Code: c.ErrorCode(), Message: c.ErrorMessage(), Status: s.status(c.ErrorCode())}
	}
	return s.faultOfKind(err)
}

func (s *Service) faultOfKind(err error) Error {
	// The JSON services' names, then the query services'.
	name := func(json, query string) string {
		if s.Protocol == Query {
			return query
		}
		return json
	}
	message := err.Error()
	if hint := showback.HintOf(err); hint != "" {
		message += ": " + hint
	}
	var code string
	switch showback.KindOf(err) {
	case showback.KindInvalid:
		code = name("ValidationException", "ValidationError")
	case showback.KindNotFound:
		code = name("ResourceNotFoundException", "NoSuchEntity")
	case showback.KindConflict:
		code = name("ConflictException", "EntityAlreadyExists")
	case showback.KindDenied:
		code = name("AccessDeniedException", "AccessDenied")
	case showback.KindThrottled:
		code, message = name("ThrottlingException", "Throttling"), "Rate exceeded"
	case showback.KindUnavailable:
		return Error{Code: "ServiceUnavailable", Status: http.StatusServiceUnavailable,
			Message: "The request has failed due to a temporary failure of the server."}
	default:
		return Error{Code: "InternalFailure", Status: http.StatusInternalServerError,
			Message: "The request processing has failed because of an unknown error, exception or failure."}
	}
	return Error{Code: code, Message: message, Status: s.status(code)}
}

func (s *Service) status(code string) int {
	if status, ok := s.Statuses[code]; ok {
		return status
	}
	if status, ok := statuses[code]; ok {
		return status
	}
	return http.StatusBadRequest
}
