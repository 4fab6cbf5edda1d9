package blob

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"showback"
)

// partial is what the file under way has behind its name.
const partial = ".part"

// Fetch brings an object, as it was when it was listed, to the file at path and
// says by what it was checked. The bytes go to path + ".part", which is renamed
// when it is whole, checked and flushed. A .part that is there is taken for the
// beginning of the same content, so path must be one of its own for each ETag;
// it stays after an error that leaves it good. Where nothing but the size can be
// checked, a .part of an earlier run is not taken.
//
// progress, unless nil, is told of bytes as they come to be in the file, those
// that were there before included, and by a negative number of those thrown
// away. Its calls add up to o.Size in the end.
//
// Errors: ErrChanged (KindConflict) when the object is another by now;
// KindCorrupt when its bytes are wrong twice; KindUnavailable for a network that
// stays cut, or a full disk.
func (c *Client) Fetch(ctx context.Context, bucket string, o Object, path string, progress func(n int64)) (Check, error) {
	if progress == nil {
		progress = func(int64) {}
	}
	f := &fetch{client: c, ctx: ctx, bucket: bucket, object: o, part: path + partial, progress: progress}
	check, err := f.whole()
	if errors.Is(err, errSpoilt) {
		if err = f.discard(); err == nil {
			check, err = f.whole()
		}
		if errors.Is(err, errSpoilt) {
			if err = f.discard(); err == nil {
				err = corrupt(bucket, o, check)
			}
		}
	}
	if err != nil {
		return "", err
	}
	if err := settle(f.part, path); err != nil {
		return "", fileError(path, err)
	}
	return check, nil
}

// errSpoilt is that a whole file is not what the bucket says.
var errSpoilt = errors.New("the content differs")

// fetch is one object on its way to the disk.
type fetch struct {
	client   *Client
	ctx      context.Context
	bucket   string
	object   Object
	part     string
	progress func(int64)

	have      int64 // bytes in the part
	told      int64 // what progress knows of
	inherited bool  // some of them were there before
	facts     *facts
}

// tell brings progress up to what the part has.
func (f *fetch) tell() {
	if n := f.have - f.told; n != 0 {
		f.told = f.have
		f.progress(n)
	}
}

// whole completes the part and checks it.
func (f *fetch) whole() (Check, error) {
	if err := os.MkdirAll(filepath.Dir(f.part), 0o777); err != nil {
		return "", fileError(f.part, err)
	}
	file, err := os.OpenFile(f.part, os.O_RDWR|os.O_CREATE, 0o666)
	if err != nil {
		return "", fileError(f.part, err)
	}
	check, err := f.fill(file)
	if closeErr := file.Close(); err == nil && closeErr != nil {
		err = fileError(f.part, closeErr)
	}
	return check, err
}

func (f *fetch) fill(file *os.File) (Check, error) {
	info, err := file.Stat()
	if err != nil {
		return "", fileError(f.part, err)
	}
	if f.have = info.Size(); f.have > 0 {
		if err := f.inherit(file); err != nil {
			return "", err
		}
	}
	f.tell()
	if err := f.receive(file); err != nil {
		return "", err
	}
	if err := file.Sync(); err != nil {
		return "", fileError(f.part, err)
	}
	return f.verify(file)
}

// inherit decides on a part that an earlier run left. After a crash of the
// machine its end may not be what was written, so it is good only for an object
// whose content is checked when it is whole.
func (f *fetch) inherit(file *os.File) error {
	if err := f.ask(); err != nil {
		return err
	}
	if check, _ := f.facts.check(f.bucket, f.object); check == CheckSize || f.have > f.object.Size {
		return f.restart(file)
	}
	f.inherited = true
	return nil
}

// ask gets the facts without the object, unless they are known.
func (f *fetch) ask() error {
	if f.facts != nil {
		return nil
	}
	out, err := f.client.head(f.ctx, f.bucket, f.object, 0)
	if err != nil {
		return f.client.explain(f.ctx, reading(f.bucket, f.object.Key), err)
	}
	if tag := unquoted(out.ETag); tag != "" && f.object.ETag != "" && tag != f.object.ETag {
		return changed(reading(f.bucket, f.object.Key))
	}
	found := factsOfHead(out)
	f.facts = &found
	return nil
}

// restart empties the part.
func (f *fetch) restart(file *os.File) error {
	if err := file.Truncate(0); err != nil {
		return fileError(f.part, err)
	}
	f.have, f.inherited = 0, false
	return nil
}

// receive brings what the part lacks. A cut answer is taken up where it ended,
// as often as it takes while bytes come.
func (f *fetch) receive(file *os.File) error {
	for idle := 0; f.have < f.object.Size; {
		before := f.have
		err := f.stream(file)
		if err == nil {
			continue
		}
		if !isBodyError(err) {
			return f.client.explain(f.ctx, reading(f.bucket, f.object.Key), err)
		}
		if f.have > before {
			idle = 0
		}
		idle++
		if idle >= f.client.opts.Attempts {
			return f.gaveUp(err)
		}
		if err := f.client.rest(f.ctx, idle, err); err != nil {
			return f.gaveUp(err)
		}
	}
	return nil
}

// gaveUp says how far a fetch came.
func (f *fetch) gaveUp(err error) error {
	do := reading(f.bucket, f.object.Key)
	do.name += fmt.Sprintf(", after %d of %d bytes", f.have, f.object.Size)
	return showback.WithHint(f.client.explain(f.ctx, do, err), "start again: what was fetched is kept")
}

// stream writes one answer to the part.
func (f *fetch) stream(file *os.File) error {
	out, at, err := f.client.get(f.ctx, f.bucket, f.object, f.have)
	if err != nil {
		return err
	}
	defer out.Body.Close()
	if at == 0 {
		found := factsOfGet(out) // of a range, S3 gives checksums of the range
		f.facts = &found
		if f.have > 0 {
			if err := f.restart(file); err != nil {
				return err
			}
			f.tell()
		}
	}
	buffer := make([]byte, 256<<10)
	for {
		n, readErr := out.Body.Read(buffer)
		if int64(n) > f.object.Size-f.have {
			return showback.Errorf(showback.KindUnavailable, "read %s: more than the %d bytes of its size came", address(f.bucket, f.object.Key), f.object.Size)
		}
		if _, err := file.WriteAt(buffer[:n], f.have); err != nil {
			return fileError(f.part, err)
		}
		f.have += int64(n)
		f.tell()
		switch {
		case readErr == io.EOF && f.have == f.object.Size:
			return nil
		case readErr == io.EOF:
			return &bodyError{io.ErrUnexpectedEOF}
		case readErr != nil:
			return &bodyError{readErr}
		}
	}
}

// discard throws the part away.
func (f *fetch) discard() error {
	if err := os.Remove(f.part); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fileError(f.part, err)
	}
	f.have, f.inherited, f.facts = 0, false, nil
	f.tell()
	return nil
}

// settle renames the part and flushes the folder, so that the file is there
// whole after a crash.
func settle(part, path string) error {
	if err := os.Rename(part, path); err != nil {
		return err
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	err = dir.Sync()
	if closeErr := dir.Close(); err == nil {
		err = closeErr
	}
	return err
}

// fileError words an error of the local disk.
func fileError(path string, err error) error {
	kind, hint := showback.KindUnavailable, ""
	switch {
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS):
		kind = showback.KindDenied
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		hint = "make room on the disk of " + filepath.Dir(path) + " and start again: what was fetched is kept"
	}
	if p := (*fs.PathError)(nil); errors.As(err, &p) {
		err = p.Err
	}
	if l := (*os.LinkError)(nil); errors.As(err, &l) {
		err = l.Err
	}
	return showback.WithHint(showback.Errorf(kind, "write %s: %w", path, err), hint)
}
