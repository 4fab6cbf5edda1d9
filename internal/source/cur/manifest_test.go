package cur

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"showback"
	"showback/internal/source"
)

func TestParseManifest(t *testing.T) {
	for _, c := range []struct {
		what, text string
		check      func(m manifest) bool
	}{
		{"CUR 2.0", manifestOf("x", "s3://b/f.parquet"), func(m manifest) bool {
			return m.execution == "x" && m.arn == arn && m.table == CUR2 && len(m.listed) == 1 && !m.alien
		}},
		{"a byte order mark", "\xef\xbb\xbf" + manifestOf("x"), func(m manifest) bool { return m.execution == "x" }},
		{"no files is not no key", `{"executionId":"x","dataFiles":[]}`, func(m manifest) bool { return m.hasList }},
		{"null is no key", `{"executionId":"x","dataFiles":null}`, func(m manifest) bool { return !m.hasList }},
		{"reportKeys", `{"reportKeys":["a"],"reportName":"r"}`, func(m manifest) bool {
			return m.hasList && m.listed[0] == "a" && m.export == "r" && m.table == Unknown && !m.alien
		}},
		{"dataFiles come first", `{"reportKeys":["a"],"dataFiles":["b"]}`, func(m manifest) bool { return m.listed[0] == "b" }},
		{"columns as names", `{"columns":["line_item_usage_amount"]}`, func(m manifest) bool {
			return m.table == CUR2 && m.columns[0] == source.Column{Name: "line_item_usage_amount"}
		}},
		{"assemblyId and dataFiles", `{"assemblyId":"a","columns":[{"name":"bill_bill_type"}],"dataFiles":["f"]}`, func(m manifest) bool {
			return m.table == CUR2 && m.execution == "a"
		}},
		{"categories", `{"assemblyId":"a","columns":[{"category":"bill","name":"bill_bill_type"}],"reportKeys":["f"]}`, func(m manifest) bool {
			return m.table == Legacy
		}},
		{"a date-range folder", `{"assemblyId":"a","columns":[{"name":"bill_bill_type"}],"reportKeys":["p/20260401-20260501/a/f.csv.gz"]}`, func(m manifest) bool {
			return m.table == Legacy
		}},
		{"FOCUS", `{"executionId":"a","columns":[{"name":"BilledCost"}],"dataFiles":["f"]}`, func(m manifest) bool { return m.table == FOCUS }},
		{"the period's end is exclusive", `{"billingPeriod":{"start":"20260401T000000.000Z","end":"20260501T000000.000Z"}}`, func(m manifest) bool {
			return len(m.months) == 1 && m.months[0] == "2026-04"
		}},
		{"or the last second", `{"billingPeriod":{"start":"2026-04-01","end":"2026-04-30T23:59:59Z"}}`, func(m manifest) bool { return len(m.months) == 1 }},
		{"a month", `{"billingPeriod":"2026-04"}`, func(m manifest) bool { return len(m.months) == 1 && m.months[0] == "2026-04" }},
		{"completion is later than creation", `{"createdAt":"2026-10-05T01:00:00Z","completedAt":"2026-10-05T03:00:00+01:00"}`, func(m manifest) bool {
			return m.made.Equal(time.Date(2026, 10, 5, 2, 0, 0, 0, time.UTC))
		}},
		{"milliseconds", `{"lastUpdatedAt":1790000000123}`, func(m manifest) bool { return m.made.UnixMilli() == 1790000000123 }},
		{"seconds", `{"executionTime":1790000000}`, func(m manifest) bool { return m.made.Unix() == 1790000000 }},
		{"a time that is none", `{"created":"yesterday"}`, func(m manifest) bool { return m.made.IsZero() }},
		{"the format", `{"contentType":"text/csv","compression":"GZIP"}`, func(m manifest) bool { return m.format == source.CSVGzip && m.alien }},
		{"ZIP", `{"contentType":"text/csv","compression":"ZIP"}`, func(m manifest) bool { return m.format == "" }},
	} {
		m, err := parseManifest([]byte(c.text))
		if err != nil || !c.check(m) {
			t.Errorf("%s: got %+v, %v", c.what, m, err)
		}
	}
}

func TestManifestTime(t *testing.T) {
	files := overwriteLayout()
	name := "p/cost/metadata/" + oct + "/cost-Manifest.json"
	files[name] = strings.Replace(files[name], "{", `{"createdAt":"2026-11-03T04:05:06Z",`, 1)
	root := write(t, files)
	deliveries, _ := discover(t, root, name)
	if d := deliveries[0]; d.MadeFrom != "manifest" || !d.Made.Equal(time.Date(2026, 11, 3, 4, 5, 6, 0, time.UTC)) {
		t.Errorf("got %s from %q, want the manifest's time", d.Made, d.MadeFrom)
	}
}

func TestResolve(t *testing.T) {
	const data = "cost/data/" + oct + "/cost-00001.csv.gz"
	for _, c := range []struct{ what, listed, file, name string }{
		{"s3", "s3://b/p/q/" + data, data, "s3://b/p/q/" + data},
		{"s3a", "s3a://b/" + data, data, "s3a://b/" + data},
		{"virtual host", "https://b.s3.eu-central-1.amazonaws.com/p/" + data + "?X-Amz-Signature=secret", data,
			"https://b.s3.eu-central-1.amazonaws.com/p/" + data},
		{"path style", "https://s3.amazonaws.com/b/" + strings.ReplaceAll(data, "=", "%3D"), data,
			"https://s3.amazonaws.com/b/" + strings.ReplaceAll(data, "=", "%3D")},
		{"a key", "p/" + data, data, "p/" + data},
		{"a key with a slash", "/p/" + data, data, "/p/" + data},
		{"under the export", "data/" + oct + "/cost-00001.csv.gz", data, "data/" + oct + "/cost-00001.csv.gz"},
		{"a name", "cost-00001.csv.gz", data, "cost-00001.csv.gz"},
		{"a name after ./", "./cost-00001.csv.gz", data, "./cost-00001.csv.gz"},
		{"without data/", "s3://b/p/" + data, "cost/" + oct + "/cost-00001.csv.gz", "s3://b/p/" + data},
	} {
		t.Run(c.what, func(t *testing.T) {
			root := write(t, map[string]string{
				c.file: "1",
				"cost/metadata/" + oct + "/cost-Manifest.json": manifestOf("x", c.listed),
				// Chunks of other months have the same name and are no substitute.
				"cost/cost-00001.csv.gz":                  "no",
				"cost/data/cost-00001.csv.gz":             "no",
				"cost/data/" + nov + "/cost-00001.csv.gz": "no",
			})
			deliveries, _ := discover(t, root, "cost/metadata/"+oct)
			f := deliveries[0].Files[0]
			if want := filepath.Join(root, filepath.FromSlash(c.file)); len(deliveries[0].Files) != 1 || f.Path != want || f.Name != c.name {
				t.Errorf("got %s named %s, want %s named %s", f.Path, f.Name, want, c.name)
			}
		})
	}
}

func TestSameFileTwice(t *testing.T) {
	name := "p/cost/metadata/" + oct + "/cost-Manifest.json"
	file := "p/cost/data/" + oct + "/cost-00001.snappy.parquet"
	root := write(t, edited(name, manifestOf("x", "s3://b/"+file, "s3://b/"+file)))
	deliveries, _ := discover(t, root, name)
	equal(t, "written twice", briefs(root, deliveries), []string{"cost 2026-10 x " + file})
	equal(t, "notes", deliveries[0].Notes, []string{"the manifest names cost-00001.snappy.parquet twice: read once"})

	fails(t, write(t, edited(name, manifestOf("x", "s3://b/"+file, "s3://other/"+file))), name, showback.KindConflict,
		"read manifest "+name+": data files s3://b/"+file+" and s3://other/"+file+" are the same file here: "+file,
		"keep the folders of the bucket")
}

func TestSplitExecution(t *testing.T) {
	second := time.Date(2026, 10, 5, 1, 2, 3, 0, time.UTC)
	for _, c := range []struct {
		folder string
		made   time.Time
		id     string
		ok     bool
	}{
		{"2026-10-05T01:02:03Z", second, "2026-10-05T01:02:03Z", true},
		{"2026-10-05T01:02:03Z-abc", second, "abc", true},
		{"20261005T010203Z", second, "20261005T010203Z", true},
		{"20261005T010203Z-abc", second, "abc", true},
		{"2026-10-05T01-02-03.250Z-abc-def", second.Add(250 * time.Millisecond), "abc-def", true},
		{"2026-10-05T01%3A02%3A03.000Z-abc", second, "abc", true},
		{"2026-10-05T01_02_03-abc", second, "abc", true},
		{"0a1b2c3d-0000-1111-2222-333344445555", time.Time{}, "0a1b2c3d-0000-1111-2222-333344445555", true},
		{"2026-02-31T01:02:03Z-abc", time.Time{}, "2026-02-31T01:02:03Z-abc", false},
		{"20260401-20260501", time.Time{}, "20260401-20260501", false},
		{"account=1", time.Time{}, "account=1", false},
		{"", time.Time{}, "", false},
	} {
		made, id, ok := splitExecution(c.folder)
		if !made.Equal(c.made) || id != c.id || ok != c.ok {
			t.Errorf("splitExecution(%q): got %s, %q, %t, want %s, %q, %t", c.folder, made, id, ok, c.made, c.id, c.ok)
		}
	}
}

func TestExportNames(t *testing.T) {
	f := func(got, want string) {
		t.Helper()
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	f(exportOfChunk("my-export-00001.snappy.parquet"), "my-export")
	f(exportOfChunk("e-00012.parquet"), "e")
	f(exportOfChunk("e-00012.csv.gz"), "e")
	f(exportOfChunk("bills.csv"), "")
	f(exportOfManifest("/x/my-export-Manifest.json"), "my-export")
	f(exportOfManifest("cur2_manifest.json"), "")
	f(exportOfARN(arn), "cost")
	f(exportOfARN("arn:aws-cn:bcm-data-exports:cn-north-1:1:export/a-b"), "a-b")
	f(exportOfARN("nonsense"), "")
}

func FuzzParseManifest(f *testing.F) {
	f.Add([]byte(manifestOf("x", "s3://b/p/cost/data/"+oct+"/cost-00001.csv.gz")))
	f.Add([]byte(`{"reportKeys":["../x","https://h/%zz","s3://"],"columns":["a",{"category":"bill","name":"b"},null]}`))
	f.Add([]byte(`{"dataFiles":["BILLING_PERIOD=2026-13/x.csv"],"billingPeriod":{"start":1e300,"end":"9999-12-31"}}`))
	f.Add([]byte(`{"billingPeriod":"2026-10","createdAt":-1,"completedAt":"20261005T010203Z"}`))
	f.Add([]byte("\xef\xbb\xbf{"))
	f.Add([]byte(`[{"dataFiles":[]}]`))
	root := f.TempDir()
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := parseManifest(data)
		if err != nil {
			if showback.KindOf(err) != showback.KindCorrupt {
				t.Errorf("parseManifest(%q) is of kind %q, want corrupt", data, showback.KindOf(err))
			}
			return
		}
		m.path = "m"
		for _, p := range []place{{root: root}, {root: root, period: oct, side: metadataSide}} {
			r, err := m.resolve(ground{Tree: disk{}, local: true}, p)
			for _, file := range r.files {
				t.Errorf("resolve found %q in an empty folder", file.Path)
			}
			if err == nil {
				t.Errorf("resolve of %q has no error in an empty folder", m.listed)
			}
		}
		for _, text := range m.listed {
			k, err := parseKey(text)
			if err != nil {
				continue
			}
			if want := k.wanted(place{root: root}); !strings.HasPrefix(want, root+string(filepath.Separator)) {
				t.Errorf("%q leads out of the export: %q", text, want)
			}
		}
	})
}
