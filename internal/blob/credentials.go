package blob

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials/ec2rolecreds"
	"github.com/aws/aws-sdk-go-v2/credentials/ssocreds"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"

	"showback"
)

// machineRoleTimeout bounds the question for the machine's role, which is the
// chain's last resort: outside EC2 nothing answers it, and the SDK asks several
// times for seconds each.
const machineRoleTimeout = 3 * time.Second

// credentialsError is that there are no credentials to sign with.
type credentialsError struct{ err error }

func (e *credentialsError) Error() string { return e.err.Error() }
func (e *credentialsError) Unwrap() error { return e.err }

// provider gives the SDK's credentials, tells their absence from an error of
// S3, and remembers the secrets so that no message repeats one.
type provider struct {
	of      aws.CredentialsProvider
	profile string

	mu      sync.Mutex
	secrets []string
}

// Retrieve is what the SDK asks for each request.
func (p *provider) Retrieve(ctx context.Context) (aws.Credentials, error) {
	creds, err := p.of.Retrieve(ctx)
	if err != nil {
		return creds, &credentialsError{err}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.secrets = p.secrets[:0]
	for _, secret := range []string{creds.SecretAccessKey, creds.SessionToken} {
		if secret != "" {
			p.secrets = append(p.secrets, secret)
		}
	}
	return creds, nil
}

// first gets the credentials before any request.
func (p *provider) first(ctx context.Context) (aws.Credentials, error) {
	if aws.IsCredentialsProvider(p.of, (*ec2rolecreds.Provider)(nil)) {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, machineRoleTimeout)
		defer cancel()
	}
	return p.Retrieve(ctx)
}

// hide puts dots in place of the secrets that text repeats.
func (p *provider) hide(text string) string {
	if p == nil {
		return text
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, secret := range p.secrets {
		text = strings.ReplaceAll(text, secret, "…")
	}
	return text
}

func askMFA(ask func() (string, error)) func(*stscreds.AssumeRoleOptions) {
	return func(o *stscreds.AssumeRoleOptions) { o.TokenProvider = ask }
}

// configError words what is wrong with the shared configuration.
func configError(opts Options, err error) error {
	var absent config.SharedConfigProfileNotExistError
	var mfa config.AssumeRoleTokenProviderNotSetError
	switch {
	case errors.As(err, &absent):
		return showback.WithHint(
			showback.Errorf(showback.KindInvalid, "open S3: there is no profile %q", absent.Profile),
			"aws configure list-profiles names those there are; --profile and AWS_PROFILE choose one")
	case errors.As(err, &mfa):
		return showback.Errorf(showback.KindInvalid, "open S3: the profile %swants an MFA code, and there is nobody to ask", named(opts.Profile))
	}
	return showback.WithHint(
		showback.Errorf(showback.KindInvalid, "open S3: read the AWS configuration: %w", err),
		"see ~/.aws/config and ~/.aws/credentials, or the files that AWS_CONFIG_FILE and AWS_SHARED_CREDENTIALS_FILE name")
}

func named(profile string) string {
	if profile == "" {
		return ""
	}
	return quoted(profile) + " "
}

// noCredentials words why there are no credentials, and how to get some.
func (c *Client) noCredentials(err error) (cause, hint string) {
	login := "aws sso login"
	if c.opts.Profile != "" {
		login += " --profile " + c.opts.Profile
	}
	var token *ssocreds.InvalidTokenError
	switch {
	case errors.As(err, &token):
		return "the single sign-on session has ended", "run " + login
	case aws.IsCredentialsProvider(c.creds.of, (*ec2rolecreds.Provider)(nil)):
		return "found no AWS credentials",
			"run aws configure, or choose a profile with --profile or AWS_PROFILE; for a public bucket give --no-sign-request"
	}
	return "get AWS credentials: " + c.creds.hide(rootText(err)),
		"see which credentials are used: aws configure list"
}

// rootText is the innermost text of an error of the SDK, whose layers repeat
// the names of its operations.
func rootText(err error) string {
	for {
		next := errors.Unwrap(err)
		if next == nil {
			return err.Error()
		}
		err = next
	}
}
