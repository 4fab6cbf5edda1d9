package directory

import (
	"context"
	"time"

	"showback/internal/iamrule"
)

// Update says what is to change of a user or role; nil leaves it. IAM changes
// name and path of users only, and the rest of roles only: who speaks for IAM
// asks for nothing else.
type Update struct {
	Name, Path, Description, Trust *string
	MaxSession                     *int
}

// Update changes a user or role and returns it. It keeps its unique id and its
// tags; a bill of before names it as it was called then.
func (d *Directory) Update(ctx context.Context, by Actor, r Ref, u Update) (p Principal, err error) {
	if u.Name != nil {
		if err := iamrule.CheckName(r.Kind, *u.Name); err != nil {
			return Principal{}, err
		}
	}
	if u.Path != nil {
		if err := iamrule.CheckPath(*u.Path); err != nil {
			return Principal{}, err
		}
	}
	err = d.change(ctx, func(t *tx) error {
		if p, err = mustFind(ctx, t, r); err != nil {
			return err
		}
		if err := protected(p); err != nil {
			return err
		}
		before := p.resource()
		request := map[string]any{p.Kind.Parameter(): p.Name}
		set := func(to, value *string, name string) {
			if value != nil {
				*to, request[name] = *value, *value
			}
		}
		if u.Name != nil && iamrule.FoldName(*u.Name) != iamrule.FoldName(p.Name) {
			if _, taken, err := find(ctx, t, Ref{p.Account, p.Kind, *u.Name}); err != nil {
				return err
			} else if taken {
				return iamrule.Refuse(iamrule.CodeExists, "%s with name %s already exists.", title(p.Kind), *u.Name)
			}
		}
		if u.Name != nil && *u.Name != p.Name {
			if err := t.rename(p.id, *u.Name); err != nil {
				return err
			}
		}
		set(&p.Name, u.Name, "new"+title(p.Kind)+"Name")
		set(&p.Path, u.Path, "newPath")
		set(&p.Description, u.Description, "description")
		set(&p.Trust, u.Trust, "policyDocument")
		if u.MaxSession != nil {
			p.MaxSession, request["maxSessionDuration"] = *u.MaxSession, *u.MaxSession
		}
		t.changed = true
		if err := t.exec("UPDATE principal SET name = ?, fold = ?, path = ?, description = ?, trust = ?, max_session = ? WHERE id = ?",
			p.Name, iamrule.FoldName(p.Name), p.Path, p.Description, p.Trust, p.MaxSession, p.id); err != nil {
			return err
		}
		name := "Update" + title(p.Kind)
		if u.Trust != nil {
			name = "UpdateAssumeRolePolicy"
		}
		return t.event(by, happening{name: name, source: iamSource, request: request, resources: before})
	})
	return p, err
}

func (t *tx) rename(id int64, name string) error {
	if err := t.exec("UPDATE named SET until = ? WHERE principal = ? AND until IS NULL", micros(t.at), id); err != nil {
		return err
	}
	return t.exec("INSERT INTO named (principal, name, fold, since) VALUES (?, ?, ?, ?)", id, name, iamrule.FoldName(name), micros(t.at))
}

// protected refuses to change what AWS lets nobody change.
func protected(p Principal) error {
	if p.Taggable() {
		return nil
	}
	return iamrule.Refuse(iamrule.CodeUnmodifiable, "Cannot perform the operation on the protected role '%s' - this role is only modifiable by AWS", p.Name)
}

// Delete takes a user or role away. Its tags stay what they were last, for the
// days that were billed. A user with access keys is an error of KindConflict,
// DeleteConflict; sessions of a role end with it.
func (d *Directory) Delete(ctx context.Context, by Actor, r Ref) error {
	return d.change(ctx, func(t *tx) error {
		p, err := mustFind(ctx, t, r)
		if err != nil {
			return err
		}
		if err := protected(p); err != nil {
			return err
		}
		var keys int
		if err := t.QueryRowContext(ctx, "SELECT count(*) FROM access_key WHERE principal = ?", p.id).Scan(&keys); err != nil {
			return err
		}
		if keys > 0 {
			return iamrule.Refuse(iamrule.CodeDeleteConflict, "Cannot delete entity, must delete access keys first.")
		}
		if err := t.delete(p, t.at); err != nil {
			return err
		}
		return t.event(by, happening{name: "Delete" + title(p.Kind), source: iamSource,
			request: map[string]any{p.Kind.Parameter(): p.Name}, resources: p.resource()})
	})
}

func (t *tx) delete(p Principal, at time.Time) error {
	t.changed = true
	if at.Before(p.Created) {
		at = p.Created
	}
	for _, table := range []string{"session", "access_key"} {
		if err := t.exec("DELETE FROM "+table+" WHERE principal = ?", p.id); err != nil {
			return err
		}
	}
	if err := t.exec("UPDATE named SET until = ? WHERE principal = ? AND until IS NULL", micros(at), p.id); err != nil {
		return err
	}
	return t.exec("UPDATE principal SET deleted = ? WHERE id = ?", micros(at), p.id)
}
