package blob

import (
	"context"
	"io"
	"os"
)

// verify checks the whole part as it is on the disk.
func (f *fetch) verify(file *os.File) (Check, error) {
	if err := f.ask(); err != nil {
		return "", err
	}
	check, want := f.facts.check(f.bucket, f.object)
	if check == CheckParts {
		var err error
		if check, err = f.verifyParts(file); err != nil || check != CheckSize {
			return check, err
		}
	}
	if want == nil && f.inherited {
		return check, errSpoilt // the server does not tell of the parts, see inherit
	}
	if want == nil {
		return check, nil
	}
	match, err := want.matches(f.content(file))
	switch {
	case err != nil:
		return "", f.diskError(err)
	case !match:
		return check, errSpoilt
	}
	return check, nil
}

// content reads the part from its beginning, for as long as the context lasts.
func (f *fetch) content(file *os.File) io.Reader {
	return &reader{f.ctx, io.NewSectionReader(file, 0, f.object.Size)}
}

type reader struct {
	ctx context.Context
	of  io.Reader
}

func (r *reader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.of.Read(p)
}

// diskError words an error of content.
func (f *fetch) diskError(err error) error {
	if f.ctx.Err() != nil {
		return f.client.explain(f.ctx, reading(f.bucket, f.object.Key), err)
	}
	return fileError(f.part, err)
}

// verifyParts checks an upload in parts. Uploads have parts of one size almost
// always, so the first one's is enough; only when that fails is each asked for.
func (f *fetch) verifyParts(file *os.File) (Check, error) {
	want, n, ok := partsOf(f.object.ETag)
	if !ok {
		return CheckSize, nil
	}
	first, known, err := f.partSize(1, n)
	if err != nil {
		return "", err
	}
	if !known {
		return CheckSize, nil
	}
	even := evenParts(f.object.Size, first, n)
	if even != nil {
		match, err := partsMatch(f.content(file), even, want)
		if err != nil {
			return "", f.diskError(err)
		}
		if match {
			return CheckParts, nil
		}
	}
	sizes, err := f.partSizes(n)
	if err != nil {
		return "", err
	}
	if sizes == nil {
		return CheckSize, nil
	}
	match, err := partsMatch(f.content(file), sizes, want)
	if err != nil {
		return "", f.diskError(err)
	}
	if !match {
		return CheckParts, errSpoilt
	}
	return CheckParts, nil
}

// partSize asks for the size of one of n parts; known is false for a server
// that does not tell.
func (f *fetch) partSize(i, n int) (size int64, known bool, err error) {
	out, err := f.client.head(f.ctx, f.bucket, f.object, int32(i))
	if err != nil {
		return 0, false, f.client.explain(f.ctx, reading(f.bucket, f.object.Key), err)
	}
	if out.ContentLength == nil || out.PartsCount != nil && int(*out.PartsCount) != n {
		return 0, false, nil
	}
	return *out.ContentLength, *out.ContentLength < f.object.Size || n == 1, nil
}

// partSizes asks for the size of each part; nil for a server that does not tell.
func (f *fetch) partSizes(n int) ([]int64, error) {
	sizes := make([]int64, n)
	left := f.object.Size
	for i := range sizes {
		size, known, err := f.partSize(i+1, n)
		if err != nil {
			return nil, err
		}
		if left -= size; !known || left < 0 {
			return nil, nil
		}
		sizes[i] = size
	}
	if left != 0 {
		return nil, nil
	}
	return sizes, nil
}
