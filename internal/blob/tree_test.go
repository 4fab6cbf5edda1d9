package blob

import (
	"errors"
	"io/fs"
	"slices"
	"testing"

	"showback"
	"showback/internal/blob/blobtest"
)

func TestTree(t *testing.T) {
	srv, c := serve(t, quick)
	for _, key := range []string{
		"exp/metadata/", "exp/metadata/m.json", "exp/data/b", "exp/data/a", "exp/bare/",
		"exp//x", "exp/../x", "exp/./x", "exp/nul\x00", "exp/both", "exp/both/a", "exp/late-a", "exp/late", "exp/late/b", "exp",
	} {
		srv.Put("bills", key, nil)
	}
	srv.Put("bills", "exp/metadata/m.json", []byte("{}"))
	srv.Put("bills", "exp/odd/", []byte("not a marker"))
	srv.Put("other", "x", nil)
	tree, err := NewTree(t.Context(), c, Location{"bills", "exp"}, Location{"bills", "exp/data"}, Location{Bucket: "other"})
	if err != nil {
		t.Fatal(err)
	}
	list := func(at string, want ...string) {
		t.Helper()
		entries, err := tree.ReadDir(at)
		if err != nil {
			t.Errorf("%s: %v", at, err)
		}
		var got []string
		for _, e := range entries {
			name := e.Name()
			if e.IsDir() {
				name += "/"
			}
			info, err := e.Info()
			if err != nil || info.Name() != e.Name() || info.Mode().IsRegular() == e.IsDir() {
				t.Errorf("%s: entry and info of %s differ", at, e.Name())
			}
			got = append(got, name)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: got %q, want %q", at, got, want)
		}
	}
	list("/", "bills/", "other/")
	list("/bills", "exp/")
	list("/bills/exp/", "bare/", "both/", "data/", "late/", "late-a", "metadata/")
	list("/bills/exp/bare")
	list("/bills/exp/data", "a", "b")
	list(tree.Root(Location{"bills", "exp/metadata"}), "m.json")
	list(tree.Root(Location{Bucket: "other"}), "x")

	wantOdd := []string{
		"s3://bills/exp", "s3://bills/exp/../x", "s3://bills/exp/./x", "s3://bills/exp//x", "s3://bills/exp/both", "s3://bills/exp/late",
		"s3://bills/exp/nul\x00", "s3://bills/exp/odd/",
	}
	if got := tree.Odd(); !slices.Equal(got, wantOdd) {
		t.Errorf("got odd  %q\nwant %q", got, wantOdd)
	}

	const at = "/bills/exp/metadata/m.json"
	info, err := tree.Stat(at + "/")
	if err != nil || info.Size() != 2 || info.IsDir() || info.Sys().(Object).Key != at[len("/bills/"):] || info.ModTime().IsZero() {
		t.Errorf("got %v, %v", info, err)
	}
	if real, err := tree.Real("/bills//exp/./metadata/m.json"); err != nil || real != at {
		t.Errorf("got %s, %v", real, err)
	}
	if got, want := tree.Name(at), "s3://bills/exp/metadata/m.json"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if bucket, o, ok := tree.Object(at); !ok || bucket != "bills" || o.Size != 2 {
		t.Errorf("got %s, %+v, %v", bucket, o, ok)
	}
	if _, _, ok := tree.Object("/bills/exp/metadata"); ok {
		t.Error("a folder is an object")
	}

	var asPath *fs.PathError
	for name, err := range map[string]error{
		"stat": second(tree.Stat("/bills/exp/none")), "readdir": second(tree.ReadDir("/bills/exp/none")),
		"read": second(tree.ReadFile("/bills/exp/none")), "lstat": second(tree.Real("/bills/exp/none")),
	} {
		if !errors.Is(err, fs.ErrNotExist) || !errors.As(err, &asPath) || asPath.Path != "s3://bills/exp/none" {
			t.Errorf("%s: got %v, want a path error of what does not exist", name, err)
		}
	}
	if _, err := tree.ReadDir(at); showback.KindOf(err) != showback.KindInvalid || !errors.As(err, &asPath) {
		t.Errorf("got %v", err)
	}
	if _, err := tree.ReadFile("/bills/exp"); showback.KindOf(err) != showback.KindInvalid || !errors.As(err, &asPath) {
		t.Errorf("got %v", err)
	}
}

func second[T any](_ T, err error) error { return err }

func TestTreeReadFile(t *testing.T) {
	srv, c := serve(t, quick)
	srv.Put("bills", "m", []byte("old"))
	srv.Put("bills", "empty", nil)
	srv.Put("bills", "later", []byte("old"))
	tree, err := NewTree(t.Context(), c, Location{Bucket: "bills"})
	if err != nil {
		t.Fatal(err)
	}
	srv.ResetCounts()
	for range 2 {
		if got, err := tree.ReadFile("/bills/m"); err != nil || string(got) != "old" {
			t.Errorf("got %q, %v", got, err)
		}
		if got, err := tree.ReadFile("/bills/empty"); err != nil || got == nil || len(got) > 0 {
			t.Errorf("got %q, %v", got, err)
		}
	}
	if n := srv.Counts().Of(blobtest.On{}).Requests; n != 2 {
		t.Errorf("got %d requests, want each file once", n)
	}
	srv.Put("bills", "later", []byte("new"))
	if _, err := tree.ReadFile("/bills/later"); !errors.Is(err, ErrChanged) {
		t.Errorf("got %v, want ErrChanged", err)
	}
	if _, err := NewTree(t.Context(), c, Location{"bills", "none"}); showback.KindOf(err) != showback.KindNotFound {
		t.Errorf("got %v", err)
	}
}

func TestRead(t *testing.T) {
	srv, c := serve(t, quick)
	body := bytesOf(10_000)
	srv.Put("bills", "a", body)
	o := stat(t, c, "bills", "a")
	get := blobtest.On{Op: blobtest.Get}
	f := func(faults ...blobtest.Fault) {
		t.Helper()
		srv.Heal()
		for _, fault := range faults {
			srv.Fail(get, 1, fault)
		}
		got, err := c.Read(t.Context(), "bills", o, 10_000)
		if err != nil || !slices.Equal(got, body) {
			t.Errorf("got %d bytes, %v", len(got), err)
		}
	}
	f()
	f(blobtest.Cut(5000), blobtest.Cut(0), blobtest.HangUp())
	f(blobtest.Flip(9_999))
	f(blobtest.SlowDown(), blobtest.Cut(5000), blobtest.Flip(0))
	_, err := c.Read(t.Context(), "bills", o, 9_999)
	wantError(t, err, showback.KindInvalid, "read s3://bills/a: found 10000 bytes, want at most 9999", "")
	srv.Fail(get, blobtest.Always, blobtest.Flip(1))
	_, err = c.Read(t.Context(), "bills", o, 10_000)
	wantError(t, err, showback.KindCorrupt, "read s3://bills/a: the bytes that came are not those the bucket vouches for (MD5 in the ETag), twice in a row", "delivered again")
	srv.Heal()
	srv.Fail(get, blobtest.Always, blobtest.Cut(1))
	_, err = c.Read(t.Context(), "bills", o, 10_000)
	wantError(t, err, showback.KindUnavailable, "read s3://bills/a: the answer of "+c.host("bills")+" was cut, after 5 attempts", "can be reached")
}

func TestReadStalls(t *testing.T) {
	srv, c := serve(t, hasty)
	srv.Put("bills", "a", []byte("abc"))
	o := stat(t, c, "bills", "a")
	srv.Fail(blobtest.On{Op: blobtest.Get}, 2, blobtest.Stall(1))
	if got, err := c.Read(t.Context(), "bills", o, 3); err != nil || string(got) != "abc" {
		t.Errorf("got %q, %v", got, err)
	}
}
