// Package blobtest is an S3 server in the test's own process, for tests of what
// reads buckets. It speaks as much of the protocol as such readers use, counts
// what they ask for, and breaks where a test wants it to.
//
//	srv := blobtest.Serve(t)
//	srv.Setenv(t) // the SDK's default chain now leads to it
//	srv.Put("bills", "exp/data/a.csv.gz", body)
//	srv.Put("bills", "exp/data/b.parquet", body, blobtest.Parts(5<<20), blobtest.Checksum("CRC64NVME"))
//
//	srv.Fail(blobtest.On{Op: blobtest.Get, Key: "exp/data/a.csv.gz"}, 1, blobtest.Cut(1000))
//	… // the next GET of it is cut after 1,000 bytes, the one after is whole
//	got := srv.Counts().Of(blobtest.On{Op: blobtest.Get})
//	// got.Requests, got.Bytes
//
// The server is addressed by path, as servers of one's own are. Requests must be
// signed with the key of Env, unless the bucket is public; the signature itself
// is not checked, its region is. What it answers is modelled on Amazon S3 API
// Reference, 2026-10, and on what moto 5.2 answers to the same requests.
//
// It stands aside: nothing but tests may import it. It must never reach for the
// network beyond its own listener.
package blobtest
