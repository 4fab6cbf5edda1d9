package blob

import (
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"showback"
	"showback/internal/blob/blobtest"
)

func TestErrorsOfReading(t *testing.T) {
	srv, c := serve(t, quick)
	srv.Put("bills", "exp/a", []byte("abc"))
	o := stat(t, c, "bills", "exp/a")
	get := blobtest.On{Op: blobtest.Get}
	f := func(fault blobtest.Fault, kind showback.Kind, text, hint string) {
		t.Helper()
		srv.Heal()
		srv.Fail(get, blobtest.Always, fault)
		text = "read s3://bills/exp/a: " + text
		_, err := c.Read(t.Context(), "bills", o, 100)
		wantError(t, err, kind, text, hint)
		_, _, _, err = fetchTo(t, c, "bills", o)
		wantError(t, err, kind, text, hint)
	}
	lacks := "access denied: the credentials lack s3:GetObject on arn:aws:s3:::bills/exp/a"
	f(blobtest.AccessDenied(), showback.KindDenied, lacks, "--request-payer requester")
	f(blobtest.AccessDenied(), showback.KindDenied, lacks, "allow s3:GetObject on it; where s3:ListBucket is not allowed")
	f(blobtest.Status(403, "AccessDenied", "User: arn:aws:iam::111122223333:user/alice is not authorized to perform: s3:GetObject because no identity-based policy allows it."),
		showback.KindDenied, lacks+" (S3: User: arn:aws:iam::111122223333:user/alice is not authorized to perform: s3:GetObject because no identity-based policy allows it)", "allow s3:GetObject")
	f(blobtest.Status(403, "AccessDenied", "User is not authorized to perform: kms:Decrypt on resource: arn:aws:kms:us-east-1:111122223333:key/1"),
		showback.KindDenied, lacks+", or kms:Decrypt on the key that encrypts it (S3: User is not authorized to perform: kms:Decrypt on resource: arn:aws:kms:us-east-1:111122223333:key/1)", "allow kms:Decrypt")
	f(blobtest.Status(404, "NoSuchKey", ""), showback.KindNotFound, "there is no such object", "aws s3 ls shows what is")
	f(blobtest.Status(404, "NoSuchBucket", ""), showback.KindNotFound, `there is no bucket "bills"`, "S3 console")
	f(blobtest.SlowDown(), showback.KindThrottled, "S3 asks to slow down, after 5 attempts", "what was fetched is kept")
	f(blobtest.Status(429, "", ""), showback.KindThrottled, "S3 asks to slow down, after 5 attempts", "what was fetched is kept")
	f(blobtest.InternalError(), showback.KindUnavailable,
		"S3 answers 500 InternalError: We encountered an internal error. Please try again, after 5 attempts", "try again later")
	f(blobtest.Status(503, "ServiceUnavailable", "Reduce"), showback.KindUnavailable, "S3 answers 503 ServiceUnavailable: Reduce, after 5 attempts", "try again later")
	f(blobtest.Status(403, "", ""), showback.KindDenied, lacks, "allow s3:GetObject on it")
	f(blobtest.Status(403, "InvalidObjectState", ""), showback.KindUnavailable,
		"the object is archived and must be restored before it can be read", "restore-object")
	f(blobtest.Status(400, "ExpiredToken", "The provided token has expired."), showback.KindDenied,
		"the credentials have expired or their session token is wrong (ExpiredToken)", "log in again")
	f(blobtest.Status(403, "InvalidAccessKeyId", ""), showback.KindDenied, "S3 does not know the access key (InvalidAccessKeyId)", "aws configure list")
	f(blobtest.Status(403, "SignatureDoesNotMatch", ""), showback.KindDenied,
		"the secret key does not belong to the access key (SignatureDoesNotMatch)", "copy the secret key again")
	f(blobtest.Status(400, "Whatever", "Do  it\nbetter."), showback.KindInvalid, "S3 answers 400 Whatever: Do it better", "")
	f(blobtest.HangUp(), showback.KindUnavailable, c.host("bills")+" ends the connection without an answer, after 5 attempts", "can be reached from here")
}

func TestSilence(t *testing.T) {
	srv, c := serve(t, Options{MaxBackoff: time.Millisecond, Stall: 100 * time.Millisecond, Attempts: 2})
	srv.Put("bills", "a", nil)
	srv.Fail(blobtest.On{}, blobtest.Always, blobtest.Silence())
	_, err := c.List(t.Context(), Location{Bucket: "bills"})
	wantError(t, err, showback.KindUnavailable, "list s3://bills: "+c.host("bills")+" did not answer in time, after 2 attempts", "can be reached from here")
	if n := srv.Counts().Of(blobtest.On{}).Requests; n != 2 {
		t.Errorf("got %d requests, want 2", n)
	}
}

func TestArchived(t *testing.T) {
	srv, c := serve(t, quick)
	srv.Put("bills", "a", []byte("abc"), blobtest.Class("GLACIER"))
	objects, err := c.List(t.Context(), Location{Bucket: "bills"})
	if err != nil || objects[0].StorageClass != "GLACIER" {
		t.Fatalf("got %+v, %v", objects, err)
	}
	_, err = c.Read(t.Context(), "bills", objects[0], 10)
	wantError(t, err, showback.KindUnavailable, "read s3://bills/a: the object is archived and must be restored before it can be read", "restore-object")
}

func TestErrorsOfListing(t *testing.T) {
	srv, c := serve(t, quick)
	srv.Put("bills", "exp/a", nil)
	srv.Fail(blobtest.On{Op: blobtest.List}, blobtest.Always, blobtest.AccessDenied())
	_, err := c.List(t.Context(), Location{"bills", "exp"})
	wantError(t, err, showback.KindDenied,
		"list s3://bills/exp: access denied: the credentials lack s3:ListBucket on arn:aws:s3:::bills", "in the bucket's policy too")
	_, err = open(t, Options{Region: "cn-north-1"}).List(t.Context(), Location{"bills", "exp"})
	wantError(t, err, showback.KindDenied,
		"list s3://bills/exp: access denied: the credentials lack s3:ListBucket on arn:aws-cn:s3:::bills", "in the bucket's policy too")
	point := "arn:aws:s3:us-east-1:111122223333:accesspoint/bills-ap"
	if got, want := c.resource(reading(point, "exp/a")), point+"/object/exp/a"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// Faults that pass are not seen.
func TestRetries(t *testing.T) {
	srv, c := serve(t, quick)
	srv.Put("bills", "a", []byte("abc"))
	o := stat(t, c, "bills", "a")
	get := blobtest.On{Op: blobtest.Get}
	for _, fault := range []blobtest.Fault{
		blobtest.SlowDown(), blobtest.InternalError(), blobtest.HangUp(), blobtest.Status(429, "", ""),
	} {
		srv.Fail(get, 1, fault)
	}
	got, err := c.Read(t.Context(), "bills", o, 3)
	if err != nil || string(got) != "abc" {
		t.Errorf("got %q, %v", got, err)
	}
	if n := srv.Counts().Of(get).Requests; n != 5 {
		t.Errorf("got %d requests, want 5", n)
	}
}

func TestNetworkErrors(t *testing.T) {
	srv := blobtest.Serve(t)
	srv.Setenv(t)
	f := func(endpoint, text, hint string) {
		t.Helper()
		opts := quick
		opts.EndpointURL = endpoint
		_, err := open(t, opts).List(t.Context(), Location{Bucket: "bills"})
		wantError(t, err, showback.KindUnavailable, "list s3://bills: "+text, hint)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed := listener.Addr().String()
	listener.Close()
	f("http://"+closed, closed+" refuses the connection", "see that "+closed+" can be reached")
	host := strings.TrimPrefix(srv.URL, "http://")
	f("https://"+host, host+" speaks HTTP, not HTTPS", "http://")

	opts := quick
	opts.EndpointURL = ""
	opts.transport = roundTrip(func(r *http.Request) (*http.Response, error) {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{Err: "no such host", Name: r.URL.Hostname(), IsNotFound: true}}
	})
	t.Setenv("AWS_ENDPOINT_URL", "")
	_, err = open(t, opts).List(t.Context(), Location{Bucket: "bills"})
	wantError(t, err, showback.KindUnavailable, "list s3://bills: there is no host bills.s3.us-east-1.amazonaws.com", "see that bills.s3.us-east-1.amazonaws.com can be reached")
}

func TestRegions(t *testing.T) {
	for _, status := range []int{301, 307, 400} {
		srv, c := serve(t, quick)
		srv.Put("bills", "exp/a", []byte("abc"))
		srv.SetRegion("bills", "eu-central-1", status)
		objects, err := c.List(t.Context(), Location{Bucket: "bills"})
		if err != nil {
			t.Errorf("%d: %v", status, err)
			continue
		}
		if _, err := c.Read(t.Context(), "bills", objects[0], 10); err != nil {
			t.Errorf("%d: %v", status, err)
		}
		var regions []string
		for _, r := range srv.Requests() {
			regions = append(regions, r.Region)
		}
		if got := strings.Join(regions, " "); got != "us-east-1 eu-central-1 eu-central-1" {
			t.Errorf("%d: requests signed for %s, want one for us-east-1 and then eu-central-1", status, got)
		}
		// HEAD has no body to learn from.
		if _, err := open(t, quick).Stat(t.Context(), "bills", "exp/a"); err != nil {
			t.Errorf("%d: %v", status, err)
		}
	}
}

func TestRegionsNotFollowed(t *testing.T) {
	srv, c := serve(t, quick)
	srv.Put("bills", "a", nil)
	all := blobtest.On{}
	f := func(fault blobtest.Fault, text, hint string) {
		t.Helper()
		srv.Heal()
		srv.Fail(all, blobtest.Always, fault)
		_, err := c.List(t.Context(), Location{Bucket: "bills"})
		wantError(t, err, showback.KindInvalid, "list s3://bills: "+text, hint)
	}
	f(blobtest.Status(301, "PermanentRedirect", ""), "the bucket is in another region, which the answer does not name", "--region")
	f(blobtest.Status(301, "PermanentRedirect", "").With("X-Amz-Bucket-Region", "evil.example.com/"), "the bucket is in another region, which the answer does not name", "--region")
	f(blobtest.Status(307, "TemporaryRedirect", "").With("Location", "http://elsewhere.example.com/bills"), "the server sends the request on to elsewhere.example.com", "--endpoint-url")
	f(blobtest.Status(301, "PermanentRedirect", "").With("X-Amz-Bucket-Region", "eu-west-1"),
		"the bucket is in eu-west-1, and S3 there does not answer a request signed for eu-west-1", "give --region eu-west-1")
}

func TestClock(t *testing.T) {
	srv, c := serve(t, quick)
	srv.Put("bills", "a", nil)
	// The SDK takes the server's time when its own is far off.
	srv.SetClock(func() time.Time { return time.Now().Add(-3 * time.Hour) })
	if _, err := c.List(t.Context(), Location{Bucket: "bills"}); err != nil {
		t.Errorf("a clock of 3 hours ago: %v", err)
	}
	if n := srv.Counts().Of(blobtest.On{}).Requests; n != 2 {
		t.Errorf("got %d requests, want one more", n)
	}
	srv.SetClock(nil)
	srv.Fail(blobtest.On{}, blobtest.Always,
		blobtest.Status(403, "RequestTimeTooSkewed", "").With("Date", "Sun, 01 Nov 2026 12:00:00 GMT"))
	opts := quick
	_, err := open(t, opts).List(t.Context(), Location{Bucket: "bills"})
	wantError(t, err, showback.KindInvalid, "list s3://bills: the local clock is too far from the server's (RequestTimeTooSkewed): the server's time is 2026-11-01T12:00:00Z", "set the clock")
	opts.Now = func() time.Time { return time.Date(2026, 11, 1, 8, 30, 0, 0, time.UTC) }
	_, err = open(t, opts).List(t.Context(), Location{Bucket: "bills"})
	wantError(t, err, showback.KindInvalid,
		"list s3://bills: the local clock is too far from the server's (RequestTimeTooSkewed): the server's time is 2026-11-01T12:00:00Z, the local 2026-11-01T08:30:00Z", "set the clock")
}

func TestRequesterPays(t *testing.T) {
	srv, c := serve(t, quick)
	srv.Put("bills", "exp/a", []byte("abc"))
	srv.RequesterPays("bills")
	_, err := c.List(t.Context(), Location{Bucket: "bills"})
	wantError(t, err, showback.KindDenied, "list s3://bills: access denied: the credentials lack s3:ListBucket on arn:aws:s3:::bills", "--request-payer requester")
	opts := quick
	opts.RequesterPays = true
	c = open(t, opts)
	objects, err := c.List(t.Context(), Location{Bucket: "bills"})
	if err != nil {
		t.Fatal(err)
	}
	stat(t, c, "bills", "exp/a")
	if _, _, _, err := fetchTo(t, c, "bills", objects[0]); err != nil {
		t.Error(err)
	}
}

func TestExpectedOwner(t *testing.T) {
	srv, _ := serve(t, quick)
	srv.Put("bills", "exp/a", []byte("abc"))
	for owner, want := range map[string]showback.Kind{blobtest.Owner: "", "444455556666": showback.KindDenied} {
		c := open(t, Options{ExpectedOwner: owner})
		_, err := c.List(t.Context(), Location{Bucket: "bills"})
		if err == nil != (want == "") || err != nil && showback.KindOf(err) != want {
			t.Errorf("%s: got %v", owner, err)
		}
	}
}

// No error repeats what proves who we are, whatever a server writes.
func TestErrorsKeepSecrets(t *testing.T) {
	srv := blobtest.Serve(t)
	srv.Setenv(t)
	t.Setenv("AWS_SESSION_TOKEN", "the-session-token")
	c := open(t, quick)
	srv.Put("bills", "a", []byte("abc"))
	o := stat(t, c, "bills", "a")
	loose := "X-Amz-Signature=0123abcd&X-Amz-Credential=AKIA/20261101 Signature: 4567 <SessionToken>loose-token, " + blobtest.SecretKey + " the-session-token"
	for i, fault := range []blobtest.Fault{
		blobtest.Status(403, "AccessDenied", loose), blobtest.Status(400, "Odd", loose), blobtest.Status(500, "InternalError", loose),
		blobtest.Status(403, "SignatureDoesNotMatch", loose), blobtest.Status(400, "ExpiredToken", loose), blobtest.HangUp(),
		blobtest.Status(301, "PermanentRedirect", loose).With("Location", "https://x.example.com/?X-Amz-Signature=0123abcd"),
	} {
		srv.Heal()
		srv.Fail(blobtest.On{}, blobtest.Always, fault)
		_, err := c.Read(t.Context(), "bills", o, 10)
		if err == nil {
			t.Fatalf("fault %d: got no error", i)
		}
		all := fmt.Sprintf("%v %+v %s", err, err, showback.HintOf(err))
		for _, secret := range []string{blobtest.SecretKey, "the-session-token", "0123abcd", "4567", "loose-token"} {
			if strings.Contains(all, secret) {
				t.Errorf("fault %d: found %q in %q", i, secret, all)
			}
		}
	}
}
