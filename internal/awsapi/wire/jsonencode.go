package wire

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"time"
)

// encodeJSON writes a struct, or a pointer to one, as a JSON object.
func encodeJSON(out any) ([]byte, error) {
	v, ok := present(reflect.ValueOf(out), false)
	if !ok || v.Kind() != reflect.Struct {
		return []byte("{}"), nil
	}
	var e jsonEncoder
	e.value(v, noOptions)
	return e.buf.Bytes(), e.err
}

type jsonEncoder struct {
	buf bytes.Buffer
	err error
}

func (e *jsonEncoder) value(v reflect.Value, o options) {
	switch t := v.Type(); {
	case t == timeType:
		at := v.Interface().(time.Time)
		if o.time == "" || o.time == "unix" {
			e.buf.WriteString(epochText(at))
		} else {
			e.text(timeText(at, o.time))
		}
		return
	case t.PkgPath() != "" && t.Implements(marshalerType): // a type without a package has no methods
		text, err := json.Marshal(v.Interface())
		if err != nil && e.err == nil {
			e.err = fmt.Errorf("write %v as JSON: %w", t, err)
		}
		e.buf.Write(text)
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		e.object(func(member func(string)) {
			for _, f := range fields(v.Type()) {
				if m, ok := present(v.Field(f.index), f.omit); ok {
					member(f.name)
					e.value(m, f.options)
				}
			}
		})
	case reflect.Map:
		e.object(func(member func(string)) {
			for _, k := range sortedKeys(v) {
				if m, ok := present(v.MapIndex(k), false); ok {
					member(k.String())
					e.value(m, o.nested())
				}
			}
		})
	case reflect.Slice:
		if v.Type() == bytesType {
			e.text(scalarText(v, o))
			return
		}
		e.buf.WriteByte('[')
		first := true
		for i := range v.Len() {
			if m, ok := present(v.Index(i), false); ok {
				if !first {
					e.buf.WriteByte(',')
				}
				first = false
				e.value(m, o.nested())
			}
		}
		e.buf.WriteByte(']')
	case reflect.String:
		e.text(v.String())
	case reflect.Float32, reflect.Float64:
		if f := v.Float(); math.IsNaN(f) || math.IsInf(f, 0) {
			e.text(numberText(v))
			return
		}
		e.buf.WriteString(numberText(v))
	default:
		e.buf.WriteString(scalarText(v, o))
	}
}

func (e *jsonEncoder) object(write func(member func(name string))) {
	e.buf.WriteByte('{')
	first := true
	write(func(name string) {
		if !first {
			e.buf.WriteByte(',')
		}
		first = false
		e.text(name)
		e.buf.WriteByte(':')
	})
	e.buf.WriteByte('}')
}

// text writes a string without the escapes that are for HTML.
func (e *jsonEncoder) text(s string) {
	plain := true
	for i := range len(s) {
		if c := s[i]; c < 0x20 || c >= 0x7f || c == '"' || c == '\\' {
			plain = false
			break
		}
	}
	if plain {
		e.buf.WriteByte('"')
		e.buf.WriteString(s)
		e.buf.WriteByte('"')
		return
	}
	enc := json.NewEncoder(&e.buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(s); err != nil && e.err == nil {
		e.err = err
	}
	e.buf.Truncate(e.buf.Len() - 1) // Encode ends its line
}

func sortedKeys(v reflect.Value) []reflect.Value {
	keys := v.MapKeys()
	slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
	return keys
}
