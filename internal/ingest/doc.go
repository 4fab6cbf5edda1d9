// Package ingest is the flow of an import: it finds deliveries, leaves out
// those that the ledger has, loads the others in one change of the ledger and
// reports what came of each.
//
// It must never render, and never read a data file itself: sources name
// files, the ledger reads them.
package ingest
