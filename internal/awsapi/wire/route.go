package wire

import (
	"mime"
	"net/http"
	"strings"

	"showback/internal/awsapi/sigv4"
)

// route is where a request goes.
type route struct {
	service   *Service // never nil; one without operations where we have none
	operation string
	// wrong is set where the operation may be there, but not as asked for: at
	// another path, by another method, of another version.
	wrong   bool
	version string
	form    shape
}

// shape is how an error is written.
type shape int

const (
	asJSON   shape = iota // __type and message
	asQuery               // ErrorResponse
	asREST                // JSON, the code in a header
	asXML                 // a bare Error, as Amazon S3 has it
	asEC2                 // Response, Errors
	asCBOR                // as JSON, in CBOR
	asJSON10              // as JSON, of version 1.0
)

func (s *Service) known() bool { return s.operations != nil }

func (s *Service) shape() shape {
	switch s.Protocol {
	case Query:
		return asQuery
	case JSON10:
		return asJSON10
	}
	return asJSON
}

// find tells which service and operation a request is for. X-Amz-Target says it
// for services of JSON, Action and Version for those of forms; the credential
// scope decides where they leave it open. Params are those of the query string
// and the form; nil before the body has been read.
//
// All of what it looks at is signed, or the request will be refused; the scope
// is then held against what it found.
func (a *API) find(r *sigv4.Request, params []sigv4.Pair) route {
	if target := r.Header.Get("X-Amz-Target"); target != "" {
		return a.findTarget(r, target)
	}
	if protocol := r.Header.Get("Smithy-Protocol"); protocol == "rpc-v2-cbor" {
		return route{service: &Service{}, form: asCBOR}
	}
	scope, scoped := sigv4.ClaimedScope(r)
	action, version := first(params, "Action"), first(params, "Version")
	if scoped {
		for _, s := range a.services {
			if s.Name != scope.Service {
				continue
			}
			if s.Protocol == Query && action != "" && !s.has(action) {
				if other := a.findAction(action, version); other != nil {
					s = other // signed for the wrong service, which the verifier says
				}
			}
			return s.routeTo(action, version, r)
		}
	}
	if s := a.findAction(action, version); s != nil {
		return s.routeTo(action, version, r)
	}
	return a.findNothing(r, scope, action, version)
}

func (s *Service) routeTo(action, version string, r *sigv4.Request) route {
	found := route{service: s, form: s.shape(), operation: action, version: version}
	if s.Protocol != Query {
		found.operation = "" // the target is missing
	}
	found.wrong = version != s.Version || r.Path != "/" || r.Method != http.MethodGet && r.Method != http.MethodPost
	return found
}

func (s *Service) has(operation string) bool {
	_, ok := s.operations[operation]
	return ok
}

func (a *API) findTarget(r *sigv4.Request, target string) route {
	i := strings.LastIndexByte(target, '.')
	prefix, operation := target[:max(i, 0)], target[i+1:]
	for _, s := range a.services {
		if s.Protocol != Query && s.Target == prefix {
			return route{service: s, form: s.shape(), operation: operation, wrong: r.Path != "/" || r.Method != http.MethodPost}
		}
	}
	found := route{service: &Service{}, form: asJSON}
	if strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-amz-json-1.0") {
		found.form = asJSON10
	}
	return found
}

func (a *API) findAction(action, version string) *Service {
	for _, s := range a.services {
		if s.Protocol == Query && s.Version == version && s.has(action) {
			return s
		}
	}
	return nil
}

// findNothing tells how to say no to a request for a service that is not here.
func (a *API) findNothing(r *sigv4.Request, scope sigv4.Scope, action, version string) route {
	none := route{service: &Service{}, form: asREST, operation: action, version: version}
	switch {
	case scope.Service == "ec2" || scope.Service == "autoscaling-ec2":
		none.form = asEC2
	case scope.Service == "s3" || scope.Service == "route53" || scope.Service == "cloudfront":
		none.form = asXML
	case strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-amz-json-1.0"):
		none.form = asJSON10
	case strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-amz-json"):
		none.form = asJSON
	case action != "" || version != "" || isForm(r.Header):
		none.service, none.form = &Service{Protocol: Query}, asQuery
	}
	return none
}

// unknown says that there is no such operation, as each protocol says it.
func (r route) unknown() *Error {
	switch r.form {
	case asQuery, asEC2:
		if r.operation == "" {
			return &Error{Code: "MissingAction", Message: "The request is missing an action or a required parameter."}
		}
		version := r.version
		if version == "" {
			version = "NO_VERSION_SPECIFIED"
		}
		return &Error{Code: "InvalidAction", Message: "Could not find operation " + clip(r.operation) + " for version " + clip(version)}
	case asXML:
		return &Error{Code: "NotImplemented", Message: "This server has no such service.", Status: http.StatusNotImplemented}
	case asREST, asCBOR:
		return &Error{Code: "UnknownOperationException", Message: "This server has no such operation.", Status: http.StatusNotFound}
	}
	return &Error{Code: "UnknownOperationException", Message: "This server has no such operation."}
}

func isForm(h http.Header) bool {
	kind, _, err := mime.ParseMediaType(h.Get("Content-Type"))
	return err == nil && kind == "application/x-www-form-urlencoded"
}

// parameters returns those of the query string, then those of a form.
func parameters(r *sigv4.Request) ([]sigv4.Pair, error) {
	params, err := sigv4.ParsePairs(r.Query, maxParameters)
	if err != nil {
		return nil, err
	}
	if r.Method != http.MethodPost || !isForm(r.Header) {
		return params, nil
	}
	more, err := sigv4.ParsePairs(string(r.Body), maxParameters)
	if err != nil {
		return nil, err
	}
	return append(params, more...), nil
}

// first returns the value of the first parameter of a name.
func first(params []sigv4.Pair, name string) string {
	for _, p := range params {
		if p.Name == name {
			return p.Value
		}
	}
	return ""
}

// clip keeps what a client sent from filling an answer.
func clip(text string) string {
	if len(text) > 128 {
		return strings.ToValidUTF8(text[:128], "") + "…"
	}
	return text
}
