package identity

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"showback"
)

const (
	user      = showback.PrincipalUser
	apiKey    = showback.PrincipalAPIKey
	role      = showback.PrincipalRole
	ssoRole   = showback.PrincipalSSORole
	root      = showback.PrincipalRoot
	federated = showback.PrincipalFederated
)

func TestParse(t *testing.T) {
	f := func(arn string, kind showback.PrincipalKind, partition, name, permissionSet, session string) {
		t.Helper()
		want := showback.Caller{
			ARN: arn,
			Principal: showback.Principal{
				Kind: kind, Partition: partition, Account: "111122223333", Name: name, PermissionSet: permissionSet,
			},
			Session: session,
		}
		if diff := cmp.Diff(want, Parse(arn)); diff != "" {
			t.Errorf("Parse(%q) (-want +got):\n%s", arn, diff)
		}
	}

	f("arn:aws:iam::111122223333:user/alice", user, "aws", "alice", "", "")
	f("arn:aws:iam::111122223333:user/team/search/alice", user, "aws", "alice", "", "")
	f("arn:aws:iam::111122223333:user/alice@example.com", user, "aws", "alice@example.com", "", "")
	f("arn:aws-cn:iam::111122223333:user/alice", user, "aws-cn", "alice", "", "")
	f("arn:aws-us-gov:iam::111122223333:user/alice", user, "aws-us-gov", "alice", "", "")

	f("arn:aws:iam::111122223333:user/BedrockAPIKey-234s", apiKey, "aws", "BedrockAPIKey-234s", "", "")
	f("arn:aws:iam::111122223333:user/keys/BedrockAPIKey-234s", apiKey, "aws", "BedrockAPIKey-234s", "", "")
	f("arn:aws:iam::111122223333:user/bedrockapikey-x", user, "aws", "bedrockapikey-x", "", "")

	f("arn:aws:iam::111122223333:role/app", role, "aws", "app", "", "")
	f("arn:aws:iam::111122223333:role/service-role/app", role, "aws", "app", "", "")
	f("arn:aws-iso:iam::111122223333:role/app", role, "aws-iso", "app", "", "")
	f("arn:aws:sts::111122223333:assumed-role/app/i-0abc", role, "aws", "app", "", "i-0abc")
	f("arn:aws-eusc:sts::111122223333:assumed-role/app/alice@example.com", role, "aws-eusc", "app", "", "alice@example.com")
	f("arn:aws:sts::111122223333:assumed-role/aws:ec2-instance/i-0abc", role, "aws", "aws:ec2-instance", "", "i-0abc")
	f("arn:aws:sts::111122223333:assumed-role/federated-user/root", role, "aws", "federated-user", "", "root")

	const sso = "AWSReservedSSO_Developer_0123456789abcdef"
	f("arn:aws:sts::111122223333:assumed-role/"+sso+"/alice", ssoRole, "aws", sso, "Developer", "alice")
	f("arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/"+sso, ssoRole, "aws", sso, "Developer", "")
	f("arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/eu-west-1/"+sso, ssoRole, "aws", sso, "Developer", "")
	f("arn:aws-us-gov:sts::111122223333:assumed-role/"+sso+"/Carlos", ssoRole, "aws-us-gov", sso, "Developer", "Carlos")
	for name, set := range map[string]string{
		"AWSReservedSSO_Data_Sci_Prod_0123456789abcdef":             "Data_Sci_Prod",
		"AWSReservedSSO_a_0123456789abcdef_fedcba9876543210":        "a_0123456789abcdef",
		"AWSReservedSSO___0123456789abcdef":                         "_",
		"AWSReservedSSO_+=,.@-_0123456789abcdef":                    "+=,.@-",
		"AWSReservedSSO_AWSAdministratorAccess_0123456789abcdef":    "AWSAdministratorAccess",
		"AWSReservedSSO_AWSReservedSSO_x_0123456789abcdef_00000000": "",
		"AWSReservedSSO__0123456789abcdef":                          "",
		"AWSReservedSSO_0123456789abcdef":                           "",
		"AWSReservedSSO_Developer_0123456789abcdeg":                 "",
		"AWSReservedSSO_Developer_0123456789abcde":                  "",
		"AWSReservedSSO_Developer-0123456789abcdef":                 "",
		"AWSReservedSSO_": "",
		"AWSReservedSSO":  "",
		"xAWSReservedSSO_Developer_0123456789abcdef": "",
	} {
		kind := ssoRole
		if set == "" {
			kind = role
		}
		f("arn:aws:sts::111122223333:assumed-role/"+name+"/bob", kind, "aws", name, set, "bob")
	}

	f("arn:aws:iam::111122223333:root", root, "aws", "root", "", "")
	f("arn:aws:sts::111122223333:federated-user/bob", federated, "aws", "bob", "", "bob")
	f("arn:aws-cn:sts::111122223333:federated-user/bob@example.com", federated, "aws-cn", "bob@example.com", "", "bob@example.com")
}

func TestParseExternal(t *testing.T) {
	for _, value := range []string{
		"",
		" ",
		"alice",
		"111122223333",
		"AROAEXAMPLEID:alice@example.com",
		"AIDAEXAMPLEID",
		"arn:aws:iam::111122223333",
		"arn:aws:iam::111122223333:",
		"arn:aws:iam::111122223333:user",
		"arn:aws:iam::111122223333:user/",
		"arn:aws:iam::111122223333:user/team/",
		"arn:aws:iam::111122223333:role/",
		"arn:aws:iam::111122223333:root/x",
		"arn:aws:iam::111122223333:root/",
		"arn:aws:iam::111122223333:group/admins",
		"arn:aws:iam::111122223333:assumed-role/app/alice",
		"arn:aws:sts::111122223333:user/alice",
		"arn:aws:sts::111122223333:assumed-role/",
		"arn:aws:sts::111122223333:assumed-role/app",
		"arn:aws:sts::111122223333:assumed-role/app/",
		"arn:aws:sts::111122223333:assumed-role//alice",
		"arn:aws:sts::111122223333:assumed-role/app/alice/x",
		"arn:aws:sts::111122223333:federated-user/",
		"arn:aws:sts::111122223333:federated-user/bob/x",
		"arn:aws:sts:eu-west-1:111122223333:assumed-role/app/alice",
		"arn:aws:iam::aws:role/app",
		"arn:aws:iam:::user/alice",
		"arn:awsx:iam::111122223333:user/alice",
		"arn:other:iam::111122223333:user/alice",
		"ARN:aws:iam::111122223333:user/alice",
		" arn:aws:iam::111122223333:user/alice",
		"arn:aws:bedrock:us-east-1:111122223333:agent/AGENT1",
		"arn:aws:identitystore:::user/0000",
	} {
		want := showback.Caller{ARN: value, Principal: showback.Principal{Kind: showback.PrincipalExternal, Name: value}}
		if diff := cmp.Diff(want, Parse(value)); diff != "" {
			t.Errorf("Parse(%q) (-want +got):\n%s", value, diff)
		}
	}
}

func TestOnePrincipalForEveryFormOfARole(t *testing.T) {
	f := func(forms ...string) {
		t.Helper()
		want := Parse(forms[0])
		for _, form := range forms[1:] {
			got := Parse(form)
			if got.Principal != want.Principal {
				t.Errorf("Parse(%q).Principal = %+v, want that of %q: %+v", form, got.Principal, forms[0], want.Principal)
			}
			if got, want := PrincipalARN(got), PrincipalARN(want); got != want {
				t.Errorf("PrincipalARN of %q = %q, want %q", form, got, want)
			}
		}
	}
	f("arn:aws:iam::111122223333:role/app",
		"arn:aws:iam::111122223333:role/service-role/app",
		"arn:aws:sts::111122223333:assumed-role/app/i-0abc",
		"arn:aws:sts::111122223333:assumed-role/app/alice@example.com")
	f("arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_Data_Sci_0123456789abcdef/alice",
		"arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_Data_Sci_0123456789abcdef")
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"",
		"arn:aws:iam::111122223333:user/team/alice",
		"arn:aws:iam::111122223333:user/BedrockAPIKey-234s",
		"arn:aws:iam::111122223333:role/service-role/app",
		"arn:aws-cn:sts::111122223333:assumed-role/app/claude-code-alice",
		"arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_A_B_0123456789abcdef/Alice@example.com",
		"arn:aws:sts::111122223333:federated-user/bob",
		"arn:aws-us-gov:iam::111122223333:root",
		"AROAEXAMPLEID:alice@example.com",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, arn string) {
		c := Parse(arn)
		if c.ARN != arn {
			t.Fatalf("Parse(%q).ARN = %q, want it verbatim", arn, c.ARN)
		}
		if got := Parse(PrincipalARN(c)).Principal; got != c.Principal {
			t.Errorf("principal of %q is %+v, of its principal's ARN %q %+v", arn, c.Principal, PrincipalARN(c), got)
		}
		if got, want := Session(c) != "", c.Session != ""; got != want {
			t.Errorf("Session(%q) = %q, but its session is %q", arn, Session(c), c.Session)
		}
		if got, want := Role(c) != "", isRole(c.Principal); got != want {
			t.Errorf("Role(%q) = %q, but its kind is %s", arn, Role(c), c.Principal.Kind)
		}
		if got, want := c.Principal.PermissionSet != "", c.Principal.Kind == showback.PrincipalSSORole; got != want {
			t.Errorf("Parse(%q) has kind %s and permission set %q", arn, c.Principal.Kind, c.Principal.PermissionSet)
		}
		p, ok := PersonOf(c)
		if ok != (p.Name != "") || ok != (p.Certainty != "") {
			t.Errorf("PersonOf(%q) = %+v, %t: want a name and a certainty, or neither", arn, p, ok)
		}
	})
}
