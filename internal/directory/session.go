package directory

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"errors"
	"time"

	"showback"
	"showback/internal/iamrule"
	"showback/internal/tag"
)

// Session is an assumed role.
type Session struct {
	Role           Principal
	Name           string
	SourceIdentity string
	Tags           []tag.Pair // given to the session, those that passed on included
	Transitive     []string   // keys that pass on to sessions assumed from it
	Created        time.Time
	Expires        time.Time

	token [sha256.Size]byte
}

// ARN returns the session's ARN, which has lost the role's path.
func (s Session) ARN() string {
	return showback.ARN{Partition: s.Role.Partition, Service: "sts", Account: s.Role.Account,
		Resource: "assumed-role/" + s.Role.Name + "/" + s.Name}.String()
}

// HasToken reports whether a text is the session's token, in a time that does
// not tell how much of it was right.
func (s Session) HasToken(text string) bool {
	sum := sha256.Sum256([]byte(text))
	return subtle.ConstantTimeCompare(sum[:], s.token[:]) == 1
}

// NewSession says which role to assume, and how.
type NewSession struct {
	Role           Ref
	Name           string
	SourceIdentity string
	Tags           []tag.Pair
	Transitive     []string
	Duration       time.Duration
}

// Issued are the credentials of a session: the only time that secret and token
// are to be had.
type Issued struct {
	Session           Session
	ID, Secret, Token string
}

// CreateSession makes credentials of a session of a role. Who asks has checked
// names, tags and duration; a role that is not there is an error of
// KindNotFound.
func (d *Directory) CreateSession(ctx context.Context, by Actor, n NewSession) (out Issued, err error) {
	raw := make([]byte, 30+120)
	rand.Read(raw)
	out = Issued{ID: newID("ASIA", 16), Secret: base64.StdEncoding.EncodeToString(raw[:30]), Token: base64.StdEncoding.EncodeToString(raw[30:])}
	err = d.change(ctx, func(t *tx) error {
		role, err := mustFind(ctx, t, Ref{n.Role.Account, iamrule.Role, n.Role.Name})
		if err != nil {
			return err
		}
		s := Session{Role: role, Name: n.Name, SourceIdentity: n.SourceIdentity, Tags: tag.Sorted(n.Tags), Transitive: n.Transitive,
			Created: t.at, Expires: t.at.Add(n.Duration).Truncate(time.Second), token: sha256.Sum256([]byte(out.Token))}
		out.Session = s
		sealed, err := d.seal(out.Secret, out.ID)
		if err != nil {
			return err
		}
		tags, err := json.Marshal(s.Tags)
		if err != nil {
			return err
		}
		transitive, err := json.Marshal(s.Transitive)
		if err != nil {
			return err
		}
		if err := t.exec("DELETE FROM session WHERE expires < ?", micros(t.at.Add(-24*time.Hour))); err != nil {
			return err
		}
		if _, err := t.insert("INSERT INTO session VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", out.ID, role.id, s.Name, s.SourceIdentity,
			string(tags), string(transitive), micros(s.Created), micros(s.Expires), s.token[:], sealed); err != nil {
			return err
		}
		request := map[string]any{"roleArn": role.ARN(), "roleSessionName": s.Name, "durationSeconds": int64(n.Duration / time.Second)}
		if len(s.Tags) > 0 {
			principalTags := map[string]string{}
			for _, p := range s.Tags {
				principalTags[p.Key] = p.Value
			}
			request["principalTags"] = principalTags
		}
		if len(s.Transitive) > 0 {
			request["transitiveTagKeys"] = s.Transitive
		}
		if s.SourceIdentity != "" {
			request["sourceIdentity"] = s.SourceIdentity
		}
		return t.event(by, happening{
			name: "AssumeRole", source: stsSource, request: request, resources: role.resource(),
			response: map[string]any{
				"credentials":     map[string]any{"accessKeyId": out.ID, "expiration": s.Expires.Format("Jan 2, 2006 3:04:05 PM")},
				"assumedRoleUser": map[string]any{"arn": s.ARN(), "assumedRoleId": role.UniqueID + ":" + s.Name},
			},
		})
	})
	if err != nil {
		return Issued{}, err
	}
	return out, nil
}

// sessionOf returns the session of a credential, expired ones of the last day
// included, so that they can be told from unknown ones.
func sessionOf(ctx context.Context, q querier, id string) (s Session, sealed []byte, ok bool, err error) {
	var role, created, expires int64
	var tags, transitive string
	var token []byte
	err = q.QueryRowContext(ctx, "SELECT principal, name, source_identity, tags, transitive, created, expires, token, secret FROM session WHERE id = ?", id).
		Scan(&role, &s.Name, &s.SourceIdentity, &tags, &transitive, &created, &expires, &token, &sealed)
	if errors.Is(err, sql.ErrNoRows) {
		return Session{}, nil, false, nil
	}
	if err != nil {
		return Session{}, nil, false, err
	}
	s.Created, s.Expires = instant(created), instant(expires)
	copy(s.token[:], token)
	if err := errors.Join(json.Unmarshal([]byte(tags), &s.Tags), json.Unmarshal([]byte(transitive), &s.Transitive)); err != nil {
		return Session{}, nil, false, showback.Errorf(showback.KindCorrupt, "read session %s: %w", id, err)
	}
	s.Role, err = scanPrincipal(q.QueryRowContext(ctx, "SELECT "+principalColumns+" FROM principal WHERE id = ?", role).Scan)
	if err == nil {
		s.Role.Tags, err = tagsOf(ctx, q, role)
	}
	return s, sealed, err == nil, err
}
