package cli

import (
	"bufio"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"showback"
	"showback/internal/explore"
	"showback/internal/ledger"
)

func newDelivery(sh *shell) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "delivery",
		Short: "What is in the store, from where, since when",
		Args:  knownCommand,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newDeliveryList(sh), newDeliveryShow(sh), newDeliveryPrefer(sh), newDeliveryDisjoint(sh), newDeliveryRemove(sh))
	return cmd
}

// choice picks deliveries by payer, export and month.
type choice struct {
	payer, export string
	months        []string
}

func (c *choice) flags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&c.payer, "payer", "", "of this payer account")
	f.StringVar(&c.export, "export", "", "of this export")
	f.StringArrayVar(&c.months, "month", nil, "of this month, YYYY-MM; may be given several times")
}

func (c *choice) empty() bool { return c.payer == "" && c.export == "" && len(c.months) == 0 }

// pick returns the deliveries chosen. None is an error of KindNotFound, unless
// nothing was asked for.
func (c *choice) pick(m *ledger.Manifest) ([]ledger.Segment, error) {
	months, err := parseMonths(c.months)
	if err != nil {
		return nil, err
	}
	picked := []ledger.Segment{}
	for _, s := range m.All() {
		if (c.payer == "" || c.payer == s.Payer) && (c.export == "" || c.export == s.Export) &&
			(len(months) == 0 || slices.Contains(months, s.Month)) {
			picked = append(picked, s)
		}
	}
	if len(picked) == 0 && !c.empty() {
		return nil, showback.WithHint(showback.Errorf(showback.KindNotFound, "find delivery: none%s", c), "see showback delivery list")
	}
	return picked, nil
}

func (c *choice) String() string {
	text := ""
	if c.payer != "" {
		text += " of payer " + c.payer
	}
	if c.export != "" {
		text += " of export " + c.export
	}
	if len(c.months) > 0 {
		text += " of " + strings.Join(c.months, ", ")
	}
	return text
}

func parseMonths(typed []string) ([]showback.Month, error) {
	var months []showback.Month
	for _, list := range typed {
		for text := range strings.SplitSeq(list, ",") {
			m, err := showback.ParseMonth(strings.TrimSpace(text))
			if err != nil {
				return nil, err
			}
			months = append(months, m)
		}
	}
	return months, nil
}

// deliveries is the JSON of delivery list and show. Fields are only added.
type deliveries struct {
	Store      string           `json:"store"`
	Version    int              `json:"version"`
	Deliveries []ledger.Segment `json:"deliveries"`
	// Rules are what the store remembers of exports that hold the same charges.
	Rules rulesJSON `json:"rules"`
}

// rulesJSON is ledger.Rules with lists that are never null.
type rulesJSON struct {
	Prefer   []ledger.Preference `json:"prefer"`
	Disjoint []ledger.Disjoint   `json:"disjoint"`
	Kept     []ledger.Kept       `json:"kept,omitempty"`
}

// held returns the deliveries chosen of the version in force.
func (sh *shell) held(c *choice) (*deliveries, error) {
	store, err := sh.store()
	if err != nil {
		return nil, err
	}
	snapshot, err := store.Snapshot()
	if err != nil {
		return nil, err
	}
	defer snapshot.Close()
	picked, err := c.pick(&snapshot.Manifest)
	rules := rulesJSON{append([]ledger.Preference{}, snapshot.Rules.Prefer...), append([]ledger.Disjoint{}, snapshot.Rules.Disjoint...), snapshot.Rules.Kept}
	return &deliveries{store.Dir(), snapshot.Version, picked, rules}, err
}

func newDeliveryList(sh *shell) *cobra.Command {
	var c choice
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the deliveries in the store",
		Args:  noArguments,
		RunE: func(*cobra.Command, []string) error {
			held, err := sh.held(&c)
			switch {
			case err != nil:
				return err
			case asJSON:
				return sh.writeJSON(held)
			case len(held.Deliveries) == 0:
				sh.remark("the store %s is empty; %s", held.Store, howToBegin)
				return nil
			}
			g := &grid{columns: []column{{name: "month"}, {name: "payer"}, {name: "export", shrinks: true}, {name: "rows", right: true},
				{name: "cost", right: true}, {name: "bill"}, {name: "imported"}}}
			for i := range held.Deliveries {
				s := &held.Deliveries[i]
				state := "closed"
				if len(s.Open) > 0 {
					state = "open"
				}
				if s.AsideFor != "" {
					state = "aside"
				}
				g.rows = append(g.rows, []string{string(s.Month), s.Payer, s.Export, countText(s.Charges), firstCost(s.Totals), state,
					s.Delivery.Loaded.Format(time.DateOnly)})
				for _, t := range s.Totals[min(1, len(s.Totals)):] {
					g.rows = append(g.rows, []string{"", "", "", "", unblendedText(t), "", ""})
				}
			}
			g.write(sh.Out, sh.Width, "")
			sh.writeAside(held.Deliveries)
			if c.empty() {
				sh.writeRules(&ledger.Rules{Prefer: held.Rules.Prefer, Disjoint: held.Rules.Disjoint, Kept: held.Rules.Kept})
			}
			return nil
		},
	}
	c.flags(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print as JSON")
	return cmd
}

func newDeliveryShow(sh *shell) *cobra.Command {
	var c choice
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "show",
		Short:   "Show all that is known of some deliveries",
		Example: "  showback delivery show --month 2026-10",
		Args:    noArguments,
		RunE: func(*cobra.Command, []string) error {
			held, err := sh.held(&c)
			if err != nil {
				return err
			}
			if asJSON {
				return sh.writeJSON(held)
			}
			for i := range held.Deliveries {
				if i > 0 {
					fmt.Fprintln(sh.Out)
				}
				sh.showDelivery(&held.Deliveries[i])
			}
			return nil
		},
	}
	c.flags(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print as JSON")
	return cmd
}

func (sh *shell) showDelivery(s *ledger.Segment) {
	const indent = "               "
	line := func(name, text string) {
		if text != "" {
			fmt.Fprintf(sh.Out, "  %-13s%s\n", name, wrap(strings.Fields(clean(text, "")), sh.Width, indent))
		}
	}
	d := &s.Delivery
	fmt.Fprintf(sh.Out, "%s of payer %s, export %s\n", s.Month, clean(s.Payer, ""), clean(s.Export, ""))
	if s.AsideFor != "" {
		line("counts", "no: it is kept aside, for "+s.AsideFor+" is preferred")
	}
	line("payer", s.PayerName)
	line("delivery", d.ID)
	line("export ARN", d.ARN)
	line("made", d.Made.Format("2006-01-02 15:04:05")+" UTC, known from the "+d.MadeFrom)
	line("imported", d.Loaded.Format("2006-01-02 15:04:05")+" UTC")
	line("replaced", d.Previous)
	line("manifest", d.Manifest)
	line("rows", fmt.Sprintf("%s charges, %s rejected", countText(s.Charges), countText(s.Rejects)))
	if s.Rest != nil {
		line("kept", fmt.Sprintf("AI one by one; %s that are not AI as %s by the month", plural(s.Rest.Charges, "charge"), plural(s.Rest.Rows, "sum")))
	}
	for _, t := range s.Totals {
		var amounts []string
		for _, b := range s.Bases {
			amounts = append(amounts, string(b)+" "+explore.MoneyText(t.Amounts[b], t.Currency))
		}
		line(t.Currency, strings.Join(amounts, ", "))
	}
	state := "closed"
	if len(s.Open) > 0 {
		state = "open: no invoice yet from " + strings.Join(s.Open, ", ")
	}
	line("bill", state)
	if s.FirstDay != "" {
		line("usage", s.FirstDay+" to "+s.LastDay)
	}
	outside := "no"
	if s.Outside {
		outside = "yes"
	}
	accounts := fmt.Sprintf("%d; usage outside the payer's own account: %s", s.Accounts, outside)
	if !s.AccountColumn {
		accounts = "the export has no usage accounts"
	}
	line("accounts", accounts)
	if !s.CallerColumn {
		line("callers", "the export has no caller column")
	}
	line("tag keys", strings.Join(slices.Sorted(maps.Keys(s.TagKeys)), ", "))
	line("too wide", strings.Join(s.WideKeys, ", "))
	for _, n := range d.Notes {
		line("note", n)
	}
	for i, f := range d.Files {
		name := ""
		if i == 0 {
			name = "files"
		}
		fmt.Fprintf(sh.Out, "  %-13s%s (%s, sha256 %.12s…)\n", name, clean(f.Path, ""), bytesText(f.Size), f.SHA256)
	}
}

func newDeliveryRemove(sh *shell) *cobra.Command {
	var c choice
	var yes bool
	cmd := &cobra.Command{
		Use:     "remove",
		Short:   "Take deliveries out of the store; the files that AWS delivered stay",
		Example: "  showback delivery remove --payer 111122223333 --month 2026-10",
		Args:    noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if c.empty() {
				return showback.WithHint(showback.Errorf(showback.KindInvalid, "delivery remove: say which"),
					"choose with --payer, --export and --month; see showback delivery list")
			}
			return sh.removeDeliveries(cmd, &c, yes)
		},
	}
	c.flags(cmd)
	cmd.Flags().BoolVar(&yes, "yes", false, "do not ask")
	return cmd
}

func (sh *shell) removeDeliveries(cmd *cobra.Command, c *choice, yes bool) error {
	held, err := sh.held(c)
	if err != nil {
		return err
	}
	for _, s := range held.Deliveries {
		sh.remark("%s of payer %s, export %s: %s", s.Month, s.Payer, s.Export, plural(s.Charges, "charge"))
	}
	if !yes && !sh.confirm(fmt.Sprintf("remove %s from %s?", plural(int64(len(held.Deliveries)), "delivery"), held.Store)) {
		sh.remark("nothing removed")
		return verdict(exitFailed)
	}
	store, err := sh.store()
	if err != nil {
		return err
	}
	tx, err := store.Begin(cmd.Context(), sh.Now)
	if err != nil {
		return err
	}
	defer tx.Close()
	for i := range held.Deliveries {
		if err := tx.Remove(held.Deliveries[i].Key()); err != nil {
			return err
		}
	}
	settled, err := tx.Settle(cmd.Context(), ledger.Choice{})
	if err != nil {
		return sh.explainOverlap(fmt.Errorf("%s%w", prefix(cmd), err), func(prefer []string) string {
			return "what is left holds the same charges: say first which of it counts:\n  " +
				shellLine(slices.Concat([]string{"showback", "delivery", "prefer"}, storeWords(cmd), prefer)...)
		})
	}
	if err := tx.Commit(cmd.Context()); err != nil {
		return err
	}
	sh.writeSettled(settled)
	_, err = fmt.Fprintf(sh.Out, "removed %s; store %s now at version %d\n",
		plural(int64(len(held.Deliveries)), "delivery"), held.Store, tx.Manifest().Version)
	return err
}

// confirm asks a question; only y or yes is a yes.
func (sh *shell) confirm(question string) bool {
	fmt.Fprintf(sh.Err, "showback: %s [y/N] ", question)
	answer, _ := bufio.NewReader(sh.In).ReadString('\n')
	if !strings.HasSuffix(answer, "\n") {
		fmt.Fprintln(sh.Err)
	}
	answer = strings.ToLower(strings.TrimSpace(answer))
	return answer == "y" || answer == "yes"
}
