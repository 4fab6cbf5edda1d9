package costexplorer

import (
	"fmt"
	"slices"
	"strings"

	"showback"
	"showback/internal/explore"
)

// Grouping is a group definition in the ledger's words. Groups of both sides
// are compared by a name, which Theirs and Ours give: several groups of one
// side can come to one name, and are then to be added.
type Grouping struct {
	Definition GroupDefinition
	// By are the keys to ask the ledger by.
	By       []explore.Key
	taxApart bool
}

// TaxApart reports a grouping by service whose answer counts tax as a service
// of its own.
func (g Grouping) TaxApart() bool { return g.taxApart }

// Groupings returns the groupings of the response. A definition that the ledger
// has no data for is an error of KindInvalid.
func (r *Response) Groupings() ([]Grouping, error) {
	var all []Grouping
	for i, d := range r.GroupedBy {
		g, err := groupingOf(d)
		if err != nil {
			return nil, err
		}
		if d == (GroupDefinition{typeDimension, dimService}) && r.has(i, TaxService) {
			g.taxApart = true
			g.By = append(g.By, named("charge-type"))
		}
		all = append(all, g)
	}
	return all, nil
}

// has reports whether some group has the key at the place.
func (r *Response) has(place int, key string) bool {
	return slices.ContainsFunc(r.Periods, func(p PeriodResult) bool {
		return slices.ContainsFunc(p.Groups, func(g Group) bool { return g.Keys[place] == key })
	})
}

// NewGrouping returns the grouping of a request's definition, for an answer of
// our own: by service, tax is a service of its own. Errors are of KindInvalid.
func NewGrouping(d GroupDefinition) (Grouping, error) {
	g, err := groupingOf(d)
	if err == nil && d == (GroupDefinition{typeDimension, dimService}) {
		g.taxApart = true
		g.By = append(g.By, named("charge-type"))
	}
	return g, err
}

// Write returns the key that an answer of our own gives to the ledger's values
// of By: names are the bill's.
func (g Grouping) Write(values []explore.Value) string {
	d, text := g.Definition, values[0].Text
	switch {
	case g.taxApart && values[1].Text == taxType:
		return TaxService
	case values[0].Missing != "" || text == "":
		return g.Spell("")
	}
	return prefix(d) + text
}

func prefix(d GroupDefinition) string {
	if d.Type == typeDimension {
		return ""
	}
	return d.Key + "$"
}

func groupingOf(d GroupDefinition) (Grouping, error) {
	g := Grouping{Definition: d}
	switch d.Type {
	case typeDimension:
		name, err := keyOf(d.Key, "group by")
		if err != nil {
			return g, err
		}
		g.By = []explore.Key{named(name)}
	case typeTag, typeCategory, typeAttribute:
		if d.Key == "" {
			return g, showback.Errorf(showback.KindInvalid, "group by %s: found no Key", d.Type)
		}
		if d.Type == typeAttribute {
			name, err := attributeKey(d.Key, "group by")
			g.By = []explore.Key{named(name)}
			return g, err
		}
		tag := categoryKey(d.Key)
		if d.Type == typeTag {
			tag = tagKey(d.Key)
		}
		g.By = []explore.Key{explore.TagKeyed(tag)}
	default:
		return g, showback.Errorf(showback.KindInvalid, "group by type %q: want DIMENSION, TAG, COST_CATEGORY or PRODUCT_ATTRIBUTE", d.Type)
	}
	return g, nil
}

// Theirs returns the name of a group's key. Keys of tags, cost categories and
// product attributes are KEY$VALUE; anything else is an error of KindInvalid.
func (g Grouping) Theirs(key string) (string, error) {
	d := g.Definition
	if d.Type != typeDimension {
		value, ok := strings.CutPrefix(key, d.Key+"$")
		if !ok {
			return "", showback.Errorf(showback.KindInvalid, "read group %q of %s: want %s$ and the value", key, d, d.Key)
		}
		return value, nil
	}
	switch {
	case isNone(d.Key, key):
		return "", nil
	case d.Key == dimRegion && key == globalRegion:
		return "", nil
	case d.Key == dimService && g.taxApart && key == TaxService:
		return TaxService, nil
	case d.Key == dimService:
		return serviceName(key), nil
	case d.Key == dimRecordType:
		return recordType(key), nil
	}
	return key, nil
}

// globalRegion is what Cost Explorer has for services without a region, where
// bills have it, too, or nothing: it is compared together with NoRegion.
const globalRegion = "global"

// Ours returns the name of the ledger's values of By.
func (g Grouping) Ours(values []explore.Value) string {
	if len(values) != len(g.By) {
		panic(fmt.Sprintf("BUG: %d values of %d keys", len(values), len(g.By)))
	}
	text, d := values[0].Text, g.Definition
	switch {
	case g.taxApart && values[1].Text == taxType:
		return TaxService
	case values[0].Missing != "" || text == "":
		return ""
	case d.Type != typeDimension:
		return text
	case d.Key == dimRegion && text == globalRegion:
		return ""
	case d.Key == dimService:
		return serviceName(text)
	case d.Key == dimRecordType:
		return recordType(text)
	}
	return text
}

// Spell writes a name as Cost Explorer writes its key, for a group that it does
// not have.
func (g Grouping) Spell(name string) string {
	switch {
	case g.Definition.Type != typeDimension:
		return g.Definition.Key + "$" + name
	case name == "":
		return noneWords[g.Definition.Key]
	}
	return name
}
