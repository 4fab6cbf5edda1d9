package cli_test

import (
	"bytes"
	"compress/gzip"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/parquet-go/parquet-go"
)

// The columns of a delivered table that are not texts, by part of their name.
var (
	amountColumns = []string{"_cost", "_amount", "_commitment"}
	timeColumns   = []string{"_date"}
	mapColumns    = []string{"product", "resource_tags", "tags", "cost_category"}
)

func isAmount(column string) bool {
	return column == "savings_plan_total_commitment_to_date" ||
		slices.ContainsFunc(amountColumns, func(end string) bool { return strings.HasSuffix(column, end) })
}

func isTime(column string) bool {
	return !isAmount(column) && slices.ContainsFunc(timeColumns, func(end string) bool { return strings.HasSuffix(column, end) })
}

// readSheet reads a CSV text, the header first.
func readSheet(text []byte) ([][]string, error) {
	return csv.NewReader(bytes.NewReader(text)).ReadAll()
}

func gzipped(content []byte) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	w.Write(content)
	w.Close()
	return b.Bytes()
}

// asParquet writes a CSV table as AWS writes Parquet: amounts as doubles, times
// as timestamps, maps as maps, everything else as text; a blank cell is null.
// Columns that textual names stay text; "double:NAME" makes a double of NAME.
func asParquet(csvText []byte, textual ...string) ([]byte, error) {
	sheet, err := readSheet(csvText)
	if err != nil {
		return nil, err
	}
	header := sheet[0]
	text := parquet.Encoded(parquet.String(), &parquet.RLEDictionary)
	group := parquet.Group{}
	for _, name := range header {
		node := text
		switch {
		case slices.Contains(textual, name):
		case isAmount(name), slices.Contains(textual, "double:"+name):
			node = parquet.Leaf(parquet.DoubleType)
		case isTime(name):
			node = parquet.Timestamp(parquet.Millisecond)
		case slices.Contains(mapColumns, name):
			node = parquet.Map(text, parquet.Optional(text))
		}
		group[name] = parquet.Optional(node)
	}
	schema := parquet.NewSchema("cur", group)
	var b bytes.Buffer
	w := parquet.NewGenericWriter[any](&b, schema, parquet.Compression(&parquet.Snappy))
	for _, record := range sheet[1:] {
		row := parquet.Row{}
		for i, name := range header {
			cells, err := cellsOf(schema, name, record[i], textual)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
			row = append(row, cells...)
		}
		slices.SortStableFunc(row, func(a, b parquet.Value) int { return a.Column() - b.Column() })
		if _, err := w.WriteRows([]parquet.Row{row}); err != nil {
			return nil, err
		}
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

func cellsOf(schema *parquet.Schema, name, text string, textual []string) ([]parquet.Value, error) {
	if slices.Contains(mapColumns, name) && !slices.Contains(textual, name) {
		return mapCells(schema, name, text)
	}
	leaf, _ := schema.Lookup(name)
	one := func(v parquet.Value) ([]parquet.Value, error) {
		return []parquet.Value{v.Level(0, 1, leaf.ColumnIndex)}, nil
	}
	switch {
	case text == "":
		return []parquet.Value{parquet.NullValue().Level(0, 0, leaf.ColumnIndex)}, nil
	case slices.Contains(textual, name):
	case isAmount(name), slices.Contains(textual, "double:"+name):
		f, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return nil, err
		}
		return one(parquet.DoubleValue(f))
	case isTime(name):
		at, err := time.Parse(time.RFC3339, text)
		if err != nil {
			return nil, err
		}
		return one(parquet.Int64Value(at.UnixMilli()))
	}
	return one(parquet.ByteArrayValue([]byte(text)))
}

// mapCells writes a JSON object as a map: a blank one as null, {} as empty.
func mapCells(schema *parquet.Schema, name, text string) ([]parquet.Value, error) {
	key, _ := schema.Lookup(name, "key_value", "key")
	value, _ := schema.Lookup(name, "key_value", "value")
	entries := map[string]string{}
	if text != "" {
		if err := json.Unmarshal([]byte(text), &entries); err != nil {
			return nil, err
		}
	}
	if len(entries) == 0 {
		level := min(len(text), 1)
		return []parquet.Value{parquet.NullValue().Level(0, level, key.ColumnIndex), parquet.NullValue().Level(0, level, value.ColumnIndex)}, nil
	}
	var keys, values []parquet.Value
	for k, v := range entries {
		repeats := min(len(keys), 1)
		keys = append(keys, parquet.ByteArrayValue([]byte(k)).Level(repeats, 2, key.ColumnIndex))
		values = append(values, parquet.ByteArrayValue([]byte(v)).Level(repeats, 3, value.ColumnIndex))
	}
	return append(keys, values...), nil
}
