package cli_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"
)

// oddTypes are the types that a column of a delivered table must not have, with
// a value of each.
var oddTypes = map[string]struct {
	node  parquet.Node
	value parquet.Value
}{
	"boolean":  {parquet.Optional(parquet.Leaf(parquet.BooleanType)), parquet.BooleanValue(true).Level(0, 1, 0)},
	"date":     {parquet.Optional(parquet.Date()), parquet.Int32Value(20_000).Level(0, 1, 0)},
	"integer":  {parquet.Optional(parquet.Int(64)), parquet.Int64Value(20_000).Level(0, 1, 0)},
	"list":     {parquet.Optional(parquet.List(parquet.Leaf(parquet.DoubleType))), parquet.DoubleValue(1).Level(0, 2, 0)},
	"repeated": {parquet.Repeated(parquet.Leaf(parquet.DoubleType)), parquet.DoubleValue(1).Level(0, 1, 0)},
	"struct":   {parquet.Optional(parquet.Group{"a": parquet.Leaf(parquet.DoubleType)}), parquet.DoubleValue(1).Level(0, 1, 0)},
	"huge":     {parquet.Optional(parquet.Timestamp(parquet.Millisecond)), parquet.Int64Value(1<<60).Level(0, 1, 0)},
	"latin1":   {parquet.Optional(parquet.String()), parquet.ByteArrayValue([]byte("caf\xe9")).Level(0, 1, 0)},
}

var oddCodecs = map[string]compress.Codec{
	"none": &parquet.Uncompressed, "gzip": &parquet.Gzip, "zstd": &parquet.Zstd, "lz4": &parquet.Lz4Raw, "brotli": &parquet.Brotli,
}

// oddly writes a CSV table as Parquet, as asParquet does but for what the
// options say: COLUMN=TYPE (see oddTypes), codec=CODEC (see oddCodecs),
// encrypt=footer, encrypt=columns, nosums (pages without checksums), claim=CLAIM
// (see claims) or flip=COLUMN:BYTE (see flipped).
func oddly(csvText []byte, options []string) ([]byte, error) {
	sheet, err := readSheet(csvText)
	if err != nil {
		return nil, err
	}
	odd := map[string]string{}
	writer := []parquet.WriterOption{parquet.Compression(&parquet.Snappy)}
	var headers []func(*format.PageHeader)
	var footers []func(*format.FileMetaData)
	flip := ""
	for _, o := range options {
		name, value, _ := strings.Cut(o, "=")
		switch name {
		case "codec":
			writer = append(writer, parquet.Compression(oddCodecs[value]))
		case "encrypt":
			writer = append(writer, parquet.WithEncryption(&parquet.EncryptionConfig{FooterKey: make([]byte, 16), EncryptedFooter: value == "footer"}))
		case "nosums":
			headers = append(headers, func(h *format.PageHeader) { h.CRC = 0 })
		case "claim":
			c, ok := claims[value]
			if !ok {
				return nil, fmt.Errorf("no claim %s", value)
			}
			headers, footers = append(headers, c.header), append(footers, c.footer)
		case "flip":
			flip = value
		default:
			odd[name] = value
		}
	}
	content, err := oddTable(sheet, odd, writer)
	if err == nil && headers != nil {
		content, err = rewrite(content, headers, footers)
	}
	if err == nil && flip != "" {
		content, err = flipped(content, flip)
	}
	return content, err
}

// flipped flips a bit of a Parquet file: COLUMN:BYTE counts from the data of the
// column's first page on, behind its header, footer:BYTE from the footer on.
func flipped(file []byte, where string) ([]byte, error) {
	column, text, _ := strings.Cut(where, ":")
	n, err := strconv.Atoi(text)
	if err != nil {
		return nil, err
	}
	var protocol thrift.CompactProtocol
	end := footerOf(file)
	at := end
	if column != "footer" {
		var footer format.FileMetaData
		if err := thrift.Unmarshal(&protocol, file[end:len(file)-8], &footer); err != nil {
			return nil, err
		}
		i := slices.IndexFunc(footer.RowGroups[0].Columns, func(c format.ColumnChunk) bool { return c.MetaData.PathInSchema[0] == column })
		if i < 0 {
			return nil, fmt.Errorf("no column %s", column)
		}
		at = int(footer.RowGroups[0].Columns[i].MetaData.DataPageOffset)
		in := protocol.NewReaderFromBytes(file[at:end])
		if err := thrift.NewDecoder(in).Decode(&format.PageHeader{}); err != nil {
			return nil, err
		}
		at += in.BytesRead()
	}
	file[at+n] ^= 1
	return file, nil
}

// footerOf returns where the footer of a Parquet file begins.
func footerOf(file []byte) int {
	return len(file) - 8 - int(binary.LittleEndian.Uint32(file[len(file)-8:]))
}

func oddTable(sheet [][]string, odd map[string]string, options []parquet.WriterOption) ([]byte, error) {
	text := parquet.Encoded(parquet.String(), &parquet.RLEDictionary)
	group := parquet.Group{}
	for _, name := range sheet[0] {
		node := parquet.Optional(text)
		switch o, is := oddTypes[odd[name]]; {
		case is:
			node = o.node
		case isAmount(name):
			node = parquet.Optional(parquet.Leaf(parquet.DoubleType))
		case isTime(name):
			node = parquet.Optional(parquet.Timestamp(parquet.Millisecond))
		case slices.Contains(mapColumns, name):
			node = parquet.Optional(parquet.Map(text, parquet.Optional(text)))
		}
		group[name] = node
	}
	schema := parquet.NewSchema("cur", group)
	var b bytes.Buffer
	w := parquet.NewGenericWriter[any](&b, append([]parquet.WriterOption{schema}, options...)...)
	for _, record := range sheet[1:] {
		row := parquet.Row{}
		for i, name := range sheet[0] {
			if o, is := oddTypes[odd[name]]; is {
				for _, leaf := range schema.Columns() {
					if leaf[0] == name {
						column, _ := schema.Lookup(leaf...)
						row = append(row, o.value.Level(o.value.RepetitionLevel(), o.value.DefinitionLevel(), column.ColumnIndex))
					}
				}
				continue
			}
			cells, err := cellsOf(schema, name, record[i], nil)
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

// rewrite changes the headers of all pages of a Parquet file, and its footer.
func rewrite(file []byte, headers []func(*format.PageHeader), footers []func(*format.FileMetaData)) ([]byte, error) {
	var protocol thrift.CompactProtocol
	end := footerOf(file)
	var footer format.FileMetaData
	if err := thrift.Unmarshal(&protocol, file[end:len(file)-8], &footer); err != nil {
		return nil, err
	}
	out := bytes.NewBufferString("PAR1")
	for _, g := range footer.RowGroups {
		for i := range g.Columns {
			m := &g.Columns[i].MetaData
			at, values := m.DataPageOffset, int64(0)
			if m.DictionaryPageOffset > 0 {
				at, m.DictionaryPageOffset = m.DictionaryPageOffset, int64(out.Len())
			}
			start, first := out.Len(), true
			for values < m.NumValues {
				in := protocol.NewReaderFromBytes(file[at:end])
				var h format.PageHeader
				if err := thrift.NewDecoder(in).Decode(&h); err != nil {
					return nil, err
				}
				body := at + int64(in.BytesRead())
				at = body + int64(h.CompressedPageSize)
				if h.Type != format.DictionaryPage {
					values += int64(h.DataPageHeader.V.NumValues) + int64(h.DataPageHeaderV2.V.NumValues)
					if first {
						first, m.DataPageOffset = false, int64(out.Len())
					}
				}
				for _, change := range headers {
					change(&h)
				}
				text, err := thrift.Marshal(&protocol, h)
				if err != nil {
					return nil, err
				}
				out.Write(text)
				out.Write(file[body:at])
			}
			m.TotalCompressedSize = int64(out.Len() - start)
			g.Columns[i].ColumnIndexOffset, g.Columns[i].ColumnIndexLength = 0, 0
			g.Columns[i].OffsetIndexOffset, g.Columns[i].OffsetIndexLength = 0, 0
		}
	}
	for _, change := range footers {
		change(&footer)
	}
	text, err := thrift.Marshal(&protocol, footer)
	if err != nil {
		return nil, err
	}
	out.Write(text)
	out.Write(binary.LittleEndian.AppendUint32(nil, uint32(len(text))))
	out.WriteString("PAR1")
	return out.Bytes(), nil
}

// claims are what a file can say of itself that is not so.
var claims = map[string]struct {
	header func(*format.PageHeader)
	footer func(*format.FileMetaData)
}{
	"rows": {none, func(m *format.FileMetaData) {
		m.NumRows = 1 << 62
		m.RowGroups[0].NumRows = 1 << 62
		for i := range m.RowGroups[0].Columns {
			m.RowGroups[0].Columns[i].MetaData.NumValues = 1 << 62
		}
	}},
	"petabytes": {none, func(m *format.FileMetaData) { m.RowGroups[0].Columns[0].MetaData.TotalCompressedSize = 5 << 50 }},
	"far":       {none, func(m *format.FileMetaData) { m.RowGroups[0].Columns[0].MetaData.DataPageOffset = 5 << 50 }},
	"columns": {none, func(m *format.FileMetaData) {
		for range 20_000 {
			m.Schema = append(m.Schema, m.Schema[1])
		}
		m.Schema[0].NumChildren.V += 20_000
	}},
	"nesting": {none, func(m *format.FileMetaData) {
		for range 100 {
			m.Schema = append(m.Schema, format.SchemaElement{Name: "deep", NumChildren: thrift.Null[int32]{V: 1, Valid: true}})
		}
		m.Schema = append(m.Schema, m.Schema[1])
		m.Schema[0].NumChildren.V++
	}},
	"lzo":       {none, func(m *format.FileMetaData) { m.RowGroups[0].Columns[0].MetaData.Codec = 3 }},
	"swelling":  {func(h *format.PageHeader) { h.UncompressedPageSize = math.MaxInt32 }, nothing},
	"longpages": {func(h *format.PageHeader) { h.CompressedPageSize = math.MaxInt32 }, nothing},
	"values": {func(h *format.PageHeader) {
		h.DataPageHeader.V.NumValues, h.DataPageHeaderV2.V.NumValues, h.DictionaryPageHeader.V.NumValues = math.MaxInt32, math.MaxInt32, math.MaxInt32
	}, nothing},
	"twice": {none, renamed("line_item_usage_account_id", "bill_payer_account_id")},
	"case":  {none, renamed("line_item_usage_account_id", "BILL_PAYER_ACCOUNT_ID")},
}

func none(*format.PageHeader)      {}
func nothing(*format.FileMetaData) {}

// renamed gives a column another name.
func renamed(from, to string) func(*format.FileMetaData) {
	return func(m *format.FileMetaData) {
		for i := range m.Schema {
			if m.Schema[i].Name == from {
				m.Schema[i].Name = to
			}
		}
		for i := range m.RowGroups[0].Columns {
			if c := &m.RowGroups[0].Columns[i].MetaData; c.PathInSchema[0] == from {
				c.PathInSchema[0] = to
			}
		}
	}
}
