package blob

import (
	"encoding/pem"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"showback"
	"showback/internal/blob/blobtest"
)

// elsewhere has requests to any host come to the server, which sees the host.
func elsewhere(srv *blobtest.Server, hosts *[]string) http.RoundTripper {
	to, err := url.Parse(srv.URL)
	if err != nil {
		panic(err)
	}
	return roundTrip(func(r *http.Request) (*http.Response, error) {
		*hosts = append(*hosts, r.URL.Host)
		r = r.Clone(r.Context())
		r.Host = r.URL.Host
		r.URL.Scheme, r.URL.Host = to.Scheme, to.Host
		return http.DefaultTransport.RoundTrip(r)
	})
}

func TestAccessPoint(t *testing.T) {
	srv := blobtest.Serve(t)
	srv.Setenv(t)
	srv.Put("bills", "exp/a", []byte("abc"))
	srv.AccessPoint("bills-ap", "111122223333", "bills")
	l, err := ParseLocation("s3://arn:aws:s3:eu-west-1:111122223333:accesspoint/bills-ap/exp")
	if err != nil {
		t.Fatal(err)
	}
	f := func(endpoint, host string) {
		t.Helper()
		t.Setenv("AWS_ENDPOINT_URL", endpoint)
		var hosts []string
		opts := quick
		opts.transport = elsewhere(srv, &hosts)
		tree, err := NewTree(t.Context(), open(t, opts), l)
		if err != nil {
			t.Fatal(err)
		}
		const at = "/arn:aws:s3:eu-west-1:111122223333:accesspoint:bills-ap/exp/a"
		if got := tree.Root(l) + "/a"; got != at {
			t.Errorf("got %s, want %s", got, at)
		}
		if got, err := tree.ReadFile(at); err != nil || string(got) != "abc" {
			t.Errorf("got %q, %v", got, err)
		}
		if got, want := tree.Name(at), l.String()+"/a"; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
		if hosts[0] != host {
			t.Errorf("asked %s, want %s", hosts[0], host)
		}
	}
	f("", "bills-ap-111122223333.s3-accesspoint.eu-west-1.amazonaws.com")
	f("http://s3.example.com", "bills-ap-111122223333.s3.example.com")
	for _, r := range srv.Requests() {
		if r.Region != "eu-west-1" {
			t.Errorf("signed for %s, want the access point's region", r.Region)
		}
	}
}

// Of the bucket's own name AWS's hosts are asked, of a server of one's own its path.
func TestAddressing(t *testing.T) {
	srv := blobtest.Serve(t)
	srv.Setenv(t)
	srv.Put("bills", "exp/a", []byte("abc"))
	f := func(opts Options, url, urlS3, host string) {
		t.Helper()
		t.Setenv("AWS_ENDPOINT_URL", url)
		t.Setenv("AWS_ENDPOINT_URL_S3", urlS3)
		var hosts []string
		opts.transport = elsewhere(srv, &hosts)
		_, _ = open(t, opts).List(t.Context(), Location{Bucket: "bills"})
		if hosts[0] != host {
			t.Errorf("asked %s, want %s", hosts[0], host)
		}
	}
	f(Options{}, "", "", "bills.s3.us-east-1.amazonaws.com")
	f(Options{Region: "eu-west-1"}, "", "", "bills.s3.eu-west-1.amazonaws.com")
	f(Options{}, "http://a.example.com", "", "a.example.com")
	f(Options{}, "http://a.example.com", "http://b.example.com:9000", "b.example.com:9000")
	f(Options{EndpointURL: "https://c.example.com"}, "http://a.example.com", "http://b.example.com", "c.example.com")
}

func TestOpenRefusesEndpoints(t *testing.T) {
	srv := blobtest.Serve(t)
	srv.Setenv(t)
	const hint = "AWS_ENDPOINT_URL"
	for _, endpoint := range []string{"localhost:9000", "ftp://x", "http://", "http://x?y=z"} {
		_, err := Open(t.Context(), Options{EndpointURL: endpoint})
		if showback.KindOf(err) != showback.KindInvalid || !strings.Contains(showback.HintOf(err), hint) {
			t.Errorf("%s: got %v", endpoint, err)
		}
	}
	t.Setenv("AWS_ENDPOINT_URL_S3", "localhost:9000")
	_, err := Open(t.Context(), Options{})
	wantError(t, err, showback.KindInvalid, `open S3: found the endpoint "localhost:9000", want http://host:port or https://host`, hint)
}

// A server's authority is taken from AWS_CA_BUNDLE.
func TestCertificates(t *testing.T) {
	srv := blobtest.Serve(t)
	srv.Setenv(t)
	srv.Put("bills", "a", nil)
	to, err := url.Parse(srv.URL)
	if err != nil {
		t.Fatal(err)
	}
	secure := httptest.NewUnstartedServer(httputil.NewSingleHostReverseProxy(to))
	secure.Config.ErrorLog = log.New(io.Discard, "", 0)
	secure.StartTLS()
	defer secure.Close()
	host := secure.Listener.Addr().String()
	_, err = open(t, Options{EndpointURL: secure.URL}).List(t.Context(), Location{Bucket: "bills"})
	wantError(t, err, showback.KindUnavailable, "list s3://bills: the certificate of "+host+" is not trusted: certificate signed by unknown authority", "AWS_CA_BUNDLE")

	bundle := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(bundle, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: secure.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("AWS_CA_BUNDLE", bundle)
	if _, err := open(t, Options{EndpointURL: secure.URL}).List(t.Context(), Location{Bucket: "bills"}); err != nil {
		t.Error(err)
	}
}

func TestAttemptsOfEnvironment(t *testing.T) {
	srv := blobtest.Serve(t)
	srv.Setenv(t)
	t.Setenv("AWS_MAX_ATTEMPTS", "2")
	srv.Fail(blobtest.On{}, blobtest.Always, blobtest.SlowDown())
	_, err := open(t, quick).List(t.Context(), Location{Bucket: "bills"})
	wantError(t, err, showback.KindThrottled, "list s3://bills: S3 asks to slow down, after 2 attempts", "try again")
}

// A web server that is something else is not taken for an empty bucket.
func TestNoS3(t *testing.T) {
	blobtest.Serve(t).Setenv(t)
	for _, page := range []string{"<html><body>Welcome</body></html>", "<!doctype html><p>Welcome", "{}", ""} {
		web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, page) }))
		opts := quick
		opts.EndpointURL = web.URL
		c := open(t, opts)
		_, err := c.List(t.Context(), Location{Bucket: "bills"})
		wantError(t, err, showback.KindInvalid, "list s3://bills: "+c.host("")+" does not answer as S3 does", "AWS_ENDPOINT_URL")
		web.Close()
	}
}

func TestNoCredentials(t *testing.T) {
	srv := blobtest.Serve(t)
	srv.Setenv(t)
	t.Setenv("AWS_ACCESS_KEY_ID", "")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "")
	_, err := Open(t.Context(), Options{})
	wantError(t, err, showback.KindDenied, "open S3: found no AWS credentials", "--no-sign-request")

	srv.Put("bills", "exp/a", []byte("abc"))
	c := open(t, Options{NoSign: true})
	_, err = c.List(t.Context(), Location{"bills", "exp"})
	wantError(t, err, showback.KindDenied, "list s3://bills/exp: access denied: the request was not signed, and the bucket is not public", "leave out --no-sign-request")
	srv.Public("bills")
	if _, err := c.List(t.Context(), Location{"bills", "exp"}); err != nil {
		t.Error(err)
	}
	if got := srv.Requests()[0].Region; got != "" {
		t.Errorf("the request was signed for %s", got)
	}
}

// The machine's role is asked for last, and not for long.
func TestMachineRoleBounded(t *testing.T) {
	srv := blobtest.Serve(t)
	srv.Setenv(t)
	silent := blobtest.Serve(t)
	silent.Fail(blobtest.On{}, blobtest.Always, blobtest.Silence())
	t.Setenv("AWS_ACCESS_KEY_ID", "")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "")
	t.Setenv("AWS_EC2_METADATA_DISABLED", "false")
	t.Setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", silent.URL)
	_, err := Open(t.Context(), hasty)
	wantError(t, err, showback.KindDenied, "open S3: found no AWS credentials", "aws configure")
}

func TestProfiles(t *testing.T) {
	srv := blobtest.Serve(t)
	srv.Setenv(t)
	srv.Put("bills", "exp/a", []byte("abc"))
	t.Setenv("AWS_ACCESS_KEY_ID", "")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "")
	t.Setenv("AWS_REGION", "")
	t.Setenv("AWS_ENDPOINT_URL", "")
	file := filepath.Join(t.TempDir(), "config")
	t.Setenv("AWS_CONFIG_FILE", file)
	config := "[profile bills]\naws_access_key_id=" + blobtest.AccessKey + "\naws_secret_access_key=" + blobtest.SecretKey +
		"\nregion=eu-north-1\nendpoint_url=" + srv.URL + "\n" +
		"[profile mfa]\nrole_arn=arn:aws:iam::111122223333:role/app\nsource_profile=bills\nmfa_serial=arn:aws:iam::111122223333:mfa/alice\n" +
		"[profile tool]\ncredential_process=echo the-secret\n" +
		"[profile login]\nlogin_session=arn:aws:iam::111122223333:user/alice\nregion=us-east-1\n" +
		"[profile sso]\nsso_session=corp\nsso_account_id=111122223333\nsso_role_name=Reader\nregion=us-east-1\n[sso-session corp]\nsso_region=us-east-1\nsso_start_url=https://example.com/start\n"
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := open(t, Options{Profile: "bills"}).List(t.Context(), Location{Bucket: "bills"}); err != nil {
		t.Fatal(err)
	}
	if got := srv.Requests()[0].Region; got != "eu-north-1" {
		t.Errorf("signed for %s, want the profile's region", got)
	}
	f := func(profile string, kind showback.Kind, text, hint string) {
		t.Helper()
		_, err := Open(t.Context(), Options{Profile: profile})
		wantError(t, err, kind, "open S3: "+text, hint)
	}
	f("absent", showback.KindInvalid, `there is no profile "absent"`, "aws configure list-profiles")
	f("mfa", showback.KindInvalid, `the profile "mfa" wants an MFA code, and there is nobody to ask`, "")
	t.Setenv("HOME", t.TempDir())
	f("sso", showback.KindDenied, "the single sign-on session has ended", "aws sso login --profile sso")
	f("login", showback.KindDenied, "the session of aws login has ended", "aws login --profile login")
	f("tool", showback.KindDenied, "get AWS credentials: the profile's credential_process failed: invalid character 'h' in literal true (expecting 'r')", "aws configure list")
	t.Setenv("AWS_PROFILE", "absent")
	f("", showback.KindInvalid, `there is no profile "absent"`, "aws configure list-profiles")
}
