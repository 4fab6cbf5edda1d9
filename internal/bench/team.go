package main

import (
	"context"
	"fmt"

	"showback"
	"showback/internal/explore"
	"showback/internal/ledger"
)

// monthByTeam asks for one large month by team.
func (b *bench) monthByTeam(ctx context.Context, r *report) error {
	store, err := b.monthStore(ctx)
	if err != nil {
		return err
	}
	return b.againstS(ctx, r, store, "one month by team", "0.8", "6", func(a *asker) explore.Question {
		return question(largestSegment(a.snap.Segments).Month.Period(), teamKey, explore.Total)
	})
}

// yearByTeam asks for twelve months by team.
func (b *bench) yearByTeam(ctx context.Context, r *report) error {
	store, err := b.estate(ctx, b.size)
	if err != nil {
		return err
	}
	return b.againstS(ctx, r, store, "12 months by team", "0.4", "6", func(a *asker) explore.Question {
		return question(a.lastMonths(12), teamKey, explore.Total)
	})
}

// dailyByTeam asks for the last 90 days by team and day.
func (b *bench) dailyByTeam(ctx context.Context, r *report) error {
	store, err := b.estate(ctx, b.size)
	if err != nil {
		return err
	}
	return b.againstS(ctx, r, store, "daily by team, 90 days", "2", noLimit, func(a *asker) explore.Question {
		return question(a.lastDays(90), teamKey, explore.Daily)
	})
}

// againstS asks a question with rollups and from the facts alone, each against
// S of the same charges: the whole answer, and beside it the main plan, which
// is the one query that sums what the rows show.
func (b *bench) againstS(ctx context.Context, r *report, store *ledger.Store, name, rollupLimit, factLimit string, of func(*asker) explore.Question) error {
	rolled, err := open(ctx, store, nil)
	if err != nil {
		return err
	}
	defer rolled.Close()
	facts, err := openFacts(ctx, store, nil)
	if err != nil {
		return err
	}
	defer facts.Close()
	y, err := openYard()
	if err != nil {
		return err
	}
	defer y.close()
	q := of(rolled)
	segments := rolled.within(q.Period)
	names, err := y.attachAll(ctx, rolled.snap, segments)
	if err != nil {
		return err
	}
	s := sums(names)
	contenders := []contender{timed(func(ctx context.Context) error { return y.drain(ctx, s) }),
		rolled.asking(q), rolled.running(q), facts.asking(q), facts.running(q)}
	t, err := race(ctx, 1, b.runs, contenders...)
	if err != nil {
		return err
	}
	yard, charges, err := partOf(ctx, y, t[0], segments, names, q.Period)
	if err != nil {
		return err
	}
	for i, way := range []struct{ name, limit string }{{"rollup", rollupLimit}, {"facts", factLimit}} {
		asked, ran := t[1+2*i], t[2+2*i]
		read, err := readText(ctx, contenders[1+2*i])
		if err != nil {
			return err
		}
		r.add(versus(name+", "+way.name, asked, yard, "S", way.limit, fmt.Sprintf("%d charges, %s", charges, read)))
		r.add(versus("its main plan alone", ran, yard, "S", noLimit, ""))
	}
	return nil
}

// partOf returns S of the charges of the period, and how many they are, from the
// times of S over whole segments, attached under names: where the period cuts
// months, the part that its charges are of theirs. A filter would make S slower.
func partOf(ctx context.Context, y *yard, whole times, segments []ledger.Segment, names []string, p showback.Period) (times, int64, error) {
	var all, in int64
	for i, s := range segments {
		all += s.Charges
		if month := s.Month.Period(); !p.Start.After(month.Start) && !p.End.Before(month.End) {
			in += s.Charges
			continue
		}
		var n int64
		if err := y.db.QueryRowContext(ctx, "SELECT count(*) FROM "+names[i]+".fact WHERE day >= ? AND day < ?", p.Start, p.End).Scan(&n); err != nil {
			return nil, 0, showback.Errorf(showback.KindInternal, "run yardstick: %w", err)
		}
		in += n
	}
	return whole.share(in, all), in, nil
}
