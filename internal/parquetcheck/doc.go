// Package parquetcheck looks a Parquet file over before a reader that trusts it
// opens it: the frame, what the footer claims against the bytes that are there,
// the header of each page, and each page's checksum where it has one. A reader
// allocates what a file claims; after this check a claim is no larger than an
// honest file's.
//
// The import and the proof both call it. That takes nothing from the proof: the
// package refuses a file or lets it pass, and hands out no value of it. It must
// never decode a value, hold a page in memory, or allocate what a file claims.
package parquetcheck
