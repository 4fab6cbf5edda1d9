// Package cur recognises CUR 2.0 (AWS Data Exports) deliveries and says which
// column of a file gives which field of a charge. Discover lists folders and
// reads manifests, on the local disk or, as DiscoverIn, in any other tree such
// as a bucket's; Map turns a file's columns into a mapping.
//
// What is taken for what:
//
//	overwrite   <export>/data/BILLING_PERIOD=2026-10/<export>-00001.snappy.parquet
//	            <export>/metadata/BILLING_PERIOD=2026-10/<export>-Manifest.json
//	create new  <export>/data/BILLING_PERIOD=2026-10/<time>-<execution>/<export>-00001.csv.gz
//	            <export>/metadata/BILLING_PERIOD=2026-10/<time>-<execution>/<export>-Manifest.json
//	            <export>/metadata/BILLING_PERIOD=2026-10/<export>-Manifest.json   (the current one)
//
// (AWS, "Understanding export delivery", 2026-10.) AWS writes the manifest last
// and leaves surplus chunks of an older refresh behind, so where there is a
// manifest the files are those it names, no other. AWS documents what is in a
// manifest but not its key names; they are read as several independent
// consumers have found them, tolerantly.
//
// Without one, files are found by listing; then a hole in their numbers is
// refused, since nothing else tells that a file is missing.
//
// It must never read a data file, write, run SQL, or know of any tree but the disk.
package cur
