package duckdb

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"syscall"

	"github.com/duckdb/duckdb-go/v2"

	"showback"
)

// remedy says what helps when a file of the store is damaged. The dimensions
// belong to all deliveries at once: no import brings them back.
func remedy(file string) string {
	if strings.HasPrefix(file, "dims.") {
		return "restore the file from a copy of the store, or import all deliveries into a new store"
	}
	return "restore the file from a copy of the store, or import the delivery again with --replace"
}

// damaged returns the error for a file of the store that is not as it was
// written.
func damaged(file, format string, args ...any) error {
	return showback.WithHint(showback.Errorf(showback.KindCorrupt, "read %s: %w", file, showback.Errorf(showback.KindCorrupt, format, args...)), remedy(file))
}

// fault gives an error of the engine, met while it read a file of the store, a
// kind; one that says nothing of the file is our own.
func fault(ctx context.Context, file string, err error) error {
	return faultOr(ctx, showback.KindInternal, file, err)
}

// faultOr is fault with the kind of what says nothing of the file.
func faultOr(ctx context.Context, otherwise showback.Kind, file string, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if ours := (*showback.Error)(nil); errors.As(err, &ours) {
		err = fmt.Errorf("read %s: %w", file, err)
		if ours.Kind == showback.KindCorrupt {
			return showback.WithHint(err, remedy(file))
		}
		return err
	}
	kind, hint := judge(err)
	if kind == "" {
		kind = otherwise
	}
	text, _, _ := strings.Cut(err.Error(), "\n\n")
	if kind == showback.KindCorrupt {
		return damaged(file, "%s", text)
	}
	return showback.WithHint(showback.Errorf(kind, "read %s: %s", file, text), hint)
}

// judge returns the kind of an error of the engine, and what helps; neither
// when it says nothing of a file. Files of the store never change, so what
// can't be read of one is damage, unless memory, disk or the system is in the
// way.
func judge(err error) (kind showback.Kind, hint string) {
	var d *duckdb.Error
	if !errors.As(err, &d) {
		return "", ""
	}
	text := strings.ToLower(d.Msg)
	is := func(cause syscall.Errno) bool { return strings.Contains(text, cause.Error()) }
	switch {
	case d.Type == duckdb.ErrorTypeOutOfMemory:
		return showback.KindUnavailable, "ask for fewer keys or a shorter period at once"
	case is(syscall.ENOSPC):
		return showback.KindUnavailable, "make room on the disk of the folder for temporary files ($TMPDIR)"
	case is(syscall.EMFILE), is(syscall.ENFILE):
		return showback.KindUnavailable, "let the program open more files (ulimit -n), or ask for a shorter period at once"
	case d.Type == duckdb.ErrorTypePermission, is(syscall.EACCES), is(syscall.EPERM):
		return showback.KindDenied, ""
	}
	switch d.Type {
	case duckdb.ErrorTypeIO, duckdb.ErrorTypeSerialization, duckdb.ErrorTypeCatalog, duckdb.ErrorTypeFatal:
		return showback.KindCorrupt, ""
	}
	return "", ""
}
