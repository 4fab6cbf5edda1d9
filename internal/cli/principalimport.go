package cli

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"

	"github.com/spf13/cobra"

	"showback"
	"showback/internal/directory"
	"showback/internal/iamrule"
)

// intakeReport is the JSON of principal import. Fields are only added.
type intakeReport struct {
	directory.Taken
	Truncated bool `json:"truncated"` // the file ends with a page that others follow
}

func newPrincipalImport(sh *shell) *cobra.Command {
	var t tagging
	var prune, asJSON bool
	cmd := &cobra.Command{
		Use:   "import FILE…",
		Short: "Take users, roles and tags from aws iam get-account-authorization-details",
		Long: `Reads what aws iam get-account-authorization-details prints, for one account or
several; - is standard input. Users and roles that are new are entered, tags that
differ are changed, and what was before stays in the history. Another unique id
says that a name was deleted and created again. The same again changes nothing.

IAM tells the tags of today. They hold from now on; --from says since when they
have been these. Who is in the directory and not in the files is reported, and
with --prune deleted.`,
		Example: `  aws iam get-account-authorization-details | showback principal import -
  showback principal import account.json --from 2026-01-01`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return nil
			}
			return showback.WithHint(showback.Errorf(showback.KindInvalid, "principal import: name a file"),
				"aws iam get-account-authorization-details > account.json")
		},
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			from, err := t.parse(cmd)
			if err != nil {
				return err
			}
			details, err := sh.details(args)
			if err != nil {
				return err
			}
			if details.Truncated && prune {
				return showback.WithHint(showback.Errorf(showback.KindInvalid, "principal import: the last page says that more follow: who is not in it cannot be deleted"),
					"give all pages, or leave out --prune")
			}
			d, err := sh.changing()
			if err != nil {
				return err
			}
			defer closing(&err, d.Close)
			by, err := sh.importer(cmd, d, details)
			if err != nil {
				return err
			}
			taken, err := d.Import(cmd.Context(), by, directory.Intake{Entities: details.Entities, From: from, Prune: prune})
			if err != nil {
				return fmt.Errorf("principal import: %w", err)
			}
			if asJSON {
				if err := sh.writeJSON(intakeReport{taken, details.Truncated}); err != nil {
					return err
				}
				sh.remark(notInAWS)
				return nil
			}
			return sh.writeIntake(taken, details.Truncated, from)
		},
	}
	cmd.Flags().StringVar(&t.from, "from", "", "the day, 2026-10-05, since when tags that differ hold; without, from now on")
	cmd.Flags().BoolVar(&prune, "prune", false, "delete users and roles that the files do not have, in their accounts")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the report as JSON")
	return cmd
}

// importer is who imports: the account's root; where no account is known yet,
// that of the account that the files are of.
func (sh *shell) importer(cmd *cobra.Command, d *directory.Directory, details *iamrule.Details) (directory.Actor, error) {
	by, err := sh.actor(cmd, d)
	if err != nil && showback.KindOf(err) == showback.KindInvalid && len(details.Entities) > 0 {
		return directory.Local(details.Entities[0].Account, cmd.CommandPath()), nil
	}
	return by, err
}

// details reads files as one text, so that pages may lie in several.
func (sh *shell) details(names []string) (*iamrule.Details, error) {
	var all []io.Reader
	for _, name := range names {
		if name == "-" {
			all = append(all, sh.In)
			continue
		}
		f, err := os.Open(name)
		if err != nil {
			return nil, cannotRead("principal import", name, err)
		}
		defer f.Close()
		all = append(all, f)
	}
	d, err := iamrule.ParseDetails(io.MultiReader(all...))
	if err != nil {
		return nil, showback.WithHint(fmt.Errorf("principal import: %w", err), "aws iam get-account-authorization-details > account.json")
	}
	return d, nil
}

// cannotRead says of a file that the user named why it can't be read.
func cannotRead(what, name string, err error) error {
	kind := showback.KindUnavailable
	switch {
	case errors.Is(err, fs.ErrNotExist):
		kind = showback.KindNotFound
	case errors.Is(err, fs.ErrPermission):
		kind = showback.KindDenied
	}
	return showback.Errorf(kind, "%s: %w", what, err)
}

// mostNamed is how many names a report prints of each kind; --json has all.
const mostNamed = 10

func (sh *shell) writeIntake(t directory.Taken, truncated bool, from time.Time) error {
	list := func(arns []string, what string) {
		for i, arn := range arns {
			if i == mostNamed {
				fmt.Fprintf(sh.Out, "%s: %d more (--json has them all)\n", what, len(arns)-i)
				break
			}
			fmt.Fprintf(sh.Out, "%s: %s\n", what, clean(arn, ""))
		}
	}
	list(t.Created, "new")
	list(t.Recreated, "created again")
	list(t.Changed, "changed")
	list(t.Deleted, "deleted")
	list(t.Absent, "not in the files, kept")
	fmt.Fprintf(sh.Out, "%d new, %d created again, %d changed, %d deleted, %d as before\n",
		len(t.Created), len(t.Recreated), len(t.Changed), len(t.Deleted), t.Unchanged)
	switch {
	case len(t.Absent) > 0 && truncated:
		sh.remark("the last page says that more follow: give all pages")
	case len(t.Absent) > 0:
		sh.remark("hint: --prune deletes those that are not in the files")
	}
	if from.IsZero() && len(t.Created)+len(t.Changed)+len(t.Recreated) > 0 {
		sh.remark("the tags hold from now on; --from DATE says since when they have been these")
	}
	_, err := fmt.Fprintln(sh.Out, notInAWS)
	return err
}
