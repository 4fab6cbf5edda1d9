package cli

import (
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"showback"
	"showback/internal/callers"
	"showback/internal/ingest"
	"showback/internal/ledger"
	"showback/internal/reconcile"
)

// jsonShapes are the sections of docs/json.md, each with the type that it
// describes.
var jsonShapes = []struct {
	section string
	of      reflect.Type
}{
	{"explore", reflect.TypeFor[answerJSON]()},
	{"figures", reflect.TypeFor[figuresJSON]()},
	{"changes", reflect.TypeFor[changesJSON]()},
	{"change", reflect.TypeFor[changeJSON]()},
	{"figure", reflect.TypeFor[figureJSON]()},
	{"forecast", reflect.TypeFor[outlookJSON]()},
	{"group", reflect.TypeFor[outlookGroupJSON]()},
	{"forecast --backtest", reflect.TypeFor[backtestJSON]()},
	{"import", reflect.TypeFor[ingest.Report]()},
	{"delivery list and show", reflect.TypeFor[deliveries]()},
	{"check", reflect.TypeFor[ledger.Checkup]()},
	{"source list and show", reflect.TypeFor[sources]()},
	{"principal list, show and unknown", reflect.TypeFor[principals]()},
	{"principal import", reflect.TypeFor[intakeReport]()},
	{"principal tag --file", reflect.TypeFor[ownersReport]()},
	{"part", reflect.TypeFor[callers.Part]()},
	{"amount in a currency", reflect.TypeFor[callers.Amount]()},
	{"key create", reflect.TypeFor[createdKey]()},
	{"key list", reflect.TypeFor[keys]()},
	{"init", reflect.TypeFor[accountView]()},
	{"source sync", reflect.TypeFor[syncReport]()},
	{"reconcile", reflect.TypeFor[reconcile.Report]()},
	{"reconcile --invoices", reflect.TypeFor[reconcile.Invoices]()},
	{"reconcile --against", reflect.TypeFor[reconcile.AgainstReport]()},
	{"total", reflect.TypeFor[reconcile.Total]()},
	{"side", reflect.TypeFor[reconcile.Figure]()},
	{"cause", reflect.TypeFor[reconcile.Cause]()},
}

// fieldsOf returns a line "path type" for each value below a type, in order,
// as the document writes it.
func fieldsOf(of reflect.Type, at string, root bool) []string {
	if !root {
		for _, s := range jsonShapes {
			if s.of == of {
				return []string{at + " " + s.section}
			}
		}
	}
	switch {
	case of.Kind() == reflect.Pointer:
		return alternative(fieldsOf(of.Elem(), at, false), at, " or null")
	case of == reflect.TypeFor[showback.Decimal]():
		return []string{at + " amount"}
	case of == reflect.TypeFor[showback.Month]():
		return []string{at + " month"}
	case of == reflect.TypeFor[time.Time]():
		return []string{at + " time"}
	}
	switch of.Kind() {
	case reflect.Slice:
		return fieldsOf(of.Elem(), at+"[]", false)
	case reflect.Map:
		return fieldsOf(of.Elem(), at+".*", false)
	case reflect.String:
		return []string{at + " text"}
	case reflect.Int, reflect.Int64:
		return []string{at + " count"}
	case reflect.Bool:
		return []string{at + " flag"}
	case reflect.Struct:
		return structFields(of, at)
	}
	panic("a type that the document has no word for: " + of.String())
}

func structFields(of reflect.Type, at string) []string {
	var lines []string
	for i := range of.NumField() {
		f := of.Field(i)
		switch {
		case f.Anonymous:
			lines = append(lines, structFields(f.Type, at)...)
			continue
		case !f.IsExported():
			continue
		}
		name, option, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "" {
			panic("no json name: " + of.String() + "." + f.Name)
		}
		path := strings.TrimPrefix(at+"."+name, ".")
		inner := fieldsOf(f.Type, path, false)
		if strings.Contains(option, "omitempty") {
			for i := range inner { // an absent pointer is never null
				inner[i] = strings.TrimSuffix(inner[i], " or null")
			}
			if inner[0] == path { // to an object, whose parts follow
				inner = inner[1:]
			}
			inner = alternative(inner, path, " or absent")
		}
		lines = append(lines, inner...)
	}
	return lines
}

// alternative says that what stands at the path may be something else; an
// object or a list, whose parts are listed, has a line of its own then.
func alternative(lines []string, at, what string) []string {
	if len(lines) == 1 && strings.HasPrefix(lines[0], at+" ") {
		return []string{lines[0] + what}
	}
	return slices.Concat([]string{at + what}, lines)
}

var jsonRow = regexp.MustCompile("^\\| `([^`]+)` \\| ([^|]*) \\|[^|]*\\|$")

// documented returns the lines of each section of docs/json.md, as fieldsOf
// writes them.
func documented(t *testing.T) map[string][]string {
	t.Helper()
	text, err := os.ReadFile("../../docs/json.md")
	if err != nil {
		t.Fatal(err)
	}
	sections, section := map[string][]string{}, ""
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSuffix(line, "\n")
		if title, ok := strings.CutPrefix(line, "## "); ok {
			section = strings.ToLower(title)
		}
		m := jsonRow.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		what := m[2]
		if rest, ok := strings.CutPrefix(what, "day"); ok { // a day is a text to the program
			what = "text" + rest
		}
		sections[section] = append(sections[section], m[1]+" "+what)
	}
	return sections
}

func TestJSONDocument(t *testing.T) {
	sections := documented(t)
	for _, s := range jsonShapes {
		if diff := cmp.Diff(fieldsOf(s.of, "", true), sections[s.section]); diff != "" {
			t.Errorf("docs/json.md, %s (-the program +the document):\n%s", s.section, diff)
		}
		delete(sections, s.section)
	}
	if len(sections) > 0 {
		t.Errorf("docs/json.md: sections of nothing: %v", sections)
	}
}

// jsonKinds are the words of the document as encoding/json reads them.
var jsonKinds = map[string]string{"text": "string", "amount": "string", "month": "string", "time": "string", "count": "float64", "flag": "bool"}

// everyPath adds the paths and JSON types below a section to shapes, as the
// command shape of the scripts writes them, but for the keys of objects.
func everyPath(sections map[string][]string, section, at string, shapes map[string]bool) {
	for _, line := range sections[section] {
		path, what, _ := strings.Cut(line, " ")
		path = strings.TrimPrefix(at+"."+path, ".")
		kind := strings.TrimSuffix(strings.TrimSuffix(what, " or absent"), " or null")
		if strings.HasSuffix(what, "or null") {
			shapes[path+" null"] = true
		}
		if strings.HasSuffix(path, "[]") {
			shapes[path] = true // an empty list
		}
		for i := range len(path) {
			if strings.HasPrefix(path[i:], "[].") {
				shapes[path[:i+2]] = true
			}
		}
		if json, ok := jsonKinds[kind]; ok {
			shapes[path+" "+json] = true
		} else if sections[kind] != nil {
			everyPath(sections, kind, path, shapes)
		}
	}
}

// What the scripts froze of the JSON is in the document.
func TestJSONDocumentHasFrozen(t *testing.T) {
	sections := documented(t)
	f := func(script, section string) {
		t.Helper()
		shapes := map[string]bool{}
		everyPath(sections, section, "", shapes)
		archive, err := txtar.ParseFile("testdata/script/" + script)
		if err != nil {
			t.Fatal(err)
		}
		frozen := 0
		for _, file := range archive.Files {
			if file.Name != "shape.txt" {
				continue
			}
			for line := range strings.Lines(string(file.Data)) {
				frozen++
				line = strings.TrimSpace(line)
				if key := keyOfObject.FindStringSubmatch(line); key != nil {
					line = key[1] + ".*" + key[2]
				}
				if !shapes[line] {
					t.Errorf("docs/json.md, %s: %q of %s is not in it", section, line, script)
				}
			}
		}
		if frozen < 20 {
			t.Errorf("%s freezes %d fields, want more", script, frozen)
		}
	}
	f("import.txtar", "import")
	f("delivery.txtar", "delivery list and show")
	f("reconcile.txtar", "reconcile")
	f("invoices.txtar", "reconcile --invoices")
	f("against.txtar", "reconcile --against")
	f("principal.txtar", "principal list, show and unknown")
	f("owners.txtar", "principal tag --file")
}

// keyOfObject matches a path that ends with a key of an object with any keys.
var keyOfObject = regexp.MustCompile(`^(.*\.(?:amounts|reject_cost|tag_keys))\.[^. ]+( .*)$`)
