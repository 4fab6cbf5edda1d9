package blob

import (
	"context"
	"sync"
)

// Job is one object to fetch to a file.
type Job struct {
	Bucket string
	Object Object
	Path   string // unique for the content, see Fetch
}

// FetchAll fetches the objects, at most limit at once (0: Options.Parallel), and
// returns the checks in the order of the jobs. Jobs of one path are of one
// content, which is fetched once. The first error ends all others and is returned
// when they have ended; what was cut stays in its .part. progress, unless nil, is
// called by one goroutine at a time.
func (c *Client) FetchAll(ctx context.Context, jobs []Job, limit int, progress func(job int, n int64)) ([]Check, error) {
	if limit <= 0 {
		limit = c.opts.Parallel
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var (
		mu     sync.Mutex
		first  error
		group  sync.WaitGroup
		checks = make([]Check, len(jobs))
		next   = make(chan int)
	)
	for range min(limit, len(jobs)) {
		group.Go(func() {
			for i := range next {
				job := jobs[i]
				tell := func(n int64) {
					if progress != nil {
						mu.Lock()
						defer mu.Unlock()
						progress(i, n)
					}
				}
				check, err := c.Fetch(ctx, job.Bucket, job.Object, job.Path, tell)
				mu.Lock()
				if err != nil && first == nil {
					first = err
				}
				checks[i] = check
				mu.Unlock()
				if err != nil {
					cancel()
				}
			}
		})
	}
	doing := map[string]int{}
feed:
	for i, job := range jobs {
		if _, twice := doing[job.Path]; twice {
			continue
		}
		doing[job.Path] = i
		select {
		case next <- i:
		case <-ctx.Done():
			break feed
		}
	}
	close(next)
	group.Wait()
	if first != nil {
		return nil, first
	}
	if err := ctx.Err(); err != nil {
		return nil, c.explain(ctx, action{verb: "fetch", name: "objects"}, err)
	}
	for i, job := range jobs {
		of := doing[job.Path]
		if of == i {
			continue
		}
		if same := jobs[of].Object; same.ETag != job.Object.ETag || same.Size != job.Object.Size {
			panic("BUG: two contents for the file " + job.Path)
		}
		if checks[i] = checks[of]; progress != nil {
			progress(i, job.Object.Size)
		}
	}
	return checks, nil
}
