package cur

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"showback"
	"showback/internal/source"
)

const (
	arn   = "arn:aws:bcm-data-exports:us-east-1:111122223333:export/cost-0a1b2c3d-0000-1111-2222-333344445555"
	exec1 = "2026-10-04T01:02:03.000Z-aaaaaaaa-0000-1111-2222-333344445555"
	exec2 = "2026-10-05T01:02:03.000Z-bbbbbbbb-0000-1111-2222-333344445555"
	exec3 = "2026-10-06T01:02:03.000Z-cccccccc-0000-1111-2222-333344445555"
	oct   = "BILLING_PERIOD=2026-10"
	nov   = "BILLING_PERIOD=2026-11"
)

// mtime is the time of change of every file that a test writes.
var mtime = time.Date(2026, 11, 20, 8, 0, 0, 0, time.UTC)

// write makes the files, by slash-separated path, under a new folder and
// returns the folder, without links in its path.
func write(t *testing.T, files map[string]string) string {
	t.Helper()
	root, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range files {
		path := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(name, "/") {
			if err := os.MkdirAll(path, 0o755); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, mtime, mtime); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

// manifestOf writes a manifest of the export "cost" with the data files.
func manifestOf(execution string, files ...string) string {
	for i, f := range files {
		files[i] = `"` + f + `"`
	}
	return `{"executionId":"` + execution + `","exportArn":"` + arn + `",` +
		`"columns":[{"name":"bill_payer_account_id","type":"string"},{"name":"line_item_unblended_cost","type":"double"}],` +
		`"dataFiles":[` + strings.Join(files, ",") + `]}`
}

// overwriteLayout is an export of two months that overwrites its files.
func overwriteLayout() map[string]string {
	return map[string]string{
		"p/cost/data/" + oct + "/cost-00001.snappy.parquet":  "one",
		"p/cost/data/" + oct + "/cost-00002.snappy.parquet":  "",
		"p/cost/data/" + nov + "/cost-00001.snappy.parquet":  "three",
		"p/cost/metadata/" + oct + "/cost-Manifest.json":     manifestOf("x10", "s3://b/p/cost/data/"+oct+"/cost-00001.snappy.parquet", "s3://b/p/cost/data/"+oct+"/cost-00002.snappy.parquet"),
		"p/cost/metadata/" + nov + "/cost-Manifest.json":     manifestOf("x11", "s3://b/p/cost/data/"+nov+"/cost-00001.snappy.parquet"),
		"p/cost/metadata/" + nov + "/cost-create-table.sql":  "CREATE …",
		"p/cost/execution_status/" + oct + "/something.json": "{}",
	}
}

// newLayout is an export of one month with three executions, of which the
// second is current.
func newLayout() map[string]string {
	files := map[string]string{}
	for id, execution := range map[string]string{"x1": exec1, "x2": exec2, "x3": exec3} {
		data := "p/cost/data/" + oct + "/" + execution + "/cost-00001.csv.gz"
		files[data] = id
		files["p/cost/metadata/"+oct+"/"+execution+"/cost-Manifest.json"] = manifestOf(id, "s3://b/"+data)
		if id == "x2" {
			files["p/cost/metadata/"+oct+"/cost-Manifest.json"] = manifestOf(id, "s3://b/"+data)
		}
	}
	return files
}

// brief writes a delivery in one line: export, month, id, files.
func brief(root string, d source.Delivery) string {
	words := []string{d.Export, string(d.Month)}
	if strings.HasPrefix(d.ID, "sha256:") {
		words = append(words, "digest")
	} else {
		words = append(words, d.ID)
	}
	for _, f := range d.Files {
		rel, err := filepath.Rel(root, f.Path)
		if err != nil {
			rel = f.Path
		}
		words = append(words, filepath.ToSlash(rel))
	}
	return strings.Join(words, " ")
}

func briefs(root string, deliveries []source.Delivery) []string {
	var all []string
	for _, d := range deliveries {
		all = append(all, brief(root, d))
	}
	return all
}

func skips(root string, skipped []Skipped) []string {
	var all []string
	for _, s := range skipped {
		rel, _ := filepath.Rel(root, s.Path)
		all = append(all, filepath.ToSlash(rel)+": "+s.Reason)
	}
	return all
}

// discover runs Discover on paths below root and fails the test on an error.
func discover(t *testing.T, root string, paths ...string) ([]source.Delivery, []Skipped) {
	t.Helper()
	deliveries, skipped, err := Discover(under(root, paths))
	if err != nil {
		t.Fatalf("Discover(%q): %v", paths, err)
	}
	return deliveries, skipped
}

func under(root string, paths []string) []string {
	paths = slices.Clone(paths)
	for i, p := range paths {
		paths[i] = filepath.Join(root, filepath.FromSlash(p))
	}
	return paths
}

// fails runs Discover on a path below root and checks its error: the text
// with root cut out, the kind and the hint's beginning.
func fails(t *testing.T, root, path string, kind showback.Kind, text, hint string) {
	t.Helper()
	_, _, err := Discover(under(root, []string{path}))
	if err == nil {
		t.Fatalf("Discover(%q) has no error, want %q", path, text)
	}
	if got := strings.ReplaceAll(filepath.ToSlash(err.Error()), filepath.ToSlash(root)+"/", ""); got != text {
		t.Errorf("Discover(%q)\n got %s\nwant %s", path, got, text)
	}
	if got := showback.KindOf(err); got != kind {
		t.Errorf("Discover(%q) is of kind %q, want %q", path, got, kind)
	}
	if got := showback.HintOf(err); !strings.HasPrefix(got, hint) || got == "" {
		t.Errorf("Discover(%q) has hint %q, want %q…", path, got, hint)
	}
}

// link makes symbolic links, by slash-separated path below root, to targets
// as they are given.
func link(t *testing.T, root string, targets map[string]string) {
	t.Helper()
	for name, target := range targets {
		path := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(target, path); err != nil {
			t.Skip("no symbolic links here: ", err)
		}
	}
}

func equal(t *testing.T, what string, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s\n got %s\nwant %s", what, strings.Join(got, "\n     "), strings.Join(want, "\n     "))
	}
}
