package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"showback"
	"showback/internal/directory"
	"showback/internal/ledger"
)

// notInAWS ends every command that changes the directory.
const notInAWS = "changed in showback only, not in AWS"

// directory names the directory of the store. The caller closes it.
func (sh *shell) directory() (*directory.Directory, error) {
	dir, err := sh.storeDir()
	if err != nil {
		return nil, err
	}
	return directory.Open(dir, sh.Now), nil
}

// changing is directory for a command that changes it: the folder of the store
// is made where there is none.
func (sh *shell) changing() (*directory.Directory, error) {
	store, err := sh.store()
	if err != nil {
		return nil, err
	}
	if err := store.Prepare(); err != nil {
		return nil, err
	}
	return sh.directory()
}

// closing closes what a command had open; its error counts where there is none.
func closing(err *error, end func() error) {
	if e := end(); *err == nil {
		*err = e
	}
}

// account returns the account that the store speaks for: the one that init set,
// else the first payer's, by id.
func (sh *shell) account(ctx context.Context, d *directory.Directory) (directory.Account, error) {
	a, set, err := d.Account(ctx)
	if err != nil || set {
		return a, err
	}
	store, err := sh.store()
	if err != nil {
		return a, err
	}
	snapshot, err := store.Snapshot()
	if err != nil {
		return a, err
	}
	defer snapshot.Close()
	if len(snapshot.Segments) == 0 {
		return a, showback.WithHint(showback.Errorf(showback.KindInvalid, "find the account: none was set, and the store has no bill that names a payer"),
			"showback init --account ID --name NAME, or import a bill")
	}
	first := slices.MinFunc(snapshot.Segments, func(a, b ledger.Segment) int {
		return cmp.Or(cmp.Compare(a.Payer, b.Payer), cmp.Compare(b.Month, a.Month)) // of the newest bill, for the name
	})
	return directory.Account{ID: first.Payer, Name: first.PayerName}, nil
}

// actor returns the account's root as who changes the directory by a command.
func (sh *shell) actor(cmd *cobra.Command, d *directory.Directory) (directory.Actor, error) {
	a, err := sh.account(cmd.Context(), d)
	return directory.Local(a.ID, cmd.CommandPath()), err
}

// acting is changing, and in whose name it changes.
func (sh *shell) acting(cmd *cobra.Command) (*directory.Directory, directory.Actor, error) {
	d, err := sh.changing()
	if err != nil {
		return nil, directory.Actor{}, err
	}
	by, err := sh.actor(cmd, d)
	if err != nil {
		return nil, by, errors.Join(err, d.Close())
	}
	return d, by, nil
}

// accountView is the JSON of init. Fields are only added.
type accountView struct {
	Store string `json:"store"`
	ID    string `json:"id"`
	Name  string `json:"name"`
	Set   bool   `json:"set"` // false: it is the first payer's
}

func newInit(sh *shell) *cobra.Command {
	var account, name string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "init",
		Short: "Say which account the store speaks for",
		Long: `Sets the id and the name of the account that the store speaks for, to the AWS CLI
and in its records. Without it they are those of the first payer, by id. What is
not given stays; without flags it says what they are. Bills do not depend on it.`,
		Example: `  showback init --account 111122223333 --name "Example Group"`,
		Args:    noArguments,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			given := cmd.Flags().Changed("account") || cmd.Flags().Changed("name")
			d, err := sh.directory()
			if given {
				d, err = sh.changing()
			}
			if err != nil {
				return err
			}
			defer closing(&err, d.Close)
			held, err := sh.account(cmd.Context(), d)
			if err != nil && !cmd.Flags().Changed("account") {
				return err
			}
			if given {
				if cmd.Flags().Changed("account") {
					if held.ID != account && !cmd.Flags().Changed("name") {
						held.Name = account
					}
					held.ID = account
				}
				if cmd.Flags().Changed("name") || held.Name == "" {
					held.Name = cmp.Or(name, held.ID)
				}
				if err := d.SetAccount(cmd.Context(), directory.Local(held.ID, cmd.CommandPath()), held); err != nil {
					return err
				}
			}
			held, set, err := d.Account(cmd.Context())
			if err != nil {
				return err
			}
			if !set {
				if held, err = sh.account(cmd.Context(), d); err != nil {
					return err
				}
			}
			dir, err := sh.storeDir()
			if err != nil {
				return err
			}
			if asJSON {
				return sh.writeJSON(accountView{dir, held.ID, held.Name, set})
			}
			whose := ""
			if !set {
				whose = ", the first payer's"
			}
			_, err = fmt.Fprintf(sh.Out, "account %s (%s)%s\n", held.ID, clean(held.Name, ""), whose)
			if given && err == nil {
				_, err = fmt.Fprintln(sh.Out, notInAWS)
			}
			return err
		},
	}
	cmd.Flags().StringVar(&account, "account", "", "the account's id, 12 digits")
	cmd.Flags().StringVar(&name, "name", "", "the account's name")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the account as JSON")
	return cmd
}
