package iamrule

import (
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"showback/internal/tag"
)

// The limits of tags. (AWS, "IAM User Guide: Rules for tagging in IAM and AWS
// STS", 2026-09.)
const (
	MaxTags     = 50 // on a user or role, and in one request
	MaxTagKey   = 128
	MaxTagValue = 256
)

const (
	tagKeyPattern   = `[\p{L}\p{Z}\p{N}_.:/=+\-@]+`
	tagValuePattern = `[\p{L}\p{Z}\p{N}_.:/=+\-@]*`
)

var tagForm = regexp.MustCompile(`^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$`)

// CheckTags refuses the tags of one request that IAM would not take: all of
// them where one is wrong. A message names a tag by its place, from 1 on.
func CheckTags(tags []tag.Pair) error {
	if len(tags) > MaxTags {
		return invalid(listText(tags), "tags", fmt.Sprintf("Member must have length less than or equal to %d.", MaxTags))
	}
	seen := map[string]bool{}
	for i, t := range tags {
		if err := checkKey(t.Key, fmt.Sprintf("tags.%d.member.key", i+1)); err != nil {
			return err
		}
		if err := checkValue(t.Value, fmt.Sprintf("tags.%d.member.value", i+1)); err != nil {
			return err
		}
		if seen[tag.Fold(t.Key)] {
			return Refuse(CodeInvalidInput, "Duplicate tag keys found. Please note that Tag keys are case insensitive.")
		}
		seen[tag.Fold(t.Key)] = true
	}
	return nil
}

// CheckTagKeys refuses keys that no tag can have, as those to take away.
func CheckTagKeys(keys []string) error {
	if len(keys) > MaxTags {
		return invalid(fmt.Sprint(keys), "tagKeys", fmt.Sprintf("Member must have length less than or equal to %d.", MaxTags))
	}
	for i, key := range keys {
		if err := checkKey(key, fmt.Sprintf("tagKeys.%d.member", i+1)); err != nil {
			return err
		}
	}
	return nil
}

// AddTags returns the tags that a principal has after a request, in order of
// key: those given take the place of those whose key differs by case at most.
// It refuses the whole request where a tag is wrong, or where there would be
// more than MaxTags.
func AddTags(held, given []tag.Pair) ([]tag.Pair, error) {
	if err := CheckTags(given); err != nil {
		return nil, err
	}
	all := held
	for _, t := range given {
		all = tag.Put(all, t)
	}
	if len(all) > MaxTags {
		return nil, Refuse(CodeLimitExceeded, "The number of tags has reached the maximum limit.")
	}
	return all, nil
}

func checkKey(key, parameter string) error {
	switch {
	case key == "":
		return invalid(key, parameter, "Member must have length greater than or equal to 1.")
	case utf8.RuneCountInString(key) > MaxTagKey:
		return invalid(key, parameter, fmt.Sprintf("Member must have length less than or equal to %d.", MaxTagKey))
	case !tagForm.MatchString(key):
		return invalid(key, parameter, "Member must satisfy regular expression pattern: "+tagKeyPattern)
	case strings.HasPrefix(tag.Fold(key), "aws:"):
		return Refuse(CodeInvalidInput, "Tag keys starting with 'aws:' are reserved for internal use.")
	}
	return nil
}

func checkValue(value, parameter string) error {
	switch {
	case utf8.RuneCountInString(value) > MaxTagValue:
		return invalid(value, parameter, fmt.Sprintf("Member must have length less than or equal to %d.", MaxTagValue))
	case !tagForm.MatchString(value):
		return invalid(value, parameter, "Member must satisfy regular expression pattern: "+tagValuePattern)
	}
	return nil
}

// listText writes tags as messages on a whole list have them.
func listText(tags []tag.Pair) string {
	texts := make([]string, len(tags))
	for i, t := range tags {
		texts[i] = fmt.Sprintf("{Key: %s, Value: %s}", t.Key, t.Value)
	}
	return "[" + strings.Join(texts, ", ") + "]"
}
