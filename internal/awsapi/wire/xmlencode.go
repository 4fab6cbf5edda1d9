package wire

import (
	"bytes"
	"encoding/xml"
	"reflect"
)

// faultNamespace is that of errors that come before a service is asked. (STS,
// measured July 2026 by a public compatibility suite.)
const faultNamespace = "http://webservices.amazon.com/AWSFault/2005-15-09"

// xmlWriter writes elements. Their names are ours; what is in them is escaped,
// and a character that XML has no place for becomes U+FFFD.
type xmlWriter struct{ bytes.Buffer }

func (w *xmlWriter) element(name, namespace string, content func()) {
	w.WriteByte('<')
	w.WriteString(name)
	if namespace != "" {
		w.WriteString(` xmlns="`)
		w.escape(namespace)
		w.WriteByte('"')
	}
	w.WriteByte('>')
	content()
	w.WriteString("</")
	w.WriteString(name)
	w.WriteByte('>')
}

func (w *xmlWriter) textElement(name, text string) {
	w.element(name, "", func() { w.escape(text) })
}

func (w *xmlWriter) escape(text string) {
	_ = xml.EscapeText(&w.Buffer, []byte(text)) // a Buffer takes whatever is written
}

// encodeQuery writes the answer of an operation: NAMEResponse, NAMEResult in it
// unless the operation answers nothing, and the request's id.
func encodeQuery(operation, namespace, requestID string, out any) []byte {
	var w xmlWriter
	w.element(operation+"Response", namespace, func() {
		if v, ok := present(reflect.ValueOf(out), false); ok && v.Kind() == reflect.Struct && v.NumField() > 0 {
			w.element(operation+"Result", "", func() { w.members(v) })
		}
		w.element("ResponseMetadata", "", func() { w.textElement("RequestId", requestID) })
	})
	w.WriteByte('\n')
	return w.Bytes()
}

func (w *xmlWriter) members(v reflect.Value) {
	for _, f := range fields(v.Type()) {
		if m, ok := present(v.Field(f.index), f.omit); ok {
			w.value(f.name, m, f.options)
		}
	}
}

func (w *xmlWriter) value(name string, v reflect.Value, o options) {
	if v.Type() != timeType && v.Type() != bytesType {
		switch v.Kind() {
		case reflect.Struct:
			w.element(name, "", func() { w.members(v) })
			return
		case reflect.Slice:
			w.list(name, v, o)
			return
		case reflect.Map:
			w.entries(name, v, o)
			return
		}
	}
	w.textElement(name, scalarText(v, o))
}

func (w *xmlWriter) list(name string, v reflect.Value, o options) {
	items := func(name string) {
		for i := range v.Len() {
			if m, ok := present(v.Index(i), false); ok {
				w.value(name, m, o.nested())
			}
		}
	}
	if o.flat {
		items(name)
		return
	}
	w.element(name, "", func() { items(o.item) })
}

func (w *xmlWriter) entries(name string, v reflect.Value, o options) {
	entries := func(name string) {
		for _, k := range sortedKeys(v) {
			if m, ok := present(v.MapIndex(k), false); ok {
				w.element(name, "", func() {
					w.textElement(o.key, k.String())
					w.value(o.value, m, o.nested())
				})
			}
		}
	}
	if o.flat {
		entries(name)
		return
	}
	w.element(name, "", func() { entries("entry") })
}

// encodeQueryError writes an error as the query protocol has it.
func encodeQueryError(namespace, requestID string, f Error) []byte {
	sort := "Sender"
	if f.Status >= 500 {
		sort = "Receiver"
	}
	var w xmlWriter
	w.element("ErrorResponse", namespace, func() {
		w.element("Error", "", func() {
			w.textElement("Type", sort)
			w.textElement("Code", f.Code)
			if f.Message != "" {
				w.textElement("Message", f.Message)
			}
			if v, ok := detail(f); ok {
				w.members(v)
			}
		})
		w.textElement("RequestId", requestID)
	})
	w.WriteByte('\n')
	return w.Bytes()
}

func detail(f Error) (reflect.Value, bool) {
	if f.Detail == nil {
		return reflect.Value{}, false
	}
	v, ok := present(reflect.ValueOf(f.Detail), false)
	return v, ok && v.Kind() == reflect.Struct
}
