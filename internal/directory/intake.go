package directory

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"showback"
	"showback/internal/iamrule"
	"showback/internal/tag"
)

// Intake says how to take in authorization details.
type Intake struct {
	Entities []iamrule.Entity
	// From is since when tags that differ from those known are in force; zero for
	// now. IAM tells the tags of today alone.
	From time.Time
	// Prune deletes the users and roles that the details do not have, in the
	// accounts that they have something of.
	Prune bool
}

// Taken is what an intake came to.
type Taken struct {
	Created   []string `json:"created"` // ARNs, in order of account, kind and name
	Recreated []string `json:"recreated"`
	Changed   []string `json:"changed"` // tags, path or trust
	Deleted   []string `json:"deleted"`
	// Absent are those known that the details do not have; with Prune none.
	Absent    []string `json:"absent"`
	Unchanged int      `json:"unchanged"`
}

// Import takes the users and roles of authorization details in: all or, on an
// error, none. Who is known by name and unique id is brought up to date. Another
// unique id says that the one known was deleted and this one created, with
// its own history. One that was deleted here is there again. What is the same
// already changes nothing.
func (d *Directory) Import(ctx context.Context, by Actor, in Intake) (out Taken, err error) {
	err = d.change(ctx, func(t *tx) error {
		out = Taken{Created: []string{}, Recreated: []string{}, Changed: []string{}, Deleted: []string{}, Absent: []string{}}
		here := map[Ref]bool{}
		accounts := map[string]bool{}
		for _, e := range in.Entities {
			here[Ref{e.Account, e.Kind, iamrule.FoldName(e.Name)}], accounts[e.Account] = true, true
			if err := t.take(by, e, in.From, &out); err != nil {
				return err
			}
		}
		return t.absent(by, here, accounts, in.Prune, &out)
	})
	if err != nil {
		return Taken{}, err
	}
	return out, nil
}

func (t *tx) take(by Actor, e iamrule.Entity, from time.Time, out *Taken) error {
	held, ok, err := find(t.ctx, t, Ref{e.Account, e.Kind, e.Name})
	if err != nil {
		return err
	}
	switch {
	case ok && (held.UniqueID == e.ID || held.Provisional):
		changed, err := t.bring(by, held, e, from)
		if changed {
			out.Changed = append(out.Changed, held.ARN())
		} else {
			out.Unchanged++
		}
		return err
	case ok:
		at := e.Created
		if at.After(t.at) {
			at = t.at
		}
		if err := t.delete(held, at); err != nil {
			return err
		}
		if err := t.event(by, happening{name: "Delete" + title(held.Kind), source: iamSource,
			request: map[string]any{held.Kind.Parameter(): held.Name}, resources: held.resource()}); err != nil {
			return err
		}
	}
	if !ok {
		revived, err := t.revive(by, e)
		if err != nil {
			return err
		}
		if revived.id != 0 {
			_, err := t.bring(by, revived, e, from)
			out.Created = append(out.Created, revived.ARN())
			return err
		}
	}
	arn, err := t.enter(by, e, from)
	if ok {
		out.Recreated = append(out.Recreated, arn)
	} else {
		out.Created = append(out.Created, arn)
	}
	return err
}

// revive brings back one that was deleted here and is there all the same, by its
// name and unique id; the zero Principal for none.
func (t *tx) revive(by Actor, e iamrule.Entity) (p Principal, err error) {
	p, err = scanPrincipal(t.QueryRowContext(t.ctx, "SELECT "+principalColumns+" FROM principal WHERE unique_id = ? AND account = ? AND kind = ? AND fold = ?",
		e.ID, e.Account, e.Kind, iamrule.FoldName(e.Name)).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return Principal{}, nil
	}
	if err != nil {
		return p, err
	}
	t.changed = true
	if err := t.exec("UPDATE principal SET deleted = NULL WHERE id = ?", p.id); err != nil {
		return p, err
	}
	if err := t.exec("UPDATE named SET until = NULL WHERE id = (SELECT max(id) FROM named WHERE principal = ?)", p.id); err != nil {
		return p, err
	}
	if p.Tags, err = tagsOf(t.ctx, t, p.id); err != nil {
		return p, err
	}
	return p, t.event(by, happening{name: "Create" + title(p.Kind), source: iamSource,
		request: map[string]any{"path": p.Path, p.Kind.Parameter(): p.Name}, response: created(p), resources: p.resource()})
}

// enter adds an entity that is not known.
func (t *tx) enter(by Actor, e iamrule.Entity, from time.Time) (arn string, err error) {
	p := Principal{Partition: e.Partition, Account: e.Account, Kind: e.Kind, Path: e.Path, Name: e.Name, UniqueID: e.ID, Created: e.Created, Trust: e.Trust}
	var known int
	if err := t.QueryRowContext(t.ctx, "SELECT count(*) FROM principal WHERE unique_id = ?", e.ID).Scan(&known); err != nil {
		return "", err
	}
	if known > 0 {
		return "", showback.WithHint(showback.Errorf(showback.KindConflict, "import %s: the unique id %s is that of another or of one deleted", p.ARN(), e.ID),
			"give the newest authorization details")
	}
	if p.Kind == iamrule.Role {
		p.MaxSession = defaultSession
	}
	if err := t.create(&p); err != nil {
		return "", err
	}
	if err := t.setTags(&p, e.Tags, t.since(from, e)); err != nil {
		return "", err
	}
	request := map[string]any{"path": p.Path, p.Kind.Parameter(): p.Name}
	if len(p.Tags) > 0 {
		request["tags"] = tagList(p.Tags)
	}
	return p.ARN(), t.event(by, happening{name: "Create" + title(p.Kind), source: iamSource, request: request, response: created(p), resources: p.resource()})
}

// since is when the tags of an entity begin: not before it did.
func (t *tx) since(from time.Time, e iamrule.Entity) time.Time {
	if from.IsZero() || !from.Before(e.Created) || e.Created.After(t.at) {
		return from
	}
	return e.Created
}

// bring makes what is known of an entity what it is.
func (t *tx) bring(by Actor, held Principal, e iamrule.Entity, from time.Time) (changed bool, err error) {
	put, drop := tag.Diff(held.Tags, e.Tags)
	same := held.Path == e.Path && held.Name == e.Name && held.UniqueID == e.ID && (e.Trust == "" || held.Trust == e.Trust)
	if same && len(put)+len(drop) == 0 {
		return false, nil
	}
	if !same {
		t.changed = true
		if e.Trust == "" {
			e.Trust = held.Trust
		}
		created := held.Created
		if held.Provisional {
			created = e.Created
		}
		if err := t.exec("UPDATE principal SET path = ?, name = ?, unique_id = ?, provisional = 0, trust = ?, created = ? WHERE id = ?",
			e.Path, e.Name, e.ID, e.Trust, micros(created), held.id); err != nil {
			return true, err
		}
		held.Path, held.Name = e.Path, e.Name
		if err := t.event(by, happening{name: "Update" + title(held.Kind), source: iamSource,
			request: map[string]any{held.Kind.Parameter(): held.Name, "newPath": e.Path}, resources: held.resource()}); err != nil {
			return true, err
		}
	}
	if len(put)+len(drop) == 0 {
		return true, nil
	}
	if err := t.setTags(&held, e.Tags, t.since(from, e)); err != nil {
		return true, err
	}
	if len(put) > 0 {
		err = t.event(by, happening{name: "Tag" + title(held.Kind), source: iamSource,
			request: map[string]any{held.Kind.Parameter(): held.Name, "tags": tagList(put)}, resources: held.resource()})
	}
	if err == nil && len(drop) > 0 {
		err = t.event(by, happening{name: "Untag" + title(held.Kind), source: iamSource,
			request: map[string]any{held.Kind.Parameter(): held.Name, "tagKeys": drop}, resources: held.resource()})
	}
	return true, err
}

// absent looks for those known that the details do not have.
func (t *tx) absent(by Actor, here map[Ref]bool, accounts map[string]bool, prune bool, out *Taken) error {
	var gone []Principal
	err := each(t.ctx, t, func(scan func(...any) error) error {
		p, err := scanPrincipal(scan)
		if accounts[p.Account] && !here[Ref{p.Account, p.Kind, iamrule.FoldName(p.Name)}] {
			gone = append(gone, p)
		}
		return err
	}, "SELECT "+principalColumns+" FROM principal WHERE deleted IS NULL ORDER BY account, kind, fold")
	if err != nil {
		return err
	}
	for _, p := range gone {
		if !prune {
			out.Absent = append(out.Absent, p.ARN())
			continue
		}
		if err := t.delete(p, t.at); err != nil {
			return err
		}
		if err := t.event(by, happening{name: "Delete" + title(p.Kind), source: iamSource,
			request: map[string]any{p.Kind.Parameter(): p.Name}, resources: p.resource()}); err != nil {
			return err
		}
		out.Deleted = append(out.Deleted, p.ARN())
	}
	return nil
}

// Adopt enters a user or role that bills name and the directory does not know,
// with tags: its unique id is made here until an import says which it is.
func (d *Directory) Adopt(ctx context.Context, by Actor, p Principal, tags []tag.Pair, from time.Time) (Principal, error) {
	if err := iamrule.CheckTags(tags); err != nil {
		return Principal{}, err
	}
	err := d.change(ctx, func(t *tx) error {
		held, ok, err := find(ctx, t, p.Ref())
		switch {
		case err != nil:
			return err
		case ok: // entered by another process meanwhile
			p = held
		default:
			if err := protected(p); err != nil {
				return err
			}
			p.Provisional, p.Created, p.Tags = true, t.at, nil
			if !from.IsZero() {
				p.Created = from
			}
			if p.Path == "" {
				p.Path = "/"
			}
			if err := t.create(&p); err != nil {
				return err
			}
		}
		if err := t.tagEvent(by, p, tags, from); err != nil {
			return err
		}
		p.Tags, err = tagsOf(ctx, t, p.id)
		return err
	})
	return p, err
}
