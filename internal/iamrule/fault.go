package iamrule

import (
	"fmt"

	"showback"
)

// The error codes of IAM. (AWS, "IAM API reference: Common errors" and the
// errors of each operation, 2026-09.)
const (
	CodeNoSuchEntity   = "NoSuchEntity"
	CodeExists         = "EntityAlreadyExists"
	CodeLimitExceeded  = "LimitExceeded"
	CodeInvalidInput   = "InvalidInput"
	CodeValidation     = "ValidationError"
	CodeDeleteConflict = "DeleteConflict"
	CodeUnmodifiable   = "UnmodifiableEntity"
)

// Error is a refusal in IAM's words. It is the cause of a showback.Error, so
// that errors.As finds it and KindOf the kind.
type Error struct{ Code, Message string }

func (f *Error) Error() string { return f.Message }

// ErrorCode returns the code. Errors of AWS's SDK for Go have such methods.
func (f *Error) ErrorCode() string { return f.Code }

// ErrorMessage returns the message.
func (f *Error) ErrorMessage() string { return f.Message }

var kinds = map[string]showback.Kind{
	CodeNoSuchEntity:   showback.KindNotFound,
	CodeExists:         showback.KindConflict,
	CodeLimitExceeded:  showback.KindConflict,
	CodeInvalidInput:   showback.KindInvalid,
	CodeValidation:     showback.KindInvalid,
	CodeDeleteConflict: showback.KindConflict,
	CodeUnmodifiable:   showback.KindConflict,
}

// Refuse returns a refusal of the code.
func Refuse(code, format string, args ...any) error {
	return &showback.Error{Kind: kinds[code], Err: &Error{code, fmt.Sprintf(format, args...)}}
}

// invalid is IAM's message on a parameter that breaks a constraint.
func invalid(value, parameter, constraint string) error {
	return Refuse(CodeValidation, "1 validation error detected: Value '%s' at '%s' failed to satisfy constraint: %s",
		value, parameter, constraint)
}
