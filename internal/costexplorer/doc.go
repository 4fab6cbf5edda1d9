// Package costexplorer speaks the words of AWS Cost Explorer's API: it reads
// what GetCostAndUsage answers and the Expression of a request's Filter, and
// says what they mean in the words of explore: metrics, dimensions, groups and
// filters.
//
// It must never do I/O, read a clock, know AWS's SDK or add up money. What the
// ledger has no data for is refused by name, never answered with something
// near it.
package costexplorer
