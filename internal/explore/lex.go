package explore

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"showback"
)

// token is one piece of a filter text: a word, a mark such as "(" or "!=", or
// the end.
type token struct {
	kind tokenKind
	// text is the mark, or the word with its quotes and escapes resolved.
	text string
	// parts is the word between its wildcards.
	parts  []string
	quoted bool // some of the word was in quotes: it is no keyword
	at     int  // where it begins, in runes
}

type tokenKind int

const (
	tokenEnd tokenKind = iota
	tokenWord
	tokenMark
)

// keyword returns the token's keyword, else "".
func (t token) keyword() string {
	if t.kind == tokenWord && !t.quoted && isKeyword(t.text) {
		return strings.ToLower(t.text)
	}
	return ""
}

func isKeyword(word string) bool {
	return slices.Contains([]string{"and", "or", "not", "in", "is", "absent"}, strings.ToLower(word))
}

// shown names the token in a message.
func (t token) shown() string {
	switch {
	case t.kind == tokenEnd:
		return "the end"
	case t.keyword() != "":
		return "the word " + t.keyword()
	}
	return `"` + t.text + `"`
}

// lexer cuts a filter text into tokens.
type lexer struct {
	text []rune
	at   int
}

// lex returns the tokens of text, the last of them tokenEnd.
func lex(text string) ([]token, error) {
	if !utf8.ValidString(text) {
		return nil, showback.Errorf(showback.KindInvalid, "parse --where: the text is not UTF-8")
	}
	l := &lexer{text: []rune(text)}
	var tokens []token
	for {
		t, err := l.next()
		if err != nil {
			return nil, err
		}
		tokens = append(tokens, t)
		if t.kind == tokenEnd {
			return tokens, nil
		}
	}
}

func (l *lexer) peek(ahead int) rune {
	if l.at+ahead >= len(l.text) {
		return -1
	}
	return l.text[l.at+ahead]
}

func (l *lexer) next() (token, error) {
	for unicode.IsSpace(l.peek(0)) {
		l.at++
	}
	start := l.at
	switch r := l.peek(0); {
	case r == -1:
		return token{kind: tokenEnd, at: start}, nil
	case r == '!' && l.peek(1) == '=':
		l.at += 2
		return token{kind: tokenMark, text: "!=", at: start}, nil
	case strings.ContainsRune("(),=", r):
		l.at++
		return token{kind: tokenMark, text: string(r), at: start}, nil
	}
	return l.word()
}

// word reads a word: bare characters and quoted stretches in any order, as a
// shell does, so that tag:"Cost Center" is one.
func (l *lexer) word() (token, error) {
	t := token{kind: tokenWord, at: l.at}
	var part, whole strings.Builder
	add := func(r rune) { part.WriteRune(r); whole.WriteRune(r) }
	quote, opened := rune(0), 0
	for {
		r := l.peek(0)
		switch {
		case r == -1 && quote != 0:
			return t, fault(string(l.text), opened, "the quote at %s is not closed",
				"a value with a quote in it goes into the other quotes: \"O'Brien\"")
		case quote == 0 && l.endsWord():
			t.parts, t.text = append(t.parts, part.String()), whole.String()
			return t, nil
		case quote == 0 && (r == '\'' || r == '"'):
			quote, opened, t.quoted = r, l.at, true
		case quote != 0 && r == quote:
			quote = 0
		case r == '*':
			whole.WriteRune(r)
			if len(t.parts) == 0 || part.Len() > 0 { // ** is *
				t.parts = append(t.parts, part.String())
			}
			part.Reset()
		case r == '\\':
			escaped := l.peek(1)
			if escaped == -1 || !strings.ContainsRune(`\*"'`, escaped) {
				return t, fault(string(l.text), l.at, `the backslash at %s escapes nothing`,
					`write \\ for a backslash, \* for a star, \" for a quote`)
			}
			l.at++
			add(escaped)
		default:
			add(r)
		}
		l.at++
	}
}

func (l *lexer) endsWord() bool {
	r := l.peek(0)
	return r == -1 || unicode.IsSpace(r) || strings.ContainsRune("(),=", r) || r == '!' && l.peek(1) == '='
}
