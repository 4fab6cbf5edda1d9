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

func TestDiscoverOverwrite(t *testing.T) {
	root := write(t, overwriteLayout())
	october := "cost 2026-10 x10 p/cost/data/" + oct + "/cost-00001.snappy.parquet p/cost/data/" + oct + "/cost-00002.snappy.parquet"
	november := "cost 2026-11 x11 p/cost/data/" + nov + "/cost-00001.snappy.parquet"
	for _, c := range []struct {
		paths []string
		want  []string
	}{
		{[]string{"."}, []string{october, november}},
		{[]string{"p"}, []string{october, november}},
		{[]string{"p/cost"}, []string{october, november}},
		{[]string{"p/cost/data"}, []string{october, november}},
		{[]string{"p/cost/metadata"}, []string{october, november}},
		{[]string{"p/cost/data/" + oct}, []string{october}},
		{[]string{"p/cost/metadata/" + nov}, []string{november}},
		{[]string{"p/cost/metadata/" + oct + "/cost-Manifest.json"}, []string{october}},
		{[]string{"p/cost/data/" + oct + "/cost-00001.snappy.parquet"}, []string{october}},
		{[]string{"p/cost/data/" + nov, "p", "p/cost/data/" + nov + "/cost-00001.snappy.parquet"}, []string{october, november}},
	} {
		deliveries, skipped := discover(t, root, c.paths...)
		equal(t, strings.Join(c.paths, " "), briefs(root, deliveries), c.want)
		equal(t, strings.Join(c.paths, " ")+" skipped", skips(root, skipped), nil)
	}
}

func TestDeliveryOfManifest(t *testing.T) {
	root := write(t, overwriteLayout())
	deliveries, _ := discover(t, root, "p/cost/data/"+oct+"/cost-00001.snappy.parquet")
	d := deliveries[0]
	if d.ARN != arn {
		t.Errorf("ARN: got %q, want %q", d.ARN, arn)
	}
	if want := filepath.Join(root, "p/cost/metadata", oct, "cost-Manifest.json"); d.Manifest != want {
		t.Errorf("Manifest: got %q, want %q", d.Manifest, want)
	}
	if !d.Made.Equal(mtime) || d.MadeFrom != "file time" {
		t.Errorf("Made: got %s from %q, want %s from the file time", d.Made, d.MadeFrom, mtime)
	}
	want := []source.File{
		{Path: filepath.Join(root, "p/cost/data", oct, "cost-00001.snappy.parquet"),
			Name: "s3://b/p/cost/data/" + oct + "/cost-00001.snappy.parquet", Format: source.Parquet, Size: 3},
		// A surplus chunk that AWS has emptied is a file of the delivery like any other.
		{Path: filepath.Join(root, "p/cost/data", oct, "cost-00002.snappy.parquet"),
			Name: "s3://b/p/cost/data/" + oct + "/cost-00002.snappy.parquet", Format: source.Parquet, Size: 0},
	}
	if !slices.Equal(d.Files, want) {
		t.Errorf("Files\n got %v\nwant %v", d.Files, want)
	}
	if want := []source.Column{{Name: "bill_payer_account_id", Type: "string"}, {Name: "line_item_unblended_cost", Type: "double"}}; !slices.Equal(d.Declared, want) {
		t.Errorf("Declared: got %v, want %v", d.Declared, want)
	}
	equal(t, "Notes", d.Notes, []string{"asked for 1 of the delivery's 2 files: all are read"})
}

func TestDiscoverNewExecutions(t *testing.T) {
	root := write(t, newLayout())
	file := func(execution string) string { return "p/cost/data/" + oct + "/" + execution + "/cost-00001.csv.gz" }
	first, second := "cost 2026-10 x1 "+file(exec1), "cost 2026-10 x2 "+file(exec2)
	third := "cost 2026-10 x3 " + file(exec3)
	at := "p/cost/data/" + oct + "/"
	for _, c := range []struct {
		paths []string
		want  []string
		skips []string
	}{
		{[]string{"."}, []string{second}, []string{
			at + exec1 + ": superseded by execution " + exec2,
			at + exec3 + ": not current: it is newer than execution " + exec2 + ", which the manifest names"}},
		{[]string{"p/cost/metadata/" + oct + "/cost-Manifest.json"}, []string{second}, []string{
			at + exec1 + ": superseded by execution " + exec2,
			at + exec3 + ": not current: it is newer than execution " + exec2 + ", which the manifest names"}},
		{[]string{at + exec1}, []string{first}, nil},
		{[]string{file(exec1)}, []string{first}, nil},
		{[]string{"p/cost/metadata/" + oct + "/" + exec1}, []string{first}, nil},
		{[]string{"p/cost/metadata/" + oct + "/" + exec1 + "/cost-Manifest.json"}, []string{first}, nil},
		{[]string{at + exec3, at + exec1}, []string{third}, []string{at + exec1 + ": superseded by execution " + exec3}},
	} {
		deliveries, skipped := discover(t, root, c.paths...)
		equal(t, strings.Join(c.paths, " "), briefs(root, deliveries), c.want)
		equal(t, strings.Join(c.paths, " ")+" skipped", skips(root, skipped), c.skips)
	}
	deliveries, _ := discover(t, root, "p")
	if want := time.Date(2026, 10, 5, 1, 2, 3, 0, time.UTC); !deliveries[0].Made.Equal(want) || deliveries[0].MadeFrom != "execution" {
		t.Errorf("Made: got %s from %q, want %s from the execution", deliveries[0].Made, deliveries[0].MadeFrom, want)
	}

	// Without the top-level manifest the latest execution is current.
	if err := os.Remove(filepath.Join(root, "p/cost/metadata", oct, "cost-Manifest.json")); err != nil {
		t.Fatal(err)
	}
	deliveries, skipped := discover(t, root, "p")
	equal(t, "latest", briefs(root, deliveries), []string{third})
	equal(t, "latest skipped", skips(root, skipped), []string{
		at + exec1 + ": superseded by execution " + exec3, at + exec2 + ": superseded by execution " + exec3})
	equal(t, "latest notes", deliveries[0].Notes, []string{"no top-level manifest: the latest execution is read, " + exec3})
}

func TestDiscoverExecutionsWithoutManifests(t *testing.T) {
	at := "cost/data/" + oct + "/"
	root := write(t, map[string]string{
		at + exec1 + "/cost-00001.csv.gz": "1",
		at + exec2 + "/cost-00001.csv.gz": "2",
	})
	deliveries, skipped := discover(t, root, "cost")
	equal(t, "all", briefs(root, deliveries), []string{"cost 2026-10 digest " + at + exec2 + "/cost-00001.csv.gz"})
	equal(t, "all skipped", skips(root, skipped), []string{at + exec1 + ": superseded: " + exec2 + " is newer"})
	deliveries, _ = discover(t, root, at+exec1)
	equal(t, "first", briefs(root, deliveries), []string{"cost 2026-10 digest " + at + exec1 + "/cost-00001.csv.gz"})
	if deliveries[0].MadeFrom != "execution" {
		t.Errorf("MadeFrom: got %q, want execution", deliveries[0].MadeFrom)
	}

	// An old execution whose manifest was not copied is still what its path says.
	root = write(t, map[string]string{
		at + exec1 + "/cost-00001.csv.gz":              "1",
		at + exec2 + "/cost-00001.csv.gz":              "2",
		"cost/metadata/" + oct + "/cost-Manifest.json": manifestOf("x2", "s3://b/p/"+at+exec2+"/cost-00001.csv.gz"),
	})
	deliveries, _ = discover(t, root, at+exec1+"/cost-00001.csv.gz")
	equal(t, "old", briefs(root, deliveries), []string{"cost 2026-10 digest " + at + exec1 + "/cost-00001.csv.gz"})
	equal(t, "old notes", deliveries[0].Notes, []string{"no manifest: files found by listing"})
	deliveries, _ = discover(t, root, at+exec2)
	equal(t, "named by the top", briefs(root, deliveries), []string{"cost 2026-10 x2 " + at + exec2 + "/cost-00001.csv.gz"})
}

func TestDiscoverListing(t *testing.T) {
	root := write(t, map[string]string{
		"bill/" + oct + "/part=1/a.parquet":     "1",
		"bill/" + oct + "/part=2/b.parquet":     "22",
		"bill/" + oct + "/_SUCCESS":             "",
		"bill/" + oct + "/.a.parquet.crc":       "",
		"bill/" + nov + "/cost-00001.csv":       "3",
		"loose/cost-00001.csv.gz":               "4",
		"loose/cost-00002.csv.gz":               "5",
		"loose/readme.txt":                      "",
		"loose/one/bills.csv":                   "6",
		"loose/" + exec2 + "/cost-00001.csv.gz": "7",
		"many/a.txt":                            "", "many/b.txt": "", "many/c.txt": "", "many/d.txt": "",
		"many/x.csv": "8",
	})
	deliveries, skipped := discover(t, root, ".")
	equal(t, "all", briefs(root, deliveries), []string{
		"bill 2026-10 digest bill/" + oct + "/part=1/a.parquet bill/" + oct + "/part=2/b.parquet",
		"bill 2026-11 digest bill/" + nov + "/cost-00001.csv",
		"bills  digest loose/one/bills.csv",
		"cost  digest loose/cost-00001.csv.gz loose/cost-00002.csv.gz",
		"cost  digest loose/" + exec2 + "/cost-00001.csv.gz",
		"x  digest many/x.csv",
	})
	equal(t, "all skipped", skips(root, skipped), []string{
		"loose/readme.txt: no billing data", "many: 4 files (a.txt, b.txt, c.txt, …): no billing data"})
	for _, d := range deliveries {
		equal(t, "notes of "+brief(root, d), d.Notes, []string{"no manifest: files found by listing"})
		if d.Manifest != "" || d.ARN != "" || d.Declared != nil {
			t.Errorf("%s: manifest %q, ARN %q, declared %v: want none", brief(root, d), d.Manifest, d.ARN, d.Declared)
		}
	}
	if d := deliveries[0]; !d.Made.Equal(mtime) || d.MadeFrom != "file time" || d.Files[0].Name != oct+"/part=1/a.parquet" {
		t.Errorf("got made %s from %q, first file %q", d.Made, d.MadeFrom, d.Files[0].Name)
	}
	if d := deliveries[4]; d.MadeFrom != "execution" {
		t.Errorf("a copied execution's folder: made from %q, want execution", d.MadeFrom)
	}

	deliveries, _ = discover(t, root, "loose/cost-00002.csv.gz")
	equal(t, "one file", briefs(root, deliveries), []string{"cost  digest loose/cost-00002.csv.gz"})
	equal(t, "one file's notes", deliveries[0].Notes, []string{
		"no manifest: files found by listing", "only 1 of the 2 data files there were asked for"})
	deliveries, _ = discover(t, root, "loose/cost-00002.csv.gz", "loose/cost-00001.csv.gz")
	equal(t, "two files", briefs(root, deliveries), []string{"cost  digest loose/cost-00001.csv.gz loose/cost-00002.csv.gz"})
}

func TestDigestIsOfNamesAndSizes(t *testing.T) {
	id := func(files map[string]string) string {
		deliveries, _ := discover(t, write(t, files), ".")
		if len(deliveries) != 1 {
			t.Fatalf("%v: got %d deliveries, want 1", files, len(deliveries))
		}
		return deliveries[0].ID
	}
	one := id(map[string]string{"a/" + oct + "/x.csv": "123"})
	if got := id(map[string]string{"elsewhere/b/" + oct + "/x.csv": "321"}); got != one {
		t.Errorf("a copy: got %s, want %s", got, one)
	}
	for _, other := range []string{"a/" + nov + "/x.csv", "a/" + oct + "/y.csv"} {
		if got := id(map[string]string{other: "123"}); got == one {
			t.Errorf("%s has the id of another file", other)
		}
	}
	if got := id(map[string]string{"a/" + oct + "/x.csv": "1234"}); got == one {
		t.Errorf("a longer file has the same id")
	}
}

func TestMonthWithoutManifestAmongOthers(t *testing.T) {
	files := overwriteLayout()
	delete(files, "p/cost/metadata/"+nov+"/cost-Manifest.json")
	root := write(t, files)
	deliveries, skipped := discover(t, root, "p")
	if len(deliveries) != 1 || deliveries[0].Month != "2026-10" {
		t.Errorf("got %q, want October alone", briefs(root, deliveries))
	}
	equal(t, "skipped", skips(root, skipped), []string{"p/cost/data/" + nov + ": no manifest, which the export's other months have: " +
		"its delivery may not be complete; give this folder to import it as it is"})
	deliveries, _ = discover(t, root, "p/cost/data/"+nov)
	equal(t, "named", briefs(root, deliveries), []string{"cost 2026-11 digest p/cost/data/" + nov + "/cost-00001.snappy.parquet"})
}

func TestLeftOverChunks(t *testing.T) {
	files := overwriteLayout()
	files["p/cost/data/"+nov+"/cost-00002.snappy.parquet"] = "old"
	root := write(t, files)
	deliveries, skipped := discover(t, root, "p/cost/data/"+nov)
	equal(t, "deliveries", briefs(root, deliveries), []string{"cost 2026-11 x11 p/cost/data/" + nov + "/cost-00001.snappy.parquet"})
	equal(t, "skipped", skips(root, skipped), []string{"p/cost/data/" + nov + "/cost-00002.snappy.parquet: the manifest does not name it"})
	fails(t, root, "p/cost/data/"+nov+"/cost-00002.snappy.parquet", showback.KindConflict,
		"find p/cost/data/"+nov+"/cost-00002.snappy.parquet: manifest p/cost/metadata/"+nov+"/cost-Manifest.json does not name it",
		"it is left over from another delivery")
}

func TestLooseManifest(t *testing.T) {
	root := write(t, map[string]string{
		"oct/cost-Manifest.json": manifestOf("x10", "s3://b/p/cost/data/"+oct+"/cost-00001.csv.gz"),
		"oct/cost-00001.csv.gz":  "1",
		"oct/other.csv":          "2",
		"app/manifest.json":      `{"name":"an app","icons":[]}`,
		"app/x.csv":              "3",
	})
	deliveries, skipped := discover(t, root, "oct", "app")
	equal(t, "all", briefs(root, deliveries), []string{"cost 2026-10 x10 oct/cost-00001.csv.gz", "x  digest app/x.csv"})
	equal(t, "skipped", skips(root, skipped), []string{
		"app/manifest.json: no manifest of an export", "oct/other.csv: the manifest in its folder does not name it"})
	deliveries, _ = discover(t, root, "oct/cost-00001.csv.gz")
	equal(t, "its file", briefs(root, deliveries), []string{"cost 2026-10 x10 oct/cost-00001.csv.gz"})
	deliveries, _ = discover(t, root, "oct/other.csv")
	equal(t, "another file", briefs(root, deliveries), []string{"other  digest oct/other.csv"})
}

func TestCopiesOfADelivery(t *testing.T) {
	files := overwriteLayout()
	for name, text := range overwriteLayout() {
		if strings.Contains(name, oct) {
			files["backup/"+name] = text
		}
	}
	older := strings.Replace(manifestOf("x9", "s3://b/p/cost/data/"+nov+"/cost-00001.snappy.parquet"),
		"{", `{"completedAt":"2026-11-01T00:00:00Z",`, 1)
	files["z/cost/metadata/"+nov+"/cost-Manifest.json"] = older
	files["z/cost/data/"+nov+"/cost-00001.snappy.parquet"] = "0"
	root := write(t, files)
	deliveries, skipped := discover(t, root, ".")
	if got := briefs(root, deliveries); len(got) != 2 || !strings.HasPrefix(got[0], "cost 2026-10 x10") || !strings.HasPrefix(got[1], "cost 2026-11 x11") {
		t.Errorf("got %q, want x10 and x11", got)
	}
	equal(t, "skipped", skips(root, skipped), []string{
		"p/cost/metadata/" + oct + "/cost-Manifest.json: the same delivery as " + root + "/backup/p/cost/metadata/" + oct + "/cost-Manifest.json",
		"z/cost/metadata/" + nov + "/cost-Manifest.json: superseded by a newer delivery of the same export: " + root + "/p/cost/metadata/" + nov + "/cost-Manifest.json"})
}

func TestLinks(t *testing.T) {
	root := write(t, overwriteLayout())
	link := func(target, name string) {
		t.Helper()
		if err := os.Symlink(target, filepath.Join(root, name)); err != nil {
			t.Skip("no symbolic links here: ", err)
		}
	}
	link(root, "p/loop")                                        // above itself
	link(filepath.Join(root, "p/self"), "p/self")               // onto itself
	link(filepath.Join(root, "p/cost"), "a-first-in-order")     // a second name
	link(filepath.Join(root, "p/cost/data", oct), "p/this-one") // a way in
	deliveries, skipped := discover(t, root, ".")
	got := briefs(root, deliveries)
	if len(got) != 2 || !strings.HasSuffix(got[1], " p/cost/data/"+nov+"/cost-00001.snappy.parquet") {
		t.Errorf("got %q, want both months by their own names", got)
	}
	if got := skips(root, skipped); len(got) != 1 || !strings.HasPrefix(got[0], "p/self: it cannot be read: ") {
		t.Errorf("skipped %q, want the link onto itself", got)
	}
	deliveries, _ = discover(t, root, "p/this-one")
	if len(deliveries) != 1 || deliveries[0].ID != "x10" {
		t.Errorf("a link into the export: got %q, want x10", briefs(root, deliveries))
	}
}

func TestOtherTablesAreNotTaken(t *testing.T) {
	files := overwriteLayout()
	files["cur1/20260401-20260501/cur1-Manifest.json"] = `{"assemblyId":"a","columns":[{"category":"identity","name":"LineItemId"}],` +
		`"reportKeys":["p/cur1/20260401-20260501/a/cur1-1.csv.gz"]}`
	files["cur1/20260401-20260501/a/cur1-Manifest.json"] = files["cur1/20260401-20260501/cur1-Manifest.json"]
	files["cur1/20260401-20260501/a/cur1-1.csv.gz"] = "1"
	files["cur1p/20260401-20260501/cur1p-Manifest.json"] = `{"assemblyId":"a","reportKeys":["p/cur1p/cur1p/year=2026/month=4/cur1p-00001.snappy.parquet"]}`
	files["cur1p/cur1p/year=2026/month=4/cur1p-00001.snappy.parquet"] = "1"
	files["focus/data/"+oct+"/focus-00001.csv.gz"] = "1"
	files["focus/metadata/"+oct+"/focus-Manifest.json"] = `{"executionId":"f","columns":[{"name":"BilledCost"}],"dataFiles":["s3://b/focus/data/` + oct + `/focus-00001.csv.gz"]}`
	files["carbon/metadata/"+oct+"/carbon-Manifest.json"] = `{"executionId":"c","columns":[{"name":"usage_month"}],"dataFiles":[]}`
	root := write(t, files)
	deliveries, skipped := discover(t, root, ".")
	if len(deliveries) != 2 || deliveries[0].Export != "cost" || deliveries[1].Export != "cost" {
		t.Errorf("got %q, want the two months of cost", briefs(root, deliveries))
	}
	equal(t, "skipped", skips(root, skipped), []string{
		"carbon/metadata/" + oct + "/carbon-Manifest.json: this is no CUR 2.0: none of its columns begins with line_item_ or bill_",
		"cur1/20260401-20260501/a/cur1-Manifest.json: legacy CUR is not read yet",
		"cur1/20260401-20260501/cur1-Manifest.json: legacy CUR is not read yet",
		"cur1p/20260401-20260501/cur1p-Manifest.json: legacy CUR is not read yet",
		"focus/metadata/" + oct + "/focus-Manifest.json: FOCUS is not read yet",
	})
	const hint = "create a CUR 2.0 export"
	fails(t, root, "cur1", showback.KindInvalid, "find deliveries in cur1: legacy CUR is not read yet", hint)
	fails(t, root, "cur1p", showback.KindInvalid, "find deliveries in cur1p: legacy CUR is not read yet", hint)
	fails(t, root, "focus/data", showback.KindInvalid, "find deliveries in focus/data: FOCUS is not read yet", hint)
}

func TestKeboolaSample(t *testing.T) {
	dir, err := filepath.Abs("../../../../shared/samples/keboola-cur-s3-layout")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(dir); err != nil {
		t.Skip("no ../shared/samples/keboola-cur-s3-layout beside the checkout")
	}
	data := "cur_2_0/s3_structure/mock-cur-v2-bucket/data/BILLING_PERIOD=2024-09/MockTestReportV2-00001.csv.gz"
	want := "MockTestReportV2 2024-09 test-exec-id-12345 "
	for _, path := range []string{"cur_2_0/s3_structure", "cur_2_0", ".", data} {
		deliveries, _ := discover(t, dir, path)
		equal(t, path, briefs(dir, deliveries), []string{want + data})
	}
	deliveries, _ := discover(t, dir, "cur_2_0/cur2_manifest.json")
	equal(t, "manifest alone", briefs(dir, deliveries), []string{want + "cur_2_0/MockTestReportV2-00001.csv.gz"})
	columns := slices.Clone(deliveries[0].Declared)
	for i := range columns {
		columns[i].Type = "VARCHAR" // it is a CSV
	}
	if m, err := Map(columns); err != nil || !m.Has(source.Unblended) || m.Has(source.Caller) {
		t.Errorf("Map of its columns: %v, %v", m, err)
	}
	fails(t, dir, "cur_1_0/s3_structure", showback.KindInvalid,
		"find deliveries in cur_1_0/s3_structure: legacy CUR is not read yet", "create a CUR 2.0 export")
}
