package sts

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"showback"
	"showback/internal/awsapi/sigv4"
	"showback/internal/awsapi/wire"
	"showback/internal/iamrule"
	"showback/internal/tag"
)

// AssumeRoleRequest asks for a session of a role. (AWS, "AWS Security Token
// Service API Reference: AssumeRole", 2026-09.)
type AssumeRoleRequest struct {
	RoleARN           *string `json:"RoleArn"`
	RoleSessionName   *string
	DurationSeconds   *int32
	Tags              []Tag
	TransitiveTagKeys []string
	SourceIdentity    *string
	ExternalID        *string `json:"ExternalId"`

	// These would take something away from the session, and are refused.
	Policy           *string
	PolicyARNs       []PolicyDescriptor `json:"PolicyArns"`
	SerialNumber     *string
	TokenCode        *string
	ProvidedContexts []ProvidedContext
}

// Tag is a session tag.
type Tag struct{ Key, Value *string }

// PolicyDescriptor names a managed policy.
type PolicyDescriptor struct {
	ARN string `json:"arn"`
}

// ProvidedContext is what a trusted provider says of a session.
type ProvidedContext struct {
	ProviderARN      string `json:"ProviderArn"`
	ContextAssertion string
}

// AssumeRoleResponse has the session's credentials.
type AssumeRoleResponse struct {
	SourceIdentity   string `json:",omitempty"`
	AssumedRoleUser  AssumedRoleUser
	Credentials      SessionCredentials
	PackedPolicySize *int // percent of what AWS allows; only with tags
	// What newer clients know in its place: bytes of the token, and percent of
	// the most that it may have.
	SessionTokenSize        int
	SessionTokenUtilization int
}

// AssumedRoleUser names the session.
type AssumedRoleUser struct {
	AssumedRoleID string `json:"AssumedRoleId"`
	ARN           string `json:"Arn"`
}

// SessionCredentials sign requests until they expire.
type SessionCredentials struct {
	AccessKeyID     string `json:"AccessKeyId"`
	SecretAccessKey string
	SessionToken    string
	Expiration      time.Time
}

const (
	codeValidation = "ValidationError"
	// codeParameter is that of tags that contradict each other. (As moto and
	// localstack have it, whose tests ran against AWS.)
	codeParameter = "InvalidParameterValue"

	shortest     = 900
	longest      = 43_200
	maxTags      = 50
	chainLongest = time.Hour // of a session that a session assumes
	usual        = 3600
	maxToken     = 4096 // bytes. (AWS SDK for Go, service/sts v1.51.8.)
)

// The forms of parameters. (botocore 1.43.11, sts.)
var (
	sessionNameForm = wire.NewPattern(`[\w+=,.@-]*`)
	externalIDForm  = wire.NewPattern(`[\w+=,.@:\/-]*`)
	tagKeyForm      = wire.NewPattern(`[\p{L}\p{Z}\p{N}_.:/=+\-@]+`)
	tagValueForm    = wire.NewPattern(`[\p{L}\p{Z}\p{N}_.:/=+\-@]*`)
)

// AssumeRole gives out credentials of a session of a role of the directory. The
// order in which it refuses is that of AWS: the forms of all parameters, the
// role, its longest session, the longest of a chain.
func (s *Service) AssumeRole(ctx context.Context, by wire.Caller, in AssumeRoleRequest) (AssumeRoleResponse, error) {
	if err := in.check(); err != nil {
		return AssumeRoleResponse{}, err
	}
	if err := in.whole(); err != nil {
		return AssumeRoleResponse{}, err
	}
	a := Assumption{SessionName: *in.RoleSessionName, Duration: usual * time.Second}
	if in.DurationSeconds != nil {
		a.Duration = time.Duration(*in.DurationSeconds) * time.Second
	}
	var err error
	if a.Role, err = s.role(ctx, by, *in.RoleARN); err != nil {
		return AssumeRoleResponse{}, err
	}
	if err := longestSession(by, a); err != nil {
		return AssumeRoleResponse{}, err
	}
	if a.SourceIdentity, err = sourceIdentity(by, in.SourceIdentity); err != nil {
		return AssumeRoleResponse{}, err
	}
	if a.Tags, a.Transitive, err = sessionTags(by, in); err != nil {
		return AssumeRoleResponse{}, err
	}
	c, err := s.Roles.Assume(ctx, by, a)
	if showback.KindOf(err) == showback.KindNotFound && err != nil {
		return AssumeRoleResponse{}, denied(by, *in.RoleARN) // it was deleted meanwhile
	}
	if err != nil {
		return AssumeRoleResponse{}, err
	}
	return AssumeRoleResponse{
		SourceIdentity:   a.SourceIdentity,
		AssumedRoleUser:  AssumedRoleUser{c.RoleID, c.ARN},
		Credentials:      SessionCredentials{c.AccessKeyID, c.Secret, c.Token, c.Expires},
		PackedPolicySize: packedSize(a.Tags),
		SessionTokenSize: len(c.Token), SessionTokenUtilization: (100*len(c.Token) + maxToken - 1) / maxToken,
	}, nil
}

// check holds the parameters against their forms.
func (in *AssumeRoleRequest) check() error {
	var c wire.Checks
	text := func(at string, value *string, least, most int, form wire.Pattern) {
		if value != nil {
			c.Text(at, *value, least, most, form)
		}
	}
	if in.RoleARN == nil {
		c.Missing("roleArn")
	}
	text("roleArn", in.RoleARN, 20, 2048, wire.Pattern{})
	if in.RoleSessionName == nil {
		c.Missing("roleSessionName")
	}
	text("roleSessionName", in.RoleSessionName, 2, 64, sessionNameForm)
	text("sourceIdentity", in.SourceIdentity, 2, 64, sessionNameForm)
	text("externalId", in.ExternalID, 2, 1224, externalIDForm)
	if in.DurationSeconds != nil {
		c.Number("durationSeconds", int(*in.DurationSeconds), shortest, longest)
	}
	c.List("tags", len(in.Tags), maxTags)
	for i, t := range in.Tags[:min(len(in.Tags), maxTags)] {
		at := "tags." + strconv.Itoa(i+1) + ".member."
		if t.Key == nil {
			c.Missing(at + "key")
		}
		text(at+"key", t.Key, 1, 128, tagKeyForm)
		if t.Value == nil {
			c.Missing(at + "value")
		}
		text(at+"value", t.Value, 0, 256, tagValueForm)
	}
	c.List("transitiveTagKeys", len(in.TransitiveTagKeys), maxTags)
	for i, key := range in.TransitiveTagKeys[:min(len(in.TransitiveTagKeys), maxTags)] {
		c.Text("transitiveTagKeys."+strconv.Itoa(i+1)+".member", key, 1, 128, tagKeyForm)
	}
	return c.Err(codeValidation)
}

// whole refuses what would make the session less than the role, and would be
// ignored here.
func (in *AssumeRoleRequest) whole() error {
	switch {
	case in.Policy != nil || len(in.PolicyARNs) > 0:
		return &wire.Error{Code: codeValidation, Message: "Session policies are not supported: this server evaluates no policy, so that the session would be allowed more than the policy says."}
	case len(in.ProvidedContexts) > 0:
		return &wire.Error{Code: codeValidation, Message: "ProvidedContexts are not supported: this server has no trusted providers of contexts."}
	case in.SerialNumber != nil || in.TokenCode != nil:
		return &wire.Error{Code: "AccessDenied", Message: "MultiFactorAuthentication failed with invalid MFA one time pass code."}
	}
	return nil
}

// role returns the role of an ARN. AWS answers to a role that is not there as to
// one that may not be assumed. (STS, measured July 2026 by a public
// compatibility suite.)
func (s *Service) role(ctx context.Context, by wire.Caller, arn string) (Role, error) {
	_, account, kind, _, name, ok := iamrule.ParseARN(arn)
	if !ok || kind != iamrule.Role {
		return Role{}, &wire.Error{Code: codeValidation, Message: "Request ARN is invalid"}
	}
	if s.Strict && by.Type == sigv4.Root {
		return Role{}, &wire.Error{Code: "AccessDenied", Message: "Roles may not be assumed by root accounts."}
	}
	role, err := s.Roles.Role(ctx, account, name)
	switch {
	case err == nil && role.ARN == arn:
		return role, nil
	case err == nil || showback.KindOf(err) == showback.KindNotFound:
		return Role{}, denied(by, arn)
	}
	return Role{}, err
}

func denied(by wire.Caller, arn string) error {
	return &wire.Error{Code: "AccessDenied", Message: "User: " + by.ARN + " is not authorized to perform: sts:AssumeRole on resource: " + arn}
}

// longestSession holds the duration against the role's own longest, then against
// that of a chain.
func longestSession(by wire.Caller, a Assumption) error {
	if a.Duration > a.Role.MaxSession {
		return &wire.Error{Code: codeValidation, Message: "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."}
	}
	if by.Session != nil && a.Duration > chainLongest {
		return &wire.Error{Code: codeValidation, Message: "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining."}
	}
	return nil
}

// sourceIdentity returns the one that the caller's session has, which can't be
// changed, else the one that is asked for. (STS, measured July 2026.)
func sourceIdentity(by wire.Caller, asked *string) (string, error) {
	if by.Session == nil || by.Session.SourceIdentity == "" {
		if asked == nil {
			return "", nil
		}
		return *asked, nil
	}
	if held := by.Session.SourceIdentity; asked == nil || *asked == held {
		return held, nil
	}
	return "", &wire.Error{Code: codeValidation, Message: "The source identity is already set for this assume role session"}
}

// sessionTags returns the tags of a session: those that the caller's session
// passes on, which can't be set anew, and those that are asked for. Keys that
// differ by case alone are one key. (AWS, "Pass session tags in AWS STS", IAM
// User Guide, 2026-09.)
func sessionTags(by wire.Caller, in AssumeRoleRequest) (tags []tag.Pair, transitive []string, err error) {
	inherited, asked := map[string]bool{}, map[string]bool{}
	if by.Session != nil {
		for _, p := range by.Session.Transitive {
			inherited[tag.Fold(p.Key)] = true
			tags, transitive = append(tags, p), append(transitive, p.Key)
		}
	}
	refuse := func(message string) ([]tag.Pair, []string, error) {
		return nil, nil, &wire.Error{Code: codeParameter, Message: message}
	}
	for _, t := range in.Tags {
		key := tag.Fold(*t.Key)
		switch {
		case strings.HasPrefix(key, "aws:"):
			return refuse("Tag keys starting with 'aws:' are reserved for internal use.")
		case asked[key]:
			return refuse("Duplicate tag keys found. Please note that Tag keys are case insensitive.")
		case inherited[key]:
			return refuse("One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the calling session.")
		}
		asked[key] = true
		tags = append(tags, tag.Pair{Key: *t.Key, Value: *t.Value})
	}
	for _, key := range in.TransitiveTagKeys {
		if !asked[tag.Fold(key)] {
			return refuse("The specified transitive tag key must be included in the requested tags.")
		}
		// It passes on as the tag spells it.
		i := slices.IndexFunc(in.Tags, func(t Tag) bool { return tag.Fold(*t.Key) == tag.Fold(key) })
		if !slices.Contains(transitive, *in.Tags[i].Key) {
			transitive = append(transitive, *in.Tags[i].Key)
		}
	}
	return tag.Sorted(tags), transitive, nil
}

// packedSize is about how much of its room AWS would say that the tags take: it
// does not tell how it packs them. Its example of 53 characters takes 8 percent.
// (AWS CLI 1.45, examples of sts assume-role.) Nothing is refused for it, since
// nothing is packed here.
func packedSize(tags []tag.Pair) *int {
	if len(tags) == 0 {
		return nil
	}
	n := 0
	for _, p := range tags {
		n += len(p.Key) + len(p.Value)
	}
	percent := min(100, max(1, n*8/53))
	return &percent
}
