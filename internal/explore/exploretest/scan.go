package exploretest

import (
	"strconv"
	"strings"
	"unicode"

	"showback"
)

// words splits a line at blanks. Text in double quotes (with Go's escapes) or
// back quotes is taken as it is, blanks included, and may stand anywhere in a
// word; in parentheses blanks belong to the word too.
func words(line string) ([]string, error) {
	var (
		out   []string
		word  strings.Builder
		begun bool
		depth int
	)
	for line != "" {
		c := line[0]
		switch {
		case c == '"' || c == '`':
			quoted, text, err := unquote(line)
			if err != nil {
				return nil, err
			}
			word.WriteString(text)
			begun = true
			line = line[len(quoted):]
			continue
		case depth == 0 && (c == ' ' || '\t' <= c && c <= '\r'): // a byte of a letter may look like another blank
			if begun {
				out = append(out, word.String())
			}
			word.Reset()
			begun = false
			line = line[1:]
			continue
		case c == '(':
			depth++
		case c == ')':
			depth--
		}
		word.WriteByte(c)
		begun = true
		line = line[1:]
	}
	if depth != 0 {
		return nil, showback.Errorf(showback.KindInvalid, "parentheses do not match: put the value in quotes")
	}
	if begun {
		out = append(out, word.String())
	}
	return out, nil
}

// unquote reads the quoted text that line begins with, and returns it with and
// without its quotes.
func unquote(line string) (quoted, text string, err error) {
	quoted, err = strconv.QuotedPrefix(line)
	if err == nil {
		text, err = strconv.Unquote(quoted)
	}
	if err != nil {
		return "", "", showback.Errorf(showback.KindInvalid, "quote is not closed: %s", line)
	}
	return quoted, text, nil
}

// pairs reads a {key=value, key="value"} list that line begins with, and
// returns what follows it.
func pairs(line string) (list []pair, rest string, err error) {
	bad := func(what string) ([]pair, string, error) {
		return nil, "", showback.Errorf(showback.KindInvalid, "%s in %s: want {key=value, …}", what, line)
	}
	rest, ok := strings.CutPrefix(line, "{")
	if !ok {
		return bad("no list")
	}
	var item strings.Builder
	add := func() bool {
		key, value, ok := strings.Cut(strings.TrimSpace(item.String()), "=")
		list = append(list, pair{strings.TrimSpace(key), strings.TrimSpace(value)})
		item.Reset()
		return ok
	}
	for rest != "" {
		c := rest[0]
		switch c {
		case '"', '`':
			quoted, text, err := unquote(rest)
			if err != nil {
				return nil, "", err
			}
			item.WriteString(text)
			rest = rest[len(quoted):]
			continue
		case ',', '}':
			empty := strings.TrimSpace(item.String()) == ""
			if c == '}' && empty && len(list) == 0 {
				return nil, rest[1:], nil
			}
			if !add() {
				return bad("a key without =")
			}
			if c == '}' {
				return list, rest[1:], nil
			}
		default:
			item.WriteByte(c)
		}
		rest = rest[1:]
	}
	return bad("no closing brace")
}

type pair struct{ key, value string }

// quote writes a value so that words gives it back as one word.
func quote(text string) string {
	plain := text != "" && !strings.ContainsFunc(text, func(r rune) bool {
		return unicode.IsSpace(r) || !unicode.IsPrint(r) || strings.ContainsRune("\"`()\\,{}#", r)
	})
	if plain {
		return text
	}
	return strconv.Quote(text)
}
