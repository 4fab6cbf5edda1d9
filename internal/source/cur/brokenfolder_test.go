package cur

import (
	"os"
	"path/filepath"
	"testing"

	"showback"
)

// Folders, links and rights that stand in the way, as a person meets them.

func TestLinkThatLeadsNowhere(t *testing.T) {
	const (
		data     = "cost/data/" + oct + "/"
		metadata = "cost/metadata/" + oct + "/"
		copyIt   = "copy the manifest again"
		partly   = "copy the missing file too"
		giveIt   = "give the folder that holds the export"
	)
	for _, c := range []struct {
		what  string
		files map[string]string
		links map[string]string
		path  string
		kind  showback.Kind
		text  string
		hint  string
	}{
		{"a folder's link to itself", nil, map[string]string{"self": "self"}, "self", showback.KindInvalid,
			"find self: too many levels of symbolic links", "it is a link that leads back to itself"},
		{"two links to each other", nil, map[string]string{"a": "b", "b": "a"}, "a/cost", showback.KindInvalid,
			"find a/cost: too many levels of symbolic links", "it is a link that leads back to itself"},
		{"a broken link", nil, map[string]string{"bills": "elsewhere/bills"}, "bills", showback.KindNotFound,
			"find bills: it is a link to elsewhere/bills, which is not there", giveIt},
		{"below a file", map[string]string{"x.csv": "1"}, nil, "x.csv/cost", showback.KindNotFound,
			"find x.csv/cost: not a directory", giveIt},
		{"a manifest", map[string]string{data + "cost-00001.csv": "1"}, map[string]string{metadata + "cost-Manifest.json": "gone.json"},
			"cost", showback.KindNotFound,
			"read manifest " + metadata + "cost-Manifest.json: no such file or directory", copyIt},
		{"a manifest beside the data", map[string]string{data + "cost-00001.csv": "1"}, map[string]string{metadata + "cost-Manifest.json": "gone.json"},
			data, showback.KindNotFound,
			"read manifest " + metadata + "cost-Manifest.json: no such file or directory", copyIt},
		{"a manifest's link to itself", map[string]string{data + "cost-00001.csv": "1"}, map[string]string{metadata + "cost-Manifest.json": "cost-Manifest.json"},
			"cost", showback.KindInvalid,
			"read manifest " + metadata + "cost-Manifest.json: too many levels of symbolic links", copyIt},
		{"a data file that the manifest names",
			map[string]string{metadata + "cost-Manifest.json": manifestOf("x", "s3://b/"+data+"cost-00001.csv")}, map[string]string{data + "cost-00001.csv": "gone.csv"},
			"cost", showback.KindNotFound,
			"read manifest " + metadata + "cost-Manifest.json: 1 of its 1 data files are absent, first s3://b/" + data + "cost-00001.csv: looked for " + data + "cost-00001.csv",
			"copy the export's data folder too, with the folders below it"},
		{"a data file among those listed", map[string]string{data + "cost-00001.csv": "1"}, map[string]string{data + "cost-00002.csv": "gone.csv"},
			"cost", showback.KindNotFound, "read data file " + data + "cost-00002.csv: no such file or directory", partly},
		{"a data file outside the layout", map[string]string{"x/a.csv": "1"}, map[string]string{"x/b.csv": "b.csv"},
			"x", showback.KindInvalid, "read data file x/b.csv: too many levels of symbolic links", partly},
		{"one file by two names", map[string]string{data + "cost-00001.csv": "1", metadata + "cost-Manifest.json": manifestOf("x", "s3://b/"+data+"cost-00001.csv", "s3://b/"+data+"cost-00002.csv")},
			map[string]string{data + "cost-00002.csv": "cost-00001.csv"}, "cost", showback.KindConflict,
			"read manifest " + metadata + "cost-Manifest.json: data files s3://b/" + data + "cost-00001.csv and s3://b/" + data + "cost-00002.csv are the same file here: " + data + "cost-00002.csv",
			"keep the folders of the bucket"},
	} {
		t.Run(c.what, func(t *testing.T) {
			root := write(t, c.files)
			link(t, root, c.links)
			fails(t, root, c.path, c.kind, c.text, c.hint)
		})
	}

	// What no delivery needs is named and not in the way.
	root := write(t, overwriteLayout())
	link(t, root, map[string]string{"p/notes": "gone", "p/cost/data/" + nov + "/old.parquet": "gone.parquet"})
	deliveries, skipped := discover(t, root, "p")
	if len(deliveries) != 2 {
		t.Errorf("got %q, want both months", briefs(root, deliveries))
	}
	equal(t, "skipped", skips(root, skipped), []string{
		"p/cost/data/" + nov + "/old.parquet: it cannot be read: no such file or directory",
		"p/notes: it cannot be read: no such file or directory"})
	// The file that is there can be had by its name.
	root = write(t, map[string]string{"x/a.csv": "1"})
	link(t, root, map[string]string{"x/b.csv": "b.csv"})
	deliveries, _ = discover(t, root, "x/a.csv")
	equal(t, "by name", briefs(root, deliveries), []string{"a  digest x/a.csv"})
}

func TestLoopOfFolders(t *testing.T) {
	root := write(t, overwriteLayout())
	link(t, root, map[string]string{
		"p/cost/data/" + oct + "/again": "..",                   // to a folder above
		"p/cost/data/back":              "../../../p",           // around
		"p/one":                         "two", "p/two": "cost", // one after the other
	})
	deliveries, skipped := discover(t, root, ".")
	equal(t, "deliveries", briefs(root, deliveries), []string{
		"cost 2026-10 x10 p/cost/data/" + oct + "/cost-00001.snappy.parquet p/cost/data/" + oct + "/cost-00002.snappy.parquet",
		"cost 2026-11 x11 p/cost/data/" + nov + "/cost-00001.snappy.parquet"})
	equal(t, "skipped", skips(root, skipped), nil)
}

func TestNoPermission(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("the superuser may read everything")
	}
	const hint = "give the user that runs showback the right to read it"
	const metadata = "p/cost/metadata/" + oct
	for _, c := range []struct {
		what, closed string
		path, text   string
	}{
		{"a folder", "p/cost/data", "p", "list p/cost/data: permission denied"},
		{"the folder that was asked for", "p", "p", "list p: permission denied"},
		{"a folder above it", "p", "p/cost", "find p/cost: permission denied"},
		{"the metadata beside the data", metadata, "p/cost/data/" + oct, "list " + metadata + ": permission denied"},
		{"the folder above the metadata", "p/cost/metadata", "p/cost/data/" + oct, "find " + metadata + ": permission denied"},
		{"a manifest", metadata + "/cost-Manifest.json", "p", "read manifest " + metadata + "/cost-Manifest.json: permission denied"},
	} {
		t.Run(c.what, func(t *testing.T) {
			root := write(t, overwriteLayout())
			closed := filepath.Join(root, filepath.FromSlash(c.closed))
			if err := os.Chmod(closed, 0); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = os.Chmod(closed, 0o755) })
			want := hint
			if c.what == "a folder above it" {
				want = "give"
			}
			fails(t, root, c.path, showback.KindDenied, c.text, want)
		})
	}
}
