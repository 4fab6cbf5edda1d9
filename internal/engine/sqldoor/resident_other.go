//go:build !linux

package sqldoor

// resident returns 0: only Linux says cheaply what a process takes.
func resident() int64 { return 0 }
