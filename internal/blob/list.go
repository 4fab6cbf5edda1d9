package blob

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"showback"
)

// Object is one object of a bucket as it was when it was listed.
type Object struct {
	Key  string
	Size int64 // bytes
	// ETag is what the bucket calls this content, without quotes. A plain one
	// is often the MD5 of the content, "<hex>-<n>" one of an upload in n parts.
	ETag         string
	Modified     time.Time // UTC
	StorageClass string    // empty: the standard one
}

// List returns all objects of the folder, sorted by key, and the object that
// has the location's own name. s3://b/exp is exp/… and exp, not export/….
// KindNotFound when there is none, or no bucket; KindDenied names
// s3:ListBucket.
func (c *Client) List(ctx context.Context, l Location) ([]Object, error) {
	below := l.Prefix
	if below != "" {
		below += "/"
	}
	objects, err := c.page(ctx, l, below, 0)
	if err != nil {
		return nil, err
	}
	if l.Prefix != "" && !isDirectoryBucket(l.Bucket) { // those list whole folders only
		// Keys are sorted, so an object of this very name comes first among all
		// that begin with it.
		like, err := c.page(ctx, l, l.Prefix, 1)
		switch {
		case err != nil && len(objects) > 0 && showback.KindOf(err) == showback.KindDenied:
			// A policy may allow to list exp/* only; then there is no exp for us.
		case err != nil:
			return nil, err
		case len(like) > 0 && like[0].Key == l.Prefix:
			objects = append(objects, like[0])
		case len(like) > 0 && len(objects) == 0:
			return nil, absent(l, like[0].Key)
		}
	}
	if len(objects) == 0 {
		return nil, absent(l, "")
	}
	slices.SortFunc(objects, func(a, b Object) int { return strings.Compare(a.Key, b.Key) })
	return slices.CompactFunc(objects, func(a, b Object) bool { return a.Key == b.Key }), nil
}

// ErrNothing is in the chain of errors that say that a bucket which is there
// holds nothing of what was asked for.
var ErrNothing = errors.New("nothing is there")

type nothing struct{ error }

func (n nothing) Unwrap() error        { return n.error }
func (n nothing) Is(target error) bool { return target == ErrNothing }

// absent is the error of a folder with nothing in it. like is a key that begins
// with its name.
func absent(l Location, like string) error { return nothing{absence(l, like)} }

func absence(l Location, like string) error {
	if l.Prefix == "" {
		return showback.Errorf(showback.KindNotFound, "list %s: the bucket is empty", l)
	}
	err := showback.Errorf(showback.KindNotFound, "list %s: there is no such folder or object", l)
	if like == "" {
		return showback.WithHint(err, "keys are case-sensitive; aws s3 ls "+address(l.Bucket, "")+"/ lists the folders there are")
	}
	if rest, below, ok := strings.Cut(like[len(l.Prefix):], "/"); ok && below != "" {
		like = l.Prefix + rest
	}
	return showback.WithHint(err, "did you mean "+address(l.Bucket, like)+"?")
}

// page lists the keys that begin with prefix: all, or the first most.
func (c *Client) page(ctx context.Context, l Location, prefix string, most int32) ([]Object, error) {
	in := &s3.ListObjectsV2Input{
		Bucket: aws.String(l.Bucket), Prefix: aws.String(prefix), ExpectedBucketOwner: c.owner(),
		// Keys may hold characters that XML can't.
		EncodingType: types.EncodingTypeUrl,
	}
	if most > 0 {
		in.MaxKeys = aws.Int32(most)
	}
	if c.opts.RequesterPays {
		in.RequestPayer = types.RequestPayerRequester
	}
	var objects []Object
	for {
		out, err := call(c, l.Bucket, func(o ...func(*s3.Options)) (*s3.ListObjectsV2Output, error) {
			return c.s3.ListObjectsV2(ctx, in, o...)
		})
		if err != nil {
			return nil, c.explain(ctx, listing(l), err)
		}
		if out.Name == nil && out.KeyCount == nil && len(out.Contents) == 0 {
			return nil, showback.WithHint(
				showback.Errorf(showback.KindInvalid, "list %s: %s does not answer as S3 does", l, c.host(l.Bucket)), noS3)
		}
		for _, o := range out.Contents {
			key := aws.ToString(o.Key)
			if out.EncodingType == types.EncodingTypeUrl {
				if key, err = url.QueryUnescape(key); err != nil {
					return nil, showback.Errorf(showback.KindCorrupt, "list %s: the server writes the key %q, which is not URL-encoded", l, aws.ToString(o.Key))
				}
			}
			objects = append(objects, Object{
				Key: key, Size: aws.ToInt64(o.Size), ETag: unquoted(o.ETag),
				Modified: aws.ToTime(o.LastModified).UTC(), StorageClass: class(string(o.StorageClass)),
			})
		}
		next := aws.ToString(out.NextContinuationToken)
		if !aws.ToBool(out.IsTruncated) || most > 0 {
			return objects, nil
		}
		if next == "" || next == aws.ToString(in.ContinuationToken) {
			return nil, showback.Errorf(showback.KindUnavailable, "list %s: the server says that there is more and not where to go on", l)
		}
		in.ContinuationToken = aws.String(next)
	}
}

// class leaves the standard storage class out, which HEAD does not name.
func class(name string) string {
	if name == string(types.StorageClassStandard) {
		return ""
	}
	return name
}

func unquoted(etag *string) string {
	return strings.Trim(strings.TrimPrefix(aws.ToString(etag), "W/"), `"`)
}
