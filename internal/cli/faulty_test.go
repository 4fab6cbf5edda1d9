package cli_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"golang.org/x/sys/unix"

	"showback/internal/app"
	"showback/internal/cli"
)

// hints are what a person is told to do, by the word for it in a script.
var hints = map[string]string{
	"each":      "copy each export to a folder of its own, as AWS delivers it",
	"getobject": "allow s3:GetObject on it; where s3:ListBucket is not allowed, S3 says the same of an object that does not exist; for a requester-pays bucket give --request-payer requester",
	"reach":     "see that SERVER can be reached from here, and that the endpoint and the region are right",
	"repair":    "repair the file, or load the rest with --allow-rejects SHARE, such as 0.001, which reports what is left out",
	"again":     "the file is cut short, damaged or not what its name says: copy it from the bucket again",
	"amount":    "write the column as a number, or as text like 0.0012",
	"time":      "write the column as a timestamp, or as text like 2026-10-05T00:00:00Z",
	"write":     "write what it holds to a file, and import that",
	"manifest":  "copy the manifest again from where AWS delivered it",
	"cur2":      "create a CUR 2.0 export (AWS Data Exports, table COST_AND_USAGE_REPORT) and import that",
	"data":      "copy the export's data folder too, with the folders below it",
	"part":      "copy the missing file too; to import what is there, give its data files by name",
	"loop":      "it is a link that leads back to itself: give the folder that holds the export",
	"give":      "give the folder that holds the export, or a file of it",
	"export":    "give the folder of a CUR 2.0 export, as AWS delivers it",
	"keys":      "write the file again without Parquet's own encryption, which AWS does not use; encryption of the bucket does not matter",
}

// faultCommand imports faulty files, each by itself: fault CODE MESSAGE HINT
// FILE…. Each must end with the exit code, say the message and the hint, and
// leave the store as it was at mark, byte for byte. In the message FILE stands
// for the path and … for what depends on how the file was written. A file named
// x.csv* is imported as it is and compressed.
func faultCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 4 {
		ts.Fatalf("usage: fault CODE MESSAGE HINT FILE…")
	}
	code, err := strconv.Atoi(args[0])
	ts.Check(err)
	hint := args[2]
	if long, ok := hints[hint]; ok {
		hint = long
	}
	seen, _ := marks.Load(ts.Getenv("WORK"))
	for _, file := range both(ts, args[3:]...) {
		name, _, _ := strings.Cut(filepath.Base(file), ".")
		want := fmt.Sprintf("showback: import %s: %s\nshowback: hint: %s\n", name, strings.ReplaceAll(args[1], "FILE", file), hint)
		pattern := regexp.MustCompile("(?m)^" + strings.ReplaceAll(regexp.QuoteMeta(want), "…", ".*") + `\z`)
		got, _, errs := inScript(ts, ts.Getenv("SHOWBACK_STORE"), "import", file)
		if got != code || !pattern.MatchString(errs) {
			ts.Fatalf("import %s: got exit code %d, want %d, and\n%swant\n%s", file, got, code, errs, want)
		}
		if now := digests(ts.Getenv("SHOWBACK_STORE")); !maps.Equal(seen.(map[string]string), now) {
			ts.Fatalf("import %s: the store has changed:\n%v", file, now)
		}
	}
}

// valueCommand imports bills that have a bad value in their second row, as CSV
// and as Parquet, where the column is text: value BILL COLUMN REASON VALUE….
func valueCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 4 {
		ts.Fatalf("usage: value BILL COLUMN REASON VALUE…")
	}
	for i, value := range args[3:] {
		value := unescaped(ts, value)
		sheet := withCell(ts, args[0], 2, args[1], value)
		name := fmt.Sprintf("bad%s%d", strings.ReplaceAll(args[1], "_", ""), i)
		ts.Check(os.WriteFile(ts.MkAbs(name+".csv"), sheet, 0o600))
		content, err := asParquet(sheet, args[1])
		ts.Check(err)
		ts.Check(os.WriteFile(ts.MkAbs(name+".parquet"), content, 0o600))
		message := fmt.Sprintf("read FILE, row 2, column %s: found %q: %s", args[1], value, args[2])
		faultCommand(ts, false, []string{"2", message, "repair", name + ".csv", name + ".parquet"})
	}
}

// acceptedCommand imports files, each into a store of its own, where they must
// come to the unblended sum, and be proved: accepted SUM FILE….
func acceptedCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: accepted SUM FILE…")
	}
	for _, file := range both(ts, args[1:]...) {
		store := filepath.Join(ts.Getenv("WORK"), "accepted", filepath.Base(file))
		code, out, errs := inScript(ts, store, "import", "--json", file)
		var report struct {
			Deliveries []struct {
				Months []struct {
					Totals []struct{ Amounts map[string]string }
				}
			}
		}
		if code != 0 || json.Unmarshal([]byte(out), &report) != nil {
			ts.Fatalf("import %s: exit code %d, %s%s", file, code, out, errs)
		}
		if got := report.Deliveries[0].Months[0].Totals[0].Amounts["unblended"]; got != args[0] {
			ts.Fatalf("import %s: it comes to %s, want %s", file, got, args[0])
		}
		if code, out, errs := inScript(ts, store, "reconcile"); code != 0 {
			ts.Fatalf("reconcile %s: exit code %d, %s%s", file, code, out, errs)
		}
	}
}

// inScript runs a command line in this process, in the time and the store of
// the script.
func inScript(ts *testscript.TestScript, store string, args ...string) (code int, out, errs string) {
	clock, err := time.Parse(time.RFC3339, ts.Getenv("CLOCK"))
	ts.Check(err)
	var o, e bytes.Buffer
	p := &cli.Program{In: strings.NewReader(""), Out: &o, Err: &e, Open: app.Open, Width: 400,
		Now: func() time.Time { return clock }, Getenv: func(name string) string {
			if name == "SHOWBACK_STORE" {
				return store
			}
			return ts.Getenv(name)
		}}
	code = p.Run(context.Background(), args)
	return code, o.String(), e.String()
}

// both resolves names of files. x.csv* is x.csv and, made of it, x.csv.gz.
func both(ts *testscript.TestScript, names ...string) []string {
	var all []string
	for _, name := range names {
		plain, too := strings.CutSuffix(name, "*")
		all = append(all, ts.MkAbs(plain))
		if too {
			content, err := os.ReadFile(ts.MkAbs(plain))
			ts.Check(err)
			ts.Check(os.WriteFile(ts.MkAbs(plain)+".gz", gzipped(content), 0o600))
			all = append(all, ts.MkAbs(plain)+".gz")
		}
	}
	return all
}

// unescaped reads a text with Go's escapes.
func unescaped(ts *testscript.TestScript, text string) string {
	out, err := strconv.Unquote(`"` + strings.ReplaceAll(text, `"`, `\"`) + `"`)
	ts.Check(err)
	return out
}

// withCell returns a CSV file with another value in a data row.
func withCell(ts *testscript.TestScript, file string, row int, column, value string) []byte {
	sheet, err := readSheet([]byte(ts.ReadFile(file)))
	ts.Check(err)
	at := slices.Index(sheet[0], column)
	if at < 0 || row >= len(sheet) {
		ts.Fatalf("%s has no row %d or no column %s", file, row, column)
	}
	sheet[row][at] = value
	var b bytes.Buffer
	ts.Check(csv.NewWriter(&b).WriteAll(sheet))
	return b.Bytes()
}

// cellCommand puts another value into a CSV file: cell IN OUT ROW COLUMN VALUE.
func cellCommand(ts *testscript.TestScript, neg bool, args []string) {
	row, err := strconv.Atoi(args[2])
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), withCell(ts, args[0], row, args[3], unescaped(ts, args[4])), 0o600))
}

// swapCommand puts one text in the place of another, everywhere: swap IN OUT
// OLD NEW, with Go's escapes.
func swapCommand(ts *testscript.TestScript, neg bool, args []string) {
	content, err := os.ReadFile(ts.MkAbs(args[0]))
	ts.Check(err)
	old, by := unescaped(ts, args[2]), unescaped(ts, args[3])
	if !bytes.Contains(content, []byte(old)) {
		ts.Fatalf("no %q in %s", old, args[0])
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), bytes.ReplaceAll(content, []byte(old), []byte(by)), 0o600))
}

// joinCommand writes parts one after another: join OUT PART…. A part is a file,
// or a text after an equals sign, with Go's escapes; TEXT*N repeats it.
func joinCommand(ts *testscript.TestScript, neg bool, args []string) {
	var out bytes.Buffer
	for _, part := range args[1:] {
		text, literal := strings.CutPrefix(part, "=")
		if !literal {
			content, err := os.ReadFile(ts.MkAbs(part))
			ts.Check(err)
			out.Write(content)
			continue
		}
		times := 1
		if one, n, ok := strings.Cut(text, "*"); ok {
			var err error
			if times, err = strconv.Atoi(n); err != nil {
				ts.Fatalf("%s: want a number after the asterisk", part)
			}
			text = one
		}
		out.WriteString(strings.Repeat(unescaped(ts, text), times))
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), out.Bytes(), 0o600))
}

// wideCommand writes a text in UTF-16: wide IN OUT le|be.
func wideCommand(ts *testscript.TestScript, neg bool, args []string) {
	var out bytes.Buffer
	for _, c := range []byte(ts.ReadFile(args[0])) { // bills of scripts are ASCII
		pair := []byte{c, 0}
		if args[2] == "be" {
			slices.Reverse(pair)
		}
		out.Write(pair)
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), out.Bytes(), 0o600))
}

// bombCommand writes a gzip file that unpacks to a bill and MB megabytes of
// rows, or of one line: bomb BILL OUT MB rows|line.
func bombCommand(ts *testscript.TestScript, neg bool, args []string) {
	mb, err := strconv.Atoi(args[2])
	ts.Check(err)
	more := bytes.Repeat([]byte{'x'}, 1<<20)
	if args[3] == "rows" {
		more[len(more)-1] = '\n'
	}
	out := append(gzipped([]byte(ts.ReadFile(args[0]))), bytes.Repeat(gzipped(more), mb)...)
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), out, 0o600))
}

// storedCommand packs a file as gzip without compressing it: stored IN OUT.
func storedCommand(ts *testscript.TestScript, neg bool, args []string) {
	var out bytes.Buffer
	w, err := gzip.NewWriterLevel(&out, gzip.NoCompression)
	ts.Check(err)
	_, err = w.Write([]byte(ts.ReadFile(args[0])))
	ts.Check(err)
	ts.Check(w.Close())
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), out.Bytes(), 0o600))
}

// specialCommand makes what is no file: special PATH pipe|device|socket|loop.
func specialCommand(ts *testscript.TestScript, neg bool, args []string) {
	path := ts.MkAbs(args[0])
	switch args[1] {
	case "pipe":
		ts.Check(unix.Mkfifo(path, 0o600))
	case "device":
		ts.Check(os.Symlink("/dev/zero", path))
	case "socket":
		ts.Check(unix.Mknod(path, unix.S_IFSOCK|0o600, 0))
	case "loop":
		ts.Check(os.Symlink(filepath.Base(path), path))
	default:
		ts.Fatalf("usage: special PATH pipe|device|socket|loop")
	}
}

// touchCommand sets the time of a file's last change: touch FILE TIME.
func touchCommand(ts *testscript.TestScript, neg bool, args []string) {
	at, err := time.Parse(time.RFC3339, args[1])
	ts.Check(err)
	ts.Check(os.Chtimes(ts.MkAbs(args[0]), at, at))
}

// oddCommand writes a CSV as Parquet in an unusual way: odd IN OUT OPTION…; see
// oddly.
func oddCommand(ts *testscript.TestScript, neg bool, args []string) {
	content, err := oddly([]byte(ts.ReadFile(args[0])), args[2:])
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), content, 0o600))
}

var faultyCommands = map[string]func(*testscript.TestScript, bool, []string){
	"fault": faultCommand, "value": valueCommand, "accepted": acceptedCommand, "cell": cellCommand, "swap": swapCommand, "join": joinCommand,
	"wide": wideCommand, "bomb": bombCommand, "special": specialCommand, "touch": touchCommand, "odd": oddCommand, "stored": storedCommand,
	"refused": refusedCommand, "break": breakCommand,
}

// with adds commands to those of scripts.
func with(cmds, more map[string]func(*testscript.TestScript, bool, []string)) map[string]func(*testscript.TestScript, bool, []string) {
	maps.Copy(cmds, more)
	return cmds
}
