package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"showback"
	"showback/internal/explore"
	"showback/internal/ledger"
)

// rawQuestion is a question, and what asks it of the raw export.
type rawQuestion struct {
	name string
	tags bool // whether it is about tags, which the raw export has in a map
	by   string
	in   explore.Granularity
	top  int
	sql  string
	// where is the filter of both; none when its function is nil.
	where func(*rawValues) (explore.Expr, string)
}

// rawValues are what the questions ask for.
type rawValues struct {
	second string // a tag key of callers besides team, else team again
	caller string
	start  time.Time // of fourteen days
}

// rawQuestions ask for the whole bill of the month, so that one sum can be held
// against the other. In their texts {raw} is the raw export, {where} the filter
// and {second} the second tag key.
var rawQuestions = []rawQuestion{
	{name: "by team", tags: true, by: teamKey, in: explore.Total,
		sql: "SELECT tags['iamPrincipal/team'], sum(line_item_unblended_cost) FROM {raw} WHERE {where} GROUP BY ALL"},
	{name: "daily by team", tags: true, by: teamKey, in: explore.Daily,
		sql: "SELECT line_item_usage_start_date::DATE, tags['iamPrincipal/team'], sum(line_item_unblended_cost) FROM {raw} WHERE {where} GROUP BY ALL"},
	{name: "daily by another tag and model", tags: true, by: "tag:{second},model", in: explore.Daily,
		sql: "SELECT line_item_usage_start_date::DATE, tags['iamPrincipal/{second}'], product['model'], sum(line_item_unblended_cost) FROM {raw} WHERE {where} GROUP BY ALL"},
	{name: "untagged", tags: true, in: explore.Total,
		sql: "SELECT sum(line_item_unblended_cost) FROM {raw} WHERE {where}",
		where: func(*rawValues) (explore.Expr, string) {
			return explore.Absent{Key: keys(teamKey)[0]}, "tags['iamPrincipal/team'] IS NULL"
		}},
	{name: "by account and operation", by: "account,operation", in: explore.Total,
		sql: "SELECT line_item_usage_account_id, line_item_operation, sum(line_item_unblended_cost) FROM {raw} WHERE {where} GROUP BY ALL"},
	{name: "hourly by model, 14 days", by: "model", in: explore.Hourly,
		sql: "SELECT line_item_usage_start_date, product['model'], sum(line_item_unblended_cost) FROM {raw} WHERE {where} GROUP BY ALL",
		where: func(v *rawValues) (explore.Expr, string) {
			return nil, fmt.Sprintf("line_item_usage_start_date >= TIMESTAMPTZ '%s 00:00:00Z' AND line_item_usage_start_date < TIMESTAMPTZ '%s 00:00:00Z'",
				v.start.Format(time.DateOnly), v.start.AddDate(0, 0, 14).Format(time.DateOnly))
		}},
	{name: "top 50 callers", by: "caller", in: explore.Total, top: 50,
		sql: "SELECT line_item_iam_principal, sum(line_item_unblended_cost) FROM {raw} WHERE {where} GROUP BY ALL ORDER BY 2 DESC LIMIT 50"},
	{name: "one caller by day and usage type", by: "usage-type", in: explore.Daily,
		sql: "SELECT line_item_usage_start_date::DATE, line_item_usage_type, sum(line_item_unblended_cost) FROM {raw} WHERE {where} GROUP BY ALL",
		where: func(v *rawValues) (explore.Expr, string) {
			return is("caller", v.caller), "line_item_iam_principal = " + quote(v.caller)
		}},
}

// raw asks the same of the store and, in SQL, of the month's export as it was
// delivered.
func (b *bench) raw(ctx context.Context, r *report) error {
	store, err := b.monthStore(ctx)
	if err != nil {
		return err
	}
	a, err := open(ctx, store, nil)
	if err != nil {
		return err
	}
	defer a.Close()
	y, err := openYard()
	if err != nil {
		return err
	}
	defer y.close()
	month := largestSegment(a.snap.Segments)
	paths, _, err := deliveredFiles([]ledger.Segment{month})
	if err != nil {
		return err
	}
	v, err := a.rawValues(ctx, month.Month)
	if err != nil {
		return err
	}
	for _, rq := range rawQuestions {
		if rq.in == explore.Hourly && !month.Hourly {
			continue
		}
		q, filter := rq.ask(v, month.Month)
		query := strings.NewReplacer("{raw}", parquet(paths), "{where}", filter, "{second}", v.second).Replace(rq.sql)
		if err := sameTotal(ctx, a, y, q, parquet(paths), filter); err != nil {
			return fmt.Errorf("%s: %w", rq.name, err)
		}
		if err := b.rawRow(ctx, r, rq, a.asking(q), timed(func(ctx context.Context) error { return y.drain(ctx, query) })); err != nil {
			return err
		}
	}
	values := timed(func(ctx context.Context) error {
		_, err := a.Values(ctx, plan(question(month.Month.Period(), "", explore.Total)), keys(teamKey)[0], 1000)
		return err
	})
	query := "SELECT DISTINCT tags['iamPrincipal/team'] FROM " + parquet(paths)
	return b.rawRow(ctx, r, rawQuestion{name: "tag values", tags: true}, values, timed(func(ctx context.Context) error { return y.drain(ctx, query) }))
}

// rawValues chooses what to ask for.
func (a *asker) rawValues(ctx context.Context, month showback.Month) (*rawValues, error) {
	v := &rawValues{second: "team", start: month.Start().AddDate(0, 0, 7)}
	for _, k := range a.cov.TagKeys() {
		if k.Source == showback.TagCaller && k.Name != "team" && v.second == "team" {
			v.second = k.Name
		}
	}
	var err error
	v.caller, err = middling(ctx, a, month.Period(), "caller")
	return v, err
}

// ask returns the question, and the filter of the raw export.
func (rq rawQuestion) ask(v *rawValues, month showback.Month) (explore.Question, string) {
	q, filter := question(month.Period(), strings.ReplaceAll(rq.by, "{second}", v.second), rq.in), "true"
	q.Scope, q.Top = explore.ScopeAll, rq.top
	if rq.where != nil {
		q.Filter, filter = rq.where(v)
	}
	if rq.in == explore.Hourly {
		q.Period = showback.Period{Start: v.start, End: v.start.AddDate(0, 0, 14)}
	}
	return q, filter
}

// rawRow measures one question.
func (b *bench) rawRow(ctx context.Context, r *report, rq rawQuestion, ours, raw contender) error {
	t, err := race(ctx, 1, b.runs, raw, ours)
	if err != nil {
		return err
	}
	read, err := readText(ctx, ours)
	if err != nil {
		return err
	}
	limit := "25"
	if rq.tags {
		limit = "100"
	}
	r.add(slower("raw CUR: "+rq.name, t[0], t[1], limit, read))
	return nil
}

// sameTotal makes sure that both are asked the same: what they come to differs
// by less than a cent, which is what the raw export's doubles leave open.
func sameTotal(ctx context.Context, a *asker, y *yard, q explore.Question, raw, filter string) error {
	answer, err := explore.Ask(ctx, a, q)
	if err != nil {
		return err
	}
	var ours showback.Decimal
	for _, block := range answer.Blocks {
		ours = ours.Add(block.Total.Cost.Value)
	}
	text, err := y.text(ctx, "SELECT coalesce(sum(line_item_unblended_cost::DECIMAL(38,12)), 0)::VARCHAR FROM "+raw+" WHERE "+filter)
	if err != nil {
		return err
	}
	theirs, err := showback.ParseDecimal(text)
	if err != nil {
		return err
	}
	if ours.Sub(theirs).Abs().Cmp(showback.MustDecimal("0.01")) >= 0 {
		return showback.Errorf(showback.KindInternal, "ask the raw export: found %s, the store has %s", theirs, ours)
	}
	return nil
}
