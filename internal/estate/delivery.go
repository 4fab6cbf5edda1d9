package estate

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"showback"
)

// delivery writes one refresh of one month of an export: the data files and
// then the manifest, last as AWS does, where the layout puts them. (AWS,
// "Understanding export delivery", 2026-10.)
type delivery struct {
	e       *Estate
	x       *export
	month   showback.Month
	edition refresh
	root    string
	at      time.Time // when it arrived
	tell    func(rows int)

	folder  string // of the data files, below root
	columns []column
	batch   []line // lines that the file does not have yet
	file    *dataFile
	names   []string
	sum     *summing
}

// batchLines is how many lines are handed to a file at a time.
const batchLines = 512

// dataFile is a file that lines are being written to.
type dataFile struct {
	disk  *os.File
	buf   *bufio.Writer
	to    lineWriter
	bytes int64 // written so far
	rows  int
	group int // rows of the current row group
}

// lineWriter writes lines in one of the formats.
type lineWriter interface {
	write([]line) error
	endGroup() error
	close() error
}

// Write counts what is written.
func (f *dataFile) Write(p []byte) (int, error) {
	n, err := f.buf.Write(p)
	f.bytes += int64(n)
	return n, err
}

func (d *delivery) write(ctx context.Context) error {
	x, m := d.x, d.month
	execution := guid(x.name, string(m), fmt.Sprint(d.e.seed, d.at.Unix())+d.e.kind)
	period := "BILLING_PERIOD=" + string(m)
	data, meta, runs := "data/"+period+"/", "metadata/"+period+"/", []string{""}
	if x.layout == createNew {
		run := d.at.Format("20060102T150405Z") + "-" + execution + "/"
		data, runs = data+run, []string{run, ""}
	}
	d.folder, d.columns, d.sum = data, columnsOf(x, m), newSumming(d.e, x, m)
	names, err := d.writeData(ctx)
	if err != nil {
		return err
	}
	body := manifest{ExecutionID: execution, ExportARN: "arn:aws:bcm-data-exports:us-east-1:" + x.payer.id + ":export/" + x.name + "-" + guid(x.name)}
	for _, c := range d.columns {
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
		if err := put(d.root, meta+run+x.name+"-Manifest.json", d.at.Add(time.Minute), append(text, '\n')); err != nil {
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

// writeData writes the data files and returns the names that the manifest lists.
func (d *delivery) writeData(ctx context.Context) ([]string, error) {
	x := d.x
	var failed error
	d.e.lines(x, d.month, d.edition, func(l *line) bool {
		d.sum.add(l)
		d.batch = append(d.batch, *l)
		if len(d.batch) < min(batchLines, x.chunk.rows) {
			return true
		}
		if failed = d.flush(); failed == nil {
			failed = context.Cause(ctx)
		}
		return failed == nil
	})
	if failed == nil {
		failed = d.flush()
	}
	if failed == nil && len(d.names) == 0 {
		failed = d.begin() // a month without lines is a file without rows
	}
	if failed == nil {
		failed = d.end()
	}
	if failed != nil {
		d.abandon()
		return nil, failed
	}
	listed := len(d.names)
	if month := d.e.index(d.month); x.layout == overwrite && !x.csv && (month == surplusListed || month == surplusUnlisted) {
		if err := d.begin(); err != nil {
			return nil, err
		}
		if err := d.end(); err != nil {
			return nil, err
		}
		if month == surplusListed {
			listed++
		}
	}
	return d.names[:listed], nil
}

// flush writes the batch, in as many files as it takes.
func (d *delivery) flush() error {
	limit := &d.x.chunk
	for lines := d.batch; len(lines) > 0; {
		if d.file == nil {
			if err := d.begin(); err != nil {
				return err
			}
		}
		n := min(len(lines), limit.rows-d.file.rows, limit.group-d.file.group)
		if err := d.file.to.write(lines[:n]); err != nil {
			return err
		}
		d.tell(n)
		lines, d.file.rows, d.file.group = lines[n:], d.file.rows+n, d.file.group+n
		if d.file.group == limit.group {
			if err := d.file.to.endGroup(); err != nil {
				return err
			}
			d.file.group = 0
		}
		if d.file.rows == limit.rows || d.file.bytes >= limit.bytes {
			if err := d.end(); err != nil {
				return err
			}
		}
	}
	d.batch = d.batch[:0]
	return nil
}

// begin opens the next data file.
func (d *delivery) begin() error {
	x := d.x
	name := fmt.Sprintf("%s%s-%05d.snappy.parquet", d.folder, x.name, len(d.names)+1)
	if x.csv {
		name = fmt.Sprintf("%s%s-%05d.csv.gz", d.folder, x.name, len(d.names)+1)
	}
	disk, err := create(d.root, name)
	if err != nil {
		return err
	}
	d.names = append(d.names, name)
	d.file = &dataFile{disk: disk, buf: bufio.NewWriterSize(disk, 1<<18)}
	if x.csv {
		d.file.to, err = newCSVWriter(d.file, d.columns)
		return err
	}
	d.file.to = newParquetWriter(d.file, d.columns, x)
	return nil
}

// end finishes the data file, if there is one.
func (d *delivery) end() error {
	f := d.file
	if f == nil {
		return nil
	}
	if err := f.to.close(); err != nil {
		return err
	}
	if err := f.buf.Flush(); err != nil {
		return err
	}
	d.file = nil
	if err := f.disk.Close(); err != nil {
		return err
	}
	return os.Chtimes(f.disk.Name(), d.at, d.at)
}

// abandon closes the data file after an error; what it holds is of no use.
func (d *delivery) abandon() {
	if d.file != nil {
		d.file.disk.Close()
		d.file = nil
	}
}

// create makes a file below root, and its folders.
func create(root, name string) (*os.File, error) {
	path := filepath.Join(root, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, err
	}
	return os.Create(path)
}

// put writes a file below root and dates it.
func put(root, name string, at time.Time, body []byte) error {
	file, err := create(root, name)
	if err != nil {
		return err
	}
	if _, err := file.Write(body); err != nil {
		file.Close()
		return err
	}
	if err := file.Close(); err != nil {
		return err
	}
	return os.Chtimes(file.Name(), at, at)
}
