package estate

import (
	"io"
	"time"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/deprecated"
)

// pageSize keeps a column of a file in few pages.
const pageSize = 1 << 20

// writeParquet writes the lines as one row group of a snappy Parquet file.
// Parquet-go orders columns by name, so a reader cannot rely on their place.
func writeParquet(w io.Writer, columns []column, at clock, lines []line) error {
	group := parquet.Group{}
	for i := range columns {
		group[columns[i].name] = node(&columns[i], at)
	}
	schema := parquet.NewSchema("export", group)
	out := parquet.NewGenericWriter[any](w, schema, parquet.Compression(&parquet.Snappy), parquet.DataPageVersion(1),
		parquet.PageBufferSize(pageSize), parquet.CreatedBy("estate", "1", "0"))
	byName := map[string]*column{}
	for i := range columns {
		byName[columns[i].name] = &columns[i]
	}
	writers := out.ColumnWriters()
	for i, path := range schema.Columns() {
		c := byName[path[0]]
		values := leaf(c, at, i, path[len(path)-1], lines)
		if len(values) == 0 {
			continue
		}
		if _, err := writers[i].WriteRowValues(values); err != nil {
			return err
		}
	}
	return out.Close()
}

func node(c *column, at clock) parquet.Node {
	text := parquet.Encoded(parquet.String(), &parquet.RLEDictionary)
	switch c.kind {
	case amountColumn:
		return parquet.Optional(parquet.Leaf(parquet.DoubleType))
	case mapColumn:
		return parquet.Optional(parquet.Map(text, parquet.Optional(text)))
	case amountMapColumn:
		return parquet.Optional(parquet.Map(text, parquet.Optional(parquet.Leaf(parquet.DoubleType))))
	case timeColumn:
		switch at {
		case int96:
			return parquet.Optional(parquet.Leaf(parquet.Int96Type))
		case micros:
			return parquet.Optional(parquet.TimestampAdjusted(parquet.Microsecond, false))
		}
		return parquet.Optional(parquet.Timestamp(parquet.Millisecond))
	}
	return parquet.Optional(text)
}

// leaf returns the values of one leaf column. name is the last part of its
// path: "key" or "value" in a map.
func leaf(c *column, at clock, index int, name string, lines []line) []parquet.Value {
	if c.kind == mapColumn || c.kind == amountMapColumn {
		return mapLeaf(c, index, name, lines)
	}
	values := make([]parquet.Value, 0, len(lines))
	for i := range lines {
		v, set := plainValue(c, at, &lines[i])
		if !set {
			values = append(values, parquet.NullValue().Level(0, 0, index))
			continue
		}
		values = append(values, v.Level(0, 1, index))
	}
	return values
}

func plainValue(c *column, at clock, l *line) (v parquet.Value, set bool) {
	switch {
	case c.text != nil:
		text := c.text(l)
		// A usage row without caller has an empty text, other rows a null:
		// both occur and both mean that there is none.
		keep := c.name == callerColumn && l.isUsage()
		return parquet.ByteArrayValue([]byte(text)), text != "" || keep
	case c.amount != nil:
		n := c.amount(l)
		return parquet.DoubleValue(n.float), n.set
	case c.time != nil:
		return instant(c.time(l), at), true
	}
	return parquet.Value{}, false
}

// julianEpoch is the Julian day of 1970-01-01, from which INT96 counts.
const julianEpoch = 2440588

func instant(t time.Time, at clock) parquet.Value {
	switch at {
	case micros:
		return parquet.Int64Value(t.UnixMicro())
	case int96:
		days, rest := t.Unix()/86400, t.Unix()%86400*int64(time.Second)
		return parquet.Int96Value(deprecated.Int96{uint32(rest), uint32(rest >> 32), uint32(days + julianEpoch)})
	}
	return parquet.Int64Value(t.UnixMilli())
}

// mapLeaf returns the keys or the values of a map column. A map is never null
// on a row: without entries it is empty.
func mapLeaf(c *column, index int, name string, lines []line) []parquet.Value {
	const empty, entryKey, entryValue = 1, 2, 3 // definition levels
	values := make([]parquet.Value, 0, len(lines)*2)
	for i := range lines {
		var entries []pair
		if c.pairs != nil {
			entries = c.pairs(&lines[i])
		}
		if len(entries) == 0 {
			values = append(values, parquet.NullValue().Level(0, empty, index))
			continue
		}
		for n, e := range entries {
			repeats := min(n, 1)
			if name == "key" {
				values = append(values, parquet.ByteArrayValue([]byte(e.key)).Level(repeats, entryKey, index))
			} else {
				values = append(values, parquet.ByteArrayValue([]byte(e.value)).Level(repeats, entryValue, index))
			}
		}
	}
	return values
}
