package blobtest

import (
	"encoding/xml"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// exchange is one request and its answer.
type exchange struct {
	server *Server
	w      http.ResponseWriter
	r      *http.Request
	index  int // in the server's requests
	asked  Request
	fault  Fault
}

func (s *Server) answer(w http.ResponseWriter, r *http.Request) {
	x := &exchange{server: s, w: w, r: r}
	x.asked = s.parse(r)
	s.mu.Lock()
	clock := s.clock
	x.fault = s.planned(x.asked)
	s.requests = append(s.requests, x.asked)
	x.index = len(s.requests) - 1
	s.mu.Unlock()
	w.Header().Set("Server", "blobtest")
	w.Header().Set("X-Amz-Request-Id", "REQUEST"+strconv.Itoa(x.index))
	if clock != nil {
		w.Header().Set("Date", clock().UTC().Format(http.TimeFormat))
	}
	switch {
	case x.fault.early:
		x.breakOff()
	case x.fault.status != 0:
		maps.Copy(w.Header(), x.fault.headers)
		x.fail(x.fault.status, x.fault.code, x.fault.message)
	case clock != nil && x.skewed(clock()):
		x.fail(http.StatusForbidden, "RequestTimeTooSkewed", "The difference between the request time and the current time is too large.")
	case !x.allowed():
	case x.asked.Op == List:
		x.list()
	case x.asked.Op == Get || x.asked.Op == Head:
		x.object()
	default:
		x.fail(http.StatusNotImplemented, "NotImplemented", "A header you provided implies functionality that is not implemented.")
	}
}

var scope = regexp.MustCompile(`Credential=([^/,]+)/[0-9]{8}/([^/,]+)/s3/aws4_request`)

func (s *Server) parse(r *http.Request) Request {
	var q Request
	q.Bucket, q.Key, _ = strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	point, _, _ := strings.Cut(r.Host, ".")
	s.mu.Lock()
	if of, ok := s.points[point]; ok {
		q.Bucket, q.Key = of, strings.TrimPrefix(r.URL.Path, "/")
	}
	s.mu.Unlock()
	query := r.URL.Query()
	switch {
	case r.Method == http.MethodGet && q.Key == "" && query.Get("list-type") == "2":
		q.Op, q.Key = List, query.Get("prefix")
	case r.Method == http.MethodGet && q.Key != "":
		q.Op = Get
	case r.Method == http.MethodHead && q.Key != "":
		q.Op = Head
	}
	q.Range, q.Part = r.Header.Get("Range"), query.Get("partNumber")
	if m := scope.FindStringSubmatch(r.Header.Get("Authorization")); m != nil {
		q.Region = m[2]
	}
	return q
}

// note keeps what became of the request.
func (x *exchange) note(status int, sent int64) {
	x.server.mu.Lock()
	defer x.server.mu.Unlock()
	if x.index < len(x.server.requests) {
		x.server.requests[x.index].Status = status
		x.server.requests[x.index].Bytes += sent
	}
}

// breakOff ends the request without more bytes: it stalls or is cut.
func (x *exchange) breakOff() {
	if x.fault.stall {
		select {
		case <-x.r.Context().Done():
		case <-x.server.closing:
		}
	}
	panic(http.ErrAbortHandler)
}

// mostSkew is how far a request's time may be off. (AWS, "Signature Version 4:
// request time", 2026-10.)
const mostSkew = 15 * time.Minute

func (x *exchange) skewed(now time.Time) bool {
	at, err := time.Parse("20060102T150405Z", x.r.Header.Get("X-Amz-Date"))
	return err == nil && now.Sub(at).Abs() > mostSkew
}

// allowed refuses what the bucket does not allow.
func (x *exchange) allowed() bool {
	x.server.mu.Lock()
	b := x.server.buckets[x.asked.Bucket]
	if b == nil {
		x.server.mu.Unlock()
		x.fail(http.StatusNotFound, "NoSuchBucket", "The specified bucket does not exist")
		return false
	}
	public, region, redirect, pays := b.public, b.region, b.redirect, b.requesterPays
	x.server.mu.Unlock()

	header := x.r.Header
	authorization := header.Get("Authorization")
	m := scope.FindStringSubmatch(authorization)
	owner := header.Get("X-Amz-Expected-Bucket-Owner")
	switch {
	case authorization == "" && !public,
		pays && header.Get("X-Amz-Request-Payer") != "requester",
		owner != "" && owner != Owner:
		x.fail(http.StatusForbidden, "AccessDenied", "Access Denied")
	case authorization != "" && m == nil:
		x.fail(http.StatusBadRequest, "AuthorizationHeaderMalformed", "The authorization header is malformed.")
	case m != nil && m[1] != AccessKey:
		x.fail(http.StatusForbidden, "InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records.")
	case m != nil && redirect != 0 && m[2] != region:
		x.sendOn(redirect, region, m[2])
	default:
		return true
	}
	return false
}

// sendOn answers a request that was signed for another region.
func (x *exchange) sendOn(status int, region, signed string) {
	x.w.Header().Set("X-Amz-Bucket-Region", region)
	switch status {
	case http.StatusBadRequest:
		x.fail(status, "AuthorizationHeaderMalformed",
			"The authorization header is malformed; the region '"+signed+"' is wrong; expecting '"+region+"'")
	case http.StatusTemporaryRedirect:
		x.w.Header().Set("Location", "https://"+x.asked.Bucket+".s3."+region+".amazonaws.com/"+x.asked.Key)
		x.fail(status, "TemporaryRedirect", "Please re-send this request to the specified temporary endpoint.")
	default:
		x.fail(status, "PermanentRedirect",
			"The bucket you are attempting to access must be addressed using the specified endpoint.")
	}
}

// fail answers with S3's error; to HEAD with its status alone.
func (x *exchange) fail(status int, code, message string) {
	type s3Error struct {
		XMLName   xml.Name `xml:"Error"`
		Code      string
		Message   string
		RequestID string `xml:"RequestId"`
	}
	text, err := xml.Marshal(s3Error{Code: code, Message: message, RequestID: x.w.Header().Get("X-Amz-Request-Id")})
	if err != nil {
		panic("BUG: an error of S3 is no XML: " + err.Error())
	}
	x.fault = Fault{} // a refusal is sent whole
	x.w.Header().Set("Content-Type", "application/xml")
	x.send(status, append([]byte(xml.Header), text...), 0)
}

// send answers with a body that begins at a byte of the object, and breaks off
// where the fault wants it.
func (x *exchange) send(status int, body []byte, from int64) {
	x.w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	if x.r.Method == http.MethodHead {
		x.w.WriteHeader(status)
		x.note(status, 0)
		return
	}
	f := x.fault
	if f.flip && f.after >= from && f.after < from+int64(len(body)) {
		body = slices.Clone(body)
		body[f.after-from] ^= 0x01
	}
	x.w.WriteHeader(status)
	if !f.body || f.flip {
		x.write(status, body)
		return
	}
	before := min(f.after, int64(len(body)))
	x.write(status, body[:before])
	if f.do != nil {
		f.do()
	}
	if f.cut || f.stall {
		x.breakOff()
	}
	x.write(status, body[before:])
}

func (x *exchange) write(status int, body []byte) {
	n, _ := x.w.Write(body) // a client that has gone is the test's affair
	x.note(status, int64(n))
	if flusher, ok := x.w.(http.Flusher); ok {
		flusher.Flush()
	}
}

func (x *exchange) list() {
	type content struct {
		Key          string
		LastModified string
		ETag         string
		Size         int
		StorageClass string
	}
	type result struct {
		XMLName               xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ ListBucketResult"`
		Name, Prefix          string
		KeyCount, MaxKeys     int
		EncodingType          string `xml:",omitempty"`
		IsTruncated           bool
		NextContinuationToken string `xml:",omitempty"`
		Contents              []content
	}
	query := x.r.URL.Query()
	encode := func(key string) string { return key }
	out := result{Name: x.asked.Bucket, EncodingType: query.Get("encoding-type")}
	if out.EncodingType == "url" {
		encode = func(key string) string { return strings.ReplaceAll(url.QueryEscape(key), "%2F", "/") }
	}
	out.Prefix = encode(x.asked.Key)
	x.server.mu.Lock()
	out.MaxKeys = x.server.pageSize
	objects := maps.Clone(x.server.buckets[x.asked.Bucket].objects)
	x.server.mu.Unlock()
	if most, err := strconv.Atoi(query.Get("max-keys")); err == nil && most < out.MaxKeys {
		out.MaxKeys = most
	}
	after := query.Get("continuation-token")
	for _, key := range slices.Sorted(maps.Keys(objects)) {
		if !strings.HasPrefix(key, x.asked.Key) || after != "" && key <= after {
			continue
		}
		if out.KeyCount == out.MaxKeys {
			out.IsTruncated = true
			break
		}
		o := objects[key]
		class := o.class
		if class == "" {
			class = "STANDARD"
		}
		out.Contents = append(out.Contents, content{
			Key: encode(key), LastModified: o.modified.Format("2006-01-02T15:04:05.000Z"),
			ETag: `"` + o.etag + `"`, Size: len(o.body), StorageClass: class,
		})
		out.KeyCount++
		out.NextContinuationToken = key
	}
	if !out.IsTruncated {
		out.NextContinuationToken = ""
	}
	text, err := xml.Marshal(out)
	if err != nil {
		panic("BUG: a listing is no XML: " + err.Error())
	}
	x.w.Header().Set("Content-Type", "application/xml")
	x.send(http.StatusOK, append([]byte(xml.Header), text...), 0)
}

// object answers GET and HEAD.
func (x *exchange) object() {
	x.server.mu.Lock()
	o, ok := x.server.buckets[x.asked.Bucket].objects[x.asked.Key]
	x.server.mu.Unlock()
	want := strings.Trim(x.r.Header.Get("If-Match"), `"`)
	switch {
	case !ok:
		x.fail(http.StatusNotFound, "NoSuchKey", "The specified key does not exist.")
		return
	case want != "" && want != o.etag:
		x.fail(http.StatusPreconditionFailed, "PreconditionFailed", "At least one of the pre-conditions you specified did not hold")
		return
	case x.asked.Op == Get && (o.class == "GLACIER" || o.class == "DEEP_ARCHIVE"):
		x.fail(http.StatusForbidden, "InvalidObjectState", "The operation is not valid for the object's storage class")
		return
	}
	from, to, ok := x.extent(o)
	if !ok {
		x.fail(http.StatusRequestedRangeNotSatisfiable, "InvalidRange", "The requested range is not satisfiable")
		return
	}
	header := x.w.Header()
	maps.Copy(header, o.headers)
	header.Set("ETag", `"`+o.etag+`"`)
	header.Set("Last-Modified", o.modified.Format(http.TimeFormat))
	header.Set("Accept-Ranges", "bytes")
	if header.Get("Content-Type") == "" {
		header.Set("Content-Type", "binary/octet-stream")
	}
	status := http.StatusOK
	if x.asked.Range != "" || x.asked.Part != "" {
		status = http.StatusPartialContent
		size := strconv.Itoa(len(o.body))
		header.Set("Content-Range", "bytes "+strconv.FormatInt(from, 10)+"-"+strconv.FormatInt(to-1, 10)+"/"+size)
	} else if x.r.Header.Get("X-Amz-Checksum-Mode") == "ENABLED" {
		maps.Copy(header, o.sums)
	}
	x.send(status, o.body[from:to], from)
}

// extent is what of the object is asked for, [from, to).
func (x *exchange) extent(o object) (from, to int64, ok bool) {
	size := int64(len(o.body))
	if x.asked.Part != "" {
		part, err := strconv.Atoi(x.asked.Part)
		if o.parts == nil {
			return 0, size, err == nil && part == 1
		}
		if err != nil || part < 1 || part > len(o.parts) {
			return 0, 0, false
		}
		x.w.Header().Set("X-Amz-Mp-Parts-Count", strconv.Itoa(len(o.parts)))
		for _, n := range o.parts[:part-1] {
			from += n
		}
		return from, from + o.parts[part-1], true
	}
	if x.asked.Range == "" {
		return 0, size, true
	}
	first, last, found := strings.Cut(strings.TrimPrefix(x.asked.Range, "bytes="), "-")
	from, err := strconv.ParseInt(first, 10, 64)
	if !found || err != nil || from >= size {
		return 0, 0, false
	}
	to = size
	if n, err := strconv.ParseInt(last, 10, 64); err == nil {
		to = min(size, n+1)
	}
	return from, to, to > from
}
