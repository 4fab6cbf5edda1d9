package estate

import (
	"compress/gzip"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"
)

// csvWriter writes lines as AWS's compressed text: a header, instants as text,
// maps as JSON objects.
type csvWriter struct {
	columns []column
	zip     *gzip.Writer
	out     *csv.Writer
	record  []string
}

func newCSVWriter(w io.Writer, columns []column) (*csvWriter, error) {
	c := &csvWriter{columns: columns, zip: gzip.NewWriter(w), record: make([]string, len(columns))}
	c.out = csv.NewWriter(c.zip)
	for i := range columns {
		c.record[i] = columns[i].name
	}
	return c, c.out.Write(c.record)
}

func (c *csvWriter) write(lines []line) error {
	for n := range lines {
		for i := range c.columns {
			c.record[i] = cell(&c.columns[i], &lines[n])
		}
		if err := c.out.Write(c.record); err != nil {
			return err
		}
	}
	return nil
}

// endGroup does nothing: text has no row groups.
func (c *csvWriter) endGroup() error { return nil }

func (c *csvWriter) close() error {
	c.out.Flush()
	if err := c.out.Error(); err != nil {
		return err
	}
	return c.zip.Close()
}

func cell(c *column, l *line) string {
	switch {
	case c.text != nil:
		return c.text(l)
	case c.amount != nil:
		return c.amount(l).text()
	case c.time != nil:
		return c.time(l).Format(time.RFC3339)
	case c.pairs != nil:
		return jsonMap(c.pairs(l))
	}
	return ""
}

// jsonMap writes pairs as a JSON object, in their order.
func jsonMap(pairs []pair) string {
	var b strings.Builder
	b.WriteByte('{')
	for i, p := range pairs {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, "%s:%s", quoted(p.key), quoted(p.value))
	}
	b.WriteByte('}')
	return b.String()
}

func quoted(s string) string {
	text, err := json.Marshal(s)
	if err != nil {
		panic("BUG: string that is no JSON: " + err.Error())
	}
	return string(text)
}
