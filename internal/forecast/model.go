package forecast

import (
	"math"
	"slices"
	"time"

	"gonum.org/v1/gonum/stat/distuv"

	"showback"
)

// Model forecasts one series.
type Model struct {
	series  Series
	history *history
	last    smoother
	wrong   *wrong
	once    []once
	never   bool // no day was ever below 0, so none will be
	mean    []float64
}

// Fit learns from a series. One with less than Least finished days since the
// first charge is KindNotFound; the hint says when there is enough.
func Fit(s Series) (*Model, error) {
	y := floats(s.Days)
	skip := 0
	for skip < len(y) && y[skip] == 0 {
		skip++
	}
	if skip == len(y) {
		// A group may have nothing but tax.
		if m := (&Model{series: s, once: onceOf(s), never: true}); m.expectsOnce() {
			return m, nil
		}
		return nil, showback.Errorf(showback.KindNotFound, "forecast: no charge on any finished day before %s", s.Start().Format(time.DateOnly))
	}
	y = y[skip:]
	if len(y) < Least {
		first := s.First.AddDate(0, 0, skip)
		return nil, showback.WithHint(showback.Errorf(showback.KindNotFound,
			"forecast: %d finished days since the first charge on %s, want %d at least", len(y), first.Format(time.DateOnly), Least),
			"there is enough once "+first.AddDate(0, 0, Least-1).Format(time.DateOnly)+" is billed and finished")
	}
	m := &Model{series: s, history: historyOf(y), never: true}
	for _, v := range y {
		m.never = m.never && v >= 0
	}
	m.wrong = m.history.wrongOf()
	m.last = m.history.learnt()
	m.once = onceOf(s)
	return m, nil
}

// Learnt returns how many days the model has learnt from.
func (m *Model) Learnt() int {
	if m.history == nil {
		return len(m.series.Days)
	}
	return len(m.history.y)
}

func (m *Model) expectsOnce() bool {
	return slices.ContainsFunc(m.once, func(o once) bool { return o.ratio != 0 })
}

// ahead returns the means of the n days from Start on.
func (m *Model) ahead(n int) []float64 {
	if m.history == nil {
		return make([]float64, n)
	}
	if len(m.mean) < n {
		m.mean = m.history.ahead(&m.last, len(m.history.y), n)
		for i, v := range m.mean {
			if m.never {
				m.mean[i] = max(0, v)
			}
		}
	}
	return m.mean[:n]
}

// Months forecasts each month from that of the first day to forecast on, to the
// day before end. The last one is cut by end. What is billed of the first month
// stands beside what is to come. level is in percent, between MinLevel and MaxLevel.
func (m *Model) Months(end time.Time, level int) []Row {
	var rows []Row
	for _, month := range (showback.Period{Start: m.series.Start(), End: end}).Months() {
		p := month.Period()
		p.Start = maxTime(p.Start, m.series.Start())
		p.End = minTime(p.End, end)
		row := m.row(p, level)
		if month == showback.MonthOf(m.series.Start()) {
			row.Period.Start = month.Start()
			row.Billed = m.billed(month)
		}
		rows = append(rows, row)
	}
	return rows
}

// Days forecasts each day from the first to forecast on, to the day before end.
// Charges that come once a month count on its first day, as bills have them;
// what of them is still to come this month, on its last.
func (m *Model) Days(end time.Time, level int) []Row {
	var rows []Row
	for d := m.series.Start(); d.Before(end); d = d.AddDate(0, 0, 1) {
		row := m.row(showback.Period{Start: d, End: d.AddDate(0, 0, 1)}, level)
		if i := m.index(d); i < len(m.series.Unfinished) {
			row.Billed = m.series.Unfinished[i]
		}
		rows = append(rows, row)
	}
	return rows
}

// Total forecasts all days to the day before end as one, with its own bounds: those
// of its parts do not add up. Billed is that of the current month.
func (m *Model) Total(end time.Time, level int) Row {
	row := m.row(showback.Period{Start: m.series.Start(), End: end}, level)
	month := showback.MonthOf(m.series.Start())
	row.Period.Start = month.Start()
	row.Billed = m.billed(month)
	return row
}

func (m *Model) index(day time.Time) int { return int(day.Sub(m.series.Start()) / (24 * time.Hour)) }

// billed returns all that is billed in the month.
func (m *Model) billed(month showback.Month) (sum showback.Decimal) {
	p := month.Period()
	for i, d := range append(append([]showback.Decimal{}, m.series.Days...), m.series.Unfinished...) {
		if p.Contains(m.series.First.AddDate(0, 0, i)) {
			sum = sum.Add(d)
		}
	}
	for _, months := range m.series.Once {
		sum = sum.Add(months[month])
	}
	return sum
}

// row forecasts what is to come in the days of p.
func (m *Model) row(p showback.Period, level int) Row {
	from, to := m.index(p.Start), m.index(p.End)
	mean := 0.0
	for i, v := range m.ahead(to)[from:] {
		if i+from < len(m.series.Unfinished) {
			v -= floatOf(m.series.Unfinished[i+from])
			if m.never {
				v = max(0, v)
			}
		}
		mean += v
	}
	once, scale, variance := m.onceIn(p)
	doubt := distuv.StudentsT{Sigma: 1, Nu: onceMonths - 1}.Quantile(0.5+float64(level)/200) * math.Sqrt(variance)
	above := 0.0
	if m.history != nil {
		above = m.wrong.factor(to-from, float64(level)) * math.Sqrt(m.wrong.variance(from, to)) * scale
	}
	below := above
	if m.never {
		below = min(below, mean)
	}
	// The errors of daily and of monthly charges are taken for independent.
	lower, upper := mean-math.Hypot(below, doubt), mean+math.Hypot(above, doubt)
	row := Row{Period: p, Once: decimalOf(once, Places)}
	row.Mean = decimalOf(mean+once, Places)
	row.Lower, row.Upper = decimalOf(lower+once, Places), decimalOf(upper+once, Places)
	return row
}

// learnt returns the smoother after all days of the history.
func (h *history) learnt() smoother {
	m := startOf(h.y, h.rule)
	for _, v := range h.y {
		m.learn(v)
	}
	return m
}

func maxTime(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func minTime(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
