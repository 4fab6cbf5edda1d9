package blob

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"showback"
	"showback/internal/blob/blobtest"
)

func keys(objects []Object) []string {
	var all []string
	for _, o := range objects {
		all = append(all, o.Key)
	}
	return all
}

func TestList(t *testing.T) {
	srv, c := serve(t, quick)
	srv.SetPageSize(2)
	for _, key := range []string{"exp", "exp-old/a", "exp/b", "exp/a/1", "exp/a/2", "exp/a b+c%20&ü\x01", "exp/", "export2/a", "other"} {
		srv.Put("bills", key, []byte(key))
	}
	f := func(prefix string, want ...string) {
		t.Helper()
		got, err := c.List(t.Context(), Location{"bills", prefix})
		if err != nil {
			t.Errorf("%q: %v", prefix, err)
			return
		}
		if !slices.Equal(keys(got), want) {
			t.Errorf("%q: got  %q\nwant %q", prefix, keys(got), want)
		}
	}
	below := []string{"exp/", "exp/a b+c%20&ü\x01", "exp/a/1", "exp/a/2", "exp/b"}
	f("exp", append([]string{"exp"}, below...)...)
	f("exp/a", "exp/a/1", "exp/a/2")
	f("exp/a/1", "exp/a/1")
	f("", slices.Concat([]string{"exp", "exp-old/a"}, below, []string{"export2/a", "other"})...)

	got, err := c.List(t.Context(), Location{"bills", "other"})
	if err != nil {
		t.Fatal(err)
	}
	want := Object{Key: "other", Size: 5, ETag: "795f3202b17cb6bc3d4b771d8c6c9eaf", Modified: time.Date(2026, 11, 1, 0, 0, 9, 0, time.UTC)}
	if got[0] != want {
		t.Errorf("got  %+v\nwant %+v", got[0], want)
	}
	if seen := stat(t, c, "bills", "other"); seen != want {
		t.Errorf("by Stat, got %+v\nwant %+v", seen, want)
	}
}

func TestListManyPages(t *testing.T) {
	srv, c := serve(t, quick)
	for i := range 2500 {
		srv.Put("bills", fmt.Sprintf("exp/%04d", i), nil)
	}
	got, err := c.List(t.Context(), Location{Bucket: "bills"})
	if err != nil || len(got) != 2500 {
		t.Fatalf("got %d, %v, want 2500", len(got), err)
	}
	if n := srv.Counts().Of(blobtest.On{Op: blobtest.List}).Requests; n != 3 {
		t.Errorf("got %d requests, want 3", n)
	}
}

func TestListNotFound(t *testing.T) {
	srv, c := serve(t, quick)
	srv.Put("bills", "exports/a/b", nil)
	srv.Put("bills", "exp-1", nil)
	srv.Bucket("bare")
	f := func(l Location, text, hint string) {
		t.Helper()
		_, err := c.List(t.Context(), l)
		wantError(t, err, showback.KindNotFound, "list "+l.String()+": "+text, hint)
	}
	f(Location{"bills", "export"}, "there is no such folder or object", "did you mean s3://bills/exports?")
	f(Location{"bills", "exp"}, "there is no such folder or object", "did you mean s3://bills/exp-1?")
	f(Location{"bills", "exports/a/B"}, "there is no such folder or object", "aws s3 ls s3://bills/")
	f(Location{"bare", ""}, "the bucket is empty", "")
	f(Location{"nowhere", "exp"}, `there is no bucket "nowhere"`, "S3 console")
	srv.Fail(blobtest.On{Op: blobtest.Head}, 1, blobtest.Status(404, "", ""))
	_, err := c.Stat(t.Context(), "bills", "x")
	wantError(t, err, showback.KindNotFound, `find s3://bills/x: there is no such object, or no bucket "bills"`, "")
}

// A policy may allow to list below the folder only.
func TestListFolderOnly(t *testing.T) {
	srv, c := serve(t, quick)
	srv.Put("bills", "exp/a", nil)
	srv.Fail(blobtest.On{Op: blobtest.List, Key: "exp"}, blobtest.Always, blobtest.AccessDenied())
	got, err := c.List(t.Context(), Location{"bills", "exp"})
	if err != nil || !slices.Equal(keys(got), []string{"exp/a"}) {
		t.Errorf("got %q, %v", keys(got), err)
	}
	_, err = c.List(t.Context(), Location{"bills", "ex"})
	if got := showback.KindOf(err); got != showback.KindNotFound {
		t.Errorf("got %v, want not found", err)
	}
}

// A listing that is cut is asked for again.
func TestListCut(t *testing.T) {
	srv, c := serve(t, hasty)
	srv.Put("bills", "exp/a", nil)
	srv.Fail(blobtest.On{Op: blobtest.List, Key: "exp/"}, 1, blobtest.Cut(100))
	srv.Fail(blobtest.On{Op: blobtest.List, Key: "exp/"}, 1, blobtest.Stall(100))
	srv.Fail(blobtest.On{Op: blobtest.List, Key: "exp/"}, 1, blobtest.HangUp())
	got, err := c.List(t.Context(), Location{"bills", "exp"})
	if err != nil || !slices.Equal(keys(got), []string{"exp/a"}) {
		t.Errorf("got %q, %v", keys(got), err)
	}
}
