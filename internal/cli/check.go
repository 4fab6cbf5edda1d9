package cli

import (
	"fmt"

	"github.com/spf13/cobra"
	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"

	"showback"
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
dimensions, the segments, what was fetched and kept, the sources; state.db, which
has none, is looked over for its structure. It says what is
damaged, which deliveries that concerns, and the commands that load them again.
It changes nothing.

Exit codes: 0 all is well, 3 something is damaged, 4 there is no store.`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			store, err := sh.store()
			if err != nil {
				return err
			}
			looked, done := sh.looking()
			c, err := store.Check(cmd.Context(), looked)
			done()
			if err != nil {
				return err
			}
			if err := sh.checkDirectory(cmd, c); err != nil {
				return err
			}
			if asJSON {
				err = sh.writeJSON(c)
			} else {
				err = sh.writeCheck(store, c)
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

// checkDirectory adds the directory of users and roles to a checkup. It has no
// digest, since it changes in place: SQLite looks over its structure.
func (sh *shell) checkDirectory(cmd *cobra.Command, c *ledger.Checkup) (err error) {
	d, err := sh.directory()
	if err != nil {
		return err
	}
	defer closing(&err, d.Close)
	name, size := d.File()
	if size == 0 {
		return nil
	}
	c.Files++
	c.Bytes += size
	err = d.Check(cmd.Context())
	if showback.KindOf(err) != showback.KindCorrupt {
		return err
	}
	c.Damaged = append(c.Damaged, ledger.Damage{File: name, What: "directory", Reason: err.Error(), Size: size,
		Deliveries: []ledger.DamagedDelivery{}, Again: []string{}})
	return nil
}

// looking shows on a terminal how much was looked at.
func (sh *shell) looking() (looked func(int64), done func()) {
	if !sh.Live {
		return nil, func() {}
	}
	group := mpb.New(mpb.WithOutput(sh.Err), mpb.WithAutoRefresh())
	bar := group.New(0, mpb.NopStyle(), mpb.BarRemoveOnComplete(), mpb.PrependDecorators(
		decor.Any(func(s decor.Statistics) string { return "showback: looked at " + bytesText(s.Current) })))
	return func(n int64) { bar.IncrInt64(n) }, func() {
		bar.Abort(true)
		group.Wait()
	}
}

func (sh *shell) writeCheck(store *ledger.Store, c *ledger.Checkup) error {
	for _, d := range c.Damaged {
		fmt.Fprintf(sh.Out, "damaged: %s (%s): %s\n", d.File, d.What, clean(d.Reason, ""))
		if len(d.Deliveries) == 1 {
			x := d.Deliveries[0]
			fmt.Fprintf(sh.Out, "  it is of %s of payer %s, export %s\n", x.Month, x.Payer, clean(x.Export, ""))
		} else if len(d.Deliveries) > 1 {
			fmt.Fprintf(sh.Out, "  all %s depend on it\n", plural(int64(len(d.Deliveries)), "delivery"))
		}
		if d.What == "directory" {
			fmt.Fprintln(sh.Out, "  the ledger does not depend on it: put a copy back, or move it away and import users and roles again")
		}
		if d.What == "sources" {
			fmt.Fprintln(sh.Out, "  the ledger does not depend on it: remove the file and add the sources again")
		}
	}
	if err := sh.writeRepair(store, c); err != nil {
		return err
	}
	for _, name := range c.Unsealed {
		fmt.Fprintf(sh.Out, "not sealed: %s, written by an older version; the next import seals it\n", name)
	}
	list := func(names []string, what, why string) {
		for i, name := range names {
			if i == maxLeftover {
				fmt.Fprintf(sh.Out, "%s: %d more (--json has them all)\n", what, len(names)-i)
				break
			}
			fmt.Fprintf(sh.Out, "%s: %s, %s\n", what, clean(name, ""), why)
		}
	}
	list(c.Leftover, "left over", "of an import that did not end; the next one takes it away")
	list(c.Foreign, "no part of the store", "left alone")
	verdict := "all is well"
	if n := len(c.Damaged); n > 0 {
		verdict = plural(int64(n), "damaged file")
	}
	fmt.Fprintf(sh.Out, "%s: %s, %s looked at in %s\n", verdict, plural(int64(c.Files), "file"), bytesText(c.Bytes), c.Store)
	return nil
}
