package cli

import (
	"github.com/spf13/cobra"

	"showback"
	"showback/internal/ingest"
	"showback/internal/ledger"
)

func newImport(sh *shell) *cobra.Command {
	var opt ingest.Options
	var rejects, keep string
	var asJSON bool
	var reach access
	cmd := &cobra.Command{
		Use:   "import FOLDER|FILE|s3://BUCKET/PREFIX…",
		Short: "Take in billing exports: CUR 2.0 as AWS delivers it",
		Long: `Takes in CUR 2.0 exports: Parquet, csv.gz or csv, in either delivery layout. A
path may be a bucket (s3://BUCKET/PREFIX), a copy of one, an export's folder, a
manifest or a data file. Of a bucket, only what is new or has changed is fetched.
Exports are known by their manifest and columns, never by a file's name.

All deliveries become visible together, or none: after any error the store is as
it was. A delivery that is already in changes nothing; a newer one replaces its
month; an older one is refused without --replace.

Exports of one payer that hold the same charges (they share a month, usage account,
product and charge type) would count twice. They are refused until --prefer says
which counts, or --disjoint vouches that no charge is in both. The store remembers
it, and keeps what does not count aside.

With --keep ai, charges that are not AI are kept only as exact sums by month,
account, service, charge type, invoice and currency: a store many times smaller.
Totals, invoices and reconcile stay what they are; a question that needs more of
them is refused. It holds for later deliveries of the export too, until --keep all;
a delivery that is kept otherwise is loaded again.`,
		Example: `  showback import s3://my-billing-bucket/exports
  showback import ~/billing-bucket
  showback import --allow-rejects 0.001 export/BILLING_PERIOD=2026-10
  showback import ~/billing-bucket --prefer team-cur2-callers
  showback import s3://my-billing-bucket/exports --keep ai`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return nil
			}
			return showback.WithHint(showback.Errorf(showback.KindInvalid, "import: name a bucket, a folder or a file to import"),
				"the bucket that AWS writes the export to: s3://BUCKET/PREFIX")
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			share, err := parseShare(rejects)
			if err != nil {
				return err
			}
			at, err := reach.source("")
			if err != nil {
				return err
			}
			opt = ingest.OptionsOf(at, opt)
			if opt.Keep, err = ledger.ParseKeep(keep); err != nil {
				return err
			}
			store, err := sh.store()
			if err != nil {
				return err
			}
			opt.AllowRejects, opt.Now, opt.Progress = share, sh.Now, sh.progress()
			report, err := ingest.Import(cmd.Context(), store, args, opt)
			if err != nil {
				return sh.explainOverlap(err, func(prefer []string) string {
					return "to count each charge once:\n  " + replay(cmd, args, preferFlags(prefer)...) +
						"\nor, if you vouch that no charge is in both, count both with --disjoint"
				})
			}
			if asJSON {
				return sh.writeJSON(report)
			}
			sh.writeImport(report)
			return nil
		},
	}
	f := cmd.Flags()
	f.BoolVar(&opt.Replace, "replace", false, "take a delivery that is older than the store's")
	f.BoolVar(&opt.AllowEmpty, "allow-empty", false, "take files of 0 bytes for surplus chunks that AWS has emptied")
	f.StringArrayVar(&opt.Prefer, "prefer", nil, "of exports that hold the same charges, count `EXPORT[:MONTHS]`; may be given several times")
	f.BoolVar(&opt.Disjoint, "disjoint", false, "count exports both that hold the same keys: no charge is in both")
	f.StringVar(&keep, "keep", "", "ai: keep charges that are not AI only as sums; all: keep each; remembered per export")
	f.StringVar(&rejects, "allow-rejects", "0", "the share of lines, 0 to 1, that may be unreadable; they are reported")
	f.BoolVar(&asJSON, "json", false, "print the report as JSON")
	f.BoolVar(&opt.NoKeep, "no-keep", false, "do not keep fetched files: reconcile cannot read them again then")
	reach.flags(cmd)
	return cmd
}

// parseShare reads a share from 0 to 1.
func parseShare(typed string) (showback.Decimal, error) {
	share, err := showback.ParseDecimal(typed)
	if err != nil || share.Sign() < 0 || share.Cmp(showback.DecimalFromInt(1)) > 0 {
		return share, showback.WithHint(showback.Errorf(showback.KindInvalid, "parse --allow-rejects %q: want a share from 0 to 1", typed),
			"0.001 allows one line in a thousand")
	}
	return share, nil
}
