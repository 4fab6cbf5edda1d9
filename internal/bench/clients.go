package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"slices"
	"sync"
	"syscall"
	"time"

	"showback"
	"showback/internal/engine/duckdb"
	"showback/internal/ledger"
)

// clientsCommand makes this program a process of its own in which clients ask,
// so that its memory is theirs alone.
const clientsCommand = "ask-as-clients"

// asked is what came of the clients: it is what the process prints.
type asked struct {
	Questions     int
	Took          time.Duration
	P50, P99, Max time.Duration
	// HalfPeak and Peak are the most memory that the process had in the first
	// half of the time, and in all of it: bounded memory has them alike.
	HalfPeak, Peak int64
}

// mixed lets clients ask mixed questions of a year in one process, without and
// with the engine's memory of its answers.
func (b *bench) mixed(ctx context.Context, r *report) error {
	store, err := b.estate(ctx, b.size)
	if err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return showback.Errorf(showback.KindUnavailable, "find this program: %w", err)
	}
	for _, remember := range []bool{false, true} {
		name := "answers not remembered"
		if remember {
			name = "answers remembered"
		}
		p, err := runProcess(ctx, self, clientsCommand, "-store", store.Dir(), "-clients", fmt.Sprint(b.clients), "-for", b.span.String(),
			fmt.Sprintf("-remember=%t", remember))
		if err != nil {
			return err
		}
		var a asked
		if err := json.Unmarshal(p.Out, &a); err != nil {
			return showback.Errorf(showback.KindInternal, "read what the clients asked: %w", err)
		}
		row := fmt.Sprintf("%d clients, mixed questions, %s", b.clients, name)
		rate := ratio(int64(a.Questions)*1000, a.Took.Milliseconds())
		r.add(figure{row: row, measured: rate.String() + " questions/s", commit: "≥ 80 questions/s",
			met: !below(int64(a.Questions)*1000, a.Took.Milliseconds(), "80"), detail: fmt.Sprintf("%d questions in %s, p50 %s, longest %s", a.Questions, shown(a.Took), shown(a.P50), shown(a.Max))})
		r.add(figure{row: "its p99", measured: shown(a.P99), commit: "≤ 400ms", met: a.P99 <= 400*time.Millisecond})
		r.add(figure{row: "its memory", measured: megabytes(a.Peak), detail: "after half the time " + megabytes(a.HalfPeak)})
	}
	return nil
}

// clientsMain is the process in which clients ask.
func clientsMain(ctx context.Context, args []string, out io.Writer) error {
	f := flag.NewFlagSet(clientsCommand, flag.ContinueOnError)
	dir := f.String("store", "", "folder of the store")
	clients := f.Int("clients", 1, "how many ask at once")
	span := f.Duration("for", time.Second, "how long")
	remember := f.Bool("remember", true, "whether the engine remembers answers")
	if err := f.Parse(args); err != nil {
		return err
	}
	a, err := askAsClients(ctx, ledger.Open(*dir), *clients, *span, *remember)
	if err != nil {
		return err
	}
	return json.NewEncoder(out).Encode(a)
}

// askAsClients lets clients ask one question after the other, each as soon as
// it has its answer, first for a while that does not count.
func askAsClients(ctx context.Context, store *ledger.Store, clients int, span time.Duration, remember bool) (asked, error) {
	live, err := duckdb.Follow(ctx, store)
	if err != nil {
		return asked{}, err
	}
	defer live.Close()
	eng, done, err := live.Engine(ctx)
	if err != nil {
		return asked{}, err
	}
	if !remember {
		eng.RememberNothing()
	}
	values, err := choosableOf(ctx, eng)
	done()
	if err != nil {
		return asked{}, err
	}
	c := &crowd{live: live, values: values}
	if _, err := c.ask(ctx, clients, span/4); err != nil {
		return asked{}, err
	}
	var a asked
	watch := start()
	all, err := c.ask(ctx, clients, span/2)
	if err != nil {
		return asked{}, err
	}
	a.HalfPeak = peakSoFar()
	more, err := c.ask(ctx, clients, span/2)
	if err != nil {
		return asked{}, err
	}
	a.Took = watch.elapsed()
	all = append(all, more...)
	a.Peak = peakSoFar()
	a.Questions, a.P50, a.P99, a.Max = len(all), all.percentile(50), all.percentile(99), all.percentile(100)
	return a, nil
}

// crowd are clients that ask at once.
type crowd struct {
	live   *duckdb.Live
	values *choosable
	asked  uint64 // how often they were let ask: each time other questions
}

// ask lets the clients ask for a while, each at least once, and returns how long
// each answer took.
func (c *crowd) ask(ctx context.Context, clients int, span time.Duration) (times, error) {
	c.asked++
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var (
		wg    sync.WaitGroup
		each  = make([]times, clients)
		watch = start()
	)
	for i := range clients {
		m := mix{rand.New(rand.NewPCG(c.asked, uint64(i))), c.values} //nolint:gosec // the same questions every time
		wg.Go(func() {
			for len(each[i]) == 0 || watch.elapsed() < span {
				one := start()
				if err := c.one(ctx, m); err != nil {
					cancel(err)
					return
				}
				each[i] = append(each[i], one.elapsed())
			}
		})
	}
	wg.Wait()
	return slices.Concat(each...), context.Cause(ctx)
}

func (c *crowd) one(ctx context.Context, m mix) error {
	eng, done, err := c.live.Engine(ctx)
	if err != nil {
		return err
	}
	defer done()
	return m.ask(ctx, eng, m.IntN(kinds))
}

// peakSoFar returns the most memory that this process has had, in bytes.
func peakSoFar() int64 {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0
	}
	return maxResident(&usage)
}
