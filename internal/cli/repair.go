package cli

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"showback"
	"showback/internal/ingest"
	"showback/internal/ledger"
)

// writeRepair prints the commands that load again what is damaged.
func (sh *shell) writeRepair(store *ledger.Store, c *ledger.Checkup) error {
	r := &c.Repair
	for _, place := range r.Gone {
		fmt.Fprintf(sh.Out, "not there any more: %s: copy it there again first\n", clean(place, ""))
	}
	if !r.Anew && len(r.Places) == 0 {
		return nil
	}
	groups, err := byAccess(store, r.Places)
	if err != nil {
		return err
	}
	say := func(text string) { fmt.Fprintln(sh.Out, wrap(strings.Fields(text), sh.Width, "  ")) }
	command := func(words ...string) { fmt.Fprintf(sh.Out, "    %s\n", clean(shellLine(words...), "")) }
	if !r.Anew {
		say("to load it again:")
		for _, g := range groups {
			command(slices.Concat(sh.importWords("--replace"), g.flags, rejectFlags(r), g.places)...)
		}
		if lost := slices.ContainsFunc(c.Damaged, func(d ledger.Damage) bool { return d.What == "dimensions" }); lost && (len(groups) > 1 || len(r.Gone) > 0) {
			say("All of it has to be loaded by one import, since every month depends on the dimensions: where that cannot be, restore the store from a copy, or import into a new one with --store.")
		}
		return nil
	}
	say("restore manifest.json from a copy of the store. Where there is none, move it away and begin anew: the next import takes away what it named, and loads the bills again.")
	if slices.ContainsFunc(c.Damaged, func(d ledger.Damage) bool { return d.What == "manifest" && d.Size > 0 }) {
		command("mv", filepath.Join(c.Store, "manifest.json"), c.Store+"-manifest.damaged")
	}
	for _, g := range groups {
		command(slices.Concat(sh.importWords(), g.flags, rejectFlags(r), anewFlags(r), g.places)...)
	}
	if len(groups) == 0 {
		say("What it named cannot be read any more: import the folders and buckets that the bills are in.")
	}
	return nil
}

// importWords begin a command that imports into the store.
func (sh *shell) importWords(more ...string) []string {
	words := []string{"showback", "import"}
	if sh.storeFlag != "" {
		words = append(words, "--store", sh.storeFlag)
	}
	return append(words, more...)
}

// rejectFlags let in the lines that could not be read the first time either.
func rejectFlags(r *ledger.Repair) []string {
	if r.AllowRejects.IsZero() {
		return nil
	}
	return []string{"--allow-rejects", r.AllowRejects.String()}
}

// anewFlags say again what the store remembered of exports that hold the same
// charges.
func anewFlags(r *ledger.Repair) []string {
	words := preferFlags(r.Prefer)
	if r.Disjoint {
		words = append(words, "--disjoint")
	}
	return words
}

// reached are places that are reached in one way, and the flags for it.
type reached struct {
	flags, places []string
}

// byAccess groups places by how the sources say that they are reached: an
// import reaches all buckets in one way.
func byAccess(store *ledger.Store, places []string) ([]reached, error) {
	sources, err := store.Sources()
	if err != nil && showback.KindOf(err) != showback.KindCorrupt {
		return nil, err
	}
	var groups []reached
	var local []string
	for _, place := range places {
		if !ingest.IsBucket(place) {
			local = append(local, place)
			continue
		}
		var flags []string
		for _, s := range sources {
			at := strings.TrimSuffix(s.Location, "/")
			if place == at || strings.HasPrefix(place, at+"/") {
				flags = accessFlags(s)
			}
		}
		i := slices.IndexFunc(groups, func(g reached) bool { return slices.Equal(g.flags, flags) })
		if i < 0 {
			i, groups = len(groups), append(groups, reached{flags: flags})
		}
		groups[i].places = append(groups[i].places, place)
	}
	switch {
	case len(local) > 0 && len(groups) == 0:
		groups = []reached{{places: local}}
	case len(local) > 0: // folders do not mind how a bucket is reached
		groups[0].places = slices.Concat(local, groups[0].places)
	}
	return groups, nil
}

// accessFlags are the flags of access for a source.
func accessFlags(s ledger.Source) []string {
	var words []string
	for _, f := range []struct{ name, value string }{{"--profile", s.Profile}, {"--region", s.Region}, {"--endpoint-url", s.Endpoint}} {
		if f.value != "" {
			words = append(words, f.name, f.value)
		}
	}
	if s.RequesterPays {
		words = append(words, "--request-payer", "requester")
	}
	if s.NoSign {
		words = append(words, "--no-sign-request")
	}
	return words
}
