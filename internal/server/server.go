package server

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"showback"
)

// Config says what to serve. Listen, Log and Ready are needed.
type Config struct {
	// Listen is HOST:PORT; the port 0 takes any that is free.
	Listen string
	Log    *slog.Logger
	// AWS answers every path that is not the server's own; nil for none.
	AWS http.Handler
	// Ready says what the store holds; its error means that it cannot be read.
	Ready func(ctx context.Context) (Ready, error)
	// Sync takes what is new from the sources; nil for none. It is called at the
	// start, Every after the end of the one before, and on request.
	Sync  func(ctx context.Context) error
	Every time.Duration
	// Now is the clock.
	Now func() time.Time
}

// Ready is what a readiness probe is told of the store.
type Ready struct {
	Version  int    `json:"version"`             // of the store
	BilledTo string `json:"billed_to,omitempty"` // last day with usage, of the payer that lags the most
	Open     int    `json:"open_months"`         // months of payers whose bill is not closed
}

// The bounds of a request. A slow client may not hold a connection for long, and
// an answer may take as long as a question may.
const (
	headerTimeout = 10 * time.Second
	readTimeout   = time.Minute
	writeTimeout  = 5 * time.Minute
	idleTimeout   = 2 * time.Minute
	headerBytes   = 64 << 10
	// stopTimeout is how long answers under way may take after the end was asked
	// for.
	stopTimeout = 20 * time.Second
)

// Server is one that listens.
type Server struct {
	cfg      Config
	listener net.Listener
	syncs    *syncing
	metrics  *metrics
}

// New listens at once, so that Addr is known. The caller calls Run, which closes
// it.
func New(ctx context.Context, cfg Config) (*Server, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", cfg.Listen)
	if err != nil {
		return nil, showback.WithHint(showback.Errorf(showback.KindUnavailable, "listen on %s: %w", cfg.Listen, err),
			"name another address with --listen HOST:PORT")
	}
	m := newMetrics()
	return &Server{cfg: cfg, listener: listener, metrics: m, syncs: newSyncing(cfg, m)}, nil
}

// Addr is where the server listens.
func (s *Server) Addr() net.Addr { return s.listener.Addr() }

// Sync asks for a sync now. It does not wait for it; one that has not begun yet
// stands for all that were asked for.
func (s *Server) Sync() { s.syncs.ask() }

// Run serves until the context ends, and then until those under way are
// answered, at most some seconds.
func (s *Server) Run(ctx context.Context) error {
	// Requests outlive the context by the time that shutting down takes.
	base, cut := context.WithCancel(context.WithoutCancel(ctx))
	defer cut()
	web := &http.Server{
		Handler:           s.handler(),
		ReadHeaderTimeout: headerTimeout, ReadTimeout: readTimeout, WriteTimeout: writeTimeout, IdleTimeout: idleTimeout,
		MaxHeaderBytes: headerBytes,
		BaseContext:    func(net.Listener) context.Context { return base },
		ErrorLog:       slog.NewLogLogger(s.cfg.Log.Handler(), slog.LevelDebug),
	}
	synced := make(chan struct{})
	go func() {
		defer close(synced)
		s.syncs.run(ctx)
	}()
	served := make(chan error, 1)
	go func() { served <- web.Serve(s.listener) }()
	var failed error
	select {
	case <-ctx.Done():
	case err := <-served:
		failed = showback.Errorf(showback.KindUnavailable, "serve %s: %w", s.Addr(), err)
	}
	grace, end := context.WithTimeout(base, stopTimeout)
	defer end()
	if err := web.Shutdown(grace); err != nil {
		s.cfg.Log.Warn("answers under way were cut off", "after", stopTimeout.String())
		cut()
		if err := web.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
			failed = errors.Join(failed, showback.Errorf(showback.KindUnavailable, "close %s: %w", s.Addr(), err))
		}
	}
	if failed == nil {
		<-synced
	}
	return failed
}

func (s *Server) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { writeText(w, http.StatusOK, "ok\n") })
	mux.HandleFunc("GET /readyz", s.ready)
	mux.Handle("GET /metrics", promhttp.HandlerFor(s.metrics.registry, promhttp.HandlerOpts{Registry: s.metrics.registry}))
	own := map[string]bool{"/healthz": true, "/readyz": true, "/metrics": true}
	return s.observed(s.known(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// The mux would redirect a path that is not clean, in HTML, and a signature
		// covers the path as it was sent.
		if s.cfg.AWS != nil && !own[r.URL.Path] {
			s.cfg.AWS.ServeHTTP(w, r)
			return
		}
		mux.ServeHTTP(w, r)
	})))
}

// newMetrics has what the process itself tells, too.
func newMetrics() *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "showback_http_requests_total",
			Help: "Requests answered, by method and class of status."}, []string{"method", "status"}),
		seconds: prometheus.NewHistogram(prometheus.HistogramOpts{Name: "showback_http_request_seconds",
			Help: "How long requests took.", Buckets: []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 60}}),
		syncs: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "showback_syncs_total",
			Help: "Syncs of all sources, by how they ended."}, []string{"result"}),
		synced: prometheus.NewGauge(prometheus.GaugeOpts{Name: "showback_last_sync_timestamp_seconds",
			Help: "When the last sync without a failure ended; 0 before the first."}),
	}
	m.registry.MustRegister(m.requests, m.seconds, m.syncs, m.synced)
	m.registry.MustRegister(processCollectors()...)
	return m
}

type metrics struct {
	registry *prometheus.Registry
	requests *prometheus.CounterVec
	seconds  prometheus.Histogram
	syncs    *prometheus.CounterVec
	synced   prometheus.Gauge
}
