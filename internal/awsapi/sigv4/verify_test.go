package sigv4

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"showback"
)

func itoa(n int) string { return strconv.Itoa(n) }

// keyring is a Keys in memory.
type keyring map[string]Key

func (k keyring) Key(_ context.Context, id string) (Key, error) {
	key, ok := k[id]
	if !ok {
		return Key{}, showback.Errorf(showback.KindNotFound, "find access key %s: no such key", id)
	}
	return key, nil
}

const (
	userKey    = "AKIAIOSFODNN7EXAMPLE"
	offKey     = "AKIAI44QH8DHBEXAMPLE"
	sessionKey = "ASIAIOSFODNN7EXAMPLE"
	endedKey   = "ASIAI44QH8DHBEXAMPLE"
	secret     = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
	token      = "FwoGZXIvYXdzEXAMPLETOKEN//+=="
)

var now = time.Date(2026, 11, 3, 10, 30, 0, 0, time.UTC)

func isToken(text string) bool { return text == token }

func verifier() *Verifier {
	return &Verifier{Now: func() time.Time { return now }, Keys: keyring{
		userKey:    {Secret: secret, Active: true, Owner: Owner{Type: IAMUser, UserName: "alice"}},
		offKey:     {Secret: secret, Owner: Owner{Type: IAMUser, UserName: "bob"}},
		sessionKey: {Secret: secret, Active: true, HasToken: isToken, Expires: now.Add(time.Hour), Owner: Owner{Type: AssumedRole}},
		endedKey:   {Secret: secret, Active: true, HasToken: isToken, Expires: now, Owner: Owner{Type: AssumedRole}},
	}}
}

// ask is a request that the real signer of the SDK signs.
type ask struct {
	method, target, body string
	header               map[string]string
	key, secret, token   string
	service, region      string
	at                   time.Time
	presign              bool
	hash                 string // instead of the body's digest
}

func (a ask) sign(t testing.TB) *http.Request {
	t.Helper()
	method, target := a.method, a.target
	if method == "" {
		method = http.MethodPost
	}
	if target == "" {
		target = "/"
	}
	r := httptest.NewRequest(method, "http://127.0.0.1:8080"+target, strings.NewReader(a.body))
	r.RequestURI = ""
	for name, value := range a.header {
		r.Header.Set(name, value)
	}
	credentials := aws.Credentials{AccessKeyID: a.key, SecretAccessKey: a.secret, SessionToken: a.token}
	if credentials.AccessKeyID == "" {
		credentials.AccessKeyID = userKey
	}
	if credentials.SecretAccessKey == "" {
		credentials.SecretAccessKey = secret
	}
	service, region, at, hash := a.service, a.region, a.at, a.hash
	if service == "" {
		service = "ce"
	}
	if region == "" {
		region = "us-east-1"
	}
	if at.IsZero() {
		at = now
	}
	if hash == "" {
		hash = bodyHash([]byte(a.body))
	}
	signer := v4.NewSigner()
	if a.presign {
		address, header, err := signer.PresignHTTP(t.Context(), credentials, r, hash, service, region, at)
		if err != nil {
			t.Fatal(err)
		}
		r = httptest.NewRequest(method, address, strings.NewReader(a.body))
		for name, values := range header {
			r.Header[name] = values
		}
		r.Header.Del("Host")
		r.RequestURI = r.URL.RequestURI()
		return r
	}
	if err := signer.SignHTTP(t.Context(), credentials, r, hash, service, region, at); err != nil {
		t.Fatal(err)
	}
	r.RequestURI = r.URL.RequestURI()
	return r
}

func received(t testing.TB, r *http.Request) *Request {
	t.Helper()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return FromHTTP(r, body)
}

var ceRule = Rule{Service: "ce"}

func TestVerifiesWhatTheSDKSigned(t *testing.T) {
	f := func(name string, a ask, rule Rule) {
		t.Helper()
		r := received(t, a.sign(t))
		got, err := verifier().Verify(t.Context(), r, rule)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			return
		}
		if want := a.key; want != "" && got.KeyID != want {
			t.Errorf("%s: signed by %s, want %s", name, got.KeyID, want)
		}
		if got.Presigned != a.presign {
			t.Errorf("%s: presigned %v, want %v", name, got.Presigned, a.presign)
		}
	}
	target := map[string]string{"X-Amz-Target": "AWSInsightsIndexService.GetTags", "Content-Type": "application/x-amz-json-1.1"}
	f("JSON", ask{body: `{"TimePeriod":{}}`, header: target}, ceRule)
	f("no body", ask{header: target}, ceRule)
	f("GET", ask{method: "GET", target: "/?Action=ListUsers&Version=2010-05-08", service: "iam"}, Rule{Service: "iam"})
	f("blanks, escapes and letters in the query", ask{method: "GET", target: "/?b=a%20b&a=%2F%2B&a=&%C3%A9=%E2%82%AC&c", service: "iam"}, Rule{Service: "iam"})
	f("a path", ask{method: "GET", target: "/service/CloudTrail/operation/LookupEvents%20x"}, ceRule)
	f("form", ask{body: "Action=TagUser&Version=2010-05-08", service: "iam",
		header: map[string]string{"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}}, Rule{Service: "iam", Regions: []string{"us-east-1"}})
	f("session", ask{key: sessionKey, token: token, header: target}, ceRule)
	f("another region", ask{region: "eu-central-1"}, ceRule)
	f("any service", ask{service: "budgets"}, Rule{})
	f("fifteen minutes ago", ask{at: now.Add(-Skew)}, ceRule)
	f("fifteen minutes ahead", ask{at: now.Add(Skew)}, ceRule)
	f("blanks in a value", ask{header: map[string]string{"X-Amz-Meta-Note": "  a   b  "}}, ceRule)
	f("digest in a header", ask{body: "x", header: map[string]string{"X-Amz-Content-Sha256": bodyHash([]byte("x"))}}, ceRule)
	f("presigned", ask{method: "GET", target: "/?Action=GetCallerIdentity&Version=2011-06-15", service: "sts", presign: true}, Rule{Service: "sts"})
	f("presigned by a session", ask{method: "GET", target: "/?Action=GetCallerIdentity&Version=2011-06-15&X-Amz-Expires=60", service: "sts",
		presign: true, key: sessionKey, token: token}, Rule{Service: "sts"})
	f("presigned for a day", ask{method: "GET", target: "/?X-Amz-Expires=86400", presign: true, at: now.Add(-24 * time.Hour)}, ceRule)
	f("presigned with a header", ask{method: "GET", target: "/", presign: true, header: map[string]string{"X-K8s-Aws-Id": "cluster"}}, ceRule)
}

// refused checks that a request, once changed, is refused with code and text.
func refused(t *testing.T, name string, a ask, change func(*http.Request), rule Rule, code Code, text string) {
	t.Helper()
	r := a.sign(t)
	if change != nil {
		change(r)
	}
	_, err := verifier().Verify(t.Context(), received(t, r), rule)
	var fault *Error
	if !errors.As(err, &fault) {
		t.Errorf("%s: got %v, want %s", name, err, code)
		return
	}
	if fault.Code != code || !strings.Contains(fault.Message, text) {
		t.Errorf("%s: got %v, want %s: …%s…", name, fault, code, text)
	}
	if strings.Contains(fault.Message, secret) || strings.Contains(fault.Message, token) {
		t.Errorf("%s: the refusal tells a secret: %v", name, fault)
	}
}

func set(name, value string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set(name, value) }
}

func edit(from, to string) func(*http.Request) {
	return func(r *http.Request) {
		was := r.Header.Get("Authorization")
		r.Header.Set("Authorization", strings.Replace(was, from, to, 1))
	}
}

func query(from, to string) func(*http.Request) {
	return func(r *http.Request) { r.RequestURI = strings.Replace(r.RequestURI, from, to, 1) }
}

const wrongSignature = "The request signature we calculated does not match the signature you provided."

func TestRefusesWhatIsNotSigned(t *testing.T) {
	f := func(name string, a ask, change func(*http.Request), code Code, text string) {
		t.Helper()
		refused(t, name, a, change, ceRule, code, text)
	}
	f("no signature", ask{}, func(r *http.Request) { r.Header.Del("Authorization") }, MissingAuthenticationToken, "Request is missing Authentication Token")
	f("basic", ask{}, set("Authorization", "Basic YWxpY2U6eA=="), MissingAuthenticationToken, "missing Authentication Token")
	f("wrong secret", ask{secret: secret + "x"}, nil, SignatureDoesNotMatch, wrongSignature)
	f("no such key", ask{key: "AKIANOBODYHASTHISKEY"}, nil, InvalidClientTokenID, "The security token included in the request is invalid.")
	f("key of no form", ask{key: "AKIA';DROP-TABLE"}, nil, InvalidClientTokenID, "invalid")
	f("key that is off", ask{key: offKey}, nil, InvalidClientTokenID, "invalid")
	f("body", ask{body: `{"a":1}`}, func(r *http.Request) { r.Body = io.NopCloser(strings.NewReader(`{"a":2}`)) }, SignatureDoesNotMatch, wrongSignature)
	f("method", ask{}, func(r *http.Request) { r.Method = "PUT" }, SignatureDoesNotMatch, wrongSignature)
	f("path", ask{}, func(r *http.Request) { r.RequestURI = "/x" }, SignatureDoesNotMatch, wrongSignature)
	f("query", ask{target: "/?a=1"}, query("a=1", "a=2"), SignatureDoesNotMatch, wrongSignature)
	f("host", ask{}, func(r *http.Request) { r.Host = "ce.us-east-1.amazonaws.com" }, SignatureDoesNotMatch, wrongSignature)
	f("signed header", ask{header: map[string]string{"X-Amz-Target": "A.B"}}, set("X-Amz-Target", "A.C"), SignatureDoesNotMatch, wrongSignature)
	f("signature", ask{}, edit("Signature=", "Signature=0"), SignatureDoesNotMatch, wrongSignature)
	f("signature in upper case", ask{}, func(r *http.Request) {
		head, sig, _ := strings.Cut(r.Header.Get("Authorization"), "Signature=")
		r.Header.Set("Authorization", head+"Signature="+strings.ToUpper(sig))
	}, SignatureDoesNotMatch, wrongSignature)
	f("query that is no query", ask{}, func(r *http.Request) { r.RequestURI = "/?a=%zz" }, MalformedQueryString, "syntax error")

	// Sessions.
	f("session without its token", ask{key: sessionKey}, nil, InvalidClientTokenID, "invalid")
	f("session with another token", ask{key: sessionKey, token: "other"}, nil, InvalidClientTokenID, "invalid")
	f("wrong token and secret", ask{key: sessionKey, token: "other", secret: "x"}, nil, InvalidClientTokenID, "invalid")
	f("session with a wrong secret", ask{key: sessionKey, token: token, secret: "x"}, nil, SignatureDoesNotMatch, wrongSignature)
	f("user's key with a token", ask{token: token}, nil, InvalidClientTokenID, "invalid")
	f("session that ended", ask{key: endedKey, token: token}, nil, ExpiredToken, "The security token included in the request is expired")
	f("session presigned without its token", ask{key: sessionKey, presign: true, method: "GET"}, nil, InvalidClientTokenID, "invalid")

	// Times.
	f("stale", ask{at: now.Add(-Skew - time.Second)}, nil, SignatureDoesNotMatch,
		"Signature expired: 20261103T101459Z is now earlier than 20261103T101500Z (20261103T103000Z - 15 min.)")
	f("future", ask{at: now.Add(Skew + time.Second)}, nil, SignatureDoesNotMatch,
		"Signature not yet current: 20261103T104501Z is still later than 20261103T104500Z (20261103T103000Z + 15 min.)")
	f("no date", ask{}, func(r *http.Request) { r.Header.Del("X-Amz-Date") }, IncompleteSignature, "existence of either a 'X-Amz-Date' or a 'Date' header")
	f("date of another form", ask{}, set("X-Amz-Date", "2026-11-03T10:30:00Z"), IncompleteSignature, "Date must be in ISO-8601 'basic format'. Got '2026-11-03T10:30:00Z'")
	f("other date", ask{}, set("X-Amz-Date", "20261103T103001Z"), SignatureDoesNotMatch, wrongSignature)
	f("presigned and over", ask{presign: true, method: "GET", target: "/?X-Amz-Expires=60", at: now.Add(-61 * time.Second)}, nil, RequestExpired, "Request has expired")
	f("presigned, says nothing of its end", ask{presign: true, method: "GET", at: now.Add(-Skew - time.Second)}, nil, RequestExpired, "for 900 seconds")
	f("presigned in the future", ask{presign: true, method: "GET", at: now.Add(Skew + time.Second)}, nil, SignatureDoesNotMatch, "Signature not yet current")
	f("presigned for too long", ask{presign: true, method: "GET", target: "/?X-Amz-Expires=604801"}, nil, IncompleteSignature, "between 1 and 604800")
	f("presigned for no time", ask{presign: true, method: "GET", target: "/?X-Amz-Expires=-5"}, nil, IncompleteSignature, "between 1 and 604800")

	// Scopes.
	f("another service", ask{service: "iam"}, nil, SignatureDoesNotMatch, "Credential should be scoped to correct service: 'ce'.")
	f("date of the scope", ask{}, edit("/20261103/", "/20261102/"), SignatureDoesNotMatch,
		"Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '20261102' != '20261103', from '20261103T103000Z'.")
	f("all of the scope", ask{service: "iam", region: "eu.west"}, edit("aws4_request", "aws5_request"), SignatureDoesNotMatch,
		"Credential should be scoped to a valid region, not 'eu.west'. Credential should be scoped to correct service: 'ce'. Credential should be scoped with a valid terminator")
	f("terminator", ask{}, edit("aws4_request", "aws5_request"), SignatureDoesNotMatch, "with a valid terminator: 'aws4_request', not 'aws5_request'.")
	f("four elements", ask{}, edit("/ce/aws4_request", "/aws4_request"), IncompleteSignature, "Credential must have exactly 5 slash-delimited elements")
	refused(t, "another region", ask{region: "eu-west-1"}, nil, Rule{Service: "ce", Regions: []string{"us-east-1"}}, SignatureDoesNotMatch,
		"Credential should be scoped to a valid region, not 'eu-west-1'.")
	refused(t, "presigned for another service", ask{presign: true, method: "GET", service: "s3"}, nil, ceRule, SignatureDoesNotMatch, "correct service: 'ce'")

	// The form of the header.
	f("no credential", ask{}, edit("Credential=", "Kredential="), IncompleteSignature, "Authorization header requires 'Credential' parameter.")
	f("no parts", ask{}, set("Authorization", "AWS4-HMAC-SHA256"), IncompleteSignature, "'Credential' parameter. Authorization header requires 'Signature' parameter. Authorization header requires 'SignedHeaders' parameter.")
	f("part without a value", ask{}, edit("Signature=", "Signature "), IncompleteSignature, "missing equal-sign")
	f("two credentials", ask{}, edit("Credential=", "Credential=x, Credential="), IncompleteSignature, "'Credential' more than once")
	f("another algorithm", ask{}, edit("AWS4-HMAC-SHA256", "AWS4-ECDSA-P256-SHA256"), IncompleteSignature, "Unsupported AWS 'algorithm': 'AWS4-ECDSA-P256-SHA256'")
	f("endless", ask{}, edit("Signature=", "X="+strings.Repeat("a", maxAuthorization)+", Signature="), IncompleteSignature, "longer than")
	f("header and query", ask{target: "/?X-Amz-Algorithm=AWS4-HMAC-SHA256"}, nil, SignatureDoesNotMatch, "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header.")
	f("presigned, a part missing", ask{presign: true, method: "GET"}, query("X-Amz-Date=", "X-Date="), IncompleteSignature, "AWS query-string parameters must include 'X-Amz-Date'.")
	f("presigned, a part twice", ask{presign: true, method: "GET"}, query("X-Amz-Date=", "X-Amz-Date=20261103T102900Z&X-Amz-Date="), IncompleteSignature, "'X-Amz-Date' more than once")
	f("presigned, token in a header", ask{presign: true, method: "GET", key: sessionKey, token: token}, set("X-Amz-Security-Token", token), IncompleteSignature, "HTTP header of a request that is signed in the query string")
}

func TestRefusesSmuggledHeaders(t *testing.T) {
	f := func(name string, a ask, change func(*http.Request), code Code, text string) {
		t.Helper()
		refused(t, name, a, change, ceRule, code, text)
	}
	target := ask{header: map[string]string{"X-Amz-Target": "AWSInsightsIndexService.GetTags"}}
	f("unsigned target", ask{}, set("X-Amz-Target", "AWSInsightsIndexService.UpdateCostAllocationTagsStatus"), SignatureDoesNotMatch, "'X-Amz-Target' must be a 'SignedHeader' in the AWS Authorization.")
	f("unsigned header of AWS's", target, set("X-Amz-Anything", "x"), SignatureDoesNotMatch, "'X-Amz-Anything' must be a 'SignedHeader'")
	f("unsigned header, presigned", ask{presign: true, method: "GET"}, set("X-Amz-Target", "A.B"), SignatureDoesNotMatch, "'X-Amz-Target' must be a 'SignedHeader'")
	f("second target", target, func(r *http.Request) { r.Header.Add("X-Amz-Target", "AWSInsightsIndexService.GetTags") }, IncompleteSignature, "more than one 'X-Amz-Target' header")
	f("second authorization", ask{}, func(r *http.Request) { r.Header.Add("Authorization", r.Header.Get("Authorization")) }, IncompleteSignature, "2 Authorization headers")
	f("second date", ask{}, func(r *http.Request) { r.Header.Add("X-Amz-Date", "20261103T103000Z") }, IncompleteSignature, "more than one 'X-Amz-Date' header")
	f("second type", ask{header: map[string]string{"Content-Type": "application/x-amz-json-1.1"}},
		func(r *http.Request) { r.Header.Add("Content-Type", "text/plain") }, IncompleteSignature, "more than one 'Content-Type' header")
	f("host is not signed", ask{}, edit("SignedHeaders=host;", "SignedHeaders="), SignatureDoesNotMatch, "'Host' or ':authority' must be a 'SignedHeader'")
	f("date is not signed", ask{}, edit(";x-amz-date", ""), SignatureDoesNotMatch, "'X-Amz-Date' must be a 'SignedHeader'")
	f("unsorted", ask{}, edit("SignedHeaders=host;x-amz-date", "SignedHeaders=x-amz-date;host"), IncompleteSignature, "in lower case, sorted, each once")
	f("twice", ask{}, edit("SignedHeaders=host;", "SignedHeaders=host;host;"), IncompleteSignature, "each once")
	f("line break in a name", ask{}, edit("SignedHeaders=host;", "SignedHeaders=host\n;"), IncompleteSignature, "names of headers")
	f("upper case", ask{}, edit("SignedHeaders=host;", "SignedHeaders=Host;"), IncompleteSignature, "in lower case")
	f("too many", ask{}, edit("SignedHeaders=host;", "SignedHeaders=host;"+manyNames()), IncompleteSignature, "More than 100 signed headers")

	// Markers by which Amazon S3 lets a body be signed in pieces, or not at all.
	for _, marker := range []string{"UNSIGNED-PAYLOAD", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"} {
		f(marker, ask{body: "x", hash: marker, header: map[string]string{"X-Amz-Content-Sha256": marker}}, nil, SignatureDoesNotMatch, "The body must be signed")
	}
	f("signed as unsigned", ask{body: "x", hash: "UNSIGNED-PAYLOAD"}, nil, SignatureDoesNotMatch, wrongSignature)
	f("presigned as unsigned", ask{presign: true, body: "x", hash: "UNSIGNED-PAYLOAD"}, nil, SignatureDoesNotMatch, wrongSignature)
	f("digest of another body", ask{body: "x", header: map[string]string{"X-Amz-Content-Sha256": bodyHash(nil)}}, nil, SignatureDoesNotMatch, "does not match what was computed")
	f("digest that is none", ask{body: "x", header: map[string]string{"X-Amz-Content-Sha256": "x"}}, nil, SignatureDoesNotMatch, "must be the SHA-256")
	f("chunked", ask{body: "x", header: map[string]string{"Content-Encoding": "gzip, aws-chunked"}}, nil, SignatureDoesNotMatch, "aws-chunked")
}

func manyNames() string {
	var b bytes.Buffer
	for i := range maxSigned {
		b.WriteString("i" + strconv.Itoa(1000+i) + ";")
	}
	return b.String()
}

func TestDateHeaderStandsIn(t *testing.T) {
	for _, form := range []string{"20261103T103000Z", "Tue, 03 Nov 2026 10:30:00 GMT"} {
		r := &Request{Method: "GET", Path: "/", Host: "127.0.0.1:8080", Header: http.Header{"Date": {form}}}
		scope := Scope{"20261103", "us-east-1", "ce"}
		names := []string{"date", "host"}
		sign := func() {
			sig := signature(secret, scope, stringToSign("20261103T103000Z", scope, canonicalRequest(r, nil, names, false)))
			r.Header.Set("Authorization", algorithm+" Credential="+userKey+"/"+scope.String()+",SignedHeaders="+strings.Join(names, ";")+",Signature="+sig)
		}
		sign()
		if _, err := verifier().Verify(t.Context(), r, ceRule); err != nil {
			t.Errorf("%s: %v", form, err)
		}
		names = names[1:]
		sign()
		if _, err := verifier().Verify(t.Context(), r, ceRule); err == nil {
			t.Errorf("%s: taken without being signed", form)
		}
	}
}

// A lookup that fails is no refusal: the client may be right.
func TestKeysThatCannotBeRead(t *testing.T) {
	want := showback.Errorf(showback.KindUnavailable, "read keys: locked")
	v := verifier()
	v.Keys = broken{want}
	_, err := v.Verify(t.Context(), received(t, ask{}.sign(t)), ceRule)
	var fault *Error
	if !errors.Is(err, want) || errors.As(err, &fault) {
		t.Errorf("got %v, want %v", err, want)
	}
}

type broken struct{ err error }

func (b broken) Key(context.Context, string) (Key, error) { return Key{}, b.err }

func TestClaimedScope(t *testing.T) {
	for _, presign := range []bool{false, true} {
		r := received(t, ask{method: "GET", service: "sts", region: "eu-west-1", presign: presign}.sign(t))
		got, ok := ClaimedScope(r)
		if want := (Scope{"20261103", "eu-west-1", "sts"}); !ok || got != want {
			t.Errorf("presigned %v: got %v, %v, want %v", presign, got, ok, want)
		}
		if !IsSigned(r) {
			t.Errorf("presigned %v: not taken for signed", presign)
		}
	}
	plain := &Request{Method: "GET", Path: "/", Header: http.Header{}}
	if _, ok := ClaimedScope(plain); ok || IsSigned(plain) {
		t.Error("a plain request claims a scope")
	}
}
