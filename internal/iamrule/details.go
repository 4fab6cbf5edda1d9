package iamrule

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"io"
	"net/url"
	"slices"
	"time"

	"showback"
	"showback/internal/tag"
)

// Entity is a user or role as an account's authorization details have it.
type Entity struct {
	Partition, Account string
	Kind               Kind
	Path, Name, ID     string
	Created            time.Time // UTC
	Tags               []tag.Pair
	Trust              string // the JSON of a role's trust policy; empty for a user
}

// Details are the users and roles of accounts.
type Details struct {
	Entities []Entity // ordered by account, kind and name
	// Truncated reports that the text ends with a page that others follow:
	// who is not in it may be there all the same.
	Truncated bool
}

type detailsPage struct {
	Users []entityJSON `json:"UserDetailList"`
	Roles []entityJSON `json:"RoleDetailList"`
	// A page of anything else has neither list.
	IsTruncated bool   `json:"IsTruncated"`
	Marker      string `json:"Marker"`
	NextToken   string `json:"NextToken"` // the CLI's own, with --max-items
}

type entityJSON struct {
	Path       string          `json:"Path"`
	UserName   string          `json:"UserName"`
	UserID     string          `json:"UserId"`
	RoleName   string          `json:"RoleName"`
	RoleID     string          `json:"RoleId"`
	ARN        string          `json:"Arn"`
	CreateDate string          `json:"CreateDate"`
	Trust      json.RawMessage `json:"AssumeRolePolicyDocument"`
	Tags       []struct {
		Key   *string `json:"Key"`
		Value *string `json:"Value"`
	} `json:"Tags"`
}

// ParseDetails reads what aws iam get-account-authorization-details prints as
// JSON: one page or all in one, or pages one after the other, of one account or
// of several. Groups and policies are passed over. The same user twice counts
// once; two different ones of one name are an error.
//
// What is no such text, and an entity without ARN, unique id or date, is an
// error of KindInvalid that names it.
func ParseDetails(r io.Reader) (*Details, error) {
	d, decoder := &Details{}, json.NewDecoder(r)
	for page := 1; ; page++ {
		var raw map[string]json.RawMessage
		err := decoder.Decode(&raw)
		if errors.Is(err, io.EOF) && page > 1 {
			break
		}
		if err != nil {
			return nil, showback.Errorf(showback.KindInvalid, "read authorization details: document %d: %w", page, err)
		}
		if err := d.page(raw); err != nil {
			return nil, showback.Errorf(showback.KindInvalid, "read authorization details: document %d: %w", page, err)
		}
	}
	return d, d.settle()
}

func (d *Details) page(raw map[string]json.RawMessage) error {
	if raw["UserDetailList"] == nil && raw["RoleDetailList"] == nil {
		return errors.New("it has neither UserDetailList nor RoleDetailList: want the output of aws iam get-account-authorization-details")
	}
	var p detailsPage
	text, err := json.Marshal(raw)
	if err == nil {
		err = json.Unmarshal(text, &p)
	}
	if err != nil {
		return err
	}
	for i, u := range p.Users {
		if err := d.add(User, u, u.UserName, u.UserID); err != nil {
			return showback.Errorf(showback.KindInvalid, "UserDetailList[%d]: %w", i, err)
		}
	}
	for i, r := range p.Roles {
		if err := d.add(Role, r, r.RoleName, r.RoleID); err != nil {
			return showback.Errorf(showback.KindInvalid, "RoleDetailList[%d]: %w", i, err)
		}
	}
	d.Truncated = p.IsTruncated || p.Marker != "" || p.NextToken != ""
	return nil
}

func (d *Details) add(kind Kind, e entityJSON, name, id string) error {
	partition, account, found, path, last, ok := ParseARN(e.ARN)
	switch {
	case !ok || found != kind:
		return showback.Errorf(showback.KindInvalid, "Arn %q is that of no %s", e.ARN, kind)
	case name != last:
		return showback.Errorf(showback.KindInvalid, "name %q is not that of its Arn, %s", name, e.ARN)
	case e.Path != "" && e.Path != path:
		return showback.Errorf(showback.KindInvalid, "%s: Path %q is not that of its Arn", e.ARN, e.Path)
	case id == "":
		return showback.Errorf(showback.KindInvalid, "%s: it has no unique id", e.ARN)
	}
	created, err := time.Parse(time.RFC3339, e.CreateDate)
	if err != nil {
		return showback.Errorf(showback.KindInvalid, "%s: CreateDate %q: want a time such as 2026-10-05T12:00:00Z", e.ARN, e.CreateDate)
	}
	var tags []tag.Pair
	for i, t := range e.Tags {
		if t.Key == nil || *t.Key == "" || t.Value == nil {
			return showback.Errorf(showback.KindInvalid, "%s: Tags[%d] has no Key or no Value", e.ARN, i)
		}
		tags = append(tags, tag.Pair{Key: *t.Key, Value: *t.Value})
	}
	d.Entities = append(d.Entities, Entity{
		Partition: partition, Account: account, Kind: kind, Path: path, Name: name, ID: id,
		Created: created.UTC(), Tags: tag.Sorted(tags), Trust: trustText(e.Trust),
	})
	return nil
}

// trustText returns the policy's JSON: the CLI prints it as an object, the API
// as a text in percent-encoding. What is neither is left out: nothing of an
// answer depends on it.
func trustText(raw json.RawMessage) string {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		decoded, err := url.PathUnescape(text)
		if err != nil {
			return ""
		}
		raw = json.RawMessage(decoded)
	}
	var compact bytes.Buffer
	if len(raw) == 0 || json.Compact(&compact, raw) != nil {
		return ""
	}
	return compact.String()
}

// settle orders the entities and takes out those that came twice.
func (d *Details) settle() error {
	slices.SortStableFunc(d.Entities, func(a, b Entity) int {
		return cmp.Or(cmp.Compare(a.Account, b.Account), cmp.Compare(a.Kind, b.Kind), cmp.Compare(FoldName(a.Name), FoldName(b.Name)))
	})
	kept := d.Entities[:0]
	for _, e := range d.Entities {
		if n := len(kept); n > 0 && kept[n-1].Account == e.Account && kept[n-1].Kind == e.Kind && FoldName(kept[n-1].Name) == FoldName(e.Name) {
			if kept[n-1].ID != e.ID || !slices.Equal(kept[n-1].Tags, e.Tags) {
				return showback.Errorf(showback.KindInvalid, "read authorization details: %s %s of account %s is there twice, as two different ones: give the pages of one run",
					e.Kind, e.Name, e.Account)
			}
			continue
		}
		kept = append(kept, e)
	}
	d.Entities = kept
	return nil
}
