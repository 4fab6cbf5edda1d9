package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
)

// machine describes what the figures were measured on, and how busy it was
// just before.
func machine(ctx context.Context) (string, error) {
	y, err := openYard()
	if err != nil {
		return "", err
	}
	defer y.close()
	engine, err := y.text(ctx, "SELECT version()")
	if err != nil {
		return "", err
	}
	load, _, _ := strings.Cut(firstLine("/proc/loadavg"), "/")
	if i := strings.LastIndex(load, " "); i > 0 {
		load = load[:i]
	}
	return fmt.Sprintf("Machine: %s, %d cores (%d used), %s memory, %s/%s.\nVersions: %s, DuckDB %s%s.\nLoad average before: %s.",
		known(field("/proc/cpuinfo", "model name")), runtime.NumCPU(), runtime.GOMAXPROCS(0), known(field("/proc/meminfo", "MemTotal")),
		runtime.GOOS, runtime.GOARCH, runtime.Version(), engine, commit(), known(load)), nil
}

// commit names the version of the source, where the build has it.
func commit() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			return ", commit " + s.Value
		}
	}
	return ""
}

func known(text string) string {
	if text == "" {
		return "unknown"
	}
	return text
}

// field returns the value of the first line of that name in a file of lines
// "name : value"; empty where there is none, as on systems without /proc.
func field(path, name string) string {
	f, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if key, value, ok := strings.Cut(lines.Text(), ":"); ok && strings.TrimSpace(key) == name {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

func firstLine(path string) string {
	text, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	line, _, _ := strings.Cut(string(text), "\n")
	return line
}
