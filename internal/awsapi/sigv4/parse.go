package sigv4

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Scope is what a signature is good for.
type Scope struct {
	Date    string // YYYYMMDD
	Region  string
	Service string
}

func (s Scope) String() string {
	return s.Date + "/" + s.Region + "/" + s.Service + "/" + terminator
}

// claim is what a request says of its signature. Nothing of it is checked but
// its form.
type claim struct {
	presigned bool
	algorithm string
	keyID     string
	scope     Scope
	last      string // the scope's last element
	signed    []string
	signature string
	at        time.Time
	atText    string // the time in its form in a signature
	lasts     time.Duration
	token     string
}

// maxAuthorization bounds the header, maxSigned the headers that it names.
const (
	maxAuthorization = 8 << 10
	maxSigned        = 100
)

// ClaimedScope returns the scope that a request claims, so that it can be told
// for which service it is meant. Nothing is verified.
func ClaimedScope(r *Request) (Scope, bool) {
	credential := ""
	if values := r.Header.Values("Authorization"); len(values) > 0 {
		fields, _ := authorizationFields(values[0])
		credential = fields["Credential"]
	} else if pairs, err := ParsePairs(r.Query, maxPairs); err == nil {
		if i := slices.IndexFunc(pairs, func(p Pair) bool { return p.Name == "X-Amz-Credential" }); i >= 0 {
			credential = pairs[i].Value
		}
	}
	_, s, _, ok := splitCredential(credential)
	return s, ok
}

// IsSigned reports whether a request claims to be signed, in whatever way.
func IsSigned(r *Request) bool {
	if strings.HasPrefix(r.Header.Get("Authorization"), "AWS4-") {
		return true
	}
	pairs, err := ParsePairs(r.Query, maxPairs)
	return err == nil && slices.ContainsFunc(pairs, ofSignature)
}

// ofSignature reports whether a parameter makes a request one that is signed in
// its query string.
func ofSignature(p Pair) bool { return p.Name == "X-Amz-Algorithm" || p.Name == "X-Amz-Signature" }

// splitCredential takes KEY/DATE/REGION/SERVICE/aws4_request apart.
func splitCredential(text string) (id string, s Scope, last string, ok bool) {
	p := strings.Split(strings.TrimRight(text, "/"), "/")
	if len(p) != 5 {
		return "", Scope{}, "", false
	}
	return p[0], Scope{p[1], p[2], p[3]}, p[4], true
}

// authorizationFields splits an Authorization header. AWS takes commas, blanks
// or both between its parts.
func authorizationFields(header string) (map[string]string, error) {
	fields := map[string]string{}
	words := strings.FieldsFunc(header, func(c rune) bool { return c == ',' || c == ' ' || c == '\t' })
	if len(words) == 0 {
		return fields, nil
	}
	for _, word := range words[1:] {
		name, value, ok := strings.Cut(word, "=")
		if !ok {
			return fields, refuse(IncompleteSignature,
				"Invalid key=value pair (missing equal-sign) in Authorization header %s.", digested(header))
		}
		if _, twice := fields[name]; twice {
			return fields, refuse(IncompleteSignature, "Authorization header has '%s' more than once. %s", clip(name), digested(header))
		}
		fields[name] = value
	}
	return fields, nil
}

// parse reads what a request says of its signature.
func parse(r *Request, pairs []Pair) (claim, error) {
	auth := r.Header.Values("Authorization")
	inQuery := slices.ContainsFunc(pairs, ofSignature)
	switch {
	case len(auth) > 0 && inQuery:
		return claim{}, refuse(SignatureDoesNotMatch,
			"Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header.")
	case inQuery:
		return parseQuery(r, pairs)
	case len(auth) == 1 && strings.HasPrefix(auth[0], "AWS4-"):
		return parseHeader(r, auth[0])
	case len(auth) > 1:
		return claim{}, refuse(IncompleteSignature, "The request has %d Authorization headers.", len(auth))
	}
	return claim{}, Unsigned()
}

func parseHeader(r *Request, header string) (c claim, err error) {
	if len(header) > maxAuthorization {
		return c, refuse(IncompleteSignature, "Authorization header is longer than %d bytes.", maxAuthorization)
	}
	fields, err := authorizationFields(header)
	if err != nil {
		return c, err
	}
	c.algorithm, _, _ = strings.Cut(header, " ")
	var lacks strings.Builder
	for _, name := range []string{"Credential", "Signature", "SignedHeaders"} {
		if fields[name] == "" {
			lacks.WriteString("Authorization header requires '" + name + "' parameter. ")
		}
	}
	dateHeader := "X-Amz-Date"
	if r.Header.Get(dateHeader) == "" {
		dateHeader = "Date"
	}
	date := r.Header.Values(dateHeader)
	if len(date) == 0 || date[0] == "" {
		lacks.WriteString("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. ")
	}
	if lacks.Len() > 0 {
		return c, refuse(IncompleteSignature, "%s%s", lacks.String(), digested(header))
	}
	if err := once(r.Header, dateHeader, "X-Amz-Security-Token"); err != nil {
		return c, err
	}
	if err := c.setTime(date[0], dateHeader == "Date"); err != nil {
		return c, err
	}
	if err := c.setSigned(fields["SignedHeaders"]); err != nil {
		return c, err
	}
	if !slices.Contains(c.signed, strings.ToLower(dateHeader)) {
		return c, unsigned(dateHeader)
	}
	c.signature, c.token = fields["Signature"], r.Header.Get("X-Amz-Security-Token")
	return c, c.setCredential(fields["Credential"])
}

func parseQuery(r *Request, pairs []Pair) (c claim, err error) {
	fields := map[string]string{}
	for _, p := range pairs {
		if !strings.HasPrefix(p.Name, "X-Amz-") {
			continue
		}
		if _, twice := fields[p.Name]; twice {
			return c, refuse(IncompleteSignature, "AWS query-string parameters have '%s' more than once. Re-examine the query-string parameters.", clip(p.Name))
		}
		fields[p.Name] = p.Value
	}
	var lacks strings.Builder
	for _, name := range []string{"X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Signature", "X-Amz-SignedHeaders", "X-Amz-Date"} {
		if fields[name] == "" {
			lacks.WriteString("AWS query-string parameters must include '" + name + "'. ")
		}
	}
	if lacks.Len() > 0 {
		return c, refuse(IncompleteSignature, "%sRe-examine the query-string parameters.", lacks.String())
	}
	if len(r.Header.Values("X-Amz-Security-Token")) > 0 {
		return c, refuse(IncompleteSignature, "Found 'X-Amz-Security-Token' as HTTP header of a request that is signed in the query string.")
	}
	c.presigned, c.algorithm, c.lasts = true, fields["X-Amz-Algorithm"], Skew
	if text, ok := fields["X-Amz-Expires"]; ok {
		seconds, err := strconv.ParseUint(text, 10, 32)
		if err != nil || seconds < 1 || time.Duration(seconds)*time.Second > maxPresigned {
			return c, refuse(IncompleteSignature, "X-Amz-Expires must be a number between 1 and %d.", maxPresigned/time.Second)
		}
		c.lasts = time.Duration(seconds) * time.Second
	}
	if err := c.setTime(fields["X-Amz-Date"], false); err != nil {
		return c, err
	}
	if err := c.setSigned(fields["X-Amz-SignedHeaders"]); err != nil {
		return c, err
	}
	c.signature, c.token = fields["X-Amz-Signature"], fields["X-Amz-Security-Token"]
	return c, c.setCredential(fields["X-Amz-Credential"])
}

// setTime reads the time of signing; a Date header may be in the form of HTTP.
func (c *claim) setTime(text string, plain bool) error {
	at, err := time.Parse(stamp, text)
	if err != nil && plain {
		at, err = http.ParseTime(text)
	}
	if err != nil {
		return refuse(IncompleteSignature, "Date must be in ISO-8601 'basic format'. Got '%s'. See http://en.wikipedia.org/wiki/ISO_8601", clip(text))
	}
	c.at = at.UTC()
	c.atText = c.at.Format(stamp)
	return nil
}

// setSigned reads the names of the signed headers: lower case, sorted, each
// once, as every signer writes them. Any other list could be read in two ways.
func (c *claim) setSigned(text string) error {
	c.signed = strings.Split(text, ";")
	if len(c.signed) > maxSigned {
		return refuse(IncompleteSignature, "More than %d signed headers.", maxSigned)
	}
	for i, name := range c.signed {
		if !isHeaderName(name) || i > 0 && c.signed[i-1] >= name {
			return refuse(IncompleteSignature, "SignedHeaders must be names of headers in lower case, sorted, each once.")
		}
	}
	return nil
}

func isHeaderName(name string) bool {
	if name == "" {
		return false
	}
	for i := range len(name) {
		c := name[i]
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && !strings.ContainsRune("!#$%&'*+-.^_`|~", rune(c)) {
			return false
		}
	}
	return true
}

func (c *claim) setCredential(text string) error {
	var ok bool
	if c.keyID, c.scope, c.last, ok = splitCredential(text); !ok {
		return refuse(IncompleteSignature,
			"Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '%s'", clip(text))
	}
	return nil
}

// once refuses a header that comes more than once and is read only once.
func once(h http.Header, names ...string) error {
	for _, name := range names {
		if len(h.Values(name)) > 1 {
			return refuse(IncompleteSignature, "The request has more than one '%s' header.", name)
		}
	}
	return nil
}
