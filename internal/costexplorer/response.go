package costexplorer

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"reflect"
	"slices"
	"strings"

	"showback"
)

// Response is what GetCostAndUsage answered, its pages put together.
type Response struct {
	// GroupedBy are the group definitions, at most two; none for totals.
	GroupedBy []GroupDefinition
	Periods   []PeriodResult // by start, then end; none twice
	Metrics   []string       // those that occur, sorted: UnblendedCost, …
	Pages     int
	// Incomplete reports that the last page names a next one, which is not there.
	Incomplete bool
}

// GroupDefinition is what a response is grouped by.
type GroupDefinition struct {
	Type string // DIMENSION, TAG, COST_CATEGORY or PRODUCT_ATTRIBUTE
	Key  string
}

// String writes the definition as a person names it: "TAG iamPrincipal/team",
// "SERVICE".
func (d GroupDefinition) String() string {
	if d.Type == typeDimension {
		return d.Key
	}
	return d.Type + " " + d.Key
}

// PeriodResult is the answer for one period.
type PeriodResult struct {
	Period    showback.Period // half-open
	Hourly    bool            // its bounds are written with a time of day
	Estimated bool            // AWS may still change it
	Groups    []Group         // a single one without keys where nothing is grouped
}

// Group is one group of a period: a key for each group definition.
type Group struct {
	Keys    []string
	Metrics map[string]Amount
}

// Amount is a figure as printed.
type Amount struct {
	Value    showback.Decimal
	Decimals int32  // digits printed after the point
	Unit     string // a currency, a unit of quantity, or N/A
}

// The shapes of a page. (AWS, "Cost Explorer API reference: GetCostAndUsage",
// 2026-09.)
type (
	page struct {
		GroupDefinitions []struct{ Type, Key string }
		ResultsByTime    *[]result
		NextPageToken    string
	}
	result struct {
		TimePeriod struct{ Start, End string }
		Total      map[string]metricValue
		Groups     []struct {
			Keys    []string
			Metrics map[string]metricValue
		}
		Estimated bool
	}
	metricValue struct{ Amount, Unit *string }
)

// ParseResponse reads what "aws ce get-cost-and-usage" printed: one answer, or
// the pages of one, one after the other or in a JSON array. Errors are of
// KindInvalid and say what was found where.
func ParseResponse(text []byte) (*Response, error) {
	texts, err := pages(text)
	if err != nil {
		return nil, parseError("%w", err)
	}
	if len(texts) == 0 {
		if bytes.HasPrefix(bytes.TrimSpace(bytes.TrimPrefix(text, utf8Mark)), []byte("[")) {
			return nil, parseError("found an empty list, %s", wantPage)
		}
		return nil, parseError("found nothing, %s", wantPage)
	}
	r := &reading{Response: Response{Pages: len(texts)}, periods: map[showback.Period]*periodReading{}, metrics: map[string]bool{}}
	for i, text := range texts {
		if err := r.page(text, i); err != nil {
			if len(texts) > 1 {
				return nil, parseError("page %d: %w", i+1, err)
			}
			return nil, parseError("%w", err)
		}
	}
	return r.finish(), nil
}

const wantPage = "want an object with ResultsByTime, as aws ce get-cost-and-usage prints it"

func parseError(format string, args ...any) error {
	return showback.Errorf(showback.KindInvalid, "parse Cost Explorer's answer: "+format, args...)
}

// utf8Mark and utf16Marks are the byte order marks with which Windows' shells
// begin what they redirect.
var (
	utf8Mark   = []byte("\xef\xbb\xbf")
	utf16Marks = [][]byte{[]byte("\xff\xfe"), []byte("\xfe\xff")}
)

// pages cuts a text into the JSON texts of its pages.
func pages(text []byte) ([]json.RawMessage, error) {
	for _, mark := range utf16Marks {
		if bytes.HasPrefix(text, mark) {
			return nil, errors.New("found text in UTF-16, want UTF-8")
		}
	}
	trimmed := bytes.TrimPrefix(text, utf8Mark)
	skipped := len(text) - len(trimmed)
	dec := json.NewDecoder(bytes.NewReader(trimmed))
	var all []json.RawMessage
	for {
		var one json.RawMessage
		err := dec.Decode(&one)
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err != nil {
			if errors.Is(err, io.ErrUnexpectedEOF) {
				return nil, fmt.Errorf("%w: the file is cut short", syntaxError(err, len(text), skipped))
			}
			return nil, syntaxError(err, len(text), skipped)
		}
		if one[0] != '[' {
			all = append(all, one)
			continue
		}
		var list []json.RawMessage
		if err := json.Unmarshal(one, &list); err != nil {
			return nil, err
		}
		all = append(all, list...)
	}
}

// syntaxError says where a text stops to be JSON.
func syntaxError(err error, size, skipped int) error {
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("the JSON ends early, at byte %d", size)
	}
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		return fmt.Errorf("no JSON at byte %d: %w", syntax.Offset+int64(skipped), err)
	}
	return err
}

// reading puts pages together.
type reading struct {
	Response
	periods map[showback.Period]*periodReading
	metrics map[string]bool
}

type periodReading struct {
	PeriodResult
	seen map[string]bool
}

func (r *reading) page(text json.RawMessage, n int) error {
	var p page
	if err := json.Unmarshal(text, &p); err != nil {
		return typeError(err)
	}
	if p.ResultsByTime == nil {
		return notAnAnswer(text)
	}
	var defs []GroupDefinition
	for _, d := range p.GroupDefinitions {
		if d.Type == "" {
			d.Type = typeDimension // as requests may leave it out
		}
		defs = append(defs, GroupDefinition(d))
	}
	switch {
	case len(defs) > maxGroups:
		return fmt.Errorf("found %d GroupDefinitions, want at most %d", len(defs), maxGroups)
	case n == 0:
		r.GroupedBy = defs
	case !slices.Equal(r.GroupedBy, defs):
		return fmt.Errorf("it is grouped by %v, the first page by %v: want the pages of one answer", defs, r.GroupedBy)
	}
	for _, one := range *p.ResultsByTime {
		if err := r.result(one); err != nil {
			return err
		}
	}
	r.Incomplete = p.NextPageToken != ""
	return nil
}

// maxGroups is how many group definitions a request may have. (AWS, "Cost
// Explorer API reference: GetCostAndUsage", 2026-09.)
const maxGroups = 2

func typeError(err error) error {
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) {
		want := "an object"
		switch wrong.Type.Kind() {
		case reflect.String:
			want = "a text"
		case reflect.Bool:
			want = "true or false"
		case reflect.Slice:
			want = "a list"
		}
		at := wrong.Field
		if at == "" {
			return fmt.Errorf("found %s, %s", wrong.Value, wantPage)
		}
		return fmt.Errorf("%s: found %s, want %s", at, wrong.Value, want)
	}
	return err
}

// notAnAnswer names what an object has instead of results.
func notAnAnswer(text json.RawMessage) error {
	fields := map[string]json.RawMessage{}
	if err := json.Unmarshal(text, &fields); err != nil {
		return err
	}
	if len(fields) == 0 {
		return errors.New("found " + string(text[:min(len(text), 20)]) + ", " + wantPage)
	}
	names := slices.Sorted(maps.Keys(fields))
	if len(names) > 5 {
		names = append(names[:5], "…")
	}
	return fmt.Errorf("found an object with %s, %s", strings.Join(names, ", "), wantPage)
}

func (r *reading) result(one result) error {
	period, hourly, err := parsePeriod(one.TimePeriod.Start, one.TimePeriod.End)
	if err != nil {
		return err
	}
	p := r.periods[period]
	if p == nil {
		p = &periodReading{PeriodResult: PeriodResult{Period: period, Hourly: hourly}, seen: map[string]bool{}}
		r.periods[period] = p
	}
	p.Estimated = p.Estimated || one.Estimated
	groups := one.Groups
	switch {
	case len(r.GroupedBy) > 0:
	case len(groups) > 0:
		return fmt.Errorf("%s: found groups without GroupDefinitions, want the whole answer", one.TimePeriod.Start)
	case len(one.Total) == 0:
		return fmt.Errorf("%s: found neither Total nor Groups", one.TimePeriod.Start)
	default:
		groups = groups[:0:0]
		groups = append(groups, struct {
			Keys    []string
			Metrics map[string]metricValue
		}{Metrics: one.Total})
	}
	for _, g := range groups {
		if err := r.group(p, g.Keys, g.Metrics); err != nil {
			return fmt.Errorf("%s: %w", one.TimePeriod.Start, err)
		}
	}
	return nil
}

func (r *reading) group(p *periodReading, keys []string, metrics map[string]metricValue) error {
	name := strings.Join(keys, ", ")
	if len(keys) != len(r.GroupedBy) {
		return fmt.Errorf("group %q has %d keys, want one for each of %d GroupDefinitions", name, len(keys), len(r.GroupedBy))
	}
	id := strings.Join(keys, "\x00")
	if p.seen[id] {
		if len(keys) == 0 {
			return errors.New("the period is there twice")
		}
		return fmt.Errorf("group %q is there twice", name)
	}
	p.seen[id] = true
	if len(metrics) == 0 {
		return fmt.Errorf("group %q has no Metrics", name)
	}
	g := Group{Keys: keys, Metrics: map[string]Amount{}}
	for _, metric := range slices.Sorted(maps.Keys(metrics)) {
		a, err := parseAmount(metrics[metric])
		if err != nil {
			return fmt.Errorf("%s of group %q: %w", metric, name, err)
		}
		g.Metrics[metric] = a
		r.metrics[metric] = true
	}
	p.Groups = append(p.Groups, g)
	return nil
}

func parseAmount(v metricValue) (Amount, error) {
	if v.Amount == nil {
		return Amount{}, errors.New("found no Amount")
	}
	value, err := showback.ParseDecimal(*v.Amount)
	if err != nil {
		return Amount{}, err
	}
	a := Amount{Value: value, Decimals: value.Scale()}
	if _, fraction, ok := strings.Cut(*v.Amount, "."); ok && !strings.ContainsAny(fraction, "eE") {
		a.Decimals = int32(len(fraction))
	}
	if v.Unit != nil {
		a.Unit = *v.Unit
	}
	return a, nil
}

// finish orders what was read.
func (r *reading) finish() *Response {
	for _, p := range r.periods {
		r.Periods = append(r.Periods, p.PeriodResult)
	}
	slices.SortFunc(r.Periods, func(a, b PeriodResult) int {
		if c := a.Period.Start.Compare(b.Period.Start); c != 0 {
			return c
		}
		return a.Period.End.Compare(b.Period.End)
	})
	r.Metrics = slices.Sorted(maps.Keys(r.metrics))
	return &r.Response
}
