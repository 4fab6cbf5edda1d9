package wire

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"

	"showback"
)

func (x *exchange) answer(w http.ResponseWriter, out any) {
	s := x.route.service
	if s.Protocol == Query {
		x.outcome.Status = http.StatusOK
		x.write(w, "text/xml", http.StatusOK, encodeQuery(x.route.operation, s.Namespace, x.id, out))
		return
	}
	body, err := encodeJSON(out)
	if err != nil {
		x.fail(w, showback.Errorf(showback.KindInternal, "write answer of %s: %w", x.route.operation, err))
		return
	}
	x.outcome.Status = http.StatusOK
	x.write(w, x.route.form.contentType(), http.StatusOK, body)
}

// fail answers with an error in the shape that the request's protocol wants.
func (x *exchange) fail(w http.ResponseWriter, err error) {
	s := x.route.service
	if s == nil {
		s = &Service{}
	}
	f := s.faultOf(err)
	x.outcome.Status, x.outcome.Code, x.outcome.Err = f.Status, f.Code, cause(err)
	var body []byte
	switch x.route.form {
	case asQuery:
		namespace := s.Namespace
		if namespace == "" || f.Code == "InvalidAction" || f.Code == "MissingAction" {
			namespace = faultNamespace
		}
		body = encodeQueryError(namespace, x.id, f)
	case asEC2:
		body = encodeEC2Error(x.id, f)
	case asXML:
		body = encodeBareError(x.id, f)
	case asCBOR:
		w.Header().Set("Smithy-Protocol", "rpc-v2-cbor")
		body = encodeCBORError(f)
	case asREST:
		w.Header().Set("X-Amzn-Errortype", f.Code)
		body = encodeJSONError(f, false)
	default:
		body = encodeJSONError(f, true)
	}
	x.write(w, x.route.form.contentType(), f.Status, body)
}

// cause is what a log should have of an error: what it was made of, where its
// own text is only what a client may know.
func cause(err error) error {
	var c coded
	if errors.As(err, &c) {
		if inner := errors.Unwrap(c); inner != nil {
			return inner
		}
	}
	return err
}

func (f shape) contentType() string {
	switch f {
	case asQuery, asEC2:
		return "text/xml"
	case asXML:
		return "application/xml"
	case asREST:
		return "application/json"
	case asCBOR:
		return "application/cbor"
	case asJSON10:
		return "application/x-amz-json-1.0"
	}
	return "application/x-amz-json-1.1"
}

func (x *exchange) write(w http.ResponseWriter, kind string, status int, body []byte) {
	h := w.Header()
	h.Set("Content-Type", kind)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	h.Set("X-Amzn-Requestid", x.id)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store") // an answer may hold a secret
	w.WriteHeader(status)
	_, _ = w.Write(body) // a client that has gone
}

// encodeJSONError writes an error as the JSON protocols have it; typed puts its
// code into the body.
func encodeJSONError(f Error, typed bool) []byte {
	var e jsonEncoder
	e.object(func(member func(string)) {
		if typed {
			member("__type")
			e.text(f.Code)
		}
		if f.Message != "" {
			member("message")
			e.text(f.Message)
		}
		if v, ok := detail(f); ok {
			for _, m := range fields(v.Type()) {
				if value, ok := present(v.Field(m.index), m.omit); ok {
					member(m.name)
					e.value(value, m.options)
				}
			}
		}
	})
	if !json.Valid(e.buf.Bytes()) { // a detail that could not be written
		f.Detail = nil
		return encodeJSONError(f, typed)
	}
	return e.buf.Bytes()
}

// encodeEC2Error writes an error as Amazon EC2 has it.
func encodeEC2Error(requestID string, f Error) []byte {
	var w xmlWriter
	w.element("Response", "", func() {
		w.element("Errors", "", func() {
			w.element("Error", "", func() {
				w.textElement("Code", f.Code)
				w.textElement("Message", f.Message)
			})
		})
		w.textElement("RequestID", requestID)
	})
	return w.Bytes()
}

// encodeBareError writes an error as Amazon S3 has it.
func encodeBareError(requestID string, f Error) []byte {
	var w xmlWriter
	w.element("Error", "", func() {
		w.textElement("Code", f.Code)
		w.textElement("Message", f.Message)
		w.textElement("RequestId", requestID)
	})
	return w.Bytes()
}

// encodeCBORError writes an error as Smithy's RPC v2 CBOR has it: a map of two
// texts. (RFC 8949, 3: a head of major type and length; Smithy, "Smithy RPC v2
// CBOR protocol", 2026.)
func encodeCBORError(f Error) []byte {
	var b bytes.Buffer
	b.WriteByte(0xa2)
	for _, text := range []string{"__type", f.Code, "message", f.Message} {
		switch n := len(text); {
		case n < 24:
			b.WriteByte(0x60 | byte(n))
		case n < 256:
			b.Write([]byte{0x78, byte(n)})
		default:
			text = text[:min(n, 1<<16-1)]
			b.Write([]byte{0x79, byte(len(text) >> 8), byte(len(text))})
		}
		b.WriteString(text)
	}
	return b.Bytes()
}
