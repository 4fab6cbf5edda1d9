// Package ce answers the operations of AWS Cost Explorer from the ledger: the
// requests and answers have the shapes of its API, so that the AWS command line
// and SDKs work on them unchanged. Requests become questions of explore, whose
// sums it writes down; without a filter a question is about the whole bill, as
// Cost Explorer's is.
//
// It must never read a clock or know HTTP, and never give a figure that the
// ledger does not have: what the bill does not tell is an error that says so. Of
// money it adds only what Cost Explorer has under one key.
package ce
