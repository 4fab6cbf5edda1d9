package cur

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"showback"
)

// edited is the overwrite layout with one file changed, or removed by "".
func edited(name, text string) map[string]string {
	files := overwriteLayout()
	if delete(files, name); text != "" {
		files[name] = text
	}
	return files
}

func TestDiscoverFaults(t *testing.T) {
	const (
		octManifest = "p/cost/metadata/" + oct + "/cost-Manifest.json"
		octData     = "p/cost/data/" + oct + "/"
		s3          = "s3://b/" + octData + "cost-00001.snappy.parquet"
	)
	for _, c := range []struct {
		what  string
		files map[string]string
		kind  showback.Kind
		text  string
		hint  string
	}{
		{"a listed file is absent", edited(octData+"cost-00002.snappy.parquet", ""), showback.KindNotFound,
			"read manifest " + octManifest + ": 1 of its 2 data files are absent, first s3://b/" + octData + "cost-00002.snappy.parquet: looked for " + octData + "cost-00002.snappy.parquet",
			"copy the export's data folder too"},
		{"another month's chunk is no substitute", edited(octManifest, manifestOf("x", "s3://b/p/cost/data/"+oct+"/"+exec1+"/cost-00001.snappy.parquet")), showback.KindNotFound,
			"read manifest " + octManifest + ": 1 of its 1 data files are absent, first s3://b/" + octData + exec1 + "/cost-00001.snappy.parquet: looked for " + octData + exec1 + "/cost-00001.snappy.parquet",
			"copy the export's data folder too"},
		{"cut short", edited(octManifest, manifestOf("x", s3)[:100]), showback.KindCorrupt,
			"read manifest " + octManifest + ": cut short after 100 bytes: unexpected end of JSON input",
			"copy the manifest again"},
		{"empty", edited(octManifest, "\n"), showback.KindCorrupt,
			"read manifest " + octManifest + ": the file is empty", "copy the manifest again"},
		{"cut short within a name", edited(octManifest, `{"executionId":"x`), showback.KindCorrupt,
			"read manifest " + octManifest + ": cut short after 17 bytes: unexpected end of JSON input", "copy the manifest again"},
		{"cut short after a byte order mark", edited(octManifest, "\xef\xbb\xbf{"), showback.KindCorrupt,
			"read manifest " + octManifest + ": cut short after 4 bytes: unexpected end of JSON input", "copy the manifest again"},
		{"two texts", edited(octManifest, "\xef\xbb\xbf{}{"), showback.KindCorrupt,
			"read manifest " + octManifest + ": not JSON at byte 6: invalid character '{' after top-level value", "copy the manifest again"},
		{"UTF-16, low byte first", edited(octManifest, "\xff\xfe{\x00}\x00"), showback.KindCorrupt,
			"read manifest " + octManifest + ": found UTF-16 text, want UTF-8", "copy the manifest again"},
		{"UTF-16, high byte first", edited(octManifest, "\xfe\xff\x00{\x00}"), showback.KindCorrupt,
			"read manifest " + octManifest + ": found UTF-16 text, want UTF-8", "copy the manifest again"},
		{"UTF-16 without a byte order mark", edited(octManifest, "{\x00\"\x00"), showback.KindCorrupt,
			"read manifest " + octManifest + ": found UTF-16 text, want UTF-8", "copy the manifest again"},
		{"a byte order mark alone", edited(octManifest, "\xef\xbb\xbf"), showback.KindCorrupt,
			"read manifest " + octManifest + ": the file is empty", "copy the manifest again"},
		{"null", edited(octManifest, "null\n"), showback.KindCorrupt,
			"read manifest " + octManifest + ": found a JSON null, want an object", "copy the manifest again"},
		{"a text", edited(octManifest, `"x"`), showback.KindCorrupt,
			"read manifest " + octManifest + ": found a JSON string, want an object", "copy the manifest again"},
		{"not JSON", edited(octManifest, "<html>"), showback.KindCorrupt,
			"read manifest " + octManifest + ": not JSON at byte 1: invalid character '<' looking for beginning of value", "copy the manifest again"},
		{"a list", edited(octManifest, "[]"), showback.KindCorrupt,
			"read manifest " + octManifest + ": found a JSON array, want an object", "copy the manifest again"},
		{"a key of the wrong type", edited(octManifest, `{"dataFiles":"x"}`), showback.KindCorrupt,
			"read manifest " + octManifest + ": key dataFiles: found string, want a list", "copy the manifest again"},
		{"a period that is none", edited(octManifest, `{"dataFiles":["x"],"billingPeriod":{"start":"soon"}}`), showback.KindCorrupt,
			"read manifest " + octManifest + `: key billingPeriod: found {"start":"soon"}, want a month or a start and an end as dates`, "copy the manifest again"},
		{"no file at all", edited(octManifest, manifestOf("x")), showback.KindCorrupt,
			"read manifest " + octManifest + ": it names no data file", "a delivery has a data file"},
		{"two periods by files", edited(octManifest, manifestOf("x", s3, "s3://b/p/cost/data/"+nov+"/cost-00001.snappy.parquet")), showback.KindConflict,
			"read manifest " + octManifest + ": it names two billing periods, 2026-10 and 2026-11", "a delivery is of one billing period"},
		{"two periods by dates", edited(octManifest, `{"dataFiles":["`+s3+`"],"billingPeriod":{"start":"2026-10-01T00:00:00Z","end":"2026-11-02T00:00:00Z"}}`), showback.KindConflict,
			"read manifest " + octManifest + ": it names two billing periods, 2026-10 and 2026-11", "a delivery is of one billing period"},
		{"of another period", edited(octManifest, manifestOf("x", "s3://b/p/cost/data/"+nov+"/cost-00001.snappy.parquet")), showback.KindConflict,
			"read manifest " + octManifest + ": it is of 2026-11, its folder says 2026-10", "copy the manifest to the folder of its billing period"},
		{"of another export by name", edited(octManifest, strings.Replace(manifestOf("x", s3), "{", `{"exportName":"other",`, 1)), showback.KindConflict,
			"read manifest " + octManifest + ": found export other in its exportName, want cost as in its file name", "copy each export to a folder of its own"},
		{"of another export by ARN", edited(octManifest, strings.Replace(manifestOf("x", s3), "export/cost-", "export/other-", 1)), showback.KindConflict,
			"read manifest " + octManifest + ": found export other in its exportArn, want cost as in its file name", "copy each export to a folder of its own"},
		{"of another export by files", edited(octManifest, manifestOf("x", "s3://b/p/other/data/"+oct+"/cost-00001.snappy.parquet")), showback.KindConflict,
			"read manifest " + octManifest + ": found export other in the names of its data files, want cost as in its file name", "copy each export to a folder of its own"},
		{"of another export by name, its files absent", edited(octManifest, strings.ReplaceAll(manifestOf("x", "s3://b/p/other/data/"+oct+"/other-00001.csv.gz"), "export/cost-", "export/other-")), showback.KindConflict,
			"read manifest " + octManifest + ": found export other in its exportArn, want cost as in its file name", "copy each export to a folder of its own"},
		{"of another export in all it says", func() map[string]string {
			files := edited(octManifest, "")
			files["p/cost/metadata/"+oct+"/other-Manifest.json"] = strings.ReplaceAll(manifestOf("x", "s3://b/p/other/data/"+oct+"/other-00001.csv.gz"), "export/cost-", "export/other-")
			return files
		}(), showback.KindConflict,
			"read manifest p/cost/metadata/" + oct + "/other-Manifest.json: found export other, want cost as in the names of the data files there",
			"copy each export to a folder of its own"},
		{"two manifests", edited("p/cost/metadata/"+oct+"/other-Manifest.json", "{}"), showback.KindConflict,
			"read manifest " + octManifest + ": found another beside it, other-Manifest.json: want one for a delivery", "give the one that is meant"},
		{"outside the export", edited(octManifest, manifestOf("x", "s3://b/p/cost/../x/cost-00001.csv.gz")), showback.KindCorrupt,
			"read manifest " + octManifest + `: it names a data file outside the export: "s3://b/p/cost/../x/cost-00001.csv.gz"`, "copy the manifest again"},
		{"an unknown format", func() map[string]string {
			files := edited(octManifest, manifestOf("x", "s3://b/"+octData+"cost-00001.csv.zip"))
			files[octData+"cost-00001.csv.zip"] = "1"
			return files
		}(), showback.KindInvalid,
			"read manifest " + octManifest + ": data file s3://b/" + octData + "cost-00001.csv.zip: found an unknown format, want .parquet, .csv.gz or .csv", "choose Parquet"},
		{"a folder's name", edited("p/cost/data/BILLING_PERIOD=10-2026/x.csv", "1"), showback.KindInvalid,
			"list p/cost/data/BILLING_PERIOD=10-2026: parse month \"10-2026\": want YYYY-MM", "a period's folder is named like"},
		{"two exports in a folder", func() map[string]string {
			files := edited(octManifest, "")
			files["p/cost/metadata/"+oct+"/other-Manifest.json"] = `{"dataFiles":["data/` + oct + `/cost-00001.snappy.parquet"]}`
			return files
		}(), showback.KindConflict,
			"read manifest p/cost/metadata/" + nov + "/cost-Manifest.json: it is of export cost, and p/cost/metadata/" + oct + "/other-Manifest.json in the same folder is of other",
			"copy each export to a folder of its own"},
	} {
		t.Run(c.what, func(t *testing.T) {
			fails(t, write(t, c.files), "p", c.kind, c.text, c.hint)
		})
	}
}

func TestDiscoverNothing(t *testing.T) {
	root := write(t, map[string]string{"empty/": "", "other/readme.txt": "", "cost/data/" + oct + "/": ""})
	const hint = "give the folder of a CUR 2.0 export"
	const want = ": found no billing data, want a manifest, *.parquet, *.csv.gz or *.csv"
	fails(t, root, "empty", showback.KindNotFound, "find deliveries in empty"+want, hint)
	fails(t, root, "cost/data", showback.KindNotFound, "find deliveries in cost/data"+want, hint)
	fails(t, root, "absent", showback.KindNotFound, "find absent: no such file or directory", "give the folder that holds the export")
	fails(t, root, "other/readme.txt", showback.KindInvalid,
		"find other/readme.txt: found a file of another kind, want a manifest (.json) or data (.parquet, .csv.gz, .csv)", "give the export's folder")
}

// A path that holds nothing is an error even where another path holds something.
func TestDiscoverOneOfTwoPathsIsEmpty(t *testing.T) {
	root := write(t, edited("empty/", " "))
	_, _, err := Discover(under(root, []string{"p", "empty"}))
	if err == nil || showback.KindOf(err) != showback.KindNotFound {
		t.Errorf("got %v, want an error of the kind not found", err)
	}
}

func TestDataFolderNotCopied(t *testing.T) {
	files := overwriteLayout()
	for name := range files {
		if strings.HasPrefix(name, "p/cost/data/"+oct) {
			delete(files, name)
		}
	}
	root := write(t, files)
	if err := os.MkdirAll(filepath.Join(root, "p/cost/data", oct), 0o755); err != nil {
		t.Fatal(err)
	}
	fails(t, root, "p/cost/data/"+oct, showback.KindNotFound,
		"read manifest p/cost/metadata/"+oct+"/cost-Manifest.json: 2 of its 2 data files are absent, first s3://b/p/cost/data/"+oct+
			"/cost-00001.snappy.parquet: looked for p/cost/data/"+oct+"/cost-00001.snappy.parquet",
		"copy the export's data folder too")
}

func TestManifestWithoutFiles(t *testing.T) {
	manifest := "p/cost/metadata/" + oct + "/cost-Manifest.json"
	files := edited(manifest, `{"executionId":"x10","exportArn":"`+arn+`"}`)
	root := write(t, files)
	deliveries, _ := discover(t, root, manifest)
	equal(t, "overwrite", briefs(root, deliveries), []string{"cost 2026-10 x10 p/cost/data/" + oct +
		"/cost-00001.snappy.parquet p/cost/data/" + oct + "/cost-00002.snappy.parquet"})
	equal(t, "notes", deliveries[0].Notes, []string{"the manifest names no files: files found by listing"})

	files = newLayout()
	files[manifest] = `{"executionId":"bbbbbbbb-0000-1111-2222-333344445555"}`
	root = write(t, files)
	deliveries, _ = discover(t, root, "p")
	equal(t, "new executions", briefs(root, deliveries), []string{
		"cost 2026-10 bbbbbbbb-0000-1111-2222-333344445555 p/cost/data/" + oct + "/" + exec2 + "/cost-00001.csv.gz"})

	root = write(t, map[string]string{"cost/metadata/" + oct + "/cost-Manifest.json": `{"executionId":"x"}`})
	fails(t, root, "cost", showback.KindNotFound,
		"read manifest cost/metadata/"+oct+"/cost-Manifest.json: it does not say which files it is of, and no data file is in cost/metadata/"+oct,
		"copy the export's data folder too")
}

func TestEmptyManifestFile(t *testing.T) {
	name := "cost/metadata/" + oct + "/cost-Manifest.json"
	root := write(t, map[string]string{name: "", "cost/data/" + oct + "/cost-00001.csv.gz": "1"})
	fails(t, root, "cost", showback.KindCorrupt, "read manifest "+name+": the file is empty", "copy the manifest again")
}

// Without a manifest the numbers of the files are all that tells of a missing one.
func TestHoleInTheNumbers(t *testing.T) {
	for _, c := range []struct {
		what  string
		files []string
		text  string // empty: none is missing
	}{
		{"one within", []string{"cost-00001.csv.gz", "cost-00003.csv.gz"},
			"found data file cost-00003 and not cost-00002: missing 1 of 3"},
		{"the first", []string{"cost-00002.snappy.parquet"},
			"found data file cost-00002 and not cost-00001: missing 1 of 2"},
		{"several", []string{"cost-00002.csv", "cost-00004.csv", "cost-00007.csv"},
			"found data file cost-00007 and not cost-00001: missing 4 of 7"},
		{"of one of two", []string{"a-00001.csv", "a-00002.csv", "b-00001.csv", "b-00003.csv"},
			"found data file b-00003 and not b-00002: missing 1 of 3"},
		{"none", []string{"cost-00001.csv", "cost-00002.csv"}, ""},
		{"none, from zero", []string{"cost-00000.csv", "cost-00001.csv"}, ""},
		{"none, in two folders", []string{"part=1/cost-00001.csv", "part=2/cost-00002.csv"}, ""},
		{"no numbers", []string{"a.csv", "cost-2026.csv"}, ""},
	} {
		t.Run(c.what, func(t *testing.T) {
			files := map[string]string{}
			for _, name := range c.files {
				files["cost/data/"+oct+"/"+name] = "1"
			}
			root := write(t, files)
			if c.text == "" {
				if deliveries, _ := discover(t, root, "cost"); len(deliveries) != 1 || len(deliveries[0].Files) != len(c.files) {
					t.Errorf("got %q, want one delivery of %d files", briefs(root, deliveries), len(c.files))
				}
				return
			}
			fails(t, root, "cost", showback.KindNotFound, "find deliveries in cost/data/"+oct+": "+c.text,
				"copy the missing file too; to import what is there, give its data files by name")
			var named []string
			for name := range files {
				named = append(named, name)
			}
			if deliveries, _ := discover(t, root, named...); len(deliveries) != 1 || len(deliveries[0].Files) != len(c.files) {
				t.Errorf("by name: got %q, want one delivery of %d files", briefs(root, deliveries), len(c.files))
			}
		})
	}

	// A hole is one of the execution that is read, too; a manifest decides by itself.
	at := "cost/data/" + oct + "/" + exec1 + "/"
	root := write(t, map[string]string{at + "cost-00001.csv": "1", at + "cost-00003.csv": "3"})
	fails(t, root, "cost", showback.KindNotFound,
		"find deliveries in "+strings.TrimSuffix(at, "/")+": found data file cost-00003 and not cost-00002: missing 1 of 3", "copy the missing file")
	root = write(t, map[string]string{"cost/data/" + oct + "/cost-00001.csv": "1", "cost/data/" + oct + "/cost-00003.csv": "3",
		"cost/metadata/" + oct + "/cost-Manifest.json": manifestOf("x", "cost-00001.csv", "cost-00003.csv")})
	if deliveries, _ := discover(t, root, "cost"); len(deliveries) != 1 || len(deliveries[0].Files) != 2 {
		t.Errorf("by manifest: got %q, want one delivery of 2 files", briefs(root, deliveries))
	}
}

func TestTwoSpellingsOfAPeriod(t *testing.T) {
	lower := strings.ToLower(oct)
	root := write(t, map[string]string{"cost/data/" + oct + "/a.csv": "1", "cost/data/" + lower + "/b.csv": "2"})
	if entries, err := os.ReadDir(filepath.Join(root, "cost/data")); err != nil || len(entries) != 2 {
		t.Skip("this disk does not tell the case of names")
	}
	fails(t, root, "cost", showback.KindConflict,
		"find deliveries in cost: found two of 2026-10, cost/data/"+lower+" and cost/data/"+oct+": want one for a billing period",
		"give the one that is meant")
}
