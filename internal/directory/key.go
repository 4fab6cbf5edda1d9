package directory

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/base64"
	"errors"
	"time"

	"showback/internal/iamrule"
)

// AccessKey is a key that signs requests, without its secret.
type AccessKey struct {
	ID      string // AKIA…
	Account string
	User    string // empty for a key of the account itself
	Active  bool
	Created time.Time
}

// MaxUserKeys is how many access keys a user has at most. (AWS, "IAM and AWS
// STS quotas", 2026-09.)
const MaxUserKeys = 2

// CreateKey makes an access key for a user, or for the account itself where
// user is empty, and returns its secret: the only time that it is to be had.
// More than MaxUserKeys of a user are an error of KindConflict, LimitExceeded.
func (d *Directory) CreateKey(ctx context.Context, by Actor, account, user string) (key AccessKey, secret string, err error) {
	raw := make([]byte, 30)
	rand.Read(raw)
	key = AccessKey{ID: newID("AKIA", 16), Account: account, Active: true}
	secret = base64.StdEncoding.EncodeToString(raw) // 40 characters, as AWS's have
	err = d.change(ctx, func(t *tx) error {
		key.Created = t.at
		owner, held, err := t.keyOwner(account, user)
		if err != nil {
			return err
		}
		if owner.id != 0 {
			key.User = owner.Name
			if held >= MaxUserKeys {
				return iamrule.Refuse(iamrule.CodeLimitExceeded, "Cannot exceed quota for AccessKeysPerUser: %d", MaxUserKeys)
			}
		}
		sealed, err := d.seal(secret, key.ID)
		if err != nil {
			return err
		}
		if _, err := t.insert("INSERT INTO access_key VALUES (?, ?, ?, 1, ?, (SELECT 1 + coalesce(max(sequence), 0) FROM access_key), ?)",
			key.ID, account, sql.NullInt64{Int64: owner.id, Valid: owner.id != 0}, micros(key.Created), sealed); err != nil {
			return err
		}
		return t.event(by, happening{
			name: "CreateAccessKey", source: iamSource, request: owner.named(),
			response: map[string]any{"accessKey": map[string]any{
				"accessKeyId": key.ID, "status": "Active", "userName": key.User, "createDate": key.Created.Format("Jan 2, 2006 3:04:05 PM")}},
			resources: owner.keyResources(key.ID),
		})
	})
	if err != nil {
		return AccessKey{}, "", err
	}
	return key, secret, nil
}

// keyOwner returns the user whose key it is, the zero Principal for the
// account, and how many keys there are already.
func (t *tx) keyOwner(account, user string) (owner Principal, held int, err error) {
	if user == "" {
		return Principal{}, 0, nil
	}
	if owner, err = mustFind(t.ctx, t, Ref{account, iamrule.User, user}); err != nil {
		return owner, 0, err
	}
	err = t.QueryRowContext(t.ctx, "SELECT count(*) FROM access_key WHERE principal = ?", owner.id).Scan(&held)
	return owner, held, err
}

// named is the user as requests have it; nil for the account.
func (p Principal) named() map[string]any {
	if p.id == 0 {
		return nil
	}
	return map[string]any{"userName": p.Name}
}

func (p Principal) keyResources(key string) []Resource {
	all := []Resource{{"AWS::IAM::AccessKey", key}}
	if p.id != 0 {
		all = append(all, p.resource()...)
	}
	return all
}

const keyQuery = "SELECT k.id, k.account, coalesce(p.name, ''), k.active, k.created, k.secret FROM access_key k LEFT JOIN principal p ON p.id = k.principal"

func scanKey(scan func(...any) error) (k AccessKey, sealed []byte, err error) {
	var created int64
	err = scan(&k.ID, &k.Account, &k.User, &k.Active, &created, &sealed)
	k.Created = instant(created)
	return k, sealed, err
}

// Keys returns the access keys of an account in the order in which they were
// made: of one user, or of the account itself and all its users where user is
// empty.
func (d *Directory) Keys(ctx context.Context, account, user string) (keys []AccessKey, err error) {
	err = d.look(ctx, func(q querier) error {
		if user != "" {
			if _, err := mustFind(ctx, q, Ref{account, iamrule.User, user}); err != nil {
				return err
			}
		}
		return each(ctx, q, func(scan func(...any) error) error {
			k, _, err := scanKey(scan)
			keys = append(keys, k)
			return err
		}, keyQuery+" WHERE k.account = ? AND (? = '' OR p.fold = ?) ORDER BY k.sequence", account, user, iamrule.FoldName(user))
	})
	return keys, err
}

// Key returns an access key. One that is not there is an error of KindNotFound.
func (d *Directory) Key(ctx context.Context, id string) (k AccessKey, err error) {
	err = d.look(ctx, func(q querier) error {
		k, _, err = keyOf(ctx, q, id)
		return err
	})
	return k, err
}

func keyOf(ctx context.Context, q querier, id string) (AccessKey, []byte, error) {
	k, sealed, err := scanKey(q.QueryRowContext(ctx, keyQuery+" WHERE k.id = ?", id).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		err = iamrule.Refuse(iamrule.CodeNoSuchEntity, "The Access Key with id %s cannot be found", id)
	}
	return k, sealed, err
}

// SetKeyActive turns a key on or off.
func (d *Directory) SetKeyActive(ctx context.Context, by Actor, id string, active bool) error {
	status := "Inactive"
	if active {
		status = "Active"
	}
	return d.changeKey(ctx, by, id, "UpdateAccessKey", map[string]any{"status": status}, func(t *tx) error {
		return t.exec("UPDATE access_key SET active = ? WHERE id = ?", active, id)
	})
}

// DeleteKey takes a key away for good.
func (d *Directory) DeleteKey(ctx context.Context, by Actor, id string) error {
	return d.changeKey(ctx, by, id, "DeleteAccessKey", map[string]any{}, func(t *tx) error {
		return t.exec("DELETE FROM access_key WHERE id = ?", id)
	})
}

func (d *Directory) changeKey(ctx context.Context, by Actor, id, name string, request map[string]any, do func(*tx) error) error {
	return d.change(ctx, func(t *tx) error {
		key, _, err := keyOf(ctx, t, id)
		if err != nil {
			return err
		}
		owner, _, err := t.keyOwner(key.Account, key.User)
		if err != nil {
			return err
		}
		request["accessKeyId"] = id
		for k, v := range owner.named() {
			request[k] = v
		}
		t.changed = true
		if err := do(t); err != nil {
			return err
		}
		return t.event(by, happening{name: name, source: iamSource, request: request, resources: owner.keyResources(id)})
	})
}

// Credential is what signs a request: a key, or a role session. Whoever checks
// a signature looks at Active and Expires.
type Credential struct {
	ID, Secret, Account string
	Active              bool
	// User is whose key it is; nil for the account's own and for a session.
	User *Principal
	// Session is set for the credentials of an assumed role.
	Session *Session
}

// Credential returns what an id stands for, with its secret. An unknown one is
// an error of KindNotFound; one whose seal can't be opened, of KindCorrupt.
func (d *Directory) Credential(ctx context.Context, id string) (c Credential, err error) {
	var sealed []byte
	err = d.look(ctx, func(q querier) error {
		s, secret, found, err := sessionOf(ctx, q, id)
		if err != nil {
			return err
		}
		if found {
			c = Credential{ID: id, Account: s.Role.Account, Active: true, Session: &s}
			sealed = secret
			return nil
		}
		k, secret, err := keyOf(ctx, q, id)
		if err != nil {
			return err
		}
		c, sealed = Credential{ID: id, Account: k.Account, Active: k.Active}, secret
		if k.User != "" {
			u, err := mustFind(ctx, q, Ref{k.Account, iamrule.User, k.User})
			c.User = &u
			return err
		}
		return nil
	})
	if err == nil {
		c.Secret, err = d.open(sealed, id)
	}
	if err != nil {
		return Credential{}, err
	}
	return c, nil
}
