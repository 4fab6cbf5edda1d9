package sigv4

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"time"
)

// Code names a refusal as AWS's query services spell it. The JSON services have
// other names for the same; package wire knows them.
type Code string

// The refusals. (AWS, "IAM API Reference: Common Errors", 2026-09.)
const (
	IncompleteSignature        Code = "IncompleteSignature"
	InvalidClientTokenID       Code = "InvalidClientTokenId"
	ExpiredToken               Code = "ExpiredToken"
	MalformedQueryString       Code = "MalformedQueryString"
	MissingAuthenticationToken Code = "MissingAuthenticationToken"
	RequestExpired             Code = "RequestExpired"
	SignatureDoesNotMatch      Code = "SignatureDoesNotMatch"
)

// Error is why a request was refused, in words that may go back to its sender.
type Error struct {
	Code    Code
	Message string
}

func (f *Error) Error() string { return string(f.Code) + ": " + f.Message }

func refuse(code Code, format string, args ...any) *Error {
	return &Error{code, fmt.Sprintf(format, args...)}
}

// stamp is the form of a time in a signature: ISO 8601, basic.
const stamp = "20060102T150405Z"

// Unsigned is the refusal of a request that does not claim to be signed.
func Unsigned() *Error {
	return refuse(MissingAuthenticationToken, "Request is missing Authentication Token")
}

func mismatch() *Error {
	return refuse(SignatureDoesNotMatch, "The request signature we calculated does not match the signature you provided. "+
		"Check your AWS Secret Access Key and signing method. Consult the service documentation for details.")
}

// invalidToken is the one answer to a key that is unknown, is off, or comes
// with a session token that is not its own.
func invalidToken() *Error {
	return refuse(InvalidClientTokenID, "The security token included in the request is invalid.")
}

func unsigned(header string) *Error {
	return refuse(SignatureDoesNotMatch, "'%s' must be a 'SignedHeader' in the AWS Authorization.", header)
}

func expired(at, now time.Time) *Error {
	return refuse(SignatureDoesNotMatch, "Signature expired: %s is now earlier than %s (%s - %d min.)",
		at.Format(stamp), now.Add(-Skew).Format(stamp), now.Format(stamp), Skew/time.Minute)
}

func notYet(at, now time.Time) *Error {
	return refuse(SignatureDoesNotMatch, "Signature not yet current: %s is still later than %s (%s + %d min.)",
		at.Format(stamp), now.Add(Skew).Format(stamp), now.Format(stamp), Skew/time.Minute)
}

// digested is how AWS speaks of an Authorization header without repeating it.
func digested(header string) string {
	sum := sha256.Sum256([]byte(header))
	return "(Hashed with SHA-256 and encoded with Base64) Authorization=" + base64.StdEncoding.EncodeToString(sum[:])
}
