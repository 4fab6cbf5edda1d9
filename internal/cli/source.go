package cli

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"showback"
	"showback/internal/ingest"
	"showback/internal/ledger"
)

func newSource(sh *shell) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "source",
		Short: "Remember folders and buckets, and take what is new from all",
		Long: `A source is a folder or a bucket that bills are delivered to. The store remembers
it by name; showback source sync takes what is new from all of them.`,
		Example: `  showback source add s3://my-billing-bucket/exports
  showback source sync`,
		Args: knownCommand,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newSourceAdd(sh), newSourceList(sh), newSourceShow(sh), newSourceSync(sh), newSourceRemove(sh))
	return cmd
}

const nothingYet = "no delivery there yet; AWS makes the first one within 24 hours of setting an export up"

// access is how a bucket is reached; the flags have the names of the AWS CLI.
type access struct {
	profile, region, endpoint, payer string
	noSign                           bool
}

func (a *access) flags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&a.profile, "profile", "", "the profile of the AWS configuration to read a bucket with")
	f.StringVar(&a.region, "region", "", "the region of the bucket; found by itself where it is another")
	f.StringVar(&a.endpoint, "endpoint-url", "", "the S3-compatible server to ask instead of AWS")
	f.StringVar(&a.payer, "request-payer", "", "requester: pay for the requests, where the bucket wants it")
	f.BoolVar(&a.noSign, "no-sign-request", false, "read a public bucket without credentials")
}

// source returns a source of the location that is reached so.
func (a *access) source(location string) (ledger.Source, error) {
	if a.payer != "" && a.payer != "requester" {
		return ledger.Source{}, showback.WithHint(showback.Errorf(showback.KindInvalid, "parse --request-payer %q: want requester", a.payer),
			"AWS knows no other value")
	}
	return ledger.Source{Location: location, Profile: a.profile, Region: a.region, Endpoint: a.endpoint,
		RequesterPays: a.payer != "", NoSign: a.noSign}, nil
}

func newSourceAdd(sh *shell) *cobra.Command {
	var a access
	var name string
	var noKeep, asJSON bool
	cmd := &cobra.Command{
		Use:   "add FOLDER|s3://BUCKET/PREFIX",
		Short: "Remember a folder or a bucket, after a look into it",
		Long: `Remembers a folder or a bucket under a name, after a look at what lies there. It
takes nothing in: showback source sync does. Only how to reach the bucket is
remembered (profile, region, endpoint), never a secret.`,
		Example: `  showback source add s3://my-billing-bucket/exports --profile billing
  showback source add --name old-bills ~/bills`,
		Args: oneArgument("a folder or s3://BUCKET/PREFIX"),
		RunE: func(cmd *cobra.Command, args []string) error {
			location := args[0]
			if !ingest.IsBucket(location) {
				var err error
				if location, err = absolute(location); err != nil {
					return err
				}
			}
			src, err := a.source(location)
			if err != nil {
				return err
			}
			src.Name, src.NoKeep, src.Added = name, noKeep, sh.Now().UTC()
			if src.Name == "" {
				src.Name = defaultName(location)
			}
			if err := validName(src.Name); err != nil {
				return err
			}
			found, hint, err := ingest.Look(cmd.Context(), location, ingest.OptionsOf(src, ingest.Options{Now: sh.Now}))
			if err != nil {
				return fmt.Errorf("source add: %w", err)
			}
			store, err := sh.store()
			if err != nil {
				return err
			}
			err = store.ChangeSources(func(held []ledger.Source) ([]ledger.Source, error) {
				for _, h := range held {
					if h.Name == src.Name {
						return nil, showback.WithHint(showback.Errorf(showback.KindConflict, "source add: the store has a source %s: %s", h.Name, h.Location),
							"give this one another name with --name, or showback source remove "+h.Name)
					}
					if h.Location == src.Location {
						return nil, showback.WithHint(showback.Errorf(showback.KindConflict, "source add: %s is source %s already", h.Location, h.Name),
							"to read it another way: showback source remove "+h.Name+", then add it again")
					}
				}
				return append(held, src), nil
			})
			if err != nil {
				return err
			}
			if asJSON {
				return sh.writeJSON(src)
			}
			fmt.Fprintf(sh.Out, "source %s: %s\n", src.Name, clean(src.Location, ""))
			for _, line := range found {
				fmt.Fprintf(sh.Out, "  %s\n", clean(line, ""))
			}
			if len(found) == 0 {
				fmt.Fprintln(sh.Out, "  "+nothingYet)
				if hint != "" {
					fmt.Fprintf(sh.Out, "  if there should be one: %s\n", clean(hint, ""))
				}
			}
			fmt.Fprintln(sh.Out, "take it in: showback source sync")
			return nil
		},
	}
	a.flags(cmd)
	cmd.Flags().StringVar(&name, "name", "", "what to call it; made of the location otherwise")
	cmd.Flags().BoolVar(&noKeep, "no-keep", false, "do not keep fetched files: reconcile cannot read them again then")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the source as JSON")
	return cmd
}

// oneArgument is the Args of a command that takes one argument.
func oneArgument(what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) == 1 {
			return nil
		}
		return showback.WithHint(showback.Errorf(showback.KindInvalid, "%sname %s, found %s", prefix(cmd), what, plural(int64(len(args)), "argument")),
			"see "+cmd.CommandPath()+" --help")
	}
}

// defaultName names a source by the last part of its location.
func defaultName(location string) string {
	base := location[strings.LastIndexAny(strings.TrimRight(location, "/"), "/:")+1:]
	name := strings.Map(func(r rune) rune {
		if r == '-' || r == '.' || r == '_' || r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' {
			return r
		}
		return '-'
	}, strings.TrimRight(base, "/"))
	return strings.Trim(name, "-._")
}

func validName(name string) error {
	ok := name != "" && len(name) <= 64 && strings.Trim(name[:1], "-._") != ""
	for _, r := range name {
		ok = ok && (r == '-' || r == '.' || r == '_' || r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z')
	}
	if ok {
		return nil
	}
	return showback.WithHint(showback.Errorf(showback.KindInvalid, "name source %q: want 1 to 64 of a-z, A-Z, 0-9, -, . and _, a letter or digit first", name),
		"choose a name with --name")
}

// sources is the JSON of source list and show. Fields are only added.
type sources struct {
	Store   string       `json:"store"`
	Sources []sourceView `json:"sources"`
	// RawBytes are all fetched files in the store, and what a fetch that was
	// cut has got so far.
	RawBytes int64 `json:"raw_bytes"`
}

type sourceView struct {
	ledger.Source
	Deliveries []sourceDelivery `json:"deliveries"`
	KeptFiles  int              `json:"kept_files"`
	KeptBytes  int64            `json:"kept_bytes"`
}

type sourceDelivery struct {
	Payer  string         `json:"payer"`
	Export string         `json:"export"`
	Month  showback.Month `json:"month"`
	Made   time.Time      `json:"made"`
	Counts bool           `json:"counts"` // false: another export is preferred
}

// viewSources says of the sources named, of all where none is, what the store
// holds from them.
func (sh *shell) viewSources(names []string) (*sources, error) {
	store, err := sh.store()
	if err != nil {
		return nil, err
	}
	held, err := chosen(store, names)
	if err != nil {
		return nil, err
	}
	snapshot, err := store.Snapshot()
	if err != nil {
		return nil, err
	}
	defer snapshot.Close()
	view := &sources{Store: store.Dir(), Sources: []sourceView{}}
	if view.RawBytes, err = store.RawSize(); err != nil {
		return nil, err
	}
	for _, s := range held {
		v := sourceView{Source: s, Deliveries: []sourceDelivery{}}
		kept := map[string]bool{}
		for _, seg := range snapshot.All() {
			if !isFrom(s, seg.Delivery) {
				continue
			}
			v.Deliveries = append(v.Deliveries, sourceDelivery{seg.Payer, seg.Export, seg.Month, seg.Delivery.Made, seg.AsideFor == ""})
			for _, f := range seg.Delivery.Files {
				if f.Object != "" && f.Path != "" && !filepath.IsAbs(f.Path) && !kept[f.Path] {
					kept[f.Path] = true
					v.KeptFiles++
					v.KeptBytes += f.Size
				}
			}
		}
		view.Sources = append(view.Sources, v)
	}
	return view, nil
}

// chosen returns the sources of the names, all where there are none.
func chosen(store *ledger.Store, names []string) ([]ledger.Source, error) {
	held, err := store.Sources()
	if err != nil || len(names) == 0 {
		return held, err
	}
	var picked []ledger.Source
	for _, name := range names {
		s, err := ingest.SourceOf(held, name)
		if err != nil {
			return nil, err
		}
		picked = append(picked, s)
	}
	return picked, nil
}

// isFrom reports whether a delivery's files came from the source.
func isFrom(s ledger.Source, d ledger.DeliveryInfo) bool {
	root := strings.TrimSuffix(s.Location, "/") + "/"
	return slices.ContainsFunc(d.Files, func(f ledger.FileInfo) bool {
		at := f.Object
		if !ingest.IsBucket(s.Location) {
			at = f.Path
		}
		return strings.HasPrefix(at, root) || at == s.Location
	})
}

func newSourceList(sh *shell) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the sources that the store remembers",
		Args:  noArguments,
		RunE: func(*cobra.Command, []string) error {
			view, err := sh.viewSources(nil)
			switch {
			case err != nil:
				return err
			case asJSON:
				return sh.writeJSON(view)
			case len(view.Sources) == 0:
				sh.remark("no source yet: showback source add s3://BUCKET/PREFIX")
				return nil
			}
			g := &grid{columns: []column{{name: "source"}, {name: "location", shrinks: true}, {name: "months", right: true},
				{name: "kept", right: true}, {name: "last sync"}}}
			for _, s := range view.Sources {
				synced := "never"
				if s.Synced != nil {
					synced = s.Synced.UTC().Format("2006-01-02 15:04")
				}
				g.rows = append(g.rows, []string{s.Name, clean(s.Location, ""), countText(int64(len(s.Deliveries))), bytesText(s.KeptBytes), synced})
			}
			g.write(sh.Out, sh.Width, "")
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print as JSON")
	return cmd
}

func newSourceShow(sh *shell) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "show NAME…",
		Short: "Show what came from a source, and the size of the files kept",
		RunE: func(_ *cobra.Command, names []string) error {
			view, err := sh.viewSources(names)
			if err != nil {
				return err
			}
			if asJSON {
				return sh.writeJSON(view)
			}
			for i, s := range view.Sources {
				if i > 0 {
					fmt.Fprintln(sh.Out)
				}
				sh.showSource(s)
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print as JSON")
	return cmd
}

func (sh *shell) showSource(s sourceView) {
	line := func(name, text string) {
		if text != "" {
			fmt.Fprintf(sh.Out, "  %-13s%s\n", name, clean(text, ""))
		}
	}
	fmt.Fprintf(sh.Out, "%s: %s\n", s.Name, clean(s.Location, ""))
	line("profile", s.Profile)
	line("region", s.Region)
	line("endpoint", s.Endpoint)
	if s.RequesterPays {
		line("requests", "paid by the requester")
	}
	if s.NoSign {
		line("credentials", "none: requests are not signed")
	}
	line("added", s.Added.UTC().Format("2006-01-02 15:04")+" UTC")
	synced := "never"
	if s.Synced != nil {
		synced = s.Synced.UTC().Format("2006-01-02 15:04") + " UTC"
	}
	line("last sync", synced)
	if ingest.IsBucket(s.Location) {
		kept := plural(int64(s.KeptFiles), "file") + ", " + bytesText(s.KeptBytes)
		if s.NoKeep {
			kept += "; new ones are not kept"
		}
		line("kept files", kept)
	}
	for i, d := range s.Deliveries {
		name := ""
		if i == 0 {
			name = "deliveries"
		}
		text := fmt.Sprintf("%s of payer %s, export %s, made %s", d.Month, d.Payer, d.Export, d.Made.UTC().Format(time.DateOnly))
		if !d.Counts {
			text += ", aside"
		}
		line(name, text)
	}
	if len(s.Deliveries) == 0 {
		line("deliveries", "none in the store")
	}
}

func newSourceRemove(sh *shell) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "remove NAME…",
		Short: "Forget a source; what was taken from it stays in the store",
		Long: `Forgets sources. What was taken from them stays in the store, and so do the files
kept for reconcile: showback delivery remove takes them out.`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return nil
			}
			return showback.WithHint(showback.Errorf(showback.KindInvalid, "source remove: name a source"), "see showback source list")
		},
		RunE: func(_ *cobra.Command, names []string) error {
			store, err := sh.store()
			if err != nil {
				return err
			}
			if _, err := chosen(store, names); err != nil {
				return err
			}
			err = store.ChangeSources(func(held []ledger.Source) ([]ledger.Source, error) {
				for _, name := range names {
					if _, err := ingest.SourceOf(held, name); err != nil {
						return nil, err
					}
				}
				return slices.DeleteFunc(held, func(s ledger.Source) bool { return slices.Contains(names, s.Name) }), nil
			})
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(sh.Out, "forgot %s; what was taken from there stays in the store\n", strings.Join(names, ", "))
			return err
		},
	}
	return cmd
}
