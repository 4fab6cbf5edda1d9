package sigv4

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// Request is what a signature covers, as it was sent.
type Request struct {
	Method string
	Path   string // before the question mark, escapes untouched
	Query  string // after it, escapes untouched
	Host   string
	Header http.Header
	// Length is the body's length as the header told it; negative if it did not.
	Length int64
	Body   []byte
}

// FromHTTP returns the request that a server received. The body has been read
// from it, whole.
func FromHTTP(r *http.Request, body []byte) *Request {
	path, query := r.URL.EscapedPath(), r.URL.RawQuery
	if strings.HasPrefix(r.RequestURI, "/") {
		path, query, _ = strings.Cut(r.RequestURI, "?")
	}
	return &Request{Method: r.Method, Path: path, Query: query, Host: r.Host, Header: r.Header, Length: r.ContentLength, Body: body}
}

// values returns the values of a header, by its name in lower case, as they
// were sent; the server takes some of them out of the map.
func (r *Request) values(name string) []string {
	switch name {
	case "host":
		return []string{r.Host}
	case "content-length":
		if all := r.Header.Values(name); len(all) > 0 {
			return all
		}
		if r.Length >= 0 {
			return []string{strconv.FormatInt(r.Length, 10)}
		}
		return nil
	}
	return r.Header.Values(name)
}

// A Pair is a name and a value of a query string or a form.
type Pair struct{ Name, Value string }

// maxPairs bounds a query string. Bodies have bounds of their own.
const maxPairs = 10_000

// ParsePairs splits a query string or a form body: pairs at each &, name from
// value at the first =, + for a blank, %XX for a byte. Empty pairs count for
// nothing. More than limit of them, or an escape that is none, is a fault.
func ParsePairs(text string, limit int) ([]Pair, error) {
	if text == "" {
		return nil, nil
	}
	if strings.Count(text, "&") >= limit {
		return nil, refuse(MalformedQueryString, "The query string has more than %d parameters.", limit)
	}
	pairs := make([]Pair, 0, 1+strings.Count(text, "&"))
	for part := range strings.SplitSeq(text, "&") {
		if part == "" {
			continue
		}
		name, value, _ := strings.Cut(part, "=")
		n, err := url.QueryUnescape(name)
		if err != nil {
			return nil, refuse(MalformedQueryString, "The query string contains a syntax error.")
		}
		v, err := url.QueryUnescape(value)
		if err != nil {
			return nil, refuse(MalformedQueryString, "The query string contains a syntax error.")
		}
		pairs = append(pairs, Pair{n, v})
	}
	return pairs, nil
}
