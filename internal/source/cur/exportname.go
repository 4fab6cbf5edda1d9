package cur

import (
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"showback"
	"showback/internal/source"
)

const hintOneExport = "copy each export to a folder of its own, as AWS delivers it"

// naming is one place that names an export.
type naming struct {
	name, place string
	suffixed    bool // the name may have a suffix of any form
}

// namings are all places where the manifest names its export, by how close they
// are to what a person sees.
func (m manifest) namings(r resolved) []naming {
	return []naming{
		{name: exportOfManifest(m.path), place: "its file name"},
		{name: m.export, place: "its exportName"},
		{name: exportOfARN(m.arn), place: "its exportArn", suffixed: true},
		{name: r.folder, place: "the names of its data files"},
	}
}

// export returns the export's name. In the layout all that names the export
// must agree; outside it files may have been renamed.
func (g *group) export(m manifest, r resolved) (string, error) {
	var want naming
	for _, found := range m.namings(r) {
		switch {
		case found.name == "" || found.name == want.name || g.period == "":
		case want.name == "":
			want = found
		case found.suffixed && strings.HasPrefix(found.name, want.name+"-"):
		default:
			return "", showback.WithHint(showback.Errorf(showback.KindConflict,
				"read manifest %s: found export %s in %s, want %s as in %s", m.name, found.name, found.place, want.name, want.place),
				hintOneExport)
		}
	}
	if name := firstText(m.export, exportOfManifest(m.path), exportOfARN(m.arn), r.folder); name != "" {
		return name, nil
	}
	return g.exportByFiles(r.files), nil
}

// strange returns, for a manifest of which no data file is there, the error
// that says why where it is of another export than its folder; else err.
func (g *group) strange(m manifest, r resolved, err error) error {
	if showback.KindOf(err) != showback.KindNotFound || len(r.files) > 0 || g.period == "" {
		return err
	}
	name, conflict := g.export(m, r)
	if conflict != nil {
		return conflict
	}
	others := map[string]bool{}
	for _, files := range g.files {
		for _, f := range files {
			others[exportOfChunk(filepath.Base(f.path))] = true
		}
	}
	if len(others) != 1 || others[""] || others[name] {
		return err
	}
	return showback.WithHint(showback.Errorf(showback.KindConflict,
		"read manifest %s: found export %s, want %s as in the names of the data files there", m.name, name, slices.Collect(maps.Keys(others))[0]),
		hintOneExport)
}

// exportByFiles names an export by where its files stand.
func (g *group) exportByFiles(files []source.File) string {
	if base := filepath.Base(g.root); g.period != "" && base != string(filepath.Separator) {
		return base
	}
	names := map[string]bool{}
	for _, f := range files {
		names[exportOfChunk(filepath.Base(f.Path))] = true
	}
	if len(names) == 1 && !names[""] {
		return slices.Collect(maps.Keys(names))[0]
	}
	if len(files) == 1 {
		name, _, _ := strings.Cut(filepath.Base(files[0].Path), ".")
		return name
	}
	return filepath.Base(g.root)
}

var arnSuffix = regexp.MustCompile(`-[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}$`)

// exportOfARN reads the name off "…:export/<name>-<uuid>".
func exportOfARN(text string) string {
	arn, err := showback.ParseARN(text)
	if err != nil {
		return ""
	}
	name, ok := strings.CutPrefix(arn.Resource, "export/")
	if !ok {
		return ""
	}
	return arnSuffix.ReplaceAllString(name, "")
}
