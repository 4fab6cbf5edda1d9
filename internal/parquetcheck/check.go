package parquetcheck

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"io"

	"showback"
)

const (
	magicBytes = 4
	tailBytes  = 8 // length of the footer, magic
)

// What an honest page keeps to. Writers make pages of a MB or a row group's
// worth of rows.
const (
	maxPage       = 256 << 20 // bytes, not compressed
	maxPageValues = 16 << 20
)

// pieceSize is how many bytes are read at once.
const pieceSize = 256 << 10

// The types of page.
const (
	dataPage       = 0
	indexPage      = 1
	dictionaryPage = 2
	dataPageV2     = 3
)

// Check looks over the Parquet file of size bytes in r and returns what its
// footer says. It reads the whole file once, in pieces. Errors are of
// KindCorrupt for a file that is damaged or claims what it cannot hold, of
// KindInvalid, with a hint, for one that is encrypted or compressed in a way
// that cannot be read or is several files, KindUnavailable where reading fails, or the cause of
// ctx's end. Their texts name the place, not the file.
//
// A page without checksum can be damaged in a way that no reader can tell: a
// flipped bit in an amount makes another amount. Then import and proof agree
// on what the file says, and only the invoice knows better.
func Check(ctx context.Context, r io.ReaderAt, size int64) (*Footer, error) {
	f, end, err := open(r, size)
	if err == nil {
		err = f.checkClaims(size, end)
	}
	if err == nil {
		err = f.checkPages(ctx, r, end)
	}
	if err == nil {
		err = f.checkJoined(r, end)
	}
	if err != nil {
		return nil, withKind(ctx, err)
	}
	return f, nil
}

// readError is a failure to read that is no fault of the file's content.
type readError struct{ err error }

func (e readError) Error() string { return e.err.Error() }
func (e readError) Unwrap() error { return e.err }

func withKind(ctx context.Context, err error) error {
	var kind *showback.Error
	var read readError
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case errors.As(err, &kind):
		return err
	case errors.As(err, &read):
		return showback.Errorf(showback.KindUnavailable, "%w", err)
	}
	return showback.Errorf(showback.KindCorrupt, "%w", err)
}

// open checks the frame and reads the footer. end is where the footer begins.
func open(r io.ReaderAt, size int64) (f *Footer, end int64, err error) {
	if size < magicBytes+tailBytes {
		return nil, 0, fmt.Errorf("found %d bytes, too few for a Parquet file", size)
	}
	var head [magicBytes]byte
	var tail [tailBytes]byte
	if err := readAt(r, head[:], 0); err != nil {
		return nil, 0, err
	}
	if err := readAt(r, tail[:], size-tailBytes); err != nil {
		return nil, 0, err
	}
	first, last := string(head[:]), string(tail[magicBytes:])
	switch {
	case first == "PARE" && last == "PARE":
		return nil, 0, errEncrypted("it is")
	case first != "PAR1":
		return nil, 0, fmt.Errorf("it begins with %q, want \"PAR1\"", first)
	case last != "PAR1":
		return nil, 0, fmt.Errorf("it ends with %q, want \"PAR1\": its end, and so the footer, is not there", last)
	}
	length := little(tail[:])
	if length == 0 || length > min(size-magicBytes-tailBytes, maxFooter) {
		return nil, 0, fmt.Errorf("it claims a footer of %d bytes in a file of %d", length, size)
	}
	end = size - tailBytes - length
	f, err = readFooter(newReader(r, end, length))
	if err != nil {
		return nil, 0, fmt.Errorf("read footer: %w", err)
	}
	return f, end, nil
}

// newReader reads the n bytes from offset at on.
func newReader(r io.ReaderAt, at, n int64) *reader {
	return &reader{in: bufio.NewReaderSize(section(r, at, n), 64<<10), left: n}
}

func section(r io.ReaderAt, at, n int64) io.Reader {
	return marking{io.NewSectionReader(r, at, n)}
}

// marking marks the errors of the reader below, so that they are not taken for
// the file's content. An end that comes too early is the file's.
type marking struct{ r io.Reader }

func (m marking) Read(p []byte) (int, error) {
	n, err := m.r.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		err = readError{err}
	}
	return n, err
}

func readAt(r io.ReaderAt, p []byte, at int64) error {
	_, err := io.ReadFull(section(r, at, int64(len(p))), p)
	return err
}

// checkPages walks the pages of every column.
func (f *Footer) checkPages(ctx context.Context, r io.ReaderAt, end int64) error {
	w := walk{file: r, end: end, buffer: make([]byte, pieceSize)}
	w.in = bufio.NewReaderSize(nil, 4<<10)
	var first int64
	for _, g := range f.groups {
		for i := range g.chunks {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			if err := w.chunk(&g.chunks[i], f.leaves[i], first); err != nil {
				return err
			}
		}
		first += g.rows
	}
	return nil
}

// walk goes from page to page.
type walk struct {
	file   io.ReaderAt
	end    int64 // of all pages
	in     *bufio.Reader
	buffer []byte
	walked int64 // bytes, in all chunks
}

// page is the header of a page.
type page struct {
	typ                 int64
	plain, compressed   int64 // bytes
	checksum            uint32
	hasChecksum, hasAny bool
	values              int64
	levels              int64 // bytes before what is compressed, in pages of version 2
	stored              bool  // not compressed, though the column is
}

// chunk checks the pages of a column chunk, whose first row is the file's row
// first, counted from 0.
func (w *walk) chunk(c *chunk, l leaf, first int64) error {
	at, seen := c.start(), int64(0)
	for seen < c.values {
		p, head, err := w.header(at)
		if err != nil {
			return fmt.Errorf("column %s: read page header at byte %d: %w", l.name, at, err)
		}
		if err := p.check(l, c.values-seen, w.end-at-head); err != nil {
			return fmt.Errorf("column %s: page at byte %d: %w", l.name, at, err)
		}
		if err := w.unpacked(c.codec, at+head, &p); err != nil {
			return fmt.Errorf("column %s: page at byte %d: %w", l.name, at, err)
		}
		if p.hasChecksum {
			sum, err := w.checksum(at+head, p.compressed)
			if err != nil {
				return fmt.Errorf("column %s: page at byte %d: %w", l.name, at, err)
			}
			if sum != p.checksum {
				return fmt.Errorf("column %s, %s: the page at byte %d has checksum %08x, want %08x: its bytes have changed since it was written",
					l.name, p.rows(l, first+seen), at, sum, p.checksum)
			}
		}
		if p.typ == dataPage || p.typ == dataPageV2 {
			seen += p.values
		}
		at += head + p.compressed
		// Chunks that lie over one another would be read again and again.
		if w.walked += head + p.compressed; w.walked > w.end {
			return fmt.Errorf("column %s: its pages lie over those of other columns", l.name)
		}
	}
	return nil
}

// rows names the rows of a page, the file's first row being 1.
func (p *page) rows(l leaf, first int64) string {
	switch {
	case p.typ == dictionaryPage:
		return "its dictionary"
	case l.repeated:
		return fmt.Sprintf("about row %d", first+1)
	}
	return fmt.Sprintf("rows %d to %d", first+1, first+p.values)
}

// check holds what a page claims against what is there: values that the chunk
// still has to have, and bytes up to the end of all pages.
func (p *page) check(l leaf, values, room int64) error {
	switch {
	case p.typ < dataPage || p.typ > dataPageV2 || !p.hasAny && p.typ != indexPage:
		return fmt.Errorf("it is of no known type")
	case p.compressed < 0 || p.compressed > room:
		return fmt.Errorf("it claims %d bytes, the file has %d more", p.compressed, room)
	case p.levels < 0 || p.levels > p.compressed || p.levels > p.plain:
		return fmt.Errorf("it claims %d bytes of levels in %d bytes", p.levels, p.compressed)
	case p.plain < 0 || p.plain > maxPage:
		return fmt.Errorf("it claims %d bytes when decompressed, want at most %d", p.plain, maxPage)
	case p.typ == dictionaryPage && (p.values < 0 || p.values > p.plain/l.width):
		return fmt.Errorf("it claims a dictionary of %d values in %d bytes", p.values, p.plain)
	case p.typ == dictionaryPage || p.typ == indexPage:
		return nil
	case p.values < 0 || p.values > maxPageValues:
		return fmt.Errorf("it claims %d values, want at most %d", p.values, maxPageValues)
	case p.values > values:
		return fmt.Errorf("it claims %d values, the column has %d more", p.values, values)
	}
	return nil
}

// header reads the header of the page at an offset and returns its length.
func (w *walk) header(at int64) (p page, length int64, err error) {
	room := w.end - at
	if room <= 0 {
		return p, 0, fmt.Errorf("the data ends before")
	}
	w.in.Reset(section(w.file, at, room))
	r := &reader{in: w.in, left: room}
	ofKind := func(v2 bool, typ byte) bool {
		if typ != thriftStruct {
			return false
		}
		p.hasAny = true
		r.structure(func(id int16, typ byte) bool {
			switch {
			case id == 1:
				p.values = r.integer(typ)
			case v2 && (id == 5 || id == 6):
				n := r.integer(typ)
				if n < 0 {
					r.fail("levels of %d bytes", n)
				}
				p.levels += n
			case v2 && id == 7:
				p.stored = typ == thriftFalse
				return false
			default:
				return false
			}
			return true
		})
		return true
	}
	r.structure(func(id int16, typ byte) bool {
		switch id {
		case 1:
			p.typ = r.integer(typ)
		case 2:
			p.plain = r.integer(typ)
		case 3:
			p.compressed = r.integer(typ)
		case 4:
			p.checksum, p.hasChecksum = uint32(r.integer(typ)), true
		case 5, 7, 8:
			return ofKind(id == 8, typ)
		default:
			return false
		}
		return true
	})
	if errors.Is(r.err, io.EOF) {
		r.err = io.ErrUnexpectedEOF
	}
	return p, room - r.left, r.err
}

// checksum returns the CRC-32 of n bytes, as zip and gzip use it.
func (w *walk) checksum(at, n int64) (uint32, error) {
	hash := crc32.NewIEEE()
	read, err := io.CopyBuffer(hash, section(w.file, at, n), w.buffer)
	if err == nil && read < n {
		err = io.ErrUnexpectedEOF
	}
	return hash.Sum32(), err
}
