package wire

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"reflect"
	"strings"
	"unicode/utf8"
)

// maxDepth is how deep a request may nest. The deepest that AWS's own examples
// of these services go is six.
const maxDepth = 64

func serialization(message string) *Error {
	return &Error{Code: "SerializationException", Message: message}
}

var errNotJSON = serialization("The body of the request is not a JSON object.")

// decodeJSON reads a JSON body into a struct. Members that the struct does not
// have count for nothing; null is a member that is not there.
func decodeJSON(body []byte, into reflect.Value) error {
	if len(bytes.TrimSpace(body)) == 0 {
		return nil
	}
	if !utf8.Valid(body) {
		return serialization("The body of the request is not UTF-8.")
	}
	if tooDeep(body) {
		return serialization("The body of the request is nested too deep.")
	}
	d := jsonDecoder{json.NewDecoder(bytes.NewReader(body))}
	d.UseNumber()
	token, err := d.Token()
	if err != nil || token != json.Delim('{') {
		return errNotJSON
	}
	if err := d.assign(token, into, noOptions); err != nil {
		return asSerialization(err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errNotJSON
	}
	return nil
}

func asSerialization(err error) error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return errNotJSON
}

// tooDeep reports whether a JSON text nests deeper than maxDepth, which is told
// before anything is made of it.
func tooDeep(text []byte) bool {
	depth, inString := 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case inString && c == '\\':
			i++
		case c == '"':
			inString = !inString
		case inString:
		case c == '{' || c == '[':
			if depth++; depth > maxDepth {
				return true
			}
		case c == '}' || c == ']':
			depth--
		}
	}
	return false
}

type jsonDecoder struct{ *json.Decoder }

// value reads the next value into v.
func (d jsonDecoder) value(v reflect.Value, o options) error {
	if v.Type() != timeType && v.Addr().Type().Implements(unmarshalerType) {
		var raw json.RawMessage
		if err := d.Decode(&raw); err != nil {
			return err
		}
		if string(raw) == "null" {
			v.SetZero()
			return nil
		}
		return json.Unmarshal(raw, v.Addr().Interface())
	}
	token, err := d.Token()
	if err != nil {
		return err
	}
	return d.assign(token, v, o)
}

// assign sets v to the value that token begins.
func (d jsonDecoder) assign(token json.Token, v reflect.Value, o options) error {
	if token == nil {
		v.SetZero()
		return nil
	}
	if v.Kind() == reflect.Pointer {
		v.Set(reflect.New(v.Type().Elem()))
		return d.assign(token, v.Elem(), o)
	}
	switch v.Type() {
	case timeType:
		return setJSONTime(token, v)
	case bytesType:
		text, ok := token.(string)
		if !ok || !setScalar(v, text) {
			return mismatch(token, v)
		}
		return nil
	}
	switch v.Kind() {
	case reflect.Struct, reflect.Map:
		if token != json.Delim('{') {
			return mismatch(token, v)
		}
		return d.members(v, o)
	case reflect.Slice:
		if token != json.Delim('[') {
			return mismatch(token, v)
		}
		return d.list(v, o)
	}
	return setJSONScalar(token, v)
}

func setJSONTime(token json.Token, v reflect.Value) error {
	switch t := token.(type) {
	case json.Number:
		if at, ok := parseEpoch(t.String()); ok {
			v.Set(reflect.ValueOf(at))
			return nil
		}
	case string:
		if at, ok := parseTime(t); ok {
			v.Set(reflect.ValueOf(at))
			return nil
		}
	}
	return mismatch(token, v)
}

func setJSONScalar(token json.Token, v reflect.Value) error {
	ok := false
	switch t := token.(type) {
	case string:
		switch v.Kind() {
		case reflect.String:
			ok = setScalar(v, t)
		case reflect.Float32, reflect.Float64:
			ok = (t == "NaN" || strings.HasSuffix(t, "Infinity")) && setNumber(v, t)
		}
	case bool:
		if ok = v.Kind() == reflect.Bool; ok {
			v.SetBool(t)
		}
	case json.Number:
		switch v.Kind() {
		case reflect.Int, reflect.Int32, reflect.Int64, reflect.Float32, reflect.Float64:
			ok = setScalar(v, t.String())
		}
	}
	if !ok {
		return mismatch(token, v)
	}
	return nil
}

// members reads what is left of an object. A member that comes twice is
// refused: it would mean one thing to us and another to whoever looked before.
func (d jsonDecoder) members(v reflect.Value, o options) error {
	var known []field
	if v.Kind() == reflect.Struct {
		known = fields(v.Type())
	} else {
		v.Set(reflect.MakeMap(v.Type()))
	}
	seen := map[string]bool{}
	for d.More() {
		token, err := d.Token()
		if err != nil {
			return err
		}
		name, ok := token.(string)
		if !ok {
			return errNotJSON
		}
		if seen[name] {
			return serialization("The body of the request has a member twice.")
		}
		seen[name] = true
		if v.Kind() == reflect.Map {
			err = d.entry(v, name, o)
		} else {
			err = d.member(v, known, name)
		}
		if err != nil {
			return err
		}
	}
	_, err := d.Token() // }
	return err
}

func (d jsonDecoder) member(v reflect.Value, known []field, name string) error {
	for _, f := range known {
		if f.name == name {
			return d.value(v.Field(f.index), f.options)
		}
	}
	var skipped json.RawMessage
	return d.Decode(&skipped)
}

func (d jsonDecoder) entry(v reflect.Value, name string, o options) error {
	item := reflect.New(v.Type().Elem()).Elem()
	token, err := d.Token()
	if err != nil || token == nil {
		return err // null: no entry
	}
	if err := d.assign(token, item, o.nested()); err != nil {
		return err
	}
	v.SetMapIndex(reflect.ValueOf(name).Convert(v.Type().Key()), item)
	return nil
}

func (d jsonDecoder) list(v reflect.Value, o options) error {
	v.Set(reflect.MakeSlice(v.Type(), 0, 4))
	for d.More() {
		token, err := d.Token()
		if err != nil {
			return err
		}
		if token == nil {
			continue
		}
		item := reflect.New(v.Type().Elem()).Elem()
		if err := d.assign(token, item, o.nested()); err != nil {
			return err
		}
		v.Set(reflect.Append(v, item))
	}
	_, err := d.Token() // ]
	return err
}

// mismatch says that a value is of another type than the member, in the words
// of AWS's own reader. (As Athena, SES and SQS answer, measured by others,
// 2025-2026.)
func mismatch(token json.Token, v reflect.Value) error {
	switch token {
	case json.Delim('{'):
		return serialization("Start of structure or map found where not expected.")
	case json.Delim('['):
		return serialization("Start of list found where not expected")
	}
	var is, want string
	switch t := token.(type) {
	case string:
		is = "STRING_VALUE"
	case bool:
		is = strings.ToUpper(scalarText(reflect.ValueOf(t), noOptions)) + "_VALUE"
	default:
		is = "NUMBER_VALUE"
	}
	switch v.Kind() {
	case reflect.String:
		want = "a String"
	case reflect.Bool:
		want = "an Boolean"
	case reflect.Int64:
		want = "a Long"
	case reflect.Int, reflect.Int32:
		want = "an Integer"
	case reflect.Float32, reflect.Float64:
		want = "a Double"
	case reflect.Map:
		return serialization("Expected map or null")
	case reflect.Slice:
		if v.Type() != bytesType {
			return serialization("Expected list or null")
		}
		want = "a Blob"
	default:
		if v.Type() != timeType {
			return serialization("Expected structure or null")
		}
		want = "a Timestamp"
	}
	return serialization(is + " can not be converted to " + want)
}
