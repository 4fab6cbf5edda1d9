package ledger

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"showback/internal/source"
)

// lines are lines of the delivery that one query reads: those in the stage, or
// those of the files with the same columns that are read in place.
type lines struct {
	from   string
	staged bool
	m      source.Mapping // of files
	shape  shape          // of files
}

// sources returns where the good lines of the delivery are.
func (w *work) sources(ctx context.Context) ([]lines, error) {
	var all []lines
	var staged bool
	if err := w.one(ctx, "SELECT EXISTS (FROM "+stageTable+")", &staged); err != nil {
		return nil, err
	}
	if staged {
		all = append(all, lines{from: stageTable + " WHERE reject IS NULL", staged: true})
	}
	var groups [][]*inPlace
	for _, p := range w.kept {
		if p.shape.lines == 0 {
			continue
		}
		at := slices.IndexFunc(groups, func(g []*inPlace) bool { return slices.Equal(g[0].cols, p.cols) })
		if at < 0 {
			at, groups = len(groups), append(groups, nil)
		}
		groups[at] = append(groups[at], p)
	}
	for _, g := range groups {
		l := lines{from: scanOf(g), m: g[0].m, shape: shape{own: map[source.Field]bool{}, same: map[source.Field]bool{}}}
		for f := range g[0].shape.same {
			l.shape.same[f] = g[0].shape.same[f]
		}
		for _, p := range g {
			l.shape.merge(p.shape)
		}
		all = append(all, l)
	}
	return all, nil
}

// raw is a text or a map as it is delivered; blank may be NULL.
func (l lines) raw(f source.Field) string {
	if l.staged {
		return ident(string(f))
	}
	if c, ok := l.m.Columns[f]; ok {
		return ident(c.Name)
	}
	return "NULL::VARCHAR"
}

// written is a text as it is delivered, or a map as JSON; blank may be NULL.
func (l lines) written(f source.Field) string {
	if c, ok := l.m.Columns[f]; ok && isMap(c) {
		return "to_json(" + ident(c.Name) + ")::VARCHAR"
	}
	return l.raw(f)
}

// filled makes of a text as written one that is not NULL: blank and absent are
// the same, and so is an empty map.
func filled(f source.Field, text string) string {
	if source.KindOf(f) == source.Map {
		text = "nullif(" + text + ", '{}')"
	}
	return "coalesce(" + text + ", '')"
}

func (l lines) time(f source.Field) string {
	if l.staged {
		return ident(string(f))
	}
	if c, ok := l.m.Columns[f]; ok {
		return timeInPlace(c)
	}
	return "NULL::TIMESTAMP"
}

// double is an amount of lines in place.
func (l lines) double(f source.Field) string {
	if c, ok := l.m.Columns[f]; ok && l.shape.own[f] {
		return ident(c.Name)
	}
	return "NULL::DOUBLE"
}

// key is what stands for the values of some fields when lines are joined with
// what became of their distinct values: a hash of 64 bits, which the engine works
// out once for each value of a file's dictionary. Every table of keys is looked
// at before it is used, by tellApart: where two values have one key, all keys are
// made anew of a digest with salt. extra are expressions that count too.
func (w *work) key(l lines, fields []source.Field, extra ...string) string {
	var parts []string
	if w.salt == "" {
		for _, f := range fields {
			parts = append(parts, l.raw(f))
		}
		return "hash(" + strings.Join(append(parts, extra...), ", ") + ")"
	}
	for _, f := range fields {
		parts = append(parts, filled(f, l.written(f)))
	}
	for _, e := range extra {
		parts = append(parts, "coalesce(("+e+")::VARCHAR, '')")
	}
	return "md5_number_lower(" + quote(w.salt) + " || to_json([" + strings.Join(parts, ", ") + "])::VARCHAR)"
}

// tellApart looks whether every row of a table has a key of its own, and
// remembers it where not.
func (w *work) tellApart(ctx context.Context, table string) error {
	var alike bool
	err := w.one(ctx, "SELECT count(*) <> count(DISTINCT key) FROM "+table, &alike)
	w.alike = w.alike || alike
	return err
}

// see makes a table of the distinct values of fields and their key.
func (w *work) see(ctx context.Context, table string, fields ...source.Field) error {
	sources, err := w.sources(ctx)
	if err != nil {
		return err
	}
	columns, names := []string{"key UBIGINT"}, []string{"key"}
	for _, f := range fields {
		columns, names = append(columns, ident(string(f))+" VARCHAR"), append(names, ident(string(f)))
	}
	if err := w.exec(ctx, fmt.Sprintf("CREATE OR REPLACE TABLE %s (%s)", table, strings.Join(columns, ", "))); err != nil {
		return err
	}
	var parts []string
	for _, l := range sources {
		// The groups are of values as delivered, for so the key is made: of a
		// blank that is written and of none at all it may differ.
		groups, texts := []string{"any_value(" + w.key(l, fields) + ") AS key"}, []string{"key"}
		for i, f := range fields {
			groups, texts = append(groups, l.written(f)+" AS "+names[i+1]), append(texts, filled(f, names[i+1]))
		}
		parts = append(parts, fmt.Sprintf("SELECT %s FROM (SELECT %s FROM %s GROUP BY ALL)",
			strings.Join(texts, ", "), strings.Join(groups, ", "), l.from))
	}
	if len(parts) == 0 {
		return nil
	}
	if err := w.exec(ctx, fmt.Sprintf("INSERT INTO %s SELECT DISTINCT * FROM (%s)", table, strings.Join(parts, " UNION ALL "))); err != nil {
		return err
	}
	return w.tellApart(ctx, table)
}
