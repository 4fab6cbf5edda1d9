package identity

import "showback"

// PrincipalARN returns the value of the key principal. A role has one, without
// path, whether it was billed as itself or as an assumed role:
// "arn:aws:iam::111122223333:role/app". All else is billed under its own ARN,
// which is returned verbatim, a user's path included.
func PrincipalARN(c showback.Caller) string {
	p := c.Principal
	if !isRole(p) {
		return c.ARN
	}
	arn := showback.ARN{Partition: p.Partition, Service: "iam", Account: p.Account, Resource: "role/" + p.Name}
	return arn.String()
}

// Role returns the value of the key role, "111122223333:role/app", or
// "111122223333:permission-set/Developer" for a role of Identity Center, whose
// name changes when the permission set is provisioned anew. It is empty for a
// caller that is no role.
func Role(c showback.Caller) string {
	switch p := c.Principal; p.Kind {
	case showback.PrincipalRole:
		return p.Account + ":role/" + p.Name
	case showback.PrincipalSSORole:
		return p.Account + ":permission-set/" + p.PermissionSet
	}
	return ""
}

// Session returns the value of the key session: the role and the session name,
// "111122223333:role/app/alice@example.com", or a federated user,
// "111122223333:federated-user/bob". It is empty for a caller without session.
func Session(c showback.Caller) string {
	switch {
	case c.Session == "":
		return ""
	case isRole(c.Principal):
		return Role(c) + "/" + c.Session
	}
	return c.Principal.Account + ":federated-user/" + c.Session
}

func isRole(p showback.Principal) bool {
	return p.Kind == showback.PrincipalRole || p.Kind == showback.PrincipalSSORole
}
