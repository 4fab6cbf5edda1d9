package duckdb

import (
	"context"
	"fmt"
	"os"
	"slices"
	"testing"
	"time"

	"showback"
	"showback/internal/explore"
	"showback/internal/ledger"
)

func TestBench(t *testing.T) {
	dir := os.Getenv("SHOWBACK_BENCH_STORE")
	if dir == "" {
		t.Skip("no $SHOWBACK_BENCH_STORE")
	}
	e := openStore(t, ledger.Open(dir))
	e.answers.off = true
	ctx := context.Background()
	var months []showback.Month
	for _, s := range e.snap.Segments {
		if !slices.Contains(months, s.Month) {
			months = append(months, s.Month)
		}
		fmt.Println(s.Month, s.Payer, s.Export, s.Charges, s.Rollups)
	}
	slices.Sort(months)
	last := months[len(months)-1]
	if len(months) > 1 {
		last = months[len(months)-2]
	}
	year := showback.Period{Start: months[0].Start(), End: months[len(months)-1].End()}
	key := func(by string) []explore.Key {
		k, err := explore.ParseKeys(by)
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	sum := func(p showback.Period) func() {
		return func() {
			for i := range e.snap.Segments {
				s := &e.snap.Segments[i]
				if !s.Month.Period().Overlaps(p) {
					continue
				}
				seg, err := e.segments.acquire(ctx, e.snap.SegmentPath(s), s)
				if err != nil {
					t.Fatal(err)
				}
				var a, b string
				if err := e.db.QueryRow("SELECT sum(unblended_hi)::VARCHAR, sum(unblended_rest)::VARCHAR FROM "+seg.catalog+".fact").Scan(&a, &b); err != nil {
					t.Fatal(err)
				}
				e.segments.release(seg)
			}
		}
	}
	run := func(p explore.Plan) func() {
		return func() {
			if _, err := e.Run(ctx, p); err != nil {
				t.Fatal(err)
			}
		}
	}
	measure := func(name string, f func()) time.Duration {
		var all []time.Duration
		for range 8 {
			began := time.Now()
			f()
			all = append(all, time.Since(began))
		}
		slices.Sort(all)
		fmt.Printf("%-40s min %8.2f ms  median %8.2f ms\n", name, float64(all[0].Microseconds())/1000, float64(all[len(all)/2].Microseconds())/1000)
		return all[0]
	}
	m := last.Period()
	S := measure("S month", sum(m))
	SY := measure("S year", sum(year))
	cost := []explore.Measure{explore.Cost}
	ratio := func(name string, of time.Duration, p explore.Plan) {
		for _, roll := range []bool{true, false} {
			e.rollups = roll
			trace := &explore.Trace{}
			e.Run(explore.WithTrace(ctx, trace), p)
			st := trace.Steps()[0]
			d := measure(fmt.Sprintf("%s %v %s", name, roll, st.Table), run(p))
			fmt.Printf("    ratio %.2f  rows %d groups %d\n", float64(d)/float64(of), st.Rows, st.Groups)
		}
	}
	plan := func(p showback.Period, by string, g explore.Granularity) explore.Plan {
		return explore.Plan{Period: p, Granularity: g, By: key(by), Basis: showback.Unblended, Scope: explore.ScopeAI, TagView: explore.TagsBilled, Measures: cost}
	}
	ratio("month by team", S, plan(m, "tag:team", explore.Total))
	ratio("year by team", SY, plan(year, "tag:team", explore.Total))
	ratio("year by team month", SY, plan(year, "tag:team", explore.Monthly))
	ratio("month daily by team", S, plan(m, "tag:team", explore.Daily))
	ratio("month hourly by model", S, plan(m, "model", explore.Hourly))
	ratio("month by who", S, plan(m, "who", explore.Total))
	ratio("month by principal", S, plan(m, "principal", explore.Total))
	ratio("month by token type", S, plan(m, "token-type", explore.Total))
	ratio("month scope all", S, func() explore.Plan { p := plan(m, "scope", explore.Total); p.Scope = explore.ScopeAll; return p }())
	vals, _ := e.Values(ctx, plan(m, "", explore.Total), explore.Key{Name: "caller"}, 100)
	p := plan(m, "model", explore.Daily)
	p.Filter = explore.Match{Key: explore.Key{Name: "caller"}, Values: []explore.Pattern{explore.Exact(vals[50])}}
	ratio("one caller month", S, p)
	who, _ := e.Values(ctx, plan(m, "", explore.Total), explore.Key{Name: "who"}, 100)
	p.Filter = explore.Match{Key: explore.Key{Name: "who"}, Values: []explore.Pattern{explore.Exact(who[50])}}
	ratio("one who month", S, p)
}
