package costexplorer

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"showback"
)

// Expression is the filter of a request: exactly one of its members is set.
type Expression struct {
	And, Or []Expression
	Not     *Expression
	Leaf    *Leaf
}

// Leaf is one test of an expression: its values are alternatives.
type Leaf struct {
	Kind   LeafKind
	Key    string // empty where the test is about every key
	Values []string
	Absent bool // passes what has no value; Values is empty then
}

// LeafKind is the member of an expression that holds a test.
type LeafKind string

// The kinds of test.
const (
	Dimensions        LeafKind = "Dimensions"
	Tags              LeafKind = "Tags"
	CostCategories    LeafKind = "CostCategories"
	ProductAttributes LeafKind = "ProductAttributes"
)

// roots are the members of an expression, as AWS lists them. (AWS, "Cost
// Explorer API reference: Expression", 2026-09.)
var roots = []string{"And", "Or", "Not", string(Dimensions), string(Tags), string(CostCategories), string(ProductAttributes)}

// maxDepth bounds how deep an expression may nest, so that a hostile one
// cannot exhaust the stack of an engine.
const maxDepth = 50

// ParseExpression reads a request's Filter, as --filter of the AWS command line
// takes it. Errors are of KindInvalid.
func ParseExpression(text string) (Expression, error) { return readExpression("--filter", text) }

// DecodeExpression reads the Filter member of a request. Errors are of
// KindInvalid.
func DecodeExpression(text []byte) (Expression, error) { return readExpression("Filter", string(text)) }

// readExpression reads what is called name where it comes from.
func readExpression(name, text string) (Expression, error) {
	fail := func(err error) (Expression, error) {
		return Expression{}, showback.Errorf(showback.KindInvalid, "parse %s: %w", name, err)
	}
	dec := json.NewDecoder(strings.NewReader(text))
	var raw json.RawMessage
	if err := dec.Decode(&raw); err != nil {
		if errors.Is(err, io.EOF) {
			err = errors.New("found nothing, want an Expression such as " + exampleExpression)
		}
		return fail(syntaxError(err, len(text), 0))
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return fail(fmt.Errorf("found more after the expression's end, at byte %d", dec.InputOffset()))
	}
	e, err := expressionOf(raw, 0)
	if err != nil {
		return fail(err)
	}
	return e, nil
}

const exampleExpression = `{"Dimensions":{"Key":"REGION","Values":["us-east-1"]}}`

func expressionOf(raw json.RawMessage, depth int) (e Expression, err error) {
	if depth > maxDepth {
		return e, fmt.Errorf("nested more than %d deep", maxDepth)
	}
	members, err := members(raw, "an expression", roots)
	if err != nil {
		return e, err
	}
	if len(members) != 1 {
		if len(members) == 0 {
			return e, errors.New("found an expression without member, want one of " + strings.Join(roots, ", "))
		}
		return e, fmt.Errorf("found an expression with %s, want one root: join them with And or Or",
			strings.Join(slices.Sorted(maps.Keys(members)), " and "))
	}
	for name, value := range members {
		switch name {
		case "And":
			e.And, err = terms(name, value, depth)
		case "Or":
			e.Or, err = terms(name, value, depth)
		case "Not":
			var not Expression
			not, err = expressionOf(value, depth+1)
			e.Not = &not
		default:
			e.Leaf, err = leafOf(LeafKind(name), value)
		}
	}
	return e, err
}

// members reads an object's members, of which only those named are allowed.
func members(raw json.RawMessage, what string, allowed []string) (map[string]json.RawMessage, error) {
	found := map[string]json.RawMessage{}
	if err := json.Unmarshal(raw, &found); err != nil || bytes.HasPrefix(raw, []byte("null")) {
		return nil, fmt.Errorf("found %s, want %s as an object", kindOf(raw), what)
	}
	for _, name := range slices.Sorted(maps.Keys(found)) {
		if !slices.Contains(allowed, name) {
			return nil, fmt.Errorf("%s has no member %q, want %s", what, name, strings.Join(allowed, ", "))
		}
	}
	return found, nil
}

// kindOf names what a JSON text is.
func kindOf(raw json.RawMessage) string {
	switch {
	case len(raw) == 0 || raw[0] == 'n':
		return "null"
	case raw[0] == '{':
		return "an object"
	case raw[0] == '[':
		return "a list"
	case raw[0] == '"':
		return "a text"
	}
	return string(raw[:min(len(raw), 20)])
}

func terms(name string, raw json.RawMessage, depth int) ([]Expression, error) {
	var list []json.RawMessage
	if err := json.Unmarshal(raw, &list); err != nil || list == nil {
		return nil, fmt.Errorf("%s: found %s, want a list of expressions", name, kindOf(raw))
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("%s: the list is empty", name)
	}
	out := make([]Expression, len(list))
	for i, one := range list {
		var err error
		if out[i], err = expressionOf(one, depth+1); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func leafOf(kind LeafKind, raw json.RawMessage) (*Leaf, error) {
	found, err := members(raw, string(kind), []string{"Key", "Values", "MatchOptions"})
	if err != nil {
		return nil, err
	}
	l := &Leaf{Kind: kind}
	var options []string
	for name, into := range map[string]any{"Key": &l.Key, "Values": &l.Values, "MatchOptions": &options} {
		if value, ok := found[name]; ok {
			if err := json.Unmarshal(value, into); err != nil {
				want := "a list of texts"
				if name == "Key" {
					want = "a text"
				}
				return nil, fmt.Errorf("%s: %s: found %s, want %s", kind, name, kindOf(value), want)
			}
		}
	}
	return l, l.finish(options)
}

// finish applies the match options and checks that the test has a meaning.
func (l *Leaf) finish(options []string) error {
	matchable := l.Kind == Tags || l.Kind == CostCategories
	for _, o := range options {
		switch {
		case o == "EQUALS" || o == "CASE_SENSITIVE":
		case o == "ABSENT" && matchable:
			l.Absent = true
		default:
			allowed := "EQUALS, CASE_SENSITIVE"
			if matchable {
				allowed += ", ABSENT"
			}
			return fmt.Errorf("%s: found MatchOption %q, want those that GetCostAndUsage takes: %s", l.Kind, o, allowed)
		}
	}
	switch {
	case l.Absent && len(l.Values) > 0:
		return fmt.Errorf("%s: found ABSENT beside Values, want one of them", l.Kind)
	case l.Absent:
		return nil
	case l.Key == "":
		return fmt.Errorf("%s: found no Key", l.Kind)
	case len(l.Values) == 0 && matchable: // (AWS, "Cost Explorer API reference: TagValues", 2026-09)
		l.Absent = true
		return nil
	case len(l.Values) == 0:
		return fmt.Errorf("%s %s: found no Values", l.Kind, l.Key)
	}
	return nil
}

// Uses reports whether a test of the expression is about the dimension.
func (e Expression) Uses(dimension string) bool {
	uses := func(e Expression) bool { return e.Uses(dimension) }
	switch {
	case e.Leaf != nil:
		return e.Leaf.Kind == Dimensions && e.Leaf.Key == dimension
	case e.Not != nil:
		return e.Not.Uses(dimension)
	}
	return slices.ContainsFunc(e.And, uses) || slices.ContainsFunc(e.Or, uses)
}
