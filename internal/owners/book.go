package owners

import (
	"slices"
	"strings"
	"time"

	"showback"
	"showback/internal/tag"
)

// Sheet is an owners file that was taken in. It is in force from the day From
// on, whose zero is since ever.
type Sheet struct {
	Name  string
	From  time.Time
	Rules []Rule
}

// Label names the sheet among those of a book.
func (s Sheet) Label() string {
	if s.From.IsZero() {
		return s.Name
	}
	return s.Name + " from " + s.From.Format(time.DateOnly)
}

// Book holds the sheets in the order in which they were taken in. On each day
// the last of those that are in force by then holds, and it alone: a sheet with
// a From leaves the days before to the ones before it.
type Book []Sheet

// Segment is a stretch of days on which the same rules are in force.
type Segment struct {
	Period showback.Period
	Sheet  string // the label of the sheet in force; empty for none
	Index  *Index
}

// Segments cuts a period, which is of whole days, where rules begin and end.
func (b Book) Segments(p showback.Period) []Segment {
	var cuts []time.Time
	cut := func(t time.Time) {
		if t.After(p.Start) && t.Before(p.End) {
			cuts = append(cuts, t)
		}
	}
	for _, s := range b {
		cut(s.From)
		for _, r := range s.Rules {
			cut(r.Period.Start)
			cut(r.Period.End)
		}
	}
	slices.SortFunc(cuts, time.Time.Compare)
	cuts = slices.CompactFunc(append([]time.Time{p.Start}, append(cuts, p.End)...), time.Time.Equal)
	var all []Segment
	for i := range len(cuts) - 1 {
		all = append(all, Segment{showback.Period{Start: cuts[i], End: cuts[i+1]}, b.sheet(cuts[i]).Label(), b.On(cuts[i])})
	}
	return all
}

// sheet returns the sheet in force on the day that begins at t.
func (b Book) sheet(t time.Time) (sheet Sheet) {
	for _, s := range b {
		if !t.Before(s.From) {
			sheet = s
		}
	}
	return sheet
}

// On returns the rules in force on the day that begins at t.
func (b Book) On(t time.Time) *Index {
	var rules []Rule
	for _, r := range b.sheet(t).Rules {
		if r.holds(t) {
			rules = append(rules, r)
		}
	}
	return NewIndex(rules)
}

// Index finds the rules that match a caller.
type Index struct {
	rules []Rule
	exact map[exactKey][]int
	wild  map[Word][]int // those with a star, which each caller must be held against
}

type exactKey struct {
	word          Word
	account, text string
}

// NewIndex prepares rules. Their order is kept, their days are not looked at.
func NewIndex(rules []Rule) *Index {
	x := &Index{rules: rules, exact: map[exactKey][]int{}, wild: map[Word][]int{}}
	for i, r := range rules {
		if r.Match.exact() {
			k := exactKey{r.Match.Word, r.Match.Account, r.Match.Text}
			x.exact[k] = append(x.exact[k], i)
		} else {
			x.wild[r.Match.Word] = append(x.wild[r.Match.Word], i)
		}
	}
	return x
}

// Empty reports whether there is no rule.
func (x *Index) Empty() bool { return len(x.rules) == 0 }

// Matching returns the rules that match a caller, in the order of the file.
func (x *Index) Matching(c showback.Caller) []Rule {
	var found []int
	account := c.Principal.Account
	if account != "" {
		found = append(found, x.exact[exactKey{Account, account, ""}]...)
	}
	for _, n := range names(c) {
		found = append(found, x.exact[exactKey{n.word, "", n.text}]...)
		if account != "" {
			found = append(found, x.exact[exactKey{n.word, account, n.text}]...)
		}
		for _, i := range x.wild[n.word] {
			m := x.rules[i].Match
			if (m.Account == "" || m.Account == account) && glob(m.Text, n.text) {
				found = append(found, i)
			}
		}
	}
	slices.Sort(found)
	var rules []Rule
	for _, i := range slices.Compact(found) { // one name may match twice: as role and as permission set
		rules = append(rules, x.rules[i])
	}
	return rules
}

// Given is a tag that a caller gets, with the rule that gives it.
type Given struct {
	Rule Rule
	// Beaten are the rules of the same key that match too and come later.
	Beaten []Rule
}

// Decide returns what the rules give to a caller: for each key the first rule
// that matches, in order of key without its case.
func (x *Index) Decide(c showback.Caller) []Given {
	var all []Given
	for _, r := range x.Matching(c) {
		at, found := slices.BinarySearchFunc(all, tag.Fold(r.Key), func(g Given, key string) int { return strings.Compare(tag.Fold(g.Rule.Key), key) })
		if found {
			all[at].Beaten = append(all[at].Beaten, r)
		} else {
			all = slices.Insert(all, at, Given{Rule: r})
		}
	}
	return all
}

// Tags returns the tags that the rules give to a caller, in order of key.
func (x *Index) Tags(c showback.Caller) []tag.Pair {
	var tags []tag.Pair
	for _, g := range x.Decide(c) {
		tags = append(tags, tag.Pair{Key: g.Rule.Key, Value: g.Rule.Value})
	}
	return tags
}
