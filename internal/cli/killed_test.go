package cli_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"showback"
	"showback/internal/blob/blobtest"
)

// operations are the commands that change a store. Each returns, for what the
// store holds, a command line and what the store holds after it; no command
// line where it has nothing to do. Each that adds a month has one behind it that
// takes one out, else the store fills up and nothing is left to add.
var operations = []struct {
	name string
	next func(b *bills, now totals) (args []string, then totals)
}{
	{"import", (*bills).importNew},
	{"replace", (*bills).replace},
	{"remove", (*bills).remove},
	{"sync", (*bills).sync},
	{"remove", (*bills).remove},
}

// bills are two deliveries of each of some months.
type bills struct {
	dir    string
	random *rand.Rand
	costs  map[showback.Month][2]string
	bucket *blobtest.Server
	there  []string // keys in the bucket
}

func writeBills(t *testing.T, dir string, random *rand.Rand) *bills {
	b := &bills{dir: dir, random: random, costs: map[showback.Month][2]string{}}
	for i, month := range []showback.Month{"2026-06", "2026-07", "2026-08"} {
		var costs [2]string
		for j := range costs {
			cost := fmt.Sprintf("0.%d00000000%d", i+1, j+1)
			costs[j] = writeBill(t, b.folder(month, j), month, 6_000+3_000*j, cost).String()
		}
		b.costs[month] = costs
	}
	return b
}

func (b *bills) folder(month showback.Month, delivery int) string {
	return filepath.Join(b.dir, fmt.Sprintf("%s-%d", month, delivery))
}

// pick returns a month that the store holds, or one that it does not.
func (b *bills) pick(now totals, held bool) (month showback.Month, ok bool) {
	var list []showback.Month
	for m := range b.costs {
		if _, has := now[m]; has == held {
			list = append(list, m)
		}
	}
	if len(list) == 0 {
		return "", false
	}
	slices.Sort(list)
	return list[b.random.IntN(len(list))], true
}

func (b *bills) importNew(now totals) ([]string, totals) {
	month, ok := b.pick(now, false)
	if !ok {
		return nil, nil
	}
	delivery, then := b.random.IntN(2), maps.Clone(now)
	then[month] = b.costs[month][delivery]
	return []string{"import", b.folder(month, delivery)}, then
}

func (b *bills) replace(now totals) ([]string, totals) {
	month, ok := b.pick(now, true)
	if !ok {
		return nil, nil
	}
	delivery, then := 0, maps.Clone(now)
	if now[month] == b.costs[month][0] {
		delivery = 1
	}
	then[month] = b.costs[month][delivery]
	return []string{"import", "--replace", b.folder(month, delivery)}, then
}

// sync puts a month that the store does not hold into a bucket, in the place of
// what was there.
func (b *bills) sync(now totals) ([]string, totals) {
	month, ok := b.pick(now, false)
	if !ok {
		return nil, nil
	}
	for _, key := range b.there {
		b.bucket.Delete("bills", key)
	}
	delivery, then := b.random.IntN(2), maps.Clone(now)
	key := "exports/bill/data/BILLING_PERIOD=" + string(month) + "/bill-00001.csv"
	body, err := os.ReadFile(filepath.Join(b.folder(month, delivery), strings.TrimPrefix(key, "exports/")))
	if err != nil {
		panic(err)
	}
	b.bucket.Put("bills", key, body)
	b.there = []string{key}
	then[month] = b.costs[month][delivery]
	return []string{"source", "sync"}, then
}

func (b *bills) remove(now totals) ([]string, totals) {
	month, ok := b.pick(now, true)
	if !ok {
		return nil, nil
	}
	then := maps.Clone(now)
	delete(then, month)
	return []string{"delivery", "remove", "--month", string(month), "--yes"}, then
}

// past is what a store held and may come to hold, in order: an answer is one of
// those between its beginning and its end.
type past struct {
	mu    sync.Mutex
	all   []totals
	since int // the first that may still be in force
}

// mayBecome says that the store is being changed to this.
func (p *past) mayBecome(then totals) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.all = append(p.all, then)
}

// is says what the store holds.
func (p *past) is(now totals) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.all = append(p.all, now)
	p.since = len(p.all) - 1
}

func (p *past) begin() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.since
}

func (p *past) had(got totals, since int) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.ContainsFunc(p.all[since:], func(t totals) bool { return maps.Equal(t, got) })
}

// TestKilled kills processes that change a store at random moments, while
// readers read. Each time the store holds what it held before or what it was to
// hold, whole; the next run completes the change and leaves no file over.
// SHOWBACK_TEST_KILLS sets how many are killed.
func TestKilled(t *testing.T) {
	kills := 4
	if n, err := strconv.Atoi(os.Getenv("SHOWBACK_TEST_KILLS")); err == nil {
		kills = n
	}
	dir := t.TempDir()
	store, always := filepath.Join(dir, "store"), filepath.Join(dir, "always")
	now := totals{"2026-01": writeBill(t, always, "2026-01", 1_000, "0.0000000001").String()}
	must(t, store, "import", always)
	seed := uint64(time.Now().UnixNano())
	random := rand.New(rand.NewPCG(seed, 2))
	b := writeBills(t, dir, random)
	b.bucket = blobtest.Serve(t)
	b.bucket.Setenv(t)
	b.bucket.Bucket("bills")
	must(t, store, "source", "add", "s3://bills/exports")

	states := &past{}
	states.is(now)
	var calm sync.RWMutex // held by readers while they read
	var reads atomic.Int64
	stop := make(chan struct{})
	var readers sync.WaitGroup
	for range 2 {
		readers.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				for _, reading := range []func(string) (totals, error){readList, readAnswer} {
					calm.RLock()
					since := states.begin()
					got, err := reading(store)
					if err != nil || !states.had(got, since) {
						t.Errorf("a reader saw %v, error %v", got, err)
					}
					calm.RUnlock()
					reads.Add(1)
				}
			}
		})
	}

	took := map[string]time.Duration{}
	killed, committed := map[string]int{}, 0
	for i, n := 0, 0; n < kills && i < 20*kills && !t.Failed(); i++ {
		op := operations[i%len(operations)]
		args, then := op.next(b, now)
		if args == nil {
			continue
		}
		states.mayBecome(then)
		// The first of each shows how long it takes.
		limit := took[op.name]
		cmd := program(store, args...)
		began := time.Now()
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		var timer *time.Timer
		if limit > 0 {
			after := time.Duration(random.Int64N(int64(limit)))
			if n%2 == 1 { // about the commit, which is quick and near the end
				after = limit*4/5 + after*3/10
			}
			timer = time.AfterFunc(after, func() { cmd.Process.Kill() })
		}
		cmd.Wait() // its state tells
		if timer != nil {
			timer.Stop()
		}
		switch code := cmd.ProcessState.ExitCode(); code {
		case 0:
			took[op.name] = time.Since(began)
		case -1:
			n++
			killed[op.name]++
		default:
			t.Errorf("%v: exit code %d", args, code)
		}
		got, err := readList(store)
		answer, err2 := readAnswer(store)
		whole := maps.Equal(got, now) || maps.Equal(got, then)
		if err != nil || err2 != nil || !whole || !maps.Equal(got, answer) {
			t.Errorf("%v, killed: the store lists %v (error %v) and answers %v (error %v), want %v or %v", args, got, err, answer, err2, now, then)
		}
		// The next run. Where the change was made, it is one without a change.
		next := args
		if maps.Equal(got, then) {
			next = []string{"import", always}
			if cmd.ProcessState.ExitCode() == -1 {
				committed++
			}
		}
		calm.Lock()
		if e := finish(t, program(store, next...)); e.code != 0 {
			t.Errorf("%v after a kill: exit code %d, %s", next, e.code, e.err)
		}
		now = then
		states.is(now)
		holds(t, store, now)
		if odd := surplus(t, store); len(odd) > 0 {
			t.Errorf("%v, killed, and %v after it: %v", args, next, odd)
		}
		calm.Unlock()
	}
	close(stop)
	readers.Wait()
	must(t, store, "reconcile")
	total := 0
	for _, n := range killed {
		total += n
	}
	if total < kills {
		t.Errorf("%d of %d were killed before they ended", total, kills)
	}
	t.Logf("killed %v, %d of them after the commit; %d reads; a run takes %v; seed %d", killed, committed, reads.Load(), took, seed)
}
