package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"showback/internal/ledger"
)

// maxLeftover is how many leftovers a report shows; --json has all.
const maxLeftover = 5

func newCheck(sh *shell) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Read every file of the store against its digest",
		Long: `Reads every file of the store and compares it with its digest: the manifest, the
dimensions, the segments, what was fetched and kept, the sources. It says what is
damaged, which deliveries that concerns, and the command that loads them again.
It changes nothing.

Exit codes: 0 all is well, 3 something is damaged.`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			store, err := sh.store()
			if err != nil {
				return err
			}
			c, err := store.Check(cmd.Context(), nil)
			if err != nil {
				return err
			}
			if asJSON {
				err = sh.writeJSON(c)
			} else {
				sh.writeCheck(c)
			}
			if err == nil && len(c.Damaged) > 0 {
				return verdict(exitUnchecked)
			}
			return err
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the report as JSON")
	return cmd
}

func (sh *shell) writeCheck(c *ledger.Checkup) {
	for _, d := range c.Damaged {
		fmt.Fprintf(sh.Out, "damaged: %s (%s): %s\n", d.File, d.What, clean(d.Reason, ""))
		if len(d.Deliveries) == 1 {
			x := d.Deliveries[0]
			fmt.Fprintf(sh.Out, "  it is of %s of payer %s, export %s\n", x.Month, x.Payer, clean(x.Export, ""))
		} else if len(d.Deliveries) > 1 {
			fmt.Fprintf(sh.Out, "  all %s depend on it\n", plural(int64(len(d.Deliveries)), "delivery"))
		}
		switch {
		case len(d.Again) > 0:
			words := []string{"showback"}
			if sh.storeFlag != "" {
				words = append(words, "--store", quoteShell(sh.storeFlag))
			}
			words = append(words, "import", "--replace")
			for _, place := range d.Again {
				words = append(words, quoteShell(place))
			}
			fmt.Fprintf(sh.Out, "  to load it again:\n    %s\n", clean(strings.Join(words, " "), ""))
		case d.What == "sources":
			fmt.Fprintln(sh.Out, "  the ledger does not depend on it: remove the file and add the sources again")
		default:
			fmt.Fprintln(sh.Out, "  restore it from a copy of the store, or import the bills into a new one")
		}
	}
	for _, name := range c.Unsealed {
		fmt.Fprintf(sh.Out, "not sealed: %s, written by an older version; the next import seals it\n", name)
	}
	for i, name := range c.Leftover {
		if i == maxLeftover {
			fmt.Fprintf(sh.Out, "left over: %d more (--json has them all)\n", len(c.Leftover)-i)
			break
		}
		fmt.Fprintf(sh.Out, "left over: %s, of an import that did not end; the next one takes it away\n", clean(name, ""))
	}
	verdict := "all is well"
	if n := len(c.Damaged); n > 0 {
		verdict = plural(int64(n), "damaged file")
	}
	fmt.Fprintf(sh.Out, "%s: %s, %s looked at in %s\n", verdict, plural(int64(c.Files), "file"), bytesText(c.Bytes), c.Store)
}
