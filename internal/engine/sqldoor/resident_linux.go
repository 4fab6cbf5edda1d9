package sqldoor

import (
	"os"
	"strconv"
	"strings"
)

// resident returns the bytes of the process that are in memory; 0 when the
// system does not say. (Linux, proc_pid_statm(5): the second number, in pages.)
func resident() int64 {
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0
	}
	fields := strings.Fields(string(text))
	if len(fields) < 2 {
		return 0
	}
	pages, err := strconv.ParseInt(fields[1], 10, 64)
	if err != nil {
		return 0
	}
	return pages * int64(os.Getpagesize())
}
