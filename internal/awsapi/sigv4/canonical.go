package sigv4

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
)

const (
	algorithm  = "AWS4-HMAC-SHA256"
	terminator = "aws4_request"
)

// canonicalRequest returns the form in which both sides write the request down
// before they sign it. The body's digest is worked out here, never taken from
// the request.
func canonicalRequest(r *Request, pairs []Pair, signed []string, presigned bool) string {
	var b strings.Builder
	b.WriteString(r.Method)
	b.WriteByte('\n')
	b.WriteString(canonicalPath(r.Path))
	b.WriteByte('\n')
	b.WriteString(canonicalQuery(pairs, presigned))
	b.WriteByte('\n')
	for _, name := range signed {
		b.WriteString(name)
		b.WriteByte(':')
		b.WriteString(canonicalValue(r.values(name)))
		b.WriteByte('\n')
	}
	b.WriteByte('\n')
	b.WriteString(strings.Join(signed, ";"))
	b.WriteByte('\n')
	b.WriteString(bodyHash(r.Body))
	return b.String()
}

// canonicalPath takes dot segments and empty ones out of the path and escapes
// what is left once more: all services but S3 sign the escaped path escaped
// again.
func canonicalPath(path string) string {
	kept := []string{}
	parts := strings.Split(path, "/")
	for _, part := range parts {
		switch part {
		case "", ".":
		case "..":
			if len(kept) > 0 {
				kept = kept[:len(kept)-1]
			}
		default:
			kept = append(kept, part)
		}
	}
	if len(kept) == 0 {
		return "/"
	}
	clean := "/" + strings.Join(kept, "/")
	switch parts[len(parts)-1] {
	case "", ".", "..":
		clean += "/"
	}
	return escape(clean, '/')
}

// canonicalQuery sorts the parameters by name and value, each escaped. The
// signature itself is not of what is signed.
func canonicalQuery(pairs []Pair, presigned bool) string {
	escaped := make([]Pair, 0, len(pairs))
	for _, p := range pairs {
		if presigned && p.Name == "X-Amz-Signature" {
			continue
		}
		escaped = append(escaped, Pair{escape(p.Name, 0), escape(p.Value, 0)})
	}
	slices.SortFunc(escaped, func(a, b Pair) int {
		if c := strings.Compare(a.Name, b.Name); c != 0 {
			return c
		}
		return strings.Compare(a.Value, b.Value)
	})
	var b strings.Builder
	for i, p := range escaped {
		if i > 0 {
			b.WriteByte('&')
		}
		b.WriteString(p.Name)
		b.WriteByte('=')
		b.WriteString(p.Value)
	}
	return b.String()
}

// canonicalValue joins the values of a header by commas, each without blanks
// around it and with one blank for several within.
func canonicalValue(values []string) string {
	clean := make([]string, len(values))
	for i, v := range values {
		clean[i] = strings.Join(strings.FieldsFunc(v, func(c rune) bool {
			return c == ' ' || c == '\t' || c == '\r' || c == '\n'
		}), " ")
	}
	return strings.Join(clean, ",")
}

const upperHex = "0123456789ABCDEF"

// escape writes each byte as %XX but for letters, digits, - . _ ~ and keep.
func escape(text string, keep byte) string {
	plain := func(c byte) bool {
		return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' ||
			c == '-' || c == '.' || c == '_' || c == '~' || keep != 0 && c == keep
	}
	n := 0
	for i := range len(text) {
		if !plain(text[i]) {
			n++
		}
	}
	if n == 0 {
		return text
	}
	b := make([]byte, 0, len(text)+2*n)
	for i := range len(text) {
		if c := text[i]; plain(c) {
			b = append(b, c)
		} else {
			b = append(b, '%', upperHex[c>>4], upperHex[c&15])
		}
	}
	return string(b)
}

// stringToSign returns what the signature is made of.
func stringToSign(at string, s Scope, canonical string) string {
	sum := sha256.Sum256([]byte(canonical))
	return algorithm + "\n" + at + "\n" + s.String() + "\n" + hex.EncodeToString(sum[:])
}

// signature returns the signature in lower-case hexadecimal.
func signature(secret string, s Scope, text string) string {
	key := digest([]byte("AWS4"+secret), s.Date)
	for _, part := range []string{s.Region, s.Service, terminator} {
		key = digest(key, part)
	}
	return hex.EncodeToString(digest(key, text))
}

func digest(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(text))
	return h.Sum(nil)
}

func bodyHash(body []byte) string {
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:])
}
