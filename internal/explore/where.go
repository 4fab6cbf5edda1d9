package explore

import (
	"fmt"
	"strings"
	"unicode"

	"showback"
)

// maxDepth bounds how deep parentheses and nots may nest, so that a hostile
// filter cannot exhaust the stack of the parser or of an engine.
const maxDepth = 100

// ParseWhere reads a filter:
//
//	tag:team = search and model = Claude*
//	account in (111122223333, 444455556666) and not (region = us-east-1 or route != geo)
//	tag:"Cost Center" is absent
//
// Tests are =, !=, in (…), not in (…), is absent and is not absent; they are
// joined by and, or (and binds tighter), not and parentheses. Keys are those of
// ParseKey. Values are bare words, or in single or double quotes; * stands for
// any text, \* for a star. A charge without a value for a key passes no = and
// every !=. An empty text is no filter: nil.
//
// Errors are of KindInvalid and show the text with a caret under the place;
// their hints have the nearest keys, among them those of known.
func ParseWhere(text string, known ...showback.TagKey) (Expr, error) {
	if strings.TrimSpace(text) == "" {
		return nil, nil
	}
	tokens, err := lex(text)
	if err != nil {
		return nil, err
	}
	p := &parser{text: text, tokens: tokens, known: known}
	e, err := p.or(0)
	if err != nil {
		return nil, err
	}
	if t := p.peek(); t.kind != tokenEnd {
		return nil, p.unexpected(t, wantJoin)
	}
	return e, nil
}

type parser struct {
	text   string
	tokens []token
	at     int
	known  []showback.TagKey
}

func (p *parser) peek() token { return p.tokens[p.at] }

func (p *parser) take() token {
	t := p.tokens[p.at]
	if t.kind != tokenEnd {
		p.at++
	}
	return t
}

// takeKeyword takes the next token if it is this keyword.
func (p *parser) takeKeyword(word string) bool {
	if p.peek().keyword() != word {
		return false
	}
	p.at++
	return true
}

func (p *parser) takeMark(mark string) bool {
	if t := p.peek(); t.kind != tokenMark || t.text != mark {
		return false
	}
	p.at++
	return true
}

func (p *parser) or(depth int) (Expr, error) {
	terms, err := p.joined("or", depth, p.and)
	if err != nil || len(terms) == 1 {
		return first(terms), err
	}
	return Or{terms}, nil
}

func (p *parser) and(depth int) (Expr, error) {
	terms, err := p.joined("and", depth, p.unary)
	if err != nil || len(terms) == 1 {
		return first(terms), err
	}
	return And{terms}, nil
}

func first(terms []Expr) Expr {
	if len(terms) == 0 {
		return nil
	}
	return terms[0]
}

func (p *parser) joined(word string, depth int, term func(int) (Expr, error)) ([]Expr, error) {
	var terms []Expr
	for {
		e, err := term(depth)
		if err != nil {
			return nil, err
		}
		terms = append(terms, e)
		if !p.takeKeyword(word) {
			return terms, nil
		}
	}
}

func (p *parser) unary(depth int) (Expr, error) {
	t := p.peek()
	if depth > maxDepth {
		return nil, p.fault(t, fmt.Sprintf("nested more than %d deep at %%s", maxDepth), "")
	}
	switch {
	case p.takeKeyword("not"):
		e, err := p.unary(depth + 1)
		if err != nil {
			return nil, err
		}
		return Not{e}, nil
	case p.takeMark("("):
		e, err := p.or(depth + 1)
		if err != nil {
			return nil, err
		}
		if next := p.peek(); !p.takeMark(")") {
			return nil, p.unexpected(next, wantJoinClose)
		}
		return e, nil
	}
	return p.test()
}

func (p *parser) test() (Expr, error) {
	t := p.take()
	if t.kind != tokenWord || t.keyword() != "" {
		return nil, p.unexpected(t, "a key, not or (")
	}
	key, ok := lookUpKey(t.text)
	if !ok {
		return nil, p.fault(t, "unknown key "+quotePercent(t.text)+" at %s", keyHint(t.text, p.known))
	}
	op := p.peek()
	switch {
	case p.takeMark("="):
		return p.match(key)
	case p.takeMark("!="):
		e, err := p.match(key)
		return negate(e, err)
	case p.takeKeyword("in"):
		return p.list(key)
	case p.takeKeyword("not"):
		if next := p.peek(); !p.takeKeyword("in") {
			return nil, p.unexpected(next, "in")
		}
		e, err := p.list(key)
		return negate(e, err)
	case p.takeKeyword("is"):
		not := p.takeKeyword("not")
		if next := p.peek(); !p.takeKeyword("absent") {
			return nil, p.unexpected(next, "absent")
		}
		if not {
			return Not{Absent{key}}, nil
		}
		return Absent{key}, nil
	}
	return nil, p.unexpected(op, "=, !=, in, not in, is absent or is not absent")
}

func negate(e Expr, err error) (Expr, error) {
	if err != nil {
		return nil, err
	}
	return Not{e}, nil
}

func (p *parser) match(key Key) (Expr, error) {
	v, err := p.value()
	if err != nil {
		return nil, err
	}
	return Match{key, []Pattern{v}}, nil
}

func (p *parser) list(key Key) (Expr, error) {
	if next := p.peek(); !p.takeMark("(") {
		return nil, p.unexpected(next, "a list such as (a, b)")
	}
	var values []Pattern
	for {
		v, err := p.value()
		if err != nil {
			return nil, err
		}
		values = append(values, v)
		next := p.peek()
		if p.takeMark(")") {
			return Match{key, values}, nil
		}
		if !p.takeMark(",") {
			return nil, p.unexpected(next, wantListClose)
		}
	}
}

func (p *parser) value() (Pattern, error) {
	t := p.take()
	if t.kind != tokenWord || t.keyword() != "" {
		return Pattern{}, p.unexpected(t, wantValue)
	}
	return Pattern{Parts: t.parts}, nil
}

// The wants after a value; what follows it may be the rest of that value.
const (
	wantJoin      = "and, or, or the end"
	wantJoinClose = "and, or, or )"
	wantListClose = ", or )"
	wantValue     = "a value"
)

// unexpected says what was found where something else was wanted.
func (p *parser) unexpected(t token, want string) error {
	what := "found " + strings.ReplaceAll(t.shown(), "%", "%%") + " at %s, want " + want
	return p.fault(t, what, p.hint(t, want))
}

// otherWays has what people write out of habit, and what to write here.
var otherWays = map[string]string{
	"<>": "!=", "==": "=", "~": "= with * for any text", "like": "= with * for any text", "contains": "= with * for any text",
	"&&": "and", "||": "or", "null": "is absent",
}

// hint says what was most likely meant.
func (p *parser) hint(t token, want string) string {
	i := 0
	for p.tokens[i].at != t.at {
		i++
	}
	before := token{}
	if i > 0 {
		before = p.tokens[i-1]
	}
	plain := t.kind == tokenWord && t.keyword() == ""
	other := otherWays[strings.ToLower(t.text)]
	switch {
	case plain && other != "":
		return "write " + other
	case want == wantValue && t.keyword() != "":
		return fmt.Sprintf("as a value it goes into quotes: %q", t.text)
	case want == wantValue && t.text == "(":
		return "for charges without a value write: is absent"
	case want == wantValue && t.text == "=" && before.text == "=":
		return "write = once"
	case t.text == "=" && (want == wantJoin || want == wantJoinClose):
		return `a key or value with = in it goes into quotes: tag:"a=b"`
	case plain && before.kind == tokenWord && before.keyword() == "" && (want == wantJoin || want == wantJoinClose || want == wantListClose):
		value := before.text
		for ; p.tokens[i].kind == tokenWord && p.tokens[i].keyword() == ""; i++ {
			value += " " + p.tokens[i].text
		}
		return fmt.Sprintf("a value with blanks goes into quotes: %q", value)
	}
	return ""
}

func (p *parser) fault(t token, what, hint string) error { return fault(p.text, t.at, what, hint) }

func quotePercent(text string) string {
	return strings.ReplaceAll(fmt.Sprintf("%q", text), "%", "%%")
}

// shownWidth is how much of a filter a message shows around the place, so that
// the caret's line does not wrap in a terminal.
const shownWidth = 72

// fault returns the error for a place in the text, counted in runes. what has
// one %s, for the column.
func fault(text string, at int, what, hint string) error {
	runes := []rune(text)
	for i, r := range runes {
		if unicode.IsSpace(r) || unicode.IsControl(r) {
			runes[i] = ' '
		}
	}
	from, to := 0, len(runes)
	lead, trail := "", ""
	if to > shownWidth {
		from = max(0, min(at-shownWidth/2, to-shownWidth))
		to = from + shownWidth
		if from > 0 {
			lead = "…"
		}
		if to < len(runes) {
			trail = "…"
		}
	}
	err := showback.Errorf(showback.KindInvalid, "parse --where: "+what+"\n  %s\n  %s",
		fmt.Sprintf("column %d", at+1),
		lead+string(runes[from:to])+trail,
		strings.Repeat(" ", len([]rune(lead))+at-from)+"^")
	return showback.WithHint(err, hint)
}
