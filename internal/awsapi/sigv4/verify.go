package sigv4

import (
	"context"
	"crypto/subtle"
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"showback"
)

const (
	// Skew is how far a request's time may be from ours, to either side, and
	// how long one lasts that is signed in its query string and does not say.
	// (AWS, "Troubleshoot Signature Version 4 signing", 2026-09.)
	Skew = 15 * time.Minute

	// maxPresigned is the longest that a request signed in its query string may
	// last: seven days. (AWS, "Authenticating Requests: Using Query Parameters",
	// 2026-09.)
	maxPresigned = 7 * 24 * time.Hour
)

// Verifier checks requests. Its methods may be called at once.
type Verifier struct {
	Keys Keys
	Now  func() time.Time
}

// Rule is what a request must be scoped to.
type Rule struct {
	Service string // empty for any
	// Regions are those in which the service is; none for any.
	Regions []string
}

// Signed is a request whose signature is right.
type Signed struct {
	KeyID string
	Key   Key
	Scope Scope
	// Presigned is set for a signature in the query string.
	Presigned bool
}

// Verify checks a request's signature. A refusal is an *Error; any other error
// is of the keys, which could not be read.
//
// A request that was captured can be sent again until its time runs out, as
// with AWS: what it must not do twice, an operation sees to.
func (v *Verifier) Verify(ctx context.Context, r *Request, rule Rule) (Signed, error) {
	pairs, err := ParsePairs(r.Query, maxPairs)
	if err != nil {
		return Signed{}, err
	}
	c, err := parse(r, pairs)
	if err != nil {
		return Signed{}, err
	}
	if err := c.timely(v.Now().UTC()); err != nil {
		return Signed{}, err
	}
	if err := c.covers(r); err != nil {
		return Signed{}, err
	}
	if c.algorithm != algorithm {
		return Signed{}, refuse(IncompleteSignature, "Unsupported AWS 'algorithm': '%s' (only %s for now).", clip(c.algorithm), algorithm)
	}
	if err := c.scoped(rule); err != nil {
		return Signed{}, err
	}
	key, err := v.key(ctx, c)
	if err != nil {
		return Signed{}, err
	}
	text := stringToSign(c.atText, c.scope, canonicalRequest(r, pairs, c.signed, c.presigned))
	want := signature(key.Secret, c.scope, text)
	if subtle.ConstantTimeCompare([]byte(want), []byte(c.signature)) != 1 {
		return Signed{}, mismatch()
	}
	return Signed{KeyID: c.keyID, Key: key, Scope: c.scope, Presigned: c.presigned}, nil
}

// timely refuses what was signed too long ago or is dated too far ahead.
func (c *claim) timely(now time.Time) error {
	switch {
	case c.at.After(now.Add(Skew)):
		return notYet(c.at, now)
	case c.presigned:
		if now.After(c.at.Add(c.lasts)) {
			return refuse(RequestExpired, "Request has expired. It was signed at %s for %d seconds, and it is %s.",
				c.at.Format(stamp), c.lasts/time.Second, now.Format(stamp))
		}
	case c.at.Before(now.Add(-Skew)):
		return expired(c.at, now)
	}
	return nil
}

// covers refuses a request of which a part that decides what it means is not
// signed, comes twice, or is not what the signature says of the body.
func (c *claim) covers(r *Request) error {
	if !slices.Contains(c.signed, "host") {
		return unsigned("Host' or ':authority")
	}
	for name, values := range r.Header {
		lower := strings.ToLower(name)
		if !strings.HasPrefix(lower, "x-amz-") {
			continue
		}
		if len(values) > 1 {
			return refuse(IncompleteSignature, "The request has more than one '%s' header.", name)
		}
		// Some services take the token in a header that was added after signing
		// (readme of AWS's test suite, post-sts-header-after). It changes nothing:
		// a token is good with the secret of its own session only.
		if lower != "x-amz-security-token" && !slices.Contains(c.signed, lower) {
			return unsigned(name)
		}
	}
	if err := once(r.Header, "Content-Type", "Content-Encoding", "Content-Length"); err != nil {
		return err
	}
	return bodyMarker(r)
}

// bodyMarker refuses a body that its header says is something else, or not signed.
func bodyMarker(r *Request) error {
	marker := r.Header.Get("X-Amz-Content-Sha256")
	switch {
	case marker == "":
	case marker == "UNSIGNED-PAYLOAD" || strings.HasPrefix(marker, "STREAMING-"):
		return refuse(SignatureDoesNotMatch, "The body must be signed: x-amz-content-sha256 is '%s', which is for Amazon S3 only.", clip(marker))
	case len(marker) != 64 || !isHex(marker):
		return refuse(SignatureDoesNotMatch, "x-amz-content-sha256 must be the SHA-256 of the body in hexadecimal.")
	case marker != bodyHash(r.Body):
		return refuse(SignatureDoesNotMatch, "The provided 'x-amz-content-sha256' header does not match what was computed.")
	}
	if slices.ContainsFunc(strings.Split(r.Header.Get("Content-Encoding"), ","), func(s string) bool {
		return strings.EqualFold(strings.TrimSpace(s), "aws-chunked")
	}) {
		return refuse(SignatureDoesNotMatch, "The body must be signed whole: content-encoding aws-chunked is for Amazon S3 only.")
	}
	return nil
}

// scoped refuses a signature made for something else, and says all that is
// wrong with its scope at once.
func (c *claim) scoped(rule Rule) error {
	var wrong []string
	if !regionForm(c.scope.Region) || len(rule.Regions) > 0 && !slices.Contains(rule.Regions, c.scope.Region) {
		wrong = append(wrong, "Credential should be scoped to a valid region, not '"+clip(c.scope.Region)+"'.")
	}
	if rule.Service != "" && c.scope.Service != rule.Service {
		wrong = append(wrong, "Credential should be scoped to correct service: '"+rule.Service+"'.")
	}
	if c.last != terminator {
		wrong = append(wrong, "Credential should be scoped with a valid terminator: '"+terminator+"', not '"+clip(c.last)+"'.")
	}
	if day := c.atText[:8]; c.scope.Date != day {
		wrong = append(wrong, "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '"+
			clip(c.scope.Date)+"' != '"+day+"', from '"+c.atText+"'.")
	}
	if len(wrong) > 0 {
		return refuse(SignatureDoesNotMatch, "%s", strings.Join(wrong, " "))
	}
	return nil
}

// key looks the key up. A token that is not the key's own is told before the
// signature is looked at, as AWS STS does it (measured July 2026 by a public
// compatibility suite); so is one that has expired.
func (v *Verifier) key(ctx context.Context, c claim) (Key, error) {
	if !keyForm(c.keyID) {
		return Key{}, invalidToken()
	}
	key, err := v.Keys.Key(ctx, c.keyID)
	if showback.KindOf(err) == showback.KindNotFound && err != nil {
		return Key{}, invalidToken()
	}
	if err != nil {
		return Key{}, err
	}
	switch {
	case !key.Active || key.Secret == "",
		key.HasToken == nil && c.token != "",
		key.HasToken != nil && !key.HasToken(c.token):
		return Key{}, invalidToken()
	case !key.Expires.IsZero() && !v.Now().Before(key.Expires):
		return Key{}, refuse(ExpiredToken, "The security token included in the request is expired")
	}
	return key, nil
}

// keyForm reports whether a text can be an access key id. (botocore 1.43, iam:
// accessKeyIdType, 16 to 128 of \w; AWS's own examples are shorter.)
func keyForm(id string) bool { return word(id, 128, false) }

func regionForm(region string) bool { return word(region, 64, true) }

func word(text string, most int, hyphen bool) bool {
	if text == "" || len(text) > most {
		return false
	}
	for i := range len(text) {
		c := text[i]
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '_' && (!hyphen || c != '-') {
			return false
		}
	}
	return true
}

func isHex(text string) bool {
	_, err := hex.DecodeString(text)
	return err == nil && text == strings.ToLower(text)
}

// clip keeps what a client sent from filling a message.
func clip(text string) string {
	if len(text) > 128 {
		return strings.ToValidUTF8(text[:128], "") + "…"
	}
	return text
}
