package sts

import (
	"context"
	"time"

	"showback/internal/awsapi/wire"
	"showback/internal/tag"
)

// Roles is what AssumeRole needs of the directory.
type Roles interface {
	// Role returns the role of an account by its name. One that is not there is
	// an error of showback.KindNotFound.
	Role(ctx context.Context, account, name string) (Role, error)
	// Assume makes credentials of a session of a role, in the name of by, and
	// writes down that it did. What it is asked has been checked.
	Assume(ctx context.Context, by wire.Caller, a Assumption) (Credentials, error)
}

// Role is a role that can be assumed.
type Role struct {
	Account, Name string
	ARN           string        // with its path
	MaxSession    time.Duration // its longest session
}

// Assumption is a session to be made.
type Assumption struct {
	Role           Role
	SessionName    string
	SourceIdentity string // empty for none; one that the caller's session has is passed on
	// Tags are those of the session in order of key, passed-on ones included, and
	// Transitive the keys of those that pass on from it.
	Tags       []tag.Pair
	Transitive []string
	Duration   time.Duration
}

// Credentials are those of a session: the only time that they are told.
type Credentials struct {
	AccessKeyID, Secret, Token string
	Expires                    time.Time
	ARN                        string // of the session
	RoleID                     string // AROA…:SESSION
}

// Service answers requests. Its methods may be called at once.
type Service struct {
	Roles Roles
	// Strict refuses what AWS refuses to protect itself alone: a role for the
	// root of an account.
	Strict bool
}

const (
	version   = "2011-06-15"
	namespace = "https://sts.amazonaws.com/doc/2011-06-15/"
)

// Wire returns the service as package wire has it.
func (s *Service) Wire() *wire.Service {
	w := &wire.Service{Name: "sts", Protocol: wire.Query, Version: version, Namespace: namespace}
	wire.Handle(w, "GetCallerIdentity", s.GetCallerIdentity)
	wire.Handle(w, "AssumeRole", s.AssumeRole)
	return w
}
