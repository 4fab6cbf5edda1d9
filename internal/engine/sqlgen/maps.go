package sqlgen

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
)

// Map is a table that a query joins charges with: for every id from 0 on, the
// number of the values that it stands for, small and dense, so that the engine
// can sum without hashing texts or long ids. Beside it stands a table of the
// same name with _v after it: number and values; 0 has no row there, for ids
// without values.
//
// What is in a map depends on the tables that it is made of alone: it can be
// kept as long as their catalogs are attached.
type Map struct {
	Name string
	// Make are the statements that make both tables, in order.
	Make []Statement
}

// Statement is SQL with its parameters.
type Statement struct {
	Text string
	Args []any
}

// mapOf returns the map from the ids of a table to the values of columns, and
// makes it part of the query.
func (q *query) mapOf(t table, columns []string) string {
	list := strings.Join(columns, ", ")
	domain := cmp.Or(t.domain, t.name)
	all := put("SELECT "+t.id+" AS id, dense_rank() OVER (ORDER BY "+list+") AS one, "+list+" FROM ({})", t.rows(t.id+", "+list))
	sum := sha256.Sum256(fmt.Appendln(nil, all.text, all.args))
	name := q.d.Maps + "map_" + hex.EncodeToString(sum[:8])
	for _, m := range q.maps {
		if m.Name == name {
			return name
		}
	}
	q.maps = append(q.maps, Map{Name: name, Make: []Statement{
		{"CREATE TABLE " + name + "_all AS " + all.text, all.args},
		{"CREATE TABLE " + name + "_v AS SELECT DISTINCT one::INTEGER AS one, " + list + " FROM " + name + "_all", nil},
		{"CREATE TABLE " + name + " AS SELECT r.id::INTEGER AS id, coalesce(a.one, 0)::INTEGER AS one" +
			" FROM range(0, (SELECT coalesce(max(" + t.id + "), 0) + 1 FROM " + domain + ")) r(id) LEFT JOIN " + name + "_all a ON a.id = r.id ORDER BY 1", nil},
		{"DROP TABLE " + name + "_all", nil},
	}})
	return name
}

// hasCaller returns 0 for charges without caller and 1 for others.
func (q *query) hasCaller() fragment {
	if !q.s.Large {
		return sql("least(x.caller_id, 1)")
	}
	t := q.table(callers)
	name := q.d.Maps + "has_caller_" + q.s.Catalog
	q.maps = append(q.maps, Map{Name: name, Make: []Statement{{
		"CREATE TABLE " + name + " AS SELECT id::INTEGER AS id, least(id, 1)::INTEGER AS one" +
			" FROM range(0, (SELECT greatest(coalesce(max(" + t.id + "), 0), 1) + 1 FROM " + t.name + ")) r(id)", nil,
	}}})
	q.extra = append(q.extra, sql("\n JOIN "+name+" has ON has.id = x."+t.id))
	return sql("has.one")
}
