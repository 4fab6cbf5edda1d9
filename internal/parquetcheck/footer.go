package parquetcheck

import (
	"fmt"
	"math"

	"showback"
)

// What an honest file keeps to. CUR 2.0 has some 130 columns in row groups and
// pages of a few MB; the bounds leave two orders of magnitude.
const (
	maxFooter  = 256 << 20
	maxColumns = 10_000
	maxNodes   = 4 * maxColumns // a map has 4
	maxDepth   = 16             // of the schema; a map is 3 deep
	// A row of a bill takes some 20 bytes of a file at the least. Few rows may
	// be written as small as they like.
	fewRows     = 10_000_000
	rowsPerByte = 10
)

// Footer is what a file says of itself.
type Footer struct {
	Rows    int64
	Columns []string // names at the top of the schema, in the order of the file

	groups []rowGroup
	leaves []leaf
}

// leaf is a column that has values.
type leaf struct {
	name     string // of the column at the top of the schema that it is part of
	repeated bool   // any number of values in a row
	width    int64  // bytes of a value in a dictionary, at the least
}

type rowGroup struct {
	rows   int64
	chunks []chunk
}

// chunk is the part of a column that is in a row group.
type chunk struct {
	codec      int64
	values     int64
	compressed int64 // bytes, headers included
	dataPage   int64 // offset in the file
	dictionary int64 // offset in the file; 0 for none
	encrypted  bool
	elsewhere  bool // in another file
}

// start is where the first page begins.
func (c *chunk) start() int64 {
	if c.dictionary > 0 && c.dictionary < c.dataPage {
		return c.dictionary
	}
	return c.dataPage
}

// schemaElement is a node of the schema, which is written depth first.
type schemaElement struct {
	name       string
	typ        int64 // of a leaf
	length     int64 // of a value of fixed length
	repetition int64
	children   int64
}

// repeated is the repetition of a column that may have several values in a row.
const repeated = 2

// readFooter reads FileMetaData. (Apache Parquet, "parquet.thrift", 2025.)
func readFooter(r *reader) (*Footer, error) {
	f := &Footer{Rows: -1}
	var schema []schemaElement
	encrypted := false
	r.structure(func(id int16, typ byte) bool {
		switch id {
		case 2:
			r.list(typ, func() {
				if schema = append(schema, readElement(r)); len(schema) > maxNodes {
					r.fail("its schema has more than %d nodes", maxNodes)
				}
			})
		case 3:
			f.Rows = r.integer(typ)
		case 4:
			r.list(typ, func() { f.groups = append(f.groups, readGroup(r)) })
		case 8:
			encrypted = true
			return false
		default:
			return false
		}
		return true
	})
	switch {
	case encrypted:
		return nil, errEncrypted("its columns are")
	case r.err != nil:
		return nil, r.err
	case r.left > 0: // a damaged byte can end a struct too early
		return nil, fmt.Errorf("it ends %d bytes before its end", r.left)
	case f.Rows < 0:
		return nil, fmt.Errorf("it claims %d rows", f.Rows)
	}
	return f, f.takeSchema(schema)
}

func readElement(r *reader) schemaElement {
	var e schemaElement
	r.structure(func(id int16, typ byte) bool {
		switch id {
		case 1:
			e.typ = r.integer(typ)
		case 2:
			e.length = r.integer(typ)
		case 3:
			e.repetition = r.integer(typ)
		case 4:
			e.name = r.text(typ)
		case 5:
			e.children = r.integer(typ)
		default:
			return false
		}
		return true
	})
	return e
}

func readGroup(r *reader) rowGroup {
	g := rowGroup{rows: -1}
	r.structure(func(id int16, typ byte) bool {
		switch id {
		case 1:
			r.list(typ, func() { g.chunks = append(g.chunks, readChunk(r)) })
		case 3:
			g.rows = r.integer(typ)
		default:
			return false
		}
		return true
	})
	return g
}

func readChunk(r *reader) chunk {
	c := chunk{dataPage: -1, values: -1, compressed: -1}
	r.structure(func(id int16, typ byte) bool {
		switch id {
		case 1:
			c.elsewhere = true
			return false
		case 3:
			if typ != thriftStruct {
				return false
			}
			c.readMetadata(r)
		case 8:
			c.encrypted = true
			return false
		default:
			return false
		}
		return true
	})
	// A struct of a byte would make the footer a hundred times as large in
	// memory as it is on the disk.
	if r.err == nil && c.dataPage < 0 && !c.encrypted {
		r.fail("a column chunk that does not say where it is")
	}
	return c
}

func (c *chunk) readMetadata(r *reader) {
	r.structure(func(id int16, typ byte) bool {
		switch id {
		case 4:
			c.codec = r.integer(typ)
		case 5:
			c.values = r.integer(typ)
		case 7:
			c.compressed = r.integer(typ)
		case 9:
			c.dataPage = r.integer(typ)
		case 11:
			c.dictionary = r.integer(typ)
		default:
			return false
		}
		return true
	})
}

// takeSchema finds the columns in the list of schema elements.
func (f *Footer) takeSchema(schema []schemaElement) error {
	if len(schema) == 0 {
		return fmt.Errorf("it has no schema")
	}
	// open are the groups that the walk is in, with how many children each
	// still has to come.
	type group struct {
		left     int64
		repeated bool
	}
	open := []group{{left: schema[0].children}}
	for _, e := range schema[1:] {
		for len(open) > 0 && open[len(open)-1].left == 0 {
			open = open[:len(open)-1]
		}
		if len(open) == 0 || e.children < 0 || e.children > int64(len(schema)) {
			return fmt.Errorf("its schema is no tree")
		}
		in := &open[len(open)-1]
		in.left--
		if len(open) == 1 {
			f.Columns = append(f.Columns, e.name)
		}
		many := in.repeated || e.repetition == repeated
		if e.children == 0 {
			f.leaves = append(f.leaves, leaf{f.Columns[len(f.Columns)-1], many, widthOf(e)})
			continue
		}
		if open = append(open, group{e.children, many}); len(open) > maxDepth {
			return fmt.Errorf("column %s is nested more than %d deep", f.Columns[len(f.Columns)-1], maxDepth)
		}
	}
	for _, g := range open {
		if g.left != 0 {
			return fmt.Errorf("its schema is no tree")
		}
	}
	if len(f.leaves) == 0 && f.Rows > 0 {
		return fmt.Errorf("it claims %d rows without columns", f.Rows)
	}
	if len(f.leaves) > maxColumns {
		return fmt.Errorf("it has %d columns, want at most %d", len(f.leaves), maxColumns)
	}
	return nil
}

// widthOf returns the bytes that a value takes in a dictionary, at the least.
func widthOf(e schemaElement) int64 {
	switch e.typ {
	case 1, 4, 6: // INT32, FLOAT, BYTE_ARRAY with its length
		return 4
	case 2, 5: // INT64, DOUBLE
		return 8
	case 3: // INT96
		return 12
	case 7: // FIXED_LEN_BYTE_ARRAY
		return max(e.length, 1)
	}
	return 1
}

// checkClaims holds what the footer claims against the size of the file, whose
// pages lie before end.
func (f *Footer) checkClaims(size, end int64) error {
	var rows, bytes int64
	for i, g := range f.groups {
		if g.rows < 0 || g.rows > math.MaxInt64-rows {
			return fmt.Errorf("row group %d claims %d rows", i+1, g.rows)
		}
		rows += g.rows
		if len(g.chunks) != len(f.leaves) {
			return fmt.Errorf("row group %d has %d columns, the schema %d", i+1, len(g.chunks), len(f.leaves))
		}
		for j := range g.chunks {
			c := &g.chunks[j]
			if err := f.checkChunk(c, f.leaves[j], g.rows, size, end); err != nil {
				return err
			}
			if bytes += c.compressed; bytes > size {
				return fmt.Errorf("its columns claim more bytes than the %d of the file", size)
			}
		}
	}
	if rows != f.Rows {
		return fmt.Errorf("it claims %d rows, its row groups %d", f.Rows, rows)
	}
	return nil
}

func (f *Footer) checkChunk(c *chunk, l leaf, rows, size, end int64) error {
	switch {
	case c.encrypted:
		return errEncrypted("column " + l.name + " is")
	case c.elsewhere:
		return fmt.Errorf("column %s lies in another file", l.name)
	case c.codec < 0 || c.codec >= int64(len(codecs)) || codecs[c.codec] != "":
		return errCodec(l.name, c.codec)
	case c.compressed < 0 || c.dataPage < magicBytes || c.start() > end || c.compressed > end-c.start():
		return fmt.Errorf("column %s claims %d bytes from byte %d, the file has %d for data", l.name, c.compressed, c.start(), end)
	case c.values < 0, !l.repeated && c.values != rows:
		return fmt.Errorf("column %s claims %d values in %d rows", l.name, c.values, rows)
	case c.values > fewRows && c.values/rowsPerByte > size:
		return fmt.Errorf("it claims %d rows in %d bytes, more than a bill can have", c.values, size)
	}
	return nil
}

// codecs are the ways to compress, by number; the empty ones can be read.
var codecs = []string{"", "", "", "LZO", "", "", "", ""}

func errCodec(column string, codec int64) error {
	name := fmt.Sprintf("codec %d", codec)
	if codec >= 0 && codec < int64(len(codecs)) {
		name = codecs[codec]
	}
	return showback.WithHint(showback.Errorf(showback.KindInvalid, "column %s is compressed with %s, which cannot be read", column, name),
		"write the file with Snappy, Zstandard, gzip or without compression")
}

func errEncrypted(what string) error {
	return showback.WithHint(showback.Errorf(showback.KindInvalid, "%s encrypted, which cannot be read without its keys", what),
		"write the file again without Parquet's own encryption, which AWS does not use; encryption of the bucket does not matter")
}
