package blob

import (
	"context"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"showback"
)

// mostWhole bounds the files that Tree.ReadFile reads: manifests are far below.
const mostWhole = 64 << 20

// Tree shows the objects of locations as folders and files, as they were when
// they were listed. The path of an object is /bucket/key; a bucket's ARN is one
// element of it, with colons for its slashes. It is safe for use by several
// goroutines at once.
type Tree struct {
	ctx    context.Context // of NewTree, for ReadFile: the readers of a tree pass none
	client *Client
	nodes  map[string]*node
	roots  map[string]string // bucket by the first element of a path
	odd    []string
}

// node is a folder when it has children.
type node struct {
	name     string
	bucket   string
	object   Object
	isFolder bool
	children []string // names, sorted

	mu      sync.Mutex
	content []byte // of a file that was read; nil before
}

// NewTree lists the locations, which may overlap. Its errors are List's. The
// context is also that of later reads.
func NewTree(ctx context.Context, c *Client, locations ...Location) (*Tree, error) {
	t := &Tree{ctx: ctx, client: c, nodes: map[string]*node{}, roots: map[string]string{}}
	for _, l := range locations {
		objects, err := c.List(ctx, l)
		if err != nil {
			return nil, err
		}
		for _, o := range objects {
			t.add(l.Bucket, o)
		}
	}
	for _, n := range t.nodes {
		slices.Sort(n.children)
	}
	slices.Sort(t.odd)
	t.odd = slices.Compact(t.odd)
	return t, nil
}

// element is a bucket as one element of a path.
func element(bucket string) string { return strings.ReplaceAll(bucket, "/", ":") }

func join(bucket, key string) string {
	if key == "" {
		return "/" + element(bucket)
	}
	return "/" + element(bucket) + "/" + key
}

// add puts an object where its key says. Consoles make a folder by an object of
// no bytes whose key ends in a slash; it is that folder.
func (t *Tree) add(bucket string, o Object) {
	t.roots[element(bucket)] = bucket
	key, isFolder := strings.CutSuffix(o.Key, "/")
	if badKey(key) != "" || isFolder && o.Size > 0 {
		t.odd = append(t.odd, address(bucket, o.Key))
		return
	}
	at := join(bucket, key)
	n := t.nodes[at]
	switch {
	case isFolder:
		t.folder(bucket, at)
	case n == nil:
		t.folder(bucket, path.Dir(at))
		t.put(at, &node{bucket: bucket, object: o})
	case n.isFolder:
		t.odd = append(t.odd, address(bucket, o.Key))
	}
}

// put makes a node known to its parent.
func (t *Tree) put(at string, n *node) {
	n.name = path.Base(at)
	t.nodes[at] = n
	if at != "/" {
		parent := t.nodes[path.Dir(at)]
		parent.children = append(parent.children, n.name)
	}
}

// folder makes a folder and those above it. A file of that name makes way.
func (t *Tree) folder(bucket, at string) {
	n := t.nodes[at]
	if n != nil && n.isFolder {
		return
	}
	if n != nil {
		t.odd = append(t.odd, address(n.bucket, n.object.Key))
		n.isFolder, n.object = true, Object{}
		return
	}
	if at != "/" {
		t.folder(bucket, path.Dir(at))
	}
	t.put(at, &node{bucket: bucket, isFolder: true})
}

// Root returns the path of a location.
func (t *Tree) Root(l Location) string { return join(l.Bucket, l.Prefix) }

// Odd returns the addresses of the objects that are in no folder, sorted: keys
// with empty or dotted names, and objects whose name is also that of a folder.
func (t *Tree) Odd() []string { return slices.Clone(t.odd) }

// Object returns the object at a path, with its bucket; ok is false for a folder
// and for what is not there.
func (t *Tree) Object(at string) (bucket string, o Object, ok bool) {
	n := t.nodes[path.Clean(at)]
	if n == nil || n.isFolder {
		return "", Object{}, false
	}
	return n.bucket, n.object, true
}

// Stat describes a file or folder; a *fs.PathError of fs.ErrNotExist when there
// is none.
func (t *Tree) Stat(at string) (fs.FileInfo, error) {
	n, err := t.find("stat", at)
	if err != nil {
		return nil, err
	}
	return fileInfo{n}, nil
}

// ReadDir lists a folder, sorted by name.
func (t *Tree) ReadDir(at string) ([]fs.DirEntry, error) {
	n, err := t.find("readdir", at)
	if err != nil {
		return nil, err
	}
	if !n.isFolder {
		return nil, &fs.PathError{Op: "readdir", Path: t.Name(at), Err: errNoFolder}
	}
	entries := make([]fs.DirEntry, len(n.children))
	for i, name := range n.children {
		entries[i] = fs.FileInfoToDirEntry(fileInfo{t.nodes[path.Join(path.Clean(at), name)]})
	}
	return entries, nil
}

// ReadFile returns a small file whole, fetched on first use and remembered. The
// caller must not change it. It is KindInvalid for more than 64 MiB, and
// ErrChanged when the object is no longer the one that was listed.
func (t *Tree) ReadFile(at string) ([]byte, error) {
	n, err := t.find("read", at)
	if err != nil {
		return nil, err
	}
	if n.isFolder {
		return nil, &fs.PathError{Op: "read", Path: t.Name(at), Err: errFolder}
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.content == nil {
		content, err := t.client.Read(t.ctx, n.bucket, n.object, mostWhole)
		if err != nil {
			return nil, err
		}
		n.content = content
	}
	return n.content, nil
}

// Real returns the clean path: there are no links in a bucket.
func (t *Tree) Real(at string) (string, error) {
	if _, err := t.find("lstat", at); err != nil {
		return "", err
	}
	return path.Clean(at), nil
}

// Name returns the address of a path, s3://bucket/key, for messages.
func (t *Tree) Name(at string) string {
	first, key, _ := strings.Cut(strings.TrimPrefix(path.Clean(at), "/"), "/")
	if bucket, ok := t.roots[first]; ok {
		first = bucket
	}
	return address(first, key)
}

var (
	errNoFolder = showback.Errorf(showback.KindInvalid, "it is no folder")
	errFolder   = showback.Errorf(showback.KindInvalid, "it is a folder")
)

func (t *Tree) find(op, at string) (*node, error) {
	n := t.nodes[path.Clean(at)]
	if n == nil {
		return nil, &fs.PathError{Op: op, Path: t.Name(at), Err: fs.ErrNotExist}
	}
	return n, nil
}

// fileInfo describes a node; its Sys is the Object of a file.
type fileInfo struct{ n *node }

func (f fileInfo) Name() string       { return f.n.name }
func (f fileInfo) Size() int64        { return f.n.object.Size }
func (f fileInfo) ModTime() time.Time { return f.n.object.Modified }
func (f fileInfo) IsDir() bool        { return f.n.isFolder }

func (f fileInfo) Mode() fs.FileMode {
	if f.n.isFolder {
		return fs.ModeDir | 0o555
	}
	return 0o444
}

func (f fileInfo) Sys() any {
	if f.n.isFolder {
		return nil
	}
	return f.n.object
}
