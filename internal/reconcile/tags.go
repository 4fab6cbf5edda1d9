package reconcile

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"strings"
	"unicode"

	"showback"
)

// tagMaps is how many columns of a line hold tags: tags, resource_tags and
// cost_category.
const tagMaps = 3

// billedMap is a map of one of these columns as delivered, without the entries
// that have no value. It is nil where the bill has none, and never changes.
type billedMap struct {
	entries map[string]string
	err     error
}

// tagReader reads tags. A month has millions of lines and few maps, so each is
// understood once and kept, up to maxMaps of them: session tags may be as many
// as lines.
type tagReader struct {
	wide   map[showback.TagKey]bool
	texts  map[string]*billedMap // by JSON text
	packs  map[string]*billedMap // by what pack made of a MAP
	joined map[[tagMaps]*billedMap]string
	buffer []byte
}

const maxMaps = 1 << 16

func newTagReader(wide []showback.TagKey) tagReader {
	r := tagReader{wide: map[showback.TagKey]bool{}}
	for _, k := range wide {
		r.wide[k] = true
	}
	r.forget()
	return r
}

func (r *tagReader) forget() {
	r.texts, r.packs = map[string]*billedMap{}, map[string]*billedMap{}
	r.joined = map[[tagMaps]*billedMap]string{}
}

// readText reads a map that is written as JSON: an object of texts. Of a key
// that is there twice the last counts; a number or a truth value is its text.
func (r *tagReader) readText(text string) *billedMap {
	if len(r.texts) >= maxMaps {
		r.forget()
	}
	var m *billedMap
	if entries, err := entriesOf(text); err != nil || len(entries) > 0 {
		m = &billedMap{entries, err}
	}
	r.texts[text] = m
	return m
}

var errNested = errors.New("a value is neither a text nor a number")

func entriesOf(text string) (map[string]string, error) {
	if text = strings.Trim(text, " \t\r\n"); text == "" {
		return nil, nil
	}
	var raw map[string]json.RawMessage
	if err := json.Unmarshal([]byte(text), &raw); err != nil {
		return nil, err
	}
	entries := map[string]string{}
	for key, value := range raw {
		s := string(value)
		switch s[0] {
		case '{', '[':
			return nil, errNested
		case 'n': // null
			s = ""
		case '"':
			if err := json.Unmarshal(value, &s); err != nil {
				return nil, err
			}
		}
		if key != "" && s != "" {
			entries[key] = s
		}
	}
	return entries, nil
}

// pack takes an entry of a Parquet MAP.
func (r *tagReader) pack(key, value []byte) {
	for _, text := range [][]byte{key, value} {
		r.buffer = binary.AppendUvarint(r.buffer, uint64(len(text)))
		r.buffer = append(r.buffer, text...)
	}
}

// packed returns the map of the entries taken since it was called last.
func (r *tagReader) packed() *billedMap {
	if len(r.buffer) == 0 {
		return nil
	}
	m, ok := r.packs[string(r.buffer)]
	if !ok {
		if len(r.packs) >= maxMaps {
			r.forget()
		}
		m = unpack(r.buffer)
		r.packs[string(r.buffer)] = m
	}
	r.buffer = r.buffer[:0]
	return m
}

func unpack(buffer []byte) *billedMap {
	next := func() string {
		n, width := binary.Uvarint(buffer)
		text := string(buffer[width : width+int(n)])
		buffer = buffer[width+int(n):]
		return text
	}
	entries := map[string]string{}
	for len(buffer) > 0 {
		key, value := next(), next()
		if key == "" || value == "" {
			delete(entries, key) // the last of a key counts
			continue
		}
		entries[key] = value
	}
	if len(entries) == 0 {
		return nil
	}
	return &billedMap{entries: entries}
}

// join returns the tags of a line as one text; see packTags.
func (r *tagReader) join(maps [tagMaps]*billedMap) string {
	if maps == [tagMaps]*billedMap{} {
		return ""
	}
	text, ok := r.joined[maps]
	if ok {
		return text
	}
	if len(r.joined) >= maxMaps {
		r.forget()
	}
	var entries [tagMaps]map[string]string
	for i, m := range maps {
		if m != nil {
			entries[i] = m.entries
		}
	}
	tags := tagsOf(entries[0], entries[1], entries[2])
	for key := range tags {
		if r.wide[key] {
			delete(tags, key)
		}
	}
	text = packTags(tags)
	r.joined[maps] = text
	return text
}

// packTags writes tags as one text, the same for equal tags; none is empty.
func packTags(tags map[showback.TagKey]string) string {
	if len(tags) == 0 {
		return ""
	}
	billed := map[string]string{}
	for key, value := range tags {
		billed[key.String()] = value
	}
	text, err := json.Marshal(billed) // in order of key
	if err != nil {
		panic("BUG: texts that are no JSON: " + err.Error())
	}
	return string(text)
}

func unpackTags(text string) map[showback.TagKey]string {
	if text == "" {
		return nil
	}
	var billed map[string]string
	if err := json.Unmarshal([]byte(text), &billed); err != nil {
		panic("BUG: tags that are no JSON: " + err.Error())
	}
	tags := map[showback.TagKey]string{}
	for name, value := range billed {
		key, ok := showback.ParseTagKey(name)
		if !ok {
			panic("BUG: tag key " + name)
		}
		tags[key] = value
	}
	return tags
}

// tagsOf joins the three columns. tags has keys as they were given to AWS,
// after the prefix of their source; the other two have normalised keys and give
// only what tags does not. (AWS, "Data dictionary: tags column", 2026-09.)
func tagsOf(tags, resourceTags, costCategory map[string]string) map[showback.TagKey]string {
	out := map[showback.TagKey]string{}
	// A key may be spelled in two ways; its own comes second, so it stays.
	for _, own := range []bool{false, true} {
		for billed, value := range tags {
			if key := keyOfTag(billed); (key.String() == billed) == own {
				out[key] = value
			}
		}
	}
	fillTags(out, showback.TagResource, resourceTags, "user_")
	fillTags(out, showback.TagCostCategory, costCategory, "")
	return out
}

// keyOfTag reads a key of the column tags. One without a known source is the
// caller's. AWS writes resource tags with "user:" and without.
func keyOfTag(billed string) showback.TagKey {
	prefix, name, _ := strings.Cut(billed, "/")
	source := showback.TagSource(prefix)
	switch source {
	case showback.TagCaller, showback.TagResource, showback.TagAccount, showback.TagUserAttribute, showback.TagCostCategory:
	default:
		name = ""
	}
	if name == "" {
		return showback.TagKey{Source: showback.TagCaller, Name: billed}
	}
	if source == showback.TagResource {
		name = without(name, "user:")
	}
	return showback.TagKey{Source: source, Name: name}
}

// without cuts a prefix off, unless it is all there is.
func without(name, prefix string) string {
	if len(name) == len(prefix) {
		return name
	}
	return strings.TrimPrefix(name, prefix)
}

// fillTags adds the entries of a column with normalised keys that no tag of the
// source in out is the same as. Of a key with the prefix and one without, the
// one with it counts, as AWS writes it.
func fillTags(out map[showback.TagKey]string, source showback.TagSource, entries map[string]string, prefix string) {
	given := map[string]bool{}
	for key := range out {
		if key.Source == source {
			given[normalised(key.Name)] = true
		}
	}
	for _, prefixed := range []bool{false, true} {
		for billed, value := range entries {
			name := without(billed, prefix)
			if (name != billed) == prefixed && !given[normalised(name)] {
				out[showback.TagKey{Source: source, Name: name}] = value
			}
		}
	}
}

// normalised writes a name as AWS's normalised columns do: an underscore before
// each capital and for all that is neither letter nor digit, none of them
// doubled, first or last, all in small letters. (AWS, "Cost and Usage Report:
// Running Amazon Athena queries", column names.)
func normalised(name string) string {
	var words strings.Builder
	for _, r := range name {
		switch {
		case unicode.IsUpper(r):
			words.WriteByte('_')
		case !unicode.IsLetter(r) && !unicode.IsDigit(r):
			r = '_'
		}
		words.WriteRune(unicode.ToLower(r))
	}
	return strings.Join(strings.FieldsFunc(words.String(), func(r rune) bool { return r == '_' }), "_")
}
