package app

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"showback"
	"showback/internal/awsapi/account"
	"showback/internal/awsapi/ce"
	"showback/internal/awsapi/sigv4"
	"showback/internal/awsapi/sts"
	"showback/internal/awsapi/wire"
	"showback/internal/cli"
	"showback/internal/directory"
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
	dir := account.Directory{Directory: directory.Open(opt.Dir, opt.Now)}
	defer func() { err = errors.Join(err, dir.Close()) }()
	costs := &ce.Service{Now: opt.Now, Strict: opt.StrictAWS, Bills: func(ctx context.Context) (explore.Engine, func(), error) { return live.Engine(ctx) }}
	api := wire.New(&sigv4.Verifier{Keys: dir, Now: opt.Now}, costs.Wire(), (&sts.Service{Roles: dir, Strict: opt.StrictAWS}).Wire())
	api.Slow = slow
	api.Done = func(ctx context.Context, o wire.Outcome) { logOutcome(ctx, opt.Log, o) }
	cfg := server.Config{AWS: api, Listen: opt.Listen, Log: opt.Log, Every: opt.SyncEvery, Now: opt.Now, Ready: func(ctx context.Context) (server.Ready, error) {
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

// wrongSignature is how long a wrong signature waits for its answer: a flood of
// them then leaves the machine to those who have a key.
const wrongSignature = 200 * time.Millisecond

func slow(ctx context.Context) {
	ctx, stop := context.WithTimeout(ctx, wrongSignature)
	defer stop()
	<-ctx.Done()
}

// logOutcome logs what an AWS client asked for. Who asked is named by the key
// alone, which is no secret.
func logOutcome(ctx context.Context, log *slog.Logger, o wire.Outcome) {
	level := slog.LevelInfo
	attrs := []slog.Attr{slog.String("service", o.Service), slog.String("operation", o.Operation), slog.Int("status", o.Status),
		slog.String("key", o.Caller.AccessKeyID), slog.String("request", o.Caller.RequestID)}
	if o.Code != "" {
		attrs = append(attrs, slog.String("code", o.Code))
	}
	if o.Err != nil && o.Status >= 500 {
		level = slog.LevelError
		attrs = append(attrs, slog.String("error", o.Err.Error()))
	}
	log.LogAttrs(ctx, level, "aws", attrs...)
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
