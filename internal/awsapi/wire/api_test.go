package wire

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"showback"
)

type tagIn struct {
	UserName string
	Tags     []pair
	Max      int       `json:"MaxItems"`
	Since    time.Time `json:",omitempty"`
}

type pair struct{ Key, Value string }

type tagOut struct {
	UserName    string
	Tags        []pair
	IsTruncated bool
	Marker      string `json:",omitempty"`
	Since       time.Time
	Note        *string
}

type identity struct {
	Arn     string
	UserID  string `json:"UserId"`
	Account string
}

type askIn struct {
	TimePeriod *struct{ Start, End string }
	Filter     json.RawMessage
	Metrics    []string
	MaxResults int
	Level      int64
	Deep       *deep
	StartTime  time.Time
	Names      map[string]string
	Yes        bool
}

type deep struct {
	And []deep
	Not *deep
	Key string
}

type askOut struct {
	Total   map[string]string
	Groups  []pair
	Value   string
	NextKey string `json:",omitempty"`
	At      time.Time
}

// testAPI has a service of each protocol.
func testAPI(outcomes *[]Outcome) *API {
	iam := &Service{Name: "iam", Protocol: Query, Version: "2010-05-08", Namespace: "https://iam.amazonaws.com/doc/2010-05-08/",
		Statuses: map[string]int{"NoSuchEntity": http.StatusNotFound}}
	Handle(iam, "TagUser", func(_ context.Context, by Caller, in tagIn) (struct{}, error) {
		if in.UserName == "nobody" {
			return struct{}{}, &Error{Code: "NoSuchEntity", Message: "The user with name <nobody> & co cannot be found."}
		}
		return struct{}{}, nil
	})
	Handle(iam, "ListUserTags", func(_ context.Context, by Caller, in tagIn) (tagOut, error) {
		return tagOut{UserName: by.UserName + " from " + by.SourceIP, Tags: in.Tags, Since: in.Since}, nil
	})
	Handle(iam, "Fail", func(_ context.Context, _ Caller, in tagIn) (struct{}, error) {
		switch in.UserName {
		case "panic":
			panic("secret of the house")
		case "coded":
			return struct{}{}, &Error{Code: "InternalFailure", Message: "no", Err: errors.New("secret of the house")}
		}
		return struct{}{}, showback.Errorf(showback.Kind(in.UserName), "find /var/lib/showback: secret of the house")
	})
	sts := &Service{Name: "sts", Protocol: Query, Version: "2011-06-15", Namespace: "https://sts.amazonaws.com/doc/2011-06-15/"}
	Handle(sts, "GetCallerIdentity", func(_ context.Context, by Caller, _ struct{}) (identity, error) {
		return identity{by.ARN, by.PrincipalID, by.Account}, nil
	})
	ce := &Service{Name: "ce", Protocol: JSON11, Target: "AWSInsightsIndexService", Regions: []string{"us-east-1"}}
	Handle(ce, "Ask", func(_ context.Context, _ Caller, in askIn) (*askOut, error) {
		return &askOut{Value: string(in.Filter), At: in.StartTime}, nil
	})
	Handle(ce, "Fail", Plain(func(_ context.Context, in *askIn) (*askOut, error) {
		if len(in.Metrics) > 0 {
			return nil, sdkError{in.Metrics[0]}
		}
		return nil, errors.New("secret of the house")
	}))
	api := New(testVerifier(), iam, sts, ce)
	if outcomes != nil {
		api.Done = func(_ context.Context, o Outcome) { *outcomes = append(*outcomes, o) }
	}
	return api
}

// sdkError has the methods of errors of AWS's SDK.
type sdkError struct{ code string }

func (e sdkError) Error() string        { return e.code + ": no" }
func (e sdkError) ErrorCode() string    { return e.code }
func (e sdkError) ErrorMessage() string { return "no" }

func postForm(body string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "http://127.0.0.1:8080/", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
	return r
}

func post(target, body string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "http://127.0.0.1:8080/", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/x-amz-json-1.1")
	r.Header.Set("X-Amz-Target", target)
	return r
}

// send sends a request and checks what every answer has.
func send(t *testing.T, api *API, r *http.Request) *httptest.ResponseRecorder {
	t.Helper()
	w := httptest.NewRecorder()
	api.ServeHTTP(w, r)
	if kind := w.Header().Get("Content-Type"); strings.Contains(kind, "html") || kind == "" || w.Header().Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("%s: content type %q", r.URL, kind)
	}
	if id := w.Header().Get("X-Amzn-Requestid"); len(id) != 36 {
		t.Errorf("%s: request id %q", r.URL, id)
	}
	if strings.Contains(w.Body.String(), "secret of the house") {
		t.Errorf("%s: the answer tells what went wrong inside: %s", r.URL, w.Body)
	}
	return w
}

const iamVersion = "&Version=2010-05-08"

func TestQueryAnswers(t *testing.T) {
	f := func(form, want string) {
		t.Helper()
		w := send(t, testAPI(nil), signed(t, postForm(form), "iam"))
		got := strings.ReplaceAll(strings.TrimSpace(w.Body.String()), w.Header().Get("X-Amzn-Requestid"), "ID")
		if w.Code != http.StatusOK || got != want {
			t.Errorf("%s: status %d\n got %s\nwant %s", form, w.Code, got, want)
		}
	}
	const meta = "<ResponseMetadata><RequestId>ID</RequestId></ResponseMetadata>"
	f("Action=TagUser&UserName=alice&Tags.member.1.Key=team&Tags.member.1.Value=a"+iamVersion,
		`<TagUserResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">`+meta+`</TagUserResponse>`)
	f("Action=ListUserTags"+iamVersion+"&Tags.member.2.Key=b&Tags.member.1.Key=%3Ca%3E%26&Tags.member.1.Value=x%00y&Tags.member.2.Value=&Tags.member.1.Value=late&Unknown.1=x&Since=2026-11-03T10:30:00.5Z",
		`<ListUserTagsResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><ListUserTagsResult><UserName>alice from 192.0.2.1</UserName>`+
			`<Tags><member><Key>&lt;a&gt;&amp;</Key><Value>x`+"\uFFFD"+`y</Value></member><member><Key>b</Key><Value></Value></member></Tags>`+
			`<IsTruncated>false</IsTruncated><Since>2026-11-03T10:30:00.5Z</Since></ListUserTagsResult>`+meta+`</ListUserTagsResponse>`)
	f("Action=ListUserTags"+iamVersion,
		`<ListUserTagsResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><ListUserTagsResult><UserName>alice from 192.0.2.1</UserName>`+
			`<Tags></Tags><IsTruncated>false</IsTruncated></ListUserTagsResult>`+meta+`</ListUserTagsResponse>`)
}

func TestQueryInTheAddress(t *testing.T) {
	r := httptest.NewRequest(http.MethodGet, "http://127.0.0.1:8080/?Action=GetCallerIdentity&Version=2011-06-15", nil)
	w := send(t, testAPI(nil), signed(t, r, "sts"))
	if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "<Arn>arn:aws:iam::111122223333:user/alice</Arn><UserId>AIDACKCEVSQ6C2EXAMPLE</UserId><Account>111122223333</Account>") {
		t.Errorf("status %d: %s", w.Code, w.Body)
	}
}

func TestJSONAnswers(t *testing.T) {
	f := func(body, want string) {
		t.Helper()
		w := send(t, testAPI(nil), signed(t, post("AWSInsightsIndexService.Ask", body), "ce"))
		if w.Code != http.StatusOK || w.Body.String() != want || w.Header().Get("Content-Type") != "application/x-amz-json-1.1" {
			t.Errorf("%s: status %d, %s\n got %s\nwant %s", body, w.Code, w.Header().Get("Content-Type"), w.Body, want)
		}
	}
	const empty = `{"Total":{},"Groups":[],"Value":""}`
	f(``, empty)
	f(`{}`, empty)
	f(`{"Filter":null,"Metrics":null,"TimePeriod":null,"MaxResults":null,"Unknown":{"a":[1,{}]},"metrics":7}`, empty)
	f(`{"Filter": {"Tags": {"Key": "<a>&"}}}`, `{"Total":{},"Groups":[],"Value":"{\"Tags\": {\"Key\": \"<a>&\"}}"}`)
	f(`{"StartTime":1.4223171625e9,"MaxResults":-5,"Level":9007199254740993,"Names":{"a":"b"},"Yes":true}`, `{"Total":{},"Groups":[],"Value":"","At":1422317162.5}`)
	f(`{"StartTime":"2015-01-27T00:06:02Z"}`, `{"Total":{},"Groups":[],"Value":"","At":1422317162}`)
}

// failure is an error as a client sees it.
type failure struct {
	status           int
	code, kind, text string
}

func failed(w *httptest.ResponseRecorder) failure {
	f := failure{status: w.Code, kind: w.Header().Get("Content-Type")}
	body := strings.ReplaceAll(w.Body.String(), "&#39;", "'")
	between := func(a, b string) string {
		_, rest, _ := strings.Cut(body, a)
		text, _, _ := strings.Cut(rest, b)
		return text
	}
	if strings.HasPrefix(body, "<") {
		f.code, f.text = between("<Code>", "</Code>"), between("<Message>", "</Message>")
		return f
	}
	var said struct {
		Type    string `json:"__type"`
		Message string
	}
	_ = json.Unmarshal(w.Body.Bytes(), &said)
	f.code, f.text = said.Type, said.Message
	if f.code == "" {
		f.code = w.Header().Get("X-Amzn-Errortype")
	}
	return f
}

func TestErrorsOfEachProtocol(t *testing.T) {
	f := func(name string, r *http.Request, service string, want failure) {
		t.Helper()
		if service != "" {
			r = signed(t, r, service)
		}
		got := failed(send(t, testAPI(nil), r))
		if strings.Contains(got.text, want.text) {
			got.text = want.text
		}
		if got != want {
			t.Errorf("%s:\n got %+v\nwant %+v", name, got, want)
		}
	}
	const xml, js = "text/xml", "application/x-amz-json-1.1"
	body := strings.NewReader
	unsigned := func(method, target string, header ...string) *http.Request {
		r := httptest.NewRequest(method, "http://127.0.0.1:8080"+target, body(""))
		for i := 0; i < len(header); i += 2 {
			r.Header.Set(header[i], header[i+1])
		}
		return r
	}

	// Nobody signed.
	f("form", postForm("Action=TagUser"+iamVersion), "", failure{403, "MissingAuthenticationToken", xml, "Request is missing Authentication Token"})
	f("GET", unsigned("GET", "/?Action=GetCallerIdentity&Version=2011-06-15"), "", failure{403, "MissingAuthenticationToken", xml, "missing"})
	f("target", post("AWSInsightsIndexService.Ask", "{}"), "", failure{400, "MissingAuthenticationTokenException", js, "missing"})
	f("nothing", unsigned("GET", "/"), "", failure{400, "MissingAuthenticationTokenException", "application/json", "missing"})
	f("escaped name of a parameter", unsigned("GET", "/?X%2DAmz%2DAlgorithm=x"), "", failure{400, "IncompleteSignatureException", "application/json", "X-Amz-Credential"})

	// Signed for something else.
	f("form for another service", postForm("Action=TagUser"+iamVersion), "sts", failure{403, "SignatureDoesNotMatch", xml, "Credential should be scoped to correct service: 'iam'."})
	f("form for a service of JSON", postForm("Action=TagUser"+iamVersion), "ce", failure{400, "UnknownOperationException", js, "no such operation"})
	f("form for a service that is not here", postForm("Action=TagUser"+iamVersion), "sns", failure{403, "SignatureDoesNotMatch", xml, "correct service: 'iam'."})
	f("target for another service", post("AWSInsightsIndexService.Ask", "{}"), "iam", failure{400, "InvalidSignatureException", js, "correct service: 'ce'."})

	// Operations that are not there.
	f("action", postForm("Action=DeleteEverything"+iamVersion), "iam", failure{400, "InvalidAction", xml, "Could not find operation DeleteEverything for version 2010-05-08"})
	f("version", postForm("Action=TagUser&Version=2020-01-01"), "iam", failure{400, "InvalidAction", xml, "Could not find operation TagUser for version 2020-01-01"})
	f("no version", postForm("Action=TagUser"), "iam", failure{400, "InvalidAction", xml, "for version NO_VERSION_SPECIFIED"})
	f("no action", postForm("Version=2010-05-08"), "iam", failure{400, "MissingAction", xml, "missing an action"})
	f("second action", postForm("Action=TagUser"+iamVersion+"&Action=DeleteEverything&UserName=nobody"), "iam", failure{404, "NoSuchEntity", xml, ""})
	f("form that is none", unsigned("POST", "/", "Content-Type", "text/plain"), "iam", failure{400, "MissingAction", xml, ""})
	f("form at a path", unsigned("GET", "/x?Action=TagUser"+iamVersion), "iam", failure{400, "InvalidAction", xml, "Could not find operation TagUser"})
	f("form by PUT", unsigned("PUT", "/?Action=TagUser"+iamVersion), "iam", failure{400, "InvalidAction", xml, ""})
	f("target", post("AWSInsightsIndexService.Nothing", "{}"), "ce", failure{400, "UnknownOperationException", js, "no such operation"})
	f("target of no service", post("AWSBudgetServiceGateway.DescribeBudgets", "{}"), "budgets", failure{400, "UnknownOperationException", js, "no such operation"})
	f("target without a service", post("Ask", "{}"), "ce", failure{400, "UnknownOperationException", js, "no such operation"})
	f("GET with a target", unsigned("GET", "/", "X-Amz-Target", "AWSInsightsIndexService.Ask"), "ce", failure{400, "UnknownOperationException", js, ""})
	f("JSON 1.0", unsigned("POST", "/", "X-Amz-Target", "SQS.X", "Content-Type", "application/x-amz-json-1.0"), "sqs", failure{400, "UnknownOperationException", "application/x-amz-json-1.0", ""})
	f("REST", unsigned("GET", "/foundation-models"), "bedrock", failure{404, "UnknownOperationException", "application/json", "no such operation"})
	f("S3", unsigned("GET", "/bucket/key"), "s3", failure{501, "NotImplemented", "application/xml", "no such service"})
	f("EC2", postForm("Action=DescribeInstances&Version=2016-11-15"), "ec2", failure{400, "InvalidAction", xml, "Could not find operation DescribeInstances"})
	f("a form of no service", postForm("Action=Publish&Version=2010-03-31"), "sns", failure{400, "InvalidAction", xml, "Could not find operation Publish for version 2010-03-31"})

	// Errors of operations.
	f("code", postForm("Action=TagUser&UserName=nobody"+iamVersion), "iam", failure{404, "NoSuchEntity", xml, "The user with name &lt;nobody&gt; &amp; co cannot be found."})
	f("code of the SDK's kind", post("AWSInsightsIndexService.Fail", `{"Metrics":["LimitExceededException"]}`), "ce", failure{400, "LimitExceededException", js, "no"})
	f("no kind", post("AWSInsightsIndexService.Fail", "{}"), "ce", failure{500, "InternalFailure", js, "unknown error"})
	f("panic", postForm("Action=Fail&UserName=panic"+iamVersion), "iam", failure{500, "InternalFailure", xml, "unknown error"})
	f("corrupt", postForm("Action=Fail&UserName=corrupt"+iamVersion), "iam", failure{500, "InternalFailure", xml, "unknown error"})
	f("unavailable", postForm("Action=Fail&UserName=unavailable"+iamVersion), "iam", failure{503, "ServiceUnavailable", xml, "temporary"})
	f("throttled", postForm("Action=Fail&UserName=throttled"+iamVersion), "iam", failure{400, "Throttling", xml, "Rate exceeded"})
}

func TestUnknownInCBOR(t *testing.T) {
	r := httptest.NewRequest(http.MethodPost, "http://127.0.0.1:8080/service/CloudTrail/operation/LookupEvents", nil)
	r.Header.Set("Smithy-Protocol", "rpc-v2-cbor")
	w := send(t, testAPI(nil), signed(t, r, "cloudtrail"))
	want := "\xa2\x66__type\x78\x19UnknownOperationException\x67message\x78\x22This server has no such operation."
	if w.Code != http.StatusNotFound || w.Header().Get("Content-Type") != "application/cbor" || w.Header().Get("Smithy-Protocol") != "rpc-v2-cbor" || w.Body.String() != want {
		t.Errorf("status %d, %v: %q, want %q", w.Code, w.Header(), w.Body, want)
	}
}

func TestBounds(t *testing.T) {
	f := func(name string, r *http.Request, service, code, text string) {
		t.Helper()
		got := failed(send(t, testAPI(nil), signed(t, r, service)))
		if got.code != code || !strings.Contains(got.text, text) {
			t.Errorf("%s: got %+v, want %s: %s", name, got, code, text)
		}
	}
	ce := func(name, body, text string) {
		t.Helper()
		f(name, post("AWSInsightsIndexService.Ask", body), "ce", "SerializationException", text)
	}
	iam := func(name, form, code, text string) {
		t.Helper()
		f(name, postForm("Action=ListUserTags"+iamVersion+form), "iam", code, text)
	}
	f("body", post("AWSInsightsIndexService.Ask", `{"Filter":"`+strings.Repeat("a", MaxBody)+`"}`), "ce", "RequestEntityTooLarge", "larger than 1048576 bytes")
	iam("form", "&A="+strings.Repeat("a", MaxBody), "RequestEntityTooLarge", "larger")
	ce("deep", strings.Repeat(`{"Deep":`, 500)+strings.Repeat("}", 500), "nested too deep")
	ce("deep below what is skipped", `{"X":`+strings.Repeat("[", 100_000)+"}", "nested too deep")
	ce("deep below a raw member", `{"Filter":`+strings.Repeat(`{"Not":`, 70)+"1"+strings.Repeat("}", 71), "nested too deep")
	ce("member twice", `{"Metrics":[],"Metrics":["x"]}`, "a member twice")
	ce("not JSON", `{"Metrics":[`, "not a JSON object")
	ce("two values", `{}{}`, "not a JSON object")
	ce("a list", `[]`, "not a JSON object")
	ce("XML", `<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>`, "not a JSON object")
	ce("not UTF-8", "{\"Filter\":\"\xff\"}", "not UTF-8")
	ce("text for a number", `{"MaxResults":"5"}`, "STRING_VALUE can not be converted to an Integer")
	ce("fraction", `{"MaxResults":5.5}`, "NUMBER_VALUE can not be converted to an Integer")
	ce("huge number", `{"Level":1e400}`, "NUMBER_VALUE can not be converted to a Long")
	ce("number for a text", `{"Metrics":[1]}`, "NUMBER_VALUE can not be converted to a String")
	ce("truth for a text", `{"Metrics":[true]}`, "TRUE_VALUE can not be converted to a String")
	ce("text for a truth", `{"Yes":"true"}`, "STRING_VALUE can not be converted to an Boolean")
	ce("list for a text", `{"Metrics":[[]]}`, "Start of list found where not expected")
	ce("structure for a list", `{"Metrics":{}}`, "Start of structure or map found where not expected.")
	ce("text for a list", `{"Metrics":"x"}`, "Expected list or null")
	ce("text for a structure", `{"TimePeriod":"x"}`, "Expected structure or null")
	ce("text for a map", `{"Names":"x"}`, "Expected map or null")
	ce("time past all years", `{"StartTime":1e300}`, "NUMBER_VALUE can not be converted to a Timestamp")
	iam("many parameters", strings.Repeat("&a", maxParameters), "MalformedQueryString", "more than 5000 parameters")
	iam("long path", "&a"+strings.Repeat(".a", maxPath)+"=1", "MalformedInput", "too many parts")
	iam("number that is none", "&MaxItems=five", "MalformedInput", "")
	iam("number that is empty", "&MaxItems=", "MalformedInput", "missing value for decimal type")
	iam("number past 64 bits", "&MaxItems=99999999999999999999", "MalformedInput", "")
	iam("item without a number", "&Tags.member.x.Key=a", "MalformedInput", "")
	iam("item zero", "&Tags.member.0.Key=a", "MalformedInput", "")
	iam("structure for a text", "&UserName.x=a", "MalformedInput", "")
	iam("escape that is none", "&UserName=%zz", "MalformedQueryString", "syntax error")

	compressed := post("AWSInsightsIndexService.Ask", "\x1f\x8b\x08")
	compressed.Header.Set("Content-Encoding", "gzip")
	f("compressed", compressed, "ce", "UnsupportedMediaType", "must not be encoded")
}

// A list of one item with a huge number takes the room of one item.
func TestSparseListsAreSmall(t *testing.T) {
	w := send(t, testAPI(nil), signed(t, postForm("Action=ListUserTags"+iamVersion+"&Tags.member.4000000000.Key=a"), "iam"))
	if got := strings.Count(w.Body.String(), "<member>"); got != 1 {
		t.Errorf("%d members in %s", got, w.Body)
	}
}

func TestOutcomes(t *testing.T) {
	var got []Outcome
	api := testAPI(&got)
	send(t, api, signed(t, postForm("Action=TagUser&UserName=x"+iamVersion), "iam"))
	send(t, api, signed(t, postForm("Action=Evil%0aName"+iamVersion), "iam"))
	send(t, api, signed(t, postForm("Action=Fail&UserName=internal"+iamVersion), "iam"))
	send(t, api, signed(t, postForm("Action=Fail&UserName=coded"+iamVersion), "iam"))
	send(t, api, postForm("Action=TagUser"+iamVersion))
	type short struct {
		service, operation, user, code string
		status                         int
		inside                         bool
	}
	var have []short
	for _, o := range got {
		have = append(have, short{o.Service, o.Operation, o.Caller.UserName, o.Code, o.Status,
			o.Err != nil && strings.Contains(o.Err.Error(), "secret of the house")})
	}
	want := []short{
		{"iam", "TagUser", "alice", "", 200, false},
		{"iam", "", "alice", "InvalidAction", 400, false},
		{"iam", "Fail", "alice", "InternalFailure", 500, true},
		{"iam", "Fail", "alice", "InternalFailure", 500, true},
		{"", "", "", "MissingAuthenticationToken", 403, false},
	}
	if diff := cmp.Diff(want, have, cmp.AllowUnexported(short{})); diff != "" {
		t.Errorf("outcomes (-want +got):\n%s", diff)
	}
}

func TestHandleRefusesWhatNoProtocolHas(t *testing.T) {
	refused := func(name string, register func(s *Service)) {
		t.Helper()
		defer func() {
			if recover() == nil {
				t.Errorf("%s: registered", name)
			}
		}()
		register(&Service{Name: "x"})
	}
	refused("channel", func(s *Service) {
		Handle(s, "A", func(context.Context, Caller, struct{ C chan int }) (struct{}, error) { return struct{}{}, nil })
	})
	refused("map by number", func(s *Service) {
		Handle(s, "A", func(context.Context, Caller, struct{}) (struct{ M map[int]string }, error) {
			return struct{ M map[int]string }{}, nil
		})
	})
	refused("unknown option", func(s *Service) {
		Handle(s, "A", func(context.Context, Caller, struct {
			L []string `aws:"flat"`
		}) (struct{}, error) {
			return struct{}{}, nil
		})
	})
	refused("twice", func(s *Service) {
		for range 2 {
			Handle(s, "A", func(context.Context, Caller, deep) (deep, error) { return deep{}, nil })
		}
	})
}

func TestChecks(t *testing.T) {
	var none Checks
	none.Text("roleSessionName", "alice@example.com", 2, 64, NewPattern(`[\w+=,.@-]*`))
	none.Number("durationSeconds", 900, 900, 43200)
	none.List("tags", 50, 50)
	if err := none.Err("ValidationError"); err != nil {
		t.Error(err)
	}
	var c Checks
	c.Missing("roleArn")
	c.Text("roleSessionName", "é", 2, 64, NewPattern(`[\w+=,.@-]*`))
	c.Number("durationSeconds", 899, 900, 43200)
	c.List("tags", 51, 50)
	want := "ValidationError: 5 validation errors detected: Value null at 'roleArn' failed to satisfy constraint: Member must not be null; " +
		`Value 'é' at 'roleSessionName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\w+=,.@-]*; ` +
		"Value 'é' at 'roleSessionName' failed to satisfy constraint: Member must have length greater than or equal to 2; " +
		"Value '899' at 'durationSeconds' failed to satisfy constraint: Member must have value greater than or equal to 900; " +
		"Value at 'tags' failed to satisfy constraint: Member must have length less than or equal to 50"
	if got := c.Err("ValidationError").Error(); got != want {
		t.Errorf("\n got %s\nwant %s", got, want)
	}
}

// What a flood of wrong signatures costs, but for the look at the key.
func BenchmarkWrongSignature(b *testing.B) {
	api := testAPI(nil)
	r := signed(b, post("AWSInsightsIndexService.Ask", "{}"), "ce")
	r.Header.Set("Authorization", r.Header.Get("Authorization")+"0")
	for b.Loop() {
		w := httptest.NewRecorder()
		again := r.Clone(b.Context())
		again.Body = io.NopCloser(strings.NewReader("{}"))
		api.ServeHTTP(w, again)
		if w.Code != http.StatusBadRequest {
			b.Fatal(w.Code)
		}
	}
}

// An answer of 5,000 groups, the most that a page has.
func BenchmarkAnswer(b *testing.B) {
	out := askOut{Total: map[string]string{"UnblendedCost": "12.5"}}
	for range 5_000 {
		out.Groups = append(out.Groups, pair{"iamPrincipal/team$engineering", "1234.567890123"})
	}
	for b.Loop() {
		text, err := encodeJSON(&out)
		if err != nil {
			b.Fatal(err)
		}
		b.SetBytes(int64(len(text)))
	}
}
