package cli_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"showback/internal/app"
	"showback/internal/cli"
)

// TestMain makes the test binary the program that scripts run. Where a script
// sets CLOCK, that is the program's time.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"showback": func() {
		clock, err := time.Parse(time.RFC3339, os.Getenv("CLOCK"))
		if err != nil {
			os.Exit(cli.Main(app.Open, app.Serve))
		}
		p := &cli.Program{
			In: os.Stdin, Out: os.Stdout, Err: os.Stderr, Getenv: os.Getenv,
			Now: func() time.Time { return clock }, Open: app.Open, Serve: app.Serve,
		}
		if width, err := strconv.Atoi(os.Getenv("COLUMNS")); err == nil {
			p.Width = width
		}
		os.Exit(p.Run(context.Background(), os.Args[1:]))
	}})
}

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		UpdateScripts:       os.Getenv("UPDATE_SCRIPTS") != "",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("SHOWBACK_STORE", filepath.Join(env.WorkDir, "store"))
			env.Setenv("CLOCK", "2026-10-15T12:00:00Z")
			env.Setenv("HOME", env.WorkDir)
			env.Setenv("XDG_DATA_HOME", "")
			serveBuckets(t, env)
			return nil
		},
		Cmds: with(faultyCommands, map[string]func(*testscript.TestScript, bool, []string){
			"bill": billCommand, "gzip": gzipCommand, "parquet": parquetCommand, "cut": cutCommand,
			"deliver": deliverCommand, "mark": markCommand, "unmarked": unmarkedCommand, "shape": shapeCommand, "plain": plainCommand, "lines": linesCommand, "forge": forgeCommand, "exits": exitsCommand, "ready": readyCommand, "flip": flipCommand, "bucket": bucketCommand,
		}),
	})
}

// shorthand names the columns of a bill in a script: the CUR 2.0 column, and
// what stands around the value.
var shorthand = map[string]struct{ column, before, after string }{
	"payer":    {column: "bill_payer_account_id"},
	"name":     {column: "bill_payer_account_name"},
	"month":    {"bill_billing_period_start_date", "", "-01T00:00:00Z"},
	"invoice":  {column: "bill_invoice_id"},
	"account":  {column: "line_item_usage_account_id"},
	"type":     {column: "line_item_line_item_type"},
	"day":      {"line_item_usage_start_date", "", "T00:00:00Z"},
	"code":     {column: "line_item_product_code"},
	"usage":    {column: "line_item_usage_type"},
	"quantity": {column: "line_item_usage_amount"},
	"unit":     {column: "pricing_unit"},
	"currency": {column: "line_item_currency_code"},
	"cost":     {column: "line_item_unblended_cost"},
	"net":      {column: "line_item_net_unblended_cost"},
	"caller":   {"line_item_iam_principal", "", ""},
	"team":     {"tags", `{"iamPrincipal/team":"`, `"}`},
	"product":  {"product", `{"product_name":"`, `"}`},
}

// billCommand writes a bill in shorthand as a CUR 2.0 CSV: bill SHORT.csv
// OUT.csv [COLUMN=VALUE…]. The pairs are columns that are the same on each row.
func billCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: bill SHORT.csv OUT.csv [COLUMN=VALUE…]")
	}
	sheet, err := readSheet([]byte(ts.ReadFile(args[0])))
	ts.Check(err)
	for _, pair := range args[2:] {
		name, value, _ := strings.Cut(pair, "=")
		for i := range sheet {
			cell := value
			if i == 0 {
				cell = name
			}
			sheet[i] = append(sheet[i], cell)
		}
	}
	header := slices.Clone(sheet[0])
	for i, name := range header {
		short, ok := shorthand[name]
		if !ok {
			continue
		}
		sheet[0][i] = short.column
		for _, record := range sheet[1:] {
			if record[i] != "" {
				record[i] = short.before + record[i] + short.after
			}
		}
	}
	var b bytes.Buffer
	ts.Check(csv.NewWriter(&b).WriteAll(sheet))
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), b.Bytes(), 0o600))
}

// gzipCommand compresses a file: gzip IN OUT.
func gzipCommand(ts *testscript.TestScript, neg bool, args []string) {
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), gzipped([]byte(ts.ReadFile(args[0]))), 0o600))
}

// parquetCommand writes a CSV as Parquet: parquet IN.csv OUT.parquet [COLUMN…].
// The columns named stay text.
func parquetCommand(ts *testscript.TestScript, neg bool, args []string) {
	content, err := asParquet([]byte(ts.ReadFile(args[0])), args[2:]...)
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), content, 0o600))
}

// cutCommand takes bytes off the end of a file: cut FILE COUNT.
func cutCommand(ts *testscript.TestScript, neg bool, args []string) {
	n, err := strconv.Atoi(args[1])
	ts.Check(err)
	info, err := os.Stat(ts.MkAbs(args[0]))
	ts.Check(err)
	ts.Check(os.Truncate(ts.MkAbs(args[0]), info.Size()-int64(n)))
}

// deliverCommand delivers files as AWS does for one execution: deliver ROOT
// EXPORT MONTH EXECUTION FILE…, where EXECUTION begins with its time.
func deliverCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 5 {
		ts.Fatalf("usage: deliver ROOT EXPORT MONTH EXECUTION FILE…")
	}
	root, export, execution := ts.MkAbs(args[0]), args[1], args[3]
	period := "BILLING_PERIOD=" + args[2]
	var names []string
	write := func(name string, content []byte) {
		file := filepath.Join(root, filepath.FromSlash(name))
		ts.Check(os.MkdirAll(filepath.Dir(file), 0o755))
		ts.Check(os.WriteFile(file, content, 0o600))
	}
	for i, file := range args[4:] {
		_, end, _ := strings.Cut(filepath.Base(file), ".")
		name := path.Join("data", period, execution, fmt.Sprintf("%s-%05d.%s", export, i+1, end))
		write(name, []byte(ts.ReadFile(file)))
		names = append(names, "s3://example-billing/cur/"+export+"/"+name)
	}
	_, id, _ := strings.Cut(execution, "-")
	manifest, err := json.Marshal(map[string]any{
		"executionId": id, "exportArn": "arn:aws:bcm-data-exports:us-east-1:111122223333:export/" + export + "-0000", "dataFiles": names})
	ts.Check(err)
	write(path.Join("metadata", period, execution, export+"-Manifest.json"), manifest)
	write(path.Join("metadata", period, export+"-Manifest.json"), manifest)
}

// digests names every file of a store with its content; locks and folders for
// what is under way hold nothing of it.
func digests(dir string) map[string]string {
	all := map[string]string{}
	fs.WalkDir(os.DirFS(dir), ".", func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() || path.Ext(file) == ".lock" {
			return nil
		}
		content, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(file)))
		if err != nil {
			return err
		}
		all[file] = fmt.Sprintf("%x", sha256.Sum256(content))
		return nil
	})
	return all
}

// marks has what mark saw, by the folder of the script: scripts run in parallel.
var marks sync.Map

// markCommand remembers the content of the store.
func markCommand(ts *testscript.TestScript, neg bool, args []string) {
	marks.Store(ts.Getenv("WORK"), digests(ts.Getenv("SHOWBACK_STORE")))
}

// unmarkedCommand fails when the store is not as it was at mark; with ! when it is.
func unmarkedCommand(ts *testscript.TestScript, neg bool, args []string) {
	seen, _ := marks.Load(ts.Getenv("WORK"))
	before, ok := seen.(map[string]string)
	if !ok {
		ts.Fatalf("unmarked without a mark before it")
	}
	now := digests(ts.Getenv("SHOWBACK_STORE"))
	if same := maps.Equal(before, now); same == neg {
		ts.Fatalf("store as it was: %v\nbefore: %v\nnow: %v", same, before, now)
	}
}

// exitsCommand runs a command that must end with the exit code: exits CODE
// COMMAND [ARG…].
func exitsCommand(ts *testscript.TestScript, neg bool, args []string) {
	err := ts.Exec(args[1], args[2:]...)
	if got := "exit status " + args[0]; err == nil && args[0] != "0" || err != nil && err.Error() != got {
		ts.Fatalf("got %v, want %s", err, got)
	}
}

// plainCommand writes a text without the folder that the script runs in:
// plain IN OUT.
func plainCommand(ts *testscript.TestScript, neg bool, args []string) {
	text := strings.ReplaceAll(ts.ReadFile(args[0]), ts.Getenv("WORK"), "WORK")
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(text), 0o600))
}

// linesCommand fails when a text has more lines: lines FILE MOST.
func linesCommand(ts *testscript.TestScript, neg bool, args []string) {
	most, err := strconv.Atoi(args[1])
	ts.Check(err)
	if n := strings.Count(ts.ReadFile(args[0]), "\n"); n > most {
		ts.Fatalf("got %d lines, want at most %d", n, most)
	}
}

var sealOfManifest = regexp.MustCompile(`"seal": "[0-9a-f]*"`)

// sealed gives an edited manifest the seal that fits.
func sealed(manifest []byte) []byte {
	bare := sealOfManifest.ReplaceAll(manifest, []byte(`"seal": ""`))
	return sealOfManifest.ReplaceAll(manifest, fmt.Appendf(nil, `"seal": "%x"`, sha256.Sum256(bare)))
}

// forgeCommand puts other content into a delivered file and its digest into
// the manifest, so that the store seems to come from it: forge FILE NEW.
func forgeCommand(ts *testscript.TestScript, neg bool, args []string) {
	file, manifest := ts.MkAbs(args[0]), filepath.Join(ts.Getenv("SHOWBACK_STORE"), "manifest.json")
	before, now := []byte(ts.ReadFile(args[0])), []byte(ts.ReadFile(args[1]))
	ts.Check(os.WriteFile(file, now, 0o600))
	text, err := os.ReadFile(manifest)
	ts.Check(err)
	sum := func(content []byte) string { return fmt.Sprintf("%x", sha256.Sum256(content)) }
	size := func(content []byte) string { return fmt.Sprintf(`"size": %d`, len(content)) }
	forged := strings.NewReplacer(sum(before), sum(now), size(before), size(now)).Replace(string(text))
	ts.Check(os.WriteFile(manifest, sealed([]byte(forged)), 0o600))
}

// shapeCommand writes the paths and types of a JSON text, each once: shape IN OUT.
func shapeCommand(ts *testscript.TestScript, neg bool, args []string) {
	var value any
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[0])), &value))
	shapes := map[string]bool{}
	shapeOf(value, "", shapes)
	text := strings.Join(slices.Sorted(maps.Keys(shapes)), "\n") + "\n"
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(text), 0o600))
}

func shapeOf(value any, at string, shapes map[string]bool) {
	switch v := value.(type) {
	case map[string]any:
		for key, inner := range v {
			shapeOf(inner, strings.TrimPrefix(at+"."+key, "."), shapes)
		}
	case []any:
		if len(v) == 0 {
			shapes[at+"[]"] = true
		}
		for _, inner := range v {
			shapeOf(inner, at+"[]", shapes)
		}
	case nil:
		shapes[at+" null"] = true
	default:
		shapes[fmt.Sprintf("%s %T", at, v)] = true
	}
}
