package wire

import (
	"context"
	"fmt"
	"reflect"

	"showback/internal/awsapi/sigv4"
)

// Protocol is how a service reads requests and writes answers.
type Protocol int

// The protocols that operations can have.
const (
	Query  Protocol = iota + 1 // forms in, XML out
	JSON11                     // application/x-amz-json-1.1
	JSON10                     // application/x-amz-json-1.0
)

// Service is a service of AWS as this server has it.
type Service struct {
	// Name is what signatures for the service are scoped to: iam, ce, …
	Name     string
	Protocol Protocol
	// Target is what stands before the operation in X-Amz-Target (JSON).
	Target string
	// Version is the version of the API that requests name (Query).
	Version string
	// Namespace is that of answers (Query).
	Namespace string
	// Regions are those that signatures may be scoped to; none for any. Behind an
	// endpoint of their user's, clients sign global services for whatever region
	// they are set to, so that a list here refuses good clients.
	Regions []string
	// Statuses are the HTTP statuses of error codes, where they are not 400, or
	// what Error says.
	Statuses map[string]int

	operations map[string]operation
}

// Caller is who sent a request, and how.
type Caller struct {
	sigv4.Owner
	AccessKeyID string
	Region      string // that the signature is scoped to
	SourceIP    string
	UserAgent   string
	RequestID   string
}

// operation is one with its types known at run time only.
type operation struct {
	in   reflect.Type
	call func(ctx context.Context, by Caller, in reflect.Value) (any, error)
}

// Handle registers an operation. In is a struct; Out is a struct or a pointer to
// one. An error of f is written with its own code and message where it has them
// (Error, or methods ErrorCode and ErrorMessage as errors of AWS's SDK have
// them), else by its showback.Kind. Handle panics on types that no protocol has,
// and on a name that is taken.
func Handle[In, Out any](s *Service, name string, f func(ctx context.Context, by Caller, in In) (Out, error)) {
	in, out := reflect.TypeFor[In](), reflect.TypeFor[Out]()
	for _, t := range []reflect.Type{in, out} {
		if err := checkShape(t); err != nil {
			panic(fmt.Sprintf("register %s of %s: %v", name, s.Name, err))
		}
	}
	if in.Kind() != reflect.Struct {
		panic(fmt.Sprintf("register %s of %s: %v is no struct", name, s.Name, in))
	}
	s.register(name, operation{in: in, call: func(ctx context.Context, by Caller, v reflect.Value) (any, error) {
		return f(ctx, by, v.Interface().(In))
	}})
}

func (s *Service) register(name string, op operation) {
	if _, taken := s.operations[name]; taken {
		panic(fmt.Sprintf("register %s of %s: there is one already", name, s.Name))
	}
	if s.operations == nil {
		s.operations = map[string]operation{}
	}
	s.operations[name] = op
}

// Plain makes an operation of a function that does not ask who calls.
func Plain[In, Out any](f func(context.Context, *In) (*Out, error)) func(context.Context, Caller, In) (*Out, error) {
	return func(ctx context.Context, _ Caller, in In) (*Out, error) { return f(ctx, &in) }
}
