package cli

import (
	"io"
	"strings"

	"github.com/spf13/cobra"

	"showback"
	"showback/internal/awssetup"
)

// howToBegin is what to do about a store without bills.
const howToBegin = `two ways to begin:
  showback demo                    with the bills of a made-up company
  showback aws setup --print cli   with your own: prints how to have AWS write
                                   them to a bucket, with callers
Where AWS writes an export already: showback source add s3://BUCKET/PREFIX, then
showback source sync; or showback import FOLDER.`

func newAWS(sh *shell) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "aws",
		Short: "How to have AWS write your bill to a bucket",
		Args:  knownCommand,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newAWSSetup(sh))
	return cmd
}

// What aws setup prints.
const (
	printCLI            = "cli"
	printCloudFormation = "cloudformation"
)

func newAWSSetup(sh *shell) *cobra.Command {
	setup := awssetup.Default()
	var form, format string
	cmd := &cobra.Command{
		Use:   "setup --print cli|cloudformation",
		Short: "Print a script or a template that sets up an export with callers",
		Long: `Prints a shell script for the AWS CLI, or a CloudFormation template, that makes
a bucket and an export of the whole bill into it: CUR 2.0 of Data Exports, with
callers, hours and resources on. The command itself calls nothing: read what it
prints, and run it with credentials of the account that pays the bill.

An export begins with the month in which it is made. AWS's guide says that
callers cannot be added to one later: leave the old export as it is, make a new
one under another name and load both (showback import --prefer).`,
		Example: `  showback aws setup --print cli --bucket example-billing \
    --account 111122223333 > setup.sh
  showback aws setup --print cloudformation \
    --bucket example-billing > setup.yaml`,
		Args: noArguments,
		RunE: func(*cobra.Command, []string) error {
			setup.Format = awssetup.Format(strings.ToLower(format))
			if err := setup.Check(); err != nil {
				return showback.WithHint(err, "see showback aws setup --help")
			}
			switch strings.ToLower(form) {
			case printCLI:
				return sh.printScript(setup)
			case printCloudFormation:
				return sh.printStack(setup)
			case "":
				return showback.WithHint(showback.Errorf(showback.KindInvalid, "aws setup: say what to print: --print cli or --print cloudformation"),
					"nothing is called: you read and run what it prints")
			}
			return showback.Errorf(showback.KindInvalid, "parse --print %q: want cli or cloudformation", form)
		},
	}
	f := cmd.Flags()
	f.StringVar(&form, "print", "", "cli for a shell script, cloudformation for a template")
	f.StringVar(&setup.Bucket, "bucket", "", "a new bucket; with cli also one that the account has")
	f.StringVar(&setup.Account, "account", "", "the account that pays the bill, 12 digits")
	f.StringVar(&setup.Prefix, "prefix", setup.Prefix, "what the files' keys begin with")
	f.StringVar(&setup.Export, "export", setup.Export, "the name of the export")
	f.StringVar(&setup.Region, "region", setup.Region, "the region of the bucket")
	f.StringVar(&format, "format", string(setup.Format), "parquet, or csv")
	f.SortFlags = false
	return cmd
}

func (sh *shell) printScript(setup awssetup.Setup) error {
	if _, err := io.WriteString(sh.Out, setup.Script()); err != nil {
		return err
	}
	if stand := setup.Placeholders(); len(stand) > 0 {
		flags := strings.NewReplacer(awssetup.BucketPlaceholder, "--bucket", awssetup.AccountPlaceholder, "--account")
		names := strings.Join(stand, " and ")
		sh.remark("note: the script has %s in place of names and stops before it calls anything; give %s", names, flags.Replace(names))
	}
	return nil
}

func (sh *shell) printStack(setup awssetup.Setup) error {
	if setup.Region != awssetup.HomeRegion {
		return showback.WithHint(showback.Errorf(showback.KindInvalid,
			"aws setup: found region %s, want %s: CloudFormation has Data Exports only there, and the bucket has the stack's region",
			setup.Region, awssetup.HomeRegion), "--print cli takes a bucket of any region")
	}
	_, err := io.WriteString(sh.Out, setup.Stack())
	return err
}
