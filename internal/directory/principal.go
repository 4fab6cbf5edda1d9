package directory

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/base32"
	"errors"
	"strings"
	"time"

	"showback/internal/iamrule"
	"showback/internal/tag"
)

// Ref names a user or role that is not deleted. Names are told apart without
// their case.
type Ref struct {
	Account string
	Kind    iamrule.Kind
	Name    string
}

// Principal is a user or role of the directory.
type Principal struct {
	Partition, Account string
	Kind               iamrule.Kind
	Path, Name         string
	UniqueID           string // AIDA… or AROA…
	// Provisional says that the unique id was made here: bills name the
	// principal, and nothing has said yet which id AWS gave it.
	Provisional bool
	Created     time.Time
	Deleted     time.Time // zero while it is there
	// Tags are those of today, in order of key; those it had last, once deleted.
	Tags        []tag.Pair
	Description string
	Trust       string // a role's trust policy, JSON
	MaxSession  int    // a role's longest session, in seconds
	Boundary    string // ARN of the permissions boundary

	id int64
}

// ARN returns the principal's ARN, with its path.
func (p Principal) ARN() string {
	return iamrule.ARN(p.Partition, p.Account, p.Kind, p.Path, p.Name)
}

// Ref returns what names the principal.
func (p Principal) Ref() Ref { return Ref{p.Account, p.Kind, p.Name} }

// Taggable reports whether AWS lets anybody tag the principal: not the roles of
// Identity Center, whose callers get tags from sessions or an owners file.
func (p Principal) Taggable() bool { return !iamrule.IsIdentityCenter(p.Kind, p.Path, p.Name) }

func (p Principal) resource() []Resource {
	kind := "AWS::IAM::User"
	if p.Kind == iamrule.Role {
		kind = "AWS::IAM::Role"
	}
	return []Resource{{kind, p.Name}, {kind, p.ARN()}}
}

// title begins the names of operations and of messages: "User".
func title(kind iamrule.Kind) string { return strings.ToUpper(string(kind[:1])) + string(kind[1:]) }

const principalColumns = "id, partition, account, kind, name, path, unique_id, provisional, created, deleted, description, trust, max_session, boundary"

func scanPrincipal(scan func(...any) error) (p Principal, err error) {
	var created int64
	var deleted sql.NullInt64
	err = scan(&p.id, &p.Partition, &p.Account, &p.Kind, &p.Name, &p.Path, &p.UniqueID, &p.Provisional, &created, &deleted,
		&p.Description, &p.Trust, &p.MaxSession, &p.Boundary)
	p.Created, p.Deleted = instant(created), whenever(deleted)
	return p, err
}

// find returns a principal that is there, with its tags.
func find(ctx context.Context, q querier, r Ref) (p Principal, ok bool, err error) {
	p, err = scanPrincipal(q.QueryRowContext(ctx, "SELECT "+principalColumns+" FROM principal WHERE account = ? AND kind = ? AND fold = ? AND deleted IS NULL",
		r.Account, r.Kind, iamrule.FoldName(r.Name)).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return Principal{}, false, nil
	}
	if err == nil {
		p.Tags, err = tagsOf(ctx, q, p.id)
	}
	return p, err == nil, err
}

func mustFind(ctx context.Context, q querier, r Ref) (Principal, error) {
	p, ok, err := find(ctx, q, r)
	if err == nil && !ok {
		err = noSuch(r)
	}
	return p, err
}

func noSuch(r Ref) error {
	return iamrule.Refuse(iamrule.CodeNoSuchEntity, "The %s with name %s cannot be found.", r.Kind, r.Name)
}

func tagsOf(ctx context.Context, q querier, id int64) (tags []tag.Pair, err error) {
	err = each(ctx, q, func(scan func(...any) error) error {
		var p tag.Pair
		err := scan(&p.Key, &p.Value)
		tags = append(tags, p)
		return err
	}, "SELECT key, value FROM tag WHERE principal = ? ORDER BY fold", id)
	return tags, err
}

// Get returns a user or role with its tags. One that is not there is an error
// of KindNotFound, NoSuchEntity in IAM's words.
func (d *Directory) Get(ctx context.Context, r Ref) (p Principal, err error) {
	err = d.look(ctx, func(q querier) error {
		p, err = mustFind(ctx, q, r)
		return err
	})
	return p, err
}

// Listing says which principals are to be listed. Empty fields ask nothing.
type Listing struct {
	Account    string
	Kind       iamrule.Kind
	PathPrefix string
	// After leaves out what comes up to this name, it included; it needs Account
	// and Kind, which make names unique. A name that is gone is a place, too.
	After string
	Limit int // 0 for all
	// Deleted has those deleted, too. Then one name may stand for several.
	Deleted bool
}

// List returns principals with their tags, in order of account, kind, name
// without case, and creation. more reports that the limit left some out.
func (d *Directory) List(ctx context.Context, ask Listing) (all []Principal, more bool, err error) {
	where, args := []string{"1"}, []any{}
	add := func(given bool, term string, values ...any) {
		if given {
			where, args = append(where, term), append(args, values...)
		}
	}
	add(!ask.Deleted, "deleted IS NULL")
	add(ask.Account != "", "account = ?", ask.Account)
	add(ask.Kind != "", "kind = ?", ask.Kind)
	add(ask.PathPrefix != "", "substr(path, 1, ?) = ?", len(ask.PathPrefix), ask.PathPrefix)
	add(ask.After != "", "fold > ?", iamrule.FoldName(ask.After))
	limit := -1 // SQLite's word for none
	if ask.Limit > 0 {
		limit = ask.Limit + 1
	}
	selected := " FROM principal WHERE " + strings.Join(where, " AND ") + " ORDER BY account, kind, fold, id LIMIT ?"
	args = append(args, limit)
	err = d.look(ctx, func(q querier) error {
		at := map[int64]int{}
		err := each(ctx, q, func(scan func(...any) error) error {
			p, err := scanPrincipal(scan)
			at[p.id], all = len(all), append(all, p)
			return err
		}, "SELECT "+principalColumns+selected, args...)
		if err != nil {
			return err
		}
		return each(ctx, q, func(scan func(...any) error) error {
			var id int64
			var t tag.Pair
			err := scan(&id, &t.Key, &t.Value)
			all[at[id]].Tags = append(all[at[id]].Tags, t)
			return err
		}, "SELECT principal, key, value FROM tag WHERE principal IN (SELECT id"+selected+") ORDER BY principal, fold", args...)
	})
	if ask.Limit > 0 && len(all) > ask.Limit {
		all, more = all[:ask.Limit], true
	}
	return all, more, err
}

// New describes a user or role to create.
type New struct {
	Partition, Account string
	Kind               iamrule.Kind
	Path               string // empty for "/"
	Name               string
	Tags               []tag.Pair
	Description        string
	Trust              string
	MaxSession         int // seconds; 0 for 3600
	Boundary           string
}

const defaultSession = 3600 // seconds. (AWS, "IAM API reference: CreateRole", 2026-09.)

// Create makes a user or role. One of that name is an error of KindConflict,
// EntityAlreadyExists; names, paths and tags that IAM does not take are of
// KindInvalid.
func (d *Directory) Create(ctx context.Context, by Actor, n New) (p Principal, err error) {
	p = Principal{
		Partition: n.Partition, Account: n.Account, Kind: n.Kind, Path: n.Path, Name: n.Name,
		Description: n.Description, Trust: n.Trust, MaxSession: n.MaxSession, Boundary: n.Boundary,
	}
	if p.Partition == "" {
		p.Partition = "aws"
	}
	if p.Path == "" {
		p.Path = "/"
	}
	if p.Kind == iamrule.Role && p.MaxSession == 0 {
		p.MaxSession = defaultSession
	}
	if err := iamrule.CheckName(p.Kind, p.Name); err != nil {
		return Principal{}, err
	}
	if err := iamrule.CheckPath(p.Path); err != nil {
		return Principal{}, err
	}
	if p.Tags, err = iamrule.AddTags(nil, n.Tags); err != nil {
		return Principal{}, err
	}
	err = d.change(ctx, func(t *tx) error {
		_, exists, err := find(ctx, t, p.Ref())
		if err != nil {
			return err
		}
		if exists {
			return iamrule.Refuse(iamrule.CodeExists, "%s with name %s already exists.", title(p.Kind), p.Name)
		}
		p.Created = t.at
		if err := t.create(&p); err != nil {
			return err
		}
		request := map[string]any{"path": p.Path, p.Kind.Parameter(): p.Name}
		if len(p.Tags) > 0 {
			request["tags"] = tagList(p.Tags)
		}
		if p.Kind == iamrule.Role {
			request["assumeRolePolicyDocument"], request["maxSessionDuration"] = p.Trust, p.MaxSession
			if p.Description != "" {
				request["description"] = p.Description
			}
		}
		return t.event(by, happening{name: "Create" + title(p.Kind), source: iamSource, request: request, response: created(p), resources: p.resource()})
	})
	return p, err
}

// created is what a CreateUser or CreateRole event says was made.
func created(p Principal) map[string]any {
	made := map[string]any{
		"arn": p.ARN(), p.Kind.Parameter(): p.Name, string(p.Kind) + "Id": p.UniqueID, "path": p.Path,
		"createDate": p.Created.Format("Jan 2, 2006 3:04:05 PM"), // so in real records
	}
	if len(p.Tags) > 0 {
		made["tags"] = tagList(p.Tags)
	}
	return map[string]any{string(p.Kind): made}
}

func tagList(tags []tag.Pair) []map[string]string {
	list := make([]map[string]string, len(tags))
	for i, t := range tags {
		list[i] = map[string]string{"key": t.Key, "value": t.Value}
	}
	return list
}

// create adds a principal with its tags, and gives it a unique id where it has
// none.
func (t *tx) create(p *Principal) (err error) {
	if p.UniqueID == "" {
		p.UniqueID = newID(p.Kind.IDPrefix(), 17)
	}
	p.id, err = t.insert("INSERT INTO principal (partition, account, kind, name, fold, path, unique_id, provisional, created, deleted, description, trust, max_session, boundary)"+
		" VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, NULL, ?, ?, ?, ?)", p.Partition, p.Account, p.Kind, p.Name, iamrule.FoldName(p.Name), p.Path,
		p.UniqueID, p.Provisional, micros(p.Created), p.Description, p.Trust, p.MaxSession, p.Boundary)
	if err != nil {
		return err
	}
	if err := t.exec("INSERT INTO named (principal, name, fold, since) VALUES (?, ?, ?, ?)", p.id, p.Name, iamrule.FoldName(p.Name), micros(p.Created)); err != nil {
		return err
	}
	tags := p.Tags
	p.Tags = nil
	return t.setTags(p, tags, t.at)
}

// newID returns a random identifier such as AWS gives: the prefix and n letters
// and digits.
func newID(prefix string, n int) string {
	b := make([]byte, n)
	rand.Read(b) // never fails; see crypto/rand
	return prefix + base32.StdEncoding.EncodeToString(b)[:n]
}
