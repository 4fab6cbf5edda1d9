package duckdb

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"strings"

	"github.com/duckdb/duckdb-go/v2"

	"showback"
	"showback/internal/engine/sqlgen"
	"showback/internal/identity"
)

// deriveCallers returns the table of what internal/identity says of the
// segment's callers; see sqlgen.SegmentInfo. It is made once and goes with the
// segment.
func (s *segment) deriveCallers(ctx context.Context, db *sql.DB) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.callers != "" {
		return s.callers, nil
	}
	conn, err := db.Conn(ctx)
	if err != nil {
		return "", fault(ctx, s.file, err)
	}
	defer conn.Close()
	name := "callers_" + s.catalog
	if err := fillCallers(ctx, conn, s.catalog, name); err != nil {
		_, _ = conn.ExecContext(context.WithoutCancel(ctx), "DROP TABLE IF EXISTS memory.main."+name)
		return "", fault(ctx, s.file, err)
	}
	s.callers = "memory.main." + name
	return s.callers, nil
}

func fillCallers(ctx context.Context, conn *sql.Conn, catalog, name string) error {
	_, err := conn.ExecContext(ctx, "CREATE TABLE memory.main."+name+" (caller_id INTEGER, principal VARCHAR, role VARCHAR,"+
		" session VARCHAR, person VARCHAR, certainty VARCHAR, who VARCHAR, person_folded VARCHAR, who_folded VARCHAR)")
	if err != nil {
		return err
	}
	rows, err := conn.QueryContext(ctx, "SELECT caller_id, arn FROM "+catalog+".caller ORDER BY caller_id")
	if err != nil {
		return err
	}
	defer rows.Close()
	var derived [][]driver.Value
	for rows.Next() {
		var id int32
		var arn string
		if err := rows.Scan(&id, &arn); err != nil {
			return err
		}
		derived = append(derived, derive(id, identity.Parse(arn)))
	}
	if err := rows.Err(); err != nil {
		return err
	}
	return conn.Raw(func(raw any) error {
		a, err := duckdb.NewAppenderFromConn(raw.(driver.Conn), "main", name)
		if err != nil {
			return err
		}
		for _, row := range derived {
			if err := a.AppendRow(row...); err != nil {
				return errors.Join(err, a.Close())
			}
		}
		return a.Close()
	})
}

// manyCallers is how many ids of callers a query names; more it looks up itself.
const manyCallers = 100

// keptCallers is for how many conditions a segment keeps which callers pass.
const keptCallers = 64

// whichCallers returns the ids that the query finds in the segment's dictionary
// of callers: more than manyCallers of them are not all.
func (s *segment) whichCallers(ctx context.Context, db *sql.DB, which sqlgen.Statement) ([]int32, error) {
	key := fmt.Sprintf("%s %q", which.Text, which.Args)
	s.mu.Lock()
	ids, ok := s.found[key]
	s.mu.Unlock()
	if ok {
		return ids, nil
	}
	rows, err := db.QueryContext(ctx, which.Text+fmt.Sprintf(" LIMIT %d", manyCallers+1), which.Args...)
	if err != nil {
		return nil, fault(ctx, s.file, err)
	}
	defer rows.Close()
	ids = []int32{}
	for rows.Next() {
		var id int32
		if err := rows.Scan(&id); err != nil {
			return nil, fault(ctx, s.file, err)
		}
		ids = append(ids, id)
	}
	if err := rows.Err(); err != nil {
		return nil, fault(ctx, s.file, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.found == nil || len(s.found) >= keptCallers {
		s.found = map[string][]int32{}
	}
	s.found[key] = ids
	return ids, nil
}

// derive returns a row of the table of derived callers.
func derive(id int32, c showback.Caller) []driver.Value {
	principal := identity.PrincipalARN(c)
	person, ok := identity.PersonOf(c)
	who := person.Name
	if !ok {
		who = principal
	}
	row := []driver.Value{id}
	for _, text := range []string{principal, identity.Role(c), identity.Session(c), person.Name, string(person.Certainty), who,
		strings.ToLower(person.Name), strings.ToLower(who)} {
		if text == "" {
			row = append(row, nil)
			continue
		}
		row = append(row, text)
	}
	return row
}
