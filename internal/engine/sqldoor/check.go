package sqldoor

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"slices"
	"strings"
	"unicode/utf8"

	"showback"
)

// The bounds of a text, in bytes, in the depth of its parentheses and in block
// comments. The parser recurses for the second and has a stack; for the third
// its time grows with the square (DuckDB 1.5.6: 14 s for 8,000 of /**/), and no
// interrupt ends it.
const (
	longest      = 100_000
	deepest      = 500
	mostComments = 500
)

// functionsText lists the functions that a query may call: those that work on
// their arguments alone. What reads a setting, a catalog or the text of another
// query is not among them, and what a newer engine brings is refused until
// someone has looked at it.
//
//go:embed functions.txt
var functionsText string

var functions = func() map[string]bool {
	set := map[string]bool{}
	for line := range strings.Lines(functionsText) {
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
			for name := range strings.FieldsSeq(line) {
				set[name] = true
			}
		}
	}
	return set
}()

// tableFunctions make rows of their arguments alone.
var tableFunctions = []string{"range", "generate_series", "unnest", "json_each", "json_tree", "repeat", "repeat_row"}

// seek is what a parsed statement may do, and what it needs of the view charges.
type seek struct {
	mentioned map[string]bool // every text in it, in lower case
	whole     bool            // it may read columns that it does not mention
}

// wants reports whether the statement may read the column of charges.
func (s *seek) wants(column string) bool { return s.whole || s.mentioned[column] }

// check reads a statement that the engine has parsed and written as JSON (its
// function json_serialize_sql, which takes SELECT alone), and refuses what is
// not named as harmless. text is the statement as typed.
func check(text string, parsed []byte) (*seek, error) {
	var p struct {
		Error      bool              `json:"error"`
		Type       string            `json:"error_type"`
		Message    string            `json:"error_message"`
		Statements []json.RawMessage `json:"statements"`
	}
	if err := json.Unmarshal(parsed, &p); err != nil {
		// The engine writes Infinity, which JSON has not.
		return nil, refusef("it nests too deep, or has a number that is not finite")
	}
	switch {
	case p.Error && p.Type == "parser":
		return nil, refusef("%s", p.Message)
	case p.Error:
		return nil, refuseStatement(text)
	case len(p.Statements) == 0:
		return nil, refusef("found no statement, want one SELECT")
	case len(p.Statements) > 1:
		return nil, refusef("found %d statements, want one SELECT", len(p.Statements))
	}
	dec := json.NewDecoder(bytes.NewReader(p.Statements[0]))
	dec.UseNumber()
	var tree any
	if err := dec.Decode(&tree); err != nil {
		return nil, refusef("the parser's answer can't be read: %v", err)
	}
	w := &walker{seek: seek{mentioned: map[string]bool{}}}
	w.walk(tree, nil)
	if w.err != nil {
		return nil, w.err
	}
	w.wholeRows()
	return &w.seek, nil
}

// checkSize refuses a text before the parser sees it.
func checkSize(text string) error {
	if len(text) > longest {
		return refusef("it has %d bytes, want at most %d", len(text), longest)
	}
	// The engine is handed the text as C has it, which ends at a zero: what is
	// checked would be more than what is run.
	if !utf8.ValidString(text) || strings.ContainsRune(text, 0) {
		return refusef("it is no text of UTF-8 without zero bytes")
	}
	if n := strings.Count(text, "/*"); n > mostComments {
		return refusef("it has %d comments, want at most %d", n, mostComments)
	}
	depth := 0
	for i := range len(text) {
		switch text[i] {
		case '(', '[', '{':
			depth++
		case ')', ']', '}':
			depth--
		}
		if depth > deepest {
			return refusef("its parentheses nest deeper than %d", deepest)
		}
	}
	return nil
}

func refusef(format string, args ...any) error {
	return showback.Errorf(showback.KindInvalid, "check query: "+format, args...)
}

// refuseStatement says what a statement is that is no SELECT.
func refuseStatement(text string) error {
	word := firstWord(text)
	switch word {
	case "SELECT", "FROM", "WITH", "PIVOT", "":
		return showback.WithHint(refusef("found more than a SELECT, want one SELECT"),
			"leave out what follows a semicolon and what writes; a PIVOT must list its values: PIVOT … ON model IN ('Nova Lite', 'Nova Pro')")
	}
	return showback.WithHint(refusef("found %s, want one SELECT", word), "the door is for reading alone")
}

// firstWord returns the first word of a statement, in capitals. Comments,
// which may be nested, are no words.
func firstWord(text string) string {
	for {
		text = strings.TrimLeft(text, " \t\r\n\f\v;(")
		switch {
		case strings.HasPrefix(text, "--"):
			_, text, _ = strings.Cut(text, "\n")
		case strings.HasPrefix(text, "/*"):
			text = afterComment(text)
		default:
			end := strings.IndexFunc(text, func(r rune) bool { return r != '_' && (r|0x20 < 'a' || r|0x20 > 'z') })
			if end < 0 {
				end = len(text)
			}
			return strings.ToUpper(text[:end])
		}
	}
}

// afterComment returns what follows the comment that the text begins with.
func afterComment(text string) string {
	for depth, i := 0, 0; i+1 < len(text); i++ {
		switch text[i : i+2] {
		case "/*":
			depth++
			i++
		case "*/":
			depth--
			i++
		}
		if depth == 0 {
			return text[i+1:]
		}
	}
	return ""
}

// scope is the names of common table expressions that can be seen, the
// innermost last.
type scope []string

// walker goes over all of a parsed statement.
type walker struct {
	seek
	tables  map[string]bool // names and aliases of what it reads
	columns []string        // the last part of each column that it names
	err     error           // the first refusal
}

func (w *walker) refuse(format string, args ...any) {
	if w.err == nil {
		w.err = refusef(format, args...)
	}
}

// walk goes over a part of the statement. What the part is, is told by the
// fields that only such parts have; a kind that is not known is refused.
func (w *walker) walk(part any, seen scope) {
	switch p := part.(type) {
	case string:
		w.mentioned[lower(p)] = true
	case []any:
		for _, v := range p {
			w.walk(v, seen)
		}
	case map[string]any:
		_, isNode := p["cte_map"]
		_, hasSample := p["sample"]
		_, hasAlias := p["alias"]
		switch {
		case isNode:
			w.node(p, seen)
		case hasSample && hasAlias:
			w.table(p, seen)
		default:
			w.expression(p, seen)
		}
	}
}

// each goes over all fields of a part but those named.
func (w *walker) each(p map[string]any, seen scope, but ...string) {
	for name, v := range p {
		if !slices.Contains(but, name) {
			w.walk(v, seen)
		}
	}
}

// node goes over a query. Its common table expressions see those before them;
// one sees itself only when it is recursive, and then in its second part.
func (w *walker) node(p map[string]any, seen scope) {
	seen = slices.Clip(seen)
	list, _ := p["cte_map"].(map[string]any)
	entries, ok := list["map"].([]any)
	if !ok {
		w.refuse("the parser's answer can't be read: a query without a list of common table expressions")
	}
	for _, e := range entries {
		entry, _ := e.(map[string]any)
		name, ok := entry["key"].(string)
		if !ok {
			w.refuse("the parser's answer can't be read: a common table expression without name")
			return
		}
		w.walk(entry["value"], seen)
		seen = append(seen, lower(name))
		w.nameTable(name)
	}
	switch kind := text(p, "type"); kind {
	case "SELECT_NODE", "SET_OPERATION_NODE":
		w.each(p, seen, "cte_map")
	case "RECURSIVE_CTE_NODE":
		w.each(p, seen, "cte_map", "right")
		name := text(p, "cte_name")
		w.nameTable(name)
		w.walk(p["right"], append(seen, lower(name)))
	default:
		w.refuse("a query may not have a part of kind %s", kind)
	}
}

// table goes over what stands in a FROM.
func (w *walker) table(p map[string]any, seen scope) {
	w.nameTable(text(p, "alias"))
	if names, _ := p["column_name_alias"].([]any); len(names) > 0 {
		w.whole = true // columns are renamed by their position
	}
	switch kind := text(p, "type"); kind {
	case "SUBQUERY", "EMPTY", "EXPRESSION_LIST":
	case "JOIN":
		if text(p, "ref_type") == "NATURAL" {
			w.whole = true
		}
	case "PIVOT":
		w.whole = true
	case "BASE_TABLE":
		w.base(p, seen)
	case "SHOW_REF":
		w.whole = true
		if p["query"] == nil && (text(p, "show_type") != "SHOW_UNQUALIFIED" || text(p, "table_name") != `"tables"`) {
			w.refuse("SHOW shows TABLES alone here")
		}
	case "TABLE_FUNCTION":
		call, _ := p["function"].(map[string]any)
		name := text(call, "function_name")
		if !slices.Contains(tableFunctions, lower(name)) || text(call, "schema") != "" || text(call, "catalog") != "" {
			w.refuse("%s(…) may not stand as a table: want a view, or one of %s", dotted(text(call, "catalog"), text(call, "schema"), name),
				strings.Join(tableFunctions, ", "))
		}
		w.each(call, seen, "function_name")
		w.each(p, seen, "function")
		return
	default:
		w.refuse("a query may not read what is of kind %s", kind)
	}
	w.each(p, seen)
}

// base checks a table that is named: a view of ours, or a common table
// expression that can be seen from here.
func (w *walker) base(p map[string]any, seen scope) {
	name := text(p, "table_name")
	w.nameTable(name)
	full := dotted(text(p, "catalog_name"), text(p, "schema_name"), name)
	known := slices.Contains(seen, lower(name)) || slices.ContainsFunc(Schema(), func(v View) bool { return v.Name == lower(name) })
	if full != name || !known {
		if w.err == nil {
			w.err = showback.WithHint(refusef("no such view as %s", full), "there are "+viewNames()+"; see showback sql --schema")
		}
	}
}

// expression goes over what is neither a query nor a table.
func (w *walker) expression(p map[string]any, seen scope) {
	if name, ok := p["function_name"].(string); ok {
		schema, catalog := text(p, "schema"), text(p, "catalog")
		if !functions[lower(name)] || catalog != "" || schema != "" && schema != "main" && schema != "pg_catalog" {
			w.refuse("%s is no function that a query may call", dotted(catalog, schema, name))
		}
	}
	switch text(p, "class") {
	case "STAR", "POSITIONAL_REFERENCE":
		w.whole = true
	case "COLUMN_REF":
		if names, _ := p["column_names"].([]any); len(names) > 0 {
			name, _ := names[len(names)-1].(string)
			w.columns = append(w.columns, lower(name))
		}
	}
	w.each(p, seen, "function_name")
}

func (w *walker) nameTable(name string) {
	if w.tables == nil {
		w.tables = map[string]bool{}
	}
	w.tables[lower(name)] = true
}

// wholeRows notes a column that has the name of a table: it stands for a whole
// row of it.
func (w *walker) wholeRows() {
	for _, name := range w.columns {
		w.whole = w.whole || w.tables[name]
	}
}

func text(p map[string]any, field string) string {
	s, _ := p[field].(string)
	return s
}

// dotted writes a qualified name.
func dotted(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(p string) bool { return p == "" }), ".")
}

// lower folds a name as the engine compares names: ASCII letters alone. More
// would take two names for one that the engine tells apart, such as one with a
// Kelvin sign for one with a k.
func lower(name string) string {
	b := []byte(name)
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] = c | 0x20
		}
	}
	return string(b)
}
