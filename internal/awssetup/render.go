package awssetup

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"regexp"
	"strings"
	"text/template"
)

//go:embed script.sh.tmpl
var scriptText string

//go:embed stack.yaml.tmpl
var stackText string

var (
	scriptTemplate = template.Must(template.New("script").Parse(scriptText))
	stackTemplate  = template.Must(template.New("stack").Parse(stackText))
)

// width is where lines end, so that they fit a terminal.
const width = 80

// Script returns a shell script that makes the bucket and the export with the
// AWS CLI, and ends with what is left to do. With placeholders in it, it stops
// before it calls anything. The setup must have passed Check.
func (s Setup) Script() string {
	// The query is put together from lines: a terminal that is not raw cuts
	// pasted lines (at 1,024 bytes on macOS, 4,096 on Linux).
	const mark = "QUERY"
	request := s.Request()
	request.DataQuery.QueryStatement = mark
	return render(scriptTemplate, map[string]any{
		"Setup":        s,
		"Bucket":       s.bucket(),
		"Account":      s.account(),
		"Placeholders": strings.Join(s.Placeholders(), " and "),
		"Home":         HomeRegion,
		"Query":        wrap(strings.Fields(query()), " \\\n    ", width-6),
		"Policy":       indented(s.BucketPolicy()),
		"Export":       strings.Replace(indented(request), `"`+mark+`"`, `"'"$query"'"`, 1),
		"Reader":       indented(s.ReaderPolicy()),
	})
}

// Stack returns a CloudFormation template that makes the bucket and the export.
// The bucket has the region of the stack, which must be HomeRegion, and the
// account is the one that it is deployed in. The setup must have passed Check.
func (s Setup) Stack() string {
	return render(stackTemplate, map[string]any{
		"Setup":         s,
		"Home":          HomeRegion,
		"Query":         wrap(strings.Fields(query()), "\n            ", width-12),
		"Output":        s.Request().DestinationConfigurations.S3Destination.S3OutputConfigurations,
		"Configuration": configuration(),
	})
}

func render(t *template.Template, data any) string {
	var b strings.Builder
	if err := t.Execute(&b, data); err != nil {
		panic("BUG: render " + t.Name() + ": " + err.Error())
	}
	return b.String()
}

// list is a JSON array of texts, one a line, with what stands before it.
var list = regexp.MustCompile(`(?m)^(.*)\[\n\s+("[^"\n]*"(?:,\n\s+"[^"\n]*")*)\n\s+\]`)

// indented returns v as JSON, indented; lists of texts that fit stand on one line.
func indented(v any) string {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(v); err != nil {
		panic("BUG: encode: " + err.Error())
	}
	return list.ReplaceAllStringFunc(strings.TrimSuffix(b.String(), "\n"), func(text string) string {
		part := list.FindStringSubmatch(text)
		line := part[1] + "[" + strings.Join(strings.Fields(part[2]), " ") + "]"
		if len(line) >= width {
			return text
		}
		return line
	})
}

// wrap joins words with blanks, and with the separator where a line would get
// longer than the columns.
func wrap(words []string, separator string, columns int) string {
	var b strings.Builder
	used := 0
	for i, w := range words {
		switch {
		case i == 0:
		case used+1+len(w) > columns:
			b.WriteString(separator)
			used = 0
		default:
			b.WriteByte(' ')
			used++
		}
		b.WriteString(w)
		used += len(w)
	}
	return b.String()
}
