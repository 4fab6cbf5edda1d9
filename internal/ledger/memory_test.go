package ledger

import (
	"math"
	"strings"
	"testing"
	"testing/fstest"

	"showback"
)

func files(pairs ...string) fstest.MapFS {
	fs := fstest.MapFS{}
	for i := 0; i < len(pairs); i += 2 {
		fs[pairs[i]] = &fstest.MapFile{Data: []byte(pairs[i+1])}
	}
	return fs
}

func TestCgroupRoom(t *testing.T) {
	f := func(what string, fs fstest.MapFS, want int64) {
		t.Helper()
		if got := cgroupRoom(fs).bytes; got != want {
			t.Errorf("%s: got %d, want %d", what, got, want)
		}
	}
	const v2, v1, top1 = "sys/fs/cgroup/", "sys/fs/cgroup/memory/", "proc/self/cgroup"
	f("no cgroups", files(), math.MaxInt64)
	f("version 2", files(top1, "0::/a/b\n", v2+"a/b/memory.max", "1000\n", v2+"a/b/memory.current", "300\n"), 700)
	f("copies of files go", files(top1, "0::/a\n", v2+"a/memory.max", "1000\n", v2+"a/memory.current", "900\n",
		v2+"a/memory.stat", "anon 100\ninactive_file 500\nactive_file 200\n"), 800)
	f("no more than the limit", files(top1, "0::/a\n", v2+"a/memory.max", "1000\n", v2+"a/memory.current", "100\n",
		v2+"a/memory.stat", "inactive_file 500\n"), 1000)
	f("the limit above", files(top1, "0::/a/b\n", v2+"a/b/memory.max", "max\n", v2+"a/memory.max", "500\n"), 500)
	f("in a container", files(top1, "0::/docker/1234\n", v2+"memory.max", "400\n"), 400)
	f("version 1", files(top1, "9:name=systemd:/x\n4:cpu,memory:/a\n0::/\n", v1+"a/memory.limit_in_bytes", "600\n", v1+"a/memory.usage_in_bytes", "100\n",
		v1+"memory.limit_in_bytes", "9223372036854771712\n", v1+"memory.usage_in_bytes", "5000\n"), 500)
	f("version 1 in a container", files(top1, "4:memory:/docker/1234\n", v1+"memory.limit_in_bytes", "600\n"), 600)
	f("full", files(top1, "0::/\n", v2+"memory.max", "100\n", v2+"memory.current", "200\n"), 0)
	f("another controller", files(top1, "4:cpu:/a\n", v1+"a/memory.limit_in_bytes", "600\n"), math.MaxInt64)
	f("no numbers", files(top1, "nonsense\n0::/a\n", v2+"a/memory.max", "many\n"), math.MaxInt64)
}

func TestMachineRoom(t *testing.T) {
	if got, want := machineRoom(files("proc/meminfo", "MemTotal:  1000 kB\nMemFree: 1 kB\n")).bytes, int64(800*1024); got != want {
		t.Errorf("got %d, want %d", got, want)
	}
	if got := machineRoom(files()).bytes; got != math.MaxInt64 {
		t.Errorf("where nothing tells: got %d", got)
	}
	if r := memoryRoom(); r.bytes <= 0 {
		t.Errorf("here: got %d by %s", r.bytes, r.by)
	}
}

func TestMemoryFor(t *testing.T) {
	f := func(free int64, r room, stages bool, want int64, fault string) {
		t.Helper()
		r.bytes = free << 20
		share, err := memoryFor(r, stages)
		if fault != "" {
			if err == nil || err.Error() != fault || showback.KindOf(err) != showback.KindUnavailable || showback.HintOf(err) == "" {
				t.Errorf("%d MB: got %v, want %s", free, err, fault)
			}
			return
		}
		if err != nil || share.bytes>>20 != want {
			t.Errorf("%d MB: got %d MB, %v, want %d MB", free, share.bytes>>20, err, want)
		}
	}
	machine, address := machineRoom(files()), addressRoom(files())
	f(1<<20, machine, true, 4096, "")
	f(1000, machine, true, 600, "")
	f(400, machine, true, 144, "")
	f(200, machine, true, 64, "")
	f(100, machine, true, 0, "not enough memory: it takes more than is left: the memory of the machine left 100 MB")
	f(100, machine, false, 64, "")
	f(1000, address, true, 488, "")
	f(383, address, true, 0, "not enough memory: it takes more than is left: the limit of its address space (ulimit -v) left 383 MB")
}

// TestNoMemory: what an engine can't do for want of memory is told as such.
func TestNoMemory(t *testing.T) {
	w, err := openWork(t.Context(), "", "")
	if err != nil {
		t.Fatal(err)
	}
	defer w.close()
	for _, set := range []string{"SET memory_limit = '16MB'", "SET temp_directory = ''"} {
		if err := w.exec(t.Context(), set); err != nil {
			t.Fatal(err)
		}
	}
	err = w.exec(t.Context(), "CREATE TABLE big AS SELECT range::VARCHAR || repeat('x', 100) AS text FROM range(1000000) ORDER BY hash(range)")
	if err == nil || showback.KindOf(err) != showback.KindUnavailable || !strings.HasPrefix(err.Error(), "not enough memory: it takes more than ") {
		t.Errorf("got %v of kind %s", err, showback.KindOf(err))
	}
	if !strings.Contains(showback.HintOf(err), "GOMAXPROCS=1") {
		t.Errorf("hint %q", showback.HintOf(err))
	}
}
