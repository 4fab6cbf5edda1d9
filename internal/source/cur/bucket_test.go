package cur

import (
	"cmp"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"

	"showback/internal/source"
)

// bucket is a tree of objects by key, as a listing of one or more buckets gives
// it: /bucket/key is s3://bucket/key, and an object may have the path of a prefix.
type bucket struct {
	objects map[string]string        // by path
	folders map[string][]fs.DirEntry // sorted by name
	faults  map[string]error         // of Stat, ReadDir and ReadFile, by path
}

// bucketOfKeys makes a tree of those objects, by "bucket/key", that are below
// one of the prefixes; of all without one. A key that is no clean path is left out.
func bucketOfKeys(objects map[string]string, prefixes ...string) *bucket {
	b := &bucket{objects: map[string]string{}, folders: map[string][]fs.DirEntry{"/": nil}, faults: map[string]error{}}
	for key, text := range objects {
		at := "/" + key
		if at != path.Clean(at) || at == "/" || len(prefixes) > 0 && !slices.ContainsFunc(prefixes, func(p string) bool { return within(p, at) }) {
			continue
		}
		b.objects[at] = text
		b.enter(at, object{path.Base(at), int64(len(text)), 0})
	}
	for _, entries := range b.folders {
		slices.SortFunc(entries, func(a, b fs.DirEntry) int {
			return cmp.Or(strings.Compare(a.Name(), b.Name()), cmp.Compare(a.Type(), b.Type()))
		})
	}
	return b
}

// enter puts an entry into its folder, and the folder into its own.
func (b *bucket) enter(at string, o object) {
	folder := path.Dir(at)
	_, known := b.folders[folder]
	b.folders[folder] = append(b.folders[folder], o)
	if !known {
		b.enter(folder, object{name: path.Base(folder), mode: fs.ModeDir})
	}
}

func (b *bucket) Stat(at string) (fs.FileInfo, error) {
	if err := b.faults[at]; err != nil {
		return nil, err
	}
	if text, ok := b.objects[at]; ok {
		return object{path.Base(at), int64(len(text)), 0}, nil
	}
	if _, ok := b.folders[at]; ok {
		return object{name: path.Base(at), mode: fs.ModeDir}, nil
	}
	return nil, &fs.PathError{Op: "stat", Path: b.Name(at), Err: fs.ErrNotExist}
}

func (b *bucket) ReadDir(at string) ([]fs.DirEntry, error) {
	if err := b.faults[at]; err != nil {
		return nil, err
	}
	entries, ok := b.folders[at]
	if !ok {
		return nil, &fs.PathError{Op: "list", Path: b.Name(at), Err: fs.ErrNotExist}
	}
	return slices.Clone(entries), nil
}

func (b *bucket) ReadFile(at string) ([]byte, error) {
	if err := b.faults["read "+at]; err != nil {
		return nil, err
	}
	text, ok := b.objects[at]
	if !ok {
		return nil, &fs.PathError{Op: "get", Path: b.Name(at), Err: fs.ErrNotExist}
	}
	return []byte(text), nil
}

func (b *bucket) Real(at string) (string, error) { return path.Clean(at), nil }

func (b *bucket) Name(at string) string { return "s3:/" + at }

// object is an entry of a bucket's tree.
type object struct {
	name string
	size int64
	mode fs.FileMode
}

func (o object) Name() string               { return o.name }
func (o object) Size() int64                { return o.size }
func (o object) Mode() fs.FileMode          { return o.mode }
func (o object) Type() fs.FileMode          { return o.mode.Type() }
func (o object) ModTime() time.Time         { return mtime }
func (o object) IsDir() bool                { return o.mode.IsDir() }
func (o object) Sys() any                   { return nil }
func (o object) Info() (fs.FileInfo, error) { return o, nil }

// inBucket returns the layout as the objects of a bucket.
func inBucket(name string, files map[string]string) map[string]string {
	objects := make(map[string]string, len(files))
	for key, text := range files {
		objects[name+"/"+key] = text
	}
	return objects
}

// objectsOf lists the deliveries with the objects that their files are.
func objectsOf(deliveries []source.Delivery) []string {
	var all []string
	for _, d := range deliveries {
		words := []string{d.Export, string(d.Month), cmp.Or(d.Manifest, "listed")}
		for _, f := range d.Files {
			words = append(words, f.Object)
		}
		all = append(all, strings.Join(words, " "))
	}
	return all
}
