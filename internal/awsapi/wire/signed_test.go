package wire

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"showback"
	"showback/internal/awsapi/sigv4"
)

const (
	testKey    = "AKIAIOSFODNN7EXAMPLE"
	testSecret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
)

var testTime = time.Date(2026, 11, 3, 10, 30, 0, 0, time.UTC)

type oneKey struct{}

func (oneKey) Key(_ context.Context, id string) (sigv4.Key, error) {
	if id != testKey {
		return sigv4.Key{}, showback.Errorf(showback.KindNotFound, "find key: none")
	}
	return sigv4.Key{Secret: testSecret, Active: true, Owner: sigv4.Owner{
		Type: sigv4.IAMUser, Account: "111122223333", ARN: "arn:aws:iam::111122223333:user/alice", PrincipalID: "AIDACKCEVSQ6C2EXAMPLE", UserName: "alice",
	}}, nil
}

func testVerifier() *sigv4.Verifier {
	return &sigv4.Verifier{Keys: oneKey{}, Now: func() time.Time { return testTime }}
}

// signed signs a request for a service with the signer of AWS's SDK.
func signed(t testing.TB, r *http.Request, service string) *http.Request {
	t.Helper()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(body)
	target := r.RequestURI
	r.Body, r.RequestURI = io.NopCloser(bytes.NewReader(body)), ""
	credentials := aws.Credentials{AccessKeyID: testKey, SecretAccessKey: testSecret}
	if err := v4.NewSigner().SignHTTP(t.Context(), credentials, r, hex.EncodeToString(sum[:]), service, "us-east-1", testTime); err != nil {
		t.Fatal(err)
	}
	if target != "" && target[0] == '/' {
		r.RequestURI = target
	} else {
		r.RequestURI = r.URL.RequestURI()
	}
	return r
}
