package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/term"

	"showback"
	"showback/internal/explore"
	"showback/internal/ledger"
)

// Opened is one version of a store, open for questions. Whoever opened it
// calls Close.
type Opened struct {
	Snapshot *ledger.Snapshot
	Engine   explore.Engine
	Close    func() error
}

// Open opens the version in force of the store in a folder. A folder that does
// not exist is an empty store.
type Open func(ctx context.Context, dir string) (*Opened, error)

// Program is all that the command line touches outside itself.
type Program struct {
	In       io.Reader
	Out, Err io.Writer
	Getenv   func(string) string
	Now      func() time.Time
	Open     Open
	Serve    Serve
	Width    int  // columns of a table on Out
	Live     bool // Err is a terminal, on which a progress bar can move
}

// Main runs the command line of this process and returns its exit code. An
// interrupt or SIGTERM cancels what is under way; a second one kills.
func Main(open Open, serve Serve) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop)
	p := &Program{
		In: os.Stdin, Out: os.Stdout, Err: os.Stderr, Getenv: os.Getenv, Now: time.Now, Open: open, Serve: serve,
		Width: width(os.Stdout, os.Getenv("COLUMNS")), Live: term.IsTerminal(int(os.Stderr.Fd())),
	}
	return p.Run(ctx, os.Args[1:])
}

// defaultWidth is what a table gets where nothing says how wide the paper is.
const defaultWidth = 80

// width returns the columns of a terminal; of something else, what the
// variable COLUMNS says.
func width(f *os.File, columns string) int {
	if w, _, err := term.GetSize(int(f.Fd())); err == nil && w > 0 {
		return w
	}
	if n, err := strconv.Atoi(columns); err == nil && n > 0 {
		return n
	}
	return defaultWidth
}

// Run runs one command line, without the program's name, and returns its exit
// code.
func (p *Program) Run(ctx context.Context, args []string) int {
	if p.Width <= 0 {
		p.Width = defaultWidth
	}
	out := &checkedWriter{to: p.Out}
	checked := *p
	checked.Out = out
	sh := &shell{Program: &checked}
	root := newRoot(sh)
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	if err != nil && ctx.Err() != nil {
		left := "the store is as it was"
		if sh.committed {
			left = "the store has what was imported before that"
		}
		p.remark("interrupted; %s", left)
		return exitInterrupted
	}
	var verdict verdict
	said := err == nil || errors.As(err, &verdict)
	switch {
	case out.err != nil && (said || errors.Is(err, out.err)):
		err = showback.Errorf(showback.KindUnavailable, "write result: %w", out.err)
	case said:
		return int(verdict)
	}
	p.complain(err)
	return exitOf(err)
}

// checkedWriter keeps the first error of a writer, so that what prints a
// result line by line need not look at each. It holds nothing back: on a
// terminal the result stands in order with what goes to standard error.
type checkedWriter struct {
	to  io.Writer
	err error
}

func (w *checkedWriter) Write(p []byte) (int, error) {
	if w.err != nil {
		return 0, w.err
	}
	n, err := w.to.Write(p)
	w.err = err
	return n, err
}

// complain prints an error and its hint. Lines after the first (a filter and
// its caret) stand as they are.
func (p *Program) complain(err error) {
	fmt.Fprintf(p.Err, "showback: %s\n", clean(err.Error(), "\n"))
	if hint := showback.HintOf(err); hint != "" {
		fmt.Fprintf(p.Err, "showback: hint: %s\n", clean(hint, "\n"))
	}
}

// remark prints a line about what is going on.
func (p *Program) remark(format string, args ...any) {
	fmt.Fprintf(p.Err, "showback: "+format+"\n", args...)
}

// clean replaces what could move the cursor or change the look of a terminal:
// tag values and file names come from outside. keep holds the control
// characters that may stay.
func clean(text, keep string) string {
	return strings.Map(func(r rune) rune {
		hidden := r < ' ' || r >= 0x7f && r < 0xa0 || // controls
			r >= 0x200e && r <= 0x200f || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 // direction of writing
		if hidden && !strings.ContainsRune(keep, r) {
			return '\ufffd'
		}
		return r
	}, text)
}
