package explore

import (
	"cmp"
	"slices"
	"strings"
)

// candidate is a name that may have been meant, and how to show it.
type candidate struct{ name, show string }

// maxNearest is how many names a hint offers.
const maxNearest = 3

// nearest returns what to show for the names most like typed, best first, at
// most maxNearest: those a few slips away, case aside, and then those that hold
// typed as a part.
func nearest(typed string, among []candidate) []string {
	type near struct {
		show string
		rank int
	}
	const part = 1000
	want := []rune(strings.ToLower(typed))
	slips := max(1, len(want)/3)
	var found []near
	for _, c := range among {
		low := strings.ToLower(c.name)
		name := []rune(low)
		if d := len(name) - len(want); d <= slips && -d <= slips {
			if d := distance(want, name); d <= slips && d < len(want) {
				found = append(found, near{c.show, d})
				continue
			}
		}
		if len(want) >= 3 && strings.Contains(low, string(want)) {
			found = append(found, near{c.show, part})
		}
	}
	slices.SortStableFunc(found, func(a, b near) int { return cmp.Compare(a.rank, b.rank) })
	var shows []string
	for _, n := range found {
		if len(shows) < maxNearest && !slices.Contains(shows, n.show) {
			shows = append(shows, n.show)
		}
	}
	return shows
}

// nearestNames is nearest over names that are shown as they are.
func nearestNames(typed string, names []string) []string {
	among := make([]candidate, len(names))
	for i, n := range names {
		among[i] = candidate{n, n}
	}
	return nearest(typed, among)
}

// distance counts the slips between two words: a letter more, less, other, or
// two neighbours swapped.
func distance(a, b []rune) int {
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			other := last[j-1]
			if a[i-1] != b[j-1] {
				other++
			}
			row[j] = min(other, last[j]+1, row[j-1]+1)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}

// didYouMean asks for the names, of which there is at least one.
func didYouMean(names []string) string { return "did you mean " + either(names) + "?" }

// either joins names for a person: "a", "a or b", "a, b or c".
func either(names []string) string {
	if len(names) == 1 {
		return names[0]
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " or " + names[last]
}
