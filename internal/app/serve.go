package app

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"showback"
	"showback/internal/cli"
	"showback/internal/engine/duckdb"
	"showback/internal/explore"
	"showback/internal/ingest"
	"showback/internal/ledger"
	"showback/internal/server"
)

// Serve serves the store of the options until the context ends.
func Serve(ctx context.Context, opt cli.ServeOptions) (err error) {
	store := ledger.Open(opt.Dir)
	live, err := duckdb.Follow(ctx, store)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, live.Close()) }()
	cfg := server.Config{Listen: opt.Listen, Log: opt.Log, Every: opt.SyncEvery, Now: opt.Now, Ready: func(ctx context.Context) (server.Ready, error) {
		engine, done, err := live.Engine(ctx)
		if err != nil {
			return server.Ready{}, err
		}
		defer done()
		coverage, err := engine.Coverage(ctx)
		return readyOf(coverage), err
	}}
	if opt.SyncEvery > 0 {
		cfg.Sync = func(ctx context.Context) error { return syncAll(ctx, store, opt.Now, opt.Log) }
	}
	s, err := server.New(ctx, cfg)
	if err != nil {
		return err
	}
	opt.Listening(s.Addr().String())
	return s.Run(ctx)
}

// readyOf says how fresh a store is: billed to the day that the payer has who
// lags the most.
func readyOf(c explore.Coverage) server.Ready {
	out := server.Ready{Version: c.Version}
	last := map[string]time.Time{}
	for _, d := range c.Deliveries {
		if d.LastDay.After(last[d.Payer]) {
			last[d.Payer] = d.LastDay
		}
		if d.Open {
			out.Open++
		}
	}
	var least time.Time
	for _, day := range last {
		if least.IsZero() || day.Before(least) {
			least = day
		}
	}
	if !least.IsZero() {
		out.BilledTo = least.Format(time.DateOnly)
	}
	return out
}

// syncAll takes what is new from all sources that the store remembers now.
func syncAll(ctx context.Context, store *ledger.Store, now func() time.Time, log *slog.Logger) error {
	sources, err := store.Sources()
	if err != nil || len(sources) == 0 {
		return err
	}
	var failed error
	err = ingest.Sync(ctx, store, sources, ingest.Options{Now: now}, func(s ingest.Synced) {
		log.Info("synced", "source", s.Source.Name, "status", string(s.Status))
		if s.Status == ingest.SyncFailed {
			failed = errors.Join(failed, showback.Errorf(showback.KindOf(s.Err), "source %s: %w", s.Source.Name, s.Err))
		}
	})
	return errors.Join(err, failed)
}
