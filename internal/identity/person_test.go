package identity

import (
	"strings"
	"testing"

	"showback"
)

const (
	asKnown   = showback.PersonKnown
	asClaimed = showback.PersonClaimed
)

func TestPersonOf(t *testing.T) {
	f := func(resource, name string, certainty showback.Certainty) {
		t.Helper()
		service := "sts"
		if strings.HasPrefix(resource, "user/") || strings.HasPrefix(resource, "role/") || resource == "root" {
			service = "iam"
		}
		c := Parse("arn:aws:" + service + "::111122223333:" + resource)
		want := showback.Person{Name: name, Certainty: certainty}
		if got, ok := PersonOf(c); got != want || ok != (name != "") {
			t.Errorf("PersonOf %s = %+v, %t, want %+v", resource, got, ok, want)
		}
	}

	const sso = "assumed-role/AWSReservedSSO_Dev_Ops_0123456789abcdef/"
	f(sso+"Alice@Example.com", "alice@example.com", asKnown)
	f(sso+"Carlos", "Carlos", asKnown)
	f(sso+"Alice@CORP", "Alice@CORP", asKnown)
	f(sso+"claude-code-alice", "claude-code-alice", asKnown)
	f("role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Dev_Ops_0123456789abcdef", "", "")

	f("assumed-role/app/Alice@Example.com", "alice@example.com", asClaimed)
	f("assumed-role/app/alice+ai@eu.example.com", "alice+ai@eu.example.com", asClaimed)
	f("assumed-role/AWSReservedSSO_Dev/Alice@Example.com", "alice@example.com", asClaimed)
	f("assumed-role/app/claude-code-Alice", "Alice", asClaimed)
	f("assumed-role/app/claude-code-Alice@Example.com", "alice@example.com", asClaimed)
	f("assumed-role/app/claude-code-5f0c1a2b-0000-4000-8000-000000000", "5f0c1a2b-0000-4000-8000-000000000", asClaimed)
	f("assumed-role/app/claude-code-", "", "")
	f("assumed-role/app/Claude-Code-alice@example.com", "claude-code-alice@example.com", asClaimed)
	f("assumed-role/app/Claude-Code-alice", "", "")
	f("federated-user/Bob@Example.com", "bob@example.com", asClaimed)
	f("federated-user/bob", "", "")

	for _, session := range []string{
		"alice", "i-0abc", "botocore-session-1699999999", "@example.com", "alice@", "alice@example",
		"alice@@example.com", "a@b@example.com", "alice@.com", "alice@example.", "alice@example..com",
		"build@1.2", "build@10.0.0.1", "alice@exa=mple.com",
	} {
		f("assumed-role/app/"+session, "", "")
	}

	f("user/alice", "111122223333:user/alice", asKnown)
	f("user/team/Alice@Example.com", "111122223333:user/Alice@Example.com", asKnown)
	f("user/BedrockAPIKey-alice@example.com", "111122223333:user/BedrockAPIKey-alice@example.com", asKnown)
	f("role/alice@example.com", "", "")
	f("root", "", "")
}

func TestPersonOfCutName(t *testing.T) {
	f := func(session, want string) {
		t.Helper()
		if got, _ := PersonOf(Parse("arn:aws:sts::111122223333:assumed-role/app/" + session)); got.Name != want {
			t.Errorf("PersonOf session %q (%d long) = %q, want %q", session, len(session), got.Name, want)
		}
	}
	long := strings.Repeat("A", 56)
	lower := strings.ToLower(long)
	f(long+"@Example", lower+"@example")
	f(long+"1234567@", lower+"1234567@")
	f(long+"@Exampl", "")
	f(long+"12345678", "")
	f("claude-code-"+strings.Repeat("A", 24)+"@Example", strings.Repeat("a", 24)+"@example")
	f("claude-code-"+strings.Repeat("A", 23)+"@Example", strings.Repeat("A", 23)+"@Example")
}

func TestPersonOfExternal(t *testing.T) {
	for _, value := range []string{"", "alice@example.com", "AROAEXAMPLEID:alice@example.com"} {
		if got, ok := PersonOf(Parse(value)); ok {
			t.Errorf("PersonOf external %q = %+v, want none", value, got)
		}
	}
}

func TestOnePersonThroughTwoRoles(t *testing.T) {
	a, _ := PersonOf(Parse("arn:aws:sts::111122223333:assumed-role/app/ALICE@example.com"))
	b, _ := PersonOf(Parse("arn:aws:sts::444455556666:assumed-role/AWSReservedSSO_Dev_0123456789abcdef/alice@Example.com"))
	if a.Name != b.Name || a.Name == "" {
		t.Errorf("persons are %q and %q, want one", a.Name, b.Name)
	}
}
