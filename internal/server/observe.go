package server

import (
	"encoding/json"
	"net"
	"net/http"
	"strconv"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
)

func processCollectors() []prometheus.Collector {
	return []prometheus.Collector{collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{})}
}

// answer is a response that remembers its status.
type answer struct {
	http.ResponseWriter
	status int
	bytes  int64
}

func (a *answer) WriteHeader(status int) {
	if a.status == 0 {
		a.status = status
	}
	a.ResponseWriter.WriteHeader(status)
}

func (a *answer) Write(p []byte) (int, error) {
	if a.status == 0 {
		a.status = http.StatusOK
	}
	n, err := a.ResponseWriter.Write(p)
	a.bytes += int64(n)
	return n, err
}

// Unwrap gives http.ResponseController what is beneath.
func (a *answer) Unwrap() http.ResponseWriter { return a.ResponseWriter }

// methods are those that a metric tells apart; a client may send any word.
var methods = map[string]bool{"GET": true, "HEAD": true, "POST": true, "PUT": true, "DELETE": true}

// observed logs and counts each request. What stands after the ? of an address
// is not logged: a signature may stand there.
func (s *Server) observed(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := s.cfg.Now()
		a := &answer{ResponseWriter: w}
		defer func() {
			took := s.cfg.Now().Sub(began)
			if a.status == 0 {
				a.status = http.StatusOK
			}
			method := r.Method
			if !methods[method] {
				method = "other"
			}
			s.metrics.requests.WithLabelValues(method, strconv.Itoa(a.status/100)+"xx").Inc()
			s.metrics.seconds.Observe(took.Seconds())
			s.cfg.Log.Info("request", "method", method, "path", shown(r.URL.Path), "status", a.status, "bytes", a.bytes, "took", took.String())
		}()
		next.ServeHTTP(a, r)
	})
}

// shown is a path for a log: short, of one line.
func shown(path string) string {
	const most = 100
	if len(path) > most {
		path = path[:most] + "…"
	}
	return strings.ToValidUTF8(path, "?")
}

// known refuses requests that name another host than the one they reached: a
// page of elsewhere whose name was made to point here could otherwise read
// answers. It is for a server of this machine alone; one that others reach has
// any name that they give it.
func (s *Server) known(next http.Handler) http.Handler {
	host, _, err := net.SplitHostPort(s.Addr().String())
	if err != nil || !net.ParseIP(host).IsLoopback() {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := r.Host
		if h, _, err := net.SplitHostPort(name); err == nil {
			name = h
		}
		name = strings.Trim(name, "[]")
		if ip := net.ParseIP(name); !strings.EqualFold(name, "localhost") && (ip == nil || !ip.IsLoopback()) {
			writeText(w, http.StatusMisdirectedRequest, "this server answers to localhost and 127.0.0.1\n")
			return
		}
		next.ServeHTTP(w, r)
	})
}

// readiness is what /readyz answers. Fields are only added.
type readiness struct {
	Ready bool   `json:"ready"`
	Store *Ready `json:"store,omitempty"`
	Sync  synced `json:"sync"`
	// Error says why the server is not ready; the log says more.
	Error string `json:"error,omitempty"`
}

func (s *Server) ready(w http.ResponseWriter, r *http.Request) {
	out := readiness{Sync: s.syncs.state()}
	status := http.StatusOK
	if store, err := s.cfg.Ready(r.Context()); err != nil {
		s.cfg.Log.Error("the store can't be read", "error", err.Error())
		status, out.Error = http.StatusServiceUnavailable, "the store can't be read"
	} else {
		out.Ready, out.Store = true, &store
	}
	text, err := json.MarshalIndent(out, "", "  ")
	if err != nil {
		panic("BUG: encode readiness: " + err.Error())
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	send(w, append(text, '\n'))
}

func writeText(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	send(w, []byte(text))
}

// send writes what a client may no longer wait for.
func send(w http.ResponseWriter, text []byte) {
	_, _ = w.Write(text)
}
