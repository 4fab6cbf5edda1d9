package explore

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"showback"
)

// noteTags says, for each tag key of the question, where it is not what the
// asker may think: carried by another source only, never seen, or seen later.
func (a *asking) noteTags(ctx context.Context) ([]Note, error) {
	var keys []Key
	for _, k := range slices.Concat(a.q.By, keysOf(a.q.Filter)) {
		if k.Tag != (showback.TagKey{}) && !slices.ContainsFunc(keys, k.Same) {
			keys = append(keys, k)
		}
	}
	var notes []Note
	for _, k := range keys {
		n, err := a.noteTag(ctx, k)
		if err != nil {
			return nil, err
		}
		notes = append(notes, n...)
	}
	return notes, nil
}

func (a *asking) noteTag(ctx context.Context, k Key) ([]Note, error) {
	var notes []Note
	if !slices.ContainsFunc(a.in, carries(k.Tag)) {
		var err error
		if notes, err = a.noteElsewhere(ctx, k); err != nil {
			return nil, err
		}
	}
	switch first := a.cov.FirstSeen(k.Tag); {
	case len(first) > 0:
		notes = append(notes, a.noteLater(k, first)...)
	case notes == nil:
		notes = []Note{{NoteKeyNotSeen, "no bill in the store carries " + k.String() + a.nearTags(k)}}
	}
	return notes, nil
}

// carries returns a test for deliveries that carry the tag key.
func carries(tag showback.TagKey) func(Delivered) bool {
	return func(d Delivered) bool { _, ok := d.TagKeys[tag]; return ok }
}

// nearTags offers the tag keys that may have been meant.
func (a *asking) nearTags(k Key) string {
	var among []candidate
	for _, tag := range a.cov.TagKeys() {
		among = append(among, candidate{tag.Flag(), tag.Flag()}, candidate{tag.Name, tag.Flag()})
	}
	near := nearest(k.String(), among)
	for _, show := range nearest(k.Tag.Name, among) {
		if len(near) < maxNearest && !slices.Contains(near, show) {
			near = append(near, show)
		}
	}
	switch {
	case len(near) == 0:
		return ""
	case slices.ContainsFunc(near, func(show string) bool { return strings.EqualFold(show, k.String()) }):
		return "; " + didYouMean(near) + " (tag keys are case-sensitive)"
	}
	return "; " + didYouMean(near)
}

// noteElsewhere names the other sources that carry a key of this name in the
// period, with the dollars they carry; nothing when there are none. What they
// carry is counted over the question's charges, without its filter when that
// tests the very key that nothing carries.
func (a *asking) noteElsewhere(ctx context.Context, k Key) ([]Note, error) {
	filter := a.filter()
	if slices.ContainsFunc(keysOf(a.q.Filter), k.Same) {
		filter = a.q.Access
	}
	var found []string
	for _, s := range showback.TagSources {
		other := showback.TagKey{Source: s.Source, Name: k.Tag.Name}
		if other == k.Tag || !slices.ContainsFunc(a.in, carries(other)) {
			continue
		}
		key := TagKeyed(other)
		plan := a.plan(both(filter, Not{Absent{key}}))
		plan.Basis = showback.Unblended
		if a.cov.Refuse(plan) != nil {
			continue
		}
		rows, err := a.eng.Run(ctx, plan)
		if err != nil {
			return nil, err
		}
		sums := map[string]showback.Decimal{}
		for _, r := range rows {
			sums[r.Currency] = sums[r.Currency].Add(r.Cost)
		}
		if len(sums) > 0 {
			found = append(found, key.String()+" is on "+AmountsText(sums)+" unblended of those asked for")
			continue
		}
		found = append(found, key.String()+" is on others than those asked for")
	}
	if len(found) == 0 {
		return nil, nil
	}
	return []Note{{NoteKeyElsewhere, fmt.Sprintf("no charge in %s carries %s; %s",
		a.q.Period.Inclusive(), k, strings.Join(found, ", "))}}, nil
}

// noteLater says where the key begins within or after the period: what is
// before stands as not seen yet, which is not untagged.
func (a *asking) noteLater(k Key, first map[string]time.Time) []Note {
	byPayer := map[string]Delivered{}
	for _, d := range a.in {
		if have, ok := byPayer[d.Payer]; !ok || d.Month < have.Month {
			byPayer[d.Payer] = d
		}
	}
	var later []string
	for _, payer := range slices.Sorted(maps.Keys(byPayer)) {
		begin := byPayer[payer].Month.Start()
		if begin.Before(a.q.Period.Start) {
			begin = a.q.Period.Start
		}
		name := payersText([]Delivered{byPayer[payer]})
		switch day, seen := first[payer]; {
		case !seen:
			later = append(later, "not at all for "+name)
		case day.After(begin):
			later = append(later, "from "+day.Format(time.DateOnly)+" on for "+name)
		}
	}
	if len(later) == 0 {
		return nil
	}
	return []Note{{NoteKeyNotSeenYet, fmt.Sprintf("%s is on the bill %s; what is before that is (%s), which is not (%s)",
		k, strings.Join(later, ", "), showback.NotSeenYet, showback.Untagged)}}
}
