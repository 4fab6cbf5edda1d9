package internal_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// module is the path of the module; its root package has the same.
const module = "showback"

// aside is the layer of what stands beside the product. Nothing of the layers
// imports it but by an entry of also, with the reason.
const aside = -1

// A room is a package and where it stands in the house.
type room struct {
	layer int
	// also are the packages of the same layer, or aside, that it may import,
	// each with the reason. Layers below it are open to it anyway, but for
	// those in never.
	also map[string]string
	// never are packages below it that it must not import, with the reason.
	never map[string]string
}

// rooms is the plan of the house: every package of the module, by its path
// below the root. A package imports those of lower layers; adapters (layer 2)
// and flows (layer 3) know one another only where the plan says so.
var rooms = map[string]room{
	".": {layer: 0},

	"internal/meter":    {layer: 1},
	"internal/identity": {layer: 1},
	"internal/tag":      {layer: 1},
	"internal/iamrule": {layer: 1, also: map[string]string{
		"internal/tag": "its rules are on the tags of principals",
	}},
	"internal/owners": {layer: 1, also: map[string]string{
		"internal/tag":      "its rules give tags",
		"internal/identity": "it matches callers by what they are",
	}},
	"internal/explore": {layer: 1},
	"internal/costexplorer": {layer: 1, also: map[string]string{
		"internal/explore": "it puts Cost Explorer's words into questions",
	}},
	"internal/forecast":     {layer: 1},
	"internal/awssetup":     {layer: 1},
	"internal/parquetcheck": {layer: 1},
	"internal/explore/exploretest": {layer: aside, also: map[string]string{
		"internal/explore": "it is the test language of questions",
	}},

	"internal/blob":          {layer: 2},
	"internal/blob/blobtest": {layer: aside},

	"internal/source": {layer: 2},
	"internal/source/cur": {layer: 2, also: map[string]string{
		"internal/source": "it names deliveries and mappings in the words of sources",
	}},
	"internal/ledger": {layer: 2, also: map[string]string{
		"internal/source": "it runs the mappings that sources give, which are data",
	}},
	"internal/directory":     {layer: 2},
	"internal/engine/mem":    {layer: 2},
	"internal/engine/sqlgen": {layer: 2},
	"internal/engine/duckdb": {layer: 2, also: map[string]string{
		"internal/ledger":        "it reads the snapshots that the ledger gives out",
		"internal/engine/sqlgen": "it runs the SQL that sqlgen writes",
	}},
	"internal/engine/sqldoor": {layer: 2, also: map[string]string{
		"internal/ledger": "it reads the snapshots that the ledger gives out",
	}},
	"internal/engine/enginetest": {layer: aside, also: map[string]string{
		"internal/engine/mem":          "it compares engines with the oracle",
		"internal/explore":             "engines answer its plans",
		"internal/explore/exploretest": "engines run its scripts",
		"internal/meter":               "it knows by itself what is not AI",
		"internal/source":              "it writes charges as deliveries",
	}},

	"internal/ingest":  {layer: 3},
	"internal/callers": {layer: 3},
	"internal/reconcile": {layer: 3, never: map[string]string{
		"internal/ledger":        "a proof is worth what it does not share with the import",
		"internal/source":        "a proof is worth what it does not share with the import",
		"internal/source/cur":    "a proof is worth what it does not share with the import",
		"internal/meter":         "a proof takes no rule from what it proves",
		"internal/tag":           "a proof takes no rule from what it proves",
		"internal/identity":      "a proof takes no rule from what it proves",
		"internal/engine/mem":    "it asks the engine it is given",
		"internal/engine/sqlgen": "it asks the engine it is given",
		"internal/engine/duckdb": "it asks the engine it is given",
	}},

	"internal/awsapi/sigv4": {layer: 4},
	"internal/awsapi/wire": {layer: 4, also: map[string]string{
		"internal/awsapi/sigv4": "it runs nothing that is not signed",
	}},
	"internal/awsapi/sts": {layer: 4, also: map[string]string{
		"internal/awsapi/wire":  "its operations are registered there",
		"internal/awsapi/sigv4": "it asks what a session is that signed",
	}},
	"internal/awsapi/account": {layer: 4, also: map[string]string{
		"internal/awsapi/wire":  "it writes callers down as the directory's actors",
		"internal/awsapi/sigv4": "it looks keys up in the directory",
		"internal/awsapi/sts":   "it has the directory make sessions",
	}},

	"internal/cli": {layer: 4,
		also: map[string]string{"internal/estate": "showback demo writes the synthetic company's bills"},
		never: map[string]string{
			"internal/engine/mem":    "a surface gets an engine from the wiring",
			"internal/engine/sqlgen": "SQL does not leak upward",
			"internal/engine/duckdb": "a surface gets an engine from the wiring",
			"internal/source/cur":    "deliveries come in through ingest",
		}},

	"internal/server": {layer: 4, never: map[string]string{
		"internal/ledger":        "it mounts surfaces and is told what the store holds",
		"internal/explore":       "it mounts surfaces and is told what the store holds",
		"internal/ingest":        "the wiring gives it what to call",
		"internal/engine/duckdb": "the wiring gives it what to call",
	}},
	"internal/awsapi/ce": {layer: 4, also: map[string]string{
		"internal/awsapi/wire": "its operations are registered there",
	}, never: map[string]string{
		"internal/engine/mem":    "a surface gets an engine from the wiring",
		"internal/engine/sqlgen": "SQL does not leak upward",
		"internal/engine/duckdb": "a surface gets an engine from the wiring",
		"internal/ledger":        "a surface asks questions",
	}},

	"internal/app": {layer: 5},
	"cmd/showback": {layer: 5, also: map[string]string{"internal/app": "it is what there is to start"}},

	"internal/estate": {layer: aside},
	"internal/bench": {layer: aside, also: map[string]string{
		"internal/estate":        "it measures on the synthetic company's bills",
		"internal/explore":       "it asks questions",
		"internal/engine/duckdb": "it is what is measured",
		"internal/ledger":        "it is what is measured",
	}},
}

// A ban keeps a package from outside the module to those that need it.
type ban struct {
	path   string // a package of the standard library, else the path and all below it
	only   []string
	reason string
}

var bans = []ban{
	{"github.com/duckdb/duckdb-go", []string{"internal/ledger", "internal/engine/duckdb", "internal/engine/sqldoor", "internal/bench"},
		"SQL stays in few rooms, and each test binary with DuckDB takes seconds to link"},
	{"modernc.org", []string{"internal/directory"}, "one database for state, with one owner"},
	{"database/sql", []string{"internal/directory", "internal/ledger", "internal/engine/duckdb", "internal/engine/sqldoor", "internal/bench"},
		"SQL stays in few rooms"},
	{"github.com/parquet-go/parquet-go", []string{"internal/estate", "internal/reconcile"},
		"they write and prove with code that the import does not have; the product reads Parquet with DuckDB"},
	{"github.com/spf13/cobra", []string{"internal/cli"}, "flags are a matter of the command line"},
	{"github.com/spf13/pflag", []string{"internal/cli"}, "flags are a matter of the command line"},
	{"github.com/vbauerster/mpb", []string{"internal/cli"}, "only a surface knows of a terminal"},
	{"github.com/jedib0t/go-pretty", []string{"internal/cli"}, "only a surface renders"},
	{"gonum.org/v1/gonum", []string{"internal/forecast"}, "statistics are of floats, which amounts are not"},
	{"golang.org/x/term", []string{"internal/cli"}, "only a surface knows of a terminal"},
	{"testing", []string{"internal/explore/exploretest", "internal/engine/enginetest", "internal/blob/blobtest"},
		"test code does not live in the product"},
	{"github.com/google/go-cmp", nil, "it is made for tests: it panics on what it cannot compare"},
	{"pgregory.net/rapid", nil, "it is made for tests"},
	{"github.com/aws/aws-sdk-go", nil, "it is the old SDK"},
	{"github.com/aws/aws-sdk-go-v2", []string{"internal/blob"}, "buckets are all that is read of AWS"},
	{"math/rand", nil, "an answer is the same every time"},
	{"math/rand/v2", []string{"internal/estate", "internal/engine/enginetest", "internal/bench"},
		"an answer is the same every time; the generators take seeds"},
	{"net", []string{"internal/blob", "internal/server"}, "nothing leaves the machine but requests to a bucket that the user named"},
	{"net/http", []string{"internal/blob", "internal/blob/blobtest", "internal/awsapi/sigv4", "internal/awsapi/wire", "internal/server"},
		"nothing leaves the machine but requests to a bucket that the user named; the AWS API answers, and asks nobody"},
}

// imports returns what each package of the module imports outside its tests,
// sorted, by the package's path below the root.
func imports(t *testing.T) map[string][]string {
	t.Helper()
	found := map[string]map[string]bool{}
	for _, path := range goFiles(t) {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), filepath.Join("..", path), nil, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		dir := filepath.ToSlash(filepath.Dir(path))
		if found[dir] == nil {
			found[dir] = map[string]bool{}
		}
		for _, spec := range file.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			found[dir][imported] = true
		}
	}
	sorted := map[string][]string{}
	for dir, set := range found {
		sorted[dir] = slices.Sorted(maps.Keys(set))
	}
	return sorted
}

// goFiles returns the module's Go files by their path below the root, with
// slashes. Folders that the go command leaves out (testdata, names that begin
// with a dot or an underscore) and modules of their own are not of it.
func goFiles(t *testing.T) []string {
	t.Helper()
	var files []string
	err := fs.WalkDir(os.DirFS(".."), ".", func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir():
			name := entry.Name()
			if path == "." {
				return nil
			}
			if name == "testdata" || name[0] == '.' || name[0] == '_' {
				return fs.SkipDir
			}
			if _, err := os.Stat(filepath.Join("..", path, "go.mod")); err == nil {
				return fs.SkipDir
			}
		case strings.HasSuffix(path, ".go"):
			files = append(files, path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Fatal("found no Go file below the module's root")
	}
	return files
}

func TestEveryPackageHasARoom(t *testing.T) {
	found := imports(t)
	for dir := range found {
		if _, ok := rooms[dir]; !ok {
			t.Errorf("package %s is not in the plan: give it a layer in internal/layer_test.go and a line in ARCHITECTURE.md", dir)
		}
	}
	for dir := range rooms {
		if _, ok := found[dir]; !ok {
			t.Errorf("the plan has package %s, which does not exist", dir)
		}
	}
}

func TestImportsGoDown(t *testing.T) {
	used := map[[2]string]bool{}
	for dir, imported := range imports(t) {
		from, ok := rooms[dir]
		if !ok {
			continue // TestEveryPackageHasARoom says so
		}
		for _, path := range imported {
			below, inside := below(path)
			if !inside {
				if dir == "." && !standard(path) {
					t.Errorf("the root package imports %s: the vocabulary takes the standard library only", path)
				}
				continue
			}
			if why := refuse(from, below); why != "" {
				t.Errorf("%s imports %s: %s", dir, below, why)
			}
			used[[2]string{dir, below}] = true
		}
	}
	for dir, r := range rooms {
		for path := range r.also {
			if !used[[2]string{dir, path}] {
				t.Errorf("the plan lets %s import %s, which it does not: take the entry out", dir, path)
			}
		}
	}
}

// refuse says why a package in from may not import the module's package below
// the root at path; "" when it may.
func refuse(from room, path string) string {
	to, ok := rooms[path]
	switch {
	case !ok:
		return "it is not in the plan"
	case from.never[path] != "":
		return from.never[path]
	case from.also[path] != "":
		return ""
	case to.layer == aside:
		return "it stands aside, for the demo and for tests"
	case from.layer == aside && path != ".":
		return "a package that stands aside imports the root and what its entry in the plan names"
	case from.layer != aside && to.layer >= from.layer:
		return "imports go down: layer " + strconv.Itoa(from.layer) + " to layer " + strconv.Itoa(to.layer)
	}
	return ""
}

func TestRefuse(t *testing.T) {
	f := func(from, to string, want bool) {
		t.Helper()
		if why := refuse(rooms[from], to); (why == "") != want {
			t.Errorf("%s imports %s: refused with %q, want allowed %v", from, to, why, want)
		}
	}
	f("internal/cli", "internal/ledger", true)
	f("internal/cli", "internal/estate", true)
	f("internal/ledger", "internal/source", true)
	f("internal/ledger", ".", true)
	f("internal/app", "internal/engine/duckdb", true)
	f("internal/ledger", "internal/ingest", false)               // up
	f("internal/ledger", "internal/source/cur", false)           // across
	f("internal/engine/duckdb", "internal/engine/mem", false)    // across
	f("internal/explore", "internal/explore/exploretest", false) // aside
	f("internal/ingest", "internal/estate", false)               // aside
	f("internal/estate", "internal/meter", false)                // shares no rule
	f("internal/reconcile", "internal/ledger", false)            // never
	f(".", "internal/meter", false)
	f("internal/cli", "internal/nowhere", false)
}

func TestBans(t *testing.T) {
	found := imports(t)
	for _, b := range bans {
		users := map[string]bool{}
		for dir, imported := range found {
			i := slices.IndexFunc(imported, b.covers)
			if i < 0 {
				continue
			}
			users[dir] = true
			if !slices.Contains(b.only, dir) {
				t.Errorf("%s imports %s, which only %s may: %s", dir, imported[i], orNone(b.only), b.reason)
			}
		}
		for _, dir := range b.only {
			if !users[dir] {
				t.Errorf("the ban on %s lets %s import it, which it does not: take the entry out", b.path, dir)
			}
		}
	}
}

func (b ban) covers(path string) bool {
	return path == b.path || !standard(b.path) && strings.HasPrefix(path, b.path+"/")
}

func orNone(dirs []string) string {
	if len(dirs) == 0 {
		return "tests"
	}
	return strings.Join(dirs, " and ")
}

// below returns a package's path below the module's root, "." for the root.
// ok is false for a package of another module.
func below(path string) (string, bool) {
	if path == module {
		return ".", true
	}
	return strings.CutPrefix(path, module+"/")
}

// standard reports whether the import path is the standard library's: its
// first element has no dot.
func standard(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return !strings.Contains(first, ".")
}

// ARCHITECTURE.md's map names the same packages as the plan, on the same layers.
func TestArchitectureMap(t *testing.T) {
	text, err := os.ReadFile("../ARCHITECTURE.md")
	if err != nil {
		t.Fatal(err)
	}
	mapped := architectureMap(t, string(text))
	for dir, layer := range mapped {
		r, ok := rooms[dir]
		switch {
		case !ok:
			t.Errorf("ARCHITECTURE.md's map names %s, which does not exist", dir)
		case r.layer != layer && r.layer != aside:
			t.Errorf("ARCHITECTURE.md has %s on layer %d, the plan on %d", dir, layer, r.layer)
		}
	}
	for dir := range rooms {
		if _, ok := mapped[dir]; !ok {
			t.Errorf("ARCHITECTURE.md's map does not name %s", dir)
		}
	}
}

var (
	quoted = regexp.MustCompile("`([^`]+)`")
	braces = regexp.MustCompile(`^(.*)\{(.*)\}$`)
)

// architectureMap reads the table under "## 2. Map": the packages in backquotes
// of its second column, with its first as their layer, and in its third those
// that end in a slash, which are below the row's first. Layer "–" is aside.
func architectureMap(t *testing.T, text string) map[string]int {
	t.Helper()
	_, section, ok := strings.Cut(text, "\n## 2. Map\n")
	if !ok {
		t.Fatal(`ARCHITECTURE.md has no section "## 2. Map"`)
	}
	section, _, _ = strings.Cut(section, "\n## ")
	mapped := map[string]int{}
	for line := range strings.Lines(section) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		if len(cells) != 3 {
			continue
		}
		layer, err := strconv.Atoi(strings.TrimSpace(cells[0]))
		if err != nil {
			layer = aside
		}
		if strings.TrimSpace(cells[1]) == "root" {
			mapped["."] = layer
			continue
		}
		first := ""
		for _, m := range quoted.FindAllStringSubmatch(cells[1], -1) {
			for _, dir := range expand(m[1]) {
				mapped[dir] = layer
				if first == "" {
					first = dir
				}
			}
		}
		for _, m := range quoted.FindAllStringSubmatch(cells[2], -1) {
			if name, ok := strings.CutSuffix(m[1], "/"); ok {
				mapped[first+"/"+name] = aside
			}
		}
	}
	return mapped
}

// expand writes internal/engine/{mem,duckdb} out.
func expand(path string) []string {
	m := braces.FindStringSubmatch(path)
	if m == nil {
		return []string{path}
	}
	var all []string
	for name := range strings.SplitSeq(m[2], ",") {
		all = append(all, m[1]+name)
	}
	return all
}
