// Package identity takes a caller apart: an ARN as billed becomes a principal
// and a session, and a session becomes a person where the rules of
// ARCHITECTURE.md §3 allow it.
//
// Everything here is a pure function over one distinct caller. It must never
// do I/O, fail on a value it does not know, or name a person that no rule
// vouches for.
package identity
