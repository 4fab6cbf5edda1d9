package cur

import (
	"bytes"
	"encoding/json"
	"errors"
	"regexp"
	"strings"
	"time"

	"showback"
	"showback/internal/source"
)

// maxManifest bounds what is read as a manifest, in bytes: a hundred thousand
// files of a delivery fit.
const maxManifest = 32 << 20

// manifest is what a manifest file says, as far as it says it.
type manifest struct {
	path      string
	name      string    // its tree's name of the path
	changed   time.Time // when the file was last changed
	export    string    // exportName or reportName
	arn       string
	execution string // executionId, else the assemblyId that older writers give
	columns   []source.Column
	// listed are the data files as written; nil with hasList false when no
	// key names files.
	listed  []string
	hasList bool
	// months are the billing periods that billingPeriod names, at most two.
	months []showback.Month
	made   time.Time // zero when it says none
	format source.Format
	table  Table // Unknown when it names no columns that tell
	// alien is true for JSON that has none of a manifest's keys.
	alien bool
}

// document is the JSON of a manifest. Keys match in any case.
type document struct {
	ExecutionID   string          `json:"executionId"`
	AssemblyID    string          `json:"assemblyId"`
	ExportARN     string          `json:"exportArn"`
	ExportName    string          `json:"exportName"`
	ReportName    string          `json:"reportName"`
	Columns       []column        `json:"columns"`
	DataFiles     *[]string       `json:"dataFiles"`
	ReportKeys    *[]string       `json:"reportKeys"`
	BillingPeriod json.RawMessage `json:"billingPeriod"`
	ContentType   string          `json:"contentType"`
	Compression   string          `json:"compression"`

	CompletedAt   json.RawMessage `json:"completedAt"`
	LastUpdatedAt json.RawMessage `json:"lastUpdatedAt"`
	ExecutionTime json.RawMessage `json:"executionTime"`
	CreatedAt     json.RawMessage `json:"createdAt"`
	Created       json.RawMessage `json:"created"`
}

type column struct {
	Category string `json:"category"` // legacy CUR only
	Name     string `json:"name"`
	Type     string `json:"type"`
}

// UnmarshalJSON also takes a bare name.
func (c *column) UnmarshalJSON(data []byte) error {
	if len(data) > 0 && data[0] == '"' {
		return json.Unmarshal(data, &c.Name)
	}
	type plain column
	return json.Unmarshal(data, (*plain)(c))
}

// readManifest reads the manifest at path. What cannot be read as one is an
// error of KindCorrupt.
func readManifest(t ground, path string) (manifest, error) {
	info, err := t.Stat(path)
	if err != nil {
		return manifest{}, t.fault("read manifest", path, err)
	}
	if t.local && !info.Mode().IsRegular() { // to read a pipe would wait for somebody to write
		return manifest{}, showback.WithHint(showback.Errorf(showback.KindInvalid,
			"read manifest %s: found %s, want a file", t.Name(path), source.KindOfFile(info.Mode())), t.hintCopy())
	}
	if info.Size() > maxManifest {
		return manifest{}, showback.Errorf(showback.KindCorrupt,
			"read manifest %s: found %d bytes, want at most %d", t.Name(path), info.Size(), maxManifest)
	}
	data, err := t.ReadFile(path)
	if err != nil {
		return manifest{}, t.fault("read manifest", path, err)
	}
	m, err := parseManifest(data)
	if err != nil {
		return manifest{}, showback.WithHint(showback.Errorf(showback.KindOf(err), "read manifest %s: %w", t.Name(path), err), t.hintCopy())
	}
	m.path, m.name, m.changed = path, t.Name(path), info.ModTime().UTC()
	return m, nil
}

func parseManifest(data []byte) (manifest, error) {
	if isUTF16(data) {
		return manifest{}, showback.Errorf(showback.KindCorrupt, "found UTF-16 text, want UTF-8")
	}
	text := bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	switch string(bytes.TrimSpace(text)) {
	case "":
		return manifest{}, showback.Errorf(showback.KindCorrupt, "the file is empty")
	case "null": // which the decoder takes for any type
		return manifest{}, showback.Errorf(showback.KindCorrupt, "found a JSON null, want an object")
	}
	var doc document
	if err := json.Unmarshal(text, &doc); err != nil {
		return manifest{}, jsonError(err, len(text), len(data)-len(text))
	}
	m := manifest{
		export:    firstText(doc.ExportName, doc.ReportName),
		arn:       doc.ExportARN,
		execution: firstText(doc.ExecutionID, doc.AssemblyID),
		format:    declaredFormat(doc.ContentType, doc.Compression),
		made:      firstTime(doc.CompletedAt, doc.LastUpdatedAt, doc.ExecutionTime, doc.CreatedAt, doc.Created),
		table:     doc.table(),
		alien: doc.ExecutionID == "" && doc.AssemblyID == "" && doc.ExportARN == "" &&
			doc.DataFiles == nil && doc.ReportKeys == nil && len(doc.Columns) == 0,
	}
	for _, c := range doc.Columns {
		m.columns = append(m.columns, source.Column{Name: c.Name, Type: c.Type})
	}
	for _, list := range []*[]string{doc.DataFiles, doc.ReportKeys} {
		if list != nil && !m.hasList {
			m.listed, m.hasList = *list, true
		}
	}
	var err error
	m.months, err = billingMonths(doc.BillingPeriod)
	return m, err
}

// isUTF16 tells by the byte order mark, else by the zero beside the brace that
// a manifest begins with.
func isUTF16(data []byte) bool {
	for _, head := range []string{"\xff\xfe", "\xfe\xff", "{\x00", "\x00{"} {
		if bytes.HasPrefix(data, []byte(head)) {
			return true
		}
	}
	return false
}

// jsonError says what is wrong with a text of that many bytes, before which the
// file has skipped more.
func jsonError(err error, size, skipped int) error {
	var syntax *json.SyntaxError
	var wrong *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax) && strings.HasPrefix(syntax.Error(), "unexpected end"):
		return showback.Errorf(showback.KindCorrupt, "cut short after %d bytes: %w", skipped+size, err)
	case errors.As(err, &syntax):
		return showback.Errorf(showback.KindCorrupt, "not JSON at byte %d: %w", int64(skipped)+syntax.Offset, err)
	case errors.As(err, &wrong) && wrong.Field != "":
		return showback.Errorf(showback.KindCorrupt, "key %s: found %s, want %s", wrong.Field, wrong.Value, jsonWord(wrong))
	case errors.As(err, &wrong):
		return showback.Errorf(showback.KindCorrupt, "found a JSON %s, want an object", wrong.Value)
	}
	return showback.Errorf(showback.KindCorrupt, "%w", err)
}

func jsonWord(wrong *json.UnmarshalTypeError) string {
	switch wrong.Type.Kind().String() {
	case "string":
		return "text"
	case "slice":
		return "a list"
	}
	return "an object"
}

// legacyFolder matches the folders in which a legacy report stands:
// "20260401-20260501" or "year=2026/month=4".
var legacyFolder = regexp.MustCompile(`(?:^|/)(?:\d{8}-\d{8}|year=\d{4}/month=\d\d?)/`)

// table tells what a manifest's table is. Only legacy reports give columns a
// category; some writers of CUR 2.0 keep the assemblyId of the legacy form, so
// that key tells nothing. (AWS, "Cost and usage report files", 2026-09.)
func (doc *document) table() Table {
	columns := make([]source.Column, len(doc.Columns))
	categories := false
	for i, c := range doc.Columns {
		columns[i].Name = c.Name
		categories = categories || c.Category != ""
	}
	if categories && doc.DataFiles == nil {
		return Legacy
	}
	if t := Recognise(columns); t == Legacy || t == FOCUS {
		return t
	}
	if doc.ReportKeys != nil && doc.DataFiles == nil && doc.ExecutionID == "" && doc.ExportARN == "" {
		for _, key := range *doc.ReportKeys {
			if legacyFolder.MatchString(key) {
				return Legacy
			}
		}
	}
	return Recognise(columns)
}

func declaredFormat(contentType, compression string) source.Format {
	contentType = strings.ToLower(contentType)
	switch {
	case strings.Contains(contentType, "parquet"), strings.EqualFold(compression, "parquet"):
		return source.Parquet
	case strings.Contains(contentType, "csv") && strings.EqualFold(compression, "gzip"):
		return source.CSVGzip
	case strings.Contains(contentType, "csv") && compression == "":
		return source.CSV
	}
	return ""
}

// billingMonths reads billingPeriod: an object with start and end (exclusive;
// some writers give the last second), or a month or date as text.
func billingMonths(raw json.RawMessage) ([]showback.Month, error) {
	if len(raw) == 0 || string(raw) == "null" {
		return nil, nil
	}
	var period struct {
		Start json.RawMessage `json:"start"`
		End   json.RawMessage `json:"end"`
	}
	if raw[0] == '{' {
		if err := json.Unmarshal(raw, &period); err != nil {
			return nil, jsonError(err, len(raw), 0)
		}
	} else {
		period.Start = raw
	}
	start, ok := parseTime(period.Start)
	if !ok {
		return nil, showback.Errorf(showback.KindCorrupt,
			"key billingPeriod: found %s, want a month or a start and an end as dates", clip(raw))
	}
	months := []showback.Month{showback.MonthOf(start)}
	if end, ok := parseTime(period.End); ok && end.After(start) {
		if last := showback.MonthOf(end.Add(-time.Nanosecond)); last != months[0] {
			months = append(months, last)
		}
	}
	return months, nil
}

func firstText(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}

func firstTime(values ...json.RawMessage) time.Time {
	for _, v := range values {
		if t, ok := parseTime(v); ok {
			return t
		}
	}
	return time.Time{}
}

var timeLayouts = []string{
	time.RFC3339, "20060102T150405Z0700", "20060102T150405", "2006-01-02T15:04:05",
	"2006-01-02 15:04:05", time.DateOnly, "20060102", "2006-01",
}

// parseTime reads a JSON string as a time, or a JSON number as seconds or
// milliseconds since 1970, whichever falls into this age.
func parseTime(raw json.RawMessage) (time.Time, bool) {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		for _, layout := range timeLayouts {
			if t, err := time.Parse(layout, text); err == nil && t.Year() > 0 {
				return t.UTC(), true
			}
		}
		return time.Time{}, false
	}
	var seconds float64
	if json.Unmarshal(raw, &seconds) != nil || seconds <= 0 {
		return time.Time{}, false
	}
	if seconds > 1e11 { // the year 5138 in seconds, 1973 in milliseconds
		seconds /= 1000
	}
	if seconds > 1e11 {
		return time.Time{}, false
	}
	return time.UnixMilli(int64(seconds * 1000)).UTC(), true
}

func clip(raw []byte) string {
	const most = 60
	if len(raw) > most {
		return strings.ToValidUTF8(string(raw[:most]), "") + "…"
	}
	return string(raw)
}
