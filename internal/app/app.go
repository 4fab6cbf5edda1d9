// Package app wires the program: it opens a store, takes a version of it and
// puts an engine on top, for the surfaces above. It must never hold logic of
// its own, and nothing but commands may import it.
package app

import (
	"context"
	"errors"

	"showback/internal/cli"
	"showback/internal/engine/duckdb"
	"showback/internal/ledger"
)

// Open opens the version in force of the store in dir. The caller calls Close,
// which closes the engine and then the snapshot.
func Open(ctx context.Context, dir string) (*cli.Opened, error) {
	snapshot, err := ledger.Open(dir).Snapshot()
	if err != nil {
		return nil, err
	}
	engine, err := duckdb.Open(ctx, snapshot)
	if err != nil {
		return nil, errors.Join(err, snapshot.Close())
	}
	return &cli.Opened{
		Snapshot: snapshot,
		Engine:   engine,
		Close:    func() error { return errors.Join(engine.Close(), snapshot.Close()) },
	}, nil
}
