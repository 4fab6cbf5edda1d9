package ingest

import (
	"context"
	"errors"

	"showback"
	"showback/internal/blob"
	"showback/internal/ledger"
)

// SyncStatus says what a sync of a source came to.
type SyncStatus string

// The statuses of a sync.
const (
	SyncNew       SyncStatus = "new"       // something new was taken
	SyncUnchanged SyncStatus = "unchanged" // nothing new
	SyncEmpty     SyncStatus = "empty"     // nothing was ever delivered there
	SyncFailed    SyncStatus = "failed"
)

// Synced is what the sync of one source came to.
type Synced struct {
	Source ledger.Source
	Status SyncStatus
	Report *Report // nil unless Status is SyncNew or SyncUnchanged
	Err    error   // of SyncFailed, and of SyncEmpty what was looked for
}

// OptionsOf completes options with how a source is to be read.
func OptionsOf(s ledger.Source, opt Options) Options {
	opt.NoKeep = opt.NoKeep || s.NoKeep
	b := &opt.Bucket
	b.Profile, b.Region, b.EndpointURL, b.RequesterPays, b.NoSign = s.Profile, s.Region, s.Endpoint, s.RequesterPays, s.NoSign
	return opt
}

// Sync imports what is new from each source, each in a change of its own: one
// that fails does not keep the others out. done is told of each as it ends.
// The error is that of the context alone.
func Sync(ctx context.Context, store *ledger.Store, sources []ledger.Source, opt Options, done func(Synced)) error {
	for _, s := range sources {
		report, err := Import(ctx, store, []string{s.Location}, OptionsOf(s, opt))
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		out := Synced{Source: s, Report: report, Err: err, Status: SyncUnchanged}
		switch {
		case errors.Is(err, ErrNothing), errors.Is(err, blob.ErrNothing):
			out.Status = SyncEmpty
		case err != nil:
			out.Status = SyncFailed
		case report.Changed:
			out.Status = SyncNew
		}
		if err == nil {
			if err := store.ChangeSources(func(held []ledger.Source) ([]ledger.Source, error) {
				for i := range held {
					if held[i].Name == s.Name {
						at := opt.Now().UTC()
						held[i].Synced = &at
					}
				}
				return held, nil
			}); err != nil {
				out.Status, out.Err = SyncFailed, err
			}
		}
		done(out)
	}
	return nil
}

// ErrNothing is in the chain of the error of an import that found no delivery.
var ErrNothing = errors.New("no CUR 2.0 delivery found")

// SourceOf finds a source by its name. None is an error of KindNotFound.
func SourceOf(sources []ledger.Source, name string) (ledger.Source, error) {
	for _, s := range sources {
		if s.Name == name {
			return s, nil
		}
	}
	return ledger.Source{}, showback.WithHint(showback.Errorf(showback.KindNotFound, "find source %s: no such source", name), "see showback source list")
}
