package cli

import (
	"fmt"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"showback"
	"showback/internal/explore"
)

// mostHolding is how many rows standard error names at most.
const mostHolding = 100

// failIf holds the answer against the conditions of --fail-if and names the rows
// for which one holds. It is called when the answer is printed.
func (sh *shell) failIf(a *explore.Answer) error {
	if len(a.Question.FailIf) == 0 {
		return nil
	}
	holding := a.Holding()
	for _, h := range holding[:min(len(holding), mostHolding)] {
		sh.remark("--fail-if %q: %s", h.Condition, clean(holdingText(a.Question, h), ""))
	}
	if more := len(holding) - mostHolding; more > 0 {
		sh.remark("--fail-if: and %s", plural(int64(more), "row"))
	}
	if len(holding) > 0 {
		return verdict(exitHolds)
	}
	for _, b := range a.Blocks {
		if b.Total.Charges > 0 {
			return nil
		}
	}
	return showback.Errorf(showback.KindNotFound, "explore: found no charge in %s to hold --fail-if against, want one at least", a.Question.Period.Inclusive())
}

// holdingText names a row and the figure that was tested, with every digit:
// "2026-10-05 model Nova Lite, tag:team search: cost 1234.567 USD".
func holdingText(q explore.Question, h explore.Holding) string {
	var name []string
	for i, v := range h.Row.Keys {
		name = append(name, q.By[i].Typed+" "+v.String())
	}
	text := strings.Join(name, ", ")
	if q.Granularity != explore.Total {
		text = strings.TrimSpace(startText(q.Granularity, h.Row.Start) + " " + text)
	}
	if text == "" {
		text = "all"
	}
	return fmt.Sprintf("%s: %s %s%s", text, h.Condition.Figure, h.Figure.Value, figureUnit(h))
}

func figureUnit(h explore.Holding) string {
	switch h.Condition.Figure {
	case explore.SortChangePercent:
		return "%"
	case string(explore.Tokens):
		return ""
	case string(explore.Quantity):
		return " " + h.Row.Unit
	}
	return " " + h.Currency
}

// startText writes where a span starts, as CSV and JSON have it: a day, or with
// hours an instant.
func startText(g explore.Granularity, at time.Time) string {
	if g == explore.Hourly {
		return at.Format(time.RFC3339)
	}
	return at.Format(time.DateOnly)
}

// order reads --sort and --fail-if.
func (f *exploreFlags) order(q *explore.Question, known []showback.TagKey) (err error) {
	if q.Sort, err = explore.ParseSort(f.sort, q.By, known...); err != nil {
		return err
	}
	for _, text := range f.failIf {
		c, err := explore.ParseCondition(text)
		if err != nil {
			return err
		}
		q.FailIf = append(q.FailIf, c)
	}
	if f.compareGiven {
		return nil
	}
	for _, s := range q.Sort {
		if s.ComparesPeriods() {
			return alone("--sort " + s.String())
		}
	}
	for _, c := range q.FailIf {
		if c.ComparesPeriods() {
			return alone("--fail-if " + c.String())
		}
	}
	return nil
}

// alone says of a flag that it is of no use without --compare.
func alone(flag string) error {
	return showback.WithHint(showback.Errorf(showback.KindInvalid, "explore: %s has nothing to go by: no --compare", flag),
		"say what to compare with: --compare previous")
}

// once is a flag that can be given one time: of two the program could only guess
// which one is meant.
type once struct {
	pflag.Value
	given bool
	text  string
}

// twiceError is how a repeated flag is told from a bad value.
type twiceError struct{ first, again string }

func (e twiceError) Error() string {
	return fmt.Sprintf("found %q and %q, want one of them", e.first, e.again)
}

// Set is called once for each time that the flag is given.
func (o *once) Set(text string) error {
	if o.given && o.text != text {
		return twiceError{o.text, text}
	}
	o.given, o.text = true, text
	return o.Value.Set(text)
}

// onceEach refuses that flags are given twice, apart from those that take
// several values.
func onceEach(flags *pflag.FlagSet) {
	flags.VisitAll(func(f *pflag.Flag) {
		if _, several := f.Value.(pflag.SliceValue); !several {
			f.Value = &once{Value: f.Value}
		}
	})
}
