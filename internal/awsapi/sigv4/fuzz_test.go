package sigv4

import (
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// FuzzVerify: whatever is sent, the answer is a refusal or the signature of the
// one key, and no refusal holds what only the server knows.
func FuzzVerify(f *testing.F) {
	f.Add("POST", "/", "", "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20261103/us-east-1/ce/aws4_request, SignedHeaders=host;x-amz-date, Signature=00", "20261103T103000Z", "", []byte("{}"))
	f.Add("GET", "/a/../b//", "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20261103%2Fus-east-1%2Fce%2Faws4_request&X-Amz-Date=20261103T103000Z&X-Amz-SignedHeaders=host&X-Amz-Signature=00&X-Amz-Expires=60", "", "", "t", []byte{})
	f.Add("GET", "", "a=%", "AWS4- =,=", "x", "", []byte(nil))
	if signed, err := filepath.Glob("../../../../shared/samples/aws-sigv4-testsuite/*/*.authz"); err == nil {
		for _, path := range signed {
			if text, err := os.ReadFile(path); err == nil {
				f.Add("GET", "/", "Param1=value1", string(text), "20150830T123600Z", "", []byte(nil))
			}
		}
	}
	f.Fuzz(func(t *testing.T, method, path, query, authorization, date, token string, body []byte) {
		r := &Request{Method: method, Path: path, Query: query, Host: "h", Header: http.Header{}, Body: body, Length: int64(len(body))}
		for name, value := range map[string]string{"Authorization": authorization, "X-Amz-Date": date, "X-Amz-Security-Token": token} {
			if value != "" {
				r.Header.Set(name, value)
			}
		}
		got, err := verifier().Verify(t.Context(), r, Rule{})
		var fault *Error
		switch {
		case err == nil:
			if want := verifier().Keys.(keyring)[got.KeyID]; want.Secret != got.Key.Secret {
				t.Errorf("accepted for a key that is not there: %s", got.KeyID)
			}
		case !errors.As(err, &fault):
			t.Errorf("got %v, want a fault", err)
		case strings.Contains(fault.Message, secret) || fault.Message == "" || fault.Code == "":
			t.Errorf("refused with %v", fault)
		}
		if scope, ok := ClaimedScope(r); ok && strings.Contains(scope.Service, "/") {
			t.Errorf("scope %v", scope)
		}
	})
}

// FuzzParsePairs: what is split and written down again splits into the same.
func FuzzParsePairs(f *testing.F) {
	f.Add("a=1&b=2&&c&=d&a=%20+%2B")
	f.Add("Action=TagUser&Tags.member.1.Key=team&Tags.member.1.Value=%E2%82%AC")
	f.Fuzz(func(t *testing.T, text string) {
		pairs, err := ParsePairs(text, 100)
		if err != nil {
			return
		}
		if len(pairs) > 100 {
			t.Fatalf("%d pairs", len(pairs))
		}
		again, err := ParsePairs(canonicalQuery(pairs, false), 200)
		if err != nil {
			t.Fatal(err)
		}
		if canonicalQuery(again, false) != canonicalQuery(pairs, false) {
			t.Errorf("%q: %q, then %q", text, pairs, again)
		}
	})
}

// FuzzCanonicalPath: a path in canonical form has no dot segment and no empty one.
func FuzzCanonicalPath(f *testing.F) {
	for _, path := range []string{"/", "", "/a/../..//b/.", "/%2e%2e/", "/é b/", "../x"} {
		f.Add(path)
	}
	f.Fuzz(func(t *testing.T, path string) {
		got := canonicalPath(path)
		if !strings.HasPrefix(got, "/") || strings.Contains(got, "//") || strings.Contains(got+"/", "/../") || strings.Contains(got+"/", "/./") {
			t.Errorf("%q: %q", path, got)
		}
	})
}
