package cur

import (
	"fmt"
	"path"
	"reflect"
	"slices"
	"strings"
	"testing"

	"showback"
	"showback/internal/source"
)

// FuzzDiscoverIn looks for deliveries in buckets of any keys, one a line, in
// which every manifest has the same text.
func FuzzDiscoverIn(f *testing.F) {
	const data, metadata = "b/p/cost/data/" + oct + "/", "b/p/cost/metadata/" + oct + "/"
	keys := func(lines ...string) string { return strings.Join(lines, "\n") }
	f.Add(keys(data+"cost-00001.csv.gz", data+"cost-00002.csv.gz", metadata+"cost-Manifest.json"),
		manifestOf("x", "s3://"+data+"cost-00001.csv.gz", "s3://"+data+"cost-00002.csv.gz"))
	f.Add(keys(data+exec1+"/cost-00001.csv.gz", data+exec2+"/cost-00001.csv.gz", metadata+exec1+"/cost-Manifest.json",
		metadata+exec2+"/cost-Manifest.json", metadata+"cost-Manifest.json"), manifestOf("x", "s3://"+data+exec2+"/cost-00001.csv.gz"))
	f.Add(keys(data+exec1+"/cost-00001.csv.gz", data+exec1+"/cost-00003.csv.gz", data+exec2+"/cost-00001.csv.gz", metadata+"cost-Manifest.json"),
		`{"executionId":"x"}`)
	f.Add(keys("b/cost/"+oct+"/a.csv", "b/cost/"+strings.ToLower(oct)+"/a.csv", "b/cost/data/"+oct+"/a.csv", "b/cost/metadata/"+oct+"/m/manifest.json"),
		`{"dataFiles":["a.csv"]}`)
	f.Add(keys("b/x/a.csv", "b/x/a.csv/b.csv", "b/x/a-manifest.json", "b/y/b-manifest.json"), `{"dataFiles":["s3://b/x/a.csv","x/a.csv"]}`)
	f.Add(keys(data+"cost-00001.parquet", "b/copy/metadata/"+oct+"/cost-Manifest.json", metadata+"cost-Manifest.json"),
		`{"exportName":"cost","dataFiles":["s3://`+data+`cost-00001.parquet"],"billingPeriod":"2026-10"}`)
	f.Add(keys(data+oct+"/a.csv", "b/data/"+oct+"/a.csv", "b/"+oct+"/data/"+nov+"/a.csv", "b/"+oct), "null")
	f.Add(keys("b/l/20260401-20260501/l-Manifest.json", "b/l/20260401-20260501/a/l-1.csv.gz", "b/l/20260401-20260501/a/l-Manifest.json"),
		`{"assemblyId":"a","columns":[{"category":"identity","name":"LineItemId"}],"reportKeys":["l/20260401-20260501/a/l-1.csv.gz"]}`)
	f.Add(keys("b/BILLING_PERIOD=2026-13/a.csv", "b/ü/ \u202e/a-99999.csv", "c/manifest.json"), `{"dataFiles":["s3://c/../b/x.csv"]}`)
	f.Fuzz(func(t *testing.T, keys, manifest string) {
		objects := map[string]string{}
		for key := range strings.SplitSeq(keys, "\n") {
			if objects[key] = "1"; isManifestName(key) {
				objects[key] = manifest
			}
		}
		tree := bucketOfKeys(objects)
		asked := []string{"/", "/b", "/b/p/cost"}
		for at := range tree.objects {
			asked = append(asked, at, path.Dir(at))
		}
		slices.Sort(asked)
		asked = slices.Compact(asked)
		for _, at := range asked[:min(len(asked), 12)] {
			for _, paths := range [][]string{{at}, {at, asked[len(asked)-1]}} {
				deliveries, skipped, err := DiscoverIn(tree, paths)
				if err != nil && !slices.Contains([]showback.Kind{showback.KindInvalid, showback.KindNotFound, showback.KindCorrupt, showback.KindConflict}, showback.KindOf(err)) {
					t.Errorf("DiscoverIn(%q): %v is of kind %q, which is none of a healthy tree", paths, err, showback.KindOf(err))
				}
				again, skippedAgain, errAgain := DiscoverIn(tree, paths)
				if !reflect.DeepEqual(deliveries, again) || !slices.Equal(skipped, skippedAgain) || fmt.Sprint(err) != fmt.Sprint(errAgain) {
					t.Errorf("DiscoverIn(%q) is not the same twice\n one %v %v %v\n two %v %v %v", paths, deliveries, skipped, err, again, skippedAgain, errAgain)
				}
				checkOnce(t, tree, deliveries)
			}
		}
	})
}

// checkOnce fails the test where a file would be read twice, or where a month
// of an export's folder has two deliveries.
func checkOnce(t *testing.T, tree *bucket, deliveries []source.Delivery) {
	t.Helper()
	files, months := map[string]bool{}, map[string]bool{}
	for _, d := range deliveries {
		if len(d.Files) == 0 {
			t.Errorf("%v has no file", d)
			continue
		}
		for _, f := range d.Files {
			if files[f.Path] {
				t.Errorf("%s is twice in %v", f.Path, deliveries)
			}
			files[f.Path] = true
			if text, ok := tree.objects[f.Path]; !ok || int64(len(text)) != f.Size || f.Object != tree.Name(f.Path) {
				t.Errorf("%+v is no object of the tree", f)
			}
		}
		at := d.Files[0].Path
		if d.Manifest != "" {
			at = strings.TrimPrefix(d.Manifest, "s3:/")
		}
		if p := placeOf(path.Dir(at)); p.period != "" {
			month := p.root + " " + string(d.Month)
			if months[month] {
				t.Errorf("%s has two deliveries in %v", month, deliveries)
			}
			months[month] = true
		}
	}
}
