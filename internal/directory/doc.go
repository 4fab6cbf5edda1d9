// Package directory is what the store knows of the account beside its bills:
// users and roles with their tags over time, access keys, which cost allocation
// tags are active, the rules of an owners file, and an event for each change. It
// lies in one SQLite database, state.db, that any number of processes read and
// change at once, and it knows no command line and no wire.
//
// A change that was acknowledged is on the disk. A change is whole or is not,
// with its event, and raises the version by one.
//
// It must never hold facts of the bill, hand out a secret twice, keep one that
// is not sealed, or lose what a principal's tags once were.
package directory
