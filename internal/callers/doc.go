// Package callers sets those whom bills name beside those whom the directory
// knows: what each spent, who is unknown, and to whom an owners file gives what.
// Every amount comes of an explore question, and sums are exact.
//
// It must never change the directory, and no caller with dollars may be left out
// of what it says.
package callers
