package ledger

import (
	"context"
	"fmt"
	"strings"

	"showback"
	"showback/internal/source"
)

// The stage is one table with a row for each delivered line, its values read
// but not yet given ids. Texts are never NULL: blank and absent are the same.
// reject is NULL for a good line, else "column\x1fwhat was found", or
// "column:fault\x1fwhat was found".
const stageTable = "stage"

// The fields staged, by how they are read.
var (
	texts     = source.OfKind(source.Text)
	mapFields = source.OfKind(source.Map)
	times     = source.OfKind(source.Time)
	amounts   = source.OfKind(source.Amount)
)

// needed are the fields that no line may leave blank.
var needed = []source.Field{source.Payer, source.PeriodStart, source.LineType, source.UsageStart, source.Currency, source.Unblended}

const (
	amountType = "DECIMAL(38,19)"
	tooLarge   = "1000000000000000000" // |amount| must be below 1e18
	separator  = "\x1f"
	// The times that a bill can have, from and before.
	firstTime = "TIMESTAMP '2000-01-01'"
	lastTime  = "TIMESTAMP '2200-01-01'"
)

// createStage makes the tables that the lines of a delivery are read into.
func (w *work) createStage(ctx context.Context) error {
	if err := w.createLabels(ctx); err != nil {
		return err
	}
	cols := []string{"file_id INTEGER", "row_number BIGINT"}
	for _, f := range append(append([]source.Field{}, texts...), mapFields...) {
		cols = append(cols, ident(string(f))+" VARCHAR")
	}
	for _, f := range times {
		cols = append(cols, ident(string(f))+" TIMESTAMP")
	}
	for _, f := range amounts {
		cols = append(cols, ident(string(f))+" "+amountType)
	}
	cols = append(cols, "rounded INTEGER", "reject VARCHAR")
	return w.exec(ctx, "CREATE OR REPLACE TABLE "+stageTable+" ("+strings.Join(cols, ", ")+")")
}

// take reads one file, into the stage unless its lines can be left where they
// are, and returns those that the stage has no place for. A file that is no
// longer what was digested is an error of KindConflict, whatever it came to; of
// those that are read in place stillSame finds that out when all is read.
func (w *work) take(ctx context.Context, id int, f source.File, digest FileInfo, cols []source.Column, m source.Mapping) ([]Reject, error) {
	if kept, err := w.keep(ctx, id, f, digest, cols, m); kept || err != nil {
		return nil, err
	}
	rejects, err := w.takeLines(ctx, id, f, cols, m)
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	if kind := showback.KindOf(err); err == nil || kind == showback.KindCorrupt || kind == showback.KindInvalid {
		if changed := unchanged(ctx, f, digest); changed != nil {
			return nil, changed
		}
	}
	return rejects, err
}

func (w *work) takeLines(ctx context.Context, id int, f source.File, cols []source.Column, m source.Mapping) ([]Reject, error) {
	if f.Format == source.Parquet {
		err := w.stageFile(ctx, id, f, cols, m)
		if err != nil && strings.Contains(err.Error(), "is not valid UTF8") {
			return nil, w.notUTF8(ctx, f, m, err)
		}
		return nil, err
	}
	return w.stageCSV(ctx, id, f, cols, m)
}

// notUTF8 finds the column of a Parquet file whose text the engine could not
// read; err is what the engine said.
func (w *work) notUTF8(ctx context.Context, f source.File, m source.Mapping, err error) error {
	for _, field := range source.Fields {
		c, ok := m.Columns[field]
		if !ok {
			continue
		}
		read := w.exec(ctx, fmt.Sprintf("SELECT max(%s::VARCHAR) FROM %s", ident(c.Name), parquetScan(f)))
		if read == nil || !strings.Contains(read.Error(), "is not valid UTF8") {
			continue
		}
		found := ""
		if _, after, ok := strings.Cut(read.Error(), "value \""); ok {
			found, _, _ = strings.Cut(after, "\" is not valid")
		}
		return showback.WithHint(showback.Errorf(showback.KindInvalid, "read %s, column %s: found \"%s\": not UTF-8", f.Path, c.Name, clip(found)),
			"write the column as UTF-8 text, as AWS delivers it")
	}
	return err
}

// parquetScan reads a Parquet file by its name alone: a folder named like
// a=b is no column.
func parquetScan(f source.File) string {
	return "read_parquet(" + quote(f.Path) + ", file_row_number = true, hive_partitioning = false, binary_as_string = true)"
}

// unchanged holds a file against its digest. A second digest costs little beside
// the staging, and sees what size and time do not.
func unchanged(ctx context.Context, f source.File, was FileInfo) error {
	is, err := Digest(ctx, f)
	if err != nil || is.SHA256 == was.SHA256 {
		return err
	}
	return showback.WithHint(showback.Errorf(showback.KindConflict, "read %s: it changed while it was read: it had %d bytes and has %d, or others",
		f.Path, was.Size, is.Size), "wait until what writes it is done, and import again")
}

// stageFile appends the lines of one file to the stage.
func (w *work) stageFile(ctx context.Context, id int, f source.File, cols []source.Column, m source.Mapping) error {
	from, rowNumber := parquetScan(f), "file_row_number + 1"
	ordered := false
	if f.Format != source.Parquet {
		from, rowNumber, ordered = csvScan(f, cols), "row_number() OVER ()", true
	}
	// Order costs memory and time; only numbering the rows of a CSV needs it.
	if err := w.exec(ctx, fmt.Sprintf("SET preserve_insertion_order = %t", ordered)); err != nil {
		return err
	}
	err := w.exec(ctx, "INSERT INTO "+stageTable+" "+stageSelect(id, rowNumber, from, m))
	if err != nil && ctx.Err() == nil {
		return fileError(f, err)
	}
	return err
}

// csvScan reads every column as text.
func csvScan(f source.File, cols []source.Column) string {
	named := make([]string, len(cols))
	for i, c := range cols {
		named[i] = quote(c.Name) + ": 'VARCHAR'"
	}
	compression := "none"
	if f.Format == source.CSVGzip {
		compression = "gzip"
	}
	return "read_csv(" + quote(f.Path) + ", auto_detect = false, header = true, delim = ',', quote = '\"', escape = '\"'," +
		" nullstr = '', max_line_size = " + fmt.Sprint(maxRecord) + "," +
		" compression = '" + compression + "', columns = {" + strings.Join(named, ", ") + "})"
}

// stageSelect reads the fields of a file's lines. A value that is there but
// can't be read makes the line a reject; the first such column is named. The
// inner query reads each value once, the outer one judges it.
func stageSelect(id int, rowNumber, from string, m source.Mapping) string {
	inner := []string{rowNumber + ` AS "row"`}
	outer := []string{fmt.Sprint(id), `"row"`}
	var bad, cut []string
	take := func(f source.Field, expr string) {
		inner = append(inner, expr+" AS "+ident("v "+string(f)))
		outer = append(outer, ident("v "+string(f)))
	}
	// raw makes the delivered value known to the outer query.
	raw := func(f source.Field) (source.Column, string) {
		c := m.Columns[f]
		name := "r " + string(f)
		inner = append(inner, ident(c.Name)+" AS "+ident(name))
		return source.Column{Name: name, Type: c.Type}, ident("v " + string(f))
	}
	reject := func(f source.Field, fault, when, found string) {
		bad = append(bad, fmt.Sprintf("WHEN %s THEN '%s%s%s' || %s", when, f, fault, separator, found))
	}
	for _, f := range texts {
		take(f, textOf(m, f))
	}
	for _, f := range mapFields {
		take(f, mapOf(m, f))
	}
	for _, f := range times {
		if !m.Has(f) {
			take(f, "NULL::TIMESTAMP")
			continue
		}
		take(f, timeOf(m.Columns[f]))
		c, value := raw(f)
		reject(f, "", there(c)+" AND "+value+" IS NULL", asText(c))
		reject(f, ":"+faultYears, fmt.Sprintf("NOT (%[1]s >= %[2]s AND %[1]s < %[3]s)", value, firstTime, lastTime), asText(c))
		if f == source.PeriodStart {
			// The month is the one in UTC: a period that a writer has moved to
			// another zone would be counted in the month before.
			reject(f, ":"+faultFirst, value+" <> date_trunc('month', "+value+")", asText(c))
		}
	}
	for _, f := range amounts {
		if !m.Has(f) {
			take(f, "NULL::"+amountType)
			continue
		}
		take(f, amountOf(m.Columns[f]))
		c, value := raw(f)
		size := value
		if isDouble(c) {
			size = ident(c.Name) // NaN is above every number
		}
		reject(f, "", fmt.Sprintf("%s AND (%s IS NULL OR abs(%s) >= %s)", there(c), value, size, tooLarge), asText(c))
		if when := cutOf(c, value); when != "" && f != source.Quantity {
			cut = append(cut, "("+when+")::INTEGER")
		}
	}
	for _, f := range needed {
		blank := ident("v "+string(f)) + " IS NULL"
		if source.KindOf(f) == source.Text {
			blank = ident("v "+string(f)) + " = ''"
		}
		reject(f, "", blank, "''")
	}
	rounded := "0"
	if len(cut) > 0 {
		rounded = strings.Join(cut, " + ")
	}
	outer = append(outer, rounded, "CASE "+strings.Join(bad, " ")+" END")
	return "SELECT " + strings.Join(outer, ",\n ") + "\nFROM (SELECT " + strings.Join(inner, ",\n ") + "\nFROM " + from + ")"
}

func isDouble(c source.Column) bool { return c.Type == "DOUBLE" || c.Type == "FLOAT" }

func isText(c source.Column) bool { return c.Type == "VARCHAR" || c.Type == "JSON" }

func asText(c source.Column) string {
	if isText(c) {
		return ident(c.Name)
	}
	return ident(c.Name) + "::VARCHAR"
}

// there is true of a line that has a value in the column.
func there(c source.Column) string {
	if isText(c) {
		return "coalesce(" + ident(c.Name) + ", '') <> ''"
	}
	return ident(c.Name) + " IS NOT NULL"
}

func textOf(m source.Mapping, f source.Field) string {
	c, ok := m.Columns[f]
	if !ok {
		return "''"
	}
	return "coalesce(" + asText(c) + ", '')"
}

// mapOf gives a map as JSON text. An empty map is blank, however it is written.
func mapOf(m source.Mapping, f source.Field) string {
	c, ok := m.Columns[f]
	if !ok {
		return "''"
	}
	text := ident(c.Name)
	if !isText(c) {
		text = "to_json(" + text + ")::VARCHAR"
	}
	return "coalesce(nullif(" + text + ", '{}'), '')"
}

// timeForm is how a time is written. The engine reads more, such as "epoch",
// "2026-10-02 (BC)", offsets of days and names of zones, which are no time in a
// bill.
const timeForm = `[0-9]{4}-[0-9]{2}-[0-9]{2}` +
	`(T([01][0-9]|2[0-3]):[0-9]{2}:[0-9]{2}(\.[0-9]+)?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])?` +
	`| ([01][0-9]|2[0-3]):[0-9]{2}:[0-9]{2}(\.[0-9]+)?(Z|[+-]([01][0-9]|2[0-3])(:[0-5][0-9])?| UTC)?)?`

// timeOf reads a time.
func timeOf(c source.Column) string {
	if isText(c) {
		// A plain TIMESTAMP cast would ignore an offset: +02:00 must count.
		return fmt.Sprintf("CASE WHEN regexp_full_match(%[1]s, '%[2]s') THEN TRY_CAST(nullif(%[1]s, '') AS TIMESTAMPTZ)::TIMESTAMP END", ident(c.Name), timeForm)
	}
	return "TRY_CAST(" + ident(c.Name) + " AS TIMESTAMP)"
}

// amountOf reads a decimal: a double as the shortest decimal that reads back
// as it, a text as written. The first arm of each is a fast path for what
// bills mostly hold. For the rest, the engine's cast rounds half away from zero
// at the 19th decimal, but turns any number below it that is written with an
// exponent into 1e-19, so those are 0 by hand; it reads blanks, underscores and
// two signs, and points in exponents, which are no number in a bill; and before
// it moves a point by an exponent it drops what is past the 19th decimal: such a
// number is refused, and no bill was seen to have one.
func amountOf(c source.Column) string {
	name := ident(c.Name)
	switch {
	case isText(c):
		return fmt.Sprintf("CASE WHEN translate(%[1]s, '0123456789.', '') IN ('', '-') THEN TRY_CAST(nullif(%[1]s, '') AS %[2]s)"+
			" WHEN regexp_matches(%[1]s, '[^0-9eE.+-]|[+-][+-]|[eE].*[.]|[.][0-9]{20,}[eE]') THEN NULL"+
			" WHEN abs(TRY_CAST(%[1]s AS DOUBLE)) < 5e-20 THEN 0::%[2]s ELSE TRY_CAST(%[1]s AS %[2]s) END", name, amountType)
	case c.Type == "DOUBLE":
		// A double that is n / 1e10 with at most 15 digits is that decimal:
		// no other of so few digits reads back as it.
		tenths := "TRY_CAST(" + name + " * 1e10 AS BIGINT)"
		return fmt.Sprintf("CASE WHEN abs(%[1]s) < 1e5 AND %[3]s / 1e10 = %[1]s THEN (%[3]s::DECIMAL(28,0) * 0.0000000001::DECIMAL(10,10))::%[2]s"+
			" WHEN abs(%[1]s) < 5e-20 THEN 0::%[2]s ELSE TRY_CAST(%[1]s::VARCHAR AS %[2]s) END", name, amountType, tenths)
	case c.Type == "FLOAT":
		return fmt.Sprintf("CASE WHEN abs(%[1]s) < 5e-20 THEN 0::%[2]s ELSE TRY_CAST(%[1]s::VARCHAR AS %[2]s) END", name, amountType)
	}
	return fmt.Sprintf("TRY_CAST(%s AS %s)", name, amountType)
}

// cutOf is true of an amount with digits past the 19th decimal; "" where the
// type has none. A double with that many is below 0.01: it has at most 17
// digits.
func cutOf(c source.Column, value string) string {
	name := ident(c.Name)
	switch {
	case isText(c):
		// The decimals of a text are the digits after its point, less trailing
		// zeros, less its exponent.
		digits := fmt.Sprintf(`regexp_extract(%s, '^[+-]?([0-9.]*)', 1)`, name)
		return fmt.Sprintf(`CASE WHEN coalesce(length(%[1]s) < 21 AND NOT regexp_matches(%[1]s, '[eE]'), true) OR %[3]s = 0 AND coalesce(TRY_CAST(%[1]s AS DOUBLE), 0) = 0 THEN false
 ELSE CASE WHEN contains(%[2]s, '.') THEN length(%[2]s) - strpos(%[2]s, '.') ELSE 0 END
 - (length(replace(%[2]s, '.', '')) - length(rtrim(replace(%[2]s, '.', ''), '0')))
 - coalesce(TRY_CAST(regexp_extract(%[1]s, '[eE](.*)$', 1) AS INTEGER), 0) > 19 END`, name, digits, value)
	case isDouble(c):
		return fmt.Sprintf("CASE WHEN %[1]s IS NULL OR abs(%[1]s) >= 0.01 OR round(%[1]s, 10) = %[1]s THEN false ELSE %[2]s::VARCHAR::%[3]s <> %[1]s END", name, value, c.Type)
	case strings.HasPrefix(c.Type, "DECIMAL"):
		return fmt.Sprintf("coalesce(%s <> %s, false)", value, name)
	}
	return ""
}
