package cli_test

import (
	"bytes"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"showback/internal/app"
	"showback/internal/cli"
)

// full takes some bytes and no more.
type full struct{ room int }

func (f *full) Write(p []byte) (int, error) {
	if n := min(f.room, len(p)); n < len(p) {
		f.room = 0
		return n, errors.New("no space left")
	}
	f.room -= len(p)
	return len(p), nil
}

// A result that could not be written is no success, in whatever form.
func TestFullOutput(t *testing.T) {
	store, bill := filepath.Join(t.TempDir(), "store"), filepath.Join("testdata", "handmade", "charges.csv")
	f := func(room int, args ...string) {
		t.Helper()
		var errs bytes.Buffer
		p := &cli.Program{
			In: strings.NewReader(""), Out: &full{room}, Err: &errs, Open: app.Open, Getenv: func(string) string { return "" },
			Now: func() time.Time { return time.Date(2026, 10, 13, 12, 0, 0, 0, time.UTC) },
		}
		code := p.Run(t.Context(), append(args, "--store", store))
		if said := strings.Contains(errs.String(), "showback: write result: no space left\n"); code != 3 || !said {
			t.Errorf("%s: got exit code %d and %q, want 3 and what could not be done", args, code, errs.String())
		}
	}
	f(0, "import", bill)
	for _, room := range []int{0, 20} {
		f(room, "explore", "--from", "2025-01")
		f(room, "explore", "--from", "2025-01", "--format", "csv")
		f(room, "explore", "--from", "2025-01", "--json")
		f(room, "reconcile")
		f(room, "delivery", "list")
		f(room, "delivery", "show")
		f(room, "delivery", "list", "--json")
		f(room, "version")
		f(room, "explore", "--help")
	}
	f(0, "delivery", "remove", "--export", "charges", "--yes")
}
