package forecast

import (
	"cmp"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"
)

// spans are the sums of days ahead, from the first on, whose past errors are
// looked at; the last is how far ahead that is.
var spans = [...]int{week, 2 * week, 4 * week, 8 * week, 12 * week}

// What stands for an error where history is short: the shares of a day's
// variance that the level has and that each day adds to it, and how much history,
// in forecasts of the past, weighs as much.
const (
	usualLevel  = 0.05
	usualWalk   = 0.005
	usualWeight = 1.0
	dayWeight   = 4.0
)

const (
	recentErrors = 60.0     // days after which a past error counts half
	firstLooked  = 4 * week // days of history before the first forecast of the past
	mostLooked   = 200      // forecasts of the past, about
)

// parts is the variance that the days ahead have together: the level's, which is
// there at once, what the level walks away in a day, and the slope's.
type parts [3]float64

// share returns what of each part is in the sum of the days from..to ahead (0 is
// the first, to not included): day h has the level once, h steps of the walk and
// h slopes.
func share(from, to int) parts {
	n, walk, slope := float64(to-from), 0.0, 0.0
	for h := from + 1; h <= to; h++ {
		// The smaller of h and k, added up over all days k of the sum.
		walk += float64(h-from-1)*float64(h+from)/2 + float64(h)*float64(to-h+1)
		slope += float64(h)
	}
	return parts{n * n, walk, slope * slope}
}

func (p parts) of(s parts) float64 { return p[0]*s[0] + p[1]*s[1] + p[2]*s[2] }

// wrong says how far off forecasts are. A day's error is one of its own and one
// that it shares with the other days ahead: so the error of a sum is known, which
// is less than the errors of its days added up.
type wrong struct {
	own    [week]float64 // variance of a day by itself, by its place after the last one, mod 7
	shared parts
	// Sizes of past errors by their standard error.
	days, sums sizes
	history    int
}

// variance returns that of the error of the sum of the days from..to ahead.
func (w *wrong) variance(from, to int) float64 {
	v := w.shared.of(share(from, to))
	for h := from; h < to; h++ {
		v += w.own[h%week]
	}
	return v
}

// past are errors that forecasts of the past made, of single days and of sums.
type past struct {
	days []pastError // of the first four weeks ahead
	sums []pastError
	mean [len(spans)]weighted // squares of the sums
	own  [week]weighted       // squares of the days of the first week
}

type pastError struct {
	size     float64
	from, to int // days ahead, to not included
	place    int // after the end of history, mod 7
	weight   float64
}

type weighted struct{ sum, weight, n float64 }

func (w *weighted) add(v, weight float64) {
	w.sum += v * weight
	w.weight += weight
	w.n++
}

// past forecasts from days of the past and returns the errors.
func (h *history) past() *past {
	n, p := len(h.y), &past{}
	first, step := min(firstLooked, max(week, n/2)), 1+n/mostLooked
	m := startOf(h.y, h.rule)
	for t, y := range h.y {
		if t >= first && (n-t)%step == 0 {
			h.compare(p, &m, t)
		}
		m.learn(y)
	}
	return p
}

// compare adds the errors of the forecast from the first t days.
func (h *history) compare(p *past, m *smoother, t int) {
	n, sum, k := len(h.y), 0.0, 0
	weight := math.Pow(0.5, float64(n-t)/recentErrors)
	for i, v := range h.ahead(m, t, min(spans[len(spans)-1], n-t)) {
		off := h.y[t+i] - v
		sum += off
		place := ((t+i-n)%week + week) % week
		if i < week {
			p.own[place].add(off*off, weight)
		}
		if i < 4*week {
			p.days = append(p.days, pastError{math.Abs(off), i, i + 1, place, weight})
		}
		if k < len(spans) && i+1 == spans[k] {
			p.mean[k].add(sum*sum, weight)
			p.sums = append(p.sums, pastError{math.Abs(sum), 0, i + 1, 0, weight})
			k++
		}
	}
}

// wrongOf returns how far off the forecasts from this history will be, by how
// far off those of the past were.
func (h *history) wrongOf() *wrong {
	p, w := h.past(), &wrong{history: len(h.y)}
	var all weighted
	for _, o := range p.own {
		all.sum, all.weight = all.sum+o.sum, all.weight+o.weight
	}
	day := all.sum / all.weight
	for d, o := range p.own {
		w.own[d] = (o.sum + dayWeight*day) / (o.weight + dayWeight)
	}
	if day == 0 {
		return w
	}
	w.share(p, day)
	for _, e := range p.days {
		v := w.shared.of(share(e.from, e.to)) + w.own[e.place]
		w.days.add(e.size/math.Sqrt(v), e.weight)
	}
	for _, e := range p.sums {
		w.sums.add(e.size/math.Sqrt(w.variance(e.from, e.to)), e.weight)
	}
	w.days.sort()
	w.sums.sort()
	return w
}

// rounds are enough for the parts to settle: each is the best for what the
// others leave.
const rounds = 100

// share finds the parts of the variance that explain the past sums best, none of
// them negative, with the usual ones as one observation more. Sums overlap, so
// they count as many as fit beside each other.
func (w *wrong) share(p *past, day float64) {
	type seen struct {
		share  parts
		own    float64
		square float64
		weight float64
	}
	usual := parts{usualLevel * day, usualWalk * day, 0}
	w.shared = usual
	var all []seen
	for k, m := range p.mean {
		if m.n == 0 {
			continue
		}
		own := w.variance(0, spans[k]) - usual.of(share(0, spans[k]))
		step := float64(1 + w.history/mostLooked)
		all = append(all, seen{share(0, spans[k]), own, m.sum / m.weight, m.n * step / float64(spans[k])})
	}
	month := share(0, 4*week)
	for range rounds {
		for c := range w.shared {
			// In units of the variance itself: a long sum has a large one.
			unit := 2 * (w.shared.of(month) + day)
			x := month[c] / unit
			best, weight := usualWeight*x*x*usual[c], usualWeight*x*x
			for _, s := range all {
				now := w.shared.of(s.share)
				unit := s.square + now + s.own
				x := s.share[c] / unit
				best += s.weight * x * (s.square - s.own - now + s.share[c]*w.shared[c]) / unit
				weight += s.weight * x * x
			}
			w.shared[c] = max(0, best/weight)
		}
	}
}

// sizes are numbers of which some count more, by size once sorted.
type sizes struct {
	all   [][2]float64 // size, weight
	total float64
}

func (s *sizes) add(size, weight float64) {
	s.all = append(s.all, [2]float64{size, weight})
	s.total += weight
}

func (s *sizes) sort() {
	slices.SortFunc(s.all, func(a, b [2]float64) int { return cmp.Compare(a[0], b[0]) })
}

// at returns the size that the share of all is not above.
func (s *sizes) at(share float64) float64 {
	left := share * s.total
	for _, v := range s.all {
		if left -= v[1]; left <= 0 {
			return v[0]
		}
	}
	return s.all[len(s.all)-1][0]
}

// How far a distribution with few degrees of freedom is trusted beside past
// errors: Student's t, whose tails widen as history gets short.
const (
	freeAtLeast = 2.0
	sumsADegree = 20.0 // days of history for one more degree of freedom of sums
	daysADegree = 14.0 // and of days
	daysTrusted = 100  // past errors of days that weigh as much as the distribution
	// Past errors are of days that the rule and the variances were fitted to, so
	// they flatter: bounds are wider by the root of one and this many weeks over
	// the history. Chosen so that bounds hold as often as they say on the estate.
	daysOptimism = 4.0
	sumsOptimism = 2.0
	sumsTrusted  = 8 // months of history in which past errors of sums do
)

// factor is by how many standard errors the bounds of the sum of so many days lie
// off its mean, at a level in percent. It grows with the level.
func (w *wrong) factor(days int, level float64) float64 {
	if len(w.days.all) == 0 {
		return 0
	}
	n, p := float64(w.history), 0.5+level/200
	day := distuv.StudentsT{Sigma: 1, Nu: freeAtLeast + 1 + n/daysADegree}.Quantile(p)
	sum := distuv.StudentsT{Sigma: 1, Nu: freeAtLeast + n/sumsADegree}.Quantile(p)
	trust := float64(len(w.days.all)) / float64(len(w.days.all)+daysTrusted)
	day += trust * (w.days.at(level/100) - day)
	if len(w.sums.all) > 0 {
		months := n / (4 * week)
		sum += months / (months + sumsTrusted) * (w.sums.at(level/100) - sum)
	}
	day *= math.Sqrt(1 + daysOptimism*week/n)
	sum *= math.Sqrt(1 + sumsOptimism*week/n)
	return day + min(1, float64(days-1)/(week-1))*(sum-day)
}
