package cli

import (
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"showback"
	"showback/internal/ingest"
)

func newSourceSync(sh *shell) *cobra.Command {
	var opt ingest.Options
	var rejects string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "sync [NAME…]",
		Short: "Take what is new from all sources, or from those named",
		Long: `Takes what is new from each source, one after the other. Of a bucket it fetches
only what is new or has changed, and goes on where a fetch was cut. A source that
fails does not keep the others out; the exit code is then that of the first.`,
		RunE: func(cmd *cobra.Command, names []string) error {
			share, err := parseShare(rejects)
			if err != nil {
				return err
			}
			store, err := sh.store()
			if err != nil {
				return err
			}
			picked, err := chosen(store, names)
			if err != nil {
				return err
			}
			if len(picked) == 0 {
				return showback.WithHint(showback.Errorf(showback.KindNotFound, "source sync: the store has no source"),
					"showback source add s3://BUCKET/PREFIX, or a folder")
			}
			opt.AllowRejects, opt.Now, opt.Progress = share, sh.Now, sh.progress()
			all := []syncResult{}
			var failed error
			err = ingest.Sync(cmd.Context(), store, picked, opt, func(s ingest.Synced) {
				s.Err = sh.explainOverlap(s.Err, func(prefer []string) string {
					words := slices.Concat(sh.importWords(s.Source.Location), accessFlags(s.Source), preferFlags(prefer))
					return "to count each charge once, from now on:\n  " + shellLine(words...)
				})
				if s.Report != nil && s.Report.Changed {
					sh.committed = true
				}
				if !asJSON {
					sh.writeSynced(s, len(all) > 0)
				}
				if s.Status == ingest.SyncFailed {
					if asJSON {
						sh.complain(s.Err)
					}
					if failed == nil {
						failed = verdict(exitOf(s.Err))
					}
				}
				all = append(all, resultOf(s))
			})
			if err != nil {
				return err
			}
			if asJSON {
				if err := sh.writeJSON(syncReport{store.Dir(), all}); err != nil {
					return err
				}
			}
			return failed
		},
	}
	f := cmd.Flags()
	f.StringVar(&rejects, "allow-rejects", "0", "the share of lines, 0 to 1, that may be unreadable; they are reported")
	f.BoolVar(&asJSON, "json", false, "print the reports as JSON")
	return cmd
}

// syncReport is the JSON of source sync. Fields are only added.
type syncReport struct {
	Store   string       `json:"store"`
	Sources []syncResult `json:"sources"`
}

// syncResult is the JSON of a source's sync.
type syncResult struct {
	Name     string            `json:"name"`
	Location string            `json:"location"`
	Status   ingest.SyncStatus `json:"status"`
	Error    string            `json:"error,omitempty"`
	Hint     string            `json:"hint,omitempty"`
	Import   *ingest.Report    `json:"import,omitempty"`
}

func resultOf(s ingest.Synced) syncResult {
	r := syncResult{Name: s.Source.Name, Location: s.Source.Location, Status: s.Status, Import: s.Report}
	if s.Status == ingest.SyncFailed {
		r.Error, r.Hint = s.Err.Error(), showback.HintOf(s.Err)
	}
	return r
}

// writeSynced reports on one source; a failure goes where errors go.
func (sh *shell) writeSynced(s ingest.Synced, more bool) {
	if more {
		fmt.Fprintln(sh.Out)
	}
	fmt.Fprintf(sh.Out, "source %s: %s\n", s.Source.Name, clean(s.Source.Location, ""))
	switch s.Status {
	case ingest.SyncNew:
		fmt.Fprintln(sh.Out)
		sh.writeImport(s.Report)
	case ingest.SyncUnchanged:
		fmt.Fprintf(sh.Out, "nothing new in %s\n", plural(int64(len(s.Report.Deliveries)), "delivery"))
	case ingest.SyncEmpty:
		fmt.Fprintln(sh.Out, nothingYet)
	case ingest.SyncFailed:
		fmt.Fprintln(sh.Out, "failed")
		sh.complain(s.Err)
	}
}
