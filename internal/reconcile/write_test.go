package reconcile

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress"
	"github.com/parquet-go/parquet-go/deprecated"

	"showback"
)

// sheet is a delivered table: the header first, "" for a blank cell.
type sheet [][]string

func (s sheet) csv(t testing.TB) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := csv.NewWriter(&b).WriteAll(s); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func zip(t testing.TB, content []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(content); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// save writes a file and returns what a ledger would know of it.
func save(t testing.TB, name string, content []byte) FileRef {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(content)
	return FileRef{Path: path, SHA256: hex.EncodeToString(sum[:]), Size: int64(len(content))}
}

// form is how a Parquet file writes a sheet.
type form struct {
	amount  func(text string) parquet.Value
	node    parquet.Node // of amounts
	instant func(time.Time) parquet.Value
	period  parquet.Node
	json    bool // the product map as JSON text
	codec   compress.Codec
	version int   // of data pages
	rows    int64 // in a row group
	page    int   // bytes
}

func plainForm() form {
	return form{
		amount: doubleCell, node: parquet.Leaf(parquet.DoubleType),
		instant: millisCell, period: parquet.Timestamp(parquet.Millisecond),
		codec: &parquet.Snappy, version: 2, rows: 1000, page: 512,
	}
}

func doubleCell(text string) parquet.Value {
	f, err := strconv.ParseFloat(text, 64)
	if err != nil {
		panic(err)
	}
	return parquet.DoubleValue(f)
}

func millisCell(at time.Time) parquet.Value { return parquet.Int64Value(at.UnixMilli()) }

func textCell(text string) parquet.Value { return parquet.ByteArrayValue([]byte(text)) }

// int64Cell makes cells of a DECIMAL that is stored as an integer.
func int64Cell(scale int32) func(string) parquet.Value {
	return func(text string) parquet.Value {
		return parquet.Int64Value(showback.MustDecimal(text).Unscaled(scale).Int64())
	}
}

// bytesCell makes cells of a DECIMAL that is stored as width bytes; as few as
// the value needs when width is 0.
func bytesCell(scale int32, width int) func(string) parquet.Value {
	return func(text string) parquet.Value {
		n, room := showback.MustDecimal(text).Unscaled(scale), width
		if width == 0 {
			room = len(n.Bytes()) + 1
		}
		if n.Sign() < 0 {
			n.Add(n, new(big.Int).Lsh(big.NewInt(1), uint(8*room)))
		}
		bytes := n.FillBytes(make([]byte, room))
		if width == 0 {
			return parquet.ByteArrayValue(bytes)
		}
		return parquet.FixedLenByteArrayValue(bytes)
	}
}

func int96Cell(at time.Time) parquet.Value {
	days := at.Unix() / 86400
	nanos := at.UnixNano() - days*86400*1e9
	return parquet.Int96Value(deprecated.Int96{uint32(nanos), uint32(nanos >> 32), uint32(days + 2440588)})
}

// parquet writes the sheet as a Parquet file in memory.
func (s sheet) parquet(t testing.TB, f form) []byte {
	t.Helper()
	group := parquet.Group{}
	for _, name := range s[0] {
		switch {
		case name == textNames[periodColumn]:
			group[name] = parquet.Optional(f.period)
		case name == textNames[productColumn] && !f.json:
			group[name] = parquet.Optional(parquet.Map(parquet.String(), parquet.Optional(parquet.String())))
		case slices.Contains(amountNames[:], name):
			group[name] = parquet.Optional(f.node)
		default:
			group[name] = parquet.Optional(parquet.Encoded(parquet.String(), &parquet.RLEDictionary))
		}
	}
	schema := parquet.NewSchema("cur", group)
	var b bytes.Buffer
	w := parquet.NewGenericWriter[any](&b, schema, parquet.Compression(f.codec),
		parquet.DataPageVersion(f.version), parquet.MaxRowsPerRowGroup(f.rows), parquet.PageBufferSize(f.page))
	for _, record := range s[1:] {
		row := parquet.Row{}
		for i, name := range s[0] {
			row = append(row, f.cell(t, schema, name, record[i])...)
		}
		slices.SortStableFunc(row, func(a, b parquet.Value) int { return a.Column() - b.Column() })
		if _, err := w.WriteRows([]parquet.Row{row}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func (f form) cell(t testing.TB, schema *parquet.Schema, name, text string) []parquet.Value {
	t.Helper()
	if name == textNames[productColumn] && !f.json {
		return mapCell(t, schema, name, text)
	}
	leaf, _ := schema.Lookup(name)
	switch {
	case text == "":
		return []parquet.Value{parquet.NullValue().Level(0, 0, leaf.ColumnIndex)}
	case name == textNames[periodColumn]:
		at, err := time.Parse(time.RFC3339, text)
		if err != nil {
			t.Fatal(err)
		}
		return []parquet.Value{f.instant(at).Level(0, 1, leaf.ColumnIndex)}
	case slices.Contains(amountNames[:], name):
		return []parquet.Value{f.amount(text).Level(0, 1, leaf.ColumnIndex)}
	}
	return []parquet.Value{textCell(text).Level(0, 1, leaf.ColumnIndex)}
}

func mapCell(t testing.TB, schema *parquet.Schema, name, text string) []parquet.Value {
	t.Helper()
	key, _ := schema.Lookup(name, "key_value", "key")
	value, _ := schema.Lookup(name, "key_value", "value")
	if text == "" || text == "{}" {
		level := 0 // no map
		if text == "{}" {
			level = 1 // a map without entries
		}
		return []parquet.Value{
			parquet.NullValue().Level(0, level, key.ColumnIndex),
			parquet.NullValue().Level(0, level, value.ColumnIndex),
		}
	}
	entries := map[string]*string{}
	if err := json.Unmarshal([]byte(text), &entries); err != nil {
		t.Fatal(err)
	}
	var keys, values []parquet.Value
	for k, v := range entries {
		repeats := min(len(keys), 1)
		keys = append(keys, textCell(k).Level(repeats, 2, key.ColumnIndex))
		cell := parquet.NullValue().Level(repeats, 2, value.ColumnIndex)
		if v != nil {
			cell = textCell(*v).Level(repeats, 3, value.ColumnIndex)
		}
		values = append(values, cell)
	}
	return append(keys, values...)
}
