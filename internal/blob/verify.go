package blob

import (
	"bytes"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"hash"
	"hash/crc32"
	"hash/crc64"
	"io"
	"math/bits"
	"regexp"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"showback"
)

// Check says by what a fetched object was proved to be the bucket's.
type Check string

// The checks, the strongest first. A checksum that the server calls one of the
// whole object goes before the ETag, which is an MD5 by custom only.
const (
	CheckSHA512    Check = "SHA-512"
	CheckSHA256    Check = "SHA-256"
	CheckSHA1      Check = "SHA-1"
	CheckMD5       Check = "MD5"
	CheckCRC64NVME Check = "CRC-64/NVME"
	CheckCRC32C    Check = "CRC-32C"
	CheckCRC32     Check = "CRC-32"
	CheckETag      Check = "MD5 in the ETag"
	CheckParts     Check = "MD5 of the parts in the ETag"
	CheckSize      Check = "size" // the bucket says nothing else of the content
)

// facts are what an answer says of the whole object.
type facts struct {
	sums map[Check]string // base64, none of those that are of the parts' checksums
	// typed is true when the server says that the sums are of the whole object.
	typed bool
	// plain is true when the ETag can be an MD5: not where the object is
	// encrypted by a key of KMS or of the customer.
	plain bool
}

func factsOfGet(o *s3.GetObjectOutput) facts {
	return newFacts(o.ChecksumType, o.ServerSideEncryption, o.SSECustomerAlgorithm, map[Check]*string{
		CheckSHA512: o.ChecksumSHA512, CheckSHA256: o.ChecksumSHA256, CheckSHA1: o.ChecksumSHA1, CheckMD5: o.ChecksumMD5,
		CheckCRC64NVME: o.ChecksumCRC64NVME, CheckCRC32C: o.ChecksumCRC32C, CheckCRC32: o.ChecksumCRC32,
	})
}

func factsOfHead(o *s3.HeadObjectOutput) facts {
	return newFacts(o.ChecksumType, o.ServerSideEncryption, o.SSECustomerAlgorithm, map[Check]*string{
		CheckSHA512: o.ChecksumSHA512, CheckSHA256: o.ChecksumSHA256, CheckSHA1: o.ChecksumSHA1, CheckMD5: o.ChecksumMD5,
		CheckCRC64NVME: o.ChecksumCRC64NVME, CheckCRC32C: o.ChecksumCRC32C, CheckCRC32: o.ChecksumCRC32,
	})
}

// newFacts leaves out checksums of checksums: they are typed COMPOSITE or, by
// older servers, marked by the number of parts behind a hyphen.
func newFacts(kind types.ChecksumType, sse types.ServerSideEncryption, customer *string, sums map[Check]*string) facts {
	f := facts{sums: map[Check]string{}, typed: kind == types.ChecksumTypeFullObject, plain: customer == nil && (sse == "" || sse == types.ServerSideEncryptionAes256)}
	if kind == types.ChecksumTypeComposite {
		return f
	}
	for check, sum := range sums {
		if text := aws.ToString(sum); text != "" && !strings.Contains(text, "-") {
			f.sums[check] = text
		}
	}
	return f
}

// nvme is the polynomial of CRC-64/NVME as hash/crc64 takes it, reversed. (NVM
// Express, "NVM Command Set Specification 1.0c", 2023, 5.2.1.3.4.)
var nvme = crc64.MakeTable(bits.Reverse64(0xad93d23594c93659))

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// strongest are the checks by a checksum, in the order in which they are tried.
var strongest = []struct {
	check Check
	make  func() hash.Hash
}{
	{CheckSHA512, sha512.New},
	{CheckSHA256, sha256.New},
	{CheckSHA1, sha1.New},
	{CheckMD5, md5.New},
	{CheckCRC64NVME, func() hash.Hash { return crc64.New(nvme) }},
	{CheckCRC32C, func() hash.Hash { return crc32.New(castagnoli) }},
	{CheckCRC32, func() hash.Hash { return crc32.NewIEEE() }},
}

// digest is what the content's hash must be.
type digest struct {
	make func() hash.Hash
	want []byte
}

// matches reports whether r has the content; its error is r's.
func (d *digest) matches(r io.Reader) (bool, error) {
	h := d.make()
	_, err := io.Copy(h, r)
	return err == nil && bytes.Equal(h.Sum(nil), d.want), err
}

var (
	plainETag = regexp.MustCompile(`^[0-9a-fA-F]{32}$`)
	partsETag = regexp.MustCompile(`^([0-9a-fA-F]{32})-([0-9]{1,5})$`)
)

// check returns the strongest check that the facts allow. The digest is nil for
// CheckParts, which needs the sizes of the parts, and for CheckSize.
func (f facts) check(bucket string, o Object) (Check, *digest) {
	parts := partsETag.MatchString(o.ETag)
	for _, s := range strongest {
		if parts && !f.typed {
			break // it may be one of the parts' checksums: moto 5.2 gives such to HEAD
		}
		if want, err := base64.StdEncoding.DecodeString(f.sums[s.check]); err == nil && len(want) == s.make().Size() {
			return s.check, &digest{s.make, want}
		}
	}
	if !f.plain || isDirectoryBucket(bucket) {
		return CheckSize, nil
	}
	if plainETag.MatchString(o.ETag) {
		want, err := hex.DecodeString(o.ETag)
		if err != nil {
			panic("BUG: hex digits that are none: " + o.ETag)
		}
		return CheckETag, &digest{md5.New, want}
	}
	if parts {
		return CheckParts, nil
	}
	return CheckSize, nil
}

// isDirectoryBucket reports whether the bucket is of S3 Express, whose ETags
// are not MD5s. (AWS, "Differences for directory buckets", 2026-10.)
func isDirectoryBucket(bucket string) bool { return strings.HasSuffix(bucket, "--x-s3") }

// partsOf returns what a multipart ETag says: the MD5 of the parts' MD5s, and
// how many there are. ok is false for another ETag.
func partsOf(etag string) (want []byte, n int, ok bool) {
	m := partsETag.FindStringSubmatch(etag)
	if m == nil {
		return nil, 0, false
	}
	want, hexErr := hex.DecodeString(m[1])
	n, numErr := strconv.Atoi(m[2])
	return want, n, hexErr == nil && numErr == nil && n > 0
}

// partsMatch reports whether the MD5 of the MD5s of parts of the given sizes is
// the wanted one. The sizes add up to what r holds; the error is r's.
func partsMatch(r io.Reader, sizes []int64, want []byte) (bool, error) {
	all := md5.New()
	for _, size := range sizes {
		part := md5.New()
		if _, err := io.CopyN(part, r, size); err != nil {
			return false, err
		}
		all.Write(part.Sum(nil))
	}
	return bytes.Equal(all.Sum(nil), want), nil
}

// evenParts returns the sizes of n parts of which all but the last are as long
// as the first; nil when no such parts make up the whole.
func evenParts(whole, first int64, n int) []int64 {
	if first <= 0 || whole <= 0 || (whole+first-1)/first != int64(n) {
		return nil
	}
	sizes := make([]int64, n)
	for i := range sizes {
		sizes[i] = min(first, whole)
		whole -= first
	}
	return sizes
}

// corrupt is the error of an object whose bytes, fetched twice, are not what the
// bucket says.
func corrupt(bucket string, o Object, check Check) error {
	return showback.WithHint(
		showback.Errorf(showback.KindCorrupt, "read %s: the bytes that came are not those the bucket vouches for (%s), twice in a row", address(bucket, o.Key), check),
		"try another network path; if it stays so, let the export be delivered again")
}
