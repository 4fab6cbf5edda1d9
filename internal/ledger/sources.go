package ledger

import (
	"cmp"
	"encoding/json"
	"errors"
	"io/fs"
	"path/filepath"
	"slices"
	"time"

	"showback"
)

// Source is a place that bills come from, which the store remembers.
type Source struct {
	Name     string `json:"name"`
	Location string `json:"location"` // an absolute folder, or s3://bucket/prefix
	// Profile, Region and Endpoint are how a bucket is reached; empty for what
	// the environment says. No secret is ever kept.
	Profile  string `json:"profile,omitempty"`
	Region   string `json:"region,omitempty"`
	Endpoint string `json:"endpoint_url,omitempty"`
	// RequesterPays says that the reader of the bucket pays for the requests,
	// NoSign that the bucket is read without credentials.
	RequesterPays bool `json:"requester_pays,omitempty"`
	NoSign        bool `json:"no_sign_request,omitempty"`
	// NoKeep says that fetched files are not kept.
	NoKeep bool      `json:"no_keep,omitempty"`
	Added  time.Time `json:"added"`
	// Synced is when the last sync that ended well ended.
	Synced *time.Time `json:"synced,omitempty"`
}

type sourcesFile struct {
	Format  int      `json:"format"`
	Seal    string   `json:"seal"`
	Sources []Source `json:"sources"` // ordered by name
}

// Sources returns the sources that the store remembers, ordered by name.
func (s *Store) Sources() ([]Source, error) {
	text, _, err := readSealed(s.dir, sourcesName)
	if errors.Is(err, fs.ErrNotExist) {
		return []Source{}, nil
	}
	path := filepath.Join(s.dir, sourcesName)
	if err != nil {
		if showback.KindOf(err) == showback.KindCorrupt {
			return nil, showback.WithHint(err, "the ledger does not depend on it: remove the file and add the sources again with showback source add")
		}
		return nil, showback.Errorf(showback.KindUnavailable, "read %s: %w", path, err)
	}
	var file sourcesFile
	if err := json.Unmarshal(text, &file); err != nil {
		return nil, showback.Errorf(showback.KindCorrupt, "read %s: %w", path, err)
	}
	if file.Format != Format {
		return nil, showback.WithHint(showback.Errorf(showback.KindInvalid, "read %s: its format is %d, this program reads %d", path, file.Format, Format),
			"use the version of showback that wrote it")
	}
	return file.Sources, nil
}

// ChangeSources replaces the sources that the store remembers with what change
// makes of them, durably and in one step; an error of change leaves them. A
// change of the store under way elsewhere is an error of KindConflict.
func (s *Store) ChangeSources(change func([]Source) ([]Source, error)) error {
	if err := s.prepare(); err != nil {
		return err
	}
	lock, ok, err := tryLockExclusive(filepath.Join(s.dir, importLock))
	if err != nil {
		return err
	}
	if !ok {
		return busy(s.dir)
	}
	defer lock.unlock()
	held, err := s.Sources()
	if err != nil {
		return err
	}
	next, err := change(held)
	if err != nil {
		return err
	}
	slices.SortFunc(next, func(a, b Source) int { return cmp.Compare(a.Name, b.Name) })
	_, err = writeSealed(s.dir, sourcesName, sourcesFile{Format: Format, Sources: next})
	return err
}

func busy(dir string) error {
	return showback.WithHint(showback.Errorf(showback.KindConflict, "change store %s: another import is running", dir),
		"wait for it to end; readers are not disturbed")
}
