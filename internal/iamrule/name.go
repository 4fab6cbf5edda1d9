package iamrule

import (
	"fmt"
	"regexp"
	"strings"

	"showback"
)

// Kind is a kind of principal that has tags.
type Kind string

// The kinds.
const (
	User Kind = "user"
	Role Kind = "role"
)

// nameLen has the most characters of a name of the kind.
var nameLen = map[Kind]int{User: 128, Role: 64}

// prefixes begin the unique ids of the kinds. (AWS, "IAM User Guide: IAM
// identifiers", 2026-09.)
var prefixes = map[Kind]string{User: "AIDA", Role: "AROA"}

// IDPrefix returns what the unique ids of the kind begin with.
func (k Kind) IDPrefix() string { return prefixes[k] }

// Parameter returns the kind's name in IAM's parameters: "userName".
func (k Kind) Parameter() string { return string(k) + "Name" }

const (
	namePattern    = `[\w+=,.@-]+`
	pathPattern    = `(\u002F)|(\u002F[\u0021-\u007E]+\u002F)`
	maxPath        = 512
	accountPattern = `^\d{12}$`
)

var (
	nameForm    = regexp.MustCompile(`^[\w+=,.@-]+$`)
	pathForm    = regexp.MustCompile(`^(/|/[\x21-\x7E]+/)$`)
	accountForm = regexp.MustCompile(accountPattern)
)

// CheckName refuses a name that IAM would not give a new user or role.
func CheckName(kind Kind, name string) error {
	switch {
	case name == "":
		return invalid(name, kind.Parameter(), "Member must have length greater than or equal to 1")
	case len([]rune(name)) > nameLen[kind]:
		return invalid(name, kind.Parameter(), fmt.Sprintf("Member must have length less than or equal to %d", nameLen[kind]))
	case !nameForm.MatchString(name):
		return invalid(name, kind.Parameter(), "Member must satisfy regular expression pattern: "+namePattern)
	}
	return nil
}

// CheckPath refuses a path that IAM does not take: "/", or what begins and ends
// with a slash.
func CheckPath(path string) error {
	switch {
	case len(path) > maxPath:
		return invalid(path, "path", fmt.Sprintf("Member must have length less than or equal to %d", maxPath))
	case !pathForm.MatchString(path):
		return invalid(path, "path", "Member must satisfy regular expression pattern: "+pathPattern)
	}
	return nil
}

// IsAccount reports whether a text is an account's id: twelve digits.
func IsAccount(text string) bool { return accountForm.MatchString(text) }

// FoldName returns what tells the names of one account apart: IAM gives no two
// users names that differ by case alone. (AWS, "IAM and AWS STS quotas: IAM name
// requirements", 2026-09.)
func FoldName(name string) string { return strings.ToLower(name) }

// ARN returns the ARN of a user or role.
func ARN(partition, account string, kind Kind, path, name string) string {
	return showback.ARN{Partition: partition, Service: "iam", Account: account, Resource: string(kind) + path + name}.String()
}

// ParseARN takes the ARN of a user or role apart. ok is false for any other text.
func ParseARN(text string) (partition, account string, kind Kind, path, name string, ok bool) {
	arn, err := showback.ParseARN(text)
	if err != nil || arn.Service != "iam" || arn.Region != "" || !IsAccount(arn.Account) {
		return
	}
	word, rest, _ := strings.Cut(arn.Resource, "/")
	kind = Kind(word)
	if kind != User && kind != Role {
		return
	}
	slash := strings.LastIndexByte(rest, '/') + 1
	path, name = "/"+rest[:slash], rest[slash:]
	return arn.Partition, arn.Account, kind, path, name, name != ""
}

// identityCenterPath is that of the roles of Identity Center's permission sets;
// a region may follow.
const identityCenterPath = "/aws-reserved/sso.amazonaws.com/"

// IsIdentityCenter reports whether a role is one that Identity Center made for
// a permission set: IAM lets nobody change such a role, nor its tags. (AWS, "IAM
// Identity Center User Guide: Using tags", 2026-09.)
func IsIdentityCenter(kind Kind, path, name string) bool {
	return kind == Role && (strings.HasPrefix(path, identityCenterPath) || strings.HasPrefix(name, "AWSReservedSSO_"))
}
