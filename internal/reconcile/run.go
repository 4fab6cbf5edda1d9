package reconcile

import (
	"context"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"sync"

	"showback"
)

// Request asks for a reconciliation.
type Request struct {
	// Statements are all deliveries of one version of the ledger, those of
	// months not asked for too: files may be shared.
	Statements []Statement
	// Months restricts the reconciliation; empty means all.
	Months []showback.Month
	Ledger Ledger // of the same version
}

// Run reads the files of the deliveries asked for and compares them with the
// ledger. A file that is gone, changed or unreadable makes its deliveries
// Unchecked and is no error. Exports that bill the same payer's month together
// are checked together: the ledger adds them up. Errors: KindNotFound when there
// is no delivery to check, and those of the ledger and of ctx.
func Run(ctx context.Context, req Request) (*Report, error) {
	r := &run{Request: req, byOwner: map[owner][]int{}}
	if err := r.choose(); err != nil {
		return nil, err
	}
	if err := r.readFiles(ctx); err != nil {
		return nil, err
	}
	r.assign()
	ledger, err := readSide(ctx, req.Ledger, r.months())
	if err != nil {
		return nil, err
	}
	return r.report(ledger), nil
}

// owner says to which deliveries a line belongs by what it says itself.
type owner struct {
	payer string
	month showback.Month
}

// run is one reconciliation under way.
type run struct {
	Request
	byOwner map[owner][]int // indexes of the statements, ascending
	chosen  []bool          // by statement
	files   []*delivered
	results []*result // by statement; nil where not chosen
}

// delivered is one file and what was read of it.
type delivered struct {
	ref      FileRef
	listers  []int         // statements that list the file, ascending
	rejects  map[int64]int // row → statement that set it aside
	books    map[owner]*book
	rejected map[int]rejections
	err      error // why its deliveries cannot be checked
}

// result is what the files of one statement deliver.
type result struct {
	own      *book
	strays   map[owner]*book // lines that say they belong elsewhere
	rejected rejections
	reason   string // why it cannot be checked; empty when it can
}

// rejections are lines set aside, by currency.
type rejections map[string]*Rejected

// choose picks the statements asked for and the files that they need.
func (r *run) choose() error {
	r.chosen = make([]bool, len(r.Statements))
	r.results = make([]*result, len(r.Statements))
	some := false
	for i, s := range r.Statements {
		o := owner{s.Payer, s.Month}
		r.byOwner[o] = append(r.byOwner[o], i)
		if s.Aside {
			continue
		}
		if len(r.Months) > 0 && !slices.Contains(r.Months, s.Month) {
			continue
		}
		some = true
		r.chosen[i] = true
		r.results[i] = &result{own: newBook(), strays: map[owner]*book{}, rejected: rejections{}}
	}
	if !some {
		return showback.Errorf(showback.KindNotFound, "reconcile: the ledger holds no delivery of the months asked for")
	}
	r.listFiles()
	return nil
}

// listFiles makes a list of the files to read, each once.
func (r *run) listFiles() {
	known := map[[2]string]*delivered{}
	for i, s := range r.Statements {
		for _, ref := range s.Files {
			id := [2]string{ref.Path + ref.Object, ref.SHA256}
			f := known[id]
			if f == nil {
				f = &delivered{ref: ref, rejects: map[int64]int{}, books: map[owner]*book{}, rejected: map[int]rejections{}}
				known[id] = f
				r.files = append(r.files, f)
			}
			if !slices.Contains(f.listers, i) {
				f.listers = append(f.listers, i)
			}
		}
	}
	r.files = slices.DeleteFunc(r.files, func(f *delivered) bool {
		return !slices.ContainsFunc(f.listers, func(i int) bool { return r.chosen[i] })
	})
	for _, f := range r.files {
		for _, i := range f.listers {
			for _, reject := range r.Statements[i].Rejects {
				if lastElement(reject.File) == lastElement(f.ref.Path) {
					f.rejects[reject.Row] = i
				}
			}
		}
	}
}

// lastElement returns what follows the last slash of a path or URL.
func lastElement(name string) string { return path.Base(filepath.ToSlash(name)) }

// readFiles reads the files, as many at once as there are processors.
func (r *run) readFiles(ctx context.Context) error {
	var wait sync.WaitGroup
	next := make(chan *delivered)
	for range min(runtime.GOMAXPROCS(0), len(r.files)) {
		wait.Go(func() {
			for f := range next {
				f.err = readFile(ctx, f.ref, f.visit)
			}
		})
	}
	for _, f := range r.files {
		next <- f
	}
	close(next)
	wait.Wait()
	return ctx.Err()
}

func (f *delivered) visit(l *line) error {
	if statement, ok := f.rejects[l.row]; ok {
		f.setAside(statement, l)
		return nil
	}
	if l.bad != nil {
		return l.bad
	}
	o := owner{l.text[payerColumn], l.month}
	b := f.books[o]
	if b == nil {
		b = newBook()
		f.books[o] = b
	}
	b.add(l)
	return nil
}

func (f *delivered) setAside(statement int, l *line) {
	if f.rejected[statement] == nil {
		f.rejected[statement] = rejections{}
	}
	one := &Rejected{Currency: l.text[currencyColumn], Lines: 1}
	if a := &l.amounts[unblended]; a.present {
		one.Readable = 1
		one.Unblended = showback.NewDecimal(&a.units, kept)
	}
	f.rejected[statement].add(one)
}

func (r rejections) add(more *Rejected) {
	have := r[more.Currency]
	if have == nil {
		have = &Rejected{Currency: more.Currency}
		r[more.Currency] = have
	}
	have.Lines += more.Lines
	have.Readable += more.Readable
	have.Unblended = have.Unblended.Add(more.Unblended)
}

// assign gives what the files hold to their deliveries. A line belongs to the
// delivery of its own payer and month that lists the file; without one it is a
// stray of the first delivery that does.
func (r *run) assign() {
	for _, f := range r.files {
		first := -1
		for _, i := range f.listers {
			if !r.chosen[i] {
				continue
			}
			if first < 0 {
				first = i
			}
			if f.err != nil && r.results[i].reason == "" {
				r.results[i].reason = f.err.Error()
			}
			for _, rejected := range f.rejected[i] {
				r.results[i].rejected.add(rejected)
			}
		}
		for o, b := range f.books {
			at := slices.IndexFunc(r.byOwner[o], func(i int) bool { return slices.Contains(f.listers, i) })
			if at < 0 {
				r.results[first].stray(o).merge(b)
			} else if i := r.byOwner[o][at]; r.chosen[i] {
				r.results[i].own.merge(b)
			}
		}
	}
}

func (s *result) stray(o owner) *book {
	b := s.strays[o]
	if b == nil {
		b = newBook()
		s.strays[o] = b
	}
	return b
}

// months are those of which a delivery can be checked.
func (r *run) months() []showback.Month {
	months := map[showback.Month]bool{}
	for i, s := range r.Statements {
		if r.chosen[i] && r.results[i].reason == "" {
			months[s.Month] = true
		}
	}
	return sortedMonths(months)
}
