package directory

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"showback"
)

// Activation is the state of a cost allocation tag, as it was last set here. A
// key that was never set has none: whether its bills carry it is not known here.
type Activation struct {
	Key    showback.TagKey
	Active bool
	// Since is when the state began, By the ARN of who set it.
	Since time.Time
	By    string
}

// Activations returns the tags whose state was set, ordered by source and key.
func (d *Directory) Activations(ctx context.Context) (all []Activation, err error) {
	err = d.look(ctx, func(q querier) error {
		return each(ctx, q, func(scan func(...any) error) error {
			var a Activation
			var at int64
			err := scan(&a.Key.Source, &a.Key.Name, &a.Active, &at, &a.By)
			a.Since = instant(at)
			all = append(all, a)
			return err
		}, "SELECT source, key, active, at, by FROM activation WHERE id IN (SELECT max(id) FROM activation GROUP BY source, key) ORDER BY source, key")
	})
	return all, err
}

// Setting is a state to set.
type Setting struct {
	Key    showback.TagKey
	Active bool
}

// SetActivations sets the states of tags, all or on an error none. What is in
// that state already stays, with its date. Which keys there are, who asks has
// looked.
func (d *Directory) SetActivations(ctx context.Context, by Actor, settings []Setting) error {
	return d.change(ctx, func(t *tx) error {
		var done []map[string]string
		for _, s := range settings {
			var active bool
			err := t.QueryRowContext(ctx, "SELECT active FROM activation WHERE source = ? AND key = ? ORDER BY id DESC LIMIT 1", s.Key.Source, s.Key.Name).Scan(&active)
			if err != nil && !errors.Is(err, sql.ErrNoRows) {
				return err
			}
			if err == nil && active == s.Active {
				continue
			}
			if _, err := t.insert("INSERT INTO activation (source, key, active, at, by) VALUES (?, ?, ?, ?, ?)",
				s.Key.Source, s.Key.Name, s.Active, micros(t.at), by.ARN); err != nil {
				return err
			}
			status := "Inactive"
			if s.Active {
				status = "Active"
			}
			done = append(done, map[string]string{"tagKey": s.Key.String(), "status": status})
		}
		if len(done) == 0 {
			return nil
		}
		return t.event(by, happening{name: "UpdateCostAllocationTagsStatus", source: ceSource,
			request: map[string]any{"costAllocationTagsStatus": done}, response: map[string]any{"errors": []any{}}})
	})
}

// Backfill is a request to put the activations of today on the past. Here it is
// done as soon as it is asked, since history is cut anew at every question.
type Backfill struct {
	From                 time.Time // first instant of a month
	Requested, Completed time.Time
	By                   string
}

// AddBackfill records one.
func (d *Directory) AddBackfill(ctx context.Context, by Actor, from time.Time) (b Backfill, err error) {
	err = d.change(ctx, func(t *tx) error {
		b = Backfill{From: from.UTC(), Requested: t.at, Completed: t.at, By: by.ARN}
		if _, err := t.insert("INSERT INTO backfill (since, requested, completed, by) VALUES (?, ?, ?, ?)",
			micros(b.From), micros(b.Requested), micros(b.Completed), b.By); err != nil {
			return err
		}
		return t.event(by, happening{name: "StartCostAllocationTagBackfill", source: ceSource,
			request: map[string]any{"backfillFrom": from.UTC().Format(time.RFC3339)}})
	})
	return b, err
}

// Backfills returns those recorded, the newest first.
func (d *Directory) Backfills(ctx context.Context) (all []Backfill, err error) {
	err = d.look(ctx, func(q querier) error {
		return each(ctx, q, func(scan func(...any) error) error {
			var b Backfill
			var since, requested, completed int64
			err := scan(&since, &requested, &completed, &b.By)
			b.From, b.Requested, b.Completed = instant(since), instant(requested), instant(completed)
			all = append(all, b)
			return err
		}, "SELECT since, requested, completed, by FROM backfill ORDER BY id DESC")
	})
	return all, err
}
