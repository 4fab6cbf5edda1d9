package cur

import (
	"errors"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"showback"
)

// found is a data file seen on the disk.
type found struct {
	path  string
	size  int64
	made  time.Time // of last change
	given bool      // in what was asked for, not merely beside it
	named bool      // asked for by its own path
}

// group is what was found of one partition: a period of an export in the
// layout, or a folder outside it.
type group struct {
	place // its execution and side are empty
	t     ground
	month showback.Month
	// manifests and files by the folder right below the period's; the empty
	// name is the top level. Outside the layout all is at the top level.
	manifests map[string][]string
	files     map[string][]found
	// unread are the faults of data files that cannot be read, likewise.
	unread map[string][]error

	// current is true when the partition as a whole was asked for; executions
	// are those asked for by a path of their own.
	current    bool
	executions map[string]bool
	// pointed is true when the partition was asked for by a path of its own
	// and not only with its export.
	pointed bool

	governed bool  // a manifest says what its files are
	taken    bool  // a delivery stands for it
	refused  Table // what a manifest says it is instead of CUR 2.0; empty for none
}

// folder is where the group is found, for messages.
func (g *group) folder(execution string) string {
	if g.period == "" {
		return g.root
	}
	for _, folder := range g.periodFolders() {
		folder = filepath.Join(folder, execution)
		if is, err := g.t.isDir(folder); is && err == nil {
			return folder
		}
	}
	return g.root
}

type groupKey struct{ root, period string }

// scan collects what the given paths hold.
type scan struct {
	t      ground
	groups map[groupKey]*group
	seen   map[string]string // real path of a manifest or data file → path it goes by
	// claimed are the data files, by real path, that a manifest names, with
	// the table that the manifest is of.
	claimed map[string]Table
	aside   map[asideKey][]string // names of files left aside, by folder and reason
	skipped []Skipped
}

type asideKey struct{ folder, reason string }

func newScan(t ground) *scan {
	return &scan{
		t:      t,
		groups: map[groupKey]*group{}, seen: map[string]string{},
		claimed: map[string]Table{}, aside: map[asideKey][]string{},
	}
}

// group returns the group of a place, which is made when it is new.
func (s *scan) group(p place) (*group, error) {
	k := groupKey{p.root, p.period}
	if g := s.groups[k]; g != nil {
		return g, nil
	}
	g := &group{
		t:         s.t,
		place:     place{root: p.root, period: p.period},
		manifests: map[string][]string{}, files: map[string][]found{}, unread: map[string][]error{}, executions: map[string]bool{},
	}
	if p.period != "" {
		var err error
		if g.month, err = periodMonth(p.period); err != nil {
			return nil, showback.WithHint(showback.Errorf(showback.KindInvalid,
				"list %s: %w", s.t.Name(filepath.Join(p.root, p.side, p.period)), err), "a period's folder is named like BILLING_PERIOD=2026-10")
		}
	}
	s.groups[k] = g
	return g, nil
}

// path collects one path, as given and absolute, and returns the groups that
// it asks for.
func (s *scan) path(given, path string) ([]*group, error) {
	info, err := s.t.Stat(path)
	if err != nil {
		return nil, s.noPath(given, path, err)
	}
	if real, err := s.t.Real(path); err == nil && placeOf(path).period == "" && placeOf(real).period != "" {
		path = real // a link into an export
	}
	var groups []*group
	at := placeOf(path)
	if info.IsDir() {
		groups, err = s.walk(path, true)
	} else {
		at = placeOf(filepath.Dir(path))
		var g *group
		if g, err = s.file(path, info, true, true); g != nil {
			groups = []*group{g}
		}
	}
	if err != nil {
		return nil, err
	}
	for _, g := range groups {
		if at.period == g.period && at.execution != "" && g.period != "" {
			g.executions[at.execution] = true
		} else {
			g.current = true
		}
		g.pointed = g.pointed || at.period == g.period
	}
	return groups, nil
}

// noPath says why a path that was given leads to nothing.
func (s *scan) noPath(given, path string, err error) error {
	fault := s.t.fault("find", given, err)
	switch {
	case errors.Is(err, syscall.ELOOP):
		return showback.WithHint(fault, "it is a link that leads back to itself: give the folder that holds the export")
	case !s.t.local && !errors.Is(err, fs.ErrNotExist):
		return fault
	case s.t.local && errors.Is(err, fs.ErrNotExist):
		if target, is := linkTarget(path); is {
			return showback.WithHint(showback.Errorf(showback.KindNotFound, "find %s: it is a link to %s, which is not there", given, target),
				"give the folder that holds the export, or a file of it")
		}
	}
	return showback.WithHint(fault, s.t.words("give the folder that holds the export, or a file of it",
		"give the prefix that holds the export, whole up to a slash, or an object of it"))
}

// beside collects what belongs to the asked groups but stands elsewhere: the
// manifests of data and the data of manifests.
func (s *scan) beside() error {
	for _, g := range s.ordered() {
		if g.period == "" {
			if err := s.manifestBeside(g); err != nil {
				return err
			}
			continue
		}
		for _, folder := range g.periodFolders() {
			is, err := s.t.isDir(folder)
			if err != nil {
				return err
			}
			if !is {
				continue
			}
			if _, err := s.walk(folder, false); err != nil {
				return err
			}
		}
	}
	return nil
}

// manifestBeside adds, outside the layout, a manifest that stands in the folder
// of a file asked for by name and names it.
func (s *scan) manifestBeside(g *group) error {
	named := map[string]bool{}
	for _, f := range g.files[""] {
		named[f.path] = f.named
	}
	if len(g.manifests) > 0 || !slices.Contains(slices.Collect(maps.Values(named)), true) {
		return nil
	}
	entries, err := s.t.ReadDir(g.root)
	if !s.t.local && errors.Is(err, fs.ErrNotExist) {
		return nil // a tree of the file alone
	}
	if err != nil {
		return s.t.fault("list", g.root, err)
	}
	for _, e := range entries {
		if !isManifestName(e.Name()) || e.IsDir() {
			continue
		}
		m, err := readManifest(s.t, filepath.Join(g.root, e.Name()))
		if err != nil {
			if !s.t.local && showback.KindOf(err) != showback.KindCorrupt {
				return err
			}
			continue // nothing says that it is of this file
		}
		for _, text := range m.listed {
			k, err := parseKey(text)
			if err != nil {
				break
			}
			if path, _, err := k.find(s.t, g.place); err == nil && named[path] {
				g.manifests[""] = append(g.manifests[""], m.path)
				break
			}
		}
	}
	return nil
}

// walk lists a folder and all below it and returns the groups it touches.
// Links to folders come last and each real folder is listed once, so that a
// loop ends and a folder goes by its own name where it has one.
func (s *scan) walk(top string, given bool) ([]*group, error) {
	var groups []*group
	touched := map[*group]bool{}
	touch := func(g *group) {
		if g != nil && !touched[g] {
			touched[g] = true
			groups = append(groups, g)
		}
	}
	visited := map[string]bool{}
	folders, links := []string{top}, []string(nil)
	for len(folders)+len(links) > 0 {
		if len(folders) == 0 {
			folders, links = links[:1], links[1:]
		}
		dir := folders[0]
		folders = folders[1:]
		real, err := s.t.Real(dir)
		if err != nil {
			return nil, s.t.fault("list", dir, err)
		}
		if visited[real] {
			continue
		}
		visited[real] = true
		// A period's folder counts even when it is empty: its manifest may
		// stand beside it and name what is absent.
		if p := placeOf(dir); p.period != "" {
			g, err := s.group(p)
			if err != nil {
				return nil, err
			}
			touch(g)
		}
		entries, err := s.t.ReadDir(dir)
		if err != nil {
			return nil, s.t.fault("list", dir, err)
		}
		for _, e := range entries {
			path := filepath.Join(dir, e.Name())
			if passedOver(e.Name(), e.IsDir()) {
				continue
			}
			info, err := s.t.entry(path, e)
			if err == nil {
				err = s.t.fileFor(path, info)
			}
			switch {
			case err != nil:
				if err := s.unreadable(path, given, err); err != nil {
					return nil, err
				}
			case info.IsDir() && e.IsDir():
				folders = append(folders, path)
			case info.IsDir():
				links = append(links, path)
			default:
				g, err := s.file(path, info, given, false)
				if err != nil {
					return nil, err
				}
				touch(g)
			}
		}
	}
	return groups, nil
}

// unreadable takes note of an entry that leads nowhere, a broken link for one, or
// to what is no file. A manifest or a data file among them may be what the
// delivery needs.
func (s *scan) unreadable(path string, given bool, cause error) error {
	if given {
		s.skip(path, "it cannot be read: "+bare(cause).Error())
	}
	p := placeOf(filepath.Dir(path))
	if p.period != "" && isManifestName(filepath.Base(path)) {
		return showback.WithHint(s.t.fault("read manifest", path, cause), s.t.hintCopy())
	}
	if _, isData := formatOf(filepath.Base(path)); isData && given {
		g, err := s.group(p)
		if err != nil {
			return err
		}
		g.unread[p.execution] = append(g.unread[p.execution], s.t.fault("read data file", path, cause))
	}
	return nil
}

// file puts a file where it belongs. named is true when a given path is the
// file itself: then it must be billing data, and any JSON is a manifest. The
// group is nil when the file is none of ours.
func (s *scan) file(path string, info fs.FileInfo, given, named bool) (*group, error) {
	name := filepath.Base(path)
	_, isData := formatOf(name)
	isManifest := isManifestName(name) || named && strings.EqualFold(filepath.Ext(name), ".json")
	if !isData && !isManifest {
		if named {
			return nil, showback.WithHint(showback.Errorf(showback.KindInvalid,
				"find %s: found a file of another kind, want a manifest (.json) or data (.parquet, .csv.gz, .csv)", s.t.Name(path)),
				"give the export's folder")
		}
		if given {
			s.leave(path, "no billing data")
		}
		return nil, nil
	}
	real, err := s.t.Real(path)
	if err != nil {
		return nil, s.t.fault("find", path, err)
	}
	known, twice := s.seen[real]
	if twice {
		path = known
	}
	p := placeOf(filepath.Dir(path))
	g, err := s.group(p)
	if err != nil {
		return nil, err
	}
	if twice {
		g.mark(p.execution, path, given, named)
		return g, nil
	}
	s.seen[real] = path
	if isManifest {
		g.manifests[p.execution] = append(g.manifests[p.execution], path)
		return g, nil
	}
	g.files[p.execution] = append(g.files[p.execution],
		found{path: path, size: info.Size(), made: info.ModTime().UTC(), given: given, named: named})
	return g, nil
}

// mark notes that a file that is in the group already was asked for.
func (g *group) mark(execution, path string, given, named bool) {
	for i := range g.files[execution] {
		if f := &g.files[execution][i]; f.path == path {
			f.given, f.named = f.given || given, f.named || named
		}
	}
}

func (s *scan) skip(path, reason string) { s.skipNamed(s.t.Name(path), reason) }

// skipNamed is skip for what goes by its tree's name already.
func (s *scan) skipNamed(name, reason string) {
	s.skipped = append(s.skipped, Skipped{Path: name, Reason: reason})
}

// leave reports a file as not taken; files of a folder with the same reason
// are reported together when there are many.
func (s *scan) leave(path, reason string) {
	k := asideKey{filepath.Dir(path), reason}
	s.aside[k] = append(s.aside[k], filepath.Base(path))
}

// skipAside turns the files left aside into what is reported.
func (s *scan) skipAside() {
	const most = 3
	for k, names := range s.aside {
		if len(names) > most {
			slices.Sort(names)
			s.skip(k.folder, strconv.Itoa(len(names))+" files ("+strings.Join(names[:most], ", ")+", …): "+k.reason)
			continue
		}
		for _, name := range names {
			s.skip(filepath.Join(k.folder, name), k.reason)
		}
	}
}
