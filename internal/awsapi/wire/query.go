package wire

import (
	"reflect"
	"slices"
	"strconv"
	"strings"

	"showback/internal/awsapi/sigv4"
)

const (
	// maxParameters bounds a form. The largest request of these services, a user
	// with fifty tags, has about a hundred. (AWS itself counts bytes only.)
	maxParameters = 5_000
	// maxPath is how many parts a parameter's name may have.
	maxPath = 24
)

// node is what parameters say below one part of their names: Tags.member.1.Key
// is four nodes, each in the one before.
type node struct {
	text string
	set  bool // it has a text of its own
	kids map[string]*node
}

// form puts parameters in order. Of those with one name the first counts, as
// with AWS (STS, measured July 2026 by a public compatibility suite).
func form(pairs []sigv4.Pair) (*node, error) {
	if len(pairs) > maxParameters {
		return nil, malformed("The request has too many parameters.")
	}
	root := &node{}
	for _, p := range pairs {
		if strings.Count(p.Name, ".") >= maxPath {
			return nil, malformed("The name of a parameter has too many parts.")
		}
		at := root
		for part := range strings.SplitSeq(p.Name, ".") {
			next := at.kids[part]
			if next == nil {
				if at.kids == nil {
					at.kids = map[string]*node{}
				}
				next = &node{}
				at.kids[part] = next
			}
			at = next
		}
		if !at.set {
			at.text, at.set = p.Value, true
		}
	}
	return root, nil
}

func malformed(message string) *Error { return &Error{Code: "MalformedInput", Message: message} }

// decodeQuery reads parameters into a struct. Those that it does not have count
// for nothing.
func decodeQuery(from *node, into reflect.Value) error {
	for _, f := range fields(into.Type()) {
		if kid := from.kids[f.name]; kid != nil {
			if err := kid.decode(into.Field(f.index), f.options); err != nil {
				return err
			}
		}
	}
	return nil
}

func (n *node) decode(v reflect.Value, o options) error {
	if v.Kind() == reflect.Pointer {
		v.Set(reflect.New(v.Type().Elem()))
		return n.decode(v.Elem(), o)
	}
	switch {
	case v.Type() == timeType || v.Type() == bytesType:
	case v.Kind() == reflect.Struct:
		return decodeQuery(n, v)
	case v.Kind() == reflect.Slice:
		return n.list(v, o)
	case v.Kind() == reflect.Map:
		return n.entries(v, o)
	}
	if !n.set {
		return malformed("A structure or a list stands where a value is expected.")
	}
	if !setScalar(v, n.text) {
		if n.text == "" {
			return malformed("missing value for decimal type")
		}
		return malformed("")
	}
	return nil
}

// numbered returns the nodes named 1, 2, … in the order of their numbers;
// numbers may be left out.
func (n *node) numbered() ([]*node, error) {
	type item struct {
		number uint64
		node   *node
	}
	items := make([]item, 0, len(n.kids))
	for name, kid := range n.kids {
		number, err := strconv.ParseUint(name, 10, 32)
		if err != nil || number == 0 || name[0] == '0' || name[0] == '+' {
			return nil, malformed("")
		}
		items = append(items, item{number, kid})
	}
	slices.SortFunc(items, func(a, b item) int {
		if a.number < b.number {
			return -1
		}
		return 1
	})
	nodes := make([]*node, len(items))
	for i, it := range items {
		nodes[i] = it.node
	}
	return nodes, nil
}

// inner is where the items of a list or map are: below a node of their name, but
// for flattened ones. A name with nothing below it is an empty list.
func (n *node) inner(name string, flat bool) *node {
	if flat {
		return n
	}
	if kid := n.kids[name]; kid != nil {
		return kid
	}
	return &node{}
}

func (n *node) list(v reflect.Value, o options) error {
	items, err := n.inner(o.item, o.flat).numbered()
	if err != nil {
		return err
	}
	v.Set(reflect.MakeSlice(v.Type(), len(items), len(items)))
	for i, item := range items {
		if err := item.decode(v.Index(i), o.nested()); err != nil {
			return err
		}
	}
	return nil
}

func (n *node) entries(v reflect.Value, o options) error {
	items, err := n.inner("entry", o.flat).numbered()
	if err != nil {
		return err
	}
	v.Set(reflect.MakeMapWithSize(v.Type(), len(items)))
	for _, item := range items {
		key, held := item.kids[o.key], item.kids[o.value]
		if key == nil || !key.set || held == nil {
			return malformed("")
		}
		e := reflect.New(v.Type().Elem()).Elem()
		if err := held.decode(e, o.nested()); err != nil {
			return err
		}
		v.SetMapIndex(reflect.ValueOf(key.text).Convert(v.Type().Key()), e)
	}
	return nil
}
