package wire

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Checks gathers what is wrong with the parameters of a request, in the words in
// which AWS says it, all at once. The zero value is ready.
type Checks struct{ found []string }

// Pattern is a form of a text, as AWS's model writes it.
type Pattern struct {
	form *regexp.Regexp
	text string
}

// NewPattern returns a pattern. It panics on one that is no regular expression
// of Go's.
func NewPattern(text string) Pattern {
	return Pattern{regexp.MustCompile(`\A(?:` + text + `)\z`), text}
}

// Missing says that a parameter is not there; at names it as AWS does, its first
// letter small.
func (c *Checks) Missing(at string) {
	c.found = append(c.found, fmt.Sprintf("Value null at '%s' failed to satisfy constraint: Member must not be null", at))
}

func (c *Checks) add(value, at, constraint string) {
	c.found = append(c.found, fmt.Sprintf("Value '%s' at '%s' failed to satisfy constraint: %s", value, at, constraint))
}

// Text holds a text against bounds in characters, and a pattern where it is not
// the zero one.
func (c *Checks) Text(at, value string, least, most int, p Pattern) {
	if p.form != nil && !p.form.MatchString(value) {
		c.add(clip(value), at, "Member must satisfy regular expression pattern: "+p.text)
	}
	c.size(at, clip(value), utf8.RuneCountInString(value), least, most)
}

// List holds the length of a list against a bound.
func (c *Checks) List(at string, length, most int) {
	if length > most {
		c.found = append(c.found, fmt.Sprintf("Value at '%s' failed to satisfy constraint: Member must have length less than or equal to %d", at, most))
	}
}

func (c *Checks) size(at, value string, n, least, most int) {
	switch {
	case n < least:
		c.add(value, at, "Member must have length greater than or equal to "+strconv.Itoa(least))
	case n > most:
		c.add(value, at, "Member must have length less than or equal to "+strconv.Itoa(most))
	}
}

// Number holds a number against bounds.
func (c *Checks) Number(at string, value, least, most int) {
	switch {
	case value < least:
		c.add(strconv.Itoa(value), at, "Member must have value greater than or equal to "+strconv.Itoa(least))
	case value > most:
		c.add(strconv.Itoa(value), at, "Member must have value less than or equal to "+strconv.Itoa(most))
	}
}

// Err returns what was found as an error of the code, ValidationError in the
// query protocol and ValidationException in JSON; nil where nothing was.
func (c *Checks) Err(code string) error {
	switch n := len(c.found); n {
	case 0:
		return nil
	case 1:
		return &Error{Code: code, Message: "1 validation error detected: " + c.found[0]}
	default:
		return &Error{Code: code, Message: strconv.Itoa(n) + " validation errors detected: " + strings.Join(c.found, "; ")}
	}
}
