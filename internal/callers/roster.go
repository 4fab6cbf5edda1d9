package callers

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"showback"
	"showback/internal/directory"
	"showback/internal/explore"
	"showback/internal/iamrule"
	"showback/internal/identity"
)

// Line is one principal: of the bills, of the directory, or of both.
type Line struct {
	// Value is what the key principal has of it: a role's ARN is without path.
	Value     string
	Principal showback.Principal
	// Entry is what the directory has: who is there, else who was last; nil for
	// a principal that it does not know.
	Entry *directory.Principal
	Spend Spend
	// Charges tells one that called for nothing from one that did not call.
	Charges bool
	// LastSeen is the last day with a charge in the period; zero for none. Where
	// an export has no days it is the last of the month.
	LastSeen time.Time
	Sessions []Part // the largest spend first
	Models   []Part
}

// Part is a part of a principal's spend.
type Part struct {
	Name  string `json:"name"`
	Spend Spend  `json:"spend"`
}

// Known reports whether the directory has the principal, or had it.
func (l Line) Known() bool { return l.Entry != nil }

// ref names the principal in the directory; ok is false for what can't be in
// it: root, federated users and external callers.
func ref(p showback.Principal) (r directory.Ref, ok bool) {
	switch p.Kind {
	case showback.PrincipalUser, showback.PrincipalAPIKey:
		return directory.Ref{Account: p.Account, Kind: iamrule.User, Name: p.Name}, true
	case showback.PrincipalRole, showback.PrincipalSSORole:
		return directory.Ref{Account: p.Account, Kind: iamrule.Role, Name: p.Name}, true
	}
	return directory.Ref{}, false
}

// Ref names the line's principal in the directory; ok is false for what cannot
// be in it.
func (l Line) Ref() (r directory.Ref, ok bool) { return ref(l.Principal) }

func folded(r directory.Ref) directory.Ref {
	r.Name = iamrule.FoldName(r.Name)
	return r
}

// Know returns a line for each principal of the directory, without spend,
// ordered by account, kind and name: once for each name, also those that nobody
// has any more.
func Know(ctx context.Context, d *directory.Directory) ([]Line, error) {
	all, _, err := d.List(ctx, directory.Listing{Deleted: true})
	if err != nil {
		return nil, err
	}
	var lines []Line
	at := map[directory.Ref]int{}
	for _, p := range all {
		r := folded(p.Ref())
		i, seen := at[r]
		if !seen {
			i = len(lines)
			at[r], lines = i, append(lines, Line{})
		}
		// Those of one name come in order of creation: the last is there, or was last.
		lines[i] = Line{Value: value(p), Principal: identity.Parse(p.ARN()).Principal, Entry: &p}
	}
	return lines, nil
}

// Named returns a line for each principal that bills of a period name, without
// spend, in order of value.
func Named(ctx context.Context, eng explore.Engine, p showback.Period) ([]Line, error) {
	groups, err := ask(ctx, eng, p, principalKey)
	var lines []Line
	for _, g := range groups {
		v := g.values[0].Text
		lines = append(lines, Line{Value: v, Principal: identity.Parse(v).Principal, Charges: true})
	}
	slices.SortFunc(lines, func(a, b Line) int { return cmp.Compare(a.Value, b.Value) })
	return slices.CompactFunc(lines, func(a, b Line) bool { return a.Value == b.Value }), err
}

// value is what the key principal would have of a principal of the directory.
func value(p directory.Principal) string { return identity.PrincipalARN(identity.Parse(p.ARN())) }

// Find returns the lines that a text names: by an ARN of the principal or of one
// of its sessions, by its name, or by its name with what it is and where:
// user/alice, 111122223333:role/app, 111122223333:permission-set/Developer. The
// case of names does not matter.
func Find(lines []Line, text string) []Line {
	var found []Line
	wanted := identity.Parse(text).Principal
	r, byARN := ref(wanted)
	for _, l := range lines {
		if l.Value == text || byARN && names(l, r) || !strings.HasPrefix(text, "arn:") && called(l, text) {
			found = append(found, l)
		}
	}
	return found
}

func names(l Line, r directory.Ref) bool {
	have, ok := l.Ref()
	return ok && folded(have) == folded(r)
}

func called(l Line, text string) bool {
	account, name := "", text
	if before, rest, ok := strings.Cut(text, ":"); ok && iamrule.IsAccount(before) {
		account, name = before, rest
	}
	if account != "" && account != l.Principal.Account {
		return false
	}
	r, _ := l.Ref()
	p := l.Principal
	return strings.EqualFold(name, p.Name) || r.Kind != "" && strings.EqualFold(name, string(r.Kind)+"/"+p.Name) ||
		p.PermissionSet != "" && strings.EqualFold(name, "permission-set/"+p.PermissionSet)
}

// Roster returns a line for each principal that bills of the period name or that
// the directory knows, the largest spend first; those of the same spend by
// account, kind and name.
func Roster(ctx context.Context, eng explore.Engine, d *directory.Directory, p showback.Period) ([]Line, error) {
	lines, err := Know(ctx, d)
	if err != nil {
		return nil, err
	}
	r := &roster{ctx: ctx, eng: eng, period: p, lines: lines, at: map[string]int{}, byRef: map[directory.Ref]int{}}
	for i, l := range lines {
		if name, ok := l.Ref(); ok {
			r.byRef[folded(name)] = i
		}
	}
	// A name that was another's once: bills of that time are known, too.
	named, _, err := d.Histories(ctx)
	if err != nil {
		return nil, err
	}
	r.former(named)
	for _, step := range []func() error{r.spend, r.lastSeen, r.sessions, r.models} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	return r.ranked(), nil
}

type roster struct {
	ctx    context.Context
	eng    explore.Engine
	period showback.Period
	lines  []Line
	at     map[string]int        // the line of a billed value
	byRef  map[directory.Ref]int // likewise of a name
	// once are names that someone of the directory had, and has no more.
	once map[directory.Ref]bool
}

func (r *roster) former(named []directory.Named) {
	r.once = map[directory.Ref]bool{}
	for _, n := range named {
		name := folded(directory.Ref{Account: n.Account, Kind: n.Kind, Name: n.Name})
		if _, has := r.byRef[name]; !has {
			r.once[name] = true
		}
	}
}

// line returns the line of a billed value; one that the directory does not know
// gets a line of its own.
func (r *roster) line(billed string) *Line {
	i, ok := r.at[billed]
	if !ok {
		p := identity.Parse(billed).Principal
		name, can := ref(p)
		if i, ok = r.byRef[folded(name)]; !can || !ok {
			i = len(r.lines)
			l := Line{Value: billed, Principal: p}
			if can && r.once[folded(name)] {
				l.Entry = &directory.Principal{Partition: p.Partition, Account: p.Account, Kind: name.Kind, Path: "/", Name: name.Name}
			}
			r.lines = append(r.lines, l)
			if can { // a user billed with two paths is one
				r.byRef[folded(name)] = i
			}
		}
		r.at[billed] = i
	}
	return &r.lines[i]
}

func (r *roster) spend() error {
	groups, err := ask(r.ctx, r.eng, r.period, principalKey)
	for _, g := range groups {
		l := r.line(g.values[0].Text)
		l.Charges = true
		l.Spend = l.Spend.add(g.spend.Currency, g.spend.Cost)
	}
	return err
}

// few is how many principals a filter names at most, rather than all.
const few = 200

// lastSeen looks for each principal's last day, from the last month backwards:
// most are in it. It asks for days alone and no amount, so it asks the engine
// itself, which is several times quicker than a whole question.
func (r *roster) lastSeen() error {
	cov, err := r.eng.Coverage(r.ctx)
	if err != nil {
		return err
	}
	byMonth := map[showback.Month]bool{}
	for _, d := range cov.Deliveries {
		byMonth[d.Month] = byMonth[d.Month] || d.Monthly
	}
	open := map[string]bool{}
	for billed := range r.at {
		if r.line(billed).Charges {
			open[billed] = true
		}
	}
	months := r.period.Months()
	for i := len(months) - 1; i >= 0 && len(open) > 0; i-- {
		part := months[i].Period()
		part.Start, part.End = later(part.Start, r.period.Start), earlier(part.End, r.period.End)
		plan := explore.Plan{Period: part, Granularity: explore.Daily, By: []explore.Key{principalKey}, Filter: of(open),
			Basis: showback.Unblended, Scope: explore.ScopeAI, TagView: explore.TagsBilled, Measures: []explore.Measure{}}
		if byMonth[months[i]] {
			plan.Granularity = explore.Total
		}
		rows, err := r.eng.Run(r.ctx, plan)
		if err != nil {
			return err
		}
		for _, row := range rows {
			l, day := r.line(row.Keys[0].Text), row.Start
			if byMonth[months[i]] {
				day = part.End.AddDate(0, 0, -1)
			}
			l.LastSeen = later(l.LastSeen, day)
			delete(open, row.Keys[0].Text)
		}
	}
	return nil
}

// of passes the charges of principals: all that have a caller, where the
// principals are many.
func of(principals map[string]bool) explore.Expr {
	if len(principals) > few {
		return hasCaller
	}
	m := explore.Match{Key: principalKey}
	for billed := range principals {
		m.Values = append(m.Values, explore.Exact(billed))
	}
	slices.SortFunc(m.Values, func(a, b explore.Pattern) int { return cmp.Compare(a.Parts[0], b.Parts[0]) })
	return m
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

func (r *roster) sessions() error {
	return r.parts(sessionKey, func(l *Line) *[]Part { return &l.Sessions })
}

func (r *roster) models() error {
	return r.parts(modelKey, func(l *Line) *[]Part { return &l.Models })
}

// parts splits the spend of each principal by a key, charges without a value
// left out.
func (r *roster) parts(key explore.Key, list func(*Line) *[]Part) error {
	groups, err := ask(r.ctx, r.eng, r.period, principalKey, key)
	if err != nil {
		return err
	}
	type place struct{ billed, name string }
	at := map[place]int{}
	for _, g := range groups {
		if g.values[1].Missing != "" {
			continue
		}
		l := r.line(g.values[0].Text)
		k := place{l.Value, g.values[1].Text}
		parts := list(l)
		i, ok := at[k]
		if !ok {
			i = len(*parts)
			at[k] = i
			*parts = append(*parts, Part{Name: g.values[1].Text})
		}
		(*parts)[i].Spend = (*parts)[i].Spend.add(g.spend.Currency, g.spend.Cost)
	}
	for i := range r.lines {
		sortParts(*list(&r.lines[i]))
	}
	return nil
}

func sortParts(parts []Part) {
	spends := make([]Spend, len(parts))
	for i, p := range parts {
		spends[i] = p.Spend
	}
	rank := ranking(spends...)
	slices.SortFunc(parts, func(a, b Part) int { return cmp.Or(rank(a.Spend, b.Spend), cmp.Compare(a.Name, b.Name)) })
}

func (r *roster) ranked() []Line {
	spends := make([]Spend, len(r.lines))
	for i, l := range r.lines {
		spends[i] = l.Spend
	}
	rank := ranking(spends...)
	slices.SortStableFunc(r.lines, func(a, b Line) int {
		if a.Charges != b.Charges {
			if a.Charges {
				return -1
			}
			return 1
		}
		return cmp.Or(rank(a.Spend, b.Spend), cmp.Compare(a.Principal.Account, b.Principal.Account),
			cmp.Compare(a.Principal.Kind, b.Principal.Kind), cmp.Compare(a.Value, b.Value))
	})
	return r.lines
}

// Unknown returns the lines that bills name and the directory does not know.
func Unknown(lines []Line) []Line {
	var unknown []Line
	for _, l := range lines {
		if l.Charges && !l.Known() {
			unknown = append(unknown, l)
		}
	}
	return unknown
}

// Sum adds up the spend of lines.
func Sum(lines []Line) Spend {
	var sum Spend
	for _, l := range lines {
		sum = sum.plus(l.Spend)
	}
	return sum
}
