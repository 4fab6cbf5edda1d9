package server

import (
	"context"
	"sync"
	"time"
)

// syncing takes what is new from the sources, one sync at a time.
type syncing struct {
	cfg     Config
	metrics *metrics
	asked   chan struct{} // holds one request that has not begun

	mu   sync.Mutex
	last synced
}

// synced is what the last sync came to. Times are RFC 3339, UTC.
type synced struct {
	Every   string `json:"every,omitempty"`
	Running bool   `json:"running"`
	Ended   string `json:"ended,omitempty"`
	Failed  bool   `json:"failed"` // the log says why
}

func newSyncing(cfg Config, m *metrics) *syncing {
	s := &syncing{cfg: cfg, metrics: m, asked: make(chan struct{}, 1)}
	if cfg.Sync != nil {
		s.last.Every = cfg.Every.String()
	}
	return s
}

func (s *syncing) ask() {
	select {
	case s.asked <- struct{}{}:
	default:
	}
}

func (s *syncing) state() synced {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.last
}

// run syncs until the context ends.
func (s *syncing) run(ctx context.Context) {
	if s.cfg.Sync == nil {
		return
	}
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		case <-s.asked:
		}
		s.once(ctx)
		timer.Reset(s.cfg.Every)
	}
}

func (s *syncing) once(ctx context.Context) {
	s.mu.Lock()
	s.last.Running = true
	s.mu.Unlock()
	err := s.cfg.Sync(ctx)
	if ctx.Err() != nil { // what was not committed never happened
		return
	}
	result, now := "ok", s.cfg.Now().UTC()
	if err != nil {
		result = "failed"
		s.cfg.Log.Error("sync failed", "error", err.Error())
	} else {
		s.metrics.synced.Set(float64(now.Unix()))
	}
	s.metrics.syncs.WithLabelValues(result).Inc()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last.Running, s.last.Ended, s.last.Failed = false, now.Format(time.RFC3339), err != nil
}
