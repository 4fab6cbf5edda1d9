package cli_test

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// readyCommand takes the commands that are ready to paste, lines of their own
// that begin with blanks and a program's name, out of a text: ready IN OUT.
func readyCommand(ts *testscript.TestScript, neg bool, args []string) {
	var script strings.Builder
	for line := range strings.Lines(ts.ReadFile(args[0])) {
		if command := strings.TrimLeft(line, " "); command != line &&
			(strings.HasPrefix(command, "showback ") || strings.HasPrefix(command, "mv ")) {
			script.WriteString(command)
		}
	}
	if script.Len() == 0 {
		ts.Fatalf("%s holds no command:\n%s", args[0], ts.ReadFile(args[0]))
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte("set -e\n"+script.String()), 0o600))
}

// flipCommand flips a bit of the one file that a pattern matches, at a byte, at
// the first of a text, or at the middle: flip PATTERN [BYTE|TEXT].
func flipCommand(ts *testscript.TestScript, neg bool, args []string) {
	found, err := filepath.Glob(ts.MkAbs(args[0]))
	ts.Check(err)
	if len(found) != 1 {
		ts.Fatalf("%s: got %v, want one file", args[0], found)
	}
	content, err := os.ReadFile(found[0])
	ts.Check(err)
	at := len(content) / 2
	if len(args) > 1 {
		if at, err = strconv.Atoi(args[1]); err != nil {
			at = strings.Index(string(content), args[1])
		}
		if at < 0 {
			ts.Fatalf("no %q in %s", args[1], found[0])
		}
	}
	content[at] ^= 1
	ts.Check(os.WriteFile(found[0], content, 0o600))
}
