package ledger

import (
	"bufio"
	"bytes"
	"compress/flate"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"golang.org/x/sys/unix"

	"showback"
	"showback/internal/parquetcheck"
	"showback/internal/source"
)

// Digest reads a file whole and returns its SHA-256 in hex and its size. What
// is no file (a folder, a pipe, a device) is an error of KindInvalid.
func Digest(ctx context.Context, f source.File) (FileInfo, error) {
	in, _, err := openData(f)
	if err != nil {
		return FileInfo{}, err
	}
	defer in.Close()
	sum := sha256.New()
	size, err := io.Copy(sum, readerFunc(func(p []byte) (int, error) {
		if ctx.Err() != nil {
			return 0, context.Cause(ctx)
		}
		return in.Read(p)
	}))
	if ctx.Err() != nil {
		return FileInfo{}, context.Cause(ctx)
	}
	if err != nil {
		return FileInfo{}, openError(f, err)
	}
	return FileInfo{Path: f.Path, SHA256: hex.EncodeToString(sum.Sum(nil)), Size: size}, nil
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// openData opens a data file. What is no file is refused before it is opened:
// to open a pipe would wait for somebody to write into it.
func openData(f source.File) (*os.File, fs.FileInfo, error) {
	info, err := os.Stat(f.Path)
	if err != nil {
		return nil, nil, openError(f, err)
	}
	if !info.Mode().IsRegular() {
		return nil, nil, showback.WithHint(showback.Errorf(showback.KindInvalid, "open %s: found %s, want a file", f.Path, source.KindOfFile(info.Mode())),
			"write what it holds to a file, and import that")
	}
	in, err := os.Open(f.Path)
	if err != nil {
		return nil, nil, openError(f, err)
	}
	return in, info, nil
}

func openError(f source.File, err error) error {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return showback.WithHint(showback.Errorf(showback.KindNotFound, "open %s: no such file", f.Path),
			"copy the whole data folder of the export beside its metadata folder")
	case errors.Is(err, fs.ErrPermission):
		return showback.WithHint(showback.Errorf(showback.KindDenied, "open %s: permission denied", f.Path),
			"let the user who runs showback read the file and search the folders above it")
	case errors.Is(err, unix.ELOOP):
		return showback.WithHint(showback.Errorf(showback.KindInvalid, "open %s: its links lead in a circle", f.Path),
			"put the file itself there")
	}
	return showback.Errorf(showback.KindUnavailable, "read %s: %w", f.Path, err)
}

// nullType is the type of a column that holds nothing in the whole file.
const nullType = "NULL"

// describe returns the columns of a file; nil for an empty surplus chunk.
func (w *work) describe(ctx context.Context, f source.File) ([]source.Column, error) {
	if strings.ContainsAny(f.Path, "*?") {
		// The engine would take them for wildcards and read other files too.
		return nil, showback.WithHint(showback.Errorf(showback.KindInvalid, "read %s: its path holds * or ?", f.Path), "rename the file or folder")
	}
	in, info, err := openData(f)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	if info.Size() == 0 {
		return nil, nil
	}
	if err := checkFormat(f, in); err != nil {
		return nil, err
	}
	if f.Format != source.Parquet {
		return csvHeader(f)
	}
	footer, err := parquetcheck.Check(ctx, in, info.Size())
	if err != nil {
		return nil, dataError(ctx, f, err)
	}
	if err := distinctNames(f, footer.Columns); err != nil {
		return nil, err
	}
	return w.describeParquet(ctx, f)
}

func (w *work) describeParquet(ctx context.Context, f source.File) ([]source.Column, error) {
	var cols []source.Column
	// A column without any value may be written as Parquet's null type, which
	// the engine shows as an integer.
	err := w.each(ctx, fmt.Sprintf("SELECT column_name, CASE WHEN column_name IN (SELECT name FROM parquet_schema(%[1]s)"+
		" WHERE logical_type LIKE 'NullType%%' OR logical_type LIKE 'UnknownType%%') THEN '%[2]s' ELSE column_type END"+
		" FROM (DESCRIBE FROM read_parquet(%[1]s, hive_partitioning = false, binary_as_string = true))", quote(f.Path), nullType),
		func(scan func(...any) error) error {
			var c source.Column
			if err := scan(&c.Name, &c.Type); err != nil {
				return showback.Errorf(showback.KindInternal, "describe %s: %w", f.Name, err)
			}
			cols = append(cols, c)
			return nil
		})
	if err != nil && ctx.Err() == nil {
		return nil, fileError(f, err)
	}
	return cols, err
}

// distinctNames refuses columns whose names do not tell them apart: the engine
// knows no case.
func distinctNames(f source.File, names []string) error {
	const hint = "name each column once in the export's query"
	seen := map[string]string{}
	for i, name := range names {
		if name == "" {
			return showback.WithHint(showback.Errorf(showback.KindInvalid, "read %s: column %d of %d has no name", f.Path, i+1, len(names)), hint)
		}
		other, twice := seen[strings.ToLower(name)]
		switch {
		case twice && other == name:
			return showback.WithHint(showback.Errorf(showback.KindInvalid, "read %s: the file has two columns of the name %s", f.Path, name), hint)
		case twice:
			return showback.WithHint(showback.Errorf(showback.KindInvalid, "read %s: the columns %s and %s differ in case alone", f.Path, other, name), hint)
		}
		seen[strings.ToLower(name)] = name
	}
	return nil
}

const gzipMagic = "\x1f\x8b"

// magics are the first bytes of what may stand where a bill should.
var magics = []struct{ bytes, what, end string }{
	{"PAR1", "Parquet", ".parquet"},
	{"PARE", "Parquet", ".parquet"},
	{gzipMagic, "gzip data", ".csv.gz"},
	{"PK\x03\x04", "a ZIP archive", ""},
	{"BZh", "bzip2 data", ""},
	{"\x28\xb5\x2f\xfd", "Zstandard data", ""},
	{"\xfd7zXZ\x00", "xz data", ""},
}

// checkFormat refuses a file whose first bytes say that it is something else
// than its name does. The engine goes by the name.
func checkFormat(f source.File, in io.ReaderAt) error {
	head := make([]byte, 8)
	n, err := in.ReadAt(head, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return openError(f, err)
	}
	named := map[source.Format]string{source.Parquet: ".parquet", source.CSVGzip: ".csv.gz", source.CSV: ".csv"}[f.Format]
	for _, m := range magics {
		if !bytes.HasPrefix(head[:n], []byte(m.bytes)) || m.end == named {
			continue
		}
		hint := "unpack it, and import what is in it"
		if m.end != "" {
			hint = "name the file what it is: " + m.end
		}
		return showback.WithHint(showback.Errorf(showback.KindInvalid, "read %s: it holds %s, its name ends in %s", f.Path, m.what, named), hint)
	}
	if f.Format == source.CSVGzip && !bytes.HasPrefix(head[:n], []byte(gzipMagic)) {
		return showback.WithHint(showback.Errorf(showback.KindInvalid, "read %s: it holds no gzip data, its name ends in .csv.gz", f.Path),
			"if it is plain text, as some tools unpack on the way, name it .csv; else copy it from the bucket again")
	}
	return nil
}

// fileError says of a data file what the engine could not read. A disk or a
// memory that is full is no fault of the file.
func fileError(f source.File, err error) error {
	text := err.Error()
	for _, kind := range []string{"Invalid Input Error: ", "Invalid Error: ", "IO Error: "} {
		text = strings.TrimPrefix(text, kind)
	}
	text = strings.TrimPrefix(text, "Failed to read file "+`"`+f.Path+`": `)
	switch {
	case errors.Is(err, errMemory), fullDisk(err) != nil:
		return err
	case strings.Contains(text, "Permission denied"):
		return showback.Errorf(showback.KindDenied, "read %s: permission denied", f.Path)
	case strings.Contains(text, "CSV Parser state machine reached an invalid state"):
		return &showback.Error{Kind: showback.KindCorrupt, Text: "read " + f.Path + ": lines of the file end in different ways, or a quote is out of place",
			Hint: "write the file with one kind of line end, as AWS does, and double quotes around values that hold one"}
	case strings.Contains(text, "Unsupported GZIP archive"):
		return &showback.Error{Kind: showback.KindInvalid, Text: "read " + f.Path + ": the head of its gzip data has fields that cannot be read",
			Hint: "pack it again: gunzip -c FILE | gzip >NEWFILE"}
	case strings.Contains(text, "TProtocolException"):
		return damagedFile(f, "its footer lacks something that must be there")
	case strings.Contains(text, "Could not convert Timestamp"):
		return &showback.Error{Kind: showback.KindInvalid, Text: "read " + f.Path + ": a time in it is " + beyondYears,
			Hint: "look at the columns that end in _date: one may be in another unit than its type says"}
	}
	return damagedFile(f, text)
}

func damagedFile(f source.File, text string) error {
	return &showback.Error{Kind: showback.KindCorrupt, Text: "read " + f.Path + ": " + text, Hint: damagedHint}
}

const damagedHint = "the file is cut short, damaged or not what its name says: copy it from the bucket again"

// dataError says what reading the text or the frame of a file came to.
func dataError(ctx context.Context, f source.File, err error) error {
	var corrupt flate.CorruptInputError
	var kind *showback.Error
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case errors.As(err, &kind):
		err := showback.Errorf(kind.Kind, "read %s: %w", f.Path, err)
		if kind.Kind == showback.KindCorrupt {
			return showback.WithHint(err, damagedHint)
		}
		return err
	case errors.Is(err, io.ErrUnexpectedEOF):
		return damagedFile(f, "the gzip data ends in its middle")
	case errors.Is(err, errAfterGzip):
		return damagedFile(f, "there is something else behind its gzip data")
	case errors.Is(err, gzip.ErrChecksum):
		return damagedFile(f, "the gzip data does not fit its checksum: bytes of it have changed")
	case errors.Is(err, gzip.ErrHeader):
		return damagedFile(f, "there is something else than gzip data in it")
	case errors.As(err, &corrupt):
		return damagedFile(f, fmt.Sprintf("the gzip data is damaged at byte %d", int64(corrupt)))
	}
	return openError(f, err)
}

// A bill of many lines packs well, but not as well as a bomb does: deflate's
// limit is 1,032 to 1, a bill with its ids comes to 10 to 60.
const (
	fewUnpacked = 256 << 20 // bytes that may be packed as tightly as they like
	mostPacking = 500
)

// openCSV opens the text of a CSV file. The caller closes it. Errors of reading are for dataError.
func openCSV(f source.File) (text *bufio.Reader, done func() error, err error) {
	in, _, err := openData(f)
	if err != nil {
		return nil, nil, err
	}
	text = bufio.NewReaderSize(in, 64<<10)
	if f.Format == source.CSVGzip {
		u, err := newUnpacker(in)
		if err != nil {
			in.Close()
			return nil, nil, dataError(context.Background(), f, err)
		}
		text = bufio.NewReaderSize(u, 64<<10)
	}
	return text, in.Close, nil
}

// counter counts what is read.
type counter struct {
	in io.Reader
	n  int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.in.Read(p)
	c.n += int64(n)
	return n, err
}

// errAfterGzip says that gzip data is followed by what is none.
var errAfterGzip = errors.New("something else behind the gzip data")

// unpacker reads gzip data, one member after the other, and stops at a bomb.
type unpacker struct {
	z      *gzip.Reader
	in     *bufio.Reader
	packed *counter
	n      int64
}

func newUnpacker(in io.Reader) (*unpacker, error) {
	u := &unpacker{packed: &counter{in: in}}
	u.in = bufio.NewReaderSize(u.packed, 64<<10)
	z, err := gzip.NewReader(u.in)
	if err != nil {
		return nil, err
	}
	u.z = z
	u.z.Multistream(false)
	return u, nil
}

func (u *unpacker) Read(p []byte) (int, error) {
	n, err := u.z.Read(p)
	for n == 0 && errors.Is(err, io.EOF) {
		if err := u.next(); err != nil {
			return 0, err
		}
		n, err = u.z.Read(p) // nothing again where a member is empty
	}
	if errors.Is(err, io.EOF) {
		err = nil // of the member
	}
	if u.n += int64(n); u.n > fewUnpacked && u.n/mostPacking > u.packed.n {
		return n, showback.WithHint(showback.Errorf(showback.KindInvalid,
			"more than %d MB come out of %d bytes of gzip data: more than %d to 1, which no bill packs to", fewUnpacked>>20, u.packed.n, mostPacking),
			"look where the file comes from; if it is a bill, unpack it and import the .csv")
	}
	return n, err
}

// next goes on to the member that follows; io.EOF when none does. The gzip
// reader by itself would take a few bytes behind the last one for a member that
// is cut.
func (u *unpacker) next() error {
	head, err := u.in.Peek(len(gzipMagic))
	switch {
	case len(head) == 0:
		return err
	case !strings.HasPrefix(gzipMagic, string(head)):
		return errAfterGzip
	}
	err = u.z.Reset(u.in)
	u.z.Multistream(false)
	return err
}
