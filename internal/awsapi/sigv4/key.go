package sigv4

import (
	"context"
	"time"

	"showback/internal/tag"
)

// Keys is where access keys are looked up.
type Keys interface {
	// Key returns the access key of an id. An id that nobody has is an error of
	// showback.KindNotFound; any other error means that it could not be told.
	Key(ctx context.Context, id string) (Key, error)
}

// Key is an access key: what a signature is checked with, and for whom it
// speaks.
type Key struct {
	Secret string
	// Active is false for a key that was turned off.
	Active bool
	// HasToken is set for the temporary credentials of a session, which sign
	// together with a token, and reports whether a text is that token. It must
	// take as long for a wrong token as for the right one.
	HasToken func(text string) bool
	// Expires is when temporary credentials end; zero for a key that lasts.
	Expires time.Time
	Owner   Owner
}

// The types of an Owner, as CloudTrail's userIdentity has them. (AWS,
// "CloudTrail User Guide: userIdentity element", 2026-09.)
const (
	Root        = "Root"
	IAMUser     = "IAMUser"
	AssumedRole = "AssumedRole"
)

// Owner is whom a key speaks for.
type Owner struct {
	Type        string // Root, IAMUser or AssumedRole
	Account     string // twelve digits
	ARN         string // of the account's root, of the user, or of the role session
	PrincipalID string // the account, AIDA…, or AROA…:SESSION
	UserName    string // of a user; of a role session, the role's name
	Session     *Session
}

// Session is what an Owner of type AssumedRole has beyond others.
type Session struct {
	RoleARN        string // with the role's path
	RoleID         string // AROA…
	Name           string
	SourceIdentity string
	// Transitive are the tags that pass on to sessions assumed from this one.
	Transitive []tag.Pair
	Issued     time.Time
}
