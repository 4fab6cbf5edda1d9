package directory

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"showback"
	"showback/internal/iamrule"
	"showback/internal/owners"
	"showback/internal/tag"
)

func TestActivations(t *testing.T) {
	d, c := openNew(t)
	ctx := t.Context()
	team := showback.TagKey{Source: showback.TagCaller, Name: "team"}
	began := c.at
	ok(t, d.SetActivations(ctx, root, []Setting{{team, true}, {showback.TagKey{Source: showback.TagResource, Name: "team"}, false}}))
	c.at = c.at.Add(time.Hour)
	ok(t, d.SetActivations(ctx, root, []Setting{{team, true}}))
	all := must[[]Activation](t)(d.Activations(ctx))
	if len(all) != 2 || all[0].Key != team || !all[0].Active || !all[0].Since.Equal(began) || all[0].By != "arn:aws:iam::111122223333:root" {
		t.Errorf("got %+v", all)
	}
	ok(t, d.SetActivations(ctx, root, []Setting{{team, false}}))
	if all := must[[]Activation](t)(d.Activations(ctx)); all[0].Active || !all[0].Since.Equal(c.at) {
		t.Errorf("got %+v", all)
	}
	must[Backfill](t)(d.AddBackfill(ctx, root, moment("2026-09-01T00:00:00Z")))
	if all := must[[]Backfill](t)(d.Backfills(ctx)); len(all) != 1 || !all[0].Completed.Equal(c.at) {
		t.Errorf("got %+v", all)
	}
}

func TestOwnersFiles(t *testing.T) {
	d, _ := openNew(t)
	ctx := t.Context()
	sheet := func(name, from, text string) owners.Sheet {
		rules, err := owners.Read(strings.NewReader("match,key,value,from,to\n"+text), name, func(tag.Pair) error { return nil })
		ok(t, err)
		s := owners.Sheet{Name: name, Rules: rules}
		if from != "" {
			s.From = moment(from + "T00:00:00Z")
		}
		return s
	}
	one := sheet("one.csv", "", "role:app,team,a,2026-09,\nemail:*@x.example,team,b,,2026-10-05\n")
	two := sheet("two.csv", "2026-10-01", "role:app,team,c,,\n")
	ok(t, d.PutOwners(ctx, root, one))
	version := must[int64](t)(d.Version(ctx))
	ok(t, d.PutOwners(ctx, root, one))
	if got := must[int64](t)(d.Version(ctx)); got != version {
		t.Errorf("the same file again: version %d, want %d", got, version)
	}
	ok(t, d.PutOwners(ctx, root, two))
	f := func(want ...owners.Sheet) {
		t.Helper()
		if diff := cmp.Diff(owners.Book(want), must[owners.Book](t)(d.Owners(ctx)), cmp.AllowUnexported(owners.Match{})); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
	}
	f(one, two)
	three := sheet("three.csv", "2026-09-15", "role:app,team,d,,\n")
	ok(t, d.PutOwners(ctx, root, three))
	f(one, three) // the second holds on no day any more
	ok(t, d.PutOwners(ctx, root, two))
	f(one, three, two)
	one.Name = "again.csv"
	ok(t, d.PutOwners(ctx, root, one))
	f(one)
}

func TestImport(t *testing.T) {
	d, c := openNew(t)
	ctx := t.Context()
	entity := func(name, id, created string, tags ...tag.Pair) iamrule.Entity {
		return iamrule.Entity{Partition: "aws", Account: account, Kind: iamrule.User, Path: "/", Name: name, ID: id, Created: moment(created + "T00:00:00Z"), Tags: tags}
	}
	team := func(v string) tag.Pair { return tag.Pair{Key: "team", Value: v} }
	f := func(in Intake, want string) {
		t.Helper()
		got, err := d.Import(ctx, root, in)
		ok(t, err)
		text := strings.ReplaceAll(fmt.Sprintf("%v", got), "arn:aws:iam::111122223333:user/", "")
		if text != want {
			t.Errorf("got %s, want %s", text, want)
		}
	}
	must[Principal](t)(d.Adopt(ctx, root, Principal{Partition: "aws", Account: account, Kind: iamrule.User, Name: "billed"}, []tag.Pair{team("b")}, moment("2026-08-01T00:00:00Z")))
	dump := []iamrule.Entity{entity("alice", "AIDA1", "2026-09-01", team("a")), entity("billed", "AIDA2", "2026-01-01", team("b"))}
	f(Intake{Entities: dump, From: moment("2026-07-01T00:00:00Z")}, "{[alice] [] [billed] [] [] 0}")
	version := must[int64](t)(d.Version(ctx))
	f(Intake{Entities: dump}, "{[] [] [] [] [] 2}")
	if got := must[int64](t)(d.Version(ctx)); got != version {
		t.Errorf("the same again: version %d, want %d", got, version)
	}
	c.at = moment("2026-10-10T00:00:00Z")
	f(Intake{Entities: []iamrule.Entity{entity("alice", "AIDA3", "2026-10-08", team("z"))}}, "{[] [alice] [] [] [billed] 0}")
	f(Intake{Entities: []iamrule.Entity{entity("alice", "AIDA3", "2026-10-08")}, Prune: true}, "{[] [] [alice] [billed] [] 0}")
	f(Intake{Entities: []iamrule.Entity{entity("alice", "AIDA3", "2026-10-08"), entity("billed", "AIDA2", "2026-01-01", team("b"))}}, "{[billed] [] [] [] [] 1}") // it was there all the same
	all, _, err := d.Histories(ctx)
	ok(t, err)
	var got []string
	for _, n := range all {
		for _, day := range []string{"2026-08-31", "2026-09-01", "2026-10-07", "2026-10-08", "2026-10-10"} {
			v, _ := tag.Value(n.Tags.OnDay(moment(day+"T00:00:00Z")), "team")
			got = append(got, n.Name+" "+day+" "+v)
		}
	}
	want := []string{
		"alice 2026-08-31 ", "alice 2026-09-01 a", "alice 2026-10-07 a", "alice 2026-10-08 ", "alice 2026-10-10 ",
		"billed 2026-08-31 b", "billed 2026-09-01 b", "billed 2026-10-07 b", "billed 2026-10-08 b", "billed 2026-10-10 b",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	_, err = d.Import(ctx, root, Intake{Entities: []iamrule.Entity{entity("carol", "AIDA9", "2026-01-01"), entity("dora", "AIDA1", "2026-01-01")}})
	if showback.KindOf(err) != showback.KindConflict {
		t.Errorf("an id of one deleted: got %v", err)
	}
	if _, err := d.Get(ctx, user("carol")); showback.KindOf(err) != showback.KindNotFound {
		t.Errorf("a refused import left carol: %v", err)
	}
}

func TestEvents(t *testing.T) {
	d, c := openNew(t)
	ctx := t.Context()
	by := Actor{Type: "AssumedRole", Account: account, ARN: "arn:aws:sts::111122223333:assumed-role/admin/alice", PrincipalID: "AROA1:alice", UserName: "admin",
		IssuerARN: "arn:aws:iam::111122223333:role/admin", IssuerID: "AROA1", AccessKeyID: "ASIA1", SourceIP: "192.0.2.1", UserAgent: "aws-cli", RequestID: "r1"}
	create(t, d, iamrule.User, "bob")
	c.at = c.at.Add(time.Second)
	ok(t, d.Tag(ctx, by, user("bob"), []tag.Pair{{Key: "team", Value: "a<b"[:1]}}, time.Time{}))
	ok(t, d.Untag(ctx, by, user("bob"), []string{"team"}, time.Time{}))
	ok(t, d.SetAccount(ctx, root, Account{ID: account, Name: "Example"}))
	f := func(ask EventQuery, want string) {
		t.Helper()
		var names []string
		for ask.Limit = 1; ; {
			page := must[EventPage](t)(d.Events(ctx, ask))
			for _, e := range page.Events {
				names = append(names, e.Name)
			}
			if ask.Before = page.Next; ask.Before == "" {
				break
			}
		}
		if got := strings.Join(names, " "); got != want {
			t.Errorf("%+v: got %s, want %s", ask, got, want)
		}
	}
	f(EventQuery{}, "PutAccountName UntagUser TagUser CreateUser")
	f(EventQuery{Username: "alice"}, "UntagUser TagUser")
	f(EventQuery{AccessKeyID: "ASIA1", Name: "TagUser"}, "TagUser")
	f(EventQuery{ResourceName: "bob"}, "UntagUser TagUser CreateUser")
	f(EventQuery{ResourceType: "AWS::IAM::User", End: c.at}, "CreateUser")
	f(EventQuery{Start: c.at, Source: "iam.amazonaws.com"}, "UntagUser TagUser")
	if _, err := d.Events(ctx, EventQuery{Before: "x", Limit: 1}); showback.KindOf(err) != showback.KindInvalid {
		t.Errorf("got %v", err)
	}
	e := must[EventPage](t)(d.Events(ctx, EventQuery{Name: "TagUser", Limit: 1})).Events[0]
	want := `{"eventVersion":"1.08","userIdentity":{"type":"AssumedRole","principalId":"AROA1:alice","arn":"arn:aws:sts::111122223333:assumed-role/admin/alice","accountId":"111122223333","accessKeyId":"ASIA1",` +
		`"sessionContext":{"sessionIssuer":{"type":"Role","principalId":"AROA1","arn":"arn:aws:iam::111122223333:role/admin","accountId":"111122223333","userName":"admin"}}},` +
		`"eventTime":"2026-10-05T12:00:01Z","eventSource":"iam.amazonaws.com","eventName":"TagUser","awsRegion":"us-east-1","sourceIPAddress":"192.0.2.1","userAgent":"aws-cli",` +
		`"requestParameters":{"tags":[{"key":"team","value":"a"}],"userName":"bob"},"responseElements":null,"requestID":"r1","eventID":"` + e.ID + `","readOnly":false,` +
		`"eventType":"AwsApiCall","managementEvent":true,"recipientAccountId":"111122223333","eventCategory":"Management"}`
	if diff := cmp.Diff(want, e.Record); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if !json.Valid([]byte(e.Record)) {
		t.Error("the record is no JSON")
	}
}
