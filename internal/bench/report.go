package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"showback"
)

// figure is a line of the table.
type figure struct {
	row      string
	measured string // of the least times, or the one value that there is
	medians  string // the same of the medians; empty where there are none
	commit   string // empty where nothing was committed to
	met      bool
	detail   string // what it was measured from
}

// report writes the table, each line as soon as it is known.
type report struct{ out io.Writer }

func newReport(out io.Writer) *report {
	fmt.Fprintln(out, "| what | measured | of medians | commit | | from (min / median) |")
	fmt.Fprintln(out, "|---|---|---|---|---|---|")
	return &report{out}
}

func (r *report) add(f figure) {
	verdict := ""
	switch {
	case f.commit == "":
	case f.met:
		verdict = "met"
	default:
		verdict = "missed"
	}
	cells := []string{f.row, f.measured, f.medians, f.commit, verdict, f.detail}
	for i, c := range cells {
		cells[i] = strings.NewReplacer("|", `\|`, "\n", " ").Replace(c)
	}
	fmt.Fprintf(r.out, "| %s |\n", strings.Join(cells, " | "))
}

// noLimit is the limit of what was not committed to.
const noLimit = ""

// versus holds times against a yardstick's, of which they may be at most limit
// times as long.
func versus(row string, mine, yard times, unit, limit, more string) figure {
	f := figure{
		row:      row,
		measured: ratio(int64(mine.min()), int64(yard.min())).String() + " × " + unit,
		medians:  ratio(int64(mine.median()), int64(yard.median())).String() + " × " + unit,
		detail:   join(mine.String(), unit+" "+yard.String(), more),
	}
	if limit != noLimit {
		f.commit = "≤ " + limit + " × " + unit
		f.met = atMost(int64(mine.min()), int64(yard.min()), limit)
	}
	return f
}

// slower says how many times as long another takes as we do, which was to be
// at least limit.
func slower(row string, other, mine times, limit, more string) figure {
	return figure{
		row:      row,
		measured: ratio(int64(other.min()), int64(mine.min())).String() + " × slower",
		medians:  ratio(int64(other.median()), int64(mine.median())).String() + " × slower",
		commit:   "≥ " + limit + " ×",
		met:      !below(int64(other.min()), int64(mine.min()), limit),
		detail:   join("raw "+other.String(), "ours "+mine.String(), more),
	}
}

// within holds times against a limit; 0 for none.
func within(row string, t times, limit time.Duration, more string) figure {
	f := figure{row: row, measured: shown(t.min()), medians: shown(t.median()), detail: more}
	if limit > 0 {
		f.commit, f.met = "≤ "+limit.String(), t.min() <= limit
	}
	return f
}

// memory holds bytes of memory against a limit.
func memory(row string, peak, limit int64, more string) figure {
	return figure{row: row, measured: megabytes(peak), commit: "≤ " + megabytes(limit), met: peak <= limit, detail: more}
}

// atMost reports whether a is at most limit times b, exactly.
func atMost(a, b int64, limit string) bool { return against(a, b, limit) <= 0 }

// below reports whether a is less than limit times b, exactly.
func below(a, b int64, limit string) bool { return against(a, b, limit) < 0 }

func against(a, b int64, limit string) int {
	return showback.DecimalFromInt(a).Cmp(showback.MustDecimal(limit).Mul(showback.DecimalFromInt(b)))
}

// join puts together what is not empty.
func join(parts ...string) string {
	var there []string
	for _, p := range parts {
		if p != "" {
			there = append(there, p)
		}
	}
	return strings.Join(there, "; ")
}
