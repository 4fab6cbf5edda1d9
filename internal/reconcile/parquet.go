package reconcile

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"

	"showback"
	"showback/internal/parquetcheck"
)

// readParquet visits the rows of a Parquet file. Only the chunks of the columns
// that are needed are read, side by side. What the file claims is looked over
// first: the library allocates it.
func readParquet(ctx context.Context, f io.ReaderAt, size int64, visit func(*line) error) (err error) {
	if _, err := parquetcheck.Check(ctx, f, size); err != nil {
		return showback.Errorf(showback.KindOf(err), "read Parquet: %w", err)
	}
	visiting := false
	defer func() {
		// The library ends in a panic on some pages that are damaged and have
		// no checksum; one of ours must not pass for that.
		if fault := recover(); fault != nil {
			if visiting {
				panic(fault)
			}
			err = showback.Errorf(showback.KindCorrupt, "read Parquet: its data is damaged: %v", fault)
		}
	}()
	return readRows(f, size, func(l *line) error {
		visiting = true
		err := visit(l)
		visiting = false
		return err
	})
}

func readRows(f io.ReaderAt, size int64, visit func(*line) error) error {
	file, err := parquet.OpenFile(f, size,
		parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true), parquet.ReadBufferSize(256<<10))
	if err != nil {
		return showback.Errorf(showback.KindCorrupt, "read Parquet: %w", err)
	}
	if file.NumRows() == 0 {
		return nil
	}
	cells := newCellReader()
	columns, err := parquetColumns(file.Root(), cells)
	if err != nil {
		return err
	}
	l := &line{}
	row := int64(0)
	for _, group := range file.RowGroups() {
		if err := readRowGroup(group, columns, l, &row, visit); err != nil {
			return err
		}
	}
	return nil
}

func readRowGroup(group parquet.RowGroup, columns []parquetColumn, l *line, row *int64, visit func(*line) error) error {
	cursors := make([][]*cursor, len(columns))
	defer func() {
		for _, cs := range cursors {
			for _, c := range cs {
				_ = c.values.Close() // it frees memory and has nothing to say
			}
		}
	}()
	chunks := group.ColumnChunks()
	for i, c := range columns {
		for _, leaf := range c.leaves {
			cursors[i] = append(cursors[i], newCursor(chunks[leaf]))
		}
	}
	for range group.NumRows() {
		*row++
		l.reset(*row)
		for i, c := range columns {
			if err := c.read(cursors[i], l); err != nil {
				return showback.Errorf(showback.KindCorrupt, "read row %d, column %s: %w", *row, c.name, err)
			}
		}
		l.check()
		if err := visit(l); err != nil {
			return err
		}
	}
	return nil
}

// cursor walks the values of one column chunk.
type cursor struct {
	values parquet.ColumnChunkValueReader
	buffer []parquet.Value
	at, n  int
}

func newCursor(chunk parquet.ColumnChunk) *cursor {
	return &cursor{values: parquet.NewColumnChunkValueReader(chunk), buffer: make([]parquet.Value, 256)}
}

// peek returns the next value without taking it, io.EOF after the last one.
// The bytes that a value points to are valid until the next peek.
func (c *cursor) peek() (parquet.Value, error) {
	if c.at == c.n {
		n, err := c.values.ReadValues(c.buffer)
		if n == 0 {
			if err == nil {
				err = io.ErrNoProgress
			}
			return parquet.Value{}, err
		}
		c.at, c.n = 0, n
	}
	return c.buffer[c.at], nil
}

// next takes the next value of a column that has one in every row.
func (c *cursor) next() (parquet.Value, error) {
	v, err := c.peek()
	if errors.Is(err, io.EOF) {
		return v, fmt.Errorf("found the column's end, want one more row: %w", io.ErrUnexpectedEOF)
	}
	c.at++
	return v, err
}

// parquetColumn reads one column into lines.
type parquetColumn struct {
	name   string
	leaves []int // indexes of its leaf columns: one, or a map's keys and values
	read   func([]*cursor, *line) error
}

// parquetColumns picks the columns that are needed out of a file's schema.
func parquetColumns(root *parquet.Column, cells *cellReader) ([]parquetColumn, error) {
	var columns []parquetColumn
	for c, name := range textNames {
		node := root.Column(name)
		if node == nil {
			continue
		}
		column, err := parquetText(node, textColumn(c), cells)
		if err != nil {
			return nil, err
		}
		columns = append(columns, column)
	}
	for c, name := range amountNames {
		node := root.Column(name)
		if node == nil {
			continue
		}
		column, err := parquetAmount(node, amountColumn(c), cells)
		if err != nil {
			return nil, err
		}
		columns = append(columns, column)
	}
	return columns, needColumns(func(name string) bool { return root.Column(name) != nil })
}

// needColumns reports a required column that a file does not have.
func needColumns(has func(name string) bool) error {
	need := []string{amountNames[unblended]}
	for _, c := range requiredText {
		need = append(need, textNames[c])
	}
	var missing []string
	for _, name := range need {
		if !has(name) {
			missing = append(missing, name)
		}
	}
	if missing == nil {
		return nil
	}
	return showback.Errorf(showback.KindInvalid, "read columns: found no %s, want every one of %s",
		strings.Join(missing, ", "), strings.Join(need, ", "))
}

func wrongType(node *parquet.Column, want string) error {
	found := "a group"
	if node.Leaf() {
		found = node.Type().String()
	}
	return showback.Errorf(showback.KindInvalid, "read column %s: found %s, want %s", node.Name(), found, want)
}

// scalar makes a column of which every row has one value or none.
func scalar(node *parquet.Column, take func(parquet.Value, *line)) parquetColumn {
	return parquetColumn{name: node.Name(), leaves: []int{node.Index()}, read: func(cs []*cursor, l *line) error {
		v, err := cs[0].next()
		if err == nil && !v.IsNull() {
			take(v, l)
		}
		return err
	}}
}

// isScalar reports a leaf that does not repeat.
func isScalar(node *parquet.Column) bool { return node.Leaf() && node.MaxRepetitionLevel() == 0 }

// isNull reports a leaf of the type that some writers give to a column in which
// every value is null.
func isNull(node *parquet.Column) bool {
	logical := node.Type().LogicalType()
	if logical == nil {
		return false
	}
	_, null := logical.Value.(*format.NullType)
	return null
}

func absent(node *parquet.Column) parquetColumn {
	return parquetColumn{name: node.Name(), read: func([]*cursor, *line) error { return nil }}
}

func isBytes(node *parquet.Column) bool {
	kind := node.Type().Kind()
	return kind == parquet.ByteArray || kind == parquet.FixedLenByteArray
}

func parquetText(node *parquet.Column, c textColumn, cells *cellReader) (parquetColumn, error) {
	switch {
	case c == productColumn && !node.Leaf():
		return parquetMap(node, cells)
	case !isScalar(node):
		return parquetColumn{}, wrongType(node, "a text")
	case isNull(node):
		return absent(node), nil
	case isBytes(node):
		return scalar(node, func(v parquet.Value, l *line) {
			cells.setText(l, c, cells.intern(v.ByteArray()))
		}), nil
	case c == periodColumn:
		return parquetInstant(node, cells)
	}
	return parquetColumn{}, wrongType(node, "a text")
}

// parquetMap reads product_name out of a MAP: a group of one repeated group of
// a key and a value, in this order if their names do not say. (Apache Parquet, "Logical types:
// Maps", 2026.)
func parquetMap(node *parquet.Column, cells *cellReader) (parquetColumn, error) {
	bad := wrongType(node, "a map of texts, or a text")
	if len(node.Columns()) != 1 || !node.Columns()[0].Repeated() {
		return parquetColumn{}, bad
	}
	entry := node.Columns()[0].Columns()
	if len(entry) != 2 {
		return parquetColumn{}, bad
	}
	if entry[1].Name() == "key" {
		entry = []*parquet.Column{entry[1], entry[0]}
	}
	for _, leaf := range entry {
		if !leaf.Leaf() || leaf.MaxRepetitionLevel() != 1 || !isBytes(leaf) {
			return parquetColumn{}, bad
		}
	}
	read := func(cs []*cursor, l *line) error {
		for first := true; ; first = false {
			if !first {
				v, err := cs[0].peek()
				if errors.Is(err, io.EOF) || err == nil && v.RepetitionLevel() == 0 {
					return nil
				}
			}
			key, err := cs[0].next()
			if err != nil {
				return err
			}
			value, err := cs[1].next()
			if err != nil {
				return err
			}
			if !key.IsNull() && !value.IsNull() && string(key.ByteArray()) == "product_name" {
				l.text[productColumn] = cells.intern(value.ByteArray())
			}
		}
	}
	return parquetColumn{node.Name(), []int{entry[0].Index(), entry[1].Index()}, read}, nil
}

// parquetInstant reads the billing period's first instant.
func parquetInstant(node *parquet.Column, cells *cellReader) (parquetColumn, error) {
	instant, err := instantOf(node)
	if err != nil {
		return parquetColumn{}, err
	}
	var last parquet.Value // one file, one period: nearly always the same again
	var month showback.Month
	return scalar(node, func(v parquet.Value, l *line) {
		if month == "" || !parquet.Equal(v, last) {
			last, month = v.Clone(), monthOf(instant(v))
		}
		if month == "" {
			l.fail(textNames[periodColumn], v.String(), wantPeriod)
		}
		l.month = month
	}), nil
}

func instantOf(node *parquet.Column) (func(parquet.Value) time.Time, error) {
	t := node.Type()
	if t.Kind() == parquet.Int96 {
		return instantOfInt96, nil
	}
	if logical := t.LogicalType(); logical != nil {
		switch l := logical.Value.(type) {
		case *format.DateType:
			return func(v parquet.Value) time.Time { return time.Unix(int64(v.Int32())*86400, 0) }, nil
		case *format.TimestampType:
			switch l.Unit.Value.(type) {
			case *format.MilliSeconds:
				return func(v parquet.Value) time.Time { return time.UnixMilli(v.Int64()) }, nil
			case *format.MicroSeconds:
				return func(v parquet.Value) time.Time { return time.UnixMicro(v.Int64()) }, nil
			case *format.NanoSeconds:
				return func(v parquet.Value) time.Time { return time.Unix(0, v.Int64()) }, nil
			}
		}
	}
	return nil, wrongType(node, "a timestamp or a text")
}

// unixJulianDay is the Julian day that began at noon of 1970-01-01.
const unixJulianDay = 2440588

// instantOfInt96 reads the timestamp of older writers: eight bytes of
// nanoseconds within the day, four bytes of Julian day, least significant
// first. (Apache Parquet, "parquet.thrift: INT96", deprecated.)
func instantOfInt96(v parquet.Value) time.Time {
	w := v.Int96()
	var b [8]byte
	binary.LittleEndian.PutUint32(b[:4], w[0])
	binary.LittleEndian.PutUint32(b[4:], w[1])
	nanos := int64(binary.LittleEndian.Uint64(b[:]))
	return time.Unix((int64(w[2])-unixJulianDay)*86400, nanos)
}
