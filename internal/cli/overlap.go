package cli

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"showback"
	"showback/internal/explore"
	"showback/internal/ledger"
)

// explainOverlap completes an error about exports that hold the same charges:
// what each of them says, month by month, and what to do about it. ready writes
// that, given the preferences that would settle all.
func (sh *shell) explainOverlap(err error, ready func(prefer []string) string) error {
	var overlap *ledger.OverlapError
	if !errors.As(err, &overlap) {
		return err
	}
	var text strings.Builder
	text.WriteString(err.Error() + "\n")
	several := len(payersOf(overlap.Overlaps)) > 1
	for _, group := range byRivals(overlap.Overlaps) {
		text.WriteByte('\n')
		if several {
			fmt.Fprintf(&text, "  payer %s\n\n", group[0].Payer)
		}
		sh.writeRivals(&text, group)
	}
	return &showback.Error{Kind: showback.KindOf(err), Text: strings.TrimRight(text.String(), "\n"), Hint: ready(overlap.Prefer)}
}

func payersOf(overlaps []ledger.Overlap) []string {
	var payers []string
	for _, o := range overlaps {
		payers = append(payers, o.Payer)
	}
	return distinct(payers)
}

// byRivals groups the months in which the same exports of a payer are rivals.
func byRivals(overlaps []ledger.Overlap) [][]ledger.Overlap {
	same := func(a, b *ledger.Overlap) bool {
		return a.Payer == b.Payer && slices.EqualFunc(a.Rivals, b.Rivals, func(x, y ledger.Rival) bool { return x.Export == y.Export })
	}
	var groups [][]ledger.Overlap
	for _, o := range overlaps {
		i := slices.IndexFunc(groups, func(g []ledger.Overlap) bool { return same(&g[0], &o) })
		if i < 0 {
			i, groups = len(groups), append(groups, nil)
		}
		groups[i] = append(groups[i], o)
	}
	return groups
}

// writeRivals writes what each export says of the months, and how they differ.
func (sh *shell) writeRivals(out *strings.Builder, group []ledger.Overlap) {
	g := &grid{columns: []column{{name: "month"}}}
	for _, r := range group[0].Rivals {
		g.columns = append(g.columns, column{name: r.Export, shrinks: true})
	}
	g.columns = append(g.columns, column{name: "totals"})
	var today []string
	var texts []string // how they differ, in order
	months := map[string][]showback.Month{}
	for _, o := range group {
		row := []string{string(o.Month)}
		for _, r := range o.Rivals {
			row = append(row, saysText(&r))
			if r.Counts {
				today = append(today, r.Export)
			}
			if text := differenceText(&r); text != "" {
				if months[text] == nil {
					texts = append(texts, text)
				}
				months[text] = append(months[text], o.Month)
			}
		}
		totals := "differ"
		if o.Equal {
			totals = "equal"
		}
		g.rows = append(g.rows, append(row, totals))
	}
	g.write(out, sh.Width, "  ")
	note := func(text string) {
		fmt.Fprintf(out, "  %s\n", wrap(strings.Fields(clean(text, "")), sh.Width, "    "))
	}
	if len(texts) > 0 || len(today) > 0 {
		out.WriteByte('\n')
	}
	for _, text := range texts {
		note(explore.MonthsText(months[text]) + ": " + text)
	}
	if today = distinct(today); len(today) > 0 {
		note("the store counts today: " + strings.Join(today, ", "))
	}
}

// saysText is what an export says of a month: "$12.50, with callers".
func saysText(r *ledger.Rival) string {
	amounts := map[string]showback.Decimal{}
	for _, t := range r.Totals {
		amounts[t.Currency] = t.Amounts[showback.Unblended]
	}
	if r.CallerColumn {
		return explore.AmountsText(amounts) + ", with callers"
	}
	return explore.AmountsText(amounts) + ", no callers"
}

// maxProducts is how many products a difference names.
const maxProducts = 3

// differenceText says how a rival differs from the one it would yield to; ""
// where it does not.
func differenceText(r *ledger.Rival) string {
	var parts []string
	part := func(verb string, p *ledger.Part) {
		if p.Keys == 0 {
			return
		}
		names := slices.Clone(p.Products[:min(maxProducts, len(p.Products))])
		if more := len(p.Products) - len(names); more > 0 {
			names = append(names, fmt.Sprintf("%d more", more))
		}
		text := verb + " charges of " + strings.Join(names, ", ")
		if cost := costsText(p.Cost); cost != "" {
			text += " (" + cost + ")"
		}
		parts = append(parts, text)
	}
	part("lacks", &r.Lacks)
	part("has besides", &r.Extra)
	if cost := costsText(r.Differ); cost != "" {
		parts = append(parts, "differs by "+cost+" in what both have")
	}
	if len(parts) == 0 {
		return ""
	}
	return "against " + r.Against + ", " + r.Export + " " + strings.Join(parts, "; ")
}

func costsText(costs []ledger.Cost) string {
	amounts := map[string]showback.Decimal{}
	for _, c := range costs {
		amounts[c.Currency] = c.Amount
	}
	return explore.AmountsText(amounts)
}

// replay writes the command line that is under way, ready to paste, with more
// words at its end.
func replay(cmd *cobra.Command, args []string, more ...string) string {
	words := strings.Fields(cmd.CommandPath())
	cmd.Flags().Visit(func(f *pflag.Flag) {
		list, ok := f.Value.(pflag.SliceValue)
		switch {
		case ok:
			for _, value := range list.GetSlice() {
				words = append(words, "--"+f.Name, value)
			}
		case f.Value.Type() == "bool":
			if f.Value.String() == "true" {
				words = append(words, "--"+f.Name)
			}
		default:
			words = append(words, "--"+f.Name, f.Value.String())
		}
	})
	return shellLine(slices.Concat(words, args, more)...)
}

// shellLine writes words so that a shell reads them back.
func shellLine(words ...string) string {
	quoted := make([]string, len(words))
	for i, word := range words {
		if quoted[i] = quoteShell(word); word == "" {
			quoted[i] = "''"
		}
	}
	return strings.Join(quoted, " ")
}

// preferFlags writes preferences as flags.
func preferFlags(prefer []string) []string {
	var words []string
	for _, p := range prefer {
		words = append(words, "--prefer", p)
	}
	return words
}
