package estate

import "math"

// layout is how an export keeps its refreshes.
type layout int

const (
	overwrite layout = iota // one set of files for a billing period
	createNew               // a folder for each execution
)

// clock is how a Parquet file writes instants. AWS does not say which it uses;
// a reader has to take all three, all of them UTC.
type clock int

const (
	millis clock = iota // adjusted to UTC
	micros              // without a time zone
	int96
)

// export is one configured stream of bills of a payer.
type export struct {
	name        string
	payer       *payer
	first, last int // months of the year, inclusive
	layout      layout
	csv         bool
	hourly      bool
	clock       clock
	// callers says that the export has line_item_iam_principal and the tags of
	// callers, net the net columns, commitments those of savings plans and
	// reservations, listed blended costs and list prices.
	callers, net, commitments, listed bool
	resourcePrefix                    string // before a resource tag's own key
	chunk                             chunk
	url                               string // of the export's folder, in the manifest
}

// chunk bounds a data file: it ends with the row group in which it reaches one
// of rows and bytes.
type chunk struct {
	rows  int
	group int // rows of a row group
	bytes int64
}

// small returns chunks of one row group.
func small(rows int) chunk { return chunk{rows, rows, math.MaxInt64} }

// isLarge reports a chunk of several row groups.
func (c chunk) isLarge() bool { return c.group < c.rows }

// large are AWS's chunks of a large month, as they are seen: a quarter of a
// gibibyte, in row groups of some 100 MB before compression.
var large = chunk{math.MaxInt, 400_000, 235 << 20}

// replacedExport is the month of the year in which Example Europe replaced its export:
// one that exists does not get the caller column.
const replacedExport = 5

// restatedMonth is the month of the year that Example Europe got twice.
const restatedMonth = 9

func exportsOf(payers []*payer, s scale) []*export {
	group, europe, labs := payers[0], payers[1], payers[2]
	list := []*export{
		{name: "group-cur2", payer: group, last: monthCount - 1, layout: overwrite, clock: millis,
			callers: true, net: true, commitments: true, listed: true, chunk: small(3000)},
		{name: "europe-cur2", payer: europe, last: replacedExport - 1, layout: createNew, clock: int96, chunk: small(100_000)},
		{name: "europe-cur2-callers", payer: europe, first: replacedExport, last: monthCount - 1, layout: createNew, clock: micros,
			callers: true, listed: true, chunk: small(100_000)},
		{name: "labs-cur2", payer: labs, last: monthCount - 1, layout: overwrite, csv: true, hourly: true,
			callers: true, commitments: true, listed: true, resourcePrefix: "user:", chunk: small(100_000)},
	}
	if s.hourly() {
		list[0].hourly, list[0].chunk = true, large
	}
	for _, x := range list {
		x.url = "s3://example-billing-" + x.payer.id + "/cur/" + x.name
	}
	return list
}
