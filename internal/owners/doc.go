// Package owners reads an owners file and says which tags its rules give to
// callers: teams for the people behind a role that nobody can tag.
//
// Everything here is a pure function. It must never do I/O, read a clock, or
// compute what something cost: it decides who matches what.
package owners
