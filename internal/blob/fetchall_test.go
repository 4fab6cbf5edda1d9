package blob

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"showback"
	"showback/internal/blob/blobtest"
)

func jobs(t *testing.T, srv *blobtest.Server, c *Client, n, size int) []Job {
	t.Helper()
	dir := t.TempDir()
	for i := range n {
		srv.Put("bills", fmt.Sprintf("exp/%02d", i), bytesOf(size+i))
	}
	objects, err := c.List(t.Context(), Location{"bills", "exp"})
	if err != nil {
		t.Fatal(err)
	}
	var all []Job
	for _, o := range objects {
		all = append(all, Job{"bills", o, filepath.Join(dir, filepath.Base(o.Key))})
	}
	srv.ResetCounts()
	return all
}

func TestFetchAll(t *testing.T) {
	srv, c := serve(t, quick)
	all := jobs(t, srv, c, 20, 1000)
	progress := map[int]int64{}
	checks, err := c.FetchAll(t.Context(), all, 3, func(job int, n int64) { progress[job] += n })
	if err != nil {
		t.Fatal(err)
	}
	for i, job := range all {
		wantFile(t, job.Path, bytesOf(1000+i))
		if checks[i] != CheckETag || progress[i] != job.Object.Size {
			t.Errorf("job %d: got %q and progress %d", i, checks[i], progress[i])
		}
	}
	if checks, err := c.FetchAll(t.Context(), nil, 0, nil); err != nil || len(checks) != 0 {
		t.Errorf("of nothing: got %v, %v", checks, err)
	}
}

// Two objects of one content may share a file.
func TestFetchAllTwice(t *testing.T) {
	srv, c := serve(t, quick)
	all := jobs(t, srv, c, 2, 1000)
	twin := all[0]
	twin.Object.Key = "twin"
	all = append(all, twin)
	progress := map[int]int64{}
	checks, err := c.FetchAll(t.Context(), all, 3, func(job int, n int64) { progress[job] += n })
	if err != nil || checks[2] != CheckETag || progress[2] != 1000 {
		t.Errorf("got %q, progress %v, %v", checks, progress, err)
	}
	if n := srv.Counts().Of(blobtest.On{Op: blobtest.Get}).Requests; n != 2 {
		t.Errorf("got %d requests, want 2", n)
	}
}

// As many as the limit are under way at once, and never more.
func TestFetchAllLimit(t *testing.T) {
	srv, c := serve(t, Options{})
	all := jobs(t, srv, c, 12, 10)
	const limit = 3
	var mu sync.Mutex
	now, most := 0, 0
	full := make(chan struct{})
	srv.Fail(blobtest.On{Op: blobtest.Get}, blobtest.Always, blobtest.Do(0, func() {
		mu.Lock()
		now++
		if most = max(most, now); now == limit && most == limit {
			select {
			case <-full:
			default:
				close(full)
			}
		}
		mu.Unlock()
		<-full // the first wait for one another
		mu.Lock()
		now--
		mu.Unlock()
	}))
	if _, err := c.FetchAll(t.Context(), all, limit, nil); err != nil || most != limit {
		t.Errorf("got %d at once, %v, want %d", most, err, limit)
	}
}

// A cancelled fetch leaves its parts.
func TestFetchAllCancelled(t *testing.T) {
	srv, c := serve(t, Options{})
	all := jobs(t, srv, c, 3, 1000)
	for _, job := range all[:2] {
		srv.Fail(blobtest.On{Op: blobtest.Get, Key: job.Object.Key}, 1, blobtest.Stall(400))
	}
	srv.Fail(blobtest.On{Op: blobtest.Get, Key: all[2].Object.Key}, 1, blobtest.Stall(0))
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	came := map[int]int64{}
	_, err := c.FetchAll(ctx, all, 3, func(job int, n int64) {
		if came[job] += n; came[0] == 400 && came[1] == 400 {
			cancel()
		}
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
	for i, job := range all[:2] {
		wantFile(t, job.Path+partial, bytesOf(1000 + i)[:400])
	}
}

// The first error ends the others, and they go on from there another time.
func TestFetchAllFails(t *testing.T) {
	srv, c := serve(t, Options{})
	all := jobs(t, srv, c, 12, 1000)
	srv.Fail(blobtest.On{Op: blobtest.Get, Key: all[5].Object.Key}, 1, blobtest.AccessDenied())
	for i := 6; i < 12; i++ {
		srv.Fail(blobtest.On{Op: blobtest.Get, Key: all[i].Object.Key}, 1, blobtest.Stall(0))
	}
	_, err := c.FetchAll(t.Context(), all, 4, nil)
	if showback.KindOf(err) != showback.KindDenied || !strings.Contains(err.Error(), "read s3://bills/exp/05: access denied") {
		t.Errorf("got %v, want the first error", err)
	}
	if n := srv.Counts().Of(blobtest.On{Op: blobtest.Get}).Requests; n > 9 {
		t.Errorf("got %d requests after the error, want no more begun", n)
	}
	if _, err := os.Stat(all[11].Path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the last job was done: %v", err)
	}

	srv.Heal()
	if _, err = c.FetchAll(t.Context(), all, 4, nil); err != nil {
		t.Fatal(err)
	}
	for i, job := range all {
		wantFile(t, job.Path, bytesOf(1000+i))
	}
}
