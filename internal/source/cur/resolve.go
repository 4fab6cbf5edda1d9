package cur

import (
	"fmt"
	"io/fs"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"showback"
	"showback/internal/source"
)

// key is a data file as a manifest names it, taken apart.
type key struct {
	name  string   // as written, less the query of a signed URL
	parts []string // of the path; a URL's host or bucket comes first
	at    int      // index in parts of the period's folder; -1 for none
	// object is true for s3://bucket/key, which names one object of the world.
	object bool
}

// pathStyle matches the hosts of S3 that take the bucket from the path. (AWS,
// "Virtual hosting of general purpose buckets", 2026.)
var pathStyle = regexp.MustCompile(`^s3[.-]`)

// parseKey reads s3://bucket/key, an http(s) URL of S3, or a path.
func parseKey(listed string) (key, error) {
	k := key{name: listed, at: -1}
	rest := listed
	switch scheme, after, isURL := strings.Cut(listed, "://"); {
	case isURL && (strings.EqualFold(scheme, "http") || strings.EqualFold(scheme, "https")):
		u, err := url.Parse(listed)
		if err != nil {
			return key{}, showback.Errorf(showback.KindCorrupt, "it names a data file by a URL that is none: %q", clip([]byte(listed)))
		}
		// A signed URL's query is a credential: it is kept out of messages.
		k.name = u.Scheme + "://" + u.Host + u.EscapedPath()
		rest = u.Host + "/" + u.Path
		if pathStyle.MatchString(u.Host) {
			rest = u.Path // the bucket is in the path
		}
	case isURL:
		rest = after
		k.object = strings.EqualFold(scheme, "s3") || strings.EqualFold(scheme, "s3a") || strings.EqualFold(scheme, "s3n")
	}
	for part := range strings.SplitSeq(rest, "/") {
		switch part {
		case "", ".":
			continue
		case "..":
			return key{}, showback.Errorf(showback.KindCorrupt, "it names a data file outside the export: %q", k.name)
		}
		k.parts = append(k.parts, part)
	}
	if len(k.parts) == 0 {
		return key{}, showback.Errorf(showback.KindCorrupt, "it names a data file without a name: %q", k.name)
	}
	for i, part := range k.parts[:len(k.parts)-1] {
		if isPeriod(part) {
			k.at = i
		}
	}
	return k, nil
}

// month returns the billing period in the key, empty when there is none.
func (k key) month() (showback.Month, error) {
	if k.at < 0 {
		return "", nil
	}
	return periodMonth(k.parts[k.at])
}

// execution returns the folder right below the period's, empty for none.
func (k key) execution() string {
	if k.at < 0 || k.at+2 >= len(k.parts) {
		return ""
	}
	return k.parts[k.at+1]
}

// exportFolder returns the folder above data/ and the period's in the bucket,
// empty when the key does not have all of them.
func (k key) exportFolder() string {
	if k.at < 3 || k.parts[k.at-1] != dataSide {
		return "" // parts[0] is the bucket, or part of a prefix
	}
	return k.parts[k.at-2]
}

// exact returns the path of the very object that the key names by its URL;
// empty on the disk, and where the tree does not call any path so.
func (k key) exact(t ground) string {
	if t.local || !k.object || !t.serves(k.parts[0]) {
		return ""
	}
	path := string(filepath.Separator) + filepath.Join(k.parts...)
	if t.Name(path) != "s3://"+strings.Join(k.parts, "/") {
		return ""
	}
	return path
}

// find looks for the file that the key names, nil when there is none: the very
// object where that is below the export's root; else, in a copy of the export,
// the one below; else the very object elsewhere.
func (k key) find(t ground, p place) (string, fs.FileInfo, error) {
	exact := k.exact(t)
	if exact == "" || !within(p.root, exact) {
		path, info, err := k.findBelow(t, p)
		if info != nil || err != nil || exact == "" {
			return path, info, err
		}
	}
	info, err := t.file(exact)
	if info == nil || err != nil {
		return "", nil, err
	}
	return exact, info, nil
}

// findBelow looks for the longest end of the key's path that is a file under
// the export's root. Inside the layout the period's folder is never dropped,
// since chunks of all months have the same names.
func (k key) findBelow(t ground, p place) (string, fs.FileInfo, error) {
	bases, last := []string{p.root}, len(k.parts)-1
	switch {
	case p.period != "" && k.at >= 0:
		last = k.at
	case p.period != "":
		// A key without a period is relative to the manifest's own.
		bases = nil
		for _, folder := range p.periodFolders() {
			bases = append(bases, filepath.Join(folder, p.execution), folder)
		}
	}
	for _, base := range bases {
		for i := 0; i <= last; i++ {
			path := filepath.Join(base, filepath.Join(k.parts[i:]...))
			info, err := t.file(path)
			if err != nil {
				return "", nil, err
			}
			if info != nil {
				return path, info, nil
			}
		}
	}
	return "", nil, nil
}

// wanted returns where a missing file should have been.
func (k key) wanted(p place) string {
	from := len(k.parts) - 1
	if k.at > 0 && k.parts[k.at-1] == dataSide {
		from = k.at - 1
	} else if k.at >= 0 {
		from = k.at
	} else if p.period != "" {
		return filepath.Join(p.root, dataSide, p.period, p.execution, k.parts[from])
	}
	return filepath.Join(p.root, filepath.Join(k.parts[from:]...))
}

// resolved is the list of a manifest, found on the disk.
type resolved struct {
	files     []source.File
	month     showback.Month // empty when neither manifest nor keys name one
	execution string         // folder of the files, when all have the same
	folder    string         // the export's folder in the bucket, when the keys have one
	notes     []string
}

// resolve finds the files that the manifest lists. A file that is not there is
// an error of KindNotFound, and what the keys say is still in resolved.
func (m manifest) resolve(t ground, p place) (resolved, error) {
	var r resolved
	if len(m.listed) == 0 {
		return r, showback.WithHint(showback.Errorf(showback.KindCorrupt, "read manifest %s: it names no data file", m.name),
			"a delivery has a data file even when it has no charges: copy the manifest again")
	}
	months := slices.Clone(m.months)
	listed := make(map[string]bool, len(m.listed))
	paths := make(map[string]string, len(m.listed))
	var absent []key
	for i, text := range m.listed {
		if listed[text] {
			r.notes = append(r.notes, "the manifest names "+filepath.Base(text)+" twice: read once")
			continue
		}
		listed[text] = true
		k, err := parseKey(text)
		if err != nil {
			return r, showback.WithHint(showback.Errorf(showback.KindOf(err), "read manifest %s: %w", m.name, err), t.hintCopy())
		}
		month, err := k.month()
		if err != nil {
			return r, showback.WithHint(showback.Errorf(showback.KindCorrupt, "read manifest %s: data file %s: %w", m.name, k.name, err), t.hintCopy())
		}
		if month != "" {
			months = append(months, month)
		}
		if execution := k.execution(); i == 0 {
			r.execution, r.folder = execution, k.exportFolder()
		} else if execution != r.execution {
			r.execution = ""
		}
		path, info, err := k.find(t, p)
		if err != nil {
			return r, err
		}
		if info == nil {
			absent = append(absent, k)
			continue
		}
		real := t.real(path)
		if first, twice := paths[real]; twice {
			return r, showback.WithHint(showback.Errorf(showback.KindConflict,
				"read manifest %s: data files %s and %s are the same file here: %s", m.name, first, k.name, t.Name(path)),
				"keep the folders of the bucket when copying")
		}
		paths[real] = k.name
		format, ok := formatOf(path)
		if !ok {
			format = m.format
		}
		if format == "" {
			return r, showback.WithHint(showback.Errorf(showback.KindInvalid,
				"read manifest %s: data file %s: found an unknown format, want .parquet, .csv.gz or .csv", m.name, k.name),
				"choose Parquet, or text/csv with GZIP, in the export's settings")
		}
		r.files = append(r.files, t.sourceFile(path, k.name, format, info.Size()))
	}
	slices.Sort(months)
	if months = slices.Compact(months); len(months) > 1 {
		return r, showback.WithHint(showback.Errorf(showback.KindConflict,
			"read manifest %s: it names two billing periods, %s and %s", m.name, months[0], months[len(months)-1]),
			"a delivery is of one billing period: copy the manifest again")
	} else if len(months) == 1 {
		r.month = months[0]
	}
	if absent != nil {
		return r, m.absent(t, p, absent, len(listed), len(r.files) > 0)
	}
	return r, nil
}

// absent says that data files of the manifest are not there, and where the
// first was looked for: in the export's folder where others were found there.
// What stands in its place and is no file is named.
func (m manifest) absent(t ground, p place, absent []key, of int, others bool) error {
	first := absent[0]
	if t.local {
		at := first.wanted(p)
		if info, err := t.stat(at); err == nil && info != nil && !info.Mode().IsRegular() {
			return showback.WithHint(showback.Errorf(showback.KindInvalid, "read manifest %s: data file %s: found %s at %s, want a file",
				m.name, first.name, source.KindOfFile(info.Mode()), at), "copy the file from the bucket again")
		}
	}
	found := fmt.Sprintf("%d of its %d data files are absent, first %s", len(absent), of, first.name)
	wanted := first.exact(t)
	if wanted == "" || others && !within(p.root, wanted) {
		wanted = first.wanted(p)
		found += ": looked for " + t.Name(wanted)
	}
	hint := t.hintDataAbsent()
	if t.local {
		hint += ", with the folders below it"
	} else if t.outside(wanted) {
		found += ": it is outside of " + t.Name(t.askedOf(m.path)) + ", which was asked for"
		hint = "give " + t.Name(exportPrefix(p, wanted)) + ": the manifest's files are below it"
	}
	return showback.WithHint(showback.Errorf(showback.KindNotFound, "read manifest %s: %s", m.name, found), hint)
}

// exportPrefix returns the folder of the export that the file belongs to.
func exportPrefix(p place, file string) string {
	if within(p.root, file) {
		return p.root
	}
	return placeOf(filepath.Dir(file)).root
}
