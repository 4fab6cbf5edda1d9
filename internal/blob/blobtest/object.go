package blobtest

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"hash"
	"hash/crc32"
	"hash/crc64"
	"math/bits"
	"net/http"
	"strconv"
	"time"
)

type object struct {
	body     []byte
	etag     string
	parts    []int64 // sizes; nil for an upload that was none in parts
	class    string
	modified time.Time
	headers  http.Header // of GET and HEAD
	sums     http.Header // those that are sent when they are asked for
}

// Option is something special about an object.
type Option func(*object)

func newObject(body []byte, options []Option) object {
	sum := md5.Sum(body)
	o := object{body: body, etag: hex.EncodeToString(sum[:]), headers: http.Header{}, sums: http.Header{}}
	for _, option := range options {
		option(&o)
	}
	return o
}

// Parts makes the object one that was uploaded in parts of the given sizes; the
// last is repeated for as long as there are bytes. Its ETag is the MD5 of the
// parts' MD5s and their number.
func Parts(sizes ...int64) Option {
	return func(o *object) {
		all, rest := md5.New(), o.body
		for i := 0; len(rest) > 0; i++ {
			n := min(int64(len(rest)), sizes[min(i, len(sizes)-1)])
			sum := md5.Sum(rest[:n])
			all.Write(sum[:])
			rest = rest[n:]
			o.parts = append(o.parts, n)
		}
		o.etag = fmt.Sprintf("%x-%d", all.Sum(nil), len(o.parts))
	}
}

// ETag gives the object an ETag, without quotes, whatever its content.
func ETag(tag string) Option { return func(o *object) { o.etag = tag } }

// KMS makes the object one that a KMS key encrypts: its ETag is no MD5.
func KMS() Option {
	return func(o *object) {
		o.headers.Set("X-Amz-Server-Side-Encryption", "aws:kms")
		sum := md5.Sum([]byte("kms" + o.etag))
		o.etag = hex.EncodeToString(sum[:])
		if o.parts != nil {
			o.etag += "-" + strconv.Itoa(len(o.parts))
		}
	}
}

// Class gives the object a storage class. GET refuses GLACIER and DEEP_ARCHIVE.
func Class(name string) Option {
	return func(o *object) {
		o.class = name
		o.headers.Set("X-Amz-Storage-Class", name)
	}
}

// Modified says when the object was stored. Without it each has its own second
// of a day in November 2026.
func Modified(at time.Time) Option { return func(o *object) { o.modified = at.UTC() } }

// Header has GET and HEAD send a header.
func Header(name, value string) Option {
	return func(o *object) { o.headers.Set(name, value) }
}

// Checksum has GET and HEAD give the checksum of the whole object when they are
// asked for it: SHA256, SHA1, CRC32, CRC32C or CRC64NVME.
func Checksum(algorithm string) Option {
	return func(o *object) {
		h := checksums[algorithm]()
		h.Write(o.body)
		o.sums.Set("X-Amz-Checksum-"+algorithm, base64.StdEncoding.EncodeToString(h.Sum(nil)))
		o.sums.Set("X-Amz-Checksum-Type", "FULL_OBJECT")
	}
}

// ChecksumText is Checksum with a value and type of one's own.
func ChecksumText(algorithm, value, kind string) Option {
	return func(o *object) {
		o.sums.Set("X-Amz-Checksum-"+algorithm, value)
		o.sums.Set("X-Amz-Checksum-Type", kind)
	}
}

var checksums = map[string]func() hash.Hash{
	"SHA256":    sha256.New,
	"SHA1":      sha1.New,
	"CRC32":     func() hash.Hash { return crc32.NewIEEE() },
	"CRC32C":    func() hash.Hash { return crc32.New(crc32.MakeTable(crc32.Castagnoli)) },
	"CRC64NVME": func() hash.Hash { return crc64.New(crc64.MakeTable(bits.Reverse64(0xad93d23594c93659))) },
}
