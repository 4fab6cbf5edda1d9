package cur

import (
	"path"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"showback"
	"showback/internal/source"
)

const periodPrefix = "BILLING_PERIOD="

// The folders of an export that hold data and manifests.
const (
	dataSide     = "data"
	metadataSide = "metadata"
)

// place is where a path stands in the layout of an export.
type place struct {
	// root is the export's folder: the one above data/ and metadata/, or above
	// the period's folder where there are none. Outside the layout, the folder itself.
	root string
	// period is the name of the period's folder, empty outside the layout.
	period string
	side   string // dataSide, metadataSide, or empty for a period's folder straight under root
	// execution is the folder right below the period's; empty at its top level.
	execution string
}

// placeOf finds the place of a folder, given as a clean absolute path.
func placeOf(dir string) place {
	for at, below := dir, ""; ; {
		parent, name := filepath.Dir(at), filepath.Base(at)
		if isPeriod(name) {
			p := place{root: parent, period: name, execution: below}
			if side := filepath.Base(parent); side == dataSide || side == metadataSide {
				p.root, p.side = filepath.Dir(parent), side
			}
			return p
		}
		if parent == at {
			return place{root: dir}
		}
		at, below = parent, name
	}
}

// periodFolders lists where the files and manifests of a period may be.
func (p place) periodFolders() []string {
	return []string{
		filepath.Join(p.root, dataSide, p.period),
		filepath.Join(p.root, metadataSide, p.period),
		filepath.Join(p.root, p.period),
	}
}

func isPeriod(name string) bool {
	return len(name) > len(periodPrefix) && strings.EqualFold(name[:len(periodPrefix)], periodPrefix)
}

// periodMonth reads the month of a period's folder.
func periodMonth(folder string) (showback.Month, error) {
	return showback.ParseMonth(folder[len(periodPrefix):])
}

// executionTime matches the time at the head of an execution's folder. AWS
// documents "<timestamp>-<execution-id>" without the form of the timestamp;
// copies on file systems that forbid the colon put another mark in its place.
var executionTime = regexp.MustCompile(
	`^(\d{4})-?(\d\d)-?(\d\d)[Tt_](\d\d)(?:[:_.-]|%3[Aa])?(\d\d)(?:[:_.-]|%3[Aa])?(\d\d)(?:[.,](\d{1,9}))?(?:[Zz]|[+-]00:?00)?(?:[-_]|$)`)

// executionID matches a bare execution id as a folder.
var executionID = regexp.MustCompile(`^[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}$`)

// splitExecution takes an execution's folder apart. ok is false when the name
// is not that of an execution; made is zero when it has no time in it.
func splitExecution(folder string) (made time.Time, id string, ok bool) {
	m := executionTime.FindStringSubmatch(folder)
	if m == nil {
		return time.Time{}, folder, executionID.MatchString(folder)
	}
	var n [6]int
	for i := range n {
		n[i], _ = strconv.Atoi(m[i+1]) // digits only
	}
	made = time.Date(n[0], time.Month(n[1]), n[2], n[3], n[4], n[5], 0, time.UTC)
	if made.Format("20060102150405") != strings.Join(m[1:7], "") {
		return time.Time{}, folder, false // the 31st of June
	}
	if m[7] != "" {
		nanos, _ := strconv.Atoi((m[7] + "000000000")[:9])
		made = made.Add(time.Duration(nanos))
	}
	if id = folder[len(m[0]):]; id == "" {
		id = folder
	}
	return made, id, true
}

// newerExecution orders executions by the time in their folders' names, then
// by name, so that the order never depends on the disk.
func newerExecution(a, b string) bool {
	at, _, _ := splitExecution(a)
	bt, _, _ := splitExecution(b)
	if !at.Equal(bt) {
		return at.After(bt)
	}
	return a > b
}

// formatOf tells a data file by the end of its name.
func formatOf(name string) (source.Format, bool) {
	switch name = strings.ToLower(name); {
	case strings.HasSuffix(name, ".parquet"):
		return source.Parquet, true
	case strings.HasSuffix(name, ".csv.gz"):
		return source.CSVGzip, true
	case strings.HasSuffix(name, ".csv"):
		return source.CSV, true
	}
	return "", false
}

const manifestSuffix = "-manifest.json"

func isManifestName(name string) bool {
	return strings.HasSuffix(strings.ToLower(name), "manifest.json")
}

// exportOfManifest reads the export's name off "<export>-Manifest.json".
func exportOfManifest(file string) string {
	name := filepath.Base(file)
	if cut := len(name) - len(manifestSuffix); cut > 0 && strings.EqualFold(name[cut:], manifestSuffix) {
		return name[:cut]
	}
	return ""
}

var chunkName = regexp.MustCompile(`^(.+)-(\d{5})(?:\.(?:[a-zA-Z0-9]+\.)?parquet|\.csv|\.csv\.gz)$`)

// exportOfChunk reads the export's name off "<export>-00001.snappy.parquet".
func exportOfChunk(name string) string {
	if m := chunkName.FindStringSubmatch(path.Base(name)); m != nil {
		return m[1]
	}
	return ""
}

// passedOver reports a file or folder that belongs to an export but holds no
// charges (Athena's table definition, a status folder), or is no file of a
// person (hidden ones and the markers of other writers).
func passedOver(name string, dir bool) bool {
	if strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_") {
		return true
	}
	if dir {
		return name == "execution_status" || name == "cost_and_usage_data_status"
	}
	switch strings.ToLower(filepath.Ext(name)) {
	case ".sql", ".yml", ".yaml":
		return true
	}
	return false
}
