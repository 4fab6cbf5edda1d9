package ledger

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"showback"
)

// The raw folder holds the files that were fetched from buckets, as they were
// delivered: raw/<export>/<month>/<digest of address and ETag>-<name>. The
// manifest names those that are kept. Others are what a fetch that was cut has
// got so far; they go with the next change that ends well.

// RawPath returns where the store keeps a file fetched from a bucket: a
// slash-separated path relative to the store, the same for the same content at
// the same address, so that a fetch that was cut can go on.
func RawPath(export string, month showback.Month, object, etag string) string {
	if month == "" {
		month = "unknown"
	}
	sum := sha256.Sum256([]byte(object + "\x00" + etag))
	name := hex.EncodeToString(sum[:6]) + "-" + plainName(path.Base(object))
	return path.Join(rawFolder, plainName(export), string(month), name)
}

// plainName makes a file name of any text.
func plainName(text string) string {
	text = strings.Map(func(r rune) rune {
		if r < 0x80 && (r == '-' || r == '.' || r == '_' || r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z') {
			return r
		}
		return '_'
	}, text)
	const most = 120 // bytes; file systems allow 255
	if text = strings.TrimLeft(text, "."); len(text) > most {
		text = text[len(text)-most:]
	}
	if text == "" {
		return "_"
	}
	return text
}

// FilePath returns where a delivered file is on the disk; "" when it was
// fetched and not kept.
func (s *Snapshot) FilePath(f FileInfo) string { return filePath(s.dir, f) }

// FilePath returns where a delivered file is on the disk; "" when it was
// fetched and not kept.
func (s *Store) FilePath(f FileInfo) string { return filePath(s.dir, f) }

func filePath(dir string, f FileInfo) string {
	if f.Path == "" || filepath.IsAbs(f.Path) {
		return f.Path
	}
	return filepath.Join(dir, filepath.FromSlash(f.Path))
}

// RawSize returns the bytes of all files below raw/, those of a fetch that was
// cut included.
func (s *Store) RawSize() (int64, error) {
	var size int64
	err := filepath.WalkDir(filepath.Join(s.dir, rawFolder), func(_ string, e fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil
		case err != nil:
			return err
		case e.Type().IsRegular():
			info, err := e.Info()
			if errors.Is(err, fs.ErrNotExist) {
				return nil
			}
			if err != nil {
				return err
			}
			size += info.Size()
		}
		return nil
	})
	if err != nil {
		return 0, showback.Errorf(showback.KindUnavailable, "size raw files: %w", err)
	}
	return size, nil
}

// sweepRaw removes the files below raw/ that no delivery of the manifest names,
// and the folders that this leaves empty. It is for the end of a change that
// went well: before, they may be what the next try needs. Readers are as with
// sweep.
func (s *Store) sweepRaw(m *Manifest) error {
	lock, ok, err := tryLockExclusive(filepath.Join(s.dir, readersLock))
	if err != nil || !ok {
		return err
	}
	defer lock.unlock()
	keep := map[string]bool{}
	for _, seg := range m.All() {
		for _, f := range seg.Delivery.Files {
			keep[f.Path] = true
		}
	}
	var folders []string
	err = filepath.WalkDir(filepath.Join(s.dir, rawFolder), func(name string, e fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return err
		}
		if e.IsDir() {
			folders = append(folders, name)
			return nil
		}
		rel, err := filepath.Rel(s.dir, name)
		if err != nil || keep[filepath.ToSlash(rel)] {
			return err
		}
		return os.Remove(name)
	})
	if err != nil {
		return showback.Errorf(showback.KindUnavailable, "sweep raw files: %w", err)
	}
	for i := len(folders) - 1; i >= 0; i-- {
		os.Remove(folders[i]) // only an empty one goes
	}
	return nil
}

// Refile notes that the files of a held delivery lie in a bucket too, so that
// it is known there without a fetch. Files are matched by digest and keep the
// path that the ledger has, unless nothing is there any more.
func (tx *Tx) Refile(k Key, files []FileInfo) {
	s := tx.manifest.Find(k)
	if s == nil {
		return
	}
	known, rest := slices.Clone(s.Delivery.Files), slices.Clone(files)
	for i := range known {
		at := slices.IndexFunc(rest, func(f FileInfo) bool { return f.SHA256 == known[i].SHA256 })
		if at < 0 {
			continue
		}
		f := rest[at]
		rest = slices.Delete(rest, at, at+1) // two files may have the same content
		if known[i].Object == f.Object && known[i].ETag == f.ETag {
			continue
		}
		known[i].Object, known[i].ETag = f.Object, f.ETag
		if _, err := os.Stat(filePath(tx.store.dir, known[i])); err != nil {
			known[i].Path = f.Path
		}
		tx.changed = true
	}
	s.Delivery.Files = known
}
