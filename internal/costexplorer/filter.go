package costexplorer

import (
	"slices"
	"strings"

	"showback"
	"showback/internal/explore"
)

// Vocabulary is what the ledger calls things, where Cost Explorer calls them
// otherwise.
type Vocabulary struct {
	Tags        []showback.TagKey // every key of a tag or cost category
	Services    []string
	ChargeTypes []string
}

// Filter returns the filter that the expression is in the ledger's words.
// Errors are of KindInvalid: a dimension that the ledger does not have, and a
// value that it has only together with others.
func (e Expression) Filter(v Vocabulary) (explore.Expr, error) {
	switch {
	case e.Leaf != nil:
		return e.Leaf.filter(v)
	case e.Not != nil:
		term, err := e.Not.Filter(v)
		if err != nil {
			return nil, err
		}
		return explore.Not{Term: term}, nil
	case e.And != nil:
		list, err := filters(e.And, v)
		return explore.And{Terms: list}, err
	case e.Or != nil:
		list, err := filters(e.Or, v)
		return explore.Or{Terms: list}, err
	}
	panic("BUG: an expression without member")
}

func filters(terms []Expression, v Vocabulary) ([]explore.Expr, error) {
	list := make([]explore.Expr, len(terms))
	for i, t := range terms {
		var err error
		if list[i], err = t.Filter(v); err != nil {
			return nil, err
		}
	}
	return list, nil
}

func (l *Leaf) filter(v Vocabulary) (explore.Expr, error) {
	switch l.Kind {
	case Tags:
		if l.Key == "" {
			return untagged(v.Tags, false), nil
		}
		return oneOf(explore.TagKeyed(tagKey(l.Key)), l.Values, ""), nil
	case CostCategories:
		if l.Key == "" {
			return untagged(v.Tags, true), nil
		}
		return oneOf(explore.TagKeyed(categoryKey(l.Key)), l.Values, ""), nil
	case ProductAttributes:
		key, err := attributeKey(l.Key, "filter by")
		if err != nil {
			return nil, err
		}
		return oneOf(named(key), l.Values, ""), nil
	}
	name, err := keyOf(l.Key, "filter by")
	if err != nil {
		return nil, err
	}
	switch l.Key {
	case dimService:
		return l.service(v)
	case dimRecordType:
		types, err := wholes(dimRecordType, l.Values)
		if err != nil {
			return nil, err
		}
		return oneOf(named(name), spelled(types, v.ChargeTypes, recordType), dimRecordType), nil
	}
	return oneOf(named(name), l.Values, l.Key), nil
}

// service filters by the names of services. Tax is in Cost Explorer a service
// of its own and in none of the others.
func (l *Leaf) service(v Vocabulary) (explore.Expr, error) {
	tax := explore.Match{Key: named("charge-type"), Values: []explore.Pattern{explore.Exact(taxType)}}
	values := slices.DeleteFunc(slices.Clone(l.Values), func(s string) bool { return s == TaxService })
	if len(values) == 0 {
		return tax, nil
	}
	names, err := wholes(dimService, values)
	if err != nil {
		return nil, err
	}
	of := explore.And{Terms: []explore.Expr{oneOf(named("service"), spelled(names, v.Services, serviceName), dimService), explore.Not{Term: tax}}}
	if len(values) == len(l.Values) {
		return of, nil
	}
	return explore.Or{Terms: []explore.Expr{tax, of}}, nil
}

// spelled returns what the ledger calls each of the names, by what both are
// compared by; a name that the ledger does not have stays as it is.
func spelled(names, held []string, compared func(string) string) []string {
	var out []string
	for _, name := range names {
		n := len(out)
		for _, h := range held {
			if compared(h) == name {
				out = append(out, h)
			}
		}
		if len(out) == n {
			out = append(out, name)
		}
	}
	return out
}

// oneOf passes charges that have one of the values; the empty one, and a
// dimension's word for it, stand for no value. No values are the empty one.
func oneOf(key explore.Key, values []string, dimension string) explore.Expr {
	match := explore.Match{Key: key}
	none := len(values) == 0
	for _, v := range values {
		if v == "" || dimension != "" && isNone(dimension, v) {
			none = true
			continue
		}
		match.Values = append(match.Values, explore.Exact(v))
	}
	absent := explore.Absent{Key: key}
	switch {
	case !none:
		return match
	case len(match.Values) == 0:
		return absent
	}
	return explore.Or{Terms: []explore.Expr{absent, match}}
}

// untagged passes charges without any tag, or without any cost category.
func untagged(tags []showback.TagKey, categories bool) explore.Expr {
	all := explore.And{}
	for _, tag := range tags {
		if (tag.Source == showback.TagCostCategory) == categories {
			all.Terms = append(all.Terms, explore.Absent{Key: explore.TagKeyed(tag)})
		}
	}
	return all
}

func named(name string) explore.Key { return explore.Key{Name: name, Typed: name} }

// tagKey reads the key of a tag as Cost Explorer has it: with the prefix of its
// source, and without one for a tag of a resource. (AWS, "Organizing costs
// using IAM principal tags", 2026-09.)
func tagKey(text string) showback.TagKey {
	for _, s := range showback.TagSources {
		if name, ok := strings.CutPrefix(text, string(s.Source)+"/"); ok && name != "" {
			if s.Source == showback.TagResource {
				name = resourceTag(name)
			}
			return showback.TagKey{Source: s.Source, Name: name}
		}
	}
	return showback.TagKey{Source: showback.TagResource, Name: resourceTag(text)}
}

// resourceTag takes off the "user:" that AWS puts before the keys of resource
// tags in some places and not in others.
func resourceTag(name string) string {
	if rest := strings.TrimPrefix(name, "user:"); rest != "" {
		return rest
	}
	return name
}

func categoryKey(text string) showback.TagKey {
	return showback.TagKey{Source: showback.TagCostCategory, Name: text}
}

// attributeKey returns explore's key for a product attribute. (AWS, "Cost
// Explorer API reference: GroupDefinition", 2026-09.)
func attributeKey(attribute, doing string) (string, error) {
	switch attribute {
	case "model", "provider":
		return attribute, nil
	case "inferenceType", "feature":
		return "", showback.WithHint(showback.Errorf(showback.KindInvalid,
			"%s product attribute %s: the store tells token types and pricing models apart by rules of its own", doing, attribute),
			"ask aws by USAGE_TYPE, or by the product attribute model or provider")
	}
	return "", showback.Errorf(showback.KindInvalid, "%s product attribute %q: want model or provider", doing, attribute)
}
