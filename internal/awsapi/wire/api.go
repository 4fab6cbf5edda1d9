package wire

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"runtime/debug"
	"strings"

	"showback"
	"showback/internal/awsapi/sigv4"
)

// MaxBody is how many bytes a request's body may have. The largest that these
// services need, a role with its trust policy and fifty tags, has about 40,000.
const MaxBody = 1 << 20

// API answers the requests of AWS's clients. It is an http.Handler whose
// methods may be called at once.
type API struct {
	verifier *sigv4.Verifier
	services []*Service
	// Done is called after each answer, if it is set: for logs and metrics.
	Done func(ctx context.Context, o Outcome)
	// Slow waits before a wrong signature is answered, if it is set, until the
	// context ends at most. Each sender of such then costs no more than one look
	// at a key in that time, whatever the signatures.
	Slow func(ctx context.Context)
}

// Outcome is how a request ended. None of it is a secret, and Service and
// Operation are names of ours, never a client's.
type Outcome struct {
	Service, Operation string // empty where there is none of the name
	Caller             Caller // its Owner is empty where the signature was refused
	Status             int
	Code               string // of the error; empty where there is none
	Err                error  // what a refusal was made of
}

// New returns an API of services, whose operations are registered.
func New(v *sigv4.Verifier, services ...*Service) *API {
	return &API{verifier: v, services: services}
}

func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	x := &exchange{api: a, http: r, id: newRequestID()}
	x.serve(w)
	if a.Done != nil {
		a.Done(r.Context(), x.outcome)
	}
}

// exchange is a request under way.
type exchange struct {
	api     *API
	http    *http.Request
	id      string
	signed  *sigv4.Request
	route   route
	outcome Outcome
}

func (x *exchange) serve(w http.ResponseWriter) {
	defer func() {
		if p := recover(); p != nil {
			if err, ok := p.(error); ok && errors.Is(err, http.ErrAbortHandler) {
				panic(p)
			}
			x.fail(w, showback.Errorf(showback.KindInternal, "answer request: panic: %v\n%s", p, debug.Stack()))
		}
	}()
	out, err := x.run(w)
	if err != nil {
		x.fail(w, err)
		return
	}
	x.answer(w, out)
}

// run does all that comes before the answer. Nothing is read of a request that
// does not even claim to be signed.
func (x *exchange) run(w http.ResponseWriter) (any, error) {
	x.signed = sigv4.FromHTTP(x.http, nil)
	inQuery, _ := parameters(x.signed) // what is wrong with them is said when they are read
	x.route = x.api.find(x.signed, inQuery)
	if !sigv4.IsSigned(x.signed) {
		return nil, sigv4.Unsigned()
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, x.http.Body, MaxBody))
	if err != nil {
		var tooLarge *http.MaxBytesError
		if errors.As(err, &tooLarge) {
			return nil, &Error{Code: "RequestEntityTooLarge", Message: fmt.Sprintf("The request is larger than %d bytes.", MaxBody)}
		}
		return nil, &Error{Code: "RequestTimeout", Message: "The request could not be read.", Err: err}
	}
	x.signed.Body = body
	params, err := parameters(x.signed)
	if err != nil {
		return nil, err
	}
	x.route = x.api.find(x.signed, params)
	if err := x.authenticate(); err != nil {
		var refusal *sigv4.Error
		if x.api.Slow != nil && errors.As(err, &refusal) {
			x.api.Slow(x.http.Context())
		}
		return nil, err
	}
	op, err := x.operation()
	if err != nil {
		return nil, err
	}
	in := reflect.New(op.in).Elem()
	if x.route.service.Protocol == Query {
		err = x.readForm(params, in)
	} else {
		err = decodeJSON(body, in)
	}
	if err != nil {
		return nil, err
	}
	return op.call(x.http.Context(), x.outcome.Caller, in)
}

func (x *exchange) readForm(params []sigv4.Pair, in reflect.Value) error {
	root, err := form(params)
	if err != nil {
		return err
	}
	return decodeQuery(root, in)
}

// authenticate has the signature verified, scoped to the service that the rest
// of the request names.
func (x *exchange) authenticate() error {
	rule := sigv4.Rule{}
	if s := x.route.service; s.known() {
		x.outcome.Service = s.Name
		rule = sigv4.Rule{Service: s.Name, Regions: s.Regions}
	}
	signed, err := x.api.verifier.Verify(x.http.Context(), x.signed, rule)
	if err != nil {
		return err
	}
	x.outcome.Caller = Caller{
		Owner: signed.Key.Owner, AccessKeyID: signed.KeyID, Region: signed.Scope.Region,
		SourceIP: sourceIP(x.http.RemoteAddr), UserAgent: x.http.UserAgent(), RequestID: x.id,
	}
	return nil
}

func (x *exchange) operation() (operation, error) {
	if encoding := x.http.Header.Get("Content-Encoding"); encoding != "" && !strings.EqualFold(encoding, "identity") {
		return operation{}, &Error{Code: "UnsupportedMediaType", Message: "The body of a request must not be encoded."}
	}
	op, ok := x.route.service.operations[x.route.operation]
	if !ok || x.route.wrong {
		return operation{}, x.route.unknown()
	}
	x.outcome.Operation = x.route.operation
	return op, nil
}

// sourceIP is the address without its port; the address of IPv6 stands in
// brackets before it.
func sourceIP(address string) string {
	if i := strings.LastIndexByte(address, ':'); i >= 0 {
		address = address[:i]
	}
	return strings.Trim(address, "[]")
}

// newRequestID returns an id in the form of AWS's, a UUID of version 4.
func newRequestID() string {
	var b [16]byte
	rand.Read(b[:])
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
