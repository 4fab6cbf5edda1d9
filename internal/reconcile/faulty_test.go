package reconcile

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"
	"golang.org/x/sys/unix"

	"showback"
)

// readWhole reads a file to its end, or to the first line that is bad.
func readWhole(t testing.TB, ref FileRef) error {
	t.Helper()
	return readFile(t.Context(), ref, func(l *line) error { return l.bad })
}

// withFooter changes what the footer of a Parquet file claims.
func withFooter(t *testing.T, file []byte, change func(*format.FileMetaData)) []byte {
	t.Helper()
	var protocol thrift.CompactProtocol
	end := len(file) - 8 - int(binary.LittleEndian.Uint32(file[len(file)-8:]))
	var footer format.FileMetaData
	if err := thrift.Unmarshal(&protocol, file[end:len(file)-8], &footer); err != nil {
		t.Fatal(err)
	}
	change(&footer)
	text, err := thrift.Marshal(&protocol, footer)
	if err != nil {
		t.Fatal(err)
	}
	out := append(bytes.Clone(file[:end]), text...)
	return append(binary.LittleEndian.AppendUint32(out, uint32(len(text))), "PAR1"...)
}

// TestBombs: what a file claims is not allocated.
func TestBombs(t *testing.T) {
	f := func(name string, content []byte, kind showback.Kind, want string) {
		t.Helper()
		ref := save(t, "data", content)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		err := readFile(t.Context(), ref, func(*line) error { return nil })
		runtime.ReadMemStats(&after)
		if err == nil || !strings.Contains(err.Error(), want) || showback.KindOf(err) != kind {
			t.Errorf("%s: got %v of kind %s\nwant %s of kind %s", name, err, showback.KindOf(err), want, kind)
		}
		if taken := after.TotalAlloc - before.TotalAlloc; taken > 400<<20 {
			t.Errorf("%s: took %d bytes of memory", name, taken)
		}
	}
	file := mixed.parquet(t, plainForm())
	f("rows", withFooter(t, file, func(m *format.FileMetaData) {
		m.NumRows, m.RowGroups[0].NumRows = 1<<62, 1<<62
	}), showback.KindCorrupt, "claims 9 values in 4611686018427387904 rows")
	f("petabytes", withFooter(t, file, func(m *format.FileMetaData) {
		m.RowGroups[0].Columns[0].MetaData.TotalCompressedSize = 1 << 50
	}), showback.KindCorrupt, "claims 1125899906842624 bytes")
	f("a list of 2^31 nodes", []byte("PAR1\x15\x02\x19\xfc\xff\xff\xff\xff\x07\x15\x02\x0b\x00\x00\x00PAR1"),
		showback.KindCorrupt, "it claims a list of 2147483647 elements in 2 bytes")
	f("thousands of columns", withFooter(t, file, func(m *format.FileMetaData) {
		for range 20_000 {
			m.Schema = append(m.Schema, m.Schema[1])
		}
		m.Schema[0].NumChildren.V += 20_000
	}), showback.KindCorrupt, "want at most 10000")
	form := plainForm()
	form.codec = &parquet.Uncompressed
	plain := mixed.parquet(t, form)
	f("a flipped bit", bytes.Replace(plain, []byte("SavingsPlanNegation"), []byte("SavingsPlanNegatioN"), 1), showback.KindCorrupt, "has checksum")
	f("without end", []byte(strings.Repeat("x", maxRow+1<<20)), showback.KindCorrupt, "read header: longer than 16 MB")
	f("a quote without end", append(mixed.csv(t), "\""+strings.Repeat("1,2\n", maxRow/4+1<<18)...), showback.KindCorrupt, "read row 10: longer than 16 MB")
	f("gzip of a line without end", zip(t, bytes.Repeat([]byte{'x'}, maxRow+1<<20)), showback.KindCorrupt, "longer than 16 MB")
	f("a gzip bomb", gzipBomb(t), showback.KindInvalid, "unzip file: more than 268435456 bytes come out")
}

// gzipBomb is 300 MB of rows in 300 KB.
func gzipBomb(t *testing.T) []byte {
	t.Helper()
	row := append(bytes.Repeat([]byte{'x'}, 1<<20-1), '\n')
	return append(zip(t, mixed.csv(t)), bytes.Repeat(zip(t, row), 300)...)
}

// TestNoFile: what is no file, or none that may be read, is told and does not
// keep the reader waiting.
func TestNoFile(t *testing.T) {
	dir := t.TempDir()
	f := func(name string, kind showback.Kind, want string) {
		t.Helper()
		err := readWhole(t, FileRef{Path: filepath.Join(dir, name), SHA256: "00", Size: 1})
		if err == nil || !strings.Contains(err.Error(), want) || showback.KindOf(err) != kind {
			t.Errorf("%s: got %v of kind %s, want %s of kind %s", name, err, showback.KindOf(err), want, kind)
		}
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	f("nothing", showback.KindNotFound, "the file is gone")
	must(unix.Mkfifo(filepath.Join(dir, "pipe"), 0o600))
	f("pipe", showback.KindInvalid, "it is no file any more, but p")
	must(os.Mkdir(filepath.Join(dir, "folder"), 0o700))
	f("folder", showback.KindInvalid, "it is no file any more, but d")
	must(os.Symlink("/dev/zero", filepath.Join(dir, "device")))
	f("device", showback.KindInvalid, "it is no file any more, but D")
	must(os.Symlink("loop", filepath.Join(dir, "loop")))
	f("loop", showback.KindUnavailable, "too many levels of symbolic links")
	if os.Geteuid() == 0 {
		return // root may read everything
	}
	must(os.WriteFile(filepath.Join(dir, "locked"), nil, 0))
	f("locked", showback.KindDenied, "permission denied")
}

// TestChangedWhileRead: a file that is written to under the reader is half of
// one and half of another.
func TestChangedWhileRead(t *testing.T) {
	ref := save(t, "data", mixed.csv(t))
	err := readFile(t.Context(), ref, func(l *line) error {
		return os.Chtimes(ref.Path, time.Time{}, time.Date(2027, 1, 1, 0, 0, 0, int(l.row), time.UTC))
	})
	if showback.KindOf(err) != showback.KindConflict || !strings.Contains(err.Error(), "the file changed while it was read") {
		t.Errorf("got %v", err)
	}
	ref = save(t, "data", mixed.csv(t))
	if err := os.WriteFile(ref.Path, []byte("other"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := readWhole(t, ref); showback.KindOf(err) != showback.KindConflict || !strings.Contains(err.Error(), "the file has changed: found 5 bytes") {
		t.Errorf("got %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := readFile(ctx, ref, func(*line) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: got %v", err)
	}
}

// TestBadRowsAreNumbered: a row that is no record is visited with its number,
// so that it can be told to be the one that the import set aside.
func TestBadRowsAreNumbered(t *testing.T) {
	good := strings.TrimSuffix(string(mixed[:2].csv(t)), "\n")
	head, row, _ := strings.Cut(good, "\n")
	f := func(bad, want string) {
		t.Helper()
		content := strings.Join([]string{head, row, bad, row, ""}, "\n")
		var rows, faults []string
		err := readFile(t.Context(), save(t, "data", []byte(content)), func(l *line) error {
			rows = append(rows, l.text[typeColumn])
			if l.bad != nil {
				faults = append(faults, l.bad.Error())
			}
			return nil
		})
		if err != nil || len(rows) != 3 || rows[2] != "Usage" || len(faults) != 1 || !strings.HasPrefix(faults[0], "read row 2") || !strings.Contains(faults[0], want) {
			t.Errorf("%s: got rows %q, faults %q, %v, want %q in row 2 of 3", bad, rows, faults, err, want)
		}
	}
	f(row+",1", "found 14 fields, want 13")
	f(row+",,", "found 15 fields, want 13")
	f("1,2", "found 2 fields, want 13")
	f(`a"b`+row, `bare " in non-quoted-field`)
	f(`"a"b`+row, `extraneous or missing " in quoted-field`)
	f(strings.Replace(row, "2026-10-01", "9999-10-01", 1), "of a year from 2000 to 2199")
	f(strings.Replace(row, "2026-10-01", "0000-10-01", 1), "of a year from 2000 to 2199")
}

// TestPeriodsBeyondRange: an instant in another unit than its type says is no
// month.
func TestPeriodsBeyondRange(t *testing.T) {
	for _, unit := range []int64{0, 1 << 62, -1 << 62} {
		form := plainForm()
		form.instant = func(time.Time) parquet.Value { return parquet.Int64Value(unit) }
		err := readWhole(t, save(t, "data", mixed.parquet(t, form)))
		if err == nil || !strings.Contains(err.Error(), "row 1, column bill_billing_period_start_date") {
			t.Errorf("%d ms: got %v", unit, err)
		}
	}
}
