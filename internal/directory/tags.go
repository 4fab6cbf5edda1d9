package directory

import (
	"context"
	"database/sql"
	"time"

	"showback"
	"showback/internal/iamrule"
	"showback/internal/tag"
)

// Tag puts tags on a user or role: all of them, or on an error none. They are
// in force from an instant on, not after now; the zero time is now. A key that
// has changed after that instant is an error of KindConflict: what was said
// later would be lost. Tags that IAM would not take are refused in its words,
// and so is a role of Identity Center.
func (d *Directory) Tag(ctx context.Context, by Actor, r Ref, tags []tag.Pair, from time.Time) error {
	if err := iamrule.CheckTags(tags); err != nil {
		return err
	}
	return d.change(ctx, func(t *tx) error {
		p, err := mustFind(ctx, t, r)
		if err != nil {
			return err
		}
		return t.tagEvent(by, p, tags, from)
	})
}

// tagEvent puts tags on a principal and records it, where they change anything.
func (t *tx) tagEvent(by Actor, p Principal, tags []tag.Pair, from time.Time) error {
	if err := protected(p); err != nil {
		return err
	}
	all, err := iamrule.AddTags(p.Tags, tags)
	if err != nil {
		return err
	}
	if put, _ := tag.Diff(p.Tags, all); len(put) == 0 {
		return nil
	}
	if err := t.setTags(&p, all, from); err != nil {
		return err
	}
	return t.event(by, happening{name: "Tag" + title(p.Kind), source: iamSource,
		request: map[string]any{p.Kind.Parameter(): p.Name, "tags": tagList(tags)}, resources: p.resource()})
}

// Untag takes the tags of these keys, whatever their case, off a user or role.
// Keys that it does not have are passed over, as IAM does. For from see Tag.
func (d *Directory) Untag(ctx context.Context, by Actor, r Ref, keys []string, from time.Time) error {
	if err := iamrule.CheckTagKeys(keys); err != nil {
		return err
	}
	return d.change(ctx, func(t *tx) error {
		p, err := mustFind(ctx, t, r)
		if err != nil {
			return err
		}
		if err := protected(p); err != nil {
			return err
		}
		left := p.Tags
		for _, key := range keys {
			left = tag.Drop(left, key)
		}
		if len(left) == len(p.Tags) {
			return nil
		}
		if err := t.setTags(&p, left, from); err != nil {
			return err
		}
		return t.event(by, happening{name: "Untag" + title(p.Kind), source: iamSource,
			request: map[string]any{p.Kind.Parameter(): p.Name, "tagKeys": keys}, resources: p.resource()})
	})
}

// setTags makes the tags of a principal these, from an instant on.
func (t *tx) setTags(p *Principal, tags []tag.Pair, from time.Time) error {
	put, drop := tag.Diff(p.Tags, tags)
	for _, one := range put {
		if err := t.setTag(*p, one.Key, sql.NullString{String: one.Value, Valid: true}, from); err != nil {
			return err
		}
	}
	for _, key := range drop {
		if err := t.setTag(*p, key, sql.NullString{}, from); err != nil {
			return err
		}
	}
	p.Tags = tags
	return nil
}

// setTag records one change; a value that is NULL takes the key away.
func (t *tx) setTag(p Principal, key string, value sql.NullString, from time.Time) error {
	at, err := t.dated(p, key, from)
	if err != nil {
		return err
	}
	fold := tag.Fold(key)
	if _, err := t.insert("INSERT INTO tag_change (principal, at, fold, key, value) VALUES (?, ?, ?, ?, ?)", p.id, micros(at), fold, key, value); err != nil {
		return err
	}
	if !value.Valid {
		return t.exec("DELETE FROM tag WHERE principal = ? AND fold = ?", p.id, fold)
	}
	return t.exec("INSERT OR REPLACE INTO tag VALUES (?, ?, ?, ?)", p.id, fold, key, value.String)
}

// dated returns the instant of a change of a key.
func (t *tx) dated(p Principal, key string, from time.Time) (time.Time, error) {
	var last sql.NullInt64
	if err := t.QueryRowContext(t.ctx, "SELECT max(at) FROM tag_change WHERE principal = ? AND fold = ?", p.id, tag.Fold(key)).Scan(&last); err != nil {
		return from, err
	}
	if from.IsZero() || from.Equal(t.at) {
		// A clock that went back must not put this change before the last one.
		if last.Valid && instant(last.Int64).After(t.at) {
			return instant(last.Int64), nil
		}
		return t.at, nil
	}
	if from.After(t.at) {
		return from, showback.Errorf(showback.KindInvalid, "tag %s: %s is in the future", p.ARN(), from.Format(time.DateOnly))
	}
	if last.Valid && instant(last.Int64).After(from) {
		return from, showback.WithHint(showback.Errorf(showback.KindConflict, "tag %s: %s has changed after %s, at %s",
			p.ARN(), key, from.Format(time.DateOnly), instant(last.Int64).Format(time.RFC3339)), "give a later date, or none for now")
	}
	var earlier sql.NullInt64
	if err := t.QueryRowContext(t.ctx, "SELECT max(deleted) FROM principal WHERE account = ? AND kind = ? AND fold = ?",
		p.Account, p.Kind, iamrule.FoldName(p.Name)).Scan(&earlier); err != nil {
		return from, err
	}
	if earlier.Valid && from.Before(instant(earlier.Int64)) {
		return from, showback.WithHint(showback.Errorf(showback.KindConflict, "tag %s: on %s another %s had that name, until %s",
			p.ARN(), from.Format(time.DateOnly), p.Kind, instant(earlier.Int64).Format(time.RFC3339)), "give a later date")
	}
	return from, nil
}

// Named is who callers of one name were over time: a name that was given anew
// after its user was deleted or renamed stands for several.
type Named struct {
	Account string
	Kind    iamrule.Kind
	Name    string // as it was last spelled
	// Tags has the tags of whoever had the name, and after the last of them what
	// that one had last.
	Tags tag.History
}

// Histories returns the tags of all principals over time, deleted ones
// included, ordered by account, kind and name without case, and the version of
// the directory that they are of.
func (d *Directory) Histories(ctx context.Context) (all []Named, version int64, err error) {
	err = d.look(ctx, func(q querier) error {
		if version, err = versionOf(ctx, q); err != nil {
			return err
		}
		changes := map[int64][]tag.Change{}
		err := each(ctx, q, func(scan func(...any) error) error {
			var id, at int64
			var key string
			var value sql.NullString
			err := scan(&id, &at, &key, &value)
			changes[id] = append(changes[id], tag.Change{At: instant(at), Key: key, Value: value.String, Removed: !value.Valid})
			return err
		}, "SELECT principal, at, key, value FROM tag_change ORDER BY principal, at, id")
		if err != nil {
			return err
		}
		var fold string
		var merged []tag.Change
		end := func() {
			if len(all) > 0 {
				all[len(all)-1].Tags = tag.NewHistory(merged)
			}
			merged = nil
		}
		err = each(ctx, q, func(scan func(...any) error) error {
			var n Named
			var f string
			var id, since int64
			var until sql.NullInt64
			if err := scan(&n.Account, &n.Kind, &n.Name, &f, &id, &since, &until); err != nil {
				return err
			}
			if k := n.Account + " " + string(n.Kind) + " " + f; k != fold || len(all) == 0 {
				end()
				fold, all = k, append(all, n)
			}
			all[len(all)-1].Name = n.Name
			merged = append(merged, bearer(changes[id], instant(since), whenever(until), len(merged) > 0)...)
			return nil
		}, "SELECT p.account, p.kind, n.name, n.fold, p.id, n.since, n.until FROM named n JOIN principal p ON p.id = n.principal"+
			" ORDER BY p.account, p.kind, n.fold, n.since, n.id")
		end()
		return err
	})
	return all, version, err
}

// TagDays returns the tags that callers of a name had by day; one stretch without
// tags where none ever had any.
func (d *Directory) TagDays(ctx context.Context, r Ref) ([]tag.Span, error) {
	all, _, err := d.Histories(ctx)
	if err != nil {
		return nil, err
	}
	for _, n := range all {
		if n.Account == r.Account && n.Kind == r.Kind && iamrule.FoldName(n.Name) == iamrule.FoldName(r.Name) {
			return n.Tags.Days(), nil
		}
	}
	return tag.History{}.Days(), nil
}

// bearer returns the changes of one bearer of a name: where another had it
// before, from since on, with what it has by then; up to until, unless zero.
func bearer(changes []tag.Change, since, until time.Time, another bool) []tag.Change {
	var held, after []tag.Change
	for _, c := range changes {
		switch {
		case !until.IsZero() && c.At.After(until):
		case another && c.At.Before(since):
			held = append(held, c)
		default:
			after = append(after, c)
		}
	}
	if !another {
		return after
	}
	all := []tag.Change{{At: since, Anew: true}}
	for _, p := range tag.NewHistory(held).Now() {
		all = append(all, tag.Change{At: since, Key: p.Key, Value: p.Value})
	}
	return append(all, after...)
}
