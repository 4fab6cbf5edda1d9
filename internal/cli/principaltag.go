package cli

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"showback"
	"showback/internal/callers"
	"showback/internal/directory"
	"showback/internal/iamrule"
	"showback/internal/tag"
)

// tagging are the flags that tag and untag share.
type tagging struct {
	from, printAs string
}

func (t *tagging) flags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&t.from, "from", "", "the day, 2026-10-05, from which on it holds; without, from now on")
	cmd.Flags().StringVar(&t.printAs, "print", "", "aws-cli: print the commands that would do the same in AWS")
}

// parse returns the instant from which on a change holds, zero for now.
func (t *tagging) parse(cmd *cobra.Command) (from time.Time, err error) {
	if t.printAs != "" && t.printAs != "aws-cli" {
		return from, showback.Errorf(showback.KindInvalid, "%sparse --print %q: want aws-cli", prefix(cmd), t.printAs)
	}
	if t.from == "" {
		return from, nil
	}
	from, err = time.Parse(time.DateOnly, t.from)
	if m, month := showback.ParseMonth(t.from); err != nil && month == nil {
		from, err = m.Start(), nil
	}
	if err != nil {
		return from, showback.Errorf(showback.KindInvalid, "%sparse --from %q: want a day such as 2026-10-05, or a month such as 2026-10", prefix(cmd), t.from)
	}
	return from, nil
}

// told is where a command that changes the directory says what it did: standard
// output is for the commands where --print asks for them.
func (sh *shell) told(t tagging) io.Writer {
	if t.printAs != "" {
		return sh.Err
	}
	return sh.Out
}

func newPrincipalTag(sh *shell) *cobra.Command {
	var t tagging
	var file string
	var dry, asJSON bool
	cmd := &cobra.Command{
		Use:   "tag PRINCIPAL KEY=VALUE… | --file owners.csv",
		Short: "Tag a user or role, or take in an owners file",
		Long: `Tags a user or role of the directory, by IAM's rules: keys differ by more than
case, at most 50 tags, all or none. A caller that bills name and the directory does
not know is entered. --from dates the change back; a key that has changed after
that day is refused.

--file takes an owners file in: teams for the people behind a role that nobody can
tag. It is CSV with the columns match,key,value and, if need be, from,to (days or
months, both included):

  match,key,value,from,to
  session:role/app/*@example.com,team,search,,
  permission-set:Developer,team,platform,2026-07,
  email:alice@example.com,team,research,,2026-09-30
  account:111122223333,cost-center,4711,,

match is account:, user:, role:, permission-set:, session: or email: and a name, in
which * stands for any text; 111122223333: before the name makes it hold in that
account alone. user: and role: take an ARN, too. Case does not matter. For each key
the first row that matches a caller counts. A file takes the place of the one
before: for all days, or from --from on. The report says which rows match nothing,
which overlap, and which callers no row matches, with their dollars.`,
		Example: `  showback principal tag alice team=search cost-center=4711
  showback principal tag role/app team=search --print aws-cli
  showback principal tag --file owners.csv --from 2026-10-01`,
		Args: func(cmd *cobra.Command, args []string) error {
			given := cmd.Flags().Changed("file")
			if given && len(args) == 0 || !given && len(args) >= 2 {
				return nil
			}
			return showback.WithHint(showback.Errorf(showback.KindInvalid, "principal tag: want a user or role and KEY=VALUE, or --file alone"), "see showback principal tag --help")
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			from, err := t.parse(cmd)
			if err != nil {
				return err
			}
			if cmd.Flags().Changed("file") {
				return sh.takeOwners(cmd, t, file, from, dry, asJSON)
			}
			for _, flag := range []string{"dry-run", "json"} {
				if cmd.Flags().Changed(flag) {
					return showback.Errorf(showback.KindInvalid, "principal tag: --%s goes with --file", flag)
				}
			}
			var tags []tag.Pair
			for _, arg := range args[1:] {
				key, value, ok := strings.Cut(arg, "=")
				if !ok {
					return showback.WithHint(showback.Errorf(showback.KindInvalid, "principal tag: found %q, want KEY=VALUE", clean(arg, "")), "see showback principal tag --help")
				}
				tags = append(tags, tag.Pair{Key: key, Value: value})
			}
			return sh.tagOne(cmd, t, args[0], tags, from)
		},
	}
	t.flags(cmd)
	cmd.Flags().StringVar(&file, "file", "", "an owners file")
	cmd.Flags().BoolVar(&dry, "dry-run", false, "with --file: report, and change nothing")
	cmd.Flags().BoolVar(&asJSON, "json", false, "with --file: print the report as JSON")
	return cmd
}

// tagOne puts tags on a user or role.
func (sh *shell) tagOne(cmd *cobra.Command, t tagging, text string, tags []tag.Pair, from time.Time) (err error) {
	if err := iamrule.CheckTags(tags); err != nil { // before anything is made
		return fmt.Errorf("principal tag: %w", err)
	}
	l, err := sh.named(cmd, text)
	if err != nil {
		return err
	}
	r, err := taggableRef(cmd, l)
	if err != nil {
		return err
	}
	d, by, err := sh.acting(cmd)
	if err != nil {
		return err
	}
	defer closing(&err, d.Close)
	if l.Known() {
		err = d.Tag(cmd.Context(), by, r, tags, from)
	} else {
		_, err = d.Adopt(cmd.Context(), by, entry(l), tags, from)
	}
	if err != nil {
		return fmt.Errorf("principal tag: %w", err)
	}
	now, err := d.Get(cmd.Context(), r)
	if err != nil {
		return err
	}
	if t.printAs != "" {
		sh.printAWS([]awsTagging{{r: r, put: tags}})
	}
	out := sh.told(t)
	if !l.Known() {
		fmt.Fprintf(out, "%s was not in the directory; it is now\n", clean(l.Value, ""))
	}
	fmt.Fprintf(out, "%s: %s\n", clean(now.ARN(), ""), clean(tagsText(tagViews(now.Tags)), ""))
	_, err = fmt.Fprintln(out, notInAWS)
	return err
}

// named returns the line of a user or role: of the directory, else of the bills.
func (sh *shell) named(cmd *cobra.Command, text string) (l callers.Line, err error) {
	d, err := sh.directory()
	if err != nil {
		return l, err
	}
	defer closing(&err, d.Close)
	lines, err := callers.Know(cmd.Context(), d)
	if err != nil {
		return l, err
	}
	var there []callers.Line
	for _, l := range lines {
		if l.Entry.Deleted.IsZero() {
			there = append(there, l)
		}
	}
	if len(callers.Find(there, text)) == 0 {
		if there, err = sh.billed(cmd.Context(), cmd); err != nil {
			return l, err
		}
	}
	return one(cmd, there, text)
}

// taggableRef names a line's principal, or says why nobody can tag it.
func taggableRef(cmd *cobra.Command, l callers.Line) (directory.Ref, error) {
	r, ok := l.Ref()
	switch {
	case !ok:
		return r, showback.Errorf(showback.KindInvalid, "%s%s is no user or role: it has no tags", prefix(cmd), clean(l.Value, ""))
	case l.Principal.Kind == showback.PrincipalSSORole || l.Known() && !l.Entry.Taggable():
		return r, showback.WithHint(showback.Errorf(showback.KindInvalid, "%s%s is a role of Identity Center, which %s", prefix(cmd), clean(l.Value, ""), untaggable),
			"a row such as session:permission-set/"+cmp.Or(l.Principal.PermissionSet, "NAME")+"/*,team,NAME in a file for showback principal tag --file")
	}
	return r, nil
}

// entry is a caller of the bills as the directory would have it.
func entry(l callers.Line) directory.Principal {
	r, _ := l.Ref()
	p := directory.Principal{Partition: l.Principal.Partition, Account: r.Account, Kind: r.Kind, Path: "/", Name: r.Name}
	if _, _, _, path, _, ok := iamrule.ParseARN(l.Value); ok { // a user's has its path
		p.Path = path
	}
	return p
}

func newPrincipalUntag(sh *shell) *cobra.Command {
	var t tagging
	cmd := &cobra.Command{
		Use:   "untag PRINCIPAL KEY…",
		Short: "Take tags off a user or role; what they were stays in its history",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) >= 2 {
				return nil
			}
			return showback.WithHint(showback.Errorf(showback.KindInvalid, "principal untag: want a user or role and the keys to take off"), "see showback principal untag --help")
		},
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			from, err := t.parse(cmd)
			if err != nil {
				return err
			}
			l, err := sh.named(cmd, args[0])
			if err != nil {
				return err
			}
			if !l.Known() {
				return showback.Errorf(showback.KindNotFound, "principal untag: the directory does not know %s: it has no tags", clean(l.Value, ""))
			}
			r, err := taggableRef(cmd, l)
			if err != nil {
				return err
			}
			d, err := sh.directory()
			if err != nil {
				return err
			}
			defer closing(&err, d.Close)
			by, err := sh.actor(cmd, d)
			if err != nil {
				return err
			}
			if err := d.Untag(cmd.Context(), by, r, args[1:], from); err != nil {
				return fmt.Errorf("principal untag: %w", err)
			}
			now, err := d.Get(cmd.Context(), r)
			if err != nil {
				return err
			}
			if t.printAs != "" {
				sh.printAWS([]awsTagging{{r: r, drop: args[1:]}})
			}
			left := tagsText(tagViews(now.Tags))
			if left == "" {
				left = "no tags"
			}
			_, err = fmt.Fprintf(sh.told(t), "%s: %s\n%s\n", clean(now.ARN(), ""), clean(left, ""), notInAWS)
			return err
		},
	}
	t.flags(cmd)
	return cmd
}

// awsTagging is a change of tags to be made in AWS.
type awsTagging struct {
	r    directory.Ref
	put  []tag.Pair
	drop []string
}

// printAWS prints the commands of the AWS CLI that make the changes, and who may
// run them, as a script for a shell.
func (sh *shell) printAWS(changes []awsTagging) {
	account := ""
	for _, c := range changes {
		if c.r.Account != account {
			account = c.r.Account
			fmt.Fprintf(sh.Out, "# with credentials of account %s that allow %s there\n", account, strings.Join(actions(changes, account), ", "))
		}
		name := " --" + string(c.r.Kind) + "-name " + shellLine(c.r.Name)
		if len(c.put) > 0 {
			fmt.Fprintf(sh.Out, "aws iam tag-%s%s --tags", c.r.Kind, name)
			for _, p := range c.put {
				fmt.Fprintf(sh.Out, " %s", shellLine("Key="+shorthandText(p.Key)+",Value="+shorthandText(p.Value)))
			}
			fmt.Fprintln(sh.Out)
		}
		if len(c.drop) > 0 {
			fmt.Fprintf(sh.Out, "aws iam untag-%s%s --tag-keys", c.r.Kind, name)
			for _, key := range c.drop {
				fmt.Fprintf(sh.Out, " %s", shellLine(key))
			}
			fmt.Fprintln(sh.Out)
		}
	}
}

// actions returns what changes in an account need to be allowed.
func actions(changes []awsTagging, account string) []string {
	var all []string
	for _, c := range changes {
		kind := strings.ToUpper(string(c.r.Kind[:1])) + string(c.r.Kind[1:])
		if c.r.Account == account && len(c.put) > 0 {
			all = append(all, "iam:Tag"+kind)
		}
		if c.r.Account == account && len(c.drop) > 0 {
			all = append(all, "iam:Untag"+kind)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// plainText are the characters that neither a shell nor the AWS CLI's shorthand
// reads as anything but themselves.
const plainText = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./:@%+-"

// shorthandText writes a text as a value of the AWS CLI's shorthand: in double
// quotes where it holds more than plain characters. (AWS, "AWS CLI User Guide:
// Using shorthand syntax", 2026-09.)
func shorthandText(text string) string {
	if strings.Trim(text, plainText) == "" {
		return text
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(text) + `"`
}
