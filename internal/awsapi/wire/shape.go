package wire

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"time"
)

// options are what an aws tag says of a field, as in
//
//	Tags []Tag `aws:"flattened,item=Tag"`
//
// flattened: a list or map without an element around it. item: the name of a
// list's members, where it is not member. key, value: those of a map's. time:
// unix, iso or http, where it is not the protocol's own form.
type options struct {
	flat             bool
	item, key, value string
	time             string
}

var noOptions = options{item: "member", key: "key", value: "value"}

// nested are the options of what is within a list or map.
func (o options) nested() options {
	n := noOptions
	n.time = o.time
	return n
}

// field is a member of a structure.
type field struct {
	index int
	name  string
	omit  bool // where it is empty
	options
}

var (
	timeType        = reflect.TypeFor[time.Time]()
	bytesType       = reflect.TypeFor[[]byte]()
	marshalerType   = reflect.TypeFor[json.Marshaler]()
	unmarshalerType = reflect.TypeFor[json.Unmarshaler]()
)

var fieldsOf sync.Map // reflect.Type to []field

// fields returns the members of a structure, in order.
func fields(t reflect.Type) []field {
	if known, ok := fieldsOf.Load(t); ok {
		return known.([]field)
	}
	var all []field
	for i := range t.NumField() {
		f := t.Field(i)
		name, rest, _ := strings.Cut(f.Tag.Get("json"), ",")
		if !f.IsExported() || name == "-" && rest == "" {
			continue
		}
		if name == "" {
			name = f.Name
		}
		m := field{index: i, name: name, options: noOptions}
		m.omit = strings.Contains(","+rest+",", ",omitempty,")
		m.read(f.Tag.Get("aws"))
		all = append(all, m)
	}
	fieldsOf.Store(t, all)
	return all
}

func (o *options) read(tag string) {
	for part := range strings.SplitSeq(tag, ",") {
		name, value, _ := strings.Cut(part, "=")
		switch name {
		case "":
		case "flattened":
			o.flat = true
		case "item":
			o.item = value
		case "key":
			o.key = value
		case "value":
			o.value = value
		case "time":
			o.time = value
		default:
			panic("unknown option " + part + " in an aws tag")
		}
	}
}

// checkShape says why a type can't go over the wire.
func checkShape(t reflect.Type) error {
	seen := map[reflect.Type]bool{}
	var check func(t reflect.Type, path string) error
	check = func(t reflect.Type, path string) error {
		if t == timeType || t == bytesType || t.Implements(marshalerType) || seen[t] {
			return nil
		}
		seen[t] = true
		switch t.Kind() {
		case reflect.String, reflect.Bool, reflect.Int, reflect.Int32, reflect.Int64, reflect.Float32, reflect.Float64:
			return nil
		case reflect.Pointer, reflect.Slice:
			return check(t.Elem(), path)
		case reflect.Map:
			if t.Key().Kind() != reflect.String {
				return fmt.Errorf("%s: a map's keys are strings, not %v", path, t.Key())
			}
			return check(t.Elem(), path)
		case reflect.Struct:
			for _, f := range fields(t) {
				if err := check(t.Field(f.index).Type, path+"."+f.name); err != nil {
					return err
				}
			}
			return nil
		}
		return fmt.Errorf("%s: no protocol has a %v", path, t)
	}
	return check(t, t.String())
}

// present returns what stands in a field, behind pointers, and whether it is
// written: not a nil pointer nor the zero time, and nothing empty where the
// field omits that.
func present(v reflect.Value, omit bool) (reflect.Value, bool) {
	if omit && v.Kind() != reflect.Pointer && isEmpty(v) {
		return v, false
	}
	for v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return v, false
		}
		v = v.Elem()
	}
	if v.Type() == timeType && v.IsZero() {
		return v, false
	}
	return v, true
}

func isEmpty(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Slice, reflect.Map, reflect.String:
		return v.Len() == 0
	}
	return v.IsZero()
}
