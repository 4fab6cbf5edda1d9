package callers

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"showback"
	"showback/internal/explore"
	"showback/internal/identity"
	"showback/internal/owners"
)

// Owned says to whom the rules of a book give what, over a period.
type Owned struct {
	Period showback.Period
	// Rules has a line for each rule of the book that is in force on a day of the
	// period or not: all of them, in order of sheet and line.
	Rules []RuleUse
	// Overlaps are pairs of rules of one key that match the same callers on the
	// same days: the first of them counts.
	Overlaps []Overlap
	// Unmatched are the callers that no rule matches, the largest spend first.
	Unmatched []Unmatched
	// Callers and Spend are all; UnmatchedSpend is what no rule is on.
	Callers               int
	Spend, UnmatchedSpend Spend
}

// RuleUse is what a rule decides.
type RuleUse struct {
	Sheet string
	Rule  owners.Rule
	// Matches counts the callers that the rule matches on days that it is in
	// force, Callers those of them that it decides for.
	Matches, Callers int
	Spend            Spend // of those it decides for
}

// Overlap is a rule that another one goes before.
type Overlap struct {
	Sheet       string
	First, Then owners.Rule
	Callers     int
	Spend       Spend // of the callers and days on which both match
}

// Unmatched is a caller that no rule matches on some days.
type Unmatched struct {
	Principal string `json:"principal"`
	Session   string `json:"session"` // empty for a caller without
	Spend     Spend  `json:"spend"`
}

// place names a rule of a book.
type place struct {
	sheet string
	line  int
}

type owning struct {
	out      *Owned
	at       map[place]int
	matched  map[place]map[string]bool // callers by rule
	decided  map[place]map[string]bool
	overlaps map[[2]place]*Overlap
	shared   map[[2]place]map[string]bool
	none     map[string]*Unmatched
	all      map[string]bool
}

// Own holds the callers of a period against the book's rules, day by day as far
// as the rules differ.
func Own(ctx context.Context, eng explore.Engine, book owners.Book, p showback.Period) (*Owned, error) {
	o := &owning{out: &Owned{Period: p}, at: map[place]int{}, matched: map[place]map[string]bool{}, decided: map[place]map[string]bool{},
		overlaps: map[[2]place]*Overlap{}, shared: map[[2]place]map[string]bool{}, none: map[string]*Unmatched{}, all: map[string]bool{}}
	for _, s := range book {
		for _, r := range s.Rules {
			o.at[place{s.Label(), r.Line}] = len(o.out.Rules)
			o.out.Rules = append(o.out.Rules, RuleUse{Sheet: s.Label(), Rule: r})
		}
	}
	if !p.Empty() {
		for _, seg := range book.Segments(p) {
			if err := o.segment(ctx, eng, seg); err != nil {
				return nil, err
			}
		}
	}
	o.finish()
	return o.out, nil
}

func (o *owning) segment(ctx context.Context, eng explore.Engine, seg owners.Segment) error {
	groups, err := ask(ctx, eng, seg.Period, principalKey, sessionKey)
	if err != nil {
		return err
	}
	for _, g := range groups {
		session := g.values[1].Text
		c := callerOf(g.values[0].Text, session)
		name := g.values[0].Text + " " + session
		o.all[name] = true
		o.out.Spend = o.out.Spend.add(g.spend.Currency, g.spend.Cost)
		given := seg.Index.Decide(c)
		for _, d := range given {
			first := place{seg.Sheet, d.Rule.Line}
			note(o.matched, first, name)
			note(o.decided, first, name)
			use := &o.out.Rules[o.at[first]]
			use.Spend = use.Spend.add(g.spend.Currency, g.spend.Cost)
			for _, b := range d.Beaten {
				then := place{seg.Sheet, b.Line}
				note(o.matched, then, name)
				pair := [2]place{first, then}
				if o.overlaps[pair] == nil {
					o.overlaps[pair] = &Overlap{Sheet: seg.Sheet, First: d.Rule, Then: b}
				}
				note(o.shared, pair, name)
				o.overlaps[pair].Spend = o.overlaps[pair].Spend.add(g.spend.Currency, g.spend.Cost)
			}
		}
		if len(given) > 0 {
			continue
		}
		if o.none[name] == nil {
			o.none[name] = &Unmatched{Principal: g.values[0].Text, Session: session}
		}
		o.none[name].Spend = o.none[name].Spend.add(g.spend.Currency, g.spend.Cost)
		o.out.UnmatchedSpend = o.out.UnmatchedSpend.add(g.spend.Currency, g.spend.Cost)
	}
	return nil
}

func note[K comparable](sets map[K]map[string]bool, of K, name string) {
	if sets[of] == nil {
		sets[of] = map[string]bool{}
	}
	sets[of][name] = true
}

// callerOf puts a caller together again, of the values of principal and session.
func callerOf(principal, session string) showback.Caller {
	c := identity.Parse(principal)
	if rest, ok := strings.CutPrefix(session, identity.Role(c)+"/"); ok && session != "" && identity.Role(c) != "" {
		c.Session = rest
	}
	return c
}

func (o *owning) finish() {
	for at, i := range o.at {
		o.out.Rules[i].Matches, o.out.Rules[i].Callers = len(o.matched[at]), len(o.decided[at])
	}
	for pair, over := range o.overlaps {
		over.Callers = len(o.shared[pair])
		o.out.Overlaps = append(o.out.Overlaps, *over)
	}
	slices.SortFunc(o.out.Overlaps, func(a, b Overlap) int {
		return cmp.Or(cmp.Compare(a.Sheet, b.Sheet), cmp.Compare(a.Then.Line, b.Then.Line), cmp.Compare(a.First.Line, b.First.Line))
	})
	var spends []Spend
	for _, u := range o.none {
		o.out.Unmatched, spends = append(o.out.Unmatched, *u), append(spends, u.Spend)
	}
	rank := ranking(spends...)
	slices.SortFunc(o.out.Unmatched, func(a, b Unmatched) int {
		return cmp.Or(rank(a.Spend, b.Spend), cmp.Compare(a.Principal, b.Principal), cmp.Compare(a.Session, b.Session))
	})
	o.out.Callers = len(o.all)
}
