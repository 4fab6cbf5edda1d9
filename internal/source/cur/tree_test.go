package cur

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"

	"showback"
	"showback/internal/source"
)

func TestDiscoverInBucket(t *testing.T) {
	tree := bucketOfKeys(inBucket("b", overwriteLayout()))
	const root = "s3://b/p/cost/"
	october := "cost 2026-10 " + root + "metadata/" + oct + "/cost-Manifest.json " +
		root + "data/" + oct + "/cost-00001.snappy.parquet " + root + "data/" + oct + "/cost-00002.snappy.parquet"
	november := "cost 2026-11 " + root + "metadata/" + nov + "/cost-Manifest.json " + root + "data/" + nov + "/cost-00001.snappy.parquet"
	for _, c := range []struct {
		path string
		want []string
	}{
		{"/b", []string{october, november}},
		{"/b/", []string{october, november}},
		{"/b/p/cost", []string{october, november}},
		{"/b/p/cost/data", []string{october, november}},
		{"/b/p/cost/metadata/" + nov, []string{november}},
		{"/b/p/cost/metadata/" + oct + "/cost-Manifest.json", []string{october}},
		{"/b/p/cost/data/" + oct + "/cost-00001.snappy.parquet", []string{october}},
	} {
		deliveries, skipped, err := DiscoverIn(tree, []string{c.path})
		if err != nil || len(skipped) > 0 {
			t.Errorf("%s: %v, skipped %v", c.path, err, skipped)
		}
		equal(t, c.path, objectsOf(deliveries), c.want)
	}

	deliveries, _, err := DiscoverIn(tree, []string{"/b/p/cost/data/" + nov})
	if err != nil {
		t.Fatal(err)
	}
	d := deliveries[0]
	if !d.Made.Equal(mtime) || d.MadeFrom != "file time" {
		t.Errorf("Made: got %s from %q, want the manifest's last change", d.Made, d.MadeFrom)
	}
	want := source.File{Path: "/b/p/cost/data/" + nov + "/cost-00001.snappy.parquet", Name: root + "data/" + nov + "/cost-00001.snappy.parquet",
		Format: source.Parquet, Size: 5, Object: root + "data/" + nov + "/cost-00001.snappy.parquet"}
	if d.Files[0] != want {
		t.Errorf("File\n got %+v\nwant %+v", d.Files[0], want)
	}
}

// The same export gives the same deliveries from a folder and from a bucket.
func TestBucketIsLikeFolder(t *testing.T) {
	for what, files := range map[string]map[string]string{
		"overwrite": overwriteLayout(), "create new": newLayout(),
		"without manifests": {"cost/data/" + oct + "/cost-00001.csv.gz": "1", "cost/data/" + oct + "/cost-00002.csv.gz": "2"},
		"loose":             {"x/bill.csv": "1", "x/y/other.csv": "2", "x/readme.txt": ""},
	} {
		root := write(t, files)
		local, localSkipped := discover(t, root, ".")
		remote, remoteSkipped, err := DiscoverIn(bucketOfKeys(inBucket("b", files)), []string{"/b"})
		if err != nil {
			t.Fatal(err)
		}
		equal(t, what, briefs("/b", remote), briefs(root, local))
		for i := range remote {
			if got, want := remote[i].ID, local[i].ID; got != want {
				t.Errorf("%s: got the id %s in a bucket, %s in a folder", what, got, want)
			}
		}
		var got []string
		for _, s := range remoteSkipped {
			got = append(got, strings.TrimPrefix(s.Path, "s3://b/")+": "+s.Reason)
		}
		equal(t, what+" skipped", got, skips(root, localSkipped))
	}
}

func TestListingInBucketSaysThatMoreMayCome(t *testing.T) {
	tree := bucketOfKeys(map[string]string{"b/cost/data/" + oct + "/cost-00001.csv.gz": "1"})
	deliveries, _, err := DiscoverIn(tree, []string{"/b/cost"})
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "notes", deliveries[0].Notes, []string{"no manifest: files found by listing; a delivery may be under way"})
}

// What a manifest's URLs lead to, in the bucket and in copies.
func TestResolveInBucket(t *testing.T) {
	const file = "data/" + oct + "/cost-00001.csv.gz"
	const manifest = "metadata/" + oct + "/cost-Manifest.json"
	for _, c := range []struct {
		what, listed string
		objects      []string
		want         string
	}{
		{"the very object", "s3://b/p/cost/" + file, []string{"b/p/cost/" + file}, "s3://b/p/cost/" + file},
		{"the very object by another scheme", "s3a://b/p/cost/" + file, []string{"b/p/cost/" + file}, "s3://b/p/cost/" + file},
		{"not a longer end of the key", "s3://b/p/cost/" + file, []string{"b/p/cost/" + file, "b/p/cost/b/p/cost/" + file}, "s3://b/p/cost/" + file},
		{"copied to another bucket", "s3://payer/exports/cost/" + file, []string{"b/p/cost/" + file}, "s3://b/p/cost/" + file},
		{"copied to another prefix", "s3://b/cost/" + file, []string{"b/p/cost/" + file}, "s3://b/p/cost/" + file},
		{"copied, with the original beside it", "s3://b/cost/" + file, []string{"b/p/cost/" + file, "b/cost/" + file}, "s3://b/p/cost/" + file},
		{"a copy of the manifest alone", "s3://b/cost/" + file, []string{"b/cost/" + file}, "s3://b/cost/" + file},
		{"in another bucket that was asked for too", "s3://c/cost/" + file, []string{"c/cost/" + file}, "s3://c/cost/" + file},
		{"virtual host", "https://b.s3.eu-central-1.amazonaws.com/p/cost/" + file, []string{"b/p/cost/" + file}, "s3://b/p/cost/" + file},
		{"a key", "p/cost/" + file, []string{"b/p/cost/" + file}, "s3://b/p/cost/" + file},
	} {
		objects := map[string]string{"b/p/cost/" + manifest: manifestOf("x", c.listed), "c/bill.csv": ""}
		for _, key := range c.objects {
			objects[key] = "1"
		}
		deliveries, _, err := DiscoverIn(bucketOfKeys(objects), []string{"/b/p/cost/metadata", "/c/bill.csv"})
		var got []string
		for _, d := range deliveries {
			if d.Manifest != "" {
				got = append(got, objectsOf([]source.Delivery{d})...)
			}
		}
		equal(t, c.what+": "+fmt.Sprint(err), got, []string{"cost 2026-10 s3://b/p/cost/" + manifest + " " + c.want})
	}
}

func TestDiscoverInBucketFaults(t *testing.T) {
	const (
		manifest = "p/cost/metadata/" + oct + "/cost-Manifest.json"
		data     = "p/cost/data/" + oct + "/"
		second   = data + "cost-00002.snappy.parquet"
		underWay = "the delivery may be under way: try again in a few minutes; if the bucket holds a copy, copy the export's data folder too"
	)
	absent := "read manifest s3://b/" + manifest + ": 1 of its 2 data files are absent, first s3://b/" + second
	copied := map[string]string{}
	for name, text := range edited(second, "") {
		copied["copy/"+name] = text
	}
	for _, c := range []struct {
		what    string
		objects map[string]string
		known   []string // prefixes that the tree knows; all of it without
		path    string
		kind    showback.Kind
		text    string
		hint    string
	}{
		{"a listed object is absent", inBucket("b", edited(second, "")), nil, "/b/p", showback.KindNotFound, absent, underWay},
		{"asked for by the manifest, in a tree that knows more", inBucket("b", edited(second, "")), nil, "/b/" + manifest,
			showback.KindNotFound, absent, underWay},
		{"in a copy", inBucket("b", copied), nil, "/b/copy", showback.KindNotFound,
			"read manifest s3://b/copy/" + manifest + ": 1 of its 2 data files are absent, first s3://b/" + second +
				": looked for s3://b/copy/" + second, underWay},
		{"a copy of the manifest alone", map[string]string{"b/copy/cost-Manifest.json": overwriteLayout()[manifest]}, nil, "/b/copy", showback.KindNotFound,
			"read manifest s3://b/copy/cost-Manifest.json: 2 of its 2 data files are absent, first s3://b/" + data + "cost-00001.snappy.parquet" +
				": it is outside of s3://b/copy, which was asked for", "give s3://b/p/cost: the manifest's files are below it"},
		{"of another bucket", inBucket("c", copied), nil, "/c/copy", showback.KindNotFound,
			"read manifest s3://c/copy/" + manifest + ": 1 of its 2 data files are absent, first s3://b/" + second +
				": looked for s3://c/copy/" + second, underWay},
		{"a prefix without the data", inBucket("b", overwriteLayout()), []string{"/b/p/cost/metadata"}, "/b/p/cost/metadata/" + oct, showback.KindNotFound,
			"read manifest s3://b/" + manifest + ": 2 of its 2 data files are absent, first s3://b/" + data +
				"cost-00001.snappy.parquet: it is outside of s3://b/p/cost/metadata/" + oct + ", which was asked for",
			"give s3://b/p/cost: the manifest's files are below it"},
		{"a prefix without the data, of another bucket", inBucket("c", overwriteLayout()), []string{"/c/p/cost/metadata"}, "/c/p/cost/metadata/" + oct, showback.KindNotFound,
			"read manifest s3://c/" + manifest + ": 2 of its 2 data files are absent, first s3://b/" + data + "cost-00001.snappy.parquet: looked for s3://c/" + data +
				"cost-00001.snappy.parquet: it is outside of s3://c/p/cost/metadata/" + oct + ", which was asked for",
			"give s3://c/p/cost: the manifest's files are below it"},
		{"a prefix without the manifests", inBucket("b", overwriteLayout()), []string{"/b/p/cost/data"}, "/b/p/cost/data", showback.KindInvalid,
			"find deliveries in s3://b/p/cost/data: its manifests are outside of it, in s3://b/p/cost/metadata",
			"give s3://b/p/cost, which holds both"},
		{"a data object alone", inBucket("b", overwriteLayout()), []string{"/b/" + second}, "/b/" + second, showback.KindInvalid,
			"find deliveries in s3://b/" + second + ": its manifests are outside of it, in s3://b/p/cost/metadata",
			"give s3://b/p/cost, which holds both"},
		{"cut short", inBucket("b", edited(manifest, `{"dataFiles":[`)), nil, "/b", showback.KindCorrupt,
			"read manifest s3://b/" + manifest + ": cut short after 14 bytes: unexpected end of JSON input",
			"try again when no delivery is under way; if the bucket holds a copy, copy the manifest again"},
		{"of another period", inBucket("b", edited(manifest, manifestOf("x", "s3://b/p/cost/data/"+nov+"/cost-00001.snappy.parquet"))), nil, "/b",
			showback.KindConflict, "read manifest s3://b/" + manifest + ": it is of 2026-11, its folder says 2026-10", "copy the manifest to the folder"},
		{"nothing", map[string]string{"b/readme.txt": ""}, nil, "/b", showback.KindNotFound,
			"find deliveries in s3://b: found no billing data, want a manifest, *.parquet, *.csv.gz or *.csv", "give the prefix of a CUR 2.0 export"},
		{"no such prefix", map[string]string{"b/readme.txt": ""}, nil, "/b/cost", showback.KindNotFound,
			"find s3://b/cost: file does not exist", "give the prefix that holds the export, whole up to a slash, or an object of it"},
		{"another kind of object", map[string]string{"b/readme.txt": ""}, nil, "/b/readme.txt", showback.KindInvalid,
			"find s3://b/readme.txt: found a file of another kind, want a manifest (.json) or data (.parquet, .csv.gz, .csv)", "give the export's folder"},
		{"two spellings of a period", map[string]string{
			"b/cost/" + oct + "/cost-00001.csv": "1", "b/cost/" + strings.ToLower(oct) + "/cost-00001.csv": "1"}, nil, "/b", showback.KindConflict,
			"find deliveries in s3://b/cost: found two of 2026-10, s3://b/cost/" + strings.ToLower(oct) + " and s3://b/cost/" + oct + ": want one for a billing period",
			"give the one that is meant"},
		{"one object in two deliveries", map[string]string{
			"b/bill/x.csv": "1", "b/one/a-manifest.json": `{"dataFiles":["s3://b/bill/x.csv"]}`, "b/two/b-manifest.json": `{"dataFiles":["s3://b/bill/x.csv"]}`},
			nil, "/b", showback.KindConflict,
			"find deliveries: data file s3://b/bill/x.csv is in two of them, s3://b/one/a-manifest.json and s3://b/two/b-manifest.json",
			"give the manifest of the one that is meant"},
	} {
		t.Run(c.what, func(t *testing.T) {
			failsIn(t, bucketOfKeys(c.objects, c.known...), c.path, c.kind, c.text, c.hint)
		})
	}
}

func failsIn(t *testing.T, tree Tree, path string, kind showback.Kind, text, hint string) {
	t.Helper()
	deliveries, _, err := DiscoverIn(tree, []string{path})
	if err == nil {
		t.Fatalf("DiscoverIn(%q) found %q, want the error %q", path, objectsOf(deliveries), text)
	}
	if err.Error() != text {
		t.Errorf("DiscoverIn(%q)\n got %s\nwant %s", path, err, text)
	}
	if got := showback.KindOf(err); got != kind {
		t.Errorf("DiscoverIn(%q) is of kind %q, want %q", path, got, kind)
	}
	if got := showback.HintOf(err); !strings.HasPrefix(got, hint) || got == "" {
		t.Errorf("DiscoverIn(%q) has the hint\n got %s\nwant %s…", path, got, hint)
	}
}

// Errors of the tree keep their kind and hint and are wrapped once; that a
// bucket does not answer is never taken for an empty one.
func TestFaultsOfTheTree(t *testing.T) {
	const (
		root     = "/b/p/cost"
		manifest = root + "/metadata/" + oct + "/cost-Manifest.json"
	)
	denied := showback.WithHint(showback.Errorf(showback.KindDenied, "access denied"), "allow s3:GetObject on it")
	changed := showback.WithHint(showback.Errorf(showback.KindConflict, "changed while it was read"), "try again")
	ofPath := func(err error) error { return &fs.PathError{Op: "get", Path: "s3://b/x", Err: err} }
	for _, c := range []struct {
		what, at, path string
		err            error
		kind           showback.Kind
		text, hint     string
	}{
		{"read denied", "read " + manifest, root, denied, showback.KindDenied,
			"read manifest s3:/" + manifest + ": access denied", "allow s3:GetObject on it"},
		{"read denied, with a path", "read " + manifest, root, ofPath(denied), showback.KindDenied,
			"read manifest s3:/" + manifest + ": access denied", "allow s3:GetObject on it"},
		{"a cause with a path", "read " + manifest, root, showback.WithHint(showback.Errorf(showback.KindThrottled, "get it: %w", ofPath(errors.New("slow down"))), "wait"),
			showback.KindThrottled, "read manifest s3:/" + manifest + ": get it: get s3://b/x: slow down", "wait"},
		{"changed", "read " + manifest, root, changed, showback.KindConflict,
			"read manifest s3:/" + manifest + ": changed while it was read", "try again"},
		{"stat of what was asked for", root, root, denied, showback.KindDenied, "find s3:/" + root + ": access denied", "allow"},
		{"stat of the manifests beside the data", root + "/metadata/" + oct, root + "/data/" + oct, denied, showback.KindDenied,
			"find s3:/" + root + "/metadata/" + oct + ": access denied", "allow"},
		{"stat of a data file", root + "/data/" + oct + "/cost-00002.snappy.parquet", root, denied, showback.KindDenied,
			"read data file s3:/" + root + "/data/" + oct + "/cost-00002.snappy.parquet: access denied", "allow"},
		{"a list that is not given", "/b/p/cost/data", "/b", denied, showback.KindDenied, "list s3://b/p/cost/data: access denied", "allow"},
	} {
		t.Run(c.what, func(t *testing.T) {
			tree := bucketOfKeys(inBucket("b", overwriteLayout()))
			tree.faults[c.at] = c.err
			failsIn(t, tree, c.path, c.kind, c.text, c.hint)
			if _, _, err := DiscoverIn(tree, []string{c.path}); !errors.Is(err, bare(c.err)) {
				t.Errorf("%v does not hold its cause", err)
			}
		})
	}

	tree := bucketOfKeys(inBucket("b", overwriteLayout()))
	tree.faults["read "+manifest] = fmt.Errorf("connection reset")
	_, _, err := DiscoverIn(tree, []string{root})
	if want := "read manifest s3:/" + manifest + ": connection reset"; err == nil || err.Error() != want || showback.KindOf(err) != showback.KindUnavailable {
		t.Errorf("got %v of kind %q, want %q, unavailable", err, showback.KindOf(err), want)
	}
}

// An object with the path of a prefix is one file, and what is below is found.
func TestObjectWithThePathOfAPrefix(t *testing.T) {
	tree := bucketOfKeys(map[string]string{"b/x/a.csv": "1", "b/x/a.csv/b.csv": "2"})
	deliveries, _, err := DiscoverIn(tree, []string{"/b"})
	if err != nil {
		t.Fatal(err)
	}
	got := objectsOf(deliveries)
	slices.Sort(got)
	equal(t, "deliveries", got, []string{"a  listed s3://b/x/a.csv", "b  listed s3://b/x/a.csv/b.csv"})
}
