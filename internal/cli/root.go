package cli

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"showback"
	"showback/internal/ledger"
)

// shell is what the commands of one run share.
type shell struct {
	*Program
	storeFlag string
	// committed reports that a command of several steps has changed the store.
	committed bool
}

func newRoot(sh *shell) *cobra.Command {
	root := &cobra.Command{
		Use:   "showback",
		Short: "Who spends what on AI, from the real AWS bill",
		Long: `showback says who spends what on AI, from AWS billing exports (CUR 2.0), exact
to the last digit.

  showback demo               a made-up company, its bills and two answers
  showback aws setup          how to have AWS write your bills to a bucket
  showback import FOLDER      take in the exports of a folder, or of s3://BUCKET
  showback explore            this month's AI spend, by person
  showback forecast           what the rest of the month will cost
  showback reconcile          prove the store against the delivered files
  showback serve              the AWS CLI and SDKs on your own bill
  showback principal list     who calls, what they spend, their tags

The store is the folder of --store, else of $SHOWBACK_STORE, else showback in
$XDG_DATA_HOME (~/.local/share). It needs no setting up.`,
		SilenceUsage:  true,
		SilenceErrors: true,
		Args:          knownCommand,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetIn(sh.In)
	root.SetOut(sh.Out)
	root.SetErr(sh.Err)
	root.CompletionOptions.HiddenDefaultCmd = true
	root.PersistentFlags().StringVar(&sh.storeFlag, "store", "", "the folder of the store")
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return showback.WithHint(showback.Errorf(showback.KindInvalid, "%s%s", prefix(cmd), flagFault(err)),
			"see "+cmd.CommandPath()+" --help")
	})
	cobra.EnableCommandSorting = false
	root.AddCommand(newDemo(sh), newImport(sh), newSource(sh), newExplore(sh), newForecast(sh), newSQL(sh), newReconcile(sh), newCheck(sh), newDelivery(sh), newPrincipal(sh), newKey(sh), newInit(sh), newAWS(sh), newServe(sh), newVersion(sh), newExitCodes())
	return root
}

// knownCommand is the Args of a command that only has commands below it.
func knownCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	err := showback.Errorf(showback.KindInvalid, "%sno such command as %q", prefix(cmd), args[0])
	cmd.SuggestionsMinimumDistance = 3
	if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
		return showback.WithHint(err, "did you mean "+cmd.CommandPath()+" "+strings.Join(near, " or ")+"?")
	}
	return showback.WithHint(err, "see "+cmd.CommandPath()+" --help")
}

// prefix names a command at the head of a message: "delivery list: "; nothing
// for the program itself, whose name stands before every message.
func prefix(cmd *cobra.Command) string {
	if !cmd.HasParent() {
		return ""
	}
	return strings.TrimPrefix(cmd.CommandPath(), cmd.Root().Name()+" ") + ": "
}

// noArguments is the Args of a command that takes flags only.
func noArguments(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	return showback.WithHint(showback.Errorf(showback.KindInvalid, "%stakes no argument, found %q", prefix(cmd), args[0]),
		"see "+cmd.CommandPath()+" --help")
}

// storeDir returns the folder of the store, absolute.
func (sh *shell) storeDir() (string, error) {
	for _, dir := range []string{sh.storeFlag, sh.Getenv("SHOWBACK_STORE")} {
		if dir != "" {
			return absolute(dir)
		}
	}
	data, err := sh.dataFolder()
	if err != nil {
		return "", err
	}
	return filepath.Join(data, "showback"), nil
}

// dataFolder returns where programs keep a user's data. ("XDG Base Directory
// Specification" 0.8: a relative $XDG_DATA_HOME is to be ignored.)
func (sh *shell) dataFolder() (string, error) {
	if dir := sh.Getenv("XDG_DATA_HOME"); filepath.IsAbs(dir) {
		return dir, nil
	}
	home := sh.Getenv("HOME")
	if home == "" {
		home = sh.Getenv("USERPROFILE")
	}
	if home == "" {
		return "", showback.WithHint(showback.Errorf(showback.KindInvalid, "find the store: neither $XDG_DATA_HOME nor $HOME is set"),
			"name a folder with --store or $SHOWBACK_STORE")
	}
	return absolute(filepath.Join(home, ".local", "share"))
}

func absolute(dir string) (string, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return "", showback.Errorf(showback.KindUnavailable, "find the store: %w", err)
	}
	return abs, nil
}

// store names the store without opening it.
func (sh *shell) store() (*ledger.Store, error) {
	dir, err := sh.storeDir()
	if err != nil {
		return nil, err
	}
	return ledger.Open(dir), nil
}

// open opens the version in force of the store.
func (sh *shell) open(cmd *cobra.Command) (*Opened, error) {
	dir, err := sh.storeDir()
	if err != nil {
		return nil, err
	}
	return sh.Open(cmd.Context(), dir)
}

// plural writes a count with its noun: "1 file", "12 files".
func plural(n int64, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	if base, ok := strings.CutSuffix(noun, "y"); ok {
		noun = base + "ie"
	}
	return fmt.Sprintf("%s %ss", countText(n), noun)
}
