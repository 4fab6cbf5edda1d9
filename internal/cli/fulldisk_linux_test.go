package cli_test

import (
	"fmt"
	"maps"
	"path/filepath"
	"strings"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"
)

const makeRoom = "hint: make room on the disk of the store, or in the quota on it, and start again: the store is as it was"

// used returns the bytes that are taken of the disk of a folder.
func used(t *testing.T, folder string) int64 {
	t.Helper()
	var s unix.Statfs_t
	if err := unix.Statfs(folder, &s); err != nil {
		t.Fatal(err)
	}
	return int64(s.Blocks-s.Bfree) * s.Bsize
}

// lasting leaves out what was under way: the next change takes it away.
func lasting(files map[string]string) map[string]string {
	maps.DeleteFunc(files, func(name, _ string) bool { return strings.HasPrefix(name, "tmp/") })
	return files
}

// A disk that is full ends an import, at whatever byte, with a message that says
// so, and what lasts of the store is as it was. With room enough the same import
// is made.
func TestFullDisk(t *testing.T) {
	if !mayMount(t) {
		return
	}
	disk := filepath.Join(t.TempDir(), "disk")
	mount(t, disk, "80m")
	store, _, newer, before, after := oneMonth(t, disk)
	was, taken, failed := digests(store), used(t, disk), 0
	for room := int64(0); ; room = room*3/2 + 64<<10 {
		remount(t, disk, 0, fmt.Sprintf("size=%d", taken+room))
		e := finish(t, program(store, "import", newer))
		if e.code == 0 {
			break
		}
		failed++
		what := fmt.Sprintf("import with room for %d bytes", room)
		refused(t, what, e, 3, makeRoom)
		if !strings.Contains(e.err, "write in "+filepath.Join(store, "tmp")+": no space left on device\n") || strings.Contains(e.err, "Error") {
			t.Errorf("%s: it said\n%s", what, e.err)
		}
		if now := lasting(digests(store)); !maps.Equal(was, now) {
			t.Errorf("%s: the store has changed: %v", what, now)
		}
		holds(t, store, before)
	}
	if failed < 5 {
		t.Errorf("got %d imports that failed, want several", failed)
	}
	holds(t, store, after)
	if odd := surplus(t, store); len(odd) > 0 {
		t.Error(odd)
	}
}

// overQuota has a thread, and what it starts, told that a quota is full when it
// writes into files: at a place of them, or at their end. Real quotas need a file
// system that has them, which machines for tests seldom have. Eight bytes are
// what the runtime writes to wake a thread.
func overQuota(call uint32) func() error {
	const nr, fd, size = 0, 16, 32 // where a call has its number and its 1st and 3rd argument
	load := func(at uint32) unix.SockFilter {
		return unix.SockFilter{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, K: at}
	}
	unless := func(test uint16, k uint32, skip uint8) unix.SockFilter {
		return unix.SockFilter{Code: unix.BPF_JMP | test | unix.BPF_K, K: k, Jf: skip}
	}
	end := func(verdict uint32) unix.SockFilter {
		return unix.SockFilter{Code: unix.BPF_RET | unix.BPF_K, K: verdict}
	}
	filter := []unix.SockFilter{
		load(nr), unless(unix.BPF_JEQ, call, 5),
		load(fd), unless(unix.BPF_JGT, 2, 3),
		load(size), unless(unix.BPF_JGT, 8, 1),
		end(unix.SECCOMP_RET_ERRNO | uint32(unix.EDQUOT)),
		end(unix.SECCOMP_RET_ALLOW),
	}
	return func() error {
		if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
			return err
		}
		program := unix.SockFprog{Len: uint16(len(filter)), Filter: &filter[0]}
		return unix.Prctl(unix.PR_SET_SECCOMP, unix.SECCOMP_MODE_FILTER, uintptr(unsafe.Pointer(&program)), 0, 0)
	}
}

func TestFullQuota(t *testing.T) {
	store, _, newer, before, after := oneMonth(t, t.TempDir())
	was := digests(store)
	for _, call := range []uint32{unix.SYS_WRITE, unix.SYS_PWRITE64} {
		for _, args := range [][]string{{"import", newer}, {"delivery", "remove", "--month", "2026-09", "--yes"}} {
			what := fmt.Sprintf("%s with system call %d over quota", args[0], call)
			e := onThread(t, program(store, args...), overQuota(call))
			refused(t, what, e, 3, makeRoom)
			if !strings.Contains(e.err, ": disk quota exceeded\n") || strings.Contains(e.err, "Error") {
				t.Errorf("%s: it said\n%s", what, e.err)
			}
			if now := lasting(digests(store)); !maps.Equal(was, now) {
				t.Errorf("%s: the store has changed: %v", what, now)
			}
		}
	}
	holds(t, store, before)
	must(t, store, "import", newer)
	holds(t, store, after)
}
