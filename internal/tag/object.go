package tag

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strings"
	"unicode/utf8"
)

// readObject reads a JSON object of text to text as Parse describes it. The
// result holds no empty key and no empty value.
func readObject(text string) (map[string]string, error) {
	text = strings.Trim(text, " \t\r\n") // JSON's white space
	switch {
	case text == "" || text == "{}" || text == "null":
		return nil, nil
	case text[0] != '{':
		return nil, errors.New("want a JSON object of text to text")
	}
	if entries, ok := readPlain(text); ok {
		return entries, nil
	}
	return decode(text)
}

// readPlain reads an object whose texts have no escapes, as nearly all have,
// about six times faster than decode. ok is false when the text is anything
// else, valid or not.
func readPlain(text string) (entries map[string]string, ok bool) {
	entries = make(map[string]string, strings.Count(text, `":`))
	absent := false
	rest := text[1:]
	for {
		var key, value string
		if key, rest, ok = plainText(rest); !ok || rest == "" || rest[0] != ':' {
			return nil, false
		}
		if value, rest, ok = plainText(rest[1:]); !ok || rest == "" {
			return nil, false
		}
		if before, twice := entries[key]; twice && before != value {
			return nil, false
		}
		entries[key] = value
		absent = absent || key == "" || value == ""
		if rest == "}" {
			if absent {
				maps.DeleteFunc(entries, isAbsent)
			}
			return entries, true
		}
		if rest[0] != ',' {
			return nil, false
		}
		rest = rest[1:]
	}
}

// plainText cuts a JSON string without escapes off the front, and at most one
// space before it.
func plainText(text string) (value, rest string, ok bool) {
	text = strings.TrimPrefix(text, " ")
	if text == "" || text[0] != '"' {
		return "", "", false
	}
	text = text[1:]
	end := strings.IndexByte(text, '"')
	if end < 0 {
		return "", "", false
	}
	value = text[:end]
	for i := range len(value) {
		if value[i] == '\\' || value[i] < ' ' {
			return "", "", false
		}
	}
	return value, text[end+1:], utf8.ValidString(value)
}

func decode(text string) (map[string]string, error) {
	if err := json.Unmarshal([]byte(text), &map[string]json.RawMessage{}); err != nil {
		return nil, fmt.Errorf("want a JSON object of text to text: %w", err)
	}
	entries := map[string]string{}
	// Entry by entry: a map would keep the last of two with one key.
	dec := json.NewDecoder(strings.NewReader(text))
	dec.UseNumber()
	next := func() json.Token {
		token, err := dec.Token()
		if err != nil {
			panic("BUG: valid JSON is not read: " + err.Error())
		}
		return token
	}
	for next(); dec.More(); {
		key := next().(string)
		var value string
		switch token := next().(type) {
		case string:
			value = token
		case nil:
		default:
			return nil, fmt.Errorf("found %s as value of %s, want a text", kindOf(token), excerpt(key))
		}
		if before, twice := entries[key]; twice && before != value {
			return nil, fmt.Errorf("found two values of %s, want one", excerpt(key))
		}
		entries[key] = value
	}
	maps.DeleteFunc(entries, isAbsent)
	return entries, nil
}

// kindOf names what a value that is no text begins with.
func kindOf(token json.Token) string {
	switch token {
	case json.Delim('{'):
		return "an object"
	case json.Delim('['):
		return "an array"
	}
	return fmt.Sprint(token)
}

func isAbsent(key, value string) bool { return key == "" || value == "" }

// excerpt quotes a text, cut where it is long.
func excerpt(text string) string {
	const most = 60
	if len(text) <= most {
		return fmt.Sprintf("%q", text)
	}
	end := most
	for end > most-utf8.UTFMax && !utf8.RuneStart(text[end]) {
		end--
	}
	return fmt.Sprintf("%q…", text[:end])
}
