package blob

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"showback"
)

// Stat returns an object as it is now; KindNotFound when there is none.
func (c *Client) Stat(ctx context.Context, bucket, key string) (Object, error) {
	out, err := c.head(ctx, bucket, Object{Key: key}, 0)
	if err != nil {
		return Object{}, c.explain(ctx, finding(bucket, key), err)
	}
	return Object{
		Key: key, Size: aws.ToInt64(out.ContentLength), ETag: unquoted(out.ETag),
		Modified: aws.ToTime(out.LastModified).UTC(), StorageClass: class(string(out.StorageClass)),
	}, nil
}

// head asks for an object's facts; of one part of it when part is above 0. Of a
// part, servers give either ETag, the object's or its own, so that it is asked
// for without one.
func (c *Client) head(ctx context.Context, bucket string, o Object, part int32) (*s3.HeadObjectOutput, error) {
	in := &s3.HeadObjectInput{
		Bucket: aws.String(bucket), Key: aws.String(o.Key),
		ChecksumMode: types.ChecksumModeEnabled, ExpectedBucketOwner: c.owner(),
	}
	if part > 0 {
		in.PartNumber = aws.Int32(part)
	} else {
		in.IfMatch = ifMatch(o.ETag)
	}
	if c.opts.RequesterPays {
		in.RequestPayer = types.RequestPayerRequester
	}
	return call(c, bucket, func(o ...func(*s3.Options)) (*s3.HeadObjectOutput, error) {
		return c.s3.HeadObject(ctx, in, o...)
	})
}

func ifMatch(etag string) *string {
	if etag == "" {
		return nil
	}
	return aws.String(quoted(etag))
}

// get begins to read an object from a byte on. It returns where the answer
// begins, which is 0 for a server that knows no ranges. Errors are the SDK's,
// but for ErrChanged.
func (c *Client) get(ctx context.Context, bucket string, o Object, from int64) (out *s3.GetObjectOutput, at int64, err error) {
	in := &s3.GetObjectInput{Bucket: aws.String(bucket), Key: aws.String(o.Key), IfMatch: ifMatch(o.ETag), ExpectedBucketOwner: c.owner()}
	if from > 0 {
		in.Range = aws.String(fmt.Sprintf("bytes=%d-", from))
	}
	if c.opts.RequesterPays {
		in.RequestPayer = types.RequestPayerRequester
	}
	out, err = call(c, bucket, func(o ...func(*s3.Options)) (*s3.GetObjectOutput, error) {
		return c.s3.GetObject(ctx, in, append(o, wantChecksum)...)
	})
	if err != nil {
		return nil, 0, err
	}
	at, whole, err := extent(out)
	tag := unquoted(out.ETag)
	switch {
	case err != nil:
	case tag != "" && o.ETag != "" && tag != o.ETag, whole >= 0 && whole != o.Size:
		err = changed(reading(bucket, o.Key))
	case at != 0 && at != from:
		err = showback.Errorf(showback.KindUnavailable, "read %s: asked for the bytes from %d on, got them from %d", address(bucket, o.Key), from, at)
	}
	if err != nil {
		out.Body.Close()
		return nil, 0, err
	}
	return out, at, nil
}

// wantChecksum asks for the object's checksum by the header alone: told by the
// input, the SDK would check answers itself, which are ranges here.
func wantChecksum(o *s3.Options) {
	o.APIOptions = append(o.APIOptions, smithyhttp.AddHeaderValue("X-Amz-Checksum-Mode", string(types.ChecksumModeEnabled)))
}

// extent returns at which byte an answer begins and the size of the whole
// object, -1 when the answer does not say.
func extent(out *s3.GetObjectOutput) (at, whole int64, err error) {
	text := aws.ToString(out.ContentRange)
	if text == "" {
		if out.ContentLength == nil {
			return 0, -1, nil
		}
		return 0, *out.ContentLength, nil
	}
	span, size, ok := strings.Cut(strings.TrimPrefix(text, "bytes "), "/")
	first, _, dash := strings.Cut(span, "-")
	at, err = strconv.ParseInt(first, 10, 64)
	if !ok || !dash || err != nil || at < 0 {
		return 0, 0, showback.Errorf(showback.KindUnavailable, "read the answer's range: found %q, want bytes first-last/size", text)
	}
	if whole, err = strconv.ParseInt(size, 10, 64); err != nil {
		whole = -1
	}
	return at, whole, nil
}

// Read returns a small object whole, as it was when it was listed, and checked
// as Fetch does, but for uploads in parts. It is KindInvalid for an object of
// more than most bytes; ErrChanged when the object is another by now; KindCorrupt
// when its bytes are not those that the bucket vouches for, twice in a row.
func (c *Client) Read(ctx context.Context, bucket string, o Object, most int64) ([]byte, error) {
	if o.Size > most {
		return nil, showback.Errorf(showback.KindInvalid, "read %s: found %d bytes, want at most %d", address(bucket, o.Key), o.Size, most)
	}
	spoilt := false
	for cuts := 0; ; {
		content, f, err := c.readOnce(ctx, bucket, o)
		switch {
		case err == nil:
			check, sum := f.check(bucket, o)
			if sum == nil {
				return content, nil
			}
			if match, err := sum.matches(bytes.NewReader(content)); err == nil && match {
				return content, nil
			}
			if spoilt {
				return nil, corrupt(bucket, o, check)
			}
			spoilt = true
			continue
		case !isBodyError(err):
			return nil, c.explain(ctx, reading(bucket, o.Key), err)
		}
		cuts++
		if cuts >= c.opts.Attempts {
			return nil, c.explain(ctx, reading(bucket, o.Key), err)
		}
		if err := c.rest(ctx, cuts, err); err != nil {
			return nil, c.explain(ctx, reading(bucket, o.Key), err)
		}
	}
}

func (c *Client) readOnce(ctx context.Context, bucket string, o Object) ([]byte, facts, error) {
	out, _, err := c.get(ctx, bucket, o, 0)
	if err != nil {
		return nil, facts{}, err
	}
	defer out.Body.Close()
	content, err := io.ReadAll(io.LimitReader(out.Body, o.Size+1))
	if err == nil && int64(len(content)) != o.Size {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return nil, facts{}, &bodyError{err}
	}
	return content, factsOfGet(out), nil
}

// bodyError is that an answer began well and did not end so: what is left is
// asked for again.
type bodyError struct{ err error }

func (e *bodyError) Error() string { return e.err.Error() }
func (e *bodyError) Unwrap() error { return e.err }

func isBodyError(err error) bool {
	var b *bodyError
	return errors.As(err, &b)
}

// rest waits before an answer is asked for again that was cut.
func (c *Client) rest(ctx context.Context, cuts int, err error) error {
	d, delayErr := backoff(c.opts.MaxBackoff).BackoffDelay(cuts, err)
	if delayErr != nil {
		return delayErr
	}
	return pause(ctx, d)
}
