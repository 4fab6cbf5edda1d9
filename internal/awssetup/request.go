package awssetup

// Export is the export that CreateExport of Data Exports is asked for, in
// AWS's JSON.
type Export struct {
	Name                      string
	Description               string
	DataQuery                 DataQuery
	DestinationConfigurations Destination
	RefreshCadence            Cadence
}

// DataQuery says which rows and columns, and how the table is made.
type DataQuery struct {
	QueryStatement string
	// TableConfigurations is table → property → value.
	TableConfigurations map[string]map[string]string
}

// Destination says where the files go.
type Destination struct{ S3Destination S3Destination }

// S3Destination is a bucket. S3BucketOwner is left to AWS's default, the
// caller: CLIs from before 2026 do not know it.
type S3Destination struct {
	S3Bucket               string
	S3Prefix               string
	S3Region               string
	S3OutputConfigurations Output
}

// Output says how the files are written.
type Output struct {
	OutputType  string
	Format      string
	Compression string
	Overwrite   string
}

// Cadence says when the export is refreshed.
type Cadence struct{ Frequency string }

// configuration of the table: hours, resources and callers on. Split cost
// allocation repeats costs on other rows, and manual discount compatibility
// takes the discounts' details away; both are off by default, and written down
// so that nobody need look that up.
func configuration() map[string]string {
	return map[string]string{
		"TIME_GRANULARITY":                      "HOURLY",
		"INCLUDE_RESOURCES":                     "TRUE",
		"INCLUDE_IAM_PRINCIPAL_DATA":            "TRUE",
		"INCLUDE_SPLIT_COST_ALLOCATION_DATA":    "FALSE",
		"INCLUDE_MANUAL_DISCOUNT_COMPATIBILITY": "FALSE",
	}
}

// Request is the export to ask for. A refresh takes the place of the files
// before it: showback keeps what it needs of them.
func (s Setup) Request() Export {
	output := Output{OutputType: "CUSTOM", Format: "PARQUET", Compression: "PARQUET", Overwrite: "OVERWRITE_REPORT"}
	if s.Format == CSV {
		output.Format, output.Compression = "TEXT_OR_CSV", "GZIP"
	}
	return Export{
		Name:        s.Export,
		Description: "The whole bill with callers, for showback",
		DataQuery: DataQuery{
			QueryStatement:      query(),
			TableConfigurations: map[string]map[string]string{table: configuration()},
		},
		DestinationConfigurations: Destination{S3Destination{
			S3Bucket: s.bucket(), S3Prefix: s.Prefix, S3Region: s.Region, S3OutputConfigurations: output,
		}},
		RefreshCadence: Cadence{Frequency: "SYNCHRONOUS"},
	}
}
