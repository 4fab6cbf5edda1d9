package cli

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"showback"
	"showback/internal/callers"
	"showback/internal/explore"
)

func newPrincipal(sh *shell) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "principal",
		Short: "Users and roles: who calls, what they spend, their tags",
		Long: `Users and roles: those that bills name as callers, and those of the directory,
which keeps their tags over time. Whatever is changed here is changed in showback
only; --print aws-cli prints what would do the same in AWS.`,
		Example: `  showback principal import account.json
  showback principal unknown
  showback principal tag alice team=search
  showback principal tag --file owners.csv`,
		Args: knownCommand,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newPrincipalList(sh), newPrincipalShow(sh), newPrincipalUnknown(sh), newPrincipalTag(sh), newPrincipalUntag(sh), newPrincipalImport(sh))
	return cmd
}

// span is the period that a command looks at; without flags all that is billed.
type span struct{ from, to string }

func (s *span) flags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&s.from, "from", "", "first day or month, as explore takes it; without, all that is billed")
	cmd.Flags().StringVar(&s.to, "to", "", "last day or month, included")
}

func (s *span) period(cov explore.Coverage, now time.Time) (showback.Period, error) {
	if s.from == "" && s.to == "" {
		return callers.Billed(cov), nil
	}
	return explore.ParsePeriod(s.from, s.to, "", now, cov.BilledTo())
}

// roster returns who calls and who is known, over a period.
func (sh *shell) roster(cmd *cobra.Command, s span) (lines []callers.Line, p showback.Period, err error) {
	opened, err := sh.open(cmd)
	if err != nil {
		return nil, p, err
	}
	defer closing(&err, opened.Close)
	d, err := sh.directory()
	if err != nil {
		return nil, p, err
	}
	defer closing(&err, d.Close)
	cov, err := opened.Engine.Coverage(cmd.Context())
	if err != nil {
		return nil, p, err
	}
	if p, err = s.period(cov, sh.Now()); err != nil {
		return nil, p, err
	}
	lines, err = callers.Roster(cmd.Context(), opened.Engine, d, p)
	return lines, p, err
}

// one returns the line that a text names; none and several are errors.
func one(cmd *cobra.Command, lines []callers.Line, text string) (callers.Line, error) {
	found := callers.Find(lines, text)
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return callers.Line{}, showback.WithHint(showback.Errorf(showback.KindNotFound, "%sfind %s: no user or role of that name in the bills or the directory", prefix(cmd), clean(text, "")),
			"showback principal list")
	}
	var names []string
	for _, l := range found {
		names = append(names, l.Value)
	}
	slices.Sort(names)
	return callers.Line{}, showback.WithHint(showback.Errorf(showback.KindConflict, "%sfind %s: it names %d principals: %s", prefix(cmd), clean(text, ""), len(found), clean(strings.Join(names, ", "), "")),
		"name one by its ARN")
}

// billed returns a line for each principal that any bill names.
func (sh *shell) billed(ctx context.Context, cmd *cobra.Command) (lines []callers.Line, err error) {
	opened, err := sh.open(cmd)
	if err != nil {
		return nil, err
	}
	defer closing(&err, opened.Close)
	cov, err := opened.Engine.Coverage(ctx)
	if err != nil {
		return nil, err
	}
	return callers.Named(ctx, opened.Engine, callers.Billed(cov))
}
