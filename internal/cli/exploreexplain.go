package cli

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"showback/internal/explore"
)

// explain says on standard error what was read for an answer: of each file the
// table, for each part of the question (the rows, the charge classes, the AI
// part of the bill, what notes are about).
func (sh *shell) explain(steps []explore.Step, began time.Time) {
	took := sh.Now().Sub(began)
	slices.SortStableFunc(steps, func(a, b explore.Step) int {
		return cmp.Or(cmp.Compare(a.Plan, b.Plan), cmp.Compare(a.File, b.File))
	})
	g := &grid{columns: []column{{name: "part"}, {name: "file", shrinks: true}, {name: "table"}, {name: "rows", right: true},
		{name: "of charges", right: true}, {name: "sums", right: true}, {name: "time", right: true}}}
	var rows, charges int64
	last := ""
	for _, s := range steps {
		part := s.Plan
		if part == last {
			part = ""
		}
		last = s.Plan
		g.rows = append(g.rows, []string{part, fileText(s.File), s.Table, countText(s.Rows), countText(s.Facts),
			countText(int64(s.Groups)), milliseconds(s.Took)})
		rows += s.Rows
		charges += s.Facts
	}
	fmt.Fprintln(sh.Err)
	g.footer = [][]string{{"all", plural(int64(len(steps)), "read"), "", countText(rows), countText(charges), "", milliseconds(took)}}
	g.write(sh.Err, sh.Width, "")
}

// fileText names a segment by its month, payer and export.
func fileText(file string) string {
	file = strings.TrimSuffix(strings.TrimPrefix(file, "seg/"), ".duckdb")
	if i := strings.LastIndex(file, ".v"); i > 0 {
		file = file[:i]
	}
	return file
}

func milliseconds(d time.Duration) string {
	return fmt.Sprintf("%d.%d ms", d.Milliseconds(), d.Microseconds()%1000/100)
}
