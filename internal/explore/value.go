package explore

import "strings"

// String writes the value as text exports and tables do: a missing value as
// its cause in parentheses, "(untagged)"; a real value that begins with "("
// gets a second one, so that the two can be told apart.
func (v Value) String() string {
	switch {
	case v.Missing != "":
		return "(" + string(v.Missing) + ")"
	case strings.HasPrefix(v.Text, "("):
		return "(" + v.Text
	}
	return v.Text
}

// compareValues orders keys: real values by text, then missing ones by cause.
func compareValues(a, b []Value) int {
	for i := range min(len(a), len(b)) {
		if c := compareValue(a[i], b[i]); c != 0 {
			return c
		}
	}
	return len(a) - len(b)
}

func compareValue(a, b Value) int {
	switch {
	case a.Missing == "" && b.Missing != "":
		return -1
	case a.Missing != "" && b.Missing == "":
		return +1
	}
	if c := strings.Compare(a.Text, b.Text); c != 0 {
		return c
	}
	return strings.Compare(string(a.Missing), string(b.Missing))
}
