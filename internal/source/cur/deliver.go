package cur

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"showback"
	"showback/internal/source"
)

// Where the time of a delivery comes from.
const (
	madeByExecution = "execution"
	madeByManifest  = "manifest"
	madeByFile      = "file time"
)

const (
	noteListed = "no manifest: files found by listing"
	// AWS writes data first, so in its own bucket a month may not be whole yet.
	noteListedInBucket = noteListed + "; a delivery may be under way"
)

// byManifest returns the deliveries of the group that manifests name: one for
// a period in the layout, one per manifest outside it.
func (s *scan) byManifest(g *group) ([]source.Delivery, error) {
	if g.period == "" {
		var all []source.Delivery
		for _, path := range slices.Sorted(slices.Values(g.manifests[""])) {
			d, _, err := s.fromManifest(g, path, "")
			if err != nil {
				return nil, err
			}
			if d == nil {
				continue
			}
			if err := g.checkNamed(d, ""); err != nil && len(g.manifests[""]) == 1 {
				return nil, err
			}
			all = append(all, *d)
		}
		return all, nil
	}
	if len(g.manifests) == 0 {
		return nil, nil
	}
	g.governed = true
	var all []source.Delivery
	var executions []string
	asked := slices.Sorted(maps.Keys(g.executions))
	if g.current {
		asked = append(asked, "")
	}
	for _, execution := range asked {
		d, of, err := s.execution(g, execution)
		if err != nil {
			return nil, err
		}
		if d == nil {
			continue
		}
		if err := g.checkNamed(d, execution); err != nil {
			return nil, err
		}
		all, executions = append(all, *d), append(executions, of)
	}
	if len(all) == 0 {
		return nil, nil
	}
	g.taken = true
	// A month has one current delivery: the newest of those asked for.
	newest := 0
	for i, d := range all {
		if d.Made.After(all[newest].Made) {
			newest = i
		}
	}
	s.skipOthers(g, all[newest], executions[newest])
	return all[newest : newest+1], nil
}

// current returns the delivery that the top-level manifest names, else that of
// the latest execution, and the folder of its execution.
func (s *scan) current(g *group) (*source.Delivery, string, error) {
	path, err := g.manifest("")
	if err != nil {
		return nil, "", err
	}
	if path != "" {
		return s.fromManifest(g, path, "")
	}
	var latest string
	for execution := range g.manifests {
		if latest == "" || newerExecution(execution, latest) {
			latest = execution
		}
	}
	if path, err = g.manifest(latest); err != nil {
		return nil, "", err
	}
	d, execution, err := s.fromManifest(g, path, latest)
	if d != nil && len(g.manifests) > 1 {
		d.Notes = append(d.Notes, "no top-level manifest: the latest execution is read, "+latest)
	}
	return d, execution, err
}

// execution returns the delivery of an execution asked for by its own path,
// or the current one for the empty name, and the folder of its execution.
func (s *scan) execution(g *group, execution string) (*source.Delivery, string, error) {
	if execution == "" {
		return s.current(g)
	}
	path, err := g.manifest(execution)
	if err != nil {
		return nil, "", err
	}
	if path != "" {
		return s.fromManifest(g, path, execution)
	}
	if _, _, ok := splitExecution(execution); !ok {
		return s.current(g) // a folder within the delivery
	}
	if path, err = g.manifest(""); err != nil {
		return nil, "", err
	}
	if path != "" {
		m, err := readManifest(s.t, path)
		if err != nil {
			return nil, "", err
		}
		if m.table == Legacy || m.table == FOCUS || m.names(execution) {
			return s.fromManifest(g, path, "")
		}
	}
	if len(g.files[execution]) == 0 {
		return nil, "", nil
	}
	d, err := g.listed(g.files[execution], execution)
	return d, execution, err
}

// manifest returns the one manifest of a folder, empty when there is none.
func (g *group) manifest(execution string) (string, error) {
	paths := slices.Sorted(slices.Values(g.manifests[execution]))
	switch len(paths) {
	case 0:
		return "", nil
	case 1:
		return paths[0], nil
	}
	return "", showback.WithHint(showback.Errorf(showback.KindConflict,
		"read manifest %s: found another beside it, %s: want one for a delivery", g.t.Name(paths[0]), filepath.Base(paths[1])),
		"give the one that is meant")
}

// fromManifest reads the manifest, which stands in the execution's folder, and
// returns its delivery and the folder of the execution that it names. The
// delivery is nil when the manifest is of another table or of no export.
func (s *scan) fromManifest(g *group, path, execution string) (*source.Delivery, string, error) {
	m, err := readManifest(s.t, path)
	if err != nil {
		return nil, "", err
	}
	if m.alien && g.period == "" {
		s.skip(path, "no manifest of an export")
		return nil, "", nil
	}
	if m.alien {
		return nil, "", showback.WithHint(showback.Errorf(showback.KindCorrupt,
			"read manifest %s: it says nothing of a delivery: neither files nor an export, an execution, a period or columns", m.name), s.t.hintCopy())
	}
	g.governed = true
	if m.table == Legacy || m.table == FOCUS || m.table == Unknown && len(m.columns) > 0 {
		reason, _ := m.table.refusal()
		s.skip(path, reason)
		g.refused = m.table
		return nil, "", s.claimRefused(g, m)
	}
	at := place{root: g.root, period: g.period, execution: execution}
	var r resolved
	if m.hasList {
		r, err = m.resolve(s.t, at)
	} else {
		r, err = g.unlisted(m, execution)
	}
	if err != nil {
		return nil, "", g.strange(m, r, err)
	}
	for _, f := range r.files {
		s.claim(f.Path, CUR2)
	}
	if execution == "" {
		execution = r.execution
	}
	d := source.Delivery{
		ARN: m.arn, Month: r.month, Manifest: m.name, Listed: !m.hasList, Files: r.files, Notes: r.notes, Declared: m.columns,
	}
	if d.Export, err = g.export(m, r); err != nil {
		return nil, "", err
	}
	switch {
	case g.month == "":
	case d.Month == "":
		d.Month = g.month
	case d.Month != g.month:
		return nil, "", showback.WithHint(showback.Errorf(showback.KindConflict,
			"read manifest %s: it is of %s, its folder says %s", m.name, d.Month, g.month),
			"copy the manifest to the folder of its billing period")
	}
	d.Made, d.ID, d.MadeFrom = g.origin(m, execution)
	if d.ID == "" {
		d.ID = digest(d.Files)
	}
	g.taken = true
	return &d, execution, nil
}

// names reports whether the files that the manifest lists are in the
// execution's folder.
func (m manifest) names(execution string) bool {
	for _, text := range m.listed {
		if k, err := parseKey(text); err != nil || k.execution() != execution {
			return false
		}
	}
	return len(m.listed) > 0
}

// unlisted stands in for resolve where the manifest has no key for files.
func (g *group) unlisted(m manifest, execution string) (resolved, error) {
	if execution == "" && len(g.top()) == 0 {
		for _, folder := range slices.Sorted(maps.Keys(g.files)) {
			_, id, _ := splitExecution(folder)
			if m.execution != "" && id == m.execution {
				execution = folder
				break
			}
			if execution == "" || newerExecution(folder, execution) {
				execution = folder
			}
		}
	}
	files := g.files[execution]
	if execution == "" {
		files = g.top()
	}
	if len(files) == 0 {
		return resolved{}, showback.WithHint(showback.Errorf(showback.KindNotFound,
			"read manifest %s: it does not say which files it is of, and no data file is in %s", m.name, g.t.Name(g.folder(""))),
			g.t.hintDataAbsent())
	}
	r := resolved{execution: execution, notes: []string{"the manifest names no files: files found by listing"}}
	r.files = g.sourceFiles(files)
	if len(m.months) > 1 {
		return r, showback.Errorf(showback.KindConflict,
			"read manifest %s: it names two billing periods, %s and %s", m.name, m.months[0], m.months[1])
	}
	if len(m.months) == 1 {
		r.month = m.months[0]
	}
	return r, nil
}

// origin says when the delivery was made, which execution it is, and how the
// time is known. The id is empty when nothing names one.
func (g *group) origin(m manifest, execution string) (made time.Time, id, from string) {
	if execution == "" && g.period == "" {
		execution = filepath.Base(g.root) // a copy of the execution's folder alone
	}
	id = m.execution
	made, folderID, ok := splitExecution(execution)
	if ok && id == "" {
		id = folderID
	}
	switch {
	case !made.IsZero():
		return made, id, madeByExecution
	case !m.made.IsZero():
		return m.made, id, madeByManifest
	}
	return m.changed, id, madeByFile
}

// checkNamed holds the delivery against the files asked for by name, among
// those of the execution that it was found by.
func (g *group) checkNamed(d *source.Delivery, asked string) error {
	files := g.files[asked]
	if asked == "" {
		files = g.top()
	}
	in := pathsOf(d)
	named := 0
	for _, f := range files {
		switch {
		case !f.named:
		case in[f.path]:
			named++
		case d.Manifest != "":
			return showback.WithHint(showback.Errorf(showback.KindConflict,
				"find %s: manifest %s does not name it", g.t.Name(f.path), d.Manifest),
				"it is left over from another delivery: give the folder instead")
		}
	}
	if named > 0 && named < len(d.Files) && d.Manifest != "" {
		d.Notes = append(d.Notes, fmt.Sprintf("asked for %d of the delivery's %d files: all are read", named, len(d.Files)))
	}
	return nil
}

func pathsOf(d *source.Delivery) map[string]bool {
	in := make(map[string]bool, len(d.Files))
	for _, f := range d.Files {
		in[f.Path] = true
	}
	return in
}

// skipOthers reports what of the group was seen and is not in the delivery.
func (s *scan) skipOthers(g *group, d source.Delivery, execution string) {
	if !g.current && len(g.executions) < 2 {
		return
	}
	in := pathsOf(&d)
	others := map[string]bool{}
	for of := range g.manifests {
		others[of] = of != "" && of != execution
	}
	for of, files := range g.files {
		if _, _, ok := splitExecution(of); ok && of != execution {
			others[of] = true
			continue
		}
		for _, f := range files {
			if f.given && !in[f.path] {
				s.leave(f.path, "the manifest does not name it")
			}
		}
	}
	for of, other := range others {
		switch {
		case !other, !g.current && !g.executions[of]:
		case execution == "":
			s.skip(g.folder(of), "superseded: the top-level manifest names other files")
		case newerExecution(of, execution):
			s.skip(g.folder(of), "not current: it is newer than execution "+execution+", which the manifest names")
		default:
			s.skip(g.folder(of), "superseded by execution "+execution)
		}
	}
}

// digest names a delivery that nothing else names, by its files' names and
// sizes. Folders above the period do not count, so that a copy is the same.
func digest(files []source.File) string {
	h := sha256.New()
	for _, f := range files {
		name := filepath.ToSlash(f.Path)
		if p := placeOf(filepath.Dir(f.Path)); p.period != "" {
			name = name[strings.LastIndex(name, "/"+p.period+"/")+1:]
		} else {
			name = filepath.Base(name)
		}
		fmt.Fprintf(h, "%q %d\n", name, f.Size)
	}
	return "sha256:" + hex.EncodeToString(h.Sum(nil))
}
