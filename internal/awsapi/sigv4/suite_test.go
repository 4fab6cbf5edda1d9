package sigv4

import (
	"bufio"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// suiteKey is the key of AWS's test suite. ("Signature Version 4 test suite",
// AWS General Reference, 2019, as botocore keeps it.)
const (
	suiteKey    = "AKIDEXAMPLE"
	suiteSecret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
)

var suiteTime = time.Date(2015, 8, 30, 12, 36, 0, 0, time.UTC)

// suite returns the folder of AWS's test suite; the test is skipped where it is
// not beside the checkout.
func suite(t testing.TB) string {
	t.Helper()
	dir := "../../../../shared/samples/aws-sigv4-testsuite"
	if _, err := os.Stat(dir); err != nil {
		t.Skip("no ../shared/samples/aws-sigv4-testsuite beside the checkout")
	}
	return dir
}

// rawRequest reads a request as the suite writes it: unescaped blanks and
// letters in its target, headers folded over lines, no blank line at its end.
func rawRequest(t testing.TB, text string) *Request {
	t.Helper()
	text = strings.ReplaceAll(text, "\r\n", "\n")
	head, body, _ := strings.Cut(text, "\n\n")
	lines := strings.Split(head, "\n")
	first, last := strings.Index(lines[0], " "), strings.LastIndex(lines[0], " ")
	r := &Request{Method: lines[0][:first], Header: http.Header{}, Body: []byte(body), Length: int64(len(body))}
	r.Path, r.Query, _ = strings.Cut(lines[0][first+1:last], "?")
	var name string
	for _, line := range lines[1:] {
		if line == "" {
			continue
		}
		if line[0] == ' ' {
			values := r.Header[name]
			values[len(values)-1] += " " + line
			continue
		}
		n, value, _ := strings.Cut(line, ":")
		name = http.CanonicalHeaderKey(n)
		r.Header.Add(name, value)
	}
	r.Host = strings.TrimSpace(r.Header.Get("Host"))
	r.Header.Del("Host")
	return r
}

func suiteVerifier(r *Request) *Verifier {
	key := Key{Secret: suiteSecret, Active: true}
	if token := r.Header.Get("X-Amz-Security-Token"); token != "" {
		key.HasToken = func(text string) bool { return text == token }
	}
	return &Verifier{Keys: keyring{suiteKey: key}, Now: func() time.Time { return suiteTime }}
}

func TestAWSTestSuite(t *testing.T) {
	dir := suite(t)
	cases, overHTTP := 0, 0
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".req") {
			return err
		}
		cases++
		base := strings.TrimSuffix(path, ".req")
		name, _ := filepath.Rel(dir, base)
		t.Run(name, func(t *testing.T) {
			read := func(suffix string) string {
				text, err := os.ReadFile(base + suffix)
				if err != nil {
					t.Fatal(err)
				}
				return strings.ReplaceAll(string(text), "\r\n", "\n")
			}
			signed, authorization := read(".sreq"), read(".authz")
			if !strings.Contains(signed, authorization) {
				// get-vanilla-with-session-token: its .sreq has digits of other cases.
				t.Log("rule: where .sreq and .authz have different signatures, .authz holds")
			}
			r := rawRequest(t, signed)
			r.Header.Set("Authorization", authorization)

			pairs, err := ParsePairs(r.Query, maxPairs)
			if err != nil {
				t.Fatal(err)
			}
			c, err := parse(r, pairs)
			if err != nil {
				t.Fatal(err)
			}
			canonical := canonicalRequest(r, pairs, c.signed, false)
			if diff := cmp.Diff(read(".creq"), canonical); diff != "" {
				t.Errorf("canonical request (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(read(".sts"), stringToSign(c.atText, c.scope, canonical)); diff != "" {
				t.Errorf("string to sign (-want +got):\n%s", diff)
			}
			rule := Rule{Service: "service", Regions: []string{"us-east-1"}}
			if _, err := suiteVerifier(r).Verify(t.Context(), r, rule); err != nil {
				t.Errorf("verify: %v", err)
			}
			r.Method = "PUT"
			if _, err := suiteVerifier(r).Verify(t.Context(), r, rule); err == nil {
				t.Error("the signature holds for another method, too")
			}

			received, err := http.ReadRequest(bufio.NewReader(strings.NewReader(crlf(signed))))
			if err != nil {
				t.Logf("rule: not sent over HTTP, since net/http takes no such request line: %v", err)
				return
			}
			overHTTP++
			received.Header.Set("Authorization", authorization)
			body, err := io.ReadAll(received.Body)
			if err != nil {
				t.Fatal(err)
			}
			got := FromHTTP(received, body)
			if _, err := suiteVerifier(got).Verify(t.Context(), got, rule); err != nil {
				t.Errorf("verify what net/http read: %v", err)
			}
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d cases of AWS's suite, %d of them through net/http as well", cases, overHTTP)
	if cases < 34 {
		t.Errorf("got %d cases, want the suite's 34", cases)
	}
}

// crlf writes a request of the suite as HTTP has it on the wire.
func crlf(text string) string {
	head, body, _ := strings.Cut(text, "\n\n")
	head = strings.ReplaceAll(head, "\n", "\r\n")
	if body != "" && !strings.Contains(strings.ToLower(head), "content-length:") {
		// The suite's bodies have no length on the wire; HTTP must have one. It is
		// not signed.
		head += "\r\nContent-Length: " + itoa(len(body))
	}
	return head + "\r\n\r\n" + body
}
