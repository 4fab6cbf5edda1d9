package iamrule

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"showback"
	"showback/internal/tag"
)

// refused compares a refusal with code and message; both empty for none.
func refused(t *testing.T, err error, code, message string) {
	t.Helper()
	var f *Error
	if !errors.As(err, &f) {
		f = &Error{}
	}
	if f.Code != code || f.Message != message {
		t.Errorf("got %q: %q, want %q: %q", f.Code, f.Message, code, message)
	}
}

func TestNames(t *testing.T) {
	refused(t, CheckName(User, "alice+ci=a,b.c@example.com-_1"), "", "")
	refused(t, CheckName(User, strings.Repeat("a", 128)), "", "")
	refused(t, CheckName(User, ""), CodeValidation, "1 validation error detected: Value '' at 'userName' failed to satisfy constraint: Member must have length greater than or equal to 1")
	long := strings.Repeat("a", 65)
	refused(t, CheckName(Role, long), CodeValidation, "1 validation error detected: Value '"+long+"' at 'roleName' failed to satisfy constraint: Member must have length less than or equal to 64")
	refused(t, CheckName(User, "a b"), CodeValidation, `1 validation error detected: Value 'a b' at 'userName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\w+=,.@-]+`)
	for _, path := range []string{"/", "/team/", "/a/b!/"} {
		refused(t, CheckPath(path), "", "")
	}
	for _, path := range []string{"", "team", "/team", "team/", "/a b/", "/é/"} {
		refused(t, CheckPath(path), CodeValidation, "1 validation error detected: Value '"+path+`' at 'path' failed to satisfy constraint: Member must satisfy regular expression pattern: (\u002F)|(\u002F[\u0021-\u007E]+\u002F)`)
	}
}

func TestTagRules(t *testing.T) {
	held := []tag.Pair{{Key: "Department", Value: "finance"}}
	f := func(given []tag.Pair, code, message string) {
		t.Helper()
		got, err := AddTags(held, given)
		refused(t, err, code, message)
		if code != "" && got != nil {
			t.Errorf("got tags %v of a refused request", got)
		}
	}
	ok := tag.Pair{Key: "team", Value: "search"}
	long := strings.Repeat("k", 129)
	f([]tag.Pair{ok, {Key: "Team", Value: "x"}}, CodeInvalidInput, "Duplicate tag keys found. Please note that Tag keys are case insensitive.")
	f([]tag.Pair{ok, {Key: long}}, CodeValidation, "1 validation error detected: Value '"+long+"' at 'tags.2.member.key' failed to satisfy constraint: Member must have length less than or equal to 128.")
	f([]tag.Pair{{Key: "k", Value: long + long}}, CodeValidation, "1 validation error detected: Value '"+long+long+"' at 'tags.1.member.value' failed to satisfy constraint: Member must have length less than or equal to 256.")
	f([]tag.Pair{{Key: "a<b"}}, CodeValidation, `1 validation error detected: Value 'a<b' at 'tags.1.member.key' failed to satisfy constraint: Member must satisfy regular expression pattern: [\p{L}\p{Z}\p{N}_.:/=+\-@]+`)
	f([]tag.Pair{{Key: "AWS:x"}}, CodeInvalidInput, "Tag keys starting with 'aws:' are reserved for internal use.")
	f([]tag.Pair{{Key: "équipe ž 1_.:/=+-@", Value: ""}}, "", "")
	f([]tag.Pair{{Key: strings.Repeat("é", 128), Value: strings.Repeat("é", 256)}}, "", "")
	var many []tag.Pair
	for i := range 50 {
		many = append(many, tag.Pair{Key: fmt.Sprint("k", i)})
	}
	f(many, CodeLimitExceeded, "The number of tags has reached the maximum limit.") // with the one it has
	many[7].Key = "DEPARTMENT"
	f(many, "", "")
	if _, err := AddTags(nil, append(many, ok)); !strings.Contains(fmt.Sprint(err), "at 'tags' failed to satisfy constraint: Member must have length less than or equal to 50.") {
		t.Errorf("51 tags: got %v", err)
	}
}

// Whatever is asked: all or nothing, never more than 50, never two keys that
// differ by case, and every tag of a request that was taken is there as spelled.
func TestAddTagsKeepsItsPromises(t *testing.T) {
	key := rapid.OneOf(rapid.SampledFrom([]string{"team", "Team", "TEAM", "aws:x", "a<"}), rapid.StringMatching(`[a-zA-Z]{1,2}`))
	pair := rapid.Custom(func(t *rapid.T) tag.Pair { return tag.Pair{Key: key.Draw(t, "key"), Value: "v"} })
	rapid.Check(t, func(t *rapid.T) {
		var held []tag.Pair
		for range 4 {
			given := rapid.SliceOfN(pair, 0, 40).Draw(t, "given")
			before := slices.Clone(held)
			got, err := AddTags(held, given)
			if !slices.Equal(before, held) {
				t.Fatalf("what was held changed: %v, was %v", held, before)
			}
			if err != nil {
				continue
			}
			seen := map[string]bool{}
			for _, p := range got {
				seen[tag.Fold(p.Key)] = true
			}
			if len(seen) != len(got) || len(got) > MaxTags {
				t.Fatalf("got %d tags of %d keys: %v", len(got), len(seen), got)
			}
			for _, p := range given {
				if !slices.Contains(got, p) {
					t.Fatalf("%v is not among %v", p, got)
				}
			}
			held = got
		}
	})
}

const somePages = `{"UserDetailList":[{"Path":"/eng/","UserName":"alice","UserId":"AIDAEXAMPLE1","Arn":"arn:aws:iam::111122223333:user/eng/alice",
 "CreateDate":"2026-01-02T03:04:05+02:00","GroupList":[],"Tags":[{"Key":"team","Value":"search"},{"Key":"Env","Value":""}]}],
 "GroupDetailList":[],"RoleDetailList":[],"Policies":[],"IsTruncated":true,"Marker":"m"}
{"UserDetailList":[],"RoleDetailList":[{"Path":"/","RoleName":"app","RoleId":"AROAEXAMPLE1","Arn":"arn:aws:iam::111122223333:role/app",
 "CreateDate":"2026-01-02T03:04:05Z","AssumeRolePolicyDocument":{"Version": "2012-10-17"},"InstanceProfileList":[]}]}`

func TestParseDetails(t *testing.T) {
	d, err := ParseDetails(strings.NewReader(somePages))
	if err != nil {
		t.Fatal(err)
	}
	if len(d.Entities) != 2 || d.Truncated {
		t.Fatalf("got %+v", d)
	}
	role, user := d.Entities[0], d.Entities[1]
	if user.Path != "/eng/" || user.ID != "AIDAEXAMPLE1" || user.Created.Format("15:04") != "01:04" || !slices.Equal(user.Tags, []tag.Pair{{Key: "Env"}, {Key: "team", Value: "search"}}) {
		t.Errorf("got user %+v", user)
	}
	if role.Kind != Role || role.Trust != `{"Version":"2012-10-17"}` {
		t.Errorf("got role %+v", role)
	}
	f := func(text, want string) {
		t.Helper()
		_, err := ParseDetails(strings.NewReader(text))
		if showback.KindOf(err) != showback.KindInvalid || !strings.Contains(fmt.Sprint(err), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	f(``, "document 1: EOF")
	f(`{"Users":[]}`, "it has neither UserDetailList nor RoleDetailList")
	f(`{"UserDetailList":[{}]}`, `UserDetailList[0]: Arn "" is that of no user`)
	f(somePages+"[]", "document 3: json: cannot unmarshal array")
	f(strings.Replace(somePages, `"UserId":"AIDAEXAMPLE1",`, "", 1), "it has no unique id")
	f(strings.Replace(somePages, `"2026-01-02T03:04:05Z"`, `"yesterday"`, 1), `CreateDate "yesterday"`)
	f(strings.Replace(somePages, `"Value":"search"`, `"Value":null`, 1), "Tags[0] has no Key or no Value")
	f(somePages+strings.ReplaceAll(somePages, "EXAMPLE1", "EXAMPLE2"), "is there twice")
}

func FuzzParseDetails(f *testing.F) {
	f.Add(somePages)
	f.Add(`{"UserDetailList":null,"RoleDetailList":[null]}`)
	f.Fuzz(func(t *testing.T, text string) {
		d, err := ParseDetails(strings.NewReader(text))
		if err != nil {
			if showback.KindOf(err) != showback.KindInvalid {
				t.Fatalf("kind of %v is %s", err, showback.KindOf(err))
			}
			return
		}
		for _, e := range d.Entities {
			_, account, kind, path, name, ok := ParseARN(ARN(e.Partition, e.Account, e.Kind, e.Path, e.Name))
			if !ok || account != e.Account || kind != e.Kind || path != e.Path || name != e.Name || e.ID == "" {
				t.Fatalf("entity %+v is not that of its ARN", e)
			}
		}
	})
}
