package identity

import "testing"

func TestValues(t *testing.T) {
	f := func(arn, principal, role, session string) {
		t.Helper()
		c := Parse(arn)
		if got := PrincipalARN(c); got != principal {
			t.Errorf("PrincipalARN of %q = %q, want %q", arn, got, principal)
		}
		if got := Role(c); got != role {
			t.Errorf("Role of %q = %q, want %q", arn, got, role)
		}
		if got := Session(c); got != session {
			t.Errorf("Session of %q = %q, want %q", arn, got, session)
		}
	}

	f("arn:aws:sts::111122223333:assumed-role/app/alice@example.com",
		"arn:aws:iam::111122223333:role/app",
		"111122223333:role/app",
		"111122223333:role/app/alice@example.com")
	f("arn:aws:iam::111122223333:role/service-role/app",
		"arn:aws:iam::111122223333:role/app",
		"111122223333:role/app",
		"")
	f("arn:aws-us-gov:sts::111122223333:assumed-role/AWSReservedSSO_Data_Sci_0123456789abcdef/Carlos",
		"arn:aws-us-gov:iam::111122223333:role/AWSReservedSSO_Data_Sci_0123456789abcdef",
		"111122223333:permission-set/Data_Sci",
		"111122223333:permission-set/Data_Sci/Carlos")
	f("arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Dev_0123456789abcdef",
		"arn:aws:iam::111122223333:role/AWSReservedSSO_Dev_0123456789abcdef",
		"111122223333:permission-set/Dev",
		"")
	f("arn:aws:sts::111122223333:federated-user/bob",
		"arn:aws:sts::111122223333:federated-user/bob",
		"",
		"111122223333:federated-user/bob")

	for _, own := range []string{
		"arn:aws:iam::111122223333:user/alice",
		"arn:aws-cn:iam::111122223333:user/team/alice",
		"arn:aws:iam::111122223333:user/BedrockAPIKey-234s",
		"arn:aws:iam::111122223333:root",
		"AROAEXAMPLEID:alice@example.com",
		"arn:aws:sts::111122223333:assumed-role/app",
		"",
	} {
		f(own, own, "", "")
	}
}
