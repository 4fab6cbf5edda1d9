package ledger

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"os"
	"strings"

	"showback"
	"showback/internal/source"
)

// Reject is a delivered line that could not be read: it is in no segment's
// facts, and is kept with its reason.
type Reject struct {
	File   string `json:"file"` // path
	Row    int64  `json:"row"`  // data row of the file: the first after the header is 1
	Column string `json:"column"`
	Found  string `json:"found"`
	Reason string `json:"reason"`
	// Currency and Unblended are what the line would have cost; nil where
	// that could not be read.
	Currency  string            `json:"currency,omitempty"`
	Unblended *showback.Decimal `json:"unblended,omitempty"`

	// unnumbered marks a row that never reached the stage, which numbers only
	// what it holds.
	unnumbered bool
}

const maxFound = 200 // characters of a bad value that are kept

// markBad makes rejects of the lines whose maps could not be read, or whose
// billing period is not the delivery's.
func (w *work) markBad(ctx context.Context, products []string, tags []badTags, month showback.Month) error {
	rows := make([][]driver.Value, len(products))
	for i, text := range products {
		rows[i] = []driver.Value{text}
	}
	if err := w.fillMap(ctx, "bad_product", "product VARCHAR", rows); err != nil {
		return err
	}
	rows = make([][]driver.Value, len(tags))
	for i, t := range tags {
		rows[i] = []driver.Value{t.raw[0], t.raw[1], t.raw[2], string(t.field)}
	}
	if err := w.fillMap(ctx, "bad_tags", "tags VARCHAR, resource_tags VARCHAR, cost_category VARCHAR, field VARCHAR", rows); err != nil {
		return err
	}
	const sep = "'" + separator + "'"
	// Looked at once for each distinct currency, not for each line.
	codes := fmt.Sprintf("(SELECT %[1]s AS code FROM (SELECT DISTINCT %[1]s FROM %[2]s) WHERE NOT %[3]s)", source.Currency, stageTable, isCurrency(string(source.Currency)))
	updates := []string{
		fmt.Sprintf("UPDATE %[1]s s SET reject = '%[2]s:%[3]s' || %[4]s || b.code FROM %[5]s b WHERE s.reject IS NULL AND b.code = s.%[2]s",
			stageTable, source.Currency, faultCode, sep, codes),
		fmt.Sprintf("UPDATE %s s SET reject = '%s' || %s || s.product FROM bad_product b WHERE s.reject IS NULL AND b.product = s.product",
			stageTable, source.Product, sep),
		fmt.Sprintf("UPDATE %s s SET reject = b.field || %s || CASE b.field WHEN '%s' THEN s.tags WHEN '%s' THEN s.resource_tags ELSE s.cost_category END"+
			" FROM bad_tags b WHERE s.reject IS NULL AND b.tags = s.tags AND b.resource_tags = s.resource_tags AND b.cost_category = s.cost_category",
			stageTable, sep, source.Tags, source.ResourceTags),
	}
	if month != "" {
		updates = append(updates, fmt.Sprintf("UPDATE %[1]s s SET reject = '%[2]s:%[6]s' || %[3]s || %[2]s::VARCHAR WHERE s.reject IS NULL AND NOT (%[2]s >= %[4]s AND %[2]s < %[5]s)",
			stageTable, source.PeriodStart, sep, timestamp(month.Start()), timestamp(month.End()), faultOther))
	}
	for _, q := range updates {
		if err := w.exec(ctx, q); err != nil {
			return err
		}
	}
	return nil
}

// rejects returns the staged lines that could not be read, in the order of the
// files. aside are the rows that never reached the stage: those after one of
// them have a higher number in the file than in the stage.
func (w *work) rejects(ctx context.Context, files []source.File, month showback.Month, aside []Reject) ([]Reject, error) {
	var all []Reject
	missing := map[string][]int64{} // rows of a file, in its order
	for _, a := range aside {
		if a.unnumbered {
			missing[a.File] = append(missing[a.File], a.Row)
		}
	}
	passed := map[string]int{} // of missing
	query := fmt.Sprintf("SELECT file_id, row_number, reject, %s, %s::VARCHAR FROM %s WHERE reject IS NOT NULL ORDER BY 1, 2",
		source.Currency, source.Unblended, stageTable)
	err := w.each(ctx, query, func(scan func(...any) error) error {
		var r Reject
		var file int
		var reject string
		var cost sql.NullString
		if err := scan(&file, &r.Row, &reject, &r.Currency, &cost); err != nil {
			return err
		}
		what, found, _ := strings.Cut(reject, separator)
		column, fault, _ := strings.Cut(what, ":")
		r.File, r.Column, r.Found = files[file].Path, column, clip(found)
		r.Reason = reason(source.Field(column), fault, found, month)
		rows, n := missing[r.File], passed[r.File]
		for n < len(rows) && rows[n] <= r.Row+int64(n) {
			n++
		}
		passed[r.File] = n
		r.Row += int64(n)
		if cost.Valid {
			if d, err := showback.ParseDecimal(cost.String); err == nil && d.Abs().Cmp(outOfRange) < 0 {
				r.Unblended = &d
			}
		}
		all = append(all, r)
		return nil
	})
	return all, err
}

// clip keeps the beginning of a long text, of which what is no text is replaced.
func clip(text string) string {
	if at := strings.IndexByte(text, 0); at >= 0 { // zeros come in thousands
		text = text[:at] + "\ufffd"
	}
	text = strings.ToValidUTF8(text, "\ufffd")
	if len(text) > maxFound {
		return strings.ToValidUTF8(text[:maxFound], "") + "…"
	}
	return text
}

var outOfRange = showback.MustDecimal(tooLarge)

// The faults of a value that can be read, but can't be true. They stand behind
// the column of a reject in the stage.
const (
	faultYears = "years" // of a time, beyond those that a bill can have
	faultFirst = "first" // of a billing period that begins within a month
	faultOther = "other" // of a billing period that is not the delivery's
	faultCode  = "code"  // of a currency that is no code
)

// isCurrency is true of a text of the form of ISO 4217's codes. Which codes are in
// use changes, and AWS decides what it bills in.
func isCurrency(text string) string { return "regexp_full_match(" + text + ", '[A-Z]{3}')" }

const beyondYears = "beyond range; want a year from 2000 to 2199"

// reason says what is wrong with a value, and what was wanted. fault is one of
// the above, or empty.
func reason(f source.Field, fault, found string, month showback.Month) string {
	switch {
	case found == "":
		return "blank; every charge has a value here"
	case fault == faultYears:
		return beyondYears
	case fault == faultFirst:
		return "no first instant of a month in UTC; want one such as 2026-10-01T00:00:00Z"
	case fault == faultOther:
		return "another billing period than the delivery's, " + string(month)
	case fault == faultCode:
		return "no currency; want three capital letters such as USD (ISO 4217)"
	}
	switch source.KindOf(f) {
	case source.Amount:
		switch strings.ToLower(strings.TrimLeft(found, "+-")) {
		case "nan", "inf", "infinity":
			return "no finite number; want a decimal amount"
		}
		d, err := showback.ParseDecimal(found)
		switch {
		case err != nil:
			return "no number; want a decimal such as 12.5"
		case d.Abs().Cmp(outOfRange) >= 0:
			return "beyond range; amounts are below 1e18"
		}
		return "more digits than can be read; want at most 19 before the point, without an exponent"
	case source.Time:
		return "no time; want YYYY-MM-DDTHH:mm:ssZ"
	case source.Map:
		return "no JSON object of texts, each key once; want {\"key\": \"value\"}"
	}
	return "could not be read"
}

// fillRejects keeps the rejects in the segment, with the delivery that they
// came with.
func (b *build) fillRejects(ctx context.Context, rejects []Reject) error {
	rows := make([][]driver.Value, len(rejects))
	for i, r := range rejects {
		var cost any
		if r.Unblended != nil {
			cost = r.Unblended.String()
		}
		rows[i] = []driver.Value{r.File, r.Row, r.Column, r.Found, r.Reason, r.Currency, cost}
	}
	if err := b.w.fillMap(ctx, "rejected", "a VARCHAR, b BIGINT, c VARCHAR, d VARCHAR, e VARCHAR, f VARCHAR, g VARCHAR", rows); err != nil {
		return err
	}
	return b.w.exec(ctx, "INSERT INTO seg.reject SELECT a, b, c, d, e, f, g::"+amountType+" FROM rejected")
}

// Rejects reads the lines that the delivery of a segment set aside, in the
// order of its files.
func (s *Snapshot) Rejects(ctx context.Context, seg *Segment) (all []Reject, err error) {
	w, err := openWork(ctx, "", os.TempDir())
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, w.close()) }()
	if err := w.attach(ctx, s.SegmentPath(seg), "seg", true); err != nil {
		return nil, fmt.Errorf("read rejects of %s: %w", seg.File, err)
	}
	err = w.each(ctx, "SELECT file, row_number, column_name, found, reason, currency, unblended::VARCHAR FROM seg.reject ORDER BY rowid",
		func(scan func(...any) error) error {
			var r Reject
			var cost sql.NullString
			if err := scan(&r.File, &r.Row, &r.Column, &r.Found, &r.Reason, &r.Currency, &cost); err != nil {
				return err
			}
			if cost.Valid {
				d, err := showback.ParseDecimal(cost.String)
				if err != nil {
					return err
				}
				r.Unblended = &d
			}
			all = append(all, r)
			return nil
		})
	if err != nil {
		return nil, fmt.Errorf("read rejects of %s: %w", seg.File, err)
	}
	return all, nil
}
