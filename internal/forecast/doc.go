// Package forecast says what days to come will cost, with a mean and bounds at
// an asked level, from the days that are billed.
//
// A forecast is an estimate and never billed money. The statistics work on
// floats inside; what goes in and comes out are decimals, those that come out
// rounded to Places. It must never read a clock, do I/O, or pass an
// estimate off as billed.
package forecast
