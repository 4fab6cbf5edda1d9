package tag

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"showback"
)

// Pair is one tag of a principal. Keys of principals differ by more than case:
// IAM keeps "Department" and "department" apart in spelling only, and a bill
// keeps the spelling. (AWS, "IAM User Guide: Tags for IAM resources", 2026-09.)
type Pair struct{ Key, Value string }

// Fold returns what tells the keys of one principal apart.
func Fold(key string) string { return strings.ToLower(key) }

// Sorted returns the pairs in order of key, of keys that differ by case alone
// only the last.
func Sorted(pairs []Pair) []Pair {
	var all []Pair
	for _, p := range pairs {
		all = Put(all, p)
	}
	return all
}

// Put returns sorted pairs with one more, in the place of the one whose key
// differs by case at most. It does not change its argument.
func Put(sorted []Pair, p Pair) []Pair {
	at, found := slices.BinarySearchFunc(sorted, p.Key, comparePair)
	all := slices.Clone(sorted)
	if found {
		all[at] = p
		return all
	}
	return slices.Insert(all, at, p)
}

// Drop returns sorted pairs without the one whose key differs by case at most.
func Drop(sorted []Pair, key string) []Pair {
	at, found := slices.BinarySearchFunc(sorted, key, comparePair)
	if !found {
		return sorted
	}
	return slices.Delete(slices.Clone(sorted), at, at+1)
}

// Value returns the value that sorted pairs have for a key, whatever its case.
func Value(sorted []Pair, key string) (value string, ok bool) {
	at, found := slices.BinarySearchFunc(sorted, key, comparePair)
	if !found {
		return "", false
	}
	return sorted[at].Value, true
}

func comparePair(p Pair, key string) int { return cmp.Compare(Fold(p.Key), Fold(key)) }

// Override returns what a session has of tags: those of its role, and in their
// place those given to the session, whatever the case of their keys. (AWS, "IAM
// User Guide: Passing session tags", 2026-09.)
func Override(role, session []Pair) []Pair {
	all := Sorted(role)
	for _, p := range session {
		all = Put(all, p)
	}
	return all
}

// Diff returns what makes after of before, both sorted: the pairs to put, and
// the keys to drop. A key of which only the case changed is put.
func Diff(before, after []Pair) (put []Pair, drop []string) {
	for _, p := range after {
		at, found := slices.BinarySearchFunc(before, p.Key, comparePair)
		if !found || before[at] != p {
			put = append(put, p)
		}
	}
	for _, p := range before {
		if _, kept := Value(after, p.Key); !kept {
			drop = append(drop, p.Key)
		}
	}
	return put, drop
}

// Change is one dated change of a principal's tags.
type Change struct {
	At  time.Time
	Key string
	// Value is the value from At on, unless Removed.
	Value   string
	Removed bool
	// Anew says that the principal is another one from At on, with the same
	// name and without tags; Key is empty.
	Anew bool
}

// History is what tags a principal had when. The zero History has none ever.
type History struct {
	steps []step // by time; the first is at the first change
}

// A step is an instant from which on the tags are these.
type step struct {
	at   time.Time
	tags []Pair
}

// NewHistory adds changes up. They are taken by their time, those of the same
// time in the order given.
func NewHistory(changes []Change) History {
	ordered := slices.Clone(changes)
	slices.SortStableFunc(ordered, func(a, b Change) int { return a.At.Compare(b.At) })
	var h History
	var tags []Pair
	for _, c := range ordered {
		switch {
		case c.Anew:
			tags = nil
		case c.Removed:
			tags = Drop(tags, c.Key)
		default:
			tags = Put(tags, Pair{c.Key, c.Value})
		}
		if last := len(h.steps) - 1; last >= 0 && h.steps[last].at.Equal(c.At) {
			h.steps[last].tags = tags
			continue
		}
		h.steps = append(h.steps, step{c.At, tags})
	}
	return h
}

// At returns the tags in force at an instant, in order of key. A change is in
// force from its own instant on.
func (h History) At(t time.Time) []Pair {
	n, _ := slices.BinarySearchFunc(h.steps, t, func(s step, t time.Time) int {
		if s.at.After(t) {
			return 1
		}
		return -1
	})
	if n == 0 {
		return nil
	}
	return h.steps[n-1].tags
}

// OnDay returns the tags of the UTC day that holds t: those in force at its
// end. A change in the middle of a day counts for all of it, one at the next
// midnight for none.
func (h History) OnDay(t time.Time) []Pair {
	return h.At(showback.Day(t).AddDate(0, 0, 1).Add(-time.Nanosecond))
}

// Now returns the tags after all changes.
func (h History) Now() []Pair {
	if len(h.steps) == 0 {
		return nil
	}
	return h.steps[len(h.steps)-1].tags
}

// Span is a stretch of time in which the tags are the same.
type Span struct {
	// Start and End are half-open. The zero Start is since ever: before the
	// first change there is nothing to tell apart. The zero End is until today.
	Start, End time.Time
	Tags       []Pair
}

// Days cuts the history into days, each with the tags of its end: stretches
// that join without gap, none with the tags of the one before. The first has
// the zero Start and the last the zero End; both ends are midnights.
func (h History) Days() []Span {
	spans := []Span{{}}
	for i, s := range h.steps {
		day := showback.Day(s.at)
		if i+1 < len(h.steps) && showback.Day(h.steps[i+1].at).Equal(day) {
			continue // another change of the day comes after it
		}
		last := &spans[len(spans)-1]
		if slices.Equal(last.Tags, s.tags) {
			continue
		}
		last.End = day
		spans = append(spans, Span{Start: day, Tags: s.tags})
	}
	return spans
}
