package blob

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"syscall"
	"time"

	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"showback"
)

// ErrChanged is in the chain of errors that say that an object is no longer the
// one that was listed: its ETag is another. They are KindConflict.
var ErrChanged = errors.New("the object was replaced")

// action is what was tried when a request failed.
type action struct {
	verb   string // read, list, find
	name   string // of the object or folder, for messages
	bucket string
	key    string
	// permission is the IAM action that S3 wants for it.
	permission string
}

func reading(bucket, key string) action {
	return action{verb: "read", name: address(bucket, key), bucket: bucket, key: key, permission: "s3:GetObject"}
}

func finding(bucket, key string) action {
	return action{verb: "find", name: address(bucket, key), bucket: bucket, key: key, permission: "s3:GetObject"}
}

func listing(l Location) action {
	return action{verb: "list", name: l.String(), bucket: l.Bucket, permission: "s3:ListBucket"}
}

// changed is the error of an object that is not the one that was listed.
func changed(do action) error {
	return showback.WithHint(
		showback.Errorf(showback.KindConflict, "%s %s: %w", do.verb, do.name, ErrChanged),
		"a delivery was under way: import again in some minutes")
}

// explain turns an error of the SDK into one of ours. It keeps the cause only
// of a cancelled context: texts of the SDK repeat its layers, and what a server
// writes may repeat what it was sent.
func (c *Client) explain(ctx context.Context, do action, err error) error {
	if own := (*showback.Error)(nil); errors.As(err, &own) {
		return err
	}
	if ctx.Err() != nil {
		return showback.Errorf(showback.KindUnavailable, "%s %s: %w", do.verb, do.name, ctx.Err())
	}
	f := c.judge(do, err)
	if f.changed {
		return changed(do)
	}
	text := c.creds.hide(redact(f.cause))
	return showback.WithHint(showback.Errorf(f.kind, "%s %s: %s", do.verb, do.name, text), f.hint)
}

// verdict is what an error means.
type verdict struct {
	kind    showback.Kind
	cause   string
	hint    string
	changed bool
}

func (c *Client) judge(do action, err error) verdict {
	var absent *credentialsError
	if errors.As(err, &absent) {
		return c.noCredentials(do, absent.err)
	}
	if resp := answerOf(err); resp != nil {
		code, message := apiError(err)
		return c.judgeAnswer(do, resp, code, message)
	}
	return c.judgeNetwork(do, err)
}

// answerOf returns the answer of S3 that an error is about, nil when there was
// none: the SDK makes one of status 0 of a network error.
func answerOf(err error) *http.Response {
	var answer *smithyhttp.ResponseError
	if !errors.As(err, &answer) || answer.Response == nil || answer.Response.Response == nil || answer.Response.StatusCode == 0 {
		return nil
	}
	return answer.Response.Response
}

func apiError(err error) (code, message string) {
	var api smithy.APIError
	if !errors.As(err, &api) {
		return "", ""
	}
	return api.ErrorCode(), api.ErrorMessage()
}

// judgeAnswer judges what S3 answered. (Amazon S3 API Reference, "Error
// responses", 2026-10.) An answer to HEAD has no body and so no code but the
// SDK's name of its status.
func (c *Client) judgeAnswer(do action, resp *http.Response, code, message string) verdict {
	switch code {
	case "NoSuchBucket":
		return verdict{kind: showback.KindNotFound, cause: "there is no bucket " + quoted(do.bucket),
			hint: "see its name in the S3 console; a server of one's own is named by AWS_ENDPOINT_URL"}
	case "NoSuchKey":
		return verdict{kind: showback.KindNotFound, cause: "there is no such object",
			hint: "it was removed, or its manifest names a file that is not there: aws s3 ls shows what is"}
	case "PreconditionFailed", "InvalidRange":
		return verdict{changed: true}
	case "InvalidObjectState":
		return verdict{kind: showback.KindUnavailable, cause: "the object is archived and must be restored before it can be read",
			hint: "restore it in the S3 console or by aws s3api restore-object, and keep billing exports out of archive classes"}
	case "RequestTimeTooSkewed":
		return c.skewed(resp)
	case "ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired", "InvalidToken":
		return verdict{kind: showback.KindDenied, cause: "the credentials have expired or their session token is wrong (" + code + ")",
			hint: "log in again (aws sso login, or your tool for temporary credentials) and start again: what was fetched is kept"}
	case "InvalidAccessKeyId":
		return verdict{kind: showback.KindDenied, cause: "S3 does not know the access key (InvalidAccessKeyId)",
			hint: "see which credentials are used: aws configure list; keys of the China and GovCloud partitions work in their regions only"}
	case "SignatureDoesNotMatch":
		return verdict{kind: showback.KindDenied, cause: "the secret key does not belong to the access key (SignatureDoesNotMatch)",
			hint: "copy the secret key again (aws configure); a proxy that changes requests has the same effect"}
	case "SlowDown", "Throttling", "ThrottlingException", "RequestLimitExceeded", "TooManyRequests", "TooManyRequestsException":
		return verdict{kind: showback.KindThrottled, cause: "S3 asks to slow down" + c.tried(), hint: "try again in some minutes: what was fetched is kept"}
	}
	status := resp.StatusCode
	switch {
	case status == http.StatusMovedPermanently, status == http.StatusTemporaryRedirect, regionOfAnswer(resp, code, message) != "":
		return c.elsewhere(do, resp, code, message)
	case status == http.StatusForbidden, status == http.StatusUnauthorized:
		return c.denied(do, resp, message)
	case status == http.StatusNotFound && do.key != "":
		return verdict{kind: showback.KindNotFound, cause: "there is no such object, or no bucket " + quoted(do.bucket)}
	case status == http.StatusNotFound:
		return verdict{kind: showback.KindNotFound, cause: "there is no bucket " + quoted(do.bucket)}
	case status == http.StatusPreconditionFailed, status == http.StatusRequestedRangeNotSatisfiable:
		return verdict{changed: true}
	case status == http.StatusTooManyRequests:
		return verdict{kind: showback.KindThrottled, cause: "S3 asks to slow down" + c.tried(), hint: "try again in some minutes: what was fetched is kept"}
	case status >= 500:
		return verdict{kind: showback.KindUnavailable, cause: answered(resp, code, message) + c.tried(), hint: "try again later: what was fetched is kept"}
	}
	if status < 300 {
		return verdict{kind: showback.KindInvalid, cause: c.host(do.bucket) + " does not answer as S3 does", hint: noS3}
	}
	return verdict{kind: showback.KindInvalid, cause: answered(resp, code, message)}
}

// noS3 is the hint on a server that is something else.
const noS3 = "see what --endpoint-url, AWS_ENDPOINT_URL_S3 and AWS_ENDPOINT_URL name"

func (c *Client) tried() string {
	if c.opts.Attempts == 1 {
		return ""
	}
	return fmt.Sprintf(", after %d attempts", c.opts.Attempts)
}

// answered says what S3 answered, with its own words.
func answered(resp *http.Response, code, message string) string {
	text := fmt.Sprintf("S3 answers %d", resp.StatusCode)
	if code != "" && code != "UnknownError" {
		text += " " + code
	} else if name := http.StatusText(resp.StatusCode); name != "" {
		text += " " + name
	}
	if message = oneLine(message); message != "" && message != code && message != "UnknownError" {
		text += ": " + message
	}
	return text
}

// oneLine shortens what a server wrote to a part of a sentence.
func oneLine(text string) string {
	const most = 300
	text = strings.TrimSuffix(strings.Join(strings.Fields(text), " "), ".")
	if runes := []rune(text); len(runes) > most {
		text = string(runes[:most]) + "…"
	}
	return text
}

// denied words a refusal, with the permission and the resource that a policy
// would have to name.
func (c *Client) denied(do action, resp *http.Response, message string) verdict {
	message = oneLine(message)
	v := verdict{kind: showback.KindDenied}
	if c.opts.NoSign {
		v.cause = "access denied: the request was not signed, and the bucket is not public"
		v.hint = "leave out --no-sign-request to use AWS credentials"
		return v
	}
	resource := c.resource(do)
	v.cause = "access denied: the credentials lack " + do.permission + " on " + resource
	switch {
	case strings.Contains(strings.ToLower(message), "kms"):
		v.cause += ", or kms:Decrypt on the key that encrypts it"
		v.hint = "allow kms:Decrypt on the bucket's KMS key, in the key's policy too if it is of another account"
	case do.permission == "s3:GetObject":
		v.hint = "allow " + do.permission + " on it; where s3:ListBucket is not allowed, S3 says the same of an object that does not exist"
	default:
		v.hint = "allow " + do.permission + " on it, in the bucket's policy too if it is of another account"
	}
	if c.opts.ExpectedOwner != "" {
		v.hint += "; S3 says the same of a bucket that is not of account " + c.opts.ExpectedOwner
	}
	if !c.opts.RequesterPays {
		v.hint += "; for a requester-pays bucket give --request-payer requester"
	}
	// UnknownError is the SDK's word for an answer without one.
	if message != "" && message != "UnknownError" && !strings.EqualFold(message, "Access Denied") && !strings.EqualFold(message, "Forbidden") {
		v.cause += " (S3: " + message + ")"
	}
	return v
}

// resource is the ARN that a policy names for the action.
func (c *Client) resource(do action) string {
	if isARN(do.bucket) {
		if do.key == "" {
			return do.bucket
		}
		return do.bucket + "/object/" + do.key
	}
	arn := "arn:" + partition(c.region(do.bucket)) + ":s3:::" + do.bucket
	if do.key != "" {
		arn += "/" + do.key
	}
	return arn
}

// partition is the part of AWS that a region belongs to. (AWS IAM, "Amazon
// Resource Names", 2026-10.)
func partition(region string) string {
	for _, p := range [][2]string{{"cn-", "aws-cn"}, {"us-gov-", "aws-us-gov"}, {"us-isob-", "aws-iso-b"}, {"us-iso-", "aws-iso"}, {"eusc-", "aws-eusc"}} {
		if strings.HasPrefix(region, p[0]) {
			return p[1]
		}
	}
	return "aws"
}

// elsewhere words a redirect that could not be followed.
func (c *Client) elsewhere(do action, resp *http.Response, code, message string) verdict {
	v := verdict{kind: showback.KindInvalid}
	if region := regionOfAnswer(resp, code, message); region != "" {
		v.cause = fmt.Sprintf("the bucket is in %s, and S3 there does not answer a request signed for %s", region, c.region(do.bucket))
		v.hint = "give --region " + region
		return v
	}
	v.cause = "the bucket is in another region, which the answer does not name"
	if to, err := url.Parse(resp.Header.Get("Location")); err == nil && to.Host != "" && to.Host != c.host(do.bucket) {
		v.cause = "the server sends the request on to " + to.Host
	}
	v.hint = "give its region with --region, or its server with --endpoint-url"
	return v
}

// skewed words a clock that is wrong. The SDK has by then tried once with the
// server's time.
func (c *Client) skewed(resp *http.Response) verdict {
	cause := "the local clock is too far from the server's (RequestTimeTooSkewed)"
	server := resp.Header.Get("Date")
	if t, err := http.ParseTime(server); err == nil {
		server = t.UTC().Format(time.RFC3339)
	}
	if server != "" {
		cause += ": the server's time is " + server
		if c.opts.Now != nil {
			cause += ", the local " + c.opts.Now().UTC().Format(time.RFC3339)
		}
	}
	return verdict{kind: showback.KindInvalid, cause: cause, hint: "set the clock of this machine"}
}

// judgeNetwork judges an error without an answer.
func (c *Client) judgeNetwork(do action, err error) verdict {
	host := c.host(do.bucket)
	var u *url.Error
	if errors.As(err, &u) {
		if at, parseErr := url.Parse(u.URL); parseErr == nil && at.Host != "" {
			host = at.Host
		}
	}
	v := verdict{kind: showback.KindUnavailable, hint: "see that " + host + " can be reached from here, and that the endpoint and the region are right"}
	var dns *net.DNSError
	var cert *tls.CertificateVerificationError
	var timeout interface{ Timeout() bool }
	var stalled *stalledError
	switch {
	case errors.As(err, &dns) && dns.IsNotFound:
		v.cause = "there is no host " + dns.Name
	case errors.As(err, &dns):
		v.cause = "the name " + dns.Name + " was not resolved"
	case errors.As(err, &cert):
		v.cause = "the certificate of " + host + " is not trusted: " + strings.TrimPrefix(oneLine(rootText(err)), "x509: ")
		v.hint = "name the file of its authority with AWS_CA_BUNDLE"
	case errors.Is(err, syscall.ECONNREFUSED):
		v.cause = host + " refuses the connection"
	case errors.As(err, &stalled):
		v.cause = "the answer of " + host + " stalled: " + stalled.Error()
	case errors.As(err, &timeout) && timeout.Timeout():
		v.cause = host + " did not answer in time" + c.tried()
	case isCut(err):
		v.cause = "the answer of " + host + " was cut" + c.tried()
	case errors.Is(err, io.EOF):
		v.cause = host + " ends the connection without an answer" + c.tried()
	case strings.Contains(err.Error(), "server gave HTTP response to HTTPS client"):
		v.cause = host + " speaks HTTP, not HTTPS"
		v.hint = "write the endpoint with http://"
	case u != nil:
		v.cause = host + " can't be reached: " + oneLine(rootText(err))
	default:
		v.kind, v.hint = showback.KindInternal, ""
		v.cause = oneLine(rootText(err))
	}
	return v
}

// isCut reports whether an answer ended before it was whole.
func isCut(err error) bool {
	var syntax *xml.SyntaxError
	return errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, syscall.ECONNRESET) ||
		errors.As(err, &syntax) && strings.Contains(syntax.Msg, "unexpected EOF")
}

var (
	regionName = regexp.MustCompile(`^[a-z]{2,}(-[a-z]+)+-[0-9]+$`)
	expecting  = regexp.MustCompile(`expecting '([a-z0-9-]+)'`)
)

// regionOf returns the region that an error of S3 says the bucket is in; ""
// when it says none.
func regionOf(err error) string {
	resp := answerOf(err)
	if resp == nil {
		return ""
	}
	code, message := apiError(err)
	return regionOfAnswer(resp, code, message)
}

// regionOfAnswer reads the region from the header that S3 sends with redirects
// and, to HEAD, with the bare 400 of a wrong signing region, or from the words of
// AuthorizationHeaderMalformed. (Amazon S3 User Guide, "Making requests using
// the REST API: request redirection", 2026-10.)
func regionOfAnswer(resp *http.Response, code, message string) string {
	switch resp.StatusCode {
	case http.StatusMovedPermanently, http.StatusTemporaryRedirect, http.StatusBadRequest:
	default:
		return ""
	}
	region := resp.Header.Get("X-Amz-Bucket-Region")
	if m := expecting.FindStringSubmatch(message); region == "" && m != nil && code == "AuthorizationHeaderMalformed" {
		region = m[1]
	}
	if !regionName.MatchString(region) {
		return ""
	}
	return region
}

// signed are the parts of a request that prove who sent it, as a server might
// repeat them.
var signed = regexp.MustCompile(`(?i)(X-Amz-(?:Signature|Security-Token|Credential)|Signature|AWSAccessKeyId|SessionToken|SecretAccessKey)(=|%3D|:\s?|>)[^\s&<"',]+`)

// redact takes secrets out of a server's words.
func redact(text string) string {
	return string(bytes.ToValidUTF8([]byte(signed.ReplaceAllString(text, "$1$2…")), []byte("?")))
}
