package cli_test

import (
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A store of another version of the program is neither read nor changed, even
// where the rest of its manifest has another shape.
func TestStoreOfAnotherFormat(t *testing.T) {
	dir := t.TempDir()
	store, bill := filepath.Join(dir, "store"), filepath.Join(dir, "bills")
	manifest := filepath.Join(store, "manifest.json")
	writeBill(t, bill, "2026-09", 10, "1")
	must(t, store, "import", bill)
	written, err := os.ReadFile(manifest)
	if err != nil {
		t.Fatal(err)
	}
	f := func(text []byte, code int, messages ...string) {
		t.Helper()
		if err := os.WriteFile(manifest, text, 0o644); err != nil {
			t.Fatal(err)
		}
		was := digests(store)
		for _, args := range [][]string{allMonths, {"delivery", "list"}, {"reconcile"}, {"import", bill}, {"delivery", "remove", "--month", "2026-09", "--yes"}} {
			refused(t, strings.Join(args, " "), finish(t, program(store, args...)), code, messages...)
		}
		if !maps.Equal(was, digests(store)) {
			t.Errorf("the store has changed")
		}
	}
	edited := func(old, new string) []byte {
		t.Helper()
		if !strings.Contains(string(written), old) {
			t.Fatalf("no %s in the manifest", old)
		}
		return sealed([]byte(strings.Replace(string(written), old, new, 1)))
	}
	const format, otherVersion = `"format": 1`, "hint: use the version of showback that wrote it, or import the bills into a new store"
	f(edited(format, `"format": 2`), 2, "open store "+store+": its format is 2, this program reads 1", otherVersion)
	f([]byte(`{"format": 2, "segments": {"2026-09": "elsewhere"}}`), 2, "open store "+store+": its format is 2, this program reads 1", otherVersion)
	none := "read manifest " + manifest + ": not a showback manifest"
	f(edited(format, `"format": 0`), 2, "open store "+store+": its format is 0, this program reads 1", otherVersion)
	f(edited(format, `"format": "1"`), 3, none)
	f([]byte("{}"), 3, none)
	f(nil, 3, none)
	f([]byte("payer,month\n"), 3, none)

	if err := os.WriteFile(manifest, written, 0o644); err != nil {
		t.Fatal(err)
	}
	holds(t, store, totals{"2026-09": "10"})
}
