package cli_test

import (
	"bytes"
	"context"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"showback/internal/app"
	"showback/internal/cli"
)

// canceling cancels at the first thing that is written to it.
type canceling struct{ cancel context.CancelFunc }

func (c canceling) Write(p []byte) (int, error) {
	c.cancel()
	return len(p), nil
}

// The demo imports twice: what it says of the store holds for both.
func TestInterruptedDemo(t *testing.T) {
	if testing.Short() {
		t.Skip("it imports 60,000 rows")
	}
	f := func(interrupt func(*cli.Program, context.CancelFunc), want string) {
		t.Helper()
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		var errs bytes.Buffer
		p := &cli.Program{
			In: strings.NewReader(""), Out: &bytes.Buffer{}, Err: &errs, Open: app.Open, Getenv: func(string) string { return "" },
			Now: func() time.Time { return time.Date(2026, 10, 13, 12, 0, 0, 0, time.UTC) },
		}
		interrupt(p, cancel)
		if code := p.Run(ctx, []string{"demo", "--store", filepath.Join(t.TempDir(), "store")}); code != 130 {
			t.Errorf("got exit code %d, want 130", code)
		}
		if !strings.Contains(errs.String(), want) {
			t.Errorf("got %q, want %q", errs.String(), want)
		}
	}
	f(func(_ *cli.Program, cancel context.CancelFunc) { cancel() }, "interrupted; the store is as it was")
	f(func(p *cli.Program, cancel context.CancelFunc) { p.Out = canceling{cancel} }, "interrupted; the store has what was imported before that")
}
