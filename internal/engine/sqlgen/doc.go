// Package sqlgen turns a plan into SQL over the star of one segment. It says
// in SQL what ARCHITECTURE.md §3 says in words; internal/engine/mem says the
// same charge by charge and is what it is checked against.
//
// It must never open a database, know a driver or splice a value of the asker
// into a query: those are parameters.
package sqlgen
