package identity

import (
	"strings"

	"showback"
)

// apiKeyPrefix begins the name of the IAM user that AWS makes for a long-term
// Bedrock API key. (AWS Machine Learning Blog, "Introducing granular cost
// attribution for Amazon Bedrock", 2026-04-17.)
const apiKeyPrefix = "BedrockAPIKey-"

// ssoRolePrefix begins the name of a role that Identity Center makes for a
// permission set; "_" and a hash of ssoHashLen hex digits end it. (AWS, "IAM
// Identity Center User Guide: Referencing permission sets", 2026-09.)
const (
	ssoRolePrefix = "AWSReservedSSO_"
	ssoHashLen    = 16
)

// Parse takes the text of line_item_iam_principal apart. It never fails: a
// value that has none of the forms of an IAM or STS caller is PrincipalExternal
// with the whole text as its name, and so is the empty text, which is no caller
// and which callers of Parse leave out.
//
// Forms are told by their structure, not by IAM's character set: AWS itself
// uses role names such as "aws:ec2-instance" that the set does not allow. (AWS,
// "EC2 User Guide: Instance identity roles", 2026-09.)
//
// An Identity Center role is told by its name alone, since an assumed-role ARN
// has lost the path that would prove it.
func Parse(arn string) showback.Caller {
	c := showback.Caller{ARN: arn}
	var ok bool
	if c.Principal, c.Session, ok = parse(arn); !ok {
		c.Principal, c.Session = showback.Principal{Kind: showback.PrincipalExternal, Name: arn}, ""
	}
	return c
}

func parse(text string) (p showback.Principal, session string, ok bool) {
	arn, err := showback.ParseARN(text)
	if err != nil || arn.Region != "" || !isPartition(arn.Partition) || !isNumber(arn.Account) {
		return p, "", false
	}
	p.Partition, p.Account = arn.Partition, arn.Account
	kind, name, slash := strings.Cut(arn.Resource, "/")
	switch arn.Service + ":" + kind {
	case "iam:root":
		p.Kind, p.Name = showback.PrincipalRoot, "root"
		return p, "", !slash
	case "iam:user":
		p.Kind, p.Name = showback.PrincipalUser, afterPath(name)
		if strings.HasPrefix(p.Name, apiKeyPrefix) {
			p.Kind = showback.PrincipalAPIKey
		}
	case "iam:role":
		setRole(&p, afterPath(name))
	case "sts:assumed-role":
		role, rest, _ := strings.Cut(name, "/")
		setRole(&p, role)
		return p, rest, role != "" && rest != "" && !strings.Contains(rest, "/")
	case "sts:federated-user":
		p.Kind, p.Name = showback.PrincipalFederated, name
		return p, name, name != "" && !strings.Contains(name, "/")
	default:
		return p, "", false
	}
	return p, "", p.Name != ""
}

func setRole(p *showback.Principal, name string) {
	p.Kind, p.Name, p.PermissionSet = showback.PrincipalRole, name, permissionSet(name)
	if p.PermissionSet != "" {
		p.Kind = showback.PrincipalSSORole
	}
}

// permissionSet returns the permission set that a role was made for; empty for
// a role that Identity Center did not make. The set's name may hold underscores.
func permissionSet(role string) string {
	rest, ok := strings.CutPrefix(role, ssoRolePrefix)
	end := len(rest) - ssoHashLen - len("_")
	if !ok || end <= 0 || rest[end] != '_' || strings.Trim(rest[end+1:], "0123456789abcdef") != "" {
		return ""
	}
	return rest[:end]
}

// afterPath returns the name without its path; empty where the path is all
// there is.
func afterPath(name string) string { return name[strings.LastIndexByte(name, '/')+1:] }

// isPartition accepts aws and every aws-…: new partitions (aws-iso-e,
// aws-eusc) come without notice.
func isPartition(name string) bool { return name == "aws" || strings.HasPrefix(name, "aws-") }

func isNumber(text string) bool { return text != "" && strings.Trim(text, "0123456789") == "" }
