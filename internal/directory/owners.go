package directory

import (
	"context"
	"database/sql"
	"slices"
	"time"

	"showback"
	"showback/internal/owners"
)

// PutOwners takes an owners file in: from the day s.From on its rules hold in
// the place of all that were, since ever where it is zero. Files that hold on no
// day any more are forgotten. The same file again changes nothing.
func (d *Directory) PutOwners(ctx context.Context, by Actor, s owners.Sheet) error {
	return d.change(ctx, func(t *tx) error {
		book, err := bookOf(ctx, t)
		if err != nil {
			return err
		}
		if n := len(book); n > 0 && equalSheets(book[n-1].Sheet, s) {
			return nil
		}
		for _, held := range book {
			if held.From.Before(s.From) {
				continue
			}
			for _, query := range []string{"DELETE FROM owner_rule WHERE file = ?", "DELETE FROM owner_file WHERE id = ?"} {
				if err := t.exec(query, held.id); err != nil {
					return err
				}
			}
		}
		id, err := t.insert("INSERT INTO owner_file (name, since, at) VALUES (?, ?, ?)", s.Name, optional(s.From), micros(t.at))
		if err != nil {
			return err
		}
		for _, r := range s.Rules {
			if err := t.exec("INSERT INTO owner_rule VALUES (?, ?, ?, ?, ?, ?, ?)", id, r.Line, r.Match.String(), r.Key, r.Value,
				optional(r.Period.Start), optional(r.Period.End)); err != nil {
				return err
			}
		}
		request := map[string]any{"file": s.Name, "rules": len(s.Rules)}
		if !s.From.IsZero() {
			request["from"] = s.From.Format(time.DateOnly)
		}
		return t.event(by, happening{name: "PutOwners", source: ownSource, request: request})
	})
}

func equalSheets(a, b owners.Sheet) bool {
	return a.Name == b.Name && a.From.Equal(b.From) && slices.EqualFunc(a.Rules, b.Rules, func(a, b owners.Rule) bool {
		return a.Line == b.Line && a.Match == b.Match && a.Key == b.Key && a.Value == b.Value &&
			a.Period.Start.Equal(b.Period.Start) && a.Period.End.Equal(b.Period.End)
	})
}

// Owners returns the owners files that hold on some day.
func (d *Directory) Owners(ctx context.Context) (book owners.Book, err error) {
	err = d.look(ctx, func(q querier) error {
		held, err := bookOf(ctx, q)
		for _, s := range held {
			book = append(book, s.Sheet)
		}
		return err
	})
	return book, err
}

type heldSheet struct {
	owners.Sheet
	id int64
}

func bookOf(ctx context.Context, q querier) (book []heldSheet, err error) {
	at := map[int64]int{}
	err = each(ctx, q, func(scan func(...any) error) error {
		var s heldSheet
		var since sql.NullInt64
		err := scan(&s.id, &s.Name, &since)
		s.From = whenever(since)
		at[s.id], book = len(book), append(book, s)
		return err
	}, "SELECT id, name, since FROM owner_file ORDER BY id")
	if err != nil {
		return nil, err
	}
	err = each(ctx, q, func(scan func(...any) error) error {
		var file int64
		var r owners.Rule
		var written string
		var since, until sql.NullInt64
		if err := scan(&file, &r.Line, &written, &r.Key, &r.Value, &since, &until); err != nil {
			return err
		}
		r.Period = showback.Period{Start: whenever(since), End: whenever(until)}
		m, err := owners.ParseMatch(written)
		if err != nil {
			return showback.Errorf(showback.KindCorrupt, "read the rules of %s: %w", book[at[file]].Name, err)
		}
		r.Match = m
		s := &book[at[file]]
		s.Rules = append(s.Rules, r)
		return nil
	}, "SELECT file, line, match, key, value, since, until FROM owner_rule ORDER BY file, line")
	return book, err
}
