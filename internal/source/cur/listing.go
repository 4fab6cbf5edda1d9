package cur

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"showback"
	"showback/internal/source"
)

const hintPart = "copy the missing file too; to import what is there, give its data files by name"

// byListing returns the delivery of a group that no manifest governs, nil for none.
func (s *scan) byListing(g *group, exportHasManifests bool) (*source.Delivery, error) {
	files, execution := g.listable()
	if len(files) == 0 {
		if s.t.local && !exportHasManifests {
			return nil, g.whole(nil, execution)
		}
		return nil, nil
	}
	var free []found
	for _, f := range files {
		table, claimed := s.claimed[s.t.real(f.path)]
		switch {
		case !claimed:
			free = append(free, f)
		case table == CUR2:
			g.taken = true
		default:
			g.refused = table
		}
	}
	if len(free) < len(files) {
		for _, f := range free {
			s.leave(f.path, "the manifest does not name it")
		}
		return nil, nil
	}
	if exportHasManifests && !g.pointed {
		s.skip(g.folder(execution), "no manifest, which the export's other months have: its delivery may not be complete; "+
			"give this folder to import it as it is")
		return nil, nil
	}
	if err := g.manifestsKnown(files); err != nil {
		return nil, err
	}
	d, err := g.listed(files, execution)
	if err != nil {
		return nil, err
	}
	if g.current {
		for of := range g.files {
			if _, _, ok := splitExecution(of); ok && of != execution {
				s.skip(g.folder(of), "superseded: "+firstText(execution, "the period's folder")+" is newer")
			}
		}
	}
	g.taken = true
	return d, nil
}

// manifestsKnown refuses to list data whose manifests the tree need not know:
// that none was seen does not mean that there is none.
func (g *group) manifestsKnown(files []found) error {
	if g.t.local || placeOf(filepath.Dir(files[0].path)).side != dataSide {
		return nil
	}
	manifests := filepath.Join(g.root, metadataSide)
	known, err := g.t.isDir(manifests)
	if err != nil || known || g.t.askedFor(manifests) || g.t.askedFor(filepath.Join(manifests, g.period)) {
		return err
	}
	return showback.WithHint(showback.Errorf(showback.KindInvalid,
		"find deliveries in %s: its manifests are outside of it, in %s", g.t.Name(g.t.askedOf(files[0].path)), g.t.Name(manifests)),
		"give "+g.t.Name(g.root)+", which holds both")
}

// listable returns the files of the current execution, or of the latest that
// was asked for: those at the top level where there are any, since an export
// can go from new executions to overwriting and never back; else those of the
// latest execution.
func (g *group) listable() (files []found, execution string) {
	if g.current {
		if top := given(g.top()); len(top) > 0 {
			return top, ""
		}
	}
	for of := range g.files {
		_, _, ok := splitExecution(of)
		if len(given(g.files[of])) == 0 || !g.executions[of] && !(g.current && ok) {
			continue
		}
		if execution == "" || newerExecution(of, execution) {
			execution = of
		}
	}
	return given(g.files[execution]), execution
}

// top returns the data files of the group that are in no execution's folder.
func (g *group) top() []found {
	var top []found
	for of, files := range g.files {
		if _, _, ok := splitExecution(of); !ok {
			top = append(top, files...)
		}
	}
	return top
}

func given(files []found) []found {
	var of []found
	for _, f := range files {
		if f.given {
			of = append(of, f)
		}
	}
	return of
}

// listed makes a delivery of files that no manifest names.
func (g *group) listed(files []found, execution string) (*source.Delivery, error) {
	if err := g.whole(files, execution); err != nil {
		return nil, err
	}
	d := &source.Delivery{Month: g.month, Listed: true, Files: g.sourceFiles(files), Notes: []string{g.t.words(noteListed, noteListedInBucket)}}
	d.Export = g.exportByFiles(d.Files)
	d.ID = digest(d.Files)
	if execution == "" && g.period == "" {
		execution = filepath.Base(g.root)
	}
	if made, _, _ := splitExecution(execution); !made.IsZero() {
		d.Made, d.MadeFrom = made, madeByExecution
	} else {
		d.MadeFrom = madeByFile
		for _, f := range files {
			if f.made.After(d.Made) {
				d.Made = f.made
			}
		}
	}
	if more := g.beside(files); more > 0 {
		d.Notes = append(d.Notes, fmt.Sprintf("only %d of the %d data files there were asked for", len(files), len(files)+more))
	}
	return d, nil
}

// whole refuses a delivery of which a file is known to be absent. Files that
// were all asked for by name are taken as they are.
func (g *group) whole(files []found, execution string) error {
	for of, faults := range g.unread {
		if _, _, ok := splitExecution(of); of == execution || execution == "" && !ok {
			return showback.WithHint(faults[0], hintPart)
		}
	}
	if !slices.ContainsFunc(files, func(f found) bool { return !f.named }) {
		return nil
	}
	chunks := map[string]map[int]bool{} // by export
	for _, f := range files {
		if m := chunkName.FindStringSubmatch(filepath.Base(f.path)); m != nil {
			if chunks[m[1]] == nil {
				chunks[m[1]] = map[int]bool{}
			}
			n, _ := strconv.Atoi(m[2]) // five digits
			chunks[m[1]][n] = true
		}
	}
	for _, export := range slices.Sorted(maps.Keys(chunks)) {
		numbers := chunks[export]
		last, first, holes := slices.Max(slices.Collect(maps.Keys(numbers))), 0, 0
		for n := last; n > 0; n-- { // AWS counts from 1
			if !numbers[n] {
				first, holes = n, holes+1
			}
		}
		if holes > 0 {
			return showback.WithHint(showback.Errorf(showback.KindNotFound,
				"find deliveries in %s: found data file %s-%05d and not %s-%05d: missing %d of %d",
				g.t.Name(g.folder(execution)), export, last, export, first, holes, last), hintPart)
		}
	}
	return nil
}

// beside counts the data files that stand in the folders of those given and
// were not asked for.
func (g *group) beside(files []found) int {
	folders, in := map[string]bool{}, map[string]bool{}
	for _, f := range files {
		folders[filepath.Dir(f.path)], in[filepath.Base(f.path)] = true, true
	}
	more := 0
	for folder := range folders {
		entries, err := g.t.ReadDir(folder)
		if err != nil {
			continue // a remark only; the files themselves are read later
		}
		for _, e := range entries {
			if _, ok := formatOf(e.Name()); ok && !in[e.Name()] && !e.IsDir() && !passedOver(e.Name(), false) {
				more++
			}
		}
	}
	return more
}

// sourceFiles returns the files in the order of their paths.
func (g *group) sourceFiles(files []found) []source.File {
	out := make([]source.File, 0, len(files))
	for _, f := range files {
		format, _ := formatOf(f.path)
		name, err := filepath.Rel(g.root, f.path)
		if err != nil {
			name = filepath.Base(f.path)
		}
		out = append(out, g.t.sourceFile(f.path, filepath.ToSlash(name), format, f.size))
	}
	slices.SortFunc(out, func(a, b source.File) int { return strings.Compare(a.Path, b.Path) })
	return out
}

// claim notes that a manifest names the file.
func (s *scan) claim(path string, t Table) { s.claimed[s.t.real(path)] = t }

// claimRefused notes the files of a manifest that is not read, so that they
// are not found by listing. A legacy report's manifest stands up to two
// folders below the one that holds its files.
func (s *scan) claimRefused(g *group, m manifest) error {
	for _, text := range m.listed {
		k, err := parseKey(text)
		if err != nil {
			continue // the manifest is refused for another reason already
		}
		at := place{root: g.root, period: g.period}
		for range 3 {
			path, info, err := k.find(s.t, at)
			if err != nil && !s.t.local {
				return err
			}
			if info != nil {
				s.claim(path, m.table)
				break
			}
			at.root = filepath.Dir(at.root)
		}
	}
	return nil
}
