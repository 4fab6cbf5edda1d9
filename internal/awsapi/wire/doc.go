// Package wire speaks the protocols of AWS's services: it tells services apart
// on one port, has signatures verified, reads requests into Go values, calls the
// operation, and writes its answer or error in the shape that the protocol
// wants. An operation is a function
//
//	func(ctx context.Context, by Caller, in In) (Out, error)
//
// of plain structs, registered with Handle. Field names are AWS's, or stand in
// a json tag; what only one protocol needs to know stands in an aws tag (see
// options).
//
// It speaks AWS's query protocol (sts, iam) and JSON 1.0 and 1.1 (ce,
// cloudtrail), which is what botocore 1.43 has for these services; none of them
// has CBOR or REST. (botocore 1.43.11, metadata of the service models.) A
// request for anything else is answered with its own protocol's error.
//
// It must never run an operation for a request whose signature it has not seen
// verified, answer with HTML, tell a client why something failed inside, or
// keep more of a request in memory than its bounds.
package wire
