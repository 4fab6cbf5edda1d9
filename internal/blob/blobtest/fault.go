package blobtest

import "net/http"

// Op is an operation of S3.
type Op string

// The operations that the server knows.
const (
	List Op = "ListObjectsV2"
	Get  Op = "GetObject"
	Head Op = "HeadObject"
)

// On says which requests are meant: of an operation, a bucket, a key, each any
// when it is empty. The key of a listing is its prefix.
type On struct {
	Op     Op
	Bucket string
	Key    string
}

func (on On) matches(r Request) bool {
	return (on.Op == "" || on.Op == r.Op) && (on.Bucket == "" || on.Bucket == r.Bucket) && (on.Key == "" || on.Key == r.Key)
}

// Always is as many times as it takes.
const Always = -1

// Fault is one way in which an answer fails. Functions below make them.
type Fault struct {
	status        int
	code, message string
	headers       http.Header

	body  bool  // the fault is in the body of a good answer
	after int64 // bytes of the body that are sent before it
	do    func()
	cut   bool
	stall bool
	flip  bool // the byte of the object at after is wrong
	early bool // before anything is sent
}

type planned struct {
	on    On
	times int
	fault Fault
}

// Fail has the next requests that match fail: so many of them, or Always. Of
// several faults that match, the one that was planned first comes first.
func (s *Server) Fail(on On, times int, f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, &planned{on, times, f})
}

// Heal takes all faults back.
func (s *Server) Heal() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
}

// planned returns the fault of a request and takes it from the plan; the zero
// Fault is none. s.mu is held.
func (s *Server) planned(r Request) Fault {
	for _, p := range s.faults {
		if p.times == 0 || !p.on.matches(r) {
			continue
		}
		if p.times > 0 {
			p.times--
		}
		return p.fault
	}
	return Fault{}
}

// Status answers with a status and S3's error in XML.
func Status(status int, code, message string) Fault {
	return Fault{status: status, code: code, message: message, headers: http.Header{}}
}

// With adds a header to the answer of Status.
func (f Fault) With(name, value string) Fault {
	f.headers = f.headers.Clone()
	f.headers.Set(name, value)
	return f
}

// AccessDenied is the 403 of a policy.
func AccessDenied() Fault { return Status(http.StatusForbidden, "AccessDenied", "Access Denied") }

// SlowDown is the 503 of a server that is asked too often.
func SlowDown() Fault {
	return Status(http.StatusServiceUnavailable, "SlowDown", "Please reduce your request rate.")
}

// InternalError is the 500 that S3 asks to try again after.
func InternalError() Fault {
	return Status(http.StatusInternalServerError, "InternalError", "We encountered an internal error. Please try again.")
}

// Cut ends the connection when so many bytes of the body are sent.
func Cut(after int64) Fault { return Fault{body: true, after: after, cut: true} }

// HangUp ends the connection without an answer.
func HangUp() Fault { return Fault{early: true, cut: true} }

// Stall sends so many bytes of the body and then none, until the client ends the
// request or the test is over.
func Stall(after int64) Fault { return Fault{body: true, after: after, stall: true} }

// Silence takes the request and answers nothing at all.
func Silence() Fault { return Fault{early: true, stall: true} }

// Flip has a good answer whose byte at an offset of the object is wrong.
func Flip(at int64) Fault { return Fault{body: true, after: at, flip: true} }

// Do calls do when so many bytes of the body are sent, and sends the rest of what
// the object was before. It is how an object is replaced during a read; do may
// call the server's methods.
func Do(after int64, do func()) Fault { return Fault{body: true, after: after, do: do} }

// DoAndCut is Do, and the connection ends then.
func DoAndCut(after int64, do func()) Fault {
	return Fault{body: true, after: after, do: do, cut: true}
}
