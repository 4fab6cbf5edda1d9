package cur

import (
	"errors"
	"io/fs"
	"net/url"
	"os"
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

// find looks for the key in the local copy: the longest end of its path that
// is a file under the export's root. Inside the layout the period's folder is
// never dropped, since chunks of all months have the same names.
func (k key) find(p place) (string, fs.FileInfo, error) {
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
			info, err := os.Stat(path)
			if err == nil && info.Mode().IsRegular() {
				return path, info, nil
			}
			if errors.Is(err, fs.ErrPermission) {
				return "", nil, fileError("read data file", path, err)
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
// an error of KindNotFound.
func (m manifest) resolve(p place) (resolved, error) {
	var r resolved
	if len(m.listed) == 0 {
		return r, showback.WithHint(showback.Errorf(showback.KindCorrupt, "read manifest %s: it names no data file", m.path),
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
			return r, showback.WithHint(showback.Errorf(showback.KindOf(err), "read manifest %s: %w", m.path, err), hintCopy)
		}
		month, err := k.month()
		if err != nil {
			return r, showback.WithHint(showback.Errorf(showback.KindCorrupt, "read manifest %s: data file %s: %w", m.path, k.name, err), hintCopy)
		}
		if month != "" {
			months = append(months, month)
		}
		if execution := k.execution(); i == 0 {
			r.execution, r.folder = execution, k.exportFolder()
		} else if execution != r.execution {
			r.execution = ""
		}
		path, info, err := k.find(p)
		if err != nil {
			return r, err
		}
		if info == nil {
			absent = append(absent, k)
			continue
		}
		if first, twice := paths[path]; twice {
			return r, showback.WithHint(showback.Errorf(showback.KindConflict,
				"read manifest %s: data files %s and %s are the same file here: %s", m.path, first, k.name, path),
				"keep the folders of the bucket when copying")
		}
		paths[path] = k.name
		format, ok := formatOf(path)
		if !ok {
			format = m.format
		}
		if format == "" {
			return r, showback.WithHint(showback.Errorf(showback.KindInvalid,
				"read manifest %s: data file %s: found an unknown format, want .parquet, .csv.gz or .csv", m.path, k.name),
				"choose Parquet, or text/csv with GZIP, in the export's settings")
		}
		r.files = append(r.files, source.File{Path: path, Name: k.name, Format: format, Size: info.Size()})
	}
	slices.Sort(months)
	if months = slices.Compact(months); len(months) > 1 {
		return r, showback.WithHint(showback.Errorf(showback.KindConflict,
			"read manifest %s: it names two billing periods, %s and %s", m.path, months[0], months[len(months)-1]),
			"a delivery is of one billing period: copy the manifest again")
	} else if len(months) == 1 {
		r.month = months[0]
	}
	if absent != nil {
		return r, showback.WithHint(showback.Errorf(showback.KindNotFound,
			"read manifest %s: %d of its %d data files are absent, first %s: looked for %s",
			m.path, len(absent), len(listed), absent[0].name, absent[0].wanted(p)),
			"copy the export's data folder too, with the folders below it")
	}
	return r, nil
}
