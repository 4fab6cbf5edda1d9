package identity

import (
	"strings"
	"testing"

	"showback"
)

// FuzzPersonOf holds what is true of the person behind any session of any role,
// in two accounts and through two roles.
func FuzzPersonOf(f *testing.F) {
	const hash = "_0123456789abcdef"
	f.Fuzz(func(t *testing.T, role, session string) {
		if role == "" || strings.Contains(role, "/") || session == "" || strings.Contains(session, "/") {
			return
		}
		of := func(account, role, session string) (showback.Person, bool) {
			arn := "arn:aws:sts::" + account + ":assumed-role/" + role + "/" + session
			c := Parse(arn)
			if c.Session != session {
				t.Fatalf("the session of %q is %q, want %q", arn, c.Session, session)
			}
			p, ok := PersonOf(c)
			if ok != (p != showback.Person{}) || ok != (p.Name != "") {
				t.Fatalf("%q: got %+v, %v", arn, p, ok)
			}
			return p, ok
		}
		sso := ssoRolePrefix + "Set" + hash
		free := !strings.HasPrefix(role, ssoRolePrefix)

		p, ok := of("111122223333", role, session)
		if other, same := of("444455556666", "another-role", session); free && (same != ok || other != p) {
			t.Errorf("session %q: %+v through one role, %+v through another", session, p, other)
		}
		known, ok2 := of("111122223333", sso, session)
		if !ok2 || known.Certainty != showback.PersonKnown {
			t.Errorf("Identity Center user %q: got %+v, %v", session, known, ok2)
		}
		if !ok {
			return
		}
		if want := map[bool]showback.Certainty{true: showback.PersonClaimed, false: showback.PersonKnown}[free]; free && p.Certainty != want {
			t.Errorf("session %q of role %q: %s, want %s", session, role, p.Certainty, want)
		}
		if !strings.HasSuffix(strings.ToLower(session), strings.ToLower(p.Name)) {
			t.Errorf("the person of session %q is %q, which does not stand in it", session, p.Name)
		}
		if !isEmail(p.Name, false) {
			return
		}
		// Who has an address is one person, however it is typed and wherever it
		// comes from.
		if p.Name != strings.ToLower(p.Name) {
			t.Errorf("session %q: the address %q is not in lower case", session, p.Name)
		}
		// The prefix is AWS's, in lower case: an address that begins with it is,
		// typed as a session, the name behind it. TestPersonOf has both.
		prefixed := strings.HasPrefix(p.Name, claudeCodePrefix)
		if free && len(p.Name) != sessionLen && !prefixed {
			for _, typed := range []string{p.Name, strings.ToUpper(p.Name)} {
				if strings.ToLower(typed) != p.Name { // a letter whose capital is another's too
					continue
				}
				if again, ok := of("111122223333", role, typed); !ok || again.Name != p.Name {
					t.Errorf("%q of session %q is %+v, %v, as session %q", p.Name, session, again, ok, typed)
				}
			}
		}
		if same, _ := of("111122223333", sso, p.Name); same.Name != p.Name {
			t.Errorf("%q is %q through Identity Center", p.Name, same.Name)
		}
	})
}
