package showback

// PrincipalKind says what sort of identity a principal is.
type PrincipalKind string

// The kinds of principal.
const (
	PrincipalUser      PrincipalKind = "user"      // IAM user
	PrincipalAPIKey    PrincipalKind = "api-key"   // IAM user made for a long-term Bedrock API key
	PrincipalRole      PrincipalKind = "role"      // IAM role
	PrincipalSSORole   PrincipalKind = "sso-role"  // IAM role that Identity Center made for a permission set
	PrincipalRoot      PrincipalKind = "root"      // the account itself
	PrincipalFederated PrincipalKind = "federated" // STS federated user
	PrincipalExternal  PrincipalKind = "external"  // a value that is no IAM or STS ARN we know
)

// Principal is the user or role behind a caller. Two callers with the same
// (Partition, Account, Kind, Name) are one principal: role names are unique per
// account, and an assumed-role ARN has lost the role's path.
type Principal struct {
	Kind      PrincipalKind
	Partition string
	Account   string
	// Name is the user or role name without its path; for an external
	// principal, the whole value as billed.
	Name string
	// PermissionSet is set for PrincipalSSORole: the Identity Center name
	// between "AWSReservedSSO_" and the hash.
	PermissionSet string
}

// Caller is an ARN as billed, taken apart.
type Caller struct {
	ARN       string // verbatim
	Principal Principal
	Session   string // role session name or federated user name; empty for none
}

// Certainty says who vouches for a person's name.
type Certainty string

// The certainties.
const (
	PersonKnown   Certainty = "known"   // set by AWS or by an administrator
	PersonClaimed Certainty = "claimed" // chosen by the caller
)

// Person is a human behind a caller. E-mail addresses are in lower case, so
// that one person through two roles is one person.
type Person struct {
	Name      string
	Certainty Certainty
}
