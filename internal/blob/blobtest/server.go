package blobtest

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"
)

// The credentials of Env, which are those of AWS's own examples, and the account
// that owns all buckets.
const (
	AccessKey = "AKIAIOSFODNN7EXAMPLE"
	SecretKey = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
	Owner     = "111122223333"
)

// Server is an S3 server. Its methods may be called while it answers.
type Server struct {
	URL string // http://127.0.0.1:port

	nowhere string // a folder without AWS configuration
	closing chan struct{}

	mu       sync.Mutex
	buckets  map[string]*bucket
	points   map[string]string // bucket by the name that stands before the host
	faults   []*planned
	requests []Request
	pageSize int
	clock    func() time.Time
	puts     int
}

type bucket struct {
	objects       map[string]object
	region        string
	redirect      int // status by which a wrong region is answered
	public        bool
	requesterPays bool
}

// Serve starts a server that ends with the test.
func Serve(t testing.TB) *Server {
	t.Helper()
	s := &Server{
		nowhere: t.TempDir(), closing: make(chan struct{}),
		buckets: map[string]*bucket{}, points: map[string]string{}, pageSize: 1000,
	}
	web := httptest.NewServer(http.HandlerFunc(s.answer))
	s.URL = web.URL
	t.Cleanup(func() {
		close(s.closing)
		web.CloseClientConnections()
		web.Close()
	})
	return s
}

// Env returns the environment that leads AWS's SDKs and tools to the server, and
// away from the configuration and the role of the machine. Variables with an
// empty value must not be set: AWS's CLI takes that for a name, its SDKs don't.
func (s *Server) Env() map[string]string {
	return map[string]string{
		"AWS_ENDPOINT_URL":            s.URL,
		"AWS_ENDPOINT_URL_S3":         "",
		"AWS_ACCESS_KEY_ID":           AccessKey,
		"AWS_SECRET_ACCESS_KEY":       SecretKey,
		"AWS_SESSION_TOKEN":           "",
		"AWS_REGION":                  "us-east-1",
		"AWS_DEFAULT_REGION":          "",
		"AWS_PROFILE":                 "",
		"AWS_DEFAULT_PROFILE":         "",
		"AWS_MAX_ATTEMPTS":            "",
		"AWS_CONFIG_FILE":             filepath.Join(s.nowhere, "config"),
		"AWS_SHARED_CREDENTIALS_FILE": filepath.Join(s.nowhere, "credentials"),
		"AWS_EC2_METADATA_DISABLED":   "true",
	}
}

// Setenv sets Env for the test, which then can't run in parallel with others.
func (s *Server) Setenv(t testing.TB) {
	t.Helper()
	for name, value := range s.Env() {
		t.Setenv(name, value) // puts back what was there, after the test
		if value != "" {
			continue
		}
		if err := os.Unsetenv(name); err != nil { // AWS's CLI takes an empty one for a name
			t.Fatal(err)
		}
	}
}

// bucket returns a bucket, which is made when it is new. s.mu is held.
func (s *Server) bucket(name string) *bucket {
	b := s.buckets[name]
	if b == nil {
		b = &bucket{objects: map[string]object{}, region: "us-east-1"}
		s.buckets[name] = b
	}
	return b
}

// Bucket makes a bucket without objects. Put makes its bucket itself.
func (s *Server) Bucket(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.bucket(name)
}

// Put stores an object, in place of the one of that key, and returns its ETag
// without quotes.
func (s *Server) Put(bucket, key string, body []byte, options ...Option) string {
	o := newObject(slices.Clone(body), options)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.puts++
	if o.modified.IsZero() {
		o.modified = firstPut.Add(time.Duration(s.puts) * time.Second)
	}
	s.bucket(bucket).objects[key] = o
	return o.etag
}

// firstPut is the time before the first object; each has its own second.
var firstPut = time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)

// Delete removes an object.
func (s *Server) Delete(bucket, key string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.bucket(bucket).objects, key)
}

// Public lets unsigned requests read the bucket.
func (s *Server) Public(bucket string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.bucket(bucket).public = true
}

// RequesterPays refuses requests to the bucket that don't agree to pay.
func (s *Server) RequesterPays(bucket string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.bucket(bucket).requesterPays = true
}

// SetRegion puts the bucket into a region. Requests signed for another are sent
// on by status: 301 (PermanentRedirect), 307 (TemporaryRedirect) or 400
// (AuthorizationHeaderMalformed).
func (s *Server) SetRegion(bucket, region string, status int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.bucket(bucket)
	b.region, b.redirect = region, status
}

// AccessPoint answers for the bucket also under an access point's name and
// account, which stand before the host: name-account.host. How the client
// reaches such a host is the test's affair.
func (s *Server) AccessPoint(name, account, bucket string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.bucket(bucket)
	s.points[name+"-"+account] = bucket
}

// SetPageSize bounds the keys of one page of a listing, 1,000 at first.
func (s *Server) SetPageSize(keys int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pageSize = keys
}

// SetClock gives the server a clock. Requests whose time is more than 15 minutes
// from it are refused, and answers are dated by it.
func (s *Server) SetClock(now func() time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clock = now
}
