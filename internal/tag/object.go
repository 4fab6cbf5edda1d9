package tag

import (
	"encoding/json"
	"errors"
	"fmt"
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
	rest := text[1:]
	for {
		var key, value string
		if key, rest, ok = plainText(rest); !ok || rest == "" || rest[0] != ':' {
			return nil, false
		}
		if value, rest, ok = plainText(rest[1:]); !ok || rest == "" {
			return nil, false
		}
		put(entries, key, value)
		if rest == "}" {
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
	var raw map[string]json.RawMessage
	if err := json.Unmarshal([]byte(text), &raw); err != nil {
		return nil, fmt.Errorf("want a JSON object of text to text: %w", err)
	}
	entries := make(map[string]string, len(raw))
	for key, value := range raw {
		switch value[0] {
		case '{':
			return nil, fmt.Errorf("found an object as value of %s, want a text", excerpt(key))
		case '[':
			return nil, fmt.Errorf("found an array as value of %s, want a text", excerpt(key))
		case 'n':
		case '"':
			var s string
			if err := json.Unmarshal(value, &s); err != nil {
				panic("BUG: a decoded JSON string does not decode: " + err.Error())
			}
			put(entries, key, s)
		default:
			put(entries, key, string(value))
		}
	}
	return entries, nil
}

// put sets an entry; a later empty value takes an earlier one away.
func put(entries map[string]string, key, value string) {
	if key == "" || value == "" {
		delete(entries, key)
		return
	}
	entries[key] = value
}

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
