// Package reconcile proves the ledger: it reads the delivered CUR 2.0 files
// again with a reader of its own and compares what they say with what the
// ledger answers, to the last digit.
//
// A proof is worth what it does not share. The package must never import the
// import's side (the ledger, its sources, DuckDB), nor take a rule from it as
// code: formats, rounding, bases and the rule of which basis a delivery carries
// are written here a second time, from ARCHITECTURE.md. It must never write,
// and never call a delivery equal that it could not read to its end.
package reconcile
