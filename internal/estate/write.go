package estate

import (
	"bytes"
	"compress/gzip"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"showback"
)

// Write writes all exports below dir and says what they hold. Below dir,
// "exports" has the current deliveries, one folder for each export as a copy
// of its bucket would have it; "older" has the first delivery of the restated
// month alone, which is also among the executions of its export.
//
// Files get the time of their delivery, so that a reader who goes by file
// times finds the months in order.
func (e *Estate) Write(dir string) (Summary, error) {
	s := Summary{Dir: filepath.Join(dir, "exports")}
	for _, x := range e.exports {
		sum, err := e.writeExport(s.Dir, x)
		if err != nil {
			return Summary{}, fmt.Errorf("write export %s: %w", x.name, err)
		}
		s.Exports = append(s.Exports, sum)
	}
	restated, err := e.writeOlder(s, filepath.Join(dir, "older"))
	if err != nil {
		return Summary{}, fmt.Errorf("write older delivery: %w", err)
	}
	s.Restated = restated
	return s, nil
}

func (e *Estate) writeExport(root string, x *export) (ExportSummary, error) {
	sum := ExportSummary{Name: x.name, Path: filepath.Join(root, x.name), Payer: x.payer.id, PayerName: x.payer.name,
		Currency: x.payer.currency, CallerColumn: x.callers}
	for _, m := range e.monthsOf(x) {
		if e.restates(x, m) {
			if err := e.writeMonth(sum.Path, x, m, older, e.lines(x, m, older)); err != nil {
				return sum, err
			}
		}
		lines := e.lines(x, m, newest)
		if err := e.writeMonth(sum.Path, x, m, newest, lines); err != nil {
			return sum, err
		}
		month := e.summarize(x, m, lines)
		sum.Months = append(sum.Months, month)
		sum.Rows += month.Rows
	}
	return sum, nil
}

// restates reports the one month of the one export that is delivered twice.
func (e *Estate) restates(x *export, m showback.Month) bool {
	return x.layout == createNew && e.index(m) == restatedMonth && x.first <= restatedMonth && restatedMonth <= x.last
}

func (e *Estate) writeOlder(s Summary, root string) (Restated, error) {
	m := e.months[restatedMonth]
	for i, x := range e.exports {
		if !e.restates(x, m) {
			continue
		}
		lines := e.lines(x, m, older)
		r := Restated{Export: x.name, Payer: x.payer.id, Currency: x.payer.currency, Month: m,
			Path: filepath.Join(root, x.name), Older: e.summarize(x, m, lines)}
		for _, month := range s.Exports[i].Months {
			if month.Month == m {
				r.Newer = month
			}
		}
		return r, e.writeMonth(r.Path, x, m, older, lines)
	}
	panic("BUG: no export restates its month")
}

// delivered is when a refresh of a month arrived: five days after the month's
// end (nineteen for the restatement), or on the morning after the last day
// with usage, whichever is first.
func (e *Estate) delivered(x *export, m showback.Month, ed refresh) time.Time {
	at := m.End().AddDate(0, 0, 5)
	if e.restates(x, m) && ed == newest {
		at = at.AddDate(0, 0, 14)
	}
	if last := e.through.AddDate(0, 0, 1); last.Before(at) {
		at = last
	}
	return at.Add(4*time.Hour + 12*time.Minute + 33*time.Second)
}

// writeMonth writes the data files of one refresh and then its manifest, last
// as AWS does, where the layout puts them. (AWS, "Understanding export
// delivery", 2026-10.)
func (e *Estate) writeMonth(root string, x *export, m showback.Month, ed refresh, lines []line) error {
	at := e.delivered(x, m, ed)
	execution := guid(x.name, string(m), fmt.Sprint(e.seed, at.Unix()))
	period := "BILLING_PERIOD=" + string(m)
	data, meta := "data/"+period+"/", "metadata/"+period+"/"
	runs := []string{""}
	if x.layout == createNew {
		run := at.Format("20060102T150405Z") + "-" + execution + "/"
		data, runs = data+run, []string{run, ""}
	}
	columns := columnsOf(x, m)
	names, err := e.writeChunks(root, data, x, m, columns, lines, at)
	if err != nil {
		return err
	}
	body := manifest{ExecutionID: execution, ExportARN: "arn:aws:bcm-data-exports:us-east-1:" + x.payer.id + ":export/" + x.name + "-" + guid(x.name)}
	for _, c := range columns {
		body.Columns = append(body.Columns, manifestColumn{c.name, string(c.kind)})
	}
	for _, n := range names {
		body.DataFiles = append(body.DataFiles, x.url+"/"+n)
	}
	text, err := json.MarshalIndent(body, "", "  ")
	if err != nil {
		return err
	}
	for _, run := range runs {
		if err := put(root, meta+run+x.name+"-Manifest.json", at.Add(time.Minute), append(text, '\n')); err != nil {
			return err
		}
	}
	return nil
}

// manifest is what AWS writes beside a delivery; the names are those that
// several readers of real manifests agree on.
type manifest struct {
	ExecutionID string           `json:"executionId"`
	ExportARN   string           `json:"exportArn"`
	Columns     []manifestColumn `json:"columns"`
	DataFiles   []string         `json:"dataFiles"`
}

type manifestColumn struct {
	Name string `json:"name"`
	Type string `json:"type"`
}

// The months of the year in which an overwriting export has a surplus chunk of
// an earlier, larger refresh, overwritten with no rows: in one month the
// manifest still lists it, in the other it does not.
const surplusListed, surplusUnlisted = 4, 7

// writeChunks writes the data files and returns the names that the manifest lists.
func (e *Estate) writeChunks(root, folder string, x *export, m showback.Month, columns []column, lines []line, at time.Time) ([]string, error) {
	var chunks [][]line
	for from := 0; from < len(lines) || from == 0; from += x.chunk {
		chunks = append(chunks, lines[from:min(from+x.chunk, len(lines))])
	}
	month, listed := e.index(m), len(chunks)
	if x.layout == overwrite && !x.csv && (month == surplusListed || month == surplusUnlisted) {
		chunks = append(chunks, nil)
		if month == surplusListed {
			listed++
		}
	}
	var names []string
	for i, chunk := range chunks {
		name := fmt.Sprintf("%s%s-%05d.snappy.parquet", folder, x.name, i+1)
		write := func(w io.Writer) error { return writeParquet(w, columns, x.clock, chunk) }
		if x.csv {
			name = fmt.Sprintf("%s%s-%05d.csv.gz", folder, x.name, i+1)
			write = func(w io.Writer) error { return writeCSV(w, columns, chunk) }
		}
		var body bytes.Buffer
		if err := write(&body); err != nil {
			return nil, fmt.Errorf("write %s: %w", name, err)
		}
		if err := put(root, name, at, body.Bytes()); err != nil {
			return nil, err
		}
		if i < listed {
			names = append(names, name)
		}
	}
	return names, nil
}

// put writes a file below root and dates it.
func put(root, name string, at time.Time, body []byte) error {
	path := filepath.Join(root, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(path, body, 0o644); err != nil {
		return err
	}
	return os.Chtimes(path, at, at)
}

// writeCSV writes the lines as AWS's compressed text: a header, instants as
// text, maps as JSON objects.
func writeCSV(w io.Writer, columns []column, lines []line) error {
	zip := gzip.NewWriter(w)
	out := csv.NewWriter(zip)
	record := make([]string, len(columns))
	for i, c := range columns {
		record[i] = c.name
	}
	if err := out.Write(record); err != nil {
		return err
	}
	for n := range lines {
		for i := range columns {
			record[i] = cell(&columns[i], &lines[n])
		}
		if err := out.Write(record); err != nil {
			return err
		}
	}
	out.Flush()
	if err := out.Error(); err != nil {
		return err
	}
	return zip.Close()
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
