// Package explore is the question language of the product: the Question as a
// value, the filter language, periods, the plan an engine runs and the Answer
// that surfaces render. It declares Engine; engines live below it.
//
// It must never write SQL, read a clock or do I/O: the moment "now" and the
// engine are passed in.
package explore
