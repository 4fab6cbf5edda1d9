package explore

import (
	"cmp"
	"slices"
	"strings"

	"showback"
)

// Sorting is one thing to order rows by.
type Sorting struct {
	// By is a figure, SortStart or SortKey.
	By string
	// Key is set, and By empty, for a single key of the question.
	Key Key
	// Descending has the largest first, or the last of the alphabet.
	Descending bool
}

// What rows are ordered by beside the measures and single keys.
const (
	SortStart         = "start"          // of the span
	SortKey           = "key"            // all keys, the first one first
	SortChange        = "change"         // of the cost
	SortChangePercent = "change-percent" // of the cost
)

// figureWords are the words for a row's figures, in --sort and in --fail-if.
var figureWords = []string{string(Cost), string(Tokens), string(Quantity), string(UnitCost), SortChange, SortChangePercent}

// sortWords are the words for what rows are ordered by.
var sortWords = append(slices.Clone(figureWords), SortKey, SortStart)

// String writes the order as ParseSort reads it.
func (s Sorting) String() string {
	text := s.By
	if s.By == "" {
		text = s.Key.String()
	}
	if s.Descending {
		return "-" + text
	}
	return text
}

// needs returns the measure that must be summed to order by s; empty for none
// beside the cost.
func (s Sorting) needs() Measure { return measureOf(s.By) }

// figure reports an order by a figure.
func (s Sorting) figure() bool { return slices.Contains(figureWords, s.By) }

// measureOf returns the measure that a word is about.
func measureOf(word string) Measure {
	if word == SortChange || word == SortChangePercent {
		return Cost
	}
	for _, m := range []Measure{Cost, Tokens, Quantity, UnitCost} {
		if word == string(m) {
			return m
		}
	}
	return ""
}

// ComparesPeriods reports an order by what only a comparison has.
func (s Sorting) ComparesPeriods() bool { return s.By == SortChange || s.By == SortChangePercent }

// ParseSort reads a comma-separated list of what to order rows by, the first
// first: a figure (cost, tokens, quantity, unit-cost, change, change-percent),
// key for all keys, start for the span, or one of the question's keys, each with
// a minus before it for the largest first. An empty text is no order. A word
// given twice and a key that the question is not by are errors of KindInvalid,
// as every other fault is.
func ParseSort(list string, by []Key, known ...showback.TagKey) ([]Sorting, error) {
	if strings.TrimSpace(list) == "" {
		return nil, nil
	}
	texts, err := splitKeys(list)
	if err != nil {
		return nil, err
	}
	var order []Sorting
	for _, typed := range texts {
		s, err := parseSorting(typed, by, known)
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(order, s.same) {
			s.Descending = false
			return nil, showback.Errorf(showback.KindInvalid, "parse sort %q: %s is there twice", list, s)
		}
		order = append(order, s)
	}
	return order, nil
}

func (s Sorting) same(o Sorting) bool { return s.By == o.By && s.Key.Same(o.Key) }

func parseSorting(typed string, by []Key, known []showback.TagKey) (Sorting, error) {
	name, descending := strings.CutPrefix(typed, "-")
	plain := strings.ReplaceAll(strings.ToLower(name), "_", "-")
	words := slices.Clone(sortWords)
	if slices.Contains(words, plain) {
		return Sorting{By: plain, Descending: descending}, nil
	}
	for _, k := range by {
		words = append(words, k.String())
	}
	k, err := ParseKey(name, known...)
	if err != nil {
		return Sorting{}, showback.WithHint(
			showback.Errorf(showback.KindInvalid, "parse sort %q: want %s, with - before it for the largest first", typed, either(words)),
			nearestHint(plain, words))
	}
	if !slices.ContainsFunc(by, k.Same) {
		return Sorting{}, showback.WithHint(showback.Errorf(showback.KindInvalid, "parse sort %q: the rows are not by %s", typed, k),
			"group by it, or sort by "+either(words))
	}
	return Sorting{Key: k, Descending: descending}, nil
}

// nearestHint offers the words most like the one typed; empty for none.
func nearestHint(typed string, words []string) string {
	near := nearestNames(typed, words)
	if len(near) == 0 {
		return ""
	}
	return didYouMean(near)
}

// sortRows orders rows by what the question asks; rows that are equal in that
// stay as they are. Rows without a value come last, whatever the direction;
// folded rows after all others, of their span where the spans come first.
func sortRows(rows []AnswerRow, q Question) {
	if len(q.Sort) == 0 {
		return
	}
	slices.SortStableFunc(rows, func(a, b AnswerRow) int {
		words := q.Sort
		if words[0].By == SortStart {
			if c := words[0].compare(&a, &b, q.By); c != 0 {
				return c
			}
			words = words[1:]
		}
		if a, b := a.Others > 0, b.Others > 0; a != b {
			return after(a)
		}
		for _, s := range words {
			if c := s.compare(&a, &b, q.By); c != 0 {
				return c
			}
		}
		return 0
	})
}

// compare orders two rows of one block.
func (s Sorting) compare(a, b *AnswerRow, by []Key) int {
	turned := func(c int) int {
		if s.Descending {
			return -c
		}
		return c
	}
	switch {
	case s.By == SortStart:
		return turned(cmp.Or(a.Start.Compare(b.Start), a.index-b.index))
	case s.figure():
		x, y := a.figureOf(s.By), b.figureOf(s.By)
		if x, y := x.Missing != "", y.Missing != ""; x || y {
			return boolCompare(x, y)
		}
		return turned(x.Value.Cmp(y.Value))
	}
	for i := range min(len(a.Keys), len(b.Keys)) {
		if s.By != SortKey && !by[i].Same(s.Key) {
			continue
		}
		x, y := a.Keys[i], b.Keys[i]
		c := compareValue(x, y)
		if x.Missing == "" && y.Missing == "" {
			c = turned(c)
		}
		if c != 0 {
			return c
		}
	}
	return 0
}

// boolCompare orders what holds after what does not.
func boolCompare(a, b bool) int {
	if a == b {
		return 0
	}
	return after(a)
}

// figureOf returns the figure that a word names.
func (r *AnswerRow) figureOf(word string) Figure {
	if word != SortChange && word != SortChangePercent {
		return r.Figures.Of(Measure(word))
	}
	if r.Previous == nil {
		return Figure{Missing: NotAsked}
	}
	c := ChangeOf(Cost, r.Figures, *r.Previous)
	if word == SortChange {
		return c.Difference
	}
	return c.Percent
}
