package exploretest

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"showback"
	"showback/internal/explore"
)

// script is a parsed file.
type script struct {
	name  string
	steps []step
}

// step is a line without indent and the indented lines under it. One of its
// parts is set.
type step struct {
	line  int
	load  []showback.Charge
	clear bool
	now   time.Time
	eval  *eval
}

// eval is one question and what is expected of its answer.
type eval struct {
	text string   // as written, for messages
	by   []string // key lists, each a question of its own; one unless "each"
	each bool

	from, to, timePeriod string
	where, access        string
	beside               string // previous or a month; empty for nothing
	sort                 string
	question             explore.Question // what needs no parsing by explore

	rows    []wantRow
	none    bool // no rows at all
	ordered bool
	count   int // of rows; -1 when not said
	totals  []wantFigures
	classes []wantClass
	bill    []wantBill
	notes   []wantNote
	noNotes bool
	open    string // "yes" or "no"
	billed  string // last billed day
	fail    string
}

// parse reads a script. Errors begin with its name and the line.
func parse(name, text string) (script, error) {
	s := script{name: name}
	var loading showback.Charge // what the next load line changes
	for n, line := range joined(text) {
		if line == "" {
			continue
		}
		indented := line[0] == ' ' || line[0] == '\t'
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		var err error
		switch {
		case !indented:
			var next step
			if next, err = parseStep(line); err == nil {
				next.line = n + 1
				s.steps = append(s.steps, next)
				loading = base()
			}
		case len(s.steps) == 0:
			err = showback.Errorf(showback.KindInvalid, "indented line belongs to nothing")
		default:
			last := &s.steps[len(s.steps)-1]
			if last.eval != nil {
				err = last.eval.expect(line)
			} else {
				err = last.loadLine(line, &loading)
			}
		}
		if err != nil {
			return s, showback.Errorf(showback.KindInvalid, "%s:%d: %w", name, n+1, err)
		}
	}
	for _, st := range s.steps {
		if err := st.check(); err != nil {
			return s, showback.Errorf(showback.KindInvalid, "%s:%d: %w", name, st.line, err)
		}
	}
	return s, nil
}

// joined returns the lines of text by their number from 0, a line that ends in
// a backslash joined with the next under its own number.
func joined(text string) []string {
	lines := strings.Split(text, "\n")
	for i := len(lines) - 2; i >= 0; i-- {
		if head, ok := strings.CutSuffix(lines[i], `\`); ok {
			lines[i], lines[i+1] = head+" "+strings.TrimSpace(lines[i+1]), ""
		}
	}
	return lines
}

func parseStep(line string) (step, error) {
	list, err := words(line)
	if err != nil {
		return step{}, err
	}
	switch list[0] {
	case "load":
		return step{load: []showback.Charge{}}, nil
	case "clear":
		return step{clear: true}, nil
	case "now":
		if len(list) != 2 {
			return step{}, showback.Errorf(showback.KindInvalid, "read %q: want now and a time", line)
		}
		at, err := time.Parse(time.RFC3339, list[1])
		return step{now: at}, err
	case "eval":
		e := &eval{text: line, count: -1}
		return step{eval: e}, e.parse(list[1:])
	}
	return step{}, showback.Errorf(showback.KindInvalid, "read %q: want load, clear, now or eval", list[0])
}

// loadLine adds the charge that the line describes, or, for a line that begins
// with "default", lets the lines after it begin with what it says.
func (s *step) loadLine(line string, loading *showback.Charge) error {
	if s.load == nil {
		return showback.Errorf(showback.KindInvalid, "indented line belongs to nothing")
	}
	list, err := words(line)
	if err != nil {
		return err
	}
	if list[0] == "default" {
		*loading, err = change(base(), list[1:])
		return err
	}
	c, err := change(*loading, list)
	s.load = append(s.load, finish(c))
	return err
}

// parse reads the clauses of an eval line, each a word and its argument.
func (e *eval) parse(list []string) error {
	e.question.Granularity = explore.Total
	for len(list) > 0 {
		if len(list) == 1 {
			return showback.Errorf(showback.KindInvalid, "read %q: no argument", list[0])
		}
		word, arg := list[0], list[1]
		list = list[2:]
		if err := e.clause(word, arg); err != nil {
			return err
		}
	}
	if len(e.by) == 0 {
		e.by = []string{""}
	}
	if e.from == "" && e.to == "" && e.timePeriod == "" {
		e.from, e.to = "2026-10-01", "2026-10-31"
	}
	return nil
}

func (e *eval) clause(word, arg string) (err error) {
	q := &e.question
	switch word {
	case "by":
		e.by = []string{arg}
	case "each":
		for _, by := range strings.Split(arg, ";") {
			e.by = append(e.by, strings.TrimSpace(by))
		}
		e.each = true
	case "from":
		e.from = arg
	case "to":
		e.to = arg
	case "time-period":
		e.timePeriod = arg
	case "where":
		e.where = arg
	case "access":
		e.access = arg
	case "compare":
		e.beside = arg
	case "sort":
		e.sort = arg
	case "measure":
		q.Measures, err = explore.ParseMeasures(arg)
	case "granularity":
		q.Granularity, err = explore.ParseGranularity(arg)
	case "basis":
		q.Basis, err = explore.ParseBasis(arg)
	case "scope":
		q.Scope, err = explore.ParseScope(arg)
	case "charges":
		q.Classes, err = explore.ParseCharges(arg)
	case "top":
		q.Top, err = strconv.Atoi(arg)
	default:
		err = showback.Errorf(showback.KindInvalid, "read %q: no such clause of eval", word)
	}
	return err
}

// check refuses an eval that expects nothing, or what it cannot compare.
func (s step) check() error {
	e := s.eval
	switch {
	case e == nil:
		return nil
	case e.each && len(e.rows) > 0:
		return fmt.Errorf("eval each compares totals: expect total, not rows")
	case len(e.rows) == 0 && len(e.totals) == 0 && !e.none && e.count < 0 && e.fail == "":
		return fmt.Errorf("eval expects nothing: list rows, or expect total, rows, none or fail")
	}
	var asked []string
	for _, m := range e.question.Measures {
		asked = append(asked, string(m))
	}
	if len(asked) == 0 {
		asked = []string{string(explore.Cost)}
	}
	if e.beside != "" {
		asked = append(asked, previousCost)
	}
	for _, row := range e.rows {
		if err := row.figures.states(asked); err != nil {
			return err
		}
	}
	return nil
}
