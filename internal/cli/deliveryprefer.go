package cli

import (
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"showback"
	"showback/internal/ledger"
)

const preferHelp = "EXPORT, or EXPORT:2026-09 or EXPORT:2026-09..2026-12 for some months, the last included"

func newDeliveryPrefer(sh *shell) *cobra.Command {
	return &cobra.Command{
		Use:   "prefer EXPORT[:MONTHS]…",
		Short: "Say which of the exports that hold the same charges counts",
		Long: `Says which export counts where several hold the same charges: the one named in the
months that it has, the others in the rest. The store remembers that, and keeps
what does not count aside. MONTHS is 2026-09 or 2026-09..2026-12, the last
included; without, it is said of all. What is said last counts. Where two payers
have an export of the name, PAYER/EXPORT means one of them.`,
		Example: `  showback delivery prefer team-cur2-callers
  showback delivery prefer team-cur2:2026-01..2026-04`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return nil
			}
			return showback.WithHint(showback.Errorf(showback.KindInvalid, "delivery prefer: name an export"), preferHelp)
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			err := sh.settle(cmd, ledger.Choice{Prefer: args, Revise: true})
			return sh.explainOverlap(err, func(prefer []string) string {
				return "say more of them:\n  " + replay(cmd, args, prefer...)
			})
		},
	}
}

func newDeliveryDisjoint(sh *shell) *cobra.Command {
	return &cobra.Command{
		Use:   "disjoint EXPORT EXPORT",
		Short: "Count two exports both, though they seem to hold the same charges",
		Long: `Counts two exports of a payer both, in all months, though they share usage
accounts, products and charge types: you vouch that no charge is in both of them.
The store remembers that; showback delivery prefer ends it.`,
		Example: "  showback delivery disjoint team-usage team-credits",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 2 {
				return nil
			}
			return showback.WithHint(showback.Errorf(showback.KindInvalid, "delivery disjoint: name two exports"), "see showback delivery list")
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			err := sh.settle(cmd, ledger.Choice{Pair: args})
			return sh.explainOverlap(err, func(prefer []string) string {
				return "say of the others which counts:\n  " + shellLine(slices.Concat([]string{"showback", "delivery", "prefer"}, storeWords(cmd), prefer)...)
			})
		},
	}
}

// storeWords are the words of a command line that name the store, where it was
// named so.
func storeWords(cmd *cobra.Command) []string {
	if f := cmd.Flags().Lookup("store"); f != nil && f.Changed {
		return []string{"--store", f.Value.String()}
	}
	return nil
}

// settle changes what counts, and prints what that changed.
func (sh *shell) settle(cmd *cobra.Command, choice ledger.Choice) error {
	store, err := sh.store()
	if err != nil {
		return err
	}
	tx, err := store.Begin(cmd.Context(), sh.Now)
	if err != nil {
		return err
	}
	defer tx.Close()
	settled, err := tx.Settle(cmd.Context(), choice)
	if err != nil {
		return fmt.Errorf("%s%w", prefix(cmd), err)
	}
	if err := tx.Commit(cmd.Context()); err != nil {
		return err
	}
	sh.writeSettled(settled)
	state := "now at"
	if tx.Manifest().Version == tx.Base().Version {
		state = "unchanged at"
	}
	fmt.Fprintf(sh.Out, "store %s %s version %d\n", store.Dir(), state, tx.Manifest().Version)
	return nil
}
