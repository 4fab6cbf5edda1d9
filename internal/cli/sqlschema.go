package cli

import (
	"fmt"
	"strings"

	"showback/internal/engine/sqldoor"
)

// The JSON of sql --schema. Fields are only added.
type (
	viewJSON struct {
		View    string           `json:"view"`
		Row     string           `json:"row"` // what a row is
		Columns []viewColumnJSON `json:"columns"`
	}
	viewColumnJSON struct {
		Name    string `json:"name"`
		Type    string `json:"type"` // as DuckDB writes it
		Meaning string `json:"meaning"`
	}
)

// writeSchema says what the views and their columns are.
func (sh *shell) writeSchema(format string) error {
	views := sqldoor.Schema()
	if format == formatJSON {
		list := []viewJSON{}
		for _, v := range views {
			view := viewJSON{View: v.Name, Row: v.Text, Columns: []viewColumnJSON{}}
			for _, c := range v.Columns {
				view.Columns = append(view.Columns, viewColumnJSON{c.Name, c.Type, c.Text})
			}
			list = append(list, view)
		}
		return sh.writeJSON(list)
	}
	for i, v := range views {
		if i > 0 {
			fmt.Fprintln(sh.Out)
		}
		sh.paragraph(v.Name+": ", v.Text)
		names, types := 0, 0
		for _, c := range v.Columns {
			names, types = max(names, len(c.Name)), max(types, len(c.Type))
		}
		for _, c := range v.Columns {
			lead := fmt.Sprintf("  %-*s  %-*s  ", names, c.Name, types, c.Type)
			text := wrap(strings.Fields(c.Text), sh.Width, strings.Repeat(" ", len(lead)))
			fmt.Fprintln(sh.Out, strings.TrimRight(lead+text, " "))
		}
	}
	return nil
}
