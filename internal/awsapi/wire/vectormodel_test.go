package wire

import (
	"encoding/json"
	"maps"
	"math"
	"reflect"
	"slices"
	"strings"
	"time"
)

// The vectors are those by which botocore proves its clients. ("tests/unit/
// protocols", botocore @ 0e6e240.) Each input is what a client sends and what it
// said; each output is what a server sent and what a client makes of it.

type vectorSuite struct {
	kind        string // input or output
	Description string
	Metadata    struct{ Protocol, APIVersion, TargetPrefix, JSONVersion string }
	Shapes      map[string]*vectorShape
	Cases       []vectorCase
}

type vectorShape struct {
	Type            string
	Members         map[string]vectorMember
	Member          *vectorMember
	Key, Value      *vectorMember
	TimestampFormat string
	Document, Union bool
	Exception       bool
	XMLNamespace    json.RawMessage
	Error           *struct {
		Code           string
		HTTPStatusCode int
	}
}

type vectorMember struct {
	Shape, LocationName, TimestampFormat string
	Flattened, JSONValue, HostLabel      bool
	XMLNamespace                         json.RawMessage
}

type vectorCase struct {
	ID    string
	Given struct {
		Name          string
		Input, Output *vectorMember
		Errors        []vectorMember
		HTTP          struct{ Method, RequestURI string }
	}
	Params, Result any
	Error          any
	ErrorCode      string
	Serialized     struct {
		Method, URI, Body string
		Headers           map[string]string
	}
	Response struct {
		StatusCode int `json:"status_code"`
		Headers    map[string]string
		Body       string
	}
}

// kinds of timestamps in models, and what options call them.
var vectorTimes = map[string]string{"iso8601": "iso", "rfc822": "http", "unixTimestamp": "unix"}

// goType makes a Go type of a shape, as an author of a service would write it,
// but that every member is a pointer, so that absent and empty stay apart.
// Recursion is unrolled as far as no vector goes.
func (s *vectorSuite) goType(name string, depth int) reflect.Type {
	shape := s.Shapes[name]
	switch shape.Type {
	case "structure":
		if depth > 6 {
			return reflect.TypeFor[struct{}]()
		}
		var all []reflect.StructField
		for i, member := range slices.Sorted(maps.Keys(shape.Members)) {
			m := shape.Members[member]
			all = append(all, reflect.StructField{
				Name: "F" + string(rune('a'+i/26)) + string(rune('a'+i%26)),
				Type: reflect.PointerTo(s.goType(m.Shape, depth+1)),
				Tag:  s.tag(member, m),
			})
		}
		return reflect.StructOf(all)
	case "list":
		return reflect.SliceOf(s.goType(shape.Member.Shape, depth+1))
	case "map":
		return reflect.MapOf(reflect.TypeFor[string](), s.goType(shape.Value.Shape, depth+1))
	case "string":
		return reflect.TypeFor[string]()
	case "boolean":
		return reflect.TypeFor[bool]()
	case "integer":
		return reflect.TypeFor[int32]()
	case "long":
		return reflect.TypeFor[int64]()
	case "float":
		return reflect.TypeFor[float32]()
	case "double":
		return reflect.TypeFor[float64]()
	case "blob":
		return reflect.TypeFor[[]byte]()
	case "timestamp":
		return timeType
	}
	panic("shape of type " + shape.Type)
}

func (s *vectorSuite) tag(member string, m vectorMember) reflect.StructTag {
	shape, name := s.Shapes[m.Shape], member
	if m.LocationName != "" {
		name = m.LocationName
	}
	var o []string
	if m.Flattened {
		o = append(o, "flattened")
		// The models of inputs have the name of such a list on its items; botocore
		// itself leaves the vector out that shows it.
		if s.kind == "input" && shape.Member != nil && shape.Member.LocationName != "" && m.LocationName == "" {
			name = shape.Member.LocationName
		}
	}
	for _, part := range []struct {
		option string
		of     *vectorMember
	}{{"item", shape.Member}, {"key", shape.Key}, {"value", shape.Value}} {
		if part.of != nil && part.of.LocationName != "" {
			o = append(o, part.option+"="+part.of.LocationName)
		}
	}
	form := m.TimestampFormat
	for at := shape; form == "" && at != nil; {
		form = at.TimestampFormat
		if at.Member == nil {
			break
		}
		at = s.Shapes[at.Member.Shape]
	}
	if form != "" {
		o = append(o, "time="+vectorTimes[form])
	}
	return reflect.StructTag(`json:"` + name + `" aws:"` + strings.Join(o, ",") + `" model:"` + member + `"`)
}

// fill sets v to what a vector says, in the words of its model.
func (s *vectorSuite) fill(v reflect.Value, shape string, value any) {
	for v.Kind() == reflect.Pointer {
		v.Set(reflect.New(v.Type().Elem()))
		v = v.Elem()
	}
	sh := s.Shapes[shape]
	switch sh.Type {
	case "structure":
		for i := range v.NumField() {
			member := v.Type().Field(i).Tag.Get("model")
			if said, ok := value.(map[string]any)[member]; ok && said != nil {
				s.fill(v.Field(i), sh.Members[member].Shape, said)
			}
		}
	case "list":
		v.Set(reflect.MakeSlice(v.Type(), 0, 2))
		for _, said := range value.([]any) {
			if said == nil {
				continue
			}
			item := reflect.New(v.Type().Elem()).Elem()
			s.fill(item, sh.Member.Shape, said)
			v.Set(reflect.Append(v, item))
		}
	case "map":
		v.Set(reflect.MakeMap(v.Type()))
		for key, said := range value.(map[string]any) {
			if said == nil {
				continue
			}
			item := reflect.New(v.Type().Elem()).Elem()
			s.fill(item, sh.Value.Shape, said)
			v.SetMapIndex(reflect.ValueOf(key), item)
		}
	case "blob":
		v.SetBytes([]byte(value.(string)))
	case "timestamp":
		seconds := value.(float64)
		v.Set(reflect.ValueOf(time.UnixMilli(int64(math.Round(seconds * 1000))).UTC()))
	case "boolean":
		v.SetBool(value.(bool))
	case "integer", "long":
		v.SetInt(int64(value.(float64)))
	case "float", "double":
		if text, ok := value.(string); ok {
			setNumber(v, text)
			return
		}
		v.SetFloat(value.(float64))
	default:
		v.SetString(value.(string))
	}
}
