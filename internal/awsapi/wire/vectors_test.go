package wire

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// outside says by which rule a vector is not run; "" for those that are.
func (s *vectorSuite) outside(c vectorCase) string {
	seen := map[string]bool{}
	var uses func(name string) string
	uses = func(name string) string {
		shape := s.Shapes[name]
		if shape == nil || seen[name] {
			return ""
		}
		seen[name] = true
		if shape.Document {
			return "documents: no operation of these services has one"
		}
		for _, m := range shape.Members {
			if why := uses(m.Shape); why != "" {
				return why
			}
		}
		for _, m := range []*vectorMember{shape.Member, shape.Key, shape.Value} {
			if m != nil {
				if why := uses(m.Shape); why != "" {
					return why
				}
			}
		}
		return ""
	}
	for _, m := range []*vectorMember{c.Given.Input, c.Given.Output} {
		if m != nil {
			if why := uses(m.Shape); why != "" {
				return why
			}
		}
	}
	switch {
	case strings.Contains(c.Serialized.Headers["Content-Encoding"], "gzip"):
		return "compressed bodies: no operation of these services lets a client compress, and ours refuse it"
	case strings.Contains(c.ID, "HostWithPath"):
		return "endpoints with a path: the API is served at / only"
	case strings.HasSuffix(c.ID, "IdempotencyTokenAutoFill"):
		return "tokens that a client makes up: what it said and what it sends differ"
	case c.ID == "QueryEmptyQueryMaps":
		return "empty maps in a form: it has no word for them, and nothing is sent"
	}
	return ""
}

// tolerant are the outputs that show what a client must put up with and no
// server of these protocols writes: our answer says the same in the usual form,
// and is compared by what it says.
func (s *vectorSuite) tolerant(c vectorCase) string {
	switch {
	case strings.Contains(c.ID, "Offset"):
		return "times in other zones: ours are in UTC"
	case strings.Contains(c.ID, "UnexpectedJsonOutput"), strings.Contains(c.ID, "unexpected_json_output"),
		strings.Contains(c.ID, "IgnoreType"), strings.Contains(c.ID, "AllowNulls"), strings.Contains(c.ID, "DeserializeNullValues"):
		return "members that are not in the model, or null: ours are never written"
	case strings.Contains(c.ID, "FooError") && !strings.Contains(c.Response.Body, "__type"):
		return "a code in a header, or in another member: ours stands in __type"
	}
	return ""
}

var vectorFiles = map[string]Protocol{"query": Query, "json": JSON11, "json_1_0": JSON10}

func vectors(t *testing.T, kind, protocol string) []*vectorSuite {
	t.Helper()
	text, err := os.ReadFile("../../../../shared/samples/aws-protocol-vectors/" + kind + "-" + protocol + ".json")
	if errors.Is(err, os.ErrNotExist) {
		t.Skip("no ../shared/samples/aws-protocol-vectors beside the checkout")
	}
	if err != nil {
		t.Fatal(err)
	}
	var suites []*vectorSuite
	if err := json.Unmarshal(text, &suites); err != nil {
		t.Fatal(err)
	}
	for _, s := range suites {
		s.kind = kind
	}
	return suites
}

// serve runs one request through the API, signed by the SDK's signer.
func (s *vectorSuite) serve(t *testing.T, c vectorCase, r *http.Request, op operation, protocol Protocol) *httptest.ResponseRecorder {
	t.Helper()
	service := &Service{Name: "vectors", Protocol: protocol, Target: "Vectors", Version: s.Metadata.APIVersion, Namespace: "https://example.com/"}
	target := r.Header.Get("X-Amz-Target")
	if target == "" && protocol != Query {
		// Two vectors of hosts do not show it.
		target = "Vectors." + c.Given.Name
		r.Header.Set("X-Amz-Target", target)
	}
	service.Target = target[:max(strings.LastIndexByte(target, '.'), 0)]
	service.register(c.Given.Name, op)
	w := httptest.NewRecorder()
	New(testVerifier(), service).ServeHTTP(w, signed(t, r, "vectors"))
	return w
}

func TestInputVectors(t *testing.T) {
	for file, protocol := range vectorFiles {
		t.Run(file, func(t *testing.T) {
			ran, left := 0, map[string]int{}
			for _, s := range vectors(t, "input", file) {
				for _, c := range s.Cases {
					if why := s.outside(c); why != "" {
						left[why]++
						continue
					}
					ran++
					t.Run(c.ID, func(t *testing.T) { s.input(t, c, protocol) })
				}
			}
			report(t, ran, left)
		})
	}
	t.Log("rule: input-rest-json.json is left out: no service here speaks it")
}

func (s *vectorSuite) input(t *testing.T, c vectorCase, protocol Protocol) {
	in := reflect.TypeFor[struct{}]()
	if c.Given.Input != nil {
		in = s.goType(c.Given.Input.Shape, 0)
	}
	var got reflect.Value
	op := operation{in: in, call: func(_ context.Context, _ Caller, v reflect.Value) (any, error) {
		got = v
		return struct{}{}, nil
	}}
	r := httptest.NewRequest(c.Serialized.Method, "http://127.0.0.1:8080"+c.Serialized.URI, strings.NewReader(c.Serialized.Body))
	for name, value := range c.Serialized.Headers {
		r.Header.Set(name, value)
	}
	w := s.serve(t, c, r, op, protocol)
	if w.Code != http.StatusOK {
		t.Fatalf("status %d: %s", w.Code, w.Body)
	}
	want := reflect.New(in).Elem()
	if c.Given.Input != nil && c.Params != nil {
		s.fill(want, c.Given.Input.Shape, c.Params)
	}
	if diff := cmp.Diff(dump(want), dump(got)); diff != "" {
		t.Errorf("input (-want +got):\n%s\nof %s", diff, c.Serialized.Body)
	}
}

// dump makes a value comparable: as the JSON that we write of it, but with
// numbers that JSON lacks.
func dump(v reflect.Value) string {
	if !v.IsValid() {
		return "no call"
	}
	text, err := encodeJSON(v.Interface())
	if err != nil {
		return err.Error()
	}
	return string(text)
}

func TestOutputVectors(t *testing.T) {
	for file, protocol := range vectorFiles {
		t.Run(file, func(t *testing.T) {
			ran, left := 0, map[string]int{}
			for _, s := range vectors(t, "output", file) {
				for _, c := range s.Cases {
					if why := s.outside(c); why != "" {
						left[why]++
						continue
					}
					if why := s.tolerant(c); why != "" {
						left[why]++
						continue
					}
					ran++
					t.Run(c.ID, func(t *testing.T) { s.output(t, c, protocol) })
				}
			}
			report(t, ran, left)
		})
	}
	t.Log("rule: namespaces of members are not compared: these services have one, on the answer")
	t.Log("rule: output-rest-json.json is left out: no service here speaks it")
}

func (s *vectorSuite) output(t *testing.T, c vectorCase, protocol Protocol) {
	var out any = struct{}{}
	var fail error
	switch {
	case c.ErrorCode != "":
		fail = s.errorOf(t, c)
	case c.Given.Output != nil:
		v := reflect.New(s.goType(c.Given.Output.Shape, 0)).Elem()
		s.fill(v, c.Given.Output.Shape, c.Result)
		out = v.Interface()
	}
	op := operation{in: reflect.TypeFor[struct{}](), call: func(context.Context, Caller, reflect.Value) (any, error) { return out, fail }}
	var r *http.Request
	if protocol == Query {
		r = httptest.NewRequest(http.MethodPost, "http://127.0.0.1:8080/", strings.NewReader("Action="+c.Given.Name+"&Version="+s.Metadata.APIVersion))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	} else {
		r = httptest.NewRequest(http.MethodPost, "http://127.0.0.1:8080/", strings.NewReader("{}"))
		r.Header.Set("X-Amz-Target", "Vectors."+c.Given.Name)
	}
	w := s.serve(t, c, r, op, protocol)
	if w.Code != c.Response.StatusCode {
		t.Errorf("status %d, want %d: %s", w.Code, c.Response.StatusCode, w.Body)
	}
	if want := c.Response.Headers["Content-Type"]; want != "" && w.Header().Get("Content-Type") != want {
		t.Errorf("content type %q, want %q", w.Header().Get("Content-Type"), want)
	}
	if w.Header().Get("X-Amzn-Requestid") == "" {
		t.Error("no request id")
	}
	if c.Response.Body == "" {
		return // any answer with nothing in it
	}
	if protocol == Query {
		if diff := cmp.Diff(flat(t, c.Response.Body), flat(t, w.Body.String())); diff != "" {
			t.Errorf("answer (-want +got):\n%s", diff)
		}
		return
	}
	var want, got any
	if err := errors.Join(json.Unmarshal([]byte(c.Response.Body), &want), json.Unmarshal(w.Body.Bytes(), &got)); err != nil {
		t.Fatal(err)
	}
	if c.ErrorCode != "" {
		bare(want)
		bare(got)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("answer (-want +got):\n%s", diff)
	}
}

// bare writes an error as clients take it: a code without namespace and URI, and
// message in either spelling.
func bare(body any) {
	m := body.(map[string]any)
	if code, ok := m["__type"].(string); ok {
		code, _, _ = strings.Cut(code, ":")
		m["__type"] = code[strings.LastIndexByte(code, '#')+1:]
	}
	if text, ok := m["Message"]; ok {
		delete(m, "Message")
		m["message"] = text
	}
}

// errorOf makes the error that a vector has.
func (s *vectorSuite) errorOf(t *testing.T, c vectorCase) error {
	t.Helper()
	said, _ := c.Error.(map[string]any)
	e := &Error{Code: c.ErrorCode, Status: c.Response.StatusCode}
	for name, shape := range s.Shapes {
		if !shape.Exception || name != c.ErrorCode && (shape.Error == nil || shape.Error.Code != c.ErrorCode) {
			continue
		}
		v := reflect.New(s.goType(name, 0)).Elem()
		rest := maps.Clone(said)
		for _, m := range []string{"Message", "message"} {
			if text, ok := rest[m].(string); ok {
				e.Message = text
				delete(rest, m)
			}
		}
		if len(rest) > 0 {
			s.fill(v, name, rest)
			e.Detail = v.Interface()
		}
	}
	return e
}

// flat writes XML as what stands where, without namespaces and the request's id.
func flat(t *testing.T, text string) []string {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(text))
	type level struct {
		name string
		text bytes.Buffer
		kids []string
	}
	stack := []*level{{}}
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("%v in %s", err, text)
		}
		switch x := token.(type) {
		case xml.StartElement:
			stack = append(stack, &level{name: x.Name.Local})
		case xml.CharData:
			stack[len(stack)-1].text.Write(x)
		case xml.EndElement:
			l := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			if l.name == "RequestId" || l.name == "ResponseMetadata" {
				continue
			}
			said := "{" + strings.Join(l.kids, " ") + "}"
			if len(l.kids) == 0 {
				said = "=" + l.text.String()
				if strings.TrimSpace(l.text.String()) == "" {
					said = "="
				}
			}
			up := stack[len(stack)-1]
			up.kids = append(up.kids, l.name+said)
			// Members have no order, and neither have entries of maps; items have.
			slices.SortStableFunc(up.kids, func(a, b string) int {
				nameA, nameB := a[:strings.IndexAny(a, "={")], b[:strings.IndexAny(b, "={")]
				if c := strings.Compare(nameA, nameB); c != 0 || nameA != "entry" && nameA != "KVP" && !strings.HasSuffix(nameA, "Map") {
					return c
				}
				return strings.Compare(a, b)
			})
		}
	}
	slices.Sort(stack[0].kids)
	return stack[0].kids
}

func report(t *testing.T, ran int, left map[string]int) {
	t.Helper()
	t.Logf("%d vectors run", ran)
	for _, why := range slices.Sorted(maps.Keys(left)) {
		t.Logf("rule: %d left out: %s", left[why], why)
	}
	if ran == 0 {
		t.Error("no vector was run")
	}
}
