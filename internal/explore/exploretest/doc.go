// Package exploretest is the test language of questions: scripts that load
// charges, ask, and say what the answer is, down to the last digit. README.md
// is its specification. Every engine runs the same scripts.
//
// It is imported by tests only, and must never know how an engine works or
// mend an answer before comparing it.
package exploretest
