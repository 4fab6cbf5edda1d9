// Package source holds the words in which sources of bills speak to the
// ledger: deliveries, files, columns and mappings, all of them data. The
// sources themselves, one package per format, stand below it.
//
// It must never read a file, write or run SQL.
package source

import (
	"time"

	"showback"
)

// Delivery is one refresh of one billing period of one export.
type Delivery struct {
	Export string // name of the export
	ARN    string // of the export; empty when nothing names it
	// Month is the billing period that the layout or the manifest names; empty
	// when only the charges can tell.
	Month showback.Month
	// ID names the execution: AWS's execution id, else a digest of the files.
	ID string
	// Manifest is the path of the manifest that names the files, s3://bucket/key
	// in a bucket; empty when there is none and the files were found by listing.
	Manifest string
	// Listed reports that no manifest says which files it is of.
	Listed bool
	// Made is when the delivery was made, MadeFrom how that is known:
	// "execution" (the folder's timestamp), "manifest" or "file time".
	Made     time.Time
	MadeFrom string
	Files    []File
	// Notes are remarks for the import report.
	Notes []string
	// Declared are the columns that the manifest names; nil when it names none.
	Declared []Column
}

// File is one data file of a delivery.
type File struct {
	// Path is absolute on the local disk. For a file that is still in a bucket
	// it is the path in the bucket's tree, and Object is set.
	Path   string
	Name   string // as the manifest or the folder gives it, for messages
	Format Format
	Size   int64
	// Object is the address of a file in a bucket, s3://bucket/key, and ETag
	// what the bucket calls its content; empty for a local file.
	Object string
	ETag   string
}

// Format is how a data file is written.
type Format string

// The formats.
const (
	Parquet Format = "parquet"
	CSV     Format = "csv"
	CSVGzip Format = "csv.gz"
)

// Column is a column as a file has it. Type is the engine's name of its type:
// VARCHAR, DOUBLE, TIMESTAMP, MAP(VARCHAR, VARCHAR), …; all CSV columns are VARCHAR.
type Column struct {
	Name string
	Type string
}

// Field is one thing the ledger wants to know of a charge. Its text is the
// name of the CUR 2.0 column that holds it.
type Field string

// Mapping says which column of a file gives which field.
type Mapping struct {
	Columns map[Field]Column
	// Unused are the file's columns that no field takes.
	Unused []string
}

// Has reports whether the mapping gives the field.
func (m Mapping) Has(f Field) bool { _, ok := m.Columns[f]; return ok }
