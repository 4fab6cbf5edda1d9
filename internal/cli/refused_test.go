package cli_test

import (
	"fmt"
	"maps"
	"regexp"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"showback/internal/blob/blobtest"
)

// refusedCommand runs the program, which must end with the exit code, say the
// message and the hint as its last words, and leave what counts of the store as
// it was at mark: refused CODE MESSAGE HINT ARG…. In both texts WORK stands for
// the folder of the script, SERVER for the host of its buckets and … for what
// depends on the moment. An empty hint is none.
func refusedCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 4 {
		ts.Fatalf("usage: refused CODE MESSAGE HINT ARG…")
	}
	want := "showback: " + args[1] + "\n"
	if hint, ok := hints[args[2]]; ok {
		want += "showback: hint: " + hint + "\n"
	} else if args[2] != "" {
		want += "showback: hint: " + args[2] + "\n"
	}
	want = strings.NewReplacer("WORK", ts.Getenv("WORK"), "SERVER", strings.TrimPrefix(serverOf(ts).URL, "http://")).Replace(want)
	code := "0"
	if err := ts.Exec("showback", args[3:]...); err != nil {
		code = strings.TrimPrefix(err.Error(), "exit status ")
	}
	said := ts.ReadFile("stderr")
	pattern := regexp.MustCompile("(?m)^" + strings.ReplaceAll(regexp.QuoteMeta(want), "…", ".*") + `\z`)
	if code != args[0] || !pattern.MatchString(said) {
		ts.Fatalf("%v: got exit code %s, want %s, and\n%swant\n%s", args[3:], code, args[0], said, want)
	}
	seen, _ := marks.Load(ts.Getenv("WORK"))
	before, now := counting(seen.(map[string]string)), counting(digests(ts.Getenv("SHOWBACK_STORE")))
	if !maps.Equal(before, now) {
		ts.Fatalf("%v: the store has changed:\n%v", args[3:], now)
	}
}

// counting leaves out what an import under way may leave behind and resumes
// from: parts of files of a bucket. No manifest names them.
func counting(files map[string]string) map[string]string {
	files = maps.Clone(files)
	maps.DeleteFunc(files, func(name, _ string) bool { return strings.HasPrefix(name, "raw/") && strings.HasSuffix(name, ".part") })
	return files
}

// breakCommand has the script's server answer requests for a key with a fault
// from now on: break OP KEY FAULT, where OP is get, list or any, and an empty
// KEY is every key. FAULT is STATUS:CODE, with a message behind another colon, or
// cut:BYTES, flip:BYTE, hang, replace:FILE (the object becomes the file while it is read, and the answer is cut) or
// region:NAME:STATUS (the bucket is in that region, and says so by the status).
func breakCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: break OP KEY FAULT")
	}
	s := serverOf(ts)
	on := blobtest.On{Op: map[string]blobtest.Op{"get": blobtest.Get, "list": blobtest.List}[args[0]], Key: args[1]}
	kind, rest, _ := strings.Cut(args[2], ":")
	switch kind {
	case "hang":
		s.Fail(on, blobtest.Always, blobtest.HangUp())
	case "cut":
		s.Fail(on, blobtest.Always, blobtest.Cut(number(ts, rest)))
	case "flip":
		s.Fail(on, blobtest.Always, blobtest.Flip(number(ts, rest)))
	case "replace":
		body, n := ts.ReadFile(rest), 0
		s.Fail(on, blobtest.Always, blobtest.DoAndCut(10, func() {
			n++ // each time with other content, else it would hold still
			s.Put("billing", args[1], fmt.Appendf(nil, "%s%*s", body, n, "\n"))
		}))
	case "region":
		name, status, _ := strings.Cut(rest, ":")
		s.SetRegion("billing", name, int(number(ts, status)))
	default:
		code, message, _ := strings.Cut(rest, ":")
		s.Fail(on, blobtest.Always, blobtest.Status(int(number(ts, kind)), code, message))
	}
}

func number(ts *testscript.TestScript, text string) int64 {
	n, err := strconv.ParseInt(text, 10, 64)
	ts.Check(err)
	return n
}
