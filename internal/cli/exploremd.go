package cli

import (
	"fmt"
	"io"
	"strings"

	"showback/internal/explore"
)

// writeMarkdown prints an answer for GitHub: a table for each currency, with what
// was applied above and what is to be known below. (GitHub Flavored Markdown
// Spec 0.29: "Tables (extension)".)
func (sh *shell) writeMarkdown(a *explore.Answer) {
	fmt.Fprintf(sh.Out, "**%s**\n\n", markdown(title(a.Question)))
	for _, n := range a.Notes {
		if n.Code == explore.NoteNoMonthYet {
			fmt.Fprintf(sh.Out, "%s\n\n", markdown(n.Text))
		}
	}
	parts := []string{applied(a)}
	if !a.ComparedWith.Empty() {
		parts = append(parts, "vs "+besidePeriod(a))
	}
	if a.Question.Filter != nil {
		parts = append(parts, "where "+explore.Format(a.Question.Filter))
	}
	fmt.Fprintln(sh.Out, markdown(strings.Join(parts, " · ")))
	for _, b := range a.Blocks {
		fmt.Fprintln(sh.Out)
		if len(a.Blocks) > 1 {
			fmt.Fprintf(sh.Out, "**%s**\n\n", markdown(b.Currency))
		}
		blockGrid(a, b, false).writeMarkdown(sh.Out)
	}
	for _, line := range billLines(a) {
		fmt.Fprintf(sh.Out, "\n%s\n", markdown(line))
	}
	first := "\n"
	for _, n := range a.Notes {
		if n.Code != explore.NoteNoMonthYet {
			fmt.Fprintf(sh.Out, "%s- %s\n", first, markdown(n.Text))
			first = ""
		}
	}
}

// writeMarkdown renders the grid; the first line of its footer, the total, in
// bold.
func (g *grid) writeMarkdown(w io.Writer) {
	line := func(cells []string) { fmt.Fprintf(w, "| %s |\n", strings.Join(cells, " | ")) }
	var names, rule []string
	for _, c := range g.columns {
		names = append(names, markdown(c.name))
		if c.right {
			rule = append(rule, "---:")
		} else {
			rule = append(rule, "---")
		}
	}
	line(names)
	line(rule)
	for _, cells := range g.rows {
		line(escaped(cells, ""))
	}
	for i, cells := range g.footer {
		around := ""
		if i == 0 {
			around = "**"
		}
		line(escaped(cells, around))
	}
}

// escaped returns cells as they stand in a table, with the mark around those
// that are not empty. What is indented in a terminal is a part of the total.
func escaped(cells []string, around string) []string {
	out := make([]string, len(cells))
	for i, cell := range cells {
		if part, indented := strings.CutPrefix(cell, "  "); indented {
			cell = "of which " + part
		}
		if out[i] = markdown(cell); out[i] != "" {
			out[i] = around + out[i] + around
		}
	}
	return out
}

// markdown writes a text so that it shows as it is, also in a table's cell: tag
// values may hold anything. A star, an underscore or a bracket could otherwise
// become format, and a bar the end of the cell.
func markdown(text string) string {
	var out strings.Builder
	for _, r := range clean(text, "") {
		if strings.ContainsRune("\\`*_[]<|~", r) {
			out.WriteByte('\\')
		}
		if r == '&' {
			out.WriteString("&amp;")
			continue
		}
		out.WriteRune(r)
	}
	return out.String()
}
