package blob

import (
	"bytes"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"showback"
	"showback/internal/blob/blobtest"
)

// quick are options under which a request is made again at once; under those of
// hasty, a stall is soon over. A busy machine stalls too: no test with hasty
// counts on a request that is made once.
var (
	quick = Options{MaxBackoff: time.Millisecond}
	hasty = Options{MaxBackoff: time.Millisecond, Stall: 200 * time.Millisecond, Attempts: 10}
)

// serve starts a server and a client of it.
func serve(t *testing.T, opts Options) (*blobtest.Server, *Client) {
	t.Helper()
	srv := blobtest.Serve(t)
	srv.Setenv(t)
	return srv, open(t, opts)
}

func open(t *testing.T, opts Options) *Client {
	t.Helper()
	c, err := Open(t.Context(), opts)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// bytesOf makes n bytes that differ from one another.
func bytesOf(n int) []byte {
	body := make([]byte, n)
	x := uint32(1)
	for i := range body {
		x = x*1664525 + 1013904223
		body[i] = byte(x >> 24)
	}
	return body
}

func stat(t *testing.T, c *Client, bucket, key string) Object {
	t.Helper()
	o, err := c.Stat(t.Context(), bucket, key)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// wantError checks kind, whole text and a part of the hint.
func wantError(t *testing.T, err error, kind showback.Kind, text, hint string) {
	t.Helper()
	if err == nil {
		t.Fatalf("got no error, want %q", text)
	}
	if got := showback.KindOf(err); got != kind {
		t.Errorf("got kind %q, want %q", got, kind)
	}
	if err.Error() != text {
		t.Errorf("got  %s\nwant %s", err, text)
	}
	if got := showback.HintOf(err); !strings.Contains(got, hint) || (hint == "") != (got == "") {
		t.Errorf("got hint %q, want one with %q", got, hint)
	}
}

// fetchTo fetches into a new folder and returns the file's path.
func fetchTo(t *testing.T, c *Client, bucket string, o Object) (path string, check Check, progress int64, err error) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "file")
	check, err = c.Fetch(t.Context(), bucket, o, path, func(n int64) { progress += n })
	return path, check, progress, err
}

func wantFile(t *testing.T, path string, want []byte) {
	t.Helper()
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s: got %d other bytes, want the %d of the object", filepath.Base(path), len(got), len(want))
	}
}

func wantNoFile(t *testing.T, path string) {
	t.Helper()
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%s is there, want none (%v)", filepath.Base(path), err)
	}
}

// roundTrip makes a function a transport.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// without is a network on which a header gets lost.
func without(header string) http.RoundTripper {
	return roundTrip(func(r *http.Request) (*http.Response, error) {
		r = r.Clone(r.Context())
		r.Header.Del(header)
		return http.DefaultTransport.RoundTrip(r)
	})
}
