package blobtest

import "slices"

// Request is one request as the server saw it.
type Request struct {
	Op     Op
	Bucket string
	Key    string // of a listing the prefix
	Range  string // the header, bytes=n-; empty for the whole
	Part   string // partNumber
	Region string // for which it was signed; empty when it was not
	Status int    // of the answer; 0 when there was none
	Bytes  int64  // of the answer's body that were sent
}

// Count is how often something was asked for, and how many bytes of bodies were
// sent.
type Count struct {
	Requests int
	Bytes    int64
}

// Counts are requests to count.
type Counts struct{ requests []Request }

// Of counts the requests that match.
func (c Counts) Of(on On) Count {
	var n Count
	for _, r := range c.requests {
		if on.matches(r) {
			n.Requests++
			n.Bytes += r.Bytes
		}
	}
	return n
}

// Counts returns what was asked for since the start or the last ResetCounts. A
// request counts from when it came in; its bytes are there when it has ended.
func (s *Server) Counts() Counts { return Counts{s.Requests()} }

// Requests returns the requests in the order in which they came in.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.requests)
}

// ResetCounts forgets the requests so far. None may be under way.
func (s *Server) ResetCounts() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = nil
}
