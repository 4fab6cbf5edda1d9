package ledger

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"showback"
	"showback/internal/source"
)

// Checkup is what a look at every file of a store came to.
type Checkup struct {
	Store   string `json:"store"`
	Version int    `json:"version"` // 0 where the manifest can't be read
	Files   int    `json:"files"`   // looked at
	Bytes   int64  `json:"bytes"`
	// Damaged are the files that are not what was written. Their order is that
	// in which to mend them.
	Damaged []Damage `json:"damaged"`
	// Leftover are files that no manifest names: what a killed import left. The
	// next import takes them away; they are no damage. Nothing is said of them
	// while a change is under way.
	Leftover []string `json:"leftover"`
	// Foreign are files that are no part of a store; nothing takes them away.
	Foreign []string `json:"foreign"`
	// Unsealed are files without a seal, as older versions wrote them: nothing
	// can be said of them. The next import seals the manifest.
	Unsealed []string `json:"unsealed"`
	// Repair is what loads again all that is damaged.
	Repair Repair `json:"repair"`
}

// Damage is one file that is not what was written.
type Damage struct {
	File   string `json:"file"` // slash-separated, relative to the store
	What   string `json:"what"` // manifest, dimensions, segment, compact file, fetched file, sources or directory
	Reason string `json:"reason"`
	Size   int64  `json:"size"` // bytes; 0 for a file that is gone
	// Deliveries are those of which the file holds something.
	Deliveries []DamagedDelivery `json:"deliveries"`
	// Again are the places from which they can be loaded again, for showback
	// import --replace; empty where that does not mend it.
	Again []string `json:"import_again"`
}

// DamagedDelivery is a delivery that a damaged file holds something of.
type DamagedDelivery struct {
	Payer  string         `json:"payer"`
	Export string         `json:"export"`
	Month  showback.Month `json:"month"`
}

// Check reads every file of the store and compares it with its digest. looked,
// unless nil, is told the size of each file once it was read. Damage is no
// error; errors are those of the context and of a store that can't be read at
// all: KindNotFound where the folder is not there or holds nothing of a store.
func (s *Store) Check(ctx context.Context, looked func(bytes int64)) (*Checkup, error) {
	c := &checkup{store: s, ctx: ctx, looked: looked, named: map[string]bool{manifestName: true, importLock: true, readersLock: true},
		out: &Checkup{Store: s.dir, Damaged: []Damage{}, Leftover: []string{}, Foreign: []string{}, Unsealed: []string{},
			Repair: Repair{Places: []string{}, Gone: []string{}, Prefer: []string{}}}}
	entries, err := os.ReadDir(s.dir)
	if errors.Is(err, syscall.ENOTDIR) {
		_, err := s.Snapshot() // says what stands there
		return nil, err
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, showback.Errorf(showback.KindUnavailable, "check store: %w", err)
	}
	if !slices.ContainsFunc(entries, func(e fs.DirEntry) bool { return tells(e.Name()) }) {
		return nil, showback.WithHint(showback.Errorf(showback.KindNotFound, "check store %s: there is no store here", s.dir),
			"name the folder of a store with --store; showback import makes a new one")
	}
	if err := c.sources(); err != nil {
		return nil, err
	}
	snapshot, err := s.Snapshot()
	switch {
	case showback.KindOf(err) == showback.KindCorrupt:
		c.damage(manifestName, "manifest", err, nil)
		return c.out, c.salvage()
	case err != nil:
		return nil, err
	}
	defer snapshot.Close()
	if snapshot.Version == 0 && c.holdsLedger() {
		c.damage(manifestName, "manifest", errors.New("the file is gone, and what it named is there"), nil)
		return c.out, c.salvage()
	}
	c.out.Version = snapshot.Version
	if err := c.manifest(); err != nil {
		return nil, err
	}
	if err := c.files(&snapshot.Manifest); err != nil {
		return nil, err
	}
	c.repair(&snapshot.Manifest)
	return c.out, c.leftover()
}

type checkup struct {
	store  *Store
	ctx    context.Context
	looked func(int64)
	named  map[string]bool // files that belong to the store
	out    *Checkup
}

func (c *checkup) damage(file, what string, err error, segments []Segment) {
	reason := strings.TrimPrefix(err.Error(), "read "+filepath.Join(c.store.dir, filepath.FromSlash(file))+": ")
	d := Damage{File: file, What: what, Reason: reason, Deliveries: []DamagedDelivery{}, Again: []string{}}
	if info, err := os.Stat(filepath.Join(c.store.dir, filepath.FromSlash(file))); err == nil {
		d.Size = info.Size()
	}
	for i := range segments {
		s := &segments[i]
		d.Deliveries = append(d.Deliveries, DamagedDelivery{s.Payer, s.Export, s.Month})
		d.Again = append(d.Again, s.Delivery.places()...)
	}
	slices.Sort(d.Again)
	d.Again = slices.Compact(d.Again)
	c.out.Damaged = append(c.out.Damaged, d)
}

// manifest looks at what reading the manifest does not: it takes a file without
// a seal, and one flipped bit can make the seal's own name another.
func (c *checkup) manifest() error {
	text, sealed, err := readSealed(c.store.dir, manifestName)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return showback.Errorf(showback.KindUnavailable, "check manifest: %w", err)
	}
	c.count(int64(len(text)))
	if sealed {
		return nil
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&Manifest{}); err != nil {
		c.damage(manifestName, "manifest", errors.New("it has no seal, and "+strings.TrimPrefix(err.Error(), "json: ")), nil)
		return c.salvage()
	}
	c.out.Unsealed = append(c.out.Unsealed, manifestName)
	return nil
}

func (c *checkup) sources() error {
	text, sealed, err := readSealed(c.store.dir, sourcesName)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil && showback.KindOf(err) != showback.KindCorrupt:
		return showback.Errorf(showback.KindUnavailable, "check sources: %w", err)
	}
	c.named[sourcesName] = true
	if err == nil && !sealed { // it was sealed from the first version on
		err = errors.New("it has no seal: the file is damaged or was edited")
	}
	if err == nil {
		_, err = c.store.Sources()
	}
	c.count(int64(len(text)))
	if err != nil {
		c.damage(sourcesName, "sources", err, nil)
	}
	return nil
}

func (c *checkup) count(size int64) {
	c.out.Files++
	c.out.Bytes += size
	if c.looked != nil {
		c.looked(size)
	}
}

// files compares the files that the manifest names with their digests.
func (c *checkup) files(m *Manifest) error {
	all := m.All()
	if m.Dims != "" {
		if err := c.file(m.Dims, m.DimsSHA, "dimensions", all); err != nil {
			return err
		}
	}
	for i := range all {
		if err := c.file(all[i].File, all[i].SHA256, "segment", all[i:i+1]); err != nil {
			return err
		}
	}
	for _, compact := range m.Compacts {
		// To load one of its parts again makes the file anew.
		part := slices.IndexFunc(all, func(s Segment) bool { return s.File == compact.Parts[0] })
		if err := c.file(compact.File, compact.SHA256, "compact file", all[max(part, 0):part+1]); err != nil {
			return err
		}
	}
	for i := range all {
		for _, f := range all[i].Delivery.Files {
			if f.Object == "" || f.Path == "" || filepath.IsAbs(f.Path) || c.named[f.Path] {
				continue
			}
			if err := c.file(f.Path, f.SHA256, "fetched file", all[i:i+1]); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c *checkup) file(name, digest, what string, segments []Segment) error {
	c.named[name] = true
	info, err := Digest(c.ctx, source.File{Path: filepath.Join(c.store.dir, filepath.FromSlash(name)), Name: name})
	switch {
	case c.ctx.Err() != nil:
		return context.Cause(c.ctx)
	case showback.KindOf(err) == showback.KindNotFound:
		err = errors.New("the file is gone")
	case err == nil && info.SHA256 != digest:
		err = errors.New("its digest does not fit: the file is damaged or was changed")
	}
	c.count(info.Size)
	if err != nil {
		c.damage(name, what, err, segments)
	}
	return nil
}

// leftover lists what is in the store and belongs to nothing.
func (c *checkup) leftover() error {
	if busy, err := c.store.changing(); busy || err != nil {
		return err
	}
	err := fs.WalkDir(os.DirFS(c.store.dir), ".", func(name string, e fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist): // swept meanwhile
			return nil
		case err != nil:
			return err
		case e.IsDir() || c.named[name] || slices.Contains(besides, name):
		case swept(name):
			c.out.Leftover = append(c.out.Leftover, name)
		default:
			c.out.Foreign = append(c.out.Foreign, name)
		}
		return nil
	})
	if err != nil {
		return showback.Errorf(showback.KindUnavailable, "check store: %w", err)
	}
	return nil
}

// swept reports whether a change takes away a file that no manifest names.
func swept(name string) bool {
	folder, rest, below := strings.Cut(name, "/")
	switch {
	case !below:
		ours, _ := path.Match(dimsPattern, name)
		return ours
	case folder == segFolder:
		return strings.Contains(rest, "/")
	}
	return folder == tmpFolder || folder == rawFolder
}

// changing reports whether a change is under way.
func (s *Store) changing() (bool, error) {
	path := filepath.Join(s.dir, importLock)
	if _, err := os.Stat(path); err != nil {
		return false, nil // there was none yet
	}
	lock, ok, err := tryLockExclusive(path)
	if err != nil {
		return false, err
	}
	if ok {
		return false, lock.unlock()
	}
	return true, nil
}
