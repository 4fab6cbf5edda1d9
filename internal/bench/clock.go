package main

import (
	"context"
	"time"
)

// now is the one place that reads the clock, besides stopwatch.
func now() time.Time { return time.Now() }

// stopwatch measures how long something takes.
type stopwatch struct{ began time.Time }

func start() stopwatch { return stopwatch{time.Now()} }

func (s stopwatch) elapsed() time.Duration { return time.Since(s.began) }

// contender is something that is measured in turn with others.
type contender struct {
	before func() error // not measured; nil for nothing
	run    func(context.Context) error
}

// timed returns a contender that has nothing to do before.
func timed(run func(context.Context) error) contender { return contender{run: run} }

// race runs the contenders in turn, so that what else the machine does meets
// them all alike: warm rounds that do not count, then n. It returns the times
// of each contender.
func race(ctx context.Context, warm, n int, contenders ...contender) ([]times, error) {
	all := make([]times, len(contenders))
	for round := range warm + n {
		for i, c := range contenders {
			if err := context.Cause(ctx); err != nil {
				return nil, err
			}
			if c.before != nil {
				if err := c.before(); err != nil {
					return nil, err
				}
			}
			watch := start()
			if err := c.run(ctx); err != nil {
				return nil, err
			}
			if took := watch.elapsed(); round >= warm {
				all[i] = append(all[i], took)
			}
		}
	}
	return all, nil
}
