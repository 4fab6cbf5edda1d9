package duckdb

import (
	"context"
	"database/sql"
	"strings"
	"sync"

	"showback/internal/engine/sqlgen"
)

// maps are the tables of an instance that queries join charges with. Each is
// made by the first query that needs it, and goes with what it was made of.
type maps struct {
	mu   sync.Mutex
	made map[string]*madeMap
}

type madeMap struct {
	mu   sync.Mutex
	done bool
	of   []string // catalogs that it was made of
}

// make makes sure that the map is there. It is made of the catalogs, or some
// of them.
func (ms *maps) make(ctx context.Context, db *sql.DB, m sqlgen.Map, catalogs ...string) error {
	ms.mu.Lock()
	if ms.made == nil {
		ms.made = map[string]*madeMap{}
	}
	made := ms.made[m.Name]
	if made == nil {
		made = &madeMap{}
		for _, c := range catalogs {
			if madeOf(m, c) {
				made.of = append(made.of, c)
			}
		}
		ms.made[m.Name] = made
	}
	ms.mu.Unlock()
	made.mu.Lock()
	defer made.mu.Unlock()
	if made.done {
		return nil
	}
	// All or nothing: who is interrupted leaves no half of it.
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // after Commit it does nothing
	for _, s := range m.Make {
		if _, err := tx.ExecContext(ctx, s.Text, s.Args...); err != nil {
			return err
		}
	}
	if err := tx.Commit(); err != nil {
		return err
	}
	made.done = true
	return nil
}

// madeOf reports whether the map's statements read the catalog: its name, or a
// table of derived callers that is named after it.
func madeOf(m sqlgen.Map, catalog string) bool {
	for _, s := range m.Make {
		if strings.Contains(s.Text, " "+catalog+".") || strings.Contains(s.Text, ".callers_"+catalog+" ") {
			return true
		}
	}
	return false
}

// drop drops the maps that were made of a catalog, which nobody uses any more.
// What can't be dropped costs some memory and harms nothing: its name does not
// come back.
func (ms *maps) drop(db *sql.DB, catalog string) {
	ms.mu.Lock()
	defer ms.mu.Unlock()
	for name, made := range ms.made {
		for _, of := range made.of {
			if of != catalog {
				continue
			}
			delete(ms.made, name)
			for _, suffix := range []string{"", "_v"} {
				_, _ = db.ExecContext(context.Background(), "DROP TABLE IF EXISTS "+name+suffix)
			}
		}
	}
}
