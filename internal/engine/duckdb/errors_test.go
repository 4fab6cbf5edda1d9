package duckdb

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/duckdb/duckdb-go/v2"

	"showback"
)

func TestFault(t *testing.T) {
	const segment = "seg/2026-10/111122223333-bill.v1.duckdb"
	f := func(err error, otherwise, want showback.Kind, hint string) {
		t.Helper()
		got := faultOr(context.Background(), otherwise, segment, err)
		if kind, got := showback.KindOf(got), showback.HintOf(got); kind != want || !strings.Contains(got, hint) || (got == "") != (hint == "") {
			t.Errorf("%v: got %s with the hint %q, want %s with %q", err, kind, got, want, hint)
		}
		if !strings.Contains(got.Error(), segment) || strings.Contains(got.Error(), "\n") {
			t.Errorf("%v: got %q, want one line that names the file", err, got)
		}
	}
	of := func(kind duckdb.ErrorType, text string) error {
		return &duckdb.Error{Type: kind, Msg: text + "\n\nmore of it"}
	}
	const own, bad = showback.KindInternal, showback.KindCorrupt
	f(of(duckdb.ErrorTypeIO, `IO Error: Could not read from file "x": Input/output error`), own, showback.KindCorrupt, "--replace")
	f(of(duckdb.ErrorTypeIO, `IO Error: Could not write file "/tmp/x": No space left on device`), own, showback.KindUnavailable, "TMPDIR")
	f(of(duckdb.ErrorTypeIO, `IO Error: Cannot open file "x": Too many open files`), bad, showback.KindUnavailable, "ulimit")
	f(of(duckdb.ErrorTypeIO, `IO Error: Cannot open file "x": Permission denied`), bad, showback.KindDenied, "")
	f(of(duckdb.ErrorTypeOutOfMemory, "Out of Memory Error: failed to allocate"), bad, showback.KindUnavailable, "shorter period")
	f(of(duckdb.ErrorTypeOutOfMemory, "Out of Memory Error: failed to allocate"), own, showback.KindUnavailable, "shorter period")
	f(of(duckdb.ErrorTypeSerialization, "Serialization Error: no such field"), own, showback.KindCorrupt, "--replace")
	f(of(duckdb.ErrorTypeBinder, "Binder Error: no such column"), own, showback.KindInternal, "")
	f(of(duckdb.ErrorTypeInternal, "INTERNAL Error: a block that is none"), bad, showback.KindCorrupt, "--replace")
	f(errors.New("driver: bad connection"), own, showback.KindInternal, "")
	f(showback.Errorf(showback.KindCorrupt, "an id is in no dictionary"), own, showback.KindCorrupt, "--replace")
}

func TestRemedy(t *testing.T) {
	f := func(file, want, never string) {
		t.Helper()
		if got := remedy(file); !strings.Contains(got, want) || strings.Contains(got, never) {
			t.Errorf("%s: got %q, want %q in it and not %q", file, got, want, never)
		}
	}
	f("seg/2026-10/dims-bill.v1.duckdb", "--replace", "new store")
	f("dims.v7.duckdb", "new store", "--replace")
}
