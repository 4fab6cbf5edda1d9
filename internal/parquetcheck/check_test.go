package parquetcheck

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"math"
	"runtime"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"

	"showback"
)

// parts are a Parquet file in pieces: one column "n" of three integers, which
// need not fill a page as its header says.
type parts struct {
	head, tail string
	header     format.PageHeader
	body       []byte
	footer     format.FileMetaData
	more       []byte // bytes of the footer behind its end
}

func honest() *parts {
	body := make([]byte, 24)
	for i := range 3 {
		binary.LittleEndian.PutUint64(body[8*i:], uint64(i+1))
	}
	p := &parts{head: "PAR1", tail: "PAR1", body: body}
	p.header = format.PageHeader{
		Type: format.DataPage, UncompressedPageSize: 24, CompressedPageSize: 24, CRC: int32(crc32.ChecksumIEEE(body)),
		DataPageHeader: thrift.Null[format.DataPageHeader]{V: format.DataPageHeader{NumValues: 3}, Valid: true},
	}
	root := format.SchemaElement{Name: "schema", NumChildren: thrift.Null[int32]{V: 1, Valid: true}}
	p.footer = format.FileMetaData{
		Version: 1, Schema: []format.SchemaElement{root, column("n")}, NumRows: 3, CreatedBy: "test",
		RowGroups: []format.RowGroup{{NumRows: 3, Columns: []format.ColumnChunk{{FileOffset: 4, MetaData: format.ColumnMetaData{
			Type: format.Int64, PathInSchema: []string{"n"}, NumValues: 3, DataPageOffset: 4}}}}},
	}
	return p
}

func column(name string) format.SchemaElement {
	return format.SchemaElement{Name: name, Type: thrift.Null[format.Type]{V: format.Int64, Valid: true},
		RepetitionType: thrift.Null[format.FieldRepetitionType]{V: format.Required, Valid: true}}
}

// file puts the pieces together. A chunk without size gets that of its page.
func (p *parts) file(t testing.TB) []byte {
	t.Helper()
	header := marshal(t, p.header)
	for _, g := range p.footer.RowGroups {
		for i := range g.Columns {
			if m := &g.Columns[i].MetaData; m.TotalCompressedSize == 0 {
				m.TotalCompressedSize = int64(len(header) + len(p.body))
			}
		}
	}
	footer := append(marshal(t, p.footer), p.more...)
	length := binary.LittleEndian.AppendUint32(nil, uint32(len(footer)))
	return bytes.Join([][]byte{[]byte(p.head), header, p.body, footer, length, []byte(p.tail)}, nil)
}

func marshal(t testing.TB, v any) []byte {
	t.Helper()
	b, err := thrift.Marshal(new(thrift.CompactProtocol), v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func check(content []byte) (*Footer, error) {
	return Check(context.Background(), bytes.NewReader(content), int64(len(content)))
}

func TestHonest(t *testing.T) {
	p := honest()
	f, err := check(p.file(t))
	if err != nil {
		t.Fatal(err)
	}
	if f.Rows != 3 || len(f.Columns) != 1 || f.Columns[0] != "n" {
		t.Errorf("got %d rows of %q, want 3 of n", f.Rows, f.Columns)
	}
	p = honest()
	p.header.CRC = 0
	if _, err := check(p.file(t)); err != nil {
		t.Errorf("without checksum: %v", err)
	}
	// A chunk of no rows has no page.
	p = honest()
	p.footer.NumRows, p.footer.RowGroups[0].NumRows, p.footer.RowGroups[0].Columns[0].MetaData.NumValues = 0, 0, 0
	if _, err := check(p.file(t)); err != nil {
		t.Errorf("without rows: %v", err)
	}
}

func TestRefused(t *testing.T) {
	f := func(what string, change func(*parts), want string) {
		t.Helper()
		p := honest()
		change(p)
		refused(t, what, p.file(t), showback.KindCorrupt, want)
	}
	meta := func(p *parts) *format.ColumnMetaData { return &p.footer.RowGroups[0].Columns[0].MetaData }

	f("first magic", func(p *parts) { p.head = "PAR2" }, `it begins with "PAR2", want "PAR1"`)
	f("last magic", func(p *parts) { p.tail = "xxxx" }, `it ends with "xxxx", want "PAR1": its end, and so the footer, is not there`)
	f("flipped bit", func(p *parts) { p.body[9] ^= 1 },
		"column n, rows 1 to 3: the page at byte 4 has checksum 9230566f, want 2bcb8d87: its bytes have changed since it was written")
	f("bytes after the footer", func(p *parts) { p.more = []byte{0} }, "read footer: it ends 1 bytes before its end")

	f("rows", func(p *parts) { p.footer.NumRows = 1 << 62 }, "it claims 4611686018427387904 rows, its row groups 3")
	f("rows of a group", func(p *parts) { p.footer.RowGroups[0].NumRows = 1 << 62 }, "column n claims 3 values in 4611686018427387904 rows")
	f("rows throughout", func(p *parts) {
		p.footer.NumRows, p.footer.RowGroups[0].NumRows, meta(p).NumValues = 1<<62, 1<<62, 1<<62
	}, "it claims 4611686018427387904 rows in 160 bytes, more than a bill can have")
	f("rows of many groups", func(p *parts) {
		p.footer.RowGroups = append(p.footer.RowGroups, p.footer.RowGroups[0], p.footer.RowGroups[0])
		p.footer.RowGroups[1].NumRows, p.footer.RowGroups[2].NumRows = math.MaxInt64, 1
	}, "row group 2 claims 9223372036854775807 rows")
	f("rows below none", func(p *parts) { p.footer.RowGroups[0].NumRows = -1 }, "row group 1 claims -1 rows")
	f("rows without columns", func(p *parts) { p.footer.Schema = p.footer.Schema[:1]; p.footer.Schema[0].NumChildren.V = 0 },
		"read footer: it claims 3 rows without columns")
	f("groups that lie over one another", func(p *parts) {
		p.footer.RowGroups = append(p.footer.RowGroups, p.footer.RowGroups[0], p.footer.RowGroups[0], p.footer.RowGroups[0])
		p.footer.NumRows = 12
	}, "column n: its pages lie over those of other columns")

	f("petabytes", func(p *parts) { meta(p).TotalCompressedSize = 1 << 50 }, "column n claims 1125899906842624 bytes from byte 4, the file has 55 for data")
	f("behind the end", func(p *parts) { meta(p).DataPageOffset = 1 << 40 }, "column n claims 51 bytes from byte 1099511627776, the file has 55 for data")
	f("before the beginning", func(p *parts) { meta(p).DataPageOffset = -5 }, "read footer: a column chunk that does not say where it is")
	f("a column too few", func(p *parts) { p.footer.RowGroups[0].Columns = nil }, "row group 1 has 0 columns, the schema 1")
	f("another file", func(p *parts) { p.footer.RowGroups[0].Columns[0].FilePath = "other" }, "column n lies in another file")

	f("page of many bytes", func(p *parts) { p.header.CompressedPageSize = math.MaxInt32 }, "column n: page at byte 4: it claims 2147483647 bytes, the file has 24 more")
	f("page of negative bytes", func(p *parts) { p.header.CompressedPageSize = -1 }, "column n: page at byte 4: it claims -1 bytes")
	f("page that swells", func(p *parts) { p.header.UncompressedPageSize = math.MaxInt32 }, "column n: page at byte 4: it claims 2147483647 bytes when decompressed, want at most 268435456")
	f("page of many values", func(p *parts) { p.header.DataPageHeader.V.NumValues = math.MaxInt32 }, "column n: page at byte 4: it claims 2147483647 values, want at most 16777216")
	f("page of too many values", func(p *parts) { p.header.DataPageHeader.V.NumValues = 4 }, "column n: page at byte 4: it claims 4 values, the column has 3 more")
	f("page of too few values", func(p *parts) { p.header.DataPageHeader.V.NumValues = 2 }, "column n: read page header at byte 55: the data ends before")
	f("page whose data swells", func(p *parts) {
		meta(p).Codec = format.Snappy
		p.header.CRC, p.body = 0, binary.AppendUvarint(nil, 4<<30)
		p.header.CompressedPageSize = int32(len(p.body))
	}, "column n: page at byte 4: it claims 24 bytes when decompressed, its data comes to 4294967296")
	f("page of version 2 whose data swells", func(p *parts) {
		meta(p).Codec = format.Snappy
		p.header.Type, p.header.DataPageHeader.Valid = format.DataPageV2, false
		p.header.DataPageHeaderV2 = thrift.Null[format.DataPageHeaderV2]{Valid: true,
			V: format.DataPageHeaderV2{NumValues: 3, NumRows: 3, DefinitionLevelsByteLength: 2}}
		p.header.CRC, p.body = 0, binary.AppendUvarint([]byte{0, 0}, 4<<30)
		p.header.CompressedPageSize = int32(len(p.body))
	}, "column n: page at byte 4: it claims 22 bytes when decompressed, its data comes to 4294967296")
	f("page of LZ4 that swells", func(p *parts) {
		meta(p).Codec = format.Lz4Raw
		p.header.CRC, p.body = 0, append([]byte{0x1f, 'x', 1, 0}, append(bytes.Repeat([]byte{255}, 1000), 1)...)
		p.header.CompressedPageSize = int32(len(p.body))
	}, "column n: page at byte 4: it claims 24 bytes when decompressed, its data comes to 255021")
	f("page of LZ4 that is cut", func(p *parts) {
		meta(p).Codec = format.Lz4Raw
		p.header.CRC, p.body = 0, []byte{0xf0, 255}
		p.header.CompressedPageSize = int32(len(p.body))
	}, "column n: page at byte 4: unexpected EOF")
	f("levels of many bytes", func(p *parts) {
		p.header.Type, p.header.DataPageHeader.Valid = format.DataPageV2, false
		p.header.DataPageHeaderV2 = thrift.Null[format.DataPageHeaderV2]{Valid: true,
			V: format.DataPageHeaderV2{NumValues: 3, NumRows: 3, RepetitionLevelsByteLength: math.MaxInt32}}
	}, "column n: page at byte 4: it claims 2147483647 bytes of levels in 24 bytes")
	f("page without kind", func(p *parts) { p.header.DataPageHeader.Valid = false }, "column n: page at byte 4: it is of no known type")
	f("dictionary of many values", func(p *parts) {
		p.header.Type, p.header.DataPageHeader.Valid = format.DictionaryPage, false
		p.header.DictionaryPageHeader = thrift.Null[format.DictionaryPageHeader]{V: format.DictionaryPageHeader{NumValues: math.MaxInt32}, Valid: true}
	}, "column n: page at byte 4: it claims a dictionary of 2147483647 values in 24 bytes")

	f("thousands of columns", func(p *parts) {
		p.footer.NumRows, p.footer.RowGroups = 0, nil
		p.footer.Schema[0].NumChildren.V = 10_001
		for range 10_000 {
			p.footer.Schema = append(p.footer.Schema, column("n"))
		}
	}, "read footer: it has 10001 columns, want at most 10000")
	f("deep nesting", func(p *parts) {
		p.footer.Schema = p.footer.Schema[:1]
		for range 100 {
			p.footer.Schema = append(p.footer.Schema, format.SchemaElement{Name: "g", NumChildren: thrift.Null[int32]{V: 1, Valid: true}})
		}
		p.footer.Schema = append(p.footer.Schema, column("n"))
	}, "read footer: column g is nested more than 16 deep")
	f("a schema of missing nodes", func(p *parts) { p.footer.Schema[0].NumChildren.V = 2 }, "read footer: its schema is no tree")
	f("a schema of surplus nodes", func(p *parts) { p.footer.Schema[0].NumChildren.V = 0 }, "read footer: its schema is no tree")
	f("no schema", func(p *parts) { p.footer.Schema = nil }, "read footer: it has no schema")
}

func refused(t *testing.T, what string, content []byte, kind showback.Kind, want string) {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := check(content)
	runtime.ReadMemStats(&after)
	if err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("%s:\n got %v\nwant %s", what, err, want)
		return
	}
	if got := showback.KindOf(err); got != kind {
		t.Errorf("%s: kind %q, want %q", what, got, kind)
	}
	if taken := after.TotalAlloc - before.TotalAlloc; taken > 16<<20 {
		t.Errorf("%s: took %d bytes of memory", what, taken)
	}
}

// Footers that are no structs of Parquet, byte by byte.
func TestFootersOfNothing(t *testing.T) {
	f := func(what, footer, want string) {
		t.Helper()
		content := bytes.Join([][]byte{[]byte("PAR1"), []byte(footer), binary.LittleEndian.AppendUint32(nil, uint32(len(footer))), []byte("PAR1")}, nil)
		refused(t, what, content, showback.KindCorrupt, "read footer: "+want)
	}
	f("a list of 2^31 nodes", "\x15\x02\x19\xfc\xff\xff\xff\xff\x07\x15\x02", "it claims a list of 2147483647 elements in 2 bytes")
	f("a list of 2^63 nodes", "\x15\x02\x19\xfc\xff\xff\xff\xff\xff\xff\xff\xff\x7f\x15\x02", "it claims a list of 9223372036854775807 elements in 2 bytes")
	f("a text of 2^40 bytes", "\x68\x80\x80\x80\x80\x80\x20", "it claims 1099511627776 bytes more than there are")
	f("structs in structs", strings.Repeat("\x0c\x14", 5000), "structs more than 32 deep")
	f("lists in lists", "\x69"+strings.Repeat("\x19", 5000), "lists more than 32 deep")
	f("lists in maps", "\x6b\x01"+strings.Repeat("\x99\x01", 5000), "lists more than 32 deep")
	f("no such type", "\x6f", "a value of type 15, which Thrift does not have")
	f("a number without end", "\x16"+strings.Repeat("\xff", 20), "a number of more than 64 bits")
	f("a text for a number", "\x38\x01x", "a field of type 8, want a number")
	f("nothing", "\x00", "it claims -1 rows")
	f("an end too early", "\x15", "it claims 1 bytes more than there are")

	for _, content := range []string{"", "PAR1", "PAR1PAR1", "PAR1\x00\x00\x00PAR1"} {
		refused(t, content, []byte(content), showback.KindCorrupt, "found ")
	}
	refused(t, "no footer", []byte("PAR1\x00\x00\x00\x00PAR1"), showback.KindCorrupt, "it claims a footer of 0 bytes in a file of 12")
	refused(t, "a footer of 4 GB", []byte("PAR1\xff\xff\xff\xffPAR1"), showback.KindCorrupt, "it claims a footer of 4294967295 bytes in a file of 12")
}

func TestNotForUs(t *testing.T) {
	f := func(what string, change func(*parts), want, hint string) {
		t.Helper()
		p := honest()
		change(p)
		content := p.file(t)
		refused(t, what, content, showback.KindInvalid, want)
		if _, err := check(content); !strings.Contains(showback.HintOf(err), hint) {
			t.Errorf("%s: hint %q, want one with %q", what, showback.HintOf(err), hint)
		}
	}
	const keys = "encrypted, which cannot be read without its keys"
	f("encrypted footer", func(p *parts) { p.head, p.tail = "PARE", "PARE" }, "it is "+keys, "without Parquet's own encryption")
	f("signed footer", func(p *parts) { p.footer.EncryptionAlgorithm.Value, p.more = &format.AesGcmV1{}, make([]byte, 28) },
		"read footer: its columns are "+keys, "without Parquet's own encryption")
	f("encrypted column", func(p *parts) {
		p.footer.RowGroups[0].Columns[0].CryptoMetadata.Value = &format.EncryptionWithFooterKey{}
		p.footer.RowGroups[0].Columns[0].MetaData = format.ColumnMetaData{}
	}, "column n is "+keys, "without Parquet's own encryption")
	f("LZO", func(p *parts) { p.footer.RowGroups[0].Columns[0].MetaData.Codec = 3 }, "column n is compressed with LZO, which cannot be read", "Snappy")
	f("a codec of tomorrow", func(p *parts) { p.footer.RowGroups[0].Columns[0].MetaData.Codec = 8 }, "column n is compressed with codec 8, which cannot be read", "Snappy")
}

func TestSeveralFiles(t *testing.T) {
	one := honest().file(t)
	two := append(bytes.Clone(one), one...)
	refused(t, "two files", two, showback.KindInvalid, "there are several Parquet files in it, one behind the other")
	// The seam lies across two of the pieces that are read.
	pages := one[:55]
	for before := range len(seam) + 1 {
		joined := bytes.Join([][]byte{pages, make([]byte, pieceSize-before), []byte(seam), one[4:]}, nil)
		refused(t, fmt.Sprintf("a seam %d bytes before the end of a piece", before), joined, showback.KindInvalid, "there are several Parquet files in it")
	}
	if _, err := check(one); err != nil {
		t.Error(err)
	}
}

// failing fails to read, as a disk does.
type failing struct{}

func (failing) ReadAt([]byte, int64) (int, error) { return 0, errors.New("the disk is on fire") }

func TestOtherErrors(t *testing.T) {
	_, err := Check(t.Context(), failing{}, 100)
	if showback.KindOf(err) != showback.KindUnavailable || err.Error() != "the disk is on fire" {
		t.Errorf("a disk that fails: got %v of kind %s", err, showback.KindOf(err))
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	content := honest().file(t)
	if _, err := Check(ctx, bytes.NewReader(content), int64(len(content))); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: got %v", err)
	}
	// The file was longer when its size was taken.
	if _, err := Check(t.Context(), bytes.NewReader(content[:20]), int64(len(content))); showback.KindOf(err) != showback.KindCorrupt {
		t.Errorf("cut under the reader: got %v", err)
	}
}

// FuzzCheck: no content panics, runs long or takes much memory, and no file
// passes whose footer disagrees with itself.
func FuzzCheck(f *testing.F) {
	f.Add(honest().file(f))
	p := honest()
	p.header.CRC = 0
	f.Add(p.file(f))
	p.footer.RowGroups[0].Columns[0].MetaData.Codec = 1
	f.Add(p.file(f))
	f.Add([]byte("PAR1\x15\x02\x19\xfc\xff\xff\xff\xff\x07\x15\x02\x0b\x00\x00\x00PAR1"))
	f.Add([]byte("PAREPARE\x04\x00\x00\x00PARE"))
	f.Fuzz(func(t *testing.T, content []byte) {
		footer, err := check(content)
		if err != nil {
			if kind := showback.KindOf(err); kind != showback.KindCorrupt && kind != showback.KindInvalid {
				t.Fatalf("kind %s of %v", kind, err)
			}
			return
		}
		var rows int64
		for _, g := range footer.groups {
			rows += g.rows
		}
		if rows != footer.Rows || rows > fewRows && rows/rowsPerByte > int64(len(content)) {
			t.Fatalf("%d bytes pass with %d rows, %d of them in row groups", len(content), footer.Rows, rows)
		}
	})
}
