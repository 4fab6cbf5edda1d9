package sqlgen

import "strings"

// fragment is a piece of SQL with the values of its parameters, in the order
// of their question marks.
type fragment struct {
	text string
	args []any
}

func sql(text string, args ...any) fragment { return fragment{text, args} }

// put writes each part in the place of the next "{}" of the template, so that
// parameters stay in the order of the text.
func put(template string, parts ...fragment) fragment {
	var out fragment
	var b strings.Builder
	for _, part := range parts {
		before, after, ok := strings.Cut(template, "{}")
		if !ok {
			panic("BUG: more parts than places in SQL template")
		}
		b.WriteString(before)
		b.WriteString(part.text)
		out.args = append(out.args, part.args...)
		template = after
	}
	if strings.Contains(template, "{}") {
		panic("BUG: fewer parts than places in SQL template")
	}
	b.WriteString(template)
	out.text = b.String()
	return out
}

func join(parts []fragment, separator string) fragment {
	var out fragment
	texts := make([]string, len(parts))
	for i, part := range parts {
		texts[i] = part.text
		out.args = append(out.args, part.args...)
	}
	out.text = strings.Join(texts, separator)
	return out
}

// literal writes a word of ours, such as a cause, as an SQL literal.
func literal[T ~string](word T) string {
	return "'" + strings.ReplaceAll(string(word), "'", "''") + "'"
}
