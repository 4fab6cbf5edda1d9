// Package enginetest is what every engine must pass: the scripts of
// exploretest, and a comparison with the oracle, internal/engine/mem, over
// random charges and random questions. It also writes charges as the CUR 2.0
// file that a bill would bring them in, so that an engine can be filled through
// the real import.
//
// It is imported by tests only, and must never excuse an engine: what two
// engines may answer differently is not in the question language.
package enginetest
