package explore

import (
	"context"
	"fmt"
	"slices"

	"showback"
)

// noteClaimed says how much of an answer by person stands under names that
// nobody but the caller vouches for.
func (a *asking) noteClaimed(ctx context.Context) ([]Note, error) {
	i := slices.IndexFunc(a.q.By, func(k Key) bool { return k.Name == "person" || k.Name == "who" })
	certainty := named("certainty")
	if i < 0 || slices.ContainsFunc(a.q.By, certainty.Same) || slices.ContainsFunc(keysOf(a.q.Filter), certainty.Same) {
		return nil, nil
	}
	claimed := Match{certainty, []Pattern{Exact(string(showback.PersonClaimed))}}
	plan := a.plan(both(a.filter(), claimed))
	if !a.cov.tells(plan) {
		return nil, nil
	}
	rows, err := a.eng.Run(ctx, plan)
	if err != nil {
		return nil, err
	}
	sums := map[string]showback.Decimal{}
	for _, r := range rows {
		if r.CostMissing == "" {
			sums[r.Currency] = sums[r.Currency].Add(r.Cost)
		}
	}
	if len(sums) == 0 {
		return nil, nil
	}
	return []Note{{NoteClaimedPersons, fmt.Sprintf(
		"names that callers chose themselves (%s) stand for %s; ask by %s,%s to see which",
		showback.PersonClaimed, AmountsText(sums), a.q.By[i].Name, certainty)}}, nil
}
