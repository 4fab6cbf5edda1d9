package blob

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"showback"
)

// TestRealServer reads a server that others wrote. It makes a bucket there and
// removes it. The environment gives the credentials.
func TestRealServer(t *testing.T) {
	endpoint := os.Getenv("SHOWBACK_TEST_S3")
	if endpoint == "" {
		t.Skip("SHOWBACK_TEST_S3 names no S3 server (http://host:port)")
	}
	c := open(t, Options{EndpointURL: endpoint, MaxBackoff: time.Second})
	w := &writer{t, c.s3, fmt.Sprintf("showback-test-%d", time.Now().UnixNano())}
	w.bucketMade()
	const strange = "exp/a b+c%20&ü=,;@:$!'()*~.gz"
	small, big := bytesOf(100_000), bytesOf(12<<20)
	w.put("exp/small", small)
	w.put(strange, small[:10])
	w.put("exp/empty", nil)
	w.put("export/other", nil)
	w.putParts("exp/big", big, 5<<20)
	w.putParts("exp/uneven", big, 6<<20, 5<<20)

	objects, err := c.List(t.Context(), Location{w.bucket, "exp"})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := keys(objects), []string{strange, "exp/big", "exp/empty", "exp/small", "exp/uneven"}; !slices.Equal(got, want) {
		t.Fatalf("got  %q\nwant %q", got, want)
	}
	byKey := map[string]Object{}
	for _, o := range objects {
		byKey[o.Key] = o
		if seen := stat(t, c, w.bucket, o.Key); seen.ETag != o.ETag || seen.Size != o.Size {
			t.Errorf("by Stat, got %+v, want %+v", seen, o)
		}
	}
	if got, err := c.Read(t.Context(), w.bucket, byKey[strange], 10); err != nil || !bytes.Equal(got, small[:10]) {
		t.Errorf("%q: got %d bytes, %v", strange, len(got), err)
	}
	for key, body := range map[string][]byte{"exp/small": small, "exp/empty": nil, "exp/big": big, "exp/uneven": big} {
		path, check, progress, err := fetchTo(t, c, w.bucket, byKey[key])
		if err != nil {
			t.Errorf("%s: %v", key, err)
			continue
		}
		t.Logf("%s: ETag %s, checked by %s", key, byKey[key].ETag, check)
		wantFile(t, path, body)
		if progress != int64(len(body)) || check == CheckSize && key != "exp/uneven" {
			t.Errorf("%s: got %q and progress %d", key, check, progress)
		}
		path = filepath.Join(t.TempDir(), "resumed")
		if err := os.WriteFile(path+partial, body[:len(body)/3], 0o666); err != nil {
			t.Fatal(err)
		}
		if _, err := c.Fetch(t.Context(), w.bucket, byKey[key], path, nil); err != nil {
			t.Errorf("%s, resumed: %v", key, err)
		}
		wantFile(t, path, body)
	}

	w.put("exp/small", small[1:])
	if _, _, _, err := fetchTo(t, c, w.bucket, byKey["exp/small"]); !errors.Is(err, ErrChanged) {
		t.Errorf("got %v, want ErrChanged", err)
	}
	_, err = c.Stat(t.Context(), w.bucket, "exp/none")
	if showback.KindOf(err) != showback.KindNotFound {
		t.Errorf("got %v", err)
	}
	_, err = c.List(t.Context(), Location{w.bucket + "-none", "exp"})
	if showback.KindOf(err) != showback.KindNotFound {
		t.Errorf("got %v", err)
	}
	_, err = c.List(t.Context(), Location{w.bucket, "expo"})
	wantError(t, err, showback.KindNotFound, "list s3://"+w.bucket+"/expo: there is no such folder or object", "did you mean s3://"+w.bucket+"/export?")
}

// writer fills a bucket of a real server.
type writer struct {
	t      *testing.T
	s3     *s3.Client
	bucket string
}

func (w *writer) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *writer) bucketMade() {
	_, err := w.s3.CreateBucket(w.t.Context(), &s3.CreateBucketInput{Bucket: &w.bucket})
	w.must(err)
	w.t.Cleanup(func() {
		ctx := context.WithoutCancel(w.t.Context())
		out, err := w.s3.ListObjectsV2(ctx, &s3.ListObjectsV2Input{Bucket: &w.bucket})
		if err != nil {
			w.t.Error(err)
			return
		}
		for _, o := range out.Contents {
			if _, err := w.s3.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: &w.bucket, Key: o.Key}); err != nil {
				w.t.Error(err)
			}
		}
		if _, err := w.s3.DeleteBucket(ctx, &s3.DeleteBucketInput{Bucket: &w.bucket}); err != nil {
			w.t.Error(err)
		}
	})
}

func (w *writer) put(key string, body []byte) {
	w.t.Helper()
	_, err := w.s3.PutObject(w.t.Context(), &s3.PutObjectInput{Bucket: &w.bucket, Key: &key, Body: bytes.NewReader(body)})
	w.must(err)
}

// putParts uploads in parts of the given sizes; the last is repeated.
func (w *writer) putParts(key string, body []byte, sizes ...int) {
	w.t.Helper()
	ctx := w.t.Context()
	begun, err := w.s3.CreateMultipartUpload(ctx, &s3.CreateMultipartUploadInput{Bucket: &w.bucket, Key: &key})
	w.must(err)
	var parts []types.CompletedPart
	for i := 0; len(body) > 0; i++ {
		n := min(len(body), sizes[min(i, len(sizes)-1)])
		number := aws.Int32(int32(i + 1))
		out, err := w.s3.UploadPart(ctx, &s3.UploadPartInput{
			Bucket: &w.bucket, Key: &key, UploadId: begun.UploadId, PartNumber: number, Body: bytes.NewReader(body[:n]),
		})
		w.must(err)
		parts = append(parts, types.CompletedPart{ETag: out.ETag, PartNumber: number})
		body = body[n:]
	}
	_, err = w.s3.CompleteMultipartUpload(ctx, &s3.CompleteMultipartUploadInput{
		Bucket: &w.bucket, Key: &key, UploadId: begun.UploadId, MultipartUpload: &types.CompletedMultipartUpload{Parts: parts},
	})
	w.must(err)
}
