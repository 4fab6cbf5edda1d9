package parquetcheck

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// The codecs whose libraries trust the data to say, or to end before, how large
// it is when decompressed. Of the others the engine takes no more than the page
// says, and the proof reads only what the engine has read.
const (
	codecSnappy = 1
	codecLZ4Raw = 7
)

// unpacked holds what the data of a page comes to when it is decompressed
// against what the page's header says.
func (w *walk) unpacked(codec, at int64, p *page) error {
	n := p.compressed - p.levels
	if n == 0 || p.stored || p.typ == indexPage || codec != codecSnappy && codec != codecLZ4Raw {
		return nil
	}
	w.in.Reset(section(w.file, at+p.levels, n))
	var size int64
	var err error
	if codec == codecSnappy {
		size, err = snappySize(w.in)
	} else {
		size, err = lz4Size(w.in, maxPage)
	}
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	if err == nil && size != p.plain-p.levels {
		err = fmt.Errorf("it claims %d bytes when decompressed, its data comes to %d", p.plain-p.levels, size)
	}
	return err
}

// snappySize reads the size that a block begins with. (Google, "Snappy
// compressed format description", 2011.)
func snappySize(in io.ByteReader) (int64, error) {
	n, err := binary.ReadUvarint(in)
	return int64(min(n, 1<<62)), err
}

// lz4Size adds up what the sequences of a block come to, no further than most.
// (LZ4, "LZ4 block format description", 2022.)
func lz4Size(in *bufio.Reader, most int64) (int64, error) {
	var size int64
	for size <= most {
		token, err := in.ReadByte()
		if errors.Is(err, io.EOF) {
			return size, nil
		}
		if err != nil {
			return 0, err
		}
		literals, err := lz4Length(in, int64(token>>4), most)
		if err != nil {
			return 0, err
		}
		if _, err := in.Discard(int(literals)); err != nil {
			return 0, err
		}
		size += literals
		// The last sequence is literals alone.
		if _, err := in.Peek(1); errors.Is(err, io.EOF) {
			return size, nil
		}
		if _, err := in.Discard(2); err != nil { // how far back the match lies
			return 0, err
		}
		match, err := lz4Length(in, int64(token&0x0f), most)
		if err != nil {
			return 0, err
		}
		size += match + 4
	}
	return size, nil
}

// lz4Length reads on a length of which 15 says that more follows.
func lz4Length(in io.ByteReader, n, most int64) (int64, error) {
	if n < 15 {
		return n, nil
	}
	for n <= most {
		b, err := in.ReadByte()
		if err != nil {
			return 0, err
		}
		if n += int64(b); b < 255 {
			break
		}
	}
	return n, nil
}
