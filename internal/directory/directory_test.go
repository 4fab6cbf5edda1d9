package directory

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"showback"
	"showback/internal/iamrule"
	"showback/internal/tag"
)

const account = "111122223333"

var root = Local(account, "test")

// A clock stands until it is set.
type clock struct{ at time.Time }

func (c *clock) now() time.Time { return c.at }

func moment(text string) time.Time {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		panic(err)
	}
	return t
}

func openNew(t *testing.T) (*Directory, *clock) {
	t.Helper()
	c := &clock{moment("2026-10-05T12:00:00Z")}
	d := Open(t.TempDir(), c.now)
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	return d, c
}

func user(name string) Ref { return Ref{account, iamrule.User, name} }

func must[T any](t *testing.T) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// fault compares an error with IAM's code and message.
func fault(t *testing.T, err error, code, message string) {
	t.Helper()
	var f *iamrule.Error
	if !errors.As(err, &f) || f.Code != code || f.Message != message {
		t.Errorf("got %v, want %s: %s", err, code, message)
	}
}

func create(t *testing.T, d *Directory, kind iamrule.Kind, name string, tags ...tag.Pair) Principal {
	t.Helper()
	return must[Principal](t)(d.Create(t.Context(), root, New{Account: account, Kind: kind, Name: name, Tags: tags}))
}

func TestLookingMakesNothing(t *testing.T) {
	d, _ := openNew(t)
	all, _, err := d.List(t.Context(), Listing{})
	ok(t, err)
	if _, set, err := d.Account(t.Context()); err != nil || set || len(all) > 0 {
		t.Errorf("got %v, %v, %v", all, set, err)
	}
	if files, _ := os.ReadDir(d.dir); len(files) > 0 {
		t.Errorf("found %v", files)
	}
	other := Open(d.dir, d.now)
	defer other.Close()
	create(t, other, iamrule.User, "alice")
	if all, _, err := d.List(t.Context(), Listing{}); err != nil || len(all) != 1 {
		t.Errorf("after a change by another: got %v, %v", all, err)
	}
}

func TestPrincipals(t *testing.T) {
	d, c := openNew(t)
	ctx := t.Context()
	alice := must[Principal](t)(d.Create(ctx, root, New{Account: account, Kind: iamrule.User, Path: "/eng/", Name: "Alice", Tags: []tag.Pair{{Key: "Team", Value: "search"}}}))
	if !strings.HasPrefix(alice.UniqueID, "AIDA") || len(alice.UniqueID) != 21 || alice.ARN() != "arn:aws:iam::111122223333:user/eng/Alice" {
		t.Errorf("got %+v", alice)
	}
	_, err := d.Create(ctx, root, New{Account: account, Kind: iamrule.User, Name: "alice"})
	fault(t, err, iamrule.CodeExists, "User with name alice already exists.")
	create(t, d, iamrule.Role, "alice") // a role may have a user's name
	got := must[Principal](t)(d.Get(ctx, user("ALICE")))
	if diff := cmp.Diff(alice, got, cmp.AllowUnexported(Principal{})); diff != "" {
		t.Errorf("-created +got:\n%s", diff)
	}
	_, err = d.Get(ctx, user("bob"))
	fault(t, err, iamrule.CodeNoSuchEntity, "The user with name bob cannot be found.")

	name, path := "alice2", "/"
	must[Principal](t)(d.Update(ctx, root, user("alice"), Update{Name: &name, Path: &path}))
	renamed := must[Principal](t)(d.Get(ctx, user("alice2")))
	if renamed.UniqueID != alice.UniqueID || renamed.Path != "/" || !slices.Equal(renamed.Tags, alice.Tags) {
		t.Errorf("renamed: got %+v", renamed)
	}
	create(t, d, iamrule.User, "bob")
	_, err = d.Update(ctx, root, user("alice2"), Update{Name: new("BOB")})
	fault(t, err, iamrule.CodeExists, "User with name BOB already exists.")

	c.at = c.at.Add(time.Hour)
	ok(t, d.Delete(ctx, root, user("alice2")))
	fault(t, d.Delete(ctx, root, user("alice2")), iamrule.CodeNoSuchEntity, "The user with name alice2 cannot be found.")
	again := create(t, d, iamrule.User, "alice2")
	if again.UniqueID == alice.UniqueID || len(again.Tags) > 0 {
		t.Errorf("created again: got %+v", again)
	}
	all, _, err := d.List(ctx, Listing{Deleted: true})
	ok(t, err)
	var list []string
	for _, p := range all {
		list = append(list, fmt.Sprint(p.Kind, " ", p.Name, " ", p.Deleted.IsZero(), " ", p.Tags))
	}
	want := []string{"role alice true []", "user alice2 false [{Team search}]", "user alice2 true []", "user bob true []"}
	if diff := cmp.Diff(want, list); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestPages(t *testing.T) {
	d, _ := openNew(t)
	var want, got []string
	for i := range 23 {
		name := fmt.Sprintf("%c%02d", 'A'+32*(i%2), i)
		create(t, d, iamrule.User, name, tag.Pair{Key: "n", Value: name})
		want = append(want, name)
	}
	slices.SortFunc(want, func(a, b string) int { return strings.Compare(strings.ToLower(a), strings.ToLower(b)) })
	for after, more := "", true; more; {
		var page []Principal
		var err error
		page, more, err = d.List(t.Context(), Listing{Account: account, Kind: iamrule.User, After: after, Limit: 5})
		ok(t, err)
		for _, p := range page {
			got = append(got, p.Name)
			if len(p.Tags) != 1 || p.Tags[0].Value != p.Name {
				t.Errorf("%s has tags %v", p.Name, p.Tags)
			}
		}
		after = got[len(got)-1]
		if more {
			ok(t, d.Delete(t.Context(), root, user(after))) // a marker that is gone is a place all the same
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestTagsOverTime(t *testing.T) {
	d, c := openNew(t)
	ctx := t.Context()
	create(t, d, iamrule.User, "alice", tag.Pair{Key: "Department", Value: "finance"})
	c.at = moment("2026-10-07T15:00:00Z")
	ok(t, d.Tag(ctx, root, user("alice"), []tag.Pair{{Key: "department", Value: "hr"}, {Key: "team", Value: "x"}}, time.Time{}))
	c.at = moment("2026-10-09T00:00:00Z")
	ok(t, d.Untag(ctx, root, user("alice"), []string{"TEAM", "nothing"}, time.Time{}))
	ok(t, d.Delete(ctx, root, user("alice")))
	c.at = moment("2026-10-11T08:00:00Z")
	create(t, d, iamrule.User, "alice", tag.Pair{Key: "team", Value: "new"})

	all, version, err := d.Histories(ctx)
	ok(t, err)
	if len(all) != 1 || all[0].Name != "alice" || version != must[int64](t)(d.Version(ctx)) {
		t.Fatalf("got %v of version %d", all, version)
	}
	f := func(day, want string) {
		t.Helper()
		if got := fmt.Sprint(all[0].Tags.OnDay(moment(day + "T00:00:00Z"))); got != want {
			t.Errorf("%s: got %s, want %s", day, got, want)
		}
	}
	f("2026-10-04", "[]")
	f("2026-10-05", "[{Department finance}]")
	f("2026-10-06", "[{Department finance}]")
	f("2026-10-07", "[{department hr} {team x}]")
	f("2026-10-08", "[{department hr} {team x}]")
	f("2026-10-09", "[{department hr}]")
	f("2026-10-10", "[{department hr}]") // deleted: what it had last
	f("2026-10-11", "[{team new}]")      // another one, of the same ARN
}

func TestHistoryOfNamesThatChange(t *testing.T) {
	d, c := openNew(t)
	ctx := t.Context()
	create(t, d, iamrule.User, "alice", tag.Pair{Key: "team", Value: "a"})
	c.at = moment("2026-10-07T00:00:00Z")
	must[Principal](t)(d.Update(ctx, root, user("alice"), Update{Name: new("bob")}))
	c.at = moment("2026-10-08T00:00:00Z")
	ok(t, d.Tag(ctx, root, user("bob"), []tag.Pair{{Key: "team", Value: "b"}}, time.Time{}))
	c.at = moment("2026-10-09T00:00:00Z")
	must[Principal](t)(d.Update(ctx, root, user("bob"), Update{Name: new("carol")}))
	create(t, d, iamrule.User, "bob")
	all, _, err := d.Histories(ctx)
	ok(t, err)
	var got []string
	for _, n := range all {
		text := n.Name
		for day := moment("2026-10-05T00:00:00Z"); day.Before(moment("2026-10-10T00:00:00Z")); day = day.AddDate(0, 0, 1) {
			v, _ := tag.Value(n.Tags.OnDay(day), "team")
			text += " " + v + "."
		}
		got = append(got, text)
	}
	// A name that nobody has any more keeps what its last bearer had when it lost it.
	want := []string{"alice a. a. a. a. a.", "bob a. a. a. b. .", "carol a. a. a. b. b."}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestBackdatedTags(t *testing.T) {
	d, c := openNew(t)
	ctx := t.Context()
	create(t, d, iamrule.User, "alice")
	ok(t, d.Tag(ctx, root, user("alice"), []tag.Pair{{Key: "team", Value: "a"}}, moment("2026-09-01T00:00:00Z")))
	c.at = c.at.Add(time.Hour)
	err := d.Tag(ctx, root, user("alice"), []tag.Pair{{Key: "env", Value: "x"}, {Key: "team", Value: "b"}}, moment("2026-08-01T00:00:00Z"))
	if showback.KindOf(err) != showback.KindConflict || !strings.Contains(err.Error(), "team has changed after 2026-08-01") {
		t.Errorf("got %v", err)
	}
	err = d.Tag(ctx, root, user("alice"), []tag.Pair{{Key: "env", Value: "x"}}, moment("2026-12-01T00:00:00Z"))
	if showback.KindOf(err) != showback.KindInvalid {
		t.Errorf("got %v", err)
	}
	if p := must[Principal](t)(d.Get(ctx, user("alice"))); len(p.Tags) != 1 {
		t.Errorf("a refused request left %v", p.Tags)
	}
	all, _, err := d.Histories(ctx)
	ok(t, err)
	if got := all[0].Tags.OnDay(moment("2026-09-01T00:00:00Z")); len(got) != 1 {
		t.Errorf("got %v", got)
	}
	// A clock that goes back puts no change before the last one.
	ok(t, d.Tag(ctx, root, user("alice"), []tag.Pair{{Key: "team", Value: "b"}}, time.Time{}))
	c.at = c.at.Add(-48 * time.Hour)
	ok(t, d.Tag(ctx, root, user("alice"), []tag.Pair{{Key: "team", Value: "c"}}, time.Time{}))
	all, _, err = d.Histories(ctx)
	ok(t, err)
	if v, _ := tag.Value(all[0].Tags.Now(), "team"); v != "c" {
		t.Errorf("got %s, want c", v)
	}
}

func TestRefusedTags(t *testing.T) {
	d, _ := openNew(t)
	ctx := t.Context()
	var many []tag.Pair
	for i := range 50 {
		many = append(many, tag.Pair{Key: fmt.Sprint("k", i), Value: "v"})
	}
	create(t, d, iamrule.User, "alice", many...)
	before := must[int64](t)(d.Version(ctx))
	fault(t, d.Tag(ctx, root, user("alice"), []tag.Pair{{Key: "k1", Value: "w"}, {Key: "one-more"}}, time.Time{}),
		iamrule.CodeLimitExceeded, "The number of tags has reached the maximum limit.")
	sso := "AWSReservedSSO_Developer_0123456789abcdef"
	must[Taken](t)(d.Import(ctx, root, Intake{Entities: []iamrule.Entity{{Partition: "aws", Account: account, Kind: iamrule.Role, Name: sso, Path: "/aws-reserved/sso.amazonaws.com/", ID: "AROASSO"}}}))
	fault(t, d.Tag(ctx, root, Ref{account, iamrule.Role, sso}, []tag.Pair{{Key: "k"}}, time.Time{}), iamrule.CodeUnmodifiable,
		"Cannot perform the operation on the protected role '"+sso+"' - this role is only modifiable by AWS")
	ok(t, d.Tag(ctx, root, user("alice"), []tag.Pair{{Key: "k1", Value: "v"}}, time.Time{})) // no change
	if got := must[int64](t)(d.Version(ctx)); got != before+1 {
		t.Errorf("version went from %d to %d, want one change, the import", before, got)
	}
}

// A sealed secret that is moved to another key does not open there.
func TestFormats(t *testing.T) {
	d, _ := openNew(t)
	create(t, d, iamrule.User, "alice")
	ok(t, d.Check(t.Context()))
	ok(t, d.Close())
	db, err := sql.Open("sqlite", d.path())
	ok(t, err)
	_, err = db.Exec("PRAGMA user_version = 99")
	ok(t, errors.Join(err, db.Close()))
	before, err := os.ReadFile(d.path())
	ok(t, err)
	for _, do := range []func() error{
		func() error { _, err := d.Version(context.Background()); return err },
		func() error { return d.Delete(context.Background(), root, user("alice")) },
	} {
		if err := do(); showback.KindOf(err) != showback.KindInvalid || !strings.Contains(err.Error(), "its format is 99") {
			t.Errorf("got %v", err)
		}
	}
	ok(t, d.Close())
	if after, err := os.ReadFile(d.path()); err != nil || string(after) != string(before) {
		t.Errorf("a newer database was changed: %v", err)
	}
	ok(t, os.WriteFile(d.path(), []byte(strings.Repeat("no database ", 1000)), 0o600))
	if _, err := d.Version(context.Background()); showback.KindOf(err) != showback.KindCorrupt {
		t.Errorf("got %v", err)
	}
}
