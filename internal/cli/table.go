package cli

import (
	"io"
	"slices"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
)

// column is one column of a grid.
type column struct {
	name  string
	right bool // numbers and money
	// shrinks lets the column's values be shortened in the middle where the
	// paper is too narrow.
	shrinks bool
}

// grid is a table on its way to a terminal: rows of text, and a footer that a
// rule sets apart.
type grid struct {
	columns []column
	rows    [][]string
	footer  [][]string
}

const (
	gap       = 2  // blanks between two columns
	narrowest = 14 // what a column shrinks to at most
)

var gridStyle = table.Style{
	Name: "showback",
	Box: table.BoxStyle{
		MiddleHorizontal: "─", MiddleSeparator: "─", MiddleVertical: " ",
		PaddingRight: strings.Repeat(" ", gap), PageSeparator: "\n",
	},
	Options: table.Options{SeparateHeader: true, SeparateFooter: true},
}

// write renders the grid and reports whether it had to shorten a value. Every
// line begins with indent.
func (g *grid) write(w io.Writer, width int, indent string) (shortened bool) {
	g.clean()
	widths := g.fit(width - len(indent))
	t := table.NewWriter()
	t.SetStyle(gridStyle)
	t.SuppressTrailingSpaces()
	var configs []table.ColumnConfig
	header := table.Row{}
	for i, c := range g.columns {
		align := text.AlignLeft
		if c.right {
			align = text.AlignRight
		}
		configs = append(configs, table.ColumnConfig{Number: i + 1, Align: align, AlignHeader: align, AlignFooter: align})
		header = append(header, shorten(c.name, widths[i]))
	}
	t.SetColumnConfigs(configs)
	t.AppendHeader(header)
	row := func(cells []string) table.Row {
		out := make(table.Row, len(cells))
		for i, cell := range cells {
			short := shorten(cell, widths[i])
			shortened = shortened || short != cell
			out[i] = short
		}
		return out
	}
	for _, cells := range g.rows {
		t.AppendRow(row(cells))
	}
	for _, cells := range g.footer {
		t.AppendFooter(row(cells))
	}
	for line := range strings.Lines(t.Render() + "\n") {
		if rule, ok := strings.CutPrefix(line, strings.Repeat(gridStyle.Box.MiddleHorizontal, gap)); ok && strings.HasPrefix(rule, gridStyle.Box.MiddleHorizontal) {
			line = rule // the last column's padding has none
		}
		io.WriteString(w, indent+line)
	}
	return shortened
}

// clean cleans every text of the grid for a terminal.
func (g *grid) clean() {
	for i := range g.columns {
		g.columns[i].name = clean(g.columns[i].name, "")
	}
	for _, part := range [][][]string{g.rows, g.footer} {
		for _, cells := range part {
			for i := range cells {
				cells[i] = clean(cells[i], "")
			}
		}
	}
}

// fit returns the width of each column: what its widest cell needs, less where
// the columns that can shrink have to.
func (g *grid) fit(width int) []int {
	widths := make([]int, len(g.columns))
	for i, c := range g.columns {
		widths[i] = text.StringWidthWithoutEscSequences(c.name)
	}
	for _, part := range [][][]string{g.rows, g.footer} {
		for _, cells := range part {
			for i, cell := range cells {
				widths[i] = max(widths[i], text.StringWidthWithoutEscSequences(cell))
			}
		}
	}
	used := gap * (len(widths) - 1)
	for _, w := range widths {
		used += w
	}
	for ; used > width; used-- {
		widest := -1
		for i, c := range g.columns {
			if c.shrinks && widths[i] > narrowest && (widest < 0 || widths[i] > widths[widest]) {
				widest = i
			}
		}
		if widest < 0 {
			break
		}
		widths[widest]--
	}
	return widths
}

// shorten cuts the middle out of a text that is too wide. The end keeps more:
// in an ARN it tells most.
func shorten(value string, width int) string {
	if text.StringWidthWithoutEscSequences(value) <= width {
		return value
	}
	runes := []rune(value)
	tail := (width - 1) * 3 / 5
	head := width - 1 - tail
	take := func(runes []rune, room int) int {
		n := 0
		for n < len(runes) {
			room -= max(1, text.RuneWidth(runes[n]))
			if room < 0 {
				break
			}
			n++
		}
		return n
	}
	front := take(runes, head)
	slices.Reverse(runes)
	back := runes[:take(runes, tail)]
	end := slices.Clone(back)
	slices.Reverse(end)
	slices.Reverse(runes)
	return string(runes[:front]) + "…" + string(end)
}

// wrap writes a list of words in lines no wider than width, all but the first
// begun with indent.
func wrap(words []string, width int, indent string) string {
	var out strings.Builder
	used := len(indent)
	for i, word := range words {
		w := text.StringWidthWithoutEscSequences(word)
		switch {
		case i == 0:
		case used+1+w > width:
			out.WriteString("\n" + indent)
			used = len(indent)
		default:
			out.WriteByte(' ')
			used++
		}
		out.WriteString(word)
		used += w
	}
	return out.String()
}
