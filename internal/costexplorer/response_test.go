package costexplorer

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"showback"
	"showback/internal/explore"
)

const (
	tagAnswer = `{"GroupDefinitions":[{"Type":"TAG","Key":"iamPrincipal/team"}],
 "ResultsByTime":[{"TimePeriod":{"Start":"2026-05-01","End":"2026-06-01"},"Total":{},
  "Groups":[{"Keys":["iamPrincipal/team$"],"Metrics":{"UnblendedCost":{"Amount":"12.5","Unit":"USD"}}},
            {"Keys":["iamPrincipal/team$engineering"],"Metrics":{"UnblendedCost":{"Amount":"40.10","Unit":"USD"}}}],"Estimated":true}],
 "DimensionValueAttributes":[]}`
	totalAnswer = `{"ResultsByTime":[
 {"TimePeriod":{"Start":"2026-05-02","End":"2026-05-03"},"Total":{"UsageQuantity":{"Amount":"3","Unit":"N/A"},"BlendedCost":{"Amount":"1E-7","Unit":"USD"}},"Groups":[],"Estimated":false},
 {"TimePeriod":{"Start":"2026-05-01","End":"2026-05-02"},"Total":{"UsageQuantity":{"Amount":"2","Unit":"N/A"},"BlendedCost":{"Amount":"-0.0000000001","Unit":"USD"}},"Groups":[],"Estimated":false}]}`
)

// text writes a response for comparing.
func (r *Response) text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "by %v, metrics %v, %d pages, incomplete %v\n", r.GroupedBy, r.Metrics, r.Pages, r.Incomplete)
	for _, p := range r.Periods {
		fmt.Fprintf(&b, "%s hourly %v estimated %v\n", p.Period.Inclusive(), p.Hourly, p.Estimated)
		for _, g := range p.Groups {
			fmt.Fprintf(&b, "  %q", g.Keys)
			for _, m := range r.Metrics {
				fmt.Fprintf(&b, " %s %s/%d %s", m, g.Metrics[m].Value, g.Metrics[m].Decimals, g.Metrics[m].Unit)
			}
			b.WriteByte('\n')
		}
	}
	return b.String()
}

func TestParseResponse(t *testing.T) {
	f := func(text, want string) {
		t.Helper()
		r, err := ParseResponse([]byte(text))
		if err != nil {
			t.Errorf("%v", err)
			return
		}
		if got := r.text(); got != strings.TrimLeft(want, "\n") {
			t.Errorf("got:\n%swant:%s", got, want)
		}
	}
	f(tagAnswer, `
by [TAG iamPrincipal/team], metrics [UnblendedCost], 1 pages, incomplete false
2026-05-01 to 2026-05-31 hourly false estimated true
  ["iamPrincipal/team$"] UnblendedCost 12.5/1 USD
  ["iamPrincipal/team$engineering"] UnblendedCost 40.1/2 USD
`)
	f("\xef\xbb\xbf"+totalAnswer+"\n", `
by [], metrics [BlendedCost UsageQuantity], 1 pages, incomplete false
2026-05-01 hourly false estimated false
  [] BlendedCost -0.0000000001/10 USD UsageQuantity 2/0 N/A
2026-05-02 hourly false estimated false
  [] BlendedCost 0.0000001/7 USD UsageQuantity 3/0 N/A
`)
	// Two pages, in a row or in a list, with one group each of the same month.
	first := strings.Replace(strings.Replace(tagAnswer, "engineering", "research", 1), `"DimensionValueAttributes"`, `"NextPageToken":"abc","DimensionValueAttributes"`, 1)
	first = strings.Replace(first, `{"Keys":["iamPrincipal/team$"],"Metrics":{"UnblendedCost":{"Amount":"12.5","Unit":"USD"}}},`, "", 1)
	both := `
by [TAG iamPrincipal/team], metrics [UnblendedCost], 2 pages, incomplete false
2026-05-01 to 2026-05-31 hourly false estimated true
  ["iamPrincipal/team$research"] UnblendedCost 40.1/2 USD
  ["iamPrincipal/team$"] UnblendedCost 12.5/1 USD
  ["iamPrincipal/team$engineering"] UnblendedCost 40.1/2 USD
`
	f(first+"\n"+tagAnswer, both)
	f("["+first+","+tagAnswer+"]", both)
	f(first, `
by [TAG iamPrincipal/team], metrics [UnblendedCost], 1 pages, incomplete true
2026-05-01 to 2026-05-31 hourly false estimated true
  ["iamPrincipal/team$research"] UnblendedCost 40.1/2 USD
`)
	f(`{"ResultsByTime":[]}`, `
by [], metrics [], 1 pages, incomplete false
`)
}

func TestParseResponseErrors(t *testing.T) {
	f := func(text, want string) {
		t.Helper()
		_, err := ParseResponse([]byte(text))
		if err == nil || showback.KindOf(err) != showback.KindInvalid {
			t.Errorf("%.40q: got %v, want an invalid one", text, err)
			return
		}
		if got := strings.TrimPrefix(err.Error(), "parse Cost Explorer's answer: "); got != want {
			t.Errorf("%.40q:\ngot  %s\nwant %s", text, got, want)
		}
	}
	period := func(groups string) string {
		return `{"GroupDefinitions":[{"Type":"DIMENSION","Key":"REGION"}],"ResultsByTime":[{"TimePeriod":{"Start":"2026-05-01","End":"2026-06-01"},"Groups":[` + groups + `]}]}`
	}
	one := `{"Keys":["us-east-1"],"Metrics":{"UnblendedCost":{"Amount":"1","Unit":"USD"}}}`
	f("", "found nothing, "+wantPage)
	f("[]", "found an empty list, "+wantPage)
	f("identity_line_item_id,bill_type\n", "no JSON at byte 1: invalid character 'i' looking for beginning of value")
	f(tagAnswer[:200], "the JSON ends early, at byte 200: the file is cut short")
	f("\xff\xfe{\x00", "found text in UTF-16, want UTF-8")
	f(`"ResultsByTime"`, "found string, "+wantPage)
	f(`[[]]`, "found array, "+wantPage)
	f(`{}`, "found {}, "+wantPage)
	f(`{"Total":{"Amount":"1"},"ForecastResultsByTime":[]}`, "found an object with ForecastResultsByTime, Total, "+wantPage)
	f(`{"a":1,"b":1,"c":1,"d":1,"e":1,"f":1}`, "found an object with a, b, c, d, e, …, "+wantPage)
	f(`{"ResultsByTime":{}}`, "ResultsByTime: found object, want a list")
	f(strings.Replace(tagAnswer, `"12.5"`, `12.5`, 1), "ResultsByTime.Groups.Metrics.Amount: found number, want a text")
	f(strings.Replace(tagAnswer, `"12.5"`, `"12,5"`, 1), `2026-05-01: UnblendedCost of group "iamPrincipal/team$": parse number "12,5": want digits such as 12.5 or 1e-10`)
	f(strings.Replace(tagAnswer, `"Amount":"12.5",`, ``, 1), `2026-05-01: UnblendedCost of group "iamPrincipal/team$": found no Amount`)
	f(strings.Replace(tagAnswer, "2026-06-01", "2026-05-01", 1), "TimePeriod: Start 2026-05-01 is not before End 2026-05-01")
	f(strings.Replace(tagAnswer, "2026-06-01", "June", 1), `TimePeriod: End is "June", want a day such as 2026-10-01`)
	f(strings.Replace(tagAnswer, `"GroupDefinitions":[{"Type":"TAG","Key":"iamPrincipal/team"}],`, "", 1), "2026-05-01: found groups without GroupDefinitions, want the whole answer")
	f(`{"ResultsByTime":[{"TimePeriod":{"Start":"2026-05-01","End":"2026-06-01"},"Total":{}}]}`, "2026-05-01: found neither Total nor Groups")
	f(period(one+","+one), `2026-05-01: group "us-east-1" is there twice`)
	f(period(`{"Keys":["a","b"],"Metrics":{}}`), `2026-05-01: group "a, b" has 2 keys, want one for each of 1 GroupDefinitions`)
	f(period(`{"Keys":["a"],"Metrics":{}}`), `2026-05-01: group "a" has no Metrics`)
	f(totalAnswer+totalAnswer, "page 2: 2026-05-02: the period is there twice")
	f(totalAnswer+tagAnswer, "page 2: it is grouped by [TAG iamPrincipal/team], the first page by []: want the pages of one answer")
	f(`{"GroupDefinitions":[{},{},{}],"ResultsByTime":[]}`, "found 3 GroupDefinitions, want at most 2")
}

func TestSpans(t *testing.T) {
	f := func(want string, bounds ...string) {
		t.Helper()
		var r Response
		for _, b := range bounds {
			start, end, _ := strings.Cut(b, " ")
			p, hourly, err := parsePeriod(start, end)
			if err != nil {
				t.Fatal(err)
			}
			r.Periods = append(r.Periods, PeriodResult{Period: p, Hourly: hourly})
		}
		spans, err := r.Spans()
		var got []string
		for _, s := range spans {
			got = append(got, string(s.Granularity)+" "+s.Period.Inclusive())
		}
		if err != nil {
			got = append(got, err.Error())
		}
		if strings.Join(got, "; ") != want {
			t.Errorf("%v: got %v, want %s", bounds, got, want)
		}
	}
	f("")
	f("day 2026-05-01", "2026-05-01 2026-05-02")
	f("day 2026-05-01 to 2026-05-09", "2026-05-01 2026-05-02", "2026-05-09 2026-05-10")
	f("month 2026-05-01 to 2026-05-31", "2026-05-01 2026-06-01")
	f("month 2026-05-05 to 2026-07-12", "2026-05-05 2026-06-01", "2026-06-01 2026-07-01", "2026-07-01 2026-07-13")
	f("total 2026-05-01 to 2026-05-31; total 2026-07-01 to 2026-07-31", "2026-05-01 2026-06-01", "2026-07-01 2026-08-01")
	f("total 2026-05-01 to 2026-06-30", "2026-05-01 2026-07-01")
	f("hour 2026-05-01", "2026-05-01T00:00:00Z 2026-05-01T01:00:00Z")
	f("hour 2026-05-01 to 2026-05-02", "2026-05-01T22:00:00Z 2026-05-01T23:00:00Z", "2026-05-02T03:00:00Z 2026-05-02T04:00:00Z")
	f("hour 2026-05-01", "2026-05-01T22:00:00Z 2026-05-01T23:00:00Z", "2026-05-01T23:00:00Z 2026-05-02T00:00:00Z")
	f("day 2026-05-01", "2026-05-01T00:00:00Z 2026-05-02T00:00:00Z")
	odd := "compare with Cost Explorer: found a period from %s to %s, want whole days, or one hour in every period"
	f(fmt.Sprintf(odd, "2026-05-01T00:00:00Z", "2026-05-01T02:00:00Z"), "2026-05-01T00:00:00Z 2026-05-01T02:00:00Z", "2026-05-01 2026-05-02")
	f(fmt.Sprintf(odd, "2026-05-01T00:30:00Z", "2026-05-01T01:30:00Z"), "2026-05-01T00:30:00Z 2026-05-01T01:30:00Z")
}

func TestParseMetric(t *testing.T) {
	f := func(name string, measure explore.Measure, basis showback.Basis) {
		t.Helper()
		m, err := ParseMetric(name)
		if err != nil || m != (Metric{name, measure, basis}) {
			t.Errorf("%s: got %v, %v", name, m, err)
		}
	}
	f("UnblendedCost", explore.Cost, showback.Unblended)
	f("NetUnblendedCost", explore.Cost, showback.NetUnblended)
	f("AmortizedCost", explore.Cost, showback.Amortized)
	f("NetAmortizedCost", explore.Cost, showback.NetAmortized)
	f("BlendedCost", explore.Cost, showback.Blended)
	f("UsageQuantity", explore.Quantity, showback.Unblended)
	for _, name := range []string{"NormalizedUsageAmount", "unblended"} {
		if m, err := ParseMetric(name); showback.KindOf(err) != showback.KindInvalid || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: got %v, %v, want an error that names it", name, m, err)
		}
	}
}

// FuzzParseResponse holds what is read to the promises of Response.
func FuzzParseResponse(f *testing.F) {
	f.Fuzz(func(t *testing.T, text []byte) {
		r, err := ParseResponse(text)
		if err != nil {
			if showback.KindOf(err) != showback.KindInvalid {
				t.Fatalf("kind %s: %v", showback.KindOf(err), err)
			}
			return
		}
		for i, p := range r.Periods {
			if p.Period.Empty() || i > 0 && r.Periods[i-1].Period == p.Period {
				t.Fatalf("period %v is empty or there twice", p.Period)
			}
			for _, g := range p.Groups {
				if len(g.Keys) != len(r.GroupedBy) || len(g.Metrics) == 0 {
					t.Fatalf("group %v by %v", g, r.GroupedBy)
				}
				for m := range g.Metrics {
					if !slices.Contains(r.Metrics, m) {
						t.Fatalf("metric %s is not among %v", m, r.Metrics)
					}
				}
			}
		}
		spans, err := r.Spans()
		if err != nil && showback.KindOf(err) != showback.KindInvalid {
			t.Fatalf("spans: %v", err)
		}
		for _, s := range spans {
			if s.Period.Empty() {
				t.Fatalf("span %v is empty", s)
			}
		}
		groupings, err := r.Groupings()
		for i, g := range groupings {
			for _, p := range r.Periods {
				for _, group := range p.Groups {
					if name, err := g.Theirs(group.Keys[i]); err == nil && name != "" {
						if again, err := g.Theirs(g.Spell(name)); err != nil || again != name {
							t.Fatalf("%s: %q is spelled %q and read back as %q, %v", g.Definition, name, g.Spell(name), again, err)
						}
					}
				}
			}
		}
		_ = err // a dimension that the ledger does not have
	})
}

func TestGaps(t *testing.T) {
	f := func(bounds string, want ...string) {
		t.Helper()
		var results []string
		for b := range strings.FieldsSeq(bounds) {
			start, end, _ := strings.Cut(b, "..")
			results = append(results, `{"TimePeriod":{"Start":"`+start+`","End":"`+end+`"},"Total":{"UnblendedCost":{"Amount":"1","Unit":"USD"}}}`)
		}
		r, err := ParseResponse([]byte(`{"ResultsByTime":[` + strings.Join(results, ",") + `]}`))
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, g := range r.Gaps() {
			got = append(got, g.Start.Format("2006-01-02T15")+".."+g.End.Format("2006-01-02T15"))
		}
		if !slices.Equal(want, got) {
			t.Errorf("%s: got %v, want %v", bounds, got, want)
		}
	}
	f("")
	f("2026-08-01..2026-09-01")
	f("2026-08-01..2026-09-01 2026-09-01..2026-10-01")
	f("2026-10-01..2026-11-01 2026-08-01..2026-09-01", "2026-09-01T00..2026-10-01T00")
	f("2026-08-01..2026-08-02 2026-08-03..2026-08-04 2026-08-06..2026-08-07", "2026-08-02T00..2026-08-03T00", "2026-08-04T00..2026-08-06T00")
	f("2026-08-01T00:00:00Z..2026-08-01T01:00:00Z 2026-08-01T03:00:00Z..2026-08-01T04:00:00Z", "2026-08-01T01..2026-08-01T03")
	f("2026-08-01..2026-10-01 2026-08-03..2026-08-04 2026-10-01..2026-11-01") // the first holds the second
}
