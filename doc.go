// Package showback is the vocabulary of the product: exact money, periods,
// ARNs, callers, tag keys, meters, charges and the kinds of error. Every other
// package speaks in these words; each word has one meaning, given in
// ARCHITECTURE.md.
//
// It imports the standard library only and must never know storage, HTTP, a
// command line or the AWS SDK. Amounts of money are never held in a float.
package showback
