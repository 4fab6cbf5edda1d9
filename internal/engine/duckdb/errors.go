package duckdb

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/duckdb/duckdb-go/v2"

	"showback"
)

// restore is what helps when a file of the store is damaged.
const restore = "restore the file from a copy of the store, or import the delivery again with --replace"

// damaged returns the error for a file of the store that is not as it was
// written.
func damaged(file, format string, args ...any) error {
	return showback.WithHint(showback.Errorf(showback.KindCorrupt, "read %s: %w", file, showback.Errorf(showback.KindCorrupt, format, args...)), restore)
}

// fault gives an error of the engine, met while it read a file of the store, a
// kind. Files of the store never change, so what can't be read of one is
// damage.
func fault(ctx context.Context, file string, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if ours := (*showback.Error)(nil); errors.As(err, &ours) {
		return fmt.Errorf("read %s: %w", file, err)
	}
	text, _, _ := strings.Cut(err.Error(), "\n\n")
	var d *duckdb.Error
	if errors.As(err, &d) {
		switch d.Type {
		case duckdb.ErrorTypeOutOfMemory:
			return showback.WithHint(showback.Errorf(showback.KindUnavailable, "read %s: %s", file, text),
				"ask for fewer keys or a shorter period at once")
		case duckdb.ErrorTypeIO, duckdb.ErrorTypeSerialization, duckdb.ErrorTypeCatalog, duckdb.ErrorTypeFatal:
			return damaged(file, "%s", text)
		}
	}
	return showback.Errorf(showback.KindInternal, "read %s: %s", file, text)
}
