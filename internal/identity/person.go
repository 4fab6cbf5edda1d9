package identity

import (
	"strings"

	"showback"
)

// claudeCodePrefix begins the session names that an older client of AWS's
// guidance for Claude Code sets; up to claudeCodeLen characters of the user's
// token subject or of the e-mail's local part follow. (AWS Solutions Library,
// "Guidance for Claude Code with Amazon Bedrock", federation client, 2026-09.)
const (
	claudeCodePrefix = "claude-code-"
	claudeCodeLen    = 32
)

// sessionLen is the longest session name that STS takes: a longer e-mail
// address arrives cut. (AWS, "AssumeRole API reference", 2026-09.)
const sessionLen = 64

// PersonOf returns the human behind a caller; ok is false where no rule names
// one: root, roles without session, external values, and session names that
// are neither an e-mail address nor known to hold a user's name. A Bedrock API
// key is an IAM user like any other.
//
// An Identity Center session name is the user name, set by AWS: known. Any
// other session name was chosen by whoever assumed the role: claimed. An IAM
// user is itself, "111122223333:user/alice", and known.
//
// E-mail addresses are in lower case. Other Identity Center user names, whose
// case does not matter there, stay as AWS writes them: it writes one user
// always alike, and people read the name that way. A name that was cut at a
// limit stays cut, since nothing tells the rest.
func PersonOf(c showback.Caller) (p showback.Person, ok bool) {
	switch c.Principal.Kind {
	case showback.PrincipalUser, showback.PrincipalAPIKey:
		p = showback.Person{Name: c.Principal.Account + ":user/" + c.Principal.Name, Certainty: showback.PersonKnown}
	case showback.PrincipalSSORole:
		p = showback.Person{Name: userName(c.Session, len(c.Session) == sessionLen), Certainty: showback.PersonKnown}
	case showback.PrincipalRole, showback.PrincipalFederated:
		p = showback.Person{Name: claimed(c.Session), Certainty: showback.PersonClaimed}
	}
	if p.Name == "" {
		return showback.Person{}, false
	}
	return p, true
}

// claimed returns the name that a freely chosen session name claims; empty for
// none.
func claimed(session string) string {
	cut := len(session) == sessionLen
	if name, ok := strings.CutPrefix(session, claudeCodePrefix); ok {
		return userName(name, cut || len(name) == claudeCodeLen)
	}
	if !isEmail(session, cut) {
		return ""
	}
	return strings.ToLower(session)
}

// userName writes an e-mail address in lower case and any other name as it is.
func userName(name string, cut bool) string {
	if isEmail(name, cut) {
		return strings.ToLower(name)
	}
	return name
}

// isEmail reports whether a name has the form of an e-mail address. The domain
// of a name that may be cut need not be complete, nor even begin.
func isEmail(name string, cut bool) bool {
	local, domain, at := strings.Cut(name, "@")
	return at && local != "" && !strings.Contains(domain, "@") && (cut || isDomain(domain))
}

// isDomain accepts two or more labels of which the last begins with a letter:
// enough to tell an address from a version or a host ("build@1.2", "ci@runner").
func isDomain(name string) bool {
	labels := strings.Split(name, ".")
	for _, label := range labels {
		if label == "" || strings.ContainsFunc(label, func(r rune) bool { return !isLetter(r) && !isDigit(r) && r != '-' }) {
			return false
		}
	}
	return len(labels) > 1 && isLetter(rune(labels[len(labels)-1][0]))
}

func isLetter(r rune) bool { return 'a' <= r|0x20 && r|0x20 <= 'z' }

func isDigit(r rune) bool { return '0' <= r && r <= '9' }
