package showback

import "strings"

// TagSource is the prefix that AWS puts before a cost allocation tag's key in
// the tags column of CUR 2.0. (AWS, "Data Exports: tags column", 2026-09.)
type TagSource string

// The sources of tags.
const (
	TagCaller        TagSource = "iamPrincipal"
	TagResource      TagSource = "resourceTags"
	TagAccount       TagSource = "accountTag"
	TagUserAttribute TagSource = "userAttribute"
	TagCostCategory  TagSource = "costCategory"
)

// TagSources lists the sources in the order in which they are shown, with the
// word of the command line for each.
var TagSources = []struct {
	Source TagSource
	Word   string
}{
	{TagCaller, "tag"},
	{TagResource, "resource-tag"},
	{TagAccount, "account-tag"},
	{TagUserAttribute, "user-attribute"},
	{TagCostCategory, "cost-category"},
}

// TagKey is a cost allocation tag: the same key from two sources is two keys.
// Keys are case-sensitive, as billing keys are.
type TagKey struct {
	Source TagSource
	Name   string
}

// String writes the key as AWS bills it: "iamPrincipal/team".
func (k TagKey) String() string { return string(k.Source) + "/" + k.Name }

// Flag writes the key as the command line takes it: "tag:team".
func (k TagKey) Flag() string {
	for _, s := range TagSources {
		if s.Source == k.Source {
			return s.Word + ":" + k.Name
		}
	}
	return k.String()
}

// ParseTagKey reads "iamPrincipal/team" or "tag:team". ok is false when the
// text names no source.
func ParseTagKey(text string) (key TagKey, ok bool) {
	for _, s := range TagSources {
		if name, found := strings.CutPrefix(text, string(s.Source)+"/"); found && name != "" {
			return TagKey{s.Source, name}, true
		}
		if name, found := strings.CutPrefix(text, s.Word+":"); found && name != "" {
			return TagKey{s.Source, name}, true
		}
	}
	return TagKey{}, false
}
