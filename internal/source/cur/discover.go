package cur

import (
	"cmp"
	"path/filepath"
	"slices"
	"strings"

	"showback"
	"showback/internal/source"
)

// Skipped is something that was seen and not taken.
type Skipped struct {
	Path   string // a file, or a folder for all that is in it, by its tree's name
	Reason string
}

// Discover finds the deliveries in the given folders and files of the local
// disk. A path may be the bucket's copy, a prefix, an export's folder, its data or metadata folder,
// a period's or an execution's folder, a manifest or a data file.
//
// It returns the current delivery of each export and period, by export, then
// month: the one that the period's top-level manifest names, else the latest
// execution's. An older execution is a delivery only when a path leads into its
// own folder. Data files are those that the manifest names. Where there is no
// manifest they are found by listing, one delivery per period's folder or, outside
// the layout, per folder; a note says so. A period without manifest in an export
// that has some is skipped unless a path names it: AWS writes the manifest last.
//
// Errors: KindNotFound for a path or a listed data file that is not there, for a
// hole in the numbers of the files found by listing, and for a path that holds no
// billing data; KindInvalid for one that holds another table only (a legacy
// report, FOCUS), for a folder's or a data file's name that cannot be read, for a
// link that leads back to itself; KindCorrupt for a manifest that is none;
// KindConflict for one that contradicts itself, its name or its folder, for two
// deliveries of one export's folder and month, and for a file in two deliveries;
// KindDenied.
func Discover(paths []string) ([]source.Delivery, []Skipped, error) {
	return DiscoverIn(disk{}, paths)
}

// DiscoverIn is Discover in any tree; the paths are absolute in it. Files have
// the path of the tree and, as Object, the tree's name of it; manifests, skipped
// paths and messages have that name. A file that a manifest gives by its full
// s3:// URL is that very object where the tree holds it, unless the manifest
// stands in a copy that has one of its own.
//
// Errors are those of Discover; one of the tree's that has a kind and a hint keeps both.
func DiscoverIn(tree Tree, paths []string) ([]source.Delivery, []Skipped, error) {
	t, err := groundOf(tree, paths)
	if err != nil {
		return nil, nil, err
	}
	s := newScan(t)
	asked := make([][]*group, len(paths))
	for i, given := range paths {
		if asked[i], err = s.path(given, t.asked[i]); err != nil {
			return nil, nil, err
		}
	}
	if err := s.beside(); err != nil {
		return nil, nil, err
	}
	groups := s.ordered()
	var all []candidate
	governed := map[string]bool{} // roots of exports with manifests
	for _, g := range groups {
		deliveries, err := s.byManifest(g)
		if err != nil {
			return nil, nil, err
		}
		for _, d := range deliveries {
			all = append(all, candidate{d, g})
		}
		governed[g.root] = governed[g.root] || g.governed && g.period != ""
	}
	for _, g := range groups {
		if g.governed {
			s.leaveUnnamed(g)
			continue
		}
		d, err := s.byListing(g, governed[g.root])
		if err != nil {
			return nil, nil, err
		}
		if d != nil {
			all = append(all, candidate{*d, g})
		}
	}
	if err := oneExportPerFolder(all); err != nil {
		return nil, nil, err
	}
	for i, path := range paths {
		if err := s.holdsSomething(path, asked[i]); err != nil {
			return nil, nil, err
		}
	}
	current := s.distinct(all)
	if err := s.onceEach(current); err != nil {
		return nil, nil, err
	}
	var deliveries []source.Delivery
	for _, c := range current {
		deliveries = append(deliveries, c.Delivery)
	}
	s.skipAside()
	slices.SortFunc(s.skipped, func(a, b Skipped) int {
		return cmp.Or(strings.Compare(a.Path, b.Path), strings.Compare(a.Reason, b.Reason))
	})
	return deliveries, slices.Compact(s.skipped), nil
}

// candidate is a delivery and the group that it was found in.
type candidate struct {
	source.Delivery
	group *group
}

func (s *scan) ordered() []*group {
	groups := make([]*group, 0, len(s.groups))
	for _, g := range s.groups {
		groups = append(groups, g)
	}
	slices.SortFunc(groups, func(a, b *group) int {
		return cmp.Or(strings.Compare(a.root, b.root), strings.Compare(a.period, b.period))
	})
	return groups
}

// leaveUnnamed reports the data files outside the layout that stand beside a
// manifest which does not name them.
func (s *scan) leaveUnnamed(g *group) {
	if g.period != "" {
		return // reported with the delivery
	}
	for _, f := range g.files[""] {
		if _, claimed := s.claimed[s.t.real(f.path)]; !claimed && f.given {
			s.leave(f.path, "the manifest in its folder does not name it")
		}
	}
}

// oneExportPerFolder refuses an export's folder whose manifests are of two exports.
func oneExportPerFolder(all []candidate) error {
	first := map[string]candidate{}
	for _, c := range all {
		if c.group.period == "" || c.Manifest == "" {
			continue
		}
		f, ok := first[c.group.root]
		if !ok {
			first[c.group.root] = c
			continue
		}
		if f.Export != c.Export {
			return showback.WithHint(showback.Errorf(showback.KindConflict,
				"read manifest %s: it is of export %s, and %s in the same folder is of %s", c.Manifest, c.Export, f.Manifest, f.Export), hintOneExport)
		}
	}
	return nil
}

// holdsSomething refuses a path in which nothing was found, so that a slip of
// the pen is not taken for an empty bill.
func (s *scan) holdsSomething(path string, groups []*group) error {
	var refused Table
	for _, g := range groups {
		if g.taken {
			return nil
		}
		if g.refused != "" {
			refused = g.refused
		}
	}
	if refused != "" {
		reason, hint := refused.refusal()
		return showback.WithHint(showback.Errorf(showback.KindInvalid, "find deliveries in %s: %s", s.t.Name(path), reason), hint)
	}
	return showback.WithHint(showback.Errorf(showback.KindNotFound,
		"find deliveries in %s: found no billing data, want a manifest, *.parquet, *.csv.gz or *.csv", s.t.Name(path)),
		s.t.words("give the folder of a CUR 2.0 export, as AWS delivers it", "give the prefix of a CUR 2.0 export, as AWS delivers it"))
}

// distinct drops the second copy of a delivery, and of two deliveries of one
// export and period, found in two folders, the older. Exports without an ARN
// are not compared by name: two payers may use the same.
func (s *scan) distinct(all []candidate) []candidate {
	slices.SortStableFunc(all, func(a, b candidate) int {
		return cmp.Or(
			strings.Compare(a.Export, b.Export),
			strings.Compare(string(a.Month), string(b.Month)),
			strings.Compare(a.ARN, b.ARN),
			// Of two copies the one in the layout is kept.
			strings.Compare(b.group.period, a.group.period),
		)
	})
	var out []candidate
	for _, c := range all {
		i := slices.IndexFunc(out, func(d candidate) bool {
			return d.ARN != "" && d.ARN == c.ARN && d.Month == c.Month && (c.Month != "" || d.ID == c.ID)
		})
		switch {
		case i < 0:
			out = append(out, c)
		case out[i].ID == c.ID:
			s.skipNamed(s.where(c.Delivery), "the same delivery as "+s.where(out[i].Delivery))
		default:
			newer, older := c, out[i]
			if older.Made.After(newer.Made) {
				newer, older = older, newer
			}
			out[i] = newer
			s.skipNamed(s.where(older.Delivery), "superseded by a newer delivery of the same export: "+s.where(newer.Delivery))
		}
	}
	return out
}

// onceEach refuses what would count charges twice: two deliveries of one month
// in an export's folder, as two spellings of a period's folder give, and a file
// that is in two deliveries.
func (s *scan) onceEach(current []candidate) error {
	type month struct {
		root string
		of   showback.Month
	}
	months, files := map[month]candidate{}, map[string]candidate{}
	for _, c := range current {
		if c.group.period != "" {
			m := month{c.group.root, c.Month}
			if first, twice := months[m]; twice {
				return showback.WithHint(showback.Errorf(showback.KindConflict,
					"find deliveries in %s: found two of %s, %s and %s: want one for a billing period",
					s.t.Name(c.group.root), c.Month, s.where(first.Delivery), s.where(c.Delivery)),
					"give the one that is meant")
			}
			months[m] = c
		}
		for _, f := range c.Files {
			real := s.t.real(f.Path)
			if first, twice := files[real]; twice {
				return showback.WithHint(showback.Errorf(showback.KindConflict,
					"find deliveries: data file %s is in two of them, %s and %s", s.t.Name(f.Path), s.where(first.Delivery), s.where(c.Delivery)),
					"give the manifest of the one that is meant")
			}
			files[real] = c
		}
	}
	return nil
}

// where returns the name that a delivery is best known by.
func (s *scan) where(d source.Delivery) string {
	if d.Manifest != "" {
		return d.Manifest
	}
	return s.t.Name(filepath.Dir(d.Files[0].Path))
}
