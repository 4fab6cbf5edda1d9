package enginetest

import (
	"fmt"
	"strings"

	"showback/internal/explore"
)

// table counts which table answered questions of which features.
type table struct {
	tables []explore.Table // in order of columns
	cells  map[string]*[]cell
}

// cell counts the parts of questions with a feature that a table answered.
type cell struct {
	count int
	// open says that the table can answer such questions.
	open bool
}

func newTable(tables []explore.Table) *table {
	t := &table{tables: tables, cells: map[string]*[]cell{}}
	for _, f := range features {
		row := make([]cell, len(tables))
		t.cells[f.name] = &row
	}
	return t
}

// tries is how often a feature is given to a plain question, to see whether a
// table answers such: set draws keys, and not every table has every key.
const tries = 60

// open finds out what each table could answer of an estate.
func (t *table) open(g generator, e *estate) {
	for _, f := range features {
		row := *t.cells[f.name]
		for range tries {
			q := g.plain(e)
			f.set(g, e, &q)
			for i, column := range t.tables {
				row[i].open = row[i].open || e.answers(q, aim{f, column})
			}
		}
	}
}

// aims returns the features, each with every table of sums that can answer it,
// in random order; empty has only those that did not yet. Facts answer enough
// of everything by the way.
func (t *table) aims(g generator, empty bool) []aim {
	var all []aim
	for _, f := range features {
		for i, c := range *t.cells[f.name] {
			if c.open && i > 0 && (c.count == 0 || !empty) {
				all = append(all, aim{f, t.tables[i]})
			}
		}
	}
	g.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all
}

// count counts what a table answered. It returns false for a table that it does
// not have.
func (t *table) count(name string, s scene) bool {
	for i, column := range t.tables {
		if column.Name != name {
			continue
		}
		for _, f := range features {
			if f.has(s) {
				(*t.cells[f.name])[i].count++
			}
		}
		return true
	}
	return false
}

// add adds the counts of another table.
func (t *table) add(o *table) {
	for name, row := range t.cells {
		for i, c := range *o.cells[name] {
			(*row)[i].count += c.count
			(*row)[i].open = (*row)[i].open || c.open
		}
	}
}

// empty returns the cells that could have been filled and were not.
func (t *table) empty() []string {
	var empty []string
	for _, f := range features {
		for i, c := range *t.cells[f.name] {
			if c.open && c.count == 0 {
				empty = append(empty, f.name+" from "+t.tables[i].Name)
			}
		}
	}
	return empty
}

// String writes the table: how often each table answered for each feature, a
// dash where it can't.
func (t *table) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%-30s", "")
	for _, c := range t.tables {
		fmt.Fprintf(&b, " %15s", strings.TrimPrefix(c.Name, "roll_"))
	}
	b.WriteString("\n")
	for _, f := range features {
		fmt.Fprintf(&b, "%-30s", f.name)
		for _, c := range *t.cells[f.name] {
			text := fmt.Sprint(c.count)
			if c.count == 0 && !c.open {
				text = "-"
			}
			fmt.Fprintf(&b, " %15s", text)
		}
		b.WriteString("\n")
	}
	return b.String()
}
