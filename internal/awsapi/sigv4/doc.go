// Package sigv4 verifies that a request was signed with AWS's Signature
// Version 4 by a key that is known, in the Authorization header or in the query
// string. What it refuses it refuses with AWS's words, so that a client's own
// remedies for a wrong secret or a wrong clock apply.
//
// It sends nothing, stores nothing and reads no clock. It must never tell of a
// secret, in an error or by how long it takes, nor take a part of the request
// for signed that is not.
//
// The rules are those of "Create a signed AWS API request" and "Troubleshoot
// Signature Version 4 signing for AWS API requests" (AWS, IAM User Guide,
// 2026-09). The order of the checks and the texts that those pages do not give
// are as others observed them: dynalite (mhart, MIT) for the JSON services,
// scratchstack-aws-signature and versitygw's IAM for the query ones, read
// November 2026.
package sigv4
