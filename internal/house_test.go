package internal_test

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// maxLines is where a file is to be split.
const maxLines = 500

func TestPackageDocs(t *testing.T) {
	docs := map[string][]string{} // by package, the files with a package comment
	for _, path := range goFiles(t) {
		dir := filepath.ToSlash(filepath.Dir(path))
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		if _, known := docs[dir]; !known {
			docs[dir] = nil // a package without any is to be found, too
		}
		file, err := parser.ParseFile(token.NewFileSet(), filepath.Join("..", path), nil, parser.ParseComments|parser.PackageClauseOnly)
		if err != nil {
			t.Fatal(err)
		}
		if file.Doc == nil {
			continue
		}
		docs[dir] = append(docs[dir], path)
		want := "Package " + file.Name.Name + " "
		if file.Name.Name == "main" {
			want = "Command "
		}
		if !strings.HasPrefix(file.Doc.Text(), want) {
			t.Errorf("%s: the package comment does not begin with %q", path, want)
		}
	}
	for dir, files := range docs {
		if len(files) != 1 {
			t.Errorf("package %s has %d package comments in %q, want one", dir, len(files), files)
		}
	}
}

func TestFilesAreShort(t *testing.T) {
	for _, path := range goFiles(t) {
		text := read(t, path)
		if lines := bytes.Count(text, []byte("\n")); lines > maxLines {
			t.Errorf("%s has %d lines, more than %d: split it by what it is about", path, lines, maxLines)
		}
	}
}

// vague are names that say nothing of what is inside and so collect anything.
var vague = []string{"util", "utils", "common", "helper", "helpers", "model", "models", "type", "types",
	"misc", "shared", "base", "lib", "core", "manager", "pkg"}

func TestNoVagueFolders(t *testing.T) {
	for dir := range imports(t) {
		for name := range strings.SplitSeq(dir, "/") {
			if slices.Contains(vague, name) {
				t.Errorf("folder %s: %q says nothing of what is inside", dir, name)
			}
		}
	}
}

func TestNoReplace(t *testing.T) {
	directive := regexp.MustCompile(`(?m)^\s*replace\b`)
	for _, path := range []string{"go.mod", "tools/go.mod"} {
		if found := directive.Find(read(t, path)); found != nil {
			t.Errorf("%s has a replace directive: a build must not depend on what is beside the checkout", path)
		}
	}
}

// floats are the places outside tests where a number may be a float, each with
// the reason. A path that ends in a slash stands for all below it.
var floats = map[string]string{
	"internal/estate/":                    "how busy an application is; amounts are whole numbers of their last digit",
	"internal/forecast/":                  "statistics; a forecast is an estimate, comes out as a decimal and is never shown as billed",
	"internal/server/":                    "seconds of a metric",
	"internal/ledger/amount.go":           "a bound by which a segment's scale is chosen; no amount comes of it",
	"internal/ledger/inplace.go":          "the same bound",
	"internal/reconcile/amount.go":        "a delivered double, read as the shortest decimal that reads back as it",
	"internal/reconcile/parquetamount.go": "a delivered double, handed to the reader of doubles",
	"internal/source/cur/manifest.go":     "a time in a manifest, as JSON gives it",
}

// Money is exact, so a float is suspect wherever it stands: they are few
// enough to name each file.
func TestNoFloats(t *testing.T) {
	used := map[string]bool{}
	for _, path := range goFiles(t) {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		files := token.NewFileSet()
		file, err := parser.ParseFile(files, filepath.Join("..", path), nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			name, ok := n.(*ast.Ident)
			if !ok || name.Name != "float64" && name.Name != "float32" {
				return true
			}
			for allowed := range floats {
				if path == allowed || strings.HasSuffix(allowed, "/") && strings.HasPrefix(path, allowed) {
					used[allowed] = true
					return true
				}
			}
			t.Errorf("%s:%d: %s: amounts are showback.Decimal; if this is none, say why in internal/house_test.go",
				path, files.Position(name.Pos()).Line, name.Name)
			return true
		})
	}
	for allowed := range floats {
		if !used[allowed] {
			t.Errorf("%s is allowed floats and has none: take the entry out", allowed)
		}
	}
}

// clocks are the files outside tests that may read the clock: everything else
// is given the time. The SQL door's watch ends what runs too long;
// random questions take their seed from the clock, and say it; the server waits
// for the next sync.
var clocks = []string{
	"internal/cli/main.go", "internal/bench/clock.go", "internal/engine/sqldoor/watch.go", "internal/engine/enginetest/random.go",
	"internal/server/sync.go",
}

func TestClockIsPassedIn(t *testing.T) {
	reading := regexp.MustCompile(`\btime\.(Now|Since|Until|Sleep|After|Tick|NewTimer|NewTicker)\b`)
	for _, path := range goFiles(t) {
		if strings.HasSuffix(path, "_test.go") || slices.Contains(clocks, path) {
			continue
		}
		if found := reading.Find(read(t, path)); found != nil {
			t.Errorf("%s calls %s: the clock is passed in", path, found)
		}
	}
}

func TestNothingLeftToDo(t *testing.T) {
	mark := regexp.MustCompile(`\b(TO` + `DO|FIX` + `ME|X` + `XX)\b`) // put together, so as not to find itself
	for _, path := range goFiles(t) {
		if found := mark.Find(read(t, path)); found != nil {
			t.Errorf("%s has a %s: do it or file it", path, found)
		}
	}
}

// read returns the content of a file by its path below the module's root.
func read(t *testing.T, path string) []byte {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("..", path))
	if err != nil {
		t.Fatal(err)
	}
	return content
}
