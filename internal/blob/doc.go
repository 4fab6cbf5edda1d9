// Package blob reads objects of S3 and of servers that speak its protocol:
// it lists a bucket, reads small objects whole and brings large ones to the
// disk, resumed after a cut and checked against what the bucket says of them.
// Tree shows a listing as folders and files to code that recognises exports.
//
// Credentials, profiles and endpoints are those of the AWS SDK's default chain.
// Buckets in other regions are found by S3's redirects.
//
// It must never write to a bucket, parse what it reads, or put a secret into
// an error.
package blob
