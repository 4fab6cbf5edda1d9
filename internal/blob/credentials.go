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
	"github.com/aws/aws-sdk-go-v2/credentials/logincreds"
	"github.com/aws/aws-sdk-go-v2/credentials/processcreds"
	"github.com/aws/aws-sdk-go-v2/credentials/ssocreds"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	smithyhttp "github.com/aws/smithy-go/transport/http"

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
func (p *provider) first(ctx context.Context, most time.Duration) (aws.Credentials, error) {
	if aws.IsCredentialsProvider(p.of, (*ec2rolecreds.Provider)(nil)) {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, most)
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

// noCredentials words why there are no credentials, and how to get some. What a
// credential process printed is left out: it may be half of a secret.
func (c *Client) noCredentials(do action, err error) verdict {
	v := verdict{kind: showback.KindDenied, hint: "see which credentials are used: aws configure list"}
	from := func(target aws.CredentialsProvider) bool { return aws.IsCredentialsProvider(c.creds.of, target) }
	as := ""
	if c.opts.Profile != "" {
		as = " --profile " + c.opts.Profile
	}
	var send *smithyhttp.RequestSendError
	var token *ssocreds.InvalidTokenError
	var process *processcreds.ProviderError
	code, message := apiError(err)
	switch {
	case from((*ec2rolecreds.Provider)(nil)):
		v.cause = "found no AWS credentials"
		v.hint = "run aws configure, or choose a profile with --profile or AWS_PROFILE; for a public bucket give --no-sign-request"
	case errors.As(err, &send):
		v = c.judgeNetwork(do, err)
		v.cause = "get AWS credentials: " + v.cause
	case errors.As(err, &token), from((*ssocreds.Provider)(nil)):
		v.cause, v.hint = "the single sign-on session has ended", "run aws sso login"+as
	case from((*logincreds.Provider)(nil)):
		v.cause, v.hint = "the session of aws login has ended", "run aws login"+as
	case errors.As(err, &process):
		v.cause = "get AWS credentials: the profile's credential_process failed: " + rootText(err)
	case code != "":
		v.cause = "get AWS credentials: " + code + ": " + oneLine(message)
	default:
		v.cause = "get AWS credentials: " + oneLine(rootText(err))
	}
	return v
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
