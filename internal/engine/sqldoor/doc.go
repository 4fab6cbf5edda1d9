// Package sqldoor lets a person ask a version of the ledger in SQL, over views
// that Schema documents. It is a door: a DuckDB of its own, with the store
// attached read-only, no file system, a locked configuration and bounds on
// memory and time, through which one SELECT passes at a time.
//
// Two walls stand behind each other. check reads the statement as the parser
// understood it and lets through what is named: the views, a few functions that
// make rows, and the functions of functions.txt. Behind it the engine can open
// no file, load nothing and change no setting, whatever it is asked.
//
// It must never run a text that check has not passed, give the asker's engine a
// file to write, or show an amount that went through a floating-point number.
package sqldoor
