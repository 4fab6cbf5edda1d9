package cur

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"showback"
	"showback/internal/source"
)

// Tree is where deliveries are looked for: folders and files by absolute path.
// A bucket's tree has the paths /bucket/key, joined and taken apart as the
// operating system does it with its own, and calls them s3://bucket/key.
//
// A tree may know no more than a listing of what is asked for; then what is
// outside is as if it were not there, and messages take that into account.
//
// What is not there is an error that is fs.ErrNotExist. An error that has a
// showback kind and hint already keeps both. Where an object and a prefix have
// the same path, ReadDir may name both, and Stat gives the object.
type Tree interface {
	// Stat describes a file or folder, following links: a file has a regular
	// mode, its size in bytes and the time of its last change.
	Stat(path string) (fs.FileInfo, error)
	// ReadDir lists a folder, sorted by name. The Info of an entry that is no
	// link must cost nothing: it is asked of each.
	ReadDir(path string) ([]fs.DirEntry, error)
	// ReadFile reads a small file whole: manifests, never data.
	ReadFile(path string) ([]byte, error)
	// Real returns the one path of a file or folder that has several.
	Real(path string) (string, error)
	// Name returns what messages call the path.
	Name(path string) string
}

// disk is the tree of the local disk.
type disk struct{}

func (disk) Stat(path string) (fs.FileInfo, error)      { return os.Stat(path) }
func (disk) ReadDir(path string) ([]fs.DirEntry, error) { return os.ReadDir(path) }
func (disk) ReadFile(path string) ([]byte, error)       { return os.ReadFile(path) }
func (disk) Real(path string) (string, error)           { return filepath.EvalSymlinks(path) }
func (disk) Name(path string) string                    { return path }

// ground is a tree, and what of it was asked for.
type ground struct {
	Tree
	local bool // the tree is the disk
	asked []string
}

func groundOf(tree Tree, paths []string) (ground, error) {
	_, local := tree.(disk)
	t := ground{Tree: tree, local: local}
	for _, given := range paths {
		path := filepath.Clean(given)
		if local {
			var err error
			if path, err = filepath.Abs(given); err != nil {
				return t, t.fault("find", given, err)
			}
		}
		t.asked = append(t.asked, path)
	}
	return t, nil
}

// stat describes what is at the path, nil when nothing is. On the disk a path
// that leads through a file or a broken link leads nowhere; a bucket that
// does not answer is no proof that nothing is there.
func (t ground) stat(path string) (fs.FileInfo, error) {
	info, err := t.Stat(path)
	switch {
	case err == nil:
		return info, nil
	case errors.Is(err, fs.ErrNotExist), t.local && !errors.Is(err, fs.ErrPermission):
		return nil, nil
	}
	return nil, err
}

func (t ground) isDir(path string) (bool, error) {
	info, err := t.stat(path)
	if err != nil {
		return false, t.fault("find", path, err)
	}
	return info != nil && info.IsDir(), nil
}

// file describes the file at the path, nil when there is none.
func (t ground) file(path string) (fs.FileInfo, error) {
	info, err := t.stat(path)
	if err != nil {
		return nil, t.fault("read data file", path, err)
	}
	if info == nil || !info.Mode().IsRegular() {
		return nil, nil
	}
	return info, nil
}

// entry describes what an entry of a folder leads to.
func (t ground) entry(path string, e fs.DirEntry) (fs.FileInfo, error) {
	if e.Type()&fs.ModeSymlink == 0 {
		return e.Info()
	}
	return t.Stat(path)
}

// fileFor says why what stands where a file should is none: a pipe, a socket, a
// device, or, by the name of a manifest in a period, a folder. Other folders are
// folders: some writers make one of the name x.parquet with the files in it.
func (t ground) fileFor(path string, info fs.FileInfo) error {
	switch {
	case !t.local, info.Mode().IsRegular():
		return nil // of a bucket, the prefix of an object's name is no folder
	case info.IsDir() && !(isManifestName(path) && placeOf(filepath.Dir(path)).period != ""):
		return nil
	}
	return showback.Errorf(showback.KindInvalid, "found %s, want a file", source.KindOfFile(info.Mode()))
}

func (t ground) real(path string) string {
	if real, err := t.Real(path); err == nil {
		return real
	}
	return path
}

// linkTarget returns where a link on the disk leads; is is false for what is none.
func linkTarget(path string) (target string, is bool) {
	target, err := os.Readlink(path)
	return target, err == nil
}

// sourceFile is a file of a delivery.
func (t ground) sourceFile(path, name string, format source.Format, size int64) source.File {
	f := source.File{Path: path, Name: name, Format: format, Size: size}
	if !t.local {
		f.Object = t.Name(path)
	}
	return f
}

// words picks those that fit the tree.
func (t ground) words(disk, bucket string) string {
	if t.local {
		return disk
	}
	return bucket
}

func (t ground) hintCopy() string {
	return t.words("copy the manifest again from where AWS delivered it",
		"try again when no delivery is under way; if the bucket holds a copy, copy the manifest again from where AWS delivered it")
}

func (t ground) hintDataAbsent() string {
	return t.words("copy the export's data folder too",
		"the delivery may be under way: try again in a few minutes; if the bucket holds a copy, copy the export's data folder too")
}

// within reports whether the path is the folder or below it.
func within(folder, path string) bool {
	if folder == path {
		return true
	}
	return strings.HasPrefix(path, strings.TrimSuffix(folder, string(filepath.Separator))+string(filepath.Separator))
}

// askedFor reports whether a path that was asked for leads to this one.
func (t ground) askedFor(path string) bool {
	for _, asked := range t.asked {
		if within(asked, path) {
			return true
		}
	}
	return false
}

// askedOf returns the path asked for that leads to this one, else the first.
func (t ground) askedOf(path string) string {
	for _, asked := range t.asked {
		if within(asked, path) {
			return asked
		}
	}
	return t.asked[0]
}

// outside reports whether the file, which was not found, may be there all the
// same: a tree need not know more than was asked for. Where it knows the file's
// folder, it knows what is in it.
func (t ground) outside(path string) bool {
	known, err := t.isDir(filepath.Dir(path))
	return err == nil && !known && !t.askedFor(path)
}

// bucketOf returns the first part of a bucket's path.
func bucketOf(path string) string {
	bucket, _, _ := strings.Cut(strings.TrimPrefix(filepath.ToSlash(path), "/"), "/")
	return bucket
}

// serves reports whether the bucket is one that was asked for: of others the
// tree need not know anything.
func (t ground) serves(bucket string) bool {
	for _, asked := range t.asked {
		if bucketOf(asked) == bucket {
			return true
		}
	}
	return false
}

// fault gives an error of the tree its kind, unless it has one, and one mention
// of the path.
func (t ground) fault(verb, path string, err error) error {
	cause := bare(err)
	if strings.HasPrefix(cause.Error(), "read "+t.Name(path)+": ") {
		return cause // the tree's own words, with kind and hint
	}
	var kind showback.Kind
	var own *showback.Error
	switch {
	case errors.As(cause, &own):
		kind = showback.KindOf(cause)
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENOTDIR):
		kind = showback.KindNotFound
	case errors.Is(err, fs.ErrPermission):
		kind = showback.KindDenied
	case errors.Is(err, syscall.ELOOP):
		kind = showback.KindInvalid
	default:
		kind = showback.KindUnavailable
	}
	fault := showback.Errorf(kind, "%s %s: %w", verb, t.Name(path), cause)
	if t.local && kind == showback.KindDenied {
		return showback.WithHint(fault, "give the user that runs showback the right to read it")
	}
	return fault
}

// bare returns what the tree says, without the path. An error of ours that
// wraps one of the file system stays whole.
func bare(err error) error {
	var at *fs.PathError
	if !errors.As(err, &at) {
		return err
	}
	var own *showback.Error
	if errors.As(err, &own) && !errors.As(at.Err, &own) {
		return err
	}
	return at.Err
}
