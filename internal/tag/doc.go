// Package tag turns the tag maps of a charge into one canonical set: each cost
// allocation tag once, under the source that gave it, however the bill spelled
// its key. It also adds up the dated changes of a principal's tags: which were
// in force when, and on which day.
//
// Everything here is a pure function over one distinct text. It must never do
// I/O, merge the same key from two sources (a caller's team and a resource's
// team are two tags), or let a result depend on the order of a map's entries.
package tag
