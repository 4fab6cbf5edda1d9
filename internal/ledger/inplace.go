package ledger

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"showback"
	"showback/internal/source"
)

// inPlace is a data file whose lines are not copied to the stage: a Parquet file
// of the types that AWS writes, of which every line can be read. It is read as
// often as something is asked of its lines, each time only the columns that are
// asked for; a line that can't be read makes the file one for the stage, whose
// statements say what is wrong with it.
type inPlace struct {
	id     int
	file   source.File
	digest FileInfo
	cols   []source.Column
	m      source.Mapping
	shape  shape
}

// intake is the reading of one delivery under way.
type intake struct {
	month     showback.Month // of the delivery; empty when only the lines can tell
	kept      []*inPlace
	stageAll  bool   // no file is kept in place
	byProduct bool   // keys of meters count the product map
	salt      string // of keys, once two values had one
	alike     bool   // two values have one key
	aiOnly    bool   // what is not AI is kept as sums: see rest.go
}

// shape is what the amounts of a file look like.
type shape struct {
	lines int64
	// own are the amounts that have to be read: those with a value somewhere,
	// unless it is that of the unblended cost on every line.
	own map[source.Field]bool
	// same are the costs that are the unblended cost on every line.
	same map[source.Field]bool
	// digits is how many decimals keep the largest cost within a DECIMAL(18).
	digits int
}

// merge widens a shape to what another has.
func (s *shape) merge(o shape) {
	s.lines += o.lines
	for _, f := range amounts {
		s.own[f] = s.own[f] || o.own[f] || s.same[f] != o.same[f]
		s.same[f] = s.same[f] && o.same[f]
	}
}

// sameAs are the costs that bills repeat: where nothing is discounted, each is
// the unblended cost.
var sameAs = []source.Field{source.NetCost, source.Blended, source.ListCost}

// readable reports whether the columns are of the types that are read in place.
// Others need a cast that is judged line by line.
func readable(m source.Mapping) bool {
	for f, c := range m.Columns {
		ok := false
		switch source.KindOf(f) {
		case source.Text:
			ok = c.Type == "VARCHAR"
		case source.Map:
			ok = isText(c) || isMap(c)
		case source.Time:
			ok = strings.HasPrefix(c.Type, "TIMESTAMP")
		case source.Amount:
			ok = c.Type == "DOUBLE"
		}
		if !ok {
			return false
		}
	}
	return !slices.ContainsFunc(needed, func(f source.Field) bool { return !m.Has(f) })
}

func isMap(c source.Column) bool { return c.Type == "MAP(VARCHAR, VARCHAR)" }

// keep takes a file whose lines can all be read where they are, and reports
// whether it is one. What is wrong with another the stage will say.
func (w *work) keep(ctx context.Context, id int, f source.File, digest FileInfo, cols []source.Column, m source.Mapping) (bool, error) {
	if f.Format != source.Parquet || w.stageAll || !readable(m) {
		return false, nil
	}
	file := &inPlace{id: id, file: f, digest: digest, cols: cols, m: m}
	good, err := w.survey(ctx, file)
	if err == nil && good {
		err = w.labelFile(ctx, file)
	}
	if err == nil && good { // of labels there are few, and they have all currencies
		good, err = w.codesKnown(ctx, file)
	}
	if ctx.Err() != nil || errors.Is(err, errMemory) {
		return false, err
	}
	if good = good && err == nil; !good {
		return false, nil // the stage reads the file again, and says what is wrong with it
	}
	w.kept = append(w.kept, file)
	return true, nil
}

// survey looks at what a line could be refused for, by the rules of stageSelect,
// and finds the shape of the file.
func (w *work) survey(ctx context.Context, file *inPlace) (good bool, err error) {
	m := file.m
	s := shape{own: map[source.Field]bool{}, same: map[source.Field]bool{}}
	query, dest := []string{"count(*)"}, []any{&s.lines}
	ask := func(expr string, to any) { query, dest = append(query, expr), append(dest, to) }
	bad := make([]int64, 0, 16) // as large as it gets: dest holds addresses
	fault := func(when string) {
		if len(bad) == cap(bad) {
			panic("BUG: too many faults")
		}
		bad = append(bad, 0)
		ask("count(*) FILTER ("+when+")", &bad[len(bad)-1])
	}
	for _, f := range times {
		if c, ok := m.Columns[f]; ok {
			read := timeInPlace(c)
			fault(fmt.Sprintf("%[1]s IS NOT NULL AND (%[2]s >= %[3]s AND %[2]s < %[4]s) IS NOT TRUE", ident(c.Name), read, firstTime, lastTime))
		}
	}
	period := timeInPlace(m.Columns[source.PeriodStart])
	fault(period + " <> date_trunc('month', " + period + ")")
	if w.month != "" {
		fault(fmt.Sprintf("NOT (%[1]s >= %[2]s AND %[1]s < %[3]s)", period, timestamp(w.month.Start()), timestamp(w.month.End())))
	}
	for _, f := range needed {
		name := ident(m.Columns[f].Name)
		if source.KindOf(f) == source.Text {
			fault("coalesce(" + name + ", '') = ''")
		} else {
			fault(name + " IS NULL")
		}
	}
	counts, most, differ := make([]int64, len(amounts)), make([]float64, len(amounts)), make([]int64, len(amounts))
	unblended := ident(m.Columns[source.Unblended].Name)
	for i, f := range amounts {
		c, ok := m.Columns[f]
		if !ok {
			continue
		}
		ask("count("+ident(c.Name)+")", &counts[i])
		ask("coalesce(max(abs("+ident(c.Name)+")), 0)", &most[i])
		if slices.Contains(sameAs, f) {
			ask("count(*) FILTER ("+ident(c.Name)+" IS DISTINCT FROM "+unblended+")", &differ[i])
		}
	}
	if err := w.one(ctx, "SELECT "+strings.Join(query, ", ")+" FROM "+file.scan(), dest...); err != nil {
		return false, err
	}
	if slices.ContainsFunc(bad, func(n int64) bool { return n > 0 }) {
		return false, nil
	}
	largest := 0.0
	for i, f := range amounts {
		if !(most[i] < mostDouble) { // NaN too, which is above every number
			return false, nil
		}
		s.same[f] = slices.Contains(sameAs, f) && m.Has(f) && differ[i] == 0 && s.lines > 0
		s.own[f] = counts[i] > 0 && !s.same[f]
		if f != source.Quantity {
			largest = math.Max(largest, most[i])
		}
	}
	s.digits, err = scaleFor(largest)
	file.shape = s
	return err == nil, err
}

// codesKnown reports whether a file's currencies are codes. The labels of one where
// they are not are taken back.
func (w *work) codesKnown(ctx context.Context, file *inPlace) (good bool, err error) {
	of := fmt.Sprintf("%s WHERE file_id = %d", labelTable, file.id)
	if err := w.one(ctx, fmt.Sprintf("SELECT NOT EXISTS (FROM %s AND NOT %s)", of, isCurrency(string(source.Currency))), &good); err != nil || good {
		return good, err
	}
	return false, w.exec(ctx, "DELETE FROM "+of)
}

// timeInPlace reads a time that the file has as one.
func timeInPlace(c source.Column) string {
	if c.Type == "TIMESTAMP WITH TIME ZONE" {
		return "make_timestamp(epoch_us(" + ident(c.Name) + "))" // an instant, in UTC
	}
	return timeOf(c)
}

func (p *inPlace) scan() string { return scanOf([]*inPlace{p}) }

// scanOf reads files of the same columns.
func scanOf(files []*inPlace) string {
	paths := make([]string, len(files))
	for i, p := range files {
		paths[i] = quote(p.file.Path)
	}
	return "read_parquet([" + strings.Join(paths, ", ") + "], hive_partitioning = false, binary_as_string = true)"
}

// stageKept copies the lines of all files that were kept in place to the stage,
// whose statements judge them line by line.
func (w *work) stageKept(ctx context.Context) error {
	kept := w.kept
	w.kept, w.stageAll = nil, true
	for _, p := range kept {
		if err := w.exec(ctx, fmt.Sprintf("DELETE FROM %s WHERE file_id = %d", labelTable, p.id)); err != nil {
			return err
		}
		if _, err := w.take(ctx, p.id, p.file, p.digest, p.cols, p.m); err != nil {
			return err
		}
	}
	return nil
}

// readLines runs a step that reads the lines of the delivery. Where that fails for
// a file that is read in place, all lines go to the stage first, which says of
// what can't be read where it is, and the step is run again.
func (w *work) readLines(ctx context.Context, step func() error) error {
	err := w.asWritten(ctx, step)
	if err == nil || len(w.kept) == 0 || ctx.Err() != nil || errors.Is(err, errMemory) || showback.KindOf(err) == showback.KindUnavailable {
		return err
	}
	if err := w.asWritten(ctx, func() error { return w.stageKept(ctx) }); err != nil {
		return err
	}
	return step()
}

// asWritten runs a step in which the engine looks at every value itself. By what a
// Parquet file says of its values it would leave some out: a blank that the file
// claims not to have would get by, and a time or an amount beyond the bounds
// that it claims.
func (w *work) asWritten(ctx context.Context, step func() error) error {
	if err := w.exec(ctx, "SET disabled_optimizers = 'statistics_propagation'"); err != nil {
		return err
	}
	err := step()
	return errors.Join(err, w.exec(context.WithoutCancel(ctx), "RESET disabled_optimizers"))
}

// stillSame holds the files that were read in place against their digests, where
// what the reading of them came to is worth it: see take.
func (w *work) stillSame(ctx context.Context, err error) error {
	kind := showback.KindOf(err)
	if ctx.Err() != nil || err != nil && kind != showback.KindCorrupt && kind != showback.KindInvalid && kind != showback.KindInternal {
		return err
	}
	for _, p := range w.kept {
		if changed := unchanged(ctx, p.file, p.digest); changed != nil {
			return changed
		}
	}
	return err
}
