// Package duckdb is the engine that answers plans over one version of the
// ledger: it attaches the segments that a plan needs, runs on each the query
// of internal/engine/sqlgen and adds up what comes back.
//
// It must never write into the store, keep a segment attached that it may not
// use again, or add amounts in a float.
package duckdb
