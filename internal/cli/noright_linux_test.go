package cli_test

import (
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// What may not be read of the bills is named, with what stands in the way: it is
// never passed over as if it were not there.
func TestNoPermissionToBills(t *testing.T) {
	dir := t.TempDir()
	store, _, newer, before, after := oneMonth(t, dir)
	was := digests(store)
	data := filepath.Join(newer, "bill", "data", "BILLING_PERIOD=2026-09")
	metadata := filepath.Join(newer, "bill", "metadata", "BILLING_PERIOD=2026-09")
	file, manifest := filepath.Join(data, "bill-00001.csv"), filepath.Join(metadata, "bill-Manifest.json")
	if err := os.MkdirAll(metadata, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(manifest, []byte(`{"dataFiles":["s3://example-billing/bill/data/BILLING_PERIOD=2026-09/bill-00001.csv"]}`), 0o644); err != nil {
		t.Fatal(err)
	}
	f := func(closed, path, message, hint string) {
		t.Helper()
		info, err := os.Stat(closed)
		if err == nil {
			err = os.Chmod(closed, 0)
		}
		if err != nil {
			t.Fatal(err)
		}
		if boundBy(t, exec.Command("ls", closed)).code == 0 && info.IsDir() {
			t.Skip("permissions bind nobody here")
		}
		refused(t, "import of "+path+" with "+closed+" closed", boundBy(t, program(store, "import", path)), 3, message, "hint: "+hint)
		if err := os.Chmod(closed, info.Mode()); err != nil {
			t.Fatal(err)
		}
		if !maps.Equal(was, digests(store)) {
			t.Errorf("%s closed: the store has changed", closed)
		}
	}
	const right = "give the user that runs showback the right to read it"
	const open = "let the user who runs showback read the file and search the folders above it"
	f(newer, newer, "list "+newer+": permission denied", right)
	f(data, newer, "list "+data+": permission denied", right)
	f(metadata, newer, "list "+metadata+": permission denied", right)
	f(metadata, file, "list "+metadata+": permission denied", right)
	f(filepath.Join(newer, "bill"), file, "find "+file+": permission denied", right)
	f(manifest, newer, "read manifest "+manifest+": permission denied", right)
	f(file, newer, "import bill 2026-09: open "+file+": permission denied", open)
	f(file, file, "import bill 2026-09: open "+file+": permission denied", open)
	holds(t, store, before)
	must(t, store, "import", newer)
	holds(t, store, after)
}

// A store that may be read alone takes no key and no tag, and says why; before
// there is a directory in it, and after.
func TestNoPermissionToDirectory(t *testing.T) {
	store, _, _, before, _ := oneMonth(t, t.TempDir())
	f := func() {
		t.Helper()
		if err := os.Chmod(store, 0o500); err != nil {
			t.Fatal(err)
		}
		was := digests(store)
		refused(t, "key create", boundBy(t, program(store, "key", "create")), 3,
			"key create: change "+filepath.Join(store, "state.db")+": write in "+store+": permission denied", "hint: name a store that you may write, with --store")
		if !maps.Equal(was, digests(store)) {
			t.Error("the store has changed")
		}
		if err := os.Chmod(store, 0o755); err != nil {
			t.Fatal(err)
		}
		holds(t, store, before)
	}
	f()
	must(t, store, "key", "create")
	f()
}
