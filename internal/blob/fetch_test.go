package blob

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"showback"
	"showback/internal/blob/blobtest"
)

func TestFetchChecks(t *testing.T) {
	srv, c := serve(t, quick)
	body := bytesOf(100_000)
	f := func(name string, want Check, options ...blobtest.Option) {
		t.Helper()
		srv.Put("bills", name, body, options...)
		o := stat(t, c, "bills", name)
		path, check, progress, err := fetchTo(t, c, "bills", o)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			return
		}
		wantFile(t, path, body)
		wantNoFile(t, path+partial)
		if check != want || progress != o.Size {
			t.Errorf("%s: got %q and progress %d, want %q and %d", name, check, progress, want, o.Size)
		}
		// Resumed, the facts come by HEAD.
		path = filepath.Join(t.TempDir(), "resumed")
		if err := os.WriteFile(path+partial, body[:60_000], 0o666); err != nil {
			t.Fatal(err)
		}
		if check, err = c.Fetch(t.Context(), "bills", o, path, nil); err != nil || check != want {
			t.Errorf("%s, resumed: got %q, %v, want %q", name, check, err, want)
		}
		wantFile(t, path, body)
	}
	f("plain", CheckETag)
	f("parts", CheckParts, blobtest.Parts(30_000))
	f("one part", CheckParts, blobtest.Parts(100_000))
	f("even parts", CheckParts, blobtest.Parts(25_000))
	f("uneven parts", CheckParts, blobtest.Parts(10_000, 40_000, 50_000))
	f("uneven parts whose number fits", CheckParts, blobtest.Parts(30_000, 20_000, 20_000, 30_000))
	f("kms", CheckSize, blobtest.KMS())
	f("kms in parts", CheckSize, blobtest.Parts(30_000), blobtest.KMS())
	f("kms with a checksum", CheckCRC64NVME, blobtest.KMS(), blobtest.Checksum("CRC64NVME"))
	f("sse-s3", CheckETag, blobtest.Header("X-Amz-Server-Side-Encryption", "AES256"))
	f("sse-c", CheckSize, blobtest.Header("X-Amz-Server-Side-Encryption-Customer-Algorithm", "AES256"), blobtest.ETag(strings.Repeat("0", 32)))
	f("other etag", CheckSize, blobtest.ETag("v1-0123"))
	f("sha256", CheckSHA256, blobtest.Checksum("SHA256"))
	f("sha1", CheckSHA1, blobtest.Checksum("SHA1"))
	f("crc32", CheckCRC32, blobtest.Checksum("CRC32"))
	f("crc32c in parts", CheckCRC32C, blobtest.Parts(30_000), blobtest.Checksum("CRC32C"))
	f("composite", CheckParts, blobtest.Parts(30_000), blobtest.ChecksumText("SHA256", "abcd-4", "COMPOSITE"))
	f("composite, untyped", CheckParts, blobtest.Parts(30_000), blobtest.ChecksumText("CRC32", "abcd-4", ""))
	f("composite, neither typed nor marked", CheckParts, blobtest.Parts(30_000), blobtest.ChecksumText("CRC32", "Tpyngg==", ""))
	f("nonsense", CheckETag, blobtest.ChecksumText("SHA256", "AAAA", "FULL_OBJECT"))
	f("checksum over an etag that is none", CheckCRC32, blobtest.Checksum("CRC32"), blobtest.ETag(strings.Repeat("0", 32)))
	f("gzip", CheckETag, blobtest.Header("Content-Encoding", "gzip")) // the bytes as they are stored
}

func TestFetchEmpty(t *testing.T) {
	srv, c := serve(t, quick)
	srv.Put("bills", "empty", nil)
	path, check, progress, err := fetchTo(t, c, "bills", stat(t, c, "bills", "empty"))
	if err != nil || check != CheckETag || progress != 0 {
		t.Errorf("got %q, progress %d, %v", check, progress, err)
	}
	wantFile(t, path, nil)
}

func TestFetchResumes(t *testing.T) {
	srv, c := serve(t, quick)
	body := bytesOf(1_000_000)
	srv.Put("bills", "big", body)
	o := stat(t, c, "bills", "big")
	get := blobtest.On{Op: blobtest.Get}
	// Each cut gives some bytes, so they may be more than Attempts.
	for _, after := range []int64{1, 0, 100_000, 0, 0, 0, 200_000, 50_000, 0, 0, 0, 1, 1, 1} {
		srv.Fail(get, 1, blobtest.Cut(after))
	}
	path, check, progress, err := fetchTo(t, c, "bills", o)
	if err != nil {
		t.Fatal(err)
	}
	wantFile(t, path, body)
	if check != CheckETag || progress != o.Size {
		t.Errorf("got %q and progress %d, want %q and %d", check, progress, CheckETag, o.Size)
	}
	if got := srv.Counts().Of(get); got.Bytes != o.Size || got.Requests != 15 {
		t.Errorf("got %+v, want each byte once in 15 requests", got)
	}
}

func TestFetchGivesUp(t *testing.T) {
	srv, c := serve(t, quick)
	body := bytesOf(100_000)
	srv.Put("bills", "big", body)
	o := stat(t, c, "bills", "big")
	get := blobtest.On{Op: blobtest.Get}
	srv.Fail(get, 1, blobtest.Cut(40_000))
	srv.Fail(get, blobtest.Always, blobtest.Cut(0))
	path, _, progress, err := fetchTo(t, c, "bills", o)
	wantError(t, err, showback.KindUnavailable,
		"read s3://bills/big, after 40000 of 100000 bytes: the answer of "+c.host("bills")+" was cut, after 5 attempts",
		"see that ")
	if progress != 40_000 {
		t.Errorf("got progress %d, want 40000", progress)
	}
	wantNoFile(t, path)
	wantFile(t, path+partial, body[:40_000])

	// The next run asks for the rest only.
	srv.Heal()
	srv.ResetCounts()
	if _, err := c.Fetch(t.Context(), "bills", o, path, nil); err != nil {
		t.Fatal(err)
	}
	wantFile(t, path, body)
	if got := srv.Counts().Of(get); got.Bytes != 60_000 || got.Requests != 1 {
		t.Errorf("got %+v, want the missing 60000 bytes in one request", got)
	}
	if got := srv.Requests()[1].Range; got != "bytes=40000-" {
		t.Errorf("got range %q", got)
	}
}

func TestFetchStalls(t *testing.T) {
	srv, c := serve(t, hasty)
	body := bytesOf(100_000)
	srv.Put("bills", "big", body)
	o := stat(t, c, "bills", "big")
	get := blobtest.On{Op: blobtest.Get}
	srv.Fail(get, 1, blobtest.Stall(40_000))
	srv.Fail(get, 1, blobtest.Silence())
	path, _, _, err := fetchTo(t, c, "bills", o)
	if err != nil {
		t.Fatal(err)
	}
	wantFile(t, path, body)
	if got := srv.Counts().Of(get); got.Bytes < o.Size || got.Requests < 3 {
		t.Errorf("got %+v, want the bytes in 3 requests", got)
	}

	o.Key = "stays"
	srv.Put("bills", "stays", body)
	c.opts.Attempts = 2
	srv.Fail(get, blobtest.Always, blobtest.Stall(0))
	_, _, _, err = fetchTo(t, c, "bills", o)
	wantError(t, err, showback.KindUnavailable,
		"read s3://bills/stays, after 0 of 100000 bytes: the answer of "+c.host("bills")+" stalled: no byte came for 200ms", "see that ")
}

func TestFetchChanged(t *testing.T) {
	srv, c := serve(t, quick)
	old, other := bytesOf(100_000), bytesOf(100_001)
	get := blobtest.On{Op: blobtest.Get}
	want := func(path string, err error) {
		t.Helper()
		if !errors.Is(err, ErrChanged) {
			t.Fatalf("got %v, want ErrChanged", err)
		}
		wantError(t, err, showback.KindConflict, "read s3://bills/a: the object was replaced", "import again")
		wantNoFile(t, path)
	}

	// Before the read.
	srv.Put("bills", "a", old)
	o := stat(t, c, "bills", "a")
	srv.Put("bills", "a", other)
	path, _, _, err := fetchTo(t, c, "bills", o)
	want(path, err)

	// During a read that is cut.
	srv.Put("bills", "a", old)
	srv.Fail(get, 1, blobtest.DoAndCut(50_000, func() { srv.Put("bills", "a", other) }))
	path, _, _, err = fetchTo(t, c, "bills", o)
	want(path, err)

	// During a read that is not: the answer is the old object whole.
	srv.Put("bills", "a", old)
	srv.Fail(get, 1, blobtest.Do(50_000, func() { srv.Put("bills", "a", other) }))
	path, _, _, err = fetchTo(t, c, "bills", o)
	if err != nil {
		t.Fatal(err)
	}
	wantFile(t, path, old)
}

// A server that ignores If-Match is found out by the ETag of its answer.
func TestFetchChangedUnseen(t *testing.T) {
	srv := blobtest.Serve(t)
	srv.Setenv(t)
	opts := quick
	opts.transport = without("If-Match")
	c := open(t, opts)
	srv.Put("bills", "a", []byte("old"))
	o := stat(t, c, "bills", "a")
	srv.Put("bills", "a", []byte("new"))
	_, _, _, err := fetchTo(t, c, "bills", o)
	if !errors.Is(err, ErrChanged) {
		t.Errorf("got %v, want ErrChanged", err)
	}
}

// A server that ignores Range sends all: the part begins anew.
func TestFetchWithoutRanges(t *testing.T) {
	srv := blobtest.Serve(t)
	srv.Setenv(t)
	opts := quick
	opts.transport = without("Range")
	c := open(t, opts)
	body := bytesOf(100_000)
	srv.Put("bills", "a", body)
	o := stat(t, c, "bills", "a")
	srv.Fail(blobtest.On{Op: blobtest.Get}, 1, blobtest.Cut(50_000))
	path, _, progress, err := fetchTo(t, c, "bills", o)
	if err != nil {
		t.Fatal(err)
	}
	wantFile(t, path, body)
	if progress != o.Size {
		t.Errorf("got progress %d, want %d", progress, o.Size)
	}
}

func TestFetchCorrupt(t *testing.T) {
	srv, c := serve(t, quick)
	body := bytesOf(100_000)
	get := blobtest.On{Op: blobtest.Get}
	for _, options := range [][]blobtest.Option{nil, {blobtest.Parts(30_000)}, {blobtest.KMS(), blobtest.Checksum("CRC32C")}} {
		srv.Put("bills", "a", body, options...)
		o := stat(t, c, "bills", "a")
		srv.Fail(get, 1, blobtest.Flip(77_777))
		path, _, progress, err := fetchTo(t, c, "bills", o)
		if err != nil {
			t.Fatalf("flipped once: %v", err)
		}
		wantFile(t, path, body)
		if progress != o.Size {
			t.Errorf("got progress %d, want %d", progress, o.Size)
		}
	}
	o := stat(t, c, "bills", "a")
	srv.ResetCounts()
	srv.Fail(get, blobtest.Always, blobtest.Flip(0))
	path, _, progress, err := fetchTo(t, c, "bills", o)
	wantError(t, err, showback.KindCorrupt,
		"read s3://bills/a: the bytes that came are not those the bucket vouches for (CRC-32C), twice in a row", "delivered again")
	wantNoFile(t, path)
	wantNoFile(t, path+partial)
	if got := srv.Counts().Of(get).Requests; got != 2 || progress != 0 {
		t.Errorf("got %d requests and progress %d, want 2 and 0", got, progress)
	}
}

// A part that is no beginning of the object costs one fetch from scratch.
func TestFetchForeignPart(t *testing.T) {
	srv, c := serve(t, quick)
	body := bytesOf(1000)
	srv.Put("bills", "a", body)
	o := stat(t, c, "bills", "a")
	for _, size := range []int{1, 999, 1000, 1001, 5000} {
		path := filepath.Join(t.TempDir(), "a")
		if err := os.WriteFile(path+partial, slices.Repeat([]byte{'x'}, size), 0o666); err != nil {
			t.Fatal(err)
		}
		var progress int64
		if _, err := c.Fetch(t.Context(), "bills", o, path, func(n int64) { progress += n }); err != nil {
			t.Fatal(err)
		}
		wantFile(t, path, body)
		if progress != 1000 {
			t.Errorf("part of %d bytes: got progress %d, want 1000", size, progress)
		}
	}
}

// Where only the size can be checked, a part of an earlier run proves nothing,
// but what this run has got is kept.
func TestFetchUnchecked(t *testing.T) {
	srv, c := serve(t, quick)
	body := bytesOf(1000)
	get := blobtest.On{Op: blobtest.Get}
	for _, key := range []string{"kms", "parts"} {
		srv.Put("bills", "kms", body, blobtest.KMS())
		srv.Put("bills", "parts", body, blobtest.ETag(strings.Repeat("0", 32)+"-3")) // tells of no part
		o := stat(t, c, "bills", key)
		path := filepath.Join(t.TempDir(), "a")
		if err := os.WriteFile(path+partial, make([]byte, 600), 0o666); err != nil {
			t.Fatal(err)
		}
		srv.ResetCounts()
		srv.Fail(get, 1, blobtest.Cut(100))
		check, err := c.Fetch(t.Context(), "bills", o, path, nil)
		if err != nil || check != CheckSize {
			t.Errorf("%s: got %q, %v", key, check, err)
		}
		wantFile(t, path, body)
		if got := srv.Counts().Of(get).Bytes; key == "kms" && got != 1000 {
			t.Errorf("%s: got %d bytes, want 1000", key, got)
		}
	}
}

// A cancelled check leaves the part.
func TestFetchCheckCancelled(t *testing.T) {
	srv, c := serve(t, quick)
	body := bytesOf(1000)
	srv.Put("bills", "a", body)
	o := stat(t, c, "bills", "a")
	ctx, cancel := context.WithCancel(t.Context())
	path := filepath.Join(t.TempDir(), "a")
	_, err := c.Fetch(ctx, "bills", o, path, func(n int64) {
		if n == 1000 {
			cancel()
		}
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
	wantNoFile(t, path)
	wantFile(t, path+partial, body)
}

// A whole part needs no GET.
func TestFetchWholePart(t *testing.T) {
	srv, c := serve(t, quick)
	body := bytesOf(1000)
	srv.Put("bills", "a", body)
	o := stat(t, c, "bills", "a")
	path := filepath.Join(t.TempDir(), "deep", "er", "a")
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path+partial, body, 0o666); err != nil {
		t.Fatal(err)
	}
	check, err := c.Fetch(t.Context(), "bills", o, path, nil)
	if err != nil || check != CheckETag {
		t.Fatalf("got %q, %v", check, err)
	}
	wantFile(t, path, body)
	if got := srv.Counts().Of(blobtest.On{Op: blobtest.Get}).Requests; got != 0 {
		t.Errorf("got %d GETs, want none", got)
	}
}

func TestFetchLocalFaults(t *testing.T) {
	srv, c := serve(t, quick)
	srv.Put("bills", "a", bytesOf(10))
	o := stat(t, c, "bills", "a")
	dir := t.TempDir()
	path := filepath.Join(dir, "a")
	if err := os.Mkdir(path+partial, 0o777); err != nil {
		t.Fatal(err)
	}
	_, err := c.Fetch(t.Context(), "bills", o, path, nil)
	wantError(t, err, showback.KindUnavailable, "write "+path+".part: is a directory", "")

	if _, err := os.Stat("/dev/full"); err == nil {
		path = filepath.Join(dir, "full")
		if err := os.Symlink("/dev/full", path+partial); err != nil {
			t.Fatal(err)
		}
		_, err = c.Fetch(t.Context(), "bills", o, path, nil)
		wantError(t, err, showback.KindUnavailable, "write "+path+".part: no space left on device", "make room on the disk of "+dir)
	}
}

func TestFetchCancelled(t *testing.T) {
	srv, c := serve(t, Options{})
	srv.Put("bills", "a", bytesOf(1000))
	o := stat(t, c, "bills", "a")
	ctx, cancel := context.WithCancel(t.Context())
	srv.Fail(blobtest.On{Op: blobtest.Get}, 1, blobtest.Stall(500))
	path := filepath.Join(t.TempDir(), "a")
	_, err := c.Fetch(ctx, "bills", o, path, func(n int64) {
		if n == 500 {
			cancel()
		}
	})
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v, want context.Canceled", err)
	}
	if want := "read s3://bills/a, after 500 of 1000 bytes: context canceled"; err.Error() != want {
		t.Errorf("got %q, want %q", err, want)
	}
	wantFile(t, path+partial, bytesOf(500))
}
