// Package ledger keeps every delivered charge exactly once: a small manifest
// that alone decides what is in, immutable segment files with the charges of
// one (payer, export, billing period) each, and one file of dimensions that
// carry the meaning of distinct values.
//
// A reader takes a Snapshot and holds one version until it closes it. A writer
// takes a Tx, of which there is one at a time; nothing it does is visible
// before Commit, and a crash at any point leaves the old version or the new.
//
// It must never know the command line or HTTP, and must never keep an amount
// in a float: a double is read as the shortest decimal that reads back as it.
package ledger
