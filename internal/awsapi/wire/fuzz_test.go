package wire

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"showback/internal/awsapi/sigv4"
)

// all has every kind of member.
type all struct {
	Text   string
	Words  []string
	Flat   []string `aws:"flattened"`
	Map    map[string]string
	Lists  map[string][]all `aws:"flattened,key=K,value=V"`
	Number int
	Long   *int64
	Real   float64 `json:",omitempty"`
	Yes    *bool
	At     time.Time
	Epoch  time.Time `aws:"time=unix"`
	Bytes  []byte
	Deep   *all
	Raw    json.RawMessage `json:",omitempty"`
}

// seeds are bodies of the vectors, where they are beside the checkout.
func seeds(f *testing.F, file string) {
	text, err := os.ReadFile("../../../../shared/samples/aws-protocol-vectors/" + file)
	if err != nil {
		return
	}
	var suites []*vectorSuite
	if err := json.Unmarshal(text, &suites); err != nil {
		f.Fatal(err)
	}
	for _, s := range suites {
		for _, c := range s.Cases {
			f.Add([]byte(c.Serialized.Body))
		}
	}
}

// FuzzDecodeJSON: what is read and written again reads as the same, and no body
// is refused but in AWS's terms.
func FuzzDecodeJSON(f *testing.F) {
	f.Add([]byte(`{"Text":"a\u0000<","Words":["a",null],"Map":{"k":"v"},"Lists":{"a":[{"Text":"b"}]},"Number":-1,"Long":9007199254740993,"Real":"NaN","Yes":true,"At":1.5e9,"Epoch":"2026-11-03T10:30:00Z","Bytes":"AAE=","Deep":{"Deep":{}},"Raw":{"a":[1]}}`))
	f.Add([]byte(`{"Text":"\ud800","Real":1e308,"At":-62135596800}`))
	seeds(f, "input-json.json")
	f.Fuzz(func(t *testing.T, body []byte) {
		var first, second all
		if err := decodeJSON(body, reflect.ValueOf(&first).Elem()); err != nil {
			var e *Error
			if !errors.As(err, &e) || e.Code != "SerializationException" {
				t.Fatalf("refused with %v", err)
			}
			return
		}
		text, err := encodeJSON(first)
		if err != nil {
			t.Fatal(err)
		}
		if !json.Valid(text) {
			t.Fatalf("wrote %s", text)
		}
		if err := decodeJSON(text, reflect.ValueOf(&second).Elem()); err != nil {
			t.Fatalf("%v on what was written: %s", err, text)
		}
		again, err := encodeJSON(second)
		if err != nil || string(again) != string(text) {
			t.Errorf("%s, then %s: %v", text, again, err)
		}
		xmlOf(t, first)
	})
}

// FuzzDecodeQuery: whatever a form says, it is refused in AWS's terms or makes a
// value that can be written.
func FuzzDecodeQuery(f *testing.F) {
	f.Add([]byte("Text=a&Words.member.1=b&Words.member.3=c&Flat.1=d&Map.entry.1.key=k&Map.entry.1.value=v&Lists.1.K=x&Lists.1.V.member.1.Text=y&Number=-1&Deep.Deep.Text=z&At=2026-11-03&Bytes=AAE%3D&Yes=true"))
	f.Add([]byte("Words=&Map=&Deep=&Number=+5&Real=Infinity&Long=1e3"))
	seeds(f, "input-query.json")
	f.Fuzz(func(t *testing.T, body []byte) {
		pairs, err := sigv4.ParsePairs(string(body), maxParameters)
		if err != nil {
			return
		}
		root, err := form(pairs)
		var v all
		if err == nil {
			err = decodeQuery(root, reflect.ValueOf(&v).Elem())
		}
		if err != nil {
			var e *Error
			if !errors.As(err, &e) || e.Code != "MalformedInput" {
				t.Fatalf("refused with %v", err)
			}
			return
		}
		xmlOf(t, v)
		if text, err := encodeJSON(v); err != nil || !json.Valid(text) {
			t.Errorf("wrote %s, %v", text, err)
		}
	})
}

// xmlOf checks that a value is written as XML that can be read, its texts intact.
func xmlOf(t *testing.T, v all) {
	t.Helper()
	text := encodeQuery("Op", "https://example.com/", "id", v)
	d := xml.NewDecoder(strings.NewReader(string(text)))
	for {
		_, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("%v in %s", err, text)
		}
	}
}

// FuzzServe: whatever is sent, signed or not, the answer is one of AWS's.
func FuzzServe(f *testing.F) {
	f.Add("POST", "/", "Action=TagUser&Version=2010-05-08", "application/x-www-form-urlencoded", "", "", true)
	f.Add("POST", "/?Action=TagUser", "{}", "application/x-amz-json-1.1", "AWSInsightsIndexService.Ask", "", true)
	f.Add("GET", "/a//../b?X-Amz-Signature=1", "", "", ".", "rpc-v2-cbor", false)
	f.Fuzz(func(t *testing.T, method, target, body, kind, amzTarget, smithy string, sign bool) {
		if !strings.HasPrefix(target, "/") || strings.ContainsAny(target+method, " \r\n\t\x00#") || method == "" {
			return
		}
		r, err := newRequest(method, target, body)
		if err != nil {
			return
		}
		for name, value := range map[string]string{"Content-Type": kind, "X-Amz-Target": amzTarget, "Smithy-Protocol": smithy} {
			if value != "" {
				r.Header.Set(name, value)
			}
		}
		if sign {
			r = signed(t, r, "iam")
		}
		w := httptest.NewRecorder()
		testAPI(nil).ServeHTTP(w, r)
		if w.Header().Get("X-Amzn-Requestid") == "" || strings.Contains(w.Header().Get("Content-Type"), "html") {
			t.Errorf("status %d, %v: %s", w.Code, w.Header(), w.Body)
		}
		if w.Code >= 500 && w.Code != 501 {
			t.Errorf("status %d: %s", w.Code, w.Body)
		}
		if !sign && w.Code == 200 {
			t.Error("an unsigned request was answered")
		}
	})
}

// newRequest is httptest.NewRequest for what may be no request at all.
func newRequest(method, target, body string) (r *http.Request, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("no request: %v", p)
		}
	}()
	return httptest.NewRequest(method, "http://127.0.0.1:8080"+target, strings.NewReader(body)), nil
}
