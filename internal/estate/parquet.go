package estate

import (
	"io"
	"time"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/deprecated"
)

// pageSize bounds what a column has before it becomes a page, in bytes: of
// every column of every file under way, so much is in memory.
const pageSize = 1 << 18

// dictionarySize bounds a column's dictionary in a row group of a large file,
// in bytes. Past it texts are written as they are, as writers in use do it; a
// reader finds both in one column.
const dictionarySize = 2 << 20

// parquetWriter writes lines as a snappy Parquet file, in row groups of its
// caller's choice. Parquet-go orders columns by name, so a reader cannot rely
// on their place.
type parquetWriter struct {
	out    *parquet.GenericWriter[any]
	leaves []*leaf
}

func newParquetWriter(w io.Writer, columns []column, x *export) *parquetWriter {
	group := parquet.Group{}
	byName := map[string]*column{}
	options := []parquet.WriterOption{parquet.Compression(&parquet.Snappy), parquet.DataPageVersion(1),
		parquet.PageBufferSize(pageSize), parquet.CreatedBy("estate", "1", "0")}
	for i := range columns {
		c := &columns[i]
		group[c.name], byName[c.name] = node(c, x.clock), c
		if c.distinct {
			options = append(options, parquet.SkipPageBounds(c.name))
		}
	}
	if x.chunk.isLarge() {
		options = append(options, parquet.DictionaryMaxBytes(dictionarySize))
	}
	schema := parquet.NewSchema("export", group)
	p := &parquetWriter{out: parquet.NewGenericWriter[any](w, append(options, schema)...)}
	for i, path := range schema.Columns() {
		p.leaves = append(p.leaves, &leaf{column: byName[path[0]], at: x.clock, index: i, name: path[len(path)-1]})
	}
	return p
}

// write appends lines to the row group.
func (p *parquetWriter) write(lines []line) error {
	writers := p.out.ColumnWriters()
	for i, leaf := range p.leaves {
		if values := leaf.of(lines); len(values) > 0 {
			if _, err := writers[i].WriteRowValues(values); err != nil {
				return err
			}
		}
	}
	return nil
}

// endGroup ends the row group; the next write begins another.
func (p *parquetWriter) endGroup() error { return p.out.Flush() }

func (p *parquetWriter) close() error { return p.out.Close() }

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
	if c.distinct {
		text = parquet.Encoded(parquet.String(), &parquet.Plain)
	}
	return parquet.Optional(text)
}

// leaf turns lines into the values of one leaf column. What of returns is
// valid until its next call.
type leaf struct {
	column *column
	at     clock
	index  int
	name   string // the last part of its path: "key" or "value" in a map
	values []parquet.Value
	text   []byte // what values point into
	nulls  bool   // values are nulls and nothing else
}

func (f *leaf) of(lines []line) []parquet.Value {
	switch c := f.column; {
	case c.kind == mapColumn || c.kind == amountMapColumn:
		return f.entries(lines)
	case c.text == nil && c.amount == nil && c.time == nil:
		return f.blank(len(lines), 0)
	}
	f.values, f.text = f.values[:0], f.text[:0]
	null := parquet.NullValue().Level(0, 0, f.index)
	for i := range lines {
		if v, set := f.plain(&lines[i]); set {
			f.values = append(f.values, v.Level(0, 1, f.index))
		} else {
			f.values = append(f.values, null)
		}
	}
	return f.values
}

// blank returns n nulls of a definition level.
func (f *leaf) blank(n, level int) []parquet.Value {
	if !f.nulls || len(f.values) < n {
		f.values, f.nulls = f.values[:0], true
		for range n {
			f.values = append(f.values, parquet.NullValue().Level(0, level, f.index))
		}
	}
	return f.values[:n]
}

func (f *leaf) plain(l *line) (v parquet.Value, set bool) {
	switch c := f.column; {
	case c.text != nil:
		text := c.text(l)
		// A usage row without caller has an empty text, other rows a null:
		// both occur and both mean that there is none.
		if text == "" && (c.name != callerColumn || !l.isUsage()) {
			return parquet.Value{}, false
		}
		return f.textValue(text), true
	case c.amount != nil:
		n := c.amount(l)
		return parquet.DoubleValue(n.float), n.set
	}
	return instant(f.column.time(l), f.at), true
}

// textValue copies the text to a place that outlives the line's.
func (f *leaf) textValue(text string) parquet.Value {
	from := len(f.text)
	f.text = append(f.text, text...)
	return parquet.ByteArrayValue(f.text[from:len(f.text):len(f.text)])
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

// entries returns the keys or the values of a map column. A map is never null
// on a row: without entries it is empty.
func (f *leaf) entries(lines []line) []parquet.Value {
	const empty, entryKey, entryValue = 1, 2, 3 // definition levels
	pairs := f.column.pairs
	if pairs == nil {
		return f.blank(len(lines), empty)
	}
	f.values, f.text = f.values[:0], f.text[:0]
	none := parquet.NullValue().Level(0, empty, f.index)
	for i := range lines {
		entries := pairs(&lines[i])
		if len(entries) == 0 {
			f.values = append(f.values, none)
			continue
		}
		for n, e := range entries {
			repeats := min(n, 1)
			if f.name == "key" {
				f.values = append(f.values, f.textValue(e.key).Level(repeats, entryKey, f.index))
			} else {
				f.values = append(f.values, f.textValue(e.value).Level(repeats, entryValue, f.index))
			}
		}
	}
	return f.values
}
