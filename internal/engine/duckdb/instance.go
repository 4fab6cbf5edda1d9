package duckdb

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"net/url"
	"os"
	"runtime"
	"strconv"
	"sync/atomic"

	"github.com/duckdb/duckdb-go/v2"

	"showback"
)

// memoryLimit bounds what the engine holds before it spills to the disk. Its
// own default is 80 % of the machine.
const memoryLimit = "2GB"

// instance is a running DuckDB with the files attached to it, which engines
// over several versions of a ledger may share.
type instance struct {
	db       *sql.DB
	tmp      string // folder that it spills to
	slots    chan struct{}
	segments segments
	maps     maps
	names    atomic.Int64 // numbers catalogs, so that no name comes back
}

func newInstance() (*instance, error) {
	tmp, err := os.MkdirTemp("", "showback-")
	if err != nil {
		return nil, showback.Errorf(showback.KindUnavailable, "make temporary folder: %w", err)
	}
	cores := runtime.GOMAXPROCS(0)
	connector, err := duckdb.NewConnector(settings(tmp, cores), prepare)
	if err != nil {
		os.RemoveAll(tmp)
		return nil, showback.Errorf(showback.KindUnavailable, "open engine: %w", err)
	}
	in := &instance{db: sql.OpenDB(connector), tmp: tmp, slots: make(chan struct{}, cores)}
	in.segments = segments{in: in, keep: idleSegments, open: map[string]*segment{}}
	// A connection that is kept costs nothing and saves its set-up.
	in.db.SetMaxIdleConns(cores + 1)
	return in, nil
}

// name makes a name for a catalog.
func (in *instance) name(letter string) string { return fmt.Sprintf("%s%d", letter, in.names.Add(1)) }

func (in *instance) close() error {
	err := in.db.Close()
	if removed := os.RemoveAll(in.tmp); err == nil {
		err = removed
	}
	if err != nil {
		return showback.Errorf(showback.KindUnavailable, "close engine: %w", err)
	}
	return nil
}

// settings writes the settings of the whole engine. They hold from its start:
// the folder to spill to cannot be set again once it was used. All are set
// explicitly, since the defaults would write where the program runs and look
// for extensions on the network.
func settings(tmp string, threads int) string {
	return "?" + url.Values{
		"memory_limit":                 {memoryLimit},
		"threads":                      {strconv.Itoa(threads)},
		"temp_directory":               {tmp},
		"autoinstall_known_extensions": {"false"},
		"autoload_known_extensions":    {"false"},
	}.Encode()
}

// prepare sets what each connection has of its own.
func prepare(conn driver.ExecerContext) error {
	for _, set := range []string{"SET TimeZone = 'UTC'", "SET enable_progress_bar = false"} {
		if _, err := conn.ExecContext(context.Background(), set, nil); err != nil {
			return err
		}
	}
	return nil
}
