package parquetcheck

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
)

// The types of Thrift's compact protocol, in which Parquet writes its footer
// and its page headers. (Apache Thrift, "Thrift compact protocol encoding", 2024.)
const (
	thriftStop   = 0
	thriftTrue   = 1
	thriftFalse  = 2
	thriftByte   = 3
	thriftI16    = 4
	thriftI32    = 5
	thriftI64    = 6
	thriftDouble = 7
	thriftBinary = 8
	thriftList   = 9
	thriftSet    = 10
	thriftMap    = 11
	thriftStruct = 12
	thriftUUID   = 13
)

// maxNesting bounds structs within structs. Parquet's own are five deep.
const maxNesting = 32

// maxName is how many bytes of a name are kept.
const maxName = 1 << 10

// reader reads the compact protocol. It keeps the first error: after it every
// number is 0, every text empty and every struct and list at its end, so that
// callers ask for err once.
type reader struct {
	in   *bufio.Reader
	left int64 // bytes that what is read may still take
	deep int
	err  error
}

func (r *reader) fail(format string, args ...any) {
	if r.err == nil {
		r.err = fmt.Errorf(format, args...)
	}
}

// take counts n bytes as read and reports whether they are there to be.
func (r *reader) take(n uint64) bool {
	if r.err == nil && n > uint64(max(r.left, 0)) {
		r.fail("it claims %d bytes more than there are", n-uint64(max(r.left, 0)))
	}
	if r.err != nil {
		return false
	}
	r.left -= int64(n)
	return true
}

func (r *reader) octet() byte {
	if !r.take(1) {
		return 0
	}
	b, err := r.in.ReadByte()
	if err != nil {
		r.err = err
	}
	return b
}

func (r *reader) varint() uint64 {
	var n uint64
	for shift := 0; shift < 64; shift += 7 {
		b := r.octet()
		n |= uint64(b&0x7f) << shift
		if b < 0x80 || r.err != nil {
			return n
		}
	}
	r.fail("a number of more than 64 bits")
	return 0
}

// integer reads a number of the type that its field declares.
func (r *reader) integer(typ byte) int64 {
	if typ != thriftI16 && typ != thriftI32 && typ != thriftI64 {
		r.fail("a field of type %d, want a number", typ)
		return 0
	}
	n := r.varint()
	return int64(n>>1) ^ -int64(n&1)
}

// text reads a text of which no more than maxName bytes are kept.
func (r *reader) text(typ byte) string {
	if typ != thriftBinary {
		r.fail("a field of type %d, want a text", typ)
		return ""
	}
	n := r.varint()
	if !r.take(n) {
		return ""
	}
	kept := make([]byte, min(n, maxName))
	if _, err := io.ReadFull(r.in, kept); err != nil {
		r.err = err
		return ""
	}
	r.discard(n - uint64(len(kept)))
	return string(kept)
}

// discard passes over bytes that take has counted.
func (r *reader) discard(n uint64) {
	for n > 0 && r.err == nil {
		step := min(n, 1<<30)
		if _, err := r.in.Discard(int(step)); err != nil {
			r.err = err
		}
		n -= step
	}
}

// structure visits the fields of a struct. visit takes the value of a field,
// or returns false and leaves it to be passed over.
func (r *reader) structure(visit func(id int16, typ byte) bool) {
	if r.deep++; r.deep > maxNesting {
		r.fail("structs more than %d deep", maxNesting)
	}
	var id int16
	for r.err == nil {
		head := r.octet()
		typ := head & 0x0f
		if typ == thriftStop {
			break
		}
		if delta := head >> 4; delta != 0 {
			id += int16(delta)
		} else {
			id = int16(r.integer(thriftI16))
		}
		if r.err == nil && !visit(id, typ) {
			r.skip(typ)
		}
	}
	r.deep--
}

// list visits each element of a list of structs; typ is the field's type.
func (r *reader) list(typ byte, visit func()) {
	n, of := r.listHead(typ)
	if n > 0 && of != thriftStruct {
		r.fail("a list of type %d, want structs", of)
	}
	for range n {
		if r.err != nil {
			return
		}
		visit()
	}
}

func (r *reader) listHead(typ byte) (n uint64, of byte) {
	if typ != thriftList && typ != thriftSet {
		r.fail("a field of type %d, want a list", typ)
		return 0, 0
	}
	head := r.octet()
	n, of = uint64(head>>4), head&0x0f
	if n == 15 {
		n = r.varint()
	}
	// Every element takes a byte at least.
	if r.err == nil && n > uint64(max(r.left, 0)) {
		r.fail("it claims a list of %d elements in %d bytes", n, r.left)
	}
	if r.err != nil {
		return 0, of
	}
	return n, of
}

// skip passes over a value.
func (r *reader) skip(typ byte) {
	switch typ {
	case thriftTrue, thriftFalse: // the field's head has said it
	case thriftByte:
		r.octet()
	case thriftI16, thriftI32, thriftI64:
		r.varint()
	case thriftDouble:
		if r.take(8) {
			r.discard(8)
		}
	case thriftUUID:
		if r.take(16) {
			r.discard(16)
		}
	case thriftBinary:
		if n := r.varint(); r.take(n) {
			r.discard(n)
		}
	case thriftStruct:
		r.structure(func(int16, byte) bool { return false })
	case thriftList, thriftSet:
		n, of := r.listHead(typ)
		r.skipElements(n, of)
	case thriftMap:
		n := r.varint()
		if n == 0 {
			return
		}
		types := r.octet()
		for range n {
			if r.err != nil {
				return
			}
			r.skipElements(1, types>>4)
			r.skipElements(1, types&0x0f)
		}
	default:
		r.fail("a value of type %d, which Thrift does not have", typ)
	}
}

// skipElements passes over elements of a list or map. A truth among them has a
// byte of its own.
func (r *reader) skipElements(n uint64, of byte) {
	if r.deep++; r.deep > maxNesting {
		r.fail("lists more than %d deep", maxNesting)
	}
	for range n {
		if r.err != nil {
			break
		}
		if of == thriftTrue || of == thriftFalse {
			r.octet()
			continue
		}
		r.skip(of)
	}
	r.deep--
}

// little reads four bytes, the least significant first.
func little(b []byte) int64 { return int64(binary.LittleEndian.Uint32(b)) }
