package tag

import (
	"strings"

	"showback"
)

// Parse reads the three tag columns of a CUR 2.0 charge. Each text is a JSON
// object of text to text; an empty text and null stand for an object without
// entries; null and "" count as absent.
//
// tags holds keys as they were given to AWS, after the prefix of their source,
// and comes first. (AWS, "Data dictionary: tags column", 2026-09.)
//   - "user:" after resourceTags/ is dropped: AWS's examples have it and have
//     it not. Where both are there, the key without it counts.
//   - A key without a known source is a caller tag, unless the caller tag of
//     that name is there too: AWS does not say in which form session tags
//     arrive.
//
// resourceTags (the column resource_tags) and costCategory (cost_category)
// hold normalised keys, so they give only what tags does not: an entry counts
// when tags has no key of that source with the same Normalize. "user_" before
// a resource tag's name is dropped; tags that AWS sets keep their "aws_".
//
// A text that is no JSON object, holds a value that is no text, or has two
// different values of one key is an error of KindInvalid: nothing says which of
// them was meant.
func Parse(tags, resourceTags, costCategory string) (Set, error) {
	s := Set{}
	if err := s.add(tags); err != nil {
		return nil, invalid("tags", tags, err)
	}
	if err := s.fill(showback.TagResource, resourceTags); err != nil {
		return nil, invalid("resource_tags", resourceTags, err)
	}
	if err := s.fill(showback.TagCostCategory, costCategory); err != nil {
		return nil, invalid("cost_category", costCategory, err)
	}
	return s, nil
}

func invalid(column, text string, err error) error {
	return showback.Errorf(showback.KindInvalid, "parse %s %s: %w", column, excerpt(text), err)
}

// add takes the entries of the tags column.
func (s Set) add(text string) error {
	entries, err := readObject(text)
	if err != nil {
		return err
	}
	for billed, value := range entries {
		key := keyOf(billed)
		// At most two spellings give one key, and one of them is the key's own:
		// it wins, in whatever order the entries come.
		if s[key] == "" || key.String() == billed {
			s[key] = value
		}
	}
	return nil
}

// fill takes those entries of a column with normalised keys that have no twin
// in the set yet.
func (s Set) fill(source showback.TagSource, text string) error {
	entries, err := readObject(text)
	if err != nil || len(entries) == 0 {
		return err
	}
	given := map[string]bool{}
	for key := range s {
		if key.Source == source {
			given[Normalize(key.Name)] = true
		}
	}
	for billed, value := range entries {
		name := billed
		if source == showback.TagResource {
			name = cutKept(billed, "user_")
		}
		if given[Normalize(name)] {
			continue
		}
		// As in add: "user_team", which AWS writes, wins over a plain "team".
		key := showback.TagKey{Source: source, Name: name}
		if s[key] == "" || name != billed {
			s[key] = value
		}
	}
	return nil
}

// keyOf reads a key of the tags column.
func keyOf(billed string) showback.TagKey {
	key, ok := split(billed)
	if !ok {
		return showback.TagKey{Source: showback.TagCaller, Name: billed}
	}
	if key.Source == showback.TagResource {
		key.Name = cutKept(key.Name, "user:")
	}
	return key
}

// split cuts a key at its source. It does not know the command line's words
// for the sources: on a bill, "tag:team" is a name like any other.
func split(billed string) (key showback.TagKey, ok bool) {
	source, name, ok := strings.Cut(billed, "/")
	if !ok || name == "" || !isSource(showback.TagSource(source)) {
		return showback.TagKey{}, false
	}
	return showback.TagKey{Source: showback.TagSource(source), Name: name}, true
}

func isSource(source showback.TagSource) bool {
	for _, s := range showback.TagSources {
		if s.Source == source {
			return true
		}
	}
	return false
}

// cutKept cuts the prefix unless nothing would be left.
func cutKept(name, prefix string) string {
	if rest, ok := strings.CutPrefix(name, prefix); ok && rest != "" {
		return rest
	}
	return name
}
