package cli_test

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// mountsEnv names the test that runs in a mount namespace of its own.
const mountsEnv = "SHOWBACK_TEST_MOUNTS"

// mayMount runs the calling test again, in a process with a mount namespace of
// its own, and returns true there. Elsewhere it reports what came of it, or
// skips the test where the system grants no such namespace.
func mayMount(t *testing.T) bool {
	t.Helper()
	if os.Getenv(mountsEnv) == t.Name() {
		return true
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self, "-test.run=^"+t.Name()+"$", "-test.v")
	cmd.Env = append(os.Environ(), mountsEnv+"="+t.Name())
	cmd.SysProcAttr = &syscall.SysProcAttr{Unshareflags: syscall.CLONE_NEWNS}
	if os.Getuid() != 0 { // root of a user namespace may mount in it
		cmd.SysProcAttr = &syscall.SysProcAttr{
			Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS,
			UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}},
			GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}},
		}
	}
	out, err := cmd.CombinedOutput()
	switch exit := (*exec.ExitError)(nil); {
	case errors.As(err, &exit):
		t.Errorf("%v\n%s", err, out)
	case err != nil:
		t.Skip("no mount namespace to be had: ", err)
	case strings.Contains(string(out), "--- SKIP"):
		t.Skipf("%s", out)
	default:
		t.Logf("%s", out)
	}
	return false
}

// mount makes a folder a disk of its own, of a size such as "4m".
func mount(t *testing.T, folder, size string) {
	t.Helper()
	if err := os.MkdirAll(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := unix.Mount("none", folder, "tmpfs", 0, "size="+size); err != nil {
		t.Skip("no disk can be mounted: ", err)
	}
	t.Cleanup(func() { unix.Unmount(folder, unix.MNT_DETACH) })
}

func remount(t *testing.T, folder string, flags uintptr, options string) {
	t.Helper()
	if err := unix.Mount("none", folder, "tmpfs", unix.MS_REMOUNT|flags, options); err != nil {
		t.Fatal(err)
	}
}

// oneMonth makes a store with one month below dir, and two folders to import:
// the month again, and a newer delivery of it.
func oneMonth(t *testing.T, dir string) (store, same, newer string, before, after totals) {
	t.Helper()
	store, same, newer = filepath.Join(dir, "store"), filepath.Join(dir, "same"), filepath.Join(dir, "newer")
	before = totals{"2026-09": writeBill(t, same, "2026-09", 1_000, "0.0000000007").String()}
	after = totals{"2026-09": writeBill(t, newer, "2026-09", 10_000, "0.1234567891").String()}
	must(t, store, "import", same)
	return store, same, newer, before, after
}

const elsewhere = "hint: reading it works; to import, name a store that you may write, with --store"

func TestReadOnlyDisk(t *testing.T) {
	if !mayMount(t) {
		return
	}
	disk := filepath.Join(t.TempDir(), "disk")
	mount(t, disk, "50m")
	store, same, newer, before, _ := oneMonth(t, disk)
	was := digests(store)
	remount(t, disk, unix.MS_RDONLY, "size=50m")

	holds(t, store, before)
	for _, args := range [][]string{{"reconcile"}, {"delivery", "show"}} {
		if e := finish(t, program(store, args...)); e.code != 0 {
			t.Errorf("%s: exit code %d, %s", args, e.code, e.err)
		}
	}
	f := func(store, message string, args ...string) {
		t.Helper()
		refused(t, strings.Join(args, " "), finish(t, program(store, args...)), 3, message, elsewhere)
	}
	inStore := "change store: write in " + store + ": read-only file system"
	f(store, inStore, "import", same)
	f(store, inStore, "import", newer)
	f(store, inStore, "delivery", "remove", "--month", "2026-09", "--yes")
	none := filepath.Join(disk, "none")
	f(none, "change store: mkdir "+none+": read-only file system", "import", newer)
	state := "change " + filepath.Join(store, "state.db") + ": write in " + store + ": read-only file system"
	const another = "hint: name a store that you may write, with --store"
	refused(t, "key create", finish(t, program(store, "key", "create")), 3, "key create: "+state, another)
	refused(t, "init", finish(t, program(store, "init", "--account", "111122223333")), 3, state, another)
	if !maps.Equal(was, digests(store)) {
		t.Error("the store has changed")
	}
}

// boundBy runs a command as root would be without the right to pass over the
// permissions of files, which others have not either.
func boundBy(t *testing.T, cmd *exec.Cmd) ended {
	t.Helper()
	if os.Getuid() != 0 {
		return finish(t, cmd)
	}
	return onThread(t, cmd, func() error {
		for _, right := range []uintptr{unix.CAP_DAC_OVERRIDE, unix.CAP_DAC_READ_SEARCH} {
			if err := unix.Prctl(unix.PR_CAPBSET_DROP, right, 0, 0, 0); err != nil {
				return err
			}
		}
		return nil
	})
}

// onThread runs a command from a thread that bind has put bounds on, which go to
// what the thread starts. Where the system does not grant them the test is
// skipped.
func onThread(t *testing.T, cmd *exec.Cmd, bind func() error) ended {
	t.Helper()
	out := make(chan ended)
	failed := make(chan error)
	go func() {
		runtime.LockOSThread() // never unlocked, so that the thread ends with the goroutine
		if err := bind(); err != nil {
			failed <- err
			return
		}
		out <- finish(t, cmd)
	}()
	select {
	case err := <-failed:
		t.Skip("no process can be bound: ", err)
	case e := <-out:
		return e
	}
	panic("BUG")
}

func TestNoPermission(t *testing.T) {
	store, _, newer, before, after := oneMonth(t, t.TempDir())
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, nil, 0); err != nil {
		t.Fatal(err)
	}
	if boundBy(t, exec.Command("cat", secret)).code == 0 {
		t.Skip("permissions bind nobody here")
	}
	was := digests(store)
	f := func(paths string, mode os.FileMode, args []string, code int, messages ...string) {
		t.Helper()
		found, err := filepath.Glob(filepath.Join(store, filepath.FromSlash(paths)))
		if err != nil || len(found) == 0 {
			t.Fatalf("no %s in the store, %v", paths, err)
		}
		modes := map[string]os.FileMode{}
		for _, p := range found {
			info, err := os.Stat(p)
			if err == nil {
				modes[p], err = info.Mode(), os.Chmod(p, mode)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		refused(t, fmt.Sprintf("%v with %s at mode %o", args, paths, mode), boundBy(t, program(store, args...)), code, messages...)
		for p, mode := range modes {
			if err := os.Chmod(p, mode); err != nil {
				t.Fatal(err)
			}
		}
		if !maps.Equal(was, digests(store)) {
			t.Errorf("%v with %s at mode %o: the store has changed", args, paths, mode)
		}
	}
	list, explore, importing := []string{"delivery", "list"}, allMonths, []string{"import", newer}
	manifest := "read manifest: open manifest.json: permission denied"
	f("", 0, list, 3, manifest)
	f("", 0, explore, 3, manifest)
	f("", 0, importing, 3, "change store: open "+store+": permission denied")
	f("manifest.json", 0, list, 3, manifest)
	f("manifest.json", 0, importing, 3, manifest)
	f("dims.*", 0, explore, 3, "read dims.v1.duckdb: permission denied")
	f("seg/*/*", 0, explore, 3, "read seg/2026-09/111122223333-bill.v1.duckdb: permission denied")
	f("import.lock", 0, importing, 3, "change store: open "+filepath.Join(store, "import.lock")+": permission denied", elsewhere)
	f("", 0o555, importing, 3, "change store: write in "+store+": permission denied", elsewhere)
	// What may not be written can be read.
	f("", 0o555, explore, 0)
	f("*.lock", 0o444, explore, 0)
	f("*.lock", 0, explore, 0)
	f("*/*/*", 0o444, explore, 0)
	holds(t, store, before)
	must(t, store, "import", newer)
	holds(t, store, after)
}
