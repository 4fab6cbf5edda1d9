package owners

import (
	"fmt"
	"strings"

	"showback"
	"showback/internal/identity"
)

// Word is what a rule looks at.
type Word string

// The words.
const (
	Account       Word = "account"        // the caller's account
	User          Word = "user"           // an IAM user
	Role          Word = "role"           // an IAM role, whatever its session
	PermissionSet Word = "permission-set" // the roles of an Identity Center permission set
	Session       Word = "session"        // role/NAME/SESSION or permission-set/NAME/SESSION
	Email         Word = "email"          // the e-mail address of the person
)

// Words lists the words in the order in which they are shown.
var Words = []Word{Account, User, Role, PermissionSet, Session, Email}

// Match is what a rule matches: WORD:TEXT, where * in the text stands for any
// text. An account before the text, 111122223333:, makes it match there only.
// Case does not matter: neither IAM nor mail tells names apart by it.
type Match struct {
	Word    Word
	Account string // twelve digits; empty for any
	Text    string // in lower case
	Name    string // Text as it was written: of a user or role, its name
	written string
}

// String returns the match as it was written.
func (m Match) String() string { return m.written }

// ParseMatch reads WORD:TEXT. A user or role may be given by its ARN.
func ParseMatch(written string) (Match, error) {
	word, text, ok := strings.Cut(written, ":")
	m := Match{Word: Word(word), written: written}
	if !ok || !known(m.Word) {
		return Match{}, fmt.Errorf("%q: want one of %s, a colon and a name, such as role:app", written, wordList())
	}
	if m.Word == Account {
		if !isAccount(text) {
			return Match{}, fmt.Errorf("%q: want account: and twelve digits", written)
		}
		m.Account = text
		return m, nil
	}
	switch {
	case strings.HasPrefix(text, "arn:"):
		if err := m.arn(text); err != nil {
			return Match{}, err
		}
	case m.Word != Email && len(text) > 12 && text[12] == ':' && isAccount(text[:12]):
		m.Account, m.Name = text[:12], text[13:]
	default:
		m.Name = text
	}
	m.Text = strings.ToLower(m.Name)
	return m, m.check()
}

// arn takes account and name from the ARN of a user, role or session.
func (m *Match) arn(text string) error {
	p := identity.Parse(text)
	is := map[Word][]showback.PrincipalKind{
		User: {showback.PrincipalUser, showback.PrincipalAPIKey}, Role: {showback.PrincipalRole, showback.PrincipalSSORole},
	}
	for _, kind := range is[m.Word] {
		if p.Principal.Kind == kind && p.Session == "" {
			m.Account, m.Name = p.Principal.Account, p.Principal.Name
			return nil
		}
	}
	return fmt.Errorf("%q: want the ARN of a user after user:, of a role after role:, and no ARN after another word", m.written)
}

func (m *Match) check() error {
	switch slashes := strings.Count(m.Text, "/"); {
	case m.Text == "":
		return fmt.Errorf("%q: want a name after %s: and found none", m.written, m.Word)
	case m.Word == Session:
		kind, _, _ := strings.Cut(m.Text, "/")
		if slashes != 2 || kind != string(Role) && kind != string(PermissionSet) || strings.HasSuffix(m.Text, "/") || strings.Contains(m.Text, "//") {
			return fmt.Errorf("%q: want session:role/NAME/SESSION or session:permission-set/NAME/SESSION", m.written)
		}
	case m.Word == Email && !strings.Contains(m.Text, "@"):
		return fmt.Errorf("%q: an e-mail address has an @", m.written)
	case slashes > 0:
		return fmt.Errorf("%q: a name has no slash; leave the path out, or give the ARN", m.written)
	}
	return nil
}

func known(w Word) bool {
	for _, k := range Words {
		if k == w {
			return true
		}
	}
	return false
}

func wordList() string {
	texts := make([]string, len(Words))
	for i, w := range Words {
		texts[i] = string(w)
	}
	return strings.Join(texts, ", ")
}

func isAccount(text string) bool { return len(text) == 12 && strings.Trim(text, "0123456789") == "" }

// exact reports whether the text has no wildcard.
func (m Match) exact() bool { return !strings.Contains(m.Text, "*") }

// Matches reports whether the rule's match holds for a caller.
func (m Match) Matches(c showback.Caller) bool {
	if m.Account != "" && m.Account != c.Principal.Account {
		return false
	}
	if m.Word == Account {
		return true
	}
	for _, n := range names(c) {
		if n.word == m.Word && glob(m.Text, n.text) {
			return true
		}
	}
	return false
}

// A name is what a caller is called under a word.
type name struct {
	word Word
	text string // in lower case
}

// names returns what a caller is called. A role of Identity Center goes by its
// own name and by that of its permission set.
func names(c showback.Caller) []name {
	var all []name
	add := func(word Word, text string) { all = append(all, name{word, strings.ToLower(text)}) }
	session := func(kind Word, of string) {
		if c.Session != "" {
			add(Session, string(kind)+"/"+of+"/"+c.Session)
		}
	}
	switch p := c.Principal; p.Kind {
	case showback.PrincipalUser, showback.PrincipalAPIKey:
		add(User, p.Name)
	case showback.PrincipalSSORole:
		add(PermissionSet, p.PermissionSet)
		session(PermissionSet, p.PermissionSet)
		fallthrough
	case showback.PrincipalRole:
		add(Role, p.Name)
		session(Role, p.Name)
	}
	if person, ok := identity.PersonOf(c); ok && strings.Contains(person.Name, "@") {
		add(Email, person.Name)
	}
	return all
}

// glob reports whether a text is that of a pattern, in which * stands for any
// text, also none. It takes time linear in the text for each star.
func glob(pattern, text string) bool {
	first, rest, star := strings.Cut(pattern, "*")
	if !star {
		return pattern == text
	}
	if !strings.HasPrefix(text, first) {
		return false
	}
	text = text[len(first):]
	for {
		part, after, more := strings.Cut(rest, "*")
		if !more {
			return strings.HasSuffix(text, part)
		}
		at := strings.Index(text, part)
		if at < 0 {
			return false
		}
		text, rest = text[at+len(part):], after
	}
}
