package reconcile

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"showback"
	"showback/internal/costexplorer"
	"showback/internal/explore"
)

// AgainstTotal adds the comparisons of a metric and unit up.
type AgainstTotal struct {
	Metric string `json:"metric"`
	Unit   string `json:"unit"`
	Groups int64  `json:"groups"` // over all periods
	Equal  int64  `json:"equal"`  // those rounded included
	// Rounded are equal but for what Cost Explorer rounded off.
	Rounded   int64 `json:"rounded"`
	Different int64 `json:"different"`
	Unchecked int64 `json:"unchecked"`
	// The sums are over the groups that were checked. OnlyCostExplorer and
	// OnlyStore are what groups of one side alone come to.
	CostExplorer     showback.Decimal `json:"cost_explorer"`
	Store            showback.Decimal `json:"store"`
	Difference       showback.Decimal `json:"difference"`
	OnlyCostExplorer showback.Decimal `json:"only_cost_explorer"`
	OnlyStore        showback.Decimal `json:"only_store"`
}

// The notes that a comparison adds to those of explore.
const (
	NoteSeveralPayers = "several-payers" // Cost Explorer answers for one
	NoteEstimated     = "estimated"      // by Cost Explorer
	NoteIncomplete    = "incomplete"     // a page is missing
	NoteGap           = "gap"            // a period is missing among the others
	NoteTaxApart      = "tax-apart"      // tax is a service of its own
	NoteJoined        = "joined"         // several of its groups are one here
	NoteNames         = "names-differ"   // groups of one side alone
	NoteNothing       = "nothing"        // there was nothing to compare
	NoteNotCompared   = "metric-unknown" // a metric that the ledger has not
)

// Differences returns the comparisons that are not equal, in order.
func (r *AgainstReport) Differences() []AgainstComparison {
	var out []AgainstComparison
	for _, c := range r.Comparisons {
		if c.Status != Equal {
			out = append(out, c)
		}
	}
	return out
}

// finish adds up and says what is to be known.
func (a *against) finish() {
	r := a.out
	r.Status = Equal
	for _, c := range r.Comparisons {
		r.Status = worse(r.Status, c.Status)
		a.total(c)
	}
	if len(r.Comparisons) == 0 {
		r.Status = Unchecked
		a.note(NoteNothing, "there is nothing to compare: neither side has anything")
	}
	if len(r.NotCompared) > 0 {
		r.Status = worse(r.Status, Unchecked)
	}
	for _, n := range r.NotCompared {
		a.note(NoteNotCompared, "not compared: "+n.Reason)
	}
	if r.Incomplete {
		r.Status = worse(r.Status, Unchecked)
		a.note(NoteIncomplete, "the answer is incomplete: its last page has a NextPageToken; fetch the rest with --next-page-token and put the pages into one file")
	}
	a.noteGaps()
	a.noteSides()
	a.noteNames()
}

func (a *against) total(c AgainstComparison) {
	r := a.out
	n := slices.IndexFunc(r.Totals, func(t AgainstTotal) bool { return t.Metric == c.Metric && t.Unit == c.Unit })
	if n < 0 {
		n = len(r.Totals)
		r.Totals = append(r.Totals, AgainstTotal{Metric: c.Metric, Unit: c.Unit})
	}
	t := &r.Totals[n]
	t.Groups++
	switch c.Status {
	case Unchecked:
		t.Unchecked++
		return
	case Different:
		t.Different++
	default:
		t.Equal++
		if c.Digits > 0 {
			t.Rounded++
		}
	}
	their, our := amountOf(c.CostExplorer), amountOf(c.Store)
	t.CostExplorer, t.Store = t.CostExplorer.Add(their), t.Store.Add(our)
	t.Difference = t.Difference.Add(c.Difference)
	switch {
	case c.Store == nil:
		t.OnlyCostExplorer = t.OnlyCostExplorer.Add(their)
	case c.CostExplorer == nil:
		t.OnlyStore = t.OnlyStore.Add(our)
	}
}

func amountOf(d *showback.Decimal) showback.Decimal {
	if d == nil {
		return showback.Decimal{}
	}
	return *d
}

// maxGaps is how many gaps a note names.
const maxGaps = 5

// noteGaps names what the answer leaves out: nobody compared it.
func (a *against) noteGaps() {
	gaps := a.Response.Gaps()
	if len(gaps) == 0 {
		return
	}
	var names []string
	for i, g := range gaps {
		if i == maxGaps {
			names = append(names, fmt.Sprintf("%d more", len(gaps)-i))
			break
		}
		if a.out.Granularity == explore.Hourly {
			names = append(names, g.Start.Format(time.RFC3339)+" up to "+g.End.Format(time.RFC3339))
		} else {
			names = append(names, g.Inclusive())
		}
	}
	a.out.Status = worse(a.out.Status, Unchecked)
	a.note(NoteGap, "the answer has a gap: it says nothing of "+strings.Join(names, ", ")+
		", which lies between its periods and was not compared; ask aws again, and give all of what it prints")
}

// noteSides says what the two sides count differently.
func (a *against) noteSides() {
	if len(a.payers) > 1 {
		a.note(NoteSeveralPayers, fmt.Sprintf("the store's side is of %d payers, %s: Cost Explorer answers for one; name it with --payer",
			len(a.payers), strings.Join(a.payers, ", ")))
	}
	var estimated []showback.Month
	for _, p := range a.Response.Periods {
		if p.Estimated {
			estimated = append(estimated, p.Period.Months()...)
		}
	}
	if len(estimated) > 0 {
		a.note(NoteEstimated, "Cost Explorer calls its figures of "+explore.MonthsText(estimated)+" estimated: it may still change them")
	}
	switch {
	case a.Expression != nil && a.Expression.Uses("SERVICE"):
		a.note(NoteTaxApart, "Cost Explorer counts tax as a service of its own, Tax: a filter by another service leaves it out, here too")
	case slices.ContainsFunc(a.groupings, costexplorer.Grouping.TaxApart):
		a.note(NoteTaxApart, "Cost Explorer counts tax as a service of its own, Tax: so does this comparison")
	}
}

// noteNames names what was joined and what one side has alone.
func (a *against) noteNames() {
	var joined []string
	for _, c := range a.out.Comparisons {
		for _, k := range c.Keys {
			if text := strings.Join(k, " + "); len(k) > 1 && !slices.Contains(joined, text) {
				joined = append(joined, text)
			}
		}
	}
	if len(joined) > 0 {
		a.note(NoteJoined, "compared as one, since the bill does not tell them apart: "+strings.Join(joined, "; "))
	}
	for _, t := range a.out.Totals {
		if !t.OnlyCostExplorer.IsZero() && !t.OnlyStore.IsZero() {
			a.note(NoteNames, fmt.Sprintf("%s: groups that Cost Explorer has alone come to %s %s, those of the store alone to %s: where the two agree, it is the names that differ",
				t.Metric, t.OnlyCostExplorer, t.Unit, t.OnlyStore))
		}
	}
}
