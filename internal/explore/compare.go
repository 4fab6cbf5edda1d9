package explore

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"showback"
)

// Compare asks the answer's question again for another period and sets the
// figures beside those of the answer, in rows and totals. It runs one plan, and
// two more while a month of the answer is open: see NotePreviousWhole.
//
// Rows are matched by currency, keys and the place of their span: the third week
// stands beside the third week, the first hour beside the first hour. A row
// without a counterpart has previous figures of zero charges; what only the other
// period has is added with a cost of 0, so that what stopped is seen. Top and
// Sort then apply to both; where Sort has no figure, Top keeps the rows with the
// larger of both costs.
//
// Where the other period has no bill the error is of KindNotFound, where it
// cannot be asked (a tag key with too many values to be kept, spans shorter than
// an export's) of KindInvalid, and the answer stays as it was. Errors of the
// engine keep their kind.
func Compare(ctx context.Context, eng Engine, answer *Answer, beside showback.Period) error {
	q := answer.Question
	q.Period = beside
	cov, err := eng.Coverage(ctx)
	if err != nil {
		return err
	}
	a := &asking{eng: eng, q: q, cov: cov, in: cov.within(beside)}
	if err := a.check(); err != nil {
		return showback.Errorf(showback.KindOf(err), "compare: %w", err)
	}
	plan := a.mainPlan()
	rows, err := a.eng.Run(ctx, plan)
	if err != nil {
		return err
	}
	before, err := a.groups(plan, rows)
	if err != nil {
		return err
	}
	answer.setBeside(before, beside)
	if !answer.Open {
		return nil
	}
	whole, err := a.noteWhole(ctx)
	answer.Notes = append(answer.Notes, whole...)
	return err
}

// CompareIfPossible is Compare for a comparison that nobody asked for: where the
// other period has no bill nothing is set beside; where it cannot be asked
// neither, and a note of the answer says so.
func CompareIfPossible(ctx context.Context, eng Engine, answer *Answer, beside showback.Period) error {
	err := Compare(ctx, eng, answer, beside)
	switch showback.KindOf(err) {
	case showback.KindNotFound:
		return nil
	case showback.KindInvalid:
		answer.Notes = append(answer.Notes, Note{NoteNotCompared, fmt.Sprintf(
			"nothing stands beside from %s: %s", beside.Inclusive(), strings.TrimPrefix(err.Error(), "compare: ask: "))})
		return nil
	}
	return err
}

// noteWhole names what the previous figures hold of charges that AWS dates to
// the first days of a month: they stand whole beside a month that is still
// billed, however few of its days are compared. What a class has on other days
// of the month too is not whole.
func (a *asking) noteWhole(ctx context.Context) ([]Note, error) {
	months := a.q.Period.Months()
	first, last := months[0], months[len(months)-1]
	here, err := a.byClass(ctx, a.q.Period)
	if err != nil {
		return nil, err
	}
	whole, err := a.byClass(ctx, showback.Period{Start: first.Start(), End: last.End()})
	if err != nil {
		return nil, err
	}
	var texts []string
	for _, class := range showback.ChargeClasses {
		if class != showback.ClassUsage && len(here[class]) > 0 && maps.EqualFunc(here[class], whole[class], showback.Decimal.Equal) {
			texts = append(texts, className(class)+" "+AmountsText(here[class]))
		}
	}
	if len(texts) == 0 {
		return nil, nil
	}
	return []Note{{NotePreviousWhole, fmt.Sprintf(
		"previous has of %s as a whole what AWS bills on a month's first days: %s; for the change of usage alone ask with --charges usage",
		MonthsText(months), strings.Join(texts, ", "))}}, nil
}

// byClass returns what the question's charges of a period cost, by class and
// currency; what costs nothing is left out.
func (a *asking) byClass(ctx context.Context, p showback.Period) (map[showback.ChargeClass]map[string]showback.Decimal, error) {
	plan := a.plan(a.filter(), named("charge-class"))
	plan.Period = p
	if !a.cov.tells(plan) {
		return nil, nil
	}
	rows, err := a.eng.Run(ctx, plan)
	if err != nil {
		return nil, err
	}
	sums := map[showback.ChargeClass]map[string]showback.Decimal{}
	for _, r := range rows {
		if r.Cost.IsZero() {
			continue
		}
		class := showback.ChargeClass(r.Keys[0].Text)
		if sums[class] == nil {
			sums[class] = map[string]showback.Decimal{}
		}
		sums[class][r.Currency] = r.Cost
	}
	return sums, nil
}

// setBeside puts the groups of another period, by currency, beside those of
// the answer.
func (answer *Answer) setBeside(before map[string][]group, beside showback.Period) {
	answer.ComparedWith = beside
	asked, then := answer.Question.asked(), map[string]tally{}
	for currency, groups := range before {
		then[currency] = sum(groups)
	}
	for _, currency := range currenciesOf(then) {
		if answer.groups[currency] == nil {
			answer.Blocks = append(answer.Blocks, Block{Currency: currency, Total: tally{}.figures(asked)})
		}
	}
	for i := range answer.Blocks {
		b := &answer.Blocks[i]
		answer.groups[b.Currency] = answer.matched(answer.groups[b.Currency], before[b.Currency])
		b.Rows = answer.rows(b.Currency)
		figures := then[b.Currency].figures(asked)
		b.Previous = &figures
	}
}

// spot is where a group of one period stands in the other.
type spot struct {
	index   int
	id      string
	missing showback.Missing
}

func spotOf(g group) spot {
	s := spot{index: g.index, id: g.id()}
	if g.now.costless() {
		s.missing = g.now.missing
	}
	return s
}

// matched returns now's groups, and those that only before has, with the sums
// of before in them.
func (answer *Answer) matched(now, before []group) []group {
	then := map[spot]tally{}
	for _, g := range before {
		then[spotOf(g)] = g.now
	}
	out := slices.Clone(now)
	take := func(g *group, at spot) {
		if t, found := then[at]; found && g.before == nil {
			delete(then, at)
			g.before = &t
		}
	}
	for i := range out {
		out[i].before = nil
		take(&out[i], spotOf(out[i]))
	}
	// A cost beside the reason why there was none, and the other way round.
	byCause := make([]int, len(out))
	for i := range byCause {
		byCause[i] = i
	}
	slices.SortStableFunc(byCause, func(i, j int) int {
		return strings.Compare(string(spotOf(out[i]).missing), string(spotOf(out[j]).missing))
	})
	for _, i := range byCause {
		at := spotOf(out[i])
		for _, at.missing = range []showback.Missing{"", showback.NotAvailable, showback.NoListPrice} {
			take(&out[i], at)
		}
		if out[i].before == nil {
			out[i].before = &tally{}
		}
	}
	for _, g := range before {
		if t, left := then[spotOf(g)]; left {
			out = append(out, group{index: g.index, keys: g.keys, before: &t})
		}
	}
	q := answer.Question
	for i := range out {
		out[i].span = spanAt(q.Period, q.Granularity, out[i].index)
		out[i].beside = spanAt(answer.ComparedWith, q.Granularity, out[i].index)
	}
	return out
}
