// Package ingest is the flow of an import: it finds deliveries in folders and
// buckets, leaves out those that the ledger has, fetches what is in a bucket,
// loads the rest in one change of the ledger and reports what came of each. Sync
// does that for each source that the store remembers.
//
// It must never render, and never look into a data file itself: sources name
// files, blob brings them, the ledger reads them. It must never write to a bucket.
package ingest
