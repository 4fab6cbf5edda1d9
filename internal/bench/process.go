package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"time"

	"showback"
)

// launchCommand makes this program the launcher of another. What a system says
// of a process's memory begins with that of the process it was started by: one
// that has held a month in its engine would hide what it measures.
const launchCommand = "launch"

// ended is a process that has ended well: it is what a launcher prints.
type ended struct {
	Took time.Duration
	Peak int64 // bytes of memory that it had at most, or its launcher
	Out  []byte
}

// runProcess runs a program to its end, by way of a launcher. One that ends
// with an error is an error with what it said.
func runProcess(ctx context.Context, program string, args ...string) (ended, error) {
	self, err := os.Executable()
	if err != nil {
		return ended{}, showback.Errorf(showback.KindUnavailable, "find this program: %w", err)
	}
	launcher, err := run(ctx, self, append([]string{launchCommand, program}, args...)...)
	if err != nil {
		return ended{}, err
	}
	var e ended
	if err := json.Unmarshal(launcher.Out, &e); err != nil {
		return ended{}, showback.Errorf(showback.KindInternal, "run %s: read what its launcher says: %w", program, err)
	}
	return e, nil
}

// launchMain is the launcher: it runs a program and prints what came of it.
func launchMain(ctx context.Context, args []string, out io.Writer) error {
	e, err := run(ctx, args[0], args[1:]...)
	if err != nil {
		return err
	}
	return json.NewEncoder(out).Encode(e)
}

// run runs a program to its end. When ctx ends it is interrupted, and killed
// where that does not help.
func run(ctx context.Context, program string, args ...string) (ended, error) {
	cmd := exec.CommandContext(ctx, program, args...) //nolint:gosec // the program that is measured, or this one
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 10 * time.Second
	var out, said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &said
	watch := start()
	err := cmd.Run()
	took := watch.elapsed()
	switch exit := (*exec.ExitError)(nil); {
	case ctx.Err() != nil:
		return ended{}, context.Cause(ctx)
	case errors.As(err, &exit):
		return ended{}, showback.Errorf(showback.KindInternal, "run %s: %w: %s", strings.Join(append([]string{program}, args...), " "), err,
			strings.TrimSpace(said.String()))
	case err != nil:
		return ended{}, showback.Errorf(showback.KindUnavailable, "run %s: %w", program, err)
	}
	return ended{took, peakOf(cmd.ProcessState), out.Bytes()}, nil
}

// peakOf returns the most memory that an ended process had, in bytes. (Linux,
// getrusage(2): ru_maxrss is in kilobytes; macOS's is in bytes.)
func peakOf(state *os.ProcessState) int64 {
	usage, ok := state.SysUsage().(*syscall.Rusage)
	if !ok {
		return 0
	}
	return maxResident(usage)
}

func maxResident(usage *syscall.Rusage) int64 {
	if runtime.GOOS == "darwin" {
		return usage.Maxrss
	}
	return usage.Maxrss << 10
}

// showback runs the program that is measured on a store.
func (b *bench) showback(ctx context.Context, store string, args ...string) (ended, error) {
	return runProcess(ctx, b.program, append([]string{args[0], "--store", store}, args[1:]...)...)
}

// started measures a command of the program in new processes. It returns their
// times and the most memory that one of them had.
func (b *bench) started(ctx context.Context, store string, args ...string) (times, int64, error) {
	var peak int64
	t, err := race(ctx, 1, b.runs, timed(func(ctx context.Context) error {
		p, err := b.showback(ctx, store, args...)
		peak = max(peak, p.Peak)
		return err
	}))
	if err != nil {
		return nil, 0, err
	}
	return t[0], peak, nil
}

// explore measures the question that stands when nothing is asked.
func (b *bench) explore(ctx context.Context, r *report) error {
	store, err := b.estate(ctx, b.medium)
	if err != nil {
		return err
	}
	t, peak, err := b.started(ctx, store.Dir(), "explore")
	if err != nil {
		return err
	}
	r.add(within("showback explore, new process, size "+string(b.medium), t, 300*time.Millisecond, "memory "+megabytes(peak)))
	t, peak, err = b.started(ctx, store.Dir(), "explore", "--by", teamKey, "--from", "12m")
	if err != nil {
		return err
	}
	r.add(within("the same, 12 months by team", t, 0, "memory "+megabytes(peak)))
	return nil
}

func (b *bench) version(ctx context.Context, r *report) error {
	t, peak, err := b.started(ctx, b.dir, "version")
	if err != nil {
		return err
	}
	r.add(within("showback version", t, 50*time.Millisecond, "memory "+megabytes(peak)))
	return nil
}
