package ingest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"showback"
	"showback/internal/blob"
	"showback/internal/ledger"
	"showback/internal/source"
	"showback/internal/source/cur"
)

// tries is how often an import looks again when what it reads is replaced
// under its hands.
const tries = 3

// discovery is what was found in the places that an import reads.
type discovery struct {
	found   []source.Delivery
	skipped []cur.Skipped
	later   int          // deliveries of skipped that seem to be under way
	client  *blob.Client // nil when no place is a bucket
	tree    *blob.Tree
}

// discover looks for deliveries in folders, files and buckets.
func discover(ctx context.Context, paths []string, opt Options) (*discovery, error) {
	d := &discovery{}
	var local []string
	var buckets []blob.Location
	for _, p := range paths {
		if !IsBucket(p) {
			local = append(local, p)
			continue
		}
		at, err := blob.ParseLocation(p)
		if err != nil {
			return nil, err
		}
		buckets = append(buckets, at)
	}
	var err error
	if len(local) > 0 {
		if d.found, d.skipped, err = cur.Discover(local); err != nil {
			return nil, err
		}
	}
	if len(buckets) == 0 {
		return d, nil
	}
	opt.Bucket.Now = opt.Now
	if d.client, err = blob.Open(ctx, opt.Bucket); err != nil {
		return nil, err
	}
	if d.tree, err = blob.NewTree(ctx, d.client, buckets...); err != nil {
		return nil, err
	}
	roots := make([]string, len(buckets))
	for i, at := range buckets {
		roots[i] = d.tree.Root(at)
	}
	found, skipped, err := cur.DiscoverIn(d.tree, roots)
	if err != nil {
		return nil, err
	}
	d.skipped = append(d.skipped, skipped...)
	for _, key := range d.tree.Odd() {
		d.skipped = append(d.skipped, cur.Skipped{Path: key, Reason: "its key is no path of a file"})
	}
	for _, x := range found {
		if reason := d.complete(&x, opt.Now()); reason != "" {
			d.skipped = append(d.skipped, cur.Skipped{Path: x.Manifest, Reason: reason})
			d.later++
			continue
		}
		d.found = append(d.found, x)
	}
	return d, nil
}

// AWS writes the manifest after the data ("Data Exports: export delivery",
// 2026-09), so data that is newer than its manifest belongs to a delivery whose
// manifest is still to come. A copy of a bucket keeps no such order: there all
// was written in one go, or long ago.
const (
	copySpan     = 10 * time.Minute
	longDelivery = time.Hour // no delivery takes longer
)

// complete notes the ETags of a delivery's files. It returns why the delivery
// can't be taken now, "" when it can.
func (d *discovery) complete(x *source.Delivery, now time.Time) string {
	var newest time.Time
	for i := range x.Files {
		f := &x.Files[i]
		if _, object, ok := d.tree.Object(f.Path); ok {
			f.ETag = object.ETag
			if object.Modified.After(newest) {
				newest = object.Modified
			}
		}
	}
	manifest, ok := d.manifest(x)
	if !ok || newest.Sub(manifest.Modified) <= copySpan {
		return ""
	}
	if now.Sub(newest) < longDelivery {
		return fmt.Sprintf("left for later: data of %s is newer than the manifest, of %s, so its delivery seems to be under way; "+
			"where it is a copy, copy the manifest again, or import it from %s on",
			newest.Format(time.RFC3339), manifest.Modified.Format(time.RFC3339), newest.Add(longDelivery).Format(time.RFC3339))
	}
	x.Notes = append(x.Notes, "data of "+newest.Format(time.RFC3339)+" is newer than the manifest, of "+manifest.Modified.Format(time.RFC3339)+
		": a copy, or a delivery that broke off")
	return ""
}

// manifest returns the object that is the manifest of a delivery.
func (d *discovery) manifest(x *source.Delivery) (blob.Object, bool) {
	if x.Manifest == "" || d.tree == nil {
		return blob.Object{}, false
	}
	at, err := blob.ParseLocation(x.Manifest)
	if err != nil {
		return blob.Object{}, false
	}
	_, object, ok := d.tree.Object(d.tree.Root(at))
	return object, ok
}

// inBucket reports whether the files of a delivery are in a bucket.
func inBucket(d *source.Delivery) bool { return len(d.Files) > 0 && d.Files[0].Object != "" }

// holdsObjects returns the segments that the ledger has of the very objects of
// a delivery in a bucket; nil unless it has all of them.
func holdsObjects(m *ledger.Manifest, d *source.Delivery) []ledger.Segment {
	want := make([]string, len(d.Files))
	for i, f := range d.Files {
		want[i] = f.Object + "\x00" + f.ETag
	}
	slices.Sort(want)
	return holding(m, d, func(held *ledger.DeliveryInfo) bool {
		has := make([]string, len(held.Files))
		for i, f := range held.Files {
			has[i] = f.Object + "\x00" + f.ETag
		}
		slices.Sort(has)
		return slices.Equal(has, want)
	})
}

// heldObjects returns them where they need not be loaded again.
func heldObjects(m *ledger.Manifest, d *source.Delivery, opt Options) []ledger.Segment {
	if opt.Replace {
		return nil
	}
	if held := holdsObjects(m, d); keptSo(held, opt.Keep) {
		return held
	}
	return nil
}

// fetch brings the files of the deliveries that the ledger does not hold into
// the store, and makes the deliveries name them there. That a delivery was
// replaced meanwhile is an error that is blob.ErrChanged.
func (d *discovery) fetch(ctx context.Context, store *ledger.Store, m *ledger.Manifest, opt Options) error {
	if d.client == nil {
		return nil
	}
	var jobs []blob.Job
	var size int64
	var fetched []*source.Delivery
	for i := range d.found {
		x := &d.found[i]
		if !inBucket(x) || heldObjects(m, x, opt) != nil {
			continue
		}
		if err := admitEarly(m, *x, opt); err != nil {
			return fmt.Errorf("import %s: %w", label(*x), err)
		}
		fetched = append(fetched, x)
		for j := range x.Files {
			f := &x.Files[j]
			at, object, ok := d.tree.Object(f.Path)
			if !ok {
				panic("BUG: " + f.Object + " is not in the tree")
			}
			f.Path = filepath.Join(store.Dir(), filepath.FromSlash(ledger.RawPath(x.Export, x.Month, f.Object, f.ETag)))
			if there, err := kept(ctx, m, store, f); err != nil {
				return err
			} else if there {
				continue
			}
			if err := os.MkdirAll(filepath.Dir(f.Path), 0o755); err != nil {
				return showback.Errorf(showback.KindUnavailable, "fetch %s: %w", f.Object, err)
			}
			jobs = append(jobs, blob.Job{Bucket: at, Object: object, Path: f.Path})
			size += object.Size
		}
	}
	if len(jobs) > 0 {
		progress := func(int, int64) {}
		if opt.Progress != nil {
			opt.Progress.Fetch(len(jobs), size)
			progress = func(_ int, n int64) { opt.Progress.Fetched(n) }
		}
		_, err := d.client.FetchAll(ctx, jobs, 0, progress)
		if opt.Progress != nil {
			opt.Progress.FetchEnd()
		}
		if err != nil {
			return err
		}
	}
	for _, x := range fetched {
		if err := d.unchanged(ctx, x); err != nil {
			return err
		}
	}
	return nil
}

// kept reports whether a file was fetched before and is whole. One that the
// ledger does not name is of an import that did not end well: it is taken for a
// part that the fetch has to check, and so is one whose digest does not fit.
func kept(ctx context.Context, m *ledger.Manifest, store *ledger.Store, f *source.File) (bool, error) {
	if _, err := os.Stat(f.Path); err != nil {
		return false, nil // whatever is wrong, the fetch will say
	}
	for _, s := range m.All() {
		for _, known := range s.Delivery.Files {
			if store.FilePath(known) != f.Path {
				continue
			}
			info, err := ledger.Digest(ctx, *f)
			if err != nil || info.SHA256 == known.SHA256 {
				return err == nil, err
			}
		}
	}
	if err := os.Rename(f.Path, f.Path+".part"); err != nil {
		return false, showback.Errorf(showback.KindUnavailable, "fetch %s: %w", f.Object, err)
	}
	return false, nil
}

// unchanged reads the manifest of a fetched delivery again: AWS may have begun
// to replace the files while they were read.
func (d *discovery) unchanged(ctx context.Context, x *source.Delivery) error {
	before, ok := d.manifest(x)
	if !ok {
		return nil
	}
	at, err := blob.ParseLocation(x.Manifest)
	if err != nil {
		return err
	}
	after, err := d.client.Stat(ctx, at.Bucket, before.Key)
	switch {
	case showback.KindOf(err) == showback.KindNotFound:
	case err != nil:
		return err
	case after.ETag == before.ETag:
		return nil
	}
	return showback.WithHint(showback.Errorf(showback.KindConflict, "read %s again: %w", x.Manifest, blob.ErrChanged),
		"a delivery was under way: import again in some minutes")
}

// IsBucket reports whether a place is named as a bucket, s3://…, or as what only
// a bucket could be: an address of the web or an ARN, which are refused with
// the form that is wanted.
func IsBucket(place string) bool {
	return blob.IsLocation(place) || strings.Contains(place, "://") || strings.HasPrefix(place, "arn:")
}

// Look returns what lies in a place, a line for each export. A bucket that has
// no delivery there is no error: lines is nil then, and hint what may have been
// meant, if anything was. It takes nothing in.
func Look(ctx context.Context, place string, opt Options) (lines []string, hint string, err error) {
	d, err := discover(ctx, []string{place}, opt)
	if err != nil {
		if IsBucket(place) && (errors.Is(err, blob.ErrNothing) || errors.Is(err, ErrNothing)) {
			return nil, showback.HintOf(err), nil
		}
		return nil, "", err
	}
	months := map[string][]showback.Month{}
	for _, x := range d.found {
		months[x.Export] = append(months[x.Export], x.Month)
	}
	for _, export := range slices.Sorted(maps.Keys(months)) {
		m := slices.Sorted(slices.Values(months[export]))
		noun := "delivery"
		if len(m) > 1 {
			noun = "deliveries"
		}
		line := fmt.Sprintf("export %s: %d %s", export, len(m), noun)
		if m[0] != "" {
			line += ", " + string(m[0]) + " to " + string(m[len(m)-1])
		}
		lines = append(lines, line)
	}
	return lines, "", nil
}

// fileInfo returns what the manifest is to know of a fetched file.
func fileInfo(f source.File, info ledger.FileInfo, store *ledger.Store, opt Options) ledger.FileInfo {
	if f.Object == "" {
		return info
	}
	info.Object, info.ETag, info.Path = f.Object, f.ETag, ""
	if !opt.NoKeep {
		if rel, err := filepath.Rel(store.Dir(), f.Path); err == nil && !strings.HasPrefix(rel, "..") {
			info.Path = filepath.ToSlash(rel)
		}
	}
	return info
}
