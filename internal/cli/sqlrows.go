package cli

import (
	"bufio"
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"os"

	"showback"
	"showback/internal/engine/sqldoor"
)

// writeRows writes the result of a query where and as it was asked for.
func (sh *shell) writeRows(ctx context.Context, f *sqlFlags, rows *sqldoor.Rows) error {
	err := sh.deliverRows(ctx, f, rows)
	if err == nil && rows.Cut() && (f.format != formatTable || f.output != "") {
		sh.remark("note: cut after %s; --max-rows 0 for all", plural(int64(f.most()), "row"))
	}
	return err
}

func (sh *shell) deliverRows(ctx context.Context, f *sqlFlags, rows *sqldoor.Rows) error {
	if f.output == "" {
		return sh.printRows(sh.Out, f, rows)
	}
	return replaceFile(f.output, func(partial string) error {
		if f.format == formatParquet {
			_, err := sqldoor.WriteParquet(ctx, rows, partial)
			return err
		}
		file, err := os.Create(partial)
		if err != nil {
			return err
		}
		if err := sh.printRows(file, f, rows); err != nil {
			file.Close()
			return err
		}
		return file.Close()
	})
}

// replaceFile makes the file at path what write writes to the path it is given:
// all of it, or the file stays as it was.
func replaceFile(path string, write func(partial string) error) error {
	partial := path + ".partial"
	err := write(partial)
	if err == nil {
		err = os.Rename(partial, path)
	}
	if err == nil {
		return nil
	}
	os.Remove(partial)
	if showback.KindOf(err) != showback.KindInternal {
		return err
	}
	return showback.Errorf(showback.KindUnavailable, "write result: %w", err)
}

// printRows writes the rows as text.
func (sh *shell) printRows(w io.Writer, f *sqlFlags, rows *sqldoor.Rows) error {
	switch f.format {
	case formatCSV:
		return writeRowsCSV(w, rows)
	case formatJSON:
		return writeRowsJSON(w, rows)
	}
	return sh.writeRowsTable(w, f, rows)
}

// writeRowsTable lays the rows out in columns. NULL is written so.
func (sh *shell) writeRowsTable(w io.Writer, f *sqlFlags, rows *sqldoor.Rows) error {
	g := &grid{}
	for _, c := range rows.Columns {
		number := sqldoor.IsNumber(c.Type)
		g.columns = append(g.columns, column{name: c.Name, right: number, shrinks: !number})
	}
	for rows.Next() {
		cells := make([]string, len(rows.Columns))
		for i, c := range rows.Cells() {
			cells[i] = c.Text()
			if c.Null() {
				cells[i] = "NULL"
			}
		}
		g.rows = append(g.rows, cells)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	shortened := false
	if len(g.columns)*(narrowest+gap)-gap > max(sh.Width, 2*defaultWidth) {
		writeRecords(w, g)
	} else {
		shortened = g.write(w, sh.Width, "")
	}
	if shortened || rows.Cut() {
		fmt.Fprintln(w)
	}
	if rows.Cut() && f.output == "" {
		sh.paragraph("note: ", fmt.Sprintf("the first %s; --max-rows 0 shows all", plural(int64(f.most()), "row")))
	}
	if shortened {
		fmt.Fprintln(w, "note: values with … are shortened to fit; --format csv has them whole")
	}
	return nil
}

// writeRecords writes a grid that is too wide for any paper: row by row, each
// column on a line of its own.
func writeRecords(w io.Writer, g *grid) {
	g.clean()
	names := 0
	for _, c := range g.columns {
		names = max(names, len(c.name))
	}
	for i, cells := range g.rows {
		if i > 0 {
			fmt.Fprintln(w)
		}
		for j, cell := range cells {
			fmt.Fprintf(w, "%-*s  %s\n", names, g.columns[j].name, cell)
		}
	}
}

// writeRowsCSV writes a header and the rows (RFC 4180, but for line feeds
// alone); NULL is an empty field.
func writeRowsCSV(to io.Writer, rows *sqldoor.Rows) error {
	w := csv.NewWriter(to)
	record := make([]string, len(rows.Columns))
	for i, c := range rows.Columns {
		record[i] = c.Name
	}
	if err := w.Write(record); err != nil {
		return err
	}
	for rows.Next() {
		for i, c := range rows.Cells() {
			record[i] = c.Text()
		}
		if err := w.Write(record); err != nil {
			return err
		}
	}
	w.Flush()
	if err := rows.Err(); err != nil {
		return err
	}
	return w.Error()
}

// writeRowsJSON writes a list of objects, one in each line. An object can't
// have two fields of one name.
func writeRowsJSON(to io.Writer, rows *sqldoor.Rows) error {
	names := make([][]byte, len(rows.Columns))
	seen := map[string]bool{}
	for i, c := range rows.Columns {
		if seen[c.Name] {
			return showback.WithHint(showback.Errorf(showback.KindInvalid, "write JSON: two columns have the name %q", c.Name), "name one of them with AS")
		}
		seen[c.Name] = true
		var name bytes.Buffer
		enc := json.NewEncoder(&name)
		enc.SetEscapeHTML(false)
		if err := enc.Encode(c.Name); err != nil {
			return err
		}
		names[i] = bytes.TrimSuffix(name.Bytes(), []byte("\n"))
	}
	w := bufio.NewWriter(to)
	var line bytes.Buffer
	before := "["
	for ; rows.Next(); before = "," {
		line.Reset()
		line.WriteString(before + "\n")
		between := "  {"
		for i, c := range rows.Cells() {
			value, err := c.MarshalJSON()
			if err != nil {
				return err
			}
			fmt.Fprintf(&line, "%s%s: %s", between, names[i], value)
			between = ", "
		}
		line.WriteString("}")
		if _, err := w.Write(line.Bytes()); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return err
	}
	end := "\n]\n"
	if before == "[" { // no rows
		end = "[]\n"
	}
	if _, err := w.WriteString(end); err != nil {
		return err
	}
	return w.Flush()
}
