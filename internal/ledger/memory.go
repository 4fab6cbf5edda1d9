package ledger

import (
	"io/fs"
	"math"
	"os"
	"path"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// room is how much memory the process may still take, and what says so.
type room struct {
	bytes int64
	by    string
	// uncounted is what an engine takes beyond the limit that it is given:
	// pages that it reads, stacks, what the allocator keeps. least is what an
	// import can't begin without. Both were found by trying, with a million rows.
	uncounted, least int64
}

const (
	uncountedMemory  = 256 << 20
	uncountedAddress = 512 << 20 // an arena for each thread is reserved, and hardly used
	leastRoom        = 192 << 20
	// With less of its address space the engine does not report an error but
	// ends the process.
	leastAddress = 384 << 20
)

// memoryRoom returns the least of what bounds the process: four fifths of the
// machine's memory, the limits of its cgroup and the limit of its address space.
// Where the system does not tell, nothing bounds it.
func memoryRoom() room {
	root := os.DirFS("/")
	least := room{math.MaxInt64, "nothing", uncountedMemory, leastRoom}
	for _, r := range []room{machineRoom(root), cgroupRoom(root), addressRoom(root)} {
		if r.bytes < least.bytes {
			least = r
		}
	}
	return least
}

// machineRoom reads the machine's memory. (Linux, "proc_meminfo(5)", 2025.)
func machineRoom(root fs.FS) room {
	r := room{math.MaxInt64, "the memory of the machine", uncountedMemory, leastRoom}
	text, err := fs.ReadFile(root, "proc/meminfo")
	if err != nil {
		return r
	}
	for line := range strings.Lines(string(text)) {
		if f := strings.Fields(line); len(f) == 3 && f[0] == "MemTotal:" {
			if kb, err := strconv.ParseInt(f[1], 10, 64); err == nil {
				r.bytes = kb * 1024 / 5 * 4
			}
		}
	}
	return r
}

// cgroupRoom reads the limits of the process's cgroup and of those above it,
// of version 2 (memory.max) and 1. In a container the path is the host's, and
// what is mounted is the container's own: then the limit lies at the top.
// (Linux, "Control Group v2" and "Memory Resource Controller", 2025.)
func cgroupRoom(root fs.FS) room {
	r := room{math.MaxInt64, "the memory limit of its cgroup", uncountedMemory, leastRoom}
	text, err := fs.ReadFile(root, "proc/self/cgroup")
	if err != nil {
		return r
	}
	for line := range strings.Lines(string(text)) {
		f := strings.SplitN(strings.TrimSpace(line), ":", 3)
		if len(f) != 3 {
			continue
		}
		top, limit, used := "sys/fs/cgroup", "memory.max", "memory.current"
		if f[1] != "" {
			if !strings.Contains(","+f[1]+",", ",memory,") {
				continue
			}
			top, limit, used = "sys/fs/cgroup/memory", "memory.limit_in_bytes", "memory.usage_in_bytes"
		}
		for at := path.Clean("/" + f[2]); ; at = path.Dir(at) {
			folder := path.Join(top, at)
			most, limited := readBytes(root, path.Join(folder, limit))
			if !limited {
				most = math.MaxInt64
			}
			if taken, ok := readBytes(root, path.Join(folder, used)); ok && limited {
				most = min(max(most-taken+reclaimable(root, folder), 0), most)
			}
			r.bytes = min(r.bytes, most)
			if at == "/" {
				break
			}
		}
	}
	return r
}

// reclaimable is what of a cgroup's memory is copies of files, which the system
// takes back when it is wanted.
func reclaimable(root fs.FS, folder string) int64 {
	text, err := fs.ReadFile(root, path.Join(folder, "memory.stat"))
	if err != nil {
		return 0
	}
	var n int64
	for line := range strings.Lines(string(text)) {
		if f := strings.Fields(line); len(f) == 2 && (f[0] == "inactive_file" || f[0] == "active_file") {
			more, _ := strconv.ParseInt(f[1], 10, 64)
			n += more
		}
	}
	return n
}

// readBytes reads a file that holds a number; "max" is none.
func readBytes(root fs.FS, name string) (int64, bool) {
	text, err := fs.ReadFile(root, name)
	if err != nil {
		return 0, false
	}
	n, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
	return n, err == nil
}

// addressRoom returns what the limit of the address space (ulimit -v) leaves
// beyond what the process has mapped, which is far more than it uses.
func addressRoom(root fs.FS) room {
	r := room{math.MaxInt64, "the limit of its address space (ulimit -v)", uncountedAddress, leastAddress}
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_AS, &limit); err != nil || limit.Cur > math.MaxInt64 {
		return r
	}
	r.bytes = int64(limit.Cur)
	if text, err := fs.ReadFile(root, "proc/self/statm"); err == nil {
		if f := strings.Fields(string(text)); len(f) > 0 {
			if pages, err := strconv.ParseInt(f[0], 10, 64); err == nil {
				r.bytes = max(r.bytes-pages*int64(os.Getpagesize()), 0)
			}
		}
	}
	return r
}
