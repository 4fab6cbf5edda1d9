package account

import (
	"context"
	"time"

	"showback"
	"showback/internal/awsapi/sigv4"
	"showback/internal/awsapi/sts"
	"showback/internal/awsapi/wire"
	"showback/internal/directory"
	"showback/internal/iamrule"
	"showback/internal/tag"
)

// Directory is a directory as the AWS API needs it. It is a sigv4.Keys and an
// sts.Roles.
type Directory struct{ *directory.Directory }

var (
	_ sigv4.Keys = Directory{}
	_ sts.Roles  = Directory{}
)

// Key returns an access key, of the account, a user or a role session. The key
// of a session of a role that was deleted is off: AWS no longer knows it either.
func (d Directory) Key(ctx context.Context, id string) (sigv4.Key, error) {
	c, err := d.Credential(ctx, id)
	if err != nil {
		return sigv4.Key{}, err
	}
	k := sigv4.Key{Secret: c.Secret, Active: c.Active}
	switch {
	case c.Session != nil:
		k.Active = k.Active && c.Session.Role.Deleted.IsZero()
		k.HasToken, k.Expires, k.Owner = c.Session.HasToken, c.Session.Expires, sessionOwner(c.Session)
	case c.User != nil:
		k.Owner = sigv4.Owner{Type: sigv4.IAMUser, Account: c.Account, ARN: c.User.ARN(), PrincipalID: c.User.UniqueID, UserName: c.User.Name}
	default:
		root := showback.ARN{Partition: "aws", Service: "iam", Account: c.Account, Resource: "root"}
		k.Owner = sigv4.Owner{Type: sigv4.Root, Account: c.Account, ARN: root.String(), PrincipalID: c.Account}
	}
	return k, nil
}

func sessionOwner(s *directory.Session) sigv4.Owner {
	o := sigv4.Owner{Type: sigv4.AssumedRole, Account: s.Role.Account, ARN: s.ARN(), PrincipalID: s.Role.UniqueID + ":" + s.Name, UserName: s.Role.Name}
	o.Session = &sigv4.Session{RoleARN: s.Role.ARN(), RoleID: s.Role.UniqueID, Name: s.Name, SourceIdentity: s.SourceIdentity, Issued: s.Created}
	passes := map[string]bool{}
	for _, key := range s.Transitive {
		passes[tag.Fold(key)] = true
	}
	for _, p := range s.Tags {
		if passes[tag.Fold(p.Key)] {
			o.Session.Transitive = append(o.Session.Transitive, p)
		}
	}
	return o
}

// ActorOf returns a caller as the directory writes it into its events.
func ActorOf(by wire.Caller) directory.Actor {
	a := directory.Actor{
		Type: by.Type, Account: by.Account, ARN: by.ARN, PrincipalID: by.PrincipalID, UserName: by.UserName, AccessKeyID: by.AccessKeyID,
		SourceIP: by.SourceIP, UserAgent: by.UserAgent, RequestID: by.RequestID,
	}
	if by.Session != nil {
		a.IssuerARN, a.IssuerID, a.SourceIdentity = by.Session.RoleARN, by.Session.RoleID, by.Session.SourceIdentity
	}
	return a
}

// usualSession is the longest session of a role that does not say.
const usualSession = time.Hour

// Role returns a role that can be assumed.
func (d Directory) Role(ctx context.Context, account, name string) (sts.Role, error) {
	p, err := d.Get(ctx, directory.Ref{Account: account, Kind: iamrule.Role, Name: name})
	if err != nil {
		return sts.Role{}, err
	}
	longest := time.Duration(p.MaxSession) * time.Second
	if longest == 0 {
		longest = usualSession
	}
	return sts.Role{Account: p.Account, Name: p.Name, ARN: p.ARN(), MaxSession: longest}, nil
}

// Assume makes a session of a role.
func (d Directory) Assume(ctx context.Context, by wire.Caller, a sts.Assumption) (sts.Credentials, error) {
	out, err := d.CreateSession(ctx, ActorOf(by), directory.NewSession{
		Role: directory.Ref{Account: a.Role.Account, Kind: iamrule.Role, Name: a.Role.Name}, Name: a.SessionName,
		SourceIdentity: a.SourceIdentity, Tags: a.Tags, Transitive: a.Transitive, Duration: a.Duration,
	})
	if err != nil {
		return sts.Credentials{}, err
	}
	return sts.Credentials{
		AccessKeyID: out.ID, Secret: out.Secret, Token: out.Token, Expires: out.Session.Expires,
		ARN: out.Session.ARN(), RoleID: out.Session.Role.UniqueID + ":" + out.Session.Name,
	}, nil
}
