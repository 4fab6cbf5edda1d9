package directory

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"showback"
	"showback/internal/iamrule"
	"showback/internal/tag"
)

func TestKeys(t *testing.T) {
	d, c := openNew(t)
	ctx := t.Context()
	create(t, d, iamrule.User, "alice")
	key, secret, err := d.CreateKey(ctx, root, account, "alice")
	ok(t, err)
	if len(key.ID) != 20 || !strings.HasPrefix(key.ID, "AKIA") || len(secret) != 40 {
		t.Errorf("got %+v, %d characters of secret", key, len(secret))
	}
	cred := must[Credential](t)(d.Credential(ctx, key.ID))
	if cred.Secret != secret || !cred.Active || cred.User.Name != "alice" {
		t.Errorf("got %+v", cred)
	}
	_, _, err = d.CreateKey(ctx, root, account, "alice")
	ok(t, err)
	_, _, err = d.CreateKey(ctx, root, account, "alice")
	fault(t, err, iamrule.CodeLimitExceeded, "Cannot exceed quota for AccessKeysPerUser: 2")
	fault(t, d.Delete(ctx, root, user("alice")), iamrule.CodeDeleteConflict, "Cannot delete entity, must delete access keys first.")
	own, _, err := d.CreateKey(ctx, root, account, "")
	ok(t, err)
	if cred := must[Credential](t)(d.Credential(ctx, own.ID)); cred.User != nil || cred.Account != account {
		t.Errorf("got %+v", cred)
	}
	ok(t, d.SetKeyActive(ctx, root, key.ID, false))
	if must[Credential](t)(d.Credential(ctx, key.ID)).Active {
		t.Error("a key that was turned off is active")
	}
	ok(t, d.DeleteKey(ctx, root, key.ID))
	_, err = d.Credential(ctx, key.ID)
	fault(t, err, iamrule.CodeNoSuchEntity, "The Access Key with id "+key.ID+" cannot be found")
	if keys := must[[]AccessKey](t)(d.Keys(ctx, account, "")); len(keys) != 2 || keys[1].ID != own.ID {
		t.Errorf("got %+v", keys)
	}

	// No secret is in any file of the store, but for the key to the seal in its own.
	_, secret2, err := d.CreateKey(ctx, root, account, "")
	ok(t, err)
	c.at = c.at.Add(time.Hour)
	ok(t, d.Close())
	files, err := os.ReadDir(d.dir)
	ok(t, err)
	for _, file := range files {
		name := file.Name()
		content, err := os.ReadFile(filepath.Join(d.dir, name))
		ok(t, err)
		for _, s := range []string{secret, secret2} {
			if strings.Contains(string(content), s) {
				t.Errorf("%s holds a secret in the clear", name)
			}
		}
		if info, err := os.Stat(filepath.Join(d.dir, name)); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s has rights %v, %v", name, info.Mode(), err)
		}
	}
	ok(t, os.Remove(filepath.Join(d.dir, sealName)))
	if _, err := d.Credential(ctx, own.ID); showback.KindOf(err) != showback.KindCorrupt || !strings.Contains(err.Error(), "state.key is gone") {
		t.Errorf("without the key of the seal: got %v", err)
	}
	ok(t, os.WriteFile(filepath.Join(d.dir, sealName), []byte(strings.Repeat("00", 32)), 0o600))
	if _, err := d.Credential(ctx, own.ID); showback.KindOf(err) != showback.KindCorrupt {
		t.Errorf("with another key: got %v", err)
	}
}

func TestSealBelongsToItsKey(t *testing.T) {
	d, _ := openNew(t)
	ctx := t.Context()
	one, _, err := d.CreateKey(ctx, root, account, "")
	ok(t, err)
	two, _, err := d.CreateKey(ctx, root, account, "")
	ok(t, err)
	ok(t, d.change(ctx, func(x *tx) error {
		x.changed = true
		return x.exec("UPDATE access_key SET secret = (SELECT secret FROM access_key WHERE id = ?) WHERE id = ?", one.ID, two.ID)
	}))
	if _, err := d.Credential(ctx, two.ID); showback.KindOf(err) != showback.KindCorrupt {
		t.Errorf("got %v", err)
	}
}

func TestSessions(t *testing.T) {
	d, c := openNew(t)
	ctx := t.Context()
	must[Principal](t)(d.Create(ctx, root, New{Account: account, Kind: iamrule.Role, Path: "/apps/", Name: "app", Tags: []tag.Pair{{Key: "Team", Value: "a"}}}))
	issued := must[Issued](t)(d.CreateSession(ctx, root, NewSession{Role: Ref{account, iamrule.Role, "app"}, Name: "alice", SourceIdentity: "alice@example.com",
		Tags: []tag.Pair{{Key: "team", Value: "b"}}, Transitive: []string{"team"}, Duration: time.Hour}))
	cred := must[Credential](t)(d.Credential(ctx, issued.ID))
	s := cred.Session
	if cred.Secret != issued.Secret || s.ARN() != "arn:aws:sts::111122223333:assumed-role/app/alice" || !s.Expires.Equal(c.at.Add(time.Hour)) {
		t.Errorf("got %+v", cred)
	}
	if !s.HasToken(issued.Token) || s.HasToken(issued.Token+"x") || s.HasToken("") {
		t.Error("the token is not told from others")
	}
	if got := tag.Override(s.Role.Tags, s.Tags); !slices.Equal(got, []tag.Pair{{Key: "team", Value: "b"}}) {
		t.Errorf("got tags %v", got)
	}
	page := must[EventPage](t)(d.Events(ctx, EventQuery{Name: "AssumeRole", Limit: 10}))
	if len(page.Events) != 1 || !strings.Contains(page.Events[0].Record, `"principalTags":{"team":"b"}`) || strings.Contains(page.Events[0].Record, issued.Secret) {
		t.Errorf("got %+v", page)
	}
	c.at = c.at.Add(26 * time.Hour)
	must[Issued](t)(d.CreateSession(ctx, root, NewSession{Role: Ref{account, iamrule.Role, "app"}, Name: "b2", Duration: time.Hour}))
	if _, err := d.Credential(ctx, issued.ID); showback.KindOf(err) != showback.KindNotFound {
		t.Errorf("a day after it ended: got %v", err)
	}
}
