package reconcile

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"showback"
	"showback/internal/explore"
)

// cut is one way to cut the charges of a delivery, on both sides.
type cut struct {
	name string
	of   func(*book) parts
	// by and granularity are what the ledger is asked, for each payer; from
	// makes a part of the answer, or none.
	by          []explore.Key
	granularity explore.Granularity
	from        func(explore.Row) (p part, amount showback.Decimal, ok bool)
}

// cuts are those that every delivery has; each tag key makes one more.
var cuts = []cut{
	{"account", func(b *book) parts { return b.tallies[byAccount].parts() }, []explore.Key{key("account")}, explore.Total, costOf},
	{"caller", func(b *book) parts { return b.tallies[byCaller].parts() }, []explore.Key{key("caller")}, explore.Total, costOf},
	{"day", func(b *book) parts { return b.tallies[byDay].parts() }, nil, explore.Daily, costOfDay},
	{"quantity", (*book).partsOfUsage, []explore.Key{key("usage-type"), key("charge-type")}, explore.Total, quantityOf},
}

func cutOfTag(tag showback.TagKey, of func(*book) parts) cut {
	return cut{tag.Flag(), of, []explore.Key{explore.TagKeyed(tag)}, explore.Total, costOf}
}

// costOf takes the cost by the one key asked for. The second reader does not
// know why there is no value, so all causes are one part.
func costOf(r explore.Row) (part, showback.Decimal, bool) {
	return part{key: r.Keys[1].Text, currency: r.Currency}, r.Cost, true
}

func costOfDay(r explore.Row) (part, showback.Decimal, bool) {
	return part{key: r.Start.Format(time.DateOnly), currency: r.Currency}, r.Cost, true
}

func quantityOf(r explore.Row) (part, showback.Decimal, bool) {
	p := part{key: r.Keys[1].Text, kind: r.Keys[2].Text, unit: unitText(r.Unit, r.Units), currency: r.Currency}
	return p, r.Quantity, r.Units > 0 || counts(p.kind)
}

// cutSides are the ledger's parts, by delivery and by name of the cut.
type cutSides map[owner]map[string]parts

// readCuts asks the ledger for every cut of the months that can be checked. Tag
// keys are those that the ledger has in any month and those of the files.
func (r *run) readCuts(ctx context.Context) (cutSides, error) {
	keys := map[showback.Month]map[showback.TagKey]bool{}
	for i, s := range r.Statements {
		if !r.chosen[i] || r.results[i].reason != "" {
			continue
		}
		if keys[s.Month] == nil {
			keys[s.Month] = map[showback.TagKey]bool{}
			for _, k := range r.tagKeys.kept {
				keys[s.Month][k] = true
			}
		}
		for _, tags := range r.results[i].own.tagSets() {
			for k := range tags {
				keys[s.Month][k] = true
			}
		}
	}
	sides := cutSides{}
	for _, month := range slices.Sorted(maps.Keys(keys)) {
		for _, c := range cuts {
			if err := sides.read(ctx, r.Ledger, month, c); err != nil {
				return nil, err
			}
		}
		for _, k := range sortedTags(keys[month]) {
			if err := sides.read(ctx, r.Ledger, month, cutOfTag(k, nil)); err != nil {
				return nil, err
			}
		}
	}
	return sides, nil
}

func (s cutSides) read(ctx context.Context, ledger Ledger, month showback.Month, c cut) error {
	rows, err := ledger.Run(ctx, explore.Plan{
		Period:      month.Period(),
		Granularity: c.granularity,
		By:          append([]explore.Key{key("payer")}, c.by...),
		Basis:       showback.Unblended,
		Scope:       explore.ScopeAll,
		TagView:     explore.TagsBilled,
	})
	if err != nil {
		return showback.Errorf(showback.KindOf(err), "sum %s by %s: %w", month, c.name, err)
	}
	for _, row := range rows {
		p, amount, ok := c.from(row)
		if !ok {
			continue
		}
		o := owner{row.Keys[0].Text, month}
		if s[o] == nil {
			s[o] = map[string]parts{}
		}
		if s[o][c.name] == nil {
			s[o][c.name] = parts{}
		}
		s[o][c.name].add(p, row.Charges, amount)
	}
	return nil
}

// compareCuts compares every cut. Of the tag keys, those count of which either
// side has a value.
func compareCuts(b *book, ledger map[string]parts) []CutBy {
	var out []CutBy
	for _, c := range cuts {
		out = append(out, compareParts(c.name, c.of(b), ledger[c.name]))
	}
	quantities := out[len(out)-1]
	out = out[:len(out)-1]
	sets, keys := b.tagSets(), map[showback.TagKey]bool{}
	for _, tags := range sets {
		for k := range tags {
			keys[k] = true
		}
	}
	for name, ps := range ledger {
		if k, ok := showback.ParseTagKey(name); ok && ps.valued() {
			keys[k] = true
		}
	}
	for _, k := range sortedTags(keys) {
		out = append(out, compareParts(k.Flag(), b.partsOfTag(sets, k), ledger[k.Flag()]))
	}
	return append(out, quantities)
}

// valued reports a part that has a value.
func (ps parts) valued() bool {
	for p := range ps {
		if p.key != "" {
			return true
		}
	}
	return false
}

func compareParts(name string, delivered, ledger parts) CutBy {
	out := CutBy{Name: name, Differences: []KeyDifference{}, texts: map[string]bool{}}
	all := maps.Clone(delivered)
	maps.Copy(all, ledger)
	for p := range all {
		text := p.text()
		if text != "" {
			out.texts[text] = true
		}
		if f, g := delivered[p], ledger[p]; !f.equal(g) {
			out.Differences = append(out.Differences, KeyDifference{text, p.currency, f, g, f.amount().Sub(g.amount())})
		}
	}
	out.Keys, out.Different = int64(len(out.texts)), int64(len(out.Differences))
	out.Equal = out.Different == 0
	slices.SortFunc(out.Differences, func(a, b KeyDifference) int {
		return cmp.Or(b.Difference.Abs().Cmp(a.Difference.Abs()), cmp.Compare(a.Key, b.Key), cmp.Compare(a.Currency, b.Currency))
	})
	out.Differences = out.Differences[:min(len(out.Differences), MaxKeyDifferences)]
	return out
}

// text writes what a part is of, for a person.
func (p part) text() string {
	var texts []string
	for _, t := range []string{p.key, p.kind, p.unit} {
		if t != "" {
			texts = append(texts, t)
		}
	}
	return strings.Join(texts, ", ")
}

// sumCuts sums the cuts of deliveries up by name, in their order.
func sumCuts(deliveries []Delivery) []CutTotal {
	out := []CutTotal{}
	texts := map[string]map[string]bool{}
	for _, d := range deliveries {
		for _, c := range d.Cuts {
			i := slices.IndexFunc(out, func(t CutTotal) bool { return t.Name == c.Name })
			if i < 0 {
				i = len(out)
				out = append(out, CutTotal{Name: c.Name, Equal: true})
				texts[c.Name] = map[string]bool{}
			}
			out[i].Equal = out[i].Equal && c.Equal
			out[i].Different += c.Different
			maps.Copy(texts[c.Name], c.texts)
			out[i].Keys = int64(len(texts[c.Name]))
		}
	}
	slices.SortStableFunc(out, func(a, b CutTotal) int {
		return cmp.Or(cmp.Compare(rank(a.Name), rank(b.Name)), compareTags(tagOf(a.Name), tagOf(b.Name)))
	})
	return out
}

// rank orders cuts: the quantities come after the tags, which not every
// delivery has.
func rank(name string) int {
	switch {
	case name == "quantity":
		return 2
	case tagOf(name) != showback.TagKey{}:
		return 1
	}
	return 0
}

// tagOf returns the tag key of a cut, none for another cut.
func tagOf(name string) showback.TagKey {
	k, _ := showback.ParseTagKey(name)
	return k
}

// coveredTags are the keys of a ledger: those whose values it keeps, and those that
// have too many.
type coveredTags struct {
	kept, wide []showback.TagKey
	byOwner    map[owner]map[showback.TagKey]bool
}

// coveredTagsOf reads them out of the coverage. A key that is too wide somewhere is
// compared nowhere: the files are read before it is known whose lines they hold.
func coveredTagsOf(coverage explore.Coverage) coveredTags {
	kept, wide := map[showback.TagKey]bool{}, map[showback.TagKey]bool{}
	out := coveredTags{byOwner: map[owner]map[showback.TagKey]bool{}}
	for _, d := range coverage.Deliveries {
		has := map[showback.TagKey]bool{}
		for k := range d.TagKeys {
			kept[k], has[k] = true, true
		}
		for _, k := range d.WideKeys {
			wide[k], has[k] = true, true
		}
		out.byOwner[owner{d.Payer, d.Month}] = has
	}
	for k := range wide {
		delete(kept, k)
	}
	out.kept, out.wide = sortedTags(kept), sortedTags(wide)
	return out
}

// wideOf lists the wide keys that a delivery has.
func (t coveredTags) wideOf(o owner) []string {
	var out []string
	for _, k := range t.wide {
		if t.byOwner[o][k] {
			out = append(out, k.String())
		}
	}
	return out
}

// sortedTags lists keys by source, as they are shown, then by name.
func sortedTags(keys map[showback.TagKey]bool) []showback.TagKey {
	return slices.SortedFunc(maps.Keys(keys), compareTags)
}

func compareTags(a, b showback.TagKey) int {
	source := func(k showback.TagKey) int {
		for i, s := range showback.TagSources {
			if s.Source == k.Source {
				return i
			}
		}
		return len(showback.TagSources)
	}
	return cmp.Or(cmp.Compare(source(a), source(b)), cmp.Compare(a.Name, b.Name))
}
