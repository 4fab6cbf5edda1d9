package main

import (
	"context"
	"fmt"
	"time"

	"showback"
	"showback/internal/explore"
	"showback/internal/ledger"
)

// growth is how many times as long a question may take with a year stored as
// with three months and still count as not growing: what two runs of the same
// differ by.
const growth = "1.25"

// oneCaller asks for 30 days of one caller, with 3, 6 and 12 months stored.
func (b *bench) oneCaller(ctx context.Context, r *report) error {
	store, err := b.estate(ctx, b.size)
	if err != nil {
		return err
	}
	var contenders []contender
	var who string
	stored := []int{3, 6, 12}
	for _, n := range stored {
		a, err := openMonths(ctx, store, n)
		if err != nil {
			return err
		}
		defer a.Close()
		days := a.lastDays(30)
		if who == "" {
			if who, err = middling(ctx, a, days, "caller"); err != nil {
				return err
			}
		}
		q := question(days, "model", explore.Daily)
		q.Filter = is("caller", who)
		contenders = append(contenders, a.asking(q))
	}
	t, err := race(ctx, 1, b.runs, contenders...)
	if err != nil {
		return err
	}
	read, err := readText(ctx, contenders[len(contenders)-1])
	if err != nil {
		return err
	}
	for i, n := range stored {
		limit := time.Duration(0)
		if n == stored[len(stored)-1] {
			limit = 10 * time.Millisecond
		}
		r.add(within(fmt.Sprintf("one caller, 30 days, %d months stored", n), t[i], limit, read))
	}
	r.add(versus("one caller, 30 days, a year stored", t[len(t)-1], t[0], "3 months", growth, ""))
	return nil
}

// openMonths is open with the last n months alone.
func openMonths(ctx context.Context, store *ledger.Store, n int) (*asker, error) {
	all, err := open(ctx, store, nil)
	if err != nil {
		return nil, err
	}
	first := showback.MonthOf(all.lastMonths(n).Start)
	if err := all.Close(); err != nil {
		return nil, err
	}
	return open(ctx, store, func(s *ledger.Segment) bool { return s.Month >= first })
}

// middling returns the value of the key in the middle by cost: neither the
// busiest nor one that has hardly a charge.
func middling(ctx context.Context, a *asker, p showback.Period, key string) (string, error) {
	values, err := a.Values(ctx, plan(question(p, "", explore.Total)), keys(key)[0], 1_000_000)
	if err != nil {
		return "", err
	}
	if len(values) == 0 {
		return "", showback.Errorf(showback.KindNotFound, "choose a %s: there is none in %s", key, p.Inclusive())
	}
	return values[len(values)/2], nil
}

// is returns the filter key = value.
func is(key, value string) explore.Expr {
	return explore.Match{Key: keys(key)[0], Values: []explore.Pattern{explore.Exact(value)}}
}
