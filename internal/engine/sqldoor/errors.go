package sqldoor

import (
	"context"
	"errors"
	"strings"

	"github.com/duckdb/duckdb-go/v2"

	"showback"
)

// mistakes are the errors of the engine that are about the asker's text.
var mistakes = map[duckdb.ErrorType]bool{
	duckdb.ErrorTypeParser: true, duckdb.ErrorTypeSyntax: true, duckdb.ErrorTypeBinder: true, duckdb.ErrorTypeCatalog: true,
	duckdb.ErrorTypeConversion: true, duckdb.ErrorTypeInvalidInput: true, duckdb.ErrorTypeOutOfRange: true,
	duckdb.ErrorTypeMismatchType: true, duckdb.ErrorTypeInvalidType: true, duckdb.ErrorTypeDivideByZero: true,
	duckdb.ErrorTypeNotImplemented: true, duckdb.ErrorTypeExpression: true, duckdb.ErrorTypeParameterNotResolved: true,
	duckdb.ErrorTypeParameterNotAllowed: true, duckdb.ErrorTypeDecimal: true, duckdb.ErrorTypeConstraint: true,
}

// isMistake reports an error that says that the text names what is not there.
func isMistake(err error) bool {
	var d *duckdb.Error
	return errors.As(err, &d) && (d.Type == duckdb.ErrorTypeBinder || d.Type == duckdb.ErrorTypeCatalog)
}

// queryError gives an error of a query a kind.
func (d *Door) queryError(ctx context.Context, err error) error {
	if ctx.Err() == nil && outOfMemory(err) {
		return d.memoryError()
	}
	return engineError(ctx, "run query", err)
}

// outOfMemory reports an error that says that memory is short; a call of a
// function that the system gave none says so in other words.
func outOfMemory(err error) bool {
	var e *duckdb.Error
	text := err.Error()
	return errors.As(err, &e) && e.Type == duckdb.ErrorTypeOutOfMemory ||
		strings.Contains(text, "Out of Memory") || strings.Contains(text, "bad_alloc") || strings.Contains(text, "bad allocation")
}

// engineError gives an error of the engine a kind. Where the text is at fault
// its place is kept, in lines of their own.
func engineError(ctx context.Context, what string, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	var ours *showback.Error
	if errors.As(err, &ours) {
		return err
	}
	var d *duckdb.Error
	if !errors.As(err, &d) {
		return showback.Errorf(showback.KindInternal, "%s: %w", what, err)
	}
	text := strings.TrimSpace(d.Msg)
	first, _, _ := strings.Cut(text, "\n")
	switch {
	case mistakes[d.Type]:
		return showback.Errorf(showback.KindInvalid, "%s: %s", what, text)
	case d.Type == duckdb.ErrorTypePermission:
		return showback.Errorf(showback.KindDenied, "%s: %s", what, first)
	case d.Type == duckdb.ErrorTypeIO, d.Type == duckdb.ErrorTypeSerialization, d.Type == duckdb.ErrorTypeFatal:
		return showback.WithHint(showback.Errorf(showback.KindCorrupt, "%s: %s", what, first), "see what is damaged: showback check")
	}
	return showback.Errorf(showback.KindInternal, "%s: %s", what, first)
}
