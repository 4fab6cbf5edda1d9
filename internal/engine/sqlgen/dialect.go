package sqlgen

// Dialect holds what differs between the engines that query the star. All else
// that is written here, they agree on.
type Dialect struct {
	// Dims stands before the names of the dimension tables, its dot included.
	Dims string
	// Maps stands before the names of the maps that queries use, likewise.
	Maps string
	// Wide makes a BIGINT expression one whose sum can't overflow.
	Wide func(expr string) string
	// Hour makes a timestamp of a count of hours since 1970, UTC.
	Hour func(expr string) string
}

// DuckDB is the dialect of the embedded engine: the dimensions are attached as
// dims, and a sum of BIGINT is a HUGEINT.
var DuckDB = Dialect{
	Dims: "dims.",
	Maps: "memory.main.",
	Wide: func(expr string) string { return expr },
	Hour: func(expr string) string { return "make_timestamp(CAST(" + expr + " AS BIGINT) * 3600000000)" },
}
