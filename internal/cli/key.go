package cli

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"showback/internal/directory"
)

func newKey(sh *shell) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "key",
		Short: "Access keys that sign requests to showback",
		Long: `Access keys of this store: the AWS CLI and the SDKs sign with them what they ask
of showback. AWS does not know them. A secret is shown once and kept sealed with a
key that is not in the database (state.key in the store).`,
		Args: knownCommand,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newKeyCreate(sh), newKeyList(sh), newKeyRevoke(sh))
	return cmd
}

// createdKey is the JSON of key create: that of aws iam create-access-key.
type createdKey struct {
	AccessKey struct {
		UserName        string `json:"UserName"`
		AccessKeyID     string `json:"AccessKeyId"`
		Status          string `json:"Status"`
		SecretAccessKey string `json:"SecretAccessKey"`
		CreateDate      string `json:"CreateDate"`
	} `json:"AccessKey"`
}

// awsTime is how the AWS CLI prints an instant.
const awsTime = "2006-01-02T15:04:05-07:00"

// keyUser names whose key it is: the account's own is root's.
func keyUser(k directory.AccessKey) string {
	if k.User == "" {
		return "root"
	}
	return k.User
}

func keyStatus(k directory.AccessKey) string {
	if k.Active {
		return "Active"
	}
	return "Inactive"
}

func newKeyCreate(sh *shell) *cobra.Command {
	var user string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "create",
		Short: "Make an access key and show its secret, once",
		Long: `Makes an access key of a user of the directory or, without --user, of the account
itself, which may do everything. The secret is shown now and never again.`,
		Example: `  showback key create
  showback key create --user alice --json`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			d, by, err := sh.acting(cmd)
			if err != nil {
				return err
			}
			defer closing(&err, d.Close)
			key, secret, err := d.CreateKey(cmd.Context(), by, by.Account, user)
			if err != nil {
				return fmt.Errorf("key create: %w", err)
			}
			if asJSON {
				var out createdKey
				k := &out.AccessKey
				k.UserName, k.AccessKeyID, k.Status, k.SecretAccessKey, k.CreateDate = keyUser(key), key.ID, keyStatus(key), secret, key.Created.Format(awsTime)
				if err := sh.writeJSON(out); err != nil {
					return err
				}
				sh.remark(notInAWS)
				return nil
			}
			fmt.Fprintf(sh.Out, "access key  %s, of %s in account %s\nsecret      %s\nthe secret is not shown again\n", key.ID, keyUser(key), key.Account, secret)
			_, err = fmt.Fprintln(sh.Out, notInAWS)
			return err
		},
	}
	cmd.Flags().StringVar(&user, "user", "", "the user whose key it is; without, the account's own")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the key as aws iam create-access-key does")
	return cmd
}

// keys is the JSON of key list. Fields are only added.
type keys struct {
	Store   string    `json:"store"`
	Account string    `json:"account"`
	Keys    []keyView `json:"keys"`
}

type keyView struct {
	ID      string    `json:"id"`
	User    string    `json:"user"` // root for the account's own
	Status  string    `json:"status"`
	Created time.Time `json:"created"`
}

func newKeyList(sh *shell) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the access keys, without their secrets",
		Args:  noArguments,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			d, err := sh.directory()
			if err != nil {
				return err
			}
			defer closing(&err, d.Close)
			by, err := sh.actor(cmd, d)
			if err != nil {
				return err
			}
			dir, err := sh.storeDir()
			if err != nil {
				return err
			}
			all, err := d.Keys(cmd.Context(), by.Account, "")
			if err != nil {
				return err
			}
			view := keys{Store: dir, Account: by.Account, Keys: []keyView{}}
			g := grid{columns: []column{{name: "key"}, {name: "user", shrinks: true}, {name: "status"}, {name: "created"}}}
			for _, k := range all {
				view.Keys = append(view.Keys, keyView{k.ID, keyUser(k), keyStatus(k), k.Created})
				g.rows = append(g.rows, []string{k.ID, keyUser(k), keyStatus(k), k.Created.Format(time.DateOnly)})
			}
			switch {
			case asJSON:
				return sh.writeJSON(view)
			case len(all) == 0:
				sh.remark("no key yet: showback key create")
				return nil
			}
			g.write(sh.Out, sh.Width, "")
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the keys as JSON")
	return cmd
}

func newKeyRevoke(sh *shell) *cobra.Command {
	return &cobra.Command{
		Use:   "revoke KEY",
		Short: "Take an access key away for good",
		Args:  oneArgument("an access key"),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			d, err := sh.directory()
			if err != nil {
				return err
			}
			defer closing(&err, d.Close)
			// To look first makes nothing where there is no directory.
			if _, err := d.Key(cmd.Context(), args[0]); err != nil {
				return fmt.Errorf("key revoke: %w", err)
			}
			by, err := sh.actor(cmd, d)
			if err != nil {
				return err
			}
			if err := d.DeleteKey(cmd.Context(), by, args[0]); err != nil {
				return fmt.Errorf("key revoke: %w", err)
			}
			_, err = fmt.Fprintf(sh.Out, "revoked %s\n%s\n", args[0], notInAWS)
			return err
		},
	}
}
