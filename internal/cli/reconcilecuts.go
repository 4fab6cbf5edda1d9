package cli

import (
	"fmt"
	"slices"
	"strings"

	"showback"
	"showback/internal/explore"
	"showback/internal/reconcile"
)

// shownKeys is how many differences of each cut a report shows.
const shownKeys = 5

// writeCuts says by what else both sides are equal, and shows where they are
// not.
func (sh *shell) writeCuts(r *reconcile.Report) {
	var equal, different []string
	for _, c := range r.Cuts {
		keys := countText(c.Keys)
		if c.Keys == 0 {
			keys = "none"
		}
		text := fmt.Sprintf("%s (%s)", c.Name, keys)
		if c.Equal {
			equal = append(equal, text)
			continue
		}
		different = append(different, text)
		sh.writeKeys(r, c)
	}
	if len(equal) > 0 {
		sh.paragraph("also equal by ", strings.Join(equal, ", "))
	}
	if len(different) > 0 {
		sh.paragraph("not equal by ", strings.Join(different, ", "))
	}
	if wide := notCompared(r); len(wide) > 0 {
		sh.paragraph("not compared: ", strings.Join(wide, ", ")+": too many values to be kept")
	}
	if len(r.Cuts) > 0 {
		fmt.Fprintln(sh.Out)
	}
}

// writeKeys shows where one cut differs.
func (sh *shell) writeKeys(r *reconcile.Report, total reconcile.CutTotal) {
	left, shown := total.Different, 0
	what := "unblended"
	if total.Name == "quantity" {
		what = "billed in"
	}
	for _, d := range r.Deliveries {
		for _, c := range d.Cuts {
			if c.Name != total.Name {
				continue
			}
			for _, k := range c.Differences {
				if shown == shownKeys {
					break
				}
				shown++
				left--
				key := k.Key
				if key == "" {
					key = "(none)"
				}
				fmt.Fprintf(sh.Out, "different: %s %s, %s %s, %s %s\n", d.Month, d.Payer, clean(c.Name, ""), clean(key, ""), what, k.Currency)
				sh.writeSides(k.Delivered, k.Ledger, k.Difference)
			}
		}
	}
	if left > 0 {
		fmt.Fprintf(sh.Out, "and %s by %s (--json has the first %d of each delivery)\n", plural(left, "more difference"),
			clean(total.Name, ""), reconcile.MaxKeyDifferences)
	}
	fmt.Fprintln(sh.Out)
}

// notCompared lists the tag keys whose values the store does not keep.
func notCompared(r *reconcile.Report) []string {
	var wide []string
	for _, d := range r.Deliveries {
		for _, name := range d.NotCompared {
			if k, ok := showback.ParseTagKey(name); ok {
				name = k.Flag()
			}
			if !slices.Contains(wide, name) {
				wide = append(wide, name)
			}
		}
	}
	return wide
}

// verdictText says what was proven, and what it leaves out.
func verdictText(r *reconcile.Report) string {
	switch r.Status {
	case reconcile.Different:
		return "DIFFERENT: the store does not hold what was delivered"
	case reconcile.Unchecked:
		return "NOT CHECKED: some deliveries could not be read again"
	}
	text := "EQUAL: by payer, month, service, charge type, currency and basis, and by " + provenCuts(r) +
		", the store holds what was delivered, to the last digit"
	var rejected []reconcile.Rejected
	for _, d := range r.Deliveries {
		rejected = append(rejected, d.Rejected...)
	}
	if aside := asideText(rejected); aside != "" {
		text += ", but for " + aside
	}
	return text
}

// provenCuts names the cuts, all tag keys in one word.
func provenCuts(r *reconcile.Report) string {
	var names []string
	for _, c := range r.Cuts {
		name := c.Name
		if _, ok := showback.ParseTagKey(name); ok {
			name = "tag"
			if wide := notCompared(r); len(wide) > 0 {
				name += " (but for " + strings.Join(wide, ", ") + ")"
			}
		}
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " and " + names[last]
}

// asideText says how many lines were set aside and what they are worth: "2
// lines set aside at import, worth $3.50, 1 of unknown amount"; empty for none.
func asideText(rejected []reconcile.Rejected) string {
	var lines, readable int64
	worth := map[string]showback.Decimal{}
	for _, x := range rejected {
		lines += x.Lines
		readable += x.Readable
		if x.Readable > 0 {
			worth[x.Currency] = worth[x.Currency].Add(x.Unblended)
		}
	}
	if lines == 0 {
		return ""
	}
	text := plural(lines, "line") + " set aside at import"
	if readable > 0 {
		text += ", worth " + explore.AmountsText(worth)
	}
	switch unknown := lines - readable; {
	case unknown == lines:
		text += ", of unknown amount"
	case unknown > 0:
		text += fmt.Sprintf(", %s of unknown amount", countText(unknown))
	}
	return text
}
