package server

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"showback"
)

// running is a server on a port of its own, which ends with the test.
type running struct {
	*Server
	url  string
	log  *locked
	stop context.CancelFunc
	done chan error
}

type locked struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *locked) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *locked) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func start(t *testing.T, cfg Config) *running {
	t.Helper()
	r := &running{log: &locked{}, done: make(chan error, 1)}
	cfg.Listen, cfg.Now, cfg.Log = "127.0.0.1:0", time.Now, slog.New(slog.NewTextHandler(r.log, nil))
	if cfg.Ready == nil {
		cfg.Ready = func(context.Context) (Ready, error) { return Ready{Version: 3, BilledTo: "2026-10-31", Open: 1}, nil }
	}
	var err error
	if r.Server, err = New(t.Context(), cfg); err != nil {
		t.Fatal(err)
	}
	var ctx context.Context
	ctx, r.stop = context.WithCancel(context.Background())
	go func() { r.done <- r.Run(ctx) }()
	r.url = "http://" + r.Addr().String()
	t.Cleanup(func() { r.stop(); <-r.done })
	return r
}

func (r *running) get(t *testing.T, path, host string) (status int, body string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, r.url+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	if host != "" {
		req.Host = host
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(text)
}

func TestProbes(t *testing.T) {
	r := start(t, Config{})
	if status, body := r.get(t, "/healthz", ""); status != 200 || body != "ok\n" {
		t.Errorf("healthz: %d %s", status, body)
	}
	status, body := r.get(t, "/readyz", "")
	var got readiness
	if err := json.Unmarshal([]byte(body), &got); err != nil || status != 200 || !got.Ready || *got.Store != (Ready{3, "2026-10-31", 1}) {
		t.Errorf("readyz: %d %s", status, body)
	}
	if status, body := r.get(t, "/metrics", ""); status != 200 || !strings.Contains(body, `showback_http_requests_total{method="GET",status="2xx"} 2`) {
		t.Errorf("metrics: %d %s", status, body)
	}
	if status, _ := r.get(t, "/nothing", ""); status != 404 {
		t.Errorf("an unknown path: %d", status)
	}
}

// A store that can't be read is told to the probe without its path, and to the
// log with its reason.
func TestNotReady(t *testing.T) {
	r := start(t, Config{Ready: func(context.Context) (Ready, error) {
		return Ready{}, showback.Errorf(showback.KindCorrupt, "read manifest /somewhere: damaged")
	}})
	status, body := r.get(t, "/readyz", "")
	if status != 503 || strings.Contains(body, "somewhere") || !strings.Contains(body, `"ready": false`) {
		t.Errorf("%d %s", status, body)
	}
	if !strings.Contains(r.log.String(), "/somewhere: damaged") {
		t.Errorf("the log has no reason: %s", r.log)
	}
}

// A page elsewhere whose name points here reads nothing.
func TestOtherHosts(t *testing.T) {
	r := start(t, Config{AWS: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "secret") })})
	for _, host := range []string{"", "localhost", "localhost:8080", "127.0.0.1:1", "[::1]:8080", "LOCALHOST"} {
		if status, body := r.get(t, "/", host); status != 200 || body != "secret" {
			t.Errorf("host %q: %d %s", host, status, body)
		}
	}
	for _, host := range []string{"example.com", "example.com:8080", "127.0.0.1.example.com", "10.0.0.1", "localhost.example.com"} {
		if status, body := r.get(t, "/", host); status != 421 || strings.Contains(body, "secret") {
			t.Errorf("host %q: %d %s", host, status, body)
		}
	}
}

// A path that is not clean goes to AWS's surface as it was sent.
func TestPathsAsSent(t *testing.T) {
	r := start(t, Config{AWS: http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) { io.WriteString(w, req.RequestURI) })})
	for _, path := range []string{"/", "//", "/a/../b?c=d", "/healthz/", "//healthz"} {
		if status, body := r.get(t, path, ""); status != 200 || body != path {
			t.Errorf("%s: %d %q", path, status, body)
		}
	}
}

// What stands behind the ? may be a signature, and is in no log.
func TestLogHasNoQuery(t *testing.T) {
	r := start(t, Config{})
	r.get(t, "/healthz?X-Amz-Signature=abcdef&X-Amz-Security-Token=xyz", "")
	for !strings.Contains(r.log.String(), "path=/healthz") {
		time.Sleep(time.Millisecond)
	}
	if log := r.log.String(); strings.Contains(log, "abcdef") || strings.Contains(log, "xyz") {
		t.Errorf("got %s", log)
	}
}

// Who is being answered at the end gets the answer, whole; who comes later is
// refused.
func TestShutdown(t *testing.T) {
	began, release := make(chan struct{}), make(chan struct{})
	r := start(t, Config{AWS: http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		close(began)
		<-release
		if req.Context().Err() == nil {
			io.WriteString(w, "whole")
		}
	})})
	got := make(chan string, 1)
	go func() { _, body := r.get(t, "/", ""); got <- body }()
	<-began
	r.stop()
	for {
		conn, err := net.Dial("tcp", r.Addr().String())
		if err != nil {
			break
		}
		conn.Close()
	}
	close(release)
	if body := <-got; body != "whole" {
		t.Errorf("got %q", body)
	}
	err := <-r.done
	r.done <- err
	if err != nil {
		t.Error(err)
	}
}

func TestAddressInUse(t *testing.T) {
	r := start(t, Config{})
	_, err := New(t.Context(), Config{Listen: r.Addr().String()})
	if showback.KindOf(err) != showback.KindUnavailable || !strings.Contains(err.Error(), "listen on "+r.Addr().String()) || !strings.Contains(showback.HintOf(err), "--listen") {
		t.Errorf("got %v", err)
	}
}

// Syncs run at the start, at their interval and when asked; one that fails is
// told, and the next mends it.
func TestSyncs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var count int
		var fail error
		s := newSyncing(Config{Log: slog.New(slog.DiscardHandler), Every: time.Hour, Now: time.Now, Sync: func(context.Context) error {
			count++
			time.Sleep(time.Minute)
			return fail
		}}, newMetrics())
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() { s.run(ctx); close(ended) }()
		f := func(want int, running, failed bool) {
			t.Helper()
			synctest.Wait()
			if got := s.state(); count != want || got.Running != running || got.Failed != failed || got.Every != "1h0m0s" {
				t.Errorf("%d syncs, %+v; want %d, running %t, failed %t", count, got, want, running, failed)
			}
		}
		f(1, true, false)
		time.Sleep(2 * time.Minute)
		f(1, false, false)
		fail = errors.New("no bucket")
		s.ask()
		f(2, true, false)
		for range 5 { // one stands for all that have not begun
			s.ask()
		}
		time.Sleep(90 * time.Second)
		f(3, true, true)
		time.Sleep(time.Minute)
		fail = nil
		f(3, false, true)
		time.Sleep(time.Hour)
		f(4, true, true)
		time.Sleep(2 * time.Minute)
		f(4, false, false)
		stop()
		<-ended
	})
}
