package cli

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"showback"
	"showback/internal/callers"
	"showback/internal/directory"
	"showback/internal/explore"
	"showback/internal/tag"
)

// untaggable is said of the roles of Identity Center.
const untaggable = "cannot be tagged in AWS: session tags or owners file"

// principals is the JSON of principal list, show and unknown. Fields are only
// added.
type principals struct {
	Store      string          `json:"store"`
	Period     *principalDays  `json:"period"` // null while nothing is billed
	Principals []principalView `json:"principals"`
	Spend      callers.Spend   `json:"spend"` // of those listed
}

type principalDays struct {
	Start string `json:"start"`
	End   string `json:"end"`
}

type principalView struct {
	ARN     string `json:"arn"` // as the key principal has it: a role's is without path
	Kind    string `json:"kind"`
	Account string `json:"account"`
	Name    string `json:"name"`
	// PermissionSet is set for a role of Identity Center.
	PermissionSet string         `json:"permission_set,omitempty"`
	Known         bool           `json:"known"` // the directory has it
	Path          string         `json:"path,omitempty"`
	UniqueID      string         `json:"unique_id,omitempty"`
	Provisional   bool           `json:"provisional"` // the unique id was made here
	Created       *time.Time     `json:"created"`
	Deleted       *time.Time     `json:"deleted"`
	Taggable      bool           `json:"taggable"` // in AWS
	Remark        string         `json:"remark,omitempty"`
	Tags          []tagView      `json:"tags"`
	Spend         callers.Spend  `json:"spend"`
	LastSeen      *string        `json:"last_seen"`
	Sessions      int            `json:"sessions"`
	Models        []callers.Part `json:"models"`
	SessionSpend  []callers.Part `json:"session_spend"` // show only
	TagHistory    []tagSpanView  `json:"tag_history"`   // show only
}

type tagView struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

type tagSpanView struct {
	Start *string   `json:"start"`
	End   *string   `json:"end"` // the day after the last
	Tags  []tagView `json:"tags"`
}

func tagViews(tags []tag.Pair) []tagView {
	views := []tagView{}
	for _, p := range tags {
		views = append(views, tagView(p))
	}
	return views
}

func dayOf(t time.Time) *string {
	if t.IsZero() {
		return nil
	}
	return new(t.Format(time.DateOnly))
}

func whenOf(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

func viewOf(l callers.Line) principalView {
	p := l.Principal
	v := principalView{
		ARN: l.Value, Kind: string(p.Kind), Account: p.Account, Name: p.Name, PermissionSet: p.PermissionSet, Known: l.Known(),
		Tags: []tagView{}, SessionSpend: []callers.Part{}, TagHistory: []tagSpanView{}, Spend: append(callers.Spend{}, l.Spend...), LastSeen: dayOf(l.LastSeen), Sessions: len(l.Sessions), Models: append([]callers.Part{}, l.Models...),
	}
	_, can := l.Ref()
	v.Taggable = can && p.Kind != showback.PrincipalSSORole
	if e := l.Entry; e != nil {
		v.Path, v.UniqueID, v.Provisional, v.Tags = e.Path, e.UniqueID, e.Provisional, tagViews(e.Tags)
		v.Created, v.Deleted, v.Taggable = whenOf(e.Created), whenOf(e.Deleted), e.Taggable()
	}
	switch {
	case p.Kind == showback.PrincipalSSORole || l.Entry != nil && !l.Entry.Taggable():
		v.Remark = untaggable
	case !can:
		v.Remark = "no user or role: an owners file can name its account"
	case v.Deleted != nil:
		v.Remark = "deleted"
	case l.Charges && !l.Known():
		v.Remark = "not in the directory"
	}
	return v
}

func (sh *shell) principals(lines []callers.Line, p showback.Period) (*principals, error) {
	dir, err := sh.storeDir()
	if err != nil {
		return nil, err
	}
	out := &principals{Store: dir, Principals: []principalView{}, Spend: append(callers.Spend{}, callers.Sum(lines)...)}
	if !p.Empty() {
		out.Period = &principalDays{p.Start.Format(time.DateOnly), p.End.Format(time.DateOnly)}
	}
	for _, l := range lines {
		out.Principals = append(out.Principals, viewOf(l))
	}
	return out, nil
}

// spendText writes amounts of several currencies: "$12.00 and €0.50".
func spendText(s callers.Spend) string {
	byCurrency := map[string]showback.Decimal{}
	for _, a := range s {
		byCurrency[a.Currency] = a.Cost
	}
	return explore.AmountsText(byCurrency)
}

func tagsText(tags []tagView) string {
	texts := make([]string, len(tags))
	for i, t := range tags {
		texts[i] = t.Key + "=" + t.Value
	}
	return strings.Join(texts, " ")
}

// shortName is how a table names a principal: 111122223333:role/app.
func shortName(v principalView) string {
	switch showback.PrincipalKind(v.Kind) {
	case showback.PrincipalSSORole:
		return v.Account + ":permission-set/" + v.PermissionSet
	case showback.PrincipalRole:
		return v.Account + ":role/" + v.Name
	case showback.PrincipalUser, showback.PrincipalAPIKey:
		return v.Account + ":user/" + v.Name
	}
	return v.ARN
}

func (sh *shell) writePrincipals(out *principals, p showback.Period) {
	head := plural(int64(len(out.Principals)), "principal")
	if !p.Empty() {
		head = p.Inclusive() + " · AI spend, unblended · " + head
	}
	fmt.Fprintf(sh.Out, "%s\n\n", head)
	g := grid{columns: []column{{name: "principal", shrinks: true}, {name: "spend", right: true}, {name: "last seen"}, {name: "sessions", right: true},
		{name: "models", right: true}, {name: "tags", shrinks: true}, {name: "note"}}}
	count := func(n int) string {
		if n == 0 {
			return ""
		}
		return countText(int64(n))
	}
	var notes []string
	for _, v := range out.Principals {
		last, note := "", ""
		if v.LastSeen != nil {
			last = *v.LastSeen
		}
		if v.Remark != "" {
			at := slices.Index(notes, v.Remark)
			if at < 0 {
				at, notes = len(notes), append(notes, v.Remark)
			}
			note = fmt.Sprintf("[%d]", at+1)
		}
		g.rows = append(g.rows, []string{shortName(v), spendText(v.Spend), last, count(v.Sessions), count(len(v.Models)), tagsText(v.Tags), note})
	}
	for i, a := range out.Spend { // a row each, since they are never added
		name := ""
		if i == 0 {
			name = "Total"
		}
		g.footer = append(g.footer, []string{name, explore.MoneyText(a.Cost, a.Currency), "", "", "", "", ""})
	}
	shortened := g.write(sh.Out, sh.Width, "")
	for i, note := range notes {
		fmt.Fprintf(sh.Out, "[%d] %s\n", i+1, note)
	}
	if shortened {
		sh.remark("some values are shortened: --json has them whole")
	}
}

func newPrincipalList(sh *shell) *cobra.Command {
	var s span
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List who calls and who is known, the largest spend first",
		Long: `Lists the users and roles that bills name as callers and those of the directory,
with AI spend, the last day with a call, sessions, models and the tags of today. A
role of Identity Center is marked: ` + untaggable + `.`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			lines, p, err := sh.roster(cmd, s)
			if err != nil {
				return err
			}
			out, err := sh.principals(lines, p)
			switch {
			case err != nil:
				return err
			case asJSON:
				return sh.writeJSON(out)
			case len(lines) == 0:
				sh.remark("nobody yet: import a bill, or showback principal import FILE")
				return nil
			}
			sh.writePrincipals(out, p)
			return nil
		},
	}
	s.flags(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the principals as JSON")
	return cmd
}

func newPrincipalUnknown(sh *shell) *cobra.Command {
	var s span
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "unknown",
		Short: "List the callers that the directory does not know, by dollars",
		Long: `Lists those whom bills name as callers and the directory does not know, the
largest spend first: their tags of then and now are nowhere. Roles and users come
in with showback principal import.`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			lines, p, err := sh.roster(cmd, s)
			if err != nil {
				return err
			}
			unknown := callers.Unknown(lines)
			out, err := sh.principals(unknown, p)
			switch {
			case err != nil:
				return err
			case asJSON:
				return sh.writeJSON(out)
			case len(unknown) == 0:
				_, err = fmt.Fprintln(sh.Out, "the directory knows every caller that bills name")
				return err
			}
			sh.writePrincipals(out, p)
			fmt.Fprintf(sh.Out, "\n%s of %s is of callers that the directory does not know\n", spendText(out.Spend), spendText(callers.Sum(lines)))
			sh.remark("hint: aws iam get-account-authorization-details > account.json; showback principal import account.json")
			return nil
		},
	}
	s.flags(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the callers as JSON")
	return cmd
}

// mostParts is how many sessions and models show prints; --json has all.
const mostParts = 10

func newPrincipalShow(sh *shell) *cobra.Command {
	var s span
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "show PRINCIPAL",
		Short: "Show one user or role: spend, sessions, models, tags over time",
		Long: `Shows one user or role by its ARN, the ARN of one of its sessions, its name, or its
name with what and where it is: user/alice, 111122223333:role/app,
111122223333:permission-set/Developer.`,
		Args: oneArgument("a user or role"),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			lines, p, err := sh.roster(cmd, s)
			if err != nil {
				return err
			}
			l, err := one(cmd, lines, args[0])
			if err != nil {
				return err
			}
			out, err := sh.principals([]callers.Line{l}, p)
			if err != nil {
				return err
			}
			v := &out.Principals[0]
			v.SessionSpend = append(v.SessionSpend, l.Sessions...)
			d, err := sh.directory()
			if err != nil {
				return err
			}
			defer closing(&err, d.Close)
			if v.TagHistory, err = tagHistory(cmd, d, l); err != nil {
				return err
			}
			if asJSON {
				return sh.writeJSON(out)
			}
			sh.writePrincipal(v, l, p)
			return nil
		},
	}
	s.flags(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the principal as JSON")
	return cmd
}

// tagHistory returns the tags that the line's principal had by day, none where
// it never had any.
func tagHistory(cmd *cobra.Command, d *directory.Directory, l callers.Line) ([]tagSpanView, error) {
	r, ok := l.Ref()
	if !ok {
		return []tagSpanView{}, nil
	}
	days, err := d.TagDays(cmd.Context(), r)
	views := []tagSpanView{}
	if err != nil || len(days) < 2 {
		return views, err
	}
	for _, s := range days {
		views = append(views, tagSpanView{dayOf(s.Start), dayOf(s.End), tagViews(s.Tags)})
	}
	return views, nil
}

func (sh *shell) writePrincipal(v *principalView, l callers.Line, p showback.Period) {
	line := func(name, text string) {
		if text != "" {
			fmt.Fprintf(sh.Out, "%-12s%s\n", name, clean(text, ""))
		}
	}
	line("principal", v.ARN)
	kind := v.Kind
	if v.PermissionSet != "" {
		kind += ", permission set " + v.PermissionSet
	}
	line("kind", kind)
	line("remark", v.Remark)
	line("path", v.Path)
	id := v.UniqueID
	if v.Provisional {
		id += ", made here: an import says which one AWS has"
	}
	line("unique id", id)
	for _, at := range []struct {
		name string
		t    *time.Time
	}{{"created", v.Created}, {"deleted", v.Deleted}} {
		if at.t != nil {
			line(at.name, at.t.Format(time.DateOnly))
		}
	}
	if !p.Empty() {
		spend := spendText(v.Spend)
		if !l.Charges {
			spend = "nothing"
		}
		line("spend", spend+" in "+p.Inclusive())
	}
	if v.LastSeen != nil {
		line("last seen", *v.LastSeen)
	}
	line("tags", tagsText(v.Tags))
	parts := func(name string, all []callers.Part) {
		for i, part := range all {
			if i == mostParts {
				line("", fmt.Sprintf("and %d more: --json has them all", len(all)-i))
				break
			}
			line(name, part.Name+"  "+spendText(part.Spend))
			name = ""
		}
	}
	parts("models", v.Models)
	parts("sessions", v.SessionSpend)
	name := "tags by day"
	for _, s := range v.TagHistory {
		text := "until "
		switch {
		case s.Start != nil && s.End != nil:
			text = *s.Start + " to " + dayBefore(*s.End)
		case s.Start != nil:
			text = "from " + *s.Start
		default:
			text += dayBefore(*s.End)
		}
		tags := tagsText(s.Tags)
		if tags == "" {
			tags = "none"
		}
		line(name, text+": "+tags)
		name = ""
	}
}

func dayBefore(day string) string {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		panic("BUG: day " + day)
	}
	return t.AddDate(0, 0, -1).Format(time.DateOnly)
}
