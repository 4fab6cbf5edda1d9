package cur

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"showback/internal/source"
)

// byListing returns the delivery of a group that no manifest governs.
func (s *scan) byListing(g *group, exportHasManifests bool) *source.Delivery {
	files, execution := g.listable()
	if len(files) == 0 {
		return nil
	}
	var free []found
	for _, f := range files {
		table, claimed := s.claimed[realPath(f.path)]
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
		return nil
	}
	if exportHasManifests && !g.pointed {
		s.skip(g.folder(execution), "no manifest, which the export's other months have: its delivery may not be complete; "+
			"give this folder to import it as it is")
		return nil
	}
	d := g.listed(files, execution)
	if g.current {
		for of := range g.files {
			if _, _, ok := splitExecution(of); ok && of != execution {
				s.skip(g.folder(of), "superseded: "+firstText(execution, "the period's folder")+" is newer")
			}
		}
	}
	g.taken = true
	return &d
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
func (g *group) listed(files []found, execution string) source.Delivery {
	d := source.Delivery{Month: g.month, Files: g.sourceFiles(files), Notes: []string{noteListed}}
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
	return d
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
		entries, err := os.ReadDir(folder)
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
		out = append(out, source.File{Path: f.path, Name: filepath.ToSlash(name), Format: format, Size: f.size})
	}
	slices.SortFunc(out, func(a, b source.File) int { return strings.Compare(a.Path, b.Path) })
	return out
}

// claim notes that a manifest names the file.
func (s *scan) claim(path string, t Table) { s.claimed[realPath(path)] = t }

// claimRefused notes the files of a manifest that is not read, so that they
// are not found by listing. A legacy report's manifest stands up to two
// folders below the one that holds its files.
func (s *scan) claimRefused(g *group, m manifest) {
	for _, text := range m.listed {
		k, err := parseKey(text)
		if err != nil {
			continue // the manifest is refused for another reason already
		}
		at := place{root: g.root, period: g.period}
		for range 3 {
			if path, info, err := k.find(at); err == nil && info != nil {
				s.claim(path, m.table)
				break
			}
			at.root = filepath.Dir(at.root)
		}
	}
}

func realPath(path string) string {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		return real
	}
	return path
}

// changed returns when the file was last changed, zero when that cannot be told.
func changed(path string) time.Time {
	info, err := os.Stat(path)
	if err != nil {
		return time.Time{}
	}
	return info.ModTime().UTC()
}
