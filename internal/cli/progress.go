package cli

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"

	"showback"
	"showback/internal/explore"
	"showback/internal/ingest"
)

// progress returns what follows an import: a bar on a terminal, else a few
// plain lines.
func (sh *shell) progress() ingest.Progress {
	if sh.Live {
		return &bar{err: sh.Err, now: sh.Now}
	}
	return &lines{sh: sh}
}

// read is what was read so far.
type read struct {
	files, allFiles int
	bytes, allBytes int64
	rows            int64
	cost            map[string]showback.Decimal
}

func (r *read) begin(files int, bytes int64) {
	*r = read{allFiles: files, allBytes: bytes, cost: map[string]showback.Decimal{}}
}

func (r *read) file(bytes, rows int64, cost map[string]showback.Decimal) {
	r.files++
	r.bytes += bytes
	r.rows += rows
	for currency, amount := range cost {
		r.cost[currency] = r.cost[currency].Add(amount)
	}
}

// String writes "12,345 rows, $1,234.56, ₩1,000".
func (r *read) String() string {
	parts := []string{plural(r.rows, "row")}
	for _, currency := range slices.Sorted(maps.Keys(r.cost)) {
		if currency == "" {
			parts = append(parts, strings.TrimSpace(explore.MoneyText(r.cost[currency], ""))+" without currency")
			continue
		}
		parts = append(parts, explore.MoneyText(r.cost[currency], currency))
	}
	return strings.Join(parts, ", ")
}

// toRead says what the whole import is going to read.
func (r *read) toRead() string {
	return "reading " + plural(int64(r.allFiles), "file") + ", " + bytesText(r.allBytes)
}

// outcome says what the whole import read.
func (r *read) outcome() string {
	if r.rows == 0 {
		return "read no new row"
	}
	return "read " + r.String()
}

// lines follows an import where no bar can move: one line at the start, one
// for each tenth of a long one, one at the end.
type lines struct {
	sh             *shell
	read           read
	fetch, fetched int64 // bytes
	tenth          int64
}

func (l *lines) Fetch(files int, bytes int64) {
	l.fetch = bytes
	l.fetched, l.tenth = 0, 0
	l.sh.remark("fetching %s, %s", plural(int64(files), "file"), bytesText(bytes))
}

func (l *lines) Fetched(n int64) {
	l.fetched += n
	if l.fetch < longImport {
		return
	}
	if tenth := 10 * l.fetched / l.fetch; tenth > l.tenth && tenth < 10 {
		l.tenth = tenth
		l.sh.remark("fetched %d0 %%", tenth)
	}
}

func (l *lines) FetchEnd() {
	if l.fetched == l.fetch {
		l.sh.remark("fetched %s", bytesText(l.fetched))
	}
}

// longImport is the size, in bytes, from which tenths are told.
const longImport = 64 << 20

func (l *lines) Begin(files int, bytes int64) {
	l.read.begin(files, bytes)
	l.tenth = 0
	l.sh.remark("%s", l.read.toRead())
}

func (l *lines) File(bytes, rows int64, cost map[string]showback.Decimal) {
	l.read.file(bytes, rows, cost)
	if l.read.allBytes < longImport {
		return
	}
	if tenth := 10 * l.read.bytes / l.read.allBytes; tenth > l.tenth && tenth < 10 {
		l.tenth = tenth
		l.sh.remark("read %d0 %%: %s", tenth, &l.read)
	}
}

func (l *lines) End() {
	if l.read.files == l.read.allFiles {
		l.sh.remark("%s", l.read.outcome())
	}
}

// bar follows an import on a terminal.
type bar struct {
	err            io.Writer
	now            func() time.Time
	begun          time.Time
	read           read
	fetch, fetched int64 // bytes
	text           atomic.Pointer[string]
	group          *mpb.Progress
	bar            *mpb.Bar
}

func (b *bar) Begin(files int, bytes int64) {
	b.read.begin(files, bytes)
	b.say()
	b.start(bytes)
}

func (b *bar) start(bytes int64) {
	b.begun = b.now()
	b.group = mpb.New(mpb.WithOutput(b.err), mpb.WithAutoRefresh())
	b.bar = b.group.New(max(bytes, 1), mpb.BarStyle().Lbound("[").Filler("=").Tip(">").Padding(" ").Rbound("]"),
		mpb.BarWidth(24), mpb.BarRemoveOnComplete(),
		mpb.PrependDecorators(decor.Percentage(decor.WC{W: 5})),
		mpb.AppendDecorators(
			decor.Any(func(s decor.Statistics) string {
				return " " + *b.text.Load() + ", " + elapsedText(b.now().Sub(b.begun), s.Current, s.Total)
			})),
	)
}

func (b *bar) File(bytes, rows int64, cost map[string]showback.Decimal) {
	b.read.file(bytes, rows, cost)
	b.say()
	b.bar.IncrInt64(bytes)
}

func (b *bar) Fetch(files int, bytes int64) {
	b.fetch, b.fetched = bytes, 0
	text := "fetching " + plural(int64(files), "file") + ", " + bytesText(bytes)
	b.text.Store(&text)
	b.start(bytes)
}

func (b *bar) Fetched(n int64) {
	b.fetched += n
	b.bar.IncrInt64(n)
}

func (b *bar) FetchEnd() {
	b.bar.Abort(true)
	b.group.Wait()
	if b.fetched == b.fetch {
		fmt.Fprintf(b.err, "showback: fetched %s\n", bytesText(b.fetched))
	}
}

// say hands the figures to the goroutine that draws. Files are told whole: up
// to the end of the first there are no figures.
func (b *bar) say() {
	text := b.read.String()
	if b.read.files == 0 {
		text = b.read.toRead()
	}
	b.text.Store(&text)
}

func (b *bar) End() {
	b.bar.Abort(true)
	b.group.Wait()
	if b.read.files == b.read.allFiles {
		fmt.Fprintf(b.err, "showback: %s\n", b.read.outcome())
	}
}

// elapsedText writes the time that it took so far and, where some is done and
// there is a second to go, what is left at that pace: "1m5s, 30s left".
func elapsedText(elapsed time.Duration, done, all int64) string {
	text := elapsed.Truncate(time.Second).String()
	if done <= 0 {
		return text
	}
	if left := time.Duration(int64(elapsed/time.Second)*(all-done)/done) * time.Second; left > 0 {
		text += ", " + left.String() + " left"
	}
	return text
}

// bytesText writes a size for a person: "812 B", "1.4 MB".
func bytesText(n int64) string {
	units := []string{"B", "kB", "MB", "GB", "TB"}
	unit, by := 0, int64(1)
	for n/by >= 1000 && unit < len(units)-1 {
		unit, by = unit+1, by*1000
	}
	if unit == 0 {
		return fmt.Sprintf("%d B", n)
	}
	size := showback.DecimalFromInt(n).Quo(showback.DecimalFromInt(by), 1)
	return numberText(size, 1) + " " + units[unit]
}
