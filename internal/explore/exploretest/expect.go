package exploretest

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"showback"
	"showback/internal/explore"
)

// wantFigures is what a line says of a row or a total: the figures by name, each
// a number or a cause in parentheses.
type wantFigures struct {
	line     string
	currency string // empty where the answer has one
	figures  map[string]string
	charges  string // empty for not compared
	unit     string // likewise
	presence string // likewise
}

// The names of figures beside those of measures: the cost before, and how it
// changed.
const (
	previousCost  = "previous"
	costChange    = explore.SortChange
	changePercent = explore.SortChangePercent
)

var figureNames = []string{
	string(explore.Cost), string(explore.Tokens), string(explore.Quantity), string(explore.UnitCost), previousCost, costChange, changePercent,
}

// figuresOf names the figures of a row or a total.
func figuresOf(now explore.Figures, previous *explore.Figures) map[string]explore.Figure {
	all := map[string]explore.Figure{}
	for _, m := range []explore.Measure{explore.Cost, explore.Tokens, explore.Quantity, explore.UnitCost} {
		all[string(m)] = now.Of(m)
	}
	if previous != nil {
		c := explore.ChangeOf(explore.Cost, now, *previous)
		all[previousCost], all[costChange], all[changePercent] = previous.Cost, c.Difference, c.Percent
	}
	return all
}

// wantRow is an expected row.
type wantRow struct {
	start   string // date, with hours 2026-10-01T05, or "past"; empty with granularity total
	keys    []pair
	others  int
	figures wantFigures
}

type wantClass struct {
	class    showback.ChargeClass
	currency string
	cost     showback.Decimal
}

type wantNote struct{ code, text string }

type wantBill struct {
	currency string
	ai, all  showback.Decimal
}

// expect reads a line under an eval: an expected row or an expect clause.
func (e *eval) expect(line string) error {
	rest, ok := strings.CutPrefix(line, "expect ")
	if !ok {
		row, err := parseRow(line)
		e.rows = append(e.rows, row)
		return err
	}
	what, rest, _ := strings.Cut(strings.TrimSpace(rest), " ")
	rest = strings.TrimSpace(rest)
	switch what {
	case "total":
		total, err := parseFigures(rest)
		e.totals = append(e.totals, total)
		return err
	case "class":
		return e.expectClass(rest)
	case "bill":
		return e.expectBill(rest)
	case "note":
		code, text, _ := strings.Cut(rest, " ")
		e.notes = append(e.notes, wantNote{code, strings.TrimSpace(text)})
	case "fail":
		e.fail = rest
	case "rows":
		n, err := strconv.Atoi(rest)
		e.count = n
		return err
	case "ordered":
		e.ordered = true
	case "none":
		e.none = true
	case "no":
		if rest != "notes" {
			return showback.Errorf(showback.KindInvalid, "read expect no %q: want expect no notes", rest)
		}
		e.noNotes = true
	case "open":
		if rest != "yes" && rest != "no" {
			return showback.Errorf(showback.KindInvalid, "read expect open %q: want yes or no", rest)
		}
		e.open = rest
	case "billed-to":
		_, err := time.Parse(time.DateOnly, rest)
		e.billed = rest
		return err
	default:
		return showback.Errorf(showback.KindInvalid, "read expect %q: no such clause", what)
	}
	return nil
}

// expectClass reads "usage 12.5", "tax 1 EUR".
func (e *eval) expectClass(text string) error {
	list := strings.Fields(text)
	if len(list) < 2 || len(list) > 3 {
		return showback.Errorf(showback.KindInvalid, "read expect class %q: want a class, an amount and perhaps a currency", text)
	}
	cost, err := showback.ParseDecimal(list[1])
	e.classes = append(e.classes, wantClass{showback.ChargeClass(list[0]), strings.Join(list[2:], ""), cost})
	return err
}

// expectBill reads "12.5 of 100 USD".
func (e *eval) expectBill(text string) error {
	list := strings.Fields(text)
	if len(list) != 4 || list[1] != "of" {
		return showback.Errorf(showback.KindInvalid, "read expect bill %q: want an amount, of, an amount and a currency", text)
	}
	ai, err := showback.ParseDecimal(list[0])
	if err != nil {
		return err
	}
	all, err := showback.ParseDecimal(list[2])
	e.bill = append(e.bill, wantBill{list[3], ai, all})
	return err
}

// parseRow reads "2026-10-01 {model=Nova Lite} 0.5 USD tokens=1000".
func parseRow(line string) (wantRow, error) {
	var row wantRow
	rest := line
	if day, after, ok := strings.Cut(line, " "); ok {
		_, notDay := time.Parse(time.DateOnly, day)
		_, notHour := time.Parse(hourLayout, day)
		if notDay == nil || notHour == nil || day == past {
			row.start, rest = day, strings.TrimSpace(after)
		}
	}
	var err error
	if after, ok := strings.CutPrefix(rest, "(others "); ok {
		n, after, _ := strings.Cut(after, ")")
		if row.others, err = strconv.Atoi(n); err != nil {
			return row, showback.Errorf(showback.KindInvalid, "read %q: want (others N)", line)
		}
		rest = after
	} else if row.keys, rest, err = pairs(rest); err != nil {
		return row, err
	}
	row.figures, err = parseFigures(strings.TrimSpace(rest))
	row.figures.line = line
	return row, err
}

// parseFigures reads "0.5 USD tokens=1000 charges=3 unit=GB".
func parseFigures(text string) (wantFigures, error) {
	w := wantFigures{line: text, figures: map[string]string{}}
	list, err := words(text)
	if err != nil {
		return w, err
	}
	for i, word := range list {
		key, value, named := strings.Cut(word, "=")
		switch {
		case !named && i == 0:
			w.figures[string(explore.Cost)] = word
		case !named && i == 1:
			w.currency = word
		case key == "charges":
			w.charges = value
		case key == "unit":
			w.unit = value
		case key == "presence":
			w.presence = value
		case key != string(explore.Cost) && slices.Contains(figureNames, key):
			w.figures[key] = value
		default:
			return w, showback.Errorf(showback.KindInvalid, "read %q: no such figure", word)
		}
	}
	for m, text := range w.figures {
		if strings.HasPrefix(text, "(") {
			continue
		}
		if _, err := showback.ParseDecimal(text); err != nil {
			return w, showback.Errorf(showback.KindInvalid, "read %s: %w", m, err)
		}
	}
	return w, nil
}

// states reports an error when the line leaves out a measure that was asked.
func (w wantFigures) states(asked []string) error {
	for _, name := range asked {
		if _, ok := w.figures[name]; !ok {
			return fmt.Errorf("%s: says nothing of %s, which eval asks", w.line, name)
		}
	}
	return nil
}

// differs says how the figures of an answer differ from those wanted; empty
// when they do not. Numbers compare as numbers.
func (w wantFigures) differs(got explore.Figures, previous *explore.Figures) string {
	var out []string
	have := figuresOf(got, previous)
	for _, name := range slices.Sorted(maps.Keys(w.figures)) {
		f, ok := have[name]
		switch want := w.figures[name]; {
		case !ok:
			out = append(out, fmt.Sprintf("%s is not there, for nothing is compared, want %s", name, want))
		case !same(want, f):
			out = append(out, fmt.Sprintf("%s is %s, want %s", name, figure(f), want))
		}
	}
	if p := string(explore.PresenceOf(got, previous)); w.presence != "" && w.presence != p {
		out = append(out, fmt.Sprintf("presence is %s, want %s", p, w.presence))
	}
	if n := strconv.FormatInt(got.Charges, 10); w.charges != "" && w.charges != n {
		out = append(out, fmt.Sprintf("charges is %s, want %s", n, w.charges))
	}
	if w.unit != "" && w.unit != got.Unit {
		out = append(out, fmt.Sprintf("unit is %s, want %s", got.Unit, w.unit))
	}
	return strings.Join(out, "; ")
}

func same(want string, got explore.Figure) bool {
	if got.Missing != "" || strings.HasPrefix(want, "(") {
		return want == figure(got)
	}
	return showback.MustDecimal(want).Equal(got.Value)
}

func figure(f explore.Figure) string {
	if f.Missing != "" {
		return "(" + string(f.Missing) + ")"
	}
	return f.Value.String()
}
